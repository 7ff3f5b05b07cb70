//! One attempt to collect with one code: the value, its phases, its inputs and its doors.
//!
//! [`Payment::step`] is total: whatever the outside world says, there is a next value. What a merchant or an operator asks
//! for goes through doors that can be refused: [`Payment::cancel`], [`Payment::request_reversal`], [`Payment::settle`].
//! The table of all transitions is printed from this code into `docs/transitions.md`.

mod answered;
mod doors;
mod instead;
mod paying;
mod refunding;
mod sound;
mod told;
mod undoing;

use crate::exchange::{Answer, Asked, Bond, Call, Decline, DeclineReason, PaidFacts, Payee};
use crate::ids::{ChannelOrderNo, MerchantCode, OrderNo, PaymentId};
use crate::money::Fen;
use crate::patience::{Channel, Patience};
use crate::reversal::Reversal;
use crate::time::Time;
use crate::watch::Watch;

pub use doors::{Refused, Settlement};
pub use refunding::{RefundRefused, RefundWish, Refunds};
pub use told::{CaseKind, Notice, Status};

/// What never changes once a payment is opened: every retransmission and every check uses it, never today's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    /// The payment's identity.
    pub id: PaymentId,
    /// Whose sale.
    pub merchant: MerchantCode,
    /// Which sale.
    pub order_no: OrderNo,
    /// Counts the attempts of one sale from 1.
    pub attempt: u32,
    /// The channel's name for this attempt.
    pub channel_order_no: ChannelOrderNo,
    /// The amount.
    pub amount: Fen,
    /// The channel account, by its name in the configuration.
    pub account: String,
    /// The channel.
    pub channel: Channel,
    /// Who must be paid.
    pub payee: Payee,
    /// When it was opened.
    pub opened_at: Time,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Stored, nothing asked.
    Opened,
    /// The submit is under way.
    Submitting,
    /// The payer, or the channel, is given time; we ask.
    AwaitingPayer {
        /// When the last look is due.
        deadline: Time,
        /// The submit was refused, and the channel's sheet wants that queried.
        refused: bool,
    },
    /// One more query, directly before a reversal.
    LastLook,
    /// Being reversed.
    Reversing,
    /// The reversal was answered; a query must agree.
    Confirming {
        /// The channel refused to reverse a payment that the till knows as paid.
        cannot: bool,
    },
    /// It is paid and can no longer be reversed: the whole amount goes back by a refund.
    Refunding,
    /// Final: the money is taken.
    Paid,
    /// Final: the money is certainly not taken.
    Failed,
    /// Final: closed, or certainly given back.
    Reversed,
    /// The channel cannot go on, or contradicts us: a person decides.
    Suspended {
        /// Since when.
        since: Time,
    },
}

/// Counters of questions that taught nothing; a crash may forget them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Polls {
    /// Queries asked while awaiting the payer.
    pub asked: u32,
    /// The channel has said that the payer is typing; the till is shown that, so the step that learns it is durable.
    pub typing_seen: bool,
    /// The last counted answer was *not paid*, after the payer had been asked.
    pub not_paid_once: bool,
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// What never changes.
    pub intent: Intent,
    /// Where it stands.
    pub phase: Phase,
    /// The latest time that this value has seen; time never runs backwards for it.
    pub updated_at: Time,
    /// When it next needs attention; none exactly in the final phases.
    pub wake: Option<Time>,
    /// When the submit became durable; ages count from here.
    pub submitted_at: Option<Time>,
    /// Which of the channel's hosts the next submit goes to, from 0.
    pub host: u8,
    /// The channel's own signed word on the submit has arrived.
    pub submit_answered: bool,
    /// The channel has proved that it has the order on its books.
    pub acknowledged: bool,
    /// The till cancelled.
    pub cancel_asked: bool,
    /// The till was told *paid*.
    pub told_paid: bool,
    /// The facts of the money, once believed.
    pub paid: Option<PaidFacts>,
    /// Why it failed, or the refusal that is being asked about.
    pub failure: Option<Decline>,
    /// The reversal, once one is wanted.
    pub reversal: Option<Reversal>,
    /// What was refunded, and what is about to be.
    pub refunds: Refunds,
    /// The open case, if a person is asked.
    pub case: Option<CaseKind>,
    /// The call that is out.
    pub out: Option<Asked>,
    /// How many calls were asked, for their numbers.
    pub calls: u32,
    /// What a crash may forget.
    pub polls: Polls,
    /// After a restart: no reversal before this moment, however old the row says that the submit is.
    pub hold: Option<Time>,
}

