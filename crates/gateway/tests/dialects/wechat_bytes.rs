//! Bytes that are no answer, the sample messages, and mutations of a signed one.

use gateway::dialects::Dialect;
use gateway::dialects::wechat_v2::WechatV2;
use payment::exchange::Answer;
use payment::exchange::{Call, PaidFacts, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use proptest::prelude::*;
use wire::http::Response;
use wire::sign::V2SignType;

use crate::common::{self, CALLS, NOON, every_word, words};
use crate::wechat_traps::{
    FEN, NUMBER, answer, dialect, fields, intent, merchant, paid_fields, payee, signed,
};

#[test]
fn two_hundred_ok_and_not_a_word_of_truth() {
    let paid = signed(paid_fields()).body;
    let text = String::from_utf8(paid.clone()).unwrap();
    let with_bom = [b"\xEF\xBB\xBF", &paid[..]].concat();
    let gbk = wire::text::Charset::Gbk.encode(&text.replace("OTHERS", "零钱"));
    let doubled = text.replace("</xml>", "<total_fee>1250</total_fee></xml>");
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
        ("json", br#"{"return_code":"SUCCESS"}"#.to_vec()),
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
    for call in CALLS {
        assert_eq!(words(&answer(call, &forged)), "unknown forged");
    }
    let hmac =
        wire::wechat_v2::sign_response(paid_fields(), &crate::wechat_traps::key(), V2SignType::HmacSha256);
    assert_eq!(words(&answer(Call::Submit, &hmac)), "unknown forged", "we asked for md5");
}

#[test]
fn the_samples_mean_what_the_sheet_says() {
    for (sample, call, number, fen, expected) in [
        ("micropay-success", Call::Submit, NUMBER, FEN, "paid"),
        ("micropay-userpaying", Call::Submit, NUMBER, FEN, "awaiting_payer"),
        ("micropay-systemerror", Call::Submit, NUMBER, FEN, "unknown channel_unsure"),
        ("micropay-authcode-invalid", Call::Submit, NUMBER, FEN, "declined code_invalid"),
        ("return-fail-sign", Call::Submit, NUMBER, FEN, "unknown unsigned"),
        ("orderquery-notexist", Call::Query, NUMBER, FEN, "not_found"),
        ("orderquery-payerror", Call::Query, NUMBER, FEN, "must_reverse"),
        ("orderquery-userpaying", Call::Query, NUMBER, FEN, "awaiting_payer"),
        ("orderquery-revoked", Call::Query, "S20260315112040003", FEN, "closed revoked"),
        ("orderquery-success-coupon-hmac", Call::Query, "S20260315100304002", 2500, "paid"),
        ("reverse-ok", Call::Reverse, NUMBER, FEN, "reversed unsaid"),
        ("reverse-userpaying", Call::Reverse, NUMBER, FEN, "still_paying"),
    ] {
        let path = format!("{}/../wire/testdata/wechat/xml/{sample}.xml", env!("CARGO_MANIFEST_DIR"));
        let response = Response::ok("text/xml", std::fs::read(path).unwrap());
        let sign_type = if sample.ends_with("hmac") { V2SignType::HmacSha256 } else { V2SignType::Md5 };
        let dialect = WechatV2::new(merchant(sign_type), "203.0.113.7".to_owned());
        let intent = common::intent(Channel::WechatV2, number, fen, payee());
        let told = dialect.answer(NOON, call, &intent, None, &response);
        assert_eq!(words(&told), expected, "{sample}");
        if expected == "paid" {
            assert_eq!(common::paid(told).difference(&common::bond(&intent)), None, "{sample}");
        }
    }
}

#[test]
fn no_flipped_bit_of_a_paid_answer_is_still_paid() {
    let body = signed(paid_fields()).body;
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            let told = answer(Call::Submit, &Response::ok("text/xml", flipped));
            assert!(facts(&told).is_none(), "byte {position}, bit {bit}: {told:?}");
        }
    }
}

#[test]
fn nothing_that_is_told_shows_a_payment_code() {
    let code = "134567890123456789";
    let text = format!("付款码 {code} 已使用");
    let told = [("result_code", "FAIL"), ("err_code", "AUTH_CODE_INVALID"), ("err_code_des", text.as_str())];
    let words = every_word(&dialect(), &intent(), &signed(fields(&told)));
    assert!(words.contains("13****") && !words.contains(&code[2..]), "{words}");
    let words = every_word(&dialect(), &intent(), &wire::wechat_v2::unsigned_fail(&text));
    assert!(words.contains("13****") && !words.contains(&code[2..]), "{words}");
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
