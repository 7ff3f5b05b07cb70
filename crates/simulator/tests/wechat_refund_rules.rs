//! WeChat's rules of refunds one by one, each with its place in the sheet (wechat.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::wechat::{Wechat, wechat};
use common::{Heard, MORNING, Till, Tongue, gentle};
use simulator::Caller;
use wire::http::Request;
use wire::text::Fields;
use wire::wechat_v2::{
    ORDERQUERY_PATH, OrderQueryRequest, REFUND_PATH, REFUNDQUERY_PATH, RefundQueryRequest, RefundRequest,
};

const NUMBER: &str = "S20260315091228001";
const OTHER: &str = "S20260315091228002";

fn sold<'a>(wechat: &'a Wechat, code: &str) -> Till<'a> {
    let mut till = Till::new(gentle(), wechat);
    assert!(matches!(till.pay(NUMBER, 3_000, code), Heard::Paid { total: 3_000, .. }));
    till
}

fn plain(wechat: &Wechat) -> Till<'_> {
    sold(wechat, "134567890123456789")
}

fn fields(till: &mut Till<'_>, wechat: &Wechat, request: &Request) -> Fields {
    let response = till.call(request).response.expect("an answer");
    wechat.fields(&response).expect("a signed answer")
}

fn err_code(till: &mut Till<'_>, wechat: &Wechat, request: &Request) -> String {
    fields(till, wechat, request).get("err_code").unwrap_or("").to_owned()
}

fn call(number: &str, amount: i64) -> RefundRequest {
    RefundRequest {
        out_trade_no: Some(NUMBER.to_owned()),
        out_refund_no: number.to_owned(),
        total_fee: 3_000,
        refund_fee: amount,
        ..RefundRequest::default()
    }
}

fn send(wechat: &Wechat, call: &RefundRequest) -> Request {
    wechat.send(REFUND_PATH, &call.fields())
}

fn ask(wechat: &Wechat, call: &RefundQueryRequest) -> Request {
    wechat.send(REFUNDQUERY_PATH, &call.fields())
}

/// §2.1: like reverse, refund wants the merchant's certificate; its query does not.
#[test]
fn a_refund_wants_the_merchants_certificate() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    let request = send(&wechat, &call("R1", 1_200));
    let response = till.simulator.handle(MORNING, Caller::default(), &request).response.unwrap();
    assert_eq!(response.status, 400);
    let foreign = Caller { client_certificate: true, certificate_mch_id: Some("1900000110".to_owned()) };
    let response = till.simulator.handle(MORNING, foreign, &request).response.unwrap();
    assert!(String::from_utf8(response.body).unwrap().contains("证书验证失败"));
    assert_eq!(till.money(NUMBER), (3_000, 0));
    let own = Caller { client_certificate: true, certificate_mch_id: Some("1900000109".to_owned()) };
    till.simulator.handle(MORNING, own, &request);
    assert_eq!(till.money(NUMBER), (3_000, 1_200));
    let query = wechat.refund_query(NUMBER, "R1", 0);
    let response = till.simulator.handle(MORNING, Caller::default(), &query).response.unwrap();
    assert_eq!(wechat.fields(&response).unwrap().get("refund_status_0"), Some("SUCCESS"));
}

/// §2.5: what an accepted refund carries, in the order of the captured answer.
#[test]
fn an_accepted_refund_carries_its_numbers() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    let paid = fields(&mut till, &wechat, &wechat.query(NUMBER, 0));
    let answer = fields(&mut till, &wechat, &send(&wechat, &call("R1", 1_200)));
    let captured = include_str!("../../wire/testdata/wechat/xml/refund-ok.xml");
    let names: Vec<&str> = captured
        .lines()
        .filter(|line| !line.starts_with("</"))
        .filter_map(|line| Some(line.strip_prefix('<')?.split_once('>')?.0))
        .collect();
    let ours: Vec<&str> = answer.iter().map(|(name, _)| name).collect();
    assert_eq!(ours, names[1..names.len()]);
    for (name, value) in [
        ("transaction_id", paid.get("transaction_id").unwrap()),
        ("out_trade_no", NUMBER),
        ("out_refund_no", "R1"),
        ("refund_fee", "1200"),
        ("total_fee", "3000"),
        ("cash_refund_fee", "1200"),
        ("coupon_refund_fee", "0"),
        ("refund_channel", ""),
    ] {
        assert_eq!(answer.get(name), Some(value), "{name}");
    }
    let refund_id = answer.get("refund_id").unwrap();
    assert!(refund_id.len() == 29 && refund_id.starts_with("50"), "{refund_id}");
    let again = fields(&mut till, &wechat, &send(&wechat, &call("R1", 1_200)));
    assert_eq!(again.get("refund_id"), Some(refund_id));
}

