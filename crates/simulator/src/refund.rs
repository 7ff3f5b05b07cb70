//! Refunds in the ledger: what was asked back of an order, under which number, and how it stands.
//!
//! In neutral words, like the rest of the ledger: the channel files say what a refund is called on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::book::{Order, State};

/// One refund that the channel took up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refund {
    /// The merchant's number of the refund.
    pub(crate) number: String,
    /// The channel's own number of it.
    pub(crate) refund_no: String,
    /// What was asked back, fen.
    pub(crate) amount: i64,
    /// The part of it that is the payer's own money, fen; the rest is the coupon's.
    pub(crate) own: i64,
    /// How it stands.
    pub(crate) state: RefundState,
    /// How it ends, once it does.
    pub(crate) fate: RefundState,
    /// When it was taken up, unix ms.
    pub(crate) made_ms: i64,
    /// When it ended, or will, unix ms.
    pub(crate) ends_ms: i64,
    /// What the channel must echo.
    pub(crate) facts: BTreeMap<String, String>,
}

/// What a refund is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RefundName {
    /// By the merchant.
    Merchants(String),
    /// By the channel.
    Channels(String),
}

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RefundState {
    /// Taken up, not yet over.
    Pending,
    /// The money is with the payer.
    Done,
    /// Over, and nothing was given back; its amount is free again.
    Closed,
    /// The money could not be delivered: the merchant has to act. Its amount stays taken.
    Abnormal,
}

/// What a refund request asks for, in neutral words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefundAsk {
    /// The merchant's number of the refund.
    pub(crate) number: String,
    /// The number that the channel gives the refund if it takes it up.
    pub(crate) refund_no: String,
    /// What is asked back, fen.
    pub(crate) amount: i64,
    /// The channel's rules.
    pub(crate) rules: RefundRules,
    /// What the channel must echo.
    pub(crate) facts: BTreeMap<String, String>,
}

/// What a channel's sheet says about refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefundRules {
    /// So many refunds of one order are taken up at most.
    pub(crate) parts_max: usize,
    /// So long after the payment refunds are taken up, ms.
    pub(crate) window_ms: i64,
    /// Between two refunds of one order so long must pass, ms, where the dial says that the rule holds.
    pub(crate) pause_ms: i64,
    /// What the number of a refund that came to nothing is good for.
    pub(crate) failed: Failed,
}

/// What the number of a refund that was taken up and came to nothing is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failed {
    /// Nothing any more: it stays that refund's number.
    Spent,
    /// The same request is a new try.
    TriesAgain,
}

/// How a request to give money back came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refunded {
    /// Given back.
    Done,
    /// Taken up.
    Pending,
    /// The number's refund was taken up before, for the same amount: this is how it stands.
    Repeated(RefundState),
    /// The number's refund was taken up before, for another amount.
    OtherFacts,
    /// No order was ever seen under the order number.
    Unseen,
    /// The order does not stand as paid, but so.
    NotPaid(State),
    /// The whole amount was asked back before.
    NothingLeft,
    /// More than what is left.
    TooMuch,
    /// The order has as many refunds as it may have.
    TooMany,
    /// Too soon after the refund before.
    TooSoon,
    /// The payment is too old.
    WindowOver,
    /// The merchant's funds are short.
    FundsShort,
    /// The payer's account is closed.
    PayerGone,
}

/// How the refunds of an order under a script go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Course {
    /// At once.
    #[default]
    AtOnce,
    /// Each is pending for so long, ms.
    Slow { after_ms: i64 },
    /// The merchant has no funds until so long after the first request, ms.
    FundsLate { after_ms: i64 },
    /// The payer's account is closed.
    PayerGone,
}

impl Refund {
    /// Whether its amount is taken from what can still be asked back.
    pub(crate) fn counts(&self) -> bool {
        self.state != RefundState::Closed
    }

    /// How it stood at a moment; `None` before it was taken up.
    fn at(&self, at_ms: i64) -> Option<Self> {
        let state = if self.ends_ms > at_ms { RefundState::Pending } else { self.state };
        (self.made_ms <= at_ms).then(|| Self { state, ..self.clone() })
    }
}

impl Order {
    /// The refund under a number of the merchant.
    pub(crate) fn refund(&self, number: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.number == number)
    }

    /// What was given back by refunds, of the order's amount, fen.
    pub(crate) fn given_back(&self) -> i64 {
        let done = |refund: &&Refund| refund.state == RefundState::Done;
        self.refunds.iter().filter(done).map(|refund| refund.amount).sum()
    }

    /// What can still be asked back under a number: all of the order's amount (fen) that other refunds have not taken, and
    /// the part of it that is the payer's own money.
    pub(crate) fn rest(&self, number: &str) -> (i64, i64) {
        let others = self.refunds.iter().filter(|refund| refund.number != number && refund.counts());
        others.fold((self.amount, self.charged), |(all, own), other| (all - other.amount, own - other.own))
    }

    /// A refund is taken up.
    pub(crate) fn take_up(&mut self, refund: Refund) {
        self.refunds.retain(|other| other.number != refund.number);
        if refund.state == RefundState::Done {
            self.returned += refund.own;
        }
        self.refunds.push(refund);
    }

    /// The refunds that are due by a moment end.
    pub(crate) fn end_refunds(&mut self, now_ms: i64) {
        let due = |refund: &&mut Refund| refund.state == RefundState::Pending && refund.ends_ms <= now_ms;
        for refund in self.refunds.iter_mut().filter(due) {
            refund.state = refund.fate;
            if refund.state == RefundState::Done {
                self.returned += refund.own;
            }
        }
    }

    /// The refunds as they stood at a moment.
    pub(crate) fn refunds_at(&self, at_ms: i64) -> Vec<Refund> {
        self.refunds.iter().filter_map(|refund| refund.at(at_ms)).collect()
    }
}
