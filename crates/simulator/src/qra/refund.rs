//! Refunds and their query from the platform's side (unionpay.md §4.4, §12, §13).

use std::collections::BTreeMap;

use wire::qra::{Caller as Claims, RefundQueryRequest, RefundRequest, unsigned_refusal};

use super::answer::Speaker;
use super::words::{self, Scheme};
use super::{CHANNEL, Merchant, key_of, named};
use crate::book::{Key, Order};
use crate::calendar;
use crate::fault::{self, Call, Conduct, Word};
use crate::reaction::Reaction;
use crate::refund::{Failed, Refund, RefundAsk, RefundName, RefundRules, Refunded};
use crate::seed::digits;
use crate::visit::{Visit, shown_refund};

/// The sheet names no limits of its own: those of WeChat, whose heir the platform is (wechat.md §5.4, §11), and no pause.
const RULES: RefundRules =
    RefundRules { parts_max: 50, window_ms: 365 * 86_400_000, pause_ms: 0, failed: Failed::Spent };

/// Serves a refund.
pub(super) fn refund(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &RefundRequest,
) -> Reaction {
    let unnumbered = |visit: &Visit<'_>, code, text| {
        Reaction::whole(Speaker::unnumbered(visit, merchant, claims).fail(code, text))
    };
    if let Some(text) = wrong(request) {
        return unnumbered(visit, "PARAM_ERROR", text);
    }
    let id = request.transaction_id.as_deref();
    let Some(key) = named(visit, merchant, id, request.out_trade_no.as_deref()) else {
        return unnumbered(visit, "ORDERNOTEXIST", words::NOT_EXIST);
    };
    if !visit.clearing.admits_refund(visit.now_ms, &key.account) {
        return unnumbered(visit, "FREQUENCY_LIMITED", words::CROWDED);
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Refund);
    let refunded = if fits(visit, &key, request) {
        let ask = ask(visit, &key, request);
        visit.refund(CHANNEL, &key, &ask, conduct.work)
    } else {
        Some(Refunded::OtherFacts)
    };
    let speaker = Speaker::new(visit, merchant, &key, (Call::Refund, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, refunded, order.refund(&request.out_refund_no)) {
        (Word::Unsigned, ..) => unsigned_refusal("Internal error"),
        (Word::Limited, ..) => speaker.fail("FREQUENCY_LIMITED", words::CROWDED),
        // The same number is answered as it was the first time, whatever else the request says (§13).
        (
            Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder,
            Some(Refunded::Done | Refunded::Pending | Refunded::Repeated(_) | Refunded::OtherFacts),
            Some(refund),
        ) => speaker.accepted(&shown_refund(visit.clearing, &key, order, refund, &conduct)),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(refunded), _) => {
            speaker.not_accepted(refunded, Scheme::of_code(&order.code).unwrap_or(Scheme::UnionPay))
        }
        _ => speaker.fail("SYSTEMERROR", words::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order is looked at (unionpay.md §4.4).
fn wrong(request: &RefundRequest) -> Option<&'static str> {
    let number = request.out_refund_no.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if number.len() > 32 || !number.bytes().all(sign) {
        return Some("out_refund_no格式错误");
    }
    if !(1..=request.total_fee).contains(&request.refund_fee) {
        return Some("refund_fee超出范围");
    }
    if request.refund_channel.as_deref().is_some_and(|channel| channel != "ORIGINAL") {
        return Some("refund_channel错误");
    }
    (request.op_user_id.chars().count() > 32).then_some("op_user_id过长")
}

/// Whether the request agrees with what is known: the order's amount, and a refund's number serves one order of the
/// merchant.
fn fits(visit: &Visit<'_>, key: &Key, request: &RefundRequest) -> bool {
    let book = &visit.clearing.book;
    let known = book.find_refund(&key.account, RefundName::Merchants(request.out_refund_no.clone()));
    let order = book.order(key).filter(|order| order.paid_ms.is_some());
    known.is_none_or(|known| known == key) && order.is_none_or(|order| order.amount == request.total_fee)
}

fn ask(visit: &Visit<'_>, key: &Key, request: &RefundRequest) -> RefundAsk {
    // 32 digits: the platform's mark, yyMMdd and 15 more (unionpay.md §13).
    let day = &calendar::compact(visit.now_ms)[2..8];
    let tail = digits(visit.clearing.seed, &["refund", &key.account, &request.out_refund_no], 15);
    RefundAsk {
        number: request.out_refund_no.clone(),
        refund_no: format!("95516000000{day}{tail}"),
        amount: request.refund_fee,
        rules: RULES,
        facts: BTreeMap::new(),
    }
}

/// Serves a refund query. Of several numbers the first of refund_id, out_refund_no, transaction_id, out_trade_no counts;
/// refunds of an Alipay order are found by one of the first two alone (unionpay.md §4.4).
pub(super) fn query(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &RefundQueryRequest,
) -> Reaction {
    let account = key_of(merchant, "").account;
    let refund_id = request.refund_id.clone().map(RefundName::Channels);
    let name = refund_id.or_else(|| request.out_refund_no.clone().map(RefundName::Merchants));
    let of_order = named(visit, merchant, request.transaction_id.as_deref(), request.out_trade_no.as_deref());
    let key = match &name {
        Some(name) => visit.clearing.book.find_refund(&account, name.clone()).cloned().or(of_order),
        None => of_order,
    };
    let Some(key) = key else { return stray(visit, merchant, &account, request) };
    let of_alipay = |order: &Order| Scheme::of_code(&order.code) == Some(Scheme::Alipay);
    if name.is_none() && visit.clearing.book.order(&key).is_some_and(of_alipay) {
        let speaker = Speaker::unnumbered(visit, merchant, claims);
        return Reaction::whole(speaker.fail("LACK_PARAMS", "缺少参数：out_refund_no"));
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::RefundQuery);
    let (_, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, &key, (Call::RefundQuery, nth), &conduct);
    let listed: Vec<&Refund> =
        order.refunds.iter().filter(|refund| name.as_ref().is_none_or(|name| is(refund, name))).collect();
    let response = match (refused(&conduct), listed.split_first()) {
        (Some((code, text)), _) => speaker.fail(code, text),
        (None, _) if conduct.word == Word::Unsigned => unsigned_refusal("Internal error"),
        (None, None) => speaker.fail("REFUNDNOTEXIST", words::REFUND_NOT_EXIST),
        (None, Some((first, rest))) => {
            speaker.refunds(&shown_refund(visit.clearing, &key, &order, first, &conduct), rest)
        }
    };
    fault::deliver(&conduct, response)
}

fn is(refund: &Refund, name: &RefundName) -> bool {
    match name {
        RefundName::Merchants(number) => refund.number == *number,
        RefundName::Channels(number) => refund.refund_no == *number,
    }
}

/// A query that names nothing known fares as queries do.
fn stray(
    visit: &Visit<'_>,
    merchant: &Merchant<'_>,
    account: &str,
    request: &RefundQueryRequest,
) -> Reaction {
    let number = request.out_refund_no.as_deref().unwrap_or_default();
    let conduct = visit.clearing.stray(visit.now_ms, account, number, Call::RefundQuery);
    let key = Key { account: account.to_owned(), number: number.to_owned() };
    let speaker = Speaker::new(visit, merchant, &key, (Call::RefundQuery, 0), &conduct);
    let response = match refused(&conduct) {
        Some((code, text)) => speaker.fail(code, text),
        None if conduct.word == Word::Unsigned => unsigned_refusal("Internal error"),
        None => speaker.fail("REFUNDNOTEXIST", words::REFUND_NOT_EXIST),
    };
    fault::deliver(&conduct, response)
}

/// What the call's conduct says instead of the truth.
fn refused(conduct: &Conduct) -> Option<(&'static str, &'static str)> {
    match conduct.word {
        Word::SystemError => Some(("SYSTEMERROR", words::SYSTEM_ERROR)),
        Word::Limited => Some(("FREQUENCY_LIMITED", words::CROWDED)),
        Word::NotFound => Some(("REFUNDNOTEXIST", words::REFUND_NOT_EXIST)),
        _ => None,
    }
}
