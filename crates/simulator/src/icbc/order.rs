//! Pay, query and reverse.

use std::collections::BTreeMap;

use wire::icbc::{PayRequest, QueryRequest, ReverseRequest};

use super::answer::{self, Speaker};
use super::{Arrived, CHANNEL, INVALID, Names};
use crate::book::{Ask, Check, Failure, Key, State};
use crate::calendar;
use crate::clearing::{Charge, Dialog, Trace, Undo};
use crate::fault::{self, Call, Word, Work};
use crate::payer::Decline;
use crate::reaction::Reaction;
use crate::visit::{Visit, shown};

/// A payer who gives no password keeps the order open for 60 s (icbc.md §12). The bank books the end a little later: what
/// the sheet leaves open is chosen so that a merchant who waits 60 s from its request still meets an open order.
const OPEN_MS: i64 = 60_000 + 5_000;
/// A reversal is taken for so long (icbc.md §3.3, chosen).
const REVERSIBLE_MS: i64 = 86_400_000;
/// What an order remembers of its reversal.
pub(super) const REVERSE_REJECT_NO: &str = "reverse_reject_no";

pub(super) fn pay(visit: &mut Visit<'_>, call: &Arrived<'_>, request: &PayRequest) -> Reaction {
    let unnumbered = Speaker::unnumbered(visit, call.hand.clone(), call.msg_id);
    if wrong(request) {
        return Reaction::whole(unnumbered.gateway(INVALID));
    }
    let number = request.out_trade_no.as_str();
    // Limits and the merchant are looked at before an order is made (icbc.md §12).
    if request.mer_id != call.merchant.mer_id || request.order_amt > visit.settings.max_order {
        return Reaction::whole(unnumbered.not_created(number));
    }
    let key = call.key_of(number);
    if !visit.clearing.admits(visit.now_ms, &key.account) {
        return Reaction::whole(unnumbered.gateway(answer::CROWDED));
    }
    let script = visit.script(request.qr_code.expose());
    visit.clearing.follow(CHANNEL, &key, script);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Pay);
    let ask = ask(visit, call, &key, request);
    let charge = match conduct.work {
        Work::Done | Work::Twice if !formed(request.qr_code.expose()) => {
            Some(visit.clearing.refuse_malformed(visit.now_ms, CHANNEL, &key, &ask))
        }
        work => visit.charge(CHANNEL, &key, &ask, work),
    };
    let speaker = Speaker::new(visit, call, &key, (Call::Pay, nth), &conduct);
    let response = match (conduct.word, charge) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(charge)) => {
            let order = visit.clearing.book.order(&key).expect("begun above");
            let shown = shown(visit.clearing, &key, order, order.state, &conduct);
            match charge {
                Charge::Declined(Decline::MerchantMayNot) => speaker.not_created(number),
                charge => speaker.charge(charge, &shown),
            }
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request's form (icbc.md §3.1).
fn wrong(request: &PayRequest) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let number = request.out_trade_no.as_str();
    let at = format!("{}{}", request.trade_date, request.trade_time);
    number.len() > 35
        || !number.bytes().all(sign)
        || request.order_amt < 1
        || calendar::read_compact(&at).is_none()
        || request.attach.as_ref().is_some_and(|attach| attach.chars().count() > 21)
}

/// ICBC's and UnionPay's codes have 19 digits, WeChat's and Alipay's 16 to 24, of which 19 fit (icbc.md §1, §3.1).
fn formed(code: &str) -> bool {
    let prefix = code.get(..2).and_then(|prefix| prefix.parse::<u8>().ok());
    code.bytes().all(|byte| byte.is_ascii_digit())
        && match prefix {
            Some(62) => code.len() == 19,
            Some(10..=15) => code.len() == 18,
            Some(25..=30) => (16..=19).contains(&code.len()),
            Some(_) | None => false,
        }
}

fn ask(visit: &mut Visit<'_>, call: &Arrived<'_>, key: &Key, request: &PayRequest) -> Ask {
    // mer_id, the day, and a sequence of seven digits (icbc.md §3.1).
    let day = &calendar::compact(visit.now_ms)[..8];
    let nth = visit.clearing.next_of_day(visit.now_ms, &format!("orders/{}", key.account));
    let mut facts = BTreeMap::new();
    if let Some(attach) = &request.attach {
        facts.insert("attach".to_owned(), attach.clone());
    }
    Ask {
        amount: request.order_amt,
        code: request.qr_code.expose().to_owned(),
        transaction_no: format!("{}{day}{nth:07}", call.merchant.mer_id),
        expires_ms: None,
        life_ms: Some(OPEN_MS),
        dialog_ms: None,
        check: Check::NumberOnce,
        failure: Failure::DeadOrder,
        facts,
    }
}

