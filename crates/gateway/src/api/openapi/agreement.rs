//! Requests are read by hand, for exact pointers, and documented by types beside that: both say the same.

use payment::ids::MerchantCode;
use serde_json::{Map, Value, json};

use super::super::body::ASKED;
use super::super::problem::Problem;
use super::super::{cancel, cases, channels, pay, refunds};
use super::printed;

type Parse = fn(&[u8]) -> Result<(), Problem>;

/// Each request, its parser, and a body that has every field.
fn requests() -> Vec<(&'static str, Parse, Value)> {
    let pay: Parse = |body| {
        let merchant = MerchantCode::parse("default").unwrap();
        pay::parse(merchant, body).map(|_| ())
    };
    let cancel: Parse = |body| cancel::demanded(body).map(|_| ());
    let refund: Parse = |body| refunds::parse(body).map(|_| ());
    let inspect: Parse = |body| channels::parse(body).map(|_| ());
    let settle: Parse = |body| cases::parse(body).map(|_| ());
    vec![
        (
            "PayRequest",
            pay,
            json!({
                "order_no": "1", "amount": 1, "auth_code": "130000000000000001", "currency": "CNY",
                "description": "d", "metadata": { "a": [1] }, "outlet": "o", "terminal": "t", "operator": "p",
                "wait_seconds": 0, "second": false,
            }),
        ),
        ("CancelRequest", cancel, json!({ "if_paid": "reverse", "reason": "r" })),
        ("RefundRequest", refund, json!({ "refund_no": "r", "amount": 1, "reason": "r" })),
        ("InspectRequest", inspect, json!({ "auth_code": "130000000000000001" })),
        (
            "SettleRequest",
            settle,
            json!({
                "outcome": "paid", "evidence": "e", "operator": "p", "override": true, "reason": "r",
            }),
        ),
    ]
}

#[test]
fn every_request_is_read_as_it_is_documented() {
    let document: Value = serde_json::from_str(printed()).unwrap();
    let schemas = &document["components"]["schemas"];
    let documented = schemas.as_object().unwrap().keys().filter(|name| name.ends_with("Request"));
    let mut known: Vec<&str> = requests().iter().map(|(name, ..)| *name).collect();
    known.sort_unstable();
    assert_eq!(documented.collect::<Vec<_>>(), known);
    for (name, parse, whole) in requests() {
        let fields = schemas[name]["properties"].as_object().unwrap();
        let whole = whole.as_object().unwrap();
        assert!(fields.keys().eq(whole.keys()), "{name}: the example has every field");
        ASKED.with_borrow_mut(|asked| asked.clear());
        accepted(name, parse, whole);
        let asked = ASKED.with_borrow(Clone::clone);
        assert!(fields.keys().eq(asked.iter()), "{name}: {asked:?} are read");
        let required = schemas[name]["required"].as_array().cloned().unwrap_or_default();
        for (field, schema) in fields {
            let schema = resolved(schemas, schema);
            check_field(name, parse, whole, field, &schema, required.contains(&json!(field)));
        }
    }
}

/// One field: left out, null, of another type, and at and beyond its limits.
fn check_field(
    name: &str,
    parse: Parse,
    whole: &Map<String, Value>,
    field: &str,
    schema: &Value,
    required: bool,
) {
    let with = |value: Value| {
        let mut body = whole.clone();
        body.insert(field.to_owned(), value);
        body
    };
    let mut without = whole.clone();
    without.remove(field);
    // A reason is needed by another field, where there is such a one; the document says so in words.
    let needed = required || (field == "reason" && name != "RefundRequest");
    for body in [without, with(Value::Null)] {
        if needed { refused(name, parse, &body, field) } else { accepted(name, parse, &body) }
    }
    if field == "metadata" {
        return;
    }
    let other = if schema["type"].to_string().contains("string") { json!(1) } else { json!("1") };
    refused(name, parse, &with(other), field);
    for (limit, step) in [("minimum", -1), ("maximum", 1)] {
        if let Some(limit) = schema[limit].as_i64() {
            accepted(name, parse, &with(json!(limit)));
            refused(name, parse, &with(json!(limit + step)), field);
        }
    }
    if schema.get("pattern").is_some() {
        refused(name, parse, &with(json!(" ")), field);
    }
    if let Some(words) = schema["enum"].as_array() {
        words.iter().for_each(|word| accepted(name, parse, &with(word.clone())));
        refused(name, parse, &with(json!("another")), field);
    }
}

/// The schema itself, behind a name or an alternative of null.
fn resolved(schemas: &Value, schema: &Value) -> Value {
    let named = schema["$ref"].as_str().or_else(|| schema["oneOf"][0]["$ref"].as_str());
    named.map_or_else(|| schema.clone(), |name| schemas[name.rsplit('/').next().unwrap()].clone())
}

fn accepted(name: &str, parse: Parse, body: &Map<String, Value>) {
    let text = json!(body).to_string();
    assert!(parse(text.as_bytes()).is_ok(), "{name}: {text}: {:?}", parse(text.as_bytes()));
}

fn refused(name: &str, parse: Parse, body: &Map<String, Value>, field: &str) {
    let text = json!(body).to_string();
    let problem = parse(text.as_bytes()).expect_err(&format!("{name}: {text}"));
    let said = format!("{problem:?}");
    assert!(said.contains(field) || said.contains("CodeFormatUnknown"), "{name}: {text}: {said}");
}
