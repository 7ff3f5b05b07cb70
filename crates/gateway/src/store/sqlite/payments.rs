//! Payments, their timelines, the outbox and the watches.

use payment::ids::{MerchantCode, PaymentId};
use payment::time::Time;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, named_params, params_from_iter};

use super::super::record::decode_payment;
use super::super::tables::{NoticeRow, PaymentColumns, Till, WatchColumns};
use super::super::{Changed, Event, PaymentFilter, PaymentRow, StoreError, WatchRow};
use super::rows::{change, count, records};

pub(super) fn insert(connection: &Connection, row: &PaymentRow) -> Result<(), StoreError> {
    let columns = PaymentColumns::of(row);
    change(
        connection,
        "INSERT INTO payments (id, merchant, order_no, attempt, status, channel, account, channel_order_no, outlet,
             terminal, amount, fingerprint, never_asked, opened_at, wake, version, record, change)
         VALUES (:id, :merchant, :order_no, :attempt, :status, :channel, :account, :channel_order_no, :outlet,
             :terminal, :amount, :fingerprint, :never_asked, :opened_at, :wake, :version, :record,
             (SELECT coalesce(max(change), 0) + 1 FROM payments))",
        named_params! {
            ":id": columns.id.0.to_be_bytes(),
            ":merchant": columns.merchant.as_str(),
            ":order_no": columns.order_no.as_str(),
            ":attempt": columns.attempt,
            ":status": columns.status.word(),
            ":channel": columns.channel.word(),
            ":account": columns.account,
            ":channel_order_no": columns.channel_order_no,
            ":outlet": columns.outlet,
            ":terminal": columns.terminal,
            ":amount": columns.amount.fen(),
            ":fingerprint": columns.fingerprint.0,
            ":never_asked": columns.never_asked,
            ":opened_at": columns.opened_at.0,
            ":wake": columns.wake.map(|at| at.0),
            ":version": columns.version,
            ":record": columns.record,
        },
    )
}

/// Over the version before it. Whose sale it is and how it was asked never changes, and what is not named here costs no
/// search index a step.
pub(super) fn update(connection: &Connection, row: &PaymentRow) -> Result<(), StoreError> {
    let PaymentColumns { id, status, never_asked, wake, version, record, .. } = PaymentColumns::of(row);
    change(
        connection,
        "UPDATE payments SET status = :status, never_asked = :never_asked, wake = :wake, version = :version,
             record = :record, change = (SELECT max(change) + 1 FROM payments)
         WHERE id = :id",
        named_params! {
            ":id": id.0.to_be_bytes(),
            ":status": status.word(),
            ":never_asked": never_asked,
            ":wake": wake.map(|at| at.0),
            ":version": version,
            ":record": record,
        },
    )
}

pub(super) fn changes(
    connection: &Connection,
    merchant: &MerchantCode,
    change: i64,
    limit: usize,
) -> Result<Vec<Changed>, StoreError> {
    let sql =
        "SELECT change, record FROM payments WHERE change > ?1 AND merchant = ?2 ORDER BY change LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((change, merchant.as_str(), count(limit)))?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let record = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        read.push(Changed { change: row.get(0)?, row: decode_payment(record)? });
    }
    Ok(read)
}

pub(super) fn latest_change(connection: &Connection) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(change), 0) FROM payments")?;
    Ok(statement.query_row((), |row| row.get(0))?)
}

pub(super) fn undecided_at(
    connection: &Connection,
    till: &Till<'_>,
) -> Result<Option<PaymentId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM payments
         WHERE status IN ('processing', 'suspended') AND merchant = ?1 AND terminal = ?2 AND amount = ?3
             AND outlet IS ?4 AND order_no <> ?5
         ORDER BY id LIMIT 1",
    )?;
    let Till { merchant, outlet, terminal, amount, order_no } = till;
    let here = (merchant.as_str(), terminal, amount.fen(), outlet, order_no.as_str());
    let id: Option<[u8; 16]> = statement.query_row(here, |row| row.get(0)).optional()?;
    Ok(id.map(|bytes| PaymentId(u128::from_be_bytes(bytes))))
}

pub(super) fn listed(connection: &Connection, filter: &PaymentFilter) -> Result<Vec<PaymentRow>, StoreError> {
    let PaymentFilter {
        merchant,
        limit,
        starting_after,
        status,
        channel,
        order_no,
        outlet,
        terminal,
        created_from,
        created_before,
    } = filter;
    let text = |text: &str| Value::Text(text.to_owned());
    // A sale has few attempts: the plus keeps SQLite from walking all payments in the order of their ids to find them.
    let (id, id_before) = if order_no.is_some() { ("+id", "+id <") } else { ("id", "id <") };
    let conditions = [
        ("merchant =", Some(text(merchant.as_str()))),
        (id_before, starting_after.map(|id| Value::Blob(id.0.to_be_bytes().to_vec()))),
        ("status =", status.map(|status| text(status.word()))),
        ("channel =", channel.map(|channel| text(channel.word()))),
        ("order_no =", order_no.as_ref().map(|order_no| text(order_no.as_str()))),
        ("outlet =", outlet.as_deref().map(text)),
        ("terminal =", terminal.as_deref().map(text)),
        ("opened_at >=", created_from.map(|from| Value::Integer(from.0))),
        ("opened_at <", created_before.map(|before| Value::Integer(before.0))),
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
    let sql =
        format!("SELECT record FROM payments WHERE {} ORDER BY {id} DESC LIMIT ?", wanted.join(" AND "));
    records(connection, &sql, params_from_iter(parameters), decode_payment)
}

pub(super) fn events(connection: &Connection, id: PaymentId) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT at, kind, body FROM events WHERE payment_id = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let lines = statement.query_map((id.0.to_be_bytes(),), |row| {
        Ok(Event { at: Time(row.get(0)?), kind: row.get(1)?, body: row.get(2)? })
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}

pub(super) fn append_event(connection: &Connection, id: PaymentId, event: &Event) -> Result<(), StoreError> {
    let Event { at, kind, body } = event;
    change(
        connection,
        "INSERT INTO events (payment_id, seq, at, kind, body)
         SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4 FROM events WHERE payment_id = ?1",
        (id.0.to_be_bytes(), at.0, kind, body),
    )
}

pub(super) fn append_notice(connection: &Connection, notice: &NoticeRow) -> Result<(), StoreError> {
    let NoticeRow { payment_id, merchant, at, kind, about, version } = notice;
    change(
        connection,
        "INSERT INTO notices (payment_id, merchant, at, kind, about, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (payment_id.0.to_be_bytes(), merchant.as_str(), at.0, kind, about, version),
    )
}

pub(super) fn put_watch(connection: &Connection, row: &WatchRow) -> Result<(), StoreError> {
    let WatchColumns { payment_id, wake, version, record } = WatchColumns::of(row);
    change(
        connection,
        "INSERT INTO watches (payment_id, wake, version, record) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (payment_id) DO UPDATE
         SET wake = excluded.wake, version = excluded.version, record = excluded.record",
        (payment_id.0.to_be_bytes(), wake.map(|at| at.0), version, record),
    )
}
