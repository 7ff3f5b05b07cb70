//! Refunds in the ledger, without any channel.

use std::collections::BTreeMap;

use super::*;
use crate::book::{Ask, Book, Check, Failure};
use crate::clearing::{Charge, Dialog, Trace, Undo};
use crate::dial::Dials;
use crate::fault::{Conduct, End, Script, Word, Work};
use crate::payer::Plan;
use crate::record;
use crate::refund::{RefundName, RefundRules};
use crate::scenario;

const MORNING: i64 = 1_773_540_000_000;
const YEAR_MS: i64 = 365 * 86_400_000;

fn key() -> Key {
    Key { account: "tram/1".to_owned(), number: "S1".to_owned() }
}

fn ask(number: &str, amount: i64) -> RefundAsk {
    let rules = RefundRules { parts_max: 3, window_ms: YEAR_MS, pause_ms: 60_000, failed: Failed::Spent };
    RefundAsk {
        number: number.to_owned(),
        refund_no: format!("50{number}"),
        amount,
        rules,
        facts: BTreeMap::new(),
    }
}

/// A paid order of so much, under a script if there is one.
fn paid(dials: Dials, amount: i64, script: Option<Script>) -> Clearing {
    let mut clearing = Clearing { book: Book::default(), dials, seed: 7 };
    clearing.follow("tram", &key(), script);
    clearing.begin("tram", &key(), Call::Pay);
    let ask = Ask {
        amount,
        code: "134567890123456789".to_owned(),
        transaction_no: "T1".to_owned(),
        expires_ms: None,
        life_ms: None,
        dialog_ms: None,
        check: Check::CodeFirst,
        failure: Failure::NoOrder,
        facts: BTreeMap::new(),
    };
    assert_eq!(clearing.charge(MORNING, "tram", &key(), &ask), Charge::Paid);
    clearing
}

fn turned(turn: impl FnOnce(&mut Dials)) -> Clearing {
    let mut dials = Dials::gentle();
    turn(&mut dials);
    paid(dials, 1_000, None)
}

fn gentle() -> Clearing {
    turned(|_| {})
}

fn scripted(number: &str) -> Clearing {
    paid(Dials::gentle(), 1_000, scenario::of_name(number))
}

impl Clearing {
    fn give_back(&mut self, after_ms: i64, number: &str, amount: i64) -> Refunded {
        self.settle_time(MORNING + after_ms);
        self.begin("tram", &key(), Call::Refund);
        self.refund(MORNING + after_ms, "tram", &key(), &ask(number, amount))
    }

    fn returned(&mut self, after_ms: i64) -> i64 {
        self.settle_time(MORNING + after_ms);
        self.book.order(&key()).map_or(0, |order| order.returned)
    }

    fn state(&self, number: &str) -> Option<RefundState> {
        self.book.order(&key())?.refund(number).map(|refund| refund.state)
    }

    fn undone(&mut self) -> Undo {
        self.undo(MORNING + 9_000, "tram", &key(), Dialog::Blocks, Trace::Nothing)
    }
}

#[test]
fn parts_go_back_until_nothing_is_left() {
    let mut clearing = gentle();
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::Done);
    assert_eq!(clearing.returned(1), 300);
    assert_eq!(clearing.give_back(2, "R2", 701), Refunded::TooMuch);
    assert_eq!(clearing.give_back(3, "R2", 700), Refunded::Done);
    assert_eq!(clearing.returned(3), 1_000);
    assert_eq!(clearing.give_back(4, "R3", 1), Refunded::NothingLeft);
    assert_eq!(clearing.returned(YEAR_MS), 1_000);
}

#[test]
fn a_number_is_one_refund() {
    let mut clearing = gentle();
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::Done);
    assert_eq!(clearing.give_back(2, "R1", 300), Refunded::Repeated(RefundState::Done));
    assert_eq!(clearing.give_back(3, "R1", 301), Refunded::OtherFacts);
    assert_eq!(clearing.returned(3), 300);
    // Also when nothing could be asked for any more.
    assert_eq!(clearing.give_back(4, "R2", 700), Refunded::Done);
    let late = 2 * YEAR_MS;
    assert_eq!(clearing.give_back(late, "R1", 300), Refunded::Repeated(RefundState::Done));
}

