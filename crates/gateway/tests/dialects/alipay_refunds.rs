//! Refunds at Alipay: what leaves, what each answer means, and every trap of alipay.md §3.5, §3.6, §4.5 and §7.

use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Answer, Call, Difference, RefundFacts, RefundQueryAnswer};
use payment::money::Fen;
use payment::patience::Channel;
use payment::refund::RefundIntent;
use proptest::prelude::*;
use serde_json::{Value, json};
use wire::alipay::{RefundQueryRequest, RefundRequest, read_request};
use wire::http::Response;

use crate::alipay_traps::{
    FEN, NUMBER, answer, check, dialect, intent, method, our_key, payee, refund, signed,
};
use crate::common::{self, NOON, REFUND_NO, asking, words};
use crate::wechat_refunds::{difference, done};

/// A refund of 5.00 that this call did, after 3.00 before.
fn moved() -> Value {
    json!({
        "code": "10000",
        "msg": "Success",
        "fund_change": "Y",
        "gmt_refund_pay": "2026-11-18 12:30:10",
        "out_trade_no": NUMBER,
        "refund_fee": "8.00",
        "send_back_fee": "0.00",
        "trade_no": "2026111822001400010500000001",
    })
}

/// The answer to a refund query about 5.00 given back.
fn found() -> Value {
    json!({
        "code": "10000",
        "msg": "Success",
        "out_request_no": REFUND_NO,
        "out_trade_no": NUMBER,
        "refund_amount": "5.00",
        "refund_status": "REFUND_SUCCESS",
        "total_amount": "12.80",
        "trade_no": "2026111822001400010500000001",
    })
}

/// A refund query's answer with that status.
pub(crate) fn status(name: &str) -> Answer {
    let mut node = found();
    node["refund_status"] = name.into();
    answer(Call::RefundQuery, &signed(Call::RefundQuery, &node))
}

fn with(call: Call, mut node: Value, name: &str, value: Value) -> Answer {
    if value.is_null() {
        node.as_object_mut().unwrap().remove(name);
    } else {
        node[name] = value;
    }
    answer(call, &signed(call, &node))
}

#[test]
fn a_refund_carries_its_numbers_and_nothing_undocumented() {
    let (intent, sale, refund) =
        (intent(), Sale { operator: Some("op01".to_owned()), ..Sale::default() }, refund());
    let sent = |call| {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        let outgoing = dialect().request(&asking);
        assert!(!outgoing.client_certificate);
        let received = read_request(&outgoing.request).unwrap().verify(&our_key().verifying_key()).unwrap();
        assert_eq!(received.value().parameter("method"), Some(method(call)));
        assert_eq!(received.value().parameter("timestamp"), Some("2026-03-15 09:12:28"));
        received.value().biz_content().unwrap().to_owned()
    };
    let expected = RefundRequest {
        out_trade_no: Some(NUMBER.to_owned()),
        refund_amount: 500,
        out_request_no: Some(REFUND_NO.to_owned()),
        refund_reason: Some("缺货 ＆ 破损".to_owned()),
        ..RefundRequest::default()
    };
    assert_eq!(RefundRequest::from_biz_content(&sent(Call::Refund)), Ok(expected));
    let names: Value = serde_json::from_str(&sent(Call::Refund)).unwrap();
    assert_eq!(names.as_object().unwrap().len(), 4, "{names}");
    let expected = RefundQueryRequest {
        out_trade_no: Some(NUMBER.to_owned()),
        out_request_no: REFUND_NO.to_owned(),
        ..RefundQueryRequest::default()
    };
    assert_eq!(RefundQueryRequest::from_biz_content(&sent(Call::RefundQuery)), Ok(expected));
}

/// The application of the intent, whatever is configured today.
#[test]
fn refunds_use_the_intents_facts() {
    let theirs = payment::exchange::Payee { merchant: "2025/2088".to_owned(), sub_merchant: None };
    let intent = common::intent(Channel::Alipay, NUMBER, FEN, theirs);
    let (sale, refund) = (Sale::default(), common::refund(intent.clone(), 500));
    for call in [Call::Refund, Call::RefundQuery] {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        let request = dialect().request(&asking).request;
        assert_eq!(read_request(&request).unwrap().parameter("app_id"), Some("2025"));
    }
}

