//! Words for people, Chinese and English, wherever they are shown: API, command line, pages.

use payment::exchange::{DeclineReason, RefundReason};

/// What to say to a cashier about a failure.
#[must_use]
pub fn decline(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::InsufficientFunds => {
            "余额不足, 请换卡或换支付方式 / not enough funds: another card or wallet"
        }
        DeclineReason::CodeExpired => {
            "付款码已过期, 请顾客刷新后再扫 / the code has expired: refresh and scan again"
        }
        DeclineReason::CodeUsed => {
            "付款码已使用, 请顾客刷新后再扫 / the code was used: refresh and scan again"
        }
        DeclineReason::CodeInvalid => "付款码无效, 请重新扫码 / the code is not valid: scan again",
        DeclineReason::PayerLimit => "超出顾客限额, 请换支付方式 / over the customer's limit: another wallet",
        DeclineReason::MerchantLimit => {
            "超出商户收款限额, 请联系支持 / over the merchant's limit: call support"
        }
        DeclineReason::RiskRefused => "风控拒绝, 请换支付方式 / refused by risk control: another wallet",
        DeclineReason::CardNotAccepted => {
            "不支持该卡, 请换卡或换支付方式 / card not accepted: another card or wallet"
        }
        DeclineReason::PayerAccount => {
            "顾客账户异常, 请换支付方式 / the customer's account may not pay: another wallet"
        }
        DeclineReason::CustomerTimeout => {
            "顾客未确认, 未扣款, 可重新扫码 / not confirmed, not charged: scan again"
        }
        DeclineReason::Refused => {
            "支付失败, 未扣款, 请刷新付款码重试 / refused, not charged: refresh and scan again"
        }
        DeclineReason::MerchantNotAllowed => "商户无权限, 请联系支持 / the merchant may not: call support",
        DeclineReason::Configuration => {
            "商户配置有误, 请联系支持 / the merchant's set-up is wrong: call support"
        }
        DeclineReason::NeverAsked => {
            "未能连上渠道, 未扣款, 请稍后重试 / the channel was never asked, not charged: try again soon"
        }
        DeclineReason::Canceled => "已取消, 未扣款 / cancelled, not charged",
        DeclineReason::Settled => "人工核定为未收款 / settled by a person: not charged",
    }
}

/// What a case is about.
#[must_use]
pub fn case(kind: &str) -> &'static str {
    match kind {
        "paid_differs" => {
            "渠道称已支付, 但与订单不符, 请核对 / the channel says paid, but something differs: check it"
        }
        "reversal_refused" => {
            "渠道拒绝撤销: 请核对后处理; 期限过后, 已付的自动全额退款 / the channel refuses to reverse: look at it and settle; what is paid is \
             refunded by itself once the channel's window is over"
        }
        "reversal_stuck" => {
            "撤销久无进展, 系统仍在重试 / the reversal makes no progress; it goes on by itself"
        }
        "late_money" => "已告知未收款后发现扣款, 正在退回 / money turned up late and is being given back",
        "refund_funds" => {
            "退款: 商户余额不足, 充值后自动继续 / a refund lacks the merchant's funds: top up, it goes on by itself"
        }
        "refund_stuck" => {
            "退款长时间未定论, 系统继续查询 / nothing becomes clear about a refund; it is asked about on"
        }
        "refund_abnormal" => {
            "退款无法送达顾客, 请在渠道商户平台处理 / the channel cannot deliver a refund: act on its merchant platform"
        }
        "refund_differs" => "渠道退款结果与申请不符 / what the channel gave back differs from what was asked",
        "paid_then_closed" => "已告知收款成功, 但渠道显示已关闭 / told as paid, found closed at the channel",
        _ => "请人工处理 / a person decides",
    }
}

/// Where a payment stands, by its word in the API.
#[must_use]
pub fn status(word: &str) -> &'static str {
    match word {
        "paid" => "收款成功 / paid",
        "failed" => "收款失败, 未扣款 / failed, not charged",
        "reversed" => "已撤销, 未收款 / reversed: not charged, or all of it given back",
        "processing" => "未定论, 请勿重复收款 / not decided: do not charge again",
        "suspended" => "待人工处理 / suspended: a person decides",
        _ => "未知状态 / a status that this version does not know",
    }
}

