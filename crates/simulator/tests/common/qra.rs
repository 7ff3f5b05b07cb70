//! UnionPay QRA as the till speaks it.

use wire::http::{Request, Response};
use wire::qra::{
    Keys, MICROPAY, MicropayRequest, QUERY, QraMerchant, QueryRequest, REFUND, REFUND_QUERY, REVERSE,
    RefundQueryRequest, RefundRequest, ReverseRequest, parse_response, request,
};
use wire::sign::{ApiKey, SigningKey};
use wire::text::Fields;

use super::{Back, Heard, Till, Tongue};

pub const MCH_ID: &str = "QRA00000000TEST";

/// Speaks for 62-codes; the platform takes the other wallets' as well.
pub struct Qra(pub QraMerchant);

pub fn keys() -> Keys {
    Keys::Md5(ApiKey::new("0123456789abcdef0123456789abcdef").unwrap())
}

/// The merchant's and the platform's half of an account that signs with RSA: stand-ins that are fast.
pub fn rsa_halves() -> (Keys, Keys) {
    let (ours, theirs) = (SigningKey::keyed_hash([3; 32]), SigningKey::keyed_hash([4; 32]));
    let half = |own: &SigningKey, other: &SigningKey| Keys::Rsa1With256 {
        own: own.clone(),
        theirs: other.verifying_key(),
    };
    (half(&ours, &theirs), half(&theirs, &ours))
}

pub fn qra() -> Qra {
    Qra(QraMerchant { mch_id: MCH_ID.to_owned(), keys: keys() })
}

impl Qra {
    pub fn micropay(&self, number: &str, amount: i64, code: &str) -> MicropayRequest {
        MicropayRequest {
            out_trade_no: number.to_owned(),
            body: "门店收款".to_owned(),
            total_fee: amount,
            mch_create_ip: "203.0.113.7".to_owned(),
            auth_code: code.into(),
            op_user_id: None,
            op_shop_id: None,
            op_device_id: None,
            device_info: Some("POS-01".to_owned()),
            attach: Some("lane=3".to_owned()),
            time_start: None,
            time_expire: None,
            terminal_info: Some(r#"{"device_type":"11","terminal_id":"T0000001"}"#.to_owned()),
            goods_detail: None,
            goods_tag: None,
            need_receipt: None,
            sub_appid: None,
        }
    }

    pub fn send(&self, service: &str, fields: &Fields) -> Request {
        request(service, &self.0, fields, "5K8264ILTKCH16CQ2502SI8ZNMTM67VS")
    }

    /// The verified fields, or why there are none.
    pub fn fields(&self, response: &Response) -> Result<Fields, String> {
        if response.status != 200 {
            return Err(format!("status {}", response.status));
        }
        let reply = parse_response(&response.body).map_err(|error| error.to_string())?;
        let answer = reply.verify(&self.0).map_err(|error| error.to_string())?;
        Ok(answer.into_value().fields().clone())
    }

    fn hear(&self, response: &Response, number: &str, read: fn(&Fields) -> Heard) -> Heard {
        let fields = match self.fields(response) {
            Ok(fields) => fields,
            Err(why) => return Heard::Unknown(why),
        };
        let other = |name, ours: &str| fields.filled(name).is_some_and(|theirs| theirs != ours);
        if other("mch_id", &self.0.mch_id) || other("out_trade_no", number) {
            return Heard::Unknown("not ours".to_owned());
        }
        read(&fields)
    }
}

fn code(fields: &Fields) -> &str {
    fields.get("err_code").unwrap_or("")
}

fn paid(fields: &Fields) -> Heard {
    let sum = |name| fields.get(name).unwrap().parse::<i64>().unwrap();
    Heard::Paid { total: sum("total_fee"), paid: sum("total_fee") - sum("coupon_fee") }
}

fn hear_pay(fields: &Fields) -> Heard {
    let said = |name| fields.get(name).unwrap_or("");
    match (said("need_query"), said("result_code"), said("pay_result"), code(fields)) {
        ("Y", _, _, "USERPAYING") => Heard::Asking,
        ("N", "0", "0", "") => paid(fields),
        ("N", "1", _, "ORDERPAID" | "ORDERREVERSED" | "OUT_TRADE_NO_USED" | "FREQUENCY_LIMITED") => {
            Heard::Unknown(code(fields).to_owned())
        }
        ("N", "1", _, code) => Heard::Declined(code.to_owned()),
        (_, _, _, code) => Heard::Unknown(code.to_owned()),
    }
}

fn hear_query(fields: &Fields) -> Heard {
    if fields.get("result_code") != Some("0") {
        let missing = code(fields) == "ORDERNOTEXIST";
        return if missing { Heard::NotFound } else { Heard::Unknown(code(fields).to_owned()) };
    }
    match fields.get("trade_state").unwrap() {
        "SUCCESS" | "REFUND" => paid(fields),
        "USERPAYING" => Heard::Asking,
        "NOTPAY" => Heard::NotPaid,
        "PAYERROR" => Heard::MustReverse,
        "REVOKED" | "CLOSED" => Heard::Closed,
        other => Heard::Unknown(other.to_owned()),
    }
}

/// A number that the platform never saw needs no undoing; a query has to agree anyhow (unionpay.md §4.6).
fn hear_reverse(fields: &Fields) -> Heard {
    match (fields.get("result_code"), code(fields)) {
        (Some("0"), _) | (_, "ORDERNOTEXIST") => Heard::Reversed { refunded: None },
        (_, "USERPAYING") => Heard::StillPaying,
        (_, "SYSTEMERROR") => Heard::Again,
        (_, other) => Heard::Cannot(other.to_owned()),
    }
}

impl Tongue for Qra {
    fn prefix(&self) -> &'static str {
        "62"
    }

