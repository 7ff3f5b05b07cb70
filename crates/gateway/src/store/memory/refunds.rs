//! Refunds in memory.

use std::ops::Bound;

use payment::ids::{MerchantCode, PaymentId, RefundId, RefundNo};
use payment::time::Time;

use super::super::record::decode_refund;
use super::super::tables::{RefundColumns, refuse};
use super::super::{RefundFilter, RefundRow, StoreError};
use super::table::Table;

/// The table of refunds and its indexes.
#[derive(Default)]
pub(super) struct Refunds {
    rows: Table<RefundId, RefundColumns>,
    by_no: Table<(MerchantCode, RefundNo), RefundId>,
    by_payment: Table<(PaymentId, RefundId), ()>,
    by_wake: Table<(Time, RefundId), ()>,
}

impl Refunds {
    pub(super) fn keep(&mut self) {
        self.rows.keep();
        self.by_no.keep();
        self.by_payment.keep();
        self.by_wake.keep();
    }

    pub(super) fn roll_back(&mut self) {
        self.rows.roll_back();
        self.by_no.roll_back();
        self.by_payment.roll_back();
        self.by_wake.roll_back();
    }

    pub(super) fn by_id(&self, id: RefundId) -> Result<Option<RefundRow>, StoreError> {
        match self.rows.find(&id) {
            Some(columns) => Ok(Some(decode_refund(&columns.record)?)),
            None => Ok(None),
        }
    }

    pub(super) fn by_no(
        &self,
        merchant: &MerchantCode,
        refund_no: &RefundNo,
    ) -> Result<Option<RefundRow>, StoreError> {
        match self.by_no.find(&(merchant.clone(), refund_no.clone())) {
            Some(id) => self.by_id(*id),
            None => Ok(None),
        }
    }

    pub(super) fn listed(&self, filter: &RefundFilter) -> Result<Vec<RefundRow>, StoreError> {
        let before = filter.starting_after.map_or(Bound::Unbounded, Bound::Excluded);
        let newest_first = self.rows.range((Bound::Unbounded, before)).rev().map(|(_, row)| row);
        newest_first
            .filter(|row| row.merchant == filter.merchant)
            .filter(|row| filter.payment.is_none_or(|id| id == row.payment_id))
            .filter(|row| filter.status.is_none_or(|status| status == row.status))
            .filter(|row| filter.refund_no.as_ref().is_none_or(|number| *number == row.refund_no))
            .take(filter.limit + 1)
            .map(|row| Ok(decode_refund(&row.record)?))
            .collect()
    }

    pub(super) fn under_way(&self, payment: PaymentId) -> Result<Vec<RefundRow>, StoreError> {
        let of_it = (payment, RefundId(0))..=(payment, RefundId(u128::MAX));
        let rows = self.by_payment.range(of_it).filter_map(|((_, id), ())| self.rows.find(id));
        rows.filter(|row| row.wake.is_some()).map(|row| Ok(decode_refund(&row.record)?)).collect()
    }

    pub(super) fn due(&self, until: Time, limit: usize) -> Result<Vec<RefundRow>, StoreError> {
        let due = self.by_wake.range(..=(until, RefundId(u128::MAX))).take(limit);
        due.filter_map(|((_, id), ())| self.by_id(*id).transpose()).collect()
    }

    pub(super) fn put(&mut self, row: &RefundRow) -> Result<(), StoreError> {
        let columns = RefundColumns::of(row);
        let (id, number) = (columns.id, (columns.merchant.clone(), columns.refund_no.clone()));
        if self.by_no.find(&number).is_some_and(|known| *known != id) {
            return refuse(format!("refund {id} repeats the number of another"));
        }
        if let Some(RefundColumns { wake: Some(wake), .. }) = self.rows.find(&id) {
            let key = (*wake, id);
            self.by_wake.remove(&key);
        }
        if let Some(wake) = columns.wake {
            self.by_wake.put((wake, id), ());
        }
        self.by_no.put(number, id);
        self.by_payment.put((columns.payment_id, id), ());
        self.rows.put(id, columns);
        Ok(())
    }
}
