//! Refunds: one number is one refund, sums and rows change together, and what is due is found.

use gateway::store::record::{decode_refund, encode_refund};
use gateway::store::{
    CaseChange, CaseRow, PaymentCommit, PaymentRow, RefundCommit, RefundFilter, RefundOpened, RefundRow,
    Store, StoreError,
};
use payment::exchange::{
    Answer, ChannelCode, RefundAnswer, RefundQueryAnswer, RefundReason, RefundRefusal, SubmitAnswer,
};
use payment::ids::{ChannelRefundNo, Namespace, PaymentId, RefundId, RefundNo};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{Notice, RefundWish, Step};
use payment::refund::{Refund, RefundInput, RefundIntent, RefundPhase, RefundStatus, RefundStep};
use payment::time::{MINUTE_MS, Time};

use crate::life::{Life, NOON, event, merchant, want};
use crate::on_every_store;
use crate::places::Place;

on_every_store!(
    one_number_is_one_refund,
    the_sums_change_with_the_row,
    a_refund_that_takes_a_reversals_place_begins_with_the_step,
    a_refund_that_is_moved_on_elsewhere_conflicts,
    what_is_under_way_and_due_is_found,
    pages_are_filtered,
);

/// A payment of 12.34 that is paid.
async fn paid(store: &dyn Store, id: u128) -> PaymentRow {
    let opened = store.open_payment(want(id).opening()).await.unwrap();
    let gateway::store::Opened::New(row) = opened else { panic!("{opened:?}") };
    let mut life = Life::of(*row);
    let facts = life.paid();
    store.commit_payment(life.answer(300, Answer::Submit(SubmitAnswer::Paid(facts)))).await.unwrap();
    life.row
}

fn next(before: &PaymentRow, step: Step) -> PaymentCommit {
    PaymentCommit {
        row: PaymentRow { payment: step.payment, version: before.version + 1, ..before.clone() },
        events: Vec::new(),
        cases: Vec::new(),
        notices: step.notices,
        watch: None,
        refund: None,
    }
}

/// The opening of a refund, its first step already taken.
fn opening(of: &PaymentRow, id: u128, refund_no: &str, amount: i64) -> RefundCommit {
    let refund_no = RefundNo::parse(refund_no).unwrap();
    let namespace = Namespace::parse("TEST").unwrap();
    let wish = RefundWish {
        id: RefundId(id),
        channel_refund_no: ChannelRefundNo::derive(namespace, &merchant("m"), &refund_no),
        refund_no,
        amount: Fen::payable(amount).unwrap(),
        reason: Some("少一件".to_owned()),
    };
    let limits = Channel::WechatV2.patience().refunds;
    let now = NOON.plus_ms(MINUTE_MS);
    let (step, refund) = of.payment.clone().open_refund(now, wish, &limits).unwrap();
    let first = refund.step(now, RefundInput::Wake);
    RefundCommit {
        row: RefundRow { refund: first.refund, version: 1, case_id: None },
        events: vec![event(now, "refund")],
        cases: Vec::new(),
        notices: first.notices,
        payment: Some(next(of, step)),
        watch: None,
    }
}

/// The step that an answer makes.
fn answered(before: &RefundRow, after_ms: i64, answer: Answer) -> RefundCommit {
    let now = before.refund.updated_at.plus_ms(after_ms);
    let number = before.refund.calls;
    let RefundStep { refund, notices, .. } =
        before.refund.clone().step(now, RefundInput::Answer { number, answer });
    let opened = notices.iter().any(|notice| matches!(notice, Notice::CaseOpened(_)));
    let case_id = opened.then_some(77).or(before.case_id);
    let cases = if opened {
        vec![CaseChange::Open(CaseRow {
            id: 77,
            merchant: merchant("m"),
            payment_id: refund.intent.payment.id,
            kind: "refund_funds".to_owned(),
            opened_at: now,
            closed_at: None,
            settlement: None,
        })]
    } else {
        Vec::new()
    };
    let row = RefundRow { refund, version: before.version + 1, case_id };
    RefundCommit { row, events: vec![event(now, "answer")], cases, notices, payment: None, watch: None }
}

fn short() -> Answer {
    let channel = ChannelCode { code: "NOTENOUGH".to_owned(), message: "余额不足".to_owned() };
    Answer::Refund(RefundAnswer::Refused(RefundRefusal { reason: RefundReason::Funds, channel }))
}

