//! Whatever is asked in whatever order, memory and SQLite answer alike.

use gateway::store::{KeyRow, Opened, PaymentFilter, Store, StoreError};
use payment::ids::PaymentId;
use payment::patience::Channel;
use payment::payment::{CodeHere, Status};
use payment::time::Time;
use proptest::prelude::*;

use crate::life::{Change, Life, NOON, Want, merchant, order, want};
use crate::places::{InMemory, InSqlite, Place, Told};

/// Two stores and the payments that live in both.
struct Pair {
    stores: [std::sync::Arc<dyn Store>; 2],
    lives: Vec<Life>,
    ids: u128,
    now: Time,
}

/// Asks both, and insists on one answer. A failure's words may differ where a database says them.
macro_rules! both {
    ($pair:expr, $store:ident => $ask:expr) => {{
        let mut answers = Vec::new();
        for $store in &$pair.stores {
            answers.push($ask.await);
        }
        let [mine, other] = <[_; 2]>::try_from(answers).unwrap();
        assert_eq!(alike(&mine), alike(&other));
        mine
    }};
}

fn alike<T: Clone>(answer: &Result<T, StoreError>) -> Result<T, StoreError> {
    match answer {
        Err(StoreError::Failed(_) | StoreError::InDoubt(_)) => Err(StoreError::Failed(String::new())),
        Ok(_) | Err(StoreError::Conflict { .. }) => answer.clone(),
    }
}

const MERCHANTS: [&str; 2] = ["m", "other"];
const TERMINALS: [Option<&str>; 3] = [None, Some("1"), Some("2")];

impl Pair {
    fn a_want(&mut self, how: u16) -> Want {
        self.ids += 1;
        let pick = usize::from(how);
        Want {
            merchant: MERCHANTS[pick % 2],
            order_no: format!("o-{}", pick / 2 % 6),
            amount: [1234, 1235][pick / 32 % 8 / 7],
            code: u8::try_from(pick / 5 % 9).unwrap(),
            channel: Channel::ALL[pick % Channel::ALL.len()],
            outlet: [None, Some("北")][pick / 7 % 2],
            terminal: TERMINALS[pick % 3],
            second: pick.is_multiple_of(4),
            now: self.now,
            code_here: if pick.is_multiple_of(11) { CodeHere::Gone } else { CodeHere::Here },
            ..want(self.ids)
        }
    }

    async fn open(&mut self, how: u16) {
        let want = self.a_want(how);
        if let Ok(Opened::New(row)) = both!(self, store => store.open_payment(want.opening())) {
            self.lives.push(Life::of(*row));
        }
    }

    async fn live(&mut self, which: u16, how: u16) {
        if self.lives.is_empty() {
            return;
        }
        let place = usize::from(which) % self.lives.len();
        let mut life = self.lives[place].clone();
        life.now = life.now.max(self.now);
        let Some(change) = life.choose(how) else { return };
        self.now = self.now.max(life.now);
        // Now and then the engine dies after the commit: its next life has what is stored.
        let stale = how.is_multiple_of(13);
        let outcome = match &change {
            Change::Payment(commit) => both!(self, store => store.commit_payment(commit.clone())),
            Change::Watch(commit) => both!(self, store => store.commit_watch(commit.clone())),
        };
        assert_eq!(outcome, Ok(()), "{change:?}");
        if stale {
            let outcome = match change {
                Change::Payment(commit) => both!(self, store => store.commit_payment(commit.clone())),
                Change::Watch(commit) => both!(self, store => store.commit_watch(commit.clone())),
            };
            assert!(matches!(outcome, Err(StoreError::Conflict { .. })), "{outcome:?}");
        }
        self.lives[place] = life;
    }

