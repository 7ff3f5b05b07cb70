//! One sale, one charge; one code, one payment: every refusal, and the races.

use futures_util::future::join_all;
use gateway::store::admission::Refusal;
use gateway::store::{Opened, OrderCancel, PaymentRow, Store};
use payment::exchange::{Answer, ChannelCode, Decline, DeclineReason, SubmitAnswer};
use payment::ids::PaymentId;
use payment::payment::CodeHere;
use payment::time::DAY_MS;

use crate::life::{Life, NOON, Want, merchant, order, want};
use crate::on_every_store;
use crate::places::Place;

on_every_store!(
    a_new_sale_opens_and_its_repeat_finds_it,
    sixty_four_identical_openings_make_one_payment,
    thirty_two_codes_at_once_make_one_payment,
    one_code_on_thirty_two_sales_at_once_is_spent_once,
    another_code_waits_until_the_sale_is_decided,
    another_amount_is_refused,
    a_paid_sale_is_paid_once,
    a_failed_sale_takes_another_code,
    a_payment_that_was_never_asked_is_sent_by_its_repeat,
    a_code_is_spent_for_a_day_by_whatever_merchant,
    a_code_that_was_never_asked_is_not_spent,
    a_terminal_has_one_open_payment_of_an_amount,
    a_cancelled_order_cannot_be_opened,
    a_row_that_is_not_what_was_asked_is_refused,
    a_channel_order_number_is_used_once,
);

async fn open(store: &dyn Store, want: &Want) -> Opened {
    store.open_payment(want.opening()).await.unwrap()
}

async fn opened(store: &dyn Store, want: &Want) -> PaymentRow {
    match open(store, want).await {
        Opened::New(row) => *row,
        other => panic!("{want:?} was not opened: {other:?}"),
    }
}

fn refused(refusal: Refusal) -> Opened {
    Opened::Refused(refusal)
}

async fn declined(store: &dyn Store, row: PaymentRow) {
    let mut life = Life::of(row);
    let decline = Decline { reason: DeclineReason::InsufficientFunds, channel: ChannelCode::default() };
    store.commit_payment(life.answer(300, Answer::Submit(SubmitAnswer::Declined(decline)))).await.unwrap();
}

async fn a_new_sale_opens_and_its_repeat_finds_it(place: impl Place) {
    let store = place.open();
    let first = want(1);
    let row = opened(&*store, &first).await;
    assert_eq!(row, first.row(1));
    // The code and the amount are compared; of everything else the first wins.
    let repeat = Want { id: 2, terminal: Some("t"), now: NOON.plus_ms(5), ..first.clone() };
    let Opened::Existing(found) = open(&*store, &repeat).await else { panic!("opened twice") };
    assert_eq!(*found, row);
    assert_eq!(store.attempts(merchant("m"), order("o-1")).await.unwrap(), [row]);
}

async fn sixty_four_identical_openings_make_one_payment(place: impl Place) {
    let store = place.open();
    let wants = (1..=64).map(|id| Want { id, ..want(500) });
    let answers = join_all(wants.map(|want| store.open_payment(want.opening()))).await;
    let mut new = Vec::new();
    let mut existing = Vec::new();
    for answer in answers {
        match answer.unwrap() {
            Opened::New(row) => new.push(row.payment.intent.id),
            Opened::Existing(row) => existing.push(row.payment.intent.id),
            Opened::Refused(refusal) => panic!("{refusal:?}"),
        }
    }
    assert_eq!((new.len(), existing.len()), (1, 63));
    assert!(existing.iter().all(|id| *id == new[0]));
    assert_eq!(store.attempts(merchant("m"), order("o-500")).await.unwrap().len(), 1);
}

async fn thirty_two_codes_at_once_make_one_payment(place: impl Place) {
    let store = place.open();
    let wants = (1..=32_u8).map(|code| Want { id: code.into(), code, ..want(500) });
    let answers = join_all(wants.map(|want| store.open_payment(want.opening()))).await;
    let answers: Vec<Opened> = answers.into_iter().map(Result::unwrap).collect();
    let new = answers.iter().find_map(|answer| match answer {
        Opened::New(row) => Some(row.payment.intent.id),
        Opened::Existing(_) | Opened::Refused(_) => None,
    });
    let undecided = refused(Refusal::OrderUndecided(new.unwrap()));
    assert_eq!(answers.iter().filter(|answer| **answer == undecided).count(), 31);
    assert_eq!(store.attempts(merchant("m"), order("o-500")).await.unwrap().len(), 1);
}

