//! Known-bad variants, kept as switches so that the tests can prove that they find them.
//!
//! Without the feature `planted` every switch is constantly off and leaves no code behind; a release build has none.

/// One planted bug, by its number in the tests. B18, a duplicate XML element, is planted in the crate `wire`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bug {
    /// The intent is written after the call.
    B1,
    /// A 5xx in answer to a submit is taken as failed.
    B2,
    /// *Not found* is taken as not paid.
    B3,
    /// A doubtful submit is sent again under a fresh number.
    B4,
    /// A doubtful submit is sent again under the same number, and its error is believed.
    B5,
    /// The amount in the answer is not checked.
    B6,
    /// A late answer overwrites Reversed.
    B7,
    /// The reversal leaves before its minimum age.
    B8,
    /// A payment that the till was told is paid is reversed though nobody demanded it.
    B9,
    /// Idempotency by select, then insert.
    B13,
    /// The sum of refunds is not checked where the amount is reserved.
    B14,
    /// Timers are not rebuilt after a restart.
    B15,
    /// Reversed without a confirming query.
    B16,
    /// No watch after an end on *not found* or a decline.
    B17,
    /// An unsigned refusal is believed.
    B19,
    /// Yuan and fen are mixed up.
    B21,
    /// A doubtful refund is repeated under a new number.
    B23,
    /// A payment with refunds is reversed.
    B24,
    /// A refusal of a refund is believed without asking what a former request did.
    B29,
}

impl Bug {
    /// Every planted bug.
    pub const ALL: [Bug; 19] = [
        Bug::B1,
        Bug::B2,
        Bug::B3,
        Bug::B4,
        Bug::B5,
        Bug::B6,
        Bug::B7,
        Bug::B8,
        Bug::B9,
        Bug::B13,
        Bug::B14,
        Bug::B15,
        Bug::B16,
        Bug::B17,
        Bug::B19,
        Bug::B21,
        Bug::B23,
        Bug::B24,
        Bug::B29,
    ];
}

#[cfg(feature = "planted")]
mod switch {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Whether this bug is planted on this thread.
    #[must_use]
    pub fn on(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Plants a bug on this thread, or removes it.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }
}

#[cfg(not(feature = "planted"))]
mod switch {
    use super::Bug;

    /// Never: this build has no planted bugs.
    #[must_use]
    #[inline(always)]
    pub fn on(_bug: Bug) -> bool {
        false
    }
}

pub use switch::*;
