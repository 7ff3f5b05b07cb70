//! An ordered table that can take back what the transaction under way has done to it.

use std::collections::BTreeMap;
use std::ops::RangeBounds;

/// Rows by key.
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    /// What stood there before each change of this transaction, in order.
    undo: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table { rows: BTreeMap::new(), undo: Vec::new() }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    pub(super) fn find(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    pub(super) fn put(&mut self, key: K, row: V) {
        let before = self.rows.insert(key.clone(), row);
        self.undo.push((key, before));
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(before) = self.rows.remove(key) {
            self.undo.push((key.clone(), Some(before)));
        }
    }

    pub(super) fn range(&self, keys: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(keys)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn keep(&mut self) {
        self.undo.clear();
    }

    pub(super) fn roll_back(&mut self) {
        for (key, before) in self.undo.drain(..).rev() {
            match before {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &Table<u8, char>) -> Vec<(u8, char)> {
        table.range(..).map(|(key, row)| (*key, *row)).collect()
    }

    #[test]
    fn what_is_not_kept_is_taken_back_in_reverse() {
        let mut table = Table::default();
        table.put(1, 'a');
        table.put(2, 'b');
        table.keep();
        table.put(1, 'c');
        table.put(1, 'd');
        table.remove(&2);
        table.put(3, 'e');
        table.put(2, 'f');
        table.remove(&9);
        table.roll_back();
        assert_eq!(rows(&table), [(1, 'a'), (2, 'b')]);
        table.roll_back();
        assert_eq!(rows(&table), [(1, 'a'), (2, 'b')]);
    }
}
