//! The state REFUND of an order: it stands from the first refund that was accepted, also of a part, and does not say how much
//! went back (unionpay.md §13). The refund query does, but finds refunds of an Alipay order by their own numbers alone
//! (§4.4).

use std::cmp::Ordering;

use payment::exchange::{Answer, Call, ClosedHow, Doubt, QueryAnswer};
use payment::payment::Intent;
use wire::http::Response;
use wire::qra::{Answer as Fields, QraMerchant, RefundQueryRequest};
use wire::verified::Verified;

use super::super::table::{RefundQueryMeaning, find};
use super::super::{Asking, Outgoing, text};
use super::answer::{Told, about, bad, believed, code_of, facts, outcome, read};
use super::refund;
use super::refund_table::{REFUND_STATUS, refund_query_code};
use super::request::{of, plain};

const STATE: &str = "REFUND";
const ALIPAYS: &str = "pay.alipay.micropay";

/// The refund query that tells how much of our order went back, where its query says REFUND.
pub(super) fn further(merchant: &QraMerchant, asking: &Asking<'_>, response: &Response) -> Option<Outgoing> {
    let fields = first(merchant, asking.intent, response)?;
    if fields.trade_type() == Some(ALIPAYS) {
        return None;
    }
    let call = RefundQueryRequest {
        out_trade_no: Some(asking.intent.channel_order_no.as_str().to_owned()),
        ..RefundQueryRequest::default()
    };
    Some(plain(refund::query(&of(merchant, asking.intent), asking, &call)))
}

/// A query's signed answer about our order in the state REFUND.
fn first(merchant: &QraMerchant, intent: &Intent, response: &Response) -> Option<Verified<Fields>> {
    let fields = believed(merchant, response).ok()?;
    let success = matches!(outcome(&fields), Ok(Told::Success));
    let ours = fields.out_trade_no().is_some() && about(&fields, intent).is_ok();
    (success && ours && fields.trade_state() == Some(STATE)).then_some(fields)
}

/// What both answers mean together: all of it back, a part of it, or not clear.
pub(super) fn answer(
    merchant: &QraMerchant,
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
    let paid = facts(fields)?;
    let told = outcome(refunds)?;
    about(refunds, intent)?;
    if let Told::Fail(said) = told {
        // Whatever it says of refunds, the order says that there are some.
        return Err(match refund_query_code(code_of(refunds)) {
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
    match given_back(refunds)?.cmp(&paid.amount.fen()) {
        Ordering::Less => Ok(QueryAnswer::Paid(paid)),
        Ordering::Equal => Ok(QueryAnswer::Closed(ClosedHow::Refunded)),
        Ordering::Greater => Err(Doubt::Incomplete("refund_fee_$n")),
    }
}

/// What went back of an order whose refunds are all shown and all over, fen.
fn given_back(refunds: &Verified<Fields>) -> Result<i64, Doubt> {
    let shown = refunds.refunds().map_err(bad)?;
    let count = i64::try_from(shown.len()).unwrap_or(i64::MAX);
    if shown.is_empty() || refunds.refund_count().map_err(bad)? != Some(count) {
        return Err(Doubt::Incomplete("refund_count"));
    }
    let mut sum = 0_i64;
    for one in shown {
        let status = one.refund_status.as_deref().ok_or(Doubt::Incomplete("refund_status_$n"))?;
        let amount = one.refund_fee.filter(|amount| *amount > 0).ok_or(Doubt::Incomplete("refund_fee_$n"))?;
        match find(REFUND_STATUS, status) {
            Some(RefundQueryMeaning::Done) => sum = sum.saturating_add(amount),
            Some(RefundQueryMeaning::Closed) => {}
            Some(RefundQueryMeaning::Pending | RefundQueryMeaning::Abnormal | RefundQueryMeaning::Unsure) => {
                return Err(Doubt::ChannelUnsure(text::said(status, "")));
            }
            Some(RefundQueryMeaning::NotFound | RefundQueryMeaning::RateLimited) | None => {
                return Err(Doubt::Unlisted(text::said(status, "")));
            }
        }
    }
    Ok(sum)
}
