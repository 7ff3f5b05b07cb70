//! An order is undone: what was charged goes back, what is unpaid dies, and an unseen number may be barred.

use super::{Clearing, Dialog, Trace, Undo};
use crate::book::{Due, Key, State};
use crate::dial::UnseenReversal;
use crate::fault::Call;
use crate::payer::Plan;
use crate::seed::{draw, hits};

impl Clearing {
    /// An order is undone.
    pub(crate) fn undo(
        &mut self,
        now_ms: i64,
        channel: &str,
        key: &Key,
        dialog: Dialog,
        trace: Trace,
    ) -> Undo {
        let tombstone = match self.dials.unseen_reversal {
            UnseenReversal::AsChosen => trace == Trace::Tombstone,
            UnseenReversal::Tombstone => true,
            UnseenReversal::Nothing => false,
        };
        let funds_short = self.funds_short(key);
        self.book.change(key, channel, |order| match order.state {
            State::Absent | State::Barred => {
                if tombstone && order.state == State::Absent {
                    order.becomes(now_ms, State::Barred);
                }
                Undo::Unseen
            }
            State::Reversed if order.returned > 0 => Undo::Returned,
            State::Reversed | State::Closed => {
                order.due.retain(|(_, due)| *due != Due::ChargeLate);
                Undo::Unpaid
            }
            State::Paid if !order.refunds.is_empty() => Undo::Refunded,
            State::Asking | State::Unpaid | State::Lapsed | State::Paid => {
                let joins = order.plan == Plan::WithReverse && order.charged == 0;
                if joins && order.state != State::Unpaid {
                    order.charge(now_ms);
                    order.becomes(now_ms, State::Paid);
                }
                if order.state == State::Asking && dialog == Dialog::Blocks {
                    return Undo::DialogOpen;
                }
                if order.held() > 0 && funds_short {
                    return Undo::FundsShort;
                }
                order.undo(now_ms);
                if order.returned > 0 { Undo::Returned } else { Undo::Unpaid }
            }
        })
    }

    fn funds_short(&self, key: &Key) -> bool {
        let Some(order) = self.book.order(key).filter(|order| order.script.is_none()) else { return false };
        let nth = u64::from(order.calls[Call::Reverse as usize]);
        hits(draw(self.seed, &["funds", &key.account, &key.number], nth), self.dials.funds_short)
    }
}
