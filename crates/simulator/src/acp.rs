//! UnionPay 全渠道 ACP 5.1.0 from UnionPay's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (unionpay.md §5, §10, §13). What goes over the wire comes from the ledger alone. A transaction is
//! named by the merchant's number *and* its time: the same number at another time is another one (§10, §11 trap 2).

mod answer;
mod refund;
mod words;

use std::collections::BTreeMap;

use wire::acp::{
    BACK_TRANS_PATH, Call as WireCall, Caller as Claims, ConsumeRequest, FILE_PATH, QUERY_TRANS_PATH,
    QueryRequest, Registered, ReversalRequest, Signer, parse_request, unsigned_refusal,
};
use wire::http::Method;
use wire::text::Fields;

use crate::book::{Ask, Check, Failure, Key, State};
use crate::calendar;
use crate::clearing::{Charge, Dialog, Trace, Undo};
use crate::fault::{self, Call, Conduct, Word, Work};
use crate::reaction::Reaction;
use crate::refund::RefundName;
use crate::seed::digits;
use crate::settings::Account;
use crate::visit::{Visit, shown};
use crate::wallet;
use answer::Speaker;

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "acp";

/// A payer who never answers keeps the order open for so long, chosen: the sheet names no end.
const LIFE_MS: i64 = 180_000;
/// A consume's time may be so far off, where the window is watched.
const CLOCK_MS_MAX: i64 = 600_000;
/// A settlement day begins at 23:00 (unionpay.md §5.4, §13).
const SETTLEMENT_AHEAD_MS: i64 = 3_600_000;
/// Why an order failed, as its query tells it.
const RESP_CODE: &str = "respCode";

/// The merchant that a call came from.
struct Merchant<'a> {
    mer_id: &'a str,
    registered: &'a Registered,
    signer: &'a Signer,
}

/// Whether a path is one of this channel.
pub(crate) fn is_own_path(path: &str) -> bool {
    [BACK_TRANS_PATH, QUERY_TRANS_PATH, FILE_PATH].contains(&path)
}

/// Serves one call. What cannot be attributed to a merchant is refused without a signature (unionpay.md §5.1).
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    let settings = visit.settings;
    let merchants: Vec<Merchant<'_>> = settings.accounts.iter().filter_map(merchant).collect();
    if merchants.is_empty() || visit.request.method != Method::Post {
        return Reaction::whole(fault::not_found());
    }
    let of = |mer_id: &str| merchants.iter().find(|merchant| merchant.mer_id == mer_id);
    let find = |mer_id: &str| of(mer_id).map(|merchant| merchant.registered.clone());
    let (claims, call) = match parse_request(&visit.request.path, &visit.request.body, find) {
        Ok(parsed) => parsed,
        Err(refusal) => {
            // Files come from a host of their own; any other web server has this path too.
            if visit.request.path == FILE_PATH && refusal.signed().is_none() {
                return Reaction::whole(fault::not_found());
            }
            let Some((caller, code)) = refusal.signed() else {
                return Reaction::whole(unsigned_refusal("31", &words::message("31")));
            };
            let merchant = of(&caller.mer_id).expect("the lookup has just found it");
            return Reaction::whole(Speaker::unnumbered(visit, merchant, &caller.echo).say(code));
        }
    };
    let merchant = of(&claims.mer_id).expect("its certificate has just fitted");
    match call {
        WireCall::Consume(request) => consume(visit, merchant, &claims, &request),
        WireCall::Query(request) => query(visit, merchant, &claims, &request),
        WireCall::Reversal(request) => reversal(visit, merchant, &claims, &request),
        WireCall::Void(request) => refund::void(visit, merchant, &claims, &request),
        WireCall::Refund(request) => refund::refund(visit, merchant, &claims, &request),
        WireCall::File(request) => {
            let mut echo = claims.echo.clone();
            echo.insert("settleDate", request.settle_date);
            echo.insert("fileType", request.file_type);
            // No files are made here yet.
            Reaction::whole(Speaker::unnumbered(visit, merchant, &echo).say("98"))
        }
    }
}

