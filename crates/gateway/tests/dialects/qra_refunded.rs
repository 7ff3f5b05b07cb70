//! The state REFUND together with the refund query: all of it back, a part, or not clear (unionpay.md §4.4, §13).

use gateway::dialects::{Dialect, Outgoing};
use gateway::store::Sale;
use payment::exchange::{Answer, Call, ClosedHow, QueryAnswer};
use wire::http::Response;
use wire::qra::{self, RefundQueryRequest, parse_request, unsigned_refusal};
use wire::text::Fields;

use crate::common::{NOON, asking, bond, paid, words};
use crate::qra_traps::{NUMBER, dialect, fields, intent, keys, signed, state, state_fields};

/// What the refund query says: these refunds, in fen, each with its state.
fn refunds(listed: &[(i64, &str)]) -> Fields {
    let count = listed.len().to_string();
    let mut told = fields(&[("result_code", "0"), ("out_trade_no", NUMBER), ("refund_count", &count)]);
    for (at, (amount, state)) in listed.iter().enumerate() {
        told.insert(format!("out_refund_no_{at}"), format!("R{at}"));
        told.insert(format!("refund_id_{at}"), format!("9551{at}"));
        told.insert(format!("refund_fee_{at}"), amount.to_string());
        told.insert(format!("refund_status_{at}"), *state);
    }
    told
}

fn further(response: &Response) -> Option<Outgoing> {
    let (intent, sale) = (intent(), Sale::default());
    dialect().further(&asking(Call::Query, &intent, &sale, None), response)
}

fn together(first: Fields, further: &Response) -> Answer {
    dialect().answer_further(NOON, &intent(), &signed(first), further)
}

#[test]
fn only_the_state_refund_of_our_order_is_asked_further() {
    let outgoing = further(&signed(state_fields("REFUND"))).unwrap();
    let (_, call) = parse_request(&outgoing.request.path, &outgoing.request.body, |_| Some(keys())).unwrap();
    let expected =
        RefundQueryRequest { out_trade_no: Some(NUMBER.to_owned()), ..RefundQueryRequest::default() };
    assert_eq!(call, qra::Call::RefundQuery(expected));
    for (name, value) in [
        ("trade_state", "SUCCESS"),
        ("trade_state", "refund"),
        ("result_code", "1"),
        ("status", "400"),
        ("out_trade_no", "P2026"),
        ("out_trade_no", ""),
        ("mch_id", "QRA00000000NONE"),
        // An Alipay order's refunds are not found by the order's number.
        ("trade_type", "pay.alipay.micropay"),
    ] {
        let mut told = state_fields("REFUND");
        told.insert(name, value);
        assert!(further(&signed(told)).is_none(), "{name} {value}");
    }
    let mut forged = state_fields("REFUND");
    forged.insert("sign", "6A345A831298C045FD4DD5B341F8DBA7");
    for response in [
        Response::ok("text/xml", wire::text::xml::print(&forged)),
        Response { status: 502, ..signed(state_fields("REFUND")) },
        unsigned_refusal("Internal error"),
    ] {
        assert!(further(&response).is_none());
    }
}

#[test]
fn all_of_it_back_is_closed_and_a_part_is_paid() {
    for listed in [
        &[(1234, "SUCCESS")][..],
        &[(1000, "SUCCESS"), (234, "SUCCESS")],
        &[(1234, "FAIL"), (1234, "SUCCESS")],
    ] {
        let told = together(state_fields("REFUND"), &signed(refunds(listed)));
        assert_eq!(told, Answer::Query(QueryAnswer::Closed(ClosedHow::Refunded)), "{listed:?}");
    }
    for listed in [&[(1233, "SUCCESS")][..], &[(1234, "FAIL")], &[(1, "SUCCESS"), (1233, "FAIL")]] {
        let facts = paid(together(state_fields("REFUND"), &signed(refunds(listed))));
        assert_eq!(facts.difference(&bond(&intent())), None, "{listed:?}");
    }
}

