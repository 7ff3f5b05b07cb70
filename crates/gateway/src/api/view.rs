//! How the bodies of answers look: each a type of its own, from which the answer and its schema are both made.
//!
//! Every field is always there; what is not known is null.

mod case;
mod channel;
mod event;
mod payment;
mod refund;
mod reversal;
mod system;
mod words;

use ::payment::time::Time;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

pub(super) use case::{Case, CaseStatus, SettledCase, SettlementOutcome, case, settled_case};
pub(super) use channel::{ChannelAccount, InspectedCode, channel_account, inspected_code};
pub(super) use event::{Event, event};
pub(super) use payment::{CURRENCY, OrderCancellation, Payment, order_cancellation, payment};
pub(super) use refund::{Refund, refund};
pub(super) use reversal::{Reversal, reversal};
pub(super) use system::{Health, HealthStatus, Readiness, ReadyAccount, ReadyStatus, StoreStatus};
pub(super) use words::{ChannelWord, IntakeWord, RefundStatusWord, StatusWord};

const LIST: &str = "list";

fn list_word() -> Object {
    only(LIST)
}

/// The schema of a field that has one value.
fn only(word: &str) -> Object {
    let description = format!("Always `{word}`.");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([word]))
        .description(Some(description))
        .build()
}

/// RFC 3339 in UTC, with milliseconds.
pub(super) fn time(at: Time) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{timestamp:.3}")
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    #[schema(schema_with = list_word)]
    object: &'static str,
    /// The rows of this page.
    data: Vec<T>,
    /// Whether there are more behind them.
    has_more: bool,
    /// What to send as `starting_after` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A page.
pub(super) fn list<T>(data: Vec<T>, has_more: bool, next_cursor: Option<String>) -> List<T> {
    List { object: LIST, data, has_more, next_cursor: next_cursor.filter(|_| has_more) }
}
