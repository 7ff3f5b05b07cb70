//! The latest state of a payment that is awake, and waiting for a later one.
//!
//! Whoever waited first is woken first, so that a simulation repeats itself; tokio's own watch channel draws lots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::store::PaymentRow;

/// What a driver shows of its payment.
pub struct Latest {
    row: Mutex<Arc<PaymentRow>>,
    changed: Notify,
    closed: AtomicBool,
}

impl Latest {
    pub(super) fn new(row: PaymentRow) -> Arc<Latest> {
        let row = Mutex::new(Arc::new(row));
        Arc::new(Latest { row, changed: Notify::new(), closed: AtomicBool::new(false) })
    }

    /// As it is now.
    #[must_use]
    pub fn row(&self) -> Arc<PaymentRow> {
        Arc::clone(&self.row.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn show(&self, row: PaymentRow) {
        *self.row.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(row);
        self.changed.notify_waiters();
    }

    /// The driver has ended; what is shown now may be old later.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Resolves once the row is enough, or its driver has ended.
    pub async fn until(&self, enough: impl Fn(&PaymentRow) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Listening before looking: a change in between is not missed.
            changed.as_mut().enable();
            if enough(&self.row()) || self.closed.load(Ordering::Acquire) {
                return;
            }
            changed.await;
        }
    }
}
