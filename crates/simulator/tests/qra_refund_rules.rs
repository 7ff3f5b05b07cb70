//! QRA's rules of refunds one by one, each with its place in the sheet (unionpay.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::qra::{Qra, answer, codes, pay, qra, told};
use common::{Back, Heard, Till, Tongue, gentle, turned};
use wire::qra::{REFUND, REFUND_QUERY};
use wire::text::Fields;

const CODE: &str = "6234567890123456789";
const ALIPAY: &str = "284567890123456789";
const NUMBER: &str = "S20260315091228001";
const ORDER: (&str, i64) = (NUMBER, 1_250);
const REFUND_NO: &str = "R20260315091228001";

fn sold<'a>(qra: &'a Qra, code: &str) -> Till<'a> {
    let mut till = Till::new(gentle(), qra);
    assert_eq!(till.pay(NUMBER, 1_250, code), Heard::Paid { total: 1_250, paid: 1_250 });
    till
}

fn ask(till: &mut Till<'_>, qra: &Qra, pairs: &[(&str, &str)]) -> Fields {
    told(till, qra, &qra.send(REFUND_QUERY, &pairs.iter().copied().collect()))
}

/// §4.4, §12: what an accepted refund and its query carry.
#[test]
fn an_accepted_refund_carries_its_numbers_and_no_end() {
    let qra = qra();
    let mut till = sold(&qra, CODE);
    let accepted = told(&mut till, &qra, &qra.refund(ORDER, (REFUND_NO, 300), 0));
    let names: Vec<_> = accepted.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names[6..names.len() - 1],
        [
            "result_code",
            "transaction_id",
            "out_trade_no",
            "out_refund_no",
            "refund_id",
            "refund_channel",
            "refund_fee",
            "coupon_refund_fee"
        ]
    );
    let text = |name: &str| accepted.get(name).unwrap();
    assert_eq!((text("result_code"), text("refund_fee"), text("refund_channel")), ("0", "300", "ORIGINAL"));
    assert!(text("refund_id").len() == 32 && text("refund_id").starts_with("95516000000260315"));

    let found = ask(&mut till, &qra, &[("out_refund_no", REFUND_NO)]);
    for (name, value) in [
        ("result_code", "0"),
        ("transaction_id", text("transaction_id")),
        ("out_trade_no", NUMBER),
        ("refund_count", "1"),
        ("out_refund_no_0", REFUND_NO),
        ("refund_id_0", text("refund_id")),
        ("refund_channel_0", "ORIGINAL"),
        ("refund_fee_0", "300"),
        ("coupon_refund_fee_0", "0"),
        ("refund_time_0", "20260315100000"),
        ("refund_status_0", "SUCCESS"),
    ] {
        assert_eq!(found.get(name), Some(value), "{name}");
    }
    assert_eq!(till.money(NUMBER), (1_250, 300));
}

/// §13: PROCESSING, then SUCCESS; trade_state REFUND from the first that was accepted.
#[test]
fn a_refund_is_under_way_before_it_is_done() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    till.pay(NUMBER, 1_250, "6200006010000000001");
    let state =
        |till: &mut Till<'_>| told(till, &qra, &qra.query(NUMBER, 0)).get("trade_state").unwrap().to_owned();
    assert_eq!(state(&mut till), "SUCCESS");
    assert_eq!(till.refund(ORDER, (REFUND_NO, 300)), Back::Taken);
    let status = |till: &mut Till<'_>| {
        ask(till, &qra, &[("out_refund_no", REFUND_NO)]).get("refund_status_0").unwrap().to_owned()
    };
    assert_eq!((state(&mut till), status(&mut till)), ("REFUND".to_owned(), "PROCESSING".to_owned()));
    till.wait(5_000);
    assert_eq!((state(&mut till), status(&mut till)), ("REFUND".to_owned(), "SUCCESS".to_owned()));
    // It was paid, and says so still.
    let fields = told(&mut till, &qra, &qra.query(NUMBER, 0));
    assert_eq!((fields.get("total_fee"), fields.get("time_end")), (Some("1250"), Some("20260315100000")));
}

