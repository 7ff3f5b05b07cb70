//! The refund as a machine of its own: a part, or all, of what was paid goes back, once.
//!
//! The amount is reserved in the payment by the commit that opens the refund, and posted or set free by the commit that
//! ends it. A refund that is in doubt is asked about, and repeated with the *same* number; *failed* is said only after the
//! channel closed it, or after a signed refusal and a query that knows of no such refund.

mod answers;

use crate::exchange::{
    Answer, Asked, Call, RefundAnswer, RefundBond, RefundFacts, RefundReason, RefundRefusal,
};
use crate::ids::{ChannelRefundNo, RefundId, RefundNo};
use crate::money::Fen;
use crate::patience::{QUERY_LIMIT_MS, RefundLimits};
use crate::payment::{CaseKind, Intent, Notice};
use crate::time::Time;

/// What never changes once a refund is opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefundIntent {
    /// The refund's identity.
    pub id: RefundId,
    /// The payment's intent: whom to ask, about what.
    pub payment: Intent,
    /// The channel's own number of the payment; empty where it never said one.
    pub channel_transaction_no: String,
    /// The merchant's number of the refund; one number is one refund.
    pub refund_no: RefundNo,
    /// The channel's name for the refund, the same in every repeat.
    pub channel_refund_no: ChannelRefundNo,
    /// How much goes back.
    pub amount: Fen,
    /// Why, in the merchant's words; the payer may see it.
    pub reason: Option<String>,
    /// When it was opened.
    pub opened_at: Time,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundPhase {
    /// Stored; the request leaves at its wake.
    Opened,
    /// The request is under way.
    Asking,
    /// The channel is asked what became of it.
    Pending,
    /// Final: the money is given back.
    Succeeded,
    /// Final: nothing was given back, and nothing will be under this number.
    Failed,
}

/// The public status of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundStatus {
    /// 退款中
    Pending,
    /// 退款成功
    Succeeded,
    /// 退款失败
    Failed,
}

impl RefundStatus {
    /// The status's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed => "failed",
        }
    }
}

/// One refund.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refund {
    /// What never changes.
    pub intent: RefundIntent,
    /// Where it stands.
    pub phase: RefundPhase,
    /// The latest time that it has seen.
    pub updated_at: Time,
    /// When it next needs attention; none exactly in the final phases.
    pub wake: Option<Time>,
    /// Requests that left, or may have left.
    pub requests: u32,
    /// When the first request was asked.
    pub first_at: Option<Time>,
    /// When the latest request was asked.
    pub last_at: Option<Time>,
    /// The latest request whose own signed answer never came was asked then: it may still be under way.
    pub unsure_at: Option<Time>,
    /// The channel has proved that it has the refund on its books.
    pub acknowledged: bool,
    /// The latest refusal, while it is not overtaken.
    pub refused: Option<RefundRefusal>,
    /// How often the merchant's funds did not cover it.
    pub short: u32,
    /// Questions asked about it; the gaps between them grow.
    pub looks: u32,
    /// Answers in a row that made nothing clear.
    pub tries: u32,
    /// What the channel says it gave back.
    pub done: Option<RefundFacts>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Its open case.
    pub case: Option<CaseKind>,
    /// The call that is out.
    pub out: Option<Asked>,
    /// How many calls were asked.
    pub calls: u32,
}

/// What happens to a refund.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RefundInput {
    /// Its wake time has come.
    Wake,
    /// An answer, and the number of the call that it answers.
    Answer {
        /// [`Asked::number`].
        number: u32,
        /// What was answered.
        answer: Answer,
    },
}

/// What a refund's step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundStep {
    /// The next value.
    pub refund: Refund,
    /// The one call to make, after the value is durable.
    pub call: Option<Asked>,
    /// What to tell.
    pub notices: Vec<Notice>,
    /// Whether anything changed that a crash must not forget.
    pub durable: bool,
}

