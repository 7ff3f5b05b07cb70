//! Bytes that are no answer, the sample messages, and mutations of a signed one.

use gateway::dialects::Dialect;
use gateway::dialects::qra::Qra;
use payment::exchange::{Answer, Call, PaidFacts, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use proptest::prelude::*;
use wire::http::Response;
use wire::qra::{sign_response, unsigned_refusal};

use crate::common::{self, CALLS, NOON, every_word, words};
use crate::qra_traps::{
    FEN, NUMBER, answer, dialect, fields, intent, merchant, paid_fields, payee, rsa_halves, signed,
};

#[test]
fn two_hundred_ok_and_not_a_word_of_truth() {
    let paid = signed(paid_fields()).body;
    let text = String::from_utf8(paid.clone()).unwrap();
    let with_bom = [b"\xEF\xBB\xBF", &paid[..]].concat();
    let gbk = wire::text::Charset::Gbk.encode(&text.replace("CNY", "零钱"));
    let doubled = text.replace("</xml>", "<total_fee>1234</total_fee></xml>");
    let two_roots = format!("{text}{text}");
    let entity = format!("<!DOCTYPE xml [<!ENTITY a \"b\">]>{text}");
    for (name, body) in [
        ("html", b"<!DOCTYPE html><html><body>502</body></html>".to_vec()),
        ("empty", Vec::new()),
        ("truncated", paid[..paid.len() / 2].to_vec()),
        ("bom", with_bom),
        ("gbk", gbk),
        ("duplicate field", doubled.into_bytes()),
        ("two documents", two_roots.into_bytes()),
        ("doctype", entity.into_bytes()),
        ("json", br#"{"status":"0"}"#.to_vec()),
        ("huge", vec![b' '; 4 << 20]),
    ] {
        for call in CALLS {
            let response = Response::ok("text/html", body.clone());
            assert_eq!(words(&answer(call, &response)), "unknown unreadable", "{name}");
        }
    }
}

#[test]
fn another_status_is_unknown_even_over_a_signed_body() {
    for status in [100, 202, 204, 301, 400, 404, 502, 599] {
        for call in CALLS {
            let response = Response { status, ..signed(paid_fields()) };
            assert_eq!(words(&answer(call, &response)), format!("unknown status {status}"));
        }
    }
}

#[test]
fn a_wrong_signature_is_unknown() {
    let mut told = paid_fields();
    told.insert("sign", "6A345A831298C045FD4DD5B341F8DBA7");
    let forged = Response::ok("text/xml", wire::text::xml::print(&told));
    let rsa = sign_response(&paid_fields(), &rsa_halves().1);
    for call in CALLS {
        assert_eq!(words(&answer(call, &forged)), "unknown forged");
        assert_eq!(words(&answer(call, &rsa)), "unknown forged", "we asked for md5");
    }
}

#[test]
fn an_account_with_rsa_believes_the_platforms_key_alone() {
    let (ours, theirs) = rsa_halves();
    let dialect = Qra::new(merchant(ours.clone()), "203.0.113.7".to_owned(), None);
    let told = |response: &Response| words(&dialect.answer(NOON, Call::Submit, &intent(), None, response));
    assert_eq!(told(&sign_response(&paid_fields(), &theirs)), "paid");
    assert_eq!(told(&sign_response(&paid_fields(), &ours)), "unknown forged");
    assert_eq!(told(&signed(paid_fields())), "unknown forged");
}

#[test]
fn the_samples_mean_what_the_sheet_says() {
    for (sample, call, expected) in [
        ("02_micropay_response_success_weixin", Call::Submit, "paid"),
        ("03_micropay_response_success_unionpay", Call::Submit, "paid"),
        ("04_micropay_response_userpaying", Call::Submit, "awaiting_payer"),
        ("05_micropay_response_systemerror_needquery", Call::Submit, "unknown channel_unsure"),
        ("06_micropay_response_authcode_expired", Call::Submit, "declined code_expired"),
        ("07_micropay_response_noauth", Call::Submit, "declined merchant_not_allowed"),
        ("08_response_sign_error_unsigned", Call::Submit, "unknown unsigned"),
        ("10_query_response_closed", Call::Query, "closed closed"),
        ("10_query_response_notpay", Call::Query, "not_paid"),
        ("10_query_response_payerror", Call::Query, "must_reverse"),
        ("10_query_response_refund", Call::Query, "unknown channel_unsure"),
        ("10_query_response_revoked", Call::Query, "closed revoked"),
        ("10_query_response_success", Call::Query, "paid"),
        ("10_query_response_userpaying", Call::Query, "awaiting_payer"),
        ("11_query_response_order_not_exist", Call::Query, "not_found"),
        ("13_reverse_response_ok", Call::Reverse, "reversed unsaid"),
        ("14_reverse_response_systemerror", Call::Reverse, "unknown channel_unsure"),
    ] {
        let path =
            format!("{}/../wire/testdata/unionpay/qra_messages/{sample}.xml", env!("CARGO_MANIFEST_DIR"));
        let response = Response::ok("text/xml", std::fs::read(path).unwrap());
        let unionpay = sample.ends_with("unionpay");
        let (number, fen) = if unionpay { ("P202603151200000002", 500) } else { (NUMBER, FEN) };
        let intent = common::intent(Channel::Qra, number, fen, payee());
        let intent = Intent { opened_at: common::NOON, ..intent };
        let told = dialect().answer(NOON, call, &intent, None, &response);
        assert_eq!(words(&told), expected, "{sample}");
        if expected == "paid" {
            assert_eq!(common::paid(told).difference(&common::bond(&intent)), None, "{sample}");
        }
    }
}

#[test]
fn no_flipped_bit_of_a_signed_answer_is_believed() {
    let undone = fields(&[("result_code", "0")]);
    let refusal = fields(&[("result_code", "1"), ("err_code", "NOTENOUGH"), ("need_query", "N")]);
    for (call, told) in [(Call::Submit, paid_fields()), (Call::Submit, refusal), (Call::Reverse, undone)] {
        let body = signed(told).body;
        for position in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[position] ^= 1 << bit;
                let told = words(&answer(call, &Response::ok("text/xml", flipped)));
                assert!(told.starts_with("unknown "), "byte {position}, bit {bit}: {told}");
            }
        }
    }
}

