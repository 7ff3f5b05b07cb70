//! Money, as an integer number of fen. There is no floating-point number anywhere near it.

use std::fmt;

/// An amount of money in fen (1/100 yuan), zero or positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

/// The largest amount of one payment: 1,000,000.00 yuan.
pub const PAYMENT_MAX: Fen = Fen(100_000_000);

/// Why an integer is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// Negative, or above what one account could ever hold.
    #[error("{0} fen is not an amount: amounts are 0 to 100,000,000,000 fen")]
    OutOfRange(i64),
    /// Not between 1 and [`PAYMENT_MAX`].
    #[error("{0} fen cannot be paid: a payment is 1 to 100,000,000 fen, as an integer")]
    NotPayable(i64),
}

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// An amount from a channel or a row: 0 to 100,000,000,000 fen.
    pub fn new(fen: i64) -> Result<Fen, NotAnAmount> {
        if (0..=100_000_000_000).contains(&fen) { Ok(Fen(fen)) } else { Err(NotAnAmount::OutOfRange(fen)) }
    }

    /// An amount that a merchant may ask for: 1 to 100,000,000 fen.
    pub fn payable(fen: i64) -> Result<Fen, NotAnAmount> {
        if (1..=PAYMENT_MAX.0).contains(&fen) { Ok(Fen(fen)) } else { Err(NotAnAmount::NotPayable(fen)) }
    }

    /// The integer number of fen.
    #[must_use]
    pub fn fen(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_one_fen_to_a_million_yuan() {
        for bad in [0, -1, i64::MIN, 100_000_001, i64::MAX] {
            assert_eq!(Fen::payable(bad), Err(NotAnAmount::NotPayable(bad)));
        }
        assert_eq!(Fen::payable(1).map(Fen::fen), Ok(1));
        assert_eq!(Fen::payable(100_000_000).map(Fen::fen), Ok(100_000_000));
    }

    #[test]
    fn prints_yuan() {
        assert_eq!(Fen(1).to_string(), "0.01");
        assert_eq!(Fen(123_456).to_string(), "1234.56");
    }
}