    async fn list(&self, which: u16, how: u16) {
        let pick = usize::from(how);
        let statuses =
            [Status::Processing, Status::Paid, Status::Failed, Status::Reversed, Status::Suspended];
        let one_in = |n: usize| pick.is_multiple_of(n);
        let filter = PaymentFilter {
            merchant: merchant(MERCHANTS[pick % 2]),
            limit: 1 + usize::from(which % 5),
            starting_after: one_in(3).then_some(PaymentId(u128::from(which % 20))),
            status: one_in(2).then_some(statuses[pick / 8 % 5]),
            channel: one_in(5).then_some(Channel::ALL[pick / 16 % 6]),
            order_no: one_in(7).then(|| order(&format!("o-{}", pick % 6))),
            outlet: one_in(9).then(|| "北".to_owned()),
            terminal: one_in(11).then(|| "1".to_owned()),
            created_from: one_in(13).then_some(NOON.plus_ms(i64::from(which))),
            created_before: one_in(17).then_some(NOON.plus_ms(i64::from(which))),
        };
        both!(self, store => store.payments(filter.clone())).unwrap();
        let (whose, seen) = (filter.merchant, i64::from(which % 40));
        both!(self, store => store.changes(whose.clone(), seen, filter.limit)).unwrap();
        both!(self, store => store.latest_change()).unwrap();
    }

    async fn look(&self, which: u16, how: u16) {
        let whose = || merchant(MERCHANTS[usize::from(how % 2)]);
        let id = PaymentId(u128::from(which % 20) + 1);
        let after = (how.is_multiple_of(3)).then_some(id.0 << 16 | u128::from(how % 4));
        let limit = usize::from(how % 4);
        both!(self, store => store.payment(whose(), id)).unwrap();
        both!(self, store => store.events(id)).unwrap();
        both!(self, store => store.watch(id)).unwrap();
        let open = [None, Some(true), Some(false)][usize::from(how % 3)];
        let (cases, _) = both!(self, store => store.cases(whose(), open, after, limit)).unwrap();
        for case in cases {
            both!(self, store => store.case(whose(), case.id)).unwrap();
        }
        let of = (how.is_multiple_of(5)).then_some(id);
        let (reversals, _) = both!(self, store => store.reversals(whose(), of, after, limit)).unwrap();
        for reversal in reversals {
            both!(self, store => store.reversal(whose(), reversal.id)).unwrap();
        }
    }

    async fn small_things(&self, which: u16, how: u16) {
        let until = self.now.plus_ms(i64::from(how) - 20_000);
        both!(self, store => store.due(until, usize::from(which % 6))).unwrap();
        let order_no = || order(&format!("o-{}", which % 8));
        let whose = || merchant(MERCHANTS[usize::from(how % 2)]);
        both!(self, store => store.attempts(whose(), order_no())).unwrap();
        if how.is_multiple_of(9) {
            both!(self, store => store.cancel_order(whose(), order_no(), self.now)).unwrap();
        }
        let hash = [u8::try_from(which % 4).unwrap(); 32];
        let key = KeyRow { hash, merchant: whose(), scopes: Vec::new(), name: String::new() };
        let _either = both!(self, store => store.add_key(key.clone()));
        both!(self, store => store.key(hash)).unwrap();
        let name = ["one", "two"][usize::from(how % 2)];
        both!(self, store => store.secret(name, hash)).unwrap();
    }
}

async fn run(choices: &[(u8, u16, u16)]) -> [Vec<Told>; 2] {
    let places: (InMemory, InSqlite) = (InMemory::new(), InSqlite::new());
    let stores = [places.0.open(), places.1.open()];
    let mut pair = Pair { stores, lives: Vec::new(), ids: 0, now: NOON };
    for (what, which, how) in choices {
        match what % 10 {
            0 | 1 => pair.open(*how).await,
            2..=6 => {
                for turn in 0..4 {
                    pair.live(*which, how.rotate_left(3 * turn)).await;
                }
            }
            7 => pair.list(*which, *how).await,
            8 => pair.look(*which, *how).await,
            _ => pair.small_things(*which, *how).await,
        }
    }
    for life in &pair.lives {
        let intent = &life.row.payment.intent;
        let row = both!(pair, store => store.payment(intent.merchant.clone(), intent.id)).unwrap();
        assert_eq!(row.unwrap().payment, life.row.payment.clone().recovered());
        both!(pair, store => store.events(intent.id)).unwrap();
        both!(pair, store => store.watch(intent.id)).unwrap();
    }
    drop(pair);
    [places.0.outbox(), places.1.outbox()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_sqlite_answer_alike(
        choices in prop::collection::vec((any::<u8>(), any::<u16>(), any::<u16>()), 1..120),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let [mine, other] = runtime.block_on(run(&choices));
        prop_assert_eq!(mine, other);
    }
}
