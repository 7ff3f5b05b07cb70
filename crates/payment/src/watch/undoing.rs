//! What a watch does about money and orders that it finds: reverses, and where reversals are over, refunds.

use crate::exchange::{Call, CannotWhy, ClosedHow, PaidFacts, QueryAnswer, ReverseAnswer};
use crate::patience::{REVERSING_BEFORE_CASE_MS, TRIES_BEFORE_CASE, undo_gap_ms};
use crate::payment::{CaseKind, Notice};
use crate::reversal::{Reversal, ReversalReason, ReversalStatus};
use crate::time::{HOUR_MS, Time};

use super::{Stands, Watch, WatchPhase, WatchStep};

impl Watch {
    pub(super) fn found_paid(mut self, now: Time, facts: PaidFacts) -> WatchStep {
        if facts.difference(&self.bond()).is_some() {
            return self.park(now, CaseKind::PaidDiffers);
        }
        if self.stands == Stands::Paid {
            return self.next_look(now);
        }
        let mut notices = Vec::new();
        self.open_case(CaseKind::LateMoney, &mut notices);
        self.late = Some(facts);
        if let Some(facts) = self.late_and_irreversible(now) {
            return WatchStep { notices, ..self.refund(now, facts) };
        }
        self.begin_reversal(now, ReversalReason::LateMoney, notices)
    }

    /// Late money whose window for reversals is over, or about to be: a refund gives it back.
    pub(super) fn late_and_irreversible(&self, now: Time) -> Option<PaidFacts> {
        let patience = self.intent.channel.patience();
        self.late.clone().filter(|facts| now >= patience.reversible_until(facts.paid_at))
    }

    pub(super) fn refund(mut self, now: Time, facts: PaidFacts) -> WatchStep {
        self.phase = WatchPhase::Refunding;
        self.wake = Some(now.plus_ms(HOUR_MS));
        WatchStep { refund: Some(facts), durable: true, ..self.keep() }
    }

    pub(super) fn refund_ended(self, now: Time, given_back: bool) -> WatchStep {
        match self.phase {
            WatchPhase::Refunding if given_back => self.closed(now, ClosedHow::Refunded),
            WatchPhase::Refunding => self.park(now, CaseKind::RefundAbnormal),
            WatchPhase::Waiting
            | WatchPhase::Looking { .. }
            | WatchPhase::Reversing
            | WatchPhase::Confirming
            | WatchPhase::Parked
            | WatchPhase::Bill => self.keep(),
        }
    }

    pub(super) fn begin_reversal(
        mut self,
        now: Time,
        reason: ReversalReason,
        notices: Vec<Notice>,
    ) -> WatchStep {
        self.phase = WatchPhase::Reversing;
        self.reversal = Some(Reversal::new(reason, now));
        WatchStep { notices, ..self.ask_reverse(now) }
    }

    pub(super) fn ask_reverse(mut self, now: Time) -> WatchStep {
        let reversal = self.reversal.get_or_insert_with(|| Reversal::new(ReversalReason::LeftOpen, now));
        reversal.attempts += 1;
        reversal.first_at.get_or_insert(now);
        WatchStep { durable: true, ..self.ask(now, Call::Reverse) }
    }

    pub(super) fn reverse_answered(mut self, now: Time, answer: ReverseAnswer) -> WatchStep {
        match answer {
            ReverseAnswer::Reversed(how) => {
                if let Some(reversal) = &mut self.reversal {
                    reversal.said = Some(how);
                }
                self.phase = WatchPhase::Confirming;
                WatchStep { durable: true, ..self.ask(now, Call::Query) }
            }
            ReverseAnswer::Again | ReverseAnswer::StillPaying | ReverseAnswer::Unknown(_) => {
                self.no_progress(now)
            }
            ReverseAnswer::Cannot(why) => self.cannot(now, why),
        }
    }

    pub(super) fn cannot(mut self, now: Time, why: CannotWhy) -> WatchStep {
        if let Some(reversal) = &mut self.reversal {
            reversal.cannot = Some(why);
            reversal.status = ReversalStatus::Failed;
        }
        match self.late.clone() {
            Some(facts) if why == CannotWhy::Window => self.refund(now, facts),
            Some(_) | None => self.park(now, CaseKind::ReversalRefused),
        }
    }

