//! The tables in memory, and the indexes that a database would have.

mod payments;

use std::ops::Bound;

use payment::ids::{CodeFingerprint, MerchantCode, OrderNo, PaymentId, RefundId, RefundNo};
use payment::payment::Status;
use payment::time::Time;

use super::super::record::{decode_payment, decode_reversal, decode_watch, encode_reversal};
use super::super::tables::{
    CasePage, Guard, Guards, NoticeRow, PaymentColumns, ReversalPage, Tables, Till, WatchColumns,
};
use super::super::{
    CaseRow, Changed, Due, Event, KeyRow, PaymentFilter, PaymentRow, RefundFilter, RefundRow, ReversalRow,
    SessionRow, StoreError, WatchRow,
};
use super::filter::wanted;
use super::refunds::Refunds;
use super::table::Table;

/// A reversal's text, and what it is listed by.
struct ReversalColumns {
    merchant: MerchantCode,
    payment_id: PaymentId,
    record: String,
}

/// Everything that the memory holds.
#[derive(Default)]
pub(super) struct State {
    payments: Table<PaymentId, PaymentColumns>,
    by_order: Table<(MerchantCode, OrderNo, u32, PaymentId), ()>,
    by_code: Table<(CodeFingerprint, PaymentId), ()>,
    by_channel_order_no: Table<(String, String), PaymentId>,
    payments_by_wake: Table<(Time, PaymentId), ()>,
    /// The latest change of each payment, and the payment of each latest change.
    changes: Table<PaymentId, i64>,
    by_change: Table<i64, PaymentId>,
    events: Table<(PaymentId, u64), Event>,
    notices: Table<usize, NoticeRow>,
    watches: Table<PaymentId, WatchColumns>,
    watches_by_wake: Table<(Time, PaymentId), ()>,
    cases: Table<u128, CaseRow>,
    reversals: Table<u128, ReversalColumns>,
    refunds: Refunds,
    tombstones: Table<(MerchantCode, OrderNo), Time>,
    keys: Table<[u8; 32], KeyRow>,
    secrets: Table<String, [u8; 32]>,
    sessions: Table<[u8; 32], SessionRow>,
}

/// Calls a method of every table.
macro_rules! every_table {
    ($state:ident . $method:ident) => {
        $state.payments.$method();
        $state.by_order.$method();
        $state.by_code.$method();
        $state.by_channel_order_no.$method();
        $state.payments_by_wake.$method();
        $state.changes.$method();
        $state.by_change.$method();
        $state.events.$method();
        $state.notices.$method();
        $state.watches.$method();
        $state.watches_by_wake.$method();
        $state.cases.$method();
        $state.reversals.$method();
        $state.refunds.$method();
        $state.tombstones.$method();
        $state.keys.$method();
        $state.secrets.$method();
        $state.sessions.$method();
    };
}

impl State {
    pub(super) fn keep(&mut self) {
        every_table!(self.keep);
    }

    pub(super) fn roll_back(&mut self) {
        every_table!(self.roll_back);
    }

    pub(super) fn outbox(&self) -> Vec<(PaymentId, &'static str, Option<&'static str>)> {
        self.notices.range(..).map(|(_, notice)| (notice.payment_id, notice.kind, notice.about)).collect()
    }

    fn read(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        match self.payments.find(&id) {
            Some(columns) => Ok(Some(decode_payment(&columns.record)?)),
            None => Ok(None),
        }
    }

    fn of_order<'a>(
        &'a self,
        merchant: &MerchantCode,
        order_no: &OrderNo,
    ) -> impl Iterator<Item = PaymentId> + 'a {
        let first = (merchant.clone(), order_no.clone(), 0, PaymentId(0));
        let last = (merchant.clone(), order_no.clone(), u32::MAX, PaymentId(u128::MAX));
        self.by_order.range(first..=last).map(|((_, _, _, id), ())| *id)
    }
}

impl Tables for State {
    fn attempts(&self, merchant: &MerchantCode, order_no: &OrderNo) -> Result<Vec<PaymentRow>, StoreError> {
        self.of_order(merchant, order_no).filter_map(|id| self.read(id).transpose()).collect()
    }

    fn with_code(&self, print: CodeFingerprint) -> Result<Vec<PaymentRow>, StoreError> {
        let range = (print, PaymentId(0))..=(print, PaymentId(u128::MAX));
        self.by_code.range(range).filter_map(|((_, id), ())| self.read(*id).transpose()).collect()
    }

