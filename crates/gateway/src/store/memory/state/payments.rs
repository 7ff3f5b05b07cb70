//! How a payment enters the tables, as the unique indexes of a database would have it.

use super::super::super::tables::{PaymentColumns, refuse};
use super::super::super::{PaymentRow, StoreError};
use super::State;

impl State {
    /// What the unique indexes of a database refuse.
    pub(super) fn check_unique(&self, columns: &PaymentColumns) -> Result<(), StoreError> {
        let PaymentColumns { id, merchant, order_no, attempt, .. } = columns;
        let same_attempt = self
            .of_order(merchant, order_no)
            .any(|other| self.payments.find(&other).is_some_and(|row| row.attempt == *attempt));
        let number = (columns.account.clone(), columns.channel_order_no.clone());
        if self.payments.find(id).is_some()
            || same_attempt
            || self.by_channel_order_no.find(&number).is_some()
        {
            return refuse(format!("payment {id} repeats an id, an attempt or a channel order number"));
        }
        Ok(())
    }

    pub(super) fn put_payment(&mut self, row: &PaymentRow) {
        let columns = PaymentColumns::of(row);
        let id = columns.id;
        if let Some(PaymentColumns { wake: Some(wake), .. }) = self.payments.find(&id) {
            let key = (*wake, id);
            self.payments_by_wake.remove(&key);
        }
        if let Some(wake) = columns.wake {
            self.payments_by_wake.put((wake, id), ());
        }
        self.payments.put(id, columns);
        let latest = self.by_change.range(..).next_back().map_or(0, |(change, _)| *change);
        if let Some(before) = self.changes.find(&id).copied() {
            self.by_change.remove(&before);
        }
        self.by_change.put(latest + 1, id);
        self.changes.put(id, latest + 1);
    }
}
