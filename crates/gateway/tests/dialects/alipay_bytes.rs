//! Bytes that are no answer, the sample messages, and mutations of a signed one.

use gateway::dialects::Dialect;
use gateway::dialects::alipay::{Alipay, Shop};
use payment::exchange::{Answer, Call, Difference, PaidFacts, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use proptest::prelude::*;
use serde_json::{Value, json};
use wire::alipay::{App, CertSn, CertSnPlace, ResponseOptions, Slashes, Trust, response, unsigned_response};
use wire::http::Response;
use wire::sign::{SigningKey, VerifyingKey};
use wire::text::Charset;

use crate::alipay_traps::{
    answer, app, dialect, intent, method, our_key, paid_node, payee, signed, their_key,
};
use crate::common::{self, CALLS, NOON, every_word, words};

#[test]
fn two_hundred_ok_and_not_a_word_of_truth() {
    let paid = signed(Call::Submit, &paid_node(Call::Submit)).body;
    let text = String::from_utf8(paid.clone()).unwrap();
    let doubled = text.replacen("\"total_amount\"", "\"total_amount\":\"1.00\",\"total_amount\"", 1);
    for (name, body) in [
        ("html", b"<!DOCTYPE html><html><body>502</body></html>".to_vec()),
        ("empty", Vec::new()),
        ("truncated", paid[..paid.len() / 2].to_vec()),
        ("bom", [b"\xEF\xBB\xBF", &paid[..]].concat()),
        ("duplicate field", doubled.into_bytes()),
        ("two documents", format!("{text}{text}").into_bytes()),
        ("neither utf-8 nor gbk", signed_bytes(b"{\"code\":\"10003\",\"msg\":\"\xFF\"}")),
        ("encrypted", encrypted()),
        ("huge", vec![b' '; 4 << 20]),
    ] {
        let told = words(&answer(Call::Submit, &Response::ok("text/html", body)));
        assert_eq!(told, "unknown unreadable", "{name}");
    }
    let other_call = signed(Call::Query, &paid_node(Call::Query));
    assert_eq!(words(&answer(Call::Submit, &other_call)), "unknown unreadable");
}

#[test]
fn another_status_is_unknown_even_over_a_signed_body() {
    for status in [100, 202, 204, 302, 400, 404, 502, 599] {
        for call in CALLS {
            let response = Response { status, ..signed(call, &paid_node(call)) };
            assert_eq!(words(&answer(call, &response)), format!("unknown status {status}"));
        }
    }
}

#[test]
fn a_wrong_signature_is_unknown() {
    for call in CALLS {
        let node = paid_node(call).to_string();
        let forged = response(method(call), &node, &our_key(), &ResponseOptions::default());
        assert_eq!(words(&answer(call, &forged)), "unknown forged", "the app's own key");
    }
}

#[test]
fn however_a_signed_answer_is_written_it_means_the_same() {
    let mut node = paid_node(Call::Submit);
    node["store_name"] = "一店/二店".into();
    let plain = answer(Call::Submit, &signed(Call::Submit, &node));
    assert_eq!(words(&plain), "paid");
    let value = "77".repeat(16);
    for slashes in [Slashes::AsWritten, Slashes::Escaped, Slashes::EscapedSignedAsWritten] {
        for charset in [Charset::Utf8, Charset::Gbk] {
            for place in [CertSnPlace::BeforeSign, CertSnPlace::AfterSign] {
                let cert_sn = Some(CertSn { value: value.clone(), place });
                let options = ResponseOptions { cert_sn, slashes, charset, aes_key: None };
                let sent = response(method(Call::Submit), &node.to_string(), &their_key(), &options);
                assert_eq!(answer(Call::Submit, &sent), plain, "{options:?}");
            }
        }
    }
}

/// Each sample as it is, under its real signature; most name an order that no intent of ours can have, and say so.
#[test]
fn the_samples_mean_what_the_sheet_says() {
    let app = sample_app();
    for (id, call, ours, as_it_is) in SAMPLES {
        let node = sample_node(id);
        let intent = common::intent(Channel::Alipay, &sample_number(&node), sample_fen(&node), payee());
        let dialect = Alipay::new(app.clone(), Shop::default());
        let raw = Response::ok("text/html;charset=utf-8", sample(id).into_bytes());
        assert_eq!(words(&dialect.answer(NOON, *call, &intent, None, &raw)), *as_it_is, "{id}");

        let about_ours = node.replace("S20261118_", "S20261118").replace("S_NEVER", "SNEVER");
        let about_ours = about_ours.replace("S20261110_", "S20261110");
        let told = answer_to(*call, &about_ours, &intent);
        assert_eq!(words(&told), *ours, "{id}");
        if *ours == "paid" {
            assert_eq!(common::paid(told).difference(&common::bond(&intent)), None, "{id}");
            let other = common::paid(dialect.answer(NOON, *call, &intent, None, &raw));
            assert_eq!(other.difference(&common::bond(&intent)), Some(Difference::OrderNo), "{id}");
        }
    }
}

/// Sample, call, what it means for the order that it names, and what as it is for another order.
const SAMPLES: &[(&str, Call, &str, &str)] = &[
    ("pay-success", Call::Submit, "paid", "paid"),
    ("pay-10003", Call::Submit, "awaiting_payer", OTHER),
    ("pay-auth-code-invalid", Call::Submit, "declined code_invalid", OTHER),
    ("pay-balance-not-enough", Call::Submit, "declined insufficient_funds", OTHER),
    ("pay-trade-has-success", Call::Submit, KNOWN, OTHER),
    ("pay-trade-has-close", Call::Submit, KNOWN, OTHER),
    ("pay-context-inconsistent", Call::Submit, KNOWN, OTHER),
    ("pay-system-error-40004", Call::Submit, UNSURE, OTHER),
    ("pay-20000", Call::Submit, UNSURE, UNSURE),
    ("pay-20000-gateway", Call::Submit, UNSURE, UNSURE),
    ("gateway-missing-parameter", Call::Submit, "declined configuration", "declined configuration"),
    ("gateway-invalid-signature", Call::Submit, "declined configuration", "declined configuration"),
    ("gateway-no-permission", Call::Submit, MAY_NOT, MAY_NOT),
    ("gateway-app-auth-token", Call::Submit, "declined configuration", "declined configuration"),
    ("query-wait", Call::Query, "awaiting_payer", OTHER),
    ("query-success", Call::Query, "paid", "paid"),
    ("query-closed", Call::Query, "closed closed", OTHER),
    ("query-not-exist", Call::Query, "not_found", OTHER),
    ("cancel-close", Call::Reverse, "reversed closed", OTHER),
    ("cancel-refund", Call::Reverse, "reversed refunded", OTHER),
    ("cancel-unknown-order", Call::Reverse, "reversed unsaid", OTHER),
    ("cancel-system-error", Call::Reverse, "again", OTHER),
    ("cancel-timeout", Call::Reverse, "cannot window", OTHER),
    ("cancel-after-refund", Call::Reverse, "cannot refunded", OTHER),
];
const OTHER: &str = "unknown incomplete out_trade_no";
const KNOWN: &str = "unknown already_known";
const UNSURE: &str = "unknown channel_unsure";
const MAY_NOT: &str = "declined merchant_not_allowed";

#[test]
fn no_flipped_bit_of_a_paid_answer_is_still_paid() {
    let dialect = Alipay::new(sample_app(), Shop::default());
    let body = sample("pay-success").into_bytes();
    let intent = intent();
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            let told = dialect.answer(NOON, Call::Submit, &intent, None, &Response::ok("text/html", flipped));
            assert!(facts(&told).is_none(), "byte {position}, bit {bit}: {told:?}");
        }
    }
}

