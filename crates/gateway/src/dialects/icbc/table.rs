//! Every code of icbc.md §3.1 to §3.5 and §4. Codes that the sheet invents for its simulator are not here: what nobody
//! documented is unknown.

use payment::exchange::{CannotWhy, ClosedHow, DeclineReason, RefundReason};

use super::super::table::{
    Entry, Meaning, QueryMeaning, RefundMeaning, RefundQueryMeaning, ReverseMeaning, Row, SubmitMeaning,
    find, rows_of,
};

const GATEWAY_PAGE: &str = "工行开放平台 return_code (icbc.md §4; split by leading digits, an inference)";
const PAY_PAGE: &str = "工行二维码被扫支付 /api/qrcode/V2/pay pay_status (icbc.md §3.1, §4)";
const STATE_PAGE: &str = "工行二维码 /api/qrcode/V2/query pay_status (icbc.md §3.2, §4)";
const QUERY_PAGE: &str = "工行二维码 /api/qrcode/V2/query return_code (icbc.md §4)";
const REVERSE_PAGE: &str = "工行二维码冲正 /api/qrcode/V2/reverse return_code (icbc.md §3.3, §4, §12)";

const REJECT_PAGE: &str = "工行二维码退款 /api/qrcode/V2/reject return_code (icbc.md §3.4, §4, §12)";
const REJECT_QUERY_PAGE: &str = "工行二维码退款查询 /api/qrcode/reject/query/V3 (icbc.md §3.5, §4)";

/// What a code of the gateway itself means, whatever was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayMeaning {
    /// Refused before any business; believed after one query.
    Refused,
    /// The channel does not know.
    Unsure,
}

/// `return_code`: six digits, or a negative number.
const GATEWAY: &[Entry<GatewayMeaning>] = &[
    Entry {
        codes: &["400*"],
        means: GatewayMeaning::Refused,
        zh: "工行网关拒绝了请求（应用、签名或参数），请联系技术支持核对配置",
        en: "ICBC's gateway refused the request (application, signature or parameter): call support",
        source: GATEWAY_PAGE,
    },
    Entry {
        codes: &["500*"],
        means: GatewayMeaning::Unsure,
        zh: "工行网关异常，结果未知，系统正在查询，请勿重复收款",
        en: "an error at ICBC's gateway; the result is unknown and being asked, do not charge again",
        source: GATEWAY_PAGE,
    },
    // "Try again" belongs to other calls; a payment is asked about (icbc.md, head).
    Entry {
        codes: &["-*"],
        means: GatewayMeaning::Unsure,
        zh: "工行返回负数码，结果未知，系统正在查询，请勿重复收款",
        en: "a negative code: the result is unknown and being asked, do not charge again",
        source: GATEWAY_PAGE,
    },
];

/// The gateway's meaning of a code that has the form of one: a longer code that begins alike is of the business.
pub(super) fn gateway(code: &str) -> Option<GatewayMeaning> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let formed = match code.strip_prefix('-') {
        Some(number) => digits(number),
        None => code.len() == 6 && digits(code),
    };
    if formed { find(GATEWAY, code) } else { None }
}

/// `pay_status` of a payment beside return_code 0; 1 is read with its facts.
pub(super) const PAY_STATUS: &[Entry<SubmitMeaning>] = &[
    Entry {
        codes: &["0"],
        means: SubmitMeaning::AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["2"],
        means: SubmitMeaning::Declined(DeclineReason::Refused),
        zh: "支付失败（工行不说明原因），请顾客刷新付款码或换一种付款方式",
        en: "payment failed (ICBC does not say why): ask for a fresh code or another means",
        source: PAY_PAGE,
    },
    Entry {
        codes: &["-1"],
        means: SubmitMeaning::DeclinedAsk(DeclineReason::MerchantNotAllowed),
        zh: "工行未创建订单（商户号、权限或限额），请联系技术支持",
        en: "ICBC made no order (merchant number, permission or limit): call support",
        source: PAY_PAGE,
    },
];

