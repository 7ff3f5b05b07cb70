//! The schema as an ordered list of steps, each applied once, in a transaction of its own.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::super::StoreError;
use super::super::tables::refuse;
use super::connection::{self, Access, Database};

/// One step, never changed once it was released: what was applied is compared with its checksum.
struct Step {
    name: &'static str,
    sql: &'static str,
}

const STEPS: &[Step] = &[
    Step { name: "0001_payments", sql: include_str!("steps/0001_payments.sql") },
    Step { name: "0002_changes_and_sessions", sql: include_str!("steps/0002_changes_and_sessions.sql") },
    Step { name: "0003_refunds", sql: include_str!("steps/0003_refunds.sql") },
];

/// How far a database's schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Steps that the database has taken.
    pub applied: usize,
    /// Steps that this version knows.
    pub known: usize,
}

/// Brings a database's schema up to date, or makes the database. No gateway may run on it meanwhile.
pub fn migrate(path: &Path) -> Result<SchemaStatus, StoreError> {
    connection::check_library()?;
    let _lock = connection::lock(path)?;
    let connection = Database::at(path)?.create()?;
    bring_up_to_date(&connection, path)
}

/// How far a database's schema is; changes nothing, and may be asked while a gateway runs.
pub fn schema_status(path: &Path) -> Result<SchemaStatus, StoreError> {
    let connection = Database::at(path)?.open(Access::Read)?;
    let applied = checked(&connection, path)?;
    Ok(SchemaStatus { applied, known: STEPS.len() })
}

/// Takes the steps that are missing.
pub(super) fn bring_up_to_date(connection: &Connection, path: &Path) -> Result<SchemaStatus, StoreError> {
    let applied = checked(connection, path)?;
    for (place, step) in STEPS.iter().enumerate().skip(applied) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS schema (
                 step INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL
             ) STRICT",
        )?;
        transaction.execute_batch(step.sql)?;
        transaction.execute(
            "INSERT INTO schema (step, name, checksum) VALUES (?1, ?2, ?3)",
            (number(place), step.name, checksum(step.sql)),
        )?;
        transaction.commit()?;
    }
    Ok(SchemaStatus { applied: STEPS.len(), known: STEPS.len() })
}

/// Counts the steps that were taken, and refuses a history that is not the beginning of ours.
fn checked(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let path = path.display();
    let schema: Option<i64> = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema'", [], |row| {
            row.get(0)
        })
        .optional()?;
    if schema.is_none() {
        let others: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if others == 0 {
            return Ok(0);
        }
        return refuse(format!("{path} is a database of another program; name another file"));
    }
    let mut statement = connection.prepare("SELECT step, name, checksum FROM schema ORDER BY step")?;
    let taken: Vec<(i64, String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (place, (step, name, sum)) in taken.iter().enumerate() {
        let Some(known) = STEPS.get(place) else {
            return refuse(format!(
                "{path} has taken schema step {step} ({name}) and this version knows {} steps; use the newer paycode",
                STEPS.len()
            ));
        };
        if *step != number(place) || *sum != checksum(known.sql) {
            return refuse(format!(
                "{path} has taken schema step {step} ({name}) with other statements than this version's {}; use the \
                 paycode that made it",
                known.name
            ));
        }
    }
    Ok(taken.len())
}

fn number(place: usize) -> i64 {
    i64::try_from(place).expect("there are few steps") + 1
}

fn checksum(sql: &str) -> String {
    use std::fmt::Write;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, sql.as_bytes());
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}