pub(super) fn query(visit: &mut Visit<'_>, call: &Arrived<'_>, request: &QueryRequest) -> Reaction {
    let names =
        Names { out_trade_no: request.out_trade_no.as_deref(), order_id: request.order_id.as_deref() };
    let Some(key) = call.named(visit, &request.mer_id, names) else {
        return Reaction::whole(Speaker::unnumbered(visit, call.hand.clone(), call.msg_id).not_found());
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Query);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, call, &key, (Call::Query, nth), &conduct);
    let response = match conduct.word {
        Word::Unsigned => speaker.unsigned(),
        Word::SystemError => speaker.system_error(),
        Word::Limited => speaker.gateway(answer::CROWDED),
        Word::NotFound => speaker.not_found(),
        _ => speaker.state(&shown(visit.clearing, &key, &order, state, &conduct)),
    };
    fault::deliver(&conduct, response)
}

pub(super) fn reverse(visit: &mut Visit<'_>, call: &Arrived<'_>, request: &ReverseRequest) -> Reaction {
    let names = Names { out_trade_no: Some(&request.out_trade_no), order_id: request.order_id.as_deref() };
    let Some(key) = call.named(visit, &request.mer_id, names) else {
        return Reaction::whole(Speaker::unnumbered(visit, call.hand.clone(), call.msg_id).not_found());
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Reverse);
    let undo = (conduct.work == Work::Done).then(|| undo(visit, &key, request));
    let speaker = Speaker::new(visit, call, &key, (Call::Reverse, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let shown = shown(visit.clearing, &key, order, order.state, &conduct);
    let response = match (conduct.word, undo) {
        (Word::Unsigned, _) => speaker.unsigned(),
        // There is no flag that asks for another call: a negative code does (icbc.md §4).
        (Word::Again | Word::StillPaying, _) => speaker.again(),
        (Word::Yes, _) => speaker.undone(&shown, shown.order.held()),
        (Word::Refused, _) => speaker.refused(answer::REVERSED_OR_REFUNDED),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(undo)) => {
            answered(&speaker, undo, &shown)
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// What a reversal came to.
enum Reversal {
    /// What the ledger did.
    Undone(Undo),
    /// Reversed before, where the second reversal is refused.
    Repeated,
    /// Too long after the payment.
    TooOld,
}

/// Reverses; an order that failed stays failed (icbc.md §12).
fn undo(visit: &mut Visit<'_>, key: &Key, request: &ReverseRequest) -> Reversal {
    let order = visit.clearing.book.order(key).expect("begun above");
    if order.state == State::Reversed && visit.clearing.dials.icbc_reversed_once {
        return Reversal::Repeated;
    }
    let paid_ms = order.paid_ms.filter(|_| order.state == State::Paid);
    if paid_ms.is_some_and(|paid_ms| visit.now_ms - paid_ms > REVERSIBLE_MS) {
        return Reversal::TooOld;
    }
    let undo = visit.clearing.undo(visit.now_ms, CHANNEL, key, Dialog::Closes, Trace::Tombstone);
    if let Some(reject_no) = &request.reject_no {
        visit.clearing.book.change(key, CHANNEL, |order| {
            order.facts.entry(REVERSE_REJECT_NO.to_owned()).or_insert_with(|| reject_no.clone());
        });
    }
    Reversal::Undone(undo)
}

fn answered(speaker: &Speaker, reversal: Reversal, shown: &crate::visit::Shown) -> wire::http::Response {
    match reversal {
        Reversal::Undone(Undo::Unseen) => speaker.not_found(),
        Reversal::Undone(Undo::Unpaid) => speaker.undone(shown, 0),
        Reversal::Undone(Undo::Returned) => speaker.undone(shown, shown.order.returned),
        Reversal::Undone(Undo::FundsShort) => speaker.refused(answer::NO_FUNDS),
        Reversal::Undone(Undo::Refunded) | Reversal::Repeated => {
            speaker.refused(answer::REVERSED_OR_REFUNDED)
        }
        // A dialog does not keep an order from being undone here (icbc.md §12).
        Reversal::Undone(Undo::DialogOpen) => speaker.again(),
        Reversal::TooOld => speaker.refused(answer::TOO_OLD),
    }
}