/// §2.6, §11: the same refund by each of the four numbers; the first of them that is given counts.
#[test]
fn a_refund_query_takes_any_number() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    let accepted = fields(&mut till, &wechat, &send(&wechat, &call("R1", 1_200)));
    let text = |name: &str| Some(accepted.get(name).unwrap().to_owned());
    let none = RefundQueryRequest::default();
    let wrong = Some("none".to_owned());
    for call in [
        RefundQueryRequest { refund_id: text("refund_id"), out_refund_no: wrong.clone(), ..none.clone() },
        RefundQueryRequest {
            out_refund_no: text("out_refund_no"),
            out_trade_no: wrong.clone(),
            ..none.clone()
        },
        RefundQueryRequest {
            transaction_id: text("transaction_id"),
            out_trade_no: wrong.clone(),
            ..none.clone()
        },
        RefundQueryRequest { out_trade_no: text("out_trade_no"), ..none.clone() },
    ] {
        let answer = fields(&mut till, &wechat, &ask(&wechat, &call));
        for (name, value) in [
            ("out_trade_no", NUMBER),
            ("total_fee", "3000"),
            ("refund_count", "1"),
            ("total_refund_count", "1"),
            ("out_refund_no_0", "R1"),
            ("refund_id_0", accepted.get("refund_id").unwrap()),
            ("refund_fee_0", "1200"),
            ("refund_status_0", "SUCCESS"),
            ("refund_success_time_0", "2026-03-15 10:00:00"),
        ] {
            assert_eq!(answer.get(name), Some(value), "{name} of {call:?}");
        }
    }
    for call in [
        RefundQueryRequest { refund_id: wrong.clone(), out_refund_no: text("out_refund_no"), ..none.clone() },
        RefundQueryRequest {
            out_refund_no: wrong.clone(),
            out_trade_no: text("out_trade_no"),
            ..none.clone()
        },
        RefundQueryRequest { out_trade_no: wrong, ..none },
    ] {
        assert_eq!(err_code(&mut till, &wechat, &ask(&wechat, &call)), "REFUNDNOTEXIST", "{call:?}");
    }
}

/// §2.6: an order's refunds come in pages of ten.
#[test]
fn many_refunds_come_in_pages() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    for at in 0..12 {
        till.refund((NUMBER, 3_000), (&format!("R{at}"), 1 + at));
    }
    let mut page = |offset| {
        let call = RefundQueryRequest {
            out_trade_no: Some(NUMBER.to_owned()),
            offset,
            ..RefundQueryRequest::default()
        };
        let answer = fields(&mut till, &wechat, &ask(&wechat, &call));
        let text = |name: &str| answer.get(name).unwrap_or("").to_owned();
        (text("total_refund_count"), text("refund_count"), text("out_refund_no_0"), text("err_code"))
    };
    let shown =
        |count: &str, first: &str| ("12".to_owned(), count.to_owned(), first.to_owned(), String::new());
    assert_eq!(page(None), shown("10", "R0"));
    assert_eq!(page(Some(10)), shown("2", "R10"));
    assert_eq!(page(Some(12)).3, "REFUNDNOTEXIST");
}

/// §11: fifty refunds of an order, not more.
#[test]
fn an_order_has_fifty_refunds() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    for at in 0..50 {
        let answer = fields(&mut till, &wechat, &send(&wechat, &call(&format!("R{at}"), 1)));
        assert_eq!(answer.get("result_code"), Some("SUCCESS"), "{at}");
    }
    assert_eq!(err_code(&mut till, &wechat, &send(&wechat, &call("R50", 1))), "ERROR");
    assert_eq!(till.money(NUMBER), (3_000, 50));
}