#[test]
fn windows_and_counts_hold() {
    let mut clearing = gentle();
    for number in ["R1", "R2", "R3"] {
        assert_eq!(clearing.give_back(YEAR_MS, number, 1), Refunded::Done);
    }
    assert_eq!(clearing.give_back(YEAR_MS, "R4", 1), Refunded::TooMany);
    assert_eq!(clearing.give_back(YEAR_MS + 1, "R4", 1), Refunded::WindowOver);
}

#[test]
fn only_what_stands_as_paid_is_given_back() {
    let mut clearing = gentle();
    let unseen = Key { number: "S2".to_owned(), ..key() };
    assert_eq!(clearing.refund(MORNING, "tram", &unseen, &ask("R1", 1)), Refunded::Unseen);
    clearing.undo(MORNING, "tram", &unseen, Dialog::Blocks, Trace::Tombstone);
    assert_eq!(clearing.refund(MORNING, "tram", &unseen, &ask("R1", 1)), Refunded::Unseen);
    assert_eq!(clearing.undone(), Undo::Returned);
    assert_eq!(clearing.give_back(10_000, "R1", 1), Refunded::NotPaid(State::Reversed));
    assert_eq!(clearing.returned(10_000), 1_000);
}

#[test]
fn what_was_refunded_is_not_undone() {
    let mut clearing = gentle();
    assert_eq!(clearing.give_back(1, "R1", 1), Refunded::Done);
    assert_eq!(clearing.undone(), Undo::Refunded);
    assert_eq!(clearing.returned(10_000), 1);
    // A refund that is only taken up is enough.
    let mut clearing = turned(|dials| dials.refund_pending = 1_000);
    assert_eq!(clearing.give_back(1, "R1", 1), Refunded::Pending);
    assert_eq!((clearing.undone(), clearing.returned(9_000_000)), (Undo::Refunded, 1));
}

#[test]
fn of_a_coupon_sale_the_payers_own_money_goes_back_first() {
    // 1000 = 800 of the payer + 200 of a coupon.
    let mut clearing = paid(Dials::gentle(), 1_000, scenario::of_name("503"));
    assert_eq!(clearing.give_back(1, "R1", 600), Refunded::Done);
    assert_eq!(clearing.returned(1), 600);
    assert_eq!(clearing.give_back(2, "R2", 400), Refunded::Done);
    assert_eq!(clearing.returned(2), 800);
}

#[test]
fn scripts_rule_refunds() {
    let mut clearing = scripted("601");
    assert_eq!(clearing.give_back(1_000, "R1", 300), Refunded::Pending);
    assert_eq!((clearing.returned(5_999), clearing.state("R1")), (0, Some(RefundState::Pending)));
    assert_eq!((clearing.returned(6_000), clearing.state("R1")), (300, Some(RefundState::Done)));

    let mut clearing = scripted("602");
    assert_eq!(clearing.give_back(1_000, "R1", 300), Refunded::FundsShort);
    assert_eq!(clearing.give_back(300_999, "R1", 300), Refunded::FundsShort);
    assert_eq!(clearing.give_back(301_000, "R1", 300), Refunded::Done);
    assert_eq!(clearing.give_back(301_000, "R2", 300), Refunded::Done);

    let mut clearing = scripted("603");
    assert_eq!(clearing.give_back(1_000, "R1", 300), Refunded::PayerGone);
    assert_eq!(clearing.give_back(86_400_000, "R1", 300), Refunded::PayerGone);
    assert_eq!(clearing.returned(86_400_000), 0);
}

#[test]
fn a_closed_refund_frees_its_amount_and_an_abnormal_one_keeps_it() {
    let mut clearing = turned(|dials| (dials.refund_pending, dials.refund_closes) = (1_000, 1_000));
    assert_eq!(clearing.give_back(1, "R1", 1_000), Refunded::Pending);
    assert_eq!(clearing.give_back(2, "R2", 1), Refunded::NothingLeft);
    assert_eq!((clearing.returned(200_000), clearing.state("R1")), (0, Some(RefundState::Closed)));
    assert_eq!(clearing.give_back(200_000, "R1", 1_000), Refunded::Repeated(RefundState::Closed));
    assert_eq!(clearing.give_back(200_001, "R2", 1_000), Refunded::Pending);

    let mut clearing = turned(|dials| (dials.refund_pending, dials.refund_abnormal) = (1_000, 1_000));
    assert_eq!(clearing.give_back(1, "R1", 600), Refunded::Pending);
    assert_eq!((clearing.returned(200_000), clearing.state("R1")), (0, Some(RefundState::Abnormal)));
    assert_eq!(clearing.give_back(200_000, "R2", 401), Refunded::TooMuch);
}

