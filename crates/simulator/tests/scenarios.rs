//! Every scenario at every channel: the status a well-behaved till ends with, and what the ledger says.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::{Heard, Till, Tongue, gentle, tongues};
use simulator::scenario::{self, Scenario};
use simulator::{Dials, Settings, Simulator};
use wire::http::Request;

fn play<'a>(scenario: &Scenario, tongue: &'a dyn Tongue, amount: i64) -> (Till<'a>, &'static str) {
    let mut till = Till::new(gentle(), tongue);
    let status = till.sell("S20260315100000", amount, &scenario.code(tongue.prefix(), tongue.length(), 1));
    (till, status)
}

#[test]
fn every_scenario_ends_as_the_table_says() {
    for tongue in tongues() {
        for scenario in scenario::all().iter().filter(|scenario| scenario.is_played()) {
            for amount in [1, 1_250, 99_999] {
                let (mut till, status) = play(scenario, &*tongue, amount);
                let at = format!("{} {:03} {amount}: {:?}", tongue.prefix(), scenario.number, till.log);
                assert_eq!(status, scenario.status, "{at}");
                let (charged, returned) = till.money("S20260315100000");
                assert_eq!(Some(charged), scenario.charged(amount), "{at}");
                assert_eq!(Some(charged - returned), scenario.net(amount), "{at}");
                assert!(till.now_ms - common::MORNING <= 100_000, "{at}");
            }
        }
    }
}

/// The first answers of a scenario, as the wire told them.
fn check(number: u16, expected: &[(&str, &[Heard])]) {
    let scenario = scenario::find(number).unwrap();
    for tongue in tongues() {
        let (till, _) = play(scenario, &*tongue, 2_500);
        let heard: Vec<_> = till.log.iter().map(|(_, heard)| heard.clone()).collect();
        // What is said over ICBC, ACP and WeChat's V3 stands in files of their own.
        let Some((_, first)) = expected.iter().find(|(name, _)| *name == tongue.name()) else {
            assert!(["icbc", "acp", "wechat_v3"].contains(&tongue.name()));
            continue;
        };
        assert_eq!(heard[..first.len().min(heard.len())], **first, "{number} {}", tongue.prefix());
    }
}

const PAID: Heard = Heard::Paid { total: 2_500, paid: 2_500 };

fn unknown(why: &str) -> Heard {
    Heard::Unknown(why.to_owned())
}

fn declined(why: &str) -> Heard {
    Heard::Declined(why.to_owned())
}

fn declined_ask(why: &str) -> Heard {
    Heard::DeclinedAsk(why.to_owned())
}

#[test]
fn passwords_are_asked_and_answered_on_the_wire() {
    check(0, &[("13", &[PAID]), ("28", &[PAID]), ("62", &[PAID])]);
    let soon = [Heard::Asking, PAID];
    check(101, &[("13", &soon), ("28", &soon), ("62", &soon)]);
    let asked = [Heard::Asking, Heard::Asking, Heard::Asking, Heard::Asking, Heard::Asking, PAID];
    check(102, &[("13", &asked), ("28", &asked), ("62", &asked)]);
    let refused = [Heard::Asking, Heard::Asking, Heard::NotPaid];
    // Alipay does not tell a refusal from waiting (alipay.md §15).
    let asks = [Heard::Asking, Heard::Asking, Heard::Asking];
    check(103, &[("13", &refused), ("28", &asks), ("62", &refused)]);
    // Only Alipay leaves a question open for longer than the till waits.
    let asking = |times: usize| vec![Heard::Asking; times];
    let ended = [asking(6), vec![Heard::MustReverse]].concat();
    check(104, &[("13", &ended), ("28", &asking(10)), ("62", &ended)]);
}

