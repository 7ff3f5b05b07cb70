//! A refund, as a record of its own.

use payment::ids::print_id;
use payment::refund::Refund as Machine;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::store::RefundRow;

use super::only;
use super::time;
use super::words::{ChannelWord, RefundAdviceWord, RefundFailureCode, RefundStatusWord};

const REFUND: &str = "refund";

fn refund_word() -> Object {
    only(REFUND)
}

/// A refund (退款单): a part, or all, of what was paid goes back, once. Amounts are integer fen (分), times RFC 3339 in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Refund {
    #[schema(schema_with = refund_word)]
    object: &'static str,
    /// Its identity: `ref_` and 26 characters.
    #[schema(pattern = "^ref_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    /// Counts its durable states from 1.
    #[schema(minimum = 1)]
    version: i64,
    /// The merchant's number; one number is one refund. A refund of late money, which the gateway wants by itself, has `late:` and
    /// the channel order number.
    refund_no: String,
    /// The payment that is refunded.
    #[schema(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    payment: String,
    /// The payment's sale.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    order_no: String,
    /// What goes back, in fen.
    #[schema(minimum = 1, maximum = 100_000_000)]
    amount: i64,
    channel: ChannelWord,
    status: RefundStatusWord,
    /// Why, as it came, or null.
    reason: Option<String>,
    /// Our number of it at the channel (out_refund_no, out_request_no); the same in every repeat.
    #[schema(pattern = "^[A-Z0-9]{6,32}$")]
    channel_refund_no: String,
    /// The channel's own number of it, or null where it has none, and until it is known.
    channel_transaction_no: Option<String>,
    /// Why the channel refused it; also while it is pending, if it is asked for again.
    failure: Option<RefundFailure>,
    /// Requests that left, or may have left, all under the same number.
    requests: u32,
    /// The id of its open case, or null.
    #[schema(pattern = "^case_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    case: Option<String>,
    /// When the gateway next acts by itself; null when it is over.
    #[schema(format = DateTime)]
    next_at: Option<String>,
    /// When it was opened.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it ended, or null.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

/// Why a refund was refused, and what can be done.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RefundFailure {
    code: RefundFailureCode,
    /// For people, Chinese and English.
    message: String,
    advice: RefundAdviceWord,
    /// The channel's own code, or null.
    channel_code: Option<String>,
    /// The channel's own text, or null.
    channel_message: Option<String>,
}

/// A refund.
pub(in crate::api) fn refund(row: &RefundRow) -> Refund {
    let refund = &row.refund;
    let intent = &refund.intent;
    let payment = &intent.payment;
    Refund {
        object: REFUND,
        id: intent.id.to_string(),
        version: row.version,
        refund_no: intent.refund_no.as_str().to_owned(),
        payment: payment.id.to_string(),
        order_no: payment.order_no.as_str().to_owned(),
        amount: intent.amount.fen(),
        channel: ChannelWord::from(&payment.channel),
        status: RefundStatusWord::from(&refund.status()),
        reason: intent.reason.clone(),
        channel_refund_no: intent.channel_refund_no.as_str().to_owned(),
        channel_transaction_no: refund.done.as_ref().and_then(|facts| said(&facts.channel_transaction_no)),
        failure: failure(refund),
        requests: refund.requests,
        case: row.case_id.map(|id| print_id(id, "case_")),
        next_at: refund.wake.map(time),
        created_at: time(intent.opened_at),
        ended_at: refund.ended_at.map(time),
    }
}

fn failure(refund: &Machine) -> Option<RefundFailure> {
    let refusal = refund.refused.as_ref()?;
    Some(RefundFailure {
        code: RefundFailureCode::from(&refusal.reason),
        message: crate::words::refund_refusal(refusal.reason).to_owned(),
        advice: RefundAdviceWord::from(&refusal.reason.advice()),
        channel_code: said(&refusal.channel.code),
        channel_message: said(&refusal.channel.message),
    })
}

fn said(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}