/// What a cashier does about a failure, by the word of its advice.
#[must_use]
pub fn advice(word: &str) -> &'static str {
    match word {
        "new_code" => "请顾客刷新付款码后重扫, 可用同一订单号 / scan a fresh code; the order number may stay",
        "other_wallet" => "请顾客换一种支付方式 / ask for another wallet or card",
        "wait" => "稍后重试 / try again in a while",
        "call_support" => "联系支持, 带上支付单号 / call support with the payment's number",
        _ => "联系支持 / call support",
    }
}

/// Why a refund was refused, Chinese and English.
#[must_use]
pub fn refund_refusal(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::Funds => {
            "商户余额不足, 充值后自动继续 / the merchant's funds do not cover it; top up, it goes on by itself"
        }
        RefundReason::WindowOver => {
            "已过可退款期, 请用其他方式退还 / the period for refunds is over; give it back by other means"
        }
        RefundReason::PayerAccount => {
            "顾客账户已注销或冻结, 请用其他方式退还 / the customer's account is closed; give it back by other means"
        }
        RefundReason::AmountExceeded => "超过可退金额 / more than what is left",
        RefundReason::TooManyParts => "退款次数已达上限 / too many refunds of this payment",
        RefundReason::NothingLeft => {
            "渠道显示已撤销、关闭或全额退款 / the channel shows it as reversed, closed or refunded in full"
        }
        RefundReason::NotAllowed => "渠道不支持此笔退款 / the channel does not refund this payment",
        RefundReason::Configuration => {
            "退款配置有误, 联系支持 / the set-up for refunds is wrong; call support"
        }
        RefundReason::ClosedByChannel => {
            "渠道已关闭此退款, 请用新退款单号重试 / the channel closed it; try again under a new refund number"
        }
        RefundReason::Refused => "渠道拒绝退款 / the channel refused",
        RefundReason::Settled => "已由人工核定 / settled by a person",
    }
}

/// Where a refund stands, by its word in the API.
#[must_use]
pub fn refund_status(word: &str) -> &'static str {
    match word {
        "succeeded" => "退款成功 / refunded",
        "failed" => "退款失败, 未退款 / the refund failed: nothing was given back",
        "pending" => "退款中 / the refund is under way",
        _ => "未知状态 / a status that this version does not know",
    }
}

/// What is done about a refund that failed, by the word of its advice.
#[must_use]
pub fn refund_advice(word: &str) -> &'static str {
    match word {
        "top_up" => {
            "给商户账户充值, 退款自动继续 / top up the merchant's account; the refund goes on by itself"
        }
        "other_means" => "用现金或转账退还 / give it back by cash or transfer",
        "less_money" => "只退余额 / ask for what is left only",
        "new_refund" => "用新的退款单号再试 / try again under a new refund number",
        _ => "联系支持 / call support",
    }
}

/// What to do about a refusal of the API, by its code; `order` is the sale that it is about.
#[must_use]
pub fn after_refusal(code: &str, order: &str) -> String {
    match code {
        "unauthenticated" => "用 PAYCODE_KEY 或 --key-file 给出正确的密钥 / give the right key in PAYCODE_KEY or --key-file".to_owned(),
        "forbidden" => "换用带 settle 权限的密钥 / use the key that has the scope settle".to_owned(),
        "not_found" => "核对号码与网关地址 / check the number and the gateway's address".to_owned(),
        "order_undecided" | "terminal_has_open_payment" | "reverse_out" => {
            format!("先等它定论 / let it be decided first: paycode query {order} --wait 60")
        }
        "order_paid" => format!("不要再收款 / do not charge again; look: paycode query {order}"),
        "payment_paid" => format!(
            "确要退回时 / to give it back: paycode cancel {order} --if-paid-reverse --reason \"…\""
        ),
        "order_amount_differs" | "order_canceled" => "换一个订单号 / use another order number".to_owned(),
        "code_used" | "code_format_unknown" => "请顾客刷新付款码后重扫 / scan a fresh code".to_owned(),
        "reversal_window_over" | "reversal_refused" | "payment_refunded" => {
            format!("改为退款 / refund it instead: paycode refund {order} --refund-no … --amount …")
        }
        "channel_contradicts" => {
            "再核对证据; 坚持则加 --override --reason / check the evidence; to insist: --override --reason \"…\"".to_owned()
        }
        "channel_unavailable" | "channel_not_configured" => {
            "换支付方式; 运维执行 paycode doctor / take another wallet; the operator runs paycode doctor".to_owned()
        }
        "store_unavailable" => "稍后用相同参数重试 / send the same again in a moment".to_owned(),
        _ => "按提示修改后重试 / mend what is named and try again".to_owned(),
    }
}
