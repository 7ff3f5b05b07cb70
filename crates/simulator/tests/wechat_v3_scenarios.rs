//! The scenarios over WeChat's APIv3, as the wire tells them (wechat.md §4.4, §5.5, §13).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::wechat_v3::wechat_v3;
use common::{Heard, Till, Tongue, gentle};

const PAID: Heard = Heard::Paid { total: 2_500, paid: 2_500 };
const ASKING: Heard = Heard::Asking;
const NOT_FOUND: Heard = Heard::NotFound;
const CLOSED: Heard = Heard::Closed;
const REVERSED: Heard = Heard::Reversed { refunded: None };

/// The first answers of a scenario.
fn check(number: u16, expected: &[Heard]) {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    till.sell("S20260315100000", 2_500, &tongue.code(number, 1));
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
    check(102, &[&[ASKING; 5][..], &[PAID]].concat());
    check(103, &[ASKING, ASKING, Heard::NotPaid]);
    check(104, &[&[ASKING; 6][..], &[Heard::MustReverse, REVERSED, CLOSED]].concat());
    check(503, &[Heard::Paid { total: 2_500, paid: 2_000 }]);
}

#[test]
fn declines_have_their_codes_and_leave_nothing() {
    for (number, code) in [
        (201, "NOT_ENOUGH"),
        (202, "AUTHCODEEXPIRE"),
        (203, "AUTH_CODE_INVALID"),
        (204, "AUTH_CODE_ERROR"),
        (208, "ACCOUNT_ERROR"),
        (209, "NO_AUTH"),
    ] {
        check(number, &[Heard::Declined(code.to_owned()), NOT_FOUND]);
    }
    for (number, code) in [(205, "RULE_LIMIT"), (206, "TRADE_ERROR"), (207, "TRADE_ERROR")] {
        check(number, &[Heard::DeclinedAsk(code.to_owned()), NOT_FOUND]);
    }
    check(405, &[Heard::Declined("NOT_ENOUGH".to_owned()), PAID, REVERSED, CLOSED]);
}

#[test]
fn failing_messages_hide_what_was_done() {
    let system = || unknown("SYSTEM_ERROR");
    check(301, &[system(), PAID]);
    check(302, &[system(), NOT_FOUND]);
    for (number, why) in [(303, "cut"), (305, "silence"), (306, "status 502"), (308, "truncated")] {
        check(number, &[unknown(why), PAID]);
    }
    check(304, &[unknown("cut"), NOT_FOUND]);
    check(307, &[unknown("the answer carries the channel's probe in place of a signature"), PAID]);
    check(402, &[system(), NOT_FOUND, PAID]);
    let busy = || unknown("FREQUENCY_LIMITED");
    check(309, &[ASKING, busy(), busy(), PAID]);
    check(401, &[ASKING, system(), system(), system(), PAID]);
}

/// "Again" is any answer but a success: there is no `recall`.
#[test]
fn reversals_are_repeated_until_they_are_done() {
    let asked = [&[ASKING; 6][..], &[Heard::MustReverse]].concat();
    check(403, &[&asked[..], &[Heard::Again, Heard::Again, REVERSED, CLOSED]].concat());
    let open = vec![ASKING; 10];
    check(404, &[&open[..], &[Heard::Cannot("INVALID_REQUEST".to_owned())]].concat());
}
