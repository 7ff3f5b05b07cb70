//! Which answers count, and for which phase.

use crate::exchange::{Answer, QueryAnswer, SubmitAnswer};
use crate::planted::{Bug, on};
use crate::time::Time;

use super::{Payment, Phase, Step};

impl Payment {
    pub(super) fn answered(mut self, now: Time, number: u32, answer: Answer) -> Step {
        if answer.acknowledges() {
            self.acknowledged = true;
        }
        let is_out = self.out.is_some_and(|out| out.number == number && out.call == answer.call());
        if is_out {
            self.out = None;
        }
        if let Answer::Submit(submit) = &answer {
            self.submit_answered |= submit.is_signed();
            let counts = match self.phase {
                Phase::Submitting => is_out,
                Phase::AwaitingPayer { .. } | Phase::LastLook => true,
                Phase::Opened
                | Phase::Reversing
                | Phase::Confirming { .. }
                | Phase::Refunding
                | Phase::Paid
                | Phase::Failed
                | Phase::Reversed
                | Phase::Suspended { .. } => false,
            };
            return if counts { self.counted(now, answer) } else { self.evidence(answer) };
        }
        if is_out { self.counted(now, answer) } else { self.evidence(answer) }
    }

    /// An answer that counts: its call is the one that was out, or it is the submit's.
    pub(super) fn counted(self, now: Time, answer: Answer) -> Step {
        match answer {
            Answer::Submit(answer) => self.submit_answered(now, answer),
            Answer::Query(answer) => match self.phase {
                Phase::AwaitingPayer { deadline, refused } => {
                    self.awaiting_answered(now, deadline, refused, answer)
                }
                Phase::LastLook => self.last_look_answered(now, answer),
                Phase::Confirming { cannot } => self.confirming_answered(now, cannot, answer),
                Phase::Refunding => self.refunding_answered(now, answer),
                Phase::Suspended { since } => self.suspended_answered(now, since, answer),
                Phase::Opened
                | Phase::Submitting
                | Phase::Reversing
                | Phase::Paid
                | Phase::Failed
                | Phase::Reversed => self.keep(),
            },
            Answer::Reverse(answer) => match self.phase {
                Phase::Reversing => self.reversing_answered(now, answer),
                Phase::Suspended { since } => self.suspended_reverse_answered(now, since, answer),
                Phase::Opened
                | Phase::Submitting
                | Phase::AwaitingPayer { .. }
                | Phase::LastLook
                | Phase::Confirming { .. }
                | Phase::Refunding
                | Phase::Paid
                | Phase::Failed
                | Phase::Reversed => self.keep(),
            },
            Answer::Refund(_) | Answer::RefundQuery(_) => self.keep(),
        }
    }

    /// An answer that comes too late to count: it may prove that the order exists, and a "paid" wakes the watch.
    fn evidence(self, answer: Answer) -> Step {
        let says_paid =
            matches!(answer, Answer::Submit(SubmitAnswer::Paid(_)) | Answer::Query(QueryAnswer::Paid(_)));
        if on(Bug::B7)
            && self.phase == Phase::Reversed
            && let Answer::Submit(SubmitAnswer::Paid(facts)) = answer
        {
            return self.paid_now(facts);
        }
        let wake_watch = says_paid && matches!(self.phase, Phase::Failed | Phase::Reversed);
        Step { wake_watch, ..self.keep() }
    }
}
