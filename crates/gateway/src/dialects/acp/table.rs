//! Every code of unionpay.md §5.5, by the call that it answers; refunds have a file of their own.

use payment::exchange::{CannotWhy, ClosedHow, DeclineReason};

use super::super::table::{Entry, Meaning, QueryMeaning, ReverseMeaning, Row, SubmitMeaning, rows_of};
use super::refund_table;
use DeclineReason::{
    CodeInvalid, Configuration, CustomerTimeout, InsufficientFunds, MerchantNotAllowed, PayerAccount,
    PayerLimit, Refused, RiskRefused,
};
use SubmitMeaning::{AlreadyKnown, AwaitingPayer, Declined, DeclinedAsk};

const PAY_PAGE: &str = "银联 ACP 被扫消费 01/06 respCode (unionpay.md §5.2, §5.5)";
const QUERY_PAGE: &str = "银联 ACP 交易状态查询 00/00 respCode (unionpay.md §5.5)";
const STATE_PAGE: &str = "银联 ACP 交易状态查询 00/00 origRespCode (unionpay.md §5.4, §5.5)";
const REVERSAL_PAGE: &str = "银联 ACP 冲正 99/01 respCode (unionpay.md §5.2, §5.4, §13)";

/// The request is wrong, or the merchant's keys.
pub(super) const SETUP: &[&str] = &["10", "11", "13", "14", "30", "41", "92", "93", "94", "95", "96"];
/// The merchant may not.
pub(super) const PERMISSION: &[&str] = &["31", "32", "43"];
/// Refusals of the business that say no more by their number.
pub(super) const BUSINESS: &[&str] = &["01", "60", "62", "65", "66", "67", "68", "71", "87", "90", "91"];
/// The payer's card: invalid, or past its end. The sheet names the second; for the first, `respMsg` does.
pub(super) const CARD: &[&str] = &["61", "73"];
/// The channel does not know, or has no time.
pub(super) const UNSURE: &[&str] = &["02", "03", "04", "05", "06", "99"];

/// `respCode` of a consume. Codes that belong to other calls (34 to 36, 45, 46, 98) are not listed: they are unknown here.
pub(super) const CONSUME: &[Entry<SubmitMeaning>] = &[
    Entry {
        codes: &["00", "05", "A6"],
        means: AwaitingPayer,
        zh: "银联已受理，系统正在查询支付结果，请等待",
        en: "accepted by UnionPay; the result is being asked, wait for it",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["70", "82", "83"],
        means: AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["02", "03", "04", "06", "99"],
        means: SubmitMeaning::Unsure,
        zh: "结果未知，系统正在查询，请勿重复收款",
        en: "the result is unknown and being asked; do not charge again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["74", "75"],
        means: SubmitMeaning::Unsure,
        zh: "可能已扣款而入账未知或失败，系统正在查询，请勿重复收款",
        en: "the money may be taken though the booking is unknown or failed; being asked, do not charge again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["37"],
        means: SubmitMeaning::RateLimited,
        zh: "请求过于频繁，系统正在查询结果，请勿重复收款",
        en: "too many requests; the result is being asked, do not charge again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["12"],
        means: AlreadyKnown,
        zh: "该单号已存在，系统正在查询它的状态",
        en: "the number is known already and its state is being asked",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["64"],
        means: Declined(InsufficientFunds),
        zh: "余额不足，请顾客换一种付款方式",
        en: "no funds: ask for another card or wallet",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["86", "88"],
        means: Declined(CodeInvalid),
        zh: "付款码无效、已过期或已用过，请顾客刷新后重新扫码",
        en: "the code is wrong, too old or used: ask for a fresh one and scan again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["33"],
        means: Declined(PayerLimit),
        zh: "超过限额，请顾客换一种付款方式",
        en: "above the limit: ask for another means",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["38"],
        means: Declined(RiskRefused),
        zh: "风控拒绝，请顾客换一种付款方式",
        en: "refused by risk control: ask for another means",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["69"],
        means: Declined(CustomerTimeout),
        zh: "顾客输入超时，请顾客刷新付款码后重新扫码",
        en: "the customer took too long: ask for a fresh code and scan again",
        source: PAY_PAGE,
    },
    Entry {
        codes: CARD,
        means: Declined(PayerAccount),
        zh: "顾客的银行卡无效或已过期，请换一种付款方式",
        en: "the customer's card is invalid or has expired: ask for another means",
        source: PAY_PAGE,
    },
    Entry {
        codes: BUSINESS,
        means: Declined(Refused),
        zh: "银联或发卡行拒绝了本次支付，请以提示为准",
        en: "UnionPay or the bank refused: see its text",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["39"],
        means: Declined(Refused),
        zh: "不在受理时间内，请顾客换一种付款方式",
        en: "outside the hours of service: ask for another means",
        source: PAY_PAGE,
    },
    // "Paid after the allowed time" is not quite "not paid": the sheet's class is believed after a query only.
    Entry {
        codes: &["42"],
        means: DeclinedAsk(Refused),
        zh: "超过允许的支付时间，系统正在查询",
        en: "after the allowed time; being asked once",
        source: PAY_PAGE,
    },
    Entry {
        codes: SETUP,
        means: Declined(Configuration),
        zh: "请求、签名或商户设置有误，请联系技术支持",
        en: "the request, its signature or the merchant's set-up is wrong: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: Declined(MerchantNotAllowed),
        zh: "商户状态不正确或无此权限，请联系技术支持",
        en: "the merchant's state or permission does not allow it: call support",
        source: PAY_PAGE,
    },
];

