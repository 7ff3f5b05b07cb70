//! The steps of a transaction on an SQLite connection.

use payment::ids::{CodeFingerprint, MerchantCode, OrderNo, PaymentId, RefundId, RefundNo};
use payment::time::Time;
use rusqlite::{Connection, OptionalExtension, Params};

use super::super::record::{RecordError, decode_payment, decode_refund, decode_watch};
use super::super::tables::{CasePage, Guards, NoticeRow, ReversalPage, Tables, Till};
use super::super::{
    CaseRow, Changed, Due, Event, KeyRow, PaymentFilter, PaymentRow, RefundFilter, RefundRow, ReversalRow,
    SessionRow, StoreError, WatchRow,
};
use super::{entries, payments, refunds as refund_rows};

/// A connection inside a transaction.
pub(super) struct Rows<'c> {
    connection: &'c Connection,
}

impl<'c> Rows<'c> {
    pub(super) fn of(connection: &'c Connection) -> Rows<'c> {
        Rows { connection }
    }
}

/// The records that a query answers, in its order. Its one column is `record`.
pub(super) fn records<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    decode: impl Fn(&str) -> Result<T, RecordError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let record = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        read.push(decode(record)?);
    }
    Ok(read)
}

/// Like [`records`], but a record that cannot be read is left where it is and said aloud: one bad row must not keep every
/// other payment asleep. The second column is the payment's id.
fn readable<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    decode: impl Fn(&str) -> Result<T, RecordError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let record = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        match decode(record) {
            Ok(value) => read.push(value),
            Err(error) => {
                let payment = PaymentId(u128::from_be_bytes(row.get(1)?));
                tracing::error!(%payment, %error, "a row that is due cannot be read; a person must look at it");
            }
        }
    }
    Ok(read)
}

/// The one record that a query answers, if it does.
pub(super) fn record<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    decode: impl Fn(&str) -> Result<T, RecordError>,
) -> Result<Option<T>, StoreError> {
    Ok(records(connection, sql, parameters, decode)?.pop())
}

/// Runs a statement that changes rows.
pub(super) fn change(connection: &Connection, sql: &str, parameters: impl Params) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute(parameters)?;
    Ok(())
}

