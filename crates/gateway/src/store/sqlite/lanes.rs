//! The two threads that own the connections: jobs go in through a queue, answers come out through one-shot channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::tables::{Tables, Work, refuse};
use super::super::{Counters, StoreError};
use super::connection::{Access, Database};
use super::job::{Job, Pending, Ran};
use super::rows::Rows;

/// The most jobs that share one commit.
const BATCH_MAX: usize = 256;
/// How often a group that still grows lets others go first.
const GIVE_WAY_MAX: usize = 4;

/// What the writer has done.
#[derive(Default)]
pub(super) struct Counts {
    transactions: AtomicU64,
    commits: AtomicU64,
}

impl Counts {
    pub(super) fn read(&self) -> Counters {
        Counters {
            transactions: self.transactions.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
        }
    }
}

/// One thread with its connection and its queue.
pub(super) struct Lane {
    /// Present until the lane is dropped.
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Lane {
    pub(super) fn writer(
        database: Database,
        connection: Connection,
        counts: Arc<Counts>,
    ) -> Result<Lane, StoreError> {
        let mut writer = Writer { database, connection: Some(connection), counts };
        Lane::start("store-writer", move |queue| {
            while let Some(batch) = next_batch(&queue) {
                writer.answer(batch);
            }
        })
    }

    pub(super) fn reader(database: Database, connection: Connection) -> Result<Lane, StoreError> {
        let mut reader = Reader { database, connection: Some(connection) };
        Lane::start("store-reader", move |queue| {
            while let Ok(job) = queue.recv() {
                reader.answer(job);
            }
        })
    }

    fn start(
        name: &str,
        body: impl FnOnce(Receiver<Box<dyn Job>>) + Send + 'static,
    ) -> Result<Lane, StoreError> {
        let (queue, jobs) = mpsc::channel();
        match Builder::new().name(name.to_owned()).spawn(move || body(jobs)) {
            Ok(thread) => Ok(Lane { queue: Some(queue), thread: Some(thread) }),
            Err(error) => refuse(format!("the thread {name} cannot be started: {error}")),
        }
    }

    /// Queues the work and waits for its answer.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl Work<T>) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Pending::new(work, reply);
        let stopped = || StoreError::Failed("the store's thread has stopped; restart the gateway".to_owned());
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Box::new(job)).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // Without its queue the thread finishes what it has and ends.
        self.queue.take();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so already, and there is nobody to tell here.
            let _ended = thread.join();
        }
    }
}

/// Waits for a job, and takes along what is queued behind it. Where several wait already, whoever is about to join them
/// goes first: on a busy machine that is a few milliseconds and a larger group, on an idle one it is nothing.
fn next_batch(queue: &Receiver<Box<dyn Job>>) -> Option<Vec<Box<dyn Job>>> {
    let first = queue.recv().ok()?;
    let mut batch = vec![first];
    for _ in 0..=GIVE_WAY_MAX {
        let before = batch.len();
        batch.extend(queue.try_iter().take(BATCH_MAX - before));
        if batch.len() == before || batch.len() == BATCH_MAX {
            break;
        }
        std::thread::yield_now();
    }
    Some(batch)
}

/// When a transaction was lost.
enum Lost {
    /// Before its commit was asked for: nothing of it is stored.
    Before(StoreError),
    /// As it was committed: what the log holds is not known until the database is opened again.
    AtCommit(StoreError),
}

struct Writer {
    database: Database,
    /// None after a commit failed, until the database works again.
    connection: Option<Connection>,
    counts: Arc<Counts>,
}

impl Writer {
    fn answer(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let outcome = self.run(&mut batch).and_then(|done| self.commit(done));
        let outcome = outcome.map_err(|lost| {
            self.connection = None;
            // Reopened before anybody is told, so that "failed" is true: what a failed commit may have left in the log is
            // overwritten. Where that fails too, nobody knows what the log holds, and the next batch tries again.
            let reopened = self.reopened();
            let error = match (lost, &reopened) {
                (Lost::AtCommit(error), Err(again)) => {
                    StoreError::InDoubt(format!("{error}; the database cannot be opened again: {again}"))
                }
                (Lost::AtCommit(error), Ok(_)) | (Lost::Before(error), _) => error,
            };
            self.connection = reopened.ok();
            error
        });
        for job in batch {
            job.resolve(outcome.as_ref().err());
        }
    }

