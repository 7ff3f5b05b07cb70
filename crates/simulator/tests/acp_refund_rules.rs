//! ACP's refunds and voids, each rule with its place in the sheet (unionpay.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::acp::{Acp, EVENING, TIME, acp, codes, told};
use common::{Heard, MORNING, Till, Tongue, gentle};
use wire::acp::{Original, RefundRequest, VoidRequest};
use wire::http::Request;

const CODE: &str = "6234567890123456789";
const NUMBER: &str = "S20260315091228001";
const SECOND: &str = "S20260315091228002";
/// A payer who never answers.
const NEVER: &str = "6200001040000000001";

fn by_number(number: &str) -> Original {
    Original::Order { order_id: number.to_owned(), txn_time: TIME.to_owned() }
}

/// A till that sold for 10.00, and UnionPay's number of the sale.
fn sold(acp: &Acp) -> (Till<'_>, String) {
    let mut till = Till::new(gentle(), acp);
    till.pay(NUMBER, 1_000, CODE);
    let paid = told(&mut till, acp, &acp.query(NUMBER, 0));
    let id = paid.get("queryId").unwrap().to_owned();
    (till, id)
}

fn refund(acp: &Acp, original: Original, refund: (&str, i64)) -> Request {
    acp.send(&acp.refund_of(original, refund).fields())
}

fn void(acp: &Acp, original: Original, void: (&str, i64)) -> Request {
    let RefundRequest { order_id, txn_time, txn_amt, original, back_url } = acp.refund_of(original, void);
    acp.send(&VoidRequest { order_id, txn_time, txn_amt, original, back_url }.fields())
}

/// §5.2, §12: accepted with a number of its own; its end is asked under its own number and time, never the consume's.
#[test]
fn a_refund_is_a_transaction_of_its_own() {
    let acp = acp();
    let (mut till, id) = sold(&acp);
    let by_id = || Original::QueryId(id.clone());
    let accepted = told(&mut till, &acp, &refund(&acp, by_id(), ("R1", 300)));
    assert_eq!((accepted.get("respCode"), accepted.get("txnType")), (Some("00"), Some("04")));
    assert_eq!((accepted.get("orderId"), accepted.get("txnTime")), (Some("000000R1"), Some(EVENING)));
    assert_eq!((accepted.get("txnAmt"), accepted.get("origQryId")), (Some("300"), Some(id.as_str())));
    let own = accepted.get("queryId").unwrap().to_owned();
    assert!(own.len() == 21 && own != id, "{own}");
    let done = told(&mut till, &acp, &acp.refund_query(NUMBER, "R1", 0));
    assert_eq!((done.get("origRespCode"), done.get("queryId")), (Some("00"), Some(own.as_str())));
    assert_eq!((done.get("txnAmt"), done.get("origQryId")), (Some("300"), Some(id.as_str())));
    assert_eq!((done.get("settleAmt"), done.get("settleDate")), (Some("300"), Some("0315")));
    assert_eq!(codes(&mut till, &acp, &acp.ask("000000R1", TIME)), "34", "at another time it is nobody's");
    assert_eq!(codes(&mut till, &acp, &acp.ask(NUMBER, EVENING)), "34");
    // A refunded consume still answers 00, and the whole amount (§13).
    assert_eq!(till.query(NUMBER), Heard::Paid { total: 1_000, paid: 1_000 });
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_number(NUMBER), ("R2", 701))), "36");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_number(NUMBER), ("R2", 700))), "00");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_id(), ("R3", 1))), "45");
    assert_eq!(till.money(NUMBER), (1_000, 1_000));
    assert!(codes(&mut till, &acp, &acp.query(NUMBER, 0)).starts_with("00/"));
}

