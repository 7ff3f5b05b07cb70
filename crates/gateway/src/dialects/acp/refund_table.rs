//! Every code of a refund (退货, 04/00) and of its query (unionpay.md §5.4, §5.5, §13).

use payment::exchange::RefundReason::{
    AmountExceeded, Configuration, Funds, NotAllowed, NothingLeft, PayerAccount, Refused, WindowOver,
};

use super::super::table::{Entry, Meaning, RefundMeaning, RefundQueryMeaning, Row, rows_of};
use super::table::{BUSINESS, CARD, PERMISSION, SETUP, UNSURE};

const REFUND_PAGE: &str = "银联 ACP 退货 04/00 respCode (unionpay.md §5.4, §5.5, §13)";
const QUERY_PAGE: &str = "银联 ACP 退货的交易状态查询 respCode (unionpay.md §5.5)";
const STATE_PAGE: &str = "银联 ACP 退货的交易状态查询 origRespCode (unionpay.md §5.2, §5.5)";

/// `respCode` of a refund but for `00`.
///
/// The core believes no refusal before it has asked what a former request of the same number did.
pub(super) const REFUND: &[Entry<RefundMeaning>] = &[
    Entry {
        codes: UNSURE,
        means: RefundMeaning::Unsure,
        zh: "银联暂时无法答复，系统会查询并以同一退货单号重试，请勿另行退货",
        en: "UnionPay cannot say now; it is asked and repeated with the same number, do not refund again",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["37"],
        means: RefundMeaning::RateLimited,
        zh: "请求过于频繁，系统会以同一退货单号重试",
        en: "too many requests; the same refund is repeated later",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["12"],
        means: RefundMeaning::AlreadyKnown,
        zh: "该退货单号已存在，系统正在查询它的状态",
        en: "the refund's number is known already and its state is being asked",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["64"],
        means: RefundMeaning::Refused(Funds),
        zh: "商户余额不足，请补足资金，系统会自动重试",
        en: "the merchant's funds do not cover it: top up, it is repeated by itself",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["36"],
        means: RefundMeaning::Refused(AmountExceeded),
        zh: "退货金额超过可退余额或与原交易不符，请只退余下部分",
        en: "more than what is left, or it does not agree with the payment: refund the rest only",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["45", "46"],
        means: RefundMeaning::Refused(NothingLeft),
        zh: "原交易已全额退货、撤销或冲正，没有可退金额",
        en: "refunded in full, voided or reversed already: nothing is left to refund",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["35"],
        means: RefundMeaning::Refused(NotAllowed),
        zh: "银联称原交易不存在或状态不允许退货，请核对原交易",
        en: "UnionPay says the payment is missing or in no state to be refunded: check it",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["39"],
        means: RefundMeaning::Refused(WindowOver),
        zh: "不在可退货的时间内，请以其他方式退还",
        en: "outside the period for refunds: give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: CARD,
        means: RefundMeaning::Refused(PayerAccount),
        zh: "顾客的银行卡无效或已过期，无法退回，请以其他方式退还",
        en: "the customer's card is invalid or has expired: give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: BUSINESS,
        means: RefundMeaning::Refused(Refused),
        zh: "银联或发卡行拒绝了退货，请以提示为准，可改用其他方式退还",
        en: "UnionPay or the bank refused: see its text, or give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["33", "38"],
        means: RefundMeaning::Refused(Refused),
        zh: "超过限额或被风控拒绝，请以提示为准",
        en: "above a limit, or refused by risk control: see its text",
        source: REFUND_PAGE,
    },
    Entry {
        codes: SETUP,
        means: RefundMeaning::Refused(Configuration),
        zh: "请求、签名或商户设置有误，请联系技术支持",
        en: "the request, its signature or the merchant's set-up is wrong: call support",
        source: REFUND_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: RefundMeaning::Refused(NotAllowed),
        zh: "商户状态或权限不允许退货，请联系银联开通",
        en: "the merchant may not refund: have UnionPay open it",
        source: REFUND_PAGE,
    },
];

/// `respCode` of a refund's query: how the question went.
pub(super) const REFUND_QUERY: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["34"],
        means: RefundQueryMeaning::NotFound,
        zh: "查无此退货；请求可能仍在途中，系统会继续查询",
        en: "no such refund; the request may still be under way, asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: UNSURE,
        means: RefundQueryMeaning::Unsure,
        zh: "银联暂时无法答复，系统会继续查询",
        en: "UnionPay cannot say now; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["37"],
        means: RefundQueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会放慢查询",
        en: "too many queries; asking goes on, slower",
        source: QUERY_PAGE,
    },
    Entry {
        codes: SETUP,
        means: RefundQueryMeaning::Unsure,
        zh: "查询被拒：请立即核对签名证书与商户号",
        en: "the query was refused: check the signing certificate and the merchant number at once",
        source: QUERY_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: RefundQueryMeaning::Unsure,
        zh: "查询被拒：请立即联系银联核对商户状态与权限",
        en: "the query was refused: check the merchant's state and permission with UnionPay at once",
        source: QUERY_PAGE,
    },
];

/// `origRespCode` beside a query's `00`: how the refund stands.
pub(super) const REFUND_ORIGINAL: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["00", "A6"],
        means: RefundQueryMeaning::Done,
        zh: "退货成功",
        en: "given back",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["03", "04", "05", "70", "82", "83"],
        means: RefundQueryMeaning::Pending,
        zh: "退货处理中，系统会继续查询，请勿另行退货",
        en: "under way; asking goes on, do not refund again",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["42", "74", "75", "99"],
        means: RefundQueryMeaning::Unsure,
        zh: "退货结果不明，请联系银联核对；系统会继续查询",
        en: "the refund's end is not clear: check with UnionPay; asking goes on",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["33", "35", "36", "38", "39", "45", "46", "64", "69", "86", "88"],
        means: RefundQueryMeaning::Closed,
        zh: "退货失败，款项未退；请以新的退货单号再退",
        en: "failed, nothing was given back: refund again under a new number",
        source: STATE_PAGE,
    },
    Entry {
        codes: CARD,
        means: RefundQueryMeaning::Closed,
        zh: "退货失败，款项未退；顾客的银行卡无效或已过期，请以其他方式退还",
        en: "failed, nothing was given back: the customer's card is invalid or has expired, use other means",
        source: STATE_PAGE,
    },
    Entry {
        codes: BUSINESS,
        means: RefundQueryMeaning::Closed,
        zh: "银联或发卡行拒绝了退货，款项未退；请以新的退货单号再退",
        en: "refused by UnionPay or the bank, nothing was given back: refund again under a new number",
        source: STATE_PAGE,
    },
    Entry {
        codes: SETUP,
        means: RefundQueryMeaning::Closed,
        zh: "退货请求有误，款项未退，请联系技术支持",
        en: "the refund's request was wrong, nothing was given back: call support",
        source: STATE_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: RefundQueryMeaning::Closed,
        zh: "商户无退货权限，款项未退，请联系银联开通",
        en: "the merchant may not refund, nothing was given back: have UnionPay open it",
        source: STATE_PAGE,
    },
];

pub(super) fn rows() -> Vec<Row> {
    let code = "respCode";
    [
        rows_of(code, REFUND, Meaning::Refund),
        rows_of(code, REFUND_QUERY, Meaning::RefundQuery),
        rows_of("origRespCode", REFUND_ORIGINAL, Meaning::RefundQuery),
    ]
    .concat()
}
