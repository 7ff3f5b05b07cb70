//! The dials of password dialogs and of what a decline leaves, at every channel.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::{Heard, NUMBER, Till, pay, pay_as, tongues, turned};
use simulator::Dials;

#[test]
fn a_dialog_ends_or_not_and_may_have_been_charged() {
    let never = |turn: fn(&mut Dials), ms: i64| {
        let mut told = Vec::new();
        for tongue in tongues() {
            let mut till = Till::new(turned(turn), &*tongue);
            pay(&mut till);
            till.wait(ms);
            told.push((tongue.name(), till.query(NUMBER), till.money(NUMBER)));
        }
        told
    };
    // Alipay, ACP and ICBC keep their dialogs open for longer.
    let ended = |told: &[(&'static str, Heard, (i64, i64))], money| {
        let ends = |heard: &Heard, sums| (heard, sums) == (&Heard::MustReverse, money);
        told.iter().all(|(name, heard, sums)| ends(heard, *sums) != ["28", "acp", "icbc"].contains(name))
    };
    let told = never(|dials| dials.payer_never = 1000, 31_000);
    assert!(ended(&told, (0, 0)), "{told:?}");
    let told = never(|dials| (dials.payer_never, dials.dialog_ends) = (1000, false), 31_000);
    assert!(told.iter().all(|(_, heard, _)| *heard == Heard::Asking), "{told:?}");
    let told = never(|dials| (dials.payer_never, dials.lapse_charges) = (1000, 1000), 31_000);
    assert!(ended(&told, (2_500, 0)), "{told:?}");
    let told = never(|dials| (dials.payer_never, dials.self_revoke) = (1000, 1000), 46_000);
    assert!(told.iter().all(|(_, heard, money)| (heard, *money) == (&Heard::Closed, (0, 0))), "{told:?}");
}

#[test]
fn what_was_charged_behind_an_ended_dialog_goes_back_with_the_reverse() {
    let tongue = common::wechat::wechat();
    let mut till =
        Till::new(turned(|dials| (dials.payer_never, dials.lapse_charges) = (1000, 1000)), &tongue);
    pay(&mut till);
    till.wait(31_000);
    till.reverse(NUMBER);
    assert_eq!(till.money(NUMBER), (2_500, 2_500));
}

#[test]
fn a_decline_for_lack_of_funds_may_leave_the_order_open() {
    // What ICBC declines it keeps, dead (icbc.md §12).
    for tongue in tongues().into_iter().filter(|tongue| tongue.name() != "icbc") {
        // A plain code that this seed's payers decline for lack of funds: the first that leaves an order.
        let simulator = turned(|dials| (dials.payer_declined, dials.short_leaves_order) = (1000, true));
        let mut till = Till::new(simulator, &*tongue);
        let open = (0..100).find(|nth| {
            let number = format!("S2026031510{nth:04}");
            pay_as(&mut till, &number, *nth);
            matches!(till.query(&number), Heard::NotPaid | Heard::Asking)
        });
        let number = format!("S2026031510{:04}", open.expect("one in eight declines is for lack of funds"));
        assert_eq!(till.money(&number), (0, 0));
        assert!(matches!(till.reverse(&number), Heard::Reversed { .. }));
        assert_eq!(till.query(&number), Heard::Closed);
    }
}
