//! Bad input of every kind: a problem document or a closed connection, never a 5xx, and nothing is left behind.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::books::ledger;
use crate::support::child::{Demo, Folder};
use crate::support::http::{self, Answer};
use crate::support::till::{Till, code, order};

/// A payment with one field set to this JSON text.
fn with(field: &str, json_text: &str) -> String {
    let mut sale = order("bad", 100, &code("wechat", "000", 1), 0);
    sale.as_object_mut().unwrap().remove(field);
    let rest = sale.to_string();
    format!("{{\"{field}\":{json_text},{}", &rest[1..])
}

fn without(field: &str) -> String {
    let mut sale = order("bad", 100, &code("wechat", "000", 1), 0);
    sale.as_object_mut().unwrap().remove(field);
    sale.to_string()
}

/// Which JSON values a field refuses, and where the refusal points.
#[rustfmt::skip]
const FIELDS: &[(&str, &[&str], &str)] = &[
    ("amount", &["0", "-1", "100000001", "9223372036854775807", "9223372036854775808", "18446744073709551616",
                 "1.5", "1.0", "1e3", "\"100\"", "\"\"", "null", "true", "[]", "{}", "\"１００\""], "/amount"),
    ("order_no", &["\"\"", "\" \"", "\"a b\"", "\"a/b\"", "\"a\\u0000b\"", "\"单\"", "\"１２３\"", "\"a\\nb\"", "7", "null",
                   "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg\""], "/order_no"),
    ("auth_code", &["130000000000000001", "null", "[\"130000000000000001\"]"], "/auth_code"),
    ("wait_seconds", &["-1", "66", "1.5", "\"10\"", "9223372036854775808", "true"], "/wait_seconds"),
    ("currency", &["\"USD\"", "\"cny\"", "\"\"", "156"], "/currency"),
    ("second", &["1", "\"true\"", "[]"], "/second"),
    ("description", &["7", "[\"a\"]"], "/description"),
    ("outlet", &["\"\"", "\"a b\"", "\"a\\u0000\"", "\"店\"", "5", "\"aaaaaaaaaabbbbbbbbbbccccccccccddd\""], "/outlet"),
    ("terminal", &["\"\"", "\"<T>\"", "{}"], "/terminal"),
    ("operator", &["\"\"", "\"a;b\"", "false"], "/operator"),
    ("surprise", &["1", "null"], "/surprise"),
    ("Amount", &["100"], "/Amount"),
];

/// Texts that no wallet issues.
const CODES: &[&str] = &[
    "",
    " ",
    "1",
    "13000000000000000",
    "1300000000000000011",
    "160000000000000001",
    "240000000000000001",
    "2500000000000000000000000",
    "620000000000000001",
    "13000000000000000a",
    "１３００００００００００００００１",
    "130000000000000OO1",
    "13000000000000000-",
    "13000000000000000\u{0660}",
    "fp0000",
    "' OR 1=1 --",
    "<xml/>",
];

