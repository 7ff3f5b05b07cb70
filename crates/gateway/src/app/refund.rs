//! A merchant asks for a refund.

use std::sync::Arc;

use payment::ids::{MerchantCode, PaymentId};
use payment::time::Time;

use crate::runner::{DoorError, RefundAsk, RefundTold};
use crate::store::RefundRow;

use super::App;

/// How often a waiting caller looks again whether a refund has ended: soon at first, then less and less, ms.
const LOOK_MS_MIN: i64 = 20;
const LOOK_MS_MAX: i64 = 1_000;

/// Opens the refund, or finds the one that has its number, and waits until it has ended, or until `limit`.
pub async fn refund(
    app: &Arc<App>,
    merchant: &MerchantCode,
    payment: PaymentId,
    ask: RefundAsk,
    limit: Time,
) -> Result<RefundTold, DoorError> {
    let RefundTold { row, new } = app.engine.refund(merchant, payment, ask).await?;
    Ok(RefundTold { row: app.refund_ended(row, limit).await, new })
}

impl App {
    /// Waits until the refund has ended, or until `limit`; what cannot be read again is answered as it was.
    pub async fn refund_ended(&self, row: RefundRow, limit: Time) -> RefundRow {
        let (mut row, mut pause_ms) = (row, LOOK_MS_MIN);
        while !row.refund.is_final() && self.now() < limit && !self.engine.is_stopping() {
            let next = self.now().plus_ms(pause_ms).min(limit);
            self.engine.ports.clock.sleep_until(next).await;
            pause_ms = (pause_ms * 2).min(LOOK_MS_MAX);
            let intent = &row.refund.intent;
            match self.store().refund(intent.payment.merchant.clone(), intent.id).await {
                Ok(Some(now)) => row = now,
                Ok(None) => return row,
                Err(error) => tracing::error!(%error, "a refund could not be read again"),
            }
        }
        row
    }
}
