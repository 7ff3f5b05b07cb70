//! Every code of a refund in wechat.md §5.5 and every state of one (§4.4, §8).

use payment::exchange::RefundReason::{Configuration, Funds, NotAllowed, PayerAccount, Refused};

use super::super::table::{Entry, Meaning, RefundMeaning, RefundQueryMeaning, Row, rows_of};
use super::table::{CROWDED, SETUP, UNSURE};

const REFUND_PAGE: &str = "WeChat Pay APIv3「退款申请」错误码 (wechat.md §5.5)";
const QUERY_PAGE: &str = "WeChat Pay APIv3「查询单笔退款」错误码 (wechat.md §5.5)";
const STATUS_PAGE: &str = "WeChat Pay APIv3「查询单笔退款」status (wechat.md §4.4, §8)";

/// `code` of a refund.
///
/// The core believes no refusal before it has asked what a former request of the same number did.
pub(super) const REFUND: &[Entry<RefundMeaning>] = &[
    Entry {
        codes: UNSURE,
        means: RefundMeaning::Unsure,
        zh: "微信系统错误，系统会查询并以同一退款单号重试，请勿另行退款",
        en: "an error at WeChat; it is asked and repeated with the same number, do not refund again",
        source: REFUND_PAGE,
    },
    Entry {
        codes: CROWDED,
        means: RefundMeaning::RateLimited,
        zh: "退款过于频繁，系统会在 1 分钟后以同一退款单号重试",
        en: "too many refunds; the same one is repeated after a minute",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["NOT_ENOUGH", "NOTENOUGH"],
        means: RefundMeaning::Refused(Funds),
        zh: "商户余额不足，请向微信商户平台充值，系统会自动重试",
        en: "the merchant's funds do not cover it: top up at WeChat, it is repeated by itself",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["USER_ACCOUNT_ABNORMAL"],
        means: RefundMeaning::Refused(PayerAccount),
        zh: "付款人账户已注销或异常，请以其他方式退还",
        en: "the payer's account is closed: give the money back by other means",
        source: REFUND_PAGE,
    },
    // Which of an unpaid order, other facts under the same number, a sum that is too large or a payment that is too old it is,
    // only the text says.
    Entry {
        codes: &["INVALID_REQUEST", "RESOURCE_NOT_EXISTS"],
        means: RefundMeaning::Refused(Refused),
        zh: "微信拒绝了退款（订单状态、单号、金额或期限），请以提示为准",
        en: "WeChat refused the refund (the order's state, number, amount or age): see its text",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["NO_AUTH", "NOAUTH"],
        means: RefundMeaning::Refused(NotAllowed),
        zh: "商户未开通退款权限，请在微信商户平台申请",
        en: "refunds are not open to the merchant: apply for them on WeChat's merchant platform",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["PARAM_ERROR", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "SIGN_ERROR", "SIGNERROR"],
        means: RefundMeaning::Refused(Configuration),
        zh: "退款请求被拒：请核对参数、密钥、证书序列号与商户号，并联系技术支持",
        en: "the refund request was refused: check parameters, keys, serial and numbers, call support",
        source: REFUND_PAGE,
    },
];

/// `code` of a refund query.
pub(super) const REFUND_QUERY: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["RESOURCE_NOT_EXISTS"],
        means: RefundQueryMeaning::NotFound,
        zh: "退款单不存在；退款请求可能仍在途中，这不能证明未退款",
        en: "no such refund; the request may still be under way, so this alone proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: UNSURE,
        means: RefundQueryMeaning::Unsure,
        zh: "微信系统错误，系统会继续查询",
        en: "an error at WeChat; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: CROWDED,
        means: RefundQueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会继续查询",
        en: "too many queries; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: SETUP,
        means: RefundQueryMeaning::Unsure,
        zh: "退款查询被拒：请立即核对密钥、证书序列号与商户号配置",
        en: "the refund query was refused: check keys, serial and numbers at once",
        source: QUERY_PAGE,
    },
];

/// `status` of a refund.
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
        codes: &["CLOSED"],
        means: RefundQueryMeaning::Closed,
        zh: "退款已关闭，款项未退；如需退款请换一个退款单号",
        en: "closed, nothing was given back: ask again under a new refund number",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["ABNORMAL"],
        means: RefundQueryMeaning::Abnormal,
        zh: "退款异常，款项无法退回原账户，请在微信商户平台处理",
        en: "the money cannot be delivered: settle it on WeChat's merchant platform",
        source: STATUS_PAGE,
    },
];

pub(super) fn rows() -> Vec<Row> {
    [
        rows_of("code", REFUND, Meaning::Refund),
        rows_of("code", REFUND_QUERY, Meaning::RefundQuery),
        rows_of("status", REFUND_STATUS, Meaning::RefundQuery),
    ]
    .concat()
}
