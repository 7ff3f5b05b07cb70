//! Refunds at every channel: scripts, faults, and what the ledger says.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::{Back, Heard, Till, Tongue, gentle, tongues, turned};
use simulator::{Dials, Simulator, scenario};

const NUMBER: &str = "S20260315100000";
const ORDER: (&str, i64) = (NUMBER, 1_000);

fn plain(tongue: &dyn Tongue, last: u64) -> String {
    format!("{}{:0width$}", tongue.prefix(), 4_567_890_123_456_780 + last, width = tongue.length() - 2)
}

/// A till that sold for 10.00.
fn sold(simulator: Simulator, tongue: &dyn Tongue) -> Till<'_> {
    let mut till = Till::new(simulator, tongue);
    till.pay(NUMBER, 1_000, &plain(tongue, 9));
    assert_eq!(till.money(NUMBER), (1_000, 0));
    till
}

fn scripted(number: u16, tongue: &dyn Tongue) -> Till<'_> {
    let mut till = Till::new(gentle(), tongue);
    let code = scenario::find(number).unwrap().code(tongue.prefix(), tongue.length(), 1);
    assert_eq!(till.pay(NUMBER, 1_000, &code), Heard::Paid { total: 1_000, paid: 1_000 });
    till
}

/// WeChat says only that a refund is taken up, Alipay that money moved.
fn at_once(tongue: &dyn Tongue, amount: i64) -> Back {
    if tongue.prefix() == "28" { Back::Done(amount) } else { Back::Taken }
}

/// WeChat shows a refund that is under way; Alipay shows nothing until it is done.
fn under_way(tongue: &dyn Tongue) -> Back {
    if tongue.prefix() == "28" { Back::Nothing } else { Back::Taken }
}

/// What V3 says in place of a code of V2 (wechat.md §5.5, §13).
fn v3(code: &str) -> &str {
    match code {
        "ERROR" | "PARAM_ERROR" | "TRADE_OVERDUE" => "INVALID_REQUEST",
        "NOTENOUGH" => "NOT_ENOUGH",
        "ORDERNOTEXIST" => "RESOURCE_NOT_EXISTS",
        other => other,
    }
}

fn refused(tongue: &dyn Tongue, wechat: &str, alipay: &str, icbc: &str, acp: &str) -> Back {
    let code = match tongue.name() {
        "28" => alipay,
        "icbc" => icbc,
        "acp" => acp,
        "wechat_v3" => v3(wechat),
        _ => wechat,
    };
    Back::Refused(code.to_owned())
}

#[test]
fn a_sale_goes_back_in_parts() {
    for tongue in tongues() {
        let mut till = sold(gentle(), &*tongue);
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Nothing);
        assert_eq!(till.refund(ORDER, ("R1", 300)), at_once(&*tongue, 300));
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Done(300));
        assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Taken, "the same refund again");
        assert_eq!(till.money(NUMBER), (1_000, 300));
        assert_eq!(till.query(NUMBER), Heard::Paid { total: 1_000, paid: 1_000 });
        // QRA answers the same number as it did the first time (unionpay.md §13).
        let other = match tongue.name() {
            "62" => Back::Unknown("not ours".to_owned()),
            // "Duplicate", whatever else it says (unionpay.md §5.4).
            "acp" => Back::Taken,
            _ => refused(&*tongue, "PARAM_ERROR", "ACQ.DISCORDANT_REPEAT_REQUEST", "5920007", ""),
        };
        assert_eq!(till.refund(ORDER, ("R1", 301)), other);
        let too_much = refused(&*tongue, "ERROR", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "5920002", "36");
        assert_eq!(till.refund(ORDER, ("R2", 701)), too_much);
        assert_eq!(till.refund(ORDER, ("R2", 700)), at_once(&*tongue, 700));
        assert_eq!(till.refund_query(NUMBER, "R2"), Back::Done(700));
        assert_eq!(till.money(NUMBER), (1_000, 1_000));
        assert_eq!(
            till.refund(ORDER, ("R3", 1)),
            refused(&*tongue, "ERROR", "ACQ.TRADE_HAS_CLOSE", "5920002", "45")
        );
        assert_eq!(till.refund_query(NUMBER, "R3"), Back::Nothing);
        let line = till.line(NUMBER);
        let told: Vec<_> = line
            .refunds
            .iter()
            .map(|refund| (&*refund.out_refund_no, refund.amount, &*refund.state))
            .collect();
        let (one, two) = (tongue.refund_no("R1"), tongue.refund_no("R2"));
        assert_eq!(told, [(&*one, 300, "done"), (&*two, 700, "done")]);
    }
}

