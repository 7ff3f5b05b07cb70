//! A till that waits for a payment, by long polling, and one with another key.

use serde_json::Value;

use crate::support::till::Till;

impl Till {
    /// Long-polls until the payment is decided, that is not `processing`.
    pub(crate) fn decided(&self, id: &str) -> Value {
        self.until(id, |payment| payment["status"] != "processing")
    }

    /// Long-polls until the payment is as wanted. A long poll waits for a change from the moment that it is asked, not from
    /// what the till has seen; short ones lose little by a change in between.
    pub(crate) fn until(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        const LOOKS_MAX: usize = 150;
        let mut payment = self.get(&format!("/v1/payments/{id}"));
        for _ in 0..LOOKS_MAX {
            if wanted(&payment) {
                return payment;
            }
            payment = self.get(&format!("/v1/payments/{id}?wait=1"));
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
