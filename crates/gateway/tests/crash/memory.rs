//! What tills were told, and what may never change of it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

use crate::support::till::text;

/// What was told of one payment, last.
struct Told {
    version: i64,
    payment: Value,
}

/// Everything that tills were told, over all restarts.
#[derive(Default)]
pub(crate) struct Memory {
    payments: Mutex<BTreeMap<String, Told>>,
}

/// What of a payment is the same for ever, from the first answer on.
const FIXED: [&str; 9] = [
    "order_no",
    "attempt",
    "amount",
    "currency",
    "channel",
    "account",
    "channel_order_no",
    "code_masked",
    "created_at",
];

impl Memory {
    /// Takes in an answer that nobody else may have asked for in the meantime; what it contradicts is a panic.
    pub(crate) fn hear(&self, payment: &Value) {
        let id = text(payment, "id").to_owned();
        let version = payment["version"].as_i64().unwrap();
        let mut payments = self.payments.lock().unwrap();
        if let Some(before) = payments.get(&id) {
            for name in FIXED {
                assert_eq!(payment[name], before.payment[name], "{name} of {id} changed");
            }
            assert!(version >= before.version, "{id} went back from {} to {version}", before.version);
            let (was, is) = (text(&before.payment, "status"), text(payment, "status"));
            assert!(
                may_follow(was, is),
                "{id} was told {was}, and then {is}: {} then {payment}",
                before.payment
            );
            if was == is && is == "paid" {
                for name in ["channel_transaction_no", "paid_amount", "paid_at"] {
                    assert_eq!(payment[name], before.payment[name], "{name} of {id} changed");
                }
            }
        }
        payments.insert(id, Told { version, payment: payment.clone() });
    }

    /// How many payments were told of.
    pub(crate) fn len(&self) -> usize {
        self.payments.lock().unwrap().len()
    }

    /// Every order's payments, by attempt, as told last.
    pub(crate) fn ids(&self) -> BTreeMap<(String, i64), String> {
        let payments = self.payments.lock().unwrap();
        let mut ids = BTreeMap::new();
        for (id, told) in payments.iter() {
            let attempt = told.payment["attempt"].as_i64().unwrap();
            let key = (text(&told.payment, "order_no").to_owned(), attempt);
            let other = ids.insert(key.clone(), id.clone());
            assert_eq!(other, None, "two payments are the same attempt {key:?}");
        }
        ids
    }
}

/// Statuses only move forward. None of these payments is reversed on demand or settled by a person.
fn may_follow(was: &str, is: &str) -> bool {
    match was {
        "processing" => true,
        "suspended" => is != "processing",
        "paid" | "failed" | "reversed" => is == was,
        other => panic!("no such status: {other}"),
    }
}