#[test]
fn only_money_that_moved_is_done() {
    let facts = done(answer(Call::Refund, &signed(Call::Refund, &moved())));
    // The sum in the answer is the trade's running total: of this refund it says nothing.
    let expected = RefundFacts {
        channel_order_no: NUMBER.to_owned(),
        channel_refund_no: REFUND_NO.to_owned(),
        amount: None,
        channel_transaction_no: String::new(),
    };
    assert_eq!(facts, expected);
    assert_eq!(difference(&facts, &refund()), None);
    for (name, value, expected) in [
        ("fund_change", json!("N"), "unknown already_known"),
        ("fund_change", Value::Null, "unknown incomplete fund_change"),
        ("fund_change", json!(""), "unknown incomplete fund_change"),
        ("fund_change", json!("y"), "unknown incomplete fund_change"),
        ("refund_fee", Value::Null, "unknown incomplete refund_fee"),
        ("refund_fee", json!("4.99"), "unknown incomplete refund_fee"),
        ("refund_fee", json!("12.81"), "unknown incomplete refund_fee"),
        ("refund_fee", json!("-5.00"), "unknown incomplete refund_fee"),
        ("refund_fee", json!("5.00"), "done"),
        ("refund_fee", json!(12.8), "done"),
        ("out_trade_no", Value::Null, "unknown incomplete out_trade_no"),
        ("out_trade_no", json!("S202611180002"), "unknown incomplete out_trade_no"),
        ("code", json!("10003"), "unknown unlisted"),
        ("code", json!("20000"), "unknown channel_unsure"),
        ("sub_code", json!("ACQ.NEW"), "unknown unlisted"),
        ("brand_new", json!({"a": 1}), "done"),
    ] {
        let told = with(Call::Refund, moved(), name, value.clone());
        assert_eq!(words(&told), expected, "{name} {value}");
    }
}

#[test]
fn a_refusal_is_about_this_trade() {
    let refusal = json!({"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH", "out_trade_no": NUMBER,
        "refund_fee": "0.00", "send_back_fee": "0.00"});
    check(Call::Refund, refusal.clone(), "refused merchant_funds");
    let told = with(Call::Refund, refusal, "out_trade_no", json!("S202611180002"));
    assert_eq!(words(&told), "unknown incomplete out_trade_no");
    // Spelt with and without the prefix that comes and goes.
    check(Call::Refund, json!({"code": "40004", "sub_code": "TRADE_HAS_CLOSE"}), "refused nothing_left");
    check(Call::Refund, json!({"code": "40004", "sub_code": "AQC.SYSTEM_ERROR"}), "unknown channel_unsure");
    check(Call::Refund, json!({"code": "40004", "sub_code": "ACQ.OVERDRAFT_"}), "unknown unlisted");
    check(Call::Refund, json!({"code": "40005"}), "unknown rate_limited");
    check(
        Call::Refund,
        json!({"code": "40002", "sub_code": "isv.invalid-signature"}),
        "refused configuration",
    );
    let unpermitted = json!({"code": "40006", "sub_code": "isv.insufficient-isv-permissions"});
    check(Call::Refund, unpermitted, "refused not_allowed");
}

#[test]
fn what_was_given_back_is_compared() {
    let facts = done(status("REFUND_SUCCESS"));
    assert_eq!(facts.amount, Some(Fen::new(500).unwrap()));
    assert_eq!(difference(&facts, &refund()), None);
    for (name, value, expected) in [
        ("refund_amount", "5.01", Difference::Amount),
        ("out_request_no", "R2", Difference::OrderNo),
        ("out_trade_no", "S202611180002", Difference::OrderNo),
    ] {
        let facts = done(with(Call::RefundQuery, found(), name, json!(value)));
        assert_eq!(difference(&facts, &refund()), Some(expected), "{name}");
    }
    for name in ["refund_amount", "out_request_no", "out_trade_no"] {
        let told = with(Call::RefundQuery, found(), name, Value::Null);
        assert_eq!(words(&told), format!("unknown incomplete {name}"));
    }
    let told = with(Call::RefundQuery, found(), "refund_amount", json!("5.001"));
    assert_eq!(words(&told), "unknown incomplete refund_amount");
    for name in ["REFUND_PROCESSING", "REFUND_FAIL", "refund_success"] {
        assert_eq!(words(&status(name)), "unknown unlisted", "{name}");
    }
}

