//! Rows whose step panics: a fault of ours, which must neither stop the others nor be tried without end.
//!
//! Such a row stays as it is; it is tried again after 1, 5 and 15 minutes, then every hour, in case what it met was of the
//! moment. The log and `paycode_payments_stuck` say that somebody has to look at it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use payment::ids::PaymentId;
use payment::time::{SECOND_MS, Time};

const PAUSES_MS: [i64; 4] = [60 * SECOND_MS, 300 * SECOND_MS, 900 * SECOND_MS, 3_600 * SECOND_MS];

/// The rows that panicked in this process.
#[derive(Default)]
pub(super) struct Poison {
    rows: Mutex<BTreeMap<PaymentId, Struck>>,
}

struct Struck {
    times: usize,
    spared_until: Time,
}

impl Poison {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<PaymentId, Struck>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has panicked; answers how many rows are so.
    pub(super) fn struck(&self, id: PaymentId, now: Time) -> usize {
        let mut rows = self.rows();
        let row = rows.entry(id).or_insert(Struck { times: 0, spared_until: now });
        let pause = PAUSES_MS[row.times.min(PAUSES_MS.len() - 1)];
        row.times += 1;
        row.spared_until = now.plus_ms(pause);
        rows.len()
    }

    /// It has run to its end; answers how many others are left.
    pub(super) fn healed(&self, id: PaymentId) -> Option<usize> {
        let mut rows = self.rows();
        rows.remove(&id).map(|_| rows.len())
    }

    /// Whether it is left alone now.
    pub(super) fn spared(&self, id: PaymentId, now: Time) -> bool {
        self.rows().get(&id).is_some_and(|row| now < row.spared_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_panics_is_left_alone_for_longer_and_longer() {
        let poison = Poison::default();
        let (id, other) = (PaymentId(1), PaymentId(2));
        let mut now = Time(0);
        for minutes in [1, 5, 15, 60, 60] {
            assert!(!poison.spared(id, now));
            assert_eq!(poison.struck(id, now), 1);
            assert!(poison.spared(id, now.plus_ms(minutes * 60_000 - 1)) && !poison.spared(other, now));
            now = now.plus_ms(minutes * 60_000);
        }
        assert_eq!(poison.healed(other), None);
        assert_eq!(poison.struck(other, now), 2);
        assert_eq!(poison.healed(id), Some(1));
        assert!(!poison.spared(id, now));
    }
}
