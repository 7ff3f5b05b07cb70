//! Numbers that a channel keeps apart: the messages that it has seen, and sequences of its own.

use super::Clearing;
use crate::book::Record;
use crate::calendar;

impl Clearing {
    /// Enters a message number; false when it was used before.
    pub(crate) fn first_of_its_kind(&mut self, now_ms: i64, name: &str) -> bool {
        let forgotten = self.book.messages.forget(now_ms);
        self.book.dirty.extend(forgotten.into_iter().map(Record::Message));
        if self.book.messages.seen(name).is_some() {
            return false;
        }
        self.book.messages.enter(name.to_owned(), now_ms);
        self.book.dirty.insert(Record::Message(name.to_owned()));
        true
    }

    /// The next number of a sequence that begins anew each Beijing day, from 1.
    pub(crate) fn next_of_day(&mut self, now_ms: i64, name: &str) -> u32 {
        let sequence = self.book.rates.entry(name.to_owned()).or_default();
        let day = calendar::beijing_day(now_ms);
        if sequence.second != day {
            (sequence.second, sequence.count) = (day, 0);
        }
        sequence.count = sequence.count.saturating_add(1);
        let nth = sequence.count;
        self.book.dirty.insert(Record::Rate(name.to_owned()));
        nth
    }
}
