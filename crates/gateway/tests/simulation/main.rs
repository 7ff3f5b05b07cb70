//! L2: the whole engine with its dialects, codecs and signatures against the simulator, in virtual time.
//!
//! Each seed draws tills, payers, faults and crashes. After the chaos comes quiet, a day of it; then the books must agree:
//! our rows, the channels' ledger, and what the tills were told. A failure prints the seed that repeats it:
//! `PAYCODE_SEED=n cargo test -p gateway --test simulation`.

mod channels;
mod checks;
mod dice;
mod net;
mod outcome;
mod poison;
mod run;
mod taken_up;
mod tenants;
mod tills;
mod undo;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use outcome::Outcome;
use run::{Kind, run_seed};

/// Seeds of a run of the tests; `PAYCODE_SEEDS` chooses another number.
const SEEDS: u64 = 1_200;

/// Seeds that are run with and without another merchant.
const TENANT_SEEDS: u64 = 40;
/// Seeds of eight days.
const STUCK_SEEDS: u64 = 40;

fn seeds() -> (u64, u64) {
    let read = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match read("PAYCODE_SEED") {
        Some(seed) => (seed, seed + 1),
        None => (0, read("PAYCODE_SEEDS").unwrap_or(SEEDS)),
    }
}

/// Runs seeds on two threads; answers the sum of what happened, or the first failure.
fn run_all(from: u64, to: u64, kind: Kind) -> Result<Outcome, String> {
    let next = AtomicU64::new(from);
    let work = || -> Result<Outcome, String> {
        let mut sum = Outcome::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= to {
                return Ok(sum);
            }
            sum.add(&run_seed(seed, kind).map_err(|words| format!("seed {seed} ({kind:?}): {words}"))?);
        }
    };
    let (left, right) = std::thread::scope(|scope| {
        let left = scope.spawn(work);
        let right = scope.spawn(work);
        (left.join(), right.join())
    });
    let mut sum = left.map_err(|_| "a worker panicked")??;
    sum.add(&right.map_err(|_| "a worker panicked")??);
    Ok(sum)
}

#[test]
fn hostile_seeds_end_with_books_that_agree() {
    let (from, to) = seeds();
    let sum = run_all(from, to, Kind::Hostile).unwrap_or_else(|words| panic!("{words}"));
    println!("L2 hostile: seeds {from}..{to}: {sum:?}");
    if to - from >= 500 {
        assert!(sum.everything_happened(), "a kind of end, a crash or a reversal never occurred: {sum:?}");
    }
}

#[test]
fn seeds_without_faults_reverse_nothing_and_ask_nothing_twice() {
    let sum = run_all(0, 150, Kind::Gentle).unwrap_or_else(|words| panic!("{words}"));
    println!("L2 gentle: {sum:?}");
    assert!(sum.paid > 0 && sum.reversals == 0 && sum.cases == 0, "{sum:?}");
}

#[test]
fn seeds_without_faults_but_with_dawdling_payers_need_no_person() {
    let sum = run_all(0, 150, Kind::Dawdling).unwrap_or_else(|words| panic!("{words}"));
    println!("L2 dawdling: {sum:?}");
    assert!(sum.reversals > 0 && sum.cases == 0, "{sum:?}");
}

#[test]
fn reversals_that_never_work_are_tried_until_refunds_take_their_place() {
    let (from, to) = seeds();
    let sum =
        run_all(from, to.min(from + STUCK_SEEDS), Kind::Stuck).unwrap_or_else(|words| panic!("{words}"));
    println!("L2 stuck: {sum:?}");
    if to - from >= STUCK_SEEDS {
        assert!(sum.refunded_instead > 20 && sum.demands_refunded > 2, "{sum:?}");
    }
}

#[test]
fn what_a_merchant_is_told_does_not_depend_on_another() {
    let (from, to) = seeds();
    let mut compared = 0;
    for seed in from..to.min(from + TENANT_SEEDS) {
        compared += tenants::compare(seed).unwrap_or_else(|words| panic!("seed {seed} (tenants): {words}"));
    }
    println!("L2 tenants: {compared} payments were told the same with another merchant beside them");
    assert!(compared > 0);
}

#[test]
fn a_seed_repeats_itself() {
    for seed in [3, 17, 101] {
        let once = run_seed(seed, Kind::Hostile).unwrap_or_else(|words| panic!("seed {seed}: {words}"));
        let twice = run_seed(seed, Kind::Hostile).unwrap_or_else(|words| panic!("seed {seed}: {words}"));
        assert_eq!(once.trace, twice.trace, "seed {seed} went two ways");
    }
}

/// Planted, each of these is found by the seeds: so the seeds can fail.
#[cfg(feature = "planted")]
#[test]
fn planted_bugs_are_found() {
    use payment::planted::{Bug, plant};
    let bugs = [
        Bug::B1,
        Bug::B2,
        Bug::B3,
        Bug::B6,
        Bug::B8,
        Bug::B9,
        Bug::B13,
        Bug::B14,
        Bug::B15,
        Bug::B16,
        Bug::B17,
        Bug::B19,
        Bug::B21,
        Bug::B23,
    ];
    let missed: Vec<Bug> = bugs
        .into_iter()
        .filter(|bug| {
            plant(Some(*bug));
            let found = (0..400).find_map(|seed| failure(seed).map(|words| (seed, words)));
            plant(None);
            if let Some((seed, words)) = &found {
                println!("{bug:?} found by seed {seed}: {}", words.lines().next().unwrap_or_default());
            }
            found.is_none()
        })
        .collect();
    assert!(missed.is_empty(), "planted, and not found by 400 seeds: {missed:?}");
}

/// How a seed fails, if it does: a broken check, or an assertion of the engine itself.
#[cfg(feature = "planted")]
fn failure(seed: u64) -> Option<String> {
    let ran = std::panic::catch_unwind(|| run_seed(seed, Kind::Hostile));
    match ran {
        Ok(outcome) => outcome.err(),
        Err(_) => Some("an assertion of the engine".to_owned()),
    }
}
