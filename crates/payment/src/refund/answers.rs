//! What an answer makes of a refund.

use crate::exchange::{
    Call, ChannelCode, RefundAnswer, RefundFacts, RefundQueryAnswer, RefundReason, RefundRefusal,
};
use crate::patience::{
    REFUND_PENDING_BEFORE_CASE_MS, REFUND_TRIES_BEFORE_CASE, refund_funds_gap_ms, refund_query_gap_ms,
    refund_repeat_gap_ms,
};
use crate::payment::CaseKind;
use crate::planted::{Bug, on};
use crate::time::{HOUR_MS, Time};

use super::{Refund, RefundPhase, RefundStep};

impl Refund {
    pub(super) fn request_answered(mut self, now: Time, answer: RefundAnswer) -> RefundStep {
        self.phase = RefundPhase::Pending;
        match answer {
            RefundAnswer::Done(facts) => self.done(now, facts),
            RefundAnswer::Accepted => {
                self.acknowledged = true;
                self.refused = None;
                self.tries = 0;
                let at = now.plus_ms(self.limits().first_query_ms);
                self.look(at)
            }
            RefundAnswer::Refused(refusal) if on(Bug::B29) => {
                self.refused = Some(refusal);
                self.end(now, RefundPhase::Failed)
            }
            // Whatever a former request did is not refused by this: the channel is asked.
            RefundAnswer::Refused(refusal) => {
                self.refused = Some(refusal);
                RefundStep { durable: true, ..self.ask(now, Call::RefundQuery) }
            }
            RefundAnswer::Unknown(doubt) => {
                if !doubt.is_signed() {
                    self.unsure_at = self.last_at;
                }
                self.tries += 1;
                let at = now.plus_ms(self.limits().first_query_ms);
                self.stuck(now, at)
            }
        }
    }

    pub(super) fn query_answered(mut self, now: Time, answer: RefundQueryAnswer) -> RefundStep {
        match answer {
            RefundQueryAnswer::Done(facts) => self.done(now, facts),
            RefundQueryAnswer::Closed => {
                let code = ChannelCode { code: "closed".to_owned(), message: String::new() };
                self.refused = Some(RefundRefusal { reason: RefundReason::ClosedByChannel, channel: code });
                self.end(now, RefundPhase::Failed)
            }
            RefundQueryAnswer::Pending => {
                let news = !self.acknowledged;
                self.acknowledged = true;
                self.refused = None;
                let since = self.first_at.unwrap_or(self.intent.opened_at);
                let mut notices = Vec::new();
                if now.since_ms(since) >= REFUND_PENDING_BEFORE_CASE_MS {
                    self.open_case(CaseKind::RefundStuck, &mut notices);
                }
                self.tries = 0;
                let at = self.next_look(now);
                let durable = news || !notices.is_empty();
                let step = self.look(at);
                RefundStep { durable, notices, ..step }
            }
            RefundQueryAnswer::Abnormal => {
                self.acknowledged = true;
                let mut notices = Vec::new();
                self.open_case(CaseKind::RefundAbnormal, &mut notices);
                let step = self.look(now.plus_ms(HOUR_MS));
                RefundStep { notices, ..step }
            }
            RefundQueryAnswer::NotFound => self.not_found(now),
            RefundQueryAnswer::Unknown(_) => {
                self.tries += 1;
                let at = self.next_look(now);
                self.stuck(now, at)
            }
        }
    }

    pub(super) fn next_look(&self, now: Time) -> Time {
        now.plus_ms(refund_query_gap_ms(self.looks))
    }

    /// The channel knows no such refund, it says. That proves nothing once it has shown the refund, nor while a request may
    /// still be under way.
    pub(super) fn not_found(mut self, now: Time) -> RefundStep {
        self.tries += 1;
        if self.acknowledged {
            let at = self.next_look(now);
            return self.stuck(now, at);
        }
        let Some(refusal) = self.refused.clone() else {
            let at = self.repeat_at(now).max(now.plus_ms(refund_repeat_gap_ms(self.tries)));
            return self.again(now, at);
        };
        let landing = self.unsure_at.map(|at| at.plus_ms(self.settle_ms()));
        if let Some(landed) = landing.filter(|landed| now < *landed) {
            return self.look(landed);
        }
        if refusal.reason != RefundReason::Funds {
            return self.end(now, RefundPhase::Failed);
        }
        self.short += 1;
        let at = self.repeat_at(now).max(now.plus_ms(refund_funds_gap_ms(self.short)));
        let mut notices = Vec::new();
        self.open_case(CaseKind::RefundFunds, &mut notices);
        let step = self.again(now, at);
        RefundStep { notices: [notices, step.notices].concat(), ..step }
    }

    pub(super) fn done(mut self, now: Time, facts: RefundFacts) -> RefundStep {
        self.acknowledged = true;
        let differs = facts.difference(self.bond()).is_some();
        self.done = Some(facts);
        if !differs {
            return self.end(now, RefundPhase::Succeeded);
        }
        let mut notices = Vec::new();
        self.open_case(CaseKind::RefundDiffers, &mut notices);
        let step = self.look(now.plus_ms(HOUR_MS));
        RefundStep { notices, ..step }
    }

    /// The same request again, with the same number, at `at`.
    pub(super) fn again(mut self, now: Time, at: Time) -> RefundStep {
        self.phase = RefundPhase::Opened;
        self.refused = self.refused.filter(|refusal| refusal.reason == RefundReason::Funds);
        let step = self.stuck(now, at);
        RefundStep { durable: true, ..step }
    }

    pub(super) fn repeat_at(&self, now: Time) -> Time {
        self.last_at.map_or(now, |at| at.plus_ms(self.limits().gap_ms)).max(now)
    }

    /// Wakes at `at`; a person is told when nothing has become clear for too long.
    pub(super) fn stuck(mut self, now: Time, at: Time) -> RefundStep {
        let mut notices = Vec::new();
        if self.tries >= REFUND_TRIES_BEFORE_CASE && self.case.is_none() {
            self.open_case(CaseKind::RefundStuck, &mut notices);
        }
        self.wake = Some(at.max(now));
        RefundStep { notices, durable: true, ..self.keep() }
    }
}
