//! ACP's answers: believed only whole, read field by field, and what hostile bytes come to.

use wire::acp::{AcpMerchant, Answer, NotVerified, parse_response, sign_response, unsigned_refusal};
use wire::text::{Charset, Fields, beijing, form};
use wire::verified::{BadField, Verified};

use crate::acp_vectors::{MER_ID, answer, merchant, noon, unionpay};

#[test]
fn one_flipped_bit_anywhere_is_not_believed() {
    let merchant = merchant();
    let body = answer("query_paid").into_bytes();
    for flipped in flips(&body) {
        assert_eq!(believed_by(&merchant, &flipped), None, "{}", String::from_utf8_lossy(&flipped));
    }
}

/// A form says the same thing in more than one way (`%2b` is `%2B`): a flip that changes nothing of the pairs may pass.
#[test]
fn one_flipped_bit_of_a_form_is_believed_only_where_it_says_the_same() {
    let merchant = merchant();
    let fields = believed(answer("query_paid").as_bytes()).unwrap();
    let form = form::encode(&fields, Charset::Utf8).into_bytes();
    assert_eq!(believed(&form).as_ref(), Some(&fields));
    let same = flips(&form).filter_map(|flipped| believed_by(&merchant, &flipped));
    let mut count = 0;
    for read in same {
        assert_eq!(read, fields);
        count += 1;
    }
    assert!(count > 0, "some escapes have a lower-case twin");
}

