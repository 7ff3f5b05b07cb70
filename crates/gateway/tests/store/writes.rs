//! Versions, timelines, cases, reversals, watches, and what a restart finds.

use gateway::store::{
    CaseChange, CaseRow, KeyRow, Opened, PaymentCommit, PaymentRow, Store, StoreError, WatchCommit, WatchRow,
};
use payment::exchange::{
    Answer, ChannelCode, ClosedHow, Decline, DeclineReason, QueryAnswer, ReverseAnswer, ReversedHow,
    SubmitAnswer,
};
use payment::ids::PaymentId;
use payment::payment::{CaseKind, Phase, Status};
use payment::time::{MINUTE_MS, Time};
use payment::watch::{WatchInput, WatchPhase};

use crate::life::{Life, NOON, event, merchant, want};
use crate::on_every_store;
use crate::places::Place;

on_every_store!(
    a_commit_continues_exactly_the_stored_version,
    an_intent_never_changes,
    a_commit_that_fails_changes_nothing,
    events_stay_in_order,
    a_crash_forgets_a_query_that_is_out,
    a_case_opens_and_closes_once,
    a_reversal_is_a_record_of_its_own,
    a_watch_begins_moves_on_and_is_replaced,
    a_watch_corrects_its_payment_in_the_same_commit,
    what_is_due_comes_oldest_first,
    keys_are_found_by_hash,
    a_secret_is_made_once,
    a_ping_is_answered,
    reopening_sees_everything,
);

async fn begin(store: &dyn Store, id: u128) -> Life {
    match store.open_payment(want(id).opening()).await.unwrap() {
        Opened::New(row) => Life::of(*row),
        other => panic!("{other:?}"),
    }
}

async fn stored(store: &dyn Store, id: u128) -> PaymentRow {
    store.payment(merchant("m"), PaymentId(id)).await.unwrap().unwrap()
}

fn decline() -> Answer {
    let channel = ChannelCode { code: "NOTENOUGH".to_owned(), message: "余额不足".to_owned() };
    Answer::Submit(SubmitAnswer::Declined(Decline { reason: DeclineReason::InsufficientFunds, channel }))
}

async fn a_commit_continues_exactly_the_stored_version(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    let second = life.answer(300, Answer::Submit(SubmitAnswer::AwaitingPayer));
    store.commit_payment(second.clone()).await.unwrap();
    let third = life.answer(300, Answer::Query(QueryAnswer::NotFound));
    let again = store.commit_payment(second.clone()).await;
    assert_eq!(again, Err(StoreError::Conflict { expected: 1, found: 2 }));
    let mut ahead = third.clone();
    ahead.row.version = 5;
    assert_eq!(store.commit_payment(ahead).await, Err(StoreError::Conflict { expected: 4, found: 2 }));
    let payment = second.row.payment.clone().recovered();
    assert_eq!(stored(&*store, 1).await, PaymentRow { payment, ..second.row.clone() });
    store.commit_payment(third).await.unwrap();
    let mut unknown = second.clone();
    unknown.row.payment.intent.id = PaymentId(99);
    assert_eq!(store.commit_payment(unknown).await, Err(StoreError::Conflict { expected: 1, found: 0 }));
    let mut first = second;
    first.row.version = 1;
    assert!(matches!(store.commit_payment(first).await, Err(StoreError::Failed(_))));
}

async fn an_intent_never_changes(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    let commit = life.answer(300, Answer::Submit(SubmitAnswer::AwaitingPayer));
    let mut other = commit.clone();
    other.row.payment.intent.account = "other".to_owned();
    let error = store.commit_payment(other).await.unwrap_err().to_string();
    assert!(error.contains("intents never change"), "{error}");
    assert_eq!(stored(&*store, 1).await, want(1).row(1));
    store.commit_payment(commit).await.unwrap();
}

async fn a_commit_that_fails_changes_nothing(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    let mut commit = life.answer(300, decline());
    commit.cases.push(CaseChange::Close { id: 7, at: NOON, settlement: None });
    let error = store.commit_payment(commit.clone()).await.unwrap_err().to_string();
    assert!(error.contains("case_00000000000000000000000007"), "{error}");
    assert_eq!(stored(&*store, 1).await, want(1).row(1));
    assert_eq!(store.events(PaymentId(1)).await.unwrap(), [event(NOON, "opened")]);
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), None);
    assert_eq!(place.outbox(), []);
    commit.cases.clear();
    store.commit_payment(commit).await.unwrap();
    assert_eq!(place.outbox(), [(PaymentId(1), "payment.failed".to_owned(), None)]);
}

