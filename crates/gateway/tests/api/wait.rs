//! A till that waits for a payment, by long polling, and one with another key.

use serde_json::Value;

use crate::support::till::Till;

impl Till {
    /// Long-polls until the payment is decided, that is not `processing`.
    pub(crate) fn decided(&self, id: &str) -> Value {
        self.until(id, |payment| payment["status"] != "processing")
    }

    /// Long-polls until the payment is as wanted; it says what it has seen, so that no change is missed.
    pub(crate) fn until(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        const LOOKS_MAX: usize = 150;
        let mut payment = self.get(&format!("/v1/payments/{id}"));
        for _ in 0..LOOKS_MAX {
            if wanted(&payment) {
                return payment;
            }
            payment = self.get(&format!("/v1/payments/{id}?wait=1&after={}", payment["version"]));
        }
        panic!("not as wanted after {LOOKS_MAX} looks: {payment}");
    }

    /// Another key, the same ears.
    pub(crate) fn with_key(&self, key: &str) -> Till {
        let mut other = self.clone();
        other.key = key.to_owned();
        other
    }
}
