//! What outlives a crash: the channels, the durable memory, what was told, what left on the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway::clock::{Clock, Entropy, Later};
use gateway::store::memory::MemoryStore;
use payment::ids::PaymentId;
use payment::payment::Status;
use payment::refund::RefundStatus;
use payment::time::Time;
use simulator::Simulator;
use tokio::sync::Notify;

use super::checks::Who;
use super::dice::Dice;

/// What a till was told of one payment, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) statuses: Vec<Status>,
    pub(crate) order_no: String,
}

/// What left on the wire under one channel order number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    pub(crate) pays: Vec<Time>,
    pub(crate) pay_answered: bool,
    pub(crate) queries: Vec<Time>,
    pub(crate) reverses: Vec<Time>,
    pub(crate) refunds: Vec<Time>,
}

/// The world of one seed.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) memory: MemoryStore,
    pub(crate) dice: Dice,
    pub(crate) chaos: bool,
    /// A definite decline may be charged all the same, or answer another delivery of the request than the one that was
    /// charged: then a till can be told failed, and only the watch knows better.
    pub(crate) declines_lie: bool,
    pub(crate) connect_refused: u64,
    pub(crate) connect_hangs: u64,
    pub(crate) store_fails: u64,
    /// Effects until the next crash; none when no crash is planned.
    pub(crate) crash_in: Option<u64>,
    pub(crate) told: BTreeMap<String, Told>,
    pub(crate) ids: BTreeMap<PaymentId, String>,
    pub(crate) left: BTreeMap<String, Left>,
    /// What was told of each refund, last.
    pub(crate) refunds_told: BTreeMap<(String, Who), RefundStatus>,
    pub(crate) codes_spent: BTreeMap<String, BTreeSet<String>>,
    pub(crate) demanded: BTreeSet<String>,
    pub(crate) tombstones: BTreeSet<String>,
    pub(crate) broken: Option<String>,
    /// The true time, which only the checks and the channels know.
    pub(crate) truth: Option<Arc<dyn Clock>>,
    /// Messages take the same time, whoever else sends some.
    pub(crate) steady: bool,
    /// How wrong the gateway's clock is in its present life.
    pub(crate) skew_ms: i64,
    pub(crate) trace: u64,
}

/// A handle on the world.
#[derive(Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
    pub(crate) crash: Arc<Notify>,
}

impl Shared {
    pub(crate) fn new(world: World) -> Shared {
        Shared { world: Arc::new(Mutex::new(world)), crash: Arc::new(Notify::new()) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An effect is about to happen: here the process may die, and here others may run first.
    pub(crate) async fn effect(&self) {
        let (dies, gives_way) = {
            let mut world = self.lock();
            let dies = match &mut world.crash_in {
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    *left == 0
                }
                None => false,
            };
            (dies, world.dice.one_in(3))
        };
        if dies {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
        if gives_way {
            tokio::task::yield_now().await;
        }
    }

    /// The first broken invariant is the one that is reported.
    pub(crate) fn broke(&self, words: String) {
        let mut world = self.lock();
        world.breaks(words);
    }
}

impl World {
    pub(crate) fn breaks(&mut self, words: String) {
        if self.broken.is_none() {
            self.broken = Some(words);
        }
    }

    pub(crate) fn true_now(&self) -> Time {
        self.truth.as_ref().expect("a life is running").now()
    }

    /// How long a message is under way, at most `most` ms.
    pub(crate) fn latency_ms(&mut self, most: u64) -> i64 {
        if self.steady { i64::try_from(most / 2).expect("small") } else { self.dice.ms(most) }
    }

    /// Everything that is seen goes into the trace, by which two runs of a seed are compared.
    pub(crate) fn saw(&mut self, what: &str, at: Time) {
        for byte in what.bytes().chain(at.0.to_be_bytes()) {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// Virtual time: the runtime's own, paused, which runs on when nobody has anything to do.
pub(crate) struct VirtualClock {
    base: Time,
    anchor: tokio::time::Instant,
}

impl VirtualClock {
    #[expect(clippy::disallowed_methods, reason = "the runtime's clock is paused and virtual here")]
    pub(crate) fn from(base: Time) -> VirtualClock {
        VirtualClock { base, anchor: tokio::time::Instant::now() }
    }
}

/// The gateway's own clock: the true one, set wrong by a step of the wall clock while the process was down.
pub(crate) struct SkewedClock {
    truth: Arc<dyn Clock>,
    skew_ms: AtomicI64,
}

impl SkewedClock {
    pub(crate) fn new(truth: Arc<dyn Clock>, skew_ms: i64) -> SkewedClock {
        SkewedClock { truth, skew_ms: AtomicI64::new(skew_ms) }
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Time {
        self.truth.now().plus_ms(self.skew_ms.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, at: Time) -> Later<'static, ()> {
        self.truth.sleep_until(Time(at.0.saturating_sub(self.skew_ms.load(Ordering::Relaxed))))
    }

    fn raise(&self, floor: Time) {
        let behind_ms = floor.since_ms(self.now());
        if behind_ms > 0 {
            self.skew_ms.fetch_add(behind_ms, Ordering::Relaxed);
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Time {
        self.base.plus_ms(i64::try_from(self.anchor.elapsed().as_millis()).expect("a few days"))
    }

    #[expect(clippy::disallowed_methods, reason = "the runtime's clock is paused and virtual here")]
    fn sleep_until(&self, at: Time) -> Later<'static, ()> {
        let ahead_ms = u64::try_from(at.since_ms(self.base)).unwrap_or(0).min(400 * 86_400_000);
        let at = self.anchor + std::time::Duration::from_millis(ahead_ms);
        Box::pin(tokio::time::sleep_until(at))
    }

    fn raise(&self, _floor: Time) {}
}

/// Randomness from the seed.
pub(crate) struct SeededEntropy(pub(crate) Mutex<Dice>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            *byte = (dice.roll() >> 40) as u8;
        }
    }
}