#[test]
fn declines_have_each_channels_own_code() {
    let table = [
        (201, declined("NOTENOUGH"), declined("ACQ.BUYER_BALANCE_NOT_ENOUGH"), "64"),
        (202, declined("AUTHCODEEXPIRE"), declined("ACQ.PAYMENT_AUTH_CODE_INVALID"), "86"),
        (203, declined("AUTH_CODE_INVALID"), declined("ACQ.PAYMENT_AUTH_CODE_INVALID"), "86"),
        (204, declined("AUTH_CODE_ERROR"), declined("ACQ.PAYMENT_AUTH_CODE_INVALID"), "88"),
        (205, declined_ask("TRADE_ERROR"), declined("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"), "33"),
        (206, declined_ask("TRADE_ERROR"), declined("ACQ.PAYMENT_REQUEST_HAS_RISK"), "38"),
        (207, declined("NOTSUPORTCARD"), declined("ACQ.NOT_SUPPORT_PAYMENT_INST"), "68"),
        (208, declined_ask("TRADE_ERROR"), declined("ACQ.BUYER_ENABLE_STATUS_FORBID"), "61"),
        (209, declined("NOAUTH"), declined("ACQ.ACCESS_FORBIDDEN"), "NOAUTH"),
    ];
    for (number, wechat, alipay, qra) in table {
        // On QRA a payer who fails leaves an order, a refused code or merchant none (unionpay.md §13).
        let payers = [201, 205, 206, 207, 208].contains(&number);
        let left = if payers { Heard::MustReverse } else { Heard::NotFound };
        let (wechat, alipay) = ([wechat, Heard::NotFound], [alipay, Heard::NotFound]);
        check(number, &[("13", &wechat), ("28", &alipay), ("62", &[declined(qra), left])]);
    }
    check(
        405,
        &[
            ("13", &[declined("NOTENOUGH"), PAID, Heard::Reversed { refunded: None }, Heard::Closed]),
            (
                "28",
                &[
                    declined("ACQ.BUYER_BALANCE_NOT_ENOUGH"),
                    PAID,
                    Heard::Reversed { refunded: Some(true) },
                    Heard::Closed,
                ],
            ),
            ("62", &[declined("64"), PAID, Heard::Reversed { refunded: None }, Heard::Closed]),
        ],
    );
}

#[test]
fn failing_messages_hide_what_was_done() {
    let (system, acq) = (unknown("SYSTEMERROR"), unknown("ACQ.SYSTEM_ERROR"));
    let then = |first: &Heard, second: Heard| [first.clone(), second];
    let charged = then(&system, PAID);
    check(301, &[("13", &charged), ("28", &then(&acq, PAID)), ("62", &charged)]);
    let never = then(&system, Heard::NotFound);
    check(302, &[("13", &never), ("28", &then(&acq, Heard::NotFound)), ("62", &never)]);
    for (number, why) in [(303, "cut"), (305, "silence"), (306, "status 502"), (308, "truncated")] {
        let told = then(&unknown(why), PAID);
        check(number, &[("13", &told), ("28", &told), ("62", &told)]);
    }
    let cut = then(&unknown("cut"), Heard::NotFound);
    check(304, &[("13", &cut), ("28", &cut), ("62", &cut)]);
    check(
        402,
        &[
            ("13", &[system.clone(), Heard::NotFound, PAID]),
            ("28", &[acq, Heard::NotFound, PAID]),
            ("62", &[system, Heard::NotFound, PAID]),
        ],
    );
}

#[test]
fn failing_queries_fail_as_often_as_scripted() {
    let (busy, limited) = (unknown("FREQUENCY_LIMITED"), unknown("40005 isv.app-call-limited"));
    check(
        309,
        &[
            ("13", &[Heard::Asking, busy.clone(), busy.clone(), PAID]),
            ("62", &[Heard::Asking, busy.clone(), busy, PAID]),
            ("28", &[Heard::Asking, limited.clone(), limited, PAID]),
        ],
    );
    let (system, failed) = (unknown("SYSTEMERROR"), unknown("ACQ.SYSTEM_ERROR"));
    check(
        401,
        &[
            ("13", &[Heard::Asking, system.clone(), system.clone(), system.clone(), PAID]),
            ("62", &[Heard::Asking, system.clone(), system.clone(), system, PAID]),
            ("28", &[Heard::Asking, failed.clone(), failed.clone(), failed, PAID]),
        ],
    );
}

#[test]
fn an_unreadable_answer_is_signed_wrongly_or_spelt_wrongly() {
    for number in [307, 310] {
        for tongue in tongues() {
            let (till, _) = play(scenario::find(number).unwrap(), &*tongue, 2_500);
            assert!(matches!(till.log[0].1, Heard::Unknown(_)), "{number}: {:?}", till.log);
            assert_eq!(till.log[1].1, PAID);
        }
    }
}

