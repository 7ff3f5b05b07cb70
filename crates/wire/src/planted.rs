//! B18, a known-bad variant kept as a switch: of a duplicate XML element, the last one wins.
//!
//! Without the feature `planted` it is constantly off; a release build does not have it.

#[cfg(feature = "planted")]
mod switch {
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<bool> = const { Cell::new(false) };
    }

    /// Whether it is planted on this thread.
    #[must_use]
    pub fn last_duplicate_wins() -> bool {
        PLANTED.get()
    }

    /// Plants it on this thread, or removes it.
    pub fn plant_last_duplicate_wins(planted: bool) {
        PLANTED.set(planted);
    }
}

#[cfg(not(feature = "planted"))]
mod switch {
    /// Never: this build has no planted bugs.
    #[must_use]
    #[inline(always)]
    pub fn last_duplicate_wins() -> bool {
        false
    }
}

pub use switch::*;