async fn one_code_on_thirty_two_sales_at_once_is_spent_once(place: impl Place) {
    let store = place.open();
    let wants = (1..=32).map(|id| Want { code: 9, ..want(id) });
    let answers = join_all(wants.map(|want| store.open_payment(want.opening()))).await;
    let opened = answers.iter().filter(|answer| matches!(answer, Ok(Opened::New(_)))).count();
    let used = answers.iter().filter(|answer| matches!(answer, Ok(Opened::Refused(Refusal::CodeUsed(_)))));
    assert_eq!((opened, used.count()), (1, 31));
}

async fn another_code_waits_until_the_sale_is_decided(place: impl Place) {
    let store = place.open();
    opened(&*store, &want(1)).await;
    let other = Want { id: 2, code: 77, ..want(1) };
    assert_eq!(open(&*store, &other).await, refused(Refusal::OrderUndecided(PaymentId(1))));
}

async fn another_amount_is_refused(place: impl Place) {
    let store = place.open();
    opened(&*store, &want(1)).await;
    let other = Want { id: 2, amount: 1235, ..want(1) };
    assert_eq!(open(&*store, &other).await, refused(Refusal::OrderAmountDiffers(PaymentId(1))));
}

async fn a_paid_sale_is_paid_once(place: impl Place) {
    let store = place.open();
    let mut life = Life::of(opened(&*store, &want(1)).await);
    let paid = Answer::Submit(SubmitAnswer::Paid(life.paid()));
    store.commit_payment(life.answer(300, paid)).await.unwrap();
    let other = Want { id: 2, code: 77, ..want(1) };
    assert_eq!(open(&*store, &other).await, refused(Refusal::OrderPaid(PaymentId(1))));
    let same = Want { id: 3, ..want(1) };
    assert_eq!(open(&*store, &same).await, Opened::Existing(Box::new(life.row.clone())));
}

async fn a_failed_sale_takes_another_code(place: impl Place) {
    let store = place.open();
    let first = opened(&*store, &want(1)).await;
    declined(&*store, first).await;
    let second = Want { id: 2, code: 77, ..want(1) };
    assert_eq!(opened(&*store, &second).await, second.row(2));
    let attempts = store.attempts(merchant("m"), order("o-1")).await.unwrap();
    assert_eq!(attempts.iter().map(|row| row.payment.intent.attempt).collect::<Vec<_>>(), [1, 2]);
    // The first code still names the first attempt.
    let repeat = Want { id: 3, ..want(1) };
    let Opened::Existing(found) = open(&*store, &repeat).await else { panic!("a spent code opened") };
    assert_eq!(found.payment.intent.id, PaymentId(1));
}

async fn a_payment_that_was_never_asked_is_sent_by_its_repeat(place: impl Place) {
    let store = place.open();
    let unsent = Want { code_here: CodeHere::Gone, ..want(1) };
    assert!(opened(&*store, &unsent).await.payment.never_asked());
    let repeat = Want { id: 2, ..want(1) };
    assert_eq!(opened(&*store, &repeat).await, repeat.row(2));
}

async fn a_code_is_spent_for_a_day_by_whatever_merchant(place: impl Place) {
    let store = place.open();
    opened(&*store, &Want { code: 9, ..want(1) }).await;
    let used = refused(Refusal::CodeUsed(PaymentId(1)));
    let last = NOON.plus_ms(DAY_MS - 1);
    assert_eq!(open(&*store, &Want { code: 9, now: last, ..want(2) }).await, used);
    assert_eq!(open(&*store, &Want { code: 9, merchant: "other", now: last, ..want(3) }).await, used);
    opened(&*store, &Want { code: 9, now: NOON.plus_ms(DAY_MS), ..want(4) }).await;
}

async fn a_code_that_was_never_asked_is_not_spent(place: impl Place) {
    let store = place.open();
    opened(&*store, &Want { code: 9, code_here: CodeHere::Gone, ..want(1) }).await;
    opened(&*store, &Want { code: 9, ..want(2) }).await;
}

