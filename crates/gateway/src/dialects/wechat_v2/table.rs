//! Every code of wechat.md §5.1 to §5.3 and every state of §6.

use payment::exchange::{CannotWhy, ClosedHow, DeclineReason};

use super::super::table::{Entry, Meaning, QueryMeaning, ReverseMeaning, Row, SubmitMeaning, rows_of};
use super::refund_table;
use DeclineReason::{
    CardNotAccepted, CodeExpired, CodeInvalid, Configuration, InsufficientFunds, MerchantNotAllowed, Refused,
};
use SubmitMeaning::{AlreadyKnown, AwaitingPayer, Declined, DeclinedAsk};

const PAY_PAGE: &str = "WeChat Pay APIv2 付款码支付「提交付款码支付」错误码 (wechat.md §5.1)";
const QUERY_PAGE: &str = "WeChat Pay APIv2 付款码支付「查询订单」错误码 (wechat.md §5.2)";
const STATE_PAGE: &str = "WeChat Pay APIv2 付款码支付「查询订单」trade_state (wechat.md §6)";
const REVERSE_PAGE: &str = "WeChat Pay APIv2 付款码支付「撤销订单」错误码 (wechat.md §5.3)";
const REVERSE_DIALOG: &str =
    "WeChat 开放社区 0006aed24d4e388dd7ade90d85b800, not on the page (wechat.md §5.3)";

/// `err_code` of a payment.
///
/// Where the page says "failed" of a number that is known already, closed or reversed, ours is an answer about *another*
/// call with the same number: it is asked, not believed.
pub(super) const MICROPAY: &[Entry<SubmitMeaning>] = &[
    Entry {
        codes: &["SYSTEMERROR", "BANKERROR"],
        means: SubmitMeaning::Unsure,
        zh: "结果未知，系统正在查询，请勿重复收款",
        en: "the result is unknown and being asked; do not charge again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["USERPAYING"],
        means: AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
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
        source: PAY_PAGE,
    },
    Entry {
        codes: &["TRADE_ERROR"],
        means: DeclinedAsk(Refused),
        zh: "微信拒绝了本次支付（风控、账户异常或顾客取消），请以提示为准",
        en: "WeChat refused (risk control, the account, or the customer cancelled): see its text",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["INVALID_REQUEST", "LACK_PARAMS", "NOT_UTF8"],
        means: DeclinedAsk(Configuration),
        zh: "请求被拒（参数、权限、重复或频率），请联系技术支持",
        en: "the request was refused (parameters, permission, repeat or rate): call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["PARAM_ERROR", "XML_FORMAT_ERROR", "REQUIRE_POST_METHOD", "SIGNERROR", "POST_DATA_EMPTY"],
        means: Declined(Configuration),
        zh: "请求格式或签名错误，请联系技术支持",
        en: "the request's form or signature is wrong: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["APPID_NOT_EXIST", "MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH"],
        means: Declined(Configuration),
        zh: "appid 或商户号配置错误，请联系技术支持",
        en: "appid or mch_id is configured wrongly: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["NOAUTH"],
        means: Declined(MerchantNotAllowed),
        zh: "商户未开通付款码支付，请联系技术支持",
        en: "the merchant has no contract for payment codes: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: SubmitMeaning::RateLimited,
        zh: "微信繁忙，系统正在查询结果，请勿重复收款",
        en: "WeChat is overloaded; the result is being asked, do not charge again",
        source: PAY_PAGE,
    },
];

/// `err_code` of a query.
pub(super) const QUERY: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["ORDERNOTEXIST"],
        means: QueryMeaning::NotFound,
        zh: "订单不存在；支付请求可能仍在途中，这不能证明未付款",
        en: "no such order; the payment may still be under way, so this proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["SYSTEMERROR"],
        means: QueryMeaning::Unsure,
        zh: "微信系统错误，系统会继续查询",
        en: "an error at WeChat; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: QueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会继续查询",
        en: "too many queries; asking goes on",
        source: "WeChat Pay 付款码支付 限频, the wording of the pay page (wechat.md §5.1)",
    },
    Entry {
        codes: SETUP,
        means: QueryMeaning::Unsure,
        zh: "查询被拒：请立即核对密钥与商户号配置",
        en: "the query was refused: check keys and numbers at once",
        source: QUERY_PAGE,
    },
];

