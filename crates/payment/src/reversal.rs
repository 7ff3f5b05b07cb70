//! The reversal as a record of its own: why, how often, what the channel said, and what it turned out to be.

use crate::exchange::{CannotWhy, ReversedHow};
use crate::time::Time;

/// Why a payment is reversed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReversalReason {
    /// Nobody confirmed within the window.
    Deadline,
    /// The channel wants it reversed, or the payer refused.
    ChannelAsked,
    /// The till cancelled before the payment was decided.
    Canceled,
    /// The till demanded it of a paid payment, with its reason.
    Demanded(String),
    /// An order that should not be open was found open by the watch.
    LeftOpen,
    /// Money turned up after the till was told failed or reversed.
    LateMoney,
}

impl ReversalReason {
    /// The reason's word in the API.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            ReversalReason::Deadline => "result_unknown",
            ReversalReason::ChannelAsked => "channel_asked",
            ReversalReason::Canceled => "canceled",
            ReversalReason::Demanded(_) => "demanded",
            ReversalReason::LeftOpen => "left_open",
            ReversalReason::LateMoney => "late_money",
        }
    }
}

/// Where a reversal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReversalStatus {
    /// Wanted, and not yet confirmed.
    Pending,
    /// Confirmed.
    Done,
    /// The channel cannot.
    Failed,
}

impl ReversalStatus {
    /// The status's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ReversalStatus::Pending => "pending",
            ReversalStatus::Done => "done",
            ReversalStatus::Failed => "failed",
        }
    }
}

/// One reversal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reversal {
    /// Why.
    pub reason: ReversalReason,
    /// When it was decided.
    pub requested_at: Time,
    /// Reversal calls that left, or may have left.
    pub attempts: u32,
    /// Reversals and confirming queries without progress.
    pub tries: u32,
    /// When the first reversal call was asked.
    pub first_at: Option<Time>,
    /// What the channel said it did, if it said so.
    pub said: Option<ReversedHow>,
    /// Why the channel cannot, if it said so.
    pub cannot: Option<CannotWhy>,
    /// Where it stands.
    pub status: ReversalStatus,
    /// When a query confirmed it.
    pub confirmed_at: Option<Time>,
}

impl Reversal {
    /// A reversal that is decided and not yet asked.
    #[must_use]
    pub fn new(reason: ReversalReason, now: Time) -> Reversal {
        Reversal {
            reason,
            requested_at: now,
            attempts: 0,
            tries: 0,
            first_at: None,
            said: None,
            cannot: None,
            status: ReversalStatus::Pending,
            confirmed_at: None,
        }
    }

    /// Milliseconds since the first reversal call; 0 before it.
    #[must_use]
    pub fn age_ms(&self, now: Time) -> i64 {
        self.first_at.map_or(0, |first| now.since_ms(first))
    }
}
