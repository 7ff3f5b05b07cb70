//! The wallets behind the platform, and the codes that pass through from them (unionpay.md §4.1, §4.3, §4.5).

use crate::payer::Decline;
use crate::wallet;

pub(super) const SYSTEM_ERROR: &str = "系统错误";
pub(super) const TIMED_OUT: &str = "系统超时";
pub(super) const NOT_EXIST: &str = "订单不存在";
pub(super) const REFUND_NOT_EXIST: &str = "退款订单不存在";
pub(super) const CROWDED: &str = "请求过于频繁，请稍后再试";
pub(super) const PASSWORD: &str = "需要用户输入支付密码";
pub(super) const REFUNDED: &str = "订单已退款，不能撤销";
pub(super) const STILL_PAYING: &str = "正在支付中不能发起撤销";

/// Who issued the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Weixin,
    Alipay,
    UnionPay,
}

impl Scheme {
    /// The platform routes by the code itself.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        match wallet::of_code(code)?.name {
            "wechat" => Some(Self::Weixin),
            "alipay" => Some(Self::Alipay),
            "unionpay" => Some(Self::UnionPay),
            _ => None,
        }
    }

    /// `trade_type`.
    pub(super) fn trade_type(self) -> &'static str {
        match self {
            Self::Weixin => "pay.weixin.micropay",
            Self::Alipay => "pay.alipay.micropay",
            Self::UnionPay => "pay.unionpay.micropay",
        }
    }

    /// `bank_type`.
    pub(super) fn bank_type(self) -> &'static str {
        match self {
            Self::Weixin => "OTHERS",
            Self::Alipay => "ALIPAYACCOUNT",
            Self::UnionPay => "UNIONPAY",
        }
    }

    /// The wallet's own number of a payment on a day (`yyyyMMdd`), of 23 drawn digits.
    pub(super) fn number(self, day: &str, drawn: &str) -> String {
        match self {
            Self::Weixin => format!("42000{drawn}"),
            Self::Alipay => format!("{day}{}", &drawn[..20]),
            Self::UnionPay => format!("31{day}{}", &drawn[..14]),
        }
    }

    /// A refusal of a payment for this reason. The merchant's own faults are the platform's to tell.
    pub(super) fn decline(self, why: Decline) -> (&'static str, &'static str) {
        match (self, why) {
            (_, Decline::MerchantMayNot) => ("NOAUTH", "商户无此接口权限"),
            (Self::Weixin, why) => weixin(why),
            (Self::Alipay, why) => (alipay(why), "支付失败"),
            (Self::UnionPay, why) => unionpay(why),
        }
    }

    /// A code that is older than it may be.
    pub(super) fn stale(self) -> (&'static str, &'static str) {
        self.decline(Decline::CodeExpired)
    }

    /// A code that serves or served another order.
    pub(super) fn spent(self) -> (&'static str, &'static str) {
        self.decline(Decline::CodeUsed)
    }

    /// A refund that the merchant's funds do not cover.
    pub(super) fn refund_short(self) -> (&'static str, &'static str) {
        match self {
            Self::Weixin | Self::UnionPay => ("NOTENOUGH", "商户可用余额不足"),
            Self::Alipay => self.funds_short(),
        }
    }

    /// A refund to a payer whose account is closed.
    pub(super) fn payer_gone(self) -> (&'static str, &'static str) {
        match self {
            Self::Weixin | Self::UnionPay => ("USER_ACCOUNT_ABNORMAL", "用户账户已注销，退款失败"),
            Self::Alipay => ("ACQ.BUYER_NOT_EXIST", "买家不存在"),
        }
    }

    /// A reversal that is refused for good.
    pub(super) fn not_reversible(self) -> (&'static str, &'static str) {
        match self {
            Self::Weixin | Self::UnionPay => ("REVERSE_EXPIRE", "订单已超过可撤销的最大期限"),
            Self::Alipay => ("ACQ.CANCEL_NOT_ALLOWED", "不允许撤销"),
        }
    }

    /// A reversal that the merchant's funds do not cover.
    pub(super) fn funds_short(self) -> (&'static str, &'static str) {
        match self {
            Self::Weixin | Self::UnionPay => ("TRADE_ERROR", "商户可用余额不足"),
            Self::Alipay => ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
        }
    }
}

/// WeChat's codes (wechat.md §5.1).
fn weixin(why: Decline) -> (&'static str, &'static str) {
    match why {
        Decline::NoFunds => ("NOTENOUGH", "余额不足"),
        Decline::CodeExpired => ("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试"),
        Decline::CodeUsed => ("AUTH_CODE_INVALID", "每个二维码仅限使用一次，请刷新再试"),
        Decline::CodeMalformed => ("AUTH_CODE_ERROR", "授权码参数错误"),
        Decline::OverLimit => ("TRADE_ERROR", "交易金额超出付款人限额"),
        Decline::Risk => ("TRADE_ERROR", "交易存在风险，已被拦截"),
        Decline::CardType => ("NOTSUPORTCARD", "不支持卡类型"),
        Decline::Frozen => ("TRADE_ERROR", "付款人账户异常"),
        Decline::MerchantMayNot => ("NOAUTH", "商户无此接口权限"),
    }
}

/// Alipay's sub-codes (alipay.md §4.2).
fn alipay(why: Decline) -> &'static str {
    match why {
        Decline::NoFunds => "ACQ.BUYER_BALANCE_NOT_ENOUGH",
        Decline::CodeExpired | Decline::CodeUsed | Decline::CodeMalformed => "ACQ.PAYMENT_AUTH_CODE_INVALID",
        Decline::OverLimit => "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
        Decline::Risk => "ACQ.PAYMENT_REQUEST_HAS_RISK",
        Decline::CardType => "ACQ.NOT_SUPPORT_PAYMENT_INST",
        Decline::Frozen => "ACQ.BUYER_ENABLE_STATUS_FORBID",
        Decline::MerchantMayNot => "ACQ.ACCESS_FORBIDDEN",
    }
}

/// UnionPay's response codes (unionpay.md §5.5); which of the unnamed ones stands for what is invented.
fn unionpay(why: Decline) -> (&'static str, &'static str) {
    match why {
        Decline::NoFunds => ("64", "余额不足[1000064]"),
        Decline::CodeExpired => ("86", "二维码已过期[1000086]"),
        Decline::CodeUsed => ("86", "二维码状态错误[1000086]"),
        Decline::CodeMalformed => ("88", "二维码不存在[1000088]"),
        Decline::OverLimit => ("33", "交易金额超限[1000033]"),
        Decline::Risk => ("38", "风险受限[1000038]"),
        Decline::CardType => ("68", "银行卡不支持该业务[1000068]"),
        Decline::Frozen => ("61", "账户状态异常[1000061]"),
        Decline::MerchantMayNot => ("31", "商户状态不正确[1000031]"),
    }
}
