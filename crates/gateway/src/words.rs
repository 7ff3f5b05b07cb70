//! Words for people, Chinese and English, wherever they are shown: API, command line, pages.

use payment::exchange::DeclineReason;

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
            "渠道拒绝撤销, 请核对后处理 / the channel refuses to reverse: look at it and settle"
        }
        "reversal_stuck" => {
            "撤销久无进展, 系统仍在重试 / the reversal makes no progress; it goes on by itself"
        }
        "late_money" => "已告知未收款后发现扣款, 正在退回 / money turned up late and is being given back",
        "paid_then_closed" => "已告知收款成功, 但渠道显示已关闭 / told as paid, found closed at the channel",
        _ => "请人工处理 / a person decides",
    }
}