async fn events_stay_in_order(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    begin(&*store, 2).await;
    let mut expected = vec![event(NOON, "opened")];
    for _ in 0..12 {
        let commit = life.wake();
        expected.extend(commit.events.clone());
        store.commit_payment(commit).await.unwrap();
    }
    assert_eq!(store.events(PaymentId(1)).await.unwrap(), expected);
    assert_eq!(store.events(PaymentId(2)).await.unwrap(), [event(NOON, "opened")]);
}

async fn a_crash_forgets_a_query_that_is_out(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    store.commit_payment(life.answer(300, Answer::Submit(SubmitAnswer::AwaitingPayer))).await.unwrap();
    store.commit_payment(life.wake()).await.unwrap();
    assert!(life.row.payment.out.is_some());
    let found = stored(&*store, 1).await;
    assert_eq!(found.payment, life.row.payment.clone().recovered());
    assert_ne!(found.payment, life.row.payment);
    let due = store.due(life.now, 10).await.unwrap();
    assert_eq!(due.payments, [found]);
}

/// A payment whose channel says that another amount was paid.
async fn suspended(store: &dyn Store, id: u128) -> Life {
    let mut life = begin(store, id).await;
    let mut facts = life.paid();
    facts.amount = payment::money::Fen::new(1).unwrap();
    store.commit_payment(life.answer(300, Answer::Submit(SubmitAnswer::Paid(facts)))).await.unwrap();
    life
}

async fn a_case_opens_and_closes_once(place: impl Place) {
    let store = place.open();
    let mut life = suspended(&*store, 1).await;
    let id = life.row.case_id.unwrap();
    let open = CaseRow {
        id,
        merchant: merchant("m"),
        payment_id: PaymentId(1),
        kind: CaseKind::PaidDiffers.word().to_owned(),
        opened_at: life.now,
        closed_at: None,
        settlement: None,
    };
    assert_eq!(store.case(merchant("m"), id).await.unwrap(), Some(open.clone()));
    assert_eq!(store.case(merchant("other"), id).await.unwrap(), None);
    let mut twice = life.wake();
    twice.cases = vec![CaseChange::Open(open.clone())];
    assert!(matches!(store.commit_payment(twice.clone()).await, Err(StoreError::Failed(_))));
    twice.cases = vec![CaseChange::Keep];
    store.commit_payment(twice).await.unwrap();
    assert_eq!(store.case(merchant("m"), id).await.unwrap(), Some(open.clone()));
    for (minute, outcome) in [(1, "paid"), (2, "failed")] {
        let mut commit = life.wake();
        let settlement = Some(format!("{{\"outcome\":\"{outcome}\"}}"));
        commit.cases = vec![CaseChange::Close { id, at: NOON.plus_ms(minute * MINUTE_MS), settlement }];
        store.commit_payment(commit).await.unwrap();
    }
    let closed = CaseRow {
        closed_at: Some(NOON.plus_ms(MINUTE_MS)),
        settlement: Some("{\"outcome\":\"paid\"}".to_owned()),
        ..open
    };
    assert_eq!(store.case(merchant("m"), id).await.unwrap(), Some(closed));
    let told: Vec<_> = place.outbox().into_iter().map(|(_, kind, about)| (kind, about)).collect();
    assert_eq!(
        told,
        [("payment.suspended".to_owned(), None), ("case.opened".to_owned(), Some("paid_differs".to_owned()))]
    );
    // A case of one payment is not closed by another.
    let mut other = begin(&*store, 2).await;
    let mut commit = other.wake();
    commit.cases = vec![CaseChange::Close { id, at: NOON, settlement: None }];
    assert!(matches!(store.commit_payment(commit).await, Err(StoreError::Failed(_))));
}

