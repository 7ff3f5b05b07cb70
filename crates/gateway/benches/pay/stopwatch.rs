//! Real time: the one thing that a measurement is about.

use std::time::{Duration, Instant};

/// Runs from where it was started.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a measurement of real time reads the real clock")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(crate) fn passed(&self) -> Duration {
        self.0.elapsed()
    }

    pub(crate) fn passed_us(&self) -> u64 {
        u64::try_from(self.passed().as_micros()).unwrap_or(u64::MAX)
    }
}
