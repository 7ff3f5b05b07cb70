//! What changed after what was seen, and the sessions of tills.

use gateway::store::sqlite::SqliteStore;
use gateway::store::{KeyRow, Opened, SessionRow, Store};
use payment::exchange::{Answer, SubmitAnswer};
use payment::time::Time;

use crate::life::{Life, NOON, Want, merchant, want};
use crate::on_every_store;
use crate::places::{InSqlite, Place};

on_every_store!(
    a_payment_is_told_once_under_its_latest_change,
    only_its_merchant_hears_of_a_payment,
    a_session_needs_its_key_and_ends,
);

async fn begin(store: &dyn Store, want: Want) -> Life {
    match store.open_payment(want.opening()).await.unwrap() {
        Opened::New(row) => Life::of(*row),
        other => panic!("{other:?}"),
    }
}

/// The changes after one: their numbers, and whose payment at which version.
async fn after(store: &dyn Store, whose: &str, change: i64, limit: usize) -> Vec<(i64, u128, i64)> {
    let changes = store.changes(merchant(whose), change, limit).await.unwrap();
    changes
        .into_iter()
        .map(|changed| (changed.change, changed.row.payment.intent.id.0, changed.row.version))
        .collect()
}

async fn a_payment_is_told_once_under_its_latest_change(place: impl Place) {
    let store = place.open();
    assert_eq!(store.latest_change().await, Ok(0));
    assert_eq!(after(&*store, "m", 0, 10).await, vec![]);
    let mut first = begin(&*store, want(1)).await;
    begin(&*store, want(2)).await;
    assert_eq!(after(&*store, "m", 0, 10).await, vec![(1, 1, 1), (2, 2, 1)]);
    let paid = Answer::Submit(SubmitAnswer::Paid(first.paid()));
    store.commit_payment(first.answer(300, paid)).await.unwrap();
    assert_eq!(after(&*store, "m", 0, 10).await, vec![(2, 2, 1), (3, 1, 2)]);
    assert_eq!(after(&*store, "m", 2, 10).await, vec![(3, 1, 2)]);
    assert_eq!(after(&*store, "m", 0, 1).await, vec![(2, 2, 1)]);
    assert_eq!(after(&*store, "m", 3, 10).await, vec![]);
    assert_eq!(store.latest_change().await, Ok(3));
    drop(store);
    let store = place.open();
    begin(&*store, want(3)).await;
    assert_eq!(after(&*store, "m", 3, 10).await, vec![(4, 3, 1)], "the count goes on after a restart");
}

async fn only_its_merchant_hears_of_a_payment(place: impl Place) {
    let store = place.open();
    begin(&*store, want(1)).await;
    begin(&*store, Want { merchant: "other", ..want(2) }).await;
    begin(&*store, want(3)).await;
    assert_eq!(after(&*store, "m", 0, 10).await, vec![(1, 1, 1), (3, 3, 1)]);
    assert_eq!(after(&*store, "other", 0, 10).await, vec![(2, 2, 1)]);
}

fn session(hash: u8, expires_at: Time) -> SessionRow {
    SessionRow {
        hash: [hash; 32],
        key: [7; 32],
        outlet: Some("north".to_owned()),
        terminal: "till-1".to_owned(),
        operator: None,
        expires_at,
    }
}

async fn a_session_needs_its_key_and_ends(place: impl Place) {
    let store = place.open();
    assert!(store.add_session(session(1, NOON), NOON).await.is_err(), "its key is not stored");
    let key = KeyRow {
        hash: [7; 32],
        merchant: merchant("m"),
        scopes: vec!["pay".to_owned()],
        name: "till".to_owned(),
    };
    store.add_key(key).await.unwrap();
    store.add_session(session(1, NOON), NOON).await.unwrap();
    store.add_session(session(2, NOON.plus_ms(5)), NOON).await.unwrap();
    assert_eq!(store.session([1; 32]).await, Ok(Some(session(1, NOON))));
    drop(store);
    let store = place.open();
    assert_eq!(store.session([2; 32]).await, Ok(Some(session(2, NOON.plus_ms(5)))), "a power cut later");
    store.add_session(session(3, NOON.plus_ms(9)), NOON.plus_ms(1)).await.unwrap();
    assert_eq!(store.session([1; 32]).await, Ok(None), "what has ended is forgotten");
    store.end_session([2; 32]).await.unwrap();
    store.end_session([2; 32]).await.unwrap();
    assert_eq!(store.session([2; 32]).await, Ok(None));
    assert_eq!(store.session([3; 32]).await, Ok(Some(session(3, NOON.plus_ms(9)))));
}

/// A database that was made before changes were counted.
#[tokio::test]
async fn an_older_database_counts_on_from_its_rows() {
    let place = InSqlite::new();
    let store = place.open();
    for id in 1..=3 {
        begin(&*store, want(id)).await;
    }
    drop(store);
    let older = "DROP TABLE sessions; DROP INDEX payments_changed; ALTER TABLE payments DROP COLUMN change;
        DROP TABLE refunds; DELETE FROM schema WHERE step >= 2";
    place.look().execute_batch(older).unwrap();
    let store = SqliteStore::open(&place.0.database()).unwrap();
    assert_eq!(after(&store, "m", 0, 10).await, vec![(1, 1, 1), (2, 2, 1), (3, 3, 1)]);
    begin(&store, want(4)).await;
    assert_eq!(after(&store, "m", 3, 10).await, vec![(4, 4, 1)]);
}
