//! Real time: measured, never slept through.

use std::time::{Duration, Instant};

/// Runs from where it was started.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "these tests measure what a till waits for, in real time")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(crate) fn passed(&self) -> Duration {
        self.0.elapsed()
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.passed().as_secs()
    }
}
