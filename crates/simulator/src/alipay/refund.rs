//! Refunds and their query from Alipay's side (alipay.md §3.5, §3.6, §4.5, §7, §12, §15).

use std::collections::BTreeMap;

use wire::alipay::{REFUND_METHOD, REFUND_QUERY_METHOD, RefundQueryRequest, RefundRequest};

use super::answer::{self, Speaker, refusal};
use super::merchant::Merchant;
use super::{CHANNEL, named};
use crate::book::{Key, State};
use crate::fault::{self, Call, Word};
use crate::reaction::Reaction;
use crate::refund::{Failed, RefundAsk, RefundRules, Refunded};
use crate::visit::{Visit, shown_refund};

/// Twelve months, as many parts as there are fen, where the rule holds 3 s apart (alipay.md §7). What was taken up and
/// came to nothing shows like what never was: the same request is a new try (§3.6).
const RULES: RefundRules = RefundRules {
    parts_max: usize::MAX,
    window_ms: 365 * 86_400_000,
    pause_ms: 3_000,
    failed: Failed::TriesAgain,
};

/// Serves a refund.
pub(super) fn refund(visit: &mut Visit<'_>, merchant: &Merchant<'_>, request: &RefundRequest) -> Reaction {
    let unnumbered = Speaker::unnumbered(visit, merchant, REFUND_METHOD);
    let number = request.out_trade_no.as_deref();
    let refuse =
        |sub_code| Reaction::whole(unnumbered.say(&answer::not_refunded(number.unwrap_or(""), sub_code)));
    let long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if request.refund_amount < 1 || long(&request.out_request_no, 64) || long(&request.refund_reason, 256) {
        return refuse("ACQ.INVALID_PARAMETER");
    }
    let Some(key) = named(visit, merchant, request.trade_no.as_deref(), number) else {
        return refuse(answer::NOT_EXIST);
    };
    if !visit.clearing.admits_refund(visit.now_ms, &key.account) {
        return Reaction::whole(unnumbered.say(&refusal("40005", answer::LIMITED)));
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Refund);
    let ask = ask(&key, request);
    let refunded = if nameless_part(visit, &key, request) {
        Some(Refunded::TooMuch)
    } else {
        visit.refund(CHANNEL, &key, &ask, conduct.work)
    };
    let speaker = Speaker::new(visit, merchant, REFUND_METHOD, &key, (Call::Refund, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, refunded, order.refund(&ask.number)) {
        (Word::Unsigned, ..) => speaker.unsigned(),
        (Word::Limited, ..) => speaker.say(&refusal("40005", answer::LIMITED)),
        (
            Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder,
            Some(refunded @ (Refunded::Done | Refunded::Pending | Refunded::Repeated(_))),
            Some(refund),
        ) => {
            let shown = shown_refund(visit.clearing, &key, order, refund, &conduct);
            speaker.refunded(refunded == Refunded::Done, &shown)
        }
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(refunded), _) => {
            speaker.not_refunded(refunded, &key.number, order)
        }
        _ => speaker.refund_system_error(&key.number),
    };
    fault::deliver(&conduct, response)
}

/// A part needs a number of its own (alipay.md §3.5).
fn nameless_part(visit: &Visit<'_>, key: &Key, request: &RefundRequest) -> bool {
    let whole = visit.clearing.book.order(key).map(|order| order.amount);
    request.out_request_no.is_none() && whole.is_some_and(|whole| request.refund_amount < whole)
}

fn ask(key: &Key, request: &RefundRequest) -> RefundAsk {
    // A refund without a number has the order's (alipay.md §3.5). Alipay gives it none of its own.
    let number = request.out_request_no.clone().unwrap_or_else(|| key.number.clone());
    let reason = request.refund_reason.clone().map(|reason| ("refund_reason".to_owned(), reason));
    RefundAsk {
        refund_no: String::new(),
        amount: request.refund_amount,
        rules: RULES,
        facts: BTreeMap::from_iter(reason),
        number,
    }
}

/// Serves a refund query: what is not refunded shows as a success without a word (alipay.md §3.6).
pub(super) fn query(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    request: &RefundQueryRequest,
) -> Reaction {
    let number = request.out_trade_no.as_deref();
    let Some(key) = named(visit, merchant, request.trade_no.as_deref(), number) else {
        let speaker = Speaker::unnumbered(visit, merchant, REFUND_QUERY_METHOD);
        return Reaction::whole(speaker.say(&refusal("40004", answer::NOT_EXIST)));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::RefundQuery);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker =
        Speaker::new(visit, merchant, REFUND_QUERY_METHOD, &key, (Call::RefundQuery, nth), &conduct);
    let dated = request.query_options.iter().any(|option| option == "gmt_refund_pay");
    let response = match (conduct.word, order.refund(&request.out_request_no)) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::SystemError, _) => speaker.system_error(),
        (Word::Limited, _) => speaker.say(&refusal("40005", answer::LIMITED)),
        (Word::NotFound, _) => speaker.say(&answer::nothing_refunded()),
        _ if matches!(state, State::Absent | State::Barred) => speaker.refund_of_nothing(),
        (_, None) => speaker.say(&answer::nothing_refunded()),
        (_, Some(refund)) => {
            let shown = shown_refund(visit.clearing, &key, &order, refund, &conduct);
            speaker.refund(&shown, dated)
        }
    };
    fault::deliver(&conduct, response)
}
