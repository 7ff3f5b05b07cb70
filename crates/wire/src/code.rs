//! The payer's payment code on its way into or out of a message.

use std::fmt;

use zeroize::Zeroize;

/// A payment code (付款码) as it stands on the wire: a secret for as long as it can be spent.
///
/// `Debug` shows the two digits that name the wallet and nothing else; the memory is zeroed when dropped. There is no
/// check of its form here: the simulator must be able to receive a wrong one.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentCode(String);

impl PaymentCode {
    /// Takes the digits as they are.
    pub fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }

    /// The digits themselves, for the request's bytes or the simulator's book.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PaymentCode {
    fn from(digits: &str) -> Self {
        Self::new(digits)
    }
}

impl From<String> for PaymentCode {
    fn from(digits: String) -> Self {
        Self::new(digits)
    }
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&masked(&self.0))
    }
}

impl Drop for PaymentCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The first two characters and four stars: enough to see which wallet, too little to spend.
pub(crate) fn masked(digits: &str) -> String {
    digits.chars().take(2).chain("****".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_wallet_only() {
        assert_eq!(format!("{:?}", PaymentCode::new("134567890123456789")), "13****");
        assert_eq!(format!("{:?}", PaymentCode::new("")), "****");
    }
}
