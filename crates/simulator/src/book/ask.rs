//! A pay request in neutral words, with what its channel's sheet says about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a pay request asks for, in neutral words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// Order amount, fen.
    pub(crate) amount: i64,
    /// The payment code.
    pub(crate) code: String,
    /// The number that the channel gives the order if it opens it.
    pub(crate) transaction_no: String,
    /// When an unpaid order dies, unix ms.
    pub(crate) expires_ms: Option<i64>,
    /// How long an unpaid order lives from when it is opened, ms.
    #[serde(default)]
    pub(crate) life_ms: Option<i64>,
    /// How long the channel keeps a dialog open, ms.
    pub(crate) dialog_ms: Option<i64>,
    /// What is looked at first.
    pub(crate) check: Check,
    /// What is left of it when it fails.
    #[serde(default)]
    pub(crate) failure: Failure,
    /// What the channel must echo, under its own names; `subject` takes part in the comparison of a repeat.
    pub(crate) facts: BTreeMap<String, String>,
}

/// The order in which a channel looks at a pay request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Check {
    /// The code first, and a known number is refused.
    CodeFirst,
    /// The number first, and the same request on an open order goes on.
    NumberFirst,
    /// The number first, and a known number is refused.
    NumberOnce,
}

/// What a request leaves that fails for the payer's reasons: funds, limits, risk, card, account. A refused merchant never
/// leaves an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failure {
    /// Nothing.
    #[default]
    NoOrder,
    /// An order that nobody can pay any more; nothing of a refused code.
    Order,
    /// An order that is over at once, of a refused code too.
    DeadOrder,
}
