//! What ICBC says: the words for every state and outcome, and the members that go with them (icbc.md §3, §4, §12).

use serde_json::{Value, json};
use wire::http::Response;
use wire::icbc::{Hand, response, unsigned_response};

use super::Arrived;
use super::order::REVERSE_REJECT_NO;
use crate::book::{Key, Order, State};
use crate::calendar;
use crate::clearing::Charge;
use crate::dial::Dials;
use crate::fault::{Call, Conduct, Paper, Word};
use crate::payer;
use crate::refund::{Refund, RefundState};
use crate::seed::{digits, draw};
use crate::visit::{Shown, Visit, other_merchant};

/// Codes of the business (icbc.md §3, §8, §12): documented are only the first three.
pub(super) const NOT_FOUND: &str = "5940021";
const OTHER_NOT_FOUND: &str = "5940022";
pub(super) const REVERSED_OR_REFUNDED: &str = "93008595";
const DUPLICATE: &str = "5920001";
pub(super) const ABOVE_THE_REST: &str = "5920002";
pub(super) const UNPAID: &str = "5920003";
pub(super) const TOO_OLD: &str = "5920004";
pub(super) const NO_FUNDS: &str = "5920005";
pub(super) const OTHER_FACTS: &str = "5920007";
pub(super) const PAYER_GONE: &str = "5920008";
pub(super) const TOO_SOON: &str = "5920009";
/// Too many calls, and an error of the gateway: numbers of its own, invented.
pub(super) const CROWDED: i64 = 500_032;
const SYSTEM_ERROR: i64 = 500_099;