/// What happens to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// Its wake time has come.
    Wake {
        /// Whether the payment code is still in this process's memory.
        code: CodeHere,
    },
    /// An answer, and the number of the call that it answers.
    Answer {
        /// [`Asked::number`].
        number: u32,
        /// What was answered.
        answer: Answer,
    },
}

/// Whether the payment code is still in memory; it is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeHere {
    /// It is.
    Here,
    /// It is not: another process accepted it, or it was spent.
    Gone,
}

/// What a step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The next value.
    pub payment: Payment,
    /// The one call to make, after the value is durable.
    pub call: Option<Asked>,
    /// What to tell.
    pub notices: Vec<Notice>,
    /// A watch that begins in the same commit.
    pub watch: Option<Watch>,
    /// What is paid and can no longer be reversed: a refund of the whole amount begins in the same commit.
    pub refund: Option<PaidFacts>,
    /// A late "paid" arrived for a payment that ended otherwise: its watch looks now.
    pub wake_watch: bool,
    /// Whether anything changed that a crash must not forget. A poll that learned nothing writes nothing.
    pub durable: bool,
}

impl Payment {
    /// A payment that is stored and has asked nothing; it is due at once.
    #[must_use]
    pub fn open(intent: Intent) -> Payment {
        let opened_at = intent.opened_at;
        Payment {
            intent,
            phase: Phase::Opened,
            updated_at: opened_at,
            wake: Some(opened_at),
            submitted_at: None,
            host: 0,
            submit_answered: false,
            acknowledged: false,
            cancel_asked: false,
            told_paid: false,
            paid: None,
            failure: None,
            reversal: None,
            refunds: Refunds::default(),
            case: None,
            out: None,
            calls: 0,
            polls: Polls::default(),
            hold: None,
        }
    }