    fn undecided_at(&self, till: &Till<'_>) -> Result<Option<PaymentId>, StoreError> {
        // Whatever is undecided has a wake, and that is the shorter list.
        let undecided = self.payments_by_wake.range(..).filter_map(|((_, id), ())| self.payments.find(id));
        let here = undecided.filter(|row| {
            matches!(row.status, Status::Processing | Status::Suspended)
                && row.merchant == *till.merchant
                && row.outlet.as_deref() == till.outlet
                && row.terminal.as_deref() == Some(till.terminal)
                && row.amount == till.amount
                && row.order_no != *till.order_no
        });
        Ok(here.map(|row| row.id).min())
    }

    fn payment(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError> {
        self.read(id)
    }

    fn payments(&self, filter: &PaymentFilter) -> Result<Vec<PaymentRow>, StoreError> {
        let before = filter.starting_after.map_or(Bound::Unbounded, Bound::Excluded);
        let newest = self.payments.range((Bound::Unbounded, before)).rev();
        newest
            .map(|(_, row)| row)
            .filter(|row| wanted(filter, row))
            .take(filter.limit + 1)
            .map(|row| Ok(decode_payment(&row.record)?))
            .collect()
    }

    fn changes(
        &self,
        merchant: &MerchantCode,
        change: i64,
        limit: usize,
    ) -> Result<Vec<Changed>, StoreError> {
        let after = self.by_change.range((Bound::Excluded(change), Bound::Unbounded));
        let theirs =
            after.filter(|(_, id)| self.payments.find(id).is_some_and(|row| row.merchant == *merchant));
        let read = theirs.take(limit).filter_map(|(change, id)| {
            let row = self.read(*id).transpose()?;
            Some(row.map(|row| Changed { change: *change, row }))
        });
        read.collect()
    }

    fn latest_change(&self) -> Result<i64, StoreError> {
        Ok(self.by_change.range(..).next_back().map_or(0, |(change, _)| *change))
    }

    fn insert_payment(&mut self, row: &PaymentRow, guards: Guards) -> Result<(), StoreError> {
        let columns = PaymentColumns::of(row);
        if guards.admission == Guard::Stands {
            self.check_unique(&columns)?;
        }
        let id = columns.id;
        self.by_order.put((columns.merchant, columns.order_no, columns.attempt, id), ());
        self.by_code.put((columns.fingerprint, id), ());
        self.by_channel_order_no.put((columns.account, columns.channel_order_no), id);
        self.put_payment(row);
        Ok(())
    }

    fn update_payment(&mut self, row: &PaymentRow) -> Result<(), StoreError> {
        self.put_payment(row);
        Ok(())
    }

    fn events(&self, id: PaymentId) -> Result<Vec<Event>, StoreError> {
        Ok(self.events.range((id, 0)..=(id, u64::MAX)).map(|(_, event)| event.clone()).collect())
    }

    fn append_event(&mut self, id: PaymentId, event: &Event) -> Result<(), StoreError> {
        let last = self.events.range((id, 0)..=(id, u64::MAX)).next_back().map_or(0, |((_, seq), _)| *seq);
        self.events.put((id, last + 1), event.clone());
        Ok(())
    }

    fn append_notice(&mut self, notice: &NoticeRow) -> Result<(), StoreError> {
        self.notices.put(self.notices.len(), notice.clone());
        Ok(())
    }

    fn watch(&self, id: PaymentId) -> Result<Option<WatchRow>, StoreError> {
        match self.watches.find(&id) {
            Some(columns) => Ok(Some(decode_watch(&columns.record)?)),
            None => Ok(None),
        }
    }

    fn put_watch(&mut self, row: &WatchRow) -> Result<(), StoreError> {
        let columns = WatchColumns::of(row);
        let id = columns.payment_id;
        if let Some(WatchColumns { wake: Some(wake), .. }) = self.watches.find(&id) {
            let key = (*wake, id);
            self.watches_by_wake.remove(&key);
        }
        if let Some(wake) = columns.wake {
            self.watches_by_wake.put((wake, id), ());
        }
        self.watches.put(id, columns);
        Ok(())
    }

    fn case(&self, id: u128) -> Result<Option<CaseRow>, StoreError> {
        Ok(self.cases.find(&id).cloned())
    }

    fn cases(&self, page: &CasePage) -> Result<Vec<CaseRow>, StoreError> {
        let before = page.starting_after.map_or(Bound::Unbounded, Bound::Excluded);
        let newest_first = self.cases.range((Bound::Unbounded, before)).rev().map(|(_, row)| row);
        let wanted = newest_first.filter(|row| {
            row.merchant == page.merchant && page.open.is_none_or(|open| open == row.closed_at.is_none())
        });
        Ok(wanted.take(page.limit + 1).cloned().collect())
    }

    fn put_case(&mut self, row: &CaseRow) -> Result<(), StoreError> {
        self.cases.put(row.id, row.clone());
        Ok(())
    }

    fn reversal(&self, id: u128) -> Result<Option<ReversalRow>, StoreError> {
        match self.reversals.find(&id) {
            Some(columns) => Ok(Some(decode_reversal(&columns.record)?)),
            None => Ok(None),
        }
    }

    fn reversals(&self, page: &ReversalPage) -> Result<Vec<ReversalRow>, StoreError> {
        let before = page.starting_after.map_or(Bound::Unbounded, Bound::Excluded);
        let newest_first = self.reversals.range((Bound::Unbounded, before)).rev().map(|(_, row)| row);
        newest_first
            .filter(|row| row.merchant == page.merchant)
            .filter(|row| page.payment.is_none_or(|id| id == row.payment_id))
            .take(page.limit + 1)
            .map(|row| Ok(decode_reversal(&row.record)?))
            .collect()
    }

    fn put_reversal(&mut self, row: &ReversalRow) -> Result<(), StoreError> {
        let columns = ReversalColumns {
            merchant: row.merchant.clone(),
            payment_id: row.payment_id,
            record: encode_reversal(row),
        };
        self.reversals.put(row.id, columns);
        Ok(())
    }

    fn refund(&self, id: RefundId) -> Result<Option<RefundRow>, StoreError> {
        self.refunds.by_id(id)
    }

    fn refund_by_no(
        &self,
        merchant: &MerchantCode,
        refund_no: &RefundNo,
    ) -> Result<Option<RefundRow>, StoreError> {
        self.refunds.by_no(merchant, refund_no)
    }

    fn refunds(&self, filter: &RefundFilter) -> Result<Vec<RefundRow>, StoreError> {
        self.refunds.listed(filter)
    }

    fn refunds_under_way(&self, payment: PaymentId) -> Result<Vec<RefundRow>, StoreError> {
        self.refunds.under_way(payment)
    }

    fn put_refund(&mut self, row: &RefundRow) -> Result<(), StoreError> {
        self.refunds.put(row)
    }

    fn due(&self, until: Time, limit: usize) -> Result<Due, StoreError> {
        let last = (until, PaymentId(u128::MAX));
        let payments = self.payments_by_wake.range(..=last).take(limit);
        let watches = self.watches_by_wake.range(..=last).take(limit);
        Ok(Due {
            payments: payments
                .filter_map(|((_, id), ())| self.read(*id).transpose())
                .collect::<Result<_, _>>()?,
            watches: watches
                .filter_map(|((_, id), ())| Tables::watch(self, *id).transpose())
                .collect::<Result<_, _>>()?,
            refunds: self.refunds.due(until, limit)?,
        })
    }

    fn has_tombstone(&self, merchant: &MerchantCode, order_no: &OrderNo) -> Result<bool, StoreError> {
        Ok(self.tombstones.find(&(merchant.clone(), order_no.clone())).is_some())
    }

    fn put_tombstone(
        &mut self,
        merchant: &MerchantCode,
        order_no: &OrderNo,
        at: Time,
    ) -> Result<(), StoreError> {
        let key = (merchant.clone(), order_no.clone());
        if self.tombstones.find(&key).is_none() {
            self.tombstones.put(key, at);
        }
        Ok(())
    }

    fn key(&self, hash: [u8; 32]) -> Result<Option<KeyRow>, StoreError> {
        Ok(self.keys.find(&hash).cloned())
    }

    fn has_keys(&self) -> Result<bool, StoreError> {
        Ok(self.keys.len() > 0)
    }

    fn put_key(&mut self, key: &KeyRow) -> Result<(), StoreError> {
        self.keys.put(key.hash, key.clone());
        Ok(())
    }

    fn session(&self, hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.sessions.find(&hash).cloned())
    }

    fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        self.sessions.put(session.hash, session.clone());
        Ok(())
    }

    fn remove_session(&mut self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.sessions.remove(&hash);
        Ok(())
    }

    fn remove_ended_sessions(&mut self, now: Time) -> Result<(), StoreError> {
        let ended = self.sessions.range(..).filter(|(_, session)| session.expires_at < now);
        let ended: Vec<_> = ended.map(|(hash, _)| *hash).collect();
        ended.iter().for_each(|hash| self.sessions.remove(hash));
        Ok(())
    }

    fn secret(&self, name: &str) -> Result<Option<[u8; 32]>, StoreError> {
        Ok(self.secrets.find(&name.to_owned()).copied())
    }

    fn put_secret(&mut self, name: &str, secret: [u8; 32]) -> Result<(), StoreError> {
        self.secrets.put(name.to_owned(), secret);
        Ok(())
    }

    fn beat(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
