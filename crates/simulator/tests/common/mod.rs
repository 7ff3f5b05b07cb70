//! A tiny well-behaved till for the tests: pays, polls, reverses and asks again, in virtual time.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a till that cannot read its own fixtures is a failed test")]

pub mod acp;
pub mod alipay;
pub mod icbc;
pub mod qra;
pub mod wechat;
pub mod wechat_v3;

use simulator::{Account, AlipayTerms, Caller, Dials, Ending, LedgerLine, Reaction, Settings, Simulator};
use wire::http::{Request, Response};
use wire::sign::ApiKey;

/// 2026-03-15 10:00:00 in Beijing.
pub const MORNING: i64 = 1_773_540_000_000;
/// An order of [`pay`].
pub const NUMBER: &str = "S20260315100000";
pub const API_KEY: &str = "192006250b4c09247ec02edce69f6a2d";

pub fn accounts() -> Vec<Account> {
    let wechat = Account::WechatV2 {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_mch_id: None,
        channel_id: None,
        api_key: ApiKey::new(API_KEY).unwrap(),
    };
    let alipay = Account::Alipay {
        app_id: "2014072300007148".to_owned(),
        seller_id: "2088990000000012".to_owned(),
        app_public_key: alipay::app_key().verifying_key(),
        alipay_signing_key: alipay::alipay_key(),
        terms: AlipayTerms::default(),
    };
    let qra = Account::Qra { mch_id: qra::MCH_ID.to_owned(), keys: qra::keys() };
    vec![wechat, alipay, qra, acp::account(), icbc::account(), wechat_v3::account()]
}

pub fn settings(dials: Dials) -> Settings {
    Settings { dials, ..Settings::new(accounts()) }
}

/// A gentle world but for what `turn` changes.
pub fn turned(turn: impl FnOnce(&mut Dials)) -> Simulator {
    let mut dials = Dials::gentle();
    turn(&mut dials);
    Simulator::new(settings(dials), 7)
}

pub fn gentle() -> Simulator {
    Simulator::new(settings(Dials::gentle()), 7)
}

/// What a till understands of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Paid {
        total: i64,
        paid: i64,
    },
    /// Taken up, and nothing is said of how it goes on.
    Accepted,
    Asking,
    Declined(String),
    DeclinedAsk(String),
    NotPaid,
    MustReverse,
    Closed,
    NotFound,
    Reversed {
        refunded: Option<bool>,
    },
    Again,
    StillPaying,
    Cannot(String),
    Unknown(String),
}

/// What a till understands of an answer about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    Done(i64),
    Taken,
    Closed,
    Abnormal,
    Nothing,
    Refused(String),
    Unknown(String),
}

/// How a channel's requests are made and its answers are read.
pub trait Tongue {
    fn prefix(&self) -> &'static str;
    /// Which expectations are its own: the first two digits of its codes, unless another channel has the same.
    fn name(&self) -> &'static str {
        self.prefix()
    }
    /// How many digits its codes have.
    fn length(&self) -> usize {
        18
    }
    /// A scenario's code in this channel's wallet.
    fn code(&self, number: u16, tail: u64) -> String {
        simulator::scenario::find(number).unwrap().code(self.prefix(), self.length(), tail)
    }
    fn pay(&self, number: &str, amount: i64, code: &str, now_ms: i64) -> Request;
    fn query(&self, number: &str, now_ms: i64) -> Request;
    fn reverse(&self, number: &str, now_ms: i64) -> Request;
    fn hear_pay(&self, response: &Response, number: &str) -> Heard;
    fn hear_query(&self, response: &Response, number: &str) -> Heard;
    fn hear_reverse(&self, response: &Response, number: &str) -> Heard;
    /// A refund of an order: its number and amount, the refund's number and amount.
    fn refund(&self, order: (&str, i64), refund: (&str, i64), now_ms: i64) -> Request;
    /// The merchant's number of a refund as it goes over the wire.
    fn refund_no(&self, refund_no: &str) -> String {
        refund_no.to_owned()
    }
    fn refund_query(&self, number: &str, refund_no: &str, now_ms: i64) -> Request;
    fn hear_refund(&self, response: &Response, refund: (&str, i64)) -> Back;
    fn hear_refund_query(&self, response: &Response, refund_no: &str) -> Back;
    /// Reversals are not sent earlier than this after the pay call, ms.
    fn reverse_not_before_ms(&self) -> i64;
}

/// Every channel that is served.
pub fn tongues() -> Vec<Box<dyn Tongue>> {
    vec![
        Box::new(wechat::wechat()),
        Box::new(alipay::alipay()),
        Box::new(qra::qra()),
        Box::new(acp::acp()),
        Box::new(icbc::icbc()),
        Box::new(wechat_v3::wechat_v3()),
    ]
}

/// One till at one channel.
pub struct Till<'a> {
    pub simulator: Simulator,
    pub tongue: &'a dyn Tongue,
    pub now_ms: i64,
    pub log: Vec<(i64, Heard)>,
}

const CALL_LIMIT_MS: i64 = 12_000;
const WINDOW_MS: i64 = 45_000;

impl<'a> Till<'a> {
    pub fn new(simulator: Simulator, tongue: &'a dyn Tongue) -> Self {
        Self { simulator, tongue, now_ms: MORNING, log: Vec::new() }
    }

    pub fn call(&mut self, request: &Request) -> Reaction {
        let caller = Caller { client_certificate: true, certificate_mch_id: None };
        self.simulator.handle(self.now_ms, caller, request)
    }