/// Why a person's word on a refund is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundUnsettled {
    /// No case is open about it.
    #[error("no case is open about this refund; the engine is still deciding it, or has decided it")]
    NoCase,
    /// A request is out; its answer comes first.
    #[error("a refund request is out; wait for its answer, a few seconds, and settle again")]
    RequestOut,
}

impl Refund {
    /// A refund that is stored and has asked nothing; the request leaves at `due`.
    #[must_use]
    pub fn open(intent: RefundIntent, due: Time) -> Refund {
        let opened_at = intent.opened_at;
        Refund {
            intent,
            phase: RefundPhase::Opened,
            updated_at: opened_at,
            wake: Some(due.max(opened_at)),
            requests: 0,
            first_at: None,
            last_at: None,
            unsure_at: None,
            acknowledged: false,
            refused: None,
            short: 0,
            looks: 0,
            tries: 0,
            done: None,
            ended_at: None,
            case: None,
            out: None,
            calls: 0,
        }
    }

    /// The public status.
    #[must_use]
    pub fn status(&self) -> RefundStatus {
        match self.phase {
            RefundPhase::Opened | RefundPhase::Asking | RefundPhase::Pending => RefundStatus::Pending,
            RefundPhase::Succeeded => RefundStatus::Succeeded,
            RefundPhase::Failed => RefundStatus::Failed,
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.phase, RefundPhase::Succeeded | RefundPhase::Failed)
    }

    /// The next value after `input`. Total: the outside world cannot make it fail.
    #[must_use]
    pub fn step(mut self, now: Time, input: RefundInput) -> RefundStep {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        let step = match input {
            RefundInput::Wake => self.woken(now),
            RefundInput::Answer { number, answer } => self.answered(now, number, answer),
        };
        step.refund.assert_sound();
        step
    }

    /// What is left of it after a crash: a query that was out is forgotten, a request is not.
    #[must_use]
    pub fn recovered(mut self) -> Refund {
        if self.out.is_some_and(|out| out.call == Call::RefundQuery) {
            self.out = None;
            self.wake = Some(self.updated_at);
        }
        self
    }

    /// A person settles a refund that has a case, with evidence that the caller keeps.
    pub fn settle(mut self, now: Time, given_back: bool) -> Result<RefundStep, RefundUnsettled> {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        if self.case.is_none() || self.is_final() {
            return Err(RefundUnsettled::NoCase);
        }
        if self.out.is_some_and(|out| out.call == Call::Refund) {
            return Err(RefundUnsettled::RequestOut);
        }
        let step = if given_back {
            self.end(now, RefundPhase::Succeeded)
        } else {
            let channel = self.refused.take().map(|refusal| refusal.channel).unwrap_or_default();
            self.refused = Some(RefundRefusal { reason: RefundReason::Settled, channel });
            self.end(now, RefundPhase::Failed)
        };
        step.refund.assert_sound();
        Ok(step)
    }

    fn woken(mut self, now: Time) -> RefundStep {
        if self.wake.is_none_or(|wake| now < wake) {
            return self.keep();
        }
        if let Some(out) = self.out {
            if now < out.limit {
                return self.keep();
            }
            self.out = None;
            return self.counted(now, Answer::silence(out.call));
        }
        match self.phase {
            RefundPhase::Opened => self.ask_refund(now),
            RefundPhase::Asking | RefundPhase::Pending => self.ask(now, Call::RefundQuery),
            RefundPhase::Succeeded | RefundPhase::Failed => self.keep(),
        }
    }

    fn answered(mut self, now: Time, number: u32, answer: Answer) -> RefundStep {
        if self.out.is_some_and(|out| out.number == number && out.call == answer.call()) {
            self.out = None;
            return self.counted(now, answer);
        }
        // Too late to count. A request that was taken up is on the books, whatever was asked since.
        let known = matches!(answer, Answer::Refund(RefundAnswer::Done(_) | RefundAnswer::Accepted));
        let learned = known && !self.acknowledged && !self.is_final();
        self.acknowledged |= learned;
        RefundStep { durable: learned, ..self.keep() }
    }

