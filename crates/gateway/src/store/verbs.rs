//! The verbs of the store, once for every database: what each does inside its transaction.

use std::future::poll_fn;
use std::task::Poll;

use payment::ids::{MerchantCode, OrderNo, PaymentId, RefundId};
use payment::time::Time;

use super::admission::{self, Admission, Found, Wanted};
use super::commits::{attach_payment, commit_payment, commit_refund, commit_watch, open_refund};
use super::tables::{Backend, CasePage, Guard, Guards, ReversalPage, Tables, Till, refuse};
use super::{
    CaseRow, Changed, Counters, Due, Event, KeyRow, Opened, Opening, OrderCancel, PaymentCommit,
    PaymentFilter, PaymentRow, RefundCommit, RefundFilter, RefundOpened, RefundRow, ReversalRow, SessionRow,
    Store, StoreError, WatchCommit, WatchRow,
};
use crate::clock::Later;

/// The most rows of one page.
const PAGE_MAX: usize = 200;

impl<B: Backend> Store for B {
    fn open_payment(&self, opening: Opening) -> Later<'_, Result<Opened, StoreError>> {
        let guards = Guards::here();
        if guards.admission == Guard::Stands {
            return self.write(move |tables| {
                let admission = decide(tables, &opening)?;
                carry_out(tables, opening, admission, guards)
            });
        }
        Box::pin(async move {
            let (opening, admission) = self
                .write(move |tables| {
                    let admission = decide(tables, &opening)?;
                    Ok((opening, admission))
                })
                .await?;
            give_way().await;
            self.write(move |tables| carry_out(tables, opening, admission, guards)).await
        })
    }

    fn commit_payment(&self, commit: PaymentCommit) -> Later<'_, Result<(), StoreError>> {
        let guards = Guards::here();
        self.write(move |tables| commit_payment(tables, &commit, guards))
    }

    fn commit_watch(&self, commit: WatchCommit) -> Later<'_, Result<(), StoreError>> {
        let guards = Guards::here();
        self.write(move |tables| commit_watch(tables, &commit, guards))
    }

    fn open_refund(&self, commit: RefundCommit) -> Later<'_, Result<RefundOpened, StoreError>> {
        let guards = Guards::here();
        self.write(move |tables| open_refund(tables, &commit, guards))
    }

    fn commit_refund(&self, commit: RefundCommit) -> Later<'_, Result<(), StoreError>> {
        let guards = Guards::here();
        self.write(move |tables| commit_refund(tables, &commit, guards))
    }

    fn refund(
        &self,
        merchant: MerchantCode,
        id: RefundId,
    ) -> Later<'_, Result<Option<RefundRow>, StoreError>> {
        self.read(move |tables| {
            Ok(tables.refund(id)?.filter(|row| row.refund.intent.payment.merchant == merchant))
        })
    }

    fn refunds(&self, filter: RefundFilter) -> Later<'_, Result<(Vec<RefundRow>, bool), StoreError>> {
        let limit = filter.limit.clamp(1, PAGE_MAX);
        let filter = RefundFilter { limit, ..filter };
        self.read(move |tables| Ok(page(tables.refunds(&filter)?, limit)))
    }

    fn refunds_under_way(&self, payment: PaymentId) -> Later<'_, Result<Vec<RefundRow>, StoreError>> {
        self.read(move |tables| tables.refunds_under_way(payment))
    }

    fn cancel_order(
        &self,
        merchant: MerchantCode,
        order_no: OrderNo,
        now: Time,
    ) -> Later<'_, Result<OrderCancel, StoreError>> {
        self.write(move |tables| match tables.attempts(&merchant, &order_no)?.pop() {
            Some(latest) => Ok(OrderCancel::Known(Box::new(latest))),
            None => {
                tables.put_tombstone(&merchant, &order_no, now)?;
                Ok(OrderCancel::Tombstone)
            }
        })
    }

    fn payment(
        &self,
        merchant: MerchantCode,
        id: PaymentId,
    ) -> Later<'_, Result<Option<PaymentRow>, StoreError>> {
        self.read(move |tables| Ok(tables.payment(id)?.filter(|row| row.payment.intent.merchant == merchant)))
    }

    fn attempts(
        &self,
        merchant: MerchantCode,
        order_no: OrderNo,
    ) -> Later<'_, Result<Vec<PaymentRow>, StoreError>> {
        self.read(move |tables| tables.attempts(&merchant, &order_no))
    }

    fn payments(&self, filter: PaymentFilter) -> Later<'_, Result<(Vec<PaymentRow>, bool), StoreError>> {
        let limit = filter.limit.clamp(1, PAGE_MAX);
        let filter = PaymentFilter { limit, ..filter };
        self.read(move |tables| Ok(page(tables.payments(&filter)?, limit)))
    }

    fn changes(
        &self,
        merchant: MerchantCode,
        change: i64,
        limit: usize,
    ) -> Later<'_, Result<Vec<Changed>, StoreError>> {
        self.read(move |tables| tables.changes(&merchant, change, limit.clamp(1, PAGE_MAX)))
    }

    fn latest_change(&self) -> Later<'_, Result<i64, StoreError>> {
        self.read(|tables| tables.latest_change())
    }

    fn events(&self, id: PaymentId) -> Later<'_, Result<Vec<Event>, StoreError>> {
        self.read(move |tables| tables.events(id))
    }

    fn watch(&self, id: PaymentId) -> Later<'_, Result<Option<WatchRow>, StoreError>> {
        self.read(move |tables| tables.watch(id))
    }

    fn case(&self, merchant: MerchantCode, id: u128) -> Later<'_, Result<Option<CaseRow>, StoreError>> {
        self.read(move |tables| Ok(tables.case(id)?.filter(|row| row.merchant == merchant)))
    }

    fn cases(
        &self,
        merchant: MerchantCode,
        open: Option<bool>,
        starting_after: Option<u128>,
        limit: usize,
    ) -> Later<'_, Result<(Vec<CaseRow>, bool), StoreError>> {
        let limit = limit.clamp(1, PAGE_MAX);
        let wanted = CasePage { merchant, open, starting_after, limit };
        self.read(move |tables| Ok(page(tables.cases(&wanted)?, limit)))
    }

    fn reversal(
        &self,
        merchant: MerchantCode,
        id: u128,
    ) -> Later<'_, Result<Option<ReversalRow>, StoreError>> {
        self.read(move |tables| Ok(tables.reversal(id)?.filter(|row| row.merchant == merchant)))
    }

    fn reversals(
        &self,
        merchant: MerchantCode,
        payment: Option<PaymentId>,
        starting_after: Option<u128>,
        limit: usize,
    ) -> Later<'_, Result<(Vec<ReversalRow>, bool), StoreError>> {
        let limit = limit.clamp(1, PAGE_MAX);
        let wanted = ReversalPage { merchant, payment, starting_after, limit };
        self.read(move |tables| Ok(page(tables.reversals(&wanted)?, limit)))
    }

    fn due(&self, until: Time, limit: usize) -> Later<'_, Result<Due, StoreError>> {
        self.read(move |tables| tables.due(until, limit))
    }

    fn add_key(&self, key: KeyRow) -> Later<'_, Result<(), StoreError>> {
        self.write(move |tables| match tables.key(key.hash)? {
            None => tables.put_key(&key),
            Some(known) if known == key => Ok(()),
            Some(known) => refuse(format!(
                "this key is stored already, as {:?} of merchant {:?}; make a new key",
                known.name,
                known.merchant.as_str()
            )),
        })
    }

    fn key(&self, hash: [u8; 32]) -> Later<'_, Result<Option<KeyRow>, StoreError>> {
        self.read(move |tables| tables.key(hash))
    }

    fn has_keys(&self) -> Later<'_, Result<bool, StoreError>> {
        self.read(|tables| tables.has_keys())
    }

    fn add_session(&self, session: SessionRow, now: Time) -> Later<'_, Result<(), StoreError>> {
        self.write(move |tables| {
            tables.remove_ended_sessions(now)?;
            if tables.key(session.key)?.is_none() {
                return refuse("the key of this session is not stored".to_owned());
            }
            tables.put_session(&session)
        })
    }

    fn session(&self, hash: [u8; 32]) -> Later<'_, Result<Option<SessionRow>, StoreError>> {
        self.read(move |tables| tables.session(hash))
    }

    fn end_session(&self, hash: [u8; 32]) -> Later<'_, Result<(), StoreError>> {
        self.write(move |tables| tables.remove_session(hash))
    }

    fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Later<'_, Result<[u8; 32], StoreError>> {
        self.write(move |tables| match tables.secret(name)? {
            Some(stored) => Ok(stored),
            None => {
                tables.put_secret(name, fresh)?;
                Ok(fresh)
            }
        })
    }

    fn ping(&self) -> Later<'_, Result<(), StoreError>> {
        self.write(|tables| tables.beat())
    }

    fn counters(&self) -> Counters {
        self.written()
    }
}