/// §13: the same number is answered as it was the first time, and gives nothing back again.
#[test]
fn the_same_number_is_one_refund() {
    let qra = qra();
    let mut till = sold(&qra, CODE);
    let first = told(&mut till, &qra, &qra.refund(ORDER, (REFUND_NO, 300), 0));
    for amount in [300, 400] {
        let again = told(&mut till, &qra, &qra.refund(ORDER, (REFUND_NO, amount), 0));
        for name in ["result_code", "out_refund_no", "refund_id", "refund_fee"] {
            assert_eq!(again.get(name), first.get(name), "{name}");
        }
    }
    assert_eq!(till.money(NUMBER), (1_250, 300));
}

/// §13: above the rest; and what the form forbids (§4.4).
#[test]
fn what_cannot_be_refunded_is_refused() {
    let qra = qra();
    let mut till = sold(&qra, CODE);
    till.refund(ORDER, (REFUND_NO, 300));
    let code = |till: &mut Till<'_>, order: (&str, i64), refund: (&str, i64)| {
        codes(till, &qra, &qra.refund(order, refund, 0))[1].clone()
    };
    assert_eq!(code(&mut till, ORDER, ("R2", 951)), "ERROR");
    assert_eq!(code(&mut till, (NUMBER, 1_251), ("R2", 1)), "PARAM_ERROR", "the order's amount");
    assert_eq!(code(&mut till, ORDER, ("R2", 0)), "PARAM_ERROR");
    assert_eq!(code(&mut till, ORDER, ("R2", 1_251)), "PARAM_ERROR");
    assert_eq!(code(&mut till, ORDER, ("R/2", 1)), "PARAM_ERROR");
    assert_eq!(code(&mut till, ORDER, (&"R".repeat(33), 1)), "PARAM_ERROR");
    assert_eq!(code(&mut till, ("S2026031509122800X", 1), ("R2", 1)), "ORDERNOTEXIST");
    let other = "S20260315091228002";
    till.pay(other, 500, "6234567890123456780");
    assert_eq!(code(&mut till, (other, 500), (REFUND_NO, 1)), "PARAM_ERROR", "another order's number");
    let mut fields =
        Fields::from_iter([("out_trade_no", NUMBER), ("out_refund_no", "R2"), ("op_user_id", "u")]);
    fields.insert("total_fee", "1250");
    assert_eq!(codes(&mut till, &qra, &qra.send(REFUND, &fields))[1], "LACK_PARAMS");
    assert_eq!((till.money(NUMBER), till.money(other)), ((1_250, 300), (500, 0)));
}

/// §13: after an accepted refund an order is not reversed any more.
#[test]
fn a_refunded_order_is_not_reversed() {
    let qra = qra();
    let mut till = sold(&qra, ALIPAY);
    till.refund(ORDER, (REFUND_NO, 300));
    assert_eq!(codes(&mut till, &qra, &qra.reverse(NUMBER, 0)), ["1", "TRADE_ERROR", ""]);
    assert_eq!(till.money(NUMBER), (1_250, 300));
}