#[test]
fn what_is_not_clear_is_unknown() {
    for (listed, expected) in [
        (&[(1234, "PROCESSING")][..], "unknown channel_unsure"),
        (&[(1234, "CHANGE")], "unknown channel_unsure"),
        (&[(1234, "NOTSURE")], "unknown channel_unsure"),
        (&[(1000, "SUCCESS"), (234, "PROCESSING")], "unknown channel_unsure"),
        (&[(1234, "NEW_STATE")], "unknown unlisted"),
        (&[(1235, "SUCCESS")], "unknown incomplete refund_fee_$n"),
        (&[(0, "SUCCESS")], "unknown incomplete refund_fee_$n"),
        (&[], "unknown incomplete refund_count"),
    ] {
        let told = together(state_fields("REFUND"), &signed(refunds(listed)));
        assert_eq!(words(&told), expected, "{listed:?}");
    }
    for (name, value, expected) in [
        ("refund_count", Some("2"), "unknown incomplete refund_count"),
        ("refund_count", Some("two"), "unknown incomplete refund_count"),
        ("refund_count", None, "unknown incomplete refund_count"),
        ("out_trade_no", Some("P2026"), "unknown incomplete out_trade_no"),
        ("out_trade_no", None, "unknown incomplete out_trade_no"),
        ("mch_id", Some("QRA00000000NONE"), "unknown incomplete mch_id"),
        ("refund_status_0", None, "unknown incomplete refund_status_$n"),
        ("refund_fee_0", None, "unknown incomplete refund_fee_$n"),
        ("refund_fee_0", Some("12.34"), "unknown incomplete refund_fee_$n"),
        ("status", Some("400"), "unknown unlisted"),
    ] {
        let mut told = refunds(&[(1234, "SUCCESS")]);
        match value {
            Some(value) => _ = told.insert(name, value),
            None => _ = told.remove(name),
        }
        let told = together(state_fields("REFUND"), &signed(told));
        assert_eq!(words(&told), expected, "{name} {value:?}");
    }
}

#[test]
fn a_refund_query_that_fails_leaves_the_order_unknown() {
    for (code, expected) in [
        ("REFUNDNOTEXIST", "unknown channel_unsure"),
        ("SYSTEMERROR", "unknown channel_unsure"),
        ("FREQUENCY_LIMITED", "unknown rate_limited"),
        ("SOMETHING_NEW", "unknown unlisted"),
    ] {
        let told = fields(&[("result_code", "1"), ("err_code", code)]);
        assert_eq!(words(&together(state_fields("REFUND"), &signed(told))), expected, "{code}");
    }
    let whole = refunds(&[(1234, "SUCCESS")]);
    for (response, expected) in [
        (Response { status: 502, ..signed(whole.clone()) }, "unknown status 502"),
        (Response::ok("text/html", b"<html>".to_vec()), "unknown unreadable"),
        (unsigned_refusal("Internal error"), "unknown unsigned"),
    ] {
        assert_eq!(words(&together(state_fields("REFUND"), &response)), expected);
    }
    let body = signed(whole).body;
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            let told = words(&together(state_fields("REFUND"), &Response::ok("text/xml", flipped)));
            assert!(told.starts_with("unknown "), "byte {position}, bit {bit}: {told}");
        }
    }
}

#[test]
fn what_the_order_says_of_its_money_is_compared_as_ever() {
    let part = signed(refunds(&[(1, "SUCCESS")]));
    let mut first = state_fields("REFUND");
    first.insert("time_end", "");
    assert_eq!(words(&together(first, &part)), "unknown incomplete time_end");
    let mut first = state_fields("REFUND");
    first.insert("total_fee", "1235");
    assert!(paid(together(first, &part)).difference(&bond(&intent())).is_some());
}

#[test]
fn an_answer_that_is_not_refund_is_read_by_itself() {
    let whole = signed(refunds(&[(1234, "SUCCESS")]));
    assert_eq!(words(&together(state_fields("SUCCESS"), &whole)), "paid");
    assert_eq!(words(&state("REFUND")), "unknown channel_unsure", "alone it says too little");
}
