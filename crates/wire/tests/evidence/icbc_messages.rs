//! The raw answers, field by field where a payment depends on it, and every way in which they must not verify.

use proptest::prelude::*;
use wire::icbc::{App, Content, Hand, NotVerified, PayTime, reply, response};
use wire::sign::{RsaHash, SigningKey};
use wire::text::json::JsonError;
use wire::verified::{BadField, Verified};

use crate::icbc_vectors::{ANSWERS, app, vectors};
use crate::testdata;

#[test]
fn every_message_is_one_of_the_vectors_answers() {
    let folder = format!("{}/testdata/icbc/messages", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".json", ""))
        .collect();
    names.sort_unstable();
    let mut answers = ANSWERS;
    answers.sort_unstable();
    assert_eq!(names, answers);
    for vector in vectors()["responses"]["vectors"].as_array().unwrap() {
        let body = body_of(vector["name"].as_str().unwrap());
        assert_eq!(Some(String::from_utf8(body).unwrap().as_str()), vector["raw_body"].as_str());
    }
}

#[test]
fn answers_say_what_happened() {
    let paid = message("pay_success");
    assert_eq!((text(paid.return_code()), text(paid.pay_status())), ("0".into(), "1".into()));
    assert_eq!(paid.return_msg().as_deref(), Some("成功"));
    assert_eq!(paid.msg_id().as_deref(), Some("M20260315120000000001"));
    assert_eq!((paid.total_amt(), paid.payment_amt()), (Ok(Some(7370)), Ok(Some(7370))));
    for amount in [
        paid.point_amt(),
        paid.ecoupon_amt(),
        paid.mer_disc_amt(),
        paid.coupon_amt(),
        paid.bank_disc_amt(),
        paid.total_disc_amt(),
    ] {
        assert_eq!(amount, Ok(Some(0)));
    }
    assert_eq!(text(paid.order_id()), "020000000001202603150000001");
    assert_eq!(text(paid.out_trade_no()), "P202603151200000003");
    assert_eq!(
        (text(paid.cust_id()), text(paid.card_no())),
        ("120902000000000000001".into(), "622208*********6666".into())
    );
    // 2026-03-15 in Beijing.
    let day = PayTime::Day { first: 1_773_504_000_000, last: 1_773_590_399_999 };
    assert_eq!(paid.pay_time(), Ok(Some(day)));

    for (name, status) in [
        ("pay_paying", Some("0")),
        ("pay_failed", Some("2")),
        ("pay_order_rejected", Some("-1")),
        ("gateway_error_numeric_code", None),
        ("query_success", Some("1")),
        ("query_paying", Some("0")),
        ("query_reversed", Some("3")),
        ("query_not_found", None),
        ("reverse_ok", None),
        ("reject_ok", None),
        ("reject_query_ok", None),
    ] {
        assert_eq!(message(name).pay_status().as_deref(), status, "{name}");
    }
    assert_eq!(message("pay_order_rejected").order_id(), None);
    assert_eq!(text(message("gateway_error_numeric_code").return_code()), "400026");
    assert_eq!(text(message("query_not_found").return_code()), "5940021");
}

#[test]
fn reversals_and_refunds_say_what_went_back() {
    let reversed = message("reverse_ok");
    assert_eq!(reversed.reject_no(), None, "an empty number is none");
    assert_eq!((reversed.real_reject_amt(), reversed.reject_amt()), (Ok(Some(7370)), Ok(Some(7370))));
    let refunded = message("reject_ok");
    assert_eq!(text(refunded.reject_no()), "R202603151300000003");
    assert_eq!((refunded.real_reject_amt(), refunded.reject_amt()), (Ok(Some(370)), Ok(Some(370))));
    assert_eq!(refunded.refunds(), Ok(None));

    let lines = message("reject_query_ok").refunds().unwrap().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(text(lines[0].reject_no()), "R202603151300000003");
    assert_eq!(text(lines[0].icbc_reject_sq()), "OFH20260315000000A0000001");
    assert_eq!(text(lines[0].reject_status()), "1");
    assert_eq!((lines[0].real_reject_amt(), lines[0].reject_amt()), (Ok(Some(370)), Ok(Some(370))));
}

