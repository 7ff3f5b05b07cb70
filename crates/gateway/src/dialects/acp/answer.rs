//! What an answer means, in this order: HTTP, the certificate and its signature, whose transaction it is, `respCode` (how
//! the call went), then `origRespCode` (how the queried transaction stands) (unionpay.md §5.2, §5.5).

use payment::exchange::{
    Answer, Call, ChannelCode, ClosedHow, Decline, DeclineReason, Doubt, PaidFacts, QueryAnswer,
    RefundAnswer, RefundQueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::money::Fen;
use payment::payment::Intent;
use payment::planted::{Bug, on};
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::acp::{AcpMerchant, Answer as Fields, NotVerified, parse_response};
use wire::http::Response;
use wire::verified::{BadField, Verified};

use super::super::table::{QueryMeaning, find, query_answer, reverse_answer, submit_answer};
use super::super::text;
use super::request::txn_time;
use super::table::{CONSUME, ORIGINAL, QUERY, REVERSAL};
use super::{payee, refund};

pub(super) fn read(
    merchant: &AcpMerchant,
    now: Time,
    call: Call,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
    response: &Response,
) -> Answer {
    let said = believed(merchant, now, response).and_then(|fields| {
        let code = fields.resp_code().ok_or(Doubt::Incomplete("respCode"))?.to_owned();
        Ok((fields, code))
    });
    match call {
        Call::Submit => Answer::Submit(match said {
            Ok((fields, code)) => submit(&fields, &code, intent),
            Err(Doubt::Unsigned(channel)) if on(Bug::B19) => {
                SubmitAnswer::Declined(Decline { reason: DeclineReason::Refused, channel })
            }
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        }),
        Call::Query => Answer::Query(match said {
            Ok((fields, code)) => query(&fields, &code, intent),
            Err(doubt) => QueryAnswer::Unknown(doubt),
        }),
        Call::Reverse => Answer::Reverse(match said {
            Ok((fields, code)) => reverse(&fields, &code, intent),
            Err(doubt) => ReverseAnswer::Unknown(doubt),
        }),
        Call::Refund => Answer::Refund(match (said, about_refund) {
            (Ok((fields, code)), Some(intent)) => refund::answer(&fields, &code, intent),
            (Ok(_), None) => RefundAnswer::Unknown(Doubt::Incomplete("orderId")),
            (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        }),
        Call::RefundQuery => Answer::RefundQuery(match (said, about_refund) {
            (Ok((fields, code)), Some(intent)) => refund::query_answer(&fields, &code, intent),
            (Ok(_), None) => RefundQueryAnswer::Unknown(Doubt::Incomplete("orderId")),
            (Err(doubt), _) => RefundQueryAnswer::Unknown(doubt),
        }),
    }
}

/// The fields that UnionPay has signed. A certificate of somebody else's proves nothing, whatever its signature does.
fn believed(merchant: &AcpMerchant, now: Time, response: &Response) -> Result<Verified<Fields>, Doubt> {
    if response.status != 200 {
        return Err(Doubt::Status(response.status));
    }
    let reply = parse_response(&response.body).map_err(|_| Doubt::Unreadable)?;
    reply.verify(merchant, now.0).map_err(|error| match error {
        NotVerified::Unsigned { resp_code, resp_msg } => Doubt::Unsigned(text::said(&resp_code, &resp_msg)),
        NotVerified::Foreign(_) | NotVerified::BadSignature => Doubt::Forged,
    })
}

/// The call went well; of money it says nothing yet.
pub(super) const SUCCESS: &str = "00";

pub(super) fn said(fields: &Verified<Fields>, code: &str) -> ChannelCode {
    text::said(code, fields.resp_msg().unwrap_or_default())
}

/// A state, as one code with the success that it stands beside: `00/64`.
pub(super) fn said_state(fields: &Verified<Fields>, state: &str) -> ChannelCode {
    text::said(&format!("{SUCCESS}/{state}"), fields.orig_resp_msg().unwrap_or_default())
}

/// `00` is *accepted* and never *paid* (unionpay.md §5.2, §11 trap 1). It is read as "awaiting the payer" and not as an
/// unknown, because it is UnionPay's signed word that the order stands on its books: from then on a *not found* ends nothing
/// any more. UnionPay keeps no tombstone for a reversal of what it has not seen (§10), so that a consume which was accepted
/// and cannot be found just now may still be charged.
fn submit(fields: &Verified<Fields>, code: &str, intent: &Intent) -> SubmitAnswer {
    let name = Name { order_id: intent.channel_order_no.as_str(), opened_at: intent.opened_at };
    let ours = of_kind(fields, &["01"]).and_then(|()| about(fields, intent, &name));
    let ours = ours.and_then(|()| if code == SUCCESS { accepted(fields, intent) } else { Ok(()) });
    match ours {
        Ok(()) => submit_answer(find(CONSUME, code), said(fields, code)),
        Err(doubt) => SubmitAnswer::Unknown(doubt),
    }
}

/// What an acceptance must name: the order, and no other amount.
fn accepted(fields: &Verified<Fields>, intent: &Intent) -> Result<(), Doubt> {
    fields.order_id().ok_or(Doubt::Incomplete("orderId"))?;
    let amount = fen("txnAmt", fields.txn_amt())?;
    if amount.is_none_or(|amount| amount == intent.amount) {
        Ok(())
    } else {
        Err(Doubt::Incomplete("txnAmt"))
    }
}

fn query(fields: &Verified<Fields>, code: &str, intent: &Intent) -> QueryAnswer {
    let name = Name { order_id: intent.channel_order_no.as_str(), opened_at: intent.opened_at };
    let unpaid = || Err(Doubt::Incomplete("origRespCode"));
    // The answer names the query's type or the queried transaction's: both are seen (unionpay.md §5.2, §12).
    if let Err(doubt) = of_kind(fields, &["00", "01"]) {
        return QueryAnswer::Unknown(doubt);
    }
    if code != SUCCESS {
        return match about(fields, intent, &name) {
            Ok(()) => query_answer(find(QUERY, code), said(fields, code), unpaid),
            Err(doubt) => QueryAnswer::Unknown(doubt),
        };
    }
    let Some(state) = fields.orig_resp_code() else {
        return QueryAnswer::Unknown(Doubt::Incomplete("origRespCode"));
    };
    let means = find(ORIGINAL, state);
    // What is paid names its order and merchant in its facts, for the core to compare.
    let ours = if means == Some(QueryMeaning::Paid) {
        Ok(())
    } else {
        fields
            .order_id()
            .map(drop)
            .ok_or(Doubt::Incomplete("orderId"))
            .and_then(|()| about(fields, intent, &name))
    };
    match ours {
        Ok(()) => query_answer(booked(fields, means), said_state(fields, state), || facts(fields, intent)),
        Err(doubt) => QueryAnswer::Unknown(doubt),
    }
}

/// A reversed consume that has a number of UnionPay's and a settlement day was booked, so that money went back: both are
/// made when it books (unionpay.md §13).
fn booked(fields: &Verified<Fields>, means: Option<QueryMeaning>) -> Option<QueryMeaning> {
    match means {
        Some(QueryMeaning::Closed(ClosedHow::Revoked))
            if fields.query_id().is_some() && fields.settle_date().is_some() =>
        {
            Some(QueryMeaning::Closed(ClosedHow::Refunded))
        }
        means => means,
    }
}

/// `00` says that it is reversed, and not what that was (unionpay.md §5.2).
fn reverse(fields: &Verified<Fields>, code: &str, intent: &Intent) -> ReverseAnswer {
    let name = Name { order_id: intent.channel_order_no.as_str(), opened_at: intent.opened_at };
    let ours = of_kind(fields, &["99"]).and_then(|()| about(fields, intent, &name));
    let named = || fields.order_id().map(drop).ok_or(Doubt::Incomplete("orderId"));
    match ours.and_then(|()| if code == SUCCESS { named() } else { Ok(()) }) {
        Err(doubt) => ReverseAnswer::Unknown(doubt),
        Ok(()) if code == SUCCESS => ReverseAnswer::Reversed(ReversedHow::Unsaid),
        Ok(()) => reverse_answer(find(REVERSAL, code), said(fields, code)),
    }
}

/// What a transaction is called: a number and a time.
pub(super) struct Name<'a> {
    pub(super) order_id: &'a str,
    pub(super) opened_at: Time,
}

/// Whether an answer is one to this call, as far as it says: the signature covers the words and not the question.
pub(super) fn of_kind(fields: &Verified<Fields>, kinds: &[&str]) -> Result<(), Doubt> {
    let fits = fields.txn_type().is_none_or(|kind| kinds.contains(&kind));
    if fits { Ok(()) } else { Err(Doubt::Incomplete("txnType")) }
}

/// Whether an answer is about this transaction of this merchant, as far as it names them.
pub(super) fn about(fields: &Verified<Fields>, intent: &Intent, name: &Name<'_>) -> Result<(), Doubt> {
    let time = txn_time(name.opened_at);
    let named = [
        ("merId", fields.mer_id(), intent.payee.merchant.as_str()),
        ("orderId", fields.order_id(), name.order_id),
        ("txnTime", fields.txn_time(), time.as_str()),
    ];
    match named.into_iter().find(|(_, told, ours)| told.is_some_and(|told| told != *ours)) {
        None => Ok(()),
        Some((field, ..)) => Err(Doubt::Incomplete(field)),
    }
}

/// What UnionPay says of the money, as it says it: whether that fits the intent is compared elsewhere.
///
/// The order is compared with `txnAmt`. `settleAmt` is less where a coupon paid a part; in another currency, or above the
/// order, it is no part of it and says nothing of what the payer paid.
fn facts(fields: &Verified<Fields>, intent: &Intent) -> Result<PaidFacts, Doubt> {
    let text_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("txnAmt", fields.txn_amt())?.filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or(Doubt::Incomplete("txnAmt"))?;
    let settled = fen("settleAmt", fields.settle_amt())?
        .filter(|settled| *settled <= amount && fields.settle_currency_code().unwrap_or(CNY) == CNY);
    let paid_amount = settled.unwrap_or(amount);
    let discount_amount = Fen::new(amount.fen() - paid_amount.fen());
    let paid_at = fields.trace_time(intent.opened_at.0).map_err(bad)?;
    let currency = match fields.currency_code().unwrap_or(CNY) {
        CNY => "CNY",
        other => other,
    };
    Ok(PaidFacts {
        channel_order_no: order_no(fields, intent)?,
        amount,
        currency: text_of("currencyCode", Some(currency))?,
        payee: Some(payee(&text_of("merId", fields.mer_id())?)),
        channel_transaction_no: text_of("queryId", fields.query_id())?,
        paid_amount,
        discount_amount: discount_amount.map_err(|_| Doubt::Incomplete("settleAmt"))?,
        paid_at: Time(paid_at.ok_or(Doubt::Incomplete("traceTime"))?),
    })
}

/// ISO 4217, by number.
const CNY: &str = "156";

/// The number; with its time behind it where that is not ours, because then it is another order (unionpay.md §10).
fn order_no(fields: &Verified<Fields>, intent: &Intent) -> Result<String, Doubt> {
    let number = fields.order_id().and_then(text::number).ok_or(Doubt::Incomplete("orderId"))?;
    let time = fields.txn_time().ok_or(Doubt::Incomplete("txnTime"))?;
    if time == txn_time(intent.opened_at) {
        return Ok(number);
    }
    text::number(&format!("{number}@{time}")).ok_or(Doubt::Incomplete("txnTime"))
}

pub(super) fn fen(field: &'static str, read: Result<Option<i64>, BadField>) -> Result<Option<Fen>, Doubt> {
    read.map_err(bad)?.map(Fen::new).transpose().map_err(|_| Doubt::Incomplete(field))
}

fn bad(error: BadField) -> Doubt {
    Doubt::Incomplete(error.field)
}
