//! Message numbers that were used: a channel that knows each message by a number of its own refuses the second of a kind.

use std::collections::{BTreeMap, BTreeSet};

/// A number is remembered for so long, ms: much longer than any call of a merchant is under way.
const REMEMBERED_MS: i64 = 600_000;

/// The numbers of a while, by account and number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Messages {
    seen: BTreeMap<String, i64>,
    /// The same, oldest first. Derived.
    by_age: BTreeSet<(i64, String)>,
}

impl Messages {
    /// When a number was used, unix ms.
    pub(crate) fn seen(&self, name: &str) -> Option<i64> {
        self.seen.get(name).copied()
    }

    /// Enters a number that was not used before.
    pub(crate) fn enter(&mut self, name: String, seen_ms: i64) {
        self.by_age.insert((seen_ms, name.clone()));
        self.seen.insert(name, seen_ms);
    }

    /// Takes out what is too old to be remembered, and names it.
    pub(crate) fn forget(&mut self, now_ms: i64) -> Vec<String> {
        let mut forgotten = Vec::new();
        while self.by_age.first().is_some_and(|(seen_ms, _)| now_ms - seen_ms > REMEMBERED_MS) {
            if let Some((_, name)) = self.by_age.pop_first() {
                self.seen.remove(&name);
                forgotten.push(name);
            }
        }
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_for_ten_minutes() {
        let mut messages = Messages::default();
        messages.enter("a".to_owned(), 0);
        messages.enter("b".to_owned(), 1);
        assert_eq!(messages.forget(REMEMBERED_MS), [] as [String; 0]);
        assert_eq!(messages.forget(REMEMBERED_MS + 1), ["a"]);
        assert_eq!((messages.seen("a"), messages.seen("b")), (None, Some(1)));
    }
}
