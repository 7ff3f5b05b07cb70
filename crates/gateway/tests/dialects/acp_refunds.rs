//! Refunds: what their answers mean, and that another refund's answer is seen (unionpay.md §5.2, §5.4, §5.5).

use gateway::dialects::Dialect;
use payment::exchange::{Answer, Call, Difference, RefundAnswer, RefundBond, RefundFacts, RefundQueryAnswer};
use payment::money::Fen;
use payment::refund::RefundIntent;
use wire::http::Response;

use crate::acp_traps::{
    NUMBER, QUERY_ID, REFUND_QUERY_ID, dialect, intent, paid_fields, refund, signed, told,
};
use crate::common::{NOON, REFUND_NO, words};

/// What "given back" looks like in answer to a query.
fn done_fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("respCode", "00"),
        ("origRespCode", "00"),
        ("txnAmt", "370"),
        ("currencyCode", "156"),
        ("origQryId", QUERY_ID),
        ("queryId", REFUND_QUERY_ID),
        ("traceTime", "0315091330"),
        ("settleAmt", "370"),
    ]
}

/// A query's answer that went well, about a refund that stands so.
pub(crate) fn state(code: &str) -> Answer {
    told(Call::RefundQuery, &[&done_fields()[..], &[("origRespCode", code)]].concat())
}

#[test]
fn an_accepted_refund_is_not_done() {
    let accepted =
        [("respCode", "00"), ("txnAmt", "370"), ("origQryId", QUERY_ID), ("queryId", REFUND_QUERY_ID)];
    assert_eq!(told(Call::Refund, &accepted), Answer::Refund(RefundAnswer::Accepted));
    for (field, value) in [("txnAmt", "371"), ("txnAmt", ""), ("txnAmt", "3.70"), ("orderId", "")] {
        let told = told(Call::Refund, &[&accepted[..], &[(field, value)]].concat());
        assert_eq!(words(&told), format!("unknown incomplete {field}"), "{value}");
    }
}

#[test]
fn the_facts_of_a_refund() {
    for said in [done_fields(), [&done_fields()[..], &[("txnType", "04")]].concat()] {
        let facts = done(told(Call::RefundQuery, &said));
        let expected = RefundFacts {
            channel_order_no: NUMBER.to_owned(),
            channel_refund_no: REFUND_NO.to_owned(),
            amount: Some(fen(370)),
            channel_transaction_no: REFUND_QUERY_ID.to_owned(),
        };
        assert_eq!(facts, expected);
        assert_eq!(facts.difference(bond(&refund())), None);
    }
}

#[test]
fn a_signed_answer_about_another_refund_is_seen_by_the_core() {
    for (field, value, difference) in [
        ("orderId", "R20260315184000002", Difference::OrderNo),
        ("origQryId", "902603150912310000019", Difference::OrderNo),
        ("txnAmt", "371", Difference::Amount),
    ] {
        let facts = done(told(Call::RefundQuery, &[&done_fields()[..], &[(field, value)]].concat()));
        assert_eq!(facts.difference(bond(&refund())), Some(difference), "{field}");
    }
    // What is named by the merchant's number, or not at all.
    for (said, difference) in [
        (("origOrderId", NUMBER), None),
        (("origOrderId", "A1B2P20260315000000000000004"), Some(Difference::OrderNo)),
        (("payType", ""), None),
    ] {
        let said = [&done_fields()[..], &[("origQryId", ""), said]].concat();
        let facts = done(told(Call::RefundQuery, &said));
        assert_eq!(facts.difference(bond(&refund())), difference);
    }
    // A payment whose number UnionPay never told cannot be compared by it.
    let nameless = RefundIntent { channel_transaction_no: String::new(), ..refund() };
    let response = signed(Call::RefundQuery, &done_fields());
    let told = dialect().answer(NOON, Call::RefundQuery, &intent(), Some(&nameless), &response);
    assert_eq!(done(told).difference(bond(&nameless)), None);
}

#[test]
fn given_back_without_its_facts_is_unknown() {
    for (field, value) in [
        ("txnAmt", ""),
        ("txnAmt", "3.70"),
        ("orderId", ""),
        ("queryId", ""),
        ("origRespCode", ""),
        ("respCode", ""),
        ("merId", "777000000000002"),
        ("txnTime", "20260315091329"),
    ] {
        let told = told(Call::RefundQuery, &[&done_fields()[..], &[(field, value)]].concat());
        assert_eq!(words(&told), format!("unknown incomplete {field}"), "{value}");
    }
    let pending = [&done_fields()[..], &[("origRespCode", "05"), ("txnAmt", "371")]].concat();
    assert_eq!(words(&told(Call::RefundQuery, &pending)), "unknown incomplete txnAmt");
}

/// The payment's own state says nothing of a refund: it stays 00 (unionpay.md §13).
#[test]
fn the_payments_answer_is_none_about_the_refund() {
    let payments = signed(Call::Query, &paid_fields());
    let told = dialect().answer(NOON, Call::RefundQuery, &intent(), Some(&refund()), &payments);
    let facts = done(told);
    assert_eq!(facts.difference(bond(&refund())), Some(Difference::OrderNo));
    let typed = signed(Call::Query, &[&paid_fields()[..], &[("txnType", "01")]].concat());
    let told = dialect().answer(NOON, Call::RefundQuery, &intent(), Some(&refund()), &typed);
    assert_eq!(words(&told), "unknown incomplete txnType");
}

#[test]
fn no_flipped_bit_of_a_refunds_answer_decides_anything() {
    for call in [Call::Refund, Call::RefundQuery] {
        let body = signed(call, &done_fields()).body;
        let (dialect, intent, refund) = (dialect(), intent(), refund());
        for bit in 0..body.len() * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let response = Response::ok("text/plain", flipped);
            let told = words(&dialect.answer(NOON, call, &intent, Some(&refund), &response));
            assert!(told.starts_with("unknown "), "{call:?} bit {bit}: {told}");
        }
    }
}

#[test]
fn without_an_intent_nothing_is_told_of_a_refund() {
    for call in [Call::Refund, Call::RefundQuery] {
        let told = dialect().answer(NOON, call, &intent(), None, &signed(call, &done_fields()));
        assert_eq!(words(&told), "unknown incomplete orderId");
    }
}

fn bond(refund: &RefundIntent) -> RefundBond<'_> {
    RefundBond {
        channel_order_no: &refund.payment.channel_order_no,
        channel_refund_no: &refund.channel_refund_no,
        amount: refund.amount,
    }
}

fn done(answer: Answer) -> RefundFacts {
    match answer {
        Answer::RefundQuery(RefundQueryAnswer::Done(facts)) => facts,
        other => panic!("not done: {other:?}"),
    }
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}
