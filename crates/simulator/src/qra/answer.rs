//! What the platform says: the words for every state and outcome, and the fields that go with them.

mod refund;

use serde_json::json;
use wire::http::Response;
use wire::qra::{Caller as Claims, Keys, sign_response};
use wire::sign::{ApiKey, SigningKey};
use wire::text::Fields;

use super::words::{self, Scheme};
use super::{Merchant, WALLET_NUMBER};
use crate::book::{Key, Order, State};
use crate::calendar;
use crate::clearing::{Charge, Undo};
use crate::dial::Dials;
use crate::fault::{Call, Conduct, Paper, Word};
use crate::payer;
use crate::seed::{digits, letters};
use crate::visit::{Shown, Visit, other_merchant};

/// Who answers, to whom, and in which hand.
pub(super) struct Speaker {
    fields: Fields,
    keys: Keys,
    seed: u64,
    mch_id: String,
    dials: Dials,
}

impl Speaker {
    /// An answer about an order.
    pub(super) fn new(
        visit: &Visit<'_>,
        merchant: &Merchant<'_>,
        key: &Key,
        (call, nth): (Call, u32),
        conduct: &Conduct,
    ) -> Self {
        let words = ["nonce", call.word(), &key.account, &key.number];
        let nonce = letters(visit.clearing.seed, &words, u64::from(nth), 32);
        let mut speaker = Self::with_nonce(visit, merchant, &nonce);
        if conduct.paper == Paper::WrongSignature {
            speaker.keys = foreign(merchant.keys);
        }
        if conduct.word == Word::OtherMerchant {
            speaker.fields.insert("mch_id", other_merchant(merchant.mch_id));
        }
        speaker
    }

    /// An answer to a request that came to no order.
    pub(super) fn unnumbered(visit: &Visit<'_>, merchant: &Merchant<'_>, claims: &Claims) -> Self {
        let nonce = letters(visit.clearing.seed, &["nonce", merchant.mch_id, &claims.nonce_str], 0, 32);
        Self::with_nonce(visit, merchant, &nonce)
    }

    fn with_nonce(visit: &Visit<'_>, merchant: &Merchant<'_>, nonce: &str) -> Self {
        Self {
            fields: Fields::from_iter([("status", "0"), ("mch_id", merchant.mch_id), ("nonce_str", nonce)]),
            keys: merchant.keys.clone(),
            seed: visit.clearing.seed,
            mch_id: merchant.mch_id.to_owned(),
            dials: visit.clearing.dials.clone(),
        }
    }

    fn sealed(self) -> Response {
        sign_response(&self.fields, &self.keys)
    }

    /// `result_code=1` to anything but a payment.
    pub(super) fn fail(mut self, code: &str, text: &str) -> Response {
        self.failed(code, text);
        self.sealed()
    }

    /// `result_code=1` to a payment, which says whether the order has to be queried (unionpay.md §4.1).
    pub(super) fn refuse(mut self, code: &str, text: &str, need_query: &str) -> Response {
        self.failed(code, text);
        self.fields.insert("need_query", need_query);
        self.sealed()
    }

    fn failed(&mut self, code: &str, text: &str) {
        for (name, value) in [("result_code", "1"), ("err_code", code), ("err_msg", text)] {
            self.fields.insert(name, value);
        }
    }

    /// `result_code=0` and not a word more (unionpay.md §4.4, reverse).
    pub(super) fn done(mut self) -> Response {
        self.fields.insert("result_code", "0");
        self.sealed()
    }

    /// The answer to a pay call (unionpay.md §4.3, §13).
    pub(super) fn charge(self, charge: Charge, scheme: Scheme, shown: &Shown) -> Response {
        let replayed = shown.order.state == State::Paid && shown.state == State::Paid;
        let (code, text) = match charge {
            Charge::Paid => return self.paid(shown),
            // An answer of another order, which is paid, replayed in place of ours.
            Charge::Asking if replayed => return self.paid(shown),
            Charge::Asking => return self.refuse("USERPAYING", words::PASSWORD, "Y"),
            Charge::Declined(why) => scheme.decline(why),
            Charge::CodeStale => scheme.stale(),
            Charge::CodeSpent => scheme.spent(),
            Charge::Taken(State::Paid) => ("ORDERPAID", "该订单已支付"),
            Charge::Taken(State::Reversed | State::Barred) => ("ORDERREVERSED", "订单已撤销"),
            Charge::Taken(State::Absent | State::Asking | State::Unpaid | State::Lapsed | State::Closed)
            | Charge::FactsDiffer
            | Charge::PayerDiffers => ("OUT_TRADE_NO_USED", "商户订单号重复"),
            Charge::Expired => ("ORDERCLOSED", "订单已关闭"),
        };
        self.refuse(code, text, "N")
    }

    fn paid(mut self, shown: &Shown) -> Response {
        for (name, value) in [("result_code", "0"), ("pay_result", "0"), ("need_query", "N")] {
            self.fields.insert(name, value);
        }
        self.trade(shown);
        self.sealed()
    }

