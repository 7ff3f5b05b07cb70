//! The state REFUND of an order: it stands after any refund, also of a part, and does not say how much went back. The
//! refund query does (wechat.md §2.6; top ten, 6).

use std::cmp::Ordering;

use payment::exchange::{Answer, Call, ClosedHow, Doubt, QueryAnswer};
use payment::payment::Intent;
use wire::http::Response;
use wire::text::Fields;
use wire::verified::Verified;
use wire::wechat_v2::{RefundQueryRequest, V2Merchant};

use super::super::table::{RefundQueryMeaning, find};
use super::super::{Asking, Outgoing, text};
use super::answer::{Told, about, bad, believed, code_of, facts, outcome, read};
use super::refund;
use super::refund_table::{REFUND_QUERY, REFUND_STATUS};
use super::request::of;

const STATE: &str = "REFUND";

/// The refund query that tells how much of our order went back, where its query says REFUND.
pub(super) fn further(merchant: &V2Merchant, asking: &Asking<'_>, response: &Response) -> Option<Outgoing> {
    first(merchant, asking.intent, response)?;
    let call = RefundQueryRequest {
        out_trade_no: Some(asking.intent.channel_order_no.as_str().to_owned()),
        ..RefundQueryRequest::default()
    };
    Some(refund::query(&of(merchant, asking.intent), asking, &call))
}

/// A query's signed answer about our order in the state REFUND.
fn first(merchant: &V2Merchant, intent: &Intent, response: &Response) -> Option<Verified<Fields>> {
    let fields = believed(merchant, response).ok()?;
    let success = matches!(outcome(&fields), Ok(Told::Success));
    let ours = fields.out_trade_no().is_some() && about(&fields, intent).is_ok();
    (success && ours && fields.trade_state() == Some(STATE)).then_some(fields)
}

/// What both answers mean together: all of it back, a part of it, or not clear.
pub(super) fn answer(
    merchant: &V2Merchant,
    intent: &Intent,
    response: &Response,
    further: &Response,
) -> Answer {
    let Some(fields) = first(merchant, intent, response) else {
        return read(merchant, Call::Query, intent, None, response);
    };
    let told = believed(merchant, further).and_then(|refunds| together(&fields, &refunds, intent));
    Answer::Query(told.unwrap_or_else(QueryAnswer::Unknown))
}

fn together(
    fields: &Verified<Fields>,
    refunds: &Verified<Fields>,
    intent: &Intent,
) -> Result<QueryAnswer, Doubt> {
    let paid = facts(fields, intent)?;
    let told = outcome(refunds)?;
    about(refunds, intent)?;
    if let Told::Fail(said) = told {
        // Whatever it says of refunds, the order says that there are some.
        return Err(match find(REFUND_QUERY, code_of(refunds)) {
            None => Doubt::Unlisted(said),
            Some(RefundQueryMeaning::RateLimited) => Doubt::RateLimited(said),
            Some(
                RefundQueryMeaning::Done
                | RefundQueryMeaning::Pending
                | RefundQueryMeaning::Closed
                | RefundQueryMeaning::Abnormal
                | RefundQueryMeaning::NotFound
                | RefundQueryMeaning::Unsure,
            ) => Doubt::ChannelUnsure(said),
        });
    }
    refunds.out_trade_no().ok_or(Doubt::Incomplete("out_trade_no"))?;
    if refunds.total_fee().map_err(bad)? != Some(paid.amount.fen()) {
        return Err(Doubt::Incomplete("total_fee"));
    }
    let given_back = given_back(refunds)?;
    match given_back.cmp(&paid.amount.fen()) {
        Ordering::Less => Ok(QueryAnswer::Paid(paid)),
        Ordering::Equal => Ok(QueryAnswer::Closed(ClosedHow::Refunded)),
        Ordering::Greater => Err(Doubt::Incomplete("refund_fee_$n")),
    }
}

/// What went back of an order whose refunds are all shown and all over, fen.
fn given_back(refunds: &Verified<Fields>) -> Result<i64, Doubt> {
    let shown = refunds.refunds().map_err(bad)?;
    let count = i64::try_from(shown.len()).unwrap_or(i64::MAX);
    if shown.is_empty() || refunds.total_refund_count().map_err(bad)? != Some(count) {
        return Err(Doubt::Incomplete("total_refund_count"));
    }
    let mut sum = 0_i64;
    for one in shown {
        let status = one.refund_status.as_deref().ok_or(Doubt::Incomplete("refund_status_$n"))?;
        let amount = one.refund_fee.filter(|amount| *amount > 0).ok_or(Doubt::Incomplete("refund_fee_$n"))?;
        match find(REFUND_STATUS, status) {
            Some(RefundQueryMeaning::Done) => sum = sum.saturating_add(amount),
            Some(RefundQueryMeaning::Closed) => {}
            Some(RefundQueryMeaning::Pending | RefundQueryMeaning::Abnormal) => {
                return Err(Doubt::ChannelUnsure(text::said(status, "")));
            }
            Some(
                RefundQueryMeaning::NotFound | RefundQueryMeaning::Unsure | RefundQueryMeaning::RateLimited,
            )
            | None => return Err(Doubt::Unlisted(text::said(status, ""))),
        }
    }
    Ok(sum)
}
