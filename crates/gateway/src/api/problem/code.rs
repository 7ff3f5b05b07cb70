//! What can be refused, as words that never change.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// What is refused, as a word that never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum ProblemCode {
    InvalidRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    OrderUndecided,
    OrderPaid,
    OrderAmountDiffers,
    OrderCanceled,
    CodeUsed,
    TerminalHasOpenPayment,
    PaymentPaid,
    ReversalWindowOver,
    ReversalRefused,
    PaymentRefunded,
    PaymentNotPaid,
    PaymentUnderReversal,
    RefundAmountExceeded,
    TooManyRefunds,
    RefundWindowOver,
    RefundNoTaken,
    NotSuspended,
    ReverseOut,
    CaseClosed,
    OutcomeUnfit,
    ChannelContradicts,
    BodyTooLarge,
    CodeFormatUnknown,
    ChannelNotConfigured,
    ChannelUnavailable,
    StoreUnavailable,
}

impl ProblemCode {
    /// Its word, and what it means: Chinese and English.
    pub(in crate::api) fn words(self) -> (&'static str, &'static str) {
        match self {
            ProblemCode::InvalidRequest => ("invalid_request", "请求有误 / the request is not valid"),
            ProblemCode::Unauthenticated => ("unauthenticated", "缺少或错误的密钥 / no key, or a wrong one"),
            ProblemCode::Forbidden => ("forbidden", "权限不足 / the key may not do this"),
            ProblemCode::NotFound => ("not_found", "不存在 / not found"),
            ProblemCode::OrderUndecided => {
                ("order_undecided", "上一笔尚未定论 / the former attempt is not decided")
            }
            ProblemCode::OrderPaid => ("order_paid", "该订单已支付 / the order is paid"),
            ProblemCode::OrderAmountDiffers => {
                ("order_amount_differs", "金额与该订单不符 / the order has another amount")
            }
            ProblemCode::OrderCanceled => ("order_canceled", "该订单已取消 / the order was cancelled"),
            ProblemCode::CodeUsed => ("code_used", "付款码已使用 / the code is spent"),
            ProblemCode::TerminalHasOpenPayment => (
                "terminal_has_open_payment",
                "本终端有未定论的同额收款 / this terminal has an undecided payment of this amount",
            ),
            ProblemCode::PaymentPaid => ("payment_paid", "该支付单已成功 / the payment is paid"),
            ProblemCode::ReversalWindowOver => {
                ("reversal_window_over", "已过可撤销期 / the channel's window for reversals is over")
            }
            ProblemCode::ReversalRefused => {
                ("reversal_refused", "渠道已拒绝撤销 / the channel has refused to reverse it")
            }
            ProblemCode::PaymentRefunded => {
                ("payment_refunded", "已有退款, 不能撤销 / refunded in part: it is not reversed any more")
            }
            ProblemCode::PaymentNotPaid => ("payment_not_paid", "尚未收款成功 / the payment is not paid"),
            ProblemCode::PaymentUnderReversal => {
                ("payment_under_reversal", "正在撤销或已撤销 / it is reversed, or about to be")
            }
            ProblemCode::RefundAmountExceeded => {
                ("refund_amount_exceeded", "超过可退金额 / more than what is left to refund")
            }
            ProblemCode::TooManyRefunds => {
                ("too_many_refunds", "退款次数已达上限 / the channel takes no more refunds of this payment")
            }
            ProblemCode::RefundWindowOver => {
                ("refund_window_over", "已过可退款期 / the channel's period for refunds is over")
            }
            ProblemCode::RefundNoTaken => {
                ("refund_no_taken", "退款单号已用于另一退款 / this refund number is another refund's")
            }
            ProblemCode::NotSuspended => {
                ("not_suspended", "未挂起, 无需核定 / not suspended: nothing to settle")
            }
            ProblemCode::ReverseOut => {
                ("reverse_out", "撤销已发出, 请稍候 / a reversal is out: wait for its answer")
            }
            ProblemCode::CaseClosed => ("case_closed", "处理单已关闭 / the case is closed"),
            ProblemCode::OutcomeUnfit => {
                ("outcome_unfit", "该处理单不能这样核定 / this case has other outcomes")
            }
            ProblemCode::ChannelContradicts => {
                ("channel_contradicts", "与渠道结果矛盾 / the channel's answer contradicts it")
            }
            ProblemCode::BodyTooLarge => ("body_too_large", "请求过大 / the body is too large"),
            ProblemCode::CodeFormatUnknown => {
                ("code_format_unknown", "无法识别的付款码 / not a payment code")
            }
            ProblemCode::ChannelNotConfigured => {
                ("channel_not_configured", "未配置该渠道 / no account for this wallet")
            }
            ProblemCode::ChannelUnavailable => {
                ("channel_unavailable", "渠道暂不可用 / the channel takes no payments now")
            }
            ProblemCode::StoreUnavailable => ("store_unavailable", "存储不可用 / the store does not work"),
        }
    }
}

impl ProblemCode {
    /// The status it comes with; a wrong method is refused as an invalid request with 405.
    pub(in crate::api) fn status(self) -> StatusCode {
        match self {
            ProblemCode::InvalidRequest => StatusCode::BAD_REQUEST,
            ProblemCode::Unauthenticated => StatusCode::UNAUTHORIZED,
            ProblemCode::Forbidden => StatusCode::FORBIDDEN,
            ProblemCode::NotFound => StatusCode::NOT_FOUND,
            ProblemCode::OrderUndecided
            | ProblemCode::OrderPaid
            | ProblemCode::OrderAmountDiffers
            | ProblemCode::OrderCanceled
            | ProblemCode::CodeUsed
            | ProblemCode::TerminalHasOpenPayment
            | ProblemCode::PaymentPaid
            | ProblemCode::ReversalWindowOver
            | ProblemCode::ReversalRefused
            | ProblemCode::PaymentRefunded
            | ProblemCode::PaymentNotPaid
            | ProblemCode::PaymentUnderReversal
            | ProblemCode::RefundAmountExceeded
            | ProblemCode::TooManyRefunds
            | ProblemCode::RefundWindowOver
            | ProblemCode::RefundNoTaken
            | ProblemCode::NotSuspended
            | ProblemCode::ReverseOut
            | ProblemCode::CaseClosed
            | ProblemCode::OutcomeUnfit
            | ProblemCode::ChannelContradicts => StatusCode::CONFLICT,
            ProblemCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemCode::CodeFormatUnknown => StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::ChannelNotConfigured
            | ProblemCode::ChannelUnavailable
            | ProblemCode::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
