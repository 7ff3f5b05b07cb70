//! Cases, reversals, keys and sessions.

use payment::ids::{MerchantCode, NotAnId, PaymentId};
use payment::time::Time;
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::record::{decode_reversal, encode_reversal};
use super::super::tables::{CasePage, ReversalPage};
use super::super::{CaseRow, KeyRow, ReversalRow, SessionRow, StoreError};
use super::rows::{change, count, record, records};

/// A case's columns as they come; the merchant's code is not yet checked.
struct CaseColumns {
    merchant: String,
    id: [u8; 16],
    payment_id: [u8; 16],
    kind: String,
    opened_at: i64,
    closed_at: Option<i64>,
    settlement: Option<String>,
}

impl CaseColumns {
    fn of(row: &Row<'_>) -> Result<CaseColumns, rusqlite::Error> {
        Ok(CaseColumns {
            id: row.get("id")?,
            merchant: row.get("merchant")?,
            payment_id: row.get("payment_id")?,
            kind: row.get("kind")?,
            opened_at: row.get("opened_at")?,
            closed_at: row.get("closed_at")?,
            settlement: row.get("settlement")?,
        })
    }

    fn into_row(self) -> Result<CaseRow, StoreError> {
        Ok(CaseRow {
            id: u128::from_be_bytes(self.id),
            merchant: merchant(&self.merchant)?,
            payment_id: PaymentId(u128::from_be_bytes(self.payment_id)),
            kind: self.kind,
            opened_at: Time(self.opened_at),
            closed_at: self.closed_at.map(Time),
            settlement: self.settlement,
        })
    }
}

fn merchant(text: &str) -> Result<MerchantCode, StoreError> {
    MerchantCode::parse(text).map_err(|error: NotAnId| StoreError::Failed(format!("a stored row: {error}")))
}

pub(super) fn case(connection: &Connection, id: u128) -> Result<Option<CaseRow>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM cases WHERE id = ?1")?;
    let found = statement.query_row((id.to_be_bytes(),), CaseColumns::of).optional()?;
    found.map(CaseColumns::into_row).transpose()
}

pub(super) fn cases(connection: &Connection, page: &CasePage) -> Result<Vec<CaseRow>, StoreError> {
    let CasePage { merchant, open, starting_after, limit } = page;
    // Ids have 128 bits, so the one that no other follows is before all of them when counting down.
    let before = before(*starting_after);
    let sql = match open {
        None => "SELECT * FROM cases WHERE merchant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        Some(true) => {
            "SELECT * FROM cases WHERE merchant = ?1 AND id < ?2 AND closed_at IS NULL ORDER BY id DESC LIMIT ?3"
        }
        Some(false) => {
            "SELECT * FROM cases WHERE merchant = ?1 AND id < ?2 AND closed_at IS NOT NULL ORDER BY id DESC LIMIT ?3"
        }
    };
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((merchant.as_str(), before, count(limit + 1)), CaseColumns::of)?;
    found.map(|columns| columns?.into_row()).collect()
}

/// A blob that the wanted ids sort before: the last one seen, or one that is longer than every id.
fn before(starting_after: Option<u128>) -> Vec<u8> {
    starting_after.map_or_else(|| vec![u8::MAX; 17], |id| id.to_be_bytes().to_vec())
}

pub(super) fn put_case(connection: &Connection, row: &CaseRow) -> Result<(), StoreError> {
    let CaseRow { id, merchant, payment_id, kind, opened_at, closed_at, settlement } = row;
    change(
        connection,
        "INSERT INTO cases (id, merchant, payment_id, kind, opened_at, closed_at, settlement)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET closed_at = excluded.closed_at, settlement = excluded.settlement",
        (
            id.to_be_bytes(),
            merchant.as_str(),
            payment_id.0.to_be_bytes(),
            kind,
            opened_at.0,
            closed_at.map(|at| at.0),
            settlement,
        ),
    )
}

pub(super) fn reversal(connection: &Connection, id: u128) -> Result<Option<ReversalRow>, StoreError> {
    let sql = "SELECT record FROM reversals WHERE id = ?1";
    record(connection, sql, (id.to_be_bytes(),), decode_reversal)
}

pub(super) fn reversals(
    connection: &Connection,
    page: &ReversalPage,
) -> Result<Vec<ReversalRow>, StoreError> {
    let ReversalPage { merchant, payment, starting_after, limit } = page;
    let (before, limit) = (before(*starting_after), count(limit + 1));
    match payment {
        None => records(
            connection,
            "SELECT record FROM reversals WHERE merchant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            (merchant.as_str(), before, limit),
            decode_reversal,
        ),
        Some(payment) => records(
            connection,
            "SELECT record FROM reversals WHERE merchant = ?1 AND payment_id = ?2 AND id < ?3
             ORDER BY id DESC LIMIT ?4",
            (merchant.as_str(), payment.0.to_be_bytes(), before, limit),
            decode_reversal,
        ),
    }
}

pub(super) fn put_reversal(connection: &Connection, row: &ReversalRow) -> Result<(), StoreError> {
    change(
        connection,
        "INSERT INTO reversals (id, merchant, payment_id, record) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        (row.id.to_be_bytes(), row.merchant.as_str(), row.payment_id.0.to_be_bytes(), encode_reversal(row)),
    )
}

pub(super) fn key(connection: &Connection, hash: [u8; 32]) -> Result<Option<KeyRow>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT merchant, scopes, name FROM keys WHERE hash = ?1")?;
    let found: Option<(String, String, String)> =
        statement.query_row((hash,), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((code, scopes, name)) = found else { return Ok(None) };
    let scopes = serde_json::from_str(&scopes)
        .map_err(|error| StoreError::Failed(format!("the scopes of key {name:?} cannot be read: {error}")))?;
    Ok(Some(KeyRow { hash, merchant: merchant(&code)?, scopes, name }))
}

pub(super) fn has_keys(connection: &Connection) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM keys)")?;
    Ok(statement.query_row((), |row| row.get(0))?)
}

pub(super) fn put_key(connection: &Connection, key: &KeyRow) -> Result<(), StoreError> {
    let KeyRow { hash, merchant, scopes, name } = key;
    let scopes = serde_json::to_string(scopes).expect("a list of texts is JSON");
    change(
        connection,
        "INSERT INTO keys (hash, merchant, scopes, name) VALUES (?1, ?2, ?3, ?4)",
        (hash, merchant.as_str(), scopes, name),
    )
}

pub(super) fn session(connection: &Connection, hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
    let sql = "SELECT key_hash, outlet, terminal, operator, expires_at FROM sessions WHERE hash = ?1";
    let read = |row: &Row<'_>| {
        Ok(SessionRow {
            hash,
            key: row.get(0)?,
            outlet: row.get(1)?,
            terminal: row.get(2)?,
            operator: row.get(3)?,
            expires_at: Time(row.get(4)?),
        })
    };
    Ok(connection.prepare_cached(sql)?.query_row((hash,), read).optional()?)
}

pub(super) fn put_session(connection: &Connection, session: &SessionRow) -> Result<(), StoreError> {
    let SessionRow { hash, key, outlet, terminal, operator, expires_at } = session;
    change(
        connection,
        "INSERT INTO sessions (hash, key_hash, outlet, terminal, operator, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (hash) DO UPDATE SET key_hash = excluded.key_hash, outlet = excluded.outlet,
             terminal = excluded.terminal, operator = excluded.operator, expires_at = excluded.expires_at",
        (hash, key, outlet, terminal, operator, expires_at.0),
    )
}