/// Cuts what was read with one row too many, and says whether there was one.
fn page<T>(mut rows: Vec<T>, limit: usize) -> (Vec<T>, bool) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

/// Lets the others go first, once.
async fn give_way() {
    let mut gave_way = false;
    poll_fn(|context| {
        if gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Gathers what is stored, and asks the rules.
fn decide(tables: &dyn Tables, opening: &Opening) -> Result<Admission, StoreError> {
    let Opening { merchant, order_no, amount, fingerprint, terminal, outlet, second, now, build: _ } =
        opening;
    let attempts = tables.attempts(merchant, order_no)?;
    let code_holder = tables.with_code(*fingerprint)?.into_iter().find(|row| {
        let intent = &row.payment.intent;
        let other_sale = intent.merchant != *merchant || intent.order_no != *order_no;
        other_sale && admission::holds_code(&row.payment, *now)
    });
    let terminal_holder = match terminal {
        Some(terminal) => {
            let outlet = outlet.as_deref();
            tables.undecided_at(&Till { merchant, outlet, terminal, amount: *amount, order_no })?
        }
        None => None,
    };
    let found = Found {
        tombstone: tables.has_tombstone(merchant, order_no)?,
        attempts: attempts.iter().map(|row| (&row.payment, row.fingerprint)).collect(),
        code_holder: code_holder.map(|row| row.payment.intent.id),
        terminal_holder,
    };
    let wanted = Wanted { amount: *amount, fingerprint: *fingerprint, second: *second };
    Ok(admission::decide(&found, &wanted))
}

fn carry_out(
    tables: &mut dyn Tables,
    opening: Opening,
    admission: Admission,
    guards: Guards,
) -> Result<Opened, StoreError> {
    let attempt = match admission {
        Admission::Open(attempt) => attempt,
        Admission::Existing(id) => {
            return match tables.payment(id)? {
                Some(row) => Ok(Opened::Existing(Box::new(row))),
                None => refuse(format!("payment {id} was found and is gone")),
            };
        }
        Admission::Refused(refusal) => return Ok(Opened::Refused(refusal)),
    };
    let Opening { merchant, order_no, amount, fingerprint, build, .. } = opening;
    let commit = build(attempt);
    let intent = &commit.row.payment.intent;
    let as_asked = intent.merchant == merchant
        && intent.order_no == order_no
        && intent.amount == amount
        && intent.attempt == attempt
        && commit.row.fingerprint == fingerprint
        && commit.row.version == 1;
    if !as_asked {
        return refuse(format!(
            "what was built for attempt {attempt} of order {:?} is not what was asked: attempt {} of {:?}, version {}",
            order_no.as_str(),
            intent.attempt,
            intent.order_no.as_str(),
            commit.row.version
        ));
    }
    tables.insert_payment(&commit.row, guards)?;
    attach_payment(tables, &commit)?;
    Ok(Opened::New(Box::new(commit.row)))
}
