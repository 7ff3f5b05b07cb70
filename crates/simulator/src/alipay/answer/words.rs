//! Codes and the texts beside them.

use crate::payer::Decline;

/// The sub-codes for declines (alipay.md §4.2).
pub(super) fn decline(why: Decline) -> &'static str {
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

/// The text beside a sub-code, for people.
pub(in super::super) fn text_of(sub_code: &str) -> &'static str {
    match sub_code {
        "ACQ.PAYMENT_AUTH_CODE_INVALID" => {
            "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款，如再次收款失败，请联系管理员处理。\
             [SOUNDWAVE_PARSER_FAIL]"
        }
        "ACQ.BUYER_BALANCE_NOT_ENOUGH" => "买家余额不足",
        "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" => "买家付款日限额超限",
        "ACQ.PAYMENT_REQUEST_HAS_RISK" => "支付有风险",
        "ACQ.NOT_SUPPORT_PAYMENT_INST" => "不支持的支付渠道",
        "ACQ.BUYER_ENABLE_STATUS_FORBID" => "买家状态非法",
        "ACQ.ACCESS_FORBIDDEN" => "无权限使用接口",
        "ACQ.TRADE_HAS_SUCCESS" => "交易已被支付",
        "ACQ.TRADE_HAS_CLOSE" => "交易已经关闭",
        "ACQ.TRADE_NOT_EXIST" => "交易不存在",
        "ACQ.CONTEXT_INCONSISTENT" => "交易信息被篡改",
        "ACQ.TRADE_BUYER_NOT_MATCH" => "交易买家不匹配",
        "ACQ.TRADE_CANCEL_TIME_OUT" => "超过撤销时间范围",
        "ACQ.CANCEL_NOT_ALLOWED" => "不允许撤销",
        "ACQ.SELLER_BALANCE_NOT_ENOUGH" => "卖家余额不足",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" => "撤销或退款金额与订单金额不一致",
        "ACQ.DISCORDANT_REPEAT_REQUEST" => "不一致的请求",
        "ACQ.TRADE_STATUS_ERROR" => "交易状态不合法",
        "ACQ.TRADE_HAS_FINISHED" => "交易已完结",
        "ACQ.TRADE_NOT_ALLOW_REFUND" => "当前交易不允许退款",
        "ACQ.BUYER_NOT_EXIST" => "买家不存在",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR" => "交易已有退款，不能撤销",
        "ACQ.INVALID_PARAMETER" => "参数无效",
        "ACQ.SECONDARY_MERCHANT_ID_BLANK" => "二级商户编号为空",
        "ACQ.SECONDARY_MERCHANT_ID_INVALID" => "二级商户编号无效",
        "isv.app-call-limited" => "应用调用次数超限",
        "isv.invalid-signature" => "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配",
        "isv.invalid-app-id" => "无效的AppID参数",
        "isv.missing-app-cert-sn" => "缺少应用公钥证书序列号",
        "isv.app-cert-not-exist" => "应用公钥证书不存在",
        "isv.app-cert-expired" => "应用公钥证书已过期",
        "isv.missing-alipay-root-cert-sn" => "缺少支付宝根证书序列号",
        "isv.invalid-alipay-root-cert-sn" => "支付宝根证书序列号无效",
        "isv.alipay-cert-not-exist" => "支付宝公钥证书不存在",
        "aop.invalid-app-auth-token" => "无效的应用授权令牌",
        "aop.app-auth-token-time-out" => "应用授权令牌已过期",
        "isv.decryption-error-unknown" => "解密出错",
        "isv.invalid-encrypt-type" => "加密类型无效",
        _ => "系统异常",
    }
}
