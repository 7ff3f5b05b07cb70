//! SIGTERM with payments in flight: a quick and clean exit, every answer whole or none, and the rest after the restart.

use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::kill::{Closing, check_end};
use crate::memory::Memory;
use crate::support::child::{Demo, Folder};
use crate::support::time::Stopwatch;
use crate::tills::{Counter, sale, sell};

const IN_FLIGHT: usize = 48;
/// Calls that are out are waited for, 20 s at the most; the rest is closing.
const EXIT_SECONDS_MAX: u64 = 27;

#[test]
fn stopped_with_payments_in_flight_it_exits_cleanly_and_goes_on_after_the_restart() {
    let folder = Folder::new("stop");
    let memory = Memory::default();
    let mut demo = Demo::start(&folder, "info");
    let counter = Counter::new(demo.till.clone());
    let (decided, decisions) = mpsc::channel();
    thread::scope(|scope| {
        let _closed_at_the_end = Closing(&counter);
        for number in 0..IN_FLIGHT {
            let (counter, memory, decided) = (&counter, &memory, decided.clone());
            scope.spawn(move || sell(counter, memory, &sale(number), &decided));
        }
        for stop_after in [2, 9] {
            for _ in 0..stop_after {
                decisions.recv_timeout(Duration::from_secs(120)).expect("a round goes on");
            }
            stop(&mut demo);
            demo = Demo::start(&folder, "info");
            counter.reopen(demo.till.clone());
        }
    });
    check_end(&demo, &memory, IN_FLIGHT);
}

/// SIGTERM, and a clean exit in time.
fn stop(demo: &mut Demo) {
    let stopwatch = Stopwatch::start();
    let child = &mut demo.running.child;
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let exit = child.wait().unwrap();
    assert_eq!(exit.code(), Some(0), "after {:?}", stopwatch.passed());
    assert!(stopwatch.seconds() <= EXIT_SECONDS_MAX, "it took {:?}", stopwatch.passed());
}
