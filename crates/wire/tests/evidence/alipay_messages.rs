//! The 35 complete answers, field by field where a payment depends on it, and every way in which they must not verify.

use serde_json::Value;
use wire::alipay::{
    App, CANCEL_METHOD, Node, NotVerified, PAY_METHOD, PayRequest, QUERY_METHOD, bare_sub_code, reply,
    response,
};
use wire::sign::{SigningKey, VerifyingKey};
use wire::text::json::JsonError;
use wire::text::{json, raw_json};
use wire::verified::{BadField, Verified};

use crate::alipay_vectors::{NOW, Vectors, app_with, text, unreadable, verifying};
use crate::{independent_rsa, testdata_json};

#[test]
fn every_answer_verifies_by_both_implementations() {
    let file = testdata_json("alipay/messages.json");
    let messages = file["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 35);
    let vectors = Vectors::load();
    let app = app_with(verifying(vectors.key("alipay_sim_public")));
    for message in messages {
        let (id, body) = (text(&message["id"]), text(&message["response_raw"]).as_bytes());
        let node = reply(body, &app, text(&message["method"]), NOW).unwrap();
        assert_eq!(node.is_gateway_error(), id == "gateway-missing-parameter", "{id}");
        assert!(node.code().is_some() && node.msg().is_some(), "{id}");
        let envelope = raw_json::envelope(body, None, json::LIMITS).unwrap();
        let sign = envelope.sign.unwrap();
        assert!(
            independent_rsa::verify_sha256(vectors.key("alipay_sim_public"), envelope.node, &sign),
            "{id}"
        );
    }
}

#[test]
fn answers_say_what_happened() {
    let paid = message("pay-success", PAY_METHOD);
    assert_eq!((paid.code(), paid.sub_code()), (Some("10000"), None));
    assert_eq!((paid.total_amount(), paid.receipt_amount()), (Ok(Some(1280)), Ok(Some(1280))));
    assert_eq!((paid.buyer_pay_amount(), paid.point_amount()), (Ok(Some(1280)), Ok(Some(0))));
    assert_eq!(
        (paid.out_trade_no(), paid.trade_no()),
        (Some("S20261118_0001"), Some("2026111822001400010500000001"))
    );
    // 2026-11-18 12:00:02 in Beijing.
    assert_eq!((paid.gmt_payment(), paid.send_pay_date()), (Ok(Some(1_794_974_402_000)), Ok(None)));
    assert_eq!(paid.buyer_user_id(), Some("2088101117955611"));

    let typing = message("pay-10003", PAY_METHOD);
    assert_eq!((typing.code(), typing.sub_code()), (Some("10003"), None));
    assert_eq!(typing.msg(), Some(" order success pay inprocess"));
    assert_eq!((typing.total_amount(), typing.receipt_amount()), (Ok(Some(265_000)), Ok(Some(0))));

    let query = message("query-success", QUERY_METHOD);
    assert_eq!(
        (query.trade_status(), query.send_pay_date()),
        (Some("TRADE_SUCCESS"), Ok(Some(1_794_974_402_000)))
    );
    let absent = message("query-not-exist", QUERY_METHOD);
    assert_eq!(absent.sub_code().map(bare_sub_code), Some("TRADE_NOT_EXIST"));
    assert_eq!((absent.out_trade_no(), absent.total_amount()), (Some("S_NEVER"), Ok(None)));

    for (id, action, retry_flag) in [
        ("cancel-close", Some("close"), Some("N")),
        ("cancel-refund", Some("refund"), Some("N")),
        ("cancel-unknown-order", None, Some("N")),
        ("cancel-system-error", None, Some("Y")),
    ] {
        let cancel = message(id, CANCEL_METHOD);
        assert_eq!((cancel.action(), cancel.retry_flag()), (action, retry_flag), "{id}");
    }
    let misspelt = message("cancel-system-error", CANCEL_METHOD);
    assert_eq!(misspelt.sub_code().map(bare_sub_code), Some("SYSTEM_ERROR"));
    assert_eq!(message("pay-20000", PAY_METHOD).sub_code().map(bare_sub_code), Some("SYSTEM_ERROR"));
    assert_eq!(bare_sub_code("isv.invalid-signature"), "isv.invalid-signature");
    assert_eq!(bare_sub_code("TRADE_NOT_EXIST"), "TRADE_NOT_EXIST");
}

#[test]
fn published_requests_are_read_and_written_to_the_same_meaning() {
    let file = testdata_json("alipay/messages.json");
    for message in file["messages"].as_array().unwrap() {
        if message["method"] == PAY_METHOD {
            let content = message["biz_content"].to_string();
            let read = PayRequest::from_biz_content(&content).unwrap();
            let written: Value = serde_json::from_str(&read.biz_content()).unwrap();
            assert_eq!(written, message["biz_content"], "{}", message["id"]);
        }
    }
}

#[test]
fn one_flipped_bit_anywhere_is_not_believed() {
    let body = body_of("cancel-close");
    let app = real_app();
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            assert!(reply(&flipped, &app, CANCEL_METHOD, NOW).is_err(), "byte {position}, bit {bit}");
        }
    }
}

