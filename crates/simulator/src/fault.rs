//! What happens to messages: lost, late, doubled, forged, torn, and calls that fail for no reason of their own.
//!
//! A call's conduct has four parts that vary freely: what is done ([`Work`]), what is said ([`Word`]), how the bytes
//! look ([`Paper`]) and how the connection ends ([`End`]).

use serde::{Deserialize, Serialize};
use wire::http::Response;

use crate::book::Key;
use crate::dial::Dials;
use crate::payer::Plan;
use crate::reaction::{Ending, Reaction};
use crate::refund::Course;
use crate::seed::{draw, hits, span_ms};

/// Which call of a merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Call {
    /// Charge a code.
    Pay = 0,
    /// Ask how an order stands.
    Query = 1,
    /// Undo an order.
    Reverse = 2,
    /// Give a part of a payment back.
    Refund = 3,
    /// Ask how a refund stands.
    RefundQuery = 4,
}

impl Call {
    /// The call's word in draws.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Query => "query",
            Self::Reverse => "reverse",
            Self::Refund => "refund",
            Self::RefundQuery => "refund query",
        }
    }
}

/// What the channel does about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// What was asked.
    Done,
    /// Nothing.
    NotDone,
    /// What was asked, twice over: the request was delivered twice.
    Twice,
    /// What was asked, so long after, ms.
    Late { after_ms: i64 },
}

/// What the channel says about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Word {
    /// What is so.
    True,
    /// A system error, signed.
    SystemError,
    /// Too many calls, signed.
    Limited,
    /// No such order.
    NotFound,
    /// Call again.
    Again,
    /// Refused for good.
    Refused,
    /// The payer is paying just now.
    StillPaying,
    /// Yes, though nothing was done.
    Yes,
    /// A refusal without a signature.
    Unsigned,
    /// What is so of another order.
    OtherOrder,
    /// What is so, but for the amount.
    OtherAmount,
    /// What is so, but for the merchant.
    OtherMerchant,
}

/// How an answer's bytes look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Paper {
    /// As they should.
    Clean,
    /// The signature is wrong.
    WrongSignature,
    /// A proxy's HTML page with status 502 instead.
    BadGateway,
    /// A byte order mark and the text in GBK.
    Charset,
    /// A byte order mark.
    Bom,
}

/// How the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// After the whole answer.
    Whole,
    /// Before the first byte.
    Cut,
    /// Before the first byte, after so long, ms.
    Silence { ms: u64 },
    /// In the middle of the body.
    Half,
}

/// All that happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Conduct {
    pub(crate) work: Work,
    pub(crate) word: Word,
    pub(crate) paper: Paper,
    pub(crate) end: End,
    /// How long the answer takes, ms.
    pub(crate) delay_ms: u64,
}

impl Conduct {
    /// As it should be.
    pub(crate) const PLAIN: Self =
        Self { work: Work::Done, word: Word::True, paper: Paper::Clean, end: End::Whole, delay_ms: 0 };

    /// Done, but this is said.
    pub(crate) const fn saying(word: Word) -> Self {
        Self { work: Work::Done, word, paper: Paper::Clean, end: End::Whole, delay_ms: 0 }
    }

    /// Not done, and this is said.
    pub(crate) const fn refusing(word: Word) -> Self {
        Self { work: Work::NotDone, word, paper: Paper::Clean, end: End::Whole, delay_ms: 0 }
    }

    /// Done, on this paper.
    pub(crate) const fn on(paper: Paper) -> Self {
        Self { work: Work::Done, word: Word::True, paper, end: End::Whole, delay_ms: 0 }
    }

    /// This is done, and the connection ends so.
    pub(crate) const fn ending(work: Work, end: End) -> Self {
        Self { work, word: Word::True, paper: Paper::Clean, end, delay_ms: 0 }
    }

    /// Done, slowly.
    pub(crate) const fn slow(delay_ms: u64) -> Self {
        Self { work: Work::Done, word: Word::True, paper: Paper::Clean, end: End::Whole, delay_ms }
    }
}

/// A conduct for some of the calls of one kind that name an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) call: Call,
    /// The first such call it holds for, from 1.
    pub(crate) from: u32,
    /// The last.
    pub(crate) to: u32,
    pub(crate) conduct: Conduct,
}

