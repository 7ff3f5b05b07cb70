//! Refunds.

use payment::ids::{MerchantCode, PaymentId, RefundId, RefundNo};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::super::record::decode_refund;
use super::super::tables::RefundColumns;
use super::super::{RefundFilter, RefundRow, StoreError};
use super::rows::{change, count, record, records};

pub(super) fn by_id(connection: &Connection, id: RefundId) -> Result<Option<RefundRow>, StoreError> {
    let sql = "SELECT record FROM refunds WHERE id = ?1";
    record(connection, sql, (id.0.to_be_bytes(),), decode_refund)
}

pub(super) fn by_no(
    connection: &Connection,
    merchant: &MerchantCode,
    refund_no: &RefundNo,
) -> Result<Option<RefundRow>, StoreError> {
    let sql = "SELECT record FROM refunds WHERE merchant = ?1 AND refund_no = ?2";
    record(connection, sql, (merchant.as_str(), refund_no.as_str()), decode_refund)
}

pub(super) fn listed(connection: &Connection, filter: &RefundFilter) -> Result<Vec<RefundRow>, StoreError> {
    let RefundFilter { merchant, limit, starting_after, payment, status, refund_no } = filter;
    let text = |text: &str| Value::Text(text.to_owned());
    let blob = |id: u128| Value::Blob(id.to_be_bytes().to_vec());
    let conditions = [
        ("merchant =", Some(text(merchant.as_str()))),
        ("id <", starting_after.map(|id| blob(id.0))),
        ("payment_id =", payment.map(|id| blob(id.0))),
        ("status =", status.map(|status| text(status.word()))),
        ("refund_no =", refund_no.as_ref().map(|number| text(number.as_str()))),
    ];
    let mut wanted = Vec::new();
    let mut parameters = Vec::new();
    for (condition, value) in conditions {
        if let Some(value) = value {
            wanted.push(format!("{condition} ?"));
            parameters.push(value);
        }
    }
    parameters.push(Value::Integer(count(limit + 1)));
    let sql = format!("SELECT record FROM refunds WHERE {} ORDER BY id DESC LIMIT ?", wanted.join(" AND "));
    records(connection, &sql, params_from_iter(parameters), decode_refund)
}

pub(super) fn under_way(connection: &Connection, payment: PaymentId) -> Result<Vec<RefundRow>, StoreError> {
    let sql = "SELECT record FROM refunds WHERE payment_id = ?1 AND wake IS NOT NULL ORDER BY id";
    records(connection, sql, (payment.0.to_be_bytes(),), decode_refund)
}

pub(super) fn put(connection: &Connection, row: &RefundRow) -> Result<(), StoreError> {
    let RefundColumns { id, merchant, payment_id, refund_no, status, wake, version, record } =
        RefundColumns::of(row);
    change(
        connection,
        "INSERT INTO refunds (id, merchant, payment_id, refund_no, status, wake, version, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE
         SET status = excluded.status, wake = excluded.wake, version = excluded.version, record = excluded.record",
        (
            id.0.to_be_bytes(),
            merchant.as_str(),
            payment_id.0.to_be_bytes(),
            refund_no.as_str(),
            status.word(),
            wake.map(|at| at.0),
            version,
            record,
        ),
    )
}