#[test]
fn nothing_that_is_told_shows_a_payment_code() {
    let code = "28763443825664394";
    let text = format!("付款码{code}无效");
    let node = json!({"code": "40004", "sub_code": "ACQ.PAYMENT_AUTH_CODE_INVALID", "sub_msg": text});
    for call in CALLS {
        let told = every_word(&dialect(), &intent(), &signed(call, &node));
        assert!(!told.contains(&code[2..]), "{told}");
    }
    let claimed = json!({"code": code, "sub_code": text}).to_string();
    let told = every_word(&dialect(), &intent(), &unsigned_response(method(Call::Submit), &claimed));
    assert!(told.contains("28****") && !told.contains(&code[2..]), "{told}");
}

fn answer_to(call: Call, node: &str, intent: &payment::payment::Intent) -> Answer {
    let options = ResponseOptions::default();
    dialect().answer(NOON, call, intent, None, &response(method(call), node, &their_key(), &options))
}

fn encrypted() -> Vec<u8> {
    signed_bytes(b"\"QWxpcGF5\"")
}

/// A payment's answer around a node of any bytes.
fn signed_bytes(node: &[u8]) -> Vec<u8> {
    let tail = format!(",\"sign\":\"{}\"}}", their_key().sign_sha256(node));
    [b"{\"alipay_trade_pay_response\":", node, tail.as_bytes()].concat()
}

