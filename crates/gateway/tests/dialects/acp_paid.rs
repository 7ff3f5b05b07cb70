//! "Paid": which facts it needs, and that a correctly signed answer to another question is seen by the core.

use payment::exchange::{Answer, Call, Difference, PaidFacts};
use payment::money::Fen;
use payment::time::Time;
use wire::text::Fields;

use crate::acp_traps::{FEN, NUMBER, QUERY_ID, TIME, answer, intent, paid_fields, payee, signed};
use crate::common::{OPENED, bond, paid, words};

#[test]
fn the_facts_of_a_payment() {
    for state in ["00", "A6"] {
        let facts = paid(told("origRespCode", state));
        let expected = PaidFacts {
            channel_order_no: NUMBER.to_owned(),
            amount: fen(FEN),
            currency: "CNY".to_owned(),
            payee: Some(payee()),
            channel_transaction_no: QUERY_ID.to_owned(),
            paid_amount: fen(FEN),
            discount_amount: Fen::ZERO,
            paid_at: OPENED.plus_ms(3_000),
        };
        assert_eq!(facts, expected);
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
    // The answer names the query's type or the queried one's.
    assert_eq!(told("txnType", "01"), told("txnType", "00"));
}

#[test]
fn a_discount_makes_the_customer_pay_less_and_the_order_no_smaller() {
    for (settled, paid_fen) in [("7000", 7000), ("0", 0), ("", FEN), ("7371", FEN)] {
        let facts = paid(told("settleAmt", settled));
        assert_eq!((facts.amount, facts.paid_amount), (fen(FEN), fen(paid_fen)), "{settled}");
        assert_eq!(facts.discount_amount, fen(FEN - paid_fen));
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
    let mut abroad = paid_fields();
    abroad.extend([("settleAmt", "1020"), ("settleCurrencyCode", "840")]);
    assert_eq!(paid(answer(Call::Query, &signed(Call::Query, &abroad))).paid_amount, fen(FEN));
}

/// A booking's time names no year.
#[test]
fn the_year_is_the_nearest_one() {
    for (booked, at, difference) in [
        ("0315091231", OPENED.plus_ms(3_000), None),
        ("0315090728", OPENED.plus_ms(-300_000), None),
        ("0315090727", OPENED.plus_ms(-301_000), Some(Difference::Date)),
        ("0314091228", OPENED.plus_ms(-86_400_000), Some(Difference::Date)),
        // 2025-12-31, not a year ahead.
        ("1231235959", Time(1_767_196_799_000), Some(Difference::Date)),
    ] {
        let facts = paid(told("traceTime", booked));
        assert_eq!((facts.paid_at, facts.difference(&bond(&intent()))), (at, difference), "{booked}");
    }
}

#[test]
fn a_signed_answer_to_another_question_is_seen_by_the_core() {
    for (field, value, difference) in [
        ("orderId", "A1B2P20260315000000000000004", Difference::OrderNo),
        // The same number at another time is another order.
        ("txnTime", "20260315091229", Difference::OrderNo),
        ("txnAmt", "7371", Difference::Amount),
        ("txnAmt", "737000", Difference::Amount),
        ("currencyCode", "840", Difference::Currency),
        ("merId", "777000000000002", Difference::Payee),
        ("traceTime", "0314091231", Difference::Date),
    ] {
        let facts = paid(told(field, value));
        assert_eq!(facts.difference(&bond(&intent())), Some(difference), "{field}");
    }
}

#[test]
fn paid_without_its_facts_is_unknown() {
    for field in ["txnAmt", "orderId", "txnTime", "queryId", "traceTime"] {
        let expected = format!("unknown incomplete {field}");
        assert_eq!(words(&told(field, "")), expected);
    }
    for (field, value) in [
        ("txnAmt", "0"),
        ("txnAmt", "73.70"),
        ("txnAmt", "-7370"),
        ("txnAmt", "1234567890123"),
        ("settleAmt", "x"),
        ("queryId", "一"),
        ("traceTime", "0230091231"),
        ("traceTime", "20260315091231"),
        ("currencyCode", "人民币"),
    ] {
        let expected = format!("unknown incomplete {field}");
        assert_eq!(words(&told(field, value)), expected, "{value}");
    }
}

#[test]
fn unknown_and_reordered_fields_change_nothing() {
    let expected = answer(Call::Query, &signed(Call::Query, &paid_fields()));
    let mut fields = paid_fields();
    fields.extend([("newField", "{a=1&b=[2]}"), ("respMsg", ""), ("payType", "0501"), ("TIME", TIME)]);
    assert_eq!(answer(Call::Query, &signed(Call::Query, &fields)), expected);
    let response = signed(Call::Query, &paid_fields());
    let read = wire::acp::read_fields(&response.body).unwrap();
    let turned: Vec<(String, String)> =
        read.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let turned: Fields = turned.into_iter().rev().collect();
    let form = wire::text::form::encode(&turned, wire::text::Charset::Utf8);
    let body = form.into_bytes();
    assert_eq!(answer(Call::Query, &wire::http::Response { body, ..response }), expected, "as a form");
}

fn told(field: &'static str, value: &'static str) -> Answer {
    let fields = [&paid_fields()[..], &[(field, value)]].concat();
    answer(Call::Query, &signed(Call::Query, &fields))
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}