    pub(super) fn confirmed(mut self, now: Time, answer: QueryAnswer) -> WatchStep {
        match answer {
            QueryAnswer::Closed(how) => self.closed(now, how),
            QueryAnswer::Declined(_) => self.closed(now, ClosedHow::Closed),
            QueryAnswer::Paid(facts) if facts.difference(&self.bond()).is_some() => {
                self.park(now, CaseKind::PaidDiffers)
            }
            QueryAnswer::Paid(facts) if self.was_refused() => self.tried_anew(now, facts),
            QueryAnswer::Paid(_)
            | QueryAnswer::NotPaid
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::MustReverse
            | QueryAnswer::NotFound
            | QueryAnswer::Unknown(_)
                if matches!(self.phase, WatchPhase::Parked | WatchPhase::Refunding) =>
            {
                self.wake = Some(now.plus_ms(HOUR_MS));
                self.keep()
            }
            QueryAnswer::Paid(_)
            | QueryAnswer::NotPaid
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::MustReverse => {
                self.phase = WatchPhase::Reversing;
                self.no_progress(now)
            }
            QueryAnswer::NotFound | QueryAnswer::Unknown(_) => self.no_progress(now),
        }
    }

    fn was_refused(&self) -> bool {
        self.phase == WatchPhase::Parked && self.case == Some(CaseKind::ReversalRefused)
    }

    /// What the channel refused to reverse is tried again each hour, until a refund takes the reversal's place.
    fn tried_anew(mut self, now: Time, facts: PaidFacts) -> WatchStep {
        self.late = Some(facts);
        if let Some(facts) = self.late_and_irreversible(now) {
            return self.reversal_given_up(now, facts);
        }
        self.phase = WatchPhase::Reversing;
        if let Some(reversal) = &mut self.reversal {
            reversal.status = ReversalStatus::Pending;
        }
        self.ask_reverse(now)
    }

    pub(super) fn closed(mut self, now: Time, how: ClosedHow) -> WatchStep {
        let mut notices = Vec::new();
        if let Some(kind) = self.case.take() {
            notices.push(Notice::CaseClosed(kind));
        }
        self.late = None;
        // What a refund gave back, the reversal before it did not.
        if self.phase != WatchPhase::Refunding
            && let Some(reversal) = &mut self.reversal
        {
            reversal.status = ReversalStatus::Done;
            reversal.confirmed_at = Some(now);
        }
        let found_closed = (self.stands == Stands::Paid).then_some(how);
        if found_closed.is_some() {
            self.stands = Stands::Unpaid;
        }
        WatchStep { notices, found_closed, ..self.next_look(now) }
    }

    pub(super) fn no_progress(mut self, now: Time) -> WatchStep {
        let reversal = self.reversal.get_or_insert_with(|| Reversal::new(ReversalReason::LeftOpen, now));
        reversal.tries += 1;
        let (tries, age_ms) = (reversal.tries, reversal.age_ms(now));
        if let Some(facts) = self.late_and_irreversible(now) {
            return self.reversal_given_up(now, facts);
        }
        self.wake = Some(now.plus_ms(undo_gap_ms(tries, age_ms)));
        let mut notices = Vec::new();
        if tries >= TRIES_BEFORE_CASE || age_ms >= REVERSING_BEFORE_CASE_MS {
            self.open_case(CaseKind::ReversalStuck, &mut notices);
        }
        WatchStep { notices, durable: true, ..self.keep() }
    }

    /// The window for reversals closes while reversing makes no progress: the method is changed before it has closed.
    pub(super) fn reversal_given_up(mut self, now: Time, facts: PaidFacts) -> WatchStep {
        if let Some(reversal) = &mut self.reversal {
            reversal.cannot = Some(CannotWhy::Window);
            reversal.status = ReversalStatus::Failed;
        }
        self.refund(now, facts)
    }

    /// Waits for a person, and asks every hour whether it is over.
    pub(super) fn park(mut self, now: Time, kind: CaseKind) -> WatchStep {
        let mut notices = Vec::new();
        self.open_case(kind, &mut notices);
        self.phase = WatchPhase::Parked;
        self.wake = Some(now.plus_ms(HOUR_MS));
        WatchStep { notices, durable: true, ..self.keep() }
    }

    /// A case says what is needed now: one of another kind takes the place of the one before.
    pub(super) fn open_case(&mut self, kind: CaseKind, notices: &mut Vec<Notice>) {
        if self.case != Some(kind) {
            notices.extend(self.case.replace(kind).map(Notice::CaseClosed));
            notices.push(Notice::CaseOpened(kind));
        }
    }
}