fn merchant(account: &Account) -> Option<Merchant<'_>> {
    match account {
        Account::Acp { mer_id, registered, signer } => Some(Merchant { mer_id, registered, signer }),
        Account::WechatV2 { .. }
        | Account::WechatV3 { .. }
        | Account::Alipay { .. }
        | Account::Qra { .. }
        | Account::Icbc { .. } => None,
    }
}

fn key_of(merchant: &Merchant<'_>, order_id: &str, txn_time: &str) -> Key {
    Key::timed(format!("acp/{}", merchant.mer_id), order_id, txn_time)
}

fn consume(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &ConsumeRequest,
) -> Reaction {
    let key = key_of(merchant, &request.order_id, &request.txn_time);
    let refuse = |visit: &Visit<'_>, code| {
        Reaction::whole(Speaker::unnumbered(visit, merchant, &claims.echo).say(code))
    };
    if let Some(code) = wrong(visit, request) {
        return refuse(visit, code);
    }
    if !visit.clearing.admits(visit.now_ms, &key.account) {
        return refuse(visit, words::BUSY);
    }
    let script = visit.script(request.qr_no.expose());
    visit.clearing.follow(CHANNEL, &key, script);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Pay);
    let ask = ask(visit, &key, request);
    let charge = match conduct.work {
        Work::Done | Work::Twice if !formed(request.qr_no.expose()) => {
            Some(visit.clearing.refuse_malformed(visit.now_ms, CHANNEL, &key, &ask))
        }
        work => visit.charge(CHANNEL, &key, &ask, work),
    };
    if let Some(Charge::Declined(why)) = charge {
        visit.clearing.book.change(&key, CHANNEL, |order| {
            order.facts.insert(RESP_CODE.to_owned(), words::decline(why).to_owned())
        });
    }
    let speaker = Speaker::new(visit, merchant, &claims.echo, &key, (Call::Pay, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, charge) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(charge)) => {
            speaker.charge(charge, &shown(visit.clearing, &key, order, order.state, &conduct))
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order or code is looked at (unionpay.md §5.1, §5.2).
fn wrong(visit: &Visit<'_>, request: &ConsumeRequest) -> Option<&'static str> {
    const INVALID: Option<&str> = Some("10");
    let code = request.qr_no.expose();
    if !(1..=20).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return INVALID;
    }
    if request.term_id.as_deref().is_some_and(|terminal| terminal.chars().count() != 8) {
        return INVALID;
    }
    if request.req_reserved.as_deref().is_some_and(|text| text.chars().count() > 1_024) {
        return INVALID;
    }
    let off_ms = |sent_ms: i64| (visit.now_ms - sent_ms).abs();
    let current = calendar::read_compact(&request.txn_time).is_some_and(|at| off_ms(at) <= CLOCK_MS_MAX);
    if visit.clearing.dials.timestamp_window && !current {
        return INVALID;
    }
    (request.txn_amt > visit.settings.max_order).then_some("33")
}

/// A code that UnionPay's wallets show (unionpay.md §2).
fn formed(code: &str) -> bool {
    wallet::of_code(code).is_some_and(|wallet| wallet.name == "unionpay")
}

fn ask(visit: &Visit<'_>, key: &Key, request: &ConsumeRequest) -> Ask {
    Ask {
        amount: request.txn_amt,
        code: request.qr_no.expose().to_owned(),
        transaction_no: query_id(visit, &[&key.account, &key.number]),
        expires_ms: None,
        life_ms: Some(LIFE_MS),
        dialog_ms: None,
        check: Check::NumberOnce,
        failure: Failure::Order,
        facts: BTreeMap::new(),
    }
}

/// UnionPay's number of a transaction, 21 digits; it is shown from the booking on (unionpay.md §13).
fn query_id(visit: &Visit<'_>, name: &[&str]) -> String {
    let words = [&["query id"][..], name].concat();
    format!("90{}{}", &calendar::compact(visit.now_ms)[2..], digits(visit.clearing.seed, &words, 7))
}

/// The settlement day that holds a moment.
fn settlement_day(at_ms: i64) -> i64 {
    calendar::beijing_day(at_ms + SETTLEMENT_AHEAD_MS)
}

/// Of a consume, a void or a refund: each under its own number and time (unionpay.md §5.2).
fn query(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &QueryRequest,
) -> Reaction {
    let key = key_of(merchant, &request.order_id, &request.txn_time);
    let name = RefundName::Merchants(key.number.clone());
    let refunded = visit.clearing.book.find_refund(&key.account, name).cloned();
    if let Some(original) = refunded {
        return refund::query(visit, merchant, claims, &original, &key.number);
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Query);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, &claims.echo, &key, (Call::Query, nth), &conduct);
    let response = match unqueried(&conduct) {
        Some(Unqueried::Unsigned) => speaker.unsigned(),
        Some(Unqueried::SystemError) => speaker.system_error(),
        Some(Unqueried::Code(code)) => speaker.say(code),
        None => speaker.state(&shown(visit.clearing, &key, &order, state, &conduct)),
    };
    fault::deliver(&conduct, response)
}

