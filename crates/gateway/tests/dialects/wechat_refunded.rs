//! The state REFUND together with the refund query: all of it back, a part, or not clear (DESIGN §3; wechat.md §2.6).

use gateway::dialects::{Dialect, Outgoing};
use gateway::store::Sale;
use payment::exchange::{Answer, Call, ClosedHow, QueryAnswer};
use wire::http::Response;
use wire::text::Fields;
use wire::wechat_v2::{self, RefundQueryRequest, parse_request, unsigned_fail};

use crate::common::{NOON, asking, bond, paid, words};
use crate::wechat_traps::{NUMBER, dialect, fields, intent, key, paid_fields, signed, state};

/// What the order's query says: REFUND, with all trade fields.
fn refunded() -> Fields {
    let mut told = paid_fields();
    told.insert("trade_state", "REFUND");
    told
}

/// What the refund query says: these refunds, in fen, each with its state.
fn refunds(listed: &[(i64, &str)]) -> Fields {
    let count = listed.len().to_string();
    let mut told = fields(&[
        ("result_code", "SUCCESS"),
        ("out_trade_no", NUMBER),
        ("total_fee", "1250"),
        ("refund_count", &count),
        ("total_refund_count", &count),
    ]);
    for (at, (amount, state)) in listed.iter().enumerate() {
        told.insert(format!("out_refund_no_{at}"), format!("R{at}"));
        told.insert(format!("refund_id_{at}"), format!("50{at}"));
        told.insert(format!("refund_fee_{at}"), amount.to_string());
        told.insert(format!("refund_status_{at}"), *state);
    }
    told
}

fn further(response: &Response) -> Option<Outgoing> {
    let (intent, sale) = (intent(), Sale::default());
    let asking = asking(Call::Query, &intent, &sale, None);
    dialect().further(&asking, response)
}

fn together(first: Fields, further: &Response) -> Answer {
    dialect().answer_further(NOON, &intent(), &signed(first), further)
}

#[test]
fn only_the_state_refund_of_our_order_is_asked_further() {
    let outgoing = further(&signed(refunded())).unwrap();
    assert_eq!((outgoing.request.path.as_str(), outgoing.client_certificate), ("/pay/refundquery", false));
    let (_, call) = parse_request(&outgoing.request.path, &outgoing.request.body, |_| Some(key())).unwrap();
    let expected =
        RefundQueryRequest { out_trade_no: Some(NUMBER.to_owned()), ..RefundQueryRequest::default() };
    assert_eq!(call, wechat_v2::Call::RefundQuery(Box::new(expected)));

    for (name, value) in [
        ("trade_state", "SUCCESS"),
        ("trade_state", "refund"),
        ("result_code", "FAIL"),
        ("out_trade_no", "S2026"),
        ("out_trade_no", ""),
        ("mch_id", "1900000110"),
    ] {
        let mut told = refunded();
        told.insert(name, value);
        assert!(further(&signed(told)).is_none(), "{name} {value}");
    }
    let mut forged = refunded();
    forged.insert("sign", "6A345A831298C045FD4DD5B341F8DBA7");
    for response in [
        Response::ok("text/xml", wire::text::xml::print(&forged)),
        Response { status: 502, ..signed(refunded()) },
        unsigned_fail("system error"),
    ] {
        assert!(further(&response).is_none());
    }
}

#[test]
fn all_of_it_back_is_closed_and_a_part_is_paid() {
    for listed in [
        &[(1250, "SUCCESS")][..],
        &[(1000, "SUCCESS"), (250, "SUCCESS")],
        &[(1250, "REFUNDCLOSE"), (1250, "SUCCESS")],
    ] {
        let told = together(refunded(), &signed(refunds(listed)));
        assert_eq!(told, Answer::Query(QueryAnswer::Closed(ClosedHow::Refunded)), "{listed:?}");
    }
    for listed in
        [&[(1249, "SUCCESS")][..], &[(1250, "REFUNDCLOSE")], &[(1, "SUCCESS"), (1249, "REFUNDCLOSE")]]
    {
        let facts = paid(together(refunded(), &signed(refunds(listed))));
        assert_eq!(facts.difference(&bond(&intent())), None, "{listed:?}");
        assert_eq!(facts.channel_transaction_no, "4200002871202603151000000001");
    }
}

