//! Alipay's gateway (version 2) from the channel's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (alipay.md §2 to §6, §12, §15). What goes over the wire comes from the ledger alone.

mod answer;
mod front;
mod indirect;
mod merchant;
mod refund;
pub(crate) mod rest;

use std::collections::BTreeMap;

use serde_json::Value;
use wire::alipay::{
    BizFault, CANCEL_METHOD, CancelRequest, DOWNLOAD_METHOD, DownloadRequest, GATEWAY_PATH, PAY_METHOD,
    PayRequest, QUERY_METHOD, QueryRequest, REFUND_METHOD, REFUND_QUERY_METHOD, RefundQueryRequest,
    RefundRequest,
};

use crate::book::{Ask, Check, Failure, Key, Order, State};
use crate::calendar;
use crate::clearing::{Dialog, Trace, Undo};
use crate::dial::CancelWindow;
use crate::fault::{self, Call, Word, Work};
use crate::reaction::Reaction;
use crate::seed::digits;
use crate::visit::{Visit, shown};
use answer::{Speaker, refusal};
use merchant::{INVALID, Merchant};

pub(crate) use front::handle;

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "alipay";
/// Where everything arrives (alipay.md §2.1).
pub(crate) const PATH: &str = GATEWAY_PATH;

/// What is served.
const METHODS: [&str; 6] =
    [PAY_METHOD, QUERY_METHOD, CANCEL_METHOD, REFUND_METHOD, REFUND_QUERY_METHOD, DOWNLOAD_METHOD];

/// An unpaid trade dies after so long unless the merchant says otherwise (alipay.md §3.1, `timeout_express`).
const LIFE_MS: i64 = 3 * 3_600_000;
/// What the day of the payment is prolonged by for cancels (alipay.md §6, "Window").
const CANCEL_GRACE_MS: i64 = 15 * 60_000;

/// Serves a call that is believed.
fn serve(visit: &mut Visit<'_>, merchant: &Merchant<'_>, method: &str, content: &str) -> Reaction {
    let served = match method {
        PAY_METHOD => {
            PayRequest::from_biz_content(content).map(|request| pay(visit, merchant, &request, content))
        }
        QUERY_METHOD => {
            QueryRequest::from_biz_content(content).map(|request| query(visit, merchant, &request))
        }
        CANCEL_METHOD => {
            CancelRequest::from_biz_content(content).map(|request| cancel(visit, merchant, &request))
        }
        REFUND_METHOD => {
            RefundRequest::from_biz_content(content).map(|request| refund::refund(visit, merchant, &request))
        }
        DOWNLOAD_METHOD => {
            DownloadRequest::from_biz_content(content).map(|request| download(visit, merchant, &request))
        }
        _ => {
            let read = RefundQueryRequest::from_biz_content(content);
            read.map(|request| refund::query(visit, merchant, &request))
        }
    };
    served.unwrap_or_else(|fault| {
        let (code, sub_code) = match fault {
            BizFault::NotJson => (INVALID, "isv.illegal-json"),
            BizFault::Missing("auth_code") => ("40004", "ACQ.AUTH_TOKEN_IS_NOT_EXIST"),
            BizFault::Missing(_) | BizFault::Bad(_) => ("40004", "ACQ.INVALID_PARAMETER"),
        };
        Reaction::whole(Speaker::unnumbered(visit, merchant, method).say(&refusal(code, sub_code)))
    })
}

/// Hands out the certificate that signs answers (alipay.md §2.6).
fn download(visit: &Visit<'_>, merchant: &Merchant<'_>, request: &DownloadRequest) -> Reaction {
    let speaker = Speaker::unnumbered(visit, merchant, DOWNLOAD_METHOD);
    let own = merchant.terms.certificates.as_ref();
    let node = match own.filter(|own| own.alipay_cert_sn == request.alipay_cert_sn) {
        Some(own) => answer::certificate(&own.alipay_cert_content),
        None => refusal(INVALID, "isv.alipay-cert-not-exist"),
    };
    Reaction::whole(speaker.say(&node))
}

fn key_of(merchant: &Merchant<'_>, number: &str) -> Key {
    Key { account: format!("alipay/{}", merchant.seller_id), number: number.to_owned() }
}