/// `respCode` of a query: how the question went.
pub(super) const QUERY: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["34"],
        means: QueryMeaning::NotFound,
        zh: "查无此交易；支付请求可能仍在途中，这不能证明未付款",
        en: "no such transaction; the payment may still be under way, so this proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: UNSURE,
        means: QueryMeaning::Unsure,
        zh: "银联暂时无法答复，系统会继续查询",
        en: "UnionPay cannot say now; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["37"],
        means: QueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会放慢查询",
        en: "too many queries; asking goes on, slower",
        source: QUERY_PAGE,
    },
    Entry {
        codes: SETUP,
        means: QueryMeaning::Unsure,
        zh: "查询被拒：请立即核对签名证书与商户号",
        en: "the query was refused: check the signing certificate and the merchant number at once",
        source: QUERY_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: QueryMeaning::Unsure,
        zh: "查询被拒：请立即联系银联核对商户状态与权限",
        en: "the query was refused: check the merchant's state and permission with UnionPay at once",
        source: QUERY_PAGE,
    },
];

/// `origRespCode` beside a query's `00`: how the consume stands.
pub(super) const ORIGINAL: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["00", "A6"], means: QueryMeaning::Paid, zh: "支付成功", en: "paid", source: STATE_PAGE
    },
    // A query that finds the order proves that it is on the books, even where UnionPay does not know how it ends: only
    // "awaiting" keeps that, so that a later *not found* ends nothing.
    Entry {
        codes: &["03", "04", "05"],
        means: QueryMeaning::AwaitingPayer,
        zh: "银联正在处理，系统会继续查询，请等待",
        en: "UnionPay is at work; asking goes on, wait for it",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["70", "82", "83"],
        means: QueryMeaning::AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["74", "75"],
        means: QueryMeaning::Unsure,
        zh: "可能已扣款而入账未知或失败，请联系银联核对",
        en: "the money may be taken though the booking is unknown or failed: check with UnionPay",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["99"],
        means: QueryMeaning::Unsure,
        zh: "银联未说明原因，系统会继续查询",
        en: "UnionPay does not say why; asking goes on",
        source: STATE_PAGE,
    },
    // The sheet calls it a failure; its words say that money moved. It is undone, and ends when a query agrees.
    Entry {
        codes: &["42"],
        means: QueryMeaning::MustReverse,
        zh: "超过允许的时间才扣款，系统正在冲正，冲正完成前请勿放行",
        en: "charged after the allowed time and being reversed; wait for the reversal",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["46"],
        means: QueryMeaning::Closed(ClosedHow::Revoked),
        zh: "交易已冲正，未收款或已退回",
        en: "reversed: nothing taken, or all given back",
        source: "银联 ACP 冲正后的 origRespCode, chosen (unionpay.md §5.4)",
    },
    Entry {
        codes: &["64"],
        means: QueryMeaning::Declined(InsufficientFunds),
        zh: "余额不足，未收款，请顾客换一种付款方式",
        en: "no funds, nothing taken: ask for another card or wallet",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["86", "88"],
        means: QueryMeaning::Declined(CodeInvalid),
        zh: "付款码无效、已过期或已用过，未收款，请顾客刷新后重新扫码",
        en: "the code is wrong, too old or used, nothing taken: ask for a fresh one and scan again",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["33"],
        means: QueryMeaning::Declined(PayerLimit),
        zh: "超过限额，未收款，请顾客换一种付款方式",
        en: "above the limit, nothing taken: ask for another means",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["38"],
        means: QueryMeaning::Declined(RiskRefused),
        zh: "风控拒绝，未收款，请顾客换一种付款方式",
        en: "refused by risk control, nothing taken: ask for another means",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["69"],
        means: QueryMeaning::Declined(CustomerTimeout),
        zh: "顾客输入超时，未收款，请顾客刷新付款码后重新扫码",
        en: "the customer took too long, nothing taken: ask for a fresh code and scan again",
        source: STATE_PAGE,
    },
    Entry {
        codes: CARD,
        means: QueryMeaning::Declined(PayerAccount),
        zh: "顾客的银行卡无效或已过期，未收款，请换一种付款方式",
        en: "the customer's card is invalid or has expired, nothing taken: ask for another means",
        source: STATE_PAGE,
    },
    Entry {
        codes: BUSINESS,
        means: QueryMeaning::Declined(Refused),
        zh: "银联或发卡行拒绝了本次支付，未收款，请以提示为准",
        en: "UnionPay or the bank refused, nothing taken: see its text",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["39"],
        means: QueryMeaning::Declined(Refused),
        zh: "不在受理时间内，未收款，请顾客换一种付款方式",
        en: "outside the hours of service, nothing taken: ask for another means",
        source: STATE_PAGE,
    },
    Entry {
        codes: SETUP,
        means: QueryMeaning::Declined(Configuration),
        zh: "请求或商户设置有误，未收款，请联系技术支持",
        en: "the request or the set-up was wrong, nothing taken: call support",
        source: STATE_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: QueryMeaning::Declined(MerchantNotAllowed),
        zh: "商户状态或权限不允许，未收款，请联系技术支持",
        en: "the merchant's state or permission did not allow it, nothing taken: call support",
        source: STATE_PAGE,
    },
];