/// Whether the payer has a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Coupon {
    /// No.
    None,
    /// A fifth of the amount, 5.00 yuan at most; the channel pays it.
    Fifth,
}

impl Coupon {
    /// What the payer need not pay of an amount, fen. At least one fen is left to pay.
    pub(crate) fn discount(self, amount: i64) -> i64 {
        match self {
            Self::None => 0,
            Self::Fifth => (amount / 5).min(500).min(amount - 1).max(0),
        }
    }
}

/// Whether what is left unpaid dies by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Expiry {
    /// As the channel has it.
    On,
    /// Neither the dialog nor the order ever ends.
    Off,
}

/// What rules one order: its payer and its messages, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Script {
    pub(crate) plan: Plan,
    pub(crate) coupon: Coupon,
    pub(crate) expiry: Expiry,
    pub(crate) faults: Vec<Fault>,
    /// How the order's refunds go.
    #[serde(default)]
    pub(crate) refunds: Course,
}

impl Script {
    /// A payer who does this, and messages that fare so; no coupon, the channel's own expiry, refunds at once.
    pub(crate) fn plain(plan: Plan, faults: &[Fault]) -> Self {
        let (coupon, expiry, refunds) = (Coupon::None, Expiry::On, Course::AtOnce);
        Self { plan, coupon, expiry, faults: faults.to_vec(), refunds }
    }

    /// What this script does to the how-many-eth call of a kind.
    pub(crate) fn conduct(&self, call: Call, nth: u32) -> Conduct {
        let holds = |fault: &&Fault| fault.call == call && (fault.from..=fault.to).contains(&nth);
        self.faults.iter().find(holds).map_or(Conduct::PLAIN, |fault| fault.conduct)
    }
}

/// What the dials do to the how-many-eth call of a kind for an order without a script. Every chance is drawn by name.
pub(crate) fn drawn(dials: &Dials, seed: u64, key: &Key, call: Call, nth: u32) -> Conduct {
    let kind = call.word();
    let named = |word: &str| draw(seed, &["fault", word, kind, &key.account, &key.number], u64::from(nth));
    let own = match call {
        Call::Pay => pay_faults(dials, named("held up")),
        Call::Query | Call::RefundQuery => query_faults(dials),
        Call::Reverse => reverse_faults(dials),
        Call::Refund => refund_faults(dials, named("held up")),
    };
    let all = own.into_iter().chain(answer_faults(dials));
    let mut faults = all.filter(|(word, permille, _)| *permille > 0 && hits(named(word), *permille));
    let mut conduct = faults.next().map_or(Conduct::PLAIN, |(_, _, conduct)| conduct);
    if hits(named("slow"), dials.slow) {
        conduct.delay_ms = u64::try_from(span_ms(named("slow by"), 500, dials.slow_ms_max)).unwrap_or(0);
    }
    conduct
}

