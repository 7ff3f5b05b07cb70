//! How a connection is opened, and what it must answer before anything is trusted to it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::super::StoreError;
use super::super::tables::refuse;

/// Below this version a write-ahead log can be damaged when two connections write or checkpoint at the same moment (the
/// WAL-reset bug, fixed in 3.51.3).
const SQLITE_MIN: i32 = 3_051_003;

/// How long a statement waits for a lock that a backup tool holds.
const BUSY_MS: u64 = 5_000;

/// Pages that a connection keeps in memory, in KiB.
const CACHE_KIB: u32 = 16 * 1024;

/// The log is moved into the database when it has so many pages: 16 MiB of 4 KiB each.
const LOG_PAGES: u32 = 4 * 1024;

/// Where the database is.
#[derive(Clone)]
pub(super) struct Database {
    path: PathBuf,
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Refuses a library that is known to damage databases.
pub(super) fn check_library() -> Result<(), StoreError> {
    if rusqlite::version_number() >= SQLITE_MIN {
        return Ok(());
    }
    refuse(format!("SQLite {} can damage its log; build with 3.51.3 or newer", rusqlite::version()))
}

/// Takes the lock that keeps a second process away; it is held as long as the file is open.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let name = PathBuf::from(name);
    let opened = OpenOptions::new().create(true).append(true).open(&name);
    let file = opened.or_else(|error| {
        refuse(format!(
            "the lock {} cannot be opened: {error}; the data directory must exist and be writable",
            name.display()
        ))
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => refuse(format!(
            "another paycode uses {}; stop it, or give this one a data directory of its own",
            path.display()
        )),
        Err(TryLockError::Error(error)) => {
            refuse(format!("the lock {} cannot be taken: {error}; use a local file system", name.display()))
        }
    }
}

impl Database {
    pub(super) fn at(path: &Path) -> Result<Database, StoreError> {
        if path.is_dir() {
            return refuse(format!("{} is a directory; name a file in it", path.display()));
        }
        Ok(Database { path: path.to_owned() })
    }

    /// Opens the database for writing, makes it where there is none, and looks for damage.
    pub(super) fn create(&self) -> Result<Connection, StoreError> {
        self.make_private()?;
        let connection = self.open(Access::Write)?;
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .or_else(|error| self.unusable(&error))?;
        if verdict == "ok" {
            return Ok(connection);
        }
        refuse(format!("{} is damaged: {verdict}; restore it from a backup", self.path.display()))
    }

    /// Opens the database that is there; a file that has vanished is never made anew behind a running gateway's back.
    pub(super) fn open(&self, access: Access) -> Result<Connection, StoreError> {
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let connection = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .or_else(|error| self.unusable(&error))?;
        self.prepare(&connection, access).or_else(|error| self.unusable(&error))?;
        if access == Access::Write {
            self.verify(&connection)?;
        }
        Ok(connection)
    }

    /// Whether the file is still where it was.
    pub(super) fn is_there(&self) -> bool {
        self.path.is_file()
    }

    fn prepare(&self, connection: &Connection, access: Access) -> Result<(), rusqlite::Error> {
        connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
        connection.set_prepared_statement_cache_capacity(64);
        // A plan depends on the statement alone; otherwise SQLite plans anew for every value that is bound.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB}"))?;
        match access {
            Access::Read => connection.execute_batch("PRAGMA query_only = ON"),
            Access::Write => {
                // Answers with the mode; `verify` asks again what it has become.
                connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
                connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")?;
                // What a savepoint may have to restore stays in memory and never goes through a file. A page that many
                // commits have changed is moved from the log once.
                connection.execute_batch(&format!(
                    "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = {LOG_PAGES}"
                ))
            }
        }
    }

    /// A pragma that is not understood is silently ignored, so each is asked for what it is now.
    fn verify(&self, connection: &Connection) -> Result<(), StoreError> {
        let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        let foreign_keys: i64 = connection.query_row("PRAGMA foreign_keys", [], |row| row.get(0))?;
        if (journal.as_str(), synchronous, foreign_keys) == ("wal", 2, 1) {
            return Ok(());
        }
        refuse(format!(
            "{} does not take journal_mode wal, synchronous 2 and foreign_keys 1, but has {journal}, {synchronous} and \
             {foreign_keys}; use a local file system",
            self.path.display()
        ))
    }

    fn unusable<T>(&self, error: &rusqlite::Error) -> Result<T, StoreError> {
        let path = self.path.display();
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => refuse(format!(
                "{path} is no SQLite database; name another file, or restore this one from a backup"
            )),
            _ => refuse(format!("{path} cannot be used: {error}")),
        }
    }

    /// The file holds secrets and names of customers' orders: only its owner reads it. The log beside it inherits this.
    fn make_private(&self) -> Result<(), StoreError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Ok(_) => Ok(()),
            Err(error) => refuse(format!("{} cannot be opened for writing: {error}", self.path.display())),
        }
    }
}
