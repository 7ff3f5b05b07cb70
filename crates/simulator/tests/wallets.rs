//! What the owner of a wallet sees: always the ledger's own sums, and every spent code as it stands.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use std::collections::BTreeMap;

use common::{MORNING, Till, Tongue, gentle, settings, tongues};
use simulator::scenario;
use simulator::wallet::{self, Standing, Wallet};
use simulator::{Dials, Simulator};

const NUMBER: &str = "S20260315100000";

fn wallet_of(tongue: &dyn Tongue) -> &'static Wallet {
    wallet::all().iter().find(|wallet| wallet.prefix == tongue.prefix()).unwrap()
}

/// This wallet's purse agrees with the ledger, and no other wallet has anything to do with it.
fn agree(simulator: &Simulator, own: &Wallet) {
    let lines = simulator.ledger().into_iter();
    let sums = lines.fold((0, 0), |sums, line| (sums.0 + line.charged, sums.1 + line.returned));
    for wallet in wallet::all() {
        let purse = simulator.purse(wallet, 10);
        let expected = if wallet.name == own.name { sums } else { (0, 0) };
        assert_eq!((purse.charged, purse.returned), expected, "{}", wallet.name);
    }
}

fn check(number: u16, expected: Option<(Standing, i64, i64)>) {
    for tongue in tongues() {
        let code = scenario::find(number).unwrap().code(tongue.prefix(), tongue.length(), 7);
        let mut till = Till::new(gentle(), &*tongue);
        assert!(!till.simulator.knows_code(&code));
        till.sell(NUMBER, 2_500, &code);
        till.simulator.settle_time(till.now_ms);
        agree(&till.simulator, wallet_of(&*tongue));
        let purse = till.simulator.purse(wallet_of(&*tongue), 10);
        let seen: Vec<_> = purse.spendings.iter().map(|s| (s.standing, s.charged, s.returned)).collect();
        assert_eq!(seen, Vec::from_iter(expected), "{number} {}", tongue.prefix());
        for spending in &purse.spendings {
            assert_eq!((spending.code.as_str(), spending.out_trade_no.as_str()), (code.as_str(), NUMBER));
            assert!(!spending.merchant.is_empty());
            assert!(till.simulator.knows_code(&code));
        }
    }
}

#[test]
fn every_spent_code_stands_as_its_order_does() {
    check(0, Some((Standing::Paid, 2_500, 0)));
    check(101, Some((Standing::Paid, 2_500, 0)));
    check(103, Some((Standing::Reversed, 0, 0)));
    check(104, Some((Standing::Reversed, 0, 0)));
    check(105, Some((Standing::Reversed, 2_500, 2_500)));
    check(201, Some((Standing::Declined, 0, 0)));
    check(208, Some((Standing::Declined, 0, 0)));
    check(405, Some((Standing::Reversed, 2_500, 2_500)));
    check(503, Some((Standing::Paid, 2_000, 0)));
    // The merchant's fault, or a request that never came: the code is not spent.
    check(209, None);
    check(302, None);
}

#[test]
fn a_hand_on_the_phone_page_answers_its_own_question() {
    for tongue in tongues() {
        let mut till = Till::new(gentle(), &*tongue);
        let by_hand = |till: &Till<'_>| -> Vec<bool> {
            till.simulator.prompts(till.now_ms).iter().map(|prompt| prompt.by_hand).collect()
        };
        let standing = |till: &Till<'_>| till.simulator.purse(wallet_of(&*tongue), 10).spendings[0].standing;
        till.pay(
            "S20260315100001",
            2_500,
            &scenario::find(106).unwrap().code(tongue.prefix(), tongue.length(), 1),
        );
        assert_eq!(by_hand(&till), [true]);
        assert_eq!(standing(&till), Standing::Asking);
        assert!(till.simulator.refuse(till.now_ms, "S20260315100001"));
        assert_eq!(standing(&till), Standing::Refused);
        till.wait(1_000);
        till.pay(
            "S20260315100002",
            2_500,
            &scenario::find(104).unwrap().code(tongue.prefix(), tongue.length(), 1),
        );
        assert_eq!(by_hand(&till), [false]);
        assert_eq!(till.simulator.prompts(till.now_ms)[0].wallet, wallet_of(&*tongue).name);
        agree(&till.simulator, wallet_of(&*tongue));
    }
}