#[test]
fn a_refunded_order_is_not_reversed() {
    for tongue in tongues() {
        let mut till = sold(gentle(), &*tongue);
        till.refund(ORDER, ("R1", 1));
        let code = match tongue.name() {
            "28" => "ACQ.REASON_TRADE_REFUND_FEE_ERR",
            "icbc" => "93008595",
            "acp" => "45",
            _ => "TRADE_ERROR",
        };
        assert_eq!(till.reverse(NUMBER), Heard::Cannot(code.to_owned()));
        assert_eq!(till.money(NUMBER), (1_000, 1));
        till.refund(ORDER, ("R2", 999));
        assert_eq!(till.reverse(NUMBER), Heard::Cannot(code.to_owned()));
        assert_eq!(till.money(NUMBER), (1_000, 1_000));
    }
}

#[test]
fn what_is_not_paid_is_not_refunded() {
    for tongue in tongues() {
        let mut till = Till::new(gentle(), &*tongue);
        let unseen = refused(&*tongue, "ORDERNOTEXIST", "ACQ.TRADE_NOT_EXIST", "5940021", "35");
        assert_eq!(till.refund(ORDER, ("R1", 1)), unseen);
        let never = scenario::find(104).unwrap().code(tongue.prefix(), tongue.length(), 1);
        assert_eq!(till.pay(NUMBER, 1_000, &never), Heard::Asking);
        let asking = refused(&*tongue, "ERROR", "ACQ.TRADE_STATUS_ERROR", "5920003", "35");
        assert_eq!(till.refund(ORDER, ("R1", 1)), asking);
        till.wait(40_000);
        till.reverse(NUMBER);
        assert_eq!(
            till.refund(ORDER, ("R1", 1)),
            refused(&*tongue, "ERROR", "ACQ.TRADE_HAS_CLOSE", "93008595", "46")
        );
        assert_eq!(till.money(NUMBER), (0, 0));
    }
}

#[test]
fn a_slow_refund_is_done_five_seconds_later() {
    for tongue in tongues() {
        let mut till = scripted(601, &*tongue);
        assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Taken);
        till.wait(4_999);
        assert_eq!(till.refund_query(NUMBER, "R1"), under_way(&*tongue));
        assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Taken);
        assert_eq!(till.money(NUMBER), (1_000, 0));
        till.wait(1);
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Done(300));
        assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Taken);
        assert_eq!(till.money(NUMBER), (1_000, 300));
    }
}

#[test]
fn a_merchant_without_funds_has_them_five_minutes_later() {
    for tongue in tongues() {
        let mut till = scripted(602, &*tongue);
        let short = refused(&*tongue, "NOTENOUGH", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "5920005", "64");
        till.wait(60_000);
        assert_eq!(till.refund(ORDER, ("R1", 300)), short);
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Nothing);
        till.wait(299_999);
        assert_eq!(till.refund(ORDER, ("R1", 300)), short);
        till.wait(1);
        assert_eq!(till.refund(ORDER, ("R1", 300)), at_once(&*tongue, 300));
        assert_eq!(till.money(NUMBER), (1_000, 300));
    }
}

#[test]
fn a_payer_without_an_account_gets_nothing() {
    for tongue in tongues() {
        let mut till = scripted(603, &*tongue);
        let gone = refused(&*tongue, "USER_ACCOUNT_ABNORMAL", "ACQ.BUYER_NOT_EXIST", "5920008", "61");
        assert_eq!(till.refund(ORDER, ("R1", 300)), gone);
        till.wait(86_400_000);
        assert_eq!(till.refund(ORDER, ("R1", 300)), gone);
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Nothing);
        assert_eq!(till.money(NUMBER), (1_000, 0));
    }
}

