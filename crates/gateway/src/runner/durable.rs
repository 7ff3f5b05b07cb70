//! Making a step durable, however long that takes.

use payment::ids::PaymentId;
use payment::payment::Payment;
use payment::time::SECOND_MS;
use payment::watch::Watch;

use crate::store::{PaymentCommit, StoreError, WatchCommit};

use super::Engine;

/// The row was moved on by somebody else: this driver's view is worth nothing any more.
pub(super) struct Superseded;

/// Writes until it is written: a step whose commit failed has not happened, and its call must not leave.
///
/// What has become durable is counted.
pub(super) async fn commit_payment_row(
    engine: &Engine,
    before: &Payment,
    commit: &PaymentCommit,
) -> Result<(), Superseded> {
    let mut pause_ms = 100;
    loop {
        let Err(error) = engine.ports.store.commit_payment(commit.clone()).await else {
            engine.told_change();
            count_payment(engine, before, commit);
            return Ok(());
        };
        commit_failed(engine, commit.row.payment.intent.id, error, &mut pause_ms).await?;
    }
}

pub(super) async fn commit_watch_row(
    engine: &Engine,
    before: (&Watch, &Payment),
    commit: &WatchCommit,
) -> Result<(), Superseded> {
    let mut pause_ms = 100;
    loop {
        let Err(error) = engine.ports.store.commit_watch(commit.clone()).await else {
            engine.told_change();
            let (watch, after) = (before.0, &commit.row.watch);
            let metrics = &engine.ports.metrics;
            metrics.told(after.intent.channel, &commit.notices);
            metrics.reversal_moved(after.intent.channel, watch.reversal.as_ref(), after.reversal.as_ref());
            if let Some(payment) = &commit.payment {
                count_payment(engine, before.1, payment);
            }
            return Ok(());
        };
        commit_failed(engine, commit.row.watch.intent.id, error, &mut pause_ms).await?;
    }
}

fn count_payment(engine: &Engine, before: &Payment, commit: &PaymentCommit) {
    let after = &commit.row.payment;
    let metrics = &engine.ports.metrics;
    metrics.told(after.intent.channel, &commit.notices);
    metrics.reversal_moved(after.intent.channel, before.reversal.as_ref(), after.reversal.as_ref());
}

async fn commit_failed(
    engine: &Engine,
    payment: PaymentId,
    error: StoreError,
    pause_ms: &mut i64,
) -> Result<(), Superseded> {
    match error {
        StoreError::Conflict { .. } => {
            tracing::warn!(%payment, %error, "the row was moved on elsewhere; it is read again");
            Err(Superseded)
        }
        StoreError::Failed(_) if engine.is_stopping() => Err(Superseded),
        StoreError::Failed(_) => {
            tracing::error!(%payment, %error, "a step could not be made durable; it is tried again");
            let clock = &engine.ports.clock;
            clock.sleep_until(clock.now().plus_ms(*pause_ms)).await;
            *pause_ms = (*pause_ms * 2).min(5 * SECOND_MS);
            Ok(())
        }
    }
}
