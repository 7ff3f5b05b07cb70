//! What looks after a number once its payment has ended: late money, orders left open, reversals that lied.
//!
//! A watch is a value and a row of its own, in the commit that ended the payment. It looks at fixed times and then leaves
//! the rest to the bill. It never reverses a payment that the till knows as paid.

use crate::exchange::{
    Answer, Asked, Bond, Call, CannotWhy, ClosedHow, PaidFacts, QueryAnswer, ReverseAnswer,
};
use crate::patience::{QUERY_LIMIT_MS, REVERSING_BEFORE_CASE_MS, TRIES_BEFORE_CASE, undo_gap_ms};
use crate::payment::{CaseKind, Intent, Notice, Payment, Phase};
use crate::reversal::{Reversal, ReversalReason, ReversalStatus};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Time};

/// How a number is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plan {
    /// Ended on *not found*, or on a person's word: +1 min, +10 min, +1 h, +24 h, then the bill.
    Full,
    /// Ended on a definite decline: +60 s, then the bill.
    Declined,
    /// Ended on the channel's own *revoked* or *closed*: the bill.
    Closed,
}

impl Plan {
    /// When it looks, in milliseconds after the end.
    #[must_use]
    pub fn looks_ms(self) -> &'static [i64] {
        match self {
            Plan::Full => &[MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, DAY_MS],
            Plan::Declined => &[MINUTE_MS],
            Plan::Closed => &[],
        }
    }

    /// The plan's word in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Plan::Full => "full",
            Plan::Declined => "declined",
            Plan::Closed => "closed",
        }
    }
}

/// How the payment stands in the till's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stands {
    /// The till was told failed or reversed: money that turns up goes back.
    Unpaid,
    /// The till was told paid: nothing is reversed.
    Paid,
}

/// Where a watch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchPhase {
    /// Until the next look.
    Waiting,
    /// Asking; `unclear` counts answers that taught nothing.
    Looking {
        /// Answers that taught nothing, since this look began.
        unclear: u32,
    },
    /// Reversing what was found.
    Reversing,
    /// Asking whether it is closed.
    Confirming,
    /// Late money goes back by a refund of its own, because reversals are over; asks hourly whether it has.
    Refunding,
    /// The channel cannot, or contradicts us: a person decides. It is asked hourly.
    Parked,
    /// Done with looking; the bill has the last word.
    Bill,
}

/// One number that is looked after.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    /// The payment's intent: whom to ask, about what.
    pub intent: Intent,
    /// How the payment stands.
    pub stands: Stands,
    /// How it is looked after.
    pub plan: Plan,
    /// When the payment ended; looks count from here.
    pub since: Time,
    /// Looks done.
    pub looks_done: u8,
    /// Where it stands.
    pub phase: WatchPhase,
    /// When it next needs attention; none once only the bill is left.
    pub wake: Option<Time>,
    /// The latest time that it has seen.
    pub updated_at: Time,
    /// What it reverses, once it does.
    pub reversal: Option<Reversal>,
    /// The money that turned up late, while it is to go back.
    pub late: Option<PaidFacts>,
    /// Its open case.
    pub case: Option<CaseKind>,
    /// The call that is out.
    pub out: Option<Asked>,
    /// How many calls were asked.
    pub calls: u32,
}

/// What happens to a watch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WatchInput {
    /// Its wake time has come.
    Wake,
    /// Evidence of late money arrived: look now.
    LookNow,
    /// The refund of the late money has ended.
    Refunded {
        /// The money is given back.
        given_back: bool,
    },
    /// An answer, and the number of the call that it answers.
    Answer {
        /// [`Asked::number`].
        number: u32,
        /// What was answered.
        answer: Answer,
    },
}

/// What a watch's step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchStep {
    /// The next value.
    pub watch: Watch,
    /// The one call to make, after the value is durable.
    pub call: Option<Asked>,
    /// What to tell.
    pub notices: Vec<Notice>,
    /// A payment that stands as paid was found closed: see [`Payment::corrected_reversed`].
    pub found_closed: Option<ClosedHow>,
    /// Late money that no reversal can give back any more: a refund of it begins in the same commit.
    pub refund: Option<PaidFacts>,
    /// Whether anything changed that a crash must not forget.
    pub durable: bool,
}

