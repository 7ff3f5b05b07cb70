//! What an answer means, in the channel's own judging order: HTTP, signature, `return_code`, `result_code`,
//! `trade_state` (wechat.md §2.1).

use payment::exchange::{
    Answer, Call, ChannelCode, Decline, DeclineReason, Doubt, PaidFacts, QueryAnswer, RefundAnswer,
    RefundQueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::money::Fen;
use payment::payment::Intent;
use payment::planted::{Bug, on};
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::Response;
use wire::text::Fields;
use wire::verified::{BadField, Verified};
use wire::wechat_v2::{NotVerified, V2Merchant, parse_response};

use super::super::table::{QueryMeaning, ReverseMeaning, find, query_answer, reverse_answer, submit_answer};
use super::super::text;
use super::table::{MICROPAY, QUERY, REVERSE, TRADE_STATE};
use super::{numbers, payee, refund};

pub(super) fn read(
    merchant: &V2Merchant,
    call: Call,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
    response: &Response,
) -> Answer {
    let said = believed(merchant, response).and_then(|fields| outcome(&fields).map(|told| (fields, told)));
    match call {
        Call::Submit => Answer::Submit(match said {
            Ok((fields, told)) => submit(&fields, told, intent),
            Err(Doubt::Unsigned(channel)) if on(Bug::B19) => {
                SubmitAnswer::Declined(Decline { reason: DeclineReason::Refused, channel })
            }
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        }),
        Call::Query => Answer::Query(match said {
            Ok((fields, told)) => query(&fields, told, intent),
            Err(doubt) => QueryAnswer::Unknown(doubt),
        }),
        Call::Reverse => Answer::Reverse(match said {
            Ok((fields, told)) => reverse(&fields, told, intent),
            Err(doubt) => ReverseAnswer::Unknown(doubt),
        }),
        Call::Refund => Answer::Refund(match (said, about_refund) {
            (Ok((fields, told)), Some(intent)) => refund::answer(&fields, told, intent),
            (Ok(_), None) => RefundAnswer::Unknown(Doubt::Incomplete("out_refund_no")),
            (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        }),
        Call::RefundQuery => Answer::RefundQuery(match (said, about_refund) {
            (Ok((fields, told)), Some(intent)) => refund::query_answer(&fields, told, intent),
            (Ok(_), None) => RefundQueryAnswer::Unknown(Doubt::Incomplete("out_refund_no")),
            (Err(doubt), _) => RefundQueryAnswer::Unknown(doubt),
        }),
    }
}

/// The fields that the channel has signed.
pub(super) fn believed(merchant: &V2Merchant, response: &Response) -> Result<Verified<Fields>, Doubt> {
    if response.status != 200 {
        return Err(Doubt::Status(response.status));
    }
    let reply = parse_response(&response.body).map_err(|_| Doubt::Unreadable)?;
    reply.verify(merchant).map_err(|error| match error {
        NotVerified::Unsigned { return_code, return_msg } => {
            Doubt::Unsigned(text::said(&return_code, &return_msg))
        }
        NotVerified::BadSignature => Doubt::Forged,
    })
}

/// `result_code`, once the call was understood at all.
pub(super) enum Told {
    Success,
    Fail(ChannelCode),
}

pub(super) fn outcome(fields: &Verified<Fields>) -> Result<Told, Doubt> {
    let return_code = fields.return_code().ok_or(Doubt::Incomplete("return_code"))?;
    if return_code != "SUCCESS" {
        let message = fields.return_msg().unwrap_or_default();
        return Err(Doubt::Unlisted(text::said(return_code, message)));
    }
    match fields.result_code() {
        Some("SUCCESS") => Ok(Told::Success),
        Some("FAIL") => {
            let code = fields.err_code().ok_or(Doubt::Incomplete("err_code"))?;
            Ok(Told::Fail(text::said(code, fields.err_code_des().unwrap_or_default())))
        }
        Some(_) | None => Err(Doubt::Incomplete("result_code")),
    }
}

/// The code exactly as it came: what had to be cleaned first is no code that we know.
pub(super) fn code_of(fields: &Verified<Fields>) -> &str {
    fields.err_code().unwrap_or_default()
}

fn submit(fields: &Verified<Fields>, told: Told, intent: &Intent) -> SubmitAnswer {
    let told = match told {
        Told::Success => fields.trade_state().unwrap_or("SUCCESS"),
        Told::Fail(said) => {
            return match about(fields, intent) {
                Ok(()) => submit_answer(find(MICROPAY, code_of(fields)), said),
                Err(doubt) => SubmitAnswer::Unknown(doubt),
            };
        }
    };
    // Newer answers carry a state beside the success (wechat.md §2.2); only SUCCESS is one.
    let said = text::said(told, fields.trade_state_desc().unwrap_or_default());
    match find(TRADE_STATE, told) {
        Some(QueryMeaning::Paid) => {
            facts(fields, intent).map_or_else(SubmitAnswer::Unknown, SubmitAnswer::Paid)
        }
        means => match (about(fields, intent), means) {
            (Err(doubt), _) => SubmitAnswer::Unknown(doubt),
            (Ok(()), None) => SubmitAnswer::Unknown(Doubt::Unlisted(said)),
            (Ok(()), Some(QueryMeaning::AwaitingPayer)) => SubmitAnswer::AwaitingPayer,
            (
                Ok(()),
                Some(
                    QueryMeaning::Paid
                    | QueryMeaning::NotPaid
                    | QueryMeaning::MustReverse
                    | QueryMeaning::Declined(_)
                    | QueryMeaning::Closed(_)
                    | QueryMeaning::NotFound
                    | QueryMeaning::Unsure
                    | QueryMeaning::RateLimited,
                ),
            ) => SubmitAnswer::Unknown(Doubt::ChannelUnsure(said)),
        },
    }
}

fn query(fields: &Verified<Fields>, told: Told, intent: &Intent) -> QueryAnswer {
    let state = match told {
        Told::Fail(said) => {
            return match about(fields, intent) {
                Ok(()) => {
                    let unpaid = || Err(Doubt::Incomplete("trade_state"));
                    query_answer(find(QUERY, code_of(fields)), said, unpaid)
                }
                Err(doubt) => QueryAnswer::Unknown(doubt),
            };
        }
        Told::Success => fields.trade_state(),
    };
    let Some(state) = state else { return QueryAnswer::Unknown(Doubt::Incomplete("trade_state")) };
    let means = find(TRADE_STATE, state);
    // A state always names its order (wechat.md §2.3).
    let named = fields.out_trade_no().map(drop).ok_or(Doubt::Incomplete("out_trade_no"));
    // What is paid names its merchant in its facts; the core compares them.
    let ours =
        if means == Some(QueryMeaning::Paid) { named } else { named.and_then(|()| about(fields, intent)) };
    match ours {
        Ok(()) => {
            let said = text::said(state, fields.trade_state_desc().unwrap_or_default());
            query_answer(means, said, || facts(fields, intent))
        }
        Err(doubt) => QueryAnswer::Unknown(doubt),
    }
}

/// `recall=Y` asks for another call whatever stands beside it, and only an answer without it can be final; but a dialog
/// that is open is worth knowing (wechat.md §5.3).
fn reverse(fields: &Verified<Fields>, told: Told, intent: &Intent) -> ReverseAnswer {
    if let Err(doubt) = about(fields, intent) {
        return ReverseAnswer::Unknown(doubt);
    }
    let again = match fields.recall() {
        Some("Y") => true,
        Some("N") | None => false,
        Some(_) => return ReverseAnswer::Unknown(Doubt::Incomplete("recall")),
    };
    match (told, again) {
        (Told::Success, true) => ReverseAnswer::Again,
        (Told::Success, false) => ReverseAnswer::Reversed(ReversedHow::Unsaid),
        (Told::Fail(said), again) => match (find(REVERSE, code_of(fields)), again) {
            (None | Some(ReverseMeaning::Cannot(_)), true) => ReverseAnswer::Again,
            (means, _) => reverse_answer(means, said),
        },
    }
}

/// Whether an answer that says nothing of money is about this order and this merchant, as far as it names them.
pub(super) fn about(fields: &Verified<Fields>, intent: &Intent) -> Result<(), Doubt> {
    let (appid, mch_id) = numbers(&intent.payee);
    let sub_mch_id = intent.payee.sub_merchant.as_deref();
    let named = [
        ("appid", fields.appid(), Some(appid)),
        ("mch_id", fields.mch_id(), Some(mch_id)),
        ("sub_mch_id", fields.sub_mch_id(), sub_mch_id),
        ("out_trade_no", fields.out_trade_no(), Some(intent.channel_order_no.as_str())),
    ];
    match named.into_iter().find(|(_, told, ours)| told.is_some() && told != ours) {
        None => Ok(()),
        Some((field, ..)) => Err(Doubt::Incomplete(field)),
    }
}

/// What the channel says of the money, as it says it: whether that fits the intent is compared elsewhere.
pub(super) fn facts(fields: &Verified<Fields>, intent: &Intent) -> Result<PaidFacts, Doubt> {
    let text_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("total_fee", fields.total_fee())?.filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or(Doubt::Incomplete("total_fee"))?;
    let paid_amount = fen("cash_fee", fields.cash_fee())?.unwrap_or(amount);
    let discount_amount = Fen::new(amount.fen() - paid_amount.fen());
    let paid_at = fields.time_end().map_err(bad)?.ok_or(Doubt::Incomplete("time_end"))?;
    // In provider mode the sub-merchant is the payee, and every answer names it (wechat.md §2.1).
    if intent.payee.sub_merchant.is_some() && fields.sub_mch_id().is_none() {
        return Err(Doubt::Incomplete("sub_mch_id"));
    }
    let (appid, mch_id) = (text_of("appid", fields.appid())?, text_of("mch_id", fields.mch_id())?);
    Ok(PaidFacts {
        channel_order_no: text_of("out_trade_no", fields.out_trade_no())?,
        amount,
        currency: text_of("fee_type", Some(fields.fee_type().unwrap_or("CNY")))?,
        payee: Some(payee(&appid, &mch_id, fields.sub_mch_id())),
        channel_transaction_no: text_of("transaction_id", fields.transaction_id())?,
        paid_amount,
        discount_amount: discount_amount.map_err(|_| Doubt::Incomplete("cash_fee"))?,
        paid_at: Time(paid_at),
    })
}

pub(super) fn fen(field: &'static str, read: Result<Option<i64>, BadField>) -> Result<Option<Fen>, Doubt> {
    read.map_err(bad)?.map(Fen::new).transpose().map_err(|_| Doubt::Incomplete(field))
}

pub(super) fn bad(error: BadField) -> Doubt {
    Doubt::Incomplete(error.field)
}
