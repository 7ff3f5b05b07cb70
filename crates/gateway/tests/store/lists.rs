//! Pages and filters, and that merchants do not see each other.

use gateway::store::{Opened, PaymentFilter, Store};
use payment::exchange::{Answer, SubmitAnswer};
use payment::ids::PaymentId;
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::Status;

use crate::life::{Life, NOON, Want, merchant, order, want};
use crate::on_every_store;
use crate::places::Place;

on_every_store!(
    payments_are_listed_newest_first_by_pages,
    every_filter_filters,
    a_page_has_one_to_two_hundred_rows,
    cases_and_reversals_are_listed_by_pages,
    merchants_do_not_see_each_other,
);

fn filter() -> PaymentFilter {
    PaymentFilter {
        merchant: merchant("m"),
        limit: 10,
        starting_after: None,
        status: None,
        channel: None,
        order_no: None,
        outlet: None,
        terminal: None,
        created_from: None,
        created_before: None,
    }
}

async fn ids(store: &dyn Store, filter: PaymentFilter) -> (Vec<u128>, bool) {
    let (rows, more) = store.payments(filter).await.unwrap();
    (rows.into_iter().map(|row| row.payment.intent.id.0).collect(), more)
}

async fn begin(store: &dyn Store, want: Want) -> Life {
    match store.open_payment(want.opening()).await.unwrap() {
        Opened::New(row) => Life::of(*row),
        other => panic!("{other:?}"),
    }
}

async fn payments_are_listed_newest_first_by_pages(place: impl Place) {
    let store = place.open();
    assert_eq!(ids(&*store, filter()).await, (vec![], false));
    for id in [4, 1, 5, 2, 3] {
        begin(&*store, want(id)).await;
    }
    let page =
        |after: Option<u128>| PaymentFilter { limit: 2, starting_after: after.map(PaymentId), ..filter() };
    assert_eq!(ids(&*store, page(None)).await, (vec![5, 4], true));
    assert_eq!(ids(&*store, page(Some(4))).await, (vec![3, 2], true));
    assert_eq!(ids(&*store, page(Some(2))).await, (vec![1], false));
    assert_eq!(ids(&*store, page(Some(1))).await, (vec![], false));
    assert_eq!(ids(&*store, PaymentFilter { limit: 5, ..filter() }).await, (vec![5, 4, 3, 2, 1], false));
}

async fn every_filter_filters(place: impl Place) {
    let store = place.open();
    begin(&*store, Want { outlet: Some("北"), ..want(1) }).await;
    begin(&*store, Want { terminal: Some("t"), now: NOON.plus_ms(10), ..want(2) }).await;
    begin(&*store, Want { channel: Channel::Alipay, now: NOON.plus_ms(20), ..want(3) }).await;
    let mut life = begin(&*store, Want { now: NOON.plus_ms(30), ..want(4) }).await;
    let paid = Answer::Submit(SubmitAnswer::Paid(life.paid()));
    store.commit_payment(life.answer(300, paid)).await.unwrap();
    let cases = [
        (PaymentFilter { outlet: Some("北".to_owned()), ..filter() }, vec![1]),
        (PaymentFilter { terminal: Some("t".to_owned()), ..filter() }, vec![2]),
        (PaymentFilter { channel: Some(Channel::Alipay), ..filter() }, vec![3]),
        (PaymentFilter { status: Some(Status::Paid), ..filter() }, vec![4]),
        (PaymentFilter { status: Some(Status::Processing), ..filter() }, vec![3, 2, 1]),
        (PaymentFilter { order_no: Some(order("o-2")), ..filter() }, vec![2]),
        (PaymentFilter { created_from: Some(NOON.plus_ms(10)), ..filter() }, vec![4, 3, 2]),
        (PaymentFilter { created_before: Some(NOON.plus_ms(10)), ..filter() }, vec![1]),
        (
            PaymentFilter { status: Some(Status::Processing), terminal: Some("x".to_owned()), ..filter() },
            vec![],
        ),
        (
            PaymentFilter {
                status: Some(Status::Processing),
                created_from: Some(NOON),
                created_before: Some(NOON.plus_ms(20)),
                starting_after: Some(PaymentId(2)),
                ..filter()
            },
            vec![1],
        ),
    ];
    for (filter, expected) in cases {
        let found = ids(&*store, filter.clone()).await;
        assert_eq!(found, (expected, false), "{filter:?}");
    }
}

