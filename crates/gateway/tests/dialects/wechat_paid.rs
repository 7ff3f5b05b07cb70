//! "Paid": which facts it needs, and that a correctly signed answer to another question is seen by the core.

use gateway::dialects::Dialect;
use gateway::dialects::wechat_v2::WechatV2;
use payment::exchange::{Call, Difference, PaidFacts, Payee};
use payment::money::Fen;
use payment::patience::Channel;
use payment::time::Time;
use wire::sign::V2SignType;

use crate::common::{self, NOON, bond, paid, words};
use crate::wechat_traps::{NUMBER, answer, dialect, intent, merchant, paid_fields, payee, signed};

#[test]
fn the_facts_of_a_payment_and_of_a_query() {
    let expected = PaidFacts {
        channel_order_no: NUMBER.to_owned(),
        amount: fen(1250),
        currency: "CNY".to_owned(),
        payee: Some(payee()),
        channel_transaction_no: "4200002871202603151000000001".to_owned(),
        paid_amount: fen(1250),
        discount_amount: Fen::ZERO,
        paid_at: Time(1_773_537_151_000),
    };
    assert_eq!(paid(answer(Call::Submit, &signed(paid_fields()))), expected);
    let mut told = paid_fields();
    told.insert("trade_state", "SUCCESS");
    for call in [Call::Submit, Call::Query] {
        let facts = paid(answer(call, &signed(told.clone())));
        assert_eq!(facts, expected);
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
}

#[test]
fn a_coupon_makes_the_customer_pay_less_and_the_order_no_smaller() {
    let mut told = paid_fields();
    told.insert("cash_fee", "1000");
    told.insert("coupon_fee", "250");
    told.insert("settlement_total_fee", "1100");
    let facts = paid(answer(Call::Submit, &signed(told.clone())));
    assert_eq!((facts.amount, facts.paid_amount, facts.discount_amount), (fen(1250), fen(1000), fen(250)));
    assert_eq!(facts.difference(&bond(&intent())), None);

    told.remove("cash_fee");
    let facts = paid(answer(Call::Submit, &signed(told)));
    assert_eq!((facts.paid_amount, facts.discount_amount), (fen(1250), Fen::ZERO));
}

#[test]
fn a_signed_answer_to_another_question_is_seen_by_the_core() {
    for (field, value, difference) in [
        ("out_trade_no", "S20260315091228002", Difference::OrderNo),
        ("total_fee", "1251", Difference::Amount),
        ("fee_type", "HKD", Difference::Currency),
        ("mch_id", "1900000110", Difference::Payee),
        ("appid", "wx0000000000000000", Difference::Payee),
        ("sub_mch_id", "1900000111", Difference::Payee),
        ("time_end", "20260315090000", Difference::Date),
    ] {
        let mut told = paid_fields();
        told.insert(field, value);
        told.insert("trade_state", "SUCCESS");
        for call in [Call::Submit, Call::Query] {
            let facts = paid(answer(call, &signed(told.clone())));
            assert_eq!(facts.difference(&bond(&intent())), Some(difference), "{field}");
        }
    }
}

#[test]
fn a_sub_merchant_is_part_of_the_payee() {
    let provider = WechatV2::new(
        wire::wechat_v2::V2Merchant {
            sub_mch_id: Some("1900000111".to_owned()),
            ..merchant(V2SignType::Md5)
        },
        "203.0.113.7".to_owned(),
    );
    let theirs = Payee { sub_merchant: Some("1900000111".to_owned()), ..payee() };
    assert_eq!(provider.payee(), theirs);
    let intent = common::intent(Channel::WechatV2, NUMBER, 1250, theirs);
    let mut told = paid_fields();
    let nameless = provider.answer(NOON, Call::Submit, &intent, None, &signed(told.clone()));
    assert_eq!(words(&nameless), "unknown incomplete sub_mch_id");
    for (sub_mch_id, difference) in [("1900000111", None), ("1900000112", Some(Difference::Payee))] {
        told.insert("sub_mch_id", sub_mch_id);
        let facts = paid(provider.answer(NOON, Call::Submit, &intent, None, &signed(told.clone())));
        assert_eq!(facts.difference(&bond(&intent)), difference);
    }
}

#[test]
fn paid_without_its_facts_is_unknown() {
    for field in ["transaction_id", "out_trade_no", "total_fee", "time_end", "appid", "mch_id"] {
        let mut told = paid_fields();
        told.insert("trade_state", "SUCCESS");
        told.remove(field);
        for call in [Call::Submit, Call::Query] {
            let expected = format!("unknown incomplete {field}");
            assert_eq!(words(&answer(call, &signed(told.clone()))), expected);
        }
    }
    for (field, value) in [
        ("total_fee", "0"),
        ("total_fee", "12.50"),
        ("total_fee", "-1250"),
        ("total_fee", "100000000001"),
        ("total_fee", "999999999999999999"),
        ("cash_fee", "1251"),
        ("cash_fee", "x"),
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

#[test]
fn unknown_fields_enums_and_order_change_nothing() {
    let expected = paid(answer(Call::Submit, &signed(paid_fields())));
    let mut pairs: Vec<(String, String)> =
        paid_fields().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.reverse();
    for (name, value) in [("bank_type", "MARS_DEBIT"), ("new_field", "新"), ("promotion_detail", "{}")] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let told = pairs.into_iter().collect();
    assert_eq!(paid(dialect().answer(NOON, Call::Submit, &intent(), None, &signed(told))), expected);
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}
