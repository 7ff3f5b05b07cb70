//! Bytes that are no answer, the sample messages, and mutations of a signed one.

use gateway::dialects::Dialect;
use gateway::dialects::icbc::Icbc;
use payment::exchange::{Answer, Call, PaidFacts, QueryAnswer, SubmitAnswer};
use proptest::prelude::*;
use serde_json::json;
use wire::http::Response;
use wire::icbc::{AesKey, App, Hand, response, unsigned_response};
use wire::sign::{RsaHash, SigningKey, VerifyingKey};

use crate::common::{CALLS, NOON, every_word, words};
use crate::icbc_traps::{
    MER_ID, NUMBER, answer, app, dialect, intent, msg_id, our_key, paid_content, signed, their_key,
};

#[test]
fn two_hundred_ok_and_not_a_word_of_truth() {
    let paid = signed(Call::Submit, &paid_content()).body;
    let text = String::from_utf8(paid.clone()).unwrap();
    let doubled = r#"{"return_code":"0","pay_status":"0","pay_status":"1"}"#;
    let sealed = Hand { aes_key: AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").ok(), ..hand() };
    for (name, body) in [
        ("html", b"<!DOCTYPE html><html><body>502</body></html>".to_vec()),
        ("empty", Vec::new()),
        ("truncated", paid[..paid.len() / 2].to_vec()),
        ("bom", [b"\xEF\xBB\xBF", &paid[..]].concat()),
        ("duplicate member", response(doubled, &hand()).body),
        ("two documents", format!("{text}{text}").into_bytes()),
        ("encrypted", response(&paid_content().to_string(), &sealed).body),
        ("no content", br#"{"sign":"AAAA"}"#.to_vec()),
        ("huge", vec![b' '; 4 << 20]),
    ] {
        let told = words(&answer(Call::Submit, &Response::ok("application/json", body)));
        assert_eq!(told, "unknown unreadable", "{name}");
    }
}

#[test]
fn another_status_is_unknown_even_over_a_signed_body() {
    for status in [100, 202, 204, 302, 400, 404, 502, 599] {
        for call in CALLS {
            let response = Response { status, ..signed(call, &paid_content()) };
            assert_eq!(words(&answer(call, &response)), format!("unknown status {status}"));
        }
    }
}

#[test]
fn a_wrong_signature_is_unknown() {
    for call in CALLS {
        let own = Hand { key: our_key(), ..hand() };
        let forged = response(&paid_content().to_string(), &own);
        assert_eq!(words(&answer(call, &forged)), "unknown forged", "the app's own key");
    }
}

#[test]
fn a_sealed_answer_means_the_same() {
    let aes_key = AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").unwrap();
    let with_key = Icbc::new(App { aes_key: Some(aes_key.clone()), ..app() }, MER_ID.to_owned());
    let mut content = paid_content();
    content["msg_id"] = msg_id(Call::Submit).into();
    let plain = with_key.answer(NOON, Call::Submit, &intent(), None, &signed(Call::Submit, &content));
    assert_eq!(words(&plain), "paid", "a gateway may answer in plain text");
    let sealed = response(&content.to_string(), &Hand { aes_key: Some(aes_key), ..hand() });
    assert_eq!(with_key.answer(NOON, Call::Submit, &intent(), None, &sealed), plain);
}

/// Each sample as it is, under its real signature of 1024 bits and SHA-1; all answer other messages than ours, and say so.
#[test]
fn the_samples_mean_what_the_sheet_says() {
    let samples = Icbc::new(sample_app(), MER_ID.to_owned());
    for (name, call, ours) in SAMPLES {
        let body = sample(name);
        let raw = Response::ok("application/json", body.clone().into_bytes());
        let as_it_is = words(&samples.answer(NOON, *call, &intent(), None, &raw));
        assert_eq!(as_it_is, "unknown incomplete msg_id", "{name}");

        let content = &body[body.find(":{").unwrap() + 1..body.rfind(",\"sign\"").unwrap()];
        let about_ours = content.replace("P202603151200000003", NUMBER);
        let echoed = about_ours.replace("M2026031512000000000", &msg_id(*call));
        assert_eq!(words(&answer(*call, &response(&echoed, &hand()))), *ours, "{name}");
    }
}

/// Sample, call, what it means for the order and the message that it names.
const SAMPLES: &[(&str, Call, &str)] = &[
    ("pay_success", Call::Submit, "paid"),
    ("pay_paying", Call::Submit, "awaiting_payer"),
    ("pay_failed", Call::Submit, "declined refused"),
    ("pay_order_rejected", Call::Submit, "declined_ask merchant_not_allowed"),
    ("gateway_error_numeric_code", Call::Submit, "declined_ask configuration"),
    ("gateway_error_numeric_code", Call::Reverse, "unknown channel_unsure"),
    ("query_success", Call::Query, "paid"),
    ("query_paying", Call::Query, "awaiting_payer"),
    ("query_reversed", Call::Query, "closed revoked"),
    ("query_not_found", Call::Query, "not_found"),
    ("reverse_ok", Call::Reverse, "reversed refunded"),
];

#[test]
fn no_flipped_bit_of_a_paid_answer_is_still_paid() {
    let body = signed(Call::Submit, &paid_content()).body;
    let (dialect, intent) = (dialect(), intent());
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            let told =
                dialect.answer(NOON, Call::Submit, &intent, None, &Response::ok("application/json", flipped));
            assert!(facts(&told).is_none(), "byte {position}, bit {bit}: {told:?}");
        }
    }
}

