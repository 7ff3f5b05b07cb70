//! The two ends against each other, and contents that are wrong.

use proptest::prelude::*;
use wire::code::PaymentCode;
use wire::http::Request;
use wire::icbc::{
    AesKey, App, BadRequest, BizFault, PAY_PATH, PayRequest, QUERY_PATH, QueryRequest, RejectQueryRequest,
    RejectRequest, ReverseRequest, read_request, request,
};
use wire::sign::{RsaHash, SigningKey};
use wire::text::form::FormError;

const TIMESTAMP: &str = "2026-03-15 12:00:00";

#[test]
fn a_call_arrives_as_it_was_sent() {
    for request_hash in [RsaHash::Sha1, RsaHash::Sha256] {
        let app = App { request_hash, ..app() };
        let sent = request(&app, PAY_PATH, "M1", &pay().biz_content(), TIMESTAMP);
        let received = read_request(&sent).unwrap().verify(&app.signing_key.verifying_key()).unwrap();
        let received = received.into_value();
        for (name, value) in [
            ("app_id", "10000000000000000001"),
            ("msg_id", "M1"),
            ("format", "json"),
            ("charset", "UTF-8"),
            ("sign_type", wire::icbc::sign_type(request_hash)),
            ("timestamp", TIMESTAMP),
        ] {
            assert_eq!(received.parameter(name), Some(value));
        }
        assert_eq!(received.parameters().len(), 8);
        assert_eq!(PayRequest::from_biz_content(&received.biz_content(None).unwrap()), Ok(pay()));
    }
}

#[test]
fn every_request_is_read_as_it_was_written() {
    let numbers = (Some("P1".to_owned()), Some("202603150000001".to_owned()));
    let query = QueryRequest {
        mer_id: "020000000001".to_owned(),
        out_trade_no: numbers.0.clone(),
        order_id: numbers.1.clone(),
        cust_id: Some("1".to_owned()),
    };
    assert_eq!(QueryRequest::from_biz_content(&query.biz_content()), Ok(query));
    let reverse = ReverseRequest {
        mer_id: "020000000001".to_owned(),
        out_trade_no: "P1".to_owned(),
        order_id: numbers.1.clone(),
        cust_id: Some("1".to_owned()),
        reject_no: Some("R1".to_owned()),
        oper_id: Some("001".to_owned()),
    };
    assert_eq!(ReverseRequest::from_biz_content(&reverse.biz_content()), Ok(reverse));
    let reject = RejectRequest {
        mer_id: "020000000001".to_owned(),
        out_trade_no: numbers.0,
        order_id: numbers.1,
        cust_id: Some("1".to_owned()),
        reject_no: "R1".to_owned(),
        reject_amt: 370,
        oper_id: Some("001".to_owned()),
    };
    assert_eq!(RejectRequest::from_biz_content(&reject.biz_content()), Ok(reject));
    let list = RejectQueryRequest {
        mer_id: "020000000001".to_owned(),
        out_trade_no: "P1".to_owned(),
        order_id: None,
        reject_no: Some("R1".to_owned()),
        cust_id: Some("1".to_owned()),
    };
    assert_eq!(RejectQueryRequest::from_biz_content(&list.biz_content()), Ok(list));
}

