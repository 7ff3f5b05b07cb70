//! Refunds (reject, 退款) and their list.

use std::collections::BTreeMap;

use wire::icbc::{RejectQueryRequest, RejectRequest};

use super::answer::{self, Speaker};
use super::{Arrived, CHANNEL, INVALID, Names};
use crate::book::{Key, State};
use crate::calendar;
use crate::fault::{self, Call, Word};
use crate::reaction::Reaction;
use crate::refund::{Failed, RefundAsk, RefundRules, Refunded};
use crate::seed::digits;
use crate::visit::{Visit, shown};

/// The sheet names neither a number of parts nor a window nor a pause; a number serves one refund (icbc.md §3.4).
const RULES: RefundRules =
    RefundRules { parts_max: 1_000, window_ms: 365 * 86_400_000, pause_ms: 0, failed: Failed::Spent };

pub(super) fn reject(visit: &mut Visit<'_>, call: &Arrived<'_>, request: &RejectRequest) -> Reaction {
    let unnumbered = Speaker::unnumbered(visit, call.hand.clone(), call.msg_id);
    if request.reject_no.len() > 35 || request.reject_amt < 1 {
        return Reaction::whole(unnumbered.gateway(INVALID));
    }
    let names =
        Names { out_trade_no: request.out_trade_no.as_deref(), order_id: request.order_id.as_deref() };
    let Some(key) = call.named(visit, &request.mer_id, names) else {
        return Reaction::whole(unnumbered.not_found());
    };
    if !visit.clearing.admits_refund(visit.now_ms, &key.account) {
        return Reaction::whole(unnumbered.gateway(answer::CROWDED));
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Refund);
    let ask = RefundAsk {
        number: request.reject_no.clone(),
        refund_no: reject_sequence(visit, &key, &request.reject_no),
        amount: request.reject_amt,
        rules: RULES,
        facts: BTreeMap::new(),
    };
    let refunded = visit.refund(CHANNEL, &key, &ask, conduct.work);
    let speaker = Speaker::new(visit, call, &key, (Call::Refund, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let shown = shown(visit.clearing, &key, order, order.state, &conduct);
    let response = match (conduct.word, refunded) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(refunded)) => {
            match refused(refunded) {
                None => speaker.rejected(&shown, &request.reject_no),
                Some(answer::NOT_FOUND) => speaker.not_found(),
                Some(code) => speaker.refused(code),
            }
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// The code of a refund that was not taken up (icbc.md §12); what was is answered alike each time.
fn refused(refunded: Refunded) -> Option<&'static str> {
    Some(match refunded {
        Refunded::Done | Refunded::Pending | Refunded::Repeated(_) => return None,
        Refunded::Unseen => answer::NOT_FOUND,
        Refunded::NotPaid(State::Reversed) => answer::REVERSED_OR_REFUNDED,
        Refunded::NotPaid(_) => answer::UNPAID,
        Refunded::NothingLeft | Refunded::TooMuch | Refunded::TooMany => answer::ABOVE_THE_REST,
        Refunded::OtherFacts => answer::OTHER_FACTS,
        Refunded::TooSoon => answer::TOO_SOON,
        Refunded::WindowOver => answer::TOO_OLD,
        Refunded::FundsShort => answer::NO_FUNDS,
        Refunded::PayerGone => answer::PAYER_GONE,
    })
}

/// The refunds of an order, and its reversal (icbc.md §3.5, §12).
pub(super) fn list(visit: &mut Visit<'_>, call: &Arrived<'_>, request: &RejectQueryRequest) -> Reaction {
    let names = Names { out_trade_no: Some(&request.out_trade_no), order_id: request.order_id.as_deref() };
    let Some(key) = call.named(visit, &request.mer_id, names) else {
        return Reaction::whole(Speaker::unnumbered(visit, call.hand.clone(), call.msg_id).not_found());
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::RefundQuery);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, call, &key, (Call::RefundQuery, nth), &conduct);
    let reversal_sq = reject_sequence(visit, &key, "");
    let response = match conduct.word {
        Word::Unsigned => speaker.unsigned(),
        Word::SystemError => speaker.system_error(),
        Word::Limited => speaker.gateway(answer::CROWDED),
        Word::NotFound => speaker.not_found(),
        _ => {
            let shown = shown(visit.clearing, &key, &order, state, &conduct);
            speaker.listed(&shown, request.reject_no.as_deref(), &reversal_sq)
        }
    };
    fault::deliver(&conduct, response)
}

/// `OFH`, the day, six digits, `A` and seven digits (icbc.md §12).
fn reject_sequence(visit: &Visit<'_>, key: &Key, reject_no: &str) -> String {
    let tail = digits(visit.clearing.seed, &["reject", &key.account, &key.number, reject_no], 13);
    let made = visit
        .clearing
        .book
        .order(key)
        .and_then(|order| order.refund(reject_no).map(|refund| refund.made_ms).or(order.ended_ms));
    let day = &calendar::compact(made.unwrap_or(visit.now_ms))[..8];
    format!("OFH{day}{}A{}", &tail[..6], &tail[6..])
}