#[test]
fn nothing_that_is_told_shows_a_payment_code() {
    let code = "6235124674559394540";
    let text = format!("付款码{code}无效");
    let content = json!({"return_code": "5920099", "return_msg": text});
    for call in CALLS {
        let told = every_word(&dialect(), &intent(), &signed(call, &content));
        assert!(!told.contains(&code[2..]), "{told}");
    }
    let claimed = json!({"return_code": code, "return_msg": text}).to_string();
    let told = every_word(&dialect(), &intent(), &unsigned_response(&claimed));
    assert!(told.contains("62****") && !told.contains(&code[2..]), "{told}");
}

fn hand() -> Hand {
    Hand { key: their_key(), hash: RsaHash::Sha1, aes_key: None }
}

fn facts(told: &Answer) -> Option<&PaidFacts> {
    if let Answer::Submit(SubmitAnswer::Paid(facts)) | Answer::Query(QueryAnswer::Paid(facts)) = told {
        return Some(facts);
    }
    None
}

fn testdata(name: &str) -> String {
    let path = format!("{}/../wire/testdata/icbc/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn sample(name: &str) -> String {
    testdata(&format!("messages/{name}.json"))
}

fn sample_app() -> App {
    App {
        signing_key: SigningKey::from_pem_or_base64(&testdata("test-only-app2048.key.pem")).unwrap(),
        gateway_key: VerifyingKey::from_pem_or_base64(&testdata("test-only-gw1024.pub.pem")).unwrap(),
        ..app()
    }
}

proptest! {
    /// Blanks outside the content may change, since nobody signs them; whatever else changes, it is not "paid".
    #[test]
    fn no_mutation_changes_what_was_paid(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let original = answer(Call::Query, &signed(Call::Query, &paid_content()));
        let mut body = signed(Call::Query, &paid_content()).body;
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        let told = answer(Call::Query, &Response::ok("application/json", body));
        if facts(&told).is_some() {
            prop_assert_eq!(told, original);
        }
    }

    #[test]
    fn any_bytes_are_answered_and_never_with_a_decision(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for call in CALLS {
            let told = words(&answer(call, &Response::ok("application/json", body.clone())));
            prop_assert!(told.starts_with("unknown "), "{}", told);
        }
    }
}
