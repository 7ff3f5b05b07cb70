//! What an answer means: HTTP, signature, `return_code` (did the call work?), then `pay_status` or the amounts (did money
//! move?), in this order and never the other way round (icbc.md §4).

use payment::exchange::{
    Answer, Call, ChannelCode, Decline, DeclineReason, Doubt, PaidFacts, Payee, QueryAnswer, RefundAnswer,
    RefundQueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::money::Fen;
use payment::payment::Intent;
use payment::planted::{Bug, on};
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::Response;
use wire::icbc::{App, Content, NotVerified, PayTime, reply};
use wire::verified::{BadField, Verified};

use super::super::table::{QueryMeaning, SubmitMeaning, find, query_answer, reverse_answer, submit_answer};
use super::super::text;
use super::table::{PAY_STATUS, QUERY, QUERY_STATUS, REVERSE, gateway};
use super::{message_head, payee, refund};

pub(super) fn read(
    app: &App,
    call: Call,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
    response: &Response,
) -> Answer {
    let said = believed(app, response).and_then(|content| {
        let code = own(&content, call, intent)?;
        Ok((content, code))
    });
    match call {
        Call::Submit => Answer::Submit(match said {
            Ok((content, code)) => submit(&content, &code, intent),
            Err(Doubt::Unsigned(channel)) if on(Bug::B19) => {
                SubmitAnswer::Declined(Decline { reason: DeclineReason::Refused, channel })
            }
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        }),
        Call::Query => Answer::Query(match said {
            Ok((content, code)) => query(&content, &code, intent),
            Err(doubt) => QueryAnswer::Unknown(doubt),
        }),
        Call::Reverse => Answer::Reverse(match said {
            Ok((content, code)) => reverse(&content, &code, intent),
            Err(doubt) => ReverseAnswer::Unknown(doubt),
        }),
        Call::Refund => Answer::Refund(match (said, about_refund) {
            (Ok((content, code)), Some(intent)) => refund::answer(&content, &code, intent),
            (Ok(_), None) => RefundAnswer::Unknown(Doubt::Incomplete("reject_no")),
            (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        }),
        Call::RefundQuery => Answer::RefundQuery(match (said, about_refund) {
            (Ok((content, code)), Some(intent)) => refund::query_answer(&content, &code, intent),
            (Ok(_), None) => RefundQueryAnswer::Unknown(Doubt::Incomplete("reject_no")),
            (Err(doubt), _) => RefundQueryAnswer::Unknown(doubt),
        }),
    }
}

/// The content that the gateway has signed.
fn believed(app: &App, response: &Response) -> Result<Verified<Content>, Doubt> {
    if response.status != 200 {
        return Err(Doubt::Status(response.status));
    }
    reply(&response.body, app).map_err(|error| match error {
        NotVerified::Unreadable(_)
        | NotVerified::NoContent
        | NotVerified::UnreadableForm(_)
        | NotVerified::Encrypted => Doubt::Unreadable,
        NotVerified::Unsigned { return_code, return_msg } => {
            Doubt::Unsigned(text::said(&return_code, &return_msg))
        }
        NotVerified::BadSignature => Doubt::Forged,
    })
}

/// `return_code` of an answer to this very call: the gateway echoes the message number, which names order and call.
fn own(content: &Verified<Content>, call: Call, intent: &Intent) -> Result<String, Doubt> {
    let head = message_head(call, intent.channel_order_no.as_str());
    if content.msg_id().is_some_and(|msg_id| !msg_id.starts_with(&head)) {
        return Err(Doubt::Incomplete("msg_id"));
    }
    content.return_code().ok_or(Doubt::Incomplete("return_code"))
}

/// The call worked; what it came to is said elsewhere.
pub(super) const SUCCESS: &str = "0";

pub(super) fn said(content: &Verified<Content>, code: &str) -> ChannelCode {
    text::said(code, &content.return_msg().unwrap_or_default())
}

/// A state, as one code with the success that it stands beside: `0/2`.
fn said_state(content: &Verified<Content>, status: &str) -> ChannelCode {
    said(content, &format!("{SUCCESS}/{status}"))
}

fn submit(content: &Verified<Content>, code: &str, intent: &Intent) -> SubmitAnswer {
    if code != SUCCESS {
        let means = gateway(code).map(|means| means.of_submit());
        return match about(content, intent) {
            Ok(()) => submit_answer(means, said(content, code)),
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        };
    }
    let Some(status) = content.pay_status() else {
        return SubmitAnswer::Unknown(Doubt::Incomplete("pay_status"));
    };
    if status == PAID {
        return facts(content, intent).map_or_else(SubmitAnswer::Unknown, SubmitAnswer::Paid);
    }
    let means: Option<SubmitMeaning> = find(PAY_STATUS, &status);
    match named(content, intent) {
        Ok(()) => submit_answer(means, said_state(content, &status)),
        Err(doubt) => SubmitAnswer::Unknown(doubt),
    }
}

/// `pay_status` of what is paid, in answer to a payment and to a query.
const PAID: &str = "1";

fn query(content: &Verified<Content>, code: &str, intent: &Intent) -> QueryAnswer {
    let unpaid = || Err(Doubt::Incomplete("pay_status"));
    if code != SUCCESS {
        let means = find(QUERY, code).or_else(|| gateway(code).map(|means| means.of_query()));
        return match about(content, intent) {
            Ok(()) => query_answer(means, said(content, code), unpaid),
            Err(doubt) => QueryAnswer::Unknown(doubt),
        };
    }
    let Some(status) = content.pay_status() else {
        return QueryAnswer::Unknown(Doubt::Incomplete("pay_status"));
    };
    let means = find(QUERY_STATUS, &status);
    // What is paid names its order in its facts, for the core to compare.
    let ours = if means == Some(QueryMeaning::Paid) { Ok(()) } else { named(content, intent) };
    match ours {
        Ok(()) => query_answer(means, said_state(content, &status), || facts(content, intent)),
        Err(doubt) => QueryAnswer::Unknown(doubt),
    }
}

/// 0 is a success that a query has to confirm; the amounts say what it did. Points go back as money does, so that either
/// amount counts; without any, the success does not say what it did (icbc.md §3.3).
fn reverse(content: &Verified<Content>, code: &str, intent: &Intent) -> ReverseAnswer {
    if code != SUCCESS {
        let means = find(REVERSE, code).or_else(|| gateway(code).map(|means| means.of_reverse()));
        return match about(content, intent) {
            Ok(()) => reverse_answer(means, said(content, code)),
            Err(doubt) => ReverseAnswer::Unknown(doubt),
        };
    }
    let amounts = named(content, intent).and_then(|()| {
        let cash = fen("real_reject_amt", content.real_reject_amt())?;
        let all = fen("reject_amt", content.reject_amt())?;
        Ok(cash.into_iter().chain(all).max())
    });
    match amounts {
        Ok(Some(Fen::ZERO)) => ReverseAnswer::Reversed(ReversedHow::Closed),
        Ok(Some(_)) => ReverseAnswer::Reversed(ReversedHow::Refunded),
        Ok(None) => ReverseAnswer::Reversed(ReversedHow::Unsaid),
        Err(doubt) => ReverseAnswer::Unknown(doubt),
    }
}

/// Whether an answer is about this order, as far as it names one; refusals name none (icbc.md §10).
pub(super) fn about(content: &Verified<Content>, intent: &Intent) -> Result<(), Doubt> {
    let ours = content.out_trade_no().is_none_or(|number| number == intent.channel_order_no.as_str());
    if ours { Ok(()) } else { Err(Doubt::Incomplete("out_trade_no")) }
}

/// Whether an answer names this order: every answer that tells of one does.
pub(super) fn named(content: &Verified<Content>, intent: &Intent) -> Result<(), Doubt> {
    content.out_trade_no().map(drop).ok_or(Doubt::Incomplete("out_trade_no"))?;
    about(content, intent)
}

/// What the channel says of the money, as it says it: whether that fits the intent is compared elsewhere.
///
/// The order is compared with `total_amt`; what the payer paid may be less (icbc.md §9, trap 10).
fn facts(content: &Verified<Content>, intent: &Intent) -> Result<PaidFacts, Doubt> {
    let text_of = |field, text: Option<String>| {
        text.and_then(|text| text::number(&text)).ok_or(Doubt::Incomplete(field))
    };
    let amount = fen("total_amt", content.total_amt())?.filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or(Doubt::Incomplete("total_amt"))?;
    let paid_amount = fen("payment_amt", content.payment_amt())?.unwrap_or(amount);
    let discount_amount = Fen::new(amount.fen() - paid_amount.fen());
    let order_id = text_of("order_id", content.order_id())?;
    Ok(PaidFacts {
        channel_order_no: text_of("out_trade_no", content.out_trade_no())?,
        amount,
        currency: "CNY".to_owned(),
        payee: paid_merchant(&order_id, &intent.payee.merchant),
        paid_amount,
        discount_amount: discount_amount.map_err(|_| Doubt::Incomplete("payment_amt"))?,
        paid_at: paid_at(content, intent)?,
        channel_transaction_no: order_id,
    })
}

/// Nothing names the merchant but the head of the channel's number: mer_id, the day, seven digits (icbc.md §3.1). A number
/// of another length than ours would have cannot be compared.
fn paid_merchant(order_id: &str, mer_id: &str) -> Option<Payee> {
    const TAIL: usize = 15;
    let digits = order_id.bytes().all(|byte| byte.is_ascii_digit());
    let comparable = digits && order_id.len() == mer_id.len() + TAIL;
    comparable.then(|| payee(&order_id[..mer_id.len()]))
}

/// Most answers say the day only (icbc.md §9, trap 8): then the moment of that day that is nearest to when the payment was
/// opened, so that a payment of another day is seen to be one.
fn paid_at(content: &Verified<Content>, intent: &Intent) -> Result<Time, Doubt> {
    match content.pay_time().map_err(bad)?.ok_or(Doubt::Incomplete("pay_time"))? {
        PayTime::Second(at) => Ok(Time(at)),
        PayTime::Day { first, last } => Ok(intent.opened_at.clamp(Time(first), Time(last))),
    }
}

pub(super) fn fen(field: &'static str, read: Result<Option<i64>, BadField>) -> Result<Option<Fen>, Doubt> {
    read.map_err(bad)?.map(Fen::new).transpose().map_err(|_| Doubt::Incomplete(field))
}

fn bad(error: BadField) -> Doubt {
    Doubt::Incomplete(error.field)
}
