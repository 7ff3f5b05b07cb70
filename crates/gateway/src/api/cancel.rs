//! `POST /v1/payments/{id}/cancel` and `POST /v1/payments/by-order/{order_no}/cancel`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use payment::ids::PaymentId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{self, Canceled};

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::parameters::Parameters;
use super::problem::{Problem, Wrong};
use super::read::Piece;
use super::{Shared, openapi, read, view};

const REASON_BYTES_MAX: usize = 500;

/// What to do with a payment that is paid already; the whole body may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read by name; this is how they are documented")]
pub(super) struct CancelRequest {
    /// `reverse` demands that a paid payment is given back; then `reason` is required. Without it, a paid one is refused.
    if_paid: Option<IfPaid>,
    /// Why, up to 500 bytes; with `if_paid` not blank.
    reason: Option<String>,
}

/// What to do with a payment that is paid already.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the word is read by name; this is how it is documented")]
pub(super) enum IfPaid {
    Reverse,
}

/// Cancel a payment.
///
/// Undecided: it will not become `paid` any more unless a person settles it so; it ends `reversed`, or `failed`.
/// `failed`, `reversed`: unchanged. `suspended`: noted. `paid`: refused, unless `if_paid` demands its reversal; until that is
/// confirmed the status stays `paid` with `reversal.status` `pending`.
#[utoipa::path(
    post, path = "/v1/payments/{id}/cancel", operation_id = "cancel_payment", tag = "payments",
    params(openapi::PaymentInPath), request_body = Option<CancelRequest>,
    responses((status = 200, description = "The payment as it is now.", body = view::Payment)),
)]
pub(super) async fn by_id(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<view::Payment>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let reason = demanded(&body::bytes(body)?)?;
    let id = PaymentId::parse(&id).map_err(|_| Problem::not_found("payment"))?;
    let row = app::cancel_payment(&shared.app, &merchant, id, reason).await?;
    Ok(Json(read::payment_view(&shared, &merchant, &row).await?))
}

/// The payment as it is now, or what is said where there was none.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum CanceledOrder {
    Payment(Box<view::Payment>),
    Tombstone(view::OrderCancellation),
}

/// Cancel a sale by its order number.
///
/// As by id, for the sale's latest payment. Where none exists, the order number is cancelled for ever: a later pay of it is
/// refused with `order_canceled`, and nothing is sent. 取消不存在的订单后，该订单号不能再收款.
#[utoipa::path(
    post, path = "/v1/payments/by-order/{order_no}/cancel", operation_id = "cancel_order", tag = "payments",
    params(openapi::OrderInPath), request_body = Option<CancelRequest>,
    responses((status = 200, description = "The payment as it is now, or that there is none.", body = CanceledOrder)),
)]
pub(super) async fn by_order(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(order_no): Piece,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<CanceledOrder>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let reason = demanded(&body::bytes(body)?)?;
    let order_no = read::parse_order_no(&order_no)?;
    match app::cancel_order(&shared.app, &merchant, order_no.clone(), reason).await? {
        Canceled::Payment(row) => {
            let payment = read::payment_view(&shared, &merchant, &row).await?;
            Ok(Json(CanceledOrder::Payment(Box::new(payment))))
        }
        Canceled::Tombstone => {
            Ok(Json(CanceledOrder::Tombstone(view::order_cancellation(order_no.as_str()))))
        }
    }
}

/// The reason, when the till demands that a paid payment is reversed.
pub(super) fn demanded(body: &[u8]) -> Result<Option<String>, Problem> {
    let mut fields = Fields::parse_optional(body)?;
    let if_paid = fields.text("if_paid");
    let reason = fields.text("reason");
    match if_paid.as_deref() {
        None => {}
        Some("reverse") if reason.as_ref().is_some_and(|reason| !reason.trim().is_empty()) => {}
        Some("reverse") => fields.refuse("reason", Wrong::Required),
        Some(_) => fields.refuse("if_paid", Wrong::Unsupported),
    }
    if reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
        fields.refuse("reason", Wrong::TooLong);
    }
    fields.finish()?;
    Ok(if_paid.and(reason))
}