type Chance = (&'static str, u16, Conduct);

fn pay_faults(dials: &Dials, held_up: u64) -> Vec<Chance> {
    let after_ms = span_ms(held_up, 1, dials.pay_late_ms_max);
    vec![
        ("error charged", dials.pay_error_charged, Conduct::saying(Word::SystemError)),
        ("error lost", dials.pay_error_lost, Conduct::refusing(Word::SystemError)),
        ("answer lost", dials.pay_answer_lost, Conduct::ending(Work::Done, End::Cut)),
        ("request lost", dials.pay_request_lost, Conduct::ending(Work::NotDone, End::Cut)),
        ("late", dials.pay_late, Conduct::ending(Work::Late { after_ms }, End::Silence { ms: 60_000 })),
        ("twice", dials.pay_twice, Conduct::ending(Work::Twice, End::Whole)),
    ]
}

fn query_faults(dials: &Dials) -> Vec<Chance> {
    vec![
        ("error", dials.query_error, Conduct::refusing(Word::SystemError)),
        ("limited", dials.query_limited, Conduct::refusing(Word::Limited)),
        ("not found", dials.query_not_found, Conduct::refusing(Word::NotFound)),
        ("lost", dials.query_lost, Conduct::ending(Work::NotDone, End::Cut)),
    ]
}

fn reverse_faults(dials: &Dials) -> Vec<Chance> {
    vec![
        ("again", dials.reverse_again, Conduct::refusing(Word::Again)),
        ("yes", dials.reverse_does_nothing, Conduct::refusing(Word::Yes)),
        ("paying", dials.reverse_still_paying, Conduct::refusing(Word::StillPaying)),
        ("refused", dials.reverse_refused, Conduct::refusing(Word::Refused)),
        ("error", dials.reverse_error, Conduct::refusing(Word::SystemError)),
        ("error done", dials.reverse_error_done, Conduct::saying(Word::SystemError)),
        ("answer lost", dials.reverse_answer_lost, Conduct::ending(Work::Done, End::Cut)),
        ("request lost", dials.reverse_request_lost, Conduct::ending(Work::NotDone, End::Cut)),
    ]
}

fn refund_faults(dials: &Dials, held_up: u64) -> Vec<Chance> {
    let after_ms = span_ms(held_up, 1, dials.refund_late_ms_max);
    vec![
        ("error", dials.refund_error, Conduct::refusing(Word::SystemError)),
        ("error done", dials.refund_error_done, Conduct::saying(Word::SystemError)),
        ("answer lost", dials.refund_answer_lost, Conduct::ending(Work::Done, End::Cut)),
        ("request lost", dials.refund_request_lost, Conduct::ending(Work::NotDone, End::Cut)),
        ("late", dials.refund_late, Conduct::ending(Work::Late { after_ms }, End::Silence { ms: 60_000 })),
        ("twice", dials.refund_twice, Conduct::ending(Work::Twice, End::Whole)),
    ]
}

fn answer_faults(dials: &Dials) -> Vec<Chance> {
    vec![
        ("signature", dials.wrong_signature, Conduct::on(Paper::WrongSignature)),
        ("gateway", dials.bad_gateway, Conduct::on(Paper::BadGateway)),
        ("half", dials.truncated, Conduct::ending(Work::Done, End::Half)),
        ("charset", dials.charset, Conduct::on(Paper::Charset)),
        ("bom", dials.bom, Conduct::on(Paper::Bom)),
        ("order", dials.other_order, Conduct::saying(Word::OtherOrder)),
        ("amount", dials.other_amount, Conduct::saying(Word::OtherAmount)),
        ("merchant", dials.other_merchant, Conduct::saying(Word::OtherMerchant)),
        ("unsigned", dials.unsigned_refusal, Conduct::saying(Word::Unsigned)),
    ]
}

/// Sends a right answer the way this call's conduct has it.
pub(crate) fn deliver(conduct: &Conduct, response: Response) -> Reaction {
    let response = match conduct.paper {
        Paper::Clean | Paper::WrongSignature => response,
        Paper::BadGateway => bad_gateway(),
        Paper::Charset => {
            respelt(response, |body| encoding_rs::GBK.encode(&String::from_utf8_lossy(body)).0.into_owned())
        }
        Paper::Bom => respelt(response, <[u8]>::to_vec),
    };
    let (response, ending) = match conduct.end {
        End::Whole => (Some(response), Ending::Whole),
        End::Cut => (None, Ending::Cut),
        End::Silence { ms } => (None, Ending::Silence { ms }),
        End::Half => {
            let half = response.body.len() / 2;
            (Some(response), Ending::Truncate(half))
        }
    };
    Reaction { response, delay_ms: conduct.delay_ms, ending }
}

fn respelt(response: Response, spell: impl FnOnce(&[u8]) -> Vec<u8>) -> Response {
    let mut body = vec![0xef, 0xbb, 0xbf];
    body.extend(spell(&response.body));
    Response { status: response.status, headers: response.headers, body }
}

fn bad_gateway() -> Response {
    page(502, "502 Bad Gateway")
}

/// What a web server says of a path where nothing lives.
pub(crate) fn not_found() -> Response {
    page(404, "404 Not Found")
}

/// A web server's own page, unsigned HTML.
pub(crate) fn page(status: u16, title: &str) -> Response {
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    Response { status, headers, body: body.into_bytes() }
}