fn pay(visit: &mut Visit<'_>, merchant: &Merchant<'_>, request: &PayRequest, content: &str) -> Reaction {
    let key = key_of(merchant, &request.out_trade_no);
    let expires_ms = expires_ms(visit.now_ms, request, content);
    let unnumbered = Speaker::unnumbered(visit, merchant, PAY_METHOD);
    let refuse =
        |sub_code| Reaction::whole(unnumbered.say(&answer::declined(&request.out_trade_no, sub_code)));
    let Some(expires_ms) = expires_ms else { return refuse("ACQ.INVALID_PARAMETER") };
    let relay = merchant.terms.relay.as_ref();
    if let Some((sub_code, field)) = relay.and_then(|relay| indirect::wrong(relay, request)) {
        let node = answer::declined_naming(&request.out_trade_no, sub_code, field);
        return Reaction::whole(unnumbered.say(&node));
    }
    let wrong = wrong(visit, merchant, request)
        .or_else(|| (expires_ms <= visit.now_ms).then_some("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"))
        .or_else(|| wrong_code(visit, &key, request.auth_code.expose()));
    if let Some(sub_code) = wrong {
        return refuse(sub_code);
    }
    if !visit.clearing.admits(visit.now_ms, &key.account) {
        return Reaction::whole(unnumbered.say(&refusal("40005", answer::LIMITED)));
    }
    let script = visit.script(request.auth_code.expose());
    visit.clearing.follow(CHANNEL, &key, script);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Pay);
    let ask = ask(visit, &key, request, expires_ms);
    let charge = visit.charge(CHANNEL, &key, &ask, conduct.work);
    let speaker = Speaker::new(visit, merchant, PAY_METHOD, &key, (Call::Pay, nth), &conduct);
    let response = match (conduct.word, charge) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(charge)) => {
            let order = visit.clearing.book.order(&key).expect("begun above");
            let shown = shown(visit.clearing, &key, order, order.state, &conduct);
            speaker.charge(charge, &key.number, &shown)
        }
        _ => speaker.system_error(),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before the order is looked at (alipay.md §3.1).
fn wrong(visit: &Visit<'_>, merchant: &Merchant<'_>, request: &PayRequest) -> Option<&'static str> {
    const BAD: Option<&str> = Some("ACQ.INVALID_PARAMETER");
    let number = request.out_trade_no.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if number.len() > 64 || !number.bytes().all(sign) || request.total_amount < 1 {
        return BAD;
    }
    if request.total_amount > visit.settings.max_order {
        return Some("ACQ.TOTAL_FEE_EXCEED");
    }
    if request.subject.chars().count() > 256 || request.subject.contains(['/', '=', '&']) {
        return BAD;
    }
    if request.scene != "bar_code" {
        return Some("ACQ.UN_SUPPORT_TRADE_SCENE");
    }
    let products = ["FACE_TO_FACE_PAYMENT", "OFFLINE_PAYMENT"];
    if request.product_code.as_deref().is_some_and(|product| !products.contains(&product)) {
        return BAD;
    }
    if request.sys_service_provider_id.as_deref().is_some_and(|id| !is_partner_id(id)) {
        return BAD;
    }
    let device = request.terminal_params.as_deref();
    if device.is_some_and(|text| serde_json::from_str::<serde_json::Map<String, Value>>(text).is_err()) {
        return BAD;
    }
    let long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if long(&request.store_id, 32) {
        return Some("ACQ.INVALID_STORE_ID");
    }
    if long(&request.terminal_id, 32) || long(&request.operator_id, 28) {
        return BAD;
    }
    let other_seller = request.seller_id.as_deref().is_some_and(|seller| seller != merchant.seller_id);
    other_seller.then_some("ACQ.PARTNER_ERROR")
}

/// A PID: `2088` and twelve digits (alipay.md §3.1, §9).
fn is_partner_id(id: &str) -> bool {
    id.len() == 16 && id.starts_with("2088") && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// A malformed code is refused only where no order is known: the order's state comes first (alipay.md §15).
fn wrong_code(visit: &Visit<'_>, key: &Key, code: &str) -> Option<&'static str> {
    let known = visit.clearing.book.order(key).is_some_and(|order| order.state != State::Absent);
    let prefix = code.get(..2).and_then(|prefix| prefix.parse::<u8>().ok());
    let formed = (16..=24).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_digit())
        && prefix.is_some_and(|prefix| (25..=30).contains(&prefix));
    (!known && !formed).then_some("ACQ.PAYMENT_AUTH_CODE_INVALID")
}

/// When an unpaid trade dies, unix ms: `time_expire` wins over `timeout_express` (alipay.md §3.1); `None`: malformed.
fn expires_ms(now_ms: i64, request: &PayRequest, content: &str) -> Option<i64> {
    let content: Value = serde_json::from_str(content).ok()?;
    if let Some(text) = content.get("time_expire").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        return calendar::read_spaced(text);
    }
    let Some(text) = request.timeout_express.as_deref() else { return Some(now_ms + LIFE_MS) };
    if text == "1c" {
        return Some(calendar::beijing_day_start(calendar::beijing_day(now_ms) + 1));
    }
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let minutes = count.parse::<u16>().ok().filter(|_| !count.starts_with(['0', '+']))?;
    let unit = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 1_440,
        _ => return None,
    };
    let minutes = i64::from(minutes) * unit;
    (minutes <= 15 * 1_440).then_some(now_ms + minutes * 60_000)
}

