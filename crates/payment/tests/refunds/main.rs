//! L0 and L1 of refunds: the real machine and the real sums against a small channel that loses, delays, refuses and lags.
//!
//! L0 visits every state within small bounds; L1 walks at random beyond them. A failure prints the path or the seed.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod moves;
mod world;

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use moves::{Budget, Move};
use payment::patience::Channel;
use payment::refund::RefundStatus;
use world::World;

const STATES_MAX: usize = 2_000_000;
const DAY_MS: i64 = 24 * 3_600_000;
const CHANNELS: [Channel; 2] = [Channel::WechatV2, Channel::Alipay];

fn fingerprint(world: &World) -> u64 {
    let mut alike = world.clone();
    alike.forget_counts();
    let mut hasher = DefaultHasher::new();
    alike.hash(&mut hasher);
    hasher.finish()
}

fn exhaust(start: World) -> Result<(usize, usize), String> {
    let mut seen = HashSet::from([fingerprint(&start)]);
    let mut queue = VecDeque::from([(start, Vec::<Move>::new())]);
    let mut ends = 0;
    while let Some((world, path)) = queue.pop_front() {
        let moves = if world.age_ms() > DAY_MS { Vec::new() } else { world.moves() };
        ends += usize::from(moves.is_empty());
        for next in moves {
            let mut after = world.clone();
            let mut path = path.clone();
            path.push(next);
            after.apply(next).map_err(|words| format!("{words}\n{path:?}"))?;
            if seen.insert(fingerprint(&after)) {
                assert!(seen.len() < STATES_MAX, "the bound was cut at {STATES_MAX} states");
                queue.push_back((after, path));
            }
        }
    }
    Ok((seen.len(), ends))
}

const NOTHING: Budget = Budget { losses: 0, refusals: 0, lags: 0, pendings: 0, crashes: 0, reversals: 0 };

fn bounds() -> [(&'static str, Budget); 6] {
    [
        ("two losses, refusal, lag", Budget { losses: 2, refusals: 1, lags: 1, ..NOTHING }),
        ("loss, refusal", Budget { losses: 1, refusals: 1, ..NOTHING }),
        ("loss, lag", Budget { losses: 1, lags: 1, ..NOTHING }),
        ("two pendings, loss", Budget { pendings: 2, losses: 1, ..NOTHING }),
        ("crash, two losses, refusal", Budget { crashes: 1, losses: 2, refusals: 1, ..NOTHING }),
        ("reversal demanded, loss", Budget { reversals: 1, losses: 1, ..NOTHING }),
    ]
}

#[test]
fn every_state_within_small_bounds_is_sound() {
    for channel in CHANNELS {
        for (name, budget) in bounds() {
            let (states, ends) = exhaust(World::new(channel, budget))
                .unwrap_or_else(|words| panic!("{channel:?} {name}: {words}"));
            println!("L0 refunds {channel:?} {name}: {states} states, {ends} ends");
            assert!(states > 20, "{name}");
        }
    }
}

/// splitmix64: a seed repeats its walk.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

fn walk(seed: u64) -> Result<World, String> {
    let mut dice = Dice(seed);
    let channel = CHANNELS[dice.below(2)];
    let mut some = || u8::try_from(dice.below(4)).unwrap();
    let budget = Budget {
        losses: some(),
        refusals: some(),
        lags: some(),
        pendings: some(),
        crashes: some(),
        reversals: some(),
    };
    let mut world = World::new(channel, budget);
    let mut path = Vec::new();
    for _ in 0..300 {
        let moves = world.moves();
        if moves.is_empty() {
            break;
        }
        let next = moves[dice.below(moves.len())];
        path.push(next);
        world.apply(next).map_err(|words| format!("{words}\nseed {seed}: {path:?}"))?;
    }
    Ok(world)
}

#[test]
fn random_walks_are_sound_and_reach_every_end() {
    let mut ends = [0_usize; 3];
    for seed in 0..200_000 {
        let world = walk(seed).unwrap_or_else(|words| panic!("{words}"));
        for status in world.statuses() {
            ends[status as usize] += 1;
        }
    }
    println!("L1 refunds: pending/succeeded/failed {ends:?}");
    assert!(
        ends[RefundStatus::Succeeded as usize] > 0 && ends[RefundStatus::Failed as usize] > 0,
        "{ends:?}"
    );
}

/// Each bug of the machine, planted, is found; so the search can fail.
#[cfg(feature = "planted")]
#[test]
fn planted_bugs_are_found() {
    use payment::planted::{Bug, plant};
    for (bug, check) in [(Bug::B14, "I-17"), (Bug::B24, "I-17"), (Bug::B29, "I-19")] {
        plant(Some(bug));
        let found = CHANNELS.into_iter().find_map(|channel| {
            bounds().into_iter().find_map(|(_, budget)| exhaust(World::new(channel, budget)).err())
        });
        plant(None);
        let words = found.unwrap_or_else(|| panic!("{bug:?} was planted and not found"));
        assert!(words.starts_with(check), "{bug:?} was found by another check: {words}");
    }
}