#[test]
fn where_a_failed_refund_may_be_tried_again_the_number_stays_one_refund() {
    let again = RefundAsk {
        rules: RefundRules { failed: Failed::TriesAgain, ..ask("R1", 1_000).rules },
        ..ask("R1", 1_000)
    };
    let mut clearing = turned(|dials| {
        (dials.refund_pending, dials.refund_abnormal, dials.refund_pending_ms_max) = (1_000, 1_000, 5_000);
    });
    assert_eq!(clearing.give_back(1, "R1", 1_000), Refunded::Pending);
    assert_eq!(clearing.returned(10_000), 0);
    clearing.dials = Dials::gentle();
    assert_eq!(clearing.refund(MORNING + 10_000, "tram", &key(), &again), Refunded::Done);
    assert_eq!(
        clearing.refund(MORNING + 10_001, "tram", &key(), &again),
        Refunded::Repeated(RefundState::Done)
    );
    assert_eq!(clearing.returned(10_001), 1_000);
    assert_eq!(clearing.book.order(&key()).map(|order| order.refunds.len()), Some(1));
}

#[test]
fn dials_make_refunds_fail_hurry_and_wait() {
    let mut clearing = turned(|dials| dials.funds_short = 1_000);
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::FundsShort);
    let mut clearing = turned(|dials| dials.refund_payer_gone = 1_000);
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::PayerGone);
    clearing.dials = Dials::gentle();
    assert_eq!(clearing.give_back(2, "R2", 300), Refunded::PayerGone, "an account does not come back");
    let mut clearing = turned(|dials| dials.refund_pause = true);
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::Done);
    assert_eq!(clearing.give_back(60_000, "R2", 300), Refunded::TooSoon);
    assert_eq!(clearing.give_back(60_001, "R2", 300), Refunded::Done);
    let mut clearing = turned(|dials| dials.refund_pending_ms_max = 1_000);
    clearing.dials.refund_pending = 1_000;
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::Pending);
    assert_eq!((clearing.returned(1_000), clearing.returned(1_001)), (0, 300));
    let mut clearing = turned(|dials| dials.refund_per_second_max = Some(2));
    let admitted: Vec<bool> = [0, 1, 2, 1_000]
        .iter()
        .map(|after_ms| clearing.admits_refund(MORNING + after_ms, "tram/1"))
        .collect();
    assert_eq!(admitted, [true, true, false, true]);
}

#[test]
fn a_request_that_was_held_up_is_served_once_it_arrives() {
    let mut clearing = gentle();
    clearing.hold_up_refund(&key(), "tram", ask("R1", 300), MORNING + 5_000);
    clearing.hold_up_refund(&key(), "tram", ask("R2", 300), MORNING + 9_000);
    assert_eq!(clearing.returned(4_999), 0);
    assert_eq!(clearing.give_back(4_999, "R1", 300), Refunded::Done);
    assert_eq!(clearing.returned(8_999), 300);
    assert_eq!(clearing.returned(9_000), 600);
    assert_eq!(clearing.book.soonest(), None);
}

#[test]
fn a_look_into_the_past_sees_refunds_as_they_were() {
    let mut clearing = scripted("601");
    assert_eq!(clearing.give_back(1_000, "R1", 300), Refunded::Pending);
    clearing.settle_time(MORNING + 10_000);
    let order = clearing.book.order(&key()).cloned();
    let seen = |after_ms| {
        let refunds = order.iter().flat_map(|order| order.refunds_at(MORNING + after_ms));
        refunds.map(|refund| refund.state).collect::<Vec<_>>()
    };
    assert_eq!(seen(999), []);
    assert_eq!(seen(1_000), [RefundState::Pending]);
    assert_eq!(seen(5_999), [RefundState::Pending]);
    assert_eq!(seen(6_000), [RefundState::Done]);
}