async fn a_terminal_has_one_open_payment_of_an_amount(place: impl Place) {
    let store = place.open();
    let here = |id| Want { outlet: Some("北"), terminal: Some("3"), ..want(id) };
    let first = opened(&*store, &here(1)).await;
    let held = refused(Refusal::TerminalHasOpenPayment(PaymentId(1)));
    assert_eq!(open(&*store, &here(2)).await, held);
    opened(&*store, &Want { amount: 1235, ..here(3) }).await;
    opened(&*store, &Want { terminal: Some("4"), ..here(4) }).await;
    opened(&*store, &Want { outlet: None, ..here(5) }).await;
    opened(&*store, &Want { outlet: Some("南"), ..here(6) }).await;
    opened(&*store, &Want { merchant: "other", ..here(7) }).await;
    opened(&*store, &Want { terminal: None, ..here(8) }).await;
    assert_eq!(open(&*store, &here(9)).await, held);
    opened(&*store, &Want { second: true, ..here(10) }).await;
    declined(&*store, first).await;
    assert_eq!(open(&*store, &here(11)).await, refused(Refusal::TerminalHasOpenPayment(PaymentId(10))));
}

async fn a_cancelled_order_cannot_be_opened(place: impl Place) {
    let store = place.open();
    for _ in 0..2 {
        let found = store.cancel_order(merchant("m"), order("o-1"), NOON).await.unwrap();
        assert_eq!(found, OrderCancel::Tombstone);
    }
    assert_eq!(open(&*store, &want(1)).await, refused(Refusal::OrderCanceled));
    assert_eq!(store.attempts(merchant("m"), order("o-1")).await.unwrap(), []);
    // The tombstone is the merchant's own, and only for what did not exist.
    let row = opened(&*store, &Want { merchant: "other", ..want(1) }).await;
    let found = store.cancel_order(merchant("other"), order("o-1"), NOON).await.unwrap();
    assert_eq!(found, OrderCancel::Known(Box::new(row)));
}

async fn a_row_that_is_not_what_was_asked_is_refused(place: impl Place) {
    let store = place.open();
    let mut opening = want(1).opening();
    opening.order_no = order("o-9");
    let error = store.open_payment(opening).await.unwrap_err().to_string();
    assert!(error.contains("o-9") && error.contains("o-1"), "{error}");
    assert_eq!(store.payment(merchant("m"), PaymentId(1)).await.unwrap(), None);
    assert_eq!(store.events(PaymentId(1)).await.unwrap(), []);
}

async fn a_channel_order_number_is_used_once(place: impl Place) {
    let store = place.open();
    let first = opened(&*store, &want(1)).await;
    let mut opening = want(2).opening();
    let number = first.payment.intent.channel_order_no;
    let build = opening.build;
    opening.build = Box::new(move |attempt| {
        let mut commit = build(attempt);
        commit.row.payment.intent.channel_order_no = number;
        commit
    });
    store.open_payment(opening).await.unwrap_err();
    assert_eq!(store.payment(merchant("m"), PaymentId(2)).await.unwrap(), None);
}

#[cfg(feature = "planted")]
mod planted {
    use gateway::store::memory::MemoryStore;
    use payment::planted::{Bug, plant};

    use super::*;

    /// Select, then insert: the race that the suite above would find.
    #[tokio::test]
    async fn deciding_outside_the_transaction_opens_a_sale_twice() {
        let store = MemoryStore::new();
        plant(Some(Bug::B13));
        let answers =
            join_all((1..=2).map(|id| store.open_payment(Want { id, ..want(500) }.opening()))).await;
        plant(None);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Opened::New(_)))), "{answers:?}");
    }

    #[tokio::test]
    async fn deciding_outside_the_transaction_spends_a_code_twice() {
        let place = crate::places::InSqlite::new();
        let store = place.open();
        plant(Some(Bug::B13));
        let answers =
            join_all((1..=2).map(|id| store.open_payment(Want { code: 9, ..want(id) }.opening()))).await;
        plant(None);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Opened::New(_)))), "{answers:?}");
    }
}