/// What is said of a query instead of a state.
enum Unqueried {
    Unsigned,
    SystemError,
    Code(&'static str),
}

fn unqueried(conduct: &Conduct) -> Option<Unqueried> {
    match conduct.word {
        Word::Unsigned => Some(Unqueried::Unsigned),
        Word::SystemError => Some(Unqueried::SystemError),
        Word::Limited => Some(Unqueried::Code("37")),
        Word::NotFound => Some(Unqueried::Code("34")),
        Word::True
        | Word::Again
        | Word::Refused
        | Word::StillPaying
        | Word::Yes
        | Word::OtherOrder
        | Word::OtherAmount
        | Word::OtherMerchant => None,
    }
}

/// By the number and time of the consume itself (unionpay.md §5.2, §11 trap 3).
fn reversal(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &ReversalRequest,
) -> Reaction {
    let key = key_of(merchant, &request.order_id, &request.txn_time);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Reverse);
    let undone = (conduct.work == Work::Done).then(|| undo(visit, &key));
    let speaker = Speaker::new(visit, merchant, &claims.echo, &key, (Call::Reverse, nth), &conduct);
    let response = match (conduct.word, undone) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::Yes, _) => speaker.say("00"),
        (Word::Refused, _) => speaker.say("39"),
        // There is no flag that asks for another call: these codes do (unionpay.md §5.4).
        (Word::Again | Word::StillPaying, _) => speaker.say("05"),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(code)) => {
            speaker.say(code)
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// What a reversal comes to, by the state of the consume (unionpay.md §5.4, §13). What nobody booked has no settlement day
/// that could be over.
fn undo(visit: &mut Visit<'_>, key: &Key) -> &'static str {
    let order = visit.clearing.book.order(key).expect("begun above");
    if order.state == State::Reversed {
        return "46";
    }
    let booked_ms = order.paid_ms.filter(|_| order.state == State::Paid && order.refunds.is_empty());
    if booked_ms.is_some_and(|booked_ms| settlement_day(booked_ms) < settlement_day(visit.now_ms)) {
        return "39";
    }
    // A consume that can still arrive is kept out (unionpay.md §10).
    let trace = if visit.clearing.dials.pay_late > 0 { Trace::Tombstone } else { Trace::Nothing };
    match visit.clearing.undo(visit.now_ms, CHANNEL, key, Dialog::Closes, trace) {
        Undo::Unseen => "34",
        Undo::Unpaid | Undo::Returned => "00",
        Undo::Refunded => "45",
        Undo::FundsShort => words::NO_FUNDS,
        // A dialog does not keep an order from being undone here.
        Undo::DialogOpen => "05",
    }
}

/// An answer's own part: what every answer repeats, and the order as it is shown.
fn named(echo: &Fields, number: &str) -> Fields {
    let (order_id, txn_time) = number.split_once(' ').unwrap_or((number, ""));
    let mut fields = echo.clone();
    fields.insert("orderId", order_id);
    fields.insert("txnTime", txn_time);
    fields
}
