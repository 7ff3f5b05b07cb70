//! The words between a refund and any channel.

use crate::ids::{ChannelOrderNo, ChannelRefundNo};
use crate::money::Fen;

use super::{ChannelCode, Difference, Doubt};

/// What a channel can answer to a refund.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RefundAnswer {
    /// The money is given back, it says.
    Done(RefundFacts),
    /// Taken up; the refund query says how it ends.
    Accepted,
    /// A signed refusal: this request gave nothing back.
    Refused(RefundRefusal),
    /// Anything else.
    Unknown(Doubt),
}

/// What a channel can answer to a refund query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RefundQueryAnswer {
    /// The money is given back, it says.
    Done(RefundFacts),
    /// Taken up and not yet over.
    Pending,
    /// Over, and nothing was given back (REFUNDCLOSE): a new try needs a new refund number.
    Closed,
    /// The channel cannot deliver the money (CHANGE, ABNORMAL): the merchant must act at the channel.
    Abnormal,
    /// The channel knows no such refund, it says.
    NotFound,
    /// Anything else.
    Unknown(Doubt),
}

/// What is known of money that a channel says was given back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefundFacts {
    /// The channel order number that the answer is about.
    pub channel_order_no: String,
    /// The refund number that the answer is about.
    pub channel_refund_no: String,
    /// How much; `None` where the channel's answer does not say it of this one refund.
    pub amount: Option<Fen>,
    /// The channel's own number of the refund; empty where it has none.
    pub channel_transaction_no: String,
}

/// What a "given back" must agree with: the refund's own intent.
#[derive(Clone, Copy, Debug)]
pub struct RefundBond<'a> {
    /// The payment's number.
    pub channel_order_no: &'a ChannelOrderNo,
    /// The refund's number.
    pub channel_refund_no: &'a ChannelRefundNo,
    /// How much was to be given back.
    pub amount: Fen,
}

impl RefundFacts {
    /// What differs from the intent, if anything does.
    #[must_use]
    pub fn difference(&self, bond: RefundBond<'_>) -> Option<Difference> {
        if self.channel_order_no != bond.channel_order_no.as_str()
            || self.channel_refund_no != bond.channel_refund_no.as_str()
        {
            return Some(Difference::OrderNo);
        }
        if self.amount.is_some_and(|amount| amount != bond.amount) {
            return Some(Difference::Amount);
        }
        None
    }
}

/// A definite refusal of a refund request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefundRefusal {
    /// Our word for it.
    pub reason: RefundReason,
    /// The channel's code and text.
    pub channel: ChannelCode,
}

/// Why a refund was refused, in words that are the same for every channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundReason {
    /// The merchant's funds do not cover it: repeated with the same number until they do.
    Funds,
    /// The channel's period for refunds is over.
    WindowOver,
    /// The payer's account is closed or frozen: the money cannot get back this way.
    PayerAccount,
    /// More than what is left of the payment.
    AmountExceeded,
    /// Too many parts of one payment.
    TooManyParts,
    /// The payment was reversed, closed or fully refunded already, the channel says.
    NothingLeft,
    /// The channel does not refund this payment (in this way), or the merchant may not.
    NotAllowed,
    /// The request is wrong: keys, certificate, parameters.
    Configuration,
    /// The channel took the refund up and closed it.
    ClosedByChannel,
    /// The channel refused and says no more.
    Refused,
    /// A person settled it so.
    Settled,
}

/// What can be done after a refund was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundAdvice {
    /// Put money into the merchant's account at the channel; the same refund goes on by itself.
    TopUp,
    /// Give the money back by other means: cash, transfer.
    OtherMeans,
    /// Ask for the rest only.
    LessMoney,
    /// Ask again under a new refund number.
    NewRefund,
    /// Call support: it is ours or the channel's to mend.
    CallSupport,
}

impl RefundReason {
    /// Every reason, for tables and documents.
    pub const ALL: [RefundReason; 11] = [
        RefundReason::Funds,
        RefundReason::WindowOver,
        RefundReason::PayerAccount,
        RefundReason::AmountExceeded,
        RefundReason::TooManyParts,
        RefundReason::NothingLeft,
        RefundReason::NotAllowed,
        RefundReason::Configuration,
        RefundReason::ClosedByChannel,
        RefundReason::Refused,
        RefundReason::Settled,
    ];

    /// The reason's word in the API (`failure.code` of a refund).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RefundReason::Funds => "merchant_funds",
            RefundReason::WindowOver => "refund_window_over",
            RefundReason::PayerAccount => "payer_account",
            RefundReason::AmountExceeded => "amount_exceeded",
            RefundReason::TooManyParts => "too_many_refunds",
            RefundReason::NothingLeft => "nothing_left",
            RefundReason::NotAllowed => "not_allowed",
            RefundReason::Configuration => "configuration",
            RefundReason::ClosedByChannel => "closed_by_channel",
            RefundReason::Refused => "refused",
            RefundReason::Settled => "settled",
        }
    }

    /// What can be done.
    #[must_use]
    pub fn advice(self) -> RefundAdvice {
        match self {
            RefundReason::Funds => RefundAdvice::TopUp,
            RefundReason::WindowOver
            | RefundReason::PayerAccount
            | RefundReason::TooManyParts
            | RefundReason::NotAllowed => RefundAdvice::OtherMeans,
            RefundReason::AmountExceeded | RefundReason::NothingLeft => RefundAdvice::LessMoney,
            RefundReason::ClosedByChannel | RefundReason::Refused | RefundReason::Settled => {
                RefundAdvice::NewRefund
            }
            RefundReason::Configuration => RefundAdvice::CallSupport,
        }
    }
}

impl RefundAdvice {
    /// The advice's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RefundAdvice::TopUp => "top_up",
            RefundAdvice::OtherMeans => "other_means",
            RefundAdvice::LessMoney => "less_money",
            RefundAdvice::NewRefund => "new_refund",
            RefundAdvice::CallSupport => "call_support",
        }
    }
}
