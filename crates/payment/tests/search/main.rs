//! L0 and L1: the real `step` against a small channel that loses, delays and lies.
//!
//! L0 visits every state within small bounds; L1 walks at random far beyond them. Both run the same world and the same
//! checks. A failure prints the path (L0) or the seed (L1) that repeats it.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod checks;
mod moves;
mod world;

use std::cell::Cell;
use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, Once};

use moves::{Budget, Move, Reply};
use payment::patience::Channel;
use payment::payment::Phase;
use payment::time::{DAY_MS, HOUR_MS, Time};
use payment::watch::WatchPhase;
use world::{LATE, NOON, World};

/// What one search saw.
struct Seen {
    states: usize,
    ends: usize,
    failure: Option<String>,
}

/// Two worlds that differ only in how many calls were counted go on alike.
fn fingerprint(world: &World) -> u64 {
    let mut alike = world.clone();
    let now = alike.now;
    let payment = &mut alike.payment;
    payment.calls = 0;
    payment.updated_at = now;
    payment.polls.asked = payment.polls.asked.min(3);
    if let Some(out) = &mut payment.out {
        out.number = 0;
    }
    if let Some(watch) = &mut alike.watch {
        watch.calls = 0;
        watch.updated_at = now;
        if let Some(out) = &mut watch.out {
            out.number = 0;
        }
    }
    let mut hasher = DefaultHasher::new();
    alike.hash(&mut hasher);
    hasher.finish()
}

/// Beyond this the world only repeats itself hour by hour.
fn bounded(world: &World) -> bool {
    let age_ms = world.now.since_ms(world.payment.intent.opened_at);
    let waits_for_person = matches!(world.payment.phase, Phase::Suspended { .. })
        || world.watch.as_ref().is_some_and(|watch| watch.phase == WatchPhase::Parked);
    let waiting_ms = if world.payment.intent.opened_at == LATE { 10 * HOUR_MS } else { 20 * 60_000 };
    age_ms > DAY_MS + HOUR_MS || (waits_for_person && age_ms > waiting_ms)
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// A broken invariant is an answer of the search, not noise on the terminal; every other panic still prints.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|panic| {
        panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned())
    })
}

fn exhaust(start: World, states_max: usize) -> Seen {
    let mut seen = HashSet::new();
    // Each state remembers how it was reached: its parent's place and the move.
    let mut reached: Vec<(usize, Move)> = vec![(0, Move::Wake)];
    seen.insert(fingerprint(&start));
    // Breadth first: the path that breaks something is a shortest one.
    let mut queue = VecDeque::from([(start, 0_usize)]);
    let mut ends = 0;
    while let Some((world, place)) = queue.pop_front() {
        if bounded(&world) || seen.len() >= states_max {
            ends += 1;
            continue;
        }
        let moves = world.moves();
        if moves.is_empty() {
            ends += 1;
        }
        for next in moves {
            let mut after = world.clone();
            if let Err(words) = quietly(|| after.apply(next)) {
                let path = path_to(&reached, place, next);
                return Seen { states: seen.len(), ends, failure: Some(format!("{words}\n{path:?}")) };
            }
            if seen.insert(fingerprint(&after)) {
                reached.push((place, next));
                queue.push_back((after, reached.len() - 1));
            }
        }
    }
    Seen { states: seen.len(), ends, failure: None }
}

fn path_to(reached: &[(usize, Move)], mut place: usize, last: Move) -> Vec<Move> {
    let mut path = vec![last];
    while place != 0 {
        let (parent, step) = reached[place];
        path.push(step);
        place = parent;
    }
    path.reverse();
    path
}

/// splitmix64: a seed repeats its walk.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }
}

fn swarm(dice: &mut Dice) -> Budget {
    if dice.below(10) == 0 {
        return Budget { crashes: 0, losses: 0, lies: 0, cancels: 0, demands: 0, differs: 0 };
    }
    let mut some = |most: usize| if dice.below(2) == 0 { 0 } else { dice.below(most + 1) as u8 };
    Budget {
        crashes: some(2),
        losses: some(3),
        lies: some(4),
        cancels: some(2),
        demands: some(1),
        differs: some(1),
    }
}

const WALKED: [Channel; 2] = [Channel::WechatV2, Channel::Alipay];

fn walk(seed: u64) -> World {
    let mut dice = Dice(seed);
    let channel = WALKED[dice.below(2)];
    let tombstones = dice.below(2) == 0;
    let budget = swarm(&mut dice);
    let opened_at = if dice.below(4) == 0 { LATE } else { NOON };
    let mut world = World::new(channel, tombstones, budget, opened_at);
    for _ in 0..400 {
        if bounded(&world) {
            break;
        }
        let moves = world.moves();
        if moves.is_empty() {
            break;
        }
        let inside = if world.out().is_some() {
            moves.iter().filter(|m| matches!(m, Move::Answered(_) | Move::Lost { .. } | Move::Hangs)).count()
        } else {
            usize::from(moves.first() == Some(&Move::Wake))
        };
        // Mostly the engine goes on; now and then the outside world does something first.
        let take_inside = inside > 0 && (inside == moves.len() || dice.below(8) != 0);
        let next = if !take_inside {
            moves[inside + dice.below(moves.len() - inside)]
        } else if moves.contains(&Move::Answered(Reply::Truth)) && dice.below(3) != 0 {
            Move::Answered(Reply::Truth)
        } else {
            moves[dice.below(inside)]
        };
        world.apply(next);
    }
    world
}

