//! What can happen in the world of one payment, and how often.

use payment::exchange::{ChannelCode, Decline, DeclineReason};

/// What the channel's book says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Absent,
    Tombstone,
    Waiting,
    NotPaid,
    PayError,
    Paid,
    Closed,
    Refunded,
}

/// How many times each kind of trouble may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    pub(crate) crashes: u8,
    pub(crate) losses: u8,
    pub(crate) lies: u8,
    pub(crate) cancels: u8,
    pub(crate) demands: u8,
    pub(crate) differs: u8,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Move {
    /// Time goes on to the next wake.
    Wake,
    /// The call that is out is answered.
    Answered(Reply),
    /// The call that is out is never answered; whether it arrived.
    Lost {
        arrived: bool,
    },
    /// The submit hangs on its way and may arrive later.
    Hangs,
    /// The hanging submit arrives; its answer goes nowhere, or comes late.
    Arrives {
        answered: bool,
    },
    /// A late answer to the submit comes in.
    LateAnswer,
    Confirms,
    Refuses,
    DialogEnds,
    Crash,
    Cancels,
    Demands,
    /// A decline is charged behind the merchant's back.
    ChargesDeclined,
}

/// What the channel says to the call that is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reply {
    PaysAtOnce,
    AsksPayer,
    Declines,
    DeclinesAsk,
    UnsureCharged,
    UnsureNothing,
    NotSent,
    Truth,
    SaysNotFound,
    SaysUnsure,
    SaysOtherAmount,
    Again,
    YesDoesNothing,
    Cannot,
}

/// What the payer's bank says; where a submit is only accepted, as at ACP and ICBC, in answer to a query.
pub(crate) fn decline() -> Decline {
    Decline { reason: DeclineReason::InsufficientFunds, channel: ChannelCode::default() }
}
