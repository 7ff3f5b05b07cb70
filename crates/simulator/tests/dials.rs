//! Every dial turned to its end, and what it does at every channel.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::{Heard, MORNING, NUMBER, Till, Tongue, pay, pay_as, plain, tongues, turned};
use simulator::{Dials, UnpaidShows, UnseenAnswer, UnseenReversal};

const SECOND: &str = "S20260315100001";
const PAID: Heard = Heard::Paid { total: 2_500, paid: 2_500 };

/// What is done to a gentle world.
type Turn = fn(&mut Dials);

/// Plays `act` at every channel with one dial turned.
fn check(turn: Turn, act: impl Fn(&mut Till<'_>)) {
    for tongue in tongues() {
        act(&mut Till::new(turned(turn), &*tongue));
    }
}

fn is_unknown(heard: &Heard) -> bool {
    matches!(heard, Heard::Unknown(_))
}

#[test]
fn payers_do_what_their_dials_say() {
    check(
        |dials| dials.payer_confirms = 1000,
        |till| {
            assert_eq!(pay(till), Heard::Asking);
            till.wait(20_000);
            assert_eq!(till.query(NUMBER), PAID);
        },
    );
    check(
        |dials| (dials.payer_confirms, dials.payer_confirms_ms_max) = (1000, 1_000),
        |till| {
            pay(till);
            till.wait(1_000);
            assert_eq!(till.query(NUMBER), PAID);
        },
    );
    check(
        |dials| dials.payer_refuses = 1000,
        |till| {
            assert_eq!(pay(till), Heard::Asking);
            till.wait(40_000);
            assert_eq!(till.line(NUMBER).charged, 0);
            assert_eq!(till.simulator.prompts(till.now_ms), []);
        },
    );
    check(
        |dials| dials.payer_never = 1000,
        |till| {
            assert_eq!(pay(till), Heard::Asking);
            till.wait(29_000);
            assert_eq!(till.query(NUMBER), Heard::Asking);
        },
    );
    check(
        |dials| dials.payer_with_reverse = 1000,
        |till| {
            assert_eq!(pay(till), Heard::Asking);
            assert!(matches!(till.reverse(NUMBER), Heard::Reversed { .. }));
            assert_eq!(till.money(NUMBER), (2_500, 2_500));
        },
    );
    check(
        |dials| dials.payer_declined = 1000,
        |till| {
            let heard = pay(till);
            assert!(matches!(heard, Heard::Declined(_) | Heard::DeclinedAsk(_)), "{heard:?}");
            till.wait(60_000);
            assert_eq!(till.money(NUMBER), (0, 0));
        },
    );
    check(
        |dials| (dials.payer_declined, dials.decline_charges) = (1000, 1000),
        |till| {
            pay(till);
            assert_ne!(till.query(NUMBER), PAID);
            till.wait(10_000);
            assert_eq!(till.query(NUMBER), PAID);
        },
    );
}

#[test]
fn wallets_ask_for_a_password_by_their_rules() {
    check(
        |dials| (dials.wallet_rules, dials.password_above) = (true, 2_499),
        |till| {
            assert_eq!(pay(till), Heard::Asking);
            till.wait(20_000);
            assert_eq!(till.query(NUMBER), PAID);
        },
    );
    check(
        |dials| (dials.wallet_rules, dials.password_free_per_day) = (true, 0),
        |till| assert_eq!(pay(till), Heard::Asking),
    );
    check(
        |dials| (dials.wallet_rules, dials.payers) = (true, 1),
        |till| {
            assert_eq!(pay(till), PAID);
            assert_eq!(pay_as(till, SECOND, 1), Heard::Asking, "the same amount within a minute");
            till.wait(120_000);
            assert_eq!(pay_as(till, "S20260315100002", 2), PAID);
        },
    );
    check(
        |dials| (dials.wallet_rules, dials.payers, dials.same_amount_within_ms) = (true, 1, 0),
        |till| assert_eq!([pay(till), pay_as(till, SECOND, 1)], [PAID, PAID]),
    );
}

#[test]
fn pay_messages_fail_before_and_after_the_work() {
    let charged: [Turn; 6] = [
        |dials| dials.pay_error_charged = 1000,
        |dials| dials.pay_answer_lost = 1000,
        |dials| dials.wrong_signature = 1000,
        |dials| dials.bad_gateway = 1000,
        |dials| dials.truncated = 1000,
        |dials| dials.unsigned_refusal = 1000,
    ];
    for turn in charged {
        check(turn, |till| {
            assert!(is_unknown(&pay(till)));
            assert_eq!(till.money(NUMBER), (2_500, 0));
        });
    }
    let lost: [Turn; 2] = [|dials| dials.pay_error_lost = 1000, |dials| dials.pay_request_lost = 1000];
    for turn in lost {
        check(turn, |till| {
            assert!(is_unknown(&pay(till)));
            assert_eq!(till.query(NUMBER), Heard::NotFound);
            assert_eq!(till.money(NUMBER), (0, 0));
        });
    }
}

#[test]
fn texts_are_spelt_wrongly() {
    check(
        |dials| dials.bom = 1000,
        |till| {
            let request = till.tongue.pay(NUMBER, 2_500, &plain(till.tongue, 0), till.now_ms);
            let body = till.call(&request).response.unwrap().body;
            assert_eq!(body[..3], [0xef, 0xbb, 0xbf]);
            assert!(std::str::from_utf8(&body).is_ok());
        },
    );
    check(
        |dials| (dials.charset, dials.query_not_found) = (1000, 0),
        |till| {
            let request = till.tongue.query(NUMBER, till.now_ms);
            let body = till.call(&request).response.unwrap().body;
            assert_eq!(body[..3], [0xef, 0xbb, 0xbf]);
            assert!(std::str::from_utf8(&body).is_err(), "the text beside the code is Chinese, in GBK");
        },
    );
}

#[test]
fn a_pay_held_up_arrives_late_and_meets_what_the_reversal_left() {
    let outcome = |turn: Turn| {
        let mut charged = Vec::new();
        for tongue in tongues() {
            let mut till = Till::new(turned(turn), &*tongue);
            assert_eq!(pay(&mut till), Heard::Unknown("silence".to_owned()));
            assert_eq!(till.query(NUMBER), Heard::NotFound);
            assert!(matches!(till.reverse(NUMBER), Heard::Reversed { .. }));
            assert!(till.simulator.next_due().is_some_and(|at| at <= MORNING + 600_000));
            till.wait(600_000);
            charged.push((tongue.name(), till.money(NUMBER).0 > 0));
        }
        charged
    };
    // This seed holds the request up for longer than the till waits before it reverses.
    let late = outcome(|dials| dials.pay_late = 1000);
    assert!(late.iter().all(|(prefix, charged)| *charged == (*prefix == "28")), "{late:?}");
    let tombstone =
        outcome(|dials| (dials.pay_late, dials.unseen_reversal) = (1000, UnseenReversal::Tombstone));
    assert!(tombstone.iter().all(|(_, charged)| !charged), "{tombstone:?}");
    let nothing = outcome(|dials| (dials.pay_late, dials.unseen_reversal) = (1000, UnseenReversal::Nothing));
    assert!(nothing.iter().all(|(_, charged)| *charged), "{nothing:?}");
    check(
        |dials| (dials.pay_late, dials.pay_late_ms_max) = (1000, 1),
        |till| {
            pay(till);
            assert_eq!(till.query(NUMBER), PAID);
        },
    );
}

#[test]
fn a_request_delivered_twice_charges_once_and_answers_as_a_repeat() {
    check(
        |dials| dials.pay_twice = 1000,
        |till| {
            let repeat = match till.tongue.name() {
                // The identical request is answered as it stands (wechat.md §13).
                "wechat_v3" => {
                    assert_eq!(pay(till), PAID);
                    assert_eq!(till.money(NUMBER), (2_500, 0));
                    return;
                }
                "28" => "ACQ.TRADE_HAS_SUCCESS",
                "icbc" => "5920001",
                "acp" => "12",
                _ => "ORDERPAID",
            };
            assert_eq!(pay(till), Heard::Unknown(repeat.to_owned()));
            assert_eq!(till.money(NUMBER), (2_500, 0));
        },
    );
    check(
        |dials| (dials.pay_twice, dials.own_code_is_used) = (1000, true),
        |till| {
            let code_first = ["13", "62"].contains(&till.tongue.name());
            assert_eq!(matches!(pay(till), Heard::Declined(_)), code_first);
            assert_eq!(till.money(NUMBER), (2_500, 0));
        },
    );
}

#[test]
fn calls_above_the_rate_are_refused() {
    check(
        |dials| dials.pay_per_second_max = Some(1),
        |till| {
            assert_eq!(pay(till), PAID);
            assert!(is_unknown(&pay_as(till, SECOND, 1)));
            assert_eq!(till.simulator.ledger_of(SECOND), []);
            till.wait(1_000);
            assert_eq!(pay_as(till, SECOND, 2), PAID);
        },
    );
}

#[test]
fn queries_fail_lie_and_lag() {
    let failing: [Turn; 3] = [
        |dials| dials.query_error = 1000,
        |dials| dials.query_limited = 1000,
        |dials| dials.query_lost = 1000,
    ];
    for turn in failing {
        check(turn, |till| {
            pay(till);
            assert_eq!(till.money(NUMBER), (2_500, 0));
            assert!(is_unknown(&till.query(NUMBER)));
        });
    }
    check(
        |dials| dials.query_not_found = 1000,
        |till| {
            pay(till);
            assert_eq!(till.query(NUMBER), Heard::NotFound);
        },
    );
    check(
        |dials| dials.query_lag_ms_max = 60_000,
        |till| {
            pay(till);
            till.wait(10_000);
            let heard: Vec<Heard> = (0..20).map(|_| till.query(NUMBER)).collect();
            assert!(heard.contains(&Heard::NotFound) && heard.contains(&PAID), "{heard:?}");
            till.wait(60_000);
            assert!((0..20).all(|_| till.query(NUMBER) == PAID));
        },
    );
}

#[test]
fn reversals_fail_and_lie() {
    let undone: [Turn; 6] = [
        |dials| dials.reverse_again = 1000,
        |dials| dials.reverse_does_nothing = 1000,
        |dials| dials.reverse_still_paying = 1000,
        |dials| dials.reverse_refused = 1000,
        |dials| dials.reverse_error = 1000,
        |dials| dials.reverse_request_lost = 1000,
    ];
    let mut heard = Vec::new();
    for turn in undone {
        for tongue in tongues() {
            let mut till = Till::new(turned(turn), &*tongue);
            pay(&mut till);
            heard.push(till.reverse(NUMBER));
            assert_eq!(till.money(NUMBER), (2_500, 0));
            assert_eq!(till.query(NUMBER), PAID);
        }
    }
    assert!(heard.contains(&Heard::Again) && heard.contains(&Heard::StillPaying), "{heard:?}");
    assert!(heard.iter().any(|heard| matches!(heard, Heard::Cannot(_))), "{heard:?}");
    assert!(heard.iter().any(|heard| matches!(heard, Heard::Reversed { .. })), "{heard:?}");
    let done: [Turn; 2] = [|dials| dials.reverse_error_done = 1000, |dials| dials.reverse_answer_lost = 1000];
    for turn in done {
        check(turn, |till| {
            pay(till);
            let heard = till.reverse(NUMBER);
            assert!(matches!(heard, Heard::Unknown(_) | Heard::Again), "{heard:?}");
            assert_eq!(till.money(NUMBER), (2_500, 2_500));
        });
    }
    check(
        |dials| dials.funds_short = 1000,
        |till| {
            pay(till);
            assert!(matches!(till.reverse(NUMBER), Heard::Cannot(_)));
            assert_eq!(till.money(NUMBER), (2_500, 0));
        },
    );
}

#[test]
fn signed_answers_tell_of_another_order_amount_or_merchant() {
    check(
        |dials| dials.other_amount = 1000,
        |till| {
            assert_eq!(pay(till), Heard::Paid { total: 2_501, paid: 2_501 });
            assert_eq!(till.money(NUMBER), (2_500, 0));
        },
    );
    check(
        |dials| dials.other_order = 1000,
        |till| {
            pay(till);
            assert_eq!(pay_as(till, SECOND, 1), Heard::Unknown("not ours".to_owned()));
            assert_eq!(till.query(SECOND), Heard::Unknown("not ours".to_owned()));
        },
    );
    check(
        |dials| dials.other_merchant = 1000,
        |till| {
            // An Alipay answer names no merchant: there is nothing to bend (alipay.md §3.2).
            let names = till.tongue.prefix() != "28";
            assert_eq!(pay(till) == Heard::Unknown("not ours".to_owned()), names);
        },
    );
}

#[test]
fn answers_are_slow() {
    check(
        |dials| (dials.slow, dials.slow_ms_max) = (1000, 8_000),
        |till| {
            assert_eq!(pay(till), PAID);
            assert!((MORNING + 500..=MORNING + 8_000).contains(&till.now_ms));
        },
    );
}

#[test]
fn a_codes_freshness_is_a_dial() {
    check(
        |dials| (dials.code_fresh_ms, dials.pay_error_lost) = (0, 0),
        |till| {
            pay(till);
            till.wait(1);
            let heard = pay_as(till, SECOND, 0);
            assert!(matches!(heard, Heard::Declined(_)), "{heard:?}");
        },
    );
}

#[test]
fn what_wechat_shows_of_unseen_and_unpaid_reversals_is_a_dial() {
    let tongue = common::wechat::wechat();
    let mut till = Till::new(turned(|dials| dials.unseen_answer = UnseenAnswer::Invalid), &tongue);
    assert_eq!(till.reverse(NUMBER), Heard::Cannot("INVALID_TRANSACTIONID".to_owned()));
    let turns: [(Turn, &str); 2] = [
        (|dials| (dials.payer_refuses, dials.unpaid_shows) = (1000, UnpaidShows::Closed), "CLOSED"),
        (|dials| (dials.payer_refuses, dials.unpaid_shows) = (1000, UnpaidShows::Revoked), "REVOKED"),
    ];
    for (turn, state) in turns {
        let mut till = Till::new(turned(turn), &tongue);
        pay(&mut till);
        till.wait(41_000);
        till.reverse(NUMBER);
        let response = till.call(&tongue.query(NUMBER, 0)).response.unwrap();
        assert_eq!(tongue.fields(&response).unwrap().get("trade_state"), Some(state));
    }
}
