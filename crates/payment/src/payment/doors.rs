//! What a merchant or an operator may ask of a payment, and why it can be refused.

use crate::exchange::{Call, DeclineReason};
use crate::planted::{Bug, on};
use crate::reversal::{Reversal, ReversalReason, ReversalStatus};
use crate::time::Time;
use crate::watch::{Plan, Watch};

use super::paying::ours;
use super::{Notice, Payment, Phase, Step};

/// Why a door stays shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is paid: only a reversal with a reason undoes it.
    #[error("the payment is paid; send if_paid: \"reverse\" with a reason, or refund it")]
    Paid,
    /// The channel's window for reversals is over.
    #[error("the channel's window for reversals is over; refund it instead")]
    WindowOver,
    /// The channel has refused to reverse it.
    #[error("the channel refused to reverse it; refund it instead")]
    ChannelRefused,
    /// Part of it was refunded, or is about to be.
    #[error("a part of it was refunded, or a refund is under way; refund the rest instead")]
    Refunded,
    /// Only suspended payments are settled by a person.
    #[error(
        "only a suspended payment is settled by a person; the engine is still deciding this one, or has decided it"
    )]
    NotSuspended,
    /// The case of a decided payment is settled as what it is.
    #[error(
        "the payment is decided; settle its case as the outcome that it has, and refund it if money must go back"
    )]
    Decided,
    /// A reversal is out; its answer comes first.
    #[error("a reversal is out; wait for its answer, a few seconds, and settle again")]
    ReverseOut,
}

/// A person's word on a suspended payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// The money is taken and stays.
    Paid,
    /// No money was taken.
    Failed,
    /// The money was given back.
    Reversed,
}

impl Payment {
    /// The till cancels: an undecided payment will not become paid any more. A final one that is not paid stays as it is.
    pub fn cancel(mut self, now: Time) -> Result<Step, Refused> {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        let step = match self.phase {
            Phase::Opened => self.fail(ours(DeclineReason::Canceled), None),
            Phase::AwaitingPayer { .. } => {
                self.cancel_asked = true;
                Step { durable: true, ..self.look_last(now) }
            }
            Phase::Submitting | Phase::LastLook | Phase::Suspended { .. } if !self.told_paid => {
                let changed = !self.cancel_asked;
                self.cancel_asked = true;
                Step { durable: changed, ..self.keep() }
            }
            Phase::Paid if on(Bug::B9) => return self.demanded(now, "planted".to_owned()),
            Phase::Paid => return Err(Refused::Paid),
            Phase::Submitting
            | Phase::LastLook
            | Phase::Suspended { .. }
            | Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Refunding => {
                if self.told_paid {
                    return Err(Refused::Paid);
                }
                self.keep()
            }
            Phase::Failed | Phase::Reversed => self.keep(),
        };
        step.payment.assert_sound();
        Ok(step)
    }

    /// The till demands that a paid payment is reversed; an undecided one is cancelled.
    pub fn request_reversal(mut self, now: Time, reason: String) -> Result<Step, Refused> {
        let now = now.max(self.updated_at);
        match self.phase {
            Phase::Paid => {
                self.updated_at = now;
                self.demanded(now, reason)
            }
            Phase::Reversing | Phase::Confirming { .. } | Phase::Suspended { .. } if self.told_paid => {
                Ok(self.keep())
            }
            Phase::Opened
            | Phase::Submitting
            | Phase::AwaitingPayer { .. }
            | Phase::LastLook
            | Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Refunding
            | Phase::Failed
            | Phase::Reversed
            | Phase::Suspended { .. } => self.cancel(now),
        }
    }

    fn demanded(mut self, now: Time, reason: String) -> Result<Step, Refused> {
        if self.reversal.as_ref().is_some_and(|reversal| reversal.status == ReversalStatus::Failed) {
            return Err(Refused::ChannelRefused);
        }
        if self.refunds.any() && !on(Bug::B24) {
            return Err(Refused::Refunded);
        }
        let paid_at = self.paid.as_ref().map_or(self.intent.opened_at, |facts| facts.paid_at);
        if now >= self.patience().reversible_until(paid_at) {
            return Err(Refused::WindowOver);
        }
        self.phase = Phase::Reversing;
        self.reversal = Some(Reversal::new(ReversalReason::Demanded(reason), now));
        let step = self.ask_reverse(now);
        step.payment.assert_sound();
        Ok(step)
    }

    /// A person settles a suspended payment, or the case of a decided one, with evidence that the caller keeps.
    pub fn settle(mut self, now: Time, settlement: Settlement) -> Result<Step, Refused> {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        if self.is_final() && self.case.is_some() {
            return self.settle_decided(settlement);
        }
        if !matches!(self.phase, Phase::Suspended { .. }) {
            return Err(Refused::NotSuspended);
        }
        if self.out.is_some_and(|out| out.call == Call::Reverse) {
            return Err(Refused::ReverseOut);
        }
        self.out = None;
        let reverse_left = self.reversal.as_ref().is_some_and(|reversal| reversal.attempts > 0);
        let mut notices = Vec::new();
        self.close_case(&mut notices);
        let mut step = match settlement {
            Settlement::Failed => self.fail(ours(DeclineReason::Settled), Some(Plan::Full)),
            Settlement::Reversed => self.reversed(now, None, Plan::Full),
            Settlement::Paid => self.settled_paid(reverse_left),
        };
        step.notices.append(&mut notices);
        step.payment.assert_sound();
        Ok(step)
    }

    /// The case of a payment that is decided: a person has seen it, and says the same outcome.
    fn settle_decided(mut self, settlement: Settlement) -> Result<Step, Refused> {
        let same = match self.phase {
            Phase::Paid => settlement == Settlement::Paid,
            Phase::Failed => settlement == Settlement::Failed,
            Phase::Reversed => settlement == Settlement::Reversed,
            Phase::Opened
            | Phase::Submitting
            | Phase::AwaitingPayer { .. }
            | Phase::LastLook
            | Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Refunding
            | Phase::Suspended { .. } => false,
        };
        if !same {
            return Err(Refused::Decided);
        }
        let mut notices = Vec::new();
        self.close_case(&mut notices);
        Ok(Step { notices, ..self.changed() })
    }

    fn settled_paid(mut self, reverse_left: bool) -> Step {
        self.phase = Phase::Paid;
        self.wake = None;
        self.told_paid = true;
        if let Some(reversal) = &mut self.reversal {
            reversal.status = ReversalStatus::Failed;
        }
        let watch = reverse_left.then(|| Watch::begin(&self, self.updated_at, Plan::Full));
        Step { notices: vec![Notice::Paid], watch, ..self.changed() }
    }
}
