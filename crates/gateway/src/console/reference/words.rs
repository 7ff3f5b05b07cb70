//! The words of the reference page, in Chinese and in English.

use crate::lang::Lang;

/// The words of the page in one language; what the contract says itself stays as it is.
pub(super) struct Words {
    pub(super) lang: &'static str,
    /// The other language: its tag and its name.
    pub(super) other: (&'static str, &'static str),
    pub(super) title: &'static str,
    pub(super) intro: &'static str,
    pub(super) machine: &'static str,
    pub(super) key: &'static str,
    pub(super) keyless: &'static str,
    pub(super) parameters: &'static str,
    pub(super) request: &'static str,
    pub(super) optional_body: &'static str,
    pub(super) answers: &'static str,
    pub(super) objects: &'static str,
    pub(super) columns: [&'static str; 3],
    pub(super) required: &'static str,
    pub(super) or_null: &'static str,
    pub(super) list_of: &'static str,
    pub(super) one_of: &'static str,
    /// Titles by operation and tag, where the contract's own are in another language.
    titles: &'static [(&'static str, &'static str)],
}

impl Words {
    /// The title of an operation or a tag, where it has one in this language.
    pub(super) fn title_of(&self, name: &str) -> Option<&'static str> {
        self.titles.iter().find(|(known, _)| *known == name).map(|(_, title)| *title)
    }
}

const ZH: Words = Words {
    lang: "zh-CN",
    other: ("en", "English"),
    title: "paycode 接口参考",
    intro: "金额为整数分，时间为 UTC（RFC 3339），未知字段会被拒绝。结果不明时，用相同参数重发；绝不会重复扣款。每个拒绝都有固定的 code。",
    machine: "机器可读的规范",
    key: "需要密钥：Authorization: Bearer <key>，或已登录收银台的会话。",
    keyless: "不需要密钥。",
    parameters: "参数",
    request: "请求",
    optional_body: "可以省略",
    answers: "应答",
    objects: "对象",
    columns: ["名称", "类型", "说明"],
    required: "必填",
    or_null: "或 null",
    list_of: "列表：",
    one_of: "取值",
    titles: &[
        ("tag-payments", "支付"),
        ("payments", "支付单列表"),
        ("pay", "付款码收款"),
        ("payment", "查询支付单"),
        ("payment_by_order", "按订单号查询"),
        ("payment_events", "时间线"),
        ("events_stream", "变更推送"),
        ("cancel_payment", "取消支付单"),
        ("cancel_order", "按订单号取消"),
        ("tag-events", "实时推送"),
        ("tag-refunds", "退款"),
        ("refund_payment", "退款"),
        ("refunds", "退款列表"),
        ("refund", "查询退款"),
        ("tag-reversals", "撤销"),
        ("reversals", "撤销列表"),
        ("reversal", "查询撤销"),
        ("tag-cases", "人工处理单"),
        ("cases", "处理单列表"),
        ("case", "查询处理单"),
        ("settle_case", "人工核定"),
        ("tag-channels", "渠道与付款码"),
        ("channels", "渠道列表"),
        ("inspect_code", "识别付款码"),
        ("tag-system", "系统"),
        ("healthz", "进程存活"),
        ("readyz", "是否就绪"),
        ("metrics", "监控指标"),
        ("openapi", "接口规范"),
    ],
};

const EN: Words = Words {
    lang: "en",
    other: ("zh", "中文"),
    title: "paycode API reference",
    intro: "Amounts are integer fen, times are UTC (RFC 3339), unknown fields are refused. When in doubt, send the same request \
            again: nothing is charged twice. Every refusal has a code that never changes.",
    machine: "The contract for machines",
    key: "Wants a key, Authorization: Bearer <key>, or the session of a cashier who has signed in.",
    keyless: "Wants no key.",
    parameters: "Parameters",
    request: "Request",
    optional_body: "may be left out",
    answers: "Answers",
    objects: "Objects",
    columns: ["Name", "Type", "Meaning"],
    required: "required",
    or_null: "or null",
    list_of: "list of",
    one_of: "One of",
    titles: &[
        ("tag-payments", "Payments"),
        ("tag-events", "Events"),
        ("tag-refunds", "Refunds"),
        ("tag-reversals", "Reversals"),
        ("tag-cases", "Cases"),
        ("tag-channels", "Channels and codes"),
        ("tag-system", "System"),
    ],
};

/// The words of a language.
pub(super) fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}
