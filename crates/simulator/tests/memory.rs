//! What a killed process loses: nothing. And a run repeats to the byte.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{MORNING, Tongue, settings, tongues};
use proptest::prelude::*;
use simulator::{Caller, Dials, LedgerLine, Reaction, RestoreError, Simulator};

/// One call of a random play.
#[derive(Clone, Copy, Debug)]
struct Move {
    wait_ms: i64,
    channel: usize,
    number: u8,
    kind: u8,
    code: u16,
    amount: i64,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let waits = prop_oneof![Just(0_i64), 0..5_000_i64, 0..120_000_i64];
    let one = (waits, 0..tongues().len(), 0..6_u8, 0..9_u8, 0..12_u16, 1..200_000_i64);
    let one = one.prop_map(|(wait_ms, channel, number, kind, code, amount)| Move {
        wait_ms,
        channel,
        number,
        kind,
        code,
        amount,
    });
    prop::collection::vec(one, 1..60)
}

/// Numbers and codes are few, so that they meet; every third code is a script's.
fn play(
    simulator: &mut Simulator,
    tongues: &[Box<dyn Tongue>],
    now_ms: &mut i64,
    step: Move,
) -> Option<Reaction> {
    let tongue = &*tongues[step.channel];
    *now_ms += step.wait_ms;
    let number = format!("S2026031500{:04}", step.number);
    let scripted = ["104", "105", "403", "405"][usize::from(step.code / 3)];
    let code = match step.code % 3 {
        0 => format!("{}0000{scripted}{:0width$}", tongue.prefix(), 1, width = tongue.length() - 9),
        _ => format!("{}45678901234{:0width$}", tongue.prefix(), step.code, width = tongue.length() - 13),
    };
    let request = match step.kind {
        0 | 1 => tongue.pay(&number, step.amount, &code, *now_ms),
        2 => tongue.query(&number, *now_ms),
        3 | 4 => tongue.reverse(&number, *now_ms),
        5 | 6 => {
            // The order's true amount, mostly: what is charged here has no coupon.
            let total = simulator.ledger_of(&number).first().map_or(step.amount, |line| line.charged);
            let part = if step.code.is_multiple_of(2) { total } else { 1 + total / 3 };
            tongue.refund((&number, total), (&format!("R{}-{}", step.number, step.code % 4), part), *now_ms)
        }
        7 => tongue.refund_query(&number, &format!("R{}-{}", step.number, step.code % 4), *now_ms),
        _ => {
            simulator.confirm(*now_ms, &number);
            return None;
        }
    };
    let caller = Caller { client_certificate: true, certificate_mch_id: None };
    Some(simulator.handle(*now_ms, caller, &request))
}

fn remember(records: &mut BTreeMap<String, String>, simulator: &mut Simulator) {
    for change in simulator.changes() {
        match change.value {
            Some(value) => _ = records.insert(change.key, value),
            None => _ = records.remove(&change.key),
        }
    }
}

