//! The scenarios over ICBC, as the wire tells them (icbc.md §4, §8, §12).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::icbc::icbc;
use common::{Heard, Till, Tongue, gentle};

const PAID: Heard = Heard::Paid { total: 2_500, paid: 2_500 };
const ASKING: Heard = Heard::Asking;
const NOT_FOUND: Heard = Heard::NotFound;
const CLOSED: Heard = Heard::Closed;

/// The first answers of a scenario.
fn check(number: u16, expected: &[Heard]) {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    till.sell("S20260315100000", 2_500, &icbc.code(number, 1));
    let heard: Vec<_> = till.log.iter().map(|(_, heard)| heard.clone()).collect();
    assert_eq!(heard[..expected.len().min(heard.len())], *expected, "{number}");
}

fn unknown(why: &str) -> Heard {
    Heard::Unknown(why.to_owned())
}

#[test]
fn passwords_are_asked_and_answered() {
    check(0, &[PAID]);
    check(101, &[ASKING, PAID]);
    check(102, &[ASKING, ASKING, ASKING, ASKING, ASKING, PAID]);
    // There is no word for a refusal: the order waits until it fails.
    check(103, &[ASKING; 10]);
    check(104, &[ASKING; 10]);
}

/// ICBC does not say why, and keeps what it declined; what it refused before, it does not know.
#[test]
fn declines_look_alike_and_leave_a_failed_order() {
    for number in 201..=208 {
        check(number, &[Heard::Declined("2".to_owned()), CLOSED]);
    }
    check(209, &[Heard::DeclinedAsk("-1".to_owned()), NOT_FOUND]);
    let given_back = Heard::Reversed { refunded: Some(true) };
    check(405, &[Heard::Declined("2".to_owned()), PAID, given_back, CLOSED]);
}

#[test]
fn failing_messages_hide_what_was_done() {
    let system = unknown("system error");
    check(301, &[system.clone(), PAID]);
    check(302, &[system.clone(), NOT_FOUND]);
    for (number, why) in [(303, "cut"), (305, "silence"), (306, "status 502"), (308, "truncated")] {
        check(number, &[unknown(why), PAID]);
    }
    check(304, &[unknown("cut"), NOT_FOUND]);
    check(402, &[system.clone(), NOT_FOUND, PAID]);
    check(309, &[ASKING, unknown("500032"), unknown("500032"), PAID]);
    check(401, &[ASKING, system.clone(), system.clone(), system, PAID]);
}
