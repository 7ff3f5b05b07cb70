//! Every code of unionpay.md §4.5 and every state of §4.4. The wallets' own codes pass through: WeChat's under their names
//! here, Alipay's behind `ACQ.`, UnionPay's as two digits.

use payment::exchange::{CannotWhy, ClosedHow, DeclineReason};
use wire::alipay::bare_sub_code;

use super::super::alipay;
use super::super::table::{Entry, Meaning, QueryMeaning, ReverseMeaning, Row, SubmitMeaning, find, rows_of};
use super::refund_table;
use super::unionpay_table::UNIONPAY;
use DeclineReason::{
    CardNotAccepted, CodeExpired, CodeInvalid, Configuration, InsufficientFunds, MerchantNotAllowed, Refused,
};
use SubmitMeaning::{AlreadyKnown, AwaitingPayer, Declined, DeclinedAsk};

const PAY_PAGE: &str = "银联条码支付综合前置 unified.trade.micropay 结果判断 (unionpay.md §4.5)";
const WECHAT_PAGE: &str = "微信付款码支付错误码, passed through (unionpay.md §4.5, wechat.md §5.1)";
const QUERY_PAGE: &str = "银联条码支付综合前置 unified.trade.query (unionpay.md §4.4, §4.5)";
const REVERSE_PAGE: &str = "银联条码支付综合前置 unified.micropay.reverse (unionpay.md §4.6, §13)";

/// What `err_code` of a payment means. A decline is believed only beside `need_query=N`.
pub(super) fn submit_code(code: &str) -> Option<SubmitMeaning> {
    find(MICROPAY, code)
        .or_else(|| alipays(code).and_then(|bare| find(alipay::PAY, bare)))
        .or_else(|| find(UNIONPAY, code))
}

/// What `err_code` of a query means.
pub(super) fn query_code(code: &str) -> Option<QueryMeaning> {
    find(QUERY, code).or_else(|| alipays(code).and_then(|bare| find(alipay::QUERY, bare)))
}

/// What `err_code` of a reversal means.
pub(super) fn reverse_code(code: &str) -> Option<ReverseMeaning> {
    find(REVERSE, code).or_else(|| alipays(code).and_then(|bare| find(alipay::CANCEL, bare)))
}

/// An Alipay sub-code without its prefix; `None` for a code that has none.
pub(super) fn alipays(code: &str) -> Option<&str> {
    let bare = bare_sub_code(code);
    (bare.len() < code.len()).then_some(bare)
}

/// `err_code` of a payment.
///
/// "Paid", "used", "closed" and "reversed" are answers about *another* call with the same number: asked, not believed.
pub(super) const MICROPAY: &[Entry<SubmitMeaning>] = &[
    Entry {
        codes: &["USERPAYING"],
        means: AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: PAY_PAGE,
    },
    Entry {
        codes: &[
            "SYSTEMERROR",
            "System error",
            "Internal error",
            "BANKERROR",
            "10003",
            "ACQ.SYSTEM_ERROR",
            "aop.ACQ.SYSTEM_ERROR",
            "00",
            "04",
            "06",
        ],
        means: SubmitMeaning::Unsure,
        zh: "结果未知，系统正在查询，请勿重复收款",
        en: "the result is unknown and being asked; do not charge again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["ORDERPAID", "OUT_TRADE_NO_USED", "ORDERCLOSED", "ORDERREVERSED", "BUYER_MISMATCH"],
        means: AlreadyKnown,
        zh: "该单号已存在，系统正在查询它的状态",
        en: "the number is known already and its state is being asked",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["AUTHCODEEXPIRE"],
        means: Declined(CodeExpired),
        zh: "付款码已过期，请顾客刷新后重新扫码",
        en: "the code is too old: ask for a fresh one and scan again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["AUTH_CODE_ERROR", "AUTH_CODE_INVALID"],
        means: Declined(CodeInvalid),
        zh: "付款码无效、已过期或已用过，请顾客刷新后重新扫码",
        en: "the code is wrong, too old or used: ask for a fresh one and scan again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["NOTENOUGH"],
        means: Declined(InsufficientFunds),
        zh: "余额不足，请顾客换一种付款方式",
        en: "no funds: ask for another card or wallet",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["NOTSUPORTCARD"],
        means: Declined(CardNotAccepted),
        zh: "不支持该卡种，请顾客换卡",
        en: "this card is not accepted: ask for another",
        source: WECHAT_PAGE,
    },
    // WeChat wants it queried once; here the platform says itself, by need_query, whether that is needed.
    Entry {
        codes: &["TRADE_ERROR"],
        means: Declined(Refused),
        zh: "支付被拒（风控、账户异常、限额或顾客取消），请以提示为准",
        en: "refused (risk control, the account, a limit, or the customer cancelled): see its text",
        source: WECHAT_PAGE,
    },
    Entry {
        codes: &["INVALID_REQUEST", "NOT_UTF8"],
        means: DeclinedAsk(Configuration),
        zh: "请求被拒（参数、权限、重复或频率），请联系技术支持",
        en: "the request was refused (parameters, permission, repeat or rate): call support",
        source: WECHAT_PAGE,
    },
    Entry {
        codes: &[
            "LACK_PARAMS",
            "PARAM_ERROR",
            "XML_FORMAT_ERROR",
            "REQUIRE_POST_METHOD",
            "SIGNERROR",
            "POST_DATA_EMPTY",
        ],
        means: Declined(Configuration),
        zh: "请求格式或签名错误，请联系技术支持",
        en: "the request's form or signature is wrong: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["APPID_NOT_EXIST", "MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH"],
        means: Declined(Configuration),
        zh: "商户号配置错误，请联系技术支持",
        en: "the merchant number is configured wrongly: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["NOAUTH"],
        means: Declined(MerchantNotAllowed),
        zh: "商户未开通该支付方式，请联系技术支持",
        en: "the merchant has no contract for this: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: SubmitMeaning::RateLimited,
        zh: "渠道繁忙，系统正在查询结果，请勿重复收款",
        en: "the channel is overloaded; the result is being asked, do not charge again",
        source: WECHAT_PAGE,
    },
];