#[test]
fn one_flipped_bit_anywhere_is_not_believed() {
    let app = app();
    for name in ["pay_order_rejected", "gateway_error_numeric_code", "reverse_ok"] {
        let body = body_of(name);
        for position in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[position] ^= 1 << bit;
                assert!(reply(&flipped, &app).is_err(), "{name}: byte {position}, bit {bit}");
            }
        }
    }
}

#[test]
fn unsigned_answers_say_what_they_claim_and_nothing_more() {
    let content = r#"{"return_code":400017,"return_msg":"sign error"}"#;
    let claimed = NotVerified::Unsigned { return_code: "400017".into(), return_msg: "sign error".into() };
    for body in [
        format!(r#"{{"response_biz_content":{content},"sign":""}}"#),
        format!(r#"{{"response_biz_content":{content},"sign":null}}"#),
        format!(r#"{{"response_biz_content":{content}}}"#),
    ] {
        assert_eq!(reply(body.as_bytes(), &app()).unwrap_err(), claimed);
    }
    for (body, error) in [
        (r#"{"return_code":"0"}"#, NotVerified::NoContent),
        ("[]", NotVerified::Unreadable(JsonError::Malformed(0))),
        ("<html></html>", NotVerified::Unreadable(JsonError::Malformed(0))),
        ("", NotVerified::Unreadable(JsonError::Malformed(0))),
    ] {
        assert_eq!(reply(body.as_bytes(), &app()).unwrap_err(), error, "{body}");
    }
}

#[test]
fn each_thing_is_said_once_even_under_a_signature() {
    for (content, name) in [
        (r#"{"pay_status":"0","pay_status":"1"}"#, "pay_status"),
        (r#"{"pay_status":"0","p\u0061y_status":"1"}"#, "pay_status"),
        (r#"{"a":[{"b":1,"b":1}]}"#, "b"),
    ] {
        let duplicate = NotVerified::Unreadable(JsonError::Duplicate(name.to_owned()));
        assert_eq!(read(content).unwrap_err(), duplicate);
    }
    for content in ["7", "null", "[]"] {
        assert_eq!(read(content).unwrap_err(), NotVerified::NoContent, "{content}");
    }
    let twice = r#"{"response_biz_content":{},"response_biz_content":{},"sign":"A"}"#;
    assert!(matches!(reply(twice.as_bytes(), &app()), Err(NotVerified::Unreadable(_))));
}

/// What the gateway may do to an answer's form; the signed text stays.
#[test]
fn blanks_another_order_and_members_behind_are_understood() {
    let key = stand_in();
    let app = App { answer_hash: RsaHash::Sha256, ..stand_in_app() };
    let content = r#"{"return_code":"0","pay_status":"1"}"#;
    let sign = key.sign_sha256(content.as_bytes());
    let behind = format!(r#"{content},"ca":"x""#);
    let sign_behind = key.sign_sha256(behind.as_bytes());
    for body in [
        format!("{{\"response_biz_content\":{content},\"sign\":\"{sign}\"}}\r\n"),
        format!("{{ \"response_biz_content\" : {content} , \"sign\" : \"{sign}\" }}"),
        format!("{{\"sign\":\"{sign}\",\"response_biz_content\":{content}}}"),
        format!("{{\"response_biz_content\":{content},\"sign\":\"{sign}\",\"ca\":\"x\"}}"),
        format!("{{\"response_biz_content\":{behind},\"sign\":\"{sign_behind}\"}}"),
    ] {
        let read = reply(body.as_bytes(), &app).unwrap();
        assert_eq!(text(read.pay_status()), "1", "{body}");
    }
    // The mark inside a text is not the end: the last one is.
    let tricky = r#"{"return_msg":",\"sign\":\"","return_code":"0"}"#;
    assert_eq!(text(read(tricky).unwrap().return_msg()), ",\"sign\":\"");
}

#[test]
fn a_field_in_the_wrong_form_is_bad_and_not_absent() {
    for (json, value) in [
        (r#""12.3""#, "12.3"),
        (r#""-1""#, "-1"),
        ("[1]", "[1]"),
        (r#""123456789012345678""#, "123456789012345678"),
    ] {
        let content = read(&format!(r#"{{"total_amt":{json}}}"#)).unwrap();
        let bad = BadField { field: "total_amt", value: value.to_owned() };
        assert_eq!(content.total_amt(), Err(bad));
    }
    let content = read(
        r#"{"total_amt":7370,"payment_amt":null,"return_code":0,"pay_status":-1,"pay_time":"20260230"}"#,
    )
    .unwrap();
    assert_eq!((content.total_amt(), content.payment_amt()), (Ok(Some(7370)), Ok(None)));
    assert_eq!((text(content.return_code()), text(content.pay_status())), ("0".into(), "-1".into()));
    assert!(content.pay_time().is_err());
    let at = |time: &str| read(&format!(r#"{{"pay_time":"{time}"}}"#)).unwrap().pay_time();
    assert_eq!(at("20260315091231"), Ok(Some(PayTime::Second(1_773_537_151_000))));
    assert_eq!(at(""), Ok(None));
    for time in ["2026-03-15", "2026031", "202603150912", "一二三四五六七八"] {
        assert!(at(time).is_err(), "{time}");
    }
}

#[test]
fn the_list_of_refunds_is_a_text_and_may_be_a_list() {
    let lines = |json: &str| read(&format!(r#"{{"refund_json_list":{json}}}"#)).unwrap().refunds();
    assert_eq!(lines(r#""[]""#), Ok(Some(Vec::new())));
    assert_eq!(lines(r#""""#), Ok(None));
    let listed = lines(r#"[{"reject_no":"","reject_status":0,"reject_amt":"x"}]"#).unwrap().unwrap();
    assert_eq!((listed[0].reject_no(), text(listed[0].reject_status())), (None, "0".into()));
    assert!(listed[0].reject_amt().is_err());
    for bad in [r#""{}""#, r#""[1]""#, r#""[{]""#, r#""[{\"a\":1,\"a\":2}]""#, "{}", "7", r#""[]}""#] {
        assert!(lines(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(reply(&body, &stand_in_app()).is_err());
    }

    #[test]
    fn any_text_survives(message in "[\\PC\r\n\t/\\\\\"]{0,40}", sha1 in any::<bool>()) {
        let hash = if sha1 { RsaHash::Sha1 } else { RsaHash::Sha256 };
        let key = stand_in();
        let app = App { answer_hash: hash, ..stand_in_app() };
        let content = serde_json::json!({ "return_msg": message }).to_string();
        let sent = response(&content, &Hand { key, hash, aes_key: None });
        let read = reply(&sent.body, &app).unwrap();
        prop_assert_eq!(read.return_msg().unwrap_or_default(), message);
    }
}

/// A content signed by the stand-in, through the whole way there and back.
fn read(content: &str) -> Result<Verified<Content>, NotVerified> {
    let hand = Hand { key: stand_in(), hash: RsaHash::Sha1, aes_key: None };
    reply(&response(content, &hand).body, &stand_in_app())
}

fn stand_in_app() -> App {
    App {
        app_id: "10000000000000000001".to_owned(),
        signing_key: stand_in(),
        request_hash: RsaHash::Sha256,
        gateway_key: stand_in().verifying_key(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    }
}

fn stand_in() -> SigningKey {
    SigningKey::keyed_hash([1; 32])
}

fn message(name: &str) -> Verified<Content> {
    reply(&body_of(name), &app()).unwrap()
}

fn body_of(name: &str) -> Vec<u8> {
    testdata(&format!("icbc/messages/{name}.json"))
}

fn text(value: Option<String>) -> String {
    value.unwrap()
}