#[test]
fn a_tampered_or_unsigned_call_is_not_believed() {
    let app = app();
    let sent = request(&app, QUERY_PATH, "M1", r#"{"mer_id":"1","out_trade_no":"P1"}"#, TIMESTAMP);
    let body = String::from_utf8(sent.body.clone()).unwrap();
    let with = |body: String| Request { body: body.into_bytes(), ..sent.clone() };
    for tampered in [
        with(body.replace("P1", "P2")),
        with(body.replace("M1", "M2")),
        with(body.replace("RSA2", "RSA")),
        with(body.replace("RSA2", "CA")),
        with(body.replace("&sign=", "&sing=")),
        with(format!("{body}&app_auth_token=x")),
        Request { path: PAY_PATH.to_owned(), ..sent.clone() },
    ] {
        assert!(read_request(&tampered).unwrap().verify(&app.signing_key.verifying_key()).is_err());
    }
    let twice = with(format!("{body}&biz_content=%7B%7D"));
    assert!(matches!(read_request(&twice), Err(BadRequest::Form(FormError::Duplicate(_)))));
    let charset = with(body.replace("UTF-8", "latin1"));
    assert_eq!(read_request(&charset), Err(BadRequest::Charset("latin1".to_owned())));
}

#[test]
fn bad_contents_are_named() {
    for (content, fault) in [
        ("", BizFault::NotJson),
        ("[]", BizFault::NotJson),
        (r#"{"mer_id":"1","mer_id":"2"}"#, BizFault::NotJson),
        ("{}", BizFault::Missing("qr_code")),
        (r#"{"qr_code":"62","mer_id":""}"#, BizFault::Missing("mer_id")),
        (
            r#"{"qr_code":"62","mer_id":"1","out_trade_no":"P1","order_amt":"1.5"}"#,
            BizFault::Bad("order_amt"),
        ),
        (r#"{"qr_code":"62","mer_id":"1","out_trade_no":"P1","order_amt":"-5"}"#, BizFault::Bad("order_amt")),
        (
            r#"{"qr_code":"62","mer_id":"1","out_trade_no":"P1","order_amt":5}"#,
            BizFault::Missing("trade_date"),
        ),
    ] {
        assert_eq!(PayRequest::from_biz_content(content).unwrap_err(), fault, "{content}");
    }
    let nameless = BizFault::Missing("out_trade_no");
    assert_eq!(QueryRequest::from_biz_content(r#"{"mer_id":"1"}"#), Err(nameless));
    assert_eq!(ReverseRequest::from_biz_content(r#"{"mer_id":"1"}"#), Err(nameless));
    let amount = r#"{"mer_id":"1","out_trade_no":"P1","reject_amt":"5"}"#;
    assert_eq!(ReverseRequest::from_biz_content(amount), Err(BizFault::Bad("reject_amt")));
    assert_eq!(RejectRequest::from_biz_content(amount), Err(BizFault::Missing("reject_no")));
}

#[test]
fn nothing_that_is_printed_shows_a_payment_code_or_a_key() {
    let app = App { aes_key: AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").ok(), ..app() };
    let plain = App { aes_key: None, ..app.clone() };
    let sent = request(&plain, PAY_PATH, "M1", &pay().biz_content(), TIMESTAMP);
    let received = read_request(&sent).unwrap();
    let shown = format!("{app:?} {:?} {sent:?} {received:?} {:?}", pay(), received.parameters());
    assert!(!shown.contains("3512467") && !shown.contains("AAECAwQF"), "{shown}");
    let decimals = format!("{:?}", b"3512467");
    assert!(!shown.contains(decimals.trim_matches(['[', ']'])), "{shown}");
}

proptest! {
    #[test]
    fn any_attachment_survives(attach in "[\\PC\r\n\t/\\\\\"]{1,21}", sealed in any::<bool>()) {
        let aes_key = AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").ok().filter(|_| sealed);
        let app = App { aes_key, ..app() };
        let pay = PayRequest { attach: Some(attach), ..pay() };
        let sent = request(&app, PAY_PATH, "M1", &pay.biz_content(), TIMESTAMP);
        let received = read_request(&sent).unwrap().verify(&app.signing_key.verifying_key()).unwrap();
        let content = received.value().biz_content(app.aes_key.as_ref()).unwrap();
        prop_assert_eq!(PayRequest::from_biz_content(&content), Ok(pay));
    }
}

fn app() -> App {
    App {
        app_id: "10000000000000000001".to_owned(),
        signing_key: SigningKey::keyed_hash([7; 32]),
        request_hash: RsaHash::Sha256,
        gateway_key: SigningKey::keyed_hash([8; 32]).verifying_key(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    }
}

fn pay() -> PayRequest {
    PayRequest {
        qr_code: PaymentCode::new("6235124674559394540"),
        mer_id: "020000000001".to_owned(),
        out_trade_no: "P202603151200000003".to_owned(),
        order_amt: 7370,
        trade_date: "20260315".to_owned(),
        trade_time: "120000".to_owned(),
        attach: Some("一店 & 二店".to_owned()),
    }
}
