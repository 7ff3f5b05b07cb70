//! `POST /v1/payments/{id}/cancel` and `POST /v1/payments/by-order/{order_no}/cancel`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use payment::ids::PaymentId;
use serde_json::{Value, json};

use crate::app::{self, Canceled};

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::problem::Problem;
use super::read::Piece;
use super::{Shared, read};

const REASON_BYTES_MAX: usize = 500;

pub(super) async fn by_id(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let reason = demanded(&body::bytes(body)?)?;
    let id = PaymentId::parse(&id).map_err(|_| Problem::not_found("payment"))?;
    let row = app::cancel_payment(&shared.app, &merchant, id, reason).await?;
    Ok(Json(read::payment_view(&shared, &merchant, &row).await?))
}

pub(super) async fn by_order(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(order_no): Piece,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let reason = demanded(&body::bytes(body)?)?;
    let order_no = read::parse_order_no(&order_no)?;
    match app::cancel_order(&shared.app, &merchant, order_no.clone(), reason).await? {
        Canceled::Payment(row) => Ok(Json(read::payment_view(&shared, &merchant, &row).await?)),
        Canceled::Tombstone => Ok(Json(json!({
            "object": "order_cancellation",
            "order_no": order_no.as_str(),
            "canceled": true,
            "payment": Value::Null,
        }))),
    }
}

/// The reason, when the till demands that a paid payment is reversed.
fn demanded(body: &[u8]) -> Result<Option<String>, Problem> {
    let mut fields = Fields::parse_optional(body)?;
    let if_paid = fields.text("if_paid");
    let reason = fields.text("reason");
    match if_paid.as_deref() {
        None => {}
        Some("reverse") if reason.as_ref().is_some_and(|reason| !reason.trim().is_empty()) => {}
        Some("reverse") => fields.refuse("reason", "required"),
        Some(_) => fields.refuse("if_paid", "unsupported"),
    }
    if reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
        fields.refuse("reason", "too_long");
    }
    fields.finish()?;
    Ok(if_paid.and(reason))
}