/// `pay_status` of a query beside return_code 0; 3 to 7 are known from newer versions.
pub(super) const QUERY_STATUS: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["0"],
        means: QueryMeaning::AwaitingPayer,
        zh: "请顾客在手机上确认或输入密码",
        en: "ask the customer to confirm on the phone",
        source: STATE_PAGE,
    },
    Entry { codes: &["1"], means: QueryMeaning::Paid, zh: "支付成功", en: "paid", source: STATE_PAGE },
    // Old versions show what was reversed so too (icbc.md §8): over without money kept, either way. It does not say why.
    Entry {
        codes: &["2"],
        means: QueryMeaning::Declined(DeclineReason::Refused),
        zh: "支付失败或已撤销，未收款",
        en: "failed, or reversed: no money is kept",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["3"],
        means: QueryMeaning::Closed(ClosedHow::Revoked),
        zh: "订单已冲正，未收款或已退回",
        en: "reversed: nothing taken, or all given back",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["5"],
        means: QueryMeaning::Closed(ClosedHow::Refunded),
        zh: "订单已全额退款",
        en: "refunded in full",
        source: STATE_PAGE,
    },
    // Neither over nor open: "paid" would hand out goods, "closed" would end what may still fail, and "waiting" or "not
    // paid" would start another reversal of what is being undone. Only *unknown* waits and asks again.
    Entry {
        codes: &["4", "7"],
        means: QueryMeaning::Unsure,
        zh: "订单正在冲正或退款中，系统会继续查询",
        en: "being reversed or refunded; asking goes on",
        source: STATE_PAGE,
    },
    Entry {
        codes: &["6"],
        means: QueryMeaning::Paid,
        zh: "支付成功，已部分退款",
        en: "paid, and refunded in part",
        source: STATE_PAGE,
    },
];

/// `return_code` of a query.
pub(super) const QUERY: &[Entry<QueryMeaning>] = &[
    Entry {
        codes: &["5940021", "5940022"],
        means: QueryMeaning::NotFound,
        zh: "订单不存在；支付请求可能仍在途中，这不能证明未付款",
        en: "no such order; the payment may still be under way, so this proves nothing",
        source: QUERY_PAGE,
    },
    Entry {
        codes: &["93008595", "5920006"],
        means: QueryMeaning::Closed(ClosedHow::Revoked),
        zh: "订单已冲正或已退款",
        en: "reversed or refunded",
        source: QUERY_PAGE,
    },
];

/// `return_code` of a reversal.
pub(super) const REVERSE: &[Entry<ReverseMeaning>] = &[
    // Never a success by itself: a query has to agree, and "not found" only after the settle time.
    Entry {
        codes: &["5940021", "5940022"],
        means: ReverseMeaning::NothingToUndo,
        zh: "工行称没有该订单，系统将以查询结果为准",
        en: "ICBC knows of no such order; a query decides",
        source: REVERSE_PAGE,
    },
    // The code does not tell "reversed before" from "refunded": the queries that go on do.
    Entry {
        codes: &["93008595", "5920006"],
        means: ReverseMeaning::Cannot(CannotWhy::Refunded),
        zh: "该订单已有退款或已冲正，不能再冲正；请核对退款并退还余下部分",
        en: "refunded or reversed already: check the refunds and give back the rest",
        source: REVERSE_PAGE,
    },
];

/// `return_code` of a refund.
pub(super) const REJECT: &[Entry<RefundMeaning>] = &[
    // What is refunded is paid: an order that does not exist is another merchant's.
    Entry {
        codes: &["5940021", "5940022"],
        means: RefundMeaning::Unsure,
        zh: "工行称没有该订单，请核对商户号；系统会继续查询",
        en: "ICBC says there is no such order: check the merchant number; asking goes on",
        source: REJECT_PAGE,
    },
    Entry {
        codes: &["93008595", "5920006"],
        means: RefundMeaning::Refused(RefundReason::NothingLeft),
        zh: "订单已冲正或已全额退款，没有可退金额",
        en: "reversed or refunded in full already: nothing is left to refund",
        source: REJECT_PAGE,
    },
];