/// `respCode` of a reversal but for `00`.
pub(super) const REVERSAL: &[Entry<ReverseMeaning>] = &[
    // Never an end by itself: a query has to agree, and "not found" only after the settle time.
    Entry {
        codes: &["34", "35"],
        means: ReverseMeaning::NothingToUndo,
        zh: "银联称没有可冲正的交易，系统将以查询结果为准",
        en: "UnionPay knows of nothing to reverse; a query decides",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: &["46"],
        means: ReverseMeaning::NothingToUndo,
        zh: "交易此前已冲正，系统将以查询结果为准",
        en: "reversed before; a query decides",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: &["45"],
        means: ReverseMeaning::Cannot(CannotWhy::Refunded),
        zh: "该交易已撤销或已有退货，不能冲正；请核对退货并退还余下部分",
        en: "voided or refunded already: check the refunds and give back the rest",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: &["39"],
        means: ReverseMeaning::Cannot(CannotWhy::Window),
        zh: "已过清算日（23:00），不能冲正；若已付款请改为退货",
        en: "past the settlement day (23:00): if it was paid, refund it instead",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: UNSURE,
        means: ReverseMeaning::Unsure,
        zh: "银联暂时无法答复，系统会继续冲正",
        en: "UnionPay cannot say now; reversing goes on",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: &["37"],
        means: ReverseMeaning::RateLimited,
        zh: "请求过于频繁，系统会继续冲正",
        en: "too many requests; reversing goes on",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: &["36"],
        means: ReverseMeaning::Unsure,
        zh: "与原交易信息不符，请立即联系技术支持，款项可能悬而未决",
        en: "it does not agree with the consume: call support at once, money may hang",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: SETUP,
        means: ReverseMeaning::Unsure,
        zh: "冲正被拒：请立即核对签名证书与商户号，款项可能悬而未决",
        en: "the reversal was refused: check certificate and merchant number at once, money may hang",
        source: REVERSAL_PAGE,
    },
    Entry {
        codes: PERMISSION,
        means: ReverseMeaning::Unsure,
        zh: "冲正被拒：请立即联系银联核对商户状态与权限，款项可能悬而未决",
        en: "the reversal was refused: check the merchant's state and permission at once, money may hang",
        source: REVERSAL_PAGE,
    },
];

pub(in super::super) fn rows() -> Vec<Row> {
    let code = "respCode";
    let payments = [
        rows_of(code, CONSUME, Meaning::Submit),
        rows_of(code, QUERY, Meaning::Query),
        rows_of("origRespCode", ORIGINAL, Meaning::Query),
        rows_of(code, REVERSAL, Meaning::Reverse),
    ]
    .concat();
    [payments, refund_table::rows()].concat()
}
