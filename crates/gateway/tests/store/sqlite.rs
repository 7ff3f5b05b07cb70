//! What only a file can get wrong, and what only its writer can get right.

use std::sync::mpsc;

use futures_util::future::join_all;
use gateway::store::sqlite::{SchemaStatus, SqliteStore, migrate, schema_status};
use gateway::store::{Opened, Opening, Store, StoreError};
use payment::exchange::{Answer, SubmitAnswer};
use payment::ids::PaymentId;
use payment::time::Time;

use crate::life::{Life, Want, merchant, want};
use crate::places::{InSqlite, Place};

fn open_error(place: &InSqlite) -> String {
    match SqliteStore::open(&place.0.database()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.to_string(),
    }
}

/// An opening that keeps the writer busy until the other end is dropped or speaks.
fn slow(want: &Want) -> (Opening, mpsc::Sender<()>) {
    let (release, wait) = mpsc::channel();
    let mut opening = want.opening();
    let build = opening.build;
    opening.build = Box::new(move |attempt| {
        // Whether it is told or left alone, it goes on.
        let _told = wait.recv();
        build(attempt)
    });
    (opening, release)
}

#[tokio::test]
async fn a_second_gateway_on_the_same_file_is_refused() {
    let place = InSqlite::new();
    let store = place.open();
    let error = open_error(&place);
    assert!(error.contains("another paycode uses") && error.contains("paycode.db"), "{error}");
    let error = migrate(&place.0.database()).unwrap_err().to_string();
    assert!(error.contains("another paycode uses"), "{error}");
    drop(store);
    place.open().ping().await.unwrap();
}

#[test]
fn what_is_no_database_is_refused() {
    let place = InSqlite::new();
    std::fs::write(place.0.database(), "paycode ".repeat(1024)).unwrap();
    let error = open_error(&place);
    assert!(error.contains("is no SQLite database"), "{error}");
    assert_eq!(std::fs::read(place.0.database()).unwrap(), "paycode ".repeat(1024).into_bytes());
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = InSqlite::new();
    place.look().execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let error = open_error(&place);
    assert!(error.contains("another program"), "{error}");
}

#[test]
fn a_missing_directory_is_named() {
    let place = InSqlite::new();
    let error = match SqliteStore::open(&place.0.database().join("deeper/paycode.db")) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains("deeper") && error.contains("must exist"), "{error}");
}

#[test]
fn a_damaged_database_is_refused() {
    let place = InSqlite::new();
    drop(place.open());
    let mut bytes = std::fs::read(place.0.database()).unwrap();
    // The second page's header: the file is still a database, and no longer a sound one.
    bytes[4096..4196].fill(0xAB);
    std::fs::write(place.0.database(), bytes).unwrap();
    let error = open_error(&place);
    assert!(error.contains("damaged") || error.contains("malformed"), "{error}");
}

#[test]
fn the_schema_is_made_once_and_known() {
    let place = InSqlite::new();
    let path = place.0.database();
    assert!(schema_status(&path).is_err());
    let current = SchemaStatus { applied: 3, known: 3 };
    assert_eq!(migrate(&path), Ok(current));
    assert_eq!(migrate(&path), Ok(current));
    let store = place.open();
    assert_eq!(schema_status(&path), Ok(current));
    drop(store);
}

#[test]
fn a_newer_schema_is_refused() {
    let place = InSqlite::new();
    drop(place.open());
    place.look().execute("INSERT INTO schema VALUES (4, '0004_wings', 'x')", ()).unwrap();
    let error = open_error(&place);
    assert!(error.contains("0004_wings") && error.contains("newer paycode"), "{error}");
    assert_eq!(schema_status(&place.0.database()).unwrap_err().to_string(), error);
}

#[test]
fn a_schema_that_was_made_otherwise_is_refused() {
    let place = InSqlite::new();
    drop(place.open());
    place.look().execute("UPDATE schema SET checksum = 'x' WHERE step = 1", ()).unwrap();
    let error = open_error(&place);
    assert!(error.contains("0001_payments") && error.contains("other statements"), "{error}");
}

#[test]
fn the_file_is_a_synced_log_that_only_its_owner_reads() {
    let place = InSqlite::new();
    let store = place.open();
    let mode: String = place.look().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.0.database()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    drop(store);
}