/// `pay_result` other than 0, without an `err_code` beside it.
pub(super) const PAY_RESULT: &[Entry<SubmitMeaning>] = &[Entry {
    codes: &["*"],
    means: Declined(Refused),
    zh: "支付失败，请以提示为准",
    en: "the payment failed: see its text",
    source: "银联条码支付综合前置 unified.trade.micropay pay_result (unionpay.md §4.3, §4.5)",
}];

/// `err_code` of a query. How the platform spells "order not exist" is not evidenced (unionpay.md §12).
pub(super) const QUERY: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: NOT_EXIST,
        means: QueryMeaning::NotFound,
        zh: "订单不存在；支付请求可能仍在途中，这不能证明未付款",
        en: "no such order; the payment may still be under way, so this proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["SYSTEMERROR", "System error", "Internal error"],
        means: QueryMeaning::Unsure,
        zh: "渠道系统错误，系统会继续查询",
        en: "an error at the platform; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: QueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会继续查询",
        en: "too many queries; asking goes on",
        source: "微信付款码支付限频, passed through (unionpay.md §4.1, wechat.md §5.1)",
    },
    Entry {
        codes: &["NOAUTH", "LACK_PARAMS", "PARAM_ERROR", "SIGNERROR", "MCHID_NOT_EXIST"],
        means: QueryMeaning::Unsure,
        zh: "查询被拒：请立即核对密钥与商户号配置",
        en: "the query was refused: check keys and numbers at once",
        source: QUERY_PAGE,
    },
];

const NOT_EXIST: &[&str] = &["ORDERNOTEXIST", "order not exist"];

/// `trade_state`.
pub(super) const TRADE_STATE: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["SUCCESS"], means: QueryMeaning::Paid, zh: "支付成功", en: "paid", source: QUERY_PAGE
    },
    // Money was taken and some or all of it is on its way back. How much, only the refund query says: it is asked at once
    // where it can be (`refunded.rs`), and without its answer this is neither "paid" nor "closed".
    Entry {
        codes: &["REFUND"],
        means: QueryMeaning::Unsure,
        zh: "已付款并发生过退款，系统正在查询退款金额；查不到时请在商户平台核对",
        en: "paid, and refunded in part or in full: the refunds are being asked, or check them on the platform",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["NOTPAY"],
        means: QueryMeaning::NotPaid,
        zh: "顾客尚未付款或已取消",
        en: "not paid: the customer has not confirmed, or has cancelled",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["USERPAYING"],
        means: QueryMeaning::AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["PAYERROR"],
        means: QueryMeaning::MustReverse,
        zh: "支付失败，系统正在撤销订单，撤销完成前请勿放行",
        en: "payment failed and is being reversed; wait for the reversal",
        source: QUERY_PAGE,
    },
    // The platform's documents spell it in more ways than one.
    Entry {
        codes: &["REVOKED", "REVERSE", "REVERSED"],
        means: QueryMeaning::Closed(ClosedHow::Revoked),
        zh: "订单已撤销，未收款或已退回",
        en: "reversed: nothing taken, or all given back",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["CLOSED"],
        means: QueryMeaning::Closed(ClosedHow::Closed),
        zh: "订单已关闭，未收款",
        en: "closed: nothing taken",
        source: QUERY_PAGE,
    },
];

