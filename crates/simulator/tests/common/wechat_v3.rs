//! WeChat APIv3 as the till speaks it, in the mode of 微信支付公钥.

use serde_json::Value;
use simulator::Account;
use wire::http::{Request, Response};
use wire::sign::SigningKey;
use wire::verified::Verified;
use wire::wechat_v3::{
    Account as Caller, Answer, ApiV3Key, ChannelKeys, CodepayRequest, Draft, Hand, OrderNumber,
    OrderQueryRequest, RefundQueryRequest, RefundRequest, ReverseRequest, V3Merchant, reply, request,
};

use super::{Back, Heard, Tongue};

pub const APPID: &str = "wx1a2b3c4d5e6f7a8b";
pub const MCHID: &str = "1900000110";
pub const SERIAL: &str = "5E2A6B4C1D3F5A7B9C0D1E2F3A4B5C6D7E8F9012";
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001102026031500000001";

pub struct WechatV3 {
    pub caller: Caller,
    pub merchant: V3Merchant,
    pub keys: ChannelKeys,
}

pub fn merchant_key() -> SigningKey {
    SigningKey::keyed_hash([3; 32])
}

/// 微信支付公钥's other half.
pub fn hand() -> Hand {
    Hand { key: SigningKey::keyed_hash([4; 32]), serial: PUBLIC_KEY_ID.to_owned() }
}

pub fn api_v3_key() -> ApiV3Key {
    ApiV3Key::new("0123456789abcdefghijABCDEFGHIJ_!").unwrap()
}

pub fn account() -> Account {
    Account::WechatV3 {
        appid: APPID.to_owned(),
        mchid: MCHID.to_owned(),
        sub: None,
        merchant_serial: SERIAL.to_owned(),
        merchant_key: merchant_key().verifying_key(),
        api_v3_key: api_v3_key(),
        public_key: Some(hand()),
        certificates: Vec::new(),
    }
}

pub fn wechat_v3() -> WechatV3 {
    let mut keys = ChannelKeys::new();
    keys.add_public_key(PUBLIC_KEY_ID, hand().key.verifying_key()).unwrap();
    WechatV3 {
        caller: Caller { appid: Some(APPID.to_owned()), mchid: MCHID.to_owned(), sub: None },
        merchant: V3Merchant {
            mchid: MCHID.to_owned(),
            serial_no: SERIAL.to_owned(),
            signing_key: merchant_key(),
            answer_serial: Some(PUBLIC_KEY_ID.to_owned()),
        },
        keys,
    }
}

impl WechatV3 {
    pub fn codepay(&self, number: &str, amount: i64, code: &str) -> CodepayRequest {
        CodepayRequest {
            description: "门店收款".to_owned(),
            out_trade_no: number.to_owned(),
            attach: Some("lane=3".to_owned()),
            goods_tag: None,
            support_fapiao: None,
            auth_code: code.into(),
            total: amount,
            currency: Some("CNY".to_owned()),
            device_id: Some("POS-01".to_owned()),
            device_ip: Some("203.0.113.7".to_owned()),
            store_id: None,
            store_out_id: Some("S-01".to_owned()),
            detail: None,
            profit_sharing: None,
        }
    }

    pub fn refunding(&self, number: &str, total: i64, refund: (&str, i64)) -> RefundRequest {
        RefundRequest {
            transaction_id: None,
            out_trade_no: Some(number.to_owned()),
            out_refund_no: refund.0.to_owned(),
            reason: None,
            notify_url: None,
            funds_account: None,
            refund: refund.1,
            from: Vec::new(),
            total,
            currency: "CNY".to_owned(),
            goods_detail: None,
        }
    }

    pub fn send(&self, draft: Draft, now_ms: i64) -> Request {
        request(draft, &self.merchant, now_ms / 1_000, "593BEC0C930BF1AFEB40B4A08C8FB242")
    }

    /// The answer's members, or why there are none. Its time is its own: what is read here is the signature.
    pub fn answer(&self, response: &Response) -> Result<Verified<Answer>, String> {
        let timestamp = response.header("wechatpay-timestamp").and_then(|text| text.parse().ok());
        if timestamp.is_none() {
            return Err(format!("status {}", response.status));
        }
        reply(response, &self.keys, timestamp.unwrap()).map_err(|error| error.to_string())
    }

    fn hear(&self, response: &Response, number: &str, read: fn(&Verified<Answer>) -> Heard) -> Heard {
        let answer = match self.answer(response) {
            Ok(answer) => answer,
            Err(why) => return Heard::Unknown(why),
        };
        let other = |theirs: Option<String>, ours: &str| theirs.is_some_and(|theirs| theirs != ours);
        if other(answer.mchid(), MCHID) || other(answer.out_trade_no(), number) {
            return Heard::Unknown("not ours".to_owned());
        }
        read(&answer)
    }

    fn hear_back(&self, response: &Response, refund_no: &str) -> Result<Verified<Answer>, Back> {
        let answer = self.answer(response).map_err(Back::Unknown)?;
        let ours = answer.out_refund_no().is_none_or(|number| number == refund_no);
        if ours { Ok(answer) } else { Err(Back::Unknown("not ours".to_owned())) }
    }
}

