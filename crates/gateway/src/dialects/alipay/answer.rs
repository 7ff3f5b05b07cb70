//! What an answer means: HTTP, signature, `code`, `sub_code`, then the state or the action (alipay.md §2.4, §4).

use payment::exchange::{
    Answer, Call, ChannelCode, Decline, DeclineReason, Doubt, PaidFacts, QueryAnswer, RefundAnswer,
    RefundQueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::money::Fen;
use payment::payment::Intent;
use payment::planted::{Bug, on};
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::alipay::{
    App, CANCEL_METHOD, Node, NotVerified, PAY_METHOD, QUERY_METHOD, REFUND_METHOD, REFUND_QUERY_METHOD,
    bare_sub_code, reply,
};
use wire::http::Response;
use wire::verified::{BadField, Verified};

use super::super::table::{
    Entry, QueryMeaning, SubmitMeaning, find, query_answer, reverse_answer, submit_answer,
};
use super::super::text;
use super::pay_table::PAY;
use super::refund;
use super::table::{CANCEL, GATEWAY, GatewayMeaning, QUERY, TRADE_STATUS};

pub(super) fn read(
    app: &App,
    now: Time,
    call: Call,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
    response: &Response,
) -> Answer {
    told_of(call, believed(app, now, method(call), response), app, intent, about_refund)
}

/// What a node means, or why there is none.
pub(super) fn told_of(
    call: Call,
    node: Result<Verified<Node>, Doubt>,
    app: &App,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
) -> Answer {
    let node = node.and_then(|node| {
        // Another merchant's token is told of no trade, whether there is one or not (alipay.md §9).
        if is_of_another(app, intent) { Err(Doubt::Incomplete("app_auth_token")) } else { Ok(node) }
    });
    match call {
        Call::Submit => Answer::Submit(match node {
            Ok(node) => submit(&node, intent),
            Err(Doubt::Unsigned(channel)) if on(Bug::B19) => {
                SubmitAnswer::Declined(Decline { reason: DeclineReason::Refused, channel })
            }
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        }),
        Call::Query => Answer::Query(node.map_or_else(QueryAnswer::Unknown, |node| query(&node, intent))),
        Call::Reverse => {
            Answer::Reverse(node.map_or_else(ReverseAnswer::Unknown, |node| cancel(&node, intent)))
        }
        Call::Refund => Answer::Refund(match (node, about_refund) {
            (Ok(node), Some(intent)) => refund::answer(&node, intent),
            (Ok(_), None) => RefundAnswer::Unknown(Doubt::Incomplete("out_request_no")),
            (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        }),
        Call::RefundQuery => Answer::RefundQuery(match (node, about_refund) {
            (Ok(node), Some(intent)) => refund::query_answer(&node, intent),
            (Ok(_), None) => RefundQueryAnswer::Unknown(Doubt::Incomplete("out_request_no")),
            (Err(doubt), _) => RefundQueryAnswer::Unknown(doubt),
        }),
    }
}

fn method(call: Call) -> &'static str {
    match call {
        Call::Submit => PAY_METHOD,
        Call::Query => QUERY_METHOD,
        Call::Reverse => CANCEL_METHOD,
        Call::Refund => REFUND_METHOD,
        Call::RefundQuery => REFUND_QUERY_METHOD,
    }
}

/// The node that the channel has signed.
fn believed(app: &App, now: Time, method: &str, response: &Response) -> Result<Verified<Node>, Doubt> {
    if response.status != 200 {
        return Err(Doubt::Status(response.status));
    }
    reply(&response.body, app, method, now.0).map_err(doubt)
}

/// What an answer is that may not be believed.
pub(super) fn doubt(error: NotVerified) -> Doubt {
    match error {
        NotVerified::Unreadable(_)
        | NotVerified::UnreadableForm(_)
        | NotVerified::Encrypted
        | NotVerified::Undecipherable => Doubt::Unreadable,
        NotVerified::Unsigned { code, sub_code } => {
            Doubt::Unsigned(text::said(&joined(&code, &sub_code), ""))
        }
        NotVerified::BadSignature | NotVerified::ForeignCertificate { .. } => Doubt::Forged,
    }
}

/// Whether we hold a token for another merchant than the one that the intent was opened for.
fn is_of_another(app: &App, intent: &Intent) -> bool {
    let seller = intent.payee.merchant.split_once('/').map(|(_, seller)| seller);
    app.app_auth_token.is_some() && seller != app.seller_id.as_deref()
}

/// A code and its sub-code as one: `40004/ACQ.SYSTEM_ERROR`, `10003`.
pub(super) fn joined(code: &str, sub_code: &str) -> String {
    if sub_code.is_empty() { code.to_owned() } else { format!("{code}/{sub_code}") }
}

pub(super) fn said(node: &Verified<Node>) -> ChannelCode {
    let message = node.sub_msg().or(node.msg()).unwrap_or_default();
    text::said(&key(node), message)
}

fn key(node: &Verified<Node>) -> String {
    joined(node.code().unwrap_or_default(), node.sub_code().unwrap_or_default())
}

/// A code that says how the call went, before any table.
pub(super) enum Told {
    /// `10000`, and nothing that contradicts it.
    Success,
    /// `10003`
    InProcess,
    /// `40004`: the business sub-code decides.
    Business,
    /// Any other: the gateway's own table decides.
    Gateway,
}

pub(super) fn told(node: &Verified<Node>) -> Result<Told, Doubt> {
    match (node.code().ok_or(Doubt::Incomplete("code"))?, node.sub_code()) {
        ("10000", None) => Ok(Told::Success),
        ("10003", _) => Ok(Told::InProcess),
        ("40004", _) => Ok(Told::Business),
        (_, _) => Ok(Told::Gateway),
    }
}

pub(super) fn business<M: Copy>(table: &[Entry<M>], node: &Verified<Node>) -> Option<M> {
    find(table, bare_sub_code(node.sub_code().unwrap_or_default()))
}

pub(super) fn gateway(node: &Verified<Node>) -> Option<GatewayMeaning> {
    find(GATEWAY, &key(node))
}

/// `code` decides, never `msg`, and an absent `sub_code` is no success: 10003 has none (alipay.md §3.2).
fn submit(node: &Verified<Node>, intent: &Intent) -> SubmitAnswer {
    let means = match told(node) {
        Err(doubt) => return SubmitAnswer::Unknown(doubt),
        Ok(Told::Success) => {
            return paid_at_once(node).map_or_else(SubmitAnswer::Unknown, SubmitAnswer::Paid);
        }
        Ok(Told::InProcess) => Some(SubmitMeaning::AwaitingPayer),
        Ok(Told::Business) => business(PAY, node),
        Ok(Told::Gateway) => gateway(node).map(GatewayMeaning::of_submit),
    };
    match about(node, intent) {
        Ok(()) => submit_answer(means, said(node)),
        Err(doubt) => SubmitAnswer::Unknown(doubt),
    }
}

/// The node's name is not signed, so a query's "waiting" could be put into a payment's answer: only a payment says when.
fn paid_at_once(node: &Verified<Node>) -> Result<PaidFacts, Doubt> {
    if node.trade_status().is_some_and(|status| find(TRADE_STATUS, status) != Some(QueryMeaning::Paid)) {
        return Err(Doubt::ChannelUnsure(said(node)));
    }
    facts(node, "gmt_payment", node.gmt_payment())
}

fn query(node: &Verified<Node>, intent: &Intent) -> QueryAnswer {
    let means = match told(node) {
        Err(doubt) => return QueryAnswer::Unknown(doubt),
        Ok(Told::Success) => return state(node, intent),
        Ok(Told::InProcess) => None,
        Ok(Told::Business) => business(QUERY, node),
        Ok(Told::Gateway) => gateway(node).map(GatewayMeaning::of_query),
    };
    match about(node, intent) {
        Ok(()) => query_answer(means, said(node), || Err(Doubt::Incomplete("trade_status"))),
        Err(doubt) => QueryAnswer::Unknown(doubt),
    }
}

fn state(node: &Verified<Node>, intent: &Intent) -> QueryAnswer {
    let Some(status) = node.trade_status() else {
        return QueryAnswer::Unknown(Doubt::Incomplete("trade_status"));
    };
    let means = find(TRADE_STATUS, status);
    // A state always names its order (alipay.md §3.3); what is paid names it in its facts, for the core to compare.
    let named = node.out_trade_no().map(drop).ok_or(Doubt::Incomplete("out_trade_no"));
    let ours =
        if means == Some(QueryMeaning::Paid) { named } else { named.and_then(|()| about(node, intent)) };
    match ours {
        Ok(()) => {
            let said = text::said(&joined("10000", status), node.msg().unwrap_or_default());
            query_answer(means, said, || facts(node, "send_pay_date", node.send_pay_date()))
        }
        Err(doubt) => QueryAnswer::Unknown(doubt),
    }
}

/// `retry_flag=Y` asks for another call whatever stands beside it; without it the action says what was done, and a
/// success without an action does not even say that the order was known (alipay.md §3.4, §6).
fn cancel(node: &Verified<Node>, intent: &Intent) -> ReverseAnswer {
    let told = match about(node, intent).and_then(|()| told(node)) {
        Ok(told) => told,
        Err(doubt) => return ReverseAnswer::Unknown(doubt),
    };
    match node.retry_flag() {
        Some("Y") => return ReverseAnswer::Again,
        Some("N") | None => {}
        Some(_) => return ReverseAnswer::Unknown(Doubt::Incomplete("retry_flag")),
    }
    let means = match told {
        Told::Success => return canceled(node),
        Told::InProcess => None,
        Told::Business => business(CANCEL, node),
        Told::Gateway => gateway(node).map(GatewayMeaning::of_cancel),
    };
    reverse_answer(means, said(node))
}

fn canceled(node: &Verified<Node>) -> ReverseAnswer {
    match (node.action(), node.retry_flag()) {
        (Some("close"), _) => ReverseAnswer::Reversed(ReversedHow::Closed),
        (Some("refund"), _) => ReverseAnswer::Reversed(ReversedHow::Refunded),
        (None, Some(_)) => ReverseAnswer::Reversed(ReversedHow::Unsaid),
        (None, None) => ReverseAnswer::Unknown(Doubt::Incomplete("retry_flag")),
        (Some(action), _) => {
            ReverseAnswer::Unknown(Doubt::Unlisted(text::said(&joined("10000", action), "")))
        }
    }
}

/// Whether an answer that says nothing of money is about this order, as far as it names one. No documented answer names
/// the merchant: it is the key that does.
pub(super) fn about(node: &Verified<Node>, intent: &Intent) -> Result<(), Doubt> {
    let ours = node.out_trade_no().is_none_or(|number| number == intent.channel_order_no.as_str());
    if ours { Ok(()) } else { Err(Doubt::Incomplete("out_trade_no")) }
}

/// What the channel says of the money, as it says it: whether that fits the intent is compared elsewhere.
fn facts(
    node: &Verified<Node>,
    when: &'static str,
    paid_at: Result<Option<i64>, BadField>,
) -> Result<PaidFacts, Doubt> {
    let text_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("total_amount", node.total_amount())?.filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or(Doubt::Incomplete("total_amount"))?;
    let paid_amount = fen("buyer_pay_amount", node.buyer_pay_amount())?.unwrap_or(amount);
    let discount_amount = Fen::new(amount.fen() - paid_amount.fen());
    let paid_at = paid_at.map_err(bad)?.ok_or(Doubt::Incomplete(when))?;
    let currency = node.field("trans_currency").and_then(|value| value.as_str());
    Ok(PaidFacts {
        channel_order_no: text_of("out_trade_no", node.out_trade_no())?,
        amount,
        currency: text_of("trans_currency", Some(currency.filter(|text| !text.is_empty()).unwrap_or("CNY")))?,
        payee: None,
        channel_transaction_no: text_of("trade_no", node.trade_no())?,
        paid_amount,
        discount_amount: discount_amount.map_err(|_| Doubt::Incomplete("buyer_pay_amount"))?,
        paid_at: Time(paid_at),
    })
}

pub(super) fn fen(field: &'static str, read: Result<Option<i64>, BadField>) -> Result<Option<Fen>, Doubt> {
    read.map_err(bad)?.map(Fen::new).transpose().map_err(|_| Doubt::Incomplete(field))
}

fn bad(error: BadField) -> Doubt {
    Doubt::Incomplete(error.field)
}