/// `err_code` of a reversal.
pub(super) const REVERSE: &[Entry<ReverseMeaning>] = &[
    Entry {
        codes: &["USERPAYING"],
        means: ReverseMeaning::StillPaying,
        zh: "顾客正在输入密码，尚未撤销，系统会继续撤销",
        en: "the customer's dialog is open; not reversed yet, reversing goes on",
        source: REVERSE_PAGE,
    },
    Entry {
        codes: &["SYSTEMERROR", "System error", "Internal error"],
        means: ReverseMeaning::Unsure,
        zh: "渠道系统错误，系统会继续撤销",
        en: "an error at the platform; reversing goes on",
        source: REVERSE_PAGE,
    },
    // Never a success by itself: a query has to agree, and "not found" only after the settle time.
    Entry {
        codes: &["ORDERNOTEXIST", "order not exist", "ACQ.TRADE_NOT_EXIST", "ORDERREVERSED", "ORDERCLOSED"],
        means: ReverseMeaning::NothingToUndo,
        zh: "渠道称没有可撤销的订单，系统将以查询结果为准",
        en: "the platform knows of nothing to undo; a query decides",
        source: "银联条码支付综合前置 unified.micropay.reverse (unionpay.md §4.6, §10)",
    },
    Entry {
        codes: &["REVERSE_EXPIRE"],
        means: ReverseMeaning::Cannot(CannotWhy::Window),
        zh: "超过可撤销时间；若已付款请改为退款",
        en: "past the reversal window: if it was paid, refund it instead",
        source: "微信付款码支付「撤销订单」错误码, passed through (unionpay.md §4.6, wechat.md §5.3)",
    },
    // Not verified which refusals come under this name: a refund that is on its way, or funds that are short.
    Entry {
        codes: &["TRADE_ERROR"],
        means: ReverseMeaning::Unsure,
        zh: "撤销被拒（可能已有退款或余额不足），系统会继续查询与撤销",
        en: "the reversal was refused (a refund under way, or short funds); asking and reversing go on",
        source: REVERSE_PAGE,
    },
    Entry {
        codes: &["NOAUTH", "LACK_PARAMS", "PARAM_ERROR", "SIGNERROR", "MCHID_NOT_EXIST"],
        means: ReverseMeaning::Unsure,
        zh: "撤销被拒：请立即核对密钥与商户号，款项可能悬而未决",
        en: "the reversal was refused: check keys and numbers at once, money may hang",
        source: REVERSE_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: ReverseMeaning::RateLimited,
        zh: "请求过于频繁，系统会继续撤销",
        en: "too many requests; reversing goes on",
        source: "微信付款码支付限频, passed through (unionpay.md §4.1, wechat.md §5.1)",
    },
];

pub(in super::super) fn rows() -> Vec<Row> {
    /// Alipay's codes, without the prefix.
    const ALIPAYS: &str = "err_code ACQ.";
    [
        rows_of("err_code", MICROPAY, Meaning::Submit),
        rows_of("err_code", UNIONPAY, Meaning::Submit),
        rows_of(ALIPAYS, alipay::PAY, Meaning::Submit),
        rows_of("pay_result", PAY_RESULT, Meaning::Submit),
        rows_of("err_code", QUERY, Meaning::Query),
        rows_of(ALIPAYS, alipay::QUERY, Meaning::Query),
        rows_of("trade_state", TRADE_STATE, Meaning::Query),
        rows_of("err_code", REVERSE, Meaning::Reverse),
        rows_of(ALIPAYS, alipay::CANCEL, Meaning::Reverse),
        refund_table::rows(),
        rows_of(ALIPAYS, alipay::REFUND, Meaning::Refund),
        rows_of(ALIPAYS, alipay::REFUND_QUERY, Meaning::RefundQuery),
    ]
    .concat()
}