/// What the pay page lists as wrong set-up; 查询订单 names two of them and "…".
const SETUP: &[&str] = &[
    "SIGNERROR",
    "PARAM_ERROR",
    "LACK_PARAMS",
    "NOT_UTF8",
    "XML_FORMAT_ERROR",
    "REQUIRE_POST_METHOD",
    "POST_DATA_EMPTY",
    "APPID_NOT_EXIST",
    "MCHID_NOT_EXIST",
    "APPID_MCHID_NOT_MATCH",
    "NOAUTH",
];

/// `trade_state`. ACCEPT is not listed: it belongs to 代扣 and means nothing here.
pub(super) const TRADE_STATE: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["SUCCESS"], means: QueryMeaning::Paid, zh: "支付成功", en: "paid", source: STATE_PAGE
    },
    // Money was taken and some or all of it is on its way back. How much, only refundquery says: it is asked at once
    // (`refunded.rs`), and without its answer this is neither "paid" nor "closed".
    Entry {
        codes: &["REFUND"],
        means: QueryMeaning::Unsure,
        zh: "已付款并发生过退款，系统正在查询退款金额",
        en: "paid, and refunded in part or in full: the refunds are being asked",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["NOTPAY"],
        means: QueryMeaning::NotPaid,
        zh: "顾客尚未付款或已取消",
        en: "not paid: the customer has not confirmed, or has cancelled",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["USERPAYING"],
        means: QueryMeaning::AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: STATE_PAGE,
    },
    // Integrators saw the payer charged behind it (wechat.md §10): it asks for a reversal and is no failure.
    Entry {
        codes: &["PAYERROR"],
        means: QueryMeaning::MustReverse,
        zh: "支付失败，系统正在撤销订单，撤销完成前请勿放行",
        en: "payment failed and is being reversed; wait for the reversal",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["REVOKED"],
        means: QueryMeaning::Closed(ClosedHow::Revoked),
        zh: "订单已撤销，未收款或已退回",
        en: "reversed: nothing taken, or all given back",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["CLOSED"],
        means: QueryMeaning::Closed(ClosedHow::Closed),
        zh: "订单已关闭，未收款",
        en: "closed: nothing taken",
        source: STATE_PAGE,
    },
];

/// `err_code` of a reversal.
pub(super) const REVERSE: &[Entry<ReverseMeaning>] = &[
    Entry {
        codes: &["USERPAYING"],
        means: ReverseMeaning::StillPaying,
        zh: "顾客正在输入密码，尚未撤销，系统会继续撤销",
        en: "the customer's dialog is open; not reversed yet, reversing goes on",
        source: REVERSE_DIALOG,
    },
    Entry {
        codes: &["SYSTEMERROR"],
        means: ReverseMeaning::Unsure,
        zh: "微信系统错误，系统会继续撤销",
        en: "an error at WeChat; reversing goes on",
        source: REVERSE_PAGE,
    },
    Entry {
        codes: &["REVERSE_EXPIRE"],
        means: ReverseMeaning::Cannot(CannotWhy::Window),
        zh: "超过 7 天不能撤销；若已付款请改为退款",
        en: "older than seven days: if it was paid, refund it instead",
        source: REVERSE_PAGE,
    },
    Entry {
        codes: &["INVALID_TRANSACTIONID", "PARAM_ERROR", "REQUIRE_POST_METHOD", "SIGNERROR"],
        means: ReverseMeaning::Unsure,
        zh: "撤销被拒：请立即核对密钥、证书与商户号，款项可能悬而未决",
        en: "the reversal was refused: check keys, certificate and numbers at once, money may hang",
        source: REVERSE_PAGE,
    },
    // Not verified which refusals come under this name: a refund that is on its way, or funds that are short.
    Entry {
        codes: &["TRADE_ERROR"],
        means: ReverseMeaning::Unsure,
        zh: "撤销被拒（可能已有退款或余额不足），系统会继续查询与撤销",
        en: "the reversal was refused (a refund under way, or short funds); asking and reversing go on",
        source: "observed, not on the page (wechat.md §5.3, §13)",
    },
    Entry {
        codes: &["FREQUENCY_LIMITED"],
        means: ReverseMeaning::RateLimited,
        zh: "请求过于频繁，系统会继续撤销",
        en: "too many requests; reversing goes on",
        source: "WeChat Pay 付款码支付 限频, the wording of the pay page (wechat.md §5.1)",
    },
];

pub(in super::super) fn rows() -> Vec<Row> {
    [
        rows_of("err_code", MICROPAY, Meaning::Submit),
        rows_of("err_code", QUERY, Meaning::Query),
        rows_of("trade_state", TRADE_STATE, Meaning::Query),
        rows_of("err_code", REVERSE, Meaning::Reverse),
        refund_table::rows(),
    ]
    .concat()
}
