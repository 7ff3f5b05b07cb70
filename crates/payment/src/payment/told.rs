//! What of a payment and its refunds is told: the public status, why a person is asked, and the notices.

/// The public status: what a till is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not decided.
    Processing,
    /// 支付成功
    Paid,
    /// 支付失败
    Failed,
    /// 已撤销
    Reversed,
    /// 挂起（待人工）
    Suspended,
}

impl Status {
    /// The status's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::Processing => "processing",
            Status::Paid => "paid",
            Status::Failed => "failed",
            Status::Reversed => "reversed",
            Status::Suspended => "suspended",
        }
    }
}

/// Why a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseKind {
    /// A signed "paid" contradicts the intent.
    PaidDiffers,
    /// The channel refuses to reverse.
    ReversalRefused,
    /// The reversal makes no progress; it goes on.
    ReversalStuck,
    /// Money turned up after the till was told failed or reversed; it is being given back.
    LateMoney,
    /// A payment that the till knows as paid was found closed.
    PaidThenClosed,
    /// The merchant's funds at the channel do not cover a refund; it is asked for again and again.
    RefundFunds,
    /// Nothing has become clear about a refund for long; it is asked about on.
    RefundStuck,
    /// The channel cannot deliver a refund: the merchant must act at the channel.
    RefundAbnormal,
    /// A signed "given back" contradicts the refund's intent.
    RefundDiffers,
}

impl CaseKind {
    /// The kind's word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CaseKind::PaidDiffers => "paid_differs",
            CaseKind::ReversalRefused => "reversal_refused",
            CaseKind::ReversalStuck => "reversal_stuck",
            CaseKind::LateMoney => "late_money",
            CaseKind::PaidThenClosed => "paid_then_closed",
            CaseKind::RefundFunds => "refund_funds",
            CaseKind::RefundStuck => "refund_stuck",
            CaseKind::RefundAbnormal => "refund_abnormal",
            CaseKind::RefundDiffers => "refund_differs",
        }
    }
}

/// What has to be told, at most once each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// `payment.paid`
    Paid,
    /// `payment.failed`
    Failed,
    /// `payment.reversed`
    Reversed,
    /// `payment.suspended`
    Suspended,
    /// `refund.succeeded`
    RefundSucceeded,
    /// `refund.failed`
    RefundFailed,
    /// `case.opened`
    CaseOpened(CaseKind),
    /// `case.closed`
    CaseClosed(CaseKind),
}
