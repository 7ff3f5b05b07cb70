//! The words of closed sets, each the API's own type: the machine's types are not serializable, and a variant that is added
//! there does not compile here until it has its word in the contract.

use payment::auth_code::Wallet;
use payment::exchange::{Advice, DeclineReason, RefundAdvice, RefundReason};
use payment::patience::Channel;
use payment::payment::{CaseKind, Status};
use payment::refund::RefundStatus;
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
    /// A protocol that is spoken with a channel. `GET /v1/channels` lists those of this installation.
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
    /// `paid_then_closed`: told as paid, found closed. `refund_funds`: the merchant's funds do not cover a refund.
    /// `refund_stuck`: nothing becomes clear about it. `refund_abnormal`: the channel cannot deliver it. `refund_differs`: what
    /// it says it gave back is not what was asked.
    CaseKindWord as CaseKind from CaseKind:
    CaseKind::PaidDiffers => PaidDiffers,
    CaseKind::ReversalRefused => ReversalRefused,
    CaseKind::ReversalStuck => ReversalStuck,
    CaseKind::LateMoney => LateMoney,
    CaseKind::PaidThenClosed => PaidThenClosed,
    CaseKind::RefundFunds => RefundFunds,
    CaseKind::RefundStuck => RefundStuck,
    CaseKind::RefundAbnormal => RefundAbnormal,
    CaseKind::RefundDiffers => RefundDiffers,
}

words! {
    /// Where a refund stands: `pending` until the channel has said how it ends. `failed`: nothing was given back, and nothing
    /// will be under this number.
    RefundStatusWord as RefundStatus from RefundStatus:
    RefundStatus::Pending => Pending,
    RefundStatus::Succeeded => Succeeded,
    RefundStatus::Failed => Failed,
}

words! {
    /// Why a refund was refused. `merchant_funds`: it is pending, and asked for again until the funds cover it.
    RefundFailureCode as RefundFailureCode from RefundReason:
    RefundReason::Funds => MerchantFunds,
    RefundReason::WindowOver => RefundWindowOver,
    RefundReason::PayerAccount => PayerAccount,
    RefundReason::AmountExceeded => AmountExceeded,
    RefundReason::TooManyParts => TooManyRefunds,
    RefundReason::NothingLeft => NothingLeft,
    RefundReason::NotAllowed => NotAllowed,
    RefundReason::Configuration => Configuration,
    RefundReason::ClosedByChannel => ClosedByChannel,
    RefundReason::Refused => Refused,
    RefundReason::Settled => Settled,
}

words! {
    /// What can be done after a refund was refused. `top_up`: put money into the merchant's account. `other_means`: give the money
    /// back by cash or transfer. `less_money`: ask for the rest only. `new_refund`: ask again under a new number.
    RefundAdviceWord as RefundAdvice from RefundAdvice:
    RefundAdvice::TopUp => TopUp,
    RefundAdvice::OtherMeans => OtherMeans,
    RefundAdvice::LessMoney => LessMoney,
    RefundAdvice::NewRefund => NewRefund,
    RefundAdvice::CallSupport => CallSupport,
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
        use CaseKind::{RefundAbnormal, RefundDiffers, RefundFunds, RefundStuck};
        for kind in [
            PaidDiffers,
            ReversalRefused,
            ReversalStuck,
            CaseKind::LateMoney,
            PaidThenClosed,
            RefundFunds,
            RefundStuck,
            RefundAbnormal,
            RefundDiffers,
        ] {
            check(&CaseKindWord::from(&kind), kind.word());
        }
        for status in [RefundStatus::Pending, RefundStatus::Succeeded, RefundStatus::Failed] {
            check(&RefundStatusWord::from(&status), status.word());
        }
        for reason in RefundReason::ALL {
            check(&RefundFailureCode::from(&reason), reason.word());
            check(&RefundAdviceWord::from(&reason.advice()), reason.advice().word());
        }
    }
}