/// §4.4: refund_id, then out_refund_no, then the order's numbers, which do not find an Alipay order's refunds.
#[test]
fn a_refund_query_goes_by_the_first_number_that_it_names() {
    let qra = qra();
    for (code, alipay) in [(CODE, false), (ALIPAY, true)] {
        let mut till = sold(&qra, code);
        let id = told(&mut till, &qra, &pay(&qra, NUMBER, 1_250, code)).get("err_code").unwrap().to_owned();
        assert_eq!(id, "ORDERPAID");
        let accepted = told(&mut till, &qra, &qra.refund(ORDER, ("R1", 300), 0));
        told(&mut till, &qra, &qra.refund(ORDER, ("R2", 200), 0));
        let text = |name: &str| accepted.get(name).unwrap().to_owned();
        let (refund_id, transaction_id) = (text("refund_id"), text("transaction_id"));
        let found = ask(&mut till, &qra, &[("refund_id", &refund_id), ("out_refund_no", "R2")]);
        assert_eq!((found.get("refund_count"), found.get("refund_fee_0")), (Some("1"), Some("300")));
        let found = ask(&mut till, &qra, &[("out_refund_no", "R2"), ("out_trade_no", "S0000")]);
        assert_eq!((found.get("refund_count"), found.get("refund_fee_0")), (Some("1"), Some("200")));
        for by in [("out_trade_no", NUMBER), ("transaction_id", &transaction_id)] {
            let found = ask(&mut till, &qra, &[by]);
            if alipay {
                assert_eq!(found.get("err_code"), Some("LACK_PARAMS"));
            } else {
                assert_eq!(found.get("refund_count"), Some("2"));
                assert_eq!(
                    (found.get("refund_fee_0"), found.get("refund_fee_1")),
                    (Some("300"), Some("200"))
                );
            }
        }
        for by in [("out_refund_no", "R3"), ("refund_id", "95516000000260315000000000000000")] {
            assert_eq!(ask(&mut till, &qra, &[by]).get("err_code"), Some("REFUNDNOTEXIST"));
        }
    }
}

/// A coupon's part is given back last, and is told apart.
#[test]
fn a_coupon_goes_back_after_the_payers_own_money() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    till.pay(NUMBER, 2_500, "6200005030000000001");
    for (refund, own) in [(("R1", 1_900), 1_900), (("R2", 600), 2_000)] {
        assert_eq!(till.refund((NUMBER, 2_500), refund), Back::Taken);
        assert_eq!(till.money(NUMBER), (2_000, own));
    }
    let found = ask(&mut till, &qra, &[("out_trade_no", NUMBER)]);
    let coupons =
        ["coupon_refund_fee_0", "coupon_refund_fee_1"].map(|name| found.get(name).unwrap().to_owned());
    assert_eq!(coupons, ["0", "500"]);
}

/// §4.1, §4.4: the wallet's own code, and a refund that ends in no good way.
#[test]
fn refusals_and_bad_ends_have_their_words() {
    let qra = qra();
    for (code, refused) in
        [("6200006030000000001", "USER_ACCOUNT_ABNORMAL"), ("280000603000000001", "ACQ.BUYER_NOT_EXIST")]
    {
        let mut till = sold(&qra, code);
        assert_eq!(till.refund(ORDER, (REFUND_NO, 1)), Back::Refused(refused.to_owned()));
    }
    for (code, refused) in
        [("130000602000000001", "NOTENOUGH"), ("280000602000000001", "ACQ.SELLER_BALANCE_NOT_ENOUGH")]
    {
        let mut till = sold(&qra, code);
        assert_eq!(till.refund(ORDER, (REFUND_NO, 1)), Back::Refused(refused.to_owned()));
    }
    let ends = |turn: fn(&mut simulator::Dials)| {
        let mut till = Till::new(turned(turn), &qra);
        till.pay(NUMBER, 1_250, CODE);
        till.refund(ORDER, (REFUND_NO, 300));
        till.wait(600_000);
        ask(&mut till, &qra, &[("out_refund_no", REFUND_NO)]).get("refund_status_0").unwrap().to_owned()
    };
    assert_eq!(ends(|dials| (dials.refund_pending, dials.refund_closes) = (1_000, 1_000)), "FAIL");
    assert_eq!(ends(|dials| (dials.refund_pending, dials.refund_abnormal) = (1_000, 1_000)), "CHANGE");
    let mut till = Till::new(turned(|dials| dials.unsigned_refusal = 1_000), &qra);
    let response = answer(&mut till, &qra.refund(ORDER, (REFUND_NO, 1), 0));
    assert!(qra.fields(&response).is_err());
}
