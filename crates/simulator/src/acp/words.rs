//! Response codes and the texts beside them (unionpay.md §5.5); which of the unnamed ones stands for what is invented.

use crate::payer::Decline;

/// More calls than are taken.
pub(super) const BUSY: &str = "06";
/// The payer's funds, or the merchant's for giving back.
pub(super) const NO_FUNDS: &str = "64";
/// The payer's account.
pub(super) const ACCOUNT: &str = "61";
/// The payer gave nothing in.
pub(super) const INPUT_TIMED_OUT: &str = "69";
/// A transaction that came to nothing, and no more is said.
pub(super) const FAILED: &str = "01";
/// Nothing certain: a timeout, a state unknown, busy, a fault without a name.
pub(super) const UNSURE: [&str; 4] = ["03", "04", BUSY, "99"];
/// An accepted payment that is not over.
pub(super) const WAITING: [&str; 4] = ["05", "05", "83", "70"];

/// Why a consume is refused.
pub(super) fn decline(why: Decline) -> &'static str {
    match why {
        Decline::NoFunds => NO_FUNDS,
        Decline::CodeExpired | Decline::CodeUsed => "86",
        Decline::CodeMalformed => "88",
        Decline::OverLimit => "33",
        Decline::Risk => "38",
        Decline::CardType => "68",
        Decline::Frozen => ACCOUNT,
        Decline::MerchantMayNot => "31",
    }
}

/// `respMsg`: the text and a sub-code of seven digits in brackets.
pub(super) fn message(code: &str) -> String {
    let text = match code {
        "00" => "成功",
        "03" => "交易通讯超时，请发起查询交易",
        "04" => "交易状态未明，请查询对账结果",
        "05" => "交易已受理，请稍后查询交易结果",
        "06" => "系统繁忙，请稍后再试",
        "10" => "报文格式错误",
        "11" => "验证签名失败",
        "12" => "重复交易",
        "13" => "报文交易要素缺失",
        "31" => "商户状态不正确",
        "33" => "交易金额超限",
        "34" => "查无此交易",
        "35" => "原交易不存在或状态不正确",
        "36" => "与原交易信息不符",
        "37" => "已超过最大查询次数或操作过于频繁",
        "38" => "风险受限",
        "39" => "交易不在受理时间范围内",
        "45" => "原交易已被成功退货或已被成功撤销",
        "46" => "交易已被成功冲正",
        "61" => "输入的卡号无效，请确认后输入",
        "64" => "余额不足",
        "68" => "银行卡暂不支持该业务",
        "69" => "输入超时，交易失败",
        "70" => "交易已跳转，等待持卡人输入",
        "83" => "发卡行处理中",
        "86" => "二维码状态错误",
        "88" => "二维码不存在",
        "98" => "文件不存在",
        "99" => "通用错误",
        "A6" => "有缺陷的成功",
        _ => "交易失败",
    };
    format!("{text}[{code:0>7}]")
}
