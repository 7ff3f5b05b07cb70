//! The refund of a whole amount that no reversal can give back: what a payment's step, or its watch's, wants.

use payment::exchange::PaidFacts;
use payment::ids::{ChannelRefundNo, Namespace, RefundId, RefundNo};
use payment::payment::Phase;
use payment::refund::{Refund, RefundIntent, RefundStatus};
use payment::time::Time;
use payment::watch::WatchInput;

use crate::runner::durable::{Superseded, refund_row};
use crate::store::RefundRow;

use super::Driver;

/// What becomes of a whole refund that is wanted.
pub(super) enum WholeRefund {
    /// It begins, in the commit of the step that wants it.
    Begins(Box<RefundRow>),
    /// It was begun before, and is under way.
    UnderWay,
    /// It was begun before, and has ended: its number is spent, and a further one is a person's.
    Over {
        /// The money is given back.
        given_back: bool,
    },
}

impl Driver {
    /// The refund that is wanted. Its number says whose money it is, so that there is one of an order.
    pub(super) async fn whole_refund(
        &mut self,
        now: Time,
        wanted: Option<PaidFacts>,
    ) -> Result<Option<WholeRefund>, Superseded> {
        let Some(facts) = wanted else { return Ok(None) };
        let payment = self.row.payment.intent.clone();
        let refund_no = RefundNo::of_late_money(&payment.channel_order_no);
        if let Some(known) = refund_row(&self.engine, &payment, &refund_no).await? {
            return Ok(Some(match known.refund.status() {
                RefundStatus::Pending => WholeRefund::UnderWay,
                status => WholeRefund::Over { given_back: status == RefundStatus::Succeeded },
            }));
        }
        // The namespace of the order's own number: it holds whatever is configured today.
        let namespace = payment.channel_order_no.as_str().get(..4).map(Namespace::parse);
        let Some(Ok(namespace)) = namespace else { return Ok(None) };
        let intent = RefundIntent {
            id: RefundId(self.engine.identity()),
            channel_transaction_no: facts.channel_transaction_no,
            channel_refund_no: ChannelRefundNo::derive(namespace, &payment.merchant, &refund_no),
            refund_no,
            amount: facts.amount,
            reason: None,
            opened_at: now,
            payment,
        };
        let row = RefundRow { refund: Refund::open(intent, now), version: 1, case_id: None };
        Ok(Some(WholeRefund::Begins(Box::new(row))))
    }

    /// A whole refund that is wanted has ended before: whoever wants it hears how.
    pub(super) async fn whole_refund_is_over(
        &mut self,
        now: Time,
        refund: Option<WholeRefund>,
    ) -> Result<(), Superseded> {
        let Some(WholeRefund::Over { given_back }) = refund else { return Ok(()) };
        if self.row.payment.phase == Phase::Refunding {
            let ended = self.row.payment.clone().refunded_instead(now, given_back);
            return Box::pin(self.take(now, ended, Vec::new(), None)).await;
        }
        Box::pin(self.step_watch(now, WatchInput::Refunded { given_back }, Vec::new())).await
    }
}

impl WholeRefund {
    /// The row that begins, if one does.
    pub(super) fn begins(refund: Option<&WholeRefund>) -> Option<RefundRow> {
        match refund {
            Some(WholeRefund::Begins(row)) => Some((**row).clone()),
            Some(WholeRefund::UnderWay | WholeRefund::Over { .. }) | None => None,
        }
    }
}