#[test]
fn refunds_after_a_year_are_refused() {
    for tongue in tongues() {
        let mut till = sold(gentle(), &*tongue);
        // ACP: a month (unionpay.md §5.4).
        let days = if tongue.name() == "acp" { 30 } else { 365 };
        till.wait(days * 86_400_000);
        assert_eq!(till.refund(ORDER, ("R1", 1)), at_once(&*tongue, 1));
        till.wait(1);
        let late = refused(&*tongue, "TRADE_OVERDUE", "ACQ.TRADE_HAS_FINISHED", "5920004", "39");
        assert_eq!(till.refund(ORDER, ("R2", 1)), late);
        assert_eq!(till.refund(ORDER, ("R1", 1)), Back::Taken, "what was done stays done");
    }
}

/// What the till heard of a refund, and what the ledger says an hour later.
fn check(tongue: &dyn Tongue, turn: fn(&mut Dials), heard: &[&str], returned: i64) {
    let mut till = sold(turned(turn), tongue);
    let answer = match till.refund(ORDER, ("R1", 300)) {
        Back::Unknown(why) => why,
        other => format!("{other:?}"),
    };
    assert!(heard.contains(&answer.as_str()), "{} {answer}", tongue.prefix());
    till.wait(3_600_000);
    assert_eq!(till.money(NUMBER), (1_000, returned), "{} {answer}", tongue.prefix());
}

#[test]
fn failing_messages_hide_what_was_done() {
    const SYSTEM: &[&str] =
        &["SYSTEMERROR", "SYSTEM_ERROR", "BIZERR_NEED_RETRY", "20000", "40004", "system error"];
    for tongue in tongues() {
        let tongue = &*tongue;
        check(tongue, |dials| dials.refund_error = 1_000, SYSTEM, 0);
        check(tongue, |dials| dials.refund_error_done = 1_000, SYSTEM, 300);
        check(tongue, |dials| dials.refund_answer_lost = 1_000, &["cut"], 300);
        check(tongue, |dials| dials.refund_request_lost = 1_000, &["cut"], 0);
        check(tongue, |dials| dials.refund_late = 1_000, &["silence"], 300);
        // The second delivery finds the refund there.
        check(tongue, |dials| dials.refund_twice = 1_000, &["Taken"], 300);
    }
}

#[test]
fn a_wrongly_signed_answer_is_of_a_refund_that_was_done() {
    for tongue in tongues() {
        let mut till = Till::new(turned(|dials| dials.wrong_signature = 1_000), &*tongue);
        till.pay(NUMBER, 1_000, &plain(&*tongue, 9));
        let answer = till.refund(ORDER, ("R1", 300));
        // WeChat's V3 tests its callers with a signature that says so.
        let wrong =
            |why: &str| ["signature is wrong", "place of a signature"].iter().any(|end| why.ends_with(end));
        assert!(matches!(&answer, Back::Unknown(why) if wrong(why)), "{answer:?}");
        assert_eq!(till.money(NUMBER), (1_000, 300));
    }
}

#[test]
fn a_late_request_lands_once_whatever_was_said_meanwhile() {
    for tongue in tongues() {
        let mut till = sold(turned(|dials| dials.refund_late = 1_000), &*tongue);
        assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Unknown("silence".to_owned()));
        assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Unknown("silence".to_owned()));
        assert_eq!(till.money(NUMBER), (1_000, 0));
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Nothing);
        till.wait(600_000);
        assert_eq!(till.refund_query(NUMBER, "R1"), Back::Done(300));
        assert_eq!(till.money(NUMBER), (1_000, 300));
    }
}

#[test]
fn pending_refunds_end_in_every_way() {
    for tongue in tongues() {
        let says = tongue.prefix() != "28";
        let ended = |turn: fn(&mut Dials)| {
            let mut till = sold(turned(turn), &*tongue);
            assert_eq!(till.refund(ORDER, ("R1", 300)), Back::Taken);
            assert_eq!(till.refund_query(NUMBER, "R1"), under_way(&*tongue));
            till.wait(120_000);
            (till.refund_query(NUMBER, "R1"), till.money(NUMBER).1)
        };
        assert_eq!(ended(|dials| dials.refund_pending = 1_000), (Back::Done(300), 300));
        let closes = ended(|dials| (dials.refund_pending, dials.refund_closes) = (1_000, 1_000));
        assert_eq!(closes, (if says { Back::Closed } else { Back::Nothing }, 0));
        let abnormal = ended(|dials| (dials.refund_pending, dials.refund_abnormal) = (1_000, 1_000));
        let stuck = match tongue.name() {
            "28" => Back::Nothing,
            // Doubtful is all that ICBC and ACP can say (icbc.md §3.5, unionpay.md §5.5).
            "icbc" | "acp" => Back::Taken,
            _ => Back::Abnormal,
        };
        assert_eq!(abnormal, (stuck, 0));
    }
}

