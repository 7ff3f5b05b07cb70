//! ICBC's F1 as the till speaks it.

use std::cell::{Cell, RefCell};

use simulator::Account;
use wire::http::{Request, Response};
use wire::icbc::{
    App, Content, PAY_PATH, PayRequest, QUERY_PATH, QueryRequest, REJECT_PATH, REJECT_QUERY_PATH,
    REVERSE_PATH, RejectQueryRequest, RejectRequest, ReverseRequest, reply, request,
};
use wire::sign::{RsaHash, SigningKey};
use wire::text::beijing;
use wire::verified::Verified;

use super::{Back, Heard, Till, Tongue};

pub const MER_ID: &str = "020000000001";

pub struct Icbc {
    pub app: App,
    /// Message numbers are never used twice.
    pub messages: Cell<u32>,
    /// The order whose refunds were last asked for.
    pub listed: RefCell<String>,
}

/// The application's key, and the gateway's: stand-ins that are fast and as deterministic as RSA is.
pub fn app_key() -> SigningKey {
    SigningKey::keyed_hash([3; 32])
}

pub fn gateway_key() -> SigningKey {
    SigningKey::keyed_hash([4; 32])
}

pub fn account() -> Account {
    Account::Icbc {
        app_id: "10000000000000000001".to_owned(),
        mer_id: MER_ID.to_owned(),
        app_public_key: app_key().verifying_key(),
        gateway_signing_key: gateway_key(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    }
}

pub fn icbc() -> Icbc {
    let app = App {
        app_id: "10000000000000000001".to_owned(),
        signing_key: app_key(),
        request_hash: RsaHash::Sha256,
        gateway_key: gateway_key().verifying_key(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    };
    Icbc { app, messages: Cell::new(0), listed: RefCell::default() }
}

impl Icbc {
    pub fn sale(&self, number: &str, amount: i64, code: &str, now_ms: i64) -> PayRequest {
        let at = beijing::compact(now_ms);
        PayRequest {
            qr_code: code.into(),
            mer_id: MER_ID.to_owned(),
            out_trade_no: number.to_owned(),
            order_amt: amount,
            trade_date: at[..8].to_owned(),
            trade_time: at[8..].to_owned(),
            attach: None,
        }
    }

    pub fn send(&self, path: &str, biz_content: &str, now_ms: i64) -> Request {
        self.messages.set(self.messages.get() + 1);
        self.send_as(path, &format!("M{}", self.messages.get()), biz_content, now_ms)
    }

    pub fn send_as(&self, path: &str, msg_id: &str, biz_content: &str, now_ms: i64) -> Request {
        request(&self.app, path, msg_id, biz_content, &beijing::spaced(now_ms))
    }

    /// The verified content, or why there is none.
    pub fn content(&self, response: &Response) -> Result<Verified<Content>, String> {
        if response.status != 200 {
            return Err(format!("status {}", response.status));
        }
        reply(&response.body, &self.app).map_err(|error| error.to_string())
    }

    fn hear(
        &self,
        response: &Response,
        number: &str,
        read: fn(&Verified<Content>) -> Option<Heard>,
    ) -> Heard {
        let content = match self.content(response) {
            Ok(content) => content,
            Err(why) => return Heard::Unknown(why),
        };
        let other_number = content.out_trade_no().is_some_and(|theirs| theirs != number);
        let other_merchant = content.order_id().is_some_and(|id| !id.starts_with(MER_ID));
        if other_number || other_merchant {
            return Heard::Unknown("not ours".to_owned());
        }
        let unknown = || {
            let code = content.return_code().unwrap_or_default();
            // The two documented shapes of a system error.
            let unsure = ["-1", "500099"].contains(&code.as_str());
            Heard::Unknown(if unsure { "system error".to_owned() } else { code })
        };
        read(&content).unwrap_or_else(unknown)
    }
}

fn paid(content: &Verified<Content>) -> Option<Heard> {
    let sum = |amount: Result<Option<i64>, _>| amount.ok().flatten();
    Some(Heard::Paid { total: sum(content.total_amt())?, paid: sum(content.payment_amt())? })
}

fn hear_pay(content: &Verified<Content>) -> Option<Heard> {
    match (content.return_code()?.as_str(), content.pay_status()?.as_str()) {
        ("0", "1") => paid(content),
        ("0", "0") => Some(Heard::Asking),
        ("0", "2") => Some(Heard::Declined("2".to_owned())),
        ("0", "-1") => Some(Heard::DeclinedAsk("-1".to_owned())),
        _ => None,
    }
}

fn hear_query(content: &Verified<Content>) -> Option<Heard> {
    if ["5940021", "5940022"].contains(&content.return_code()?.as_str()) {
        return Some(Heard::NotFound);
    }
    match (content.return_code()?.as_str(), content.pay_status()?.as_str()) {
        ("0", "1" | "6") => paid(content),
        ("0", "0") => Some(Heard::Asking),
        ("0", "2" | "3" | "5") => Some(Heard::Closed),
        _ => None,
    }
}

fn hear_reverse(content: &Verified<Content>) -> Option<Heard> {
    match content.return_code()?.as_str() {
        "0" => {
            let returned = content.real_reject_amt().ok()??;
            Some(Heard::Reversed { refunded: Some(returned > 0) })
        }
        // No such order: done as far as a reversal can be, and the query has the last word.
        "5940021" | "5940022" => Some(Heard::Reversed { refunded: None }),
        "-1" => Some(Heard::Again),
        code @ ("93008595" | "5920004" | "5920005") => Some(Heard::Cannot(code.to_owned())),
        _ => None,
    }
}

pub fn content(till: &mut Till<'_>, icbc: &Icbc, request: &Request) -> Verified<Content> {
    let response = till.call(request).response.expect("an answer");
    icbc.content(&response).expect("a signed answer")
}

/// `return_code`, and `pay_status` where there is one.
pub fn told(till: &mut Till<'_>, icbc: &Icbc, request: &Request) -> String {
    let content = content(till, icbc, request);
    let code = content.return_code().unwrap();
    content.pay_status().map_or(code.clone(), |status| format!("{code}/{status}"))
}

pub fn pay(till: &mut Till<'_>, icbc: &Icbc, number: &str, amount: i64, code: &str) -> String {
    let request = icbc.pay(number, amount, code, till.now_ms);
    told(till, icbc, &request)
}

pub fn query(till: &mut Till<'_>, icbc: &Icbc, number: &str) -> String {
    let request = icbc.query(number, till.now_ms);
    told(till, icbc, &request)
}

pub fn reverse_with(
    till: &mut Till<'_>,
    icbc: &Icbc,
    number: &str,
    reject_no: Option<&str>,
) -> Verified<Content> {
    let reverse = ReverseRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: number.to_owned(),
        reject_no: reject_no.map(str::to_owned),
        ..ReverseRequest::default()
    };
    let request = icbc.send(REVERSE_PATH, &reverse.biz_content(), till.now_ms);
    content(till, icbc, &request)
}

pub fn reject(
    till: &mut Till<'_>,
    icbc: &Icbc,
    number: &str,
    reject_no: &str,
    amount: i64,
) -> Verified<Content> {
    let reject = RejectRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: Some(number.to_owned()),
        reject_no: reject_no.to_owned(),
        reject_amt: amount,
        ..RejectRequest::default()
    };
    let request = icbc.send(REJECT_PATH, &reject.biz_content(), till.now_ms);
    content(till, icbc, &request)
}

