//! How a payment, a reversal, a case and a timeline look in the API.

use payment::exchange::ReversedHow;
use payment::ids::print_id;
use payment::payment::{Payment, Phase, Status};
use payment::reversal::Reversal;
use payment::time::Time;
use serde_json::{Value, json};

use crate::store::{CaseRow, Event, PaymentRow, ReversalRow};

/// RFC 3339 in UTC, with milliseconds.
pub(super) fn time(at: Time) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{timestamp:.3}")
}

/// The Shanghai date of a moment.
fn shanghai_date(at: Time) -> String {
    const SHANGHAI_SECONDS: i32 = 8 * 3600;
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let offset = jiff::tz::Offset::from_seconds(SHANGHAI_SECONDS).unwrap_or(jiff::tz::Offset::UTC);
    offset.to_datetime(timestamp).date().to_string()
}

/// A payment; `attempts` are all of its sale's, itself among them.
pub(super) fn payment(row: &PaymentRow, attempts: &[PaymentRow]) -> Value {
    let payment = &row.payment;
    let intent = &payment.intent;
    let paid = payment.paid.as_ref().filter(|_| payment.told_paid);
    let attempts: Vec<Value> = if attempts.is_empty() {
        vec![attempt(row)]
    } else {
        // The row at hand may be newer than the store's.
        attempts
            .iter()
            .map(|a| if a.payment.intent.id == intent.id { attempt(row) } else { attempt(a) })
            .collect()
    };
    json!({
        "object": "payment",
        "id": intent.id.to_string(),
        "version": row.version,
        "order_no": intent.order_no.as_str(),
        "attempt": intent.attempt,
        "attempts": attempts,
        "amount": intent.amount.fen(),
        "amount_refunded": 0,
        "currency": "CNY",
        "status": payment.status().word(),
        "channel": intent.channel.word(),
        "wallet": row.wallet.word(),
        "account": intent.account,
        "code_masked": row.code_masked,
        "channel_order_no": intent.channel_order_no.as_str(),
        "channel_transaction_no": paid.map(|facts| facts.channel_transaction_no.clone()),
        "paid_amount": paid.map(|facts| facts.paid_amount.fen()),
        "discount_amount": paid.map(|facts| facts.discount_amount.fen()),
        "paid_at": paid.map(|facts| time(facts.paid_at)),
        "accounting_date": paid.map(|facts| shanghai_date(facts.paid_at)),
        "failure": failure(payment),
        "next_action": next_action(payment),
        "reversal": payment.reversal.as_ref().map(|reversal| reversal_part(reversal, row.reversal_id)),
        "case": row.case_id.map(|id| print_id(id, "case_")),
        "can": can(payment),
        "outlet": row.sale.outlet,
        "terminal": row.sale.terminal,
        "operator": row.sale.operator,
        "description": row.sale.description,
        "metadata": metadata(row),
        "created_at": time(intent.opened_at),
    })
}

