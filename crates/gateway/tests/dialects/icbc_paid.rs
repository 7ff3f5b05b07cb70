//! "Paid": which facts it needs, and that a correctly signed answer to another question is seen by the core.

use payment::exchange::{Answer, Call, Difference, PaidFacts};
use payment::money::Fen;
use payment::time::Time;
use serde_json::{Value, json};

use crate::common::{OPENED, bond, paid, words};
use crate::icbc_traps::{FEN, NUMBER, answer, intent, paid_content, payee, signed};

const CALLS: [Call; 2] = [Call::Submit, Call::Query];

#[test]
fn the_facts_of_a_payment_and_of_a_query() {
    for call in CALLS {
        for status in ["1", "6"] {
            if (call, status) == (Call::Submit, "6") {
                continue;
            }
            let facts = paid(told(call, "pay_status", status.into()));
            let expected = PaidFacts {
                channel_order_no: NUMBER.to_owned(),
                amount: fen(FEN),
                currency: "CNY".to_owned(),
                payee: Some(payee()),
                channel_transaction_no: "020000000001202603150000001".to_owned(),
                paid_amount: fen(FEN),
                discount_amount: Fen::ZERO,
                paid_at: OPENED,
            };
            assert_eq!(facts, expected);
            assert_eq!(facts.difference(&bond(&intent())), None);
        }
    }
}

#[test]
fn a_discount_makes_the_customer_pay_less_and_the_order_no_smaller() {
    for (value, paid_fen) in [(json!("7000"), 7000), (json!(7000), 7000), (json!("0"), 0), (json!(null), FEN)]
    {
        let facts = paid(told(Call::Submit, "payment_amt", value));
        assert_eq!((facts.amount, facts.paid_amount), (fen(FEN), fen(paid_fen)));
        assert_eq!(facts.discount_amount, fen(FEN - paid_fen));
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
}

/// The day is all that most answers say: of our own day it is the moment of opening, of another day it shows.
#[test]
fn the_day_is_dated_as_near_as_it_can_be_to_the_opening() {
    let end_of_the_day_before = Time(1_773_503_999_999);
    for (value, at, difference) in [
        ("20260315", OPENED, None),
        ("20260316", Time(1_773_590_400_000), None),
        ("20260314", end_of_the_day_before, Some(Difference::Date)),
        ("20260315091231", Time(1_773_537_151_000), None),
        ("20260315090000", Time(1_773_536_400_000), Some(Difference::Date)),
    ] {
        let facts = paid(told(Call::Query, "pay_time", value.into()));
        assert_eq!((facts.paid_at, facts.difference(&bond(&intent()))), (at, difference), "{value}");
    }
}

#[test]
fn a_signed_answer_to_another_question_is_seen_by_the_core() {
    for call in CALLS {
        for (field, value, difference) in [
            ("out_trade_no", "A1B2P20260315000000000000004", Difference::OrderNo),
            ("total_amt", "7371", Difference::Amount),
            ("total_amt", "737000", Difference::Amount),
            ("order_id", "020000000002202603150000001", Difference::Payee),
            ("pay_time", "20260314", Difference::Date),
        ] {
            let facts = paid(told(call, field, value.into()));
            assert_eq!(facts.difference(&bond(&intent())), Some(difference), "{field}");
        }
    }
}

/// Only a number of our own form names a merchant that can be compared.
#[test]
fn a_channel_number_of_another_form_names_no_merchant() {
    for value in ["020004042266123202603150000001", "20260315000000012345678901X", "9988"] {
        let facts = paid(told(Call::Submit, "order_id", value.into()));
        assert_eq!((facts.payee.as_ref(), facts.channel_transaction_no.as_str()), (None, value));
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
}

#[test]
fn paid_without_its_facts_is_unknown() {
    for call in CALLS {
        for field in ["total_amt", "out_trade_no", "order_id", "pay_time"] {
            for value in [json!(null), json!("")] {
                let expected = format!("unknown incomplete {field}");
                assert_eq!(words(&told(call, field, value)), expected);
            }
        }
        for (field, value) in [
            ("total_amt", json!("0")),
            ("total_amt", json!("73.70")),
            ("total_amt", json!("-7370")),
            ("total_amt", json!([])),
            ("payment_amt", json!("7371")),
            ("payment_amt", json!("x")),
            ("order_id", json!("一")),
            ("pay_time", json!("20260230")),
            ("pay_time", json!("2026-03-15")),
        ] {
            let expected = format!("unknown incomplete {field}");
            assert_eq!(words(&told(call, field, value.clone())), expected, "{value}");
        }
    }
}

#[test]
fn unknown_members_change_nothing() {
    for call in CALLS {
        let expected = answer(call, &signed(call, &paid_content()));
        let mut content = paid_content();
        content["new_member"] = json!({"深": [1, {"a": null}]});
        content["return_msg"] = "".into();
        content["attach"] = "\",\"sign\":\"".into();
        assert_eq!(answer(call, &signed(call, &content)), expected);
    }
}

fn told(call: Call, field: &str, value: Value) -> Answer {
    let mut content = paid_content();
    content[field] = value;
    answer(call, &signed(call, &content))
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}