async fn stored(store: &dyn Store, id: u128) -> RefundRow {
    store.refund(merchant("m"), RefundId(id)).await.unwrap().unwrap()
}

async fn one_number_is_one_refund(place: impl Place) {
    let store = place.open();
    let (first, second) = (paid(&*store, 1).await, paid(&*store, 2).await);
    let opening_one = opening(&first, 11, "R1", 500);
    assert_eq!(store.open_refund(opening_one.clone()).await, Ok(RefundOpened::New));
    // The same number again, for the same payment or another: nothing changes, and who has it is answered.
    for again in [opening(&first, 12, "R1", 500), opening(&second, 13, "R1", 700)] {
        let RefundOpened::Existing(row) = store.open_refund(again).await.unwrap() else {
            panic!("opened twice")
        };
        assert_eq!(*row, stored(&*store, 11).await);
    }
    assert_eq!(store.refund(merchant("m"), RefundId(13)).await, Ok(None));
    assert_eq!(store.refund(merchant("other"), RefundId(11)).await, Ok(None), "another merchant's");
    let untouched = store.payment(merchant("m"), PaymentId(2)).await.unwrap().unwrap();
    assert_eq!(untouched.payment.refunds.reserved, 0);
    let text = encode_refund(&opening_one.row);
    assert_eq!(decode_refund(&text), Ok(opening_one.row));
}

async fn the_sums_change_with_the_row(place: impl Place) {
    let store = place.open();
    let row = paid(&*store, 1).await;
    store.open_refund(opening(&row, 11, "R1", 500)).await.unwrap();
    let reserved = store.payment(merchant("m"), PaymentId(1)).await.unwrap().unwrap();
    assert_eq!((reserved.payment.refunds.reserved, reserved.payment.refunds.given_back), (500, 0));
    // A reserve on an older state of the payment is refused whole: no refund, no sum.
    let stale = store.open_refund(opening(&row, 12, "R2", 500)).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    assert_eq!(store.refund(merchant("m"), RefundId(12)).await, Ok(None));
    // Taken up, then done: the end posts the reserve in the same commit.
    let refund = stored(&*store, 11).await;
    let taken_up = answered(&refund, 300, Answer::Refund(RefundAnswer::Accepted));
    store.commit_refund(taken_up.clone()).await.unwrap();
    let asked = taken_up.row.refund.clone().step(Time(i64::MAX / 2), RefundInput::Wake).refund;
    let asked = RefundRow { refund: asked, ..taken_up.row };
    let closed = Answer::RefundQuery(RefundQueryAnswer::Closed);
    let mut ended = answered(&asked, 300, closed);
    assert_eq!(ended.row.refund.phase, RefundPhase::Failed);
    let amount = ended.row.refund.intent.amount;
    let freed = reserved.payment.clone().refund_ended(ended.row.refund.updated_at, amount, false);
    ended.payment = Some(next(&reserved, freed));
    store.commit_refund(ended).await.unwrap();
    drop(store);
    let store = place.open();
    let after = store.payment(merchant("m"), PaymentId(1)).await.unwrap().unwrap();
    assert_eq!((after.payment.refunds.reserved, after.payment.refunds.parts), (0, 0), "after a restart");
    assert_eq!(stored(&*store, 11).await.refund.status(), RefundStatus::Failed);
    let told: Vec<String> = place.outbox().into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(told, ["payment.paid", "refund.failed"]);
}

