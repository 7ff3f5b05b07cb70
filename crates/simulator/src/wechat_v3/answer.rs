//! What WeChat says in V3: the words for every state and outcome, the members that go with them, and the signature.

mod refund;

use serde_json::{Map, Value, json};
use wire::http::Response;
use wire::wechat_v3::{Hand, SubMerchant, error_body, probe_response, response, rfc3339, unsigned_response};

use super::{Asker, Merchant, status};
use crate::book::{Key, State};
use crate::clearing::{Charge, Undo};
use crate::dial::{Dials, UnseenAnswer};
use crate::fault::{Call, Conduct, Paper, Word};
use crate::payer::Decline;
use crate::seed::{digits, letters};
use crate::visit::{Shown, Visit, other_merchant};
use crate::wechat::{self, TooOld};

pub(super) const SYSTEM_ERROR: &str = "系统错误";
pub(super) const NOT_EXIST: &str = "订单不存在";
pub(super) const REFUND_NOT_EXIST: &str = "退款单不存在";
pub(super) const CROWDED: &str = "当前使用此业务的用户过多，请稍后再试";
pub(super) const STILL_PAYING: &str = "正在支付中不能发起撤销";
pub(super) const ANOTHERS: &str = "订单与商户不匹配";
pub(super) const REVERSE_EXPIRED: &str = "订单已超过可撤销的最大期限";

/// A refusal without the headers of a signature, such as a proxy on the way could have written.
pub(super) fn unsigned_refusal() -> Response {
    unsigned_response(status::FORBIDDEN, &error_body("NOT_ENOUGH", "余额不足"))
}

/// Which signature an answer gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ink {
    True,
    /// The channel's own test of whether signatures are checked.
    Probe,
    /// The signature of other bytes.
    Forged,
}

/// Who answers, to whom, and in which hand.
pub(super) struct Speaker {
    hand: Option<Hand>,
    ink: Ink,
    now_s: i64,
    nonce: String,
    request_id: String,
    seed: u64,
    dials: Dials,
    appid: String,
    mchid: String,
    sub: Option<SubMerchant>,
}

impl Speaker {
    /// An answer about an order.
    pub(super) fn new(
        visit: &Visit<'_>,
        asker: &Asker<'_>,
        key: &Key,
        (call, nth): (Call, u32),
        conduct: &Conduct,
    ) -> Self {
        let words = ["nonce", call.word(), &key.account, &key.number];
        let mut speaker = Self::with_words(visit, asker.merchant, asker.wanted, &words, u64::from(nth));
        // Both kinds of wrong signature are met, in turn.
        speaker.ink = match (conduct.paper, nth % 2) {
            (Paper::WrongSignature, 1) => Ink::Probe,
            (Paper::WrongSignature, _) => Ink::Forged,
            _ => Ink::True,
        };
        if conduct.word == Word::OtherMerchant {
            speaker.mchid = other_merchant(&speaker.mchid);
        }
        speaker
    }

    /// An answer to a request that came to no order.
    pub(super) fn unnumbered(visit: &Visit<'_>, merchant: &Merchant<'_>, wanted: Option<&str>) -> Self {
        let moment = u64::try_from(visit.now_ms).unwrap_or(0);
        Self::with_words(visit, merchant, wanted, &["nonce", merchant.mchid, &visit.request.path], moment)
    }

    fn with_words(
        visit: &Visit<'_>,
        merchant: &Merchant<'_>,
        wanted: Option<&str>,
        words: &[&str],
        nth: u64,
    ) -> Self {
        let seed = visit.clearing.seed;
        let nonce = letters(seed, words, nth, 32);
        Self {
            hand: merchant.keys.hand(visit.now_ms, wanted).cloned(),
            ink: Ink::True,
            now_s: visit.now_ms.div_euclid(1_000),
            request_id: format!("08{}", digits(seed, &["request", &nonce], 30)),
            nonce,
            seed,
            dials: visit.clearing.dials.clone(),
            appid: merchant.appid.to_owned(),
            mchid: merchant.mchid.to_owned(),
            sub: merchant.sub.cloned(),
        }
    }