/// I-1 of every ledger: what goes back was charged, and an order is charged once, for its amount less its coupon.
fn sound(before: &[LedgerLine], after: &[LedgerLine], paid_max: i64) {
    for line in after {
        assert!(0 <= line.returned && line.returned <= line.charged, "{line:?}");
        let refunded = |states: &[&str]| {
            let counted = line.refunds.iter().filter(|refund| states.contains(&refund.state.as_str()));
            counted.map(|refund| refund.amount).sum::<i64>()
        };
        let reversed = line.state == "reversed";
        assert_eq!(line.returned, if reversed { line.charged } else { refunded(&["done"]) }, "{line:?}");
        assert!(refunded(&["done", "pending", "abnormal"]) <= line.charged, "{line:?}");
        assert!(!reversed || line.refunds.is_empty(), "what is refunded is not reversed: {line:?}");
        let numbers: BTreeSet<&str> =
            line.refunds.iter().map(|refund| refund.out_refund_no.as_str()).collect();
        assert_eq!(numbers.len(), line.refunds.len(), "{line:?}");
        assert!(line.charged <= paid_max, "{line:?}");
        assert!(line.state != "paid" || line.charged > 0, "{line:?}");
        assert!(
            !["absent", "barred", "asking", "unpaid", "closed"].contains(&&*line.state) || line.charged == 0
        );
        let was = before
            .iter()
            .find(|was| (&was.channel, &was.out_trade_no) == (&line.channel, &line.out_trade_no));
        if let Some(was) = was {
            assert!(was.charged == 0 || was.charged == line.charged, "charged twice: {was:?} {line:?}");
            assert!(was.returned <= line.returned, "{was:?} {line:?}");
            assert!(was.state != "reversed" || line.state == "reversed", "{was:?} {line:?}");
            assert!(was.state != "barred" || line.state == "barred", "{was:?} {line:?}");
        }
    }
    assert!(before.len() <= after.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restored_simulator_goes_on_to_the_byte(plays in moves(), seed in 0..2_000_u64, cut in 0..60_usize) {
        let settings = settings(Dials::hostile(seed));
        let mut whole = Simulator::new(settings.clone(), seed);
        let mut torn = Simulator::new(settings.clone(), seed);
        let mut records = BTreeMap::new();
        let (mut now, mut torn_now) = (MORNING, MORNING);
        let (whole_tongues, torn_tongues) = (tongues(), tongues());
        for (at, step) in plays.into_iter().enumerate() {
            if at == cut {
                torn = Simulator::restore(settings.clone(), seed, records.clone().into_iter()).unwrap();
            }
            let reaction = play(&mut whole, &whole_tongues, &mut now, step);
            prop_assert_eq!(reaction, play(&mut torn, &torn_tongues, &mut torn_now, step));
            remember(&mut records, &mut torn);
        }
        prop_assert_eq!(whole.next_due(), torn.next_due());
        prop_assert_eq!(whole.prompts(now), torn.prompts(now));
        prop_assert_eq!(whole.ledger(), torn.ledger());
    }

    #[test]
    fn the_ledger_stays_sound_whatever_is_called(plays in moves(), seed in 0..2_000_u64) {
        let mut simulator = Simulator::new(settings(Dials::hostile(seed)), seed);
        let (mut now, mut before) = (MORNING, Vec::new());
        let paid_max = plays.iter().map(|step| step.amount).max().unwrap_or(0);
        let tongues = tongues();
        for step in plays {
            play(&mut simulator, &tongues, &mut now, step);
            let after = simulator.ledger();
            sound(&before, &after, paid_max);
            before = after;
        }
        simulator.settle_time(now + 86_400_000);
        sound(&before, &simulator.ledger(), paid_max);
        prop_assert!(simulator.next_due().is_none_or(|at| at > now + 86_400_000));
    }

    #[test]
    fn what_happens_to_an_order_does_not_depend_on_its_neighbours(seed in 0..2_000_u64) {
        let dials = Dials { wallet_rules: false, pay_per_second_max: None, other_order: 0, ..Dials::hostile(seed) };
        let request = |number: u8| Move { wait_ms: 0, channel: 0, number, kind: 0, code: u16::from(number) * 3 + 1, amount: 100 };
        let mut alone = Simulator::new(settings(dials.clone()), seed);
        let mut among = Simulator::new(settings(dials), seed);
        let (mut now, mut among_now) = (MORNING, MORNING);
        let tongues = tongues();
        play(&mut among, &tongues, &mut among_now, request(1));
        let reaction = play(&mut alone, &tongues, &mut now, request(2));
        prop_assert_eq!(reaction, play(&mut among, &tongues, &mut among_now, request(2)));
    }
}

#[test]
fn changes_are_drained_once_and_name_their_record() {
    let tongues = tongues();
    let mut simulator = common::gentle();
    let request = tongues[0].pay("S20260315100000", 100, "134567890123456789", MORNING);
    simulator.handle(MORNING, Caller::default(), &request);
    let keys: Vec<String> = simulator.changes().into_iter().map(|change| change.key).collect();
    assert_eq!(keys, ["order/wechat/1900000109/S20260315100000", "code/134567890123456789"]);
    assert_eq!(simulator.changes(), []);
}

#[test]
fn records_of_something_else_are_refused() {
    let restore = |key: &str, value: &str| {
        let records = [(key.to_owned(), value.to_owned())];
        Simulator::restore(settings(Dials::gentle()), 7, records.into_iter()).err()
    };
    assert_eq!(restore("order", "{}"), Some(RestoreError::UnknownKey("order".to_owned())));
    assert_eq!(restore("tram/9", "{}"), Some(RestoreError::UnknownKey("tram/9".to_owned())));
    assert!(matches!(restore("order/wechat/1/S1", "{"), Some(RestoreError::Unreadable { .. })));
}