async fn a_page_has_one_to_two_hundred_rows(place: impl Place) {
    let store = place.open();
    futures_util::future::join_all((1..=201_u128).map(|id| store.open_payment(want(id).opening()))).await;
    let (rows, more) = ids(&*store, PaymentFilter { limit: usize::MAX, ..filter() }).await;
    assert_eq!((rows.len(), more), (200, true));
    let (rows, more) = ids(&*store, PaymentFilter { limit: 0, ..filter() }).await;
    assert_eq!((rows, more), (vec![201], true));
}

/// Suspended for another amount, or being reversed when the till demanded it.
async fn trouble(store: &dyn Store, want: Want) -> Life {
    let mut life = begin(store, want).await;
    let mut facts = life.paid();
    if life.row.payment.intent.id.0 % 2 == 0 {
        facts.amount = Fen::new(1).unwrap();
        store.commit_payment(life.answer(300, Answer::Submit(SubmitAnswer::Paid(facts)))).await.unwrap();
    } else {
        store.commit_payment(life.answer(300, Answer::Submit(SubmitAnswer::Paid(facts)))).await.unwrap();
        let step = life.row.payment.clone().request_reversal(life.now, "lost".to_owned()).unwrap();
        store.commit_payment(life.commit(step)).await.unwrap();
    }
    life
}

async fn cases_and_reversals_are_listed_by_pages(place: impl Place) {
    let store = place.open();
    let mut cases = Vec::new();
    let mut reversals = Vec::new();
    for id in 1..=6 {
        let life = trouble(&*store, want(id)).await;
        cases.extend(life.row.case_id);
        reversals.extend(life.row.reversal_id);
    }
    assert_eq!((cases.len(), reversals.len()), (3, 3));
    let listed = async |open, after, limit| {
        let (rows, more) = store.cases(merchant("m"), open, after, limit).await.unwrap();
        (rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), more)
    };
    assert_eq!(listed(None, None, 2).await, (vec![cases[2], cases[1]], true));
    assert_eq!(listed(Some(true), Some(cases[1]), 2).await, (vec![cases[0]], false));
    assert_eq!(listed(Some(false), None, 2).await, (vec![], false));
    let rows = async |payment: Option<u128>, after, limit| {
        let page = store.reversals(merchant("m"), payment.map(PaymentId), after, limit).await.unwrap();
        (page.0.into_iter().map(|row| row.id).collect::<Vec<_>>(), page.1)
    };
    assert_eq!(rows(None, None, 2).await, (vec![reversals[2], reversals[1]], true));
    assert_eq!(rows(None, Some(reversals[1]), 2).await, (vec![reversals[0]], false));
    assert_eq!(rows(Some(3), None, 2).await, (vec![reversals[1]], false));
    assert_eq!(rows(Some(3), Some(reversals[1]), 2).await, (vec![], false));
    assert_eq!(rows(Some(2), None, 2).await, (vec![], false));
}

async fn merchants_do_not_see_each_other(place: impl Place) {
    let store = place.open();
    let mine = trouble(&*store, want(1)).await.row;
    let suspended = trouble(&*store, want(2)).await.row;
    let other = || merchant("other");
    assert_eq!(store.payment(other(), PaymentId(1)).await.unwrap(), None);
    assert_eq!(store.attempts(other(), order("o-1")).await.unwrap(), []);
    assert_eq!(ids(&*store, PaymentFilter { merchant: other(), ..filter() }).await, (vec![], false));
    assert_eq!(store.case(other(), suspended.case_id.unwrap()).await.unwrap(), None);
    assert_eq!(store.cases(other(), None, None, 9).await.unwrap(), (vec![], false));
    assert_eq!(store.reversal(other(), mine.reversal_id.unwrap()).await.unwrap(), None);
    assert_eq!(store.reversals(other(), None, None, 9).await.unwrap(), (vec![], false));
    assert_eq!(store.reversals(other(), Some(PaymentId(1)), None, 9).await.unwrap(), (vec![], false));
    // The same order number is another sale.
    let theirs = Want { merchant: "other", order_no: "o-1".to_owned(), ..want(7) };
    assert_eq!(begin(&*store, theirs.clone()).await.row, theirs.row(1));
    assert_eq!(ids(&*store, filter()).await, (vec![2, 1], false));
}
