//! Time and randomness as arguments: the traits, and the real ones.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};

use payment::time::{DAY_MS, Time};

/// A future on the heap, as every port of the gateway returns it.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What time it is, and when it will be.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
    /// Resolves when `now()` has reached `at`.
    fn sleep_until(&self, at: Time) -> Later<'static, ()>;
    /// From here on, now is not before `floor`: a wall clock that was set back must not undo what the rows have seen.
    fn raise(&self, floor: Time);
}

/// Where random bytes come from.
pub trait Entropy: Send + Sync {
    /// Fills the slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock: the wall clock once, at the start, and the monotonic one from there on, so that a step of the wall
/// clock moves no deadline of a running process.
pub struct WallClock {
    started: Time,
    anchor: tokio::time::Instant,
    /// How far it was raised, in milliseconds.
    lift_ms: AtomicI64,
}

impl WallClock {
    /// Reads the wall clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clocks")]
    pub fn start() -> WallClock {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("a machine whose clock is before 1970 cannot keep accounts");
        let started = i64::try_from(since_epoch.as_millis()).expect("milliseconds fit for 292 million years");
        WallClock { started: Time(started), anchor: tokio::time::Instant::now(), lift_ms: AtomicI64::new(0) }
    }
}

impl Clock for WallClock {
    fn now(&self) -> Time {
        let passed = i64::try_from(self.anchor.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.started.plus_ms(passed).plus_ms(self.lift_ms.load(Ordering::Relaxed))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that sleeps")]
    fn sleep_until(&self, at: Time) -> Later<'static, ()> {
        let lift_ms = self.lift_ms.load(Ordering::Relaxed);
        // A far moment is as good as never, and an Instant has an end.
        let ahead_ms = at.since_ms(self.started).saturating_sub(lift_ms).min(DAY_MS * 365);
        let ahead = std::time::Duration::from_millis(u64::try_from(ahead_ms).unwrap_or(0));
        Box::pin(tokio::time::sleep_until(self.anchor + ahead))
    }

    fn raise(&self, floor: Time) {
        let behind_ms = floor.since_ms(self.now());
        if behind_ms > 0 {
            self.lift_ms.fetch_add(behind_ms, Ordering::Relaxed);
        }
    }
}

/// A clock that runs faster than the wall's: for playing minutes of payments in seconds, over real sockets.
pub struct FastClock {
    wall: WallClock,
    speed: i64,
}

impl FastClock {
    /// Starts where `wall` started and runs `speed` times as fast.
    #[must_use]
    pub fn over(wall: WallClock, speed: i64) -> FastClock {
        FastClock { wall, speed: speed.max(1) }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Time {
        let started = self.wall.started;
        started.plus_ms(self.wall.now().since_ms(started).saturating_mul(self.speed))
    }

    fn sleep_until(&self, at: Time) -> Later<'static, ()> {
        let started = self.wall.started;
        // Rounded up: who wakes must not find that it is not yet time.
        let ahead_ms = at.since_ms(started).saturating_add(self.speed - 1) / self.speed;
        self.wall.sleep_until(started.plus_ms(ahead_ms))
    }

    fn raise(&self, floor: Time) {
        let started = self.wall.started;
        self.wall.raise(started.plus_ms(floor.since_ms(started) / self.speed));
    }
}

/// The operating system's random bytes.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system has random bytes");
    }
}
