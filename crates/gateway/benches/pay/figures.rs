//! Figures: whole numbers and thousandths, percentiles of one side, medians over the rounds.

use serde::{Serialize, Serializer};

/// A decimal with three places; money is never one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Thousandths(pub(crate) i64);

impl Thousandths {
    /// `count / whole`, or nothing to speak of where there is no whole.
    pub(crate) fn ratio(count: u64, whole: u64) -> Thousandths {
        let thousandths = u128::from(count) * 1000 / u128::from(whole.max(1));
        Thousandths(i64::try_from(thousandths).unwrap_or(i64::MAX))
    }

    /// Microseconds as milliseconds.
    pub(crate) fn ms(one_us: u64, less_us: u64) -> Thousandths {
        Thousandths(i64::try_from(one_us).unwrap_or(i64::MAX) - i64::try_from(less_us).unwrap_or(i64::MAX))
    }

    /// How many times `other` this is.
    pub(crate) fn times(self, other: Thousandths) -> Thousandths {
        Thousandths(self.0 * 1000 / other.0.max(1))
    }
}

impl std::fmt::Display for Thousandths {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        formatter.pad(&format!("{sign}{}.{:03}", size / 1000, size % 1000))
    }
}

impl Serialize for Thousandths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: f64 = self.to_string().parse().expect("digits and a point are a number");
        serializer.serialize_f64(number)
    }
}

/// The value that so many percent of a sorted list do not exceed.
pub(crate) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// A figure over the rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) least: Thousandths,
    pub(crate) median: Thousandths,
    pub(crate) most: Thousandths,
}

impl Spread {
    pub(crate) fn of(figures: impl Iterator<Item = Thousandths>) -> Spread {
        let mut sorted: Vec<Thousandths> = figures.collect();
        sorted.sort_unstable();
        let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
        Spread { least: at(0), median: at(sorted.len() / 2), most: at(sorted.len().saturating_sub(1)) }
    }
}
