//! The words of closed sets, each the API's own type: the machine's types are not serializable, and a variant that is added
//! there does not compile here until it has its word in the contract.

use payment::auth_code::Wallet;
use payment::exchange::{Advice, DeclineReason};
use payment::patience::Channel;
use payment::payment::{CaseKind, Status};
use payment::reversal::{ReversalReason, ReversalStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// One enum of words, and how it follows from the machine's.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $public:ident from $core:ident: $($pattern:pat => $variant:ident),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = $public)]
        pub(in crate::api) enum $name {
            $($variant,)+
        }

        impl From<&$core> for $name {
            fn from(core: &$core) -> $name {
                match core {
                    $($pattern => $name::$variant,)+
                }
            }
        }
    };
}

words! {
    /// Where a payment stands. `processing` (处理中): not decided, do not charge again. `paid` (支付成功), `failed` (支付失败:
    /// not charged) and `reversed` (已撤销: closed, or all of it given back) are final. `suspended` (挂起): a person decides.
    StatusWord as PaymentStatus from Status:
    Status::Processing => Processing,
    Status::Paid => Paid,
    Status::Failed => Failed,
    Status::Reversed => Reversed,
    Status::Suspended => Suspended,
}

words! {
    /// A protocol that is spoken with a channel. This version speaks `wechat_v2` and `alipay`.
    ChannelWord as Channel from Channel:
    Channel::WechatV2 => WechatV2,
    Channel::WechatV3 => WechatV3,
    Channel::Alipay => Alipay,
    Channel::Qra => Qra,
    Channel::Acp => Acp,
    Channel::Icbc => Icbc,
}

words! {
    /// Whose app showed the payment code.
    WalletWord as Wallet from Wallet:
    Wallet::Wechat => Wechat,
    Wallet::Alipay => Alipay,
    Wallet::UnionPay => Unionpay,
}

words! {
    /// Why a payment failed, the same words for every channel. `never_asked`: nothing was sent. `canceled`: the till cancelled
    /// before anything was sent. `settled`: a person settled it so.
    FailureCode as FailureCode from DeclineReason:
    DeclineReason::InsufficientFunds => InsufficientFunds,
    DeclineReason::CodeExpired => CodeExpired,
    DeclineReason::CodeUsed => CodeUsed,
    DeclineReason::CodeInvalid => CodeInvalid,
    DeclineReason::PayerLimit => PayerLimit,
    DeclineReason::MerchantLimit => MerchantLimit,
    DeclineReason::RiskRefused => RiskRefused,
    DeclineReason::CardNotAccepted => CardNotAccepted,
    DeclineReason::PayerAccount => PayerAccount,
    DeclineReason::CustomerTimeout => CustomerTimeout,
    DeclineReason::Refused => Refused,
    DeclineReason::MerchantNotAllowed => MerchantNotAllowed,
    DeclineReason::Configuration => Configuration,
    DeclineReason::NeverAsked => NeverAsked,
    DeclineReason::Canceled => Canceled,
    DeclineReason::Settled => Settled,
}

words! {
    /// What the cashier can do: scan a fresh code, ask for another wallet or card, wait and try again, or call support.
    AdviceWord as Advice from Advice:
    Advice::NewCode => NewCode,
    Advice::OtherWallet => OtherWallet,
    Advice::Wait => Wait,
    Advice::CallSupport => CallSupport,
}

words! {
    /// Where a reversal stands: `pending` until a query confirms it, `done` then, `failed` when the channel cannot.
    ReversalStatusWord as ReversalStatus from ReversalStatus:
    ReversalStatus::Pending => Pending,
    ReversalStatus::Done => Done,
    ReversalStatus::Failed => Failed,
}

words! {
    /// Why a payment is reversed. `result_unknown`: it stayed undecided. `channel_asked`: the channel wants it, or the payer
    /// refused. `canceled`: the till cancelled in time. `demanded`: a cancel with `if_paid`. `left_open`: found open after its
    /// end. `late_money`: charged after the till was told otherwise.
    ReversalReasonWord as ReversalReason from ReversalReason:
    ReversalReason::Deadline => ResultUnknown,
    ReversalReason::ChannelAsked => ChannelAsked,
    ReversalReason::Canceled => Canceled,
    ReversalReason::Demanded(_) => Demanded,
    ReversalReason::LeftOpen => LeftOpen,
    ReversalReason::LateMoney => LateMoney,
}

words! {
    /// What a case is about. `paid_differs`: the channel says paid, but something differs. `reversal_refused`, `reversal_stuck`:
    /// a reversal that is refused or makes no progress. `late_money`: money turned up and is being given back.
    /// `paid_then_closed`: told as paid, found closed.
    CaseKindWord as CaseKind from CaseKind:
    CaseKind::PaidDiffers => PaidDiffers,
    CaseKind::ReversalRefused => ReversalRefused,
    CaseKind::ReversalStuck => ReversalStuck,
    CaseKind::LateMoney => LateMoney,
    CaseKind::PaidThenClosed => PaidThenClosed,
}

/// Whether an account takes new payments (收款入口).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Intake)]
pub(in crate::api) enum IntakeWord {
    Open,
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &impl Serialize, expected: &str) {
        assert_eq!(serde_json::to_value(word).unwrap(), expected);
    }

    /// Rows, lines and lists use the machine's words; the contract must not have others.
    #[test]
    fn the_words_are_the_machines() {
        use Status::{Failed, Paid, Processing, Reversed, Suspended};
        for status in [Processing, Paid, Failed, Reversed, Suspended] {
            check(&StatusWord::from(&status), status.word());
        }
        for channel in Channel::ALL {
            check(&ChannelWord::from(&channel), channel.word());
        }
        for wallet in [Wallet::Wechat, Wallet::Alipay, Wallet::UnionPay] {
            check(&WalletWord::from(&wallet), wallet.word());
        }
        for reason in DeclineReason::ALL {
            check(&FailureCode::from(&reason), reason.word());
            check(&AdviceWord::from(&reason.advice()), reason.advice().word());
        }
        for status in [ReversalStatus::Pending, ReversalStatus::Done, ReversalStatus::Failed] {
            check(&ReversalStatusWord::from(&status), status.word());
        }
        use ReversalReason::{Canceled, ChannelAsked, Deadline, Demanded, LateMoney, LeftOpen};
        for reason in [Deadline, ChannelAsked, Canceled, Demanded(String::new()), LeftOpen, LateMoney] {
            check(&ReversalReasonWord::from(&reason), reason.word());
        }
        use CaseKind::{PaidDiffers, PaidThenClosed, ReversalRefused, ReversalStuck};
        for kind in [PaidDiffers, ReversalRefused, ReversalStuck, CaseKind::LateMoney, PaidThenClosed] {
            check(&CaseKindWord::from(&kind), kind.word());
        }
    }
}
