//! What Alipay says: the words for every state and outcome, and the fields that go with them.

mod refund;

use serde_json::{Value, json};
use wire::alipay::{CertSn, CertSnPlace, ResponseOptions, response, unsigned_response};
use wire::http::Response;
use wire::sign::{AesKey, SigningKey};
use wire::text::Charset;

use super::merchant::Merchant;
use super::{METHODS, TooOld};
use crate::book::{Key, Order, State};
use crate::calendar;
use crate::clearing::{Charge, Undo};
use crate::dial::Dials;
use crate::fault::{Call, Conduct, Paper};
use crate::payer::{self, Decline};
use crate::seed::{digits, draw, letters};
use crate::visit::{Shown, Visit};

pub(super) use refund::{not_refunded, nothing_refunded};

pub(super) const NOT_EXIST: &str = "ACQ.TRADE_NOT_EXIST";
pub(super) const LIMITED: &str = "isv.app-call-limited";

/// An answer's node, in the order it is written.
#[derive(Clone)]
pub(super) struct Node(Vec<(&'static str, Value)>);

impl Node {
    fn of(code: &str, msg: &str) -> Self {
        Self(vec![("code", code.into()), ("msg", msg.into())])
    }

    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Whether it is no error: `10000` or `10003`.
    fn is_served(&self) -> bool {
        self.0.first().and_then(|(_, code)| code.as_str()).is_some_and(|code| code.starts_with("100"))
    }

    /// The exact text that is signed and sent.
    pub(super) fn text(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", parts.join(","))
    }
}

/// A refusal that names no order (alipay.md §4.1).
pub(super) fn refusal(code: &str, sub_code: &str) -> Node {
    let msg = match code {
        "20000" => "Service Currently Unavailable",
        "20001" => "Insufficient Token Permissions",
        "40001" => "Missing Required Arguments",
        "40002" => "Invalid Arguments",
        "40003" => "Insufficient Conditions",
        "40005" => "Call Limited",
        "40006" => "Insufficient Permissions",
        _ => "Business Failed",
    };
    Node::of(code, msg).with("sub_code", sub_code).with("sub_msg", text_of(sub_code))
}

/// A refused payment or query: it still carries the number and zero amounts (alipay.md §3.2).
pub(super) fn declined(number: &str, sub_code: &str) -> Node {
    zeroes(refusal("40004", sub_code)).with("out_trade_no", number)
}

/// A cancel that was served: what it did, with the trade's number, and whether to call again (alipay.md §3.4).
pub(super) fn canceled(number: &str, action: Option<(&str, &str)>, retry_flag: &str) -> Node {
    let node = Node::of("10000", "Success").with("out_trade_no", number).with("retry_flag", retry_flag);
    match action {
        Some((action, trade_no)) => node.with("action", action).with("trade_no", trade_no),
        None => node,
    }
}

/// A cancel that was refused (alipay.md §4.4).
pub(super) fn not_canceled(number: &str, sub_code: &str, retry_flag: &str) -> Node {
    refusal("40004", sub_code).with("out_trade_no", number).with("retry_flag", retry_flag)
}

fn zeroes(node: Node) -> Node {
    ["buyer_pay_amount", "invoice_amount", "point_amount", "receipt_amount"]
        .into_iter()
        .fold(node, |node, name| node.with(name, "0.00"))
}

/// Fen as yuan with two decimals.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// A certificate's file, for those who fetch it (alipay.md §2.6).
pub(super) fn certificate(content: &str) -> Node {
    Node::of("10000", "Success").with("alipay_cert_content", content)
}

/// Who answers, to whom, and in which hand.
pub(super) struct Speaker {
    method: &'static str,
    key: SigningKey,
    cert_sn: Option<String>,
    aes_key: Option<AesKey>,
    seed: u64,
    dials: Dials,
    paper: Paper,
    /// Drawn for this call: which of two documented wordings, and the trace.
    chance: u64,
}

impl Speaker {
    /// An answer about a trade.
    pub(super) fn new(
        visit: &Visit<'_>,
        merchant: &Merchant<'_>,
        method: &'static str,
        key: &Key,
        (call, nth): (Call, u32),
        conduct: &Conduct,
    ) -> Self {
        let words = ["answer", call.word(), &key.account, &key.number];
        let chance = draw(visit.clearing.seed, &words, u64::from(nth));
        Self { paper: conduct.paper, chance, ..Self::unnumbered(visit, merchant, method) }
    }

    /// An answer to a request that came to no trade.
    pub(super) fn unnumbered(visit: &Visit<'_>, merchant: &Merchant<'_>, method: &str) -> Self {
        Self {
            method: METHODS.into_iter().find(|known| *known == method).unwrap_or_default(),
            key: merchant.key.clone(),
            cert_sn: merchant.terms.certificates.as_ref().map(|own| own.alipay_cert_sn.clone()),
            aes_key: merchant.answer_key.cloned(),
            seed: visit.clearing.seed,
            dials: visit.clearing.dials.clone(),
            paper: Paper::Clean,
            chance: draw(visit.clearing.seed, &["answer", merchant.app_id, method], 0),
        }
    }

    /// Signs and sends a node.
    pub(super) fn say(&self, node: &Node) -> Response {
        self.say_in(node, Charset::Utf8)
    }

    fn say_in(&self, node: &Node, charset: Charset) -> Response {
        let place =
            if self.chance.is_multiple_of(2) { CertSnPlace::AfterSign } else { CertSnPlace::BeforeSign };
        let cert_sn = self.cert_sn.clone().map(|value| CertSn { value, place });
        // An error may come in the clear where everything else is encrypted (alipay.md §2.4).
        let in_clear = !node.is_served() && self.chance.is_multiple_of(2);
        let aes_key = self.aes_key.clone().filter(|_| !in_clear);
        let options = ResponseOptions { charset, cert_sn, aes_key, ..ResponseOptions::default() };
        let mut response = response(self.method, &node.text(), &self.key, &options);
        if self.paper == Paper::WrongSignature {
            forge(&mut response.body);
        }
        let trace = letters(self.seed, &["trace"], self.chance, 26);
        response.headers.push(("trace_id".to_owned(), trace));
        response
    }

    /// A refusal of the gateway itself, without a signature (alipay.md §2.4).
    pub(super) fn unsigned(&self) -> Response {
        unsigned_response(self.method, &refusal("20000", "isp.unknow-error").text())
    }

    /// Either of the two documented shapes of a system error (alipay.md §4.1, §4.2).
    pub(super) fn system_error(&self) -> Response {
        if self.chance.is_multiple_of(2) {
            return self.unavailable();
        }
        self.say(&refusal("40004", "ACQ.SYSTEM_ERROR"))
    }

    fn unavailable(&self) -> Response {
        let gbk = self.dials.unavailable_in_gbk;
        let charset = if gbk { Charset::Gbk } else { Charset::Utf8 };
        self.say_in(&refusal("20000", "aop.ACQ.SYSTEM_ERROR"), charset)
    }

    /// The same of a cancel, in the official spelling (alipay.md §4.4).
    pub(super) fn cancel_system_error(&self, number: &str) -> Response {
        if self.chance.is_multiple_of(2) {
            return self.unavailable();
        }
        self.say(&not_canceled(number, "AQC.SYSTEM_ERROR", "Y"))
    }

    /// The answer to a pay call for a number (alipay.md §3.2, §12, §15).
    pub(super) fn charge(&self, charge: Charge, number: &str, shown: &Shown) -> Response {
        let sub_code = match charge {
            Charge::Paid => return self.paid(shown),
            // An answer of another trade, which is paid, replayed in place of ours.
            Charge::Asking if shown.state == State::Paid => return self.paid(shown),
            Charge::Asking => return self.asking(shown),
            Charge::Declined(why) => decline(why),
            Charge::CodeStale | Charge::CodeSpent => "ACQ.PAYMENT_AUTH_CODE_INVALID",
            Charge::Taken(State::Paid) if all_back(&shown.order) => "ACQ.TRADE_HAS_CLOSE",
            Charge::Taken(State::Paid) => "ACQ.TRADE_HAS_SUCCESS",
            Charge::Taken(State::Reversed | State::Closed | State::Barred) => "ACQ.TRADE_HAS_CLOSE",
            Charge::Taken(State::Absent | State::Asking | State::Unpaid | State::Lapsed) => {
                "ACQ.TRADE_STATUS_ERROR"
            }
            Charge::FactsDiffer => "ACQ.CONTEXT_INCONSISTENT",
            Charge::PayerDiffers => "ACQ.TRADE_BUYER_NOT_MATCH",
            Charge::Expired => "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR",
        };
        self.say(&declined(number, sub_code))
    }

    fn asking(&self, shown: &Shown) -> Response {
        // The blank in front is real (alipay.md §3.2).
        let node = self.buyer(Node::of("10003", " order success pay inprocess"), &shown.order);
        self.say(&named(zeroes(node), shown))
    }

    fn paid(&self, shown: &Shown) -> Response {
        let node = self.buyer(Node::of("10000", "Success"), &shown.order);
        let paid_ms = shown.order.paid_ms.unwrap_or(shown.order.created_ms);
        let node = funded(node, &shown.order).with("gmt_payment", calendar::spaced(paid_ms));
        self.say(&named(node, shown))
    }

    fn buyer(&self, node: Node, order: &Order) -> Node {
        let payer = payer::owner(&self.dials, self.seed, &order.code);
        let number = digits(self.seed, &["buyer", &payer], 18);
        node.with("buyer_logon_id", format!("1{}****{}", &number[..2], &number[2..6]))
            .with("buyer_user_id", format!("2088{}", &number[6..]))
    }

    /// The answer to a query (alipay.md §3.3).
    pub(super) fn state(&self, shown: &Shown) -> Response {
        let status = match shown.state {
            State::Absent | State::Barred => return self.say(&declined(&shown.number, NOT_EXIST)),
            State::Asking | State::Unpaid | State::Lapsed => "WAIT_BUYER_PAY",
            State::Paid if !all_back(&shown.order) => "TRADE_SUCCESS",
            State::Paid | State::Reversed | State::Closed => "TRADE_CLOSED",
        };
        let order = &shown.order;
        let mut node = self.buyer(Node::of("10000", "Success"), order);
        node = if status == "TRADE_SUCCESS" { funded(node, order) } else { zeroes(node) };
        if let Some(paid_ms) = order.paid_ms.filter(|_| status != "WAIT_BUYER_PAY") {
            node = node.with("send_pay_date", calendar::spaced(paid_ms));
        }
        if shown.state == State::Reversed {
            node = node.with("ext_infos", "{\"action\":\"cancel\"}");
        }
        self.say(&named(node, shown).with("trade_status", status))
    }

    /// The answer to a cancel that was served (alipay.md §3.4, §12, §15).
    pub(super) fn undone(&self, undo: Result<Undo, TooOld>, number: &str, order: &Order) -> Response {
        let trade_no = order.transaction_no.as_str();
        let node = match undo {
            Ok(Undo::Unseen) => canceled(number, None, "N"),
            Ok(Undo::Unpaid) => canceled(number, Some(("close", trade_no)), "N"),
            Ok(Undo::Returned) => canceled(number, Some(("refund", trade_no)), "N"),
            Ok(Undo::FundsShort) => not_canceled(number, "ACQ.SELLER_BALANCE_NOT_ENOUGH", "N"),
            Ok(Undo::Refunded) => not_canceled(number, "ACQ.REASON_TRADE_REFUND_FEE_ERR", "N"),
            // A dialog does not keep a trade from being closed here (alipay.md §6).
            Ok(Undo::DialogOpen) => not_canceled(number, "ACQ.SYSTEM_ERROR", "Y"),
            Err(TooOld) => not_canceled(number, "ACQ.TRADE_CANCEL_TIME_OUT", "N"),
        };
        self.say(&node)
    }
}

/// A trade whose whole amount was refunded is closed; a part of it changes nothing (alipay.md §5).
fn all_back(order: &Order) -> bool {
    order.charged > 0 && order.given_back() == order.amount
}

fn named(node: Node, shown: &Shown) -> Node {
    node.with("out_trade_no", shown.number.as_str())
        .with("total_amount", yuan(shown.order.amount))
        .with("trade_no", shown.order.transaction_no.as_str())
}

/// Where the money of a paid trade came from; the platform pays a coupon's part (alipay.md §3.2).
fn funded(node: Node, order: &Order) -> Node {
    let mut funds = vec![json!({"amount": yuan(order.payable()), "fund_channel": "ALIPAYACCOUNT"})];
    if order.discount > 0 {
        funds.push(json!({"amount": yuan(order.discount), "fund_channel": "COUPON"}));
    }
    node.with("buyer_pay_amount", yuan(order.payable()))
        .with("fund_bill_list", funds)
        .with("invoice_amount", yuan(order.payable()))
        .with("point_amount", "0.00")
        .with("receipt_amount", yuan(order.amount))
}

/// Spoils the signature and leaves everything else as it was.
fn forge(body: &mut [u8]) {
    const MARK: &[u8] = b"\"sign\":\"";
    let at = body.windows(MARK.len()).rposition(|window| window == MARK);
    if let Some(first) = at.and_then(|at| body.get_mut(at + MARK.len())) {
        *first = if *first == b'A' { b'B' } else { b'A' };
    }
}

/// The sub-codes for declines (alipay.md §4.2).
fn decline(why: Decline) -> &'static str {
    match why {
        Decline::NoFunds => "ACQ.BUYER_BALANCE_NOT_ENOUGH",
        Decline::CodeExpired | Decline::CodeUsed | Decline::CodeMalformed => "ACQ.PAYMENT_AUTH_CODE_INVALID",
        Decline::OverLimit => "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
        Decline::Risk => "ACQ.PAYMENT_REQUEST_HAS_RISK",
        Decline::CardType => "ACQ.NOT_SUPPORT_PAYMENT_INST",
        Decline::Frozen => "ACQ.BUYER_ENABLE_STATUS_FORBID",
        Decline::MerchantMayNot => "ACQ.ACCESS_FORBIDDEN",
    }
}

/// The text beside a sub-code, for people.
fn text_of(sub_code: &str) -> &'static str {
    match sub_code {
        "ACQ.PAYMENT_AUTH_CODE_INVALID" => {
            "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款，如再次收款失败，请联系管理员处理。\
             [SOUNDWAVE_PARSER_FAIL]"
        }
        "ACQ.BUYER_BALANCE_NOT_ENOUGH" => "买家余额不足",
        "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" => "买家付款日限额超限",
        "ACQ.PAYMENT_REQUEST_HAS_RISK" => "支付有风险",
        "ACQ.NOT_SUPPORT_PAYMENT_INST" => "不支持的支付渠道",
        "ACQ.BUYER_ENABLE_STATUS_FORBID" => "买家状态非法",
        "ACQ.ACCESS_FORBIDDEN" => "无权限使用接口",
        "ACQ.TRADE_HAS_SUCCESS" => "交易已被支付",
        "ACQ.TRADE_HAS_CLOSE" => "交易已经关闭",
        "ACQ.TRADE_NOT_EXIST" => "交易不存在",
        "ACQ.CONTEXT_INCONSISTENT" => "交易信息被篡改",
        "ACQ.TRADE_BUYER_NOT_MATCH" => "交易买家不匹配",
        "ACQ.TRADE_CANCEL_TIME_OUT" => "超过撤销时间范围",
        "ACQ.CANCEL_NOT_ALLOWED" => "不允许撤销",
        "ACQ.SELLER_BALANCE_NOT_ENOUGH" => "卖家余额不足",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" => "撤销或退款金额与订单金额不一致",
        "ACQ.DISCORDANT_REPEAT_REQUEST" => "不一致的请求",
        "ACQ.TRADE_STATUS_ERROR" => "交易状态不合法",
        "ACQ.TRADE_HAS_FINISHED" => "交易已完结",
        "ACQ.TRADE_NOT_ALLOW_REFUND" => "当前交易不允许退款",
        "ACQ.BUYER_NOT_EXIST" => "买家不存在",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR" => "交易已有退款，不能撤销",
        "ACQ.INVALID_PARAMETER" => "参数无效",
        "isv.app-call-limited" => "应用调用次数超限",
        "isv.invalid-signature" => "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配",
        "isv.invalid-app-id" => "无效的AppID参数",
        "isv.missing-app-cert-sn" => "缺少应用公钥证书序列号",
        "isv.app-cert-not-exist" => "应用公钥证书不存在",
        "isv.app-cert-expired" => "应用公钥证书已过期",
        "isv.missing-alipay-root-cert-sn" => "缺少支付宝根证书序列号",
        "isv.invalid-alipay-root-cert-sn" => "支付宝根证书序列号无效",
        "isv.alipay-cert-not-exist" => "支付宝公钥证书不存在",
        "aop.invalid-app-auth-token" => "无效的应用授权令牌",
        "aop.app-auth-token-time-out" => "应用授权令牌已过期",
        "isv.decryption-error-unknown" => "解密出错",
        "isv.invalid-encrypt-type" => "加密类型无效",
        _ => "系统异常",
    }
}
