//! Every code and state of a refund (unionpay.md §4.4, §13). The wallets' own codes pass through: WeChat's under their names
//! here (wechat.md §5.4), Alipay's behind `ACQ.`.

use payment::exchange::RefundReason::{Configuration, Funds, NotAllowed, PayerAccount, Refused, WindowOver};

use super::super::alipay;
use super::super::table::{Entry, Meaning, RefundMeaning, RefundQueryMeaning, Row, find, rows_of};
use super::table::alipays;

const REFUND_PAGE: &str = "银联条码支付综合前置 unified.trade.refund (unionpay.md §4.4, §13)";
const QUERY_PAGE: &str = "银联条码支付综合前置 unified.trade.refundquery (unionpay.md §4.4)";
const STATUS_PAGE: &str = "银联条码支付综合前置 refund_status_$n (unionpay.md §4.4)";
const WECHAT_PAGE: &str = "微信「申请退款」错误码, passed through (unionpay.md §4.1, wechat.md §5.4)";

/// What `err_code` of a refund means.
pub(super) fn refund_code(code: &str) -> Option<RefundMeaning> {
    find(REFUND, code).or_else(|| alipays(code).and_then(|bare| find(alipay::REFUND, bare)))
}

/// What `err_code` of a refund query means.
pub(super) fn refund_query_code(code: &str) -> Option<RefundQueryMeaning> {
    find(REFUND_QUERY, code).or_else(|| alipays(code).and_then(|bare| find(alipay::REFUND_QUERY, bare)))
}

/// `err_code` of a refund.
///
/// The core believes no refusal before it has asked what a former request of the same number did.
pub(super) const REFUND: &[Entry<RefundMeaning>] = &[
    Entry {
        codes: &["SYSTEMERROR", "System error", "Internal error", "BIZERR_NEED_RETRY"],
        means: RefundMeaning::Unsure,
        zh: "渠道系统错误，系统会查询并以同一退款单号重试，请勿另行退款",
        en: "an error at the platform; it is asked and repeated with the same number, do not refund again",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: RefundMeaning::RateLimited,
        zh: "退款过于频繁，系统会以同一退款单号重试",
        en: "too many refunds; the same one is repeated later",
        source: WECHAT_PAGE,
    },
    Entry {
        codes: &["NOTENOUGH"],
        means: RefundMeaning::Refused(Funds),
        zh: "商户余额不足，请充值，系统会自动重试",
        en: "the merchant's funds do not cover it: top up, it is repeated by itself",
        source: WECHAT_PAGE,
    },
    Entry {
        codes: &["TRADE_OVERDUE"],
        means: RefundMeaning::Refused(WindowOver),
        zh: "已超过可退款期限，请以其他方式退还",
        en: "past the period for refunds: give the money back by other means",
        source: WECHAT_PAGE,
    },
    Entry {
        codes: &["USER_ACCOUNT_ABNORMAL"],
        means: RefundMeaning::Refused(PayerAccount),
        zh: "付款人账户已注销或异常，请以其他方式退还",
        en: "the payer's account is closed: give the money back by other means",
        source: WECHAT_PAGE,
    },
    // Which of a sum that is too large, an order's state or something else it is, only the text says.
    Entry {
        codes: &["ERROR"],
        means: RefundMeaning::Refused(Refused),
        zh: "退款金额超过可退余额，或订单状态不允许退款，请以提示为准",
        en: "more than what is left, or the order's state does not allow it: see its text",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["ORDERNOTEXIST", "order not exist"],
        means: RefundMeaning::Refused(Refused),
        zh: "渠道称订单不存在，未退款；请核对商户号",
        en: "the platform says there is no such order, nothing was given back: check the merchant number",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["NOAUTH"],
        means: RefundMeaning::Refused(NotAllowed),
        zh: "商户未开通退款，请联系收单机构",
        en: "the merchant may not refund: ask the acquirer",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["PARAM_ERROR", "LACK_PARAMS", "SIGNERROR", "MCHID_NOT_EXIST"],
        means: RefundMeaning::Refused(Configuration),
        zh: "退款请求被拒：请核对参数、密钥与商户号，并联系技术支持",
        en: "the refund request was refused: check parameters, key and number, call support",
        source: REFUND_PAGE,
    },
];

/// `err_code` of a refund query. How the platform spells "no such refund" is not evidenced; that there is no such *order*
/// says nothing of a refund, since the order is known to exist.
pub(super) const REFUND_QUERY: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["REFUNDNOTEXIST"],
        means: RefundQueryMeaning::NotFound,
        zh: "退款单不存在；退款请求可能仍在途中，这不能证明未退款",
        en: "no such refund; the request may still be under way, so this alone proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["SYSTEMERROR", "System error", "Internal error"],
        means: RefundQueryMeaning::Unsure,
        zh: "渠道系统错误，系统会继续查询",
        en: "an error at the platform; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: RefundQueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会继续查询",
        en: "too many queries; asking goes on",
        source: WECHAT_PAGE,
    },
    Entry {
        codes: &[
            "ORDERNOTEXIST",
            "order not exist",
            "NOAUTH",
            "PARAM_ERROR",
            "LACK_PARAMS",
            "SIGNERROR",
            "MCHID_NOT_EXIST",
        ],
        means: RefundQueryMeaning::Unsure,
        zh: "退款查询被拒：请立即核对密钥与商户号配置",
        en: "the refund query was refused: check keys and numbers at once",
        source: QUERY_PAGE,
    },
];

/// `refund_status_$n`.
pub(super) const REFUND_STATUS: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["SUCCESS"],
        means: RefundQueryMeaning::Done,
        zh: "退款成功",
        en: "given back",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["PROCESSING"],
        means: RefundQueryMeaning::Pending,
        zh: "退款处理中，系统会继续查询",
        en: "under way; asking goes on",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["FAIL"],
        means: RefundQueryMeaning::Closed,
        zh: "退款失败，款项未退；如需退款请换一个退款单号",
        en: "failed, nothing was given back: ask again under a new refund number",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["CHANGE"],
        means: RefundQueryMeaning::Abnormal,
        zh: "退款异常，款项无法退回原账户，请在商户平台处理",
        en: "the money cannot be delivered: settle it on the merchant platform",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["NOTSURE"],
        means: RefundQueryMeaning::Unsure,
        zh: "退款结果未确定，系统会继续查询，请勿另行退款",
        en: "the platform does not know yet; asking goes on, do not refund again",
        source: STATUS_PAGE,
    },
];

pub(super) fn rows() -> Vec<Row> {
    [
        rows_of("err_code", REFUND, Meaning::Refund),
        rows_of("err_code", REFUND_QUERY, Meaning::RefundQuery),
        rows_of("refund_status_$n", REFUND_STATUS, Meaning::RefundQuery),
    ]
    .concat()
}