impl Watch {
    /// Begins to look after a payment that has just ended.
    #[must_use]
    pub fn begin(payment: &Payment, now: Time, plan: Plan) -> Watch {
        let stands = if payment.phase == Phase::Paid { Stands::Paid } else { Stands::Unpaid };
        let mut watch = Watch {
            intent: payment.intent.clone(),
            stands,
            plan,
            since: now,
            looks_done: 0,
            phase: WatchPhase::Waiting,
            wake: None,
            updated_at: now,
            reversal: None,
            late: None,
            case: None,
            out: None,
            calls: payment.calls,
        };
        watch.rest(now);
        watch
    }

    /// The next value after `input`. Total, like a payment's.
    #[must_use]
    pub fn step(mut self, now: Time, input: WatchInput) -> WatchStep {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        let step = match input {
            WatchInput::Wake => self.woken(now),
            WatchInput::LookNow => self.look_now(now),
            WatchInput::Refunded { given_back } => self.refund_ended(now, given_back),
            WatchInput::Answer { number, answer } => self.answered(now, number, answer),
        };
        let watch = &step.watch;
        assert_eq!(
            watch.wake.is_none(),
            watch.phase == WatchPhase::Bill,
            "a watch has a wake until only the bill is left"
        );
        step
    }

    /// What is left of it after a crash; see [`Payment::recovered`].
    #[must_use]
    pub fn recovered(mut self) -> Watch {
        if self.out.is_some_and(|out| out.call == Call::Query) {
            self.out = None;
            self.wake = Some(self.updated_at);
        }
        self
    }

    /// Taken up by a process that started at `started`; see [`Payment::taken_up`]. What a watch finds it may reverse at once,
    /// so after a restart a whole minimum age passes before its next look, whatever the wall clock says.
    #[must_use]
    pub fn taken_up(mut self, started: Time) -> Watch {
        if self.since < started {
            let hold = self.intent.channel.patience().not_before(started, true);
            self.wake = self.wake.map(|wake| wake.max(hold));
        }
        self
    }

    fn woken(mut self, now: Time) -> WatchStep {
        if self.wake.is_none_or(|wake| now < wake) {
            return self.keep();
        }
        if let Some(out) = self.out.filter(|out| now >= out.limit) {
            self.out = None;
            return self.counted(now, Answer::silence(out.call));
        }
        if self.out.is_some() {
            return self.keep();
        }
        match self.phase {
            WatchPhase::Waiting => {
                self.phase = WatchPhase::Looking { unclear: 0 };
                self.ask(now, Call::Query)
            }
            WatchPhase::Looking { .. }
            | WatchPhase::Confirming
            | WatchPhase::Refunding
            | WatchPhase::Parked => self.ask(now, Call::Query),
            WatchPhase::Reversing => self.ask_reverse(now),
            WatchPhase::Bill => self.keep(),
        }
    }

    fn look_now(mut self, now: Time) -> WatchStep {
        match self.phase {
            WatchPhase::Waiting | WatchPhase::Bill => {
                self.phase = WatchPhase::Looking { unclear: 0 };
                WatchStep { durable: true, ..self.ask(now, Call::Query) }
            }
            WatchPhase::Looking { .. }
            | WatchPhase::Reversing
            | WatchPhase::Confirming
            | WatchPhase::Refunding
            | WatchPhase::Parked => self.keep(),
        }
    }

    fn answered(mut self, now: Time, number: u32, answer: Answer) -> WatchStep {
        if self.out.is_none_or(|out| out.number != number || out.call != answer.call()) {
            return self.keep();
        }
        self.out = None;
        self.counted(now, answer)
    }

