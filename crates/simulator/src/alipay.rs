//! Alipay's gateway (version 2) from the channel's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (alipay.md §2 to §6, §12, §15). What goes over the wire comes from the ledger alone.

mod answer;
mod refund;

use std::collections::BTreeMap;

use serde_json::Value;
use wire::alipay::{
    BadRequest, BizFault, CANCEL_METHOD, CancelRequest, GATEWAY_PATH, PAY_METHOD, PayRequest, QUERY_METHOD,
    QueryRequest, REFUND_METHOD, REFUND_QUERY_METHOD, Received, RefundQueryRequest, RefundRequest,
    read_request, unsigned_response,
};
use wire::sign::{SigningKey, VerifyingKey};

use crate::book::{Ask, Check, Failure, Key, Order, State};
use crate::calendar;
use crate::clearing::{Dialog, Trace, Undo};
use crate::dial::CancelWindow;
use crate::fault::{self, Call, Word, Work};
use crate::reaction::Reaction;
use crate::seed::digits;
use crate::settings::Account;
use crate::visit::{Visit, shown};
use answer::{Speaker, refusal};

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "alipay";
/// Where everything arrives (alipay.md §2.1).
pub(crate) const PATH: &str = GATEWAY_PATH;

/// What is served.
const METHODS: [&str; 5] = [PAY_METHOD, QUERY_METHOD, CANCEL_METHOD, REFUND_METHOD, REFUND_QUERY_METHOD];

/// An unpaid trade dies after so long unless the merchant says otherwise (alipay.md §3.1, `timeout_express`).
const LIFE_MS: i64 = 3 * 3_600_000;
/// A timestamp may be so far off, where the window is watched (alipay.md §15).
const CLOCK_MS_MAX: i64 = 600_000;
/// What the day of the payment is prolonged by for cancels (alipay.md §6, "Window").
const CANCEL_GRACE_MS: i64 = 15 * 60_000;

/// The application that a call came from.
struct Merchant<'a> {
    app_id: &'a str,
    seller_id: &'a str,
    app_key: &'a VerifyingKey,
    key: &'a SigningKey,
}

/// A refusal before any order is looked at: `code` and `sub_code`.
type Refused = (&'static str, &'static str);

/// Serves one call. What the gateway cannot believe is refused without a signature (alipay.md §2.4).
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    let settings = visit.settings;
    let merchants: Vec<Merchant<'_>> = settings.accounts.iter().filter_map(merchant).collect();
    let unsigned = |method: &str, (code, sub_code): Refused| {
        Reaction::whole(unsigned_response(method, &refusal(code, sub_code).text()))
    };
    let received = match read_request(visit.request) {
        Ok(received) => received,
        Err(BadRequest::Charset(_)) => return unsigned("", ("40002", "isv.invalid-charset")),
        Err(BadRequest::Form(_)) => return unsigned("", ("40002", "isv.invalid-parameter")),
    };
    let method = received.parameter("method").unwrap_or_default().to_owned();
    let merchant = match looked_at(visit, &merchants, &received) {
        Ok(merchant) => merchant,
        Err(refused) => return unsigned(&method, refused),
    };
    let Ok(verified) = received.verify(merchant.app_key) else {
        return unsigned(&method, ("40002", "isv.invalid-signature"));
    };
    let content = verified.value().biz_content().unwrap_or_default();
    let served = match method.as_str() {
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
        _ => {
            let read = RefundQueryRequest::from_biz_content(content);
            read.map(|request| refund::query(visit, merchant, &request))
        }
    };
    served.unwrap_or_else(|fault| {
        let (code, sub_code) = match fault {
            BizFault::NotJson => ("40002", "isv.illegal-json"),
            BizFault::Missing("auth_code") => ("40004", "ACQ.AUTH_TOKEN_IS_NOT_EXIST"),
            BizFault::Missing(_) | BizFault::Bad(_) => ("40004", "ACQ.INVALID_PARAMETER"),
        };
        Reaction::whole(Speaker::unnumbered(visit, merchant, &method).say(&refusal(code, sub_code)))
    })
}

fn merchant(account: &Account) -> Option<Merchant<'_>> {
    match account {
        Account::Alipay { app_id, seller_id, app_public_key, alipay_signing_key } => {
            Some(Merchant { app_id, seller_id, app_key: app_public_key, key: alipay_signing_key })
        }
        Account::WechatV2 { .. }
        | Account::WechatV3 { .. }
        | Account::Qra { .. }
        | Account::Acp { .. }
        | Account::Icbc { .. } => None,
    }
}

/// Method, application, then the other public parameters: all before the signature (alipay.md §2.3, §12).
fn looked_at<'a>(
    visit: &Visit<'_>,
    merchants: &'a [Merchant<'a>],
    received: &Received,
) -> Result<&'a Merchant<'a>, Refused> {
    const MISSING: &str = "40001";
    const INVALID: &str = "40002";
    let method = received.parameter("method").ok_or((MISSING, "isv.missing-method"))?;
    if !METHODS.contains(&method) {
        return Err((INVALID, "isv.invalid-method"));
    }
    let app_id = received.parameter("app_id").ok_or((MISSING, "isv.missing-app-id"))?;
    let merchant = merchants.iter().find(|merchant| merchant.app_id == app_id);
    let merchant = merchant.ok_or((INVALID, "isv.invalid-app-id"))?;
    let sign_type = received.parameter("sign_type").ok_or((MISSING, "isv.missing-signature-type"))?;
    if !["RSA2", "RSA"].contains(&sign_type) {
        return Err((INVALID, "isv.invalid-signature-type"));
    }
    if received.parameter("charset").is_none() {
        return Err((INVALID, "isv.invalid-charset"));
    }
    if received.parameter("format").is_some_and(|format| !format.eq_ignore_ascii_case("json")) {
        return Err((INVALID, "isv.invalid-format"));
    }
    let timestamp = received.parameter("timestamp").ok_or((MISSING, "isv.missing-timestamp"))?;
    let sent_ms = calendar::read_spaced(timestamp).ok_or((INVALID, "isv.invalid-timestamp"))?;
    if visit.clearing.dials.timestamp_window && (visit.now_ms - sent_ms).abs() > CLOCK_MS_MAX {
        return Err((INVALID, "isv.invalid-timestamp"));
    }
    received.parameter("version").ok_or((MISSING, "isv.missing-version"))?;
    received.parameter("sign").ok_or((MISSING, "isv.missing-signature"))?;
    Ok(merchant)
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
    const INVALID: Option<&str> = Some("ACQ.INVALID_PARAMETER");
    let number = request.out_trade_no.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if number.len() > 64 || !number.bytes().all(sign) || request.total_amount < 1 {
        return INVALID;
    }
    if request.total_amount > visit.settings.max_order {
        return Some("ACQ.TOTAL_FEE_EXCEED");
    }
    if request.subject.chars().count() > 256 || request.subject.contains(['/', '=', '&']) {
        return INVALID;
    }
    if request.scene != "bar_code" {
        return Some("ACQ.UN_SUPPORT_TRADE_SCENE");
    }
    let products = ["FACE_TO_FACE_PAYMENT", "OFFLINE_PAYMENT"];
    if request.product_code.as_deref().is_some_and(|product| !products.contains(&product)) {
        return INVALID;
    }
    let other_seller = request.seller_id.as_deref().is_some_and(|seller| seller != merchant.seller_id);
    other_seller.then_some("ACQ.PARTNER_ERROR")
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