    /// Signs an answer; `fine` is the finer code at the end of `Request-ID` (wechat.md §4.5).
    pub(super) fn say(self, status: u16, body: &str, fine: &str) -> Response {
        let mut response = match (&self.hand, self.ink) {
            (Some(hand), Ink::True) => response(status, body, hand, self.now_s, &self.nonce),
            (Some(hand), Ink::Probe) => probe_response(status, body, hand, self.now_s, &self.nonce),
            (Some(hand), Ink::Forged) => {
                let other = response(status, &format!("{body} "), hand, self.now_s, &self.nonce);
                Response { body: body.as_bytes().to_vec(), ..other }
            }
            (None, _) => unsigned_response(status, body),
        };
        let id = format!("{}-{fine}", self.request_id);
        response.headers.push(("request-id".to_owned(), id));
        response
    }

    /// A refusal (wechat.md §4.5, §5.5).
    pub(super) fn refuse(self, status: u16, code: &str, text: &str) -> Response {
        self.say(status, &error_body(code, text), fine(code))
    }

    /// A refusal for one member of the request.
    pub(super) fn refuse_field(self, field: &str, issue: &str) -> Response {
        let detail = json!({ "field": field, "issue": issue, "location": "body" });
        let body = json!({ "code": "PARAM_ERROR", "message": format!("{field}: {issue}"), "detail": detail });
        self.say(status::BAD_REQUEST, &body.to_string(), fine("PARAM_ERROR"))
    }

    /// The answer to a pay call; `repeats` where the order was opened by the identical request (wechat.md §5.5, §13).
    pub(super) fn charge(self, charge: Charge, repeats: bool, shown: &Shown) -> Response {
        match charge {
            // Not finished has a status of its own (wechat.md §4.4).
            Charge::Paid | Charge::Asking | Charge::Taken(_) if repeats => {
                let status = if shown.state == State::Asking { status::ACCEPTED } else { status::OK };
                self.state(status, shown)
            }
            Charge::Taken(State::Barred) | Charge::Expired => {
                self.refuse(status::BAD_REQUEST, "ORDER_CLOSED", "订单已关闭")
            }
            Charge::Paid | Charge::Asking | Charge::Taken(_) | Charge::FactsDiffer | Charge::PayerDiffers => {
                self.refuse(status::FORBIDDEN, "OUT_TRADE_NO_USED", "商户订单号重复")
            }
            Charge::Declined(why) => {
                let (status, code, text) = decline(why);
                self.refuse(status, code, text)
            }
            Charge::CodeStale => {
                self.refuse(status::BAD_REQUEST, "AUTH_CODE_INVALID", "101 付款码已过期，请刷新再试")
            }
            Charge::CodeSpent => self.refuse(
                status::BAD_REQUEST,
                "AUTH_CODE_INVALID",
                "101 每个二维码仅限使用一次，请刷新再试",
            ),
        }
    }

    /// How an order stands: all trade members for a paid order, also a refunded one, few otherwise (wechat.md §4.4).
    pub(super) fn state(self, status: u16, shown: &Shown) -> Response {
        let Some((name, text)) = wechat::state_words(&self.dials, shown) else {
            return self.refuse(status::NOT_FOUND, "ORDER_NOT_EXIST", NOT_EXIST);
        };
        let order = &shown.order;
        let mut body = self.parties(order.facts.get("sub_appid"));
        let mut put = |name: &str, value: Value| _ = body.insert(name.to_owned(), value);
        put("out_trade_no", json!(shown.number));
        put("trade_state", json!(name));
        put("trade_state_desc", json!(text));
        put("attach", json!(order.facts.get("attach").map_or("", String::as_str)));
        put("amount", json!({ "total": order.amount, "currency": "CNY" }));
        if shown.state == State::Paid {
            put("transaction_id", json!(order.transaction_no));
            put("trade_type", json!("MICROPAY"));
            put("bank_type", json!("OTHERS"));
            put("success_time", json!(rfc3339(order.paid_ms.unwrap_or(order.created_ms))));
            put("payer", self.payer(shown));
            let paid = order.payable();
            let amount = json!({
                "total": order.amount, "payer_total": paid, "currency": "CNY", "payer_currency": "CNY",
            });
            put("amount", amount);
            put("promotion_detail", promotions(order.discount));
        }
        self.say(status, &Value::Object(body).to_string(), "0")
    }