fn facts(told: &Answer) -> Option<&PaidFacts> {
    if let Answer::Submit(SubmitAnswer::Paid(facts)) | Answer::Query(QueryAnswer::Paid(facts)) = told {
        return Some(facts);
    }
    None
}

fn testdata(name: &str) -> Value {
    let path = format!("{}/../wire/testdata/alipay/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn sample(id: &str) -> String {
    let file = testdata("messages.json");
    let found = file["messages"].as_array().unwrap().iter().find(|message| message["id"] == id);
    found.unwrap()["response_raw"].as_str().unwrap().to_owned()
}

/// The node's exact text.
fn sample_node(id: &str) -> String {
    let raw = sample(id);
    let (start, end) = (raw.find(":{").unwrap() + 1, raw.rfind(",\"sign\"").unwrap());
    raw[start..end].to_owned()
}

fn sample_number(node: &str) -> String {
    let node: Value = serde_json::from_str(node).unwrap();
    node["out_trade_no"].as_str().unwrap_or("S202611180001").replace('_', "")
}

fn sample_fen(node: &str) -> i64 {
    let node: Value = serde_json::from_str(node).unwrap();
    node["total_amount"].as_str().map_or(1280, |text| wire::text::yuan::parse(text).unwrap())
}

fn sample_app() -> App {
    let keys = testdata("vectors.json")["keys"].clone();
    let key = |name: &str| keys[name].as_str().unwrap().to_owned();
    App {
        signing_key: SigningKey::from_pem_or_base64(&key("app_private_pkcs8")).unwrap(),
        trust: Trust::Key(VerifyingKey::from_pem_or_base64(&key("alipay_sim_public")).unwrap()),
        ..app()
    }
}

proptest! {
    /// Blanks outside the node may change, since nobody signs them; whatever else changes, it is not "paid".
    #[test]
    fn no_mutation_changes_what_was_paid(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let original = answer(Call::Query, &signed(Call::Query, &paid_node(Call::Query)));
        let mut body = signed(Call::Query, &paid_node(Call::Query)).body;
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        let told = answer(Call::Query, &Response::ok("text/html", body));
        if facts(&told).is_some() {
            prop_assert_eq!(told, original);
        }
    }

    #[test]
    fn any_bytes_are_answered_and_never_with_a_decision(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for call in CALLS {
            let told = words(&answer(call, &Response::ok("text/html", body.clone())));
            prop_assert!(told.starts_with("unknown "), "{}", told);
        }
    }
}
