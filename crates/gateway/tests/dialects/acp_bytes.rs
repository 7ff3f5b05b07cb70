//! Bytes that are no answer, certificates of others, the sample messages, and mutations of a signed one.

use gateway::dialects::Dialect;
use gateway::dialects::acp::Acp;
use payment::exchange::{Answer, Call, PaidFacts, Payee, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use proptest::prelude::*;
use serde_json::Value;
use wire::acp::{Signer, Trust, sign_response, unsigned_refusal};
use wire::http::Response;
use wire::sign::SigningKey;
use wire::text::{Charset, Fields};

use crate::acp_traps::{
    MER_ID, answer, dialect, intent, merchant, paid_fields, refund, signed, their_hand, told,
};
use crate::common::{self, CALLS, NOON, every_word, words};

#[test]
fn two_hundred_ok_and_not_a_word_of_truth() {
    let paid = signed(Call::Query, &paid_fields()).body;
    let text = String::from_utf8(paid.clone()).unwrap();
    for (name, body) in [
        ("html", b"<!DOCTYPE html><html><body>502</body></html>".to_vec()),
        ("empty", Vec::new()),
        ("bom", [b"\xEF\xBB\xBF", &paid[..]].concat()),
        ("another charset", Charset::Gbk.encode(&text)),
        ("duplicate field", format!("{text}&origRespCode=00").into_bytes()),
        ("two messages", format!("{text}&{text}").into_bytes()),
        ("json", br#"{"respCode":"00"}"#.to_vec()),
    ] {
        for call in CALLS {
            let told = words(&answer(call, &Response::ok("text/plain", body.clone())));
            assert_eq!(told, "unknown unreadable", "{name}");
        }
    }
    let half = words(&answer(Call::Query, &Response::ok("text/plain", paid[..paid.len() / 2].to_vec())));
    assert!(["unknown unreadable", "unknown unsigned"].contains(&half.as_str()), "{half}");
}

#[test]
fn another_status_is_unknown_even_over_a_signed_body() {
    for status in [100, 202, 204, 302, 400, 404, 502, 599] {
        for call in CALLS {
            let response = Response { status, ..signed(call, &paid_fields()) };
            assert_eq!(words(&answer(call, &response)), format!("unknown status {status}"));
        }
    }
}

#[test]
fn a_wrong_signature_is_unknown() {
    let fields: Fields = paid_fields().into_iter().collect();
    for call in CALLS {
        let own = Signer { key: SigningKey::keyed_hash([5; 32]), ..their_hand() };
        assert_eq!(words(&answer(call, &sign_response(MER_ID, &fields, &own))), "unknown forged");
    }
}

/// A signature that is right under a certificate which is not UnionPay's, or not any more, is no signature (§11 trap 8).
#[test]
fn a_certificate_that_is_not_unionpays_is_unknown() {
    let real = sheet_dialect();
    let (intent, refund) = (sheet_intent(), sheet_refund());
    let paid = Response::ok("text/plain", sample("query_paid").into_bytes());
    let at =
        |now, call, response: &Response| words(&real.answer(now, call, &intent, Some(&refund), response));
    assert_eq!(at(NOON, Call::Query, &paid), "paid");
    // 2019-12-31 and 2050-01-01, UTC.
    for now in [Time(1_577_750_400_000), Time(2_524_608_000_000)] {
        assert_eq!(at(now, Call::Query, &paid), "unknown forged");
    }
    let impostor = Response::ok("text/plain", sample("impostor_cn").into_bytes());
    let tampered = Response::ok("text/plain", sample("query_paid_tampered").into_bytes());
    for call in CALLS {
        assert_eq!(at(NOON, call, &impostor), "unknown forged");
        assert_eq!(at(NOON, call, &tampered), "unknown forged");
    }
    let uncertified = words(&answer(Call::Query, &paid));
    assert_eq!(uncertified, "unknown forged", "a stand-in's secret is not the sheet's key");
}

/// Each sample as it is, under its real signature and certificate.
#[test]
fn the_samples_mean_what_the_sheet_says() {
    let real = sheet_dialect();
    for (name, call, ours) in SAMPLES {
        let response = Response::ok("text/plain", sample(name).into_bytes());
        let told = words(&real.answer(NOON, *call, &sheet_intent(), Some(&sheet_refund()), &response));
        assert_eq!(told, *ours, "{name}");
        let others = words(&real.answer(NOON, *call, &intent(), Some(&refund()), &response));
        assert!(others == "paid" || others.starts_with("unknown incomplete "), "{name}: {others}");
    }
}

/// Sample, call, what it means for the order and the refund that it names.
const SAMPLES: &[(&str, Call, &str)] = &[
    ("consume_accepted", Call::Submit, "awaiting_payer"),
    ("consume_code_invalid", Call::Submit, "declined code_invalid"),
    ("consume_timeout_03", Call::Submit, "unknown channel_unsure"),
    ("query_paid", Call::Query, "paid"),
    ("query_pending", Call::Query, "awaiting_payer"),
    ("query_failed", Call::Query, "declined insufficient_funds"),
    ("query_not_found", Call::Query, "not_found"),
    ("reversal_ok", Call::Reverse, "reversed unsaid"),
    ("reversal_already_done", Call::Reverse, "reversed unsaid"),
    ("refund_accepted", Call::Refund, "accepted"),
    // A notice is no answer to a query: it names no state of the original.
    ("notify_paid", Call::Query, "unknown incomplete origRespCode"),
];

#[test]
fn no_flipped_bit_of_a_paid_answer_is_still_paid() {
    let body = signed(Call::Query, &paid_fields()).body;
    let (dialect, intent) = (dialect(), intent());
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            let told = dialect.answer(NOON, Call::Query, &intent, None, &Response::ok("text/plain", flipped));
            assert!(facts(&told).is_none(), "byte {position}, bit {bit}: {told:?}");
        }
    }
}