    /// Runs a batch in a transaction that is left open; answers how many of its jobs did something.
    fn run(&mut self, batch: &mut [Box<dyn Job>]) -> Result<u64, Lost> {
        self.run_all(batch).map_err(Lost::Before)
    }

    fn run_all(&mut self, batch: &mut [Box<dyn Job>]) -> Result<u64, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.reopened()?,
        };
        let connection = self.connection.insert(connection);
        if !self.database.is_there() {
            return refuse("the database file has vanished; stop the gateway and restore it".to_owned());
        }
        say(connection, "BEGIN IMMEDIATE")?;
        let mut done = 0;
        for job in batch {
            if run_in_savepoint(connection, job.as_mut())? == Ran::Done {
                done += 1;
            }
        }
        Ok(done)
    }

    fn commit(&mut self, done: u64) -> Result<(), Lost> {
        let connection = self.connection.as_ref().expect("a batch has just run on it");
        let committed = say(connection, "COMMIT");
        committed.map_err(|error| Lost::AtCommit(error.into()))?;
        self.counts.transactions.fetch_add(1, Ordering::Relaxed);
        self.counts.commits.fetch_add(done, Ordering::Relaxed);
        Ok(())
    }

    fn reopened(&self) -> Result<Connection, StoreError> {
        let connection = self.database.open(Access::Write)?;
        Rows::of(&connection).beat()?;
        Ok(connection)
    }
}

/// A job that errs takes only its own changes back. An error here means that the whole transaction is lost.
fn run_in_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<Ran, StoreError> {
    say(connection, "SAVEPOINT job")?;
    let ran = job.run(&mut Rows::of(connection));
    if connection.is_autocommit() {
        return refuse("SQLite gave the transaction up: the disk is full or does not work".to_owned());
    }
    match ran {
        Ran::Done => say(connection, "RELEASE job")?,
        Ran::Undo => connection.execute_batch("ROLLBACK TO job; RELEASE job")?,
    }
    Ok(ran)
}

/// One of the few words that every transaction is made of; each is parsed once.
fn say(connection: &Connection, word: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(word)?.execute(())?;
    Ok(())
}

struct Reader {
    database: Database,
    /// None after a job failed, in case the connection is what failed.
    connection: Option<Connection>,
}

impl Reader {
    fn answer(&mut self, mut job: Box<dyn Job>) {
        let outcome = self.run(job.as_mut());
        if outcome.is_err() {
            self.connection = None;
        }
        job.resolve(outcome.as_ref().err());
    }

    /// Runs a job on one state of the database.
    fn run(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.database.open(Access::Read)?,
        };
        let connection = self.connection.insert(connection);
        say(connection, "BEGIN")?;
        let ran = job.run(&mut Rows::of(connection));
        say(connection, "ROLLBACK")?;
        if ran == Ran::Undo {
            self.connection = None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::schema;
    use super::*;

    /// A new database, removed with the test.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            let directory = std::env::temp_dir().join(format!("paycode-lanes-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&directory).unwrap();
            Place(directory)
        }

