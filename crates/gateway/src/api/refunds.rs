//! `POST /v1/payments/{id}/refunds` and `GET /v1/refunds…`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use payment::ids::{PaymentId, RefundId, RefundNo};
use payment::money::Fen;
use payment::refund::RefundStatus;
use utoipa::{IntoParams, ToSchema};

use crate::app;
use crate::runner::RefundAsk;
use crate::store::RefundFilter;

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::parameters::{Parameters, bad_parameter, limit};
use super::problem::{Problem, Wrong};
use super::read::{Piece, wait_ms};
use super::view::{self, List};
use super::{Shared, openapi};

/// How long the call that opens a refund waits for its end: a channel that gives back at once says so within this.
const WAIT_MS: i64 = 5_000;
/// Alipay's refund_reason; WeChat's refund_desc is cut to 80 by its dialect.
const REASON_BYTES_MAX: usize = 256;

/// A refund to make (退款).
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read by name; this is how they are documented")]
pub(super) struct RefundRequest {
    /// The refund, unique for ever (商户退款单号, 永久唯一). One number is one refund: a new try after a failure is a new number.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "R20261121-0001")]
    refund_no: String,
    /// How much goes back, in fen (分): at most `can.refundable_amount` of the payment.
    #[schema(minimum = 1, maximum = 100_000_000, example = 500)]
    amount: i64,
    /// Why, up to 256 bytes; the customer may see it.
    reason: Option<String>,
}

/// Refund a part, or all.
///
/// The amount is reserved at once, and the call waits up to five seconds for the channel's end. Sending the same request again
/// is always safe. A refund that the channel refuses is no refusal here: it is answered with 201 and `status` `failed`. A till's
/// session may not refund; use a key. 结果不明时，用相同参数重发；绝不会重复退款.
#[utoipa::path(
    post, path = "/v1/payments/{id}/refunds", operation_id = "refund_payment", tag = "refunds",
    params(openapi::PaymentInPath), request_body = RefundRequest,
    responses(
        (status = 201, description = "The refund is new.", body = view::Refund),
        (status = 200, description = "The refund existed: the same number, payment and amount.", body = view::Refund,
         headers(("Idempotency-Replayed" = bool, description = "Always `true`."))),
    ),
)]
pub(super) async fn open(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Refund).await?;
    parameters.known(&[])?;
    let ask = parse(&body::bytes(body)?)?;
    let id = PaymentId::parse(&id).map_err(|_| Problem::not_found("payment"))?;
    let limit = shared.app.now().plus_ms(WAIT_MS);
    let told = app::refund(&shared.app, &merchant, id, ask, limit).await?;
    let status = if told.new { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = (status, Json(view::refund(&told.row))).into_response();
    if !told.new {
        let name = HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(super) fn parse(body: &[u8]) -> Result<RefundAsk, Problem> {
    let mut fields = Fields::parse(body)?;
    let refund_no = fields.required_text("refund_no").and_then(|text| {
        RefundNo::parse(&text).inspect_err(|_| fields.refuse("refund_no", Wrong::Malformed)).ok()
    });
    let amount = fields
        .required_integer("amount")
        .and_then(|fen| Fen::payable(fen).inspect_err(|_| fields.refuse("amount", Wrong::OutOfRange)).ok());
    let reason = fields.text("reason");
    if reason.as_ref().is_some_and(|text| text.len() > REASON_BYTES_MAX) {
        fields.refuse("reason", Wrong::TooLong);
    }
    fields.finish()?;
    let (Some(refund_no), Some(amount)) = (refund_no, amount) else {
        return Err(Problem::invalid(Vec::new(), "refund_no and amount are required"));
    };
    Ok(RefundAsk { refund_no, amount, reason })
}

/// Which refunds a page shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct RefundFilters {
    /// How many rows a page has at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before: a refund's id.
    #[param(pattern = "^ref_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    starting_after: Option<String>,
    /// Only the refunds of this payment.
    #[param(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    payment: Option<String>,
    /// Only refunds of this status.
    #[param(value_type = Option<view::RefundStatusWord>)]
    status: Option<String>,
    /// Only the refund of this number.
    #[param(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    refund_no: Option<String>,
}

/// Refunds, newest first.
#[utoipa::path(
    get, path = "/v1/refunds", operation_id = "refunds", tag = "refunds",
    params(RefundFilters),
    responses((status = 200, description = "One page.", body = List<view::Refund>)),
)]
pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<List<view::Refund>>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let parameters = parameters.known(&["limit", "starting_after", "payment", "status", "refund_no"])?;
    let payment = match parameters.get("payment") {
        None => None,
        Some(text) => Some(PaymentId::parse(text).map_err(|_| bad_parameter("payment", "a payment id"))?),
    };
    let starting_after = match parameters.get("starting_after") {
        None => None,
        Some(text) => {
            Some(RefundId::parse(text).map_err(|_| bad_parameter("starting_after", "a refund id"))?)
        }
    };
    let status = match parameters.get("status") {
        None => None,
        Some(text) => Some(status(text)?),
    };
    let refund_no = match parameters.get("refund_no") {
        None => None,
        Some(text) => Some(RefundNo::parse(text).map_err(|_| bad_parameter("refund_no", "a refund number"))?),
    };
    let limit = limit(&parameters)?;
    let filter = RefundFilter { merchant, limit, starting_after, payment, status, refund_no };
    let (rows, more) = shared.app.store().refunds(filter).await?;
    let cursor = rows.last().map(|row| row.refund.intent.id.to_string());
    Ok(Json(view::list(rows.iter().map(view::refund).collect(), more, cursor)))
}

fn status(text: &str) -> Result<RefundStatus, Problem> {
    let known = [RefundStatus::Pending, RefundStatus::Succeeded, RefundStatus::Failed];
    known
        .into_iter()
        .find(|status| status.word() == text)
        .ok_or_else(|| bad_parameter("status", "pending, succeeded or failed"))
}

/// How long a read of a refund waits.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct RefundWaiting {
    /// How many whole seconds to wait for its end before it is answered as it is.
    #[param(minimum = 0, maximum = 65, default = 0)]
    wait: Option<i64>,
}

/// One refund.
#[utoipa::path(
    get, path = "/v1/refunds/{id}", operation_id = "refund", tag = "refunds",
    params(openapi::RefundInPath, RefundWaiting),
    responses((status = 200, description = "The refund as it is now.", body = view::Refund)),
)]
pub(super) async fn one(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
) -> Result<Json<view::Refund>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let wait_ms = wait_ms(&parameters.known(&["wait"])?)?;
    let id = RefundId::parse(&id).map_err(|_| Problem::not_found("refund"))?;
    let row = shared.app.store().refund(merchant, id).await?.ok_or_else(|| Problem::not_found("refund"))?;
    let limit = shared.app.now().plus_ms(wait_ms);
    let row = shared.app.refund_ended(row, limit).await;
    Ok(Json(view::refund(&row)))
}
