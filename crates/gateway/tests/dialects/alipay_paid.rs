//! "Paid": which facts it needs, and that a correctly signed answer to another question is seen by the core.

use payment::exchange::{Call, Difference, PaidFacts};
use payment::money::Fen;
use payment::time::Time;
use serde_json::{Value, json};

use crate::alipay_traps::{NUMBER, answer, intent, paid_node, signed};
use crate::common::{bond, paid, words};

const TIME: [(Call, &str); 2] = [(Call::Submit, "gmt_payment"), (Call::Query, "send_pay_date")];

#[test]
fn the_facts_of_a_payment_and_of_a_query() {
    for (call, _) in TIME {
        let facts = paid(answer(call, &signed(call, &paid_node(call))));
        let expected = PaidFacts {
            channel_order_no: NUMBER.to_owned(),
            amount: fen(1280),
            currency: "CNY".to_owned(),
            payee: None,
            channel_transaction_no: "2026111822001400010500000001".to_owned(),
            paid_amount: fen(1280),
            discount_amount: Fen::ZERO,
            paid_at: Time(1_794_974_402_000),
        };
        assert_eq!(facts, expected);
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
    let facts = paid(told(Call::Query, "trade_status", "TRADE_FINISHED".into()));
    assert_eq!(facts.difference(&bond(&intent())), None);
}

#[test]
fn a_coupon_makes_the_customer_pay_less_and_the_order_no_smaller() {
    for (value, paid_fen) in
        [(json!("10.30"), 1030), (json!(10.3), 1030), (json!("0.00"), 0), (json!(null), 1280)]
    {
        let facts = paid(told(Call::Submit, "buyer_pay_amount", value));
        assert_eq!((facts.amount, facts.paid_amount), (fen(1280), fen(paid_fen)));
        assert_eq!(facts.discount_amount, fen(1280 - paid_fen));
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
}

#[test]
fn a_signed_answer_to_another_question_is_seen_by_the_core() {
    for (call, when) in TIME {
        for (field, value, difference) in [
            ("out_trade_no", "S202611180002", Difference::OrderNo),
            ("total_amount", "12.81", Difference::Amount),
            ("total_amount", "1280", Difference::Amount),
            ("trans_currency", "USD", Difference::Currency),
            (when, "2026-03-15 09:00:00", Difference::Date),
        ] {
            let facts = paid(told(call, field, value.into()));
            assert_eq!(facts.difference(&bond(&intent())), Some(difference), "{field}");
        }
    }
}

#[test]
fn paid_without_its_facts_is_unknown() {
    for (call, when) in TIME {
        for field in ["total_amount", "out_trade_no", "trade_no", when] {
            let mut node = paid_node(call);
            node.as_object_mut().unwrap().remove(field);
            let expected = format!("unknown incomplete {field}");
            assert_eq!(words(&answer(call, &signed(call, &node))), expected);
        }
        for (field, value) in [
            ("total_amount", json!("0.00")),
            ("total_amount", json!("12.805")),
            ("total_amount", json!("-12.80")),
            ("total_amount", json!([])),
            ("buyer_pay_amount", json!("12.81")),
            ("buyer_pay_amount", json!("x")),
            ("trade_no", json!("一")),
            (when, json!("20261118120002")),
            (when, json!("2026-11-31 12:00:02")),
        ] {
            let expected = format!("unknown incomplete {field}");
            assert_eq!(words(&told(call, field, value.clone())), expected, "{value}");
        }
    }
    assert_eq!(words(&told(Call::Submit, "sub_code", "ACQ.NEW".into())), "unknown unlisted");
}

#[test]
fn unknown_fields_and_enums_change_nothing() {
    for (call, _) in TIME {
        let expected = answer(call, &signed(call, &paid_node(call)));
        let mut node = paid_node(call);
        node["new_field"] = json!({"深": [1, {"a": null}]});
        node["fund_bill_list"] = json!([{"fund_channel": "MARS", "amount": "12.80"}]);
        node["msg"] = "成功/".into();
        assert_eq!(answer(call, &signed(call, &node)), expected);
    }
}

fn told(call: Call, field: &str, value: Value) -> payment::exchange::Answer {
    let mut node = paid_node(call);
    node[field] = value;
    answer(call, &signed(call, &node))
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}
