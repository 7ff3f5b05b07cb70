//! "Paid": which facts it needs, and that a correctly signed answer to another question is seen by the core.

use gateway::dialects::Dialect;
use payment::exchange::{Call, Difference, PaidFacts};
use payment::money::Fen;
use payment::time::Time;

use crate::common::{NOON, bond, paid, words};
use crate::qra_traps::{NUMBER, answer, dialect, fields, intent, paid_fields, payee, signed};

#[test]
fn the_facts_of_a_payment_and_of_a_query() {
    assert_eq!(dialect().payee(), payee());
    let expected = PaidFacts {
        channel_order_no: NUMBER.to_owned(),
        amount: fen(1234),
        currency: "CNY".to_owned(),
        payee: Some(payee()),
        channel_transaction_no: "95516000000260315000000000000001".to_owned(),
        paid_amount: fen(1234),
        discount_amount: Fen::ZERO,
        paid_at: Time(1_773_547_203_000),
    };
    for call in [Call::Submit, Call::Query] {
        let facts = paid(answer(call, &signed(paid_and_success())));
        assert_eq!(facts, expected);
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
}

#[test]
fn a_coupon_makes_the_customer_pay_less_and_the_order_no_smaller() {
    let mut told = paid_fields();
    told.insert("coupon_fee", "234");
    let facts = paid(answer(Call::Submit, &signed(told.clone())));
    assert_eq!((facts.amount, facts.paid_amount, facts.discount_amount), (fen(1234), fen(1000), fen(234)));
    assert_eq!(facts.difference(&bond(&intent())), None);
    told.remove("coupon_fee");
    let facts = paid(answer(Call::Submit, &signed(told)));
    assert_eq!((facts.paid_amount, facts.discount_amount), (fen(1234), Fen::ZERO));
}

#[test]
fn a_signed_answer_to_another_question_is_seen_by_the_core() {
    for (field, value, difference) in [
        ("out_trade_no", "P202603151200000002", Difference::OrderNo),
        ("total_fee", "1235", Difference::Amount),
        ("fee_type", "HKD", Difference::Currency),
        ("mch_id", "QRA00000000NONE", Difference::Payee),
        ("time_end", "20260315114000", Difference::Date),
    ] {
        let mut told = paid_and_success();
        told.insert(field, value);
        for call in [Call::Submit, Call::Query] {
            let facts = paid(answer(call, &signed(told.clone())));
            assert_eq!(facts.difference(&bond(&intent())), Some(difference), "{field}");
        }
    }
}

#[test]
fn paid_without_its_facts_is_unknown() {
    for field in ["transaction_id", "out_trade_no", "total_fee", "time_end", "mch_id"] {
        let mut told = paid_and_success();
        told.remove(field);
        for call in [Call::Submit, Call::Query] {
            let expected = format!("unknown incomplete {field}");
            assert_eq!(words(&answer(call, &signed(told.clone()))), expected);
        }
    }
    for (field, value) in [
        ("total_fee", "0"),
        ("total_fee", "12.34"),
        ("total_fee", "-1234"),
        ("total_fee", "100000000001"),
        ("total_fee", "999999999999999999"),
        ("coupon_fee", "1235"),
        ("coupon_fee", "x"),
        ("time_end", "2026-03-15"),
        ("time_end", "20260230091231"),
        ("transaction_id", "一"),
    ] {
        let mut told = paid_fields();
        told.insert(field, value);
        let expected = format!("unknown incomplete {field}");
        assert_eq!(words(&answer(Call::Submit, &signed(told))), expected, "{value}");
    }
}

/// Unknown fields are signed all the same (unionpay.md §11, trap 6), and change nothing.
#[test]
fn unknown_fields_enums_and_order_change_nothing() {
    let expected = paid(answer(Call::Submit, &signed(paid_fields())));
    let mut pairs: Vec<(String, String)> =
        paid_fields().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.reverse();
    for (name, value) in
        [("code", "9999999"), ("trade_type", "pay.mars.micropay"), ("fund_bill_list", "[{}]")]
    {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let told = pairs.into_iter().collect();
    assert_eq!(paid(dialect().answer(NOON, Call::Submit, &intent(), None, &signed(told))), expected);
    let told = [("result_code", "1"), ("err_code", "NOAUTH"), ("need_query", "N"), ("code", "9999999")];
    let told = answer(Call::Submit, &signed(fields(&told)));
    assert_eq!(words(&told), "declined merchant_not_allowed");
}

fn paid_and_success() -> wire::text::Fields {
    let mut told = paid_fields();
    told.insert("trade_state", "SUCCESS");
    told
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}
