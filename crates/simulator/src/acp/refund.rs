//! What gives money back: refunds (04) and voids (31), transactions of their own, and their query (unionpay.md §5.2, §5.4,
//! §13).

use std::collections::BTreeMap;

use wire::acp::{Caller as Claims, Original, RefundRequest, VoidRequest};

use super::answer::Speaker;
use super::{CHANNEL, Merchant, Unqueried, key_of, query_id, settlement_day, unqueried, words};
use crate::book::{Key, State};
use crate::fault::{self, Call, Word};
use crate::reaction::Reaction;
use crate::refund::{Failed, RefundAsk, RefundRules, Refunded};
use crate::visit::{Visit, shown_refund};

/// 30 days; repeatable without a limit, nor a pause (unionpay.md §5.4). A number serves once.
const RULES: RefundRules =
    RefundRules { parts_max: usize::MAX, window_ms: 30 * 86_400_000, pause_ms: 0, failed: Failed::Spent };
/// What a refund remembers of its transaction type.
pub(super) const KIND: &str = "txnType";

/// A request to give back, of either type.
struct Back<'a> {
    order_id: &'a str,
    txn_time: &'a str,
    amount: i64,
    original: &'a Original,
    kind: &'static str,
}

/// Serves a refund.
pub(super) fn refund(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &RefundRequest,
) -> Reaction {
    let RefundRequest { order_id, txn_time, txn_amt, original, .. } = request;
    serve(visit, merchant, claims, &Back { order_id, txn_time, amount: *txn_amt, original, kind: "04" })
}

/// Serves a void: the whole amount, on the settlement day of the consume.
pub(super) fn void(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &VoidRequest,
) -> Reaction {
    let VoidRequest { order_id, txn_time, txn_amt, original, .. } = request;
    serve(visit, merchant, claims, &Back { order_id, txn_time, amount: *txn_amt, original, kind: "31" })
}

fn serve(visit: &mut Visit<'_>, merchant: &Merchant<'_>, claims: &Claims, back: &Back<'_>) -> Reaction {
    let own = key_of(merchant, back.order_id, back.txn_time);
    let unnumbered = Speaker::unnumbered(visit, merchant, &claims.echo);
    let Some(key) = original(visit, merchant, back.original) else {
        return Reaction::whole(unnumbered.say("35"));
    };
    if !visit.clearing.admits_refund(visit.now_ms, &key.account) {
        return Reaction::whole(unnumbered.say(words::BUSY));
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Refund);
    let refused = used_elsewhere(visit, &own, &key).or_else(|| not_voided(visit, &own, &key, back));
    let ask = RefundAsk {
        number: own.number.clone(),
        refund_no: query_id(visit, &["back", &own.account, &own.number]),
        amount: back.amount,
        rules: RULES,
        facts: BTreeMap::from([(KIND.to_owned(), back.kind.to_owned())]),
    };
    let refunded = match refused {
        Some(code) => Some(Err(code)),
        None => visit.refund(CHANNEL, &key, &ask, conduct.work).map(code_of),
    };
    let speaker = Speaker::new(visit, merchant, &claims.echo, &key, (Call::Refund, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, refunded, order.refund(&own.number)) {
        (Word::Unsigned, ..) => speaker.unsigned(),
        (
            Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder,
            Some(Ok(())),
            Some(refund),
        ) => speaker.taken_up(&shown_refund(visit.clearing, &key, order, refund, &conduct)),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(Err(code)), _) => {
            speaker.say(code)
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// The consume that is meant. What is not booked has no number yet (unionpay.md §13).
fn original(visit: &Visit<'_>, merchant: &Merchant<'_>, original: &Original) -> Option<Key> {
    let book = &visit.clearing.book;
    match original {
        Original::QueryId(query_id) => {
            let key = book.find_transaction(&key_of(merchant, "", "").account, query_id)?;
            book.order(key).filter(|order| order.paid_ms.is_some()).map(|_| key.clone())
        }
        Original::Order { order_id, txn_time } => {
            let key = key_of(merchant, order_id, txn_time);
            book.order(&key).filter(|order| order.state != State::Absent).map(|_| key)
        }
    }
}

/// A number that was used with this time serves nothing else (unionpay.md §5.4).
fn used_elsewhere(visit: &Visit<'_>, own: &Key, original: &Key) -> Option<&'static str> {
    let book = &visit.clearing.book;
    let name = crate::refund::RefundName::Merchants(own.number.clone());
    let refunds_other = book.find_refund(&own.account, name).is_some_and(|other| other != original);
    let pays = book.order(own).is_some_and(|order| order.state != State::Absent);
    (refunds_other || pays).then_some("12")
}

/// What stands in the way of a void alone (unionpay.md §5.4, §13).
fn not_voided(visit: &Visit<'_>, own: &Key, key: &Key, back: &Back<'_>) -> Option<&'static str> {
    let order = visit.clearing.book.order(key).filter(|order| order.state == State::Paid)?;
    let booked_ms = order.paid_ms.filter(|_| back.kind == "31" && order.refund(&own.number).is_none())?;
    if order.refunds.iter().any(|refund| refund.counts()) {
        Some("45")
    } else if settlement_day(booked_ms) < settlement_day(visit.now_ms) {
        Some("39")
    } else {
        (back.amount != order.amount).then_some("36")
    }
}

/// The code of what was not taken up. The same number a second time is a duplicate, whatever else it says: its query tells
/// what became of the first (unionpay.md §5.4).
fn code_of(refunded: Refunded) -> Result<(), &'static str> {
    Err(match refunded {
        Refunded::Done | Refunded::Pending => return Ok(()),
        Refunded::Repeated(_) | Refunded::OtherFacts => "12",
        Refunded::NotPaid(State::Reversed) => "46",
        Refunded::Unseen | Refunded::NotPaid(_) => "35",
        Refunded::NothingLeft => "45",
        Refunded::TooMuch | Refunded::TooMany => "36",
        Refunded::WindowOver => "39",
        Refunded::FundsShort => words::NO_FUNDS,
        Refunded::PayerGone => words::ACCOUNT,
        Refunded::TooSoon => words::BUSY,
    })
}

/// The query of a void or refund, under its own number and time.
pub(super) fn query(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    key: &Key,
    number: &str,
) -> Reaction {
    let (conduct, nth) = visit.clearing.begin(CHANNEL, key, Call::RefundQuery);
    let (_, order) = visit.clearing.look(visit.now_ms, key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, &claims.echo, key, (Call::RefundQuery, nth), &conduct);
    let response = match (unqueried(&conduct), order.refund(number)) {
        (Some(Unqueried::Unsigned), _) => speaker.unsigned(),
        (Some(Unqueried::SystemError), _) => speaker.system_error(),
        (Some(Unqueried::Code(code)), _) => speaker.say(code),
        (None, None) => speaker.say("34"),
        (None, Some(refund)) => {
            speaker.refund_state(&shown_refund(visit.clearing, key, &order, refund, &conduct))
        }
    };
    fault::deliver(&conduct, response)
}
