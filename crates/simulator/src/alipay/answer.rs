//! What Alipay says: the words for every state and outcome, and the fields that go with them.

mod refund;
mod words;

use serde_json::{Value, json};
use wire::alipay::{
    CertSn, CertSnPlace, ResponseOptions, V3Hand, response, unsigned_response, v3_refusal, v3_response,
};
use wire::http::Response;
use wire::sign::{AesKey, SigningKey};
use wire::text::Charset;

use super::merchant::{Hand, Merchant};
use super::{METHODS, TooOld, rest};
use crate::book::{Key, Order, State};
use crate::calendar;
use crate::clearing::{Charge, Undo};
use crate::dial::Dials;
use crate::fault::{Call, Conduct, Paper};
use crate::payer;
use crate::seed::{digits, draw, letters};
use crate::visit::{Shown, Visit};

pub(super) use refund::{not_refunded, nothing_refunded};
use words::decline;
pub(super) use words::text_of;

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

/// The same, with the field that is wrong.
pub(super) fn declined_naming(number: &str, sub_code: &str, field: &str) -> Node {
    let mut node = declined(number, sub_code);
    for (_, value) in node.0.iter_mut().filter(|(name, _)| *name == "sub_msg") {
        *value = format!("{}：{field}", text_of(sub_code)).into();
    }
    node
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
    hand: Hand,
    now_ms: i64,
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
            hand: merchant.hand,
            now_ms: visit.now_ms,
            seed: visit.clearing.seed,
            dials: visit.clearing.dials.clone(),
            paper: Paper::Clean,
            chance: draw(visit.clearing.seed, &["answer", merchant.app_id, method], 0),
        }
    }

    /// Signs and sends a node; over REST what is refused is not signed.
    pub(super) fn say(&self, node: &Node) -> Response {
        self.say_in(node, Charset::Utf8)
    }

    fn say_in(&self, node: &Node, charset: Charset) -> Response {
        let mut response = match self.hand {
            Hand::Gateway => self.gateway(node, charset),
            Hand::Rest if node.is_served() => self.rest(node),
            Hand::Rest => refused_over_rest(node),
        };
        let trace = letters(self.seed, &["trace"], self.chance, 26);
        let name = if self.hand == Hand::Gateway { "trace_id" } else { "alipay-trace-id" };
        response.headers.push((name.to_owned(), trace));
        response
    }

    fn gateway(&self, node: &Node, charset: Charset) -> Response {
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
        response
    }

    /// What is served over REST: the node without `code` and `msg` (alipay.md §2.8).
    fn rest(&self, node: &Node) -> Response {
        let hand = V3Hand {
            key: self.key.clone(),
            cert_sn: self.cert_sn.clone(),
            aes_key: self.aes_key.clone(),
            now_ms: self.now_ms,
            nonce: letters(self.seed, &["nonce", self.method], self.chance, 32),
        };
        let fields = node.0.iter().filter(|(name, _)| !["code", "msg"].contains(name)).cloned();
        let mut response = v3_response(200, &Node(fields.collect()).text(), &hand);
        if self.paper == Paper::WrongSignature {
            for (_, value) in response.headers.iter_mut().filter(|(name, _)| name == "alipay-signature") {
                let spoilt = if value.starts_with('A') { "B" } else { "A" };
                value.replace_range(..1, spoilt);
            }
        }
        response
    }

    /// A refusal of the gateway itself, without a signature (alipay.md §2.4).
    pub(super) fn unsigned(&self) -> Response {
        if self.hand == Hand::Rest {
            return refused_over_rest(&refusal("20000", "isp.unknow-error"));
        }
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

/// A refusal over REST: status and code instead of `code` and `sub_code`, without a signature (alipay.md §2.8).
fn refused_over_rest(node: &Node) -> Response {
    let text = |name: &str| {
        let found = node.0.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let code = match (text("code"), text("sub_code")) {
        // Every system error has the one name here.
        ("20000", _) => "unknow-error",
        (_, sub_code) => rest::bare(sub_code),
    };
    v3_refusal(rest::status(text("code")), code, text("sub_msg"))
}

/// Spoils the signature and leaves everything else as it was.
fn forge(body: &mut [u8]) {
    const MARK: &[u8] = b"\"sign\":\"";
    let at = body.windows(MARK.len()).rposition(|window| window == MARK);
    if let Some(first) = at.and_then(|at| body.get_mut(at + MARK.len())) {
        *first = if *first == b'A' { b'B' } else { b'A' };
    }
}
