//! Orders that are over before they began, at channels that keep what they refused.

use super::{Charge, Clearing, enter};
use crate::book::{Ask, Failure, Key, State};
use crate::payer::{Decline, Plan};

impl Clearing {
    /// A code that no wallet issues, at a channel that looks at the number first.
    pub(crate) fn refuse_malformed(&mut self, now_ms: i64, channel: &str, key: &Key, ask: &Ask) -> Charge {
        if let Some(taken) = self.refuse_number(key, ask) {
            return taken;
        }
        self.leave_dead(now_ms, channel, key, ask);
        Charge::Declined(Decline::CodeMalformed)
    }

    /// Where the channel keeps what it refused, the order stands from here on, and is over.
    pub(super) fn leave_dead(&mut self, now_ms: i64, channel: &str, key: &Key, ask: &Ask) {
        if ask.failure == Failure::DeadOrder {
            self.book.change(key, channel, |order| {
                enter(order, now_ms, ask, Plan::Never);
                order.becomes(now_ms, State::Closed);
            });
        }
    }
}
