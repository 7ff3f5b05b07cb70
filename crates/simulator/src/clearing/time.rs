//! Time passes: payers answer, dialogs and orders run out, refunds end, and late requests arrive.

use super::{Clearing, enter};
use crate::book::{Ask, Crossing, Due, Key, State};
use crate::payer::Plan;
use crate::seed::{draw, hits};

impl Clearing {
    /// Lets everything happen that was due up to this moment, each at its own.
    pub(crate) fn settle_time(&mut self, now_ms: i64) {
        while let Some((at_ms, due, key)) =
            self.book.soonest().filter(|(at_ms, ..)| *at_ms <= now_ms).cloned()
        {
            self.happen(at_ms, due, &key);
        }
    }

    fn happen(&mut self, at_ms: i64, due: Due, key: &Key) {
        let crossed = self.crossing(key);
        let (channel, late) = self.book.change(key, "", |order| {
            order.due.retain(|entry| *entry != (at_ms, due));
            match due {
                Due::Confirm => order.confirm(at_ms),
                Due::Refuse => order.refuse(at_ms),
                Due::DialogEnds => order.lapse(at_ms, crossed),
                Due::Expire => order.expire(at_ms),
                Due::SelfRevoke if order.state != State::Paid => order.undo(at_ms),
                Due::RefundDone => order.end_refunds(at_ms),
                Due::SelfRevoke | Due::Arrive | Due::ChargeLate | Due::RefundArrives => {}
            }
            let late = matches!(due, Due::Arrive | Due::ChargeLate).then(|| order.late.take()).flatten();
            (order.channel.clone(), late)
        });
        match (due, late) {
            // Nobody hears the answer of a request that arrives this late.
            (Due::Arrive, Some(ask)) => _ = self.charge(at_ms, &channel, key, &ask),
            (Due::ChargeLate, Some(ask)) => self.charge_late(at_ms, key, &ask),
            (Due::RefundArrives, _) => self.serve_late_refunds(at_ms, &channel, key),
            _ => {}
        }
    }

    fn crossing(&self, key: &Key) -> Crossing {
        let scripted = self.book.order(key).is_some_and(|order| order.script.is_some());
        let drawn = draw(self.seed, &["lapse", &key.account, &key.number], 0);
        let charged = !scripted && hits(drawn, self.dials.lapse_charges);
        if charged { Crossing::Charged } else { Crossing::Nothing }
    }

    fn charge_late(&mut self, at_ms: i64, key: &Key, ask: &Ask) {
        self.book.change(key, "", |order| {
            if matches!(order.state, State::Absent | State::Lapsed | State::Closed) {
                enter(order, at_ms, ask, Plan::AtOnce);
                order.charge(at_ms);
                order.becomes(at_ms, State::Paid);
            }
        });
    }
}