/// Trap 9: a success without a word is no refund; and it is no failure either.
#[test]
fn a_query_without_a_status_found_nothing() {
    let bare = json!({"code": "10000", "msg": "Success"});
    let told = answer(Call::RefundQuery, &signed(Call::RefundQuery, &bare));
    assert_eq!(told, Answer::RefundQuery(RefundQueryAnswer::NotFound));
    for (name, value, expected) in [
        ("out_trade_no", json!(NUMBER), "not_found"),
        ("out_request_no", json!(REFUND_NO), "not_found"),
        ("refund_status", json!(""), "not_found"),
        ("brand_new", json!("x"), "not_found"),
        ("out_trade_no", json!("S202611180002"), "unknown incomplete out_trade_no"),
        ("out_request_no", json!("R2"), "unknown incomplete out_request_no"),
        // The signature covers the node and not its name: these are answers to other calls, or contradict themselves.
        ("refund_amount", json!("5.00"), "unknown incomplete refund_status"),
        ("gmt_refund_pay", json!("2026-11-18 12:30:10"), "unknown incomplete refund_status"),
        ("fund_change", json!("N"), "unknown incomplete refund_status"),
        ("trade_status", json!("TRADE_SUCCESS"), "unknown incomplete refund_status"),
        ("retry_flag", json!("N"), "unknown incomplete refund_status"),
    ] {
        let told = with(Call::RefundQuery, bare.clone(), name, value.clone());
        assert_eq!(words(&told), expected, "{name} {value}");
    }
    // And the other way round: what a refund query says is no refund's own answer.
    check(Call::Refund, bare, "unknown incomplete out_trade_no");
    check(Call::Refund, found(), "unknown incomplete fund_change");
}

#[test]
fn the_samples_mean_what_the_sheet_says() {
    let file = format!("{}/../wire/testdata/alipay/", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(format!("{file}{name}")).unwrap()).unwrap()
    };
    let messages = read("messages.json");
    for (id, number, fen, expected) in [
        ("refund-first", "R20261118_0002_1", 3_000, "done"),
        ("refund-repeat-same-request-no", "R20261118_0002_1", 3_000, "unknown already_known"),
        ("refund-second", "R20261118_0002_2", 2_000, "done"),
        ("refund-too-much", "R20261118_0002_3", 9_000, "refused amount_exceeded"),
        ("refund-discordant", "R20261118_0002_1", 3_100, "unknown already_known"),
        ("refund-query-success", "R20261118_0002_1", 3_000, "done"),
        ("refund-query-nothing", "R_NEVER", 3_000, "not_found"),
    ] {
        let message = messages["messages"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        let body: Value = serde_json::from_str(message["response_raw"].as_str().unwrap()).unwrap();
        let called = message["method"].as_str().unwrap();
        let call = if called == method(Call::Refund) { Call::Refund } else { Call::RefundQuery };
        // Our numbers have no underscore, so the node is told again about ours.
        let node = body[format!("{}_response", called.replace('.', "_"))].to_string();
        let node = node.replace("S20261118_0002", NUMBER).replace(number, REFUND_NO);
        let intent = common::intent(Channel::Alipay, NUMBER, 10_000, payee());
        let refund = common::refund(intent.clone(), fen);
        let node: Value = serde_json::from_str(&node).unwrap();
        let told = dialect().answer(NOON, call, &intent, Some(&refund), &signed(call, &node));
        assert_eq!(words(&told), expected, "{id}");
        if expected == "done" {
            assert_eq!(difference(&done(told), &refund), None, "{id}");
        }
    }
}

#[test]
fn no_flipped_bit_of_a_refunds_answer_decides_anything() {
    let bare = json!({"code": "10000", "msg": "Success"});
    for (call, node) in [(Call::Refund, moved()), (Call::RefundQuery, found()), (Call::RefundQuery, bare)] {
        let body = signed(call, &node).body;
        for position in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[position] ^= 1 << bit;
                let told = words(&answer(call, &Response::ok("text/html", flipped)));
                assert!(told.starts_with("unknown "), "{call:?}: byte {position}, bit {bit}: {told}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_reason_leaves_a_request_that_verifies(reason in any::<String>()) {
        let (intent, sale) = (intent(), Sale::default());
        let refund = RefundIntent { reason: Some(reason), ..refund() };
        let asking = Asking { refund: Some(&refund), ..asking(Call::Refund, &intent, &sale, None) };
        let request = dialect().request(&asking).request;
        let received = read_request(&request).unwrap().verify(&our_key().verifying_key()).unwrap();
        let call = RefundRequest::from_biz_content(received.value().biz_content().unwrap()).unwrap();
        prop_assert_eq!((call.refund_amount, call.out_request_no.as_deref()), (500, Some(REFUND_NO)));
        prop_assert!(call.refund_reason.is_none_or(|text| (1..=256).contains(&text.chars().count())));
        prop_assert_eq!(dialect().request(&asking).request, request);
    }
}