fn metadata(row: &PaymentRow) -> Value {
    row.sale.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

fn attempt(row: &PaymentRow) -> Value {
    json!({ "id": row.payment.intent.id.to_string(), "status": row.payment.status().word() })
}

fn failure(payment: &Payment) -> Value {
    let Some(decline) = payment.failure.as_ref().filter(|_| payment.phase == Phase::Failed) else {
        return Value::Null;
    };
    json!({
        "code": decline.reason.word(),
        "message": crate::words::decline(decline.reason),
        "advice": decline.reason.advice().word(),
        "channel_code": text_or_null(&decline.channel.code),
        "channel_message": text_or_null(&decline.channel.message),
    })
}

fn text_or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

fn next_action(payment: &Payment) -> Value {
    if payment.status() != Status::Processing {
        return Value::Null;
    }
    let (kind, message) = match payment.phase {
        Phase::AwaitingPayer { .. } if payment.polls.typing_seen && !payment.cancel_asked => {
            ("customer_confirmation", "请顾客在手机上确认支付 / ask the customer to confirm on the phone")
        }
        Phase::Reversing | Phase::Confirming { .. } => {
            ("reversing", "正在撤销, 请勿重复收款 / it is being reversed; do not charge again until it is")
        }
        Phase::Opened
        | Phase::Submitting
        | Phase::AwaitingPayer { .. }
        | Phase::LastLook
        | Phase::Paid
        | Phase::Failed
        | Phase::Reversed
        | Phase::Suspended { .. } => (
            "checking",
            "结果未知, 正在核实, 请勿重复收款 / the result is being checked; do not charge again",
        ),
    };
    let deadline = match payment.phase {
        Phase::AwaitingPayer { deadline, .. } => Some(time(deadline)),
        Phase::Opened
        | Phase::Submitting
        | Phase::LastLook
        | Phase::Reversing
        | Phase::Confirming { .. }
        | Phase::Paid
        | Phase::Failed
        | Phase::Reversed
        | Phase::Suspended { .. } => None,
    };
    json!({
        "type": kind,
        "message": message,
        "poll_after_ms": 1000,
        "at": payment.wake.map(time),
        "deadline": deadline,
    })
}

fn reversal_part(reversal: &Reversal, id: Option<u128>) -> Value {
    json!({
        "id": id.map(|id| print_id(id, "rev_")),
        "status": reversal.status.word(),
        "outcome": outcome(reversal),
        "reason": reversal.reason.word(),
        "attempts": reversal.attempts,
        "requested_at": time(reversal.requested_at),
        "confirmed_at": reversal.confirmed_at.map(time),
    })
}

/// What the reversal turned out to be, once confirmed and where the channel says it.
fn outcome(reversal: &Reversal) -> Option<&'static str> {
    reversal.confirmed_at?;
    match reversal.said {
        Some(ReversedHow::Closed) => Some("closed"),
        Some(ReversedHow::Refunded) => Some("refunded"),
        Some(ReversedHow::Unsaid) | None => None,
    }
}

fn can(payment: &Payment) -> Value {
    let undecided = matches!(payment.status(), Status::Processing | Status::Suspended);
    let reverse_until = payment
        .paid
        .as_ref()
        .filter(|_| payment.phase == Phase::Paid)
        .map(|facts| time(payment.intent.channel.patience().reversible_until(facts.paid_at)));
    json!({
        "cancel": undecided,
        "reverse_until": reverse_until,
        "refund_until": Value::Null,
        "refundable_amount": 0,
    })
}

/// A reversal as a record of its own.
pub(super) fn reversal(row: &ReversalRow) -> Value {
    let mut body = reversal_part(&row.reversal, Some(row.id));
    body["object"] = json!("reversal");
    body["payment"] = json!(row.payment_id.to_string());
    body["order_no"] = json!(row.order_no.as_str());
    body["amount"] = json!(row.amount.fen());
    body["channel"] = json!(row.channel.word());
    body
}

/// A case.
pub(super) fn case(row: &CaseRow) -> Value {
    let settlement: Value =
        row.settlement.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    json!({
        "object": "case",
        "id": print_id(row.id, "case_"),
        "payment": row.payment_id.to_string(),
        "kind": row.kind,
        "status": if row.closed_at.is_some() { "closed" } else { "open" },
        "message": crate::words::case(&row.kind),
        "opened_at": time(row.opened_at),
        "closed_at": row.closed_at.map(time),
        "settlement": settlement,
    })
}

/// One line of a timeline; moments inside it become readable as well.
pub(super) fn event(event: &Event) -> Value {
    let mut body: Value = serde_json::from_str(&event.body).unwrap_or(Value::Null);
    if let Some(object) = body.as_object_mut() {
        for name in ["wake_at", "first", "last"] {
            if let Some(ms) = object.get(name).and_then(Value::as_i64) {
                object.insert(name.to_owned(), json!(time(Time(ms))));
            }
        }
    }
    json!({ "at": time(event.at), "kind": event.kind, "body": body })
}

/// A page.
pub(super) fn list(data: Vec<Value>, has_more: bool, next_cursor: Option<String>) -> Value {
    json!({
        "object": "list",
        "data": data,
        "has_more": has_more,
        "next_cursor": next_cursor.filter(|_| has_more),
    })
}