async fn a_reversal_is_a_record_of_its_own(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    let paid = Answer::Submit(SubmitAnswer::Paid(life.paid()));
    store.commit_payment(life.answer(300, paid)).await.unwrap();
    life.now = life.now.plus_ms(MINUTE_MS);
    let step = life.row.payment.clone().request_reversal(life.now, "没收到".to_owned()).unwrap();
    store.commit_payment(life.commit(step)).await.unwrap();
    let id = life.row.reversal_id.unwrap();
    let pending = store.reversal(merchant("m"), id).await.unwrap().unwrap();
    assert_eq!(Some(&pending.reversal), life.row.payment.reversal.as_ref());
    assert_eq!((pending.payment_id, pending.amount.fen()), (PaymentId(1), 1234));
    store
        .commit_payment(life.answer(300, Answer::Reverse(ReverseAnswer::Reversed(ReversedHow::Refunded))))
        .await
        .unwrap();
    let closed = Answer::Query(QueryAnswer::Closed(ClosedHow::Refunded));
    store.commit_payment(life.answer(300, closed)).await.unwrap();
    assert_eq!(life.row.payment.status(), Status::Reversed);
    let done = store.reversal(merchant("m"), id).await.unwrap().unwrap();
    assert_eq!(Some(&done.reversal), life.row.payment.reversal.as_ref());
    assert_eq!(done.reversal.confirmed_at, Some(life.now));
    assert_eq!(store.reversal(merchant("other"), id).await.unwrap(), None);
    // A number that is taken is not given to another payment.
    let mut thief = begin(&*store, 2).await;
    let step = thief.row.payment.clone().step(
        thief.now,
        payment::payment::Input::Answer { number: 1, answer: Answer::Submit(SubmitAnswer::AwaitingPayer) },
    );
    let mut commit = thief.commit(step);
    commit.row.reversal_id = Some(id);
    commit.row.payment.reversal = Some(done.reversal.clone());
    assert!(matches!(store.commit_payment(commit).await, Err(StoreError::Failed(_))));
    assert_eq!(store.reversal(merchant("m"), id).await.unwrap(), Some(done));
}

/// The next version of a watch that looks now.
fn looks(row: &WatchRow, now: Time) -> WatchCommit {
    let step = row.watch.clone().step(now, WatchInput::LookNow);
    WatchCommit {
        row: WatchRow { watch: step.watch, version: row.version + 1, ..row.clone() },
        events: vec![event(now, "looks")],
        cases: Vec::new(),
        notices: step.notices,
        payment: None,
        refund: None,
    }
}

async fn a_watch_begins_moves_on_and_is_replaced(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), None);
    store.commit_payment(life.answer(300, decline())).await.unwrap();
    let begun = life.watch.clone().unwrap();
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), Some(begun.clone()));
    let commit = looks(&begun, life.now.plus_ms(5));
    store.commit_watch(commit.clone()).await.unwrap();
    let recovered = WatchRow { watch: commit.row.watch.clone().recovered(), ..commit.row.clone() };
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), Some(recovered));
    assert_eq!(store.commit_watch(commit.clone()).await, Err(StoreError::Conflict { expected: 1, found: 2 }));
    // A new watch takes the place of the old one, whose late steps find nothing to follow.
    let mut newer = begun.clone();
    newer.watch.since = life.now.plus_ms(MINUTE_MS);
    let replace = PaymentCommit { watch: Some(newer.clone()), ..life.answer(400, decline()) };
    store.commit_payment(replace).await.unwrap();
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), Some(newer.clone()));
    let late = looks(&commit.row, life.now.plus_ms(9));
    assert_eq!(store.commit_watch(late).await, Err(StoreError::Conflict { expected: 2, found: 0 }));
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), Some(newer.clone()));
    let lines = store.events(PaymentId(1)).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.body.contains("looks")).count(), 1);
    // A watch that begins is a first version, about its own payment.
    newer.version = 2;
    let second = PaymentCommit { watch: Some(newer), ..life.answer(400, decline()) };
    assert!(matches!(store.commit_payment(second).await, Err(StoreError::Failed(_))));
}

async fn a_watch_corrects_its_payment_in_the_same_commit(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    store.commit_payment(life.answer(300, decline())).await.unwrap();
    let row = life.watch.clone().unwrap();
    let step = life.row.payment.clone().corrected_reversed(life.now, ClosedHow::Closed);
    let corrected = life.commit(step);
    let mut commit = looks(&row, life.now.plus_ms(5));
    let mut stale = corrected.clone();
    stale.row.version = 9;
    commit.payment = Some(stale);
    assert_eq!(store.commit_watch(commit.clone()).await, Err(StoreError::Conflict { expected: 8, found: 2 }));
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), Some(row));
    commit.payment = Some(corrected.clone());
    store.commit_watch(commit).await.unwrap();
    assert_eq!(stored(&*store, 1).await, corrected.row);
    assert_eq!(stored(&*store, 1).await.payment.phase, Phase::Reversed);
    let watch = store.watch(PaymentId(1)).await.unwrap().unwrap();
    assert_eq!((watch.version, watch.watch.phase), (2, WatchPhase::Looking { unclear: 0 }));
    let case = life.row.case_id.unwrap();
    assert_eq!(store.case(merchant("m"), case).await.unwrap().unwrap().kind, "paid_then_closed");
}