#[test]
fn nothing_that_is_told_shows_a_payment_code() {
    let code = "6235124674559394540";
    let text = format!("付款码{code}无效");
    for call in CALLS {
        let response = signed(call, &[("respCode", "97"), ("respMsg", &text)]);
        let told = every_word(&dialect(), &intent(), &response);
        assert!(!told.contains(&code[2..]), "{told}");
        let response = signed(call, &[("respCode", "00"), ("origRespCode", "64"), ("origRespMsg", &text)]);
        let told = every_word(&dialect(), &intent(), &response);
        assert!(!told.contains(&code[2..]), "{told}");
    }
    let told = every_word(&dialect(), &intent(), &unsigned_refusal(code, &text));
    assert!(told.contains("62****") && !told.contains(&code[2..]), "{told}");
}

/// The order of the sheet's vectors: P202603151200000002, at 12:01:00.
fn sheet_intent() -> Intent {
    let payee = Payee { merchant: MER_ID.to_owned(), sub_merchant: None };
    let opened_at = Time(1_773_547_260_400);
    Intent { opened_at, ..common::intent(Channel::Acp, "P202603151200000002", 500, payee) }
}

/// And its refund: R202603151800000002, at 18:00:00.
fn sheet_refund() -> RefundIntent {
    let refund = common::refund(sheet_intent(), 200);
    RefundIntent {
        channel_refund_no: payment::ids::ChannelRefundNo::parse("R202603151800000002").unwrap(),
        opened_at: Time(1_773_568_800_999),
        ..refund
    }
}

fn sheet_dialect() -> Acp {
    let trust = Trust::chain(&testdata("test-only-root.cert.pem"), &testdata("test-only-middle.cert.pem"));
    Acp::new(merchant(trust.unwrap()), "00000001".to_owned())
}

fn testdata(name: &str) -> String {
    let path = format!("{}/../wire/testdata/unionpay/acp/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn sample(name: &str) -> String {
    let file: Value = serde_json::from_str(&testdata("acp_vectors.json")).unwrap();
    let samples = file["own_vectors"]["responses"].as_array().unwrap();
    let found = samples.iter().find(|sample| sample["name"] == name).unwrap();
    found["raw_body"].as_str().unwrap().to_owned()
}

fn facts(told: &Answer) -> Option<&PaidFacts> {
    if let Answer::Submit(SubmitAnswer::Paid(facts)) | Answer::Query(QueryAnswer::Paid(facts)) = told {
        return Some(facts);
    }
    None
}

proptest! {
    #[test]
    fn no_mutation_changes_what_was_paid(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let original = told(Call::Query, &paid_fields());
        let mut body = signed(Call::Query, &paid_fields()).body;
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        let told = answer(Call::Query, &Response::ok("text/plain", body));
        if facts(&told).is_some() {
            prop_assert_eq!(told, original);
        }
    }

    #[test]
    fn any_bytes_are_answered_and_never_with_a_decision(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for call in CALLS {
            let told = words(&answer(call, &Response::ok("text/plain", body.clone())));
            prop_assert!(told.starts_with("unknown "), "{}", told);
        }
    }
}
