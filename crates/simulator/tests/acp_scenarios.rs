//! The scenarios over ACP, as the wire tells them (unionpay.md §5.2, §5.4, §5.5, §13).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::acp::acp;
use common::{Heard, Till, Tongue, gentle};

const PAID: Heard = Heard::Paid { total: 2_500, paid: 2_500 };
const ACCEPTED: Heard = Heard::Accepted;
const ASKING: Heard = Heard::Asking;
const NOT_FOUND: Heard = Heard::NotFound;
const CLOSED: Heard = Heard::Closed;
const REVERSED: Heard = Heard::Reversed { refunded: None };

/// The first answers of a scenario.
fn check(number: u16, expected: &[Heard]) {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    till.sell("S20260315100000", 2_500, &acp.code(number, 1));
    let heard: Vec<_> = till.log.iter().map(|(_, heard)| heard.clone()).collect();
    assert_eq!(heard[..expected.len().min(heard.len())], *expected, "{number}");
}

fn unknown(why: &str) -> Heard {
    Heard::Unknown(why.to_owned())
}

#[test]
fn what_is_accepted_is_told_by_a_query() {
    check(0, &[ACCEPTED, PAID]);
    check(101, &[ACCEPTED, ASKING, PAID]);
    let waiting = [&[ACCEPTED][..], &[ASKING; 5], &[PAID]].concat();
    check(102, &waiting);
    // There is no word for a refusal: the order waits.
    for number in [103, 104] {
        let never = [&[ACCEPTED][..], &[ASKING; 10], &[REVERSED, CLOSED]].concat();
        check(number, &never);
    }
    check(503, &[ACCEPTED, Heard::Paid { total: 2_500, paid: 2_000 }]);
}

/// A payer who fails leaves an order that failed; a refused code or merchant leaves nothing.
#[test]
fn declines_have_their_codes() {
    for (number, code, left) in [
        (201, "64", CLOSED),
        (202, "86", NOT_FOUND),
        (203, "86", NOT_FOUND),
        (204, "88", NOT_FOUND),
        (205, "33", CLOSED),
        (206, "38", CLOSED),
        (207, "68", CLOSED),
        (208, "61", CLOSED),
        (209, "31", NOT_FOUND),
    ] {
        check(number, &[Heard::Declined(code.to_owned()), left]);
    }
    check(405, &[Heard::Declined("64".to_owned()), PAID, REVERSED, CLOSED]);
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
    check(309, &[ACCEPTED, unknown("37"), unknown("37"), PAID]);
    check(401, &[ACCEPTED, system.clone(), system.clone(), system, PAID]);
}
