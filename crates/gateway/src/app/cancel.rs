//! Cancel: an undecided payment will not become paid; an order that does not exist will never be paid.

use std::sync::Arc;

use payment::ids::{MerchantCode, OrderNo, PaymentId};

use crate::runner::{Door, DoorError};
use crate::store::{OrderCancel, PaymentRow};

use super::App;

/// How a cancel by order number went.
#[derive(Clone, Debug)]
pub enum Canceled {
    /// The order's latest payment, as it is now.
    Payment(Box<PaymentRow>),
    /// No payment existed; none can be opened under this number any more.
    Tombstone,
}

/// Cancels a payment; with a `reason`, a paid one is reversed.
pub async fn cancel_payment(
    app: &Arc<App>,
    merchant: &MerchantCode,
    id: PaymentId,
    reason: Option<String>,
) -> Result<PaymentRow, DoorError> {
    let door = match reason {
        Some(reason) => Door::Reverse { reason },
        None => Door::Cancel,
    };
    // In a task of its own: what a till asked for stands, even if it hangs up.
    let (app, merchant) = (Arc::clone(app), merchant.clone());
    let opening = tokio::spawn(async move { app.engine.door(&merchant, id, door).await });
    opening.await.unwrap_or(Err(DoorError::Stopping))
}

/// Cancels an order by the merchant's own number.
pub async fn cancel_order(
    app: &Arc<App>,
    merchant: &MerchantCode,
    order_no: OrderNo,
    reason: Option<String>,
) -> Result<Canceled, DoorError> {
    let known = {
        // Once this is written down, no other account is handed the code; what was handed on before is found below.
        let mut cancels = app.handing_on.alone().await;
        cancels.note(app.now(), merchant, &order_no);
        app.store().cancel_order(merchant.clone(), order_no, app.now()).await?
    };
    match known {
        OrderCancel::Tombstone => Ok(Canceled::Tombstone),
        OrderCancel::Known(row) => {
            let row = cancel_payment(app, merchant, row.payment.intent.id, reason).await?;
            Ok(Canceled::Payment(Box::new(row)))
        }
    }
}
