//! Reversing, confirming, and what is left to a person.

use crate::exchange::{Call, ClosedHow, QueryAnswer, ReverseAnswer, ReversedHow};
use crate::patience::{
    QUERY_LIMIT_MS, REVERSING_BEFORE_CASE_MS, TRIES_BEFORE_CASE, suspended_wake, undo_gap_ms,
};
use crate::planted::{Bug, on};
use crate::reversal::{Reversal, ReversalReason, ReversalStatus};
use crate::time::Time;
use crate::watch::{Plan, Watch};

use super::{CaseKind, Notice, Payment, Phase, Step};

impl Payment {
    /// The reversal leaves now, or at `not_before`.
    pub(super) fn ask_reverse(mut self, now: Time) -> Step {
        let at = self.not_before();
        if now < at {
            self.wake = Some(at);
            return self.changed();
        }
        let reversal = self.reversal_mut(now);
        reversal.attempts += 1;
        reversal.first_at.get_or_insert(now);
        let limit_ms = self.patience().call_limit_ms;
        Step { durable: true, ..self.ask(now, Call::Reverse, limit_ms) }
    }

    fn reversal_mut(&mut self, now: Time) -> &mut Reversal {
        self.reversal.get_or_insert_with(|| Reversal::new(ReversalReason::Deadline, now))
    }

    pub(super) fn reversing_woken(self, now: Time) -> Step {
        if self.out.is_some() {
            return self.keep();
        }
        self.ask_reverse(now)
    }

    pub(super) fn reversing_answered(mut self, now: Time, answer: ReverseAnswer) -> Step {
        match answer {
            ReverseAnswer::Reversed(how) => {
                let reversal = self.reversal_mut(now);
                if how != ReversedHow::Unsaid || reversal.said.is_none() {
                    reversal.said = Some(how);
                }
                if on(Bug::B16) {
                    return self.reversed(now, None, Plan::Closed);
                }
                self.confirm(now, false)
            }
            ReverseAnswer::Again | ReverseAnswer::StillPaying | ReverseAnswer::Unknown(_) => {
                let end = self.window_end();
                self.no_progress(now).asked_when_it_ends(now, end)
            }
            ReverseAnswer::Cannot(why) => {
                self.reversal_mut(now).cannot = Some(why);
                if !self.told_paid {
                    return self.suspend(now, CaseKind::ReversalRefused);
                }
                let mut notices = Vec::new();
                self.open_case(CaseKind::ReversalRefused, &mut notices);
                Step { notices, ..self.confirm(now, true) }
            }
        }
    }

    /// Asks the query that has to agree with the reversal.
    fn confirm(mut self, now: Time, cannot: bool) -> Step {
        self.phase = Phase::Confirming { cannot };
        Step { durable: true, ..self.ask(now, Call::Query, QUERY_LIMIT_MS) }
    }

    pub(super) fn confirming_woken(self, now: Time) -> Step {
        if self.out.is_some() {
            return self.keep();
        }
        self.ask(now, Call::Query, QUERY_LIMIT_MS)
    }

    pub(super) fn confirming_answered(mut self, now: Time, cannot: bool, answer: QueryAnswer) -> Step {
        let settle_at = self.submitted().plus_ms(self.patience().settle_ms);
        match answer {
            QueryAnswer::Closed(how) => self.reversed(now, Some(how), Plan::Closed),
            QueryAnswer::Declined(_) => self.reversed(now, Some(ClosedHow::Closed), Plan::Declined),
            QueryAnswer::NotFound if !self.acknowledged && now >= settle_at && self.was_reversed() => {
                self.reversed(now, None, Plan::Full)
            }
            QueryAnswer::Paid(facts) if facts.difference(&self.bond()).is_some() => {
                self.suspend(now, CaseKind::PaidDiffers)
            }
            QueryAnswer::Paid(facts) if self.only_a_refund_helps(now, &facts) => {
                self.refund_instead(now, facts)
            }
            QueryAnswer::Paid(_) if cannot => self.stays_paid(),
            QueryAnswer::Paid(facts) if self.ends_before_the_next_try(now, &facts) => {
                let end = self.irreversible_from(&facts);
                self.no_progress(now).asked_when_it_ends(now, end)
            }
            // No reversal came before this question: one comes now.
            QueryAnswer::Paid(_)
            | QueryAnswer::NotPaid
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::MustReverse
            | QueryAnswer::NotFound
            | QueryAnswer::Unknown(_)
                if !cannot && !self.was_reversed() =>
            {
                self.phase = Phase::Reversing;
                self.ask_reverse(now)
            }
            QueryAnswer::Paid(_)
            | QueryAnswer::NotPaid
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::MustReverse => {
                self.phase = Phase::Reversing;
                self.no_progress(now)
            }
            QueryAnswer::Unknown(_) | QueryAnswer::NotFound => {
                let mut step = self.no_progress(now);
                if settle_at > now {
                    step.payment.wake = step.payment.wake.map(|wake| wake.min(settle_at));
                }
                step
            }
        }
    }

    /// Whether the channel has answered that it reversed.
    fn was_reversed(&self) -> bool {
        self.reversal.as_ref().is_some_and(|reversal| reversal.said.is_some())
    }

