//! Alipay refunds: the complete answers field by field, and both requests there and back.

use serde_json::Value;
use wire::alipay::{
    App, BizFault, REFUND_METHOD, REFUND_QUERY_METHOD, RefundQueryRequest, RefundRequest, bare_sub_code,
    read_request, reply, request,
};
use wire::sign::SigningKey;

use crate::alipay_messages::{body_of, message, real_app};
use crate::alipay_vectors::{NOW, app_with};
use crate::testdata_json;

#[test]
fn refunds_say_what_moved() {
    for (id, fund_change, refund_fee) in [
        ("refund-first", "Y", 3_000),
        ("refund-repeat-same-request-no", "N", 3_000),
        // The running total of the trade, though 20.00 were asked.
        ("refund-second", "Y", 5_000),
    ] {
        let refund = message(id, REFUND_METHOD);
        assert_eq!((refund.code(), refund.fund_change()), (Some("10000"), Some(fund_change)), "{id}");
        assert_eq!((refund.refund_fee(), refund.refund_amount()), (Ok(Some(refund_fee)), Ok(None)), "{id}");
        assert_eq!(refund.out_trade_no(), Some("S20261118_0002"));
        assert_eq!(refund.trade_no(), Some("2026111822001400010500000002"));
        assert_eq!(refund.out_request_no(), None, "the refund's number is not echoed");
        assert!(refund.gmt_refund_pay().unwrap().is_some());
    }
    for (id, sub_code) in [
        ("refund-too-much", "REFUND_AMT_NOT_EQUAL_TOTAL"),
        ("refund-discordant", "DISCORDANT_REPEAT_REQUEST"),
    ] {
        let refund = message(id, REFUND_METHOD);
        assert_eq!((refund.code(), refund.fund_change()), (Some("40004"), None), "{id}");
        assert_eq!(
            (refund.sub_code().map(bare_sub_code), refund.refund_fee()),
            (Some(sub_code), Ok(Some(0)))
        );
    }
}

#[test]
fn a_refund_query_says_success_or_nothing() {
    let found = message("refund-query-success", REFUND_QUERY_METHOD);
    assert_eq!((found.code(), found.refund_status()), (Some("10000"), Some("REFUND_SUCCESS")));
    assert_eq!((found.refund_amount(), found.total_amount()), (Ok(Some(3_000)), Ok(Some(10_000))));
    assert_eq!(found.out_request_no(), Some("R20261118_0002_1"));
    // 2026-11-18 12:30:10 in Beijing.
    assert_eq!(found.gmt_refund_pay(), Ok(Some(1_794_976_210_000)));

    let nothing = message("refund-query-nothing", REFUND_QUERY_METHOD);
    assert_eq!((nothing.code(), nothing.refund_status()), (Some("10000"), None));
    assert_eq!((nothing.out_trade_no(), nothing.out_request_no()), (None, None));
}

#[test]
fn published_requests_are_read_and_written_to_the_same_meaning() {
    let file = testdata_json("alipay/messages.json");
    let mut seen = 0;
    for message in file["messages"].as_array().unwrap() {
        let content = message["biz_content"].to_string();
        let again = match message["method"].as_str().unwrap() {
            REFUND_METHOD => RefundRequest::from_biz_content(&content).unwrap().biz_content(),
            REFUND_QUERY_METHOD => RefundQueryRequest::from_biz_content(&content).unwrap().biz_content(),
            _ => continue,
        };
        let written: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(written, message["biz_content"], "{}", message["id"]);
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn both_requests_arrive_as_they_were_sent() {
    let refund = RefundRequest {
        out_trade_no: Some("S1".to_owned()),
        trade_no: Some("T1".to_owned()),
        refund_amount: 3_000,
        out_request_no: Some("R1".to_owned()),
        refund_reason: Some("缺货 & \"破损\"".to_owned()),
        operator_id: Some("op01".to_owned()),
        store_id: Some("ST001".to_owned()),
        terminal_id: Some("T01".to_owned()),
        query_options: vec!["deposit_back_info".to_owned()],
    };
    let query = RefundQueryRequest {
        out_trade_no: Some("S1".to_owned()),
        trade_no: None,
        out_request_no: "R1".to_owned(),
        query_options: vec!["gmt_refund_pay".to_owned()],
    };
    let app: App = app_with(SigningKey::keyed_hash([7; 32]).verifying_key());
    let arrived = |method, content: &str| {
        let sent = request(&app, method, content, "2026-11-18 12:00:01");
        let received = read_request(&sent).unwrap().verify(&app.signing_key.verifying_key()).unwrap();
        assert_eq!(received.value().parameter("method"), Some(method));
        received.value().biz_content().unwrap().to_owned()
    };
    let content = arrived(REFUND_METHOD, &refund.biz_content());
    assert_eq!(RefundRequest::from_biz_content(&content), Ok(refund));
    let content = arrived(REFUND_QUERY_METHOD, &query.biz_content());
    assert_eq!(RefundQueryRequest::from_biz_content(&content), Ok(query));
}

#[test]
fn what_a_request_must_hold_is_named() {
    for (content, fault) in [
        ("[]", BizFault::NotJson),
        ("{}", BizFault::Missing("out_trade_no")),
        (r#"{"out_trade_no":"1"}"#, BizFault::Missing("refund_amount")),
        (r#"{"out_trade_no":"1","refund_amount":"1.001"}"#, BizFault::Bad("refund_amount")),
    ] {
        assert_eq!(RefundRequest::from_biz_content(content), Err(fault), "{content}");
    }
    let whole = RefundRequest::from_biz_content(r#"{"trade_no":"1","refund_amount":3}"#).unwrap();
    assert_eq!((whole.refund_amount, whole.out_request_no), (300, None));
    let query = RefundQueryRequest::from_biz_content(r#"{"trade_no":"1"}"#);
    assert_eq!(query, Err(BizFault::Missing("out_request_no")));
}

#[test]
fn one_flipped_bit_anywhere_is_not_believed() {
    for (id, method) in [("refund-first", REFUND_METHOD), ("refund-query-nothing", REFUND_QUERY_METHOD)] {
        let (body, app) = (body_of(id), real_app());
        for position in 0..body.len() {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << (position % 8);
            assert!(reply(&flipped, &app, method, NOW).is_err(), "{id}: byte {position}");
        }
    }
}
