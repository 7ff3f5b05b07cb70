//! What keeps a code from being handed on to the next account once its order was cancelled.
//!
//! A payment that was never asked is failed already: a cancel leaves nothing in its row. So the cancels of the last minutes
//! are remembered here, and a cancel and the opening of the next attempt never pass each other.

use std::collections::VecDeque;
use std::sync::Arc;

use payment::ids::{MerchantCode, OrderNo};
use payment::time::{MINUTE_MS, Time};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A call waits for 65 s at the most; what was cancelled before it began is no business of its.
const KEPT_MS: i64 = 2 * MINUTE_MS;

/// Shared by cancels and by calls that may hand a code on.
#[derive(Clone, Default)]
pub struct HandingOn(Arc<Mutex<Cancels>>);

impl HandingOn {
    /// Nobody else cancels or hands on until this is dropped.
    pub(super) async fn alone(&self) -> OwnedMutexGuard<Cancels> {
        Arc::clone(&self.0).lock_owned().await
    }
}

/// The orders that were cancelled lately, oldest first.
#[derive(Default)]
pub(super) struct Cancels(VecDeque<(Time, MerchantCode, OrderNo)>);

impl Cancels {
    pub(super) fn note(&mut self, now: Time, merchant: &MerchantCode, order_no: &OrderNo) {
        while self.0.front().is_some_and(|(at, ..)| now.since_ms(*at) > KEPT_MS) {
            self.0.pop_front();
        }
        self.0.push_back((now, merchant.clone(), order_no.clone()));
    }

    /// Whether an order was cancelled at or after a moment.
    pub(super) fn since(&self, since: Time, merchant: &MerchantCode, order_no: &OrderNo) -> bool {
        self.0.iter().any(|(at, whose, order)| *at >= since && whose == merchant && order == order_no)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_is_remembered_for_its_order_and_for_as_long_as_a_call_waits() {
        let merchant = |code: &str| MerchantCode::parse(code).unwrap();
        let order = |number: &str| OrderNo::parse(number).unwrap();
        let mut cancels = Cancels::default();
        cancels.note(Time(1_000), &merchant("default"), &order("A"));
        assert!(cancels.since(Time(1_000), &merchant("default"), &order("A")));
        assert!(!cancels.since(Time(1_001), &merchant("default"), &order("A")), "before the call began");
        assert!(!cancels.since(Time(0), &merchant("other"), &order("A")));
        assert!(!cancels.since(Time(0), &merchant("default"), &order("B")));
        cancels.note(Time(1_000 + KEPT_MS), &merchant("default"), &order("B"));
        assert!(cancels.since(Time(0), &merchant("default"), &order("A")));
        cancels.note(Time(1_001 + KEPT_MS), &merchant("default"), &order("C"));
        assert!(!cancels.since(Time(0), &merchant("default"), &order("A")), "forgotten");
    }
}
