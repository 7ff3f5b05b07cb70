//! UnionPay ACP as the till speaks it.

use simulator::Account;
use wire::acp::{
    AcpMerchant, BACK_TRANS_PATH, ConsumeRequest, Original, QUERY_TRANS_PATH, QueryRequest, RefundRequest,
    Registered, ReversalRequest, Signer, Trust, parse_response, request,
};
use wire::http::{Request, Response};
use wire::sign::SigningKey;
use wire::text::Fields;

use super::{Back, Heard, Till, Tongue};

pub const MER_ID: &str = "777000000000001";
/// A till that means an order says when it was made: all of these were made in the morning (unionpay.md §11, trap 2).
pub const TIME: &str = "20260315100000";
/// And their refunds in the evening.
pub const EVENING: &str = "20260315180000";
const CERT_ID: &str = "69000000002";

pub struct Acp(pub AcpMerchant);

/// The merchant's key, and UnionPay's: stand-ins that are fast and as deterministic as RSA is.
pub fn account() -> Account {
    Account::Acp {
        mer_id: MER_ID.to_owned(),
        registered: Registered {
            cert_id: CERT_ID.to_owned(),
            key: SigningKey::keyed_hash([5; 32]).verifying_key(),
        },
        signer: Signer { key: SigningKey::keyed_hash([6; 32]), certificate: String::new() },
    }
}

pub fn acp() -> Acp {
    Acp(AcpMerchant {
        mer_id: MER_ID.to_owned(),
        cert_id: CERT_ID.to_owned(),
        key: SigningKey::keyed_hash([5; 32]),
        trust: Trust::keyed_hash([6; 32]),
    })
}

impl Acp {
    pub fn consume(&self, number: &str, amount: i64, code: &str) -> ConsumeRequest {
        ConsumeRequest {
            order_id: number.to_owned(),
            txn_time: TIME.to_owned(),
            txn_amt: amount,
            qr_no: code.into(),
            term_id: Some("00000001".to_owned()),
            back_url: "http://gw.test.invalid/notify".to_owned(),
            order_desc: Some("门店收款".to_owned()),
            req_reserved: None,
        }
    }

    pub fn refund_of(&self, original: Original, refund: (&str, i64)) -> RefundRequest {
        RefundRequest {
            order_id: self.refund_no(refund.0),
            txn_time: EVENING.to_owned(),
            txn_amt: refund.1,
            original,
            back_url: "http://gw.test.invalid/notify".to_owned(),
        }
    }

    pub fn send(&self, fields: &Fields) -> Request {
        let path = if fields.get("txnType") == Some("00") { QUERY_TRANS_PATH } else { BACK_TRANS_PATH };
        request(path, &self.0, fields)
    }

    /// The query of any transaction.
    pub fn ask(&self, number: &str, time: &str) -> Request {
        self.send(&QueryRequest { order_id: number.to_owned(), txn_time: time.to_owned() }.fields())
    }

    /// The verified fields, or why there are none.
    pub fn fields(&self, response: &Response) -> Result<Fields, String> {
        if response.status != 200 {
            return Err(format!("status {}", response.status));
        }
        let reply = parse_response(&response.body).map_err(|error| error.to_string())?;
        let answer = reply.verify(&self.0, super::MORNING).map_err(|error| error.to_string())?;
        Ok(answer.into_value().fields().clone())
    }

    fn hear<T>(
        &self,
        response: &Response,
        number: &str,
        unknown: fn(String) -> T,
        read: fn(&Fields) -> T,
    ) -> T {
        let fields = match self.fields(response) {
            Ok(fields) => fields,
            Err(why) => return unknown(why),
        };
        if fields.get("merId") != Some(MER_ID) || fields.get("orderId") != Some(number) {
            return unknown("not ours".to_owned());
        }
        read(&fields)
    }
}

pub fn code(fields: &Fields) -> &str {
    fields.get("respCode").unwrap()
}

fn fen(fields: &Fields, name: &str) -> i64 {
    fields.get(name).unwrap().parse().unwrap()
}

/// The codes that say nothing certain (unionpay.md §5.5).
fn unsure(code: &str) -> bool {
    ["03", "04", "06", "99"].contains(&code)
}

fn hear_pay(fields: &Fields) -> Heard {
    match code(fields) {
        "00" | "05" => Heard::Accepted,
        code if unsure(code) => Heard::Unknown("system error".to_owned()),
        "12" => Heard::Unknown("12".to_owned()),
        code => Heard::Declined(code.to_owned()),
    }
}