impl Tongue for Icbc {
    fn prefix(&self) -> &'static str {
        "62"
    }

    fn name(&self) -> &'static str {
        "icbc"
    }

    fn length(&self) -> usize {
        19
    }

    fn pay(&self, number: &str, amount: i64, code: &str, now_ms: i64) -> Request {
        self.send(PAY_PATH, &self.sale(number, amount, code, now_ms).biz_content(), now_ms)
    }

    fn query(&self, number: &str, now_ms: i64) -> Request {
        let query = QueryRequest {
            mer_id: MER_ID.to_owned(),
            out_trade_no: Some(number.to_owned()),
            ..QueryRequest::default()
        };
        self.send(QUERY_PATH, &query.biz_content(), now_ms)
    }

    fn reverse(&self, number: &str, now_ms: i64) -> Request {
        let reverse = ReverseRequest {
            mer_id: MER_ID.to_owned(),
            out_trade_no: number.to_owned(),
            ..ReverseRequest::default()
        };
        self.send(REVERSE_PATH, &reverse.biz_content(), now_ms)
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
        let reject = RejectRequest {
            mer_id: MER_ID.to_owned(),
            out_trade_no: Some(order.0.to_owned()),
            reject_no: refund.0.to_owned(),
            reject_amt: refund.1,
            ..RejectRequest::default()
        };
        self.send(REJECT_PATH, &reject.biz_content(), now_ms)
    }

    fn refund_query(&self, number: &str, refund_no: &str, now_ms: i64) -> Request {
        number.clone_into(&mut self.listed.borrow_mut());
        let list = RejectQueryRequest {
            mer_id: MER_ID.to_owned(),
            out_trade_no: number.to_owned(),
            reject_no: Some(refund_no.to_owned()),
            ..RejectQueryRequest::default()
        };
        self.send(REJECT_QUERY_PATH, &list.biz_content(), now_ms)
    }

    fn hear_refund(&self, response: &Response, _refund: (&str, i64)) -> Back {
        let content = match self.content(response) {
            Ok(content) => content,
            Err(why) => return Back::Unknown(why),
        };
        match content.return_code().unwrap().as_str() {
            "0" => Back::Taken,
            "-1" | "500099" => Back::Unknown("system error".to_owned()),
            code if code.len() == 6 => Back::Unknown(code.to_owned()),
            code => Back::Refused(code.to_owned()),
        }
    }

    fn hear_refund_query(&self, response: &Response, refund_no: &str) -> Back {
        let content = match self.content(response) {
            Ok(content) => content,
            Err(why) => return Back::Unknown(why),
        };
        match content.return_code().unwrap().as_str() {
            "0" => {}
            "5940021" | "5940022" => return Back::Nothing,
            code => return Back::Unknown(code.to_owned()),
        }
        if content.out_trade_no().as_ref() != Some(&*self.listed.borrow()) {
            return Back::Unknown("not ours".to_owned());
        }
        let lines = content.refunds().unwrap().unwrap();
        let Some(line) = lines.iter().find(|line| line.reject_no().as_deref() == Some(refund_no)) else {
            return if lines.is_empty() { Back::Nothing } else { Back::Unknown("not ours".to_owned()) };
        };
        match line.reject_status().unwrap().as_str() {
            "0" => Back::Taken,
            "1" => Back::Done(line.reject_amt().unwrap().unwrap()),
            _ => Back::Closed,
        }
    }

    fn reverse_not_before_ms(&self) -> i64 {
        0
    }
}
