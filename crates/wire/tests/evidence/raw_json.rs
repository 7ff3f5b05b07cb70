//! The JSON scanner: agrees with a JSON library about what JSON is, and refuses what that library lets pass.

use proptest::prelude::*;
use serde_json::Value;
use wire::text::json::{JsonError, LIMITS, Limits};
use wire::text::raw_json::{RawJsonError, envelope, object, with_escaped_slashes, with_plain_slashes};

#[test]
fn finds_the_exact_bytes() {
    let body = "{ \"x\" : [ ] ,\n\"a_response\": { \"b\" : 1 } , \"sign\" : \"A\\/B=\" }".as_bytes();
    let found = envelope(body, None, LIMITS).unwrap();
    assert_eq!((found.node_name.as_str(), found.node), ("a_response", &b"{ \"b\" : 1 }"[..]));
    assert_eq!((found.sign.as_deref(), found.cert_sn), (Some("A/B="), None));
    assert_eq!(envelope(br#"{"a_response":1,"b_response":2}"#, None, LIMITS), Err(RawJsonError::Node));
    assert_eq!(envelope(br#"{"a":1}"#, None, LIMITS), Err(RawJsonError::Node));
    assert_eq!(envelope(br#"{"a_response":1,"sign":2}"#, None, LIMITS), Err(RawJsonError::Sign));
    assert_eq!(envelope(br#"{"a_response":1,"sign":null}"#, None, LIMITS), Err(RawJsonError::Sign));
}

#[test]
fn refuses_what_is_not_strict_json() {
    for text in [
        "",
        " ",
        "[]",
        "1",
        "{",
        "}",
        "{}x",
        "{}{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":nulL}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":[1 2]}",
        "{\"a\":[1,]}",
        "{\"a\":\"}",
        "\u{FEFF}{}",
        "{}//",
        "{\"a\":1/**/}",
        "{\"a\":\"\\ud800\"}",
    ] {
        assert!(object(text.as_bytes(), LIMITS).is_err(), "{text}");
    }
}

#[test]
fn keeps_its_limits_and_refuses_equal_names() {
    let limits = Limits { bytes_max: 20, depth_max: 2 };
    assert!(object(br#"{"a":{}}"#, limits).is_ok());
    assert_eq!(object(br#"{"a":{"b":[]}}"#, limits), Err(JsonError::TooDeep));
    assert_eq!(object(&[b' '; 21], limits), Err(JsonError::TooLong(21)));
    let bomb = "{\"a\":".repeat(50_000);
    assert_eq!(object(bomb.as_bytes(), LIMITS), Err(JsonError::TooDeep));
    let wide = format!("{{\"a\":{}1]}}", "[".repeat(200_000));
    assert_eq!(object(wide.as_bytes(), LIMITS), Err(JsonError::TooDeep));
    let many = format!("{{\"a\":[{}0]}}", "[],".repeat(1000));
    assert!(object(many.as_bytes(), LIMITS).is_ok(), "width is not depth");
    assert_eq!(object(br#"{"a":1,"\u0061":2}"#, LIMITS), Err(JsonError::Duplicate("a".to_owned())));
}

#[test]
fn survives_gbk_characters_that_look_like_syntax() {
    // The second byte of 誠 is a backslash.
    let (bytes, _, unmappable) =
        encoding_rs::GBK.encode("{\"a\":\"誠\",\"b\":\"誠\\\"{\",\"c\":{\"誠\":\"誠/\"}}");
    assert!(!unmappable && bytes.windows(2).any(|pair| pair == [0xD5, b'\\']));
    let read = object(&bytes, LIMITS).unwrap();
    assert_eq!((read["a"].as_str(), read["b"].as_str()), (Some("誠"), Some("誠\"{")));
    let escaped = with_escaped_slashes(&bytes);
    assert_eq!(escaped.len(), bytes.len() + 1);
    assert_eq!(object(&escaped, LIMITS).unwrap(), read);
    assert_eq!(with_plain_slashes(&escaped), &bytes[..]);
    assert!(object(b"{\"a\":\"\xC8\"}", LIMITS).is_err());
    assert!(object(b"{\"a\":\"\x80\xFF\"}", LIMITS).is_err());
}

proptest! {
    #[test]
    fn agrees_with_the_library(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\n\"", "1", "-0.5e3", "true",
                "null", " ", "\"", "\\", "0", "."]), 0..16),
    ) {
        let text = pieces.concat();
        let library = serde_json::from_str::<Value>(&text).ok().filter(Value::is_object);
        match (object(text.as_bytes(), LIMITS), library) {
            (Ok(ours), Some(theirs)) => prop_assert_eq!(Value::Object(ours), theirs),
            (Err(JsonError::Duplicate(_)), Some(_)) | (Err(_), None) => {}
            (ours, theirs) => prop_assert!(false, "{}: {:?} {:?}", text, ours, theirs),
        }
    }

    #[test]
    fn slashes_never_change_the_meaning(text in "[/\\\\\"a誠]{0,12}") {
        let json = serde_json::json!({ "t": text }).to_string();
        let (escaped, plain) = (with_escaped_slashes(json.as_bytes()), with_plain_slashes(json.as_bytes()));
        prop_assert_eq!(object(&escaped, LIMITS), object(json.as_bytes(), LIMITS));
        prop_assert_eq!(object(&plain, LIMITS), object(json.as_bytes(), LIMITS));
        prop_assert_eq!(with_plain_slashes(&escaped), json.into_bytes());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = envelope(&bytes, None, LIMITS);
        let wrapped = [&b"{\"a_response\":\""[..], &bytes, b"\"}"].concat();
        let _ = envelope(&wrapped, None, LIMITS);
        let _ = with_plain_slashes(&bytes);
    }
}
