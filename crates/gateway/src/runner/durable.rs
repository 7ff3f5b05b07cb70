//! Making a step durable, however long that takes.

use payment::ids::{PaymentId, RefundNo};
use payment::payment::{Intent, Payment};
use payment::time::SECOND_MS;
use payment::watch::Watch;

use crate::store::{
    PaymentCommit, RefundCommit, RefundFilter, RefundOpened, RefundRow, StoreError, WatchCommit,
};

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
            count_payment(engine, before, commit);
            engine.told_change();
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
            let (watch, after) = (before.0, &commit.row.watch);
            let metrics = &engine.ports.metrics;
            metrics.told(after.intent.channel, &commit.notices);
            metrics.reversal_moved(after.intent.channel, watch.reversal.as_ref(), after.reversal.as_ref());
            if let Some(payment) = &commit.payment {
                count_payment(engine, before.1, payment);
            }
            engine.told_change();
            return Ok(());
        };
        commit_failed(engine, commit.row.watch.intent.id, error, &mut pause_ms).await?;
    }
}

/// Opens a refund, however long that takes.
pub(super) async fn open_refund_row(
    engine: &Engine,
    commit: &RefundCommit,
) -> Result<RefundOpened, Superseded> {
    let mut pause_ms = 100;
    loop {
        match engine.ports.store.open_refund(commit.clone()).await {
            Ok(opened) => {
                if opened == RefundOpened::New {
                    count_refund(engine, commit);
                }
                return Ok(opened);
            }
            Err(error) => {
                let payment = commit.row.refund.intent.payment.id;
                commit_failed(engine, payment, error, &mut pause_ms).await?;
            }
        }
    }
}

/// The refund of a merchant's number, if there is one, however long the answer takes.
pub(super) async fn refund_row(
    engine: &Engine,
    payment: &Intent,
    refund_no: &RefundNo,
) -> Result<Option<RefundRow>, Superseded> {
    let filter = RefundFilter::of_number(payment.merchant.clone(), refund_no.clone());
    let mut pause_ms = 100;
    loop {
        match engine.ports.store.refunds(filter.clone()).await {
            Ok((mut rows, _)) => return Ok(rows.pop()),
            Err(error) => commit_failed(engine, payment.id, error, &mut pause_ms).await?,
        }
    }
}

pub(super) async fn commit_refund_row(engine: &Engine, commit: &RefundCommit) -> Result<(), Superseded> {
    let mut pause_ms = 100;
    loop {
        let Err(error) = engine.ports.store.commit_refund(commit.clone()).await else {
            count_refund(engine, commit);
            return Ok(());
        };
        commit_failed(engine, commit.row.refund.intent.payment.id, error, &mut pause_ms).await?;
    }
}

fn count_refund(engine: &Engine, commit: &RefundCommit) {
    let channel = commit.row.refund.intent.payment.channel;
    engine.ports.metrics.told(channel, &commit.notices);
    if let Some(watch) = &commit.watch {
        engine.ports.metrics.told(channel, &watch.notices);
    }
    engine.told_change();
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
        StoreError::Failed(_) | StoreError::InDoubt(_) if engine.is_stopping() => Err(Superseded),
        // Tried again where it is in doubt too: if it was stored after all, the next try meets a conflict.
        StoreError::Failed(_) | StoreError::InDoubt(_) => {
            tracing::error!(%payment, %error, "a step could not be made durable; it is tried again");
            let clock = &engine.ports.clock;
            clock.sleep_until(clock.now().plus_ms(*pause_ms)).await;
            *pause_ms = (*pause_ms * 2).min(5 * SECOND_MS);
            Ok(())
        }
    }
}
