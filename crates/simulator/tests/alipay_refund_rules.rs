//! Alipay's rules of refunds one by one, each with its place in the sheet (alipay.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::alipay::{Alipay, alipay};
use common::{Heard, Till, Tongue, gentle};
use serde_json::{Value, json};
use wire::alipay::{
    QUERY_METHOD, QueryRequest, REFUND_METHOD, REFUND_QUERY_METHOD, RefundQueryRequest, RefundRequest,
};

const CODE: &str = "284567890123456789";
const NUMBER: &str = "S20261118_0001";

fn plain(alipay: &Alipay) -> Till<'_> {
    let mut till = Till::new(gentle(), alipay);
    assert_eq!(till.pay(NUMBER, 10_000, CODE), Heard::Paid { total: 10_000, paid: 10_000 });
    till
}

fn call(number: &str, amount: i64) -> RefundRequest {
    RefundRequest {
        out_trade_no: Some(NUMBER.to_owned()),
        out_request_no: Some(number.to_owned()),
        refund_amount: amount,
        ..RefundRequest::default()
    }
}

/// The signed node of an answer, as it stands in the body.
fn node(till: &mut Till<'_>, alipay: &Alipay, method: &str, content: &str) -> Value {
    let request = alipay.send(method, content, till.now_ms);
    let response = till.call(&request).response.expect("an answer");
    alipay.node(&response, method).expect("a signed answer");
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    body[format!("{}_response", method.replace('.', "_"))].clone()
}

fn refund(till: &mut Till<'_>, alipay: &Alipay, call: &RefundRequest) -> Value {
    node(till, alipay, REFUND_METHOD, &call.biz_content())
}

fn status(till: &mut Till<'_>, alipay: &Alipay) -> Value {
    let call = QueryRequest { out_trade_no: Some(NUMBER.to_owned()), ..QueryRequest::default() };
    node(till, alipay, QUERY_METHOD, &call.biz_content())["trade_status"].clone()
}

/// §3.5, §7: fund_change says whether this call moved money, refund_fee is the running total.
#[test]
fn a_refund_says_whether_it_moved_money_and_the_running_total() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    let mut told = |number, amount| {
        let answer = refund(&mut till, &alipay, &call(number, amount));
        (answer["code"].clone(), answer["fund_change"].clone(), answer["refund_fee"].clone())
    };
    assert_eq!(told("R1", 3_000), (json!("10000"), json!("Y"), json!("30.00")));
    assert_eq!(told("R1", 3_000), (json!("10000"), json!("N"), json!("30.00")));
    assert_eq!(told("R2", 2_000), (json!("10000"), json!("Y"), json!("50.00")));
    assert_eq!(told("R1", 3_000), (json!("10000"), json!("N"), json!("50.00")));
}

/// §3.5: the fields of an observed answer, and of an observed refusal.
#[test]
fn answers_carry_the_observed_fields() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    let file: Value = serde_json::from_str(include_str!("../../wire/testdata/alipay/messages.json")).unwrap();
    let observed = |id: &str| {
        let messages = file["messages"].as_array().unwrap().iter();
        let found = messages.into_iter().find(|message| message["id"] == id).unwrap();
        let body: Value = serde_json::from_str(found["response_raw"].as_str().unwrap()).unwrap();
        names(&body.as_object().unwrap().iter().find(|(name, _)| *name != "sign").unwrap().1.clone())
    };
    let done = refund(&mut till, &alipay, &call("R1", 3_000));
    assert_eq!(names(&done), observed("refund-first"));
    assert_eq!(done["gmt_refund_pay"], "2026-03-15 10:00:00");
    assert_eq!(names(&refund(&mut till, &alipay, &call("R2", 9_000))), observed("refund-too-much"));
    let mut query = RefundQueryRequest {
        out_trade_no: Some(NUMBER.to_owned()),
        out_request_no: "R1".to_owned(),
        query_options: vec!["gmt_refund_pay".to_owned()],
        ..RefundQueryRequest::default()
    };
    let found = node(&mut till, &alipay, REFUND_QUERY_METHOD, &query.biz_content());
    assert_eq!(names(&found), observed("refund-query-success"));
    assert_eq!(
        (&found["refund_amount"], &found["total_amount"], &found["out_request_no"]),
        (&json!("30.00"), &json!("100.00"), &json!("R1"))
    );
    query.query_options.clear();
    let bare = node(&mut till, &alipay, REFUND_QUERY_METHOD, &query.biz_content());
    assert_eq!(bare.get("gmt_refund_pay"), None, "only for who asks");
    query.out_request_no = "R_NEVER".to_owned();
    let nothing = node(&mut till, &alipay, REFUND_QUERY_METHOD, &query.biz_content());
    assert_eq!(nothing, json!({"code": "10000", "msg": "Success"}));
}

fn names(node: &Value) -> Vec<String> {
    let mut names: Vec<String> = node.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}

