//! A refund in a reversal's place: what is paid, must go back, and can no longer be reversed.
//!
//! The window ends by the channel's own time of the payment, or when the channel says so. The order of methods is reverse,
//! refund, a person; the method changes when the window ends, and for long windows an hour before.

use crate::exchange::{CannotWhy, ClosedHow, PaidFacts, QueryAnswer};
use crate::patience::{QUERY_LIMIT_MS, undo_gap_ms};
use crate::reversal::ReversalStatus;
use crate::time::{HOUR_MS, Time};
use crate::watch::{Plan, Watch};

use super::{CaseKind, Notice, Payment, Phase, Step};

impl Payment {
    /// When reversing ends, as far as the payment's time is known.
    pub(super) fn window_end(&self) -> Time {
        let paid_at = self.paid.as_ref().map_or(self.intent.opened_at, |facts| facts.paid_at);
        self.patience().reversible_until(paid_at)
    }

    /// From when money that `facts` tell of can no longer be reversed.
    pub(super) fn irreversible_from(&self, facts: &PaidFacts) -> Time {
        self.patience().reversible_until(facts.paid_at)
    }

    /// Whether what `facts` tell of can be reversed now and no longer at the next try.
    pub(super) fn ends_before_the_next_try(&self, now: Time, facts: &PaidFacts) -> bool {
        let tries = self.reversal.as_ref().map_or(0, |reversal| reversal.tries);
        let age_ms = self.reversal.as_ref().map_or(0, |reversal| reversal.age_ms(now));
        let end = self.irreversible_from(facts);
        now < end && end <= now.plus_ms(undo_gap_ms(tries + 1, age_ms))
    }

    /// Whether money that `facts` tell of has to go back and can only be refunded. What a refund failed to give back is a
    /// person's.
    pub(super) fn only_a_refund_helps(&self, now: Time, facts: &PaidFacts) -> bool {
        let Some(reversal) = &self.reversal else { return false };
        let over = now >= self.irreversible_from(facts);
        let open = self.case != Some(CaseKind::RefundAbnormal) && !self.refunds.any();
        open && (over || reversal.cannot == Some(CannotWhy::Window))
    }

    /// The reversal ends unfinished, and a refund of the whole amount begins. A person hears of it; the case closes by itself
    /// once the money is given back.
    pub(super) fn refund_instead(mut self, now: Time, facts: PaidFacts) -> Step {
        if let Some(reversal) = &mut self.reversal {
            reversal.cannot = Some(CannotWhy::Window);
            reversal.status = ReversalStatus::Failed;
        }
        self.out = None;
        let mut notices = Vec::new();
        self.open_case(CaseKind::ReversalRefused, &mut notices);
        if self.told_paid {
            return self.refund_what_was_told_paid(now, facts, notices);
        }
        self.phase = Phase::Refunding;
        self.wake = Some(now.plus_ms(HOUR_MS));
        Step { notices, refund: Some(facts), ..self.changed() }
    }

    /// The till demanded the reversal of what it knows as paid: it stays paid, and is refunded like any paid payment.
    fn refund_what_was_told_paid(mut self, now: Time, facts: PaidFacts, mut notices: Vec<Notice>) -> Step {
        self.phase = Phase::Paid;
        self.wake = None;
        notices.push(Notice::Paid);
        self.refunds.reserved += facts.amount.fen();
        self.refunds.parts += 1;
        self.refunds.next_at = Some(now.plus_ms(self.patience().refunds.gap_ms));
        let watch = Some(Watch::begin(&self, now, Plan::Full));
        Step { notices, watch, refund: Some(facts), ..self.changed() }
    }

    /// The refund that took the reversal's place has ended.
    #[must_use]
    pub fn refunded_instead(mut self, now: Time, given_back: bool) -> Step {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        let step = match self.phase {
            Phase::Refunding if given_back => self.reversed(now, Some(ClosedHow::Refunded), Plan::Closed),
            Phase::Refunding => {
                let mut notices = Vec::new();
                self.close_case(&mut notices);
                let mut step = self.suspend(now, CaseKind::RefundAbnormal);
                step.notices.splice(0..0, notices);
                step
            }
            Phase::Opened
            | Phase::Submitting
            | Phase::AwaitingPayer { .. }
            | Phase::LastLook
            | Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Paid
            | Phase::Failed
            | Phase::Reversed
            | Phase::Suspended { .. } => self.keep(),
        };
        step.payment.assert_sound();
        step
    }

    pub(super) fn refunding_woken(self, now: Time) -> Step {
        if self.out.is_some() {
            return self.keep();
        }
        self.ask(now, crate::exchange::Call::Query, QUERY_LIMIT_MS)
    }

    /// The channel is asked hourly: what is closed is given back, whoever did it.
    pub(super) fn refunding_answered(mut self, now: Time, answer: QueryAnswer) -> Step {
        self.wake = Some(now.plus_ms(HOUR_MS));
        match answer {
            QueryAnswer::Closed(how) => self.reversed(now, Some(how), Plan::Closed),
            QueryAnswer::Declined(_)
            | QueryAnswer::Paid(_)
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::NotPaid
            | QueryAnswer::MustReverse
            | QueryAnswer::NotFound
            | QueryAnswer::Unknown(_) => self.keep(),
        }
    }
}

impl Step {
    /// Whether it is paid decides, once the window for reversals ends, between a reversal and a refund: from then on it is
    /// asked before the next reversal.
    pub(super) fn asked_when_it_ends(mut self, now: Time, end: Time) -> Step {
        let payment = &mut self.payment;
        if payment.wake.is_some_and(|wake| wake >= end) {
            payment.phase = Phase::Confirming { cannot: false };
            payment.wake = payment.wake.map(|wake| if now < end { end } else { wake });
        }
        self
    }
}
