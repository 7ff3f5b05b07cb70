//! The two ends against each other, in every way in which an answer may be written.

use proptest::prelude::*;
use wire::alipay::{
    App, BadRequest, BankAgent, BizFault, CancelRequest, CertSn, CertSnPlace, GATEWAY_PATH, NotVerified,
    PAY_METHOD, PayRequest, QUERY_METHOD, QueryRequest, ResponseOptions, Slashes, read_request,
    read_v3_request, reply, request, response, unsigned_response, v3_request,
};
use wire::code::PaymentCode;
use wire::http::Request;
use wire::sign::SigningKey;
use wire::text::Charset;
use wire::text::form::FormError;

use crate::alipay_vectors::{NOW, app_with};

const TIMESTAMP: &str = "2026-11-18 12:00:01";

#[test]
fn a_call_arrives_as_it_was_sent() {
    let app = App { app_auth_token: Some("token".to_owned()), ..stand_in_app() };
    let sent = request(&app, PAY_METHOD, &every_option().biz_content(), TIMESTAMP);
    assert_eq!(sent.path, GATEWAY_PATH);
    let received =
        read_request(&sent).unwrap().verify(&app.signing_key.verifying_key()).unwrap().into_value();
    for (name, value) in [
        ("app_id", "2026110100000001"),
        ("method", PAY_METHOD),
        ("format", "JSON"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", TIMESTAMP),
        ("version", "1.0"),
        ("app_auth_token", "token"),
    ] {
        assert_eq!(received.parameter(name), Some(value));
    }
    assert_eq!(received.parameters().len(), 10);
    assert_eq!(PayRequest::from_biz_content(received.biz_content().unwrap()), Ok(every_option()));

    let query = QueryRequest {
        out_trade_no: Some("S1".to_owned()),
        trade_no: None,
        query_options: vec!["fund_bill_list".to_owned()],
    };
    assert_eq!(QueryRequest::from_biz_content(&query.biz_content()), Ok(query));
    let cancel = CancelRequest { out_trade_no: Some("S1".to_owned()), trade_no: Some("T1".to_owned()) };
    assert_eq!(cancel.biz_content(), r#"{"out_trade_no":"S1","trade_no":"T1"}"#);
    assert_eq!(CancelRequest::from_biz_content(&cancel.biz_content()), Ok(cancel));
}

/// unionpay.md §3.1, §8: the names of 间连's members, as Alipay's own SDKs write them, over the gateway and over OpenAPI v3.
#[test]
fn a_sub_merchants_payment_is_written_in_alipays_names_and_read_again() {
    let pay = every_option();
    let content = pay.biz_content();
    let members: serde_json::Value = serde_json::from_str(&content).unwrap();
    assert_eq!(members["sub_merchant"], serde_json::json!({ "merchant_id": "2088331876543210" }));
    let agent = serde_json::json!({
        "acq_code": "48023456789012",
        "merch_code": "123456789012",
        "device_type": "10",
        "serial_num": "SN0001",
        "location": "+37.12/-121.213",
    });
    assert_eq!(members["bkagent_req_info"], agent);
    let app = stand_in_app();
    let sent = v3_request(&app, PAY_METHOD, &content, "0b2d1f8e-5a1c-4c8e-9d55-2f7a4be0a001", NOW);
    let received = read_v3_request(&sent).unwrap().verify(&app.signing_key.verifying_key()).unwrap();
    assert_eq!(PayRequest::from_biz_content(&received.value().content(None).unwrap()), Ok(pay));

    let only = |agent: BankAgent| PayRequest { bkagent_req_info: Some(agent), ..every_option() };
    let code_alone = only(BankAgent { acq_code: Some("48023456789012".to_owned()), ..BankAgent::default() });
    assert!(code_alone.biz_content().contains(r#""bkagent_req_info":{"acq_code":"48023456789012"}"#));
    assert_eq!(PayRequest::from_biz_content(&code_alone.biz_content()), Ok(code_alone));
    assert!(!only(BankAgent::default()).biz_content().contains("bkagent_req_info"), "nothing to say");
    let text = content.replace(&agent.to_string(), r#""10""#);
    assert_eq!(PayRequest::from_biz_content(&text), Err(BizFault::Bad("bkagent_req_info")));
}

#[test]
fn a_tampered_or_unsigned_call_is_not_believed() {
    let app = stand_in_app();
    let sent = request(&app, QUERY_METHOD, r#"{"out_trade_no":"S1"}"#, TIMESTAMP);
    let other_body = Request { body: b"biz_content=%7B%7D".to_vec(), ..sent.clone() };
    let other_token = Request { query: format!("{}&app_auth_token=x", sent.query), ..sent.clone() };
    let unsigned = Request { query: sent.query.replace("&sign=", "&sing="), ..sent.clone() };
    let other_type = Request { query: sent.query.replace("RSA2", "MD5"), ..sent.clone() };
    for tampered in [other_body, other_token, unsigned, other_type] {
        assert!(read_request(&tampered).unwrap().verify(&app.signing_key.verifying_key()).is_err());
    }
    let twice = Request { query: format!("{}&biz_content=%7B%7D", sent.query), ..sent.clone() };
    assert!(matches!(read_request(&twice), Err(BadRequest::Form(FormError::Duplicate(_)))));
    let charset = Request { query: sent.query.replace("utf-8", "latin1"), ..sent };
    assert_eq!(read_request(&charset), Err(BadRequest::Charset("latin1".to_owned())));
}

#[test]
fn bad_contents_are_named() {
    for (content, fault) in [
        ("", BizFault::NotJson),
        ("[]", BizFault::NotJson),
        (r#"{"out_trade_no":"1","out_trade_no":"2"}"#, BizFault::NotJson),
        ("{}", BizFault::Missing("total_amount")),
        (r#"{"total_amount":"1.001"}"#, BizFault::Bad("total_amount")),
        (r#"{"total_amount":"1"}"#, BizFault::Missing("out_trade_no")),
        (r#"{"total_amount":"1","out_trade_no":"","subject":"s"}"#, BizFault::Missing("out_trade_no")),
    ] {
        assert_eq!(PayRequest::from_biz_content(content).unwrap_err(), fault, "{content}");
    }
    assert_eq!(CancelRequest::from_biz_content("{}"), Err(BizFault::Missing("out_trade_no")));
    let options = r#"{"trade_no":"1","query_options":"all"}"#;
    assert_eq!(QueryRequest::from_biz_content(options), Err(BizFault::Bad("query_options")));
}

#[test]
fn every_way_of_writing_an_answer_is_understood() {
    let node = r#"{"code":"10000","out_trade_no":"S1","body":"a/b\/c\\/热誠\"","sub_msg":"系统繁忙"}"#;
    let app = stand_in_app();
    for slashes in [Slashes::AsWritten, Slashes::Escaped] {
        for charset in [Charset::Utf8, Charset::Gbk] {
            for place in [None, Some(CertSnPlace::BeforeSign), Some(CertSnPlace::AfterSign)] {
                let cert_sn = place.map(|place| CertSn { value: "77".to_owned(), place });
                let options = ResponseOptions { cert_sn, slashes, charset, aes_key: None };
                let sent = response(PAY_METHOD, node, &app.signing_key, &options);
                let read = reply(&sent.body, &app, PAY_METHOD, NOW).unwrap();
                assert_eq!(read.field("body").unwrap(), "a/b/c\\/热誠\"", "{options:?}");
                assert_eq!(
                    (sent.status, sent.header("content-type")),
                    (200, Some("text/html;charset=utf-8"))
                );
            }
        }
    }
    let options = ResponseOptions { slashes: Slashes::EscapedSignedAsWritten, ..ResponseOptions::default() };
    let sent = response(PAY_METHOD, r#"{"url":"http://a/b"}"#, &app.signing_key, &options);
    assert!(String::from_utf8_lossy(&sent.body).contains(r"http:\/\/a\/b"));
    assert_eq!(reply(&sent.body, &app, PAY_METHOD, NOW).unwrap().field("url").unwrap(), "http://a/b");

    let error = response("", r#"{"code":"40002"}"#, &app.signing_key, &ResponseOptions::default());
    assert!(reply(&error.body, &app, PAY_METHOD, NOW).unwrap().is_gateway_error());
    let unsigned = unsigned_response(PAY_METHOD, r#"{"code":"40002"}"#);
    assert!(matches!(reply(&unsigned.body, &app, PAY_METHOD, NOW), Err(NotVerified::Unsigned { .. })));
}

#[test]
fn nothing_that_is_printed_for_people_shows_the_code_or_a_token() {
    let app = App { app_auth_token: Some("the-token".to_owned()), ..stand_in_app() };
    let sent = request(&app, PAY_METHOD, &every_option().biz_content(), TIMESTAMP);
    let received = read_request(&sent).unwrap();
    let shown =
        format!("{app:?} {:?} {sent:?} {:?} {:?}", every_option(), received.parameters(), app.signing_key);
    assert!(!shown.contains("7634438") && !shown.contains("the-token"), "{shown}");
    let decimals = format!("{:?}", b"7634438");
    assert!(!shown.contains(decimals.trim_matches(['[', ']'])), "{shown}");
}

proptest! {
    #[test]
    fn any_text_survives_both_ways(subject in "\\PC{1,40}", body in "[\\PC\r\n\t/\\\\\"]{1,40}", gbk in any::<bool>()) {
        let app = stand_in_app();
        let pay = PayRequest { subject, body: Some(body.clone()), ..every_option() };
        let sent = request(&app, PAY_METHOD, &pay.biz_content(), TIMESTAMP);
        let received = read_request(&sent).unwrap().verify(&app.signing_key.verifying_key()).unwrap();
        let read = PayRequest::from_biz_content(received.value().biz_content().unwrap()).unwrap();
        prop_assert_eq!(&read, &pay);

        let node = serde_json::json!({ "body": body }).to_string();
        let charset = if gbk { Charset::Gbk } else { Charset::Utf8 };
        for slashes in [Slashes::AsWritten, Slashes::Escaped, Slashes::EscapedSignedAsWritten] {
            let options = ResponseOptions { slashes, charset, ..ResponseOptions::default() };
            let sent = response(PAY_METHOD, &node, &app.signing_key, &options);
            let read = reply(&sent.body, &app, PAY_METHOD, NOW).unwrap();
            if !gbk {
                prop_assert_eq!(read.field("body").unwrap().as_str().unwrap(), body.as_str());
            }
        }
    }
}

fn stand_in_app() -> App {
    let alipay_key = SigningKey::keyed_hash([7; 32]).verifying_key();
    app_with(alipay_key)
}

fn every_option() -> PayRequest {
    PayRequest {
        out_trade_no: "S20261118_0001".to_owned(),
        total_amount: 1280,
        subject: "热干面豆浆 1份".to_owned(),
        auth_code: PaymentCode::new("28763443825664394"),
        scene: "bar_code".to_owned(),
        product_code: Some("FACE_TO_FACE_PAYMENT".to_owned()),
        seller_id: Some("2088990000000012".to_owned()),
        body: Some("a & b".to_owned()),
        store_id: Some("ST001".to_owned()),
        operator_id: Some("op01".to_owned()),
        terminal_id: Some("T01".to_owned()),
        alipay_store_id: Some("2015051100077000000000000001".to_owned()),
        terminal_params: Some("{\"device_type\":\"11\"}".to_owned()),
        timeout_express: Some("5m".to_owned()),
        sys_service_provider_id: Some("2088511833207846".to_owned()),
        mc_create_trade_ip: Some("203.0.113.7".to_owned()),
        sub_merchant: Some("2088331876543210".to_owned()),
        bkagent_req_info: Some(BankAgent {
            acq_code: Some("48023456789012".to_owned()),
            merch_code: Some("123456789012".to_owned()),
            device_type: Some("10".to_owned()),
            serial_num: Some("SN0001".to_owned()),
            location: Some("+37.12/-121.213".to_owned()),
        }),
        query_options: vec!["fund_bill_list".to_owned()],
    }
}