#[tokio::test]
async fn what_waits_together_is_committed_together() {
    let place = InSqlite::new();
    let store = SqliteStore::open(&place.0.database()).unwrap();
    let before = store.counters();
    let (opening, release) = slow(&want(1));
    let first = async { store.open_payment(opening).await.map(|_| ()) };
    let others = join_all((2..=201).map(|id| store.open_payment(want(id).opening())));
    let last = async { drop(release) };
    let (first, others, ()) = tokio::join!(first, others, last);
    first.unwrap();
    assert!(others.iter().all(|answer| matches!(answer, Ok(Opened::New(_)))));
    let after = store.counters();
    assert_eq!(after.commits - before.commits, 201);
    let transactions = after.transactions - before.transactions;
    assert!(transactions <= 2, "{transactions} transactions");
}

#[tokio::test]
async fn a_job_that_fails_does_not_fail_its_neighbours() {
    let place = InSqlite::new();
    let store = SqliteStore::open(&place.0.database()).unwrap();
    let mut lives = Vec::new();
    for id in 1..=9 {
        let Opened::New(row) = store.open_payment(want(id).opening()).await.unwrap() else { panic!() };
        lives.push(Life::of(*row));
    }
    let commits = lives.iter_mut().map(|life| {
        let mut commit = life.answer(300, Answer::Submit(SubmitAnswer::AwaitingPayer));
        if life.row.payment.intent.id == PaymentId(5) {
            commit.row.version = 7;
        }
        store.commit_payment(commit)
    });
    let commits: Vec<_> = commits.collect();
    let before = store.counters();
    let (opening, release) = slow(&want(100));
    let mut panics = want(101).opening();
    panics.build = Box::new(|_| panic!("planned by the test"));
    let (slow, panicked, answers, ()) =
        tokio::join!(store.open_payment(opening), store.open_payment(panics), join_all(commits), async {
            drop(release)
        });
    let after = store.counters();
    assert!(after.transactions - before.transactions <= 2);
    assert_eq!(after.commits - before.commits, 9, "eight of the nine, and the slow one");
    assert!(matches!(slow, Ok(Opened::New(_))));
    assert!(panicked.unwrap_err().to_string().contains("panicked"));
    for (life, answer) in lives.iter().zip(answers) {
        let id = life.row.payment.intent.id;
        let version = store.payment(merchant("m"), id).await.unwrap().unwrap().version;
        if id == PaymentId(5) {
            assert_eq!(answer, Err(StoreError::Conflict { expected: 6, found: 1 }));
            assert_eq!(version, 1);
            assert_eq!(store.events(id).await.unwrap().len(), 1);
        } else {
            assert_eq!((answer, version), (Ok(()), 2));
        }
    }
}

#[tokio::test]
async fn reading_does_not_wait_for_the_writer() {
    let place = InSqlite::new();
    let store = place.open();
    store.open_payment(want(1).opening()).await.unwrap();
    let (opening, release) = slow(&want(2));
    let read = async {
        let seen = store.payment(merchant("m"), PaymentId(1)).await.unwrap();
        let unseen = store.payment(merchant("m"), PaymentId(2)).await.unwrap();
        drop(release);
        (seen.is_some(), unseen.is_some())
    };
    let (opened, seen) = tokio::join!(store.open_payment(opening), read);
    assert!(matches!(opened, Ok(Opened::New(_))));
    assert_eq!(seen, (true, false));
}

#[tokio::test]
async fn a_file_that_vanishes_is_not_made_anew() {
    let place = InSqlite::new();
    let store = place.open();
    std::fs::rename(place.0.database(), place.0.database().with_extension("away")).unwrap();
    let error = store.ping().await.unwrap_err().to_string();
    assert!(error.contains("vanished"), "{error}");
    let error = store.open_payment(want(1).opening()).await.unwrap_err();
    assert!(matches!(error, StoreError::Failed(_)));
    assert!(!place.0.database().exists());
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_that_names_the_word() {
    let place = InSqlite::new();
    let store = place.open();
    store.open_payment(want(1).opening()).await.unwrap();
    let spoil = "UPDATE payments SET record = replace(record, 'wechat_v2', 'wechat_v9')";
    place.look().execute(spoil, ()).unwrap();
    let error = store.payment(merchant("m"), PaymentId(1)).await.unwrap_err().to_string();
    assert!(error.contains("\"wechat_v9\" is no channel"), "{error}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_does_not_keep_the_others_asleep() {
    let place = InSqlite::new();
    let store = place.open();
    for id in [1, 2, 3] {
        store.open_payment(want(id).opening()).await.unwrap();
    }
    let spoil = "UPDATE payments SET record = '{}' WHERE id = (SELECT min(id) FROM payments)";
    place.look().execute(spoil, ()).unwrap();
    let due = store.due(Time(i64::MAX), 10).await.unwrap().payments;
    assert_eq!(due.into_iter().map(|row| row.payment.intent.id.0).collect::<Vec<_>>(), [2, 3]);
}
