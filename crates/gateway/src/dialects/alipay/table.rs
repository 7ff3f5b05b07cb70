//! Every code of alipay.md §4.1 (the gateway's own), §4.3 (query), §4.4 (cancel) and every status of §5.

use payment::exchange::{CannotWhy, ClosedHow, DeclineReason, RefundReason};

use super::super::table::{
    Entry, Meaning, QueryMeaning, RefundMeaning, RefundQueryMeaning, ReverseMeaning, Row, SubmitMeaning,
    rows_of,
};
use super::pay_table::PAY;
use super::refund_table;

const GATEWAY_PAGE: &str = "支付宝开放平台 公共错误码 common/02km9f (alipay.md §4.1)";
const QUERY_PAGE: &str = "支付宝 alipay.trade.query 业务错误码 (alipay.md §4.3)";
const STATUS_PAGE: &str = "支付宝 alipay.trade.query trade_status (alipay.md §5)";
const CANCEL_PAGE: &str = "支付宝 alipay.trade.cancel 业务错误码 (alipay.md §4.4)";

/// What a code of the gateway itself means, whatever was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayMeaning {
    /// Refused before any business.
    Refused(DeclineReason),
    /// The channel does not know.
    Unsure,
    /// Too many requests.
    RateLimited,
}

/// `code/sub_code` as they come.
pub(super) const GATEWAY: &[Entry<GatewayMeaning>] = &[
    Entry {
        codes: &["20000", "20000/*"],
        means: GatewayMeaning::Unsure,
        zh: "支付宝服务暂不可用，结果未知，系统正在查询，请勿重复收款",
        en: "Alipay is unavailable and the result unknown; it is being asked, do not charge again",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &["40005", "40005/*"],
        means: GatewayMeaning::RateLimited,
        zh: "请求过于频繁，系统正在查询结果，请勿重复收款",
        en: "too many requests; the result is being asked, do not charge again",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &[
            "20001/aop.invalid-auth-token",
            "20001/aop.auth-token-time-out",
            "20001/aop.invalid-app-auth-token",
            "20001/aop.app-auth-token-time-out",
        ],
        means: GatewayMeaning::Refused(DeclineReason::Configuration),
        zh: "授权令牌无效或过期，请商户重新授权并更新 app_auth_token",
        en: "the authorisation token is wrong or too old: have the merchant authorise again, renew app_auth_token",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &["20001/aop.invalid-app-auth-token-no-api", "20001/aop.no-product-reg-by-partner"],
        means: GatewayMeaning::Refused(DeclineReason::MerchantNotAllowed),
        zh: "授权不含当面付或商户未签约，请联系技术支持",
        en: "the authorisation or the contract does not cover this product: call support",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &[
            "40001/isv.missing-method",
            "40001/isv.missing-signature",
            "40001/isv.missing-signature-type",
            "40001/isv.missing-signature-key",
            "40001/isv.missing-app-id",
            "40001/isv.missing-timestamp",
            "40001/isv.missing-version",
            "40001/isv.decryption-error-missing-encrypt-type",
        ],
        means: GatewayMeaning::Refused(DeclineReason::Configuration),
        zh: "请求缺少参数，请联系技术支持",
        en: "the request lacks a parameter: call support",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &[
            "40002/isv.invalid-parameter",
            "40002/isv.invalid-method",
            "40002/isv.invalid-format",
            "40002/isv.invalid-signature-type",
            "40002/isv.invalid-signature",
            "40002/isv.invalid-encrypt-type",
            "40002/isv.invalid-encrypt",
            "40002/isv.invalid-app-id",
            "40002/isv.invalid-timestamp",
            "40002/isv.invalid-charset",
            "40002/isv.invalid-digest",
            "40002/isv.invalid-file-extension",
            "40002/isv.invalid-file-size",
            "40002/isv.upload-fail",
            "40002/isv.illegal-json",
            "40002/isv.suspected-attack",
            "40002/isv.decryption-error-*",
            "40002/isv.missing-signature-config",
            "40002/isv.app-cert-expired",
            "40003/isv.missing-signature-config",
            "40003/isv.decryption-error-unknown",
        ],
        means: GatewayMeaning::Refused(DeclineReason::Configuration),
        zh: "请求参数、签名或密钥配置错误，请联系技术支持",
        en: "a parameter, the signature or the key set-up is wrong: call support",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &[
            "40002/isv.forbidden-api",
            "40002/isv.not-support-app-auth",
            "40002/isv.not-online-app",
            "40003/isv.invalid-auth-relations",
            "40006/isv.insufficient-isv-permissions",
            "40006/isv.insufficient-user-permissions",
            "40006/isv.self-invoke-forbidden",
        ],
        means: GatewayMeaning::Refused(DeclineReason::MerchantNotAllowed),
        zh: "应用未上线、未签约或无权限，请联系技术支持",
        en: "the application is not online, not contracted or not permitted: call support",
        source: GATEWAY_PAGE,
    },
];

/// `sub_code` of a query, without its prefix.
pub(in super::super) const QUERY: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["TRADE_NOT_EXIST"],
        means: QueryMeaning::NotFound,
        zh: "交易不存在；支付请求可能仍在途中，这不能证明未付款",
        en: "no such trade; the payment may still be under way, so this proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["SYSTEM_ERROR", "ENTERPRISE_PAY_BIZ_ERROR"],
        means: QueryMeaning::Unsure,
        zh: "支付宝系统错误，系统会继续查询",
        en: "an error at Alipay; asking goes on",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["INVALID_PARAMETER"],
        means: QueryMeaning::Unsure,
        zh: "查询参数被拒，请联系技术支持",
        en: "the query's parameters were refused: call support",
        source: QUERY_PAGE,
    },
];