    /// Sends, waits no longer than the call limit, and reads what came.
    fn exchange(&mut self, request: &Request, hear: impl Fn(&Response) -> Heard) -> Heard {
        let started_ms = self.now_ms;
        let heard = match self.answer(request) {
            Ok(response) => hear(&response),
            Err(why) => Heard::Unknown(why.to_owned()),
        };
        self.log.push((started_ms, heard.clone()));
        heard
    }

    /// The answer, if it comes whole within the call limit.
    fn answer(&mut self, request: &Request) -> Result<Response, &'static str> {
        let reaction = self.call(request);
        let delay_ms = i64::try_from(reaction.delay_ms).unwrap();
        let (took_ms, answer) = match (reaction.response, reaction.ending) {
            _ if delay_ms > CALL_LIMIT_MS => (CALL_LIMIT_MS, Err("slow")),
            (Some(response), Ending::Whole) => (delay_ms, Ok(response)),
            (_, Ending::Silence { ms }) => (i64::try_from(ms).unwrap().min(CALL_LIMIT_MS), Err("silence")),
            (_, Ending::Truncate(_)) => (delay_ms, Err("truncated")),
            _ => (delay_ms, Err("cut")),
        };
        self.now_ms += took_ms;
        answer
    }

    pub fn refund(&mut self, order: (&str, i64), refund: (&str, i64)) -> Back {
        let request = self.tongue.refund(order, refund, self.now_ms);
        match self.answer(&request) {
            Ok(response) => self.tongue.hear_refund(&response, refund),
            Err(why) => Back::Unknown(why.to_owned()),
        }
    }

    pub fn refund_query(&mut self, number: &str, refund_no: &str) -> Back {
        let request = self.tongue.refund_query(number, refund_no, self.now_ms);
        match self.answer(&request) {
            Ok(response) => self.tongue.hear_refund_query(&response, refund_no),
            Err(why) => Back::Unknown(why.to_owned()),
        }
    }

    pub fn pay(&mut self, number: &str, amount: i64, code: &str) -> Heard {
        let tongue = self.tongue;
        let request = tongue.pay(number, amount, code, self.now_ms);
        let heard = self.exchange(&request, |response| tongue.hear_pay(response, number));
        // What is accepted is not decided: a query tells.
        if heard == Heard::Accepted { self.query(number) } else { heard }
    }

    pub fn query(&mut self, number: &str) -> Heard {
        let tongue = self.tongue;
        let request = tongue.query(number, self.now_ms);
        self.exchange(&request, |response| tongue.hear_query(response, number))
    }

    pub fn reverse(&mut self, number: &str) -> Heard {
        let tongue = self.tongue;
        let request = tongue.reverse(number, self.now_ms);
        self.exchange(&request, |response| tongue.hear_reverse(response, number))
    }

    pub fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
    }

    pub fn line(&mut self, number: &str) -> LedgerLine {
        self.simulator.settle_time(self.now_ms);
        let mut lines = self.simulator.ledger_of(number);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }

    /// Charged and returned, fen.
    pub fn money(&mut self, number: &str) -> (i64, i64) {
        let line = self.line(number);
        (line.charged, line.returned)
    }

    /// Sells once and says how it ended: `paid`, `failed`, `reversed`, `suspended`.
    pub fn sell(&mut self, number: &str, amount: i64, code: &str) -> &'static str {
        let began_ms = self.now_ms;
        match self.pay(number, amount, code) {
            Heard::Paid { .. } => return "paid",
            Heard::Declined(_) => return self.look_again(number, began_ms),
            Heard::DeclinedAsk(_) => {
                let heard = self.query(number);
                assert!(matches!(heard, Heard::NotFound | Heard::NotPaid | Heard::Closed), "{heard:?}");
                return "failed";
            }
            _ => {}
        }
        while self.now_ms - began_ms < WINDOW_MS {
            self.wait(5_000);
            match self.query(number) {
                Heard::Paid { .. } => return "paid",
                Heard::Closed => return "failed",
                Heard::MustReverse => break,
                _ => {}
            }
        }
        self.undo(number, began_ms)
    }

    /// The look at +60 s after a decline: what was charged all the same is given back.
    fn look_again(&mut self, number: &str, began_ms: i64) -> &'static str {
        self.now_ms = self.now_ms.max(began_ms + 60_000);
        if matches!(self.query(number), Heard::Paid { .. }) {
            let heard = self.reverse(number);
            assert!(matches!(heard, Heard::Reversed { .. }), "{heard:?}");
            assert_eq!(self.query(number), Heard::Closed);
        }
        "failed"
    }

    fn undo(&mut self, number: &str, began_ms: i64) -> &'static str {
        self.now_ms = self.now_ms.max(began_ms + self.tongue.reverse_not_before_ms());
        for _ in 0..10 {
            match self.reverse(number) {
                Heard::Reversed { .. } => break,
                Heard::Cannot(_) => return "suspended",
                _ => self.wait(5_000),
            }
        }
        for _ in 0..20 {
            match self.query(number) {
                Heard::Closed => return "reversed",
                Heard::NotFound if self.now_ms - began_ms > 60_000 => return "reversed",
                _ => self.wait(5_000),
            }
        }
        "undecided"
    }
}

/// A code without a scenario.
pub fn plain(tongue: &dyn Tongue, tail: u64) -> String {
    format!("{}{:0width$}", tongue.prefix(), 4_567_890_123_000_000 + tail, width = tongue.length() - 2)
}

/// Pays 25.00 under [`NUMBER`].
pub fn pay(till: &mut Till<'_>) -> Heard {
    pay_as(till, NUMBER, 0)
}

/// Pays 25.00 under another number, with a code of its own.
pub fn pay_as(till: &mut Till<'_>, number: &str, tail: u64) -> Heard {
    let code = plain(till.tongue, tail);
    till.pay(number, 2_500, &code)
}
