//! Refunds and their query from WeChat's side (wechat.md §2.5, §2.6, §5.4, §11, §13).

use wire::wechat_v2::{Caller as Claims, RefundQueryRequest, RefundRequest, unsigned_fail};

use super::answer::{self, Speaker};
use super::{CHANNEL, Merchant, key_of, named};
use crate::book::{Key, Order};
use crate::fault::{self, Call, Conduct, Word};
use crate::reaction::Reaction;
use crate::refund::{Refund, RefundName, Refunded};
use crate::visit::{Visit, shown_refund};
use crate::wechat;

/// A refund query of an order shows so many refunds (wechat.md §2.6).
const PAGE: usize = 10;

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
        return unnumbered(visit, "ORDERNOTEXIST", answer::NOT_EXIST);
    };
    if !visit.clearing.admits_refund(visit.now_ms, &key.account) {
        return unnumbered(visit, "FREQUENCY_LIMITED", answer::CROWDED);
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Refund);
    let refunded = if wechat::refund_fits(visit, &key, &request.out_refund_no, request.total_fee) {
        let ask = wechat::refund_ask(visit, &key, &request.out_refund_no, request.refund_fee);
        visit.refund(CHANNEL, &key, &ask, conduct.work)
    } else {
        Some(Refunded::OtherFacts)
    };
    let speaker = Speaker::new(visit, merchant, claims, &key, (Call::Refund, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, refunded, order.refund(&request.out_refund_no)) {
        (Word::Unsigned, ..) => unsigned_fail("system error"),
        (Word::Limited, ..) => speaker.fail("FREQUENCY_LIMITED", answer::CROWDED),
        (
            Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder,
            Some(Refunded::Done | Refunded::Pending | Refunded::Repeated(_)),
            Some(refund),
        ) => speaker.accepted(&shown_refund(visit.clearing, &key, order, refund, &conduct)),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(refunded), _) => {
            speaker.not_accepted(refunded)
        }
        // Either of the two codes that want the same call again (wechat.md §5.4).
        _ if nth.is_multiple_of(2) => {
            speaker.fail("BIZERR_NEED_RETRY", "并发情况下，业务被拒绝，商户重试即可解决")
        }
        _ => speaker.fail("SYSTEMERROR", answer::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order is looked at (wechat.md §2.5).
fn wrong(request: &RefundRequest) -> Option<&'static str> {
    if !wechat::is_refund_number(&request.out_refund_no) {
        return Some("商户退款单号格式错误");
    }
    if !(1..=request.total_fee).contains(&request.refund_fee) {
        return Some("refund_fee超出范围");
    }
    if request.refund_fee_type.as_deref().is_some_and(|fee| fee != "CNY") {
        return Some("refund_fee_type错误");
    }
    let long = request.refund_desc.as_deref().is_some_and(|text| text.chars().count() > 80);
    long.then_some("refund_desc过长")
}

/// Which refunds of an order a query asks for.
enum Wanted {
    One(RefundName),
    All { offset: usize },
}

/// Serves a refund query. Of several numbers the first of refund_id, out_refund_no, transaction_id, out_trade_no counts
/// (wechat.md §2.6).
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
    let (key, wanted) = match name {
        Some(name) => {
            let known = visit.clearing.book.find_refund(&account, name.clone()).cloned();
            let known = known.filter(|key| !wechat::is_anothers(visit, key, merchant.sub_mch_id));
            (known.or(of_order), Wanted::One(name))
        }
        None => {
            let offset = usize::try_from(request.offset.unwrap_or(0)).unwrap_or(usize::MAX);
            (of_order, Wanted::All { offset })
        }
    };
    let Some(key) = key else {
        return stray(visit, merchant, claims, &account, request);
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::RefundQuery);
    let (_, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, claims, &key, (Call::RefundQuery, nth), &conduct);
    let listed = listed(&order, &wanted);
    let response = match refused(&conduct) {
        Some((code, text)) => speaker.fail(code, text),
        None if conduct.word == Word::Unsigned => unsigned_fail("system error"),
        None => match listed.split_first() {
            None => speaker.fail("REFUNDNOTEXIST", answer::REFUND_NOT_EXIST),
            Some((first, rest)) => {
                let first = shown_refund(visit.clearing, &key, &order, first, &conduct);
                speaker.refunds(&first, rest)
            }
        },
    };
    fault::deliver(&conduct, response)
}

/// A query that names nothing known fares as queries do.
fn stray(
    visit: &Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    account: &str,
    request: &RefundQueryRequest,
) -> Reaction {
    let number = request.out_refund_no.as_deref().unwrap_or_default();
    let conduct = visit.clearing.stray(visit.now_ms, account, number, Call::RefundQuery);
    let key = Key { account: account.to_owned(), number: number.to_owned() };
    let speaker = Speaker::new(visit, merchant, claims, &key, (Call::RefundQuery, 0), &conduct);
    let response = match refused(&conduct) {
        Some((code, text)) => speaker.fail(code, text),
        None if conduct.word == Word::Unsigned => unsigned_fail("system error"),
        None => speaker.fail("REFUNDNOTEXIST", answer::REFUND_NOT_EXIST),
    };
    fault::deliver(&conduct, response)
}

/// What the call's conduct says instead of the truth.
fn refused(conduct: &Conduct) -> Option<(&'static str, &'static str)> {
    match conduct.word {
        Word::SystemError => Some(("SYSTEMERROR", answer::SYSTEM_ERROR)),
        Word::Limited => Some(("FREQUENCY_LIMITED", answer::CROWDED)),
        Word::NotFound => Some(("REFUNDNOTEXIST", answer::REFUND_NOT_EXIST)),
        _ => None,
    }
}

fn listed(order: &Order, wanted: &Wanted) -> Vec<Refund> {
    match wanted {
        Wanted::One(name) => {
            let is = |refund: &&Refund| match name {
                RefundName::Merchants(number) => refund.number == *number,
                RefundName::Channels(number) => refund.refund_no == *number,
            };
            order.refunds.iter().filter(is).cloned().collect()
        }
        Wanted::All { offset } => order.refunds.iter().skip(*offset).take(PAGE).cloned().collect(),
    }
}
