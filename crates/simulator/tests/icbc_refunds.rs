//! ICBC's refunds and their list, each rule with its place in the sheet (icbc.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::icbc::Icbc;
use common::icbc::{MER_ID, content, icbc, pay, query, reject, reverse_with};
use common::{Till, gentle, turned};
use wire::icbc::{Content, REJECT_QUERY_PATH, RefundLine, RejectQueryRequest};
use wire::verified::Verified;

const CODE: &str = "6245678901234567890";
const OTHER_CODE: &str = "6245678901234567891";
const NUMBER: &str = "P20260315_0001";
const SECOND: &str = "P20260315_0002";
/// A payer who never answers.
const NEVER: &str = "6200001040000000001";

fn list(till: &mut Till<'_>, icbc: &Icbc, number: &str, reject_no: Option<&str>) -> Vec<RefundLine> {
    let query = RejectQueryRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: number.to_owned(),
        reject_no: reject_no.map(str::to_owned),
        ..RejectQueryRequest::default()
    };
    let request = icbc.send(REJECT_QUERY_PATH, &query.biz_content(), till.now_ms);
    content(till, icbc, &request).refunds().unwrap().unwrap()
}

/// Number, status and amount of each line.
fn lines(lines: &[RefundLine]) -> Vec<(String, String, i64)> {
    lines
        .iter()
        .map(|line| {
            let number = line.reject_no().unwrap_or_default();
            (number, line.reject_status().unwrap(), line.reject_amt().unwrap().unwrap())
        })
        .collect()
}

/// §3.4, §8, §12: parts up to what was paid, each under a number of its own; the same number repeats its first answer.
#[test]
fn refunds_go_up_to_what_was_paid() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    pay(&mut till, &icbc, NUMBER, 1_000, CODE);
    let code = |said: Verified<Content>| said.return_code().unwrap();
    for _ in 0..2 {
        let said = reject(&mut till, &icbc, NUMBER, "R1", 370);
        assert_eq!((said.reject_no().as_deref(), said.real_reject_amt()), (Some("R1"), Ok(Some(370))));
        assert_eq!(said.return_code().as_deref(), Some("0"));
    }
    assert_eq!(till.money(NUMBER), (1_000, 370));
    assert_eq!(query(&mut till, &icbc, NUMBER), "0/6");
    assert_eq!(code(reject(&mut till, &icbc, NUMBER, "R1", 371)), "5920007");
    assert_eq!(code(reject(&mut till, &icbc, NUMBER, "R2", 631)), "5920002");
    assert_eq!(code(reverse_with(&mut till, &icbc, NUMBER, None)), "93008595");
    assert_eq!(code(reject(&mut till, &icbc, NUMBER, "R2", 630)), "0");
    assert_eq!((query(&mut till, &icbc, NUMBER), till.money(NUMBER)), ("0/5".to_owned(), (1_000, 1_000)));
    assert_eq!(code(reject(&mut till, &icbc, NUMBER, "R3", 1)), "5920002");
    assert_eq!(code(reverse_with(&mut till, &icbc, NUMBER, None)), "93008595");

    assert_eq!(code(reject(&mut till, &icbc, "P_NEVER", "R9", 1)), "5940021");
    pay(&mut till, &icbc, SECOND, 1_000, NEVER);
    assert_eq!(code(reject(&mut till, &icbc, SECOND, "R9", 1)), "5920003");
    reverse_with(&mut till, &icbc, SECOND, None);
    assert_eq!(code(reject(&mut till, &icbc, SECOND, "R9", 1)), "93008595");
    assert_eq!(code(reject(&mut till, &icbc, NUMBER, "R9", 0)), "400026");
    assert_eq!(code(reject(&mut till, &icbc, NUMBER, &"R".repeat(36), 1)), "400026");
}

/// §3.5, §12: refunds and reversals in one list, a reversal mostly without a number.
#[test]
fn the_list_shows_refunds_and_reversals() {
    let icbc = icbc();
    let mut till =
        Till::new(turned(|dials| (dials.refund_pending, dials.refund_pending_ms_max) = (1000, 1_000)), &icbc);
    pay(&mut till, &icbc, NUMBER, 1_000, CODE);
    assert_eq!(list(&mut till, &icbc, NUMBER, None), []);
    reject(&mut till, &icbc, NUMBER, "R1", 370);
    reject(&mut till, &icbc, NUMBER, "R2", 30);
    let line = |number: &str, status: &str, fen| (number.to_owned(), status.to_owned(), fen);
    assert_eq!(query(&mut till, &icbc, NUMBER), "0/7");
    assert_eq!(lines(&list(&mut till, &icbc, NUMBER, None)), [line("R1", "0", 370), line("R2", "0", 30)]);
    till.wait(1_000);
    assert_eq!(lines(&list(&mut till, &icbc, NUMBER, None)), [line("R1", "1", 370), line("R2", "1", 30)]);
    assert_eq!(lines(&list(&mut till, &icbc, NUMBER, Some("R2"))), [line("R2", "1", 30)]);
    assert_eq!(list(&mut till, &icbc, NUMBER, Some("R3")), []);
    let sequence = list(&mut till, &icbc, NUMBER, Some("R1"))[0].icbc_reject_sq().unwrap();
    assert!(
        sequence.starts_with("OFH20260315") && sequence.len() == 25 && &sequence[17..18] == "A",
        "{sequence}"
    );

    pay(&mut till, &icbc, SECOND, 500, OTHER_CODE);
    reverse_with(&mut till, &icbc, SECOND, None);
    assert_eq!(lines(&list(&mut till, &icbc, SECOND, None)), [line("", "1", 500)]);
    pay(&mut till, &icbc, "P3", 500, "6245678901234567892");
    assert_eq!(reverse_with(&mut till, &icbc, "P3", Some("RV1")).reject_no().as_deref(), Some("RV1"));
    assert_eq!(lines(&list(&mut till, &icbc, "P3", None)), [line("RV1", "1", 500)]);
}