#[test]
fn nothing_that_is_told_shows_a_payment_code() {
    let code = "6234567890123456789";
    let text = format!("付款码 {code} 已使用");
    let told = [("result_code", "1"), ("err_code", "AUTH_CODE_INVALID"), ("err_msg", text.as_str())];
    let words = every_word(&dialect(), &intent(), &signed(fields(&told)));
    let declined =
        every_word(&dialect(), &intent(), &signed(fields(&[&told[..], &[("need_query", "N")]].concat())));
    assert!(declined.contains("62****") && !declined.contains(&code[2..]), "{declined}");
    assert!(!words.contains(&code[2..]), "{words}");
    let words = every_word(&dialect(), &intent(), &unsigned_refusal(&text));
    assert!(words.contains("62****") && !words.contains(&code[2..]), "{words}");
}

fn facts(told: &Answer) -> Option<&PaidFacts> {
    if let Answer::Submit(SubmitAnswer::Paid(facts)) | Answer::Query(QueryAnswer::Paid(facts)) = told {
        return Some(facts);
    }
    None
}

proptest! {
    /// Blanks between elements may change, since nobody signs them; whatever else changes, it is not "paid".
    #[test]
    fn no_mutation_changes_what_was_paid(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let original = answer(Call::Submit, &signed(paid_fields()));
        let mut body = signed(paid_fields()).body;
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        let told = answer(Call::Submit, &Response::ok("text/xml", body));
        if facts(&told).is_some() {
            prop_assert_eq!(told, original);
        }
    }

    #[test]
    fn any_bytes_are_answered_and_never_with_a_decision(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for call in CALLS {
            let told = words(&answer(call, &Response::ok("text/xml", body.clone())));
            prop_assert!(told.starts_with("unknown "), "{}", told);
        }
    }
}
