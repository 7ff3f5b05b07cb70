//! What a payment knows of its refunds: how much is given back, how much is reserved, and whether there may be more.

use crate::ids::{ChannelRefundNo, RefundId, RefundNo};
use crate::money::Fen;
use crate::patience::RefundLimits;
use crate::planted::{Bug, on};
use crate::refund::{Refund, RefundIntent};
use crate::time::Time;

use super::{Payment, Phase, Step};

/// The money of a payment's refunds, in fen. Given back plus reserved never exceeds what was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refunds {
    /// Given back for certain.
    pub given_back: i64,
    /// Reserved by refunds that are not over.
    pub reserved: i64,
    /// Refunds that are under way or succeeded.
    pub parts: u32,
    /// Before this moment the channel takes no further refund request of this payment.
    pub next_at: Option<Time>,
}

impl Refunds {
    /// Whether anything was given back or is about to be: then the payment is not reversed any more.
    #[must_use]
    pub fn any(&self) -> bool {
        self.given_back > 0 || self.reserved > 0
    }
}

/// What a merchant asks of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundWish {
    /// The refund's identity, fresh.
    pub id: RefundId,
    /// The merchant's number.
    pub refund_no: RefundNo,
    /// Our name for it at the channel.
    pub channel_refund_no: ChannelRefundNo,
    /// How much.
    pub amount: Fen,
    /// Why, for the payer and the books.
    pub reason: Option<String>,
}

/// Why no refund is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// Only what is paid is refunded.
    #[error("the payment is not paid; only a paid payment can be refunded")]
    NotPaid,
    /// A reversal gives, or gave, the whole amount back.
    #[error("the payment is being reversed, which gives the whole amount back")]
    UnderReversal,
    /// More than what is left.
    #[error("more than what is left: {left} fen can be refunded")]
    TooMuch {
        /// What is left, fen.
        left: i64,
    },
    /// The channel takes no more parts.
    #[error("the channel takes at most {max} refunds of one payment")]
    TooManyParts {
        /// How many.
        max: u32,
    },
    /// The period is over.
    #[error("the channel's period for refunds ended; give the money back by other means")]
    WindowOver {
        /// When it ended.
        until: Time,
    },
}

impl Payment {
    /// What may still be refunded, fen; 0 unless the payment stands as paid.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        match self.phase {
            Phase::Paid => self.intent.amount.fen() - self.refunds.given_back - self.refunds.reserved,
            Phase::Opened
            | Phase::Submitting
            | Phase::AwaitingPayer { .. }
            | Phase::LastLook
            | Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Refunding
            | Phase::Failed
            | Phase::Reversed
            | Phase::Suspended { .. } => 0,
        }
    }

    /// Until when it may be refunded, by the channel's time of the payment.
    #[must_use]
    pub fn refundable_until(&self, limits: &RefundLimits) -> Time {
        let paid_at = self.paid.as_ref().map_or(self.intent.opened_at, |facts| facts.paid_at);
        paid_at.plus_ms(limits.window_ms)
    }

    /// Opens a refund: reserves its amount. `limits` are the channel's, or what the account's contract says.
    pub fn open_refund(
        mut self,
        now: Time,
        wish: RefundWish,
        limits: &RefundLimits,
    ) -> Result<(Step, Refund), RefundRefused> {
        let now = now.max(self.updated_at);
        match self.phase {
            Phase::Paid => {}
            Phase::Reversing
            | Phase::Confirming { .. }
            | Phase::Refunding
            | Phase::Reversed
            | Phase::Suspended { .. } => return Err(RefundRefused::UnderReversal),
            Phase::Opened
            | Phase::Submitting
            | Phase::AwaitingPayer { .. }
            | Phase::LastLook
            | Phase::Failed => return Err(RefundRefused::NotPaid),
        }
        let until = self.refundable_until(limits);
        if now >= until {
            return Err(RefundRefused::WindowOver { until });
        }
        let left = self.refundable();
        if wish.amount.fen() > left && !on(Bug::B14) {
            return Err(RefundRefused::TooMuch { left });
        }
        if self.refunds.parts >= limits.parts_max {
            return Err(RefundRefused::TooManyParts { max: limits.parts_max });
        }
        self.updated_at = now;
        let due = self.refunds.next_at.map_or(now, |at| at.max(now));
        self.refunds.reserved += wish.amount.fen();
        self.refunds.parts += 1;
        self.refunds.next_at = Some(due.plus_ms(limits.gap_ms));
        let transaction_no = self.paid.as_ref().map(|facts| facts.channel_transaction_no.clone());
        let intent = RefundIntent {
            id: wish.id,
            payment: self.intent.clone(),
            channel_transaction_no: transaction_no.unwrap_or_default(),
            refund_no: wish.refund_no,
            channel_refund_no: wish.channel_refund_no,
            amount: wish.amount,
            reason: wish.reason,
            opened_at: now,
        };
        let step = self.changed();
        step.payment.assert_sound();
        Ok((step, Refund::open(intent, due)))
    }

    /// A refund of this payment has ended: its reserve is posted, or set free.
    #[must_use]
    pub fn refund_ended(mut self, now: Time, amount: Fen, succeeded: bool) -> Step {
        self.updated_at = now.max(self.updated_at);
        self.refunds.reserved -= amount.fen();
        let mut notices = Vec::new();
        if succeeded {
            self.refunds.given_back += amount.fen();
            // A reversal that the channel refused is not owed any more once all of it is given back.
            if self.refunds.given_back == self.intent.amount.fen() {
                self.close_case(&mut notices);
            }
        } else {
            self.refunds.parts = self.refunds.parts.saturating_sub(1);
        }
        let step = Step { notices, ..self.changed() };
        step.payment.assert_sound();
        step
    }

    /// What must hold of the sums, in release builds too.
    pub(super) fn assert_sums(&self) {
        let Refunds { given_back, reserved, .. } = self.refunds;
        let within = given_back >= 0 && reserved >= 0 && given_back + reserved <= self.intent.amount.fen();
        assert!(
            within || on(Bug::B14),
            "refunded {given_back} and reserved {reserved} of {}: {:?}",
            self.intent.amount,
            self.intent.id
        );
    }
}
