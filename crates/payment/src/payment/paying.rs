//! From opened to the last look: the submit, the waiting, the queries.

use crate::exchange::{
    Call, ChannelCode, ClosedHow, Decline, DeclineReason, PaidFacts, QueryAnswer, SubmitAnswer,
};
use crate::ids::ChannelOrderNo;
use crate::patience::{LOOK_LIMIT_MS, QUERY_LIMIT_MS, SUBMIT_AGE_MS_MAX};
use crate::planted::{Bug, on};
use crate::reversal::{Reversal, ReversalReason};
use crate::time::Time;
use crate::watch::{Plan, Watch};

use super::{CaseKind, CodeHere, Notice, Payment, Phase, Polls, Step};

impl Payment {
    pub(super) fn opened_woken(mut self, now: Time, code: CodeHere) -> Step {
        let age_ms = now.since_ms(self.intent.opened_at);
        match code {
            CodeHere::Here if age_ms < SUBMIT_AGE_MS_MAX => {
                self.phase = Phase::Submitting;
                self.submitted_at = Some(now);
                self.submit_answered = false;
                let limit_ms = self.patience().call_limit_ms;
                Step { durable: true, ..self.ask(now, Call::Submit, limit_ms) }
            }
            CodeHere::Here | CodeHere::Gone => self.fail(ours(DeclineReason::NeverAsked), None),
        }
    }

    /// An answer to the submit, however late, in Submitting, AwaitingPayer or LastLook.
    pub(super) fn submit_answered(self, now: Time, answer: SubmitAnswer) -> Step {
        let submitting = self.phase == Phase::Submitting;
        match answer {
            SubmitAnswer::NotSent if submitting => self.not_sent(now),
            SubmitAnswer::Paid(facts) => self.says_paid(now, facts),
            SubmitAnswer::Declined(decline) if !self.acknowledged => self.fail(decline, Some(Plan::Declined)),
            SubmitAnswer::DeclinedAsk(decline) if submitting => {
                let deadline = self.submitted().plus_ms(self.patience().window_ms);
                self.ask_about(now, deadline, decline)
            }
            SubmitAnswer::Declined(decline) | SubmitAnswer::DeclinedAsk(decline) => match self.phase {
                Phase::AwaitingPayer { deadline, .. } => self.ask_about(now, deadline, decline),
                Phase::Submitting => self.await_payer(now),
                Phase::LastLook
                | Phase::Opened
                | Phase::Reversing
                | Phase::Confirming { .. }
                | Phase::Refunding
                | Phase::Paid
                | Phase::Failed
                | Phase::Reversed
                | Phase::Suspended { .. } => self.keep(),
            },
            SubmitAnswer::AwaitingPayer => {
                let mut typing = self;
                typing.polls.typing_seen = true;
                if submitting { typing.await_payer(now) } else { typing.keep() }
            }
            SubmitAnswer::Unknown(_) if submitting && on(Bug::B2) => {
                self.fail(ours(DeclineReason::Refused), Some(Plan::Declined))
            }
            SubmitAnswer::Unknown(_) if submitting && (on(Bug::B4) || on(Bug::B5)) => self.not_sent(now),
            SubmitAnswer::Unknown(_) if submitting => self.await_payer(now),
            SubmitAnswer::NotSent | SubmitAnswer::Unknown(_) => self.keep(),
        }
    }

    fn not_sent(mut self, now: Time) -> Step {
        if self.cancel_asked {
            return self.fail(ours(DeclineReason::Canceled), None);
        }
        self.phase = Phase::Opened;
        if on(Bug::B4) {
            self.intent.attempt += 1;
            let fresh = format!("{}{}", &self.intent.channel_order_no.as_str()[..27], self.intent.attempt);
            self.intent.channel_order_no =
                ChannelOrderNo::parse(&fresh).unwrap_or(self.intent.channel_order_no);
        }
        self.host = self.host.wrapping_add(1);
        self.submitted_at = None;
        self.wake = Some(now);
        self.changed()
    }