/// `trade_status`.
pub(super) const TRADE_STATUS: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["WAIT_BUYER_PAY"],
        means: QueryMeaning::AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["TRADE_SUCCESS", "TRADE_FINISHED"],
        means: QueryMeaning::Paid,
        zh: "支付成功",
        en: "paid",
        source: STATUS_PAGE,
    },
    Entry {
        codes: &["TRADE_CLOSED"],
        means: QueryMeaning::Closed(ClosedHow::Closed),
        zh: "交易已关闭，未收款或已全额退回（支付宝不区分）",
        en: "closed: nothing taken, or all given back (Alipay does not say which)",
        source: STATUS_PAGE,
    },
];

/// `sub_code` of a cancel, without its prefix (`ACQ.`, officially also `AQC.`).
pub(in super::super) const CANCEL: &[Entry<ReverseMeaning>] = &[
    Entry {
        codes: &["SYSTEM_ERROR"],
        means: ReverseMeaning::Unsure,
        zh: "支付宝系统错误，系统会继续撤销",
        en: "an error at Alipay; cancelling goes on",
        source: CANCEL_PAGE,
    },
    Entry {
        codes: &["INVALID_PARAMETER"],
        means: ReverseMeaning::Unsure,
        zh: "撤销参数被拒，款项可能悬而未决，请立即联系技术支持",
        en: "the cancel's parameters were refused, money may hang: call support at once",
        source: CANCEL_PAGE,
    },
    Entry {
        codes: &["SELLER_BALANCE_NOT_ENOUGH"],
        means: ReverseMeaning::Cannot(CannotWhy::Funds),
        zh: "商户余额不足以退款，请先充值",
        en: "the merchant's funds do not cover it: top up first",
        source: CANCEL_PAGE,
    },
    Entry {
        codes: &["TRADE_CANCEL_TIME_OUT"],
        means: ReverseMeaning::Cannot(CannotWhy::Window),
        zh: "超过可撤销时间；若已付款请改为退款",
        en: "past the cancel window: if it was paid, refund it instead",
        source: CANCEL_PAGE,
    },
    Entry {
        codes: &["REASON_TRADE_REFUND_FEE_ERR"],
        means: ReverseMeaning::Cannot(CannotWhy::Refunded),
        zh: "该交易已有退款，不能撤销；请核对退款并退还余下部分",
        en: "there was a refund already: check the refunds and give back the rest",
        source: CANCEL_PAGE,
    },
    Entry {
        codes: &["CANCEL_NOT_ALLOWED", "REASON_TRADE_BEEN_FREEZEN", "TRADE_HAS_FINISHED"],
        means: ReverseMeaning::Cannot(CannotWhy::NotAllowed),
        zh: "该交易不允许撤销（产品不支持、已冻结或已完结），请人工处理",
        en: "this trade cannot be cancelled (product, frozen or finished): a person must settle it",
        source: CANCEL_PAGE,
    },
];

pub(in super::super) fn rows() -> Vec<Row> {
    let gateway = "code/sub_code";
    [
        rows_of(gateway, GATEWAY, |means| Meaning::Submit(means.of_submit())),
        rows_of(gateway, GATEWAY, |means| Meaning::Query(means.of_query())),
        rows_of(gateway, GATEWAY, |means| Meaning::Reverse(means.of_cancel())),
        rows_of(gateway, GATEWAY, |means| Meaning::Refund(means.of_refund())),
        rows_of(gateway, GATEWAY, |means| Meaning::RefundQuery(means.of_refund_query())),
        rows_of("sub_code", PAY, Meaning::Submit),
        rows_of("sub_code", QUERY, Meaning::Query),
        rows_of("trade_status", TRADE_STATUS, Meaning::Query),
        rows_of("sub_code", CANCEL, Meaning::Reverse),
        refund_table::rows(),
    ]
    .concat()
}

impl GatewayMeaning {
    /// The gateway refuses before any business: nothing was taken by this, the only, submit.
    pub(super) fn of_submit(self) -> SubmitMeaning {
        match self {
            GatewayMeaning::Refused(reason) => SubmitMeaning::Declined(reason),
            GatewayMeaning::Unsure => SubmitMeaning::Unsure,
            GatewayMeaning::RateLimited => SubmitMeaning::RateLimited,
        }
    }

    pub(super) fn of_query(self) -> QueryMeaning {
        match self {
            GatewayMeaning::Refused(_) | GatewayMeaning::Unsure => QueryMeaning::Unsure,
            GatewayMeaning::RateLimited => QueryMeaning::RateLimited,
        }
    }

    pub(super) fn of_cancel(self) -> ReverseMeaning {
        match self {
            GatewayMeaning::Refused(_) | GatewayMeaning::Unsure => ReverseMeaning::Unsure,
            GatewayMeaning::RateLimited => ReverseMeaning::RateLimited,
        }
    }

    /// The gateway refuses before any business: nothing was given back by this request.
    pub(super) fn of_refund(self) -> RefundMeaning {
        match self {
            GatewayMeaning::Refused(DeclineReason::MerchantNotAllowed) => {
                RefundMeaning::Refused(RefundReason::NotAllowed)
            }
            GatewayMeaning::Refused(_) => RefundMeaning::Refused(RefundReason::Configuration),
            GatewayMeaning::Unsure => RefundMeaning::Unsure,
            GatewayMeaning::RateLimited => RefundMeaning::RateLimited,
        }
    }

    pub(super) fn of_refund_query(self) -> RefundQueryMeaning {
        match self {
            GatewayMeaning::Refused(_) | GatewayMeaning::Unsure => RefundQueryMeaning::Unsure,
            GatewayMeaning::RateLimited => RefundQueryMeaning::RateLimited,
        }
    }
}