#[test]
fn reversals_answer_as_scripted() {
    for tongue in tongues() {
        let reversals = |number| {
            let (till, _) = play(scenario::find(number).unwrap(), &*tongue, 2_500);
            let answers = till.log.into_iter().map(|(_, heard)| heard);
            let told = |heard: &Heard| {
                matches!(heard, Heard::Reversed { .. } | Heard::Again | Heard::StillPaying | Heard::Cannot(_))
            };
            answers.filter(told).collect::<Vec<_>>()
        };
        let says = ["28", "icbc"].contains(&tongue.name());
        let done = |refunded: bool| Heard::Reversed { refunded: says.then_some(refunded) };
        assert_eq!(reversals(104), [done(false)]);
        assert_eq!(reversals(105), [done(true)]);
        assert_eq!(reversals(403), [Heard::Again, Heard::Again, done(false)]);
        assert!(matches!(&reversals(404)[..], [Heard::Cannot(_)]));
    }
}

#[test]
fn without_the_channels_expiry_an_order_stays_open_for_ever() {
    for tongue in tongues() {
        let (mut till, status) = play(scenario::find(404).unwrap(), &*tongue, 2_500);
        assert_eq!(status, "suspended");
        till.wait(3 * 86_400_000);
        assert_eq!(till.query("S20260315100000"), Heard::Asking);
    }
}

#[test]
fn the_phone_page_decides_where_the_payer_waits_for_it() {
    for tongue in tongues() {
        let scenario = scenario::find(106).unwrap();
        let number = "S20260315100000";
        let mut till = Till::new(gentle(), &*tongue);
        assert_eq!(
            till.pay(number, 2_500, &scenario.code(tongue.prefix(), tongue.length(), 1)),
            Heard::Asking
        );
        till.wait(4_000);
        let prompts = till.simulator.prompts(till.now_ms);
        assert_eq!(prompts.len(), 1);
        assert_eq!((prompts[0].out_trade_no.as_str(), prompts[0].amount), (number, 2_500));
        assert_eq!(prompts[0].since, common::MORNING);
        assert!(till.simulator.confirm(till.now_ms, number));
        assert!(!till.simulator.refuse(till.now_ms, number));
        assert_eq!(till.query(number), PAID);
        assert_eq!(till.simulator.prompts(till.now_ms), []);
    }
}

#[test]
fn a_header_chooses_a_script_as_a_code_does() {
    for tongue in tongues() {
        let mut till = Till::new(gentle(), &*tongue);
        let code = format!("{}{:0width$}", tongue.prefix(), 1_u64 << 50, width = tongue.length() - 2);
        let mut request = tongue.pay("S20260315100001", 2_500, &code, till.now_ms);
        request.headers.push(("X-Sim-Scenario".to_owned(), "101".to_owned()));
        assert_eq!(decided(&mut till, &request, "S20260315100001"), Heard::Asking);
    }
}

/// What a pay request comes to; where it is only accepted, a query tells.
fn decided(till: &mut Till<'_>, request: &Request, number: &str) -> Heard {
    let response = till.call(request).response.unwrap();
    match till.tongue.hear_pay(&response, number) {
        Heard::Accepted => till.query(number),
        heard => heard,
    }
}

#[test]
fn every_scenario_has_a_text_in_both_languages() {
    for scenario in scenario::all() {
        assert!(!scenario.en.is_empty() && !scenario.zh.is_ascii());
        assert!(["paid", "failed", "reversed", "suspended"].contains(&scenario.status));
    }
}

#[test]
fn where_scripts_are_not_obeyed_their_codes_are_plain_codes() {
    for tongue in tongues() {
        let settings = Settings { scenarios: false, ..common::settings(Dials::gentle()) };
        let mut till = Till::new(Simulator::new(settings, 7), &*tongue);
        let code = scenario::find(201).unwrap().code(tongue.prefix(), tongue.length(), 1);
        let mut request = tongue.pay("S20260315100000", 2_500, &code, till.now_ms);
        request.headers.push(("x-sim-scenario".to_owned(), "201".to_owned()));
        assert_eq!(decided(&mut till, &request, "S20260315100000"), PAID);
    }
}