    fn counted(self, now: Time, answer: Answer) -> WatchStep {
        match (self.phase, answer) {
            (WatchPhase::Looking { unclear }, Answer::Query(answer)) => self.looked(now, unclear, answer),
            (WatchPhase::Confirming | WatchPhase::Refunding | WatchPhase::Parked, Answer::Query(answer)) => {
                self.confirmed(now, answer)
            }
            (WatchPhase::Reversing, Answer::Reverse(answer)) => self.reverse_answered(now, answer),
            (
                WatchPhase::Waiting
                | WatchPhase::Looking { .. }
                | WatchPhase::Reversing
                | WatchPhase::Confirming
                | WatchPhase::Refunding
                | WatchPhase::Parked
                | WatchPhase::Bill,
                Answer::Submit(_)
                | Answer::Query(_)
                | Answer::Reverse(_)
                | Answer::Refund(_)
                | Answer::RefundQuery(_),
            ) => self.keep(),
        }
    }

    fn looked(self, now: Time, unclear: u32, answer: QueryAnswer) -> WatchStep {
        match answer {
            QueryAnswer::NotFound => self.next_look(now),
            QueryAnswer::Closed(how) => self.closed(now, how),
            QueryAnswer::Unknown(_) => self.look_again(now, unclear),
            QueryAnswer::Paid(facts) => self.found_paid(now, facts),
            QueryAnswer::AwaitingPayer | QueryAnswer::NotPaid | QueryAnswer::MustReverse => {
                match self.stands {
                    Stands::Paid => self.next_look(now),
                    Stands::Unpaid => self.begin_reversal(now, ReversalReason::LeftOpen, Vec::new()),
                }
            }
        }
    }