#[test]
fn the_newest_come_first_and_no_more_than_asked_for() {
    let tongues = tongues();
    let mut till = Till::new(gentle(), &*tongues[0]);
    for tail in 0..5 {
        till.wait(1_000);
        let code = scenario::find(0).unwrap().code(tongues[0].prefix(), tongues[0].length(), tail);
        till.pay(&format!("S2026031510000{tail}"), 100, &code);
    }
    let purse = till.simulator.purse(wallet_of(&*tongues[0]), 3);
    let numbers: Vec<_> = purse.spendings.iter().map(|spending| spending.out_trade_no.as_str()).collect();
    assert_eq!(numbers, ["S20260315100004", "S20260315100003", "S20260315100002"]);
    assert_eq!(purse.charged, 500);
    let other = wallet_of(&*tongues[1]);
    assert_eq!(till.simulator.purse(other, 3), wallet::Purse::default());
}

#[test]
fn a_purse_outlives_the_process() {
    let tongues = tongues();
    let mut till = Till::new(gentle(), &*tongues[0]);
    till.pay(NUMBER, 2_500, &scenario::find(106).unwrap().code(tongues[0].prefix(), tongues[0].length(), 1));
    let records: BTreeMap<_, _> =
        till.simulator.changes().into_iter().map(|change| (change.key, change.value.unwrap())).collect();
    let again = Simulator::restore(settings(Dials::gentle()), 1, records.into_iter()).unwrap();
    let wallet = wallet_of(&*tongues[0]);
    assert_eq!(again.purse(wallet, 10), till.simulator.purse(wallet, 10));
    assert_eq!(again.prompts(MORNING), till.simulator.prompts(MORNING));
    assert_eq!(again.prompts(MORNING).len(), 1);
}

/// The platform carries every wallet's codes: what is paid with one shows in that wallet, whatever channel it went over.
#[test]
fn a_wallet_sees_what_was_paid_over_another_channel() {
    let qra = common::qra::qra();
    let mut till = Till::new(gentle(), &qra);
    for (at, wallet) in wallet::all().iter().enumerate() {
        let code = scenario::find(0).unwrap().code(wallet.prefix, wallet.length, 1);
        assert!(wallet.issues(&code));
        till.pay(&format!("S2026031510000{at}"), 100 + i64::try_from(at).unwrap(), &code);
    }
    for (at, wallet) in wallet::all().iter().enumerate() {
        let purse = till.simulator.purse(wallet, 10);
        assert_eq!(purse.charged, 100 + i64::try_from(at).unwrap(), "{}", wallet.name);
        assert_eq!((purse.spendings.len(), purse.spendings[0].merchant.as_str()), (1, common::qra::MCH_ID));
    }
}

#[test]
fn a_code_is_of_one_wallet_or_of_none() {
    let issuer = |code: &str| {
        let issuers = wallet::all().iter().filter(|wallet| wallet.issues(code));
        issuers.map(|wallet| wallet.name).collect::<Vec<_>>()
    };
    for (code, expected) in [
        ("104567890123456789", Some("wechat")),
        ("154567890123456789", Some("wechat")),
        ("2545678901234567", Some("alipay")),
        ("304567890123456789012345", Some("alipay")),
        ("6245678901234567890", Some("unionpay")),
        ("164567890123456789", None),
        ("624567890123456789", None),
        ("13456789012345678x", None),
        ("９１", None),
        ("", None),
    ] {
        assert_eq!(issuer(code), Vec::from_iter(expected), "{code}");
    }
}