async fn what_is_due_comes_oldest_first(place: impl Place) {
    let store = place.open();
    for (id, after_ms) in [(1, 30), (2, 10), (3, 20), (4, 9_000)] {
        let late = crate::life::Want { now: NOON.plus_ms(after_ms), ..want(id) };
        store.open_payment(late.opening()).await.unwrap();
    }
    let mut life = begin(&*store, 5).await;
    store.commit_payment(life.answer(1, decline())).await.unwrap();
    // A submit is over after 12 seconds.
    let ids = |rows: Vec<PaymentRow>| rows.into_iter().map(|row| row.payment.intent.id.0).collect::<Vec<_>>();
    let due = store.due(NOON.plus_ms(12_029), 10).await.unwrap();
    assert_eq!((ids(due.payments), due.watches), (vec![2, 3], Vec::new()));
    let due = store.due(NOON.plus_ms(12_030), 10).await.unwrap();
    assert_eq!(ids(due.payments), [2, 3, 1]);
    let due = store.due(NOON.plus_ms(12_030), 2).await.unwrap();
    assert_eq!(ids(due.payments), [2, 3]);
    let due = store.due(life.now.plus_ms(MINUTE_MS), 10).await.unwrap();
    assert_eq!((ids(due.payments), due.watches), (vec![2, 3, 1, 4], vec![life.watch.unwrap()]));
}

fn key(hash: u8) -> KeyRow {
    KeyRow {
        hash: [hash; 32],
        merchant: merchant("m"),
        scopes: vec!["settle".to_owned(), "pay".to_owned()],
        name: "收银台 1".to_owned(),
    }
}

async fn keys_are_found_by_hash(place: impl Place) {
    let store = place.open();
    store.add_key(key(1)).await.unwrap();
    store.add_key(key(1)).await.unwrap();
    assert_eq!(store.key([1; 32]).await.unwrap(), Some(key(1)));
    assert_eq!(store.key([2; 32]).await.unwrap(), None);
    let other = KeyRow { merchant: merchant("other"), ..key(1) };
    assert!(matches!(store.add_key(other).await, Err(StoreError::Failed(_))));
    assert_eq!(store.key([1; 32]).await.unwrap(), Some(key(1)));
}

async fn a_secret_is_made_once(place: impl Place) {
    let store = place.open();
    assert_eq!(store.secret("fingerprint", [1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("fingerprint", [2; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("other", [3; 32]).await.unwrap(), [3; 32]);
}

async fn a_ping_is_answered(place: impl Place) {
    assert_eq!(place.open().ping().await, Ok(()));
}

async fn reopening_sees_everything(place: impl Place) {
    let store = place.open();
    let mut life = begin(&*store, 1).await;
    store.commit_payment(life.answer(300, decline())).await.unwrap();
    let case = suspended(&*store, 2).await.row.case_id.unwrap();
    store.add_key(key(1)).await.unwrap();
    store.secret("fingerprint", [1; 32]).await.unwrap();
    store.cancel_order(merchant("m"), crate::life::order("gone"), NOON).await.unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(stored(&*store, 1).await, life.row);
    assert_eq!(store.watch(PaymentId(1)).await.unwrap(), life.watch);
    assert_eq!(store.events(PaymentId(1)).await.unwrap().len(), 3);
    assert!(store.case(merchant("m"), case).await.unwrap().is_some());
    assert_eq!(store.key([1; 32]).await.unwrap(), Some(key(1)));
    assert_eq!(store.secret("fingerprint", [2; 32]).await.unwrap(), [1; 32]);
    let gone = crate::life::Want { order_no: "gone".to_owned(), ..want(3) };
    let refused = store.open_payment(gone.opening()).await.unwrap();
    assert_eq!(refused, Opened::Refused(gateway::store::admission::Refusal::OrderCanceled));
    let payments = store.due(life.now.plus_ms(2 * MINUTE_MS), 9).await.unwrap().payments;
    assert_eq!(payments.len(), 1);
}