    fn counted(self, now: Time, answer: Answer) -> RefundStep {
        match (self.phase, answer) {
            (RefundPhase::Asking, Answer::Refund(answer)) => self.request_answered(now, answer),
            (RefundPhase::Pending, Answer::RefundQuery(answer)) => self.query_answered(now, answer),
            (
                RefundPhase::Opened
                | RefundPhase::Asking
                | RefundPhase::Pending
                | RefundPhase::Succeeded
                | RefundPhase::Failed,
                Answer::Submit(_)
                | Answer::Query(_)
                | Answer::Reverse(_)
                | Answer::Refund(_)
                | Answer::RefundQuery(_),
            ) => self.keep(),
        }
    }

    fn ask_refund(mut self, now: Time) -> RefundStep {
        self.phase = RefundPhase::Asking;
        self.requests += 1;
        self.first_at.get_or_insert(now);
        self.last_at = Some(now);
        RefundStep { durable: true, ..self.ask(now, Call::Refund) }
    }

    fn look(mut self, at: Time) -> RefundStep {
        self.wake = Some(at);
        RefundStep { durable: true, ..self.keep() }
    }

    fn end(mut self, now: Time, phase: RefundPhase) -> RefundStep {
        self.phase = phase;
        self.wake = None;
        self.out = None;
        self.ended_at = Some(now);
        let told = if phase == RefundPhase::Succeeded {
            self.refused = None;
            Notice::RefundSucceeded
        } else {
            Notice::RefundFailed
        };
        let closed = self.case.take().map(Notice::CaseClosed);
        let notices = [told].into_iter().chain(closed).collect();
        RefundStep { notices, durable: true, ..self.keep() }
    }

    /// A case says what is needed now: one of another kind takes the place of the one before.
    fn open_case(&mut self, kind: CaseKind, notices: &mut Vec<Notice>) {
        if self.case != Some(kind) {
            notices.extend(self.case.replace(kind).map(Notice::CaseClosed));
            notices.push(Notice::CaseOpened(kind));
        }
    }

    fn bond(&self) -> RefundBond<'_> {
        RefundBond {
            channel_order_no: &self.intent.payment.channel_order_no,
            channel_refund_no: &self.intent.channel_refund_no,
            amount: self.intent.amount,
        }
    }

    fn limits(&self) -> RefundLimits {
        self.intent.payment.channel.patience().refunds
    }

    fn settle_ms(&self) -> i64 {
        self.intent.payment.channel.patience().settle_ms
    }

    fn ask(mut self, now: Time, call: Call) -> RefundStep {
        let limit_ms = match call {
            Call::Refund => self.intent.payment.channel.patience().call_limit_ms,
            Call::Submit | Call::Query | Call::Reverse | Call::RefundQuery => QUERY_LIMIT_MS,
        };
        self.calls += 1;
        self.looks += u32::from(call == Call::RefundQuery);
        let asked = Asked { call, number: self.calls, at: now, limit: now.plus_ms(limit_ms) };
        assert!(self.out.is_none(), "one call of a refund is out at most: {:?}", self.intent.id);
        self.out = Some(asked);
        self.wake = Some(asked.limit);
        RefundStep { call: Some(asked), ..self.keep() }
    }

    fn keep(self) -> RefundStep {
        RefundStep { refund: self, call: None, notices: Vec::new(), durable: false }
    }

    /// What must hold after every step, in release builds too.
    fn assert_sound(&self) {
        assert_eq!(
            self.wake.is_none(),
            self.is_final(),
            "exactly a refund that is over has no wake: {:?}",
            self.intent.id
        );
        assert!(
            self.phase != RefundPhase::Failed || self.refused.is_some(),
            "failed without a reason: {:?}",
            self.intent.id
        );
        assert!(
            self.out.is_none_or(|out| out.call != Call::Refund) || self.phase == RefundPhase::Asking,
            "a request is out only while asking: {:?}",
            self.intent.id
        );
    }
}