#[test]
fn a_refund_that_was_closed_frees_its_amount() {
    for tongue in tongues() {
        let mut till =
            sold(turned(|dials| (dials.refund_pending, dials.refund_closes) = (1_000, 1_000)), &*tongue);
        assert_eq!(till.refund(ORDER, ("R1", 1_000)), Back::Taken);
        let taken = refused(&*tongue, "ERROR", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "5920002", "45");
        assert_eq!(till.refund(ORDER, ("R2", 1)), taken);
        till.wait(120_000);
        assert_eq!(till.refund(ORDER, ("R2", 1_000)), Back::Taken);
    }
}

#[test]
fn queries_lag_and_fail_as_dialled() {
    for tongue in tongues() {
        let asked = |turn: fn(&mut Dials)| {
            let mut till = sold(turned(turn), &*tongue);
            till.wait(1_000_000);
            till.refund(ORDER, ("R1", 300));
            till.wait(1);
            till.refund_query(NUMBER, "R1")
        };
        assert_eq!(asked(|dials| dials.query_lag_ms_max = 1_000_000), Back::Nothing);
        assert_eq!(asked(|dials| dials.query_not_found = 1_000), Back::Nothing);
        assert_eq!(asked(|dials| dials.query_lost = 1_000), Back::Unknown("cut".to_owned()));
        assert!(matches!(asked(|dials| dials.query_error = 1_000), Back::Unknown(_)));
        assert!(matches!(asked(|dials| dials.query_limited = 1_000), Back::Unknown(_)));
        assert_eq!(asked(|dials| dials.query_lag_ms_max = 0), Back::Done(300));
    }
}

#[test]
fn bent_answers_tell_of_others() {
    for tongue in tongues() {
        let mut till = sold(gentle(), &*tongue);
        let other = ("S20260315100001", 500);
        till.pay(other.0, other.1, &plain(&*tongue, 0));
        till.refund(other, ("R9", 500));
        till.refund(ORDER, ("R1", 300));
        let book: Vec<_> = till
            .simulator
            .changes()
            .into_iter()
            .filter_map(|change| Some((change.key, change.value?)))
            .collect();
        let bent = |turn: fn(&mut Dials)| {
            let mut dials = Dials::gentle();
            turn(&mut dials);
            let mut till = Till::new(gentle(), &*tongue);
            till.simulator =
                Simulator::restore(common::settings(dials), 7, book.clone().into_iter()).unwrap();
            till.refund_query(NUMBER, "R1")
        };
        assert!(matches!(bent(|dials| dials.other_order = 1_000), Back::Unknown(_)));
        assert_eq!(bent(|dials| dials.other_amount = 1_000), Back::Done(301));
    }
}

#[test]
fn the_published_pauses_and_rates_are_dials() {
    for tongue in tongues() {
        let limited = match tongue.name() {
            "28" => "40005",
            "icbc" => "500032",
            "acp" => "system error",
            _ => "FREQUENCY_LIMITED",
        };
        let limited = Back::Unknown(limited.to_owned());
        let mut till = sold(turned(|dials| dials.refund_pause = true), &*tongue);
        assert_eq!(till.refund(ORDER, ("R1", 1)), at_once(&*tongue, 1));
        // QRA, ICBC and ACP publish no pause.
        if let Some(pause_ms) = [("13", 60_000), ("wechat_v3", 60_000), ("28", 3_000)]
            .into_iter()
            .find(|(p, _)| *p == tongue.name())
        {
            till.wait(pause_ms.1 - 1);
            assert_eq!(till.refund(ORDER, ("R2", 1)), limited);
            till.wait(1);
        }
        assert_eq!(till.refund(ORDER, ("R2", 1)), at_once(&*tongue, 1));
        let mut till = sold(turned(|dials| dials.refund_per_second_max = Some(1)), &*tongue);
        assert_eq!(till.refund(ORDER, ("R1", 1)), at_once(&*tongue, 1));
        assert_eq!(till.refund(ORDER, ("R2", 1)), limited);
        till.wait(1_000);
        assert_eq!(till.refund(ORDER, ("R2", 1)), at_once(&*tongue, 1));
    }
}
