//! What an answer means, in the platform's own judging order: HTTP, signature, `status`, `result_code`, then
//! `pay_result` and `need_query` of a payment or `trade_state` of a query (unionpay.md §4.1, §4.5).

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
use wire::qra::{Answer as Fields, NotVerified, QraMerchant, parse_response};
use wire::verified::{BadField, Verified};

use super::super::table::{
    QueryMeaning, ReverseMeaning, SubmitMeaning, find, query_answer, reverse_answer, submit_answer,
};
use super::super::text;
use super::table::{PAY_RESULT, TRADE_STATE, query_code, reverse_code, submit_code};
use super::{payee, refund};

pub(super) fn read(
    merchant: &QraMerchant,
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

/// The fields that the platform has signed.
pub(super) fn believed(merchant: &QraMerchant, response: &Response) -> Result<Verified<Fields>, Doubt> {
    if response.status != 200 {
        return Err(Doubt::Status(response.status));
    }
    let reply = parse_response(&response.body).map_err(|_| Doubt::Unreadable)?;
    reply.verify(merchant).map_err(|error| match error {
        NotVerified::Unsigned { status, message } => Doubt::Unsigned(text::said(&status, &message)),
        NotVerified::BadSignature => Doubt::Forged,
    })
}

/// `result_code`, once the call was understood at all.
pub(super) enum Told {
    Success,
    Fail(ChannelCode),
}

pub(super) fn outcome(fields: &Verified<Fields>) -> Result<Told, Doubt> {
    let status = fields.status().ok_or(Doubt::Incomplete("status"))?;
    if status != "0" {
        return Err(Doubt::Unlisted(text::said(status, fields.message().unwrap_or_default())));
    }
    if fields.result_code().ok_or(Doubt::Incomplete("result_code"))? == "0" {
        return Ok(Told::Success);
    }
    let code = fields.err_code().ok_or(Doubt::Incomplete("err_code"))?;
    Ok(Told::Fail(text::said(code, fields.err_msg().unwrap_or_default())))
}

/// The code exactly as it came: what had to be cleaned first is no code that we know.
pub(super) fn code_of(fields: &Verified<Fields>) -> &str {
    fields.err_code().unwrap_or_default()
}

/// All three of `status`, `result_code` and `pay_result` must be 0, and `need_query` must not contradict them
/// (unionpay.md §4.3, §13).
fn submit(fields: &Verified<Fields>, told: Told, intent: &Intent) -> SubmitAnswer {
    match (told, fields.pay_result()) {
        (Told::Fail(said), _) => refused(fields, submit_code(code_of(fields)), said, intent),
        (Told::Success, None) => SubmitAnswer::Unknown(Doubt::Incomplete("pay_result")),
        (Told::Success, Some("0")) => {
            paid_at_once(fields).map_or_else(SubmitAnswer::Unknown, SubmitAnswer::Paid)
        }
        // A failed payment: the wallet's code says more, where there is one.
        (Told::Success, Some(result)) => {
            let message = fields.pay_info().or(fields.err_msg()).unwrap_or_default();
            match fields.err_code() {
                Some(code) => refused(fields, submit_code(code), text::said(code, message), intent),
                None => refused(fields, find(PAY_RESULT, result), text::said(result, message), intent),
            }
        }
    }
}

/// A refusal is believed only where the platform says that nothing need be asked (unionpay.md §4.5, §13).
fn refused(
    fields: &Verified<Fields>,
    means: Option<SubmitMeaning>,
    said: ChannelCode,
    intent: &Intent,
) -> SubmitAnswer {
    if let Err(doubt) = about(fields, intent) {
        return SubmitAnswer::Unknown(doubt);
    }
    let declines = matches!(means, Some(SubmitMeaning::Declined(_) | SubmitMeaning::DeclinedAsk(_)));
    match fields.need_query() {
        Some("N") => submit_answer(means, said),
        _ if !declines => submit_answer(means, said),
        Some("Y") => SubmitAnswer::Unknown(Doubt::ChannelUnsure(said)),
        Some(_) | None => SubmitAnswer::Unknown(Doubt::Incomplete("need_query")),
    }
}

fn paid_at_once(fields: &Verified<Fields>) -> Result<PaidFacts, Doubt> {
    match fields.need_query() {
        Some("N") | None => {}
        Some("Y") => return Err(Doubt::ChannelUnsure(text::said("need_query=Y", ""))),
        Some(_) => return Err(Doubt::Incomplete("need_query")),
    }
    let message = fields.err_msg().unwrap_or_default();
    if let Some(contradiction) = fields.err_code().or(fields.trade_state()).filter(|told| *told != "SUCCESS")
    {
        return Err(Doubt::ChannelUnsure(text::said(contradiction, message)));
    }
    facts(fields)
}

fn query(fields: &Verified<Fields>, told: Told, intent: &Intent) -> QueryAnswer {
    let state = match told {
        Told::Fail(said) => {
            return match about(fields, intent) {
                Ok(()) => {
                    let unpaid = || Err(Doubt::Incomplete("trade_state"));
                    query_answer(query_code(code_of(fields)), said, unpaid)
                }
                Err(doubt) => QueryAnswer::Unknown(doubt),
            };
        }
        Told::Success => fields.trade_state(),
    };
    let Some(state) = state else { return QueryAnswer::Unknown(Doubt::Incomplete("trade_state")) };
    let means = find(TRADE_STATE, state);
    // A state always names its order (unionpay.md §12, query answers); what is paid names its merchant in its facts,
    // for the core to compare.
    let named = fields.out_trade_no().map(drop).ok_or(Doubt::Incomplete("out_trade_no"));
    let ours =
        if means == Some(QueryMeaning::Paid) { named } else { named.and_then(|()| about(fields, intent)) };
    match ours {
        Ok(()) => {
            let said = text::said(state, fields.trade_state_desc().unwrap_or_default());
            query_answer(means, said, || paid_by_state(fields))
        }
        Err(doubt) => QueryAnswer::Unknown(doubt),
    }
}

/// Answers to a query carry neither `need_query` nor `pay_result` (unionpay.md §13): where they do, and contradict the
/// state, nothing is certain.
fn paid_by_state(fields: &Verified<Fields>) -> Result<PaidFacts, Doubt> {
    if fields.need_query() == Some("Y") || fields.pay_result().is_some_and(|result| result != "0") {
        return Err(Doubt::ChannelUnsure(text::said("SUCCESS", "need_query / pay_result")));
    }
    facts(fields)
}

/// A success does not say what was done, nor that the order was known (unionpay.md §4.4). Of the wallets' own flags none
/// is documented here; where one passes through and asks for another call, that is what it means.
fn reverse(fields: &Verified<Fields>, told: Told, intent: &Intent) -> ReverseAnswer {
    if let Err(doubt) = about(fields, intent) {
        return ReverseAnswer::Unknown(doubt);
    }
    let mut again = false;
    for (field, flag) in [("recall", fields.recall()), ("retry_flag", fields.retry_flag())] {
        match flag {
            Some("Y") => again = true,
            Some("N") | None => {}
            Some(_) => return ReverseAnswer::Unknown(Doubt::Incomplete(field)),
        }
    }
    match (told, again) {
        (Told::Success, true) => ReverseAnswer::Again,
        (Told::Success, false) => ReverseAnswer::Reversed(ReversedHow::Unsaid),
        (Told::Fail(said), again) => match (reverse_code(code_of(fields)), again) {
            (None | Some(ReverseMeaning::Cannot(_) | ReverseMeaning::NothingToUndo), true) => {
                ReverseAnswer::Again
            }
            (means, _) => reverse_answer(means, said),
        },
    }
}

/// Whether an answer that says nothing of money is about this order and this merchant, as far as it names them.
pub(super) fn about(fields: &Verified<Fields>, intent: &Intent) -> Result<(), Doubt> {
    let named = [
        ("mch_id", fields.mch_id(), intent.payee.merchant.as_str()),
        ("out_trade_no", fields.out_trade_no(), intent.channel_order_no.as_str()),
    ];
    match named.into_iter().find(|(_, told, ours)| told.is_some_and(|told| told != *ours)) {
        None => Ok(()),
        Some((field, ..)) => Err(Doubt::Incomplete(field)),
    }
}

/// What the platform says of the money, as it says it: whether that fits the intent is compared elsewhere.
pub(super) fn facts(fields: &Verified<Fields>) -> Result<PaidFacts, Doubt> {
    let text_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("total_fee", fields.total_fee())?.filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or(Doubt::Incomplete("total_fee"))?;
    let discount_amount = fen("coupon_fee", fields.coupon_fee())?.unwrap_or(Fen::ZERO);
    let paid_amount = Fen::new(amount.fen() - discount_amount.fen());
    let paid_at = fields.time_end().map_err(bad)?.ok_or(Doubt::Incomplete("time_end"))?;
    Ok(PaidFacts {
        channel_order_no: text_of("out_trade_no", fields.out_trade_no())?,
        amount,
        currency: text_of("fee_type", Some(fields.fee_type().unwrap_or("CNY")))?,
        payee: Some(payee(&text_of("mch_id", fields.mch_id())?)),
        channel_transaction_no: text_of("transaction_id", fields.transaction_id())?,
        paid_amount: paid_amount.map_err(|_| Doubt::Incomplete("coupon_fee"))?,
        discount_amount,
        paid_at: Time(paid_at),
    })
}

pub(super) fn fen(field: &'static str, read: Result<Option<i64>, BadField>) -> Result<Option<Fen>, Doubt> {
    read.map_err(bad)?.map(Fen::new).transpose().map_err(|_| Doubt::Incomplete(field))
}

pub(super) fn bad(error: BadField) -> Doubt {
    Doubt::Incomplete(error.field)
}