/// An answer's content, in the order it is written.
#[derive(Clone)]
struct Content(Vec<(&'static str, Value)>);

impl Content {
    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    fn fen(self, name: &'static str, fen: i64) -> Self {
        self.with(name, fen.to_string())
    }

    fn zeroes(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |content, name| content.with(name, "0"))
    }

    /// The exact text that is signed and sent.
    fn text(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", parts.join(","))
    }
}

/// Who answers, which message, and in which hand.
pub(super) struct Speaker {
    hand: Hand,
    msg_id: String,
    seed: u64,
    dials: Dials,
    paper: Paper,
    word: Word,
    /// Drawn for this call: which of two documented wordings.
    chance: u64,
}

impl Speaker {
    /// An answer about an order.
    pub(super) fn new(
        visit: &Visit<'_>,
        arrived: &Arrived<'_>,
        key: &Key,
        (call, nth): (Call, u32),
        conduct: &Conduct,
    ) -> Self {
        let words = ["answer", call.word(), &key.account, &key.number];
        let chance = draw(visit.clearing.seed, &words, u64::from(nth));
        let unnumbered = Self::unnumbered(visit, arrived.hand.clone(), arrived.msg_id);
        Self { paper: conduct.paper, word: conduct.word, chance, ..unnumbered }
    }

    /// An answer to a request that came to no order.
    pub(super) fn unnumbered(visit: &Visit<'_>, hand: Hand, msg_id: &str) -> Self {
        Self {
            hand,
            msg_id: msg_id.to_owned(),
            seed: visit.clearing.seed,
            dials: visit.clearing.dials.clone(),
            paper: Paper::Clean,
            word: Word::True,
            chance: 0,
        }
    }

    fn say(&self, content: &Content) -> Response {
        let mut response = response(&content.text(), &self.hand);
        if self.paper == Paper::WrongSignature {
            forge(&mut response.body);
        }
        response
    }

    fn content(&self, code: impl Into<Value>, text: &str) -> Content {
        Content(vec![("return_code", code.into()), ("return_msg", text.into())])
            .with("msg_id", self.msg_id.as_str())
    }

    fn success(&self) -> Content {
        self.content("0", "成功")
    }

    /// A refusal of the gateway itself: its code is a number (icbc.md §4).
    pub(super) fn gateway(&self, code: i64) -> Response {
        let text = match code {
            400_016 => "app_id invalid",
            400_017 => "sign invalid",
            400_018 => "msg_id repeated",
            400_019 => "timestamp expired",
            500_032 => "too many requests",
            500_099 => "system error",
            _ => "parameter invalid",
        };
        self.say(&self.content(code, text))
    }

    /// A refusal of the business.
    pub(super) fn refused(&self, code: &'static str) -> Response {
        let text = match code {
            NOT_FOUND | OTHER_NOT_FOUND => "订单不存在",
            REVERSED_OR_REFUNDED => "订单已冲正或已退款",
            DUPLICATE => "订单号重复",
            ABOVE_THE_REST => "退款金额超过可退金额",
            UNPAID => "订单未支付",
            TOO_OLD => "超过期限",
            NO_FUNDS => "商户余额不足",
            OTHER_FACTS => "退款流水号重复",
            PAYER_GONE => "付款账户已销户",
            _ => "处理失败",
        };
        self.say(&self.content(code, text))
    }

    pub(super) fn not_found(&self) -> Response {
        self.refused(if self.dials.icbc_other_not_found { OTHER_NOT_FOUND } else { NOT_FOUND })
    }

    /// A negative code: clients take it as "try again" (icbc.md §4).
    pub(super) fn again(&self) -> Response {
        self.say(&self.content("-1", "交易处理中，请稍后再试"))
    }

    /// An error in either of the two documented shapes.
    pub(super) fn system_error(&self) -> Response {
        if self.chance.is_multiple_of(2) { self.again() } else { self.gateway(SYSTEM_ERROR) }
    }

    /// A refusal without a signature.
    pub(super) fn unsigned(&self) -> Response {
        unsigned_response(&self.content(SYSTEM_ERROR, "system error").text())
    }

    /// Refused before an order was made (`pay_status` -1).
    pub(super) fn not_created(&self, number: &str) -> Response {
        self.say(&self.success().with("pay_status", "-1").with("out_trade_no", number))
    }

    /// The answer to a pay call.
    pub(super) fn charge(&self, charge: Charge, shown: &Shown) -> Response {
        match charge {
            Charge::Paid => self.order("1", shown),
            // An answer of another order, which is paid, replayed in place of ours.
            Charge::Asking if shown.state == State::Paid => self.order("1", shown),
            Charge::Asking => self.order("0", shown),
            Charge::Declined(_) | Charge::CodeStale | Charge::CodeSpent | Charge::Expired => {
                self.order("2", shown)
            }
            Charge::Taken(_) | Charge::FactsDiffer | Charge::PayerDiffers => self.refused(DUPLICATE),
        }
    }

    /// The answer to a query.
    pub(super) fn state(&self, shown: &Shown) -> Response {
        let old = self.dials.icbc_old_states;
        let status = match shown.state {
            State::Absent | State::Barred => return self.not_found(),
            // A refusal on the phone is not told from waiting.
            State::Asking | State::Unpaid => "0",
            State::Lapsed | State::Closed => "2",
            State::Reversed if old => "2",
            State::Reversed => "3",
            State::Paid if old => "1",
            State::Paid => refund_status(&shown.order),
        };
        self.order(status, shown)
    }

    fn order(&self, status: &'static str, shown: &Shown) -> Response {
        let order = &shown.order;
        let content = self.success().with("pay_status", status);
        let order_id = self.order_id(order);
        let paid_ms = order.paid_ms.unwrap_or(order.created_ms);
        let day = calendar::compact(paid_ms)[..8].to_owned();
        let charged = order.paid_ms.is_some() && !["0", "2"].contains(&status);
        if !charged {
            let named = content.fen("total_amt", order.amount).with("out_trade_no", shown.number.as_str());
            return self.say(&named.with("order_id", order_id).with("pay_time", day));
        }
        let content = content
            .with("cust_id", self.cust_id(order))
            .with("card_no", self.card_no(order))
            .fen("total_amt", order.amount)
            .zeroes(&["point_amt", "ecoupon_amt", "mer_disc_amt"])
            .fen("coupon_amt", order.discount)
            .zeroes(&["bank_disc_amt"])
            .fen("payment_amt", order.payable())
            .with("out_trade_no", shown.number.as_str())
            .with("order_id", order_id)
            .with("pay_time", day)
            .zeroes(&["total_disc_amt"]);
        self.say(&content)
    }

    /// A reversal that was served: what it gave back, fen.
    pub(super) fn undone(&self, shown: &Shown, returned: i64) -> Response {
        let reject_no = shown.order.facts.get(REVERSE_REJECT_NO).cloned().unwrap_or_default();
        let content = self.given_back(shown, &reject_no, returned, returned);
        self.say(&content.with("card_no", self.card_no(&shown.order)))
    }

    /// A refund that was taken up, now or before.
    pub(super) fn rejected(&self, shown: &Shown, reject_no: &str) -> Response {
        let (own, amount) =
            shown.order.refund(reject_no).map_or((0, 0), |refund| (refund.own, refund.amount));
        let content = self.given_back(shown, reject_no, own, amount);
        let content = content.with("card_no", self.card_no(&shown.order));
        self.say(&content.zeroes(&["reject_mer_disc_amt", "reject_bank_disc_amt", "reject_total_disc_amt"]))
    }

    fn given_back(&self, shown: &Shown, reject_no: &str, own: i64, amount: i64) -> Content {
        self.success()
            .with("out_trade_no", shown.number.as_str())
            .with("order_id", self.order_id(&shown.order))
            .with("cust_id", self.cust_id(&shown.order))
            .with("reject_no", reject_no)
            .fen("real_reject_amt", own)
            .fen("reject_amt", amount)
            .zeroes(&["reject_point", "reject_ecoupon"])
    }

    /// The refunds of an order, or the one of a number, and its reversal, as a text inside the text.
    pub(super) fn listed(&self, shown: &Shown, wanted: Option<&str>, reversal_sq: &str) -> Response {
        if matches!(shown.state, State::Absent | State::Barred) {
            return self.not_found();
        }
        let order = &shown.order;
        let fits = |number: &str| wanted.is_none_or(|wanted| wanted == number);
        let refunds = order.refunds.iter().filter(|refund| fits(&refund.number));
        let mut lines: Vec<String> = refunds.map(|refund| self.line(order, refund)).collect();
        let reversal_no = order.facts.get(REVERSE_REJECT_NO).map_or("", String::as_str);
        if shown.state == State::Reversed && fits(reversal_no) {
            lines.push(self.line_of(order, (reversal_no, reversal_sq), "1", order.returned, order.returned));
        }
        let list = format!("[{}]", lines.join(","));
        let content = self.success().with("out_trade_no", shown.number.as_str());
        self.say(&content.with("order_id", self.order_id(order)).with("refund_json_list", list))
    }

    fn line(&self, order: &Order, refund: &Refund) -> String {
        let status = match refund.state {
            // What cannot be delivered is neither done nor failed.
            RefundState::Pending | RefundState::Abnormal => "0",
            RefundState::Done => "1",
            RefundState::Closed => "2",
        };
        let amount = if self.word == Word::OtherAmount { refund.amount + 1 } else { refund.amount };
        self.line_of(order, (&refund.number, &refund.refund_no), status, refund.own, amount)
    }

    fn line_of(
        &self,
        order: &Order,
        (reject_no, sequence): (&str, &str),
        status: &str,
        own: i64,
        amount: i64,
    ) -> String {
        let content = Content(vec![("reject_no", json!(reject_no)), ("icbc_reject_sq", json!(sequence))])
            .with("reject_status", status)
            .fen("real_reject_amt", own)
            .fen("reject_amt", amount)
            .zeroes(&["reject_point", "reject_ecoupon"])
            .with("card_no", self.card_no(order));
        content.zeroes(&["reject_mer_disc_amt", "reject_bank_disc_amt", "reject_total_disc_amt"]).text()
    }

    /// Nothing but the head of the order's number names the merchant.
    fn order_id(&self, order: &Order) -> String {
        let number = &order.transaction_no;
        let head = number.len().saturating_sub(15);
        match self.word {
            Word::OtherMerchant => format!("{}{}", other_merchant(&number[..head]), &number[head..]),
            _ => number.clone(),
        }
    }

    fn cust_id(&self, order: &Order) -> String {
        let payer = payer::owner(&self.dials, self.seed, &order.code);
        format!("1209{}", digits(self.seed, &["customer", &payer], 17))
    }

    fn card_no(&self, order: &Order) -> String {
        let payer = payer::owner(&self.dials, self.seed, &order.code);
        format!("622208*********{}", digits(self.seed, &["card", &payer], 4))
    }
}

/// What a paid order shows of its refunds.
fn refund_status(order: &Order) -> &'static str {
    let given_back = order.given_back();
    let pending = order.refunds.iter().any(|refund| refund.state == RefundState::Pending);
    match given_back {
        _ if pending => "7",
        0 => "1",
        part if part < order.amount => "6",
        _ => "5",
    }
}

/// Spoils the signature and leaves everything else as it was.
fn forge(body: &mut [u8]) {
    const MARK: &[u8] = b"\"sign\":\"";
    let at = body.windows(MARK.len()).rposition(|window| window == MARK);
    if let Some(first) = at.and_then(|at| body.get_mut(at + MARK.len())) {
        *first = if *first == b'A' { b'B' } else { b'A' };
    }
}