fn ask(visit: &Visit<'_>, key: &Key, request: &PayRequest, expires_ms: i64) -> Ask {
    // 28 digits: yyyyMMdd and 20 more (alipay.md §3.2).
    let day = &calendar::compact(visit.now_ms)[..8];
    let tail = digits(visit.clearing.seed, &["transaction", &key.account, &key.number], 20);
    Ask {
        amount: request.total_amount,
        code: request.auth_code.expose().to_owned(),
        transaction_no: format!("{day}{tail}"),
        expires_ms: Some(expires_ms),
        life_ms: None,
        dialog_ms: None,
        check: Check::NumberFirst,
        failure: Failure::NoOrder,
        facts: BTreeMap::from([("subject".to_owned(), request.subject.clone())]),
    }
}

/// The key that a query or cancel names: the channel's number wins (alipay.md §3.3, §3.4).
fn named(
    visit: &Visit<'_>,
    merchant: &Merchant<'_>,
    trade_no: Option<&str>,
    number: Option<&str>,
) -> Option<Key> {
    match trade_no {
        Some(id) => visit.clearing.book.find_transaction(&key_of(merchant, "").account, id).cloned(),
        None => number.map(|number| key_of(merchant, number)),
    }
}

fn query(visit: &mut Visit<'_>, merchant: &Merchant<'_>, request: &QueryRequest) -> Reaction {
    let number = request.out_trade_no.as_deref();
    let Some(key) = named(visit, merchant, request.trade_no.as_deref(), number) else {
        let speaker = Speaker::unnumbered(visit, merchant, QUERY_METHOD);
        return Reaction::whole(speaker.say(&answer::declined(number.unwrap_or(""), answer::NOT_EXIST)));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Query);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, QUERY_METHOD, &key, (Call::Query, nth), &conduct);
    let response = match conduct.word {
        Word::Unsigned => speaker.unsigned(),
        Word::SystemError => speaker.system_error(),
        Word::Limited => speaker.say(&refusal("40005", answer::LIMITED)),
        Word::NotFound => speaker.say(&answer::declined(&key.number, answer::NOT_EXIST)),
        _ => speaker.state(&shown(visit.clearing, &key, &order, state, &conduct)),
    };
    fault::deliver(&conduct, response)
}

fn cancel(visit: &mut Visit<'_>, merchant: &Merchant<'_>, request: &CancelRequest) -> Reaction {
    let number = request.out_trade_no.as_deref();
    let Some(key) = named(visit, merchant, request.trade_no.as_deref(), number) else {
        let speaker = Speaker::unnumbered(visit, merchant, CANCEL_METHOD);
        return Reaction::whole(speaker.say(&answer::not_canceled(
            number.unwrap_or(""),
            answer::NOT_EXIST,
            "N",
        )));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Reverse);
    let undo = (conduct.work == Work::Done).then(|| undo(visit, &key));
    let speaker = Speaker::new(visit, merchant, CANCEL_METHOD, &key, (Call::Reverse, nth), &conduct);
    let order = visit.clearing.book.order(&key).expect("begun above");
    let response = match (conduct.word, undo) {
        (Word::Unsigned, _) => speaker.unsigned(),
        (Word::Again, _) => speaker.say(&answer::canceled(&key.number, None, "Y")),
        (Word::Yes, _) => speaker.say(&answer::canceled(&key.number, claimed(order), "N")),
        (Word::Refused, _) => speaker.say(&answer::not_canceled(&key.number, "ACQ.CANCEL_NOT_ALLOWED", "N")),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(undo)) => {
            speaker.undone(undo, &key.number, order)
        }
        _ => speaker.cancel_system_error(&key.number),
    };
    fault::deliver(&conduct, response)
}

/// What a cancel that does nothing claims to have done.
fn claimed(order: &Order) -> Option<(&'static str, &str)> {
    let action = match order.state {
        State::Absent | State::Barred => return None,
        State::Asking | State::Unpaid | State::Lapsed | State::Closed => "close",
        State::Paid | State::Reversed => "refund",
    };
    Some((action, &order.transaction_no))
}

/// Cancels, unless a paid trade is past the window: `Err` (alipay.md §6).
fn undo(visit: &mut Visit<'_>, key: &Key) -> Result<Undo, TooOld> {
    let paid = visit.clearing.book.order(key).filter(|order| order.state == State::Paid);
    if let Some(paid_ms) = paid.and_then(|order| order.paid_ms) {
        let until_ms = match visit.clearing.dials.cancel_window {
            CancelWindow::Hours24 => paid_ms + 86_400_000,
            CancelWindow::SameDay => {
                calendar::beijing_day_start(calendar::beijing_day(paid_ms) + 1) + CANCEL_GRACE_MS
            }
        };
        if visit.now_ms > until_ms {
            return Err(TooOld);
        }
    }
    Ok(visit.clearing.undo(visit.now_ms, CHANNEL, key, Dialog::Closes, Trace::Nothing))
}

/// The trade is past the time in which it could be cancelled.
struct TooOld;