    /// The public status.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.phase {
            Phase::Paid => Status::Paid,
            Phase::Failed => Status::Failed,
            Phase::Reversed => Status::Reversed,
            Phase::Suspended { .. } | Phase::Reversing | Phase::Confirming { .. } if self.told_paid => {
                Status::Paid
            }
            Phase::Suspended { .. } => Status::Suspended,
            Phase::Opened
            | Phase::Submitting
            | Phase::AwaitingPayer { .. }
            | Phase::LastLook
            | Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Refunding => Status::Processing,
        }
    }

    /// Whether the phase is final: nothing is owed any more but the watch.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.phase, Phase::Paid | Phase::Failed | Phase::Reversed)
    }

    /// Whether nothing was ever asked of the channel, so that the code is unspent.
    #[must_use]
    pub fn never_asked(&self) -> bool {
        self.phase == Phase::Failed
            && self.failure.as_ref().is_some_and(|failure| {
                matches!(failure.reason, DeclineReason::NeverAsked | DeclineReason::Canceled)
            })
    }

    /// The next value after `input`. Total: the outside world cannot make it fail.
    #[must_use]
    pub fn step(mut self, now: Time, input: Input) -> Step {
        let now = now.max(self.updated_at);
        self.updated_at = now;
        let told_before = (self.acknowledged, self.polls.typing_seen);
        let mut step = match input {
            Input::Wake { code } => self.woken(now, code),
            Input::Answer { number, answer } => self.answered(now, number, answer),
        };
        step.durable |= (step.payment.acknowledged, step.payment.polls.typing_seen) != told_before;
        step.payment.assert_sound();
        step
    }

    /// What is left of it after a crash: a query that was out and the counters of polls are forgotten; submits and
    /// reversals are not. This is also exactly what a row holds.
    #[must_use]
    pub fn recovered(mut self) -> Payment {
        if self.out.is_some_and(|out| out.call == Call::Query) {
            self.out = None;
            self.wake = Some(self.updated_at);
        }
        self.polls = Polls { typing_seen: self.polls.typing_seen, ..Polls::default() };
        self.hold = None;
        self
    }

    fn woken(mut self, now: Time, code: CodeHere) -> Step {
        let Some(wake) = self.wake else { return self.keep() };
        if now < wake {
            return self.keep();
        }
        if let Some(out) = self.out.filter(|out| now >= out.limit) {
            self.out = None;
            return self.counted(now, Answer::silence(out.call));
        }
        match self.phase {
            Phase::Opened => self.opened_woken(now, code),
            Phase::Submitting => self.counted(now, Answer::silence(Call::Submit)),
            Phase::AwaitingPayer { deadline, .. } => self.awaiting_woken(now, deadline),
            Phase::LastLook => self.last_look_woken(now),
            Phase::Reversing => self.reversing_woken(now),
            Phase::Confirming { .. } => self.confirming_woken(now),
            Phase::Refunding => self.refunding_woken(now),
            Phase::Suspended { since } => self.suspended_woken(now, since),
            Phase::Paid | Phase::Failed | Phase::Reversed => self.keep(),
        }
    }

    fn patience(&self) -> Patience {
        self.intent.channel.patience()
    }

    /// When the submit became durable. Every phase behind `Opened` has it.
    fn submitted(&self) -> Time {
        self.submitted_at.unwrap_or(self.intent.opened_at)
    }

    /// The moment before which no reversal and no last look leaves.
    #[must_use]
    pub fn not_before(&self) -> Time {
        if crate::planted::on(crate::planted::Bug::B8) {
            return self.submitted();
        }
        let aged = self.patience().not_before(self.submitted(), self.submit_answered);
        self.hold.map_or(aged, |hold| hold.max(aged))
    }

    /// Taken up by a process that started at `started`. The wall clock may have been moved meanwhile, so the age that a row
    /// shows is no proof that the submit is over; from here on a whole minimum age passes before a reversal.
    #[must_use]
    pub fn taken_up(mut self, started: Time) -> Payment {
        let hold = self.patience().not_before(started, false);
        if self.submitted_at.is_some_and(|submitted| submitted < started) {
            self.hold = Some(hold);
        }
        self
    }

    fn bond(&self) -> Bond<'_> {
        Bond {
            channel_order_no: &self.intent.channel_order_no,
            amount: self.intent.amount,
            payee: &self.intent.payee,
            opened_at: self.intent.opened_at,
        }
    }

    /// Unchanged but for what a crash may forget.
    fn keep(self) -> Step {
        Step {
            payment: self,
            call: None,
            notices: Vec::new(),
            watch: None,
            refund: None,
            wake_watch: false,
            durable: false,
        }
    }

    /// Changed: a crash must not forget it.
    fn changed(self) -> Step {
        Step { durable: true, ..self.keep() }
    }

    /// Asks one call now; a query that is out is dropped, its answer will be late.
    fn ask(mut self, now: Time, call: Call, limit_ms: i64) -> Step {
        self.calls += 1;
        let asked = Asked { call, number: self.calls, at: now, limit: now.plus_ms(limit_ms) };
        assert!(
            self.out.is_none_or(|out| out.call == Call::Query),
            "a {} was about to be dropped while it is out",
            self.out.map_or("call", |out| out.call.word())
        );
        self.out = Some(asked);
        self.wake = Some(asked.limit);
        Step { call: Some(asked), ..self.keep() }
    }
}