    /// Counts a try that did not help, tells a person when it is time, and waits for the next gap.
    fn no_progress(mut self, now: Time) -> Step {
        let reversal = self.reversal_mut(now);
        reversal.tries += 1;
        let age_ms = reversal.age_ms(now);
        let tries = reversal.tries;
        self.wake = Some(now.plus_ms(undo_gap_ms(tries, age_ms)));
        let mut notices = Vec::new();
        if tries >= TRIES_BEFORE_CASE || age_ms >= REVERSING_BEFORE_CASE_MS {
            self.open_case(CaseKind::ReversalStuck, &mut notices);
        }
        Step { notices, ..self.changed() }
    }

    /// Ends reversed, confirmed by the channel or by *not found* after the settle time.
    pub(super) fn reversed(mut self, now: Time, how: Option<ClosedHow>, plan: Plan) -> Step {
        let by_refund = self.phase == Phase::Refunding && how != Some(ClosedHow::Revoked);
        self.phase = Phase::Reversed;
        self.wake = None;
        self.out = None;
        let reversal = self.reversal_mut(now);
        // What a refund gave back, the reversal before it did not.
        if !by_refund {
            reversal.status = ReversalStatus::Done;
            reversal.confirmed_at = Some(now);
        }
        if how == Some(ClosedHow::Refunded) && reversal.said.is_none_or(|said| said == ReversedHow::Unsaid) {
            reversal.said = Some(ReversedHow::Refunded);
        }
        let mut notices = vec![Notice::Reversed];
        self.close_case(&mut notices);
        let watch = (!on(Bug::B17)).then(|| Watch::begin(&self, now, plan));
        Step { notices, watch, ..self.changed() }
    }

    /// The channel cannot reverse what the till knows as paid: it stays paid, and the case stays for a person.
    fn stays_paid(mut self) -> Step {
        self.phase = Phase::Paid;
        self.wake = None;
        if let Some(reversal) = &mut self.reversal {
            reversal.status = ReversalStatus::Failed;
        }
        let watch = Some(Watch::begin(&self, self.updated_at, Plan::Full));
        Step { notices: vec![Notice::Paid], watch, ..self.changed() }
    }

    pub(super) fn suspended_woken(self, now: Time, since: Time) -> Step {
        if self.out.is_some() {
            return self.keep();
        }
        let mut step = self.ask(now, Call::Query, QUERY_LIMIT_MS);
        let next = suspended_wake(since, now);
        step.payment.wake = step.payment.wake.map(|limit| limit.min(next));
        step
    }

    pub(super) fn suspended_answered(mut self, now: Time, since: Time, answer: QueryAnswer) -> Step {
        let under_way = self.reversal.is_some() && now < self.window_end();
        self.wake = Some(suspended_wake(since, now));
        match answer {
            QueryAnswer::Closed(how) => self.reversed(now, Some(how), Plan::Closed),
            QueryAnswer::Declined(_) => self.reversed(now, Some(ClosedHow::Closed), Plan::Declined),
            QueryAnswer::Paid(facts) if facts.difference(&self.bond()).is_some() => self.keep(),
            QueryAnswer::Paid(facts) if self.only_a_refund_helps(now, &facts) => {
                self.refund_instead(now, facts)
            }
            QueryAnswer::Paid(facts) if self.reversal.is_some() && now < self.irreversible_from(&facts) => {
                self.ask_reverse(now)
            }
            QueryAnswer::NotPaid
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::MustReverse
            | QueryAnswer::NotFound
                if under_way =>
            {
                self.ask_reverse(now)
            }
            QueryAnswer::Paid(_)
            | QueryAnswer::NotPaid
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::MustReverse
            | QueryAnswer::NotFound
            | QueryAnswer::Unknown(_) => self.keep(),
        }
    }

    pub(super) fn suspended_reverse_answered(
        mut self,
        now: Time,
        since: Time,
        answer: ReverseAnswer,
    ) -> Step {
        match answer {
            ReverseAnswer::Reversed(how) => {
                self.reversal_mut(now).said = Some(how);
                self.confirm(now, false)
            }
            ReverseAnswer::Cannot(why) => {
                self.reversal_mut(now).cannot = Some(why);
                self.wake = Some(suspended_wake(since, now));
                self.changed()
            }
            ReverseAnswer::Again | ReverseAnswer::StillPaying | ReverseAnswer::Unknown(_) => {
                self.wake = Some(suspended_wake(since, now));
                self.changed()
            }
        }
    }

    /// What was paid in the till's eyes was found closed by its watch: a correction, told and recorded.
    #[must_use]
    pub fn corrected_reversed(self, now: Time, how: ClosedHow) -> Step {
        let now = now.max(self.updated_at);
        let mut corrected = self;
        corrected.updated_at = now;
        // What our own refunds closed is no news; which of the two it was, the bill tells.
        if corrected.refunds.any() {
            return corrected.keep();
        }
        let mut step = corrected.reversed(now, Some(how), Plan::Closed);
        step.payment.open_case(CaseKind::PaidThenClosed, &mut step.notices);
        step.watch = None;
        step
    }
}
