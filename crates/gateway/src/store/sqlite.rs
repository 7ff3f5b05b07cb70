//! The store in one SQLite file: write-ahead log, every commit synced, one writer that commits in groups, one reader.
//!
//! What is queued while the disk works is committed together, each job behind its own savepoint; a caller hears of its job
//! only when the commit that holds it is on the disk. Readers never wait for the disk. One process uses a database at a
//! time, which a lock beside the file holds. Several nodes need another store.

mod connection;
mod entries;
mod job;
mod lanes;
mod payments;
mod refunds;
mod rows;
mod schema;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use self::connection::{Access, Database};
use self::lanes::{Counts, Lane};
use super::tables::{Backend, Work};
use super::{Counters, StoreError};
use crate::clock::Later;

pub use schema::{SchemaStatus, migrate, schema_status};

/// The store in one SQLite file.
///
/// Dropping it finishes what is queued, then closes the file and gives up the lock. The order of the fields is the order
/// of closing: the writer closes last but for the lock, and checkpoints the log as it does.
pub struct SqliteStore {
    reader: Lane,
    writer: Lane,
    counts: Arc<Counts>,
    _lock: File,
}

impl SqliteStore {
    /// Opens the database, or makes it where there is none, checks it and brings its schema up to date.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        connection::check_library()?;
        let lock = connection::lock(path)?;
        let database = Database::at(path)?;
        let connection = database.create()?;
        schema::bring_up_to_date(&connection, path)?;
        let counts = Arc::new(Counts::default());
        let writer = Lane::writer(database.clone(), connection, Arc::clone(&counts))?;
        let reader = Lane::reader(database.clone(), database.open(Access::Read)?)?;
        Ok(SqliteStore { reader, writer, counts, _lock: lock })
    }
}

impl Backend for SqliteStore {
    fn write<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>> {
        Box::pin(self.writer.run(work))
    }

    fn read<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>> {
        Box::pin(self.reader.run(work))
    }

    fn written(&self) -> Counters {
        self.counts.read()
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Failed(format!("SQLite: {error}"))
    }
}