#[test]
fn what_is_not_clear_is_unknown() {
    for (listed, expected) in [
        (&[(1250, "PROCESSING")][..], "unknown channel_unsure"),
        (&[(1250, "CHANGE")], "unknown channel_unsure"),
        (&[(1000, "SUCCESS"), (250, "PROCESSING")], "unknown channel_unsure"),
        (&[(1250, "NEW_STATE")], "unknown unlisted"),
        (&[(1251, "SUCCESS")], "unknown incomplete refund_fee_$n"),
        (&[(1250, "SUCCESS"), (1, "SUCCESS")], "unknown incomplete refund_fee_$n"),
        (&[(0, "SUCCESS")], "unknown incomplete refund_fee_$n"),
        (&[], "unknown incomplete total_refund_count"),
    ] {
        assert_eq!(words(&together(refunded(), &signed(refunds(listed)))), expected, "{listed:?}");
    }
    for (name, value, expected) in [
        ("total_refund_count", Some("2"), "unknown incomplete total_refund_count"),
        ("total_refund_count", Some("two"), "unknown incomplete total_refund_count"),
        ("total_refund_count", None, "unknown incomplete total_refund_count"),
        ("total_fee", Some("1251"), "unknown incomplete total_fee"),
        ("total_fee", None, "unknown incomplete total_fee"),
        ("out_trade_no", Some("S2026"), "unknown incomplete out_trade_no"),
        ("out_trade_no", None, "unknown incomplete out_trade_no"),
        ("mch_id", Some("1900000110"), "unknown incomplete mch_id"),
        ("refund_status_0", None, "unknown incomplete refund_status_$n"),
        ("refund_fee_0", None, "unknown incomplete refund_fee_$n"),
        ("refund_fee_0", Some("12.50"), "unknown incomplete refund_fee_$n"),
        ("return_code", Some("FAIL"), "unknown unlisted"),
    ] {
        let mut told = refunds(&[(1250, "SUCCESS")]);
        match value {
            Some(value) => _ = told.insert(name, value),
            None => _ = told.remove(name),
        }
        assert_eq!(words(&together(refunded(), &signed(told))), expected, "{name} {value:?}");
    }
}

#[test]
fn a_refund_query_that_fails_leaves_the_order_unknown() {
    for (code, expected) in [
        ("REFUNDNOTEXIST", "unknown channel_unsure"),
        ("SYSTEMERROR", "unknown channel_unsure"),
        ("PARAM_ERROR", "unknown channel_unsure"),
        ("FREQUENCY_LIMITED", "unknown rate_limited"),
        ("SOMETHING_NEW", "unknown unlisted"),
    ] {
        let told = fields(&[("result_code", "FAIL"), ("err_code", code)]);
        assert_eq!(words(&together(refunded(), &signed(told))), expected, "{code}");
    }
    let whole = refunds(&[(1250, "SUCCESS")]);
    let mut forged = whole.clone();
    forged.insert("sign", "6A345A831298C045FD4DD5B341F8DBA7");
    for (response, expected) in [
        (Response::ok("text/xml", wire::text::xml::print(&forged)), "unknown forged"),
        (Response { status: 502, ..signed(whole.clone()) }, "unknown status 502"),
        (Response::ok("text/html", b"<html>".to_vec()), "unknown unreadable"),
        (unsigned_fail("system error"), "unknown unsigned"),
    ] {
        assert_eq!(words(&together(refunded(), &response)), expected);
    }
    let body = signed(whole).body;
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.clone();
            flipped[position] ^= 1 << bit;
            let told = words(&together(refunded(), &Response::ok("text/xml", flipped)));
            assert!(told.starts_with("unknown "), "byte {position}, bit {bit}: {told}");
        }
    }
}

#[test]
fn what_the_order_says_of_its_money_is_compared_as_ever() {
    let part = signed(refunds(&[(1, "SUCCESS")]));
    let mut first = refunded();
    first.insert("time_end", "");
    assert_eq!(words(&together(first, &part)), "unknown incomplete time_end");
    // Both answers of another amount: the difference is visible.
    let mut first = refunded();
    first.insert("total_fee", "1251");
    let mut other = refunds(&[(1, "SUCCESS")]);
    other.insert("total_fee", "1251");
    assert!(paid(together(first, &signed(other))).difference(&bond(&intent())).is_some());
}

#[test]
fn an_answer_that_is_not_refund_is_read_by_itself() {
    let mut first = paid_fields();
    first.insert("trade_state", "SUCCESS");
    assert_eq!(words(&together(first, &signed(refunds(&[(1250, "SUCCESS")])))), "paid");
    assert_eq!(words(&state("REFUND")), "unknown channel_unsure", "alone it says too little");
}