    fn found_paid(mut self, now: Time, facts: PaidFacts) -> WatchStep {
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
    fn late_and_irreversible(&self, now: Time) -> Option<PaidFacts> {
        let patience = self.intent.channel.patience();
        self.late.clone().filter(|facts| now >= patience.reversible_until(facts.paid_at))
    }

    fn refund(mut self, now: Time, facts: PaidFacts) -> WatchStep {
        self.phase = WatchPhase::Refunding;
        self.wake = Some(now.plus_ms(HOUR_MS));
        WatchStep { refund: Some(facts), durable: true, ..self.keep() }
    }

    fn refund_ended(self, now: Time, given_back: bool) -> WatchStep {
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

    fn begin_reversal(mut self, now: Time, reason: ReversalReason, notices: Vec<Notice>) -> WatchStep {
        self.phase = WatchPhase::Reversing;
        self.reversal = Some(Reversal::new(reason, now));
        WatchStep { notices, ..self.ask_reverse(now) }
    }

    fn ask_reverse(mut self, now: Time) -> WatchStep {
        let reversal = self.reversal.get_or_insert_with(|| Reversal::new(ReversalReason::LeftOpen, now));
        reversal.attempts += 1;
        reversal.first_at.get_or_insert(now);
        WatchStep { durable: true, ..self.ask(now, Call::Reverse) }
    }

    fn reverse_answered(mut self, now: Time, answer: ReverseAnswer) -> WatchStep {
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

    fn cannot(mut self, now: Time, why: CannotWhy) -> WatchStep {
        if let Some(reversal) = &mut self.reversal {
            reversal.cannot = Some(why);
            reversal.status = ReversalStatus::Failed;
        }
        match self.late.clone() {
            Some(facts) if why == CannotWhy::Window => self.refund(now, facts),
            Some(_) | None => self.park(now, CaseKind::ReversalRefused),
        }
    }

    fn confirmed(mut self, now: Time, answer: QueryAnswer) -> WatchStep {
        match answer {
            QueryAnswer::Closed(how) => self.closed(now, how),
            QueryAnswer::Paid(facts) if facts.difference(&self.bond()).is_some() => {
                self.park(now, CaseKind::PaidDiffers)
            }
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

    fn closed(mut self, now: Time, how: ClosedHow) -> WatchStep {
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

    fn no_progress(mut self, now: Time) -> WatchStep {
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
    fn reversal_given_up(mut self, now: Time, facts: PaidFacts) -> WatchStep {
        if let Some(reversal) = &mut self.reversal {
            reversal.cannot = Some(CannotWhy::Window);
            reversal.status = ReversalStatus::Failed;
        }
        self.refund(now, facts)
    }

    /// Waits for a person, and asks every hour whether it is over.
    fn park(mut self, now: Time, kind: CaseKind) -> WatchStep {
        let mut notices = Vec::new();
        self.open_case(kind, &mut notices);
        self.phase = WatchPhase::Parked;
        self.wake = Some(now.plus_ms(HOUR_MS));
        WatchStep { notices, durable: true, ..self.keep() }
    }

    /// A person has settled the watch's case: the rest is the bill's.
    #[must_use]
    pub fn settled(mut self, now: Time) -> WatchStep {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        self.phase = WatchPhase::Bill;
        self.wake = None;
        self.out = None;
        let notices = self.case.take().map(Notice::CaseClosed).into_iter().collect();
        WatchStep { notices, durable: true, ..self.keep() }
    }

    /// This look is done.
    fn next_look(mut self, now: Time) -> WatchStep {
        let due = self.plan.looks_ms().iter().filter(|ms| self.since.plus_ms(**ms) <= now).count();
        self.looks_done = self.looks_done.max(u8::try_from(due).unwrap_or(u8::MAX));
        self.rest(now);
        WatchStep { durable: true, ..self.keep() }
    }

    /// An answer that taught nothing: again after 5, 10, 20 … s until the next look is due.
    fn look_again(mut self, now: Time, unclear: u32) -> WatchStep {
        let gap_ms = (5 * SECOND_MS) << unclear.min(9);
        let again = now.plus_ms(gap_ms);
        let looks = self.plan.looks_ms();
        let due = looks.iter().filter(|ms| self.since.plus_ms(**ms) <= now).count();
        match looks.get(due) {
            Some(next) if again >= self.since.plus_ms(*next) => return self.next_look(now),
            // After the last look, an hour of trying is enough: the bill follows.
            None if gap_ms > HOUR_MS / 2 => return self.next_look(now),
            Some(_) | None => {}
        }
        self.phase = WatchPhase::Looking { unclear: unclear + 1 };
        self.wake = Some(again);
        self.keep()
    }

    /// Waits for the next look, or for the bill.
    fn rest(&mut self, now: Time) {
        let next = self.plan.looks_ms().get(usize::from(self.looks_done));
        match next {
            Some(ms) => {
                self.phase = WatchPhase::Waiting;
                self.wake = Some(self.since.plus_ms(*ms).max(now));
            }
            None => {
                self.phase = WatchPhase::Bill;
                self.wake = None;
            }
        }
        self.out = None;
    }

    /// A case says what is needed now: one of another kind takes the place of the one before.
    fn open_case(&mut self, kind: CaseKind, notices: &mut Vec<Notice>) {
        if self.case != Some(kind) {
            notices.extend(self.case.replace(kind).map(Notice::CaseClosed));
            notices.push(Notice::CaseOpened(kind));
        }
    }

    fn bond(&self) -> Bond<'_> {
        Bond {
            channel_order_no: &self.intent.channel_order_no,
            amount: self.intent.amount,
            payee: &self.intent.payee,
            opened_at: self.intent.opened_at,
        }
    }

    fn ask(mut self, now: Time, call: Call) -> WatchStep {
        let limit_ms = match call {
            Call::Query | Call::RefundQuery => QUERY_LIMIT_MS,
            Call::Submit | Call::Reverse | Call::Refund => self.intent.channel.patience().call_limit_ms,
        };
        self.calls += 1;
        let asked = Asked { call, number: self.calls, at: now, limit: now.plus_ms(limit_ms) };
        self.out = Some(asked);
        self.wake = Some(asked.limit);
        WatchStep { call: Some(asked), ..self.keep() }
    }

    fn keep(self) -> WatchStep {
        WatchStep {
            watch: self,
            call: None,
            notices: Vec::new(),
            found_closed: None,
            refund: None,
            durable: false,
        }
    }
}
