//! Moments, as integers: milliseconds since 1970-01-01T00:00:00Z. Nothing here reads a clock.

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// One second in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Business days are Asia/Shanghai, which has been UTC+8 without summer time since 1991.
const SHANGHAI_OFFSET_MS: i64 = 8 * HOUR_MS;

impl Time {
    /// This moment moved by `ms` milliseconds, saturating.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Time {
        Time(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub fn since_ms(self, earlier: Time) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first moment of the next business day in Shanghai.
    #[must_use]
    pub fn next_midnight_shanghai(self) -> Time {
        let local = self.0.saturating_add(SHANGHAI_OFFSET_MS);
        let next_day = (local.div_euclid(DAY_MS) + 1) * DAY_MS;
        Time(next_day.saturating_sub(SHANGHAI_OFFSET_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_shanghai_midnight_whatever_the_host_zone() {
        // 2026-03-15T15:59:59.999Z is one millisecond before midnight in Shanghai.
        let last = Time(1_773_590_399_999);
        assert_eq!(last.next_midnight_shanghai(), Time(1_773_590_400_000));
        assert_eq!(Time(1_773_590_400_000).next_midnight_shanghai(), Time(1_773_590_400_000 + DAY_MS));
    }
}
