//! Where a store is: it can be opened again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gateway::store::Store;
use gateway::store::memory::MemoryStore;
use gateway::store::sqlite::SqliteStore;
use payment::ids::PaymentId;

/// A notice in the outbox: of which payment, its word, and for a case its kind.
pub(crate) type Told = (PaymentId, String, Option<String>);

pub(crate) trait Place {
    /// Opens the store; what was opened before must have been dropped.
    fn open(&self) -> Arc<dyn Store>;
    fn outbox(&self) -> Vec<Told>;
}

pub(crate) struct InMemory(MemoryStore);

impl InMemory {
    pub(crate) fn new() -> InMemory {
        InMemory(MemoryStore::new())
    }
}

impl Place for InMemory {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    fn outbox(&self) -> Vec<Told> {
        let owned =
            |(id, kind, about): (_, &str, Option<&str>)| (id, kind.to_owned(), about.map(str::to_owned));
        self.0.outbox().into_iter().map(owned).collect()
    }
}

/// A directory of one test, removed with it.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("store-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("paycode.db")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(crate) struct InSqlite(pub(crate) Directory);

impl InSqlite {
    pub(crate) fn new() -> InSqlite {
        InSqlite(Directory::new())
    }

    pub(crate) fn look(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.0.database()).unwrap()
    }
}

impl Place for InSqlite {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.0.database()).unwrap())
    }

    fn outbox(&self) -> Vec<Told> {
        let connection = self.look();
        let mut statement =
            connection.prepare("SELECT payment_id, kind, about FROM notices ORDER BY id").unwrap();
        let told = |row: &rusqlite::Row<'_>| {
            Ok((PaymentId(u128::from_be_bytes(row.get(0)?)), row.get(1)?, row.get(2)?))
        };
        statement.query_map([], told).unwrap().collect::<Result<_, _>>().unwrap()
    }
}
