//! The trust boundary: a value that a channel's signature has vouched for.

/// A value whose bytes carried the channel's valid signature.
///
/// Only this crate's verifiers make one, so a function that takes a `Verified` cannot be handed a guess. It says who
/// spoke, not that what was said fits our payment: number, amount and merchant are still the reader's to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Called by a verifier right after the signature matched, and nowhere else.
    pub(crate) fn vouch(value: T) -> Self {
        Self(value)
    }

    /// The vouched value itself.
    pub fn value(&self) -> &T {
        &self.0
    }

    /// Gives up the proof and keeps the value.
    pub fn into_value(self) -> T {
        self.0
    }
}

/// A field of a verified message that is there but not in its documented form.
///
/// The reader must treat such an answer as *unknown*, not as a field that is absent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field} has the unreadable value {value:?}")]
pub struct BadField {
    /// The field's name on the wire.
    pub field: &'static str,
    /// What stood there.
    pub value: String,
}
