//! `kill -9` in the middle of 200 payments in flight, five times.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::memory::Memory;
use crate::support::books::{Metronome, differences, ledger};
use crate::support::child::{Demo, Folder};
use crate::support::till::text;
use crate::support::time::Stopwatch;
use crate::tills::{Counter, sale, sell};

const IN_FLIGHT: usize = 200;
/// In each round, how many sales begin, and after how many decisions the process is killed. What a kill hits waits for
/// its end for a minute, so that later rounds need fewer new sales to have as many in flight.
const ROUNDS: [(usize, usize); 5] = [(IN_FLIGHT, 60), (100, 1), (100, 35), (100, 12), (100, 50)];
const END_SECONDS_MAX: u64 = 180;

#[test]
fn killed_five_times_with_200_payments_in_flight_every_one_ends_and_the_books_agree() {
    let folder = Folder::new("kill");
    let memory = Memory::default();
    let mut demo = Demo::start(&folder, "warn");
    let counter = Counter::new(demo.till.clone());
    let (decided, decisions) = mpsc::channel();
    let mut opened = 0;
    let seconds = thread::scope(|scope| {
        let _closed_at_the_end = Closing(&counter);
        let mut ended = 0;
        for (begin, kill_after) in ROUNDS {
            for number in opened..opened + begin {
                let (counter, memory, decided) = (&counter, &memory, decided.clone());
                scope.spawn(move || sell(counter, memory, &sale(number), &decided));
            }
            opened += begin;
            for _ in 0..kill_after {
                decisions.recv_timeout(Duration::from_secs(END_SECONDS_MAX)).expect("a round goes on");
                ended += 1;
            }
            assert!(opened - ended >= IN_FLIGHT - kill_after, "{ended} of {opened} have ended");
            demo.running.child.kill().unwrap();
            demo.running.child.wait().unwrap();
            // What was decided between the last count and the kill.
            ended += decisions.try_iter().count();
            demo = Demo::start(&folder, "warn");
            counter.reopen(demo.till.clone());
        }
        let stopwatch = Stopwatch::start();
        for _ in ended..opened {
            let left = Duration::from_secs(END_SECONDS_MAX).saturating_sub(stopwatch.passed());
            decisions.recv_timeout(left).expect("every payment ends in time after the last restart");
        }
        stopwatch.seconds()
    });
    assert!(seconds <= END_SECONDS_MAX, "the last one ended {seconds} s after the last restart");
    check_end(&demo, &memory, opened);
}

/// Tills that wait for a gateway go home when the test ends early.
pub(crate) struct Closing<'a>(pub(crate) &'a Counter);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

/// Both books, and every payment as it was told.
pub(crate) fn check_end(demo: &Demo, memory: &Memory, sales: usize) {
    let known = memory.ids();
    assert!(known.len() >= sales, "every sale has a payment: {} of {sales}", known.len());
    // A decline that was charged all the same is given back a minute later, after a crash as well.
    let wrong = Metronome::new().until_none(demo, 120, || books(demo));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    for payment in demo.till.payments() {
        if text(&payment, "order_no").starts_with("METRONOME") {
            continue;
        }
        memory.hear(&payment);
        *statuses.entry(text(&payment, "status").to_owned()).or_default() += 1;
    }
    assert_eq!(memory.ids(), known, "a payment that no till was told of, or another identity");
    assert_eq!(memory.len(), known.len());
    for (status, least) in [("paid", sales / 10), ("failed", 2), ("reversed", sales / 10)] {
        assert!(statuses.get(status).is_some_and(|count| *count >= least), "too much alike: {statuses:?}");
    }
    assert_eq!(statuses.get("suspended"), None, "no case that the fault did not need");
    assert_eq!(demo.till.pages("/v1/cases?status=open&limit=200"), [Value::Null; 0]);
}

fn books(demo: &Demo) -> Vec<String> {
    // The ledger first: what is charged after it is read belongs to a payment that is listed.
    let ledger = ledger(&demo.simulator);
    let mut payments = demo.till.payments();
    payments.retain(|payment| !text(payment, "order_no").starts_with("METRONOME"));
    let ours = ledger.into_iter().filter(|(_, line)| line.charged != 0).collect();
    differences(&payments, &ours)
}
