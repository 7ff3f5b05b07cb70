//! A reversal, inside its payment and as a record of its own.

use payment::exchange::ReversedHow;
use payment::ids::print_id;
use payment::reversal::Reversal as Machine;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::store::ReversalRow;

use super::only;
use super::time;
use super::words::{ChannelWord, ReversalReasonWord, ReversalStatusWord};

const REVERSAL: &str = "reversal";

fn reversal_word() -> Object {
    only(REVERSAL)
}

/// The reversal of a payment (撤销、冲正): the order is closed, or the whole amount is given back.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PaymentReversal {
    /// Its identity: `rev_` and 26 characters.
    #[schema(pattern = "^rev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: Option<String>,
    status: ReversalStatusWord,
    /// What it turned out to be, or null where the channel does not say, and until it is confirmed.
    outcome: Option<ReversalOutcome>,
    reason: ReversalReasonWord,
    /// Reversal calls that left, or may have left.
    attempts: u32,
    /// When it was decided.
    #[schema(format = DateTime)]
    requested_at: String,
    /// When a query confirmed it, or null.
    #[schema(format = DateTime)]
    confirmed_at: Option<String>,
}

/// `closed`: the order was unpaid and is closed. `refunded`: it was paid and the whole amount is given back.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum ReversalOutcome {
    Closed,
    Refunded,
}

/// A reversal as a record of its own.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Reversal {
    #[schema(schema_with = reversal_word)]
    object: &'static str,
    /// Its identity: `rev_` and 26 characters.
    #[schema(pattern = "^rev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    /// The payment that is reversed.
    #[schema(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    payment: String,
    /// The payment's sale.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    order_no: String,
    /// The whole amount, in fen: a reversal is never partial.
    #[schema(minimum = 1, maximum = 100_000_000)]
    amount: i64,
    channel: ChannelWord,
    status: ReversalStatusWord,
    /// What it turned out to be, or null where the channel does not say, and until it is confirmed.
    outcome: Option<ReversalOutcome>,
    reason: ReversalReasonWord,
    /// Reversal calls that left, or may have left.
    attempts: u32,
    /// When it was decided.
    #[schema(format = DateTime)]
    requested_at: String,
    /// When a query confirmed it, or null.
    #[schema(format = DateTime)]
    confirmed_at: Option<String>,
}

pub(super) fn payment_reversal(reversal: &Machine, id: Option<u128>) -> PaymentReversal {
    PaymentReversal {
        id: id.map(|id| print_id(id, "rev_")),
        status: ReversalStatusWord::from(&reversal.status),
        outcome: outcome(reversal),
        reason: ReversalReasonWord::from(&reversal.reason),
        attempts: reversal.attempts,
        requested_at: time(reversal.requested_at),
        confirmed_at: reversal.confirmed_at.map(time),
    }
}

/// What the reversal turned out to be, once confirmed and where the channel says it.
fn outcome(reversal: &Machine) -> Option<ReversalOutcome> {
    reversal.confirmed_at?;
    match reversal.said {
        Some(ReversedHow::Closed) => Some(ReversalOutcome::Closed),
        Some(ReversedHow::Refunded) => Some(ReversalOutcome::Refunded),
        Some(ReversedHow::Unsaid) | None => None,
    }
}

/// A reversal as a record of its own.
pub(in crate::api) fn reversal(row: &ReversalRow) -> Reversal {
    let PaymentReversal { id: _, status, outcome, reason, attempts, requested_at, confirmed_at } =
        payment_reversal(&row.reversal, None);
    Reversal {
        object: REVERSAL,
        id: print_id(row.id, "rev_"),
        payment: row.payment_id.to_string(),
        order_no: row.order_no.as_str().to_owned(),
        amount: row.amount.fen(),
        channel: ChannelWord::from(&row.channel),
        status,
        outcome,
        reason,
        attempts,
        requested_at,
        confirmed_at,
    }
}
