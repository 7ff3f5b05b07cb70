//! Alipay's gateway as the till speaks it.

use wire::alipay::{
    App, CANCEL_METHOD, CancelRequest, Node, PAY_METHOD, PayRequest, QUERY_METHOD, QueryRequest,
    REFUND_METHOD, REFUND_QUERY_METHOD, RefundQueryRequest, RefundRequest, reply, request,
};
use wire::http::{Request, Response};
use wire::sign::SigningKey;
use wire::text::beijing;
use wire::verified::Verified;

use super::{Back, Heard, MORNING, Tongue};

pub struct Alipay(pub App);

/// The application's key, and Alipay's: stand-ins that are fast and as deterministic as RSA is.
pub fn app_key() -> SigningKey {
    SigningKey::keyed_hash([1; 32])
}

pub fn alipay_key() -> SigningKey {
    SigningKey::keyed_hash([2; 32])
}

pub fn alipay() -> Alipay {
    Alipay(App::with_key("2014072300007148", app_key(), alipay_key().verifying_key()))
}

impl Alipay {
    pub fn trade(&self, number: &str, amount: i64, code: &str) -> PayRequest {
        PayRequest {
            out_trade_no: number.to_owned(),
            total_amount: amount,
            subject: "门店收款".to_owned(),
            auth_code: code.into(),
            scene: "bar_code".to_owned(),
            product_code: None,
            seller_id: None,
            body: None,
            store_id: None,
            operator_id: None,
            terminal_id: None,
            alipay_store_id: None,
            terminal_params: None,
            timeout_express: None,
            sys_service_provider_id: None,
            mc_create_trade_ip: None,
            sub_merchant: None,
            bkagent_req_info: None,
            query_options: Vec::new(),
        }
    }

    pub fn send(&self, method: &str, biz_content: &str, now_ms: i64) -> Request {
        request(&self.0, method, biz_content, &beijing::spaced(now_ms))
    }

    /// The verified node, or why there is none.
    pub fn node(&self, response: &Response, method: &str) -> Result<Verified<Node>, String> {
        if response.status != 200 {
            return Err(format!("status {}", response.status));
        }
        reply(&response.body, &self.0, method, MORNING).map_err(|error| error.to_string())
    }

    fn hear(
        &self,
        response: &Response,
        method: &str,
        number: &str,
        read: fn(&Verified<Node>) -> Option<Heard>,
    ) -> Heard {
        let node = match self.node(response, method) {
            Ok(node) => node,
            Err(why) => return Heard::Unknown(why),
        };
        if node.out_trade_no().is_some_and(|theirs| theirs != number) {
            return Heard::Unknown("not ours".to_owned());
        }
        read(&node).unwrap_or_else(|| unknown(&node))
    }
}

fn unknown(node: &Verified<Node>) -> Heard {
    let sub_code = node.sub_code().unwrap_or("");
    Heard::Unknown(match node.code() {
        _ if sub_code.ends_with("SYSTEM_ERROR") => "ACQ.SYSTEM_ERROR".to_owned(),
        Some("40004") => sub_code.to_owned(),
        code => format!("{} {sub_code}", code.unwrap_or("")),
    })
}

fn paid(node: &Verified<Node>) -> Option<Heard> {
    let sum = |amount: Result<Option<i64>, _>| amount.ok().flatten();
    Some(Heard::Paid { total: sum(node.total_amount())?, paid: sum(node.buyer_pay_amount())? })
}

fn hear_pay(node: &Verified<Node>) -> Option<Heard> {
    match (node.code()?, node.sub_code()) {
        ("10000", _) => paid(node),
        ("10003", _) => Some(Heard::Asking),
        ("40004", Some(sub_code)) => {
            let asks = ["SYSTEM_ERROR", "TRADE_HAS_SUCCESS", "TRADE_HAS_CLOSE", "CONTEXT_INCONSISTENT"];
            let other = ["TRADE_BUYER_NOT_MATCH", "TRADE_STATUS_ERROR"];
            let open = asks.iter().chain(&other).any(|name| sub_code.ends_with(name));
            (!open).then(|| Heard::Declined(sub_code.to_owned()))
        }
        _ => None,
    }
}

