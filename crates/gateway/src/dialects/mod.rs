//! Our reading of each channel: a call becomes a message, an answer becomes one word of a closed set.
//!
//! Pure: keys are values, times and nonces are arguments. A code that is in no table is *unknown*; a table entry carries
//! its source and its advice. The simulator never sees this folder, so that one wrong reading cannot hide in both.

pub mod acp;
pub mod alipay;
pub mod icbc;
pub mod qra;
pub mod table;
pub mod terminal;
mod text;
pub mod wechat_v2;
pub mod wechat_v3;

use payment::auth_code::AuthCode;
use payment::exchange::{Answer, Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::{Request, Response};

use crate::store::Sale;

/// One call, and everything that its message may need.
pub struct Asking<'a> {
    /// What is asked.
    pub call: Call,
    /// The intent: number, amount, payee, when it was opened. Query and reversal use nothing else.
    pub intent: &'a Intent,
    /// What the till said; only a submit carries it.
    pub sale: &'a Sale,
    /// The refund; present for a refund and its query, and for nothing else.
    pub refund: Option<&'a RefundIntent>,
    /// The payment code; present for a submit and for nothing else.
    pub code: Option<&'a AuthCode>,
    /// Now, for time stamps and for the expiry that goes out with every pay.
    pub now: Time,
    /// Fresh random bytes for nonces.
    pub nonce: [u8; 16],
}

/// A message on its way out.
pub struct Outgoing {
    /// The request.
    pub request: Request,
    /// Whether the TLS connection must carry the account's client certificate.
    pub client_certificate: bool,
}

/// What a probe of an account showed. A probe is a signed query of a number that cannot exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// Keys, merchant and clock are accepted, and the channel's own signature verifies.
    Healthy,
    /// The channel, or our check of its signature, refuses: which key or number, and what to do about it.
    Misconfigured {
        /// What is wrong, naming the value's place in the configuration; Chinese and English.
        what: String,
        /// The channel's own code and text.
        said: String,
    },
    /// Nothing certain: no connection, no answer, no sense.
    Unclear {
        /// What was seen.
        said: String,
    },
}

/// How one channel account is spoken to.
pub trait Dialect: Send + Sync {
    /// The channel.
    fn channel(&self) -> Channel;
    /// Who is paid through this account; part of every intent.
    fn payee(&self) -> Payee;
    /// The message of a call.
    fn request(&self, asking: &Asking<'_>) -> Outgoing;
    /// What an answer means that is read at a moment; `refund` as in [`Asking::refund`]. The moment matters where an answer
    /// comes with a certificate of its own.
    fn answer(
        &self,
        now: Time,
        call: Call,
        intent: &Intent,
        refund: Option<&RefundIntent>,
        response: &Response,
    ) -> Answer;
    /// The message of a further question, where a query's answer cannot be understood without it (WeChat's REFUND does
    /// not say how much was given back).
    fn further(&self, _asking: &Asking<'_>, _response: &Response) -> Option<Outgoing> {
        None
    }
    /// What a query's answer means together with the answer to the further question.
    fn answer_further(&self, now: Time, intent: &Intent, first: &Response, _further: &Response) -> Answer {
        self.answer(now, Call::Query, intent, None, first)
    }
    /// The same question in a form whose answer can be believed, where this one's cannot. Its answer takes the first one's
    /// place. Only what moves no money is asked twice.
    fn again(&self, _asking: &Asking<'_>, _response: &Response) -> Option<Outgoing> {
        None
    }
    /// What must be fetched before an answer can be checked: the certificate that it names and that nobody knows here.
    fn proof(&self, _now: Time, _response: &Response) -> Option<Outgoing> {
        None
    }
    /// Takes in what was fetched for an answer, if it proves itself, and says whether it did. Then the answer is read anew.
    fn prove(&self, _now: Time, _response: &Response, _fetched: &Response) -> bool {
        false
    }
    /// The message of a probe.
    fn probe(&self, number: &str, now: Time, nonce: [u8; 16]) -> Outgoing;
    /// What the answer to a probe shows, read at a moment.
    fn probed(&self, now: Time, response: &Response) -> Probed;
    /// The message that fetches the channel's keys, where they are due: they change, and do not stand in the configuration
    /// (WeChat APIv3's platform certificates). Whoever takes it sends it.
    fn keys_request(&self, _now: Time, _nonce: [u8; 16]) -> Option<Outgoing> {
        None
    }
    /// Takes in the answer to [`Dialect::keys_request`]: healthy once the keys are taken in.
    fn keys_taken(&self, _now: Time, _response: &Response) -> Probed {
        Probed::Healthy
    }
    /// Whether a reversal needs a client certificate (WeChat APIv2).
    fn undo_needs_certificate(&self) -> bool;
}
