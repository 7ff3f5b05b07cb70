//! WeChat APIv2 as the till speaks it.

use wire::http::{Request, Response};
use wire::sign::{ApiKey, V2SignType};
use wire::text::Fields;
use wire::wechat_v2::{
    MICROPAY_PATH, MicropayRequest, ORDERQUERY_PATH, OrderQueryRequest, REFUND_PATH, REFUNDQUERY_PATH,
    REVERSE_PATH, RefundQueryRequest, RefundRequest, ReverseRequest, V2Merchant, parse_response, request,
};

use super::{API_KEY, Back, Heard, Tongue};

pub struct Wechat(pub V2Merchant);

pub fn wechat() -> Wechat {
    Wechat(V2Merchant {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_appid: None,
        sub_mch_id: None,
        channel_id: None,
        key: ApiKey::new(API_KEY).unwrap(),
        sign_type: V2SignType::Md5,
    })
}

impl Wechat {
    pub fn micropay(&self, number: &str, amount: i64, code: &str) -> MicropayRequest {
        MicropayRequest {
            body: "门店收款".to_owned(),
            attach: Some("lane=3".to_owned()),
            out_trade_no: number.to_owned(),
            total_fee: amount,
            fee_type: None,
            spbill_create_ip: "203.0.113.7".to_owned(),
            device_info: Some("POS-01".to_owned()),
            time_start: None,
            time_expire: None,
            auth_code: code.into(),
            scene_info: None,
            detail: None,
            goods_tag: None,
            limit_pay: None,
            terminal_info: None,
        }
    }

    pub fn send(&self, path: &str, fields: &Fields) -> Request {
        request(path, &self.0, fields, "5K8264ILTKCH16CQ2502SI8ZNMTM67VS")
    }

    /// The verified fields, or why there are none.
    pub fn fields(&self, response: &Response) -> Result<Fields, String> {
        if response.status != 200 {
            return Err(format!("status {}", response.status));
        }
        let reply = parse_response(&response.body).map_err(|error| error.to_string())?;
        Ok(reply.verify(&self.0).map_err(|error| error.to_string())?.into_value())
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
    let sum = |name| fields.get(name).unwrap().parse().unwrap();
    Heard::Paid { total: sum("total_fee"), paid: sum("cash_fee") }
}

fn hear_pay(fields: &Fields) -> Heard {
    if fields.get("result_code") == Some("SUCCESS") {
        return paid(fields);
    }
    match code(fields) {
        "USERPAYING" => Heard::Asking,
        "AUTHCODEEXPIRE" | "AUTH_CODE_ERROR" | "AUTH_CODE_INVALID" | "NOTENOUGH" | "NOTSUPORTCARD"
        | "NOAUTH" | "PARAM_ERROR" => Heard::Declined(code(fields).to_owned()),
        "TRADE_ERROR" => Heard::DeclinedAsk(code(fields).to_owned()),
        other => Heard::Unknown(other.to_owned()),
    }
}

fn hear_query(fields: &Fields) -> Heard {
    if fields.get("result_code") != Some("SUCCESS") {
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

fn hear_reverse(fields: &Fields) -> Heard {
    match (fields.get("result_code"), fields.get("recall"), code(fields)) {
        (Some("SUCCESS"), Some("N"), _) => Heard::Reversed { refunded: None },
        (Some("SUCCESS"), _, _) => Heard::Again,
        (_, _, "USERPAYING") => Heard::StillPaying,
        (_, _, "REVERSE_EXPIRE" | "INVALID_TRANSACTIONID" | "TRADE_ERROR") => {
            Heard::Cannot(code(fields).to_owned())
        }
        (_, _, other) => Heard::Unknown(other.to_owned()),
    }
}

impl Tongue for Wechat {
    fn prefix(&self) -> &'static str {
        "13"
    }

    fn pay(&self, number: &str, amount: i64, code: &str, _now_ms: i64) -> Request {
        self.send(MICROPAY_PATH, &self.micropay(number, amount, code).fields())
    }

    fn query(&self, number: &str, _now_ms: i64) -> Request {
        let call = OrderQueryRequest { transaction_id: None, out_trade_no: Some(number.to_owned()) };
        self.send(ORDERQUERY_PATH, &call.fields())
    }

    fn reverse(&self, number: &str, _now_ms: i64) -> Request {
        let call = ReverseRequest { transaction_id: None, out_trade_no: Some(number.to_owned()) };
        self.send(REVERSE_PATH, &call.fields())
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
            out_trade_no: Some(order.0.to_owned()),
            out_refund_no: refund.0.to_owned(),
            total_fee: order.1,
            refund_fee: refund.1,
            ..RefundRequest::default()
        };
        self.send(REFUND_PATH, &call.fields())
    }

    fn refund_query(&self, _number: &str, refund_no: &str, _now_ms: i64) -> Request {
        let call =
            RefundQueryRequest { out_refund_no: Some(refund_no.to_owned()), ..RefundQueryRequest::default() };
        self.send(REFUNDQUERY_PATH, &call.fields())
    }

    fn hear_refund(&self, response: &Response, refund: (&str, i64)) -> Back {
        let fields = match self.fields(response) {
            Ok(fields) => fields,
            Err(why) => return Back::Unknown(why),
        };
        match (fields.get("result_code"), code(&fields)) {
            (Some("SUCCESS"), _) => {
                let ours = fields.get("out_refund_no") == Some(refund.0)
                    && fields.get("refund_fee") == Some(refund.1.to_string().as_str());
                if ours { Back::Taken } else { Back::Unknown("not ours".to_owned()) }
            }
            (_, again @ ("SYSTEMERROR" | "BIZERR_NEED_RETRY" | "FREQUENCY_LIMITED")) => {
                Back::Unknown(again.to_owned())
            }
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
            (Some("REFUNDCLOSE"), _) => Back::Closed,
            (Some("CHANGE"), _) => Back::Abnormal,
            (_, "REFUNDNOTEXIST") => Back::Nothing,
            (_, other) => Back::Unknown(other.to_owned()),
        }
    }

    fn reverse_not_before_ms(&self) -> i64 {
        15_000
    }
}
