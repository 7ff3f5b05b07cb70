//! Rows as text: what a database holds of a payment, a watch or a reversal, as one JSON record each.
//!
//! A record is what a crash leaves: a query that is out and the counters of polls are not written, so reading a record back
//! gives exactly `recovered()` of what was written. A record that is not understood to the last word is an error that
//! names the word, never a guess. Payment codes are in no record, because they are in no row.

mod payments;
mod refunds;
mod reversals;
mod scalars;
mod values;
mod watches;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::payments::PaymentRecord;
use self::refunds::RefundRecord;
use self::reversals::ReversalRowRecord;
use self::watches::WatchRecord;
use super::{PaymentRow, RefundRow, ReversalRow, WatchRow};

/// The format of the records that this version writes, and the only one that it reads.
pub const FORMAT: u32 = 1;

/// Why a record cannot be read. The row is left as it is: a person, or the right version of the program, must look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by another version.
    #[error(
        "the record of a {what} has format {found} and this version reads format {FORMAT}; use the version that wrote it"
    )]
    Format {
        /// What the record is of.
        what: &'static str,
        /// Its format number.
        found: u64,
    },
    /// Not a record, or one with a field or a word that nobody wrote.
    #[error("the record of a {what} cannot be read: {cause}; restore the row from a backup")]
    Unreadable {
        /// What the record is of.
        what: &'static str,
        /// What is wrong with it, naming the word.
        cause: String,
    },
}

/// A payment's row as text.
#[must_use]
pub fn encode_payment(row: &PaymentRow) -> String {
    encode(&PaymentRecord::of(row.clone()))
}

/// Reads [`encode_payment`].
pub fn decode_payment(text: &str) -> Result<PaymentRow, RecordError> {
    let row = decode::<PaymentRecord>(text, "payment")?.into_row();
    if row.payment.wake.is_none() != row.payment.is_final() {
        return Err(orphan("payment"));
    }
    Ok(row)
}

/// A watch's row as text.
#[must_use]
pub fn encode_watch(row: &WatchRow) -> String {
    encode(&WatchRecord::of(row.clone()))
}

/// Reads [`encode_watch`].
pub fn decode_watch(text: &str) -> Result<WatchRow, RecordError> {
    let row = decode::<WatchRecord>(text, "watch")?.into_row();
    if row.watch.wake.is_none() != (row.watch.phase == payment::watch::WatchPhase::Bill) {
        return Err(orphan("watch"));
    }
    Ok(row)
}

/// A reversal's row as text.
#[must_use]
pub fn encode_reversal(row: &ReversalRow) -> String {
    encode(&ReversalRowRecord::of(row.clone()))
}

/// Reads [`encode_reversal`].
pub fn decode_reversal(text: &str) -> Result<ReversalRow, RecordError> {
    Ok(decode::<ReversalRowRecord>(text, "reversal")?.into_row())
}

/// A refund's row as text.
#[must_use]
pub fn encode_refund(row: &RefundRow) -> String {
    encode(&RefundRecord::of(row.clone()))
}

/// Reads [`encode_refund`].
pub fn decode_refund(text: &str) -> Result<RefundRow, RecordError> {
    let row = decode::<RefundRecord>(text, "refund")?.into_row();
    if row.refund.wake.is_none() != row.refund.is_final() {
        return Err(orphan("refund"));
    }
    Ok(row)
}

/// A row that is not over and has no wake would never be looked at again.
fn orphan(what: &'static str) -> RecordError {
    let cause = "exactly what is over has no wake, and this record says otherwise".to_owned();
    RecordError::Unreadable { what, cause }
}

/// A record with its format number, which every record begins with.
#[derive(Serialize)]
struct Written<'a, R> {
    format: u32,
    row: &'a R,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read<R> {
    format: u64,
    row: R,
}

/// What every format has in common.
#[derive(Deserialize)]
struct Header {
    format: u64,
}

fn encode<R: Serialize>(row: &R) -> String {
    serde_json::to_string(&Written { format: FORMAT, row }).expect("records have text for keys")
}

fn decode<R: DeserializeOwned>(text: &str, what: &'static str) -> Result<R, RecordError> {
    let other_format = |found: u64| RecordError::Format { what, found };
    match serde_json::from_str::<Read<R>>(text) {
        Ok(read) if read.format == u64::from(FORMAT) => Ok(read.row),
        Ok(read) => Err(other_format(read.format)),
        Err(error) => match serde_json::from_str::<Header>(text) {
            Ok(header) if header.format != u64::from(FORMAT) => Err(other_format(header.format)),
            Ok(_) | Err(_) => Err(RecordError::Unreadable { what, cause: error.to_string() }),
        },
    }
}