/// The members as they came, for what the types do not read.
pub fn members(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn code(answer: &Verified<Answer>) -> String {
    answer.code().unwrap_or_default()
}

fn hear_state(answer: &Verified<Answer>) -> Heard {
    match answer.trade_state().unwrap_or_default().as_str() {
        "SUCCESS" | "REFUND" => Heard::Paid {
            total: answer.total().unwrap().unwrap(),
            paid: answer.payer_total().unwrap().unwrap(),
        },
        "USERPAYING" => Heard::Asking,
        "NOTPAY" => Heard::NotPaid,
        "PAYERROR" => Heard::MustReverse,
        "REVOKED" | "CLOSED" => Heard::Closed,
        other => Heard::Unknown(other.to_owned()),
    }
}

fn hear_pay(answer: &Verified<Answer>) -> Heard {
    match code(answer).as_str() {
        "" => hear_state(answer),
        sure @ ("AUTHCODEEXPIRE" | "AUTH_CODE_ERROR" | "AUTH_CODE_INVALID" | "NOT_ENOUGH"
        | "ACCOUNT_ERROR" | "NO_AUTH" | "PARAM_ERROR") => Heard::Declined(sure.to_owned()),
        ask @ ("TRADE_ERROR" | "RULE_LIMIT") => Heard::DeclinedAsk(ask.to_owned()),
        other => Heard::Unknown(other.to_owned()),
    }
}

fn hear_query(answer: &Verified<Answer>) -> Heard {
    match code(answer).as_str() {
        "" => hear_state(answer),
        "ORDER_NOT_EXIST" => Heard::NotFound,
        other => Heard::Unknown(other.to_owned()),
    }
}

fn hear_reverse(answer: &Verified<Answer>) -> Heard {
    match code(answer).as_str() {
        "" if answer.out_trade_no().is_some() => Heard::Reversed { refunded: None },
        "USERPAYING" => Heard::StillPaying,
        "SYSTEM_ERROR" => Heard::Again,
        sure @ ("INVALID_REQUEST" | "TRADE_ERROR" | "INVALID_TRANSACTIONID") => {
            Heard::Cannot(sure.to_owned())
        }
        other => Heard::Unknown(other.to_owned()),
    }
}

impl Tongue for WechatV3 {
    fn prefix(&self) -> &'static str {
        "13"
    }

    fn name(&self) -> &'static str {
        "wechat_v3"
    }

    fn pay(&self, number: &str, amount: i64, code: &str, now_ms: i64) -> Request {
        self.send(self.codepay(number, amount, code).draft(&self.caller), now_ms)
    }

    fn query(&self, number: &str, now_ms: i64) -> Request {
        let query = OrderQueryRequest { order: OrderNumber::OutTradeNo(number.to_owned()) };
        self.send(query.draft(&self.caller), now_ms)
    }

    fn reverse(&self, number: &str, now_ms: i64) -> Request {
        self.send(ReverseRequest { out_trade_no: number.to_owned() }.draft(&self.caller), now_ms)
    }

    fn hear_pay(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, number, hear_pay)
    }

    fn hear_query(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, number, hear_query)
    }

    fn hear_reverse(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, number, hear_reverse)
    }

    fn refund(&self, order: (&str, i64), refund: (&str, i64), now_ms: i64) -> Request {
        self.send(self.refunding(order.0, order.1, refund).draft(&self.caller), now_ms)
    }

    fn refund_query(&self, _number: &str, refund_no: &str, now_ms: i64) -> Request {
        self.send(RefundQueryRequest { out_refund_no: refund_no.to_owned() }.draft(&self.caller), now_ms)
    }

    fn hear_refund(&self, response: &Response, refund: (&str, i64)) -> Back {
        let answer = match self.hear_back(response, refund.0) {
            Ok(answer) => answer,
            Err(back) => return back,
        };
        match code(&answer).as_str() {
            "" if answer.refund() == Ok(Some(refund.1)) => Back::Taken,
            again @ ("SYSTEM_ERROR" | "FREQUENCY_LIMITED") => Back::Unknown(again.to_owned()),
            "" => Back::Unknown("not ours".to_owned()),
            other => Back::Refused(other.to_owned()),
        }
    }

    fn hear_refund_query(&self, response: &Response, refund_no: &str) -> Back {
        let answer = match self.hear_back(response, refund_no) {
            Ok(answer) => answer,
            Err(back) => return back,
        };
        match (answer.refund_status().as_deref(), code(&answer).as_str()) {
            (Some("SUCCESS"), _) => Back::Done(answer.refund().unwrap().unwrap()),
            (Some("PROCESSING"), _) => Back::Taken,
            (Some("CLOSED"), _) => Back::Closed,
            (Some("ABNORMAL"), _) => Back::Abnormal,
            (_, "RESOURCE_NOT_EXISTS") => Back::Nothing,
            (_, other) => Back::Unknown(other.to_owned()),
        }
    }

    fn reverse_not_before_ms(&self) -> i64 {
        15_000
    }
}
