//! Every sub-code of alipay.md §4.5 (refund) and §4.3 (refund query), without the prefix that comes and goes, and the
//! status of §3.6.

use payment::exchange::RefundReason::{
    AmountExceeded, Configuration, Funds, NotAllowed, NothingLeft, PayerAccount, Refused, WindowOver,
};

use super::super::table::{Entry, Meaning, RefundMeaning, RefundQueryMeaning, Row, rows_of};

const REFUND_PAGE: &str = "支付宝 alipay.trade.refund 业务错误码 (alipay.md §4.5)";
const QUERY_PAGE: &str = "支付宝 alipay.trade.fastpay.refund.query 业务错误码 (alipay.md §4.3)";
const STATUS_PAGE: &str = "支付宝 alipay.trade.fastpay.refund.query refund_status (alipay.md §3.6)";

/// `sub_code` of a refund.
///
/// The core believes no refusal before it has asked what a former request of the same number did.
pub(in super::super) const REFUND: &[Entry<RefundMeaning>] = &[
    Entry {
        codes: &["SYSTEM_ERROR"],
        means: RefundMeaning::Unsure,
        zh: "支付宝系统错误，系统会查询并以同一退款单号重试，请勿另行退款",
        en: "an error at Alipay; it is asked and repeated with the same number, do not refund again",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["DISCORDANT_REPEAT_REQUEST"],
        means: RefundMeaning::AlreadyKnown,
        zh: "该退款单号已以另一金额退款成功，系统正在查询",
        en: "this refund number was done with another amount; it is being asked",
        source: REFUND_PAGE,
    },
    // What is refunded is paid: a trade that does not exist is another application's, or the token is wrong.
    Entry {
        codes: &["TRADE_NOT_EXIST"],
        means: RefundMeaning::Unsure,
        zh: "支付宝称交易不存在，请核对应用与授权令牌；系统会继续查询",
        en: "Alipay says there is no such trade: check application and token; asking goes on",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["TRADE_HAS_CLOSE"],
        means: RefundMeaning::Refused(NothingLeft),
        zh: "交易已关闭（已全额退款或已撤销），没有可退金额",
        en: "the trade is closed, refunded in full or cancelled: nothing is left to refund",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &[
            "SELLER_BALANCE_NOT_ENOUGH",
            "OVERDRAFT_*",
            "REFUND_ACCOUNT_NOT_EXIST",
            "REFUND_CHARGE_ERROR",
        ],
        means: RefundMeaning::Refused(Funds),
        zh: "商户余额不足，请向支付宝账户充值，系统会自动重试",
        en: "the merchant's funds do not cover it: top up at Alipay, it is repeated by itself",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["REFUND_AMT_NOT_EQUAL_TOTAL", "REFUND_FEE_ERROR", "REASON_TRADE_REFUND_FEE_ERR"],
        means: RefundMeaning::Refused(AmountExceeded),
        zh: "退款金额超过可退余额，请核对已退金额",
        en: "more than what is left: check what was refunded already",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["TRADE_HAS_FINISHED"],
        means: RefundMeaning::Refused(WindowOver),
        zh: "已超过可退款期限，请以其他方式退还",
        en: "past the period for refunds: give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["BUYER_ENABLE_STATUS_FORBID", "BUYER_NOT_EXIST", "BUYER_ERROR"],
        means: RefundMeaning::Refused(PayerAccount),
        zh: "付款人账户已注销或异常，请以其他方式退还",
        en: "the payer's account is closed or frozen: give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &[
            "TRADE_STATUS_ERROR",
            "REASON_TRADE_STATUS_INVALID",
            "TRADE_NOT_ALLOW_REFUND",
            "NOT_ALLOW_PARTIAL_REFUND",
            "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
            "REASON_TRADE_BEEN_FREEZEN",
        ],
        means: RefundMeaning::Refused(NotAllowed),
        zh: "该交易不允许退款（状态、部分退款、优惠券或冻结），请以其他方式退还",
        en: "this trade is not refunded (state, part, voucher or frozen): give the money back by other means",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &[
            "ALLOC_AMOUNT_VALIDATE_ERROR",
            "TRADE_SETTLE_ERROR",
            "REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST",
            "REFUNDALLOC_UNAUTH_LIMIT",
        ],
        means: RefundMeaning::Refused(NotAllowed),
        zh: "该交易涉及分账，需在支付宝商户平台处理",
        en: "the trade was split between accounts: settle it on Alipay's merchant platform",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &["ENTERPRISE_PAY_BIZ_ERROR"],
        means: RefundMeaning::Refused(Refused),
        zh: "因公付拒绝了退款，请以提示为准",
        en: "enterprise pay refused the refund: see its text",
        source: REFUND_PAGE,
    },
    Entry {
        codes: &[
            "INVALID_PARAMETER",
            "CURRENCY_NOT_SUPPORT",
            "USER_NOT_MATCH_ERR",
            "CUSTOMER_VALIDATE_ERROR",
        ],
        means: RefundMeaning::Refused(Configuration),
        zh: "退款参数被拒，请联系技术支持",
        en: "the refund's parameters were refused: call support",
        source: REFUND_PAGE,
    },
];

/// `sub_code` of a refund query.
pub(in super::super) const REFUND_QUERY: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["SYSTEM_ERROR", "ENTERPRISE_PAY_BIZ_ERROR"],
        means: RefundQueryMeaning::Unsure,
        zh: "支付宝系统错误，系统会继续查询",
        en: "an error at Alipay; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["INVALID_PARAMETER"],
        means: RefundQueryMeaning::Unsure,
        zh: "退款查询参数被拒，请联系技术支持",
        en: "the refund query's parameters were refused: call support",
        source: QUERY_PAGE,
    },
    // It says nothing of the refund: the trade is known to exist.
    Entry {
        codes: &["TRADE_NOT_EXIST"],
        means: RefundQueryMeaning::Unsure,
        zh: "支付宝称交易不存在，请核对应用与授权令牌；系统会继续查询",
        en: "Alipay says there is no such trade: check application and token; asking goes on",
        source: QUERY_PAGE,
    },
];

/// `refund_status`; where it is absent, nothing was refunded, as far as the channel says.
pub(super) const REFUND_STATUS: &[Entry<RefundQueryMeaning>] = &[Entry {
    codes: &["REFUND_SUCCESS"],
    means: RefundQueryMeaning::Done,
    zh: "退款成功",
    en: "given back",
    source: STATUS_PAGE,
}];

pub(super) fn rows() -> Vec<Row> {
    [
        rows_of("sub_code", REFUND, Meaning::Refund),
        rows_of("sub_code", REFUND_QUERY, Meaning::RefundQuery),
        rows_of("refund_status", REFUND_STATUS, Meaning::RefundQuery),
    ]
    .concat()
}