/// Top ten, 6, and §11.5: after any refund, also a partial one, the order shows REFUND, with all its fields.
#[test]
fn a_refunded_order_shows_refund() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    let before = fields(&mut till, &wechat, &wechat.query(NUMBER, 0));
    assert_eq!(before.get("trade_state"), Some("SUCCESS"));
    till.refund((NUMBER, 3_000), ("R1", 1));
    let after = fields(&mut till, &wechat, &wechat.query(NUMBER, 0));
    assert_eq!(after.get("trade_state"), Some("REFUND"));
    for name in ["total_fee", "cash_fee", "transaction_id", "time_end", "attach", "openid"] {
        assert_eq!(after.get(name), before.get(name), "{name}");
    }
    let id = OrderQueryRequest {
        transaction_id: after.get("transaction_id").map(str::to_owned),
        out_trade_no: None,
    };
    let by_id = fields(&mut till, &wechat, &wechat.send(ORDERQUERY_PATH, &id.fields()));
    assert_eq!(by_id.get("trade_state"), Some("REFUND"));
}

/// §2.5: total_fee must be the order's; a refund's number serves one order; §13: other facts are PARAM_ERROR.
#[test]
fn a_refund_must_agree_with_its_order() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    till.pay(OTHER, 3_000, "134567890123456780");
    let mut refused = |call: &RefundRequest| err_code(&mut till, &wechat, &send(&wechat, call));
    assert_eq!(refused(&RefundRequest { total_fee: 2_999, ..call("R1", 1) }), "PARAM_ERROR");
    assert_eq!(refused(&call("R1", 1)), "");
    assert_eq!(refused(&RefundRequest { total_fee: 2_999, ..call("R1", 1) }), "PARAM_ERROR");
    let elsewhere = RefundRequest { out_trade_no: Some(OTHER.to_owned()), ..call("R1", 1) };
    assert_eq!(refused(&elsewhere), "PARAM_ERROR");
    assert_eq!(till.money(NUMBER), (3_000, 1));
    assert_eq!(till.money(OTHER), (3_000, 0));
}

/// §2.5: forms and ranges, before any order is looked at.
#[test]
fn malformed_refunds_are_refused() {
    let wechat = wechat();
    let mut till = plain(&wechat);
    let text = |text: &str| Some(text.to_owned());
    for (call, code) in [
        (call("R/1", 1), "PARAM_ERROR"),
        (call(&"R".repeat(65), 1), "PARAM_ERROR"),
        (call("R1", 0), "PARAM_ERROR"),
        (call("R1", 3_001), "PARAM_ERROR"),
        (RefundRequest { refund_fee_type: text("USD"), ..call("R1", 1) }, "PARAM_ERROR"),
        (RefundRequest { refund_desc: text(&"退".repeat(81)), ..call("R1", 1) }, "PARAM_ERROR"),
        (RefundRequest { out_trade_no: None, ..call("R1", 1) }, "LACK_PARAMS"),
        (RefundRequest { transaction_id: text("42"), ..call("R1", 1) }, "ORDERNOTEXIST"),
    ] {
        assert_eq!(err_code(&mut till, &wechat, &send(&wechat, &call)), code, "{call:?}");
    }
    assert_eq!(till.money(NUMBER), (3_000, 0));
    let fits = RefundRequest { refund_desc: text(&"退".repeat(80)), ..call("R_-|*@1", 3_000) };
    assert_eq!(err_code(&mut till, &wechat, &send(&wechat, &fits)), "");
}

/// A coupon sale goes back as the payer's own money first; what is shown adds up.
#[test]
fn a_coupon_sale_goes_back_as_cash_and_coupon() {
    let wechat = wechat();
    let mut till = sold(&wechat, "130000503000000001");
    let mut sums = |number: &str, amount| {
        let answer = fields(&mut till, &wechat, &send(&wechat, &call(number, amount)));
        ["refund_fee", "cash_refund_fee", "coupon_refund_fee", "coupon_refund_count"]
            .map(|name| answer.get(name).unwrap().to_owned())
    };
    // 3000 = 2500 + a coupon of 500.
    assert_eq!(sums("R1", 2_000), ["2000", "2000", "0", "0"]);
    assert_eq!(sums("R2", 1_000), ["1000", "500", "500", "1"]);
    assert_eq!(till.money(NUMBER), (2_500, 2_500));
}