    fn length(&self) -> usize {
        19
    }

    fn pay(&self, number: &str, amount: i64, code: &str, _now_ms: i64) -> Request {
        self.send(MICROPAY, &self.micropay(number, amount, code).fields())
    }

    fn query(&self, number: &str, _now_ms: i64) -> Request {
        let call = QueryRequest { transaction_id: None, out_trade_no: Some(number.to_owned()) };
        self.send(QUERY, &call.fields())
    }

    fn reverse(&self, number: &str, _now_ms: i64) -> Request {
        self.send(REVERSE, &ReverseRequest { out_trade_no: number.to_owned() }.fields())
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

    fn refund(&self, order: (&str, i64), refund: (&str, i64), _now_ms: i64) -> Request {
        let call = RefundRequest {
            transaction_id: None,
            out_trade_no: Some(order.0.to_owned()),
            out_refund_no: refund.0.to_owned(),
            total_fee: order.1,
            refund_fee: refund.1,
            op_user_id: self.0.mch_id.clone(),
            refund_channel: None,
        };
        self.send(REFUND, &call.fields())
    }

    fn refund_query(&self, _number: &str, refund_no: &str, _now_ms: i64) -> Request {
        let call =
            RefundQueryRequest { out_refund_no: Some(refund_no.to_owned()), ..RefundQueryRequest::default() };
        self.send(REFUND_QUERY, &call.fields())
    }

    fn hear_refund(&self, response: &Response, refund: (&str, i64)) -> Back {
        let fields = match self.fields(response) {
            Ok(fields) => fields,
            Err(why) => return Back::Unknown(why),
        };
        match (fields.get("result_code"), code(&fields)) {
            (Some("0"), _) => {
                let ours = fields.get("out_refund_no") == Some(refund.0)
                    && fields.get("refund_fee") == Some(refund.1.to_string().as_str());
                if ours { Back::Taken } else { Back::Unknown("not ours".to_owned()) }
            }
            (_, again @ ("SYSTEMERROR" | "FREQUENCY_LIMITED")) => Back::Unknown(again.to_owned()),
            (_, other) => Back::Refused(other.to_owned()),
        }
    }

    fn hear_refund_query(&self, response: &Response, refund_no: &str) -> Back {
        let fields = match self.fields(response) {
            Ok(fields) => fields,
            Err(why) => return Back::Unknown(why),
        };
        match (fields.get("refund_status_0"), code(&fields)) {
            (Some(_), _) if fields.get("out_refund_no_0") != Some(refund_no) => {
                Back::Unknown("not ours".to_owned())
            }
            (Some("SUCCESS"), _) => Back::Done(fields.get("refund_fee_0").unwrap().parse().unwrap()),
            (Some("PROCESSING"), _) => Back::Taken,
            (Some("FAIL"), _) => Back::Closed,
            (Some("CHANGE"), _) => Back::Abnormal,
            (_, "REFUNDNOTEXIST") => Back::Nothing,
            (_, other) => Back::Unknown(other.to_owned()),
        }
    }

    fn reverse_not_before_ms(&self) -> i64 {
        15_000
    }
}

pub fn answer(till: &mut Till<'_>, request: &Request) -> Response {
    till.call(request).response.expect("an answer")
}

pub fn told(till: &mut Till<'_>, qra: &Qra, request: &Request) -> Fields {
    let response = answer(till, request);
    qra.fields(&response).expect("a signed answer")
}

/// `result_code`, `err_code` and `need_query` of a signed answer.
pub fn codes(till: &mut Till<'_>, qra: &Qra, request: &Request) -> [String; 3] {
    let fields = told(till, qra, request);
    ["result_code", "err_code", "need_query"].map(|name| fields.get(name).unwrap_or("").to_owned())
}

pub fn pay(qra: &Qra, number: &str, amount: i64, code: &str) -> Request {
    qra.pay(number, amount, code, 0)
}
