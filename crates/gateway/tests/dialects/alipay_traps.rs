//! The traps of alipay.md §3, §4, §6 and §11, one by one.

use gateway::dialects::Dialect;
use gateway::dialects::alipay::{Alipay, Shop};
use payment::exchange::{Answer, Call, Payee, QueryAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use serde_json::{Value, json};
use wire::alipay::{
    App, CANCEL_METHOD, PAY_METHOD, QUERY_METHOD, REFUND_METHOD, REFUND_QUERY_METHOD, ResponseOptions, Trust,
    response, unsigned_response,
};
use wire::http::Response;
use wire::sign::SigningKey;

use crate::common::{self, CALLS, NOON, words};

pub(crate) const NUMBER: &str = "S202611180001";
pub(crate) const FEN: i64 = 1280;

#[test]
fn ten_thousand_and_three_has_no_sub_code_and_is_no_success() {
    check(Call::Submit, json!({"code": "10003", "msg": " order success pay inprocess"}), "awaiting_payer");
    let zeroes = json!({"code": "10003", "msg": "Success", "out_trade_no": NUMBER, "trade_no": "2026",
        "total_amount": "12.80", "gmt_payment": "2026-11-18 12:00:02"});
    check(Call::Submit, zeroes, "awaiting_payer");
    for call in [Call::Query, Call::Reverse] {
        check(call, json!({"code": "10003"}), "unknown unlisted");
    }
}

#[test]
fn a_system_error_is_unknown_in_every_spelling() {
    for sub_code in ["ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "SYSTEM_ERROR"] {
        for call in CALLS {
            for code in ["40004", "20000"] {
                let node = json!({"code": code, "sub_code": sub_code, "out_trade_no": NUMBER});
                check(call, node, "unknown channel_unsure");
            }
        }
    }
}

#[test]
fn twenty_thousand_is_unknown_whatever_stands_beside_it() {
    for call in CALLS {
        check(call, json!({"code": "20000"}), "unknown channel_unsure");
        for sub_code in ["isp.unknow-error", "aop.unknow-error", "isp.something-new"] {
            check(call, json!({"code": "20000", "sub_code": sub_code}), "unknown channel_unsure");
        }
    }
}

#[test]
fn a_number_that_is_known_already_is_unknown() {
    for sub_code in [
        "TRADE_HAS_SUCCESS",
        "TRADE_HAS_CLOSE",
        "CONTEXT_INCONSISTENT",
        "TRADE_BUYER_NOT_MATCH",
        "TRADE_STATUS_ERROR",
    ] {
        assert_eq!(words(&refused(Call::Submit, sub_code)), "unknown already_known", "{sub_code}");
    }
}

#[test]
fn an_unsigned_refusal_is_unknown_whatever_it_says() {
    for (code, sub_code) in [
        ("40002", "isv.invalid-signature"),
        ("40002", "isv.invalid-app-id"),
        ("40004", "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ("10000", ""),
    ] {
        for call in CALLS {
            let node = json!({"code": code, "sub_code": sub_code}).to_string();
            for method in [method(call), ""] {
                let unsigned = unsigned_response(method, &node);
                assert_eq!(words(&answer(call, &unsigned)), "unknown unsigned", "{sub_code}");
            }
        }
    }
}

#[test]
fn a_signed_refusal_of_the_gateway_declines_a_payment_and_nothing_else() {
    let told = |call| words(&gateway(call, "40002/isv.invalid-signature"));
    assert_eq!(told(Call::Submit), "declined configuration");
    assert_eq!(
        (told(Call::Query), told(Call::Reverse)),
        ("unknown channel_unsure".into(), told(Call::Query))
    );
    for code in ["40002", "40002/", "40002/isv.new", "40002/ACQ.SYSTEM_ERROR", "40007/isv.invalid-parameter"]
    {
        for call in CALLS {
            assert_eq!(words(&gateway(call, code)), "unknown unlisted", "{code}");
        }
    }
}

#[test]
fn retry_flag_asks_for_another_call_whatever_the_code() {
    for code in ["10000", "20000", "40004", "40002"] {
        for sub_code in ["", "ACQ.TRADE_CANCEL_TIME_OUT", "AQC.SYSTEM_ERROR"] {
            let node = json!({"code": code, "sub_code": sub_code, "retry_flag": "Y", "action": "close"});
            check(Call::Reverse, node, "again");
        }
    }
    check(Call::Reverse, json!({"code": "10000", "retry_flag": "?"}), "unknown incomplete retry_flag");
}

#[test]
fn a_cancel_says_what_it_did_or_that_it_did_not() {
    for (node, expected) in [
        (json!({"code": "10000", "retry_flag": "N", "action": "close"}), "reversed closed"),
        (json!({"code": "10000", "retry_flag": "N", "action": "refund"}), "reversed refunded"),
        (json!({"code": "10000", "retry_flag": "N"}), "reversed unsaid"),
        (json!({"code": "10000", "retry_flag": "N", "action": ""}), "reversed unsaid"),
        (json!({"code": "10000"}), "unknown incomplete retry_flag"),
        (json!({"code": "10000", "retry_flag": "N", "action": "split"}), "unknown unlisted"),
        (json!({"code": "10000", "sub_code": "ACQ.NEW", "retry_flag": "N"}), "unknown unlisted"),
    ] {
        check(Call::Reverse, node, expected);
    }
}

#[test]
fn cancel_without_action_does_not_acknowledge_the_order() {
    let told = answer(Call::Reverse, &signed(Call::Reverse, &json!({"code": "10000", "retry_flag": "N"})));
    assert!(!told.acknowledges());
}

#[test]
fn not_found_is_not_found_and_nothing_more() {
    for sub_code in ["ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"] {
        let node = json!({"code": "40004", "sub_code": sub_code, "out_trade_no": NUMBER});
        let told = answer(Call::Query, &signed(Call::Query, &node));
        assert_eq!(told, Answer::Query(QueryAnswer::NotFound));
        assert!(!told.acknowledges());
        for call in [Call::Submit, Call::Reverse] {
            check(call, node.clone(), "unknown unlisted");
        }
    }
}

#[test]
fn closed_does_not_say_whether_money_had_moved() {
    for ext_infos in ["", "{\"action\":\"cancel\"}"] {
        let node = json!({"code": "10000", "out_trade_no": NUMBER, "trade_status": "TRADE_CLOSED",
            "ext_infos": ext_infos, "send_pay_date": "2026-11-18 12:20:05", "total_amount": "12.80"});
        check(Call::Query, node, "closed closed");
    }
}

#[test]
fn what_nobody_documented_is_unlisted() {
    for sub_code in ["ACQ.NEW_IN_2027", "", "acq.SYSTEM_ERROR", "ACQ.ACQ.TRADE_NOT_EXIST", "*", " "] {
        for call in CALLS {
            check(call, json!({"code": "40004", "sub_code": sub_code}), "unknown unlisted");
        }
    }
    for code in ["10001", "99999", "0", "SUCCESS", "4000"] {
        for call in CALLS {
            check(call, json!({"code": code, "retry_flag": "N"}), "unknown unlisted");
        }
    }
    assert_eq!(words(&status("TRADE_PENDING")), "unknown unlisted");
    for call in CALLS {
        check(call, json!({"code": 10000}), "unknown incomplete code");
    }
    check(Call::Query, json!({"code": "10000", "out_trade_no": NUMBER}), "unknown incomplete trade_status");
    let nameless = json!({"code": "10000", "trade_status": "TRADE_CLOSED"});
    check(Call::Query, nameless, "unknown incomplete out_trade_no");
}

#[test]
fn an_answer_about_another_order_is_not_ours() {
    for (call, mut node) in [
        (Call::Submit, json!({"code": "40004", "sub_code": "ACQ.PAYMENT_FAIL"})),
        (Call::Submit, json!({"code": "10003"})),
        (Call::Query, json!({"code": "10000", "trade_status": "TRADE_CLOSED"})),
        (Call::Query, json!({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"})),
        (Call::Reverse, json!({"code": "10000", "action": "close", "retry_flag": "N"})),
        (Call::Reverse, json!({"code": "10000", "retry_flag": "Y"})),
    ] {
        node["out_trade_no"] = "S202611180002".into();
        check(call, node, "unknown incomplete out_trade_no");
    }
}

/// The signature covers the node and not its name.
#[test]
fn an_answer_under_another_calls_name_decides_nothing() {
    let waiting = json!({"code": "10000", "out_trade_no": NUMBER, "trade_no": "2026", "total_amount": "12.80",
        "trade_status": "WAIT_BUYER_PAY", "gmt_payment": "2026-11-18 12:00:02"});
    check(Call::Submit, waiting.clone(), "unknown channel_unsure");
    check(Call::Reverse, waiting, "unknown incomplete retry_flag");
    let canceled = json!({"code": "10000", "out_trade_no": NUMBER, "action": "close", "retry_flag": "N"});
    check(Call::Submit, canceled.clone(), "unknown incomplete total_amount");
    check(Call::Query, canceled, "unknown incomplete trade_status");
}

pub(crate) fn check(call: Call, node: Value, expected: &str) {
    assert_eq!(words(&answer(call, &signed(call, &node))), expected, "{call:?} {node}");
}

/// A business refusal with that bare sub-code.
pub(crate) fn refused(call: Call, sub_code: &str) -> Answer {
    gateway(call, &format!("40004/ACQ.{sub_code}"))
}

/// A signed refusal with that code and sub-code.
pub(crate) fn gateway(call: Call, code: &str) -> Answer {
    let (code, sub_code) = code.split_once('/').unwrap_or((code, ""));
    let node = json!({"code": code, "msg": "m", "sub_code": sub_code, "sub_msg": "说明"});
    answer(call, &signed(call, &node))
}

/// A query's answer with that status.
pub(crate) fn status(name: &str) -> Answer {
    let mut node = paid_node(Call::Query);
    node["trade_status"] = name.into();
    answer(Call::Query, &signed(Call::Query, &node))
}

pub(crate) fn answer(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

/// What "paid" looks like in answer to a submit or a query.
pub(crate) fn paid_node(call: Call) -> Value {
    let mut node = json!({
        "code": "10000",
        "msg": "Success",
        "buyer_pay_amount": "12.80",
        "out_trade_no": NUMBER,
        "receipt_amount": "12.80",
        "total_amount": "12.80",
        "trade_no": "2026111822001400010500000001",
    });
    match call {
        Call::Submit => node["gmt_payment"] = "2026-11-18 12:00:02".into(),
        Call::Query | Call::Reverse => {
            node["send_pay_date"] = "2026-11-18 12:00:02".into();
            node["trade_status"] = "TRADE_SUCCESS".into();
        }
        Call::Refund => node["fund_change"] = "Y".into(),
        Call::RefundQuery => node["refund_status"] = "REFUND_SUCCESS".into(),
    }
    node
}

pub(crate) fn signed(call: Call, node: &Value) -> Response {
    response(method(call), &node.to_string(), &their_key(), &ResponseOptions::default())
}

pub(crate) fn method(call: Call) -> &'static str {
    match call {
        Call::Submit => PAY_METHOD,
        Call::Query => QUERY_METHOD,
        Call::Reverse => CANCEL_METHOD,
        Call::Refund => REFUND_METHOD,
        Call::RefundQuery => REFUND_QUERY_METHOD,
    }
}

pub(crate) fn our_key() -> SigningKey {
    SigningKey::keyed_hash([7; 32])
}

pub(crate) fn their_key() -> SigningKey {
    SigningKey::keyed_hash([8; 32])
}

pub(crate) fn app() -> App {
    App {
        app_id: "2026110100000001".to_owned(),
        signing_key: our_key(),
        trust: Trust::Key(their_key().verifying_key()),
        seller_id: None,
        app_auth_token: None,
        aes_key: None,
    }
}

pub(crate) fn dialect() -> Alipay {
    Alipay::new(app(), Shop::default())
}

pub(crate) fn payee() -> Payee {
    Payee { merchant: "2026110100000001".to_owned(), sub_merchant: None }
}

pub(crate) fn intent() -> Intent {
    common::intent(Channel::Alipay, NUMBER, FEN, payee())
}

/// A refund of a part: 5.00 of 12.80.
pub(crate) fn refund() -> RefundIntent {
    common::refund(intent(), 500)
}
