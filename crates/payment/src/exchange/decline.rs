//! Definite refusals of a payment: why, and what the cashier can do.

use super::ChannelCode;

/// A definite refusal: why, and what the cashier can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decline {
    /// Our word for it.
    pub reason: DeclineReason,
    /// The channel's code and text.
    pub channel: ChannelCode,
}

/// Why a payment failed, in words that are the same for every channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclineReason {
    /// No funds behind the code.
    InsufficientFunds,
    /// The code is too old.
    CodeExpired,
    /// The code was used before.
    CodeUsed,
    /// The code is malformed, or of another wallet.
    CodeInvalid,
    /// The customer's limit.
    PayerLimit,
    /// The merchant's limit, or the amount is not allowed.
    MerchantLimit,
    /// Risk control.
    RiskRefused,
    /// The card or fund behind the code is not accepted.
    CardNotAccepted,
    /// The customer's account may not pay.
    PayerAccount,
    /// The customer refused or did not confirm.
    CustomerTimeout,
    /// The channel refused to pay and says no more.
    Refused,
    /// The merchant may not: contract, permission, account.
    MerchantNotAllowed,
    /// The request is wrong: keys, parameters.
    Configuration,
    /// Nothing was ever asked: no connection, or too late.
    NeverAsked,
    /// The till cancelled before anything was asked.
    Canceled,
    /// A person settled it so.
    Settled,
}

/// What the cashier can do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Ask for a fresh code and scan again.
    NewCode,
    /// Ask for another wallet or means.
    OtherWallet,
    /// Wait and try again.
    Wait,
    /// Call support: it is ours or the channel's to mend.
    CallSupport,
}

impl DeclineReason {
    /// Every reason, for tables and documents.
    pub const ALL: [DeclineReason; 16] = [
        DeclineReason::InsufficientFunds,
        DeclineReason::CodeExpired,
        DeclineReason::CodeUsed,
        DeclineReason::CodeInvalid,
        DeclineReason::PayerLimit,
        DeclineReason::MerchantLimit,
        DeclineReason::RiskRefused,
        DeclineReason::CardNotAccepted,
        DeclineReason::PayerAccount,
        DeclineReason::CustomerTimeout,
        DeclineReason::Refused,
        DeclineReason::MerchantNotAllowed,
        DeclineReason::Configuration,
        DeclineReason::NeverAsked,
        DeclineReason::Canceled,
        DeclineReason::Settled,
    ];

    /// The reason's word in the API (`failure.code`).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DeclineReason::InsufficientFunds => "insufficient_funds",
            DeclineReason::CodeExpired => "code_expired",
            DeclineReason::CodeUsed => "code_used",
            DeclineReason::CodeInvalid => "code_invalid",
            DeclineReason::PayerLimit => "payer_limit",
            DeclineReason::MerchantLimit => "merchant_limit",
            DeclineReason::RiskRefused => "risk_refused",
            DeclineReason::CardNotAccepted => "card_not_accepted",
            DeclineReason::PayerAccount => "payer_account",
            DeclineReason::CustomerTimeout => "customer_timeout",
            DeclineReason::Refused => "refused",
            DeclineReason::MerchantNotAllowed => "merchant_not_allowed",
            DeclineReason::Configuration => "configuration",
            DeclineReason::NeverAsked => "never_asked",
            DeclineReason::Canceled => "canceled",
            DeclineReason::Settled => "settled",
        }
    }

    /// What the cashier can do.
    #[must_use]
    pub fn advice(self) -> Advice {
        match self {
            DeclineReason::CodeExpired
            | DeclineReason::CodeUsed
            | DeclineReason::CodeInvalid
            | DeclineReason::CustomerTimeout
            | DeclineReason::Refused
            | DeclineReason::Canceled
            | DeclineReason::Settled => Advice::NewCode,
            DeclineReason::InsufficientFunds
            | DeclineReason::PayerLimit
            | DeclineReason::RiskRefused
            | DeclineReason::CardNotAccepted
            | DeclineReason::PayerAccount => Advice::OtherWallet,
            DeclineReason::NeverAsked => Advice::Wait,
            DeclineReason::MerchantLimit
            | DeclineReason::MerchantNotAllowed
            | DeclineReason::Configuration => Advice::CallSupport,
        }
    }
}

impl Advice {
    /// The advice's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Advice::NewCode => "new_code",
            Advice::OtherWallet => "other_wallet",
            Advice::Wait => "wait",
            Advice::CallSupport => "call_support",
        }
    }
}