    /// Who is paid, in the members of this mode.
    fn parties(&self, sub_appid: Option<&String>) -> Map<String, Value> {
        let parties = match &self.sub {
            None => json!({ "appid": self.appid, "mchid": self.mchid }),
            Some(sub) => {
                let mut parties =
                    json!({ "sp_appid": self.appid, "sp_mchid": self.mchid, "sub_mchid": sub.mchid });
                if let Some(appid) = sub_appid {
                    parties["sub_appid"] = json!(appid);
                }
                parties
            }
        };
        match parties {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    fn payer(&self, shown: &Shown) -> Value {
        let order = &shown.order;
        let openid = |appid: &str| wechat::openid(&self.dials, self.seed, appid, &order.code);
        match (&self.sub, order.facts.get("sub_appid")) {
            (None, _) => json!({ "openid": openid(&self.appid) }),
            (Some(_), None) => json!({ "sp_openid": openid(&self.appid) }),
            (Some(_), Some(sub)) => json!({ "sp_openid": openid(&self.appid), "sub_openid": openid(sub) }),
        }
    }

    /// A reversal that is done; what it did is not said (wechat.md §4.4).
    pub(super) fn reversed(self, number: &str) -> Response {
        let sub_appid = self.sub.as_ref().and_then(|sub| sub.appid.clone());
        let mut body = self.parties(sub_appid.as_ref());
        body.insert("out_trade_no".to_owned(), json!(number));
        self.say(status::OK, &Value::Object(body).to_string(), "0")
    }

    /// The answer to a reverse that was served (wechat.md §7, §13).
    pub(super) fn undone(self, undo: Result<Undo, TooOld>, number: &str, unseen: UnseenAnswer) -> Response {
        match undo {
            Ok(Undo::Unseen) if unseen == UnseenAnswer::Invalid => {
                self.refuse(status::SERVER_ERROR, "INVALID_TRANSACTIONID", "订单号非法")
            }
            Ok(Undo::Unseen | Undo::Unpaid | Undo::Returned) => self.reversed(number),
            Ok(Undo::DialogOpen) => self.refuse(status::BAD_REQUEST, "USERPAYING", STILL_PAYING),
            Ok(Undo::FundsShort) => self.refuse(status::FORBIDDEN, "TRADE_ERROR", "商户可用余额不足"),
            Ok(Undo::Refunded) => self.refuse(status::FORBIDDEN, "TRADE_ERROR", "订单已退款"),
            Err(TooOld) => self.refuse(status::BAD_REQUEST, "INVALID_REQUEST", REVERSE_EXPIRED),
        }
    }
}

/// The coupon of an order, where it had one; the channel pays it.
fn promotions(discount: i64) -> Value {
    if discount == 0 {
        return json!([]);
    }
    json!([{
        "coupon_id": "10000", "name": "满减券", "scope": "GLOBAL", "type": "CASH", "amount": discount,
        "stock_id": "10000", "wechatpay_contribute": discount, "merchant_contribute": 0,
        "other_contribute": 0, "currency": "CNY",
    }])
}

/// The finer code of a refusal (wechat.md §4.5).
fn fine(code: &str) -> &'static str {
    match code {
        "ORDER_NOT_EXIST" => "268512771",
        "FREQUENCY_LIMITED" => "268447840",
        "PARAM_ERROR" => "268435461",
        "OUT_TRADE_NO_USED" => "268498688",
        "SIGN_ERROR" => "268443699",
        "APPID_MCHID_NOT_MATCH" => "268445527",
        _ => "0",
    }
}

/// The codes for declines: those of the V3 table where it has one, else those of V2 (wechat.md §5.5, §13).
fn decline(why: Decline) -> (u16, &'static str, &'static str) {
    match why {
        Decline::NoFunds => (status::FORBIDDEN, "NOT_ENOUGH", "余额不足"),
        Decline::CodeExpired => {
            (status::BAD_REQUEST, "AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试")
        }
        Decline::CodeUsed => {
            (status::BAD_REQUEST, "AUTH_CODE_INVALID", "101 每个二维码仅限使用一次，请刷新再试")
        }
        Decline::CodeMalformed => {
            (status::BAD_REQUEST, "AUTH_CODE_ERROR", "授权码参数错误，请扫描微信支付被扫条码/二维码")
        }
        Decline::OverLimit => (status::FORBIDDEN, "RULE_LIMIT", "交易金额超出付款人限额"),
        Decline::Risk => (status::FORBIDDEN, "TRADE_ERROR", "交易存在风险，已被拦截"),
        Decline::CardType => (status::FORBIDDEN, "TRADE_ERROR", "不支持卡类型"),
        Decline::Frozen => (status::FORBIDDEN, "ACCOUNT_ERROR", "付款人账户异常"),
        Decline::MerchantMayNot => (status::FORBIDDEN, "NO_AUTH", "商户无此接口权限"),
    }
}