fn flips(body: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..body.len() * 8).map(|bit| {
        let mut flipped = body.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

fn believed(body: &[u8]) -> Option<Fields> {
    believed_by(&merchant(), body)
}

fn believed_by(merchant: &AcpMerchant, body: &[u8]) -> Option<Fields> {
    let verified = parse_response(body).ok()?.verify(merchant, noon()).ok()?;
    Some(verified.value().fields().clone())
}

#[test]
fn another_order_of_fields_changes_nothing_and_an_unknown_field_is_signed_too() {
    let fields = believed(answer("query_paid").as_bytes()).unwrap();
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.reverse();
    assert_eq!(believed(pairs.join("&").as_bytes()).map(|read| read.len()), Some(fields.len()));
    pairs.push("newField=1".to_owned());
    assert_eq!(believed(pairs.join("&").as_bytes()), None, "added on the way");
    pairs.pop();
    pairs.push("newField=".to_owned());
    assert_eq!(believed(pairs.join("&").as_bytes()), None, "even an empty one");
    let signed = signed([("respCode", "00"), ("newField", "{a=1&b=2}")]);
    assert_eq!(signed.field("newField"), Some("{a=1&b=2}"));
}

#[test]
fn unsigned_and_badly_signed_are_told_apart() {
    let error = |body: &[u8]| parse_response(body).unwrap().verify(&merchant(), noon()).unwrap_err();
    let unsigned = |code: &str, text: &str| NotVerified::Unsigned {
        resp_code: code.to_owned(),
        resp_msg: text.to_owned(),
    };
    let refusal = unsigned_refusal("11", "验证签名失败[0000011]");
    assert_eq!(refusal.status, 200);
    assert_eq!(error(&refusal.body), unsigned("11", "验证签名失败[0000011]"));
    assert_eq!(error(b"respCode=11&respMsg=%E5%A4%B1%E8%B4%A5"), unsigned("11", "失败"));
    assert_eq!(error(b"a=1"), unsigned("", ""));
    let body = answer("reversal_ok");
    let (signed_part, _) = body.split_once("&signature=").unwrap();
    assert_eq!(error(format!("{signed_part}&signature=").as_bytes()), unsigned("00", "成功[0000000]"));
    for signature in ["AAAA", "!", "x"] {
        let error = error(format!("{signed_part}&signature={signature}").as_bytes());
        assert_eq!(error, NotVerified::BadSignature);
    }
}

#[test]
fn hostile_bodies_are_unreadable() {
    let paid = answer("query_paid");
    for body in [
        String::new(),
        "<html><head><title>502 Bad Gateway</title></head></html>".to_owned(),
        "{\"respCode\":\"00\"}".to_owned(),
        format!("\u{FEFF}{paid}"),
        format!("{paid}&respCode=00"),
        format!("{paid}&"),
        format!("x&{paid}"),
        format!("=x&{paid}"),
        "a&".repeat(1_000_000),
    ] {
        assert!(parse_response(body.as_bytes()).is_err(), "{}", &body[..body.len().min(99)]);
    }
    let gbk = Charset::Gbk.encode(&paid);
    assert!(parse_response(&gbk).is_err(), "another charset");
    let merchant = merchant();
    for end in (0..paid.len()).filter(|end| paid.is_char_boundary(*end)) {
        assert_eq!(believed_by(&merchant, &paid.as_bytes()[..end]), None, "cut after {end} bytes");
    }
}

#[test]
fn a_paid_order_says_what_was_paid() {
    let paid = verified("query_paid");
    assert_eq!((paid.resp_code(), paid.orig_resp_code()), (Some("00"), Some("00")));
    assert_eq!((paid.resp_msg(), paid.orig_resp_msg()), (Some("成功[0000000]"), Some("成功[0000000]")));
    assert_eq!((paid.txn_type(), paid.txn_sub_type()), (Some("00"), Some("00")));
    assert_eq!((paid.mer_id(), paid.order_id()), (Some(MER_ID), Some("P202603151200000002")));
    assert_eq!((paid.txn_time(), paid.txn_amt()), (Some("20260315120100"), Ok(Some(500))));
    assert_eq!((paid.settle_amt(), paid.currency_code()), (Ok(Some(500)), Some("156")));
    assert_eq!((paid.settle_currency_code(), paid.settle_date()), (Some("156"), Some("0315")));
    assert_eq!((paid.query_id(), paid.trace_no()), (Some("902603151201000000018"), Some("000001")));
    assert_eq!((paid.pay_card_type(), paid.pay_type()), (Some("01"), None));
    let (near, booked) = (noon(), beijing::parse_compact("20260315120100").unwrap());
    assert_eq!(paid.trace_time(near), Ok(Some(booked)));
    assert_eq!((paid.orig_qry_id(), paid.orig_order_id(), paid.file_name()), (None, None, None));
    assert_eq!(paid.field("version"), Some("5.1.0"));
}

#[test]
fn refusals_and_states_have_their_codes() {
    for (name, code, orig) in [
        ("consume_accepted", "00", None),
        ("consume_code_invalid", "86", None),
        ("consume_timeout_03", "03", None),
        ("query_pending", "00", Some("05")),
        ("query_failed", "00", Some("64")),
        ("query_not_found", "34", None),
        ("reversal_ok", "00", None),
        ("reversal_already_done", "46", None),
        ("file_absent", "98", None),
    ] {
        let answer = verified(name);
        assert_eq!((answer.resp_code(), answer.orig_resp_code()), (Some(code), orig), "{name}");
        assert_eq!(answer.query_id(), None, "nothing is booked by {name}");
        assert_eq!(answer.trace_time(noon()), Ok(None));
    }
    for (name, query_id) in
        [("void_accepted", "902603151205000000028"), ("refund_accepted", "902603151800000000038")]
    {
        let answer = verified(name);
        assert_eq!((answer.resp_code(), answer.query_id()), (Some("00"), Some(query_id)));
        assert_eq!(answer.orig_qry_id(), Some("902603151201000000018"));
    }
    let file = verified("file_ok");
    assert_eq!(file.file_name(), Some("777000000000001_20260315.zip"));
    assert!(file.file_content().is_some_and(|content| content.starts_with("eJz")));
}

#[test]
fn a_field_in_the_wrong_form_is_bad_and_not_absent() {
    for wrong in ["5.00", "-1", "+1", " 1", "1e3", "500分", "1234567890123"] {
        let bad = BadField { field: "txnAmt", value: wrong.to_owned() };
        assert_eq!(signed([("txnAmt", wrong)]).txn_amt(), Err(bad), "{wrong}");
    }
    let bad = BadField { field: "traceTime", value: "0230120000".to_owned() };
    assert_eq!(signed([("traceTime", "0230120000")]).trace_time(noon()), Err(bad));
    assert_eq!(signed([("respCode", "00")]).txn_amt(), Ok(None));
}

fn verified(name: &str) -> Verified<Answer> {
    parse_response(answer(name).as_bytes()).unwrap().verify(&merchant(), noon()).unwrap()
}

fn signed<const N: usize>(pairs: [(&str, &str); N]) -> Verified<Answer> {
    let response = sign_response(MER_ID, &Fields::from_iter(pairs), &unionpay());
    parse_response(&response.body).unwrap().verify(&merchant(), noon()).unwrap()
}
