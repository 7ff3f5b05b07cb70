//! What looks after a number once its payment has ended: late money, orders left open, reversals that lied.
//!
//! A watch is a value and a row of its own, in the commit that ended the payment. It looks at fixed times and then leaves
//! the rest to the bill. It never reverses a payment that the till knows as paid.

mod undoing;

use crate::exchange::{Answer, Asked, Bond, Call, ClosedHow, PaidFacts, QueryAnswer};
use crate::patience::QUERY_LIMIT_MS;
use crate::payment::{CaseKind, Intent, Notice, Payment, Phase};
use crate::reversal::{Reversal, ReversalReason};
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
            QueryAnswer::Declined(_) => self.closed(now, ClosedHow::Closed),
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

    /// This look is done, and no other: a wall clock that was set forward while nobody ran makes all of them due at once.
    fn next_look(mut self, now: Time) -> WatchStep {
        let scheduled = self.plan.looks_ms().get(usize::from(self.looks_done));
        if scheduled.is_some_and(|ms| self.since.plus_ms(*ms) <= now) {
            self.looks_done += 1;
        }
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

    /// Waits for the next look, or for the bill. One that is overdue keeps its distance from the look before it.
    fn rest(&mut self, now: Time) {
        let looks = self.plan.looks_ms();
        let place = usize::from(self.looks_done);
        match looks.get(place) {
            Some(ms) => {
                self.phase = WatchPhase::Waiting;
                let at = self.since.plus_ms(*ms);
                let before = place.checked_sub(1).map_or(0, |before| looks[before]);
                self.wake = Some(if at > now { at } else { now.plus_ms(ms - before) });
            }
            None => {
                self.phase = WatchPhase::Bill;
                self.wake = None;
            }
        }
        self.out = None;
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
