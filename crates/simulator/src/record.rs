//! The simulator's memory as key and value, so that a killed process loses nothing.
//!
//! Keys: `order/<account>/<number>`, `code/<digits>`, `payer/<n>`, `rate/<account>`, `message/<account>/<number>`; values
//! are JSON of the record. A change replaces the value under its key.

use serde::{Serialize, de::DeserializeOwned};

use crate::book::{Book, Key, Record};

/// One record that changed since the last drain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The record's key.
    pub key: String,
    /// Its JSON; `None`: it is gone.
    pub value: Option<String>,
}

/// Records that do not make a simulator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The key names no kind of record.
    #[error("the key {0} names no record of the simulator")]
    UnknownKey(String),
    /// The value does not read.
    #[error("the record {key} does not read: {why}")]
    Unreadable {
        /// The record's key.
        key: String,
        /// What the reader says.
        why: String,
    },
}

/// Everything that changed since the last time.
pub(crate) fn drain(book: &mut Book) -> Vec<Change> {
    let dirty = std::mem::take(&mut book.dirty);
    dirty.into_iter().map(|record| change(book, &record)).collect()
}

fn change(book: &Book, record: &Record) -> Change {
    match record {
        Record::Order(key) => Change { key: order_key(key), value: book.orders.get(key).map(json) },
        Record::Code(code) => Change { key: format!("code/{code}"), value: book.codes.get(code).map(json) },
        Record::Payer(name) => {
            Change { key: format!("payer/{name}"), value: book.payers.get(name).map(json) }
        }
        Record::Rate(name) => Change { key: format!("rate/{name}"), value: book.rates.get(name).map(json) },
        Record::Message(name) => {
            Change { key: format!("message/{name}"), value: book.messages.seen(name).as_ref().map(json) }
        }
    }
}

// An account may hold a slash, an order number of these channels may not: the last slash divides.
fn order_key(key: &Key) -> String {
    format!("order/{}/{}", key.account, key.number)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("records hold no map with keys that JSON refuses")
}

/// The book that these records describe.
pub(crate) fn restore(records: impl Iterator<Item = (String, String)>) -> Result<Book, RestoreError> {
    let mut book = Book::default();
    for (key, value) in records {
        let unknown = || RestoreError::UnknownKey(key.clone());
        let (kind, name) = key.split_once('/').ok_or_else(unknown)?;
        match kind {
            "order" => {
                let (account, number) = name.rsplit_once('/').ok_or_else(unknown)?;
                let order_key = Key { account: account.to_owned(), number: number.to_owned() };
                book.put(order_key, read(&key, &value)?);
            }
            "code" => _ = book.codes.insert(name.to_owned(), read(&key, &value)?),
            "payer" => _ = book.payers.insert(name.to_owned(), read(&key, &value)?),
            "rate" => _ = book.rates.insert(name.to_owned(), read(&key, &value)?),
            "message" => book.messages.enter(name.to_owned(), read(&key, &value)?),
            _ => return Err(unknown()),
        }
    }
    Ok(book)
}

fn read<T: DeserializeOwned>(key: &str, value: &str) -> Result<T, RestoreError> {
    serde_json::from_str(value)
        .map_err(|error| RestoreError::Unreadable { key: key.to_owned(), why: error.to_string() })
}