fn walks(from: u64, count: u64) -> Result<[usize; 5], String> {
    let mut ends = [0_usize; 5];
    for seed in from..from + count {
        let world = quietly(|| walk(seed)).map_err(|words| format!("seed {seed}: {words}"))?;
        ends[world.payment.status() as usize] += 1;
    }
    Ok(ends)
}

const NOTHING: Budget = Budget { crashes: 0, losses: 0, lies: 0, cancels: 0, demands: 0, differs: 0 };

/// The bounds that every run of the tests exhausts, per channel kind.
fn bounds() -> Vec<(&'static str, Budget)> {
    vec![
        ("crash, loss", Budget { crashes: 1, losses: 1, ..NOTHING }),
        ("loss, cancel, demand", Budget { losses: 1, cancels: 1, demands: 1, ..NOTHING }),
        ("loss, lie", Budget { losses: 1, lies: 1, ..NOTHING }),
        ("differs, cancel", Budget { differs: 1, cancels: 1, ..NOTHING }),
        ("two crashes", Budget { crashes: 2, ..NOTHING }),
        ("two lies", Budget { lies: 2, ..NOTHING }),
    ]
}

#[test]
fn every_state_within_small_bounds_is_sound() {
    let long = std::env::var_os("PAYCODE_LONG").is_some();
    let mut jobs = Vec::new();
    for channel in WALKED {
        for tombstones in if long { vec![false, true] } else { vec![false] } {
            jobs.extend(bounds().into_iter().map(|(name, budget)| (channel, tombstones, NOON, name, budget)));
        }
    }
    // Around midnight, where a day's window for reversals ends while the payment is undecided.
    let around = ["loss, cancel, demand", "loss, lie", "two lies"];
    let bounds = bounds().into_iter().filter(|(name, _)| long || around.contains(name));
    jobs.extend(bounds.map(|(name, budget)| (Channel::Alipay, false, LATE, name, budget)));
    let jobs = Mutex::new(jobs);
    std::thread::scope(|scope| {
        let workers = [(); 2].map(|()| {
            scope.spawn(|| {
                while let Some(job) = pop(&jobs) {
                    check_bound(job)
                }
            })
        });
        for worker in workers {
            if let Err(words) = worker.join() {
                std::panic::resume_unwind(words);
            }
        }
    });
}

type Job = (Channel, bool, Time, &'static str, Budget);

fn pop(jobs: &Mutex<Vec<Job>>) -> Option<Job> {
    jobs.lock().expect("no worker panics with the list in hand").pop()
}

fn check_bound((channel, tombstones, opened_at, name, budget): Job) {
    let name = if opened_at == LATE { format!("{name}, before midnight") } else { name.to_owned() };
    let seen = exhaust(World::new(channel, tombstones, budget, opened_at), STATES_MAX);
    println!("L0 {channel:?} tombstones={tombstones} {name}: {} states, {} ends", seen.states, seen.ends);
    if let Some(words) = seen.failure {
        println!("L0 {channel:?} tombstones={tombstones} {name}: {words}");
        panic!("{channel:?} tombstones={tombstones} {name}: {words}");
    }
    assert!(seen.states < STATES_MAX, "the bound was cut at {} states", seen.states);
}

const STATES_MAX: usize = 3_000_000;

#[test]
fn random_walks_are_sound() {
    let count = std::env::var("PAYCODE_L1_PAYMENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000_000);
    let half = count / 2;
    let (left, right) = std::thread::scope(|scope| {
        let left = scope.spawn(move || walks(0, half));
        let right = scope.spawn(move || walks(half, count - half));
        (left.join().expect("walks report"), right.join().expect("walks report"))
    });
    let ends = match (left, right) {
        (Ok(left), Ok(right)) => std::array::from_fn::<usize, 5, _>(|i| left[i] + right[i]),
        (Err(words), _) | (_, Err(words)) => panic!("{words}"),
    };
    println!("L1: {count} payments, processing/paid/failed/reversed/suspended {ends:?}");
    assert!(ends.iter().skip(1).all(|n| *n > 0), "every end must occur: {ends:?}");
}

/// Each bug of the machine, planted, is found by a search; so the searches can fail.
#[cfg(feature = "planted")]
mod planted_bugs {
    use super::*;
    use payment::planted::{Bug, plant};

    fn found(bug: Bug) -> Option<String> {
        plant(Some(bug));
        let mut words = None;
        for channel in WALKED {
            for (_, budget) in bounds() {
                words = words.or_else(|| exhaust(World::new(channel, false, budget, NOON), 200_000).failure);
            }
        }
        plant(None);
        words
    }

    fn check(bug: Bug, by: &[&str]) {
        match found(bug) {
            Some(words) => assert!(
                by.iter().any(|check| words.starts_with(check)),
                "{bug:?} was found by another check: {words}"
            ),
            None => panic!("{bug:?} was planted and not found"),
        }
    }

    #[test]
    fn each_is_found() {
        check(Bug::B2, &["I-8"]);
        check(Bug::B3, &["I-8"]);
        check(Bug::B4, &["I-5", "I-8"]);
        check(Bug::B5, &["I-5", "I-8"]);
        check(Bug::B6, &["I-6"]);
        check(Bug::B7, &["I-28", "I-6", "I-12"]);
        check(Bug::B8, &["I-16"]);
        check(Bug::B9, &["I-12"]);
        check(Bug::B16, &["I-7", "I-13"]);
        check(Bug::B17, &["I-15"]);
    }
}