fn hear_query(node: &Verified<Node>) -> Option<Heard> {
    match (node.code()?, node.sub_code(), node.trade_status()) {
        ("10000", _, Some("TRADE_SUCCESS")) => paid(node),
        ("10000", _, Some("WAIT_BUYER_PAY")) => Some(Heard::Asking),
        ("10000", _, Some("TRADE_CLOSED")) => Some(Heard::Closed),
        (_, Some("ACQ.TRADE_NOT_EXIST"), _) => Some(Heard::NotFound),
        _ => None,
    }
}

fn hear_cancel(node: &Verified<Node>) -> Option<Heard> {
    match (node.code()?, node.retry_flag(), node.action()) {
        ("10000", Some("N"), action) => {
            Some(Heard::Reversed { refunded: action.map(|action| action == "refund") })
        }
        (_, Some("Y"), _) => Some(Heard::Again),
        ("40004", _, _) => Some(Heard::Cannot(node.sub_code()?.to_owned())),
        _ => None,
    }
}

impl Tongue for Alipay {
    fn prefix(&self) -> &'static str {
        "28"
    }

    fn pay(&self, number: &str, amount: i64, code: &str, now_ms: i64) -> Request {
        self.send(PAY_METHOD, &self.trade(number, amount, code).biz_content(), now_ms)
    }

    fn query(&self, number: &str, now_ms: i64) -> Request {
        let call = QueryRequest { out_trade_no: Some(number.to_owned()), ..QueryRequest::default() };
        self.send(QUERY_METHOD, &call.biz_content(), now_ms)
    }

    fn reverse(&self, number: &str, now_ms: i64) -> Request {
        let call = CancelRequest { out_trade_no: Some(number.to_owned()), trade_no: None };
        self.send(CANCEL_METHOD, &call.biz_content(), now_ms)
    }

    fn hear_pay(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, PAY_METHOD, number, hear_pay)
    }

    fn hear_query(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, QUERY_METHOD, number, hear_query)
    }

    fn hear_reverse(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, CANCEL_METHOD, number, hear_cancel)
    }

    fn refund(&self, order: (&str, i64), refund: (&str, i64), now_ms: i64) -> Request {
        let call = RefundRequest {
            out_trade_no: Some(order.0.to_owned()),
            out_request_no: Some(refund.0.to_owned()),
            refund_amount: refund.1,
            ..RefundRequest::default()
        };
        self.send(REFUND_METHOD, &call.biz_content(), now_ms)
    }

    fn refund_query(&self, number: &str, refund_no: &str, now_ms: i64) -> Request {
        let call = RefundQueryRequest {
            out_trade_no: Some(number.to_owned()),
            out_request_no: refund_no.to_owned(),
            ..RefundQueryRequest::default()
        };
        self.send(REFUND_QUERY_METHOD, &call.biz_content(), now_ms)
    }

    fn hear_refund(&self, response: &Response, refund: (&str, i64)) -> Back {
        let node = match self.node(response, REFUND_METHOD) {
            Ok(node) => node,
            Err(why) => return Back::Unknown(why),
        };
        match (node.code(), node.fund_change()) {
            (Some("10000"), Some("Y")) => Back::Done(refund.1),
            (Some("10000"), Some("N")) => Back::Taken,
            (Some("40004"), _) if !node.sub_code().unwrap().ends_with("SYSTEM_ERROR") => {
                Back::Refused(node.sub_code().unwrap().to_owned())
            }
            (code, _) => Back::Unknown(code.unwrap_or("").to_owned()),
        }
    }

    fn hear_refund_query(&self, response: &Response, refund_no: &str) -> Back {
        let node = match self.node(response, REFUND_QUERY_METHOD) {
            Ok(node) => node,
            Err(why) => return Back::Unknown(why),
        };
        match (node.code(), node.refund_status()) {
            (Some("10000"), Some("REFUND_SUCCESS")) if node.out_request_no() == Some(refund_no) => {
                Back::Done(node.refund_amount().unwrap().unwrap())
            }
            (Some("10000"), None) => Back::Nothing,
            (code, _) => Back::Unknown(format!("{} {}", code.unwrap_or(""), node.sub_code().unwrap_or(""))),
        }
    }

    fn reverse_not_before_ms(&self) -> i64 {
        0
    }
}