/// `return_code` of a refund query.
pub(super) const REJECT_QUERY: &[Entry<RefundQueryMeaning>] = &[
    // Not "no such refund": the order itself is said to be unknown, and it was paid.
    Entry {
        codes: &["5940021", "5940022"],
        means: RefundQueryMeaning::Unsure,
        zh: "工行称没有该订单，请核对商户号；系统会继续查询",
        en: "ICBC says there is no such order: check the merchant number; asking goes on",
        source: REJECT_QUERY_PAGE,
    },
];

/// `reject_status` of a refund query's line.
pub(super) const REJECT_STATUS: &[Entry<RefundQueryMeaning>] = &[
    Entry {
        codes: &["0"],
        means: RefundQueryMeaning::Pending,
        zh: "退款结果可疑（待确认），系统会继续查询，请勿另行退款",
        en: "doubtful at ICBC; asking goes on, do not refund again",
        source: REJECT_QUERY_PAGE,
    },
    Entry {
        codes: &["1"],
        means: RefundQueryMeaning::Done,
        zh: "退款成功",
        en: "given back",
        source: REJECT_QUERY_PAGE,
    },
    Entry {
        codes: &["2"],
        means: RefundQueryMeaning::Closed,
        zh: "退款失败，款项未退；请以新的退款单号再退",
        en: "failed, nothing was given back: refund again under a new number",
        source: REJECT_QUERY_PAGE,
    },
];

pub(in super::super) fn rows() -> Vec<Row> {
    let code = "return_code";
    [
        rows_of(code, GATEWAY, |means| Meaning::Submit(means.of_submit())),
        rows_of(code, GATEWAY, |means| Meaning::Query(means.of_query())),
        rows_of(code, GATEWAY, |means| Meaning::Reverse(means.of_reverse())),
        rows_of("pay_status", PAY_STATUS, Meaning::Submit),
        rows_of("pay_status", QUERY_STATUS, Meaning::Query),
        rows_of(code, QUERY, Meaning::Query),
        rows_of(code, REVERSE, Meaning::Reverse),
        rows_of(code, GATEWAY, |means| Meaning::Refund(means.of_refund())),
        rows_of(code, GATEWAY, |means| Meaning::RefundQuery(means.of_refund_query())),
        rows_of(code, REJECT, Meaning::Refund),
        rows_of(code, REJECT_QUERY, Meaning::RefundQuery),
        rows_of("reject_status", REJECT_STATUS, Meaning::RefundQuery),
    ]
    .concat()
}

impl GatewayMeaning {
    pub(super) fn of_submit(self) -> SubmitMeaning {
        match self {
            GatewayMeaning::Refused => SubmitMeaning::DeclinedAsk(DeclineReason::Configuration),
            GatewayMeaning::Unsure => SubmitMeaning::Unsure,
        }
    }

    pub(super) fn of_query(self) -> QueryMeaning {
        match self {
            GatewayMeaning::Refused | GatewayMeaning::Unsure => QueryMeaning::Unsure,
        }
    }

    pub(super) fn of_reverse(self) -> ReverseMeaning {
        match self {
            GatewayMeaning::Refused | GatewayMeaning::Unsure => ReverseMeaning::Unsure,
        }
    }

    pub(super) fn of_refund(self) -> RefundMeaning {
        match self {
            GatewayMeaning::Refused => RefundMeaning::Refused(RefundReason::Configuration),
            GatewayMeaning::Unsure => RefundMeaning::Unsure,
        }
    }

    pub(super) fn of_refund_query(self) -> RefundQueryMeaning {
        match self {
            GatewayMeaning::Refused | GatewayMeaning::Unsure => RefundQueryMeaning::Unsure,
        }
    }
}
