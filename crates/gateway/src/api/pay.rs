//! `POST /v1/payments`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use payment::auth_code::AuthCode;
use payment::ids::{MerchantCode, OrderNo};
use payment::money::Fen;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

use crate::app::{self, Pay};
use crate::store::Sale;

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::parameters::Parameters;
use super::problem::{Problem, ProblemCode, Wrong};
use super::{Shared, read, view};

/// Cosmetics are never a reason to refuse below this many bytes.
const COSMETIC_BYTES_MAX: usize = 4096;
const WAIT_SECONDS_DEFAULT: i64 = 10;
const WAIT_SECONDS_MAX: i64 = 65;

/// A payment to collect (收款). White space and control characters in `auth_code` are dropped.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read by name; this is how they are documented")]
pub(super) struct PayRequest {
    /// The sale, unique for ever (商户订单号, 永久唯一); numbers that restart daily need the date in front.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "20261121-0001")]
    order_no: String,
    /// How much, in fen (分).
    #[schema(minimum = 1, maximum = 100_000_000, example = 1234)]
    amount: i64,
    #[schema(schema_with = super::openapi::auth_code)]
    auth_code: String,
    #[schema(schema_with = currency, required = false)]
    currency: Option<String>,
    /// What the customer sees, up to 4,096 bytes; cleaned per channel.
    description: Option<String>,
    /// Any JSON of the merchant's own, up to 4,096 bytes as text; answered as it came.
    #[schema(required = false)]
    metadata: Value,
    /// 门店
    #[schema(pattern = "^[A-Za-z0-9._-]{1,32}$")]
    outlet: Option<String>,
    /// 终端
    #[schema(pattern = "^[A-Za-z0-9._-]{1,32}$")]
    terminal: Option<String>,
    /// 操作员
    #[schema(pattern = "^[A-Za-z0-9._-]{1,32}$")]
    operator: Option<String>,
    /// How many seconds the call waits for a decision.
    #[schema(minimum = 0, maximum = 65, default = 10)]
    wait_seconds: Option<i64>,
    /// A deliberate second sale of the same amount on this terminal while one is undecided.
    #[schema(default = false)]
    second: Option<bool>,
}

fn currency() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some([json!(view::CURRENCY), Value::Null]))
        .description(Some("Nothing else is taken."))
        .default(Some(json!(view::CURRENCY)))
        .build()
}

/// Collect with a payment code.
///
/// Sending the same request again is always safe: the same sale is the same `order_no`, `amount` and code; of everything else
/// the first wins. A refusal has no effect: nothing was stored, nothing was sent. A declined payment is no refusal: it is
/// answered with 201 and `status` `failed`. 结果不明时，用相同参数重发；绝不会重复扣款.
#[utoipa::path(
    post, path = "/v1/payments", operation_id = "pay", tag = "payments",
    request_body = PayRequest,
    responses(
        (status = 201, description = "The payment is new.", body = view::Payment),
        (status = 200, description = "The payment existed: the same sale with the same code.", body = view::Payment,
         headers(("Idempotency-Replayed" = bool, description = "Always `true`."))),
    ),
)]
pub(super) async fn pay(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let request = parse(merchant.clone(), &body::bytes(body)?)?;
    let paid = app::pay(&shared.app, request).await?;
    let view = read::payment_view(&shared, &merchant, &paid.row).await?;
    let status = if paid.replayed { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = (status, axum::Json(view)).into_response();
    if paid.replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(super) fn parse(merchant: MerchantCode, body: &[u8]) -> Result<Pay, Problem> {
    let mut fields = Fields::parse(body)?;
    let order_no = fields.required_text("order_no");
    let amount = fields.required_integer("amount");
    let auth_code = fields.required_text("auth_code");
    if fields.text("currency").is_some_and(|currency| currency != view::CURRENCY) {
        fields.refuse("currency", Wrong::Unsupported);
    }
    let sale = Sale {
        description: fields.text("description"),
        metadata: fields.json("metadata", COSMETIC_BYTES_MAX),
        outlet: fields.identity("outlet", 32),
        terminal: fields.identity("terminal", 32),
        operator: fields.identity("operator", 32),
    };
    if sale.description.as_ref().is_some_and(|text| text.len() > COSMETIC_BYTES_MAX) {
        fields.refuse("description", Wrong::TooLong);
    }
    let wait_seconds = fields.integer("wait_seconds").unwrap_or(WAIT_SECONDS_DEFAULT);
    if !(0..=WAIT_SECONDS_MAX).contains(&wait_seconds) {
        fields.refuse("wait_seconds", Wrong::OutOfRange);
    }
    let second = fields.flag("second");
    let order_no = order_no.and_then(|text| {
        OrderNo::parse(&text).inspect_err(|_| fields.refuse("order_no", Wrong::Malformed)).ok()
    });
    let amount = amount
        .and_then(|fen| Fen::payable(fen).inspect_err(|_| fields.refuse("amount", Wrong::OutOfRange)).ok());
    fields.finish()?;
    let (Some(order_no), Some(amount), Some(auth_code)) = (order_no, amount, auth_code) else {
        return Err(Problem::invalid(Vec::new(), "order_no, amount and auth_code are required"));
    };
    let code = parse_code(&auth_code)?;
    Ok(Pay { merchant, order_no, amount, code, sale, second, wait_ms: wait_seconds * 1000 })
}

/// A code that some wallet issues; what is refused is never repeated.
pub(super) fn parse_code(scanned: &str) -> Result<AuthCode, Problem> {
    AuthCode::parse(scanned).map_err(|unknown| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, ProblemCode::CodeFormatUnknown, unknown.to_string())
    })
}