/// §5: a part leaves the trade a success, the whole closes it.
#[test]
fn only_the_whole_amount_closes_a_trade() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    refund(&mut till, &alipay, &call("R1", 3_000));
    assert_eq!(status(&mut till, &alipay), "TRADE_SUCCESS");
    refund(&mut till, &alipay, &call("R2", 7_000));
    assert_eq!(status(&mut till, &alipay), "TRADE_CLOSED");
    // §4.2: closed, also by a full refund; §15: a repeat is answered before the state is looked at.
    assert_eq!(pay_again(&mut till, &alipay), "ACQ.TRADE_HAS_CLOSE");
    assert_eq!(refund(&mut till, &alipay, &call("R3", 1))["sub_code"], "ACQ.TRADE_HAS_CLOSE");
    let again = refund(&mut till, &alipay, &call("R1", 3_000));
    assert_eq!((&again["code"], &again["fund_change"]), (&json!("10000"), &json!("N")));
}

fn pay_again(till: &mut Till<'_>, alipay: &Alipay) -> Value {
    let request = alipay.pay(NUMBER, 10_000, CODE, till.now_ms);
    let response = till.call(&request).response.unwrap();
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    body["alipay_trade_pay_response"]["sub_code"].clone()
}

/// §3.5, §7: without a number the refund has the order's, and must be of the whole.
#[test]
fn a_refund_without_a_number_is_of_the_whole() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    let nameless = |amount| RefundRequest { out_request_no: None, ..call("", amount) };
    let part = refund(&mut till, &alipay, &nameless(9_999));
    assert_eq!(part["sub_code"], "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_eq!(refund(&mut till, &alipay, &nameless(10_000))["fund_change"], "Y");
    assert_eq!(till.refund_query(NUMBER, NUMBER), common::Back::Done(10_000));
}

/// §3.5: the channel's number wins; a refund by it is the same refund.
#[test]
fn a_trade_is_named_by_either_number() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    let first = refund(&mut till, &alipay, &call("R1", 3_000));
    let trade_no = first["trade_no"].as_str().map(str::to_owned);
    let by_id = RefundRequest {
        trade_no: trade_no.clone(),
        out_trade_no: Some("S_OTHER".to_owned()),
        ..call("R1", 3_000)
    };
    let again = refund(&mut till, &alipay, &by_id);
    assert_eq!((&again["fund_change"], &again["out_trade_no"]), (&json!("N"), &json!(NUMBER)));
    let query =
        RefundQueryRequest { trade_no, out_request_no: "R1".to_owned(), ..RefundQueryRequest::default() };
    let found = node(&mut till, &alipay, REFUND_QUERY_METHOD, &query.biz_content());
    assert_eq!(found["refund_status"], "REFUND_SUCCESS");
    let unknown = RefundRequest { trade_no: Some("2026".to_owned()), ..call("R2", 1) };
    assert_eq!(refund(&mut till, &alipay, &unknown)["sub_code"], "ACQ.TRADE_NOT_EXIST");
}

/// §4.3: a query about a trade that never was; the prefix comes and goes.
#[test]
fn a_refund_query_of_no_trade_says_so() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    for _ in 0..10 {
        let query = RefundQueryRequest {
            out_trade_no: Some("S_NEVER".to_owned()),
            out_request_no: "R1".to_owned(),
            ..RefundQueryRequest::default()
        };
        let answer = node(&mut till, &alipay, REFUND_QUERY_METHOD, &query.biz_content());
        assert_eq!(answer["code"], "40004");
        assert!(answer["sub_code"].as_str().unwrap().ends_with("TRADE_NOT_EXIST"));
    }
    assert_eq!(till.simulator.ledger().len(), 1, "asking makes no line");
}

/// §3.5: forms and ranges.
#[test]
fn malformed_refunds_are_refused() {
    let alipay = alipay();
    let mut till = plain(&alipay);
    let text = |text: &str| Some(text.to_owned());
    for call in [
        call("R1", 0),
        call(&"R".repeat(65), 1),
        RefundRequest { refund_reason: text(&"退".repeat(257)), ..call("R1", 1) },
        RefundRequest { out_trade_no: None, ..call("R1", 1) },
    ] {
        let answer = refund(&mut till, &alipay, &call);
        assert_eq!(answer["sub_code"], "ACQ.INVALID_PARAMETER", "{call:?}");
    }
    assert_eq!(till.money(NUMBER), (10_000, 0));
    // The reason comes back in the query.
    let reasoned = RefundRequest { refund_reason: text("缺货"), ..call("R1", 1) };
    refund(&mut till, &alipay, &reasoned);
    let query = RefundQueryRequest {
        out_trade_no: text(NUMBER),
        out_request_no: "R1".to_owned(),
        ..RefundQueryRequest::default()
    };
    let found = node(&mut till, &alipay, REFUND_QUERY_METHOD, &query.biz_content());
    assert_eq!(found["refund_reason"], "缺货");
}
