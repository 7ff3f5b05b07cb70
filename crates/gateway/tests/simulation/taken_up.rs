//! What a sweep takes up: a refund that is under way is asked on, however its payment stands by now.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use gateway::clock::Clock;
use gateway::metrics::Metrics;
use gateway::runner::{Engine, Ports};
use gateway::store::memory::MemoryStore;
use gateway::store::{PaymentCommit, PaymentRow, RefundRow, Store};
use payment::ids::{ChannelRefundNo, Namespace, RefundId, RefundNo};
use payment::payment::Phase;
use payment::refund::{Refund, RefundIntent, RefundPhase};
use payment::reversal::{Reversal, ReversalReason};

use super::poison::{NOON, Nowhere, Standing, Zeroes, row, stored, swept};

/// The refund that took a reversal's place, opened and not yet asked.
fn whole_refund(of: &PaymentRow) -> RefundRow {
    let payment = of.payment.intent.clone();
    let refund_no = RefundNo::of_late_money(&payment.channel_order_no);
    let namespace = Namespace::parse("TEST").expect("a namespace");
    let intent = RefundIntent {
        id: RefundId(7),
        channel_transaction_no: "t".to_owned(),
        channel_refund_no: ChannelRefundNo::derive(namespace, &payment.merchant, &refund_no),
        refund_no,
        amount: payment.amount,
        reason: None,
        opened_at: NOON,
        payment,
    };
    RefundRow { refund: Refund::open(intent, NOON), version: 1, case_id: None }
}

/// The channel said *closed* while the refund was under way: the payment has ended, the refund has not.
#[tokio::test]
async fn a_refund_outlives_the_end_of_its_payment() {
    let store = MemoryStore::new();
    let before = row(1, false);
    stored(&store, before.clone()).await;
    let mut payment = before.payment.clone();
    payment.phase = Phase::Reversed;
    payment.wake = None;
    payment.out = None;
    payment.reversal = Some(Reversal::new(ReversalReason::Deadline, NOON));
    let ended = PaymentCommit {
        refund: Some(whole_refund(&before)),
        row: PaymentRow { payment, version: 2, reversal_id: Some(1), ..before.clone() },
        events: Vec::new(),
        cases: Vec::new(),
        notices: Vec::new(),
        watch: None,
    };
    store.commit_payment(ended).await.expect("memory works");
    let clock: Arc<dyn Clock> = Arc::new(Standing(AtomicI64::new(NOON.0)));
    let ports = Ports {
        store: Arc::new(store.clone()),
        transport: Arc::new(Nowhere),
        metrics: Arc::new(Metrics::new(NOON)),
        clock,
        entropy: Arc::new(Zeroes),
    };
    let engine = Engine::new(ports, Vec::new());
    swept(&engine).await;
    let under_way = store.refunds_under_way(before.payment.intent.id).await.expect("memory works");
    let phases: Vec<RefundPhase> = under_way.iter().map(|row| row.refund.phase).collect();
    assert_eq!(phases, [RefundPhase::Asking]);
}
