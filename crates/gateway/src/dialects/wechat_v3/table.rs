//! Every code of wechat.md §5.5 and every state of §6. The older spelling without underscores is accepted beside the newer.

use payment::exchange::{CannotWhy, ClosedHow, DeclineReason};

use super::super::table::{Entry, Meaning, QueryMeaning, ReverseMeaning, Row, SubmitMeaning, rows_of};
use super::refund_table;
use DeclineReason::{
    CodeExpired, CodeInvalid, Configuration, InsufficientFunds, MerchantNotAllowed, PayerAccount, Refused,
};
use SubmitMeaning::{AlreadyKnown, AwaitingPayer, Declined, DeclinedAsk};

const PAY_PAGE: &str = "WeChat Pay APIv3 付款码支付「付款码支付」错误码 (wechat.md §5.5)";
const QUERY_PAGE: &str = "WeChat Pay APIv3「查询订单」错误码 (wechat.md §5.5)";
const STATE_PAGE: &str = "WeChat Pay APIv3「查询订单」trade_state (wechat.md §6)";
const REVERSE_PAGE: &str = "WeChat Pay APIv3 付款码支付「撤销订单」错误码 (wechat.md §5.5, §13)";
const V2_CODES: &str = "WeChat Pay APIv2 names, accepted in V3 (wechat.md §5.1, §5.5)";
const REVERSE_DIALOG: &str =
    "WeChat 开放社区 0006aed24d4e388dd7ade90d85b800, not on the page (wechat.md §5.3, §13)";

/// The channel is overloaded, in every call.
pub(super) const CROWDED: &[&str] = &["FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"];
/// The channel does not know, in every call.
pub(super) const UNSURE: &[&str] = &["SYSTEM_ERROR", "SYSTEMERROR", "BANK_ERROR", "BANKERROR"];

/// `code` of a payment.
///
/// Where the page says of a number that it is closed or used, ours is an answer about *another* call with the same number: it
/// is asked, not believed.
pub(super) const CODEPAY: &[Entry<SubmitMeaning>] = &[
    Entry {
        codes: UNSURE,
        means: SubmitMeaning::Unsure,
        zh: "结果未知，系统正在查询，请勿重复收款",
        en: "the result is unknown and being asked; do not charge again",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["INVALID_TRANSACTIONID", "OPENID_MISMATCH"],
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
        codes: &["OUT_TRADE_NO_USED", "ORDER_CLOSED", "ORDERCLOSED"],
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
        source: V2_CODES,
    },
    Entry {
        codes: &["AUTH_CODE_ERROR", "AUTH_CODE_INVALID"],
        means: Declined(CodeInvalid),
        zh: "付款码无效、已过期或已用过，请顾客刷新后重新扫码",
        en: "the code is wrong, too old or used: ask for a fresh one and scan again",
        source: V2_CODES,
    },
    Entry {
        codes: &["NOT_ENOUGH", "NOTENOUGH"],
        means: Declined(InsufficientFunds),
        zh: "余额不足，请顾客换一种付款方式",
        en: "no funds: ask for another card or wallet",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["ACCOUNT_ERROR"],
        means: Declined(PayerAccount),
        zh: "付款人账户异常，请顾客换一种付款方式",
        en: "the payer's account is not in order: ask for another wallet",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["TRADE_ERROR", "RULE_LIMIT", "RULELIMIT"],
        means: DeclinedAsk(Refused),
        zh: "微信拒绝了本次支付（风控、限额、账户异常或顾客取消），请以提示为准",
        en: "WeChat refused (risk control, a limit, the account, or the customer cancelled): see its text",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["INVALID_REQUEST"],
        means: DeclinedAsk(Configuration),
        zh: "请求被拒（参数、权限或重复），请联系技术支持",
        en: "the request was refused (parameters, permission or repeat): call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["PARAM_ERROR", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "SIGN_ERROR", "SIGNERROR"],
        means: Declined(Configuration),
        zh: "参数、签名、appid 或商户号配置错误，请联系技术支持",
        en: "parameters, signature, appid or mchid are wrong: call support",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["NO_AUTH", "NOAUTH"],
        means: Declined(MerchantNotAllowed),
        zh: "商户未开通 APIv3 付款码支付：请申请开通，或将该账户改为 channel = \"wechat_v2\"",
        en: "APIv3 codepay is not open to the merchant: apply for it, or set this account to channel = \"wechat_v2\"",
        source: PAY_PAGE,
    },
    Entry {
        codes: CROWDED,
        means: SubmitMeaning::RateLimited,
        zh: "微信繁忙，系统正在查询结果，请勿重复收款",
        en: "WeChat is overloaded; the result is being asked, do not charge again",
        source: PAY_PAGE,
    },
];

