//! UnionPay's own response codes as they pass through in `err_code` of a payment (unionpay.md §4.1, §5.5).

use payment::exchange::DeclineReason::{
    CodeInvalid, Configuration, InsufficientFunds, PayerLimit, Refused, RiskRefused,
};

use super::super::table::Entry;
use super::super::table::SubmitMeaning::{self, AlreadyKnown, Declined, DeclinedAsk, Unsure};

const CODES: &str = "银联 ACP 应答码, passed through (unionpay.md §4.1, §5.5)";

/// `err_code` of two digits. `00`, `04` and `06` are in the platform's own table.
pub(super) const UNIONPAY: &[Entry<SubmitMeaning>] = &[
    Entry {
        codes: &["03", "05", "70", "74", "75", "82", "83", "A6"],
        means: Unsure,
        zh: "结果未知，系统正在查询，请勿重复收款",
        en: "the result is unknown and being asked; do not charge again",
        source: CODES,
    },
    Entry {
        codes: &["12"],
        means: AlreadyKnown,
        zh: "该单号已存在，系统正在查询它的状态",
        en: "the number is known already and its state is being asked",
        source: CODES,
    },
    Entry {
        codes: &["64"],
        means: Declined(InsufficientFunds),
        zh: "余额不足，请顾客换一种付款方式",
        en: "no funds: ask for another card or wallet",
        source: CODES,
    },
    Entry {
        codes: &["86", "88"],
        means: Declined(CodeInvalid),
        zh: "付款码无效、已过期或已用过，请顾客刷新后重新扫码",
        en: "the code is wrong, too old or used: ask for a fresh one and scan again",
        source: CODES,
    },
    Entry {
        codes: &["33"],
        means: Declined(PayerLimit),
        zh: "超过限额，请顾客换一种付款方式",
        en: "above the limit: ask for another means",
        source: CODES,
    },
    Entry {
        codes: &["38"],
        means: Declined(RiskRefused),
        zh: "风控拒绝，请顾客换一种付款方式",
        en: "refused by risk control: ask for another means",
        source: CODES,
    },
    Entry {
        codes: &["01", "39", "60", "61", "62", "65", "66", "67", "68", "69", "71", "73", "87", "90", "91"],
        means: Declined(Refused),
        zh: "银联或发卡行拒绝了本次支付，请以提示为准",
        en: "UnionPay or the bank refused: see its text",
        source: CODES,
    },
    // "Paid after the allowed time" is not quite "not paid".
    Entry {
        codes: &["42"],
        means: DeclinedAsk(Refused),
        zh: "超过允许的支付时间，系统正在查询",
        en: "after the allowed time; being asked once",
        source: CODES,
    },
    Entry {
        codes: &["10", "11", "13", "14", "30", "31", "32", "41", "43", "92", "93", "94", "95", "96"],
        means: Declined(Configuration),
        zh: "请求或商户设置有误，请联系技术支持",
        en: "the request or the merchant's set-up is wrong: call support",
        source: CODES,
    },
];