    /// The trade fields of a paid order (unionpay.md §4.3).
    fn trade(&mut self, shown: &Shown) {
        let order = &shown.order;
        let scheme = Scheme::of_code(&order.code).unwrap_or(Scheme::UnionPay);
        let fact = |name: &str| order.facts.get(name).map(String::as_str);
        let paid_ms = order.paid_ms.unwrap_or(order.created_ms);
        let payer = self.payer(order, scheme);
        let fields = &mut self.fields;
        fields.insert("trade_type", scheme.trade_type());
        fields.insert("transaction_id", order.transaction_no.as_str());
        fields.insert_some(WALLET_NUMBER, fact(WALLET_NUMBER));
        fields.insert("out_trade_no", shown.number.as_str());
        fields.insert("total_fee", order.amount.to_string());
        fields.insert("coupon_fee", order.discount.to_string());
        fields.insert("fee_type", "CNY");
        fields.insert("bank_type", scheme.bank_type());
        for (name, value) in payer {
            fields.insert(name, value);
        }
        fields.insert_some("attach", fact("attach"));
        fields.insert_some("device_info", fact("device_info"));
        fields.insert("time_end", calendar::compact(paid_ms));
    }

    /// What the wallet tells of its owner and of where the money came from.
    fn payer(&self, order: &Order, scheme: Scheme) -> Vec<(&'static str, String)> {
        let owner = payer::owner(&self.dials, self.seed, &order.code);
        match scheme {
            Scheme::Weixin => {
                let openid = letters(self.seed, &["openid", &self.mch_id, &owner], 0, 27);
                vec![("openid", format!("o{openid}")), ("is_subscribe", "N".to_owned())]
            }
            Scheme::Alipay => {
                let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
                let mut funds =
                    vec![json!({"amount": yuan(order.payable()), "fund_channel": "ALIPAYACCOUNT"})];
                if order.discount > 0 {
                    funds.push(json!({"amount": yuan(order.discount), "fund_channel": "COUPON"}));
                }
                let user = format!("2088{}", digits(self.seed, &["buyer", &owner], 12));
                vec![("openid", user), ("fund_bill_list", json!(funds).to_string())]
            }
            Scheme::UnionPay => {
                vec![("bank_billno", digits(self.seed, &["bank", &order.transaction_no], 18))]
            }
        }
    }

    /// The answer to a query: all trade fields for a paid order, also a refunded one, the number alone otherwise
    /// (unionpay.md §4.4, §12, §13).
    pub(super) fn state(mut self, shown: &Shown) -> Response {
        let Some((name, text)) = state_words(shown) else {
            return self.fail("ORDERNOTEXIST", words::NOT_EXIST);
        };
        for (name, value) in [("result_code", "0"), ("trade_state", name), ("trade_state_desc", text)] {
            self.fields.insert(name, value);
        }
        if shown.state == State::Paid {
            self.trade(shown);
        } else {
            self.fields.insert("out_trade_no", shown.number.as_str());
        }
        self.sealed()
    }

    /// The answer to a reverse that was served: it never says what it did (unionpay.md §4.4, §10, §13).
    pub(super) fn undone(self, undo: Undo, scheme: Scheme) -> Response {
        match undo {
            Undo::Unseen => self.fail("ORDERNOTEXIST", words::NOT_EXIST),
            Undo::Unpaid | Undo::Returned => self.done(),
            Undo::DialogOpen => self.fail("USERPAYING", words::STILL_PAYING),
            Undo::Refunded => self.fail("TRADE_ERROR", words::REFUNDED),
            Undo::FundsShort => {
                let (code, text) = scheme.funds_short();
                self.fail(code, text)
            }
        }
    }
}

/// `trade_state` and the text beside it (unionpay.md §4.4): REFUND from the first refund that was taken up (§13).
fn state_words(shown: &Shown) -> Option<(&'static str, &'static str)> {
    match shown.state {
        State::Absent | State::Barred => None,
        State::Asking => Some(("USERPAYING", "用户支付中")),
        State::Unpaid => Some(("NOTPAY", "未支付")),
        State::Lapsed => Some(("PAYERROR", "支付失败")),
        State::Paid if !shown.order.refunds.is_empty() => Some(("REFUND", "转入退款")),
        State::Paid => Some(("SUCCESS", "支付成功")),
        State::Reversed => Some(("REVOKED", "已撤销")),
        State::Closed => Some(("CLOSED", "已关闭")),
    }
}

/// Keys that are not the platform's.
fn foreign(keys: &Keys) -> Keys {
    match keys {
        Keys::Md5(_) => Keys::Md5(ApiKey::new(&"0".repeat(32)).expect("32 visible characters")),
        Keys::Rsa1With256 { theirs, .. } => {
            Keys::Rsa1With256 { own: SigningKey::keyed_hash([0; 32]), theirs: theirs.clone() }
        }
    }
}
