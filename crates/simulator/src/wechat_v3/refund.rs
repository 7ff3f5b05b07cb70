//! Refunds and their query in V3 (wechat.md §4.4, §5.5, §8, §13). A refund is asked for by its own number alone.

use wire::wechat_v3::{RefundQueryRequest, RefundRequest};

use super::answer::{self, Speaker};
use super::{Asker, CHANNEL, status};
use crate::book::Key;
use crate::fault::{self, Call, Conduct, Word};
use crate::reaction::Reaction;
use crate::refund::{RefundName, Refunded};
use crate::visit::{Visit, shown_refund};
use crate::wechat;

/// Serves a refund.
pub(super) fn refund(visit: &mut Visit<'_>, asker: &Asker<'_>, request: &RefundRequest) -> Reaction {
    let plain = |visit: &Visit<'_>| Speaker::unnumbered(visit, asker.merchant, asker.wanted);
    if let Some((field, text)) = wrong(request) {
        return Reaction::whole(plain(visit).refuse_field(field, text));
    }
    let (id, number) = (request.transaction_id.as_deref(), request.out_trade_no.as_deref());
    let known = wechat::named(visit, &asker.key("").account, id, number);
    let Some(key) = known.filter(|key| !asker.is_anothers(visit, key)) else {
        return Reaction::whole(plain(visit).refuse(
            status::NOT_FOUND,
            "RESOURCE_NOT_EXISTS",
            answer::NOT_EXIST,
        ));
    };
    if !visit.clearing.admits_refund(visit.now_ms, &key.account) {
        return Reaction::whole(plain(visit).refuse(status::TOO_MANY, "FREQUENCY_LIMITED", answer::CROWDED));
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Refund);
    let refunded = if wechat::refund_fits(visit, &key, &request.out_refund_no, request.total) {
        let ask = wechat::refund_ask(visit, &key, &request.out_refund_no, request.refund);
        visit.refund(CHANNEL, &key, &ask, conduct.work)
    } else {
        Some(Refunded::OtherFacts)
    };
    let speaker = Speaker::new(visit, asker, &key, (Call::Refund, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, refunded, order.refund(&request.out_refund_no)) {
        (Word::Unsigned, ..) => answer::unsigned_refusal(),
        (Word::Limited, ..) => speaker.refuse(status::TOO_MANY, "FREQUENCY_LIMITED", answer::CROWDED),
        (
            Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder,
            Some(Refunded::Done | Refunded::Pending | Refunded::Repeated(_)),
            Some(refund),
        ) => speaker.refund(&shown_refund(visit.clearing, &key, order, refund, &conduct)),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(refunded), _) => {
            speaker.not_accepted(refunded)
        }
        _ => speaker.refuse(status::SERVER_ERROR, "SYSTEM_ERROR", answer::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order is looked at: the member, and why.
fn wrong(request: &RefundRequest) -> Option<(&'static str, &'static str)> {
    if !wechat::is_refund_number(&request.out_refund_no) {
        return Some(("out_refund_no", "商户退款单号格式错误"));
    }
    if !(1..=request.total).contains(&request.refund) {
        return Some(("refund", "退款金额超出范围"));
    }
    if request.currency != "CNY" {
        return Some(("currency", "不支持的币种"));
    }
    let long = request.reason.as_deref().is_some_and(|text| text.chars().count() > 80);
    long.then_some(("reason", "字符串长度超出限制"))
}

/// Serves a refund query.
pub(super) fn query(visit: &mut Visit<'_>, asker: &Asker<'_>, request: &RefundQueryRequest) -> Reaction {
    let account = asker.key("").account;
    let name = RefundName::Merchants(request.out_refund_no.clone());
    let known = visit.clearing.book.find_refund(&account, name).cloned();
    let Some(key) = known.filter(|key| !asker.is_anothers(visit, key)) else {
        return stray(visit, asker, account, &request.out_refund_no);
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::RefundQuery);
    let (_, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, asker, &key, (Call::RefundQuery, nth), &conduct);
    let response = match (refused(&conduct), order.refund(&request.out_refund_no)) {
        (Some((status, code, text)), _) => speaker.refuse(status, code, text),
        (None, _) if conduct.word == Word::Unsigned => answer::unsigned_refusal(),
        (None, None) => speaker.refuse(status::NOT_FOUND, "RESOURCE_NOT_EXISTS", answer::REFUND_NOT_EXIST),
        (None, Some(refund)) => speaker.refund(&shown_refund(visit.clearing, &key, &order, refund, &conduct)),
    };
    fault::deliver(&conduct, response)
}

/// A query that names nothing known fares as queries do.
fn stray(visit: &Visit<'_>, asker: &Asker<'_>, account: String, number: &str) -> Reaction {
    let conduct = visit.clearing.stray(visit.now_ms, &account, number, Call::RefundQuery);
    let key = Key { account, number: number.to_owned() };
    let speaker = Speaker::new(visit, asker, &key, (Call::RefundQuery, 0), &conduct);
    let response = match refused(&conduct) {
        Some((status, code, text)) => speaker.refuse(status, code, text),
        None if conduct.word == Word::Unsigned => answer::unsigned_refusal(),
        None => speaker.refuse(status::NOT_FOUND, "RESOURCE_NOT_EXISTS", answer::REFUND_NOT_EXIST),
    };
    fault::deliver(&conduct, response)
}

/// What the call's conduct says instead of the truth.
fn refused(conduct: &Conduct) -> Option<(u16, &'static str, &'static str)> {
    match conduct.word {
        Word::SystemError => Some((status::SERVER_ERROR, "SYSTEM_ERROR", answer::SYSTEM_ERROR)),
        Word::Limited => Some((status::TOO_MANY, "FREQUENCY_LIMITED", answer::CROWDED)),
        Word::NotFound => Some((status::NOT_FOUND, "RESOURCE_NOT_EXISTS", answer::REFUND_NOT_EXIST)),
        _ => None,
    }
}