/// How many rows to ask for, as SQLite counts.
pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl Tables for Rows<'_> {
    fn attempts(&self, merchant: &MerchantCode, order_no: &OrderNo) -> Result<Vec<PaymentRow>, StoreError> {
        let sql = "SELECT record FROM payments WHERE merchant = ?1 AND order_no = ?2 ORDER BY attempt";
        records(self.connection, sql, (merchant.as_str(), order_no.as_str()), decode_payment)
    }

    fn with_code(&self, print: CodeFingerprint) -> Result<Vec<PaymentRow>, StoreError> {
        let sql = "SELECT record FROM payments WHERE fingerprint = ?1 ORDER BY id";
        records(self.connection, sql, (print.0,), decode_payment)
    }

    fn undecided_at(&self, till: &Till<'_>) -> Result<Option<PaymentId>, StoreError> {
        payments::undecided_at(self.connection, till)
    }

    fn payment(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        let sql = "SELECT record FROM payments WHERE id = ?1";
        record(self.connection, sql, (id.0.to_be_bytes(),), decode_payment)
    }

    fn payments(&self, filter: &PaymentFilter) -> Result<Vec<PaymentRow>, StoreError> {
        payments::listed(self.connection, filter)
    }

    fn changes(
        &self,
        merchant: &MerchantCode,
        change: i64,
        limit: usize,
    ) -> Result<Vec<Changed>, StoreError> {
        payments::changes(self.connection, merchant, change, limit)
    }

    fn latest_change(&self) -> Result<i64, StoreError> {
        payments::latest_change(self.connection)
    }

    fn insert_payment(&mut self, row: &PaymentRow, _guards: Guards) -> Result<(), StoreError> {
        payments::insert(self.connection, row)
    }

    fn update_payment(&mut self, row: &PaymentRow) -> Result<(), StoreError> {
        payments::update(self.connection, row)
    }

    fn events(&self, id: PaymentId) -> Result<Vec<Event>, StoreError> {
        payments::events(self.connection, id)
    }

    fn append_event(&mut self, id: PaymentId, event: &Event) -> Result<(), StoreError> {
        payments::append_event(self.connection, id, event)
    }

    fn append_notice(&mut self, notice: &NoticeRow) -> Result<(), StoreError> {
        payments::append_notice(self.connection, notice)
    }

    fn watch(&self, id: PaymentId) -> Result<Option<WatchRow>, StoreError> {
        let sql = "SELECT record FROM watches WHERE payment_id = ?1";
        record(self.connection, sql, (id.0.to_be_bytes(),), decode_watch)
    }

    fn put_watch(&mut self, row: &WatchRow) -> Result<(), StoreError> {
        payments::put_watch(self.connection, row)
    }

    fn case(&self, id: u128) -> Result<Option<CaseRow>, StoreError> {
        entries::case(self.connection, id)
    }

    fn cases(&self, page: &CasePage) -> Result<Vec<CaseRow>, StoreError> {
        entries::cases(self.connection, page)
    }

    fn put_case(&mut self, row: &CaseRow) -> Result<(), StoreError> {
        entries::put_case(self.connection, row)
    }

    fn reversal(&self, id: u128) -> Result<Option<ReversalRow>, StoreError> {
        entries::reversal(self.connection, id)
    }

    fn reversals(&self, page: &ReversalPage) -> Result<Vec<ReversalRow>, StoreError> {
        entries::reversals(self.connection, page)
    }

    fn put_reversal(&mut self, row: &ReversalRow) -> Result<(), StoreError> {
        entries::put_reversal(self.connection, row)
    }

    fn refund(&self, id: RefundId) -> Result<Option<RefundRow>, StoreError> {
        refund_rows::by_id(self.connection, id)
    }

    fn refund_by_no(
        &self,
        merchant: &MerchantCode,
        refund_no: &RefundNo,
    ) -> Result<Option<RefundRow>, StoreError> {
        refund_rows::by_no(self.connection, merchant, refund_no)
    }

    fn refunds(&self, filter: &RefundFilter) -> Result<Vec<RefundRow>, StoreError> {
        refund_rows::listed(self.connection, filter)
    }

    fn refunds_under_way(&self, payment: PaymentId) -> Result<Vec<RefundRow>, StoreError> {
        refund_rows::under_way(self.connection, payment)
    }

    fn put_refund(&mut self, row: &RefundRow) -> Result<(), StoreError> {
        refund_rows::put(self.connection, row)
    }

    fn due(&self, until: Time, limit: usize) -> Result<Due, StoreError> {
        let payments = "SELECT record, id FROM payments WHERE wake <= ?1 ORDER BY wake, id LIMIT ?2";
        let watches =
            "SELECT record, payment_id FROM watches WHERE wake <= ?1 ORDER BY wake, payment_id LIMIT ?2";
        let refunds = "SELECT record, payment_id FROM refunds WHERE wake <= ?1 ORDER BY wake, id LIMIT ?2";
        let within = (until.0, count(limit));
        Ok(Due {
            payments: readable(self.connection, payments, within, decode_payment)?,
            watches: readable(self.connection, watches, within, decode_watch)?,
            refunds: readable(self.connection, refunds, within, decode_refund)?,
        })
    }

    fn has_tombstone(&self, merchant: &MerchantCode, order_no: &OrderNo) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM tombstones WHERE merchant = ?1 AND order_no = ?2";
        Ok(self.connection.prepare_cached(sql)?.exists((merchant.as_str(), order_no.as_str()))?)
    }

    fn put_tombstone(
        &mut self,
        merchant: &MerchantCode,
        order_no: &OrderNo,
        at: Time,
    ) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO tombstones (merchant, order_no, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        change(self.connection, sql, (merchant.as_str(), order_no.as_str(), at.0))
    }

    fn key(&self, hash: [u8; 32]) -> Result<Option<KeyRow>, StoreError> {
        entries::key(self.connection, hash)
    }

    fn has_keys(&self) -> Result<bool, StoreError> {
        entries::has_keys(self.connection)
    }

    fn put_key(&mut self, key: &KeyRow) -> Result<(), StoreError> {
        entries::put_key(self.connection, key)
    }

    fn session(&self, hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        entries::session(self.connection, hash)
    }

    fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        entries::put_session(self.connection, session)
    }

    fn remove_session(&mut self, hash: [u8; 32]) -> Result<(), StoreError> {
        change(self.connection, "DELETE FROM sessions WHERE hash = ?1", (hash,))
    }

    fn remove_ended_sessions(&mut self, now: Time) -> Result<(), StoreError> {
        change(self.connection, "DELETE FROM sessions WHERE expires_at < ?1", (now.0,))
    }

    fn secret(&self, name: &str) -> Result<Option<[u8; 32]>, StoreError> {
        let sql = "SELECT value FROM secrets WHERE name = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row((name,), |row| row.get(0)).optional()?)
    }

    fn put_secret(&mut self, name: &str, secret: [u8; 32]) -> Result<(), StoreError> {
        let sql = "INSERT INTO secrets (name, value) VALUES (?1, ?2)";
        change(self.connection, sql, (name, secret))
    }

    fn beat(&mut self) -> Result<(), StoreError> {
        change(self.connection, "UPDATE pulse SET beat = beat + 1", ())
    }
}