fn hear_query(fields: &Fields) -> Heard {
    match code(fields) {
        "34" => return Heard::NotFound,
        "00" => {}
        code if unsure(code) => return Heard::Unknown("system error".to_owned()),
        code => return Heard::Unknown(code.to_owned()),
    }
    match fields.get("origRespCode").unwrap() {
        "00" | "A6" => Heard::Paid { total: fen(fields, "txnAmt"), paid: fen(fields, "settleAmt") },
        "03" | "04" | "05" | "70" | "82" | "83" => Heard::Asking,
        _ => Heard::Closed,
    }
}

fn hear_reverse(fields: &Fields) -> Heard {
    match code(fields) {
        // A number that was never seen needs no undoing; a query has to agree anyhow (unionpay.md §5.4).
        "00" | "46" | "34" => Heard::Reversed { refunded: None },
        "05" => Heard::Again,
        code if unsure(code) => Heard::Again,
        code => Heard::Cannot(code.to_owned()),
    }
}

fn hear_refund(fields: &Fields) -> Back {
    match code(fields) {
        // "Duplicate" is said of what was taken up before.
        "00" | "12" => Back::Taken,
        code if unsure(code) => Back::Unknown("system error".to_owned()),
        code => Back::Refused(code.to_owned()),
    }
}

fn hear_refund_query(fields: &Fields) -> Back {
    match code(fields) {
        "34" => return Back::Nothing,
        "00" => {}
        code => return Back::Unknown(code.to_owned()),
    }
    match fields.get("origRespCode").unwrap() {
        "00" => Back::Done(fen(fields, "txnAmt")),
        "03" | "04" | "05" => Back::Taken,
        _ => Back::Closed,
    }
}

impl Tongue for Acp {
    fn prefix(&self) -> &'static str {
        "62"
    }

    fn name(&self) -> &'static str {
        "acp"
    }

    fn length(&self) -> usize {
        19
    }

    /// At least eight letters and digits.
    fn refund_no(&self, refund_no: &str) -> String {
        format!("{:0>8}", refund_no.replace('-', "X"))
    }

    fn pay(&self, number: &str, amount: i64, code: &str, _now_ms: i64) -> Request {
        self.send(&self.consume(number, amount, code).fields())
    }

    fn query(&self, number: &str, _now_ms: i64) -> Request {
        self.ask(number, TIME)
    }

    fn reverse(&self, number: &str, _now_ms: i64) -> Request {
        let reversal = ReversalRequest {
            order_id: number.to_owned(),
            txn_time: TIME.to_owned(),
            back_url: "http://gw.test.invalid/notify".to_owned(),
        };
        self.send(&reversal.fields())
    }

    fn hear_pay(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, number, Heard::Unknown, hear_pay)
    }

    fn hear_query(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, number, Heard::Unknown, hear_query)
    }

    fn hear_reverse(&self, response: &Response, number: &str) -> Heard {
        self.hear(response, number, Heard::Unknown, hear_reverse)
    }

    fn refund(&self, order: (&str, i64), refund: (&str, i64), _now_ms: i64) -> Request {
        let original = Original::Order { order_id: order.0.to_owned(), txn_time: TIME.to_owned() };
        self.send(&self.refund_of(original, refund).fields())
    }

    fn refund_query(&self, _number: &str, refund_no: &str, _now_ms: i64) -> Request {
        self.ask(&self.refund_no(refund_no), EVENING)
    }

    fn hear_refund(&self, response: &Response, refund: (&str, i64)) -> Back {
        self.hear(response, &self.refund_no(refund.0), Back::Unknown, hear_refund)
    }

    fn hear_refund_query(&self, response: &Response, refund_no: &str) -> Back {
        self.hear(response, &self.refund_no(refund_no), Back::Unknown, hear_refund_query)
    }

    fn reverse_not_before_ms(&self) -> i64 {
        0
    }
}

/// The signed answer to a request.
pub fn told(till: &mut Till<'_>, acp: &Acp, request: &Request) -> Fields {
    let response = till.call(request).response.expect("an answer");
    acp.fields(&response).expect("a signed answer")
}

/// `respCode`, and `origRespCode` where there is one.
pub fn codes(till: &mut Till<'_>, acp: &Acp, request: &Request) -> String {
    let fields = told(till, acp, request);
    match fields.get("origRespCode") {
        Some(original) => format!("{}/{original}", code(&fields)),
        None => code(&fields).to_owned(),
    }
}