#[test]
fn unsigned_answers_say_what_they_claim_and_nothing_more() {
    let unsigned = NotVerified::Unsigned { code: "40002".into(), sub_code: "isv.invalid-app-id".into() };
    let node = r#"{"code":"40002","sub_code":"isv.invalid-app-id"}"#;
    for body in [
        format!(r#"{{"error_response":{node},"alipay_cert_sn":"77","sign":""}}"#),
        format!(r#"{{"error_response":{node}}}"#),
        format!(r#"{{"alipay_trade_pay_response":{node}}}"#),
    ] {
        assert_eq!(reply(body.as_bytes(), &real_app(), PAY_METHOD, NOW).unwrap_err(), unsigned);
    }
    let bare = br#"{"alipay_trade_pay_response":7}"#;
    let unsigned = NotVerified::Unsigned { code: String::new(), sub_code: String::new() };
    assert_eq!(reply(bare, &real_app(), PAY_METHOD, NOW).unwrap_err(), unsigned);
}

#[test]
fn an_answer_belongs_to_its_call_and_says_each_thing_once() {
    let signed = String::from_utf8(body_of("cancel-close")).unwrap();
    let wrong_call = reply(signed.as_bytes(), &real_app(), PAY_METHOD, NOW).unwrap_err();
    assert_eq!(wrong_call, unreadable(raw_json::RawJsonError::Node));

    let two_nodes = signed.replacen('{', r#"{"error_response":{"code":"1"},"#, 1);
    let refused = reply(two_nodes.as_bytes(), &real_app(), CANCEL_METHOD, NOW).unwrap_err();
    assert_eq!(refused, unreadable(raw_json::RawJsonError::Node));

    let second = signed.replacen('{', r#"{"alipay_trade_cancel_response":{},"#, 1);
    let refused = reply(second.as_bytes(), &real_app(), CANCEL_METHOD, NOW).unwrap_err();
    assert_eq!(refused, duplicate("alipay_trade_cancel_response"));

    // Even a signature does not make two equal names one.
    for (node, name) in [
        (r#"{"code":"10000","code":"10003"}"#, "code"),
        (r#"{"code":"10000","c\u006fde":"10003"}"#, "code"),
        (r#"{"a":[{"b":1,"b":1}]}"#, "b"),
    ] {
        assert_eq!(read(node).unwrap_err(), duplicate(name));
    }
}

#[test]
fn a_field_in_the_wrong_form_is_bad_and_not_absent() {
    for (json, value) in [("\"12.345\"", "12.345"), ("\"-1\"", "-1"), ("[1]", "[1]"), ("1e2", "100.0")] {
        let node = read(&format!(r#"{{"total_amount":{json}}}"#)).unwrap();
        match value {
            "100.0" => assert_eq!(node.total_amount(), Ok(Some(10_000))),
            _ => {
                let bad = BadField { field: "total_amount", value: value.to_owned() };
                assert_eq!(node.total_amount(), Err(bad));
            }
        }
    }
    let node =
        read(r#"{"total_amount":12.8,"receipt_amount":null,"gmt_payment":"20261118","code":10000}"#).unwrap();
    assert_eq!((node.total_amount(), node.receipt_amount()), (Ok(Some(1280)), Ok(None)));
    assert!(node.gmt_payment().is_err());
    assert_eq!(node.code(), None, "a number is not the documented code");
}

fn duplicate(name: &str) -> NotVerified {
    unreadable(raw_json::RawJsonError::Json(JsonError::Duplicate(name.to_owned())))
}

/// A node signed by the stand-in, through the whole way there and back.
fn read(node: &str) -> Result<Verified<Node>, NotVerified> {
    let key = SigningKey::keyed_hash([1; 32]);
    let sent = response(PAY_METHOD, node, &key, &wire::alipay::ResponseOptions::default());
    let alipay_key: VerifyingKey = key.verifying_key();
    reply(&sent.body, &app_with(alipay_key), PAY_METHOD, NOW)
}

pub(crate) fn message(id: &str, method: &str) -> Verified<Node> {
    reply(&body_of(id), &real_app(), method, NOW).unwrap()
}

pub(crate) fn body_of(id: &str) -> Vec<u8> {
    let file = testdata_json("alipay/messages.json");
    let found = file["messages"].as_array().unwrap().iter().find(|message| message["id"] == id).unwrap();
    text(&found["response_raw"]).as_bytes().to_vec()
}

pub(crate) fn real_app() -> App {
    app_with(verifying(Vectors::load().key("alipay_sim_public")))
}