    /// The submit is over and nothing is decided: give the payer, or the channel, its window.
    fn await_payer(mut self, now: Time) -> Step {
        if self.cancel_asked {
            return Step { durable: true, ..self.look_last(now) };
        }
        let patience = self.patience();
        let first_ms = if self.polls.typing_seen {
            patience.first_query_typing_ms
        } else {
            patience.first_query_unknown_ms
        };
        let deadline = self.submitted().plus_ms(patience.window_ms);
        self.phase = Phase::AwaitingPayer { deadline, refused: false };
        self.wake = Some(self.submitted().plus_ms(first_ms).max(now).min(deadline));
        self.changed()
    }

    /// A signed refusal that has to be queried once before it is believed.
    fn ask_about(mut self, now: Time, deadline: Time, decline: Decline) -> Step {
        self.phase = Phase::AwaitingPayer { deadline, refused: true };
        self.failure = Some(decline);
        Step { durable: true, ..self.poll(now, deadline) }
    }

    /// A query while the payer has time; a query that is out is dropped.
    fn poll(mut self, now: Time, deadline: Time) -> Step {
        self.polls.asked += 1;
        let mut step = self.ask(now, Call::Query, QUERY_LIMIT_MS);
        step.payment.wake = step.payment.wake.map(|wake| wake.min(deadline.max(now)));
        step
    }

    pub(super) fn awaiting_woken(self, now: Time, deadline: Time) -> Step {
        if now >= deadline {
            return Step { durable: true, ..self.look_last(now) };
        }
        if self.out.is_some() {
            // A query is out and neither its limit nor the deadline has come.
            return self.keep();
        }
        self.poll(now, deadline)
    }

    pub(super) fn awaiting_answered(
        self,
        now: Time,
        deadline: Time,
        refused: bool,
        answer: QueryAnswer,
    ) -> Step {
        match answer {
            QueryAnswer::Paid(facts) => self.says_paid(now, facts),
            QueryAnswer::NotPaid | QueryAnswer::Declined(_) | QueryAnswer::Closed(_) if refused => {
                self.fail_refused()
            }
            QueryAnswer::NotFound if refused && !self.acknowledged => self.fail_refused(),
            QueryAnswer::NotFound if on(Bug::B3) => {
                self.fail(ours(DeclineReason::Refused), Some(Plan::Declined))
            }
            QueryAnswer::Declined(decline) => self.fail(decline, Some(Plan::Declined)),
            QueryAnswer::Closed(how) => self.closed_unpaid(how),
            QueryAnswer::MustReverse => Step { durable: true, ..self.look_last(now) },
            QueryAnswer::NotPaid if self.polls.not_paid_once => Step { durable: true, ..self.look_last(now) },
            QueryAnswer::NotPaid => {
                let not_paid_once = self.polls.typing_seen;
                self.poll_again(now, deadline, Polls { not_paid_once, ..Polls::default() })
            }
            QueryAnswer::AwaitingPayer => {
                self.poll_again(now, deadline, Polls { typing_seen: true, ..Polls::default() })
            }
            QueryAnswer::NotFound | QueryAnswer::Unknown(_) => {
                self.poll_again(now, deadline, Polls::default())
            }
        }
    }

    fn poll_again(mut self, now: Time, deadline: Time, seen: Polls) -> Step {
        self.polls = Polls {
            asked: self.polls.asked,
            typing_seen: self.polls.typing_seen || seen.typing_seen,
            not_paid_once: seen.not_paid_once,
        };
        let gap_ms = self.patience().query_gap_ms(self.polls.asked);
        self.wake = Some(now.plus_ms(gap_ms).min(deadline.max(now)));
        self.keep()
    }

    /// Turns to the last look: the query that directly precedes a reversal, never before `not_before`.
    pub(super) fn look_last(mut self, now: Time) -> Step {
        self.phase = Phase::LastLook;
        self.out = None;
        let at = self.not_before();
        if now >= at {
            return self.ask(now, Call::Query, LOOK_LIMIT_MS);
        }
        self.wake = Some(at);
        self.keep()
    }

    pub(super) fn last_look_woken(self, now: Time) -> Step {
        if self.out.is_some() {
            return self.keep();
        }
        self.look_last(now)
    }