#[test]
fn refunds_are_found_by_either_number_also_after_a_restart() {
    let mut clearing = scripted("601");
    assert_eq!(clearing.give_back(1_000, "R1", 300), Refunded::Pending);
    clearing.hold_up_refund(&key(), "tram", ask("R2", 100), MORNING + 2_000);
    let changes = record::drain(&mut clearing.book);
    let records = changes.into_iter().filter_map(|change| Some((change.key, change.value?)));
    let book = record::restore(records).expect("its own records");
    let mut restored = Clearing { book, dials: Dials::gentle(), seed: 7 };
    let merchants = RefundName::Merchants("R1".to_owned());
    for name in [merchants, RefundName::Channels("50R1".to_owned())] {
        assert_eq!(restored.book.find_refund("tram/1", name.clone()), Some(&key()));
        assert_eq!(restored.book.find_refund("tram/2", name), None);
    }
    assert_eq!(restored.returned(7_000), 400);
}

/// A record as it was written before refunds.
#[test]
fn records_of_the_time_before_refunds_are_read() {
    let mut clearing = paid(Dials::gentle(), 1_000, scenario::of_name("000"));
    let order = clearing.book.order(&key()).expect("paid above");
    let mut old = serde_json::to_value(order).expect("a record");
    let fields = old.as_object_mut().expect("an object");
    for name in ["refunds", "late_refunds", "refund_asked_ms", "payer_gone"] {
        assert!(fields.remove(name).is_some(), "{name}");
    }
    fields.insert("calls".to_owned(), serde_json::json!([1, 2, 3]));
    assert!(fields["script"].as_object_mut().expect("a script").remove("refunds").is_some());
    let records = [("order/tram/1/S1".to_owned(), old.to_string())];
    clearing.book = record::restore(records.into_iter()).expect("an old record");
    assert_eq!(clearing.book.order(&key()).map(|order| order.calls), Some([1, 2, 3, 0, 0]));
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::Done);
}

#[test]
fn what_a_script_rules_is_spared_by_every_chance() {
    let hostile = Dials { refund_pending: 1_000, funds_short: 1_000, refund_pause: true, ..Dials::gentle() };
    let plain = Script::plain(Plan::AtOnce, &[]);
    let mut clearing = paid(hostile, 1_000, Some(plain));
    assert_eq!(clearing.give_back(1, "R1", 300), Refunded::Done);
    assert_eq!(clearing.give_back(2, "R2", 300), Refunded::Done);
}

#[test]
fn dials_rule_how_refund_calls_fare() {
    let conduct = |turn: fn(&mut Dials), call| turned(turn).begin("tram", &key(), call).0;
    let refund = |turn| conduct(turn, Call::Refund);
    assert_eq!(refund(|dials| dials.refund_error = 1_000), Conduct::refusing(Word::SystemError));
    assert_eq!(refund(|dials| dials.refund_error_done = 1_000), Conduct::saying(Word::SystemError));
    assert_eq!(refund(|dials| dials.refund_answer_lost = 1_000), Conduct::ending(Work::Done, End::Cut));
    assert_eq!(refund(|dials| dials.refund_request_lost = 1_000), Conduct::ending(Work::NotDone, End::Cut));
    assert_eq!(refund(|dials| dials.refund_twice = 1_000), Conduct::ending(Work::Twice, End::Whole));
    let late = |dials: &mut Dials| (dials.refund_late, dials.refund_late_ms_max) = (1_000, 1);
    let held_up = Conduct::ending(Work::Late { after_ms: 1 }, End::Silence { ms: 60_000 });
    assert_eq!(refund(late), held_up);
    assert_eq!(refund(|dials| dials.truncated = 1_000), Conduct::ending(Work::Done, End::Half));
    let query = |turn| conduct(turn, Call::RefundQuery);
    assert_eq!(query(|dials| dials.query_not_found = 1_000), Conduct::refusing(Word::NotFound));
    assert_eq!(query(|dials| dials.refund_error = 1_000), Conduct::PLAIN);
}
