//! One line of a payment's timeline.

use payment::time::Time;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::store::Event as Line;

use super::time;

/// One line of a payment's timeline (时间线).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Event {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    #[schema(value_type = EventKind)]
    kind: String,
    /// The line itself, by its kind: `phase`, `status`, `wake_at` of a state; `call`, `number` of a call; `call`, `number`,
    /// `says`, and what the channel said, of an answer; `count`, `first`, `last`, `says` of polls; `asked`, `words` of a door;
    /// `refund`, `refund_no`, `amount`, `phase`, `status`, `wake_at` of a refund.
    /// For people; fields may be added.
    #[schema(value_type = Object)]
    body: Map<String, Value>,
}

/// What kind of line: where the payment stands, a call that leaves, an answer, fruitless polls in one line, what somebody
/// asked for, or where a refund of it stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "rows keep the word; this is its schema")]
pub(in crate::api) enum EventKind {
    State,
    Call,
    Answer,
    Polls,
    Door,
    Refund,
}

/// One line of a timeline; moments inside it become readable as well.
pub(in crate::api) fn event(line: &Line) -> Event {
    let mut body: Map<String, Value> = serde_json::from_str(&line.body).unwrap_or_default();
    for name in ["wake_at", "first", "last"] {
        if let Some(ms) = body.get(name).and_then(Value::as_i64) {
            body.insert(name.to_owned(), json!(time(Time(ms))));
        }
    }
    Event { at: time(line.at), kind: line.kind.clone(), body }
}