/// `code` of a query.
pub(super) const QUERY: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["ORDER_NOT_EXIST", "ORDERNOTEXIST"],
        means: QueryMeaning::NotFound,
        zh: "订单不存在；支付请求可能仍在途中，这不能证明未付款",
        en: "no such order; the payment may still be under way, so this proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: UNSURE,
        means: QueryMeaning::Unsure,
        zh: "微信系统错误，系统会继续查询",
        en: "an error at WeChat; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: CROWDED,
        means: QueryMeaning::RateLimited,
        zh: "查询过于频繁，系统会继续查询",
        en: "too many queries; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: SETUP,
        means: QueryMeaning::Unsure,
        zh: "查询被拒：请立即核对密钥、证书序列号与商户号配置",
        en: "the query was refused: check keys, serial and numbers at once",
        source: QUERY_PAGE,
    },
];

/// What says that our set-up is wrong.
pub(super) const SETUP: &[&str] = &[
    "PARAM_ERROR",
    "INVALID_REQUEST",
    "APPID_MCHID_NOT_MATCH",
    "MCH_NOT_EXISTS",
    "SIGN_ERROR",
    "SIGNERROR",
    "NO_AUTH",
    "NOAUTH",
];

/// `trade_state`. ACCEPT is not listed: it belongs to 代扣 and means nothing here.
pub(super) const TRADE_STATE: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["SUCCESS"], means: QueryMeaning::Paid, zh: "支付成功", en: "paid", source: STATE_PAGE
    },
    // Money was taken and some or all of it is on its way back. How much, only the refunds' own numbers tell in V3: this is
    // neither "paid" nor "closed".
    Entry {
        codes: &["REFUND"],
        means: QueryMeaning::Unsure,
        zh: "已付款并发生过退款，退款金额请在微信商户平台查询",
        en: "paid, and refunded in part or in full: see WeChat's merchant platform for how much",
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

/// `code` of a reversal. There is no `recall`: whatever is not a success is repeated.
pub(super) const REVERSE: &[Entry<ReverseMeaning>] = &[
    Entry {
        codes: &["USERPAYING"],
        means: ReverseMeaning::StillPaying,
        zh: "顾客正在输入密码，尚未撤销，系统会继续撤销",
        en: "the customer's dialog is open; not reversed yet, reversing goes on",
        source: REVERSE_DIALOG,
    },
    Entry {
        codes: UNSURE,
        means: ReverseMeaning::Unsure,
        zh: "微信系统错误，系统会继续撤销",
        en: "an error at WeChat; reversing goes on",
        source: REVERSE_PAGE,
    },
    // An order older than seven days, or one that is no payment-code order: the same request will not be taken later.
    Entry {
        codes: &["INVALID_REQUEST"],
        means: ReverseMeaning::Cannot(CannotWhy::NotAllowed),
        zh: "微信拒绝撤销（如已超过 7 天）；若已付款请改为退款",
        en: "WeChat refuses to reverse it (older than seven days, for one): if it was paid, refund it instead",
        source: REVERSE_PAGE,
    },
    Entry {
        codes: &[
            "INVALID_TRANSACTIONID",
            "PARAM_ERROR",
            "APPID_MCHID_NOT_MATCH",
            "MCH_NOT_EXISTS",
            "SIGN_ERROR",
            "SIGNERROR",
            "NO_AUTH",
            "NOAUTH",
        ],
        means: ReverseMeaning::Unsure,
        zh: "撤销被拒：请立即核对密钥、证书序列号与商户号，款项可能悬而未决",
        en: "the reversal was refused: check keys, serial and numbers at once, money may hang",
        source: REVERSE_PAGE,
    },
    // Not verified which refusals come under this name: a refund that is on its way, or funds that are short.
    Entry {
        codes: &["TRADE_ERROR"],
        means: ReverseMeaning::Unsure,
        zh: "撤销被拒（可能已有退款或余额不足），系统会继续查询与撤销",
        en: "the reversal was refused (a refund under way, or short funds); asking and reversing go on",
        source: "as in APIv2, not on the page (wechat.md §5.3, §13)",
    },
    Entry {
        codes: CROWDED,
        means: ReverseMeaning::RateLimited,
        zh: "请求过于频繁，系统会继续撤销",
        en: "too many requests; reversing goes on",
        source: REVERSE_PAGE,
    },
];

pub(in super::super) fn rows() -> Vec<Row> {
    [
        rows_of("code", CODEPAY, Meaning::Submit),
        rows_of("code", QUERY, Meaning::Query),
        rows_of("trade_state", TRADE_STATE, Meaning::Query),
        rows_of("code", REVERSE, Meaning::Reverse),
        refund_table::rows(),
    ]
    .concat()
}