    pub(super) fn last_look_answered(self, now: Time, answer: QueryAnswer) -> Step {
        match answer {
            QueryAnswer::Paid(facts) => self.says_paid(now, facts),
            QueryAnswer::Declined(decline) => self.fail(decline, Some(Plan::Declined)),
            QueryAnswer::Closed(how) => self.closed_unpaid(how),
            QueryAnswer::MustReverse => self.reverse(now, ReversalReason::ChannelAsked),
            QueryAnswer::NotPaid if self.polls.not_paid_once => {
                self.reverse(now, ReversalReason::ChannelAsked)
            }
            QueryAnswer::AwaitingPayer
            | QueryAnswer::NotPaid
            | QueryAnswer::NotFound
            | QueryAnswer::Unknown(_) => self.reverse(now, ReversalReason::Deadline),
        }
    }

    /// "Paid" before any reversal left: believed when bound and dated, undone when the till has cancelled.
    fn says_paid(mut self, now: Time, facts: PaidFacts) -> Step {
        if facts.difference(&self.bond()).is_some() {
            return self.suspend(now, CaseKind::PaidDiffers);
        }
        if self.cancel_asked {
            self.paid = Some(facts);
            return self.reverse(now, ReversalReason::Canceled);
        }
        self.paid_now(facts)
    }

    pub(super) fn paid_now(mut self, facts: PaidFacts) -> Step {
        self.phase = Phase::Paid;
        self.wake = None;
        self.out = None;
        self.told_paid = true;
        self.failure = None;
        self.paid = Some(facts);
        Step { notices: vec![Notice::Paid], ..self.changed() }
    }

    fn fail_refused(self) -> Step {
        let decline = self.failure.clone().unwrap_or_else(|| ours(DeclineReason::Refused));
        self.fail(decline, Some(Plan::Declined))
    }

    fn closed_unpaid(self, _how: ClosedHow) -> Step {
        self.fail(ours(DeclineReason::CustomerTimeout), Some(Plan::Closed))
    }

    /// Ends without money. `plan` is how the number is watched; a payment that was never asked has nothing to watch.
    pub(super) fn fail(mut self, decline: Decline, plan: Option<Plan>) -> Step {
        self.phase = Phase::Failed;
        self.wake = None;
        self.out = None;
        self.failure = Some(decline);
        let plan = plan.filter(|_| !on(Bug::B17));
        let watch = plan.map(|plan| Watch::begin(&self, self.updated_at, plan));
        Step { notices: vec![Notice::Failed], watch, ..self.changed() }
    }

    /// Decides to reverse; the call leaves at once, or at `not_before`.
    pub(super) fn reverse(mut self, now: Time, reason: ReversalReason) -> Step {
        let reason = if self.cancel_asked && reason == ReversalReason::Deadline {
            ReversalReason::Canceled
        } else {
            reason
        };
        self.phase = Phase::Reversing;
        self.out = None;
        self.reversal = Some(Reversal::new(reason, now));
        self.ask_reverse(now)
    }

    pub(super) fn suspend(mut self, now: Time, kind: CaseKind) -> Step {
        self.phase = Phase::Suspended { since: now };
        self.out = None;
        self.wake = Some(crate::patience::suspended_wake(now, now));
        let mut notices = Vec::new();
        if !self.told_paid {
            notices.push(Notice::Suspended);
        }
        self.open_case(kind, &mut notices);
        Step { notices, ..self.changed() }
    }

    /// One case at a time: a second reason to ask a person joins the first.
    pub(super) fn open_case(&mut self, kind: CaseKind, notices: &mut Vec<Notice>) {
        if self.case.is_none() {
            self.case = Some(kind);
            notices.push(Notice::CaseOpened(kind));
        }
    }

    pub(super) fn close_case(&mut self, notices: &mut Vec<Notice>) {
        if let Some(kind) = self.case.take() {
            notices.push(Notice::CaseClosed(kind));
        }
    }
}

impl SubmitAnswer {
    /// Whether the channel's own signed word arrived: the submit is no longer under way.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        match self {
            SubmitAnswer::Paid(_)
            | SubmitAnswer::AwaitingPayer
            | SubmitAnswer::Declined(_)
            | SubmitAnswer::DeclinedAsk(_) => true,
            SubmitAnswer::NotSent => false,
            SubmitAnswer::Unknown(doubt) => doubt.is_signed(),
        }
    }
}

/// A failure that is ours to name, without a channel's code.
pub(super) fn ours(reason: DeclineReason) -> Decline {
    Decline { reason, channel: ChannelCode::default() }
}