async fn a_refund_that_takes_a_reversals_place_begins_with_the_step(place: impl Place) {
    let store = place.open();
    let opened = store.open_payment(want(1).opening()).await.unwrap();
    let gateway::store::Opened::New(row) = opened else { panic!("{opened:?}") };
    let mut life = Life::of(*row);
    let whole = |id: u128, intent: &payment::payment::Intent, version: i64| {
        let refund_no = RefundNo::of_late_money(&intent.channel_order_no);
        let namespace = Namespace::parse("TEST").unwrap();
        let intent = RefundIntent {
            id: RefundId(id),
            payment: intent.clone(),
            channel_transaction_no: "4200".to_owned(),
            channel_refund_no: ChannelRefundNo::derive(namespace, &merchant("m"), &refund_no),
            refund_no,
            amount: Fen::payable(1234).unwrap(),
            reason: None,
            opened_at: NOON,
        };
        RefundRow { refund: Refund::open(intent, NOON), version, case_id: None }
    };
    let typing = Answer::Submit(SubmitAnswer::AwaitingPayer);
    let mut step = life.answer(300, typing);
    let intent = step.row.payment.intent.clone();
    // One that is no first version is refused with the whole step.
    step.refund = Some(whole(11, &intent, 2));
    assert!(matches!(store.commit_payment(step.clone()).await, Err(StoreError::Failed(_))));
    assert_eq!(store.refund(merchant("m"), RefundId(11)).await, Ok(None));
    step.refund = Some(whole(11, &intent, 1));
    store.commit_payment(step).await.unwrap();
    assert_eq!(store.refunds_under_way(PaymentId(1)).await, Ok(vec![whole(11, &intent, 1)]));
    // The number says whose money it is: a second one begins nothing.
    let mut again = life.wake();
    again.refund = Some(whole(12, &intent, 1));
    store.commit_payment(again).await.unwrap();
    assert_eq!(store.refunds_under_way(PaymentId(1)).await, Ok(vec![whole(11, &intent, 1)]));
}

async fn a_refund_that_is_moved_on_elsewhere_conflicts(place: impl Place) {
    let store = place.open();
    let row = paid(&*store, 1).await;
    store.open_refund(opening(&row, 11, "R1", 500)).await.unwrap();
    let step = answered(&stored(&*store, 11).await, 300, Answer::Refund(RefundAnswer::Accepted));
    store.commit_refund(step.clone()).await.unwrap();
    let again = store.commit_refund(step.clone()).await;
    assert_eq!(again, Err(StoreError::Conflict { expected: 1, found: 2 }));
    let mut other = answered(&step.row, 300, short());
    other.row.refund.intent.amount = Fen::payable(501).unwrap();
    assert!(matches!(store.commit_refund(other).await, Err(StoreError::Failed(_))), "intents never change");
}

async fn what_is_under_way_and_due_is_found(place: impl Place) {
    let store = place.open();
    let row = paid(&*store, 1).await;
    store.open_refund(opening(&row, 11, "R1", 500)).await.unwrap();
    let refund = stored(&*store, 11).await;
    let wake = refund.refund.wake.unwrap();
    assert_eq!(store.due(wake.plus_ms(-1), 10).await.unwrap().refunds, []);
    assert_eq!(store.due(wake, 10).await.unwrap().refunds, std::slice::from_ref(&refund));
    assert_eq!(store.refunds_under_way(PaymentId(1)).await, Ok(vec![refund]));
    assert_eq!(store.refunds_under_way(PaymentId(2)).await, Ok(Vec::new()));
}

async fn pages_are_filtered(place: impl Place) {
    let store = place.open();
    for id in 1..=3 {
        let row = paid(&*store, id).await;
        store.open_refund(opening(&row, 10 + id, &format!("R{id}"), 500)).await.unwrap();
    }
    let filter = |limit| RefundFilter {
        merchant: merchant("m"),
        limit,
        starting_after: None,
        payment: None,
        status: None,
        refund_no: None,
    };
    let ids = |rows: &[RefundRow]| rows.iter().map(|row| row.refund.intent.id.0).collect::<Vec<_>>();
    let (page, more) = store.refunds(filter(2)).await.unwrap();
    assert_eq!((ids(&page), more), (vec![13, 12], true), "newest first");
    let rest = RefundFilter { starting_after: Some(RefundId(12)), ..filter(2) };
    assert_eq!(ids(&store.refunds(rest).await.unwrap().0), [11]);
    let of_two = RefundFilter { payment: Some(PaymentId(2)), ..filter(9) };
    assert_eq!(ids(&store.refunds(of_two).await.unwrap().0), [12]);
    let by_no = RefundFilter { refund_no: Some(RefundNo::parse("R3").unwrap()), ..filter(9) };
    assert_eq!(ids(&store.refunds(by_no).await.unwrap().0), [13]);
    let ended = RefundFilter { status: Some(RefundStatus::Succeeded), ..filter(9) };
    assert_eq!(store.refunds(ended).await.unwrap().0, []);
    let others = RefundFilter { merchant: merchant("other"), ..filter(9) };
    assert_eq!(store.refunds(others).await.unwrap().0, []);
}