/// Bodies that are no object of ours, and where the refusal points.
fn bodies() -> Vec<(String, Option<&'static str>)> {
    let good = order("bad", 100, &code("wechat", "000", 1), 0).to_string();
    let mut bodies: Vec<(String, Option<&str>)> = [
        "",
        " ",
        "{",
        "}",
        "null",
        "7",
        "\"text\"",
        "[]",
        "{}",
        "[{}]",
        "{\"order_no\":}",
        "NaN",
        "\u{feff}{}",
        "order_no=1&amount=1",
        "<xml/>",
        "{\"a\":1}{\"b\":2}",
        "{'order_no':'1'}",
        "{\"amount\":1e400}",
    ]
    .iter()
    .map(|body| ((*body).to_owned(), None))
    .collect();
    bodies.push((format!("{good} trailing"), None));
    bodies.push((good[..good.len() - 1].to_owned(), None));
    bodies.push(("[".repeat(20_000), None));
    bodies.push((format!("{{\"metadata\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000)), None));
    bodies.push((with("description", &format!("\"{}\"", "长".repeat(1_700))), Some("/description")));
    bodies.push((with("metadata", &format!("\"{}\"", "m".repeat(5_000))), Some("/metadata")));
    // Two amounts in one body: whoever reads the other one has charged something else.
    bodies.push((with("amount", "1,\"amount\":100"), Some("/amount")));
    bodies.push((with("order_no", "\"bad\",\"order_no\":\"good\""), Some("/order_no")));
    for (field, pointer) in [("order_no", "/order_no"), ("amount", "/amount"), ("auth_code", "/auth_code")] {
        bodies.push((without(field), Some(pointer)));
    }
    bodies
}

#[test]
fn bad_input_is_refused_and_leaves_nothing() {
    let folder = Folder::new("input");
    let demo = Demo::start(&folder, "warn");
    let pay = |body: &str| demo.till.send("POST", "/v1/payments", body.as_bytes());
    for (field, values, pointer) in FIELDS {
        for value in *values {
            let body = with(field, value);
            check_pointer(&pay(&body), pointer, &body);
        }
    }
    for text in CODES {
        let body = with("auth_code", &json!(text).to_string());
        check_problem(&pay(&body), 422, "code_format_unknown", &body);
    }
    for (body, pointer) in bodies() {
        let shown: String = body.chars().take(200).collect();
        match pointer {
            Some(pointer) => check_pointer(&pay(&body), pointer, &shown),
            None => check_problem(&pay(&body), 400, "invalid_request", &shown),
        }
    }
    let not_utf8 = demo.till.send("POST", "/v1/payments", b"{\"order_no\":\"\xff\xfe\"}");
    check_problem(&not_utf8, 400, "invalid_request", "bytes that are no UTF-8");
    keys(&demo);
    places(&demo.till);
    oversized(&demo);
    assert_eq!(demo.till.payments(), [Value::Null; 0]);
    assert_eq!(ledger(&demo.simulator), BTreeMap::new());
    // What only looks odd is taken: blanks and control characters of a scanner, cosmetics below 4 KB.
    let scanned = format!("  {}\r\n\u{0}", code("wechat", "000", 2));
    let mut odd = order("good", 100, &scanned, 10);
    odd["description"] = json!("<米&粉>\u{1F35C}\u{0}".repeat(100));
    assert_eq!(demo.till.pay(&odd).json()["status"], "paid");
}

/// No key, a wrong one, and one in another shape.
fn keys(demo: &Demo) {
    let sale = order("bad", 100, &code("wechat", "000", 1), 0).to_string();
    let wrong = format!("{}x", demo.running.word("api_key"));
    for key in ["", "pk_wrong", &wrong, &"k".repeat(300)] {
        let till = demo.till.with_key(key);
        let targets =
            [("POST", "/v1/payments"), ("GET", "/v1/payments"), ("POST", "/v1/payments/by-order/x/cancel")];
        for (method, target) in targets {
            let answer = till.send(method, target, if method == "POST" { sale.as_bytes() } else { b"" });
            check_problem(&answer, 401, "unauthenticated", target);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let api = demo.running.word("api");
    let key = demo.running.word("api_key");
    for line in
        [format!("authorization: Basic {key}"), format!("authorization: {key}"), format!("x-api-key: {key}")]
    {
        let bytes = http::request("POST", "/v1/payments", &[line], sale.as_bytes());
        let answer = http::exchange(api.strip_prefix("http://").unwrap(), &bytes).unwrap();
        check_problem(&answer, 401, "unauthenticated", "another scheme");
    }
}

/// Wrong methods and unknown places.
fn places(till: &Till) {
    let sale = order("bad", 100, &code("wechat", "000", 1), 0).to_string();
    for (method, target) in [
        ("PUT", "/v1/payments"),
        ("DELETE", "/v1/payments"),
        ("PATCH", "/v1/payments/pay_1"),
        ("POST", "/v1/payments/pay_1"),
        ("GET", "/v1/payments/pay_1/cancel"),
        ("POST", "/healthz"),
        ("POST", "/"),
        ("OPTIONS", "/v1/payments"),
    ] {
        check_problem(&till.send(method, target, sale.as_bytes()), 405, "invalid_request", target);
    }
    for target in [
        "/v1",
        "/v2/payments",
        "/v1/payment",
        "/v1/payments/",
        "/v1/payments/a/b/c",
        "/v1//payments",
        "/..%2f",
    ] {
        check_problem(&till.send("POST", target, sale.as_bytes()), 404, "not_found", target);
    }
    for target in
        ["/v1/payments/%ff", "/v1/payments/by-order/%ff%fe", "/v1/cases/%ff", "/v1/reversals/%c3%28"]
    {
        check_problem(&till.send("GET", target, b""), 404, "not_found", target);
    }
}

/// A body of 1 MB, announced honestly or in chunks: refused, or the connection is closed.
fn oversized(demo: &Demo) {
    let big = with("description", &format!("\"{}\"", "x".repeat(1 << 20)));
    let api = demo.running.word("api");
    let address = api.strip_prefix("http://").unwrap();
    let key = format!("authorization: Bearer {}", demo.running.word("api_key"));
    let whole = http::request("POST", "/v1/payments", std::slice::from_ref(&key), big.as_bytes());
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{key}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let chunked = format!("{head}{:x}\r\n{big}\r\n0\r\n\r\n", big.len());
    for bytes in [whole, chunked.into_bytes()] {
        if let Ok(answer) = http::exchange(address, &bytes) {
            check_problem(&answer, 413, "body_too_large", "1 MB");
        }
    }
}

/// A refusal of a field: the pointer names it.
fn check_pointer(answer: &Answer, pointer: &str, what: &str) {
    check_problem(answer, 400, "invalid_request", what);
    let body = answer.json();
    let named = body["errors"].as_array().unwrap().iter().any(|error| error["pointer"] == pointer);
    assert!(named, "{what}: no {pointer} in {body}");
}

/// A whole problem document with this status and code.
pub(crate) fn check_problem(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{what}: {} {:?}",
        answer.head,
        String::from_utf8_lossy(&answer.body)
    );
    let body = answer.json();
    assert_eq!((answer.status, body["code"].as_str()), (status, Some(code)), "{what}: {body}");
    assert_eq!(body["status"], status, "{what}");
    for name in ["type", "title", "detail", "request_id"] {
        assert!(body[name].as_str().is_some_and(|text| !text.is_empty()), "{what}: {name} of {body}");
    }
    assert!(body["errors"].is_array() && body["retryable"].is_boolean(), "{what}: {body}");
}