/// §5.2, §13: an original that is unknown, not booked or reversed.
#[test]
fn only_what_is_booked_is_refunded() {
    let acp = acp();
    let (mut till, id) = sold(&acp);
    let unknown = Original::QueryId("902603151000000000000".to_owned());
    assert_eq!(codes(&mut till, &acp, &refund(&acp, unknown, ("R1", 1))), "35");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_number("S20260315091228009"), ("R1", 1))), "35");
    till.pay(SECOND, 100, NEVER);
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_number(SECOND), ("R1", 1))), "35");
    till.reverse(NUMBER);
    assert_eq!(codes(&mut till, &acp, &refund(&acp, Original::QueryId(id), ("R1", 1))), "46");
    assert_eq!(till.money(NUMBER), (1_000, 1_000));
}

/// §5.4: a number serves once with its time, whatever it was used for; at another time it is another one.
#[test]
fn a_second_time_is_a_duplicate() {
    let acp = acp();
    let (mut till, id) = sold(&acp);
    let by_id = || Original::QueryId(id.clone());
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_id(), ("R1", 300))), "00");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_id(), ("R1", 300))), "12");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_id(), ("R1", 301))), "12");
    assert_eq!(codes(&mut till, &acp, &void(&acp, by_id(), ("R1", 1_000))), "12");
    till.pay(SECOND, 100, "6234567890123456780");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_number(SECOND), ("R1", 1))), "12", "another order's");
    let mut pays = acp.refund_of(by_id(), ("R2", 1));
    (pays.order_id, pays.txn_time) = (SECOND.to_owned(), TIME.to_owned());
    assert_eq!(codes(&mut till, &acp, &acp.send(&pays.fields())), "12", "a consume's");
    let mut later = acp.refund_of(by_id(), ("R1", 300));
    later.txn_time = "20260315180001".to_owned();
    assert_eq!(codes(&mut till, &acp, &acp.send(&later.fields())), "00");
    assert_eq!((till.money(NUMBER), till.money(SECOND)), ((1_000, 600), (100, 0)));
}

/// §5.2, §5.4, §13: a void takes the whole amount, on the settlement day, and only of what is booked.
#[test]
fn a_void_takes_all_of_it_the_same_day() {
    let acp = acp();
    let (mut till, id) = sold(&acp);
    let by_id = || Original::QueryId(id.clone());
    till.pay(SECOND, 100, NEVER);
    assert_eq!(codes(&mut till, &acp, &void(&acp, by_number(SECOND), ("V1", 100))), "35");
    assert_eq!(codes(&mut till, &acp, &void(&acp, by_id(), ("V1", 999))), "36");
    assert_eq!(till.money(NUMBER), (1_000, 0));
    let accepted = told(&mut till, &acp, &void(&acp, by_id(), ("V1", 1_000)));
    assert_eq!((accepted.get("respCode"), accepted.get("txnType")), (Some("00"), Some("31")));
    assert_eq!(till.money(NUMBER), (1_000, 1_000));
    assert!(codes(&mut till, &acp, &acp.refund_query(NUMBER, "V1", 0)).starts_with("00/00"));
    assert_eq!(codes(&mut till, &acp, &void(&acp, by_id(), ("V2", 1_000))), "45");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, by_id(), ("R1", 1))), "45");
    assert_eq!(codes(&mut till, &acp, &acp.reverse(NUMBER, 0)), "45");
    assert_eq!(till.query(NUMBER), Heard::Paid { total: 1_000, paid: 1_000 });

    let (mut till, id) = sold(&acp);
    // 23:00 ends the settlement day; a refund is taken all the same.
    till.now_ms = MORNING + 13 * 3_600_000;
    assert_eq!(codes(&mut till, &acp, &void(&acp, Original::QueryId(id.clone()), ("V1", 1_000))), "39");
    assert_eq!(codes(&mut till, &acp, &refund(&acp, Original::QueryId(id), ("R1", 1_000))), "00");

    let (mut till, id) = sold(&acp);
    till.reverse(NUMBER);
    assert_eq!(codes(&mut till, &acp, &void(&acp, Original::QueryId(id), ("V1", 1_000))), "46");
    assert_eq!(till.money(NUMBER), (1_000, 1_000));
}