        fn writer(&self) -> Writer {
            let path: &Path = &self.0.join("paycode.db");
            let database = Database::at(path).unwrap();
            let connection = database.create().unwrap();
            schema::bring_up_to_date(&connection, path).unwrap();
            Writer { database, connection: Some(connection), counts: Arc::default() }
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    type Told = oneshot::Receiver<Result<(), StoreError>>;

    fn keep(name: &'static str) -> (Box<dyn Job>, Told) {
        let (reply, told) = oneshot::channel();
        let work = move |tables: &mut dyn Tables| tables.put_secret(name, [1; 32]);
        (Box::new(Pending::new(work, reply)), told)
    }

    fn answer(writer: &mut Writer, names: &[&'static str]) -> Vec<Result<(), StoreError>> {
        let (jobs, told): (Vec<_>, Vec<_>) = names.iter().map(|name| keep(name)).unzip();
        writer.answer(jobs);
        told.into_iter().map(|mut told| told.try_recv().unwrap()).collect()
    }

    fn stored(writer: &Writer, name: &str) -> bool {
        Rows::of(writer.connection.as_ref().unwrap()).secret(name).unwrap().is_some()
    }

    /// A secret of the name `spoiler` leaves something behind that only the commit finds out.
    const SPOILER: &str = "
        CREATE TABLE dangling (payment_id BLOB REFERENCES payments (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER spoils AFTER INSERT ON secrets WHEN new.name = 'spoiler'
        BEGIN INSERT INTO dangling VALUES (zeroblob(16)); END";

    #[test]
    fn a_commit_that_fails_fails_everybody_in_it_and_nobody_after_it() {
        let place = Place::new("spoilt");
        let mut writer = place.writer();
        writer.connection.as_ref().unwrap().execute_batch(SPOILER).unwrap();
        let told = answer(&mut writer, &["first", "spoiler", "last"]);
        let failed = StoreError::Failed("SQLite: FOREIGN KEY constraint failed".to_owned());
        assert_eq!(told, [Err(failed.clone()), Err(failed.clone()), Err(failed)]);
        assert!(!stored(&writer, "first") && !stored(&writer, "spoiler") && !stored(&writer, "last"));
        assert_eq!(answer(&mut writer, &["second"]), [Ok(())]);
        assert!(stored(&writer, "second"));
        assert_eq!(writer.counts.read(), Counters { transactions: 1, commits: 1 });
    }

    #[test]
    fn a_transaction_that_sqlite_gives_up_fails_everybody_in_it() {
        let place = Place::new("given-up");
        let mut writer = place.writer();
        let gives_up = "CREATE TRIGGER gives_up BEFORE INSERT ON secrets WHEN new.name = 'spoiler'
            BEGIN SELECT RAISE(ROLLBACK, 'given up'); END";
        writer.connection.as_ref().unwrap().execute_batch(gives_up).unwrap();
        let told = answer(&mut writer, &["first", "spoiler", "last"]);
        assert!(told.iter().all(|told| matches!(told, Err(StoreError::Failed(_)))), "{told:?}");
        assert!(!stored(&writer, "first") && !stored(&writer, "last"));
        assert_eq!(answer(&mut writer, &["second"]), [Ok(())]);
    }

    #[test]
    fn a_database_that_cannot_be_opened_again_leaves_everybody_in_doubt() {
        let place = Place::new("vanished");
        let mut writer = place.writer();
        writer.connection.as_ref().unwrap().execute_batch(SPOILER).unwrap();
        let (reply, mut told) = oneshot::channel();
        let folder = place.0.clone();
        let work = move |tables: &mut dyn Tables| {
            std::fs::remove_dir_all(folder).unwrap();
            tables.put_secret("spoiler", [1; 32])
        };
        writer.answer(vec![Box::new(Pending::new(work, reply))]);
        let told = told.try_recv().unwrap();
        assert!(matches!(told, Err(StoreError::InDoubt(_))), "{told:?}");
        // What never came to its commit is not in doubt, whatever becomes of the database.
        let told = answer(&mut writer, &["first", "last"]);
        assert!(told.iter().all(|told| matches!(told, Err(StoreError::Failed(_)))), "{told:?}");
        std::fs::create_dir_all(&place.0).unwrap();
    }

    #[test]
    fn a_job_that_errs_takes_back_only_its_own_changes() {
        let place = Place::new("savepoint");
        let mut writer = place.writer();
        let told = answer(&mut writer, &["first", "first", "last"]);
        assert!(matches!(told.as_slice(), [Ok(()), Err(StoreError::Failed(_)), Ok(())]), "{told:?}");
        assert!(stored(&writer, "first") && stored(&writer, "last"));
        assert_eq!(writer.counts.read(), Counters { transactions: 1, commits: 2 });
    }

    #[test]
    fn a_batch_has_a_limit() {
        let (queue, jobs) = mpsc::channel();
        for _ in 0..BATCH_MAX + 10 {
            queue.send(keep("x").0).unwrap();
        }
        assert_eq!(next_batch(&jobs).map(|batch| batch.len()), Some(BATCH_MAX));
        assert_eq!(next_batch(&jobs).map(|batch| batch.len()), Some(10));
        drop(queue);
        assert!(next_batch(&jobs).is_none());
    }
}
