//! Every code of wechat.md §5.4 and every state of a refund (§2.6).

use payment::exchange::RefundReason::{Configuration, Funds, PayerAccount, Refused, WindowOver};

use super::super::table::{Entry, Meaning, RefundMeaning, RefundQueryMeaning, Row, rows_of};

const REFUND_PAGE: &str = "WeChat Pay APIv2「申请退款」错误码 (wechat.md §5.4)";
const QUERY_PAGE: &str = "WeChat Pay APIv2「查询退款」错误码 (wechat.md §5.4)";
const STATUS_PAGE: &str = "WeChat Pay APIv2「查询退款」refund_status (wechat.md §2.6)";
const RATE_PAGE: &str = "WeChat Pay APIv2「申请退款」频率限制 (wechat.md §2.1, §5.4)";

/// `err_code` of a refund.
///
/// The core believes no refusal before it has asked what a former request of the same number did.
pub(super) const REFUND: &[Entry<RefundMeaning>] = &[
    Entry {
        codes: &["SYSTEMERROR", "BIZERR_NEED_RETRY"],
        means: RefundMeaning::Unsure,
        zh: "微信系统错误，系统会查询并以同一退款单号重试，请勿另行退款",
        en: "an error at WeChat; it is asked and repeated with the same number, do not refund again",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED", "INVALID_REQ_TOO_MUCH"],
        means: RefundMeaning::RateLimited,
        zh: "退款过于频繁，系统会在 1 分钟后以同一退款单号重试",
        en: "too many refunds; the same one is repeated after a minute",
        source: RATE_PAGE,
    },
    Entry {
        codes: &["NOTENOUGH"],
        means: RefundMeaning::Refused(Funds),
        zh: "商户余额不足，请向微信商户平台充值，系统会自动重试",
        en: "the merchant's funds do not cover it: top up at WeChat, it is repeated by itself",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["TRADE_OVERDUE"],
        means: RefundMeaning::Refused(WindowOver),
        zh: "付款已超过一年，不能原路退款，请以其他方式退还",
        en: "older than a year: give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["USER_ACCOUNT_ABNORMAL"],
        means: RefundMeaning::Refused(PayerAccount),
        zh: "付款人账户已注销或异常，请以其他方式退还",
        en: "the payer's account is closed: give the money back by other means",
        source: REFUND_PAGE,
    },
    // Which of an unpaid order, a wrong number or a sum that is too large it is, only the text says.
    Entry {
        codes: &["ERROR", "ORDERNOTEXIST", "INVALID_TRANSACTIONID"],
        means: RefundMeaning::Refused(Refused),
        zh: "微信拒绝了退款（订单状态、单号或金额），请以提示为准",
        en: "WeChat refused the refund (the order's state, number or amount): see its text",
        source: REFUND_PAGE,
    },
    Entry {
        codes: SETUP,
        means: RefundMeaning::Refused(Configuration),
        zh: "退款请求被拒：请核对参数、密钥、证书与商户号，并联系技术支持",
        en: "the refund request was refused: check parameters, key, certificate and numbers, call support",
        source: REFUND_PAGE,
    },
];

/// What the page lists as wrong set-up.
const SETUP: &[&str] = &[
    "PARAM_ERROR",
    "APPID_NOT_EXIST",
    "MCHID_NOT_EXIST",
    "SIGNERROR",
    "XML_FORMAT_ERROR",
    "REQUIRE_POST_METHOD",
];

/// `err_code` of a refund query.
pub(super) const REFUND_QUERY: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["REFUNDNOTEXIST"],
        means: RefundQueryMeaning::NotFound,
        zh: "退款单不存在；退款请求可能仍在途中，这不能证明未退款",
        en: "no such refund; the request may still be under way, so this alone proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["SYSTEMERROR"],
        means: RefundQueryMeaning::Unsure,
        zh: "微信系统错误，系统会继续查询",
        en: "an error at WeChat; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: RefundQueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会继续查询",
        en: "too many queries; asking goes on",
        source: RATE_PAGE,
    },
    Entry {
        codes: SETUP,
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
        codes: &["REFUNDCLOSE"],
        means: RefundQueryMeaning::Closed,
        zh: "退款已关闭，款项未退；如需退款请换一个退款单号",
        en: "closed, nothing was given back: ask again under a new refund number",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["CHANGE"],
        means: RefundQueryMeaning::Abnormal,
        zh: "退款异常，款项无法退回原账户，请在微信商户平台处理",
        en: "the money cannot be delivered: settle it on WeChat's merchant platform",
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
