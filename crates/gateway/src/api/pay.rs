//! `POST /v1/payments`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use payment::auth_code::AuthCode;
use payment::ids::{MerchantCode, OrderNo};
use payment::money::Fen;

use crate::app::{self, Pay};
use crate::store::Sale;

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::problem::Problem;
use super::{Shared, read};

/// Cosmetics are never a reason to refuse below this many bytes.
const COSMETIC_BYTES_MAX: usize = 4096;
const WAIT_SECONDS_DEFAULT: i64 = 10;
const WAIT_SECONDS_MAX: i64 = 65;

pub(super) async fn pay(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
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

fn parse(merchant: MerchantCode, body: &[u8]) -> Result<Pay, Problem> {
    let mut fields = Fields::parse(body)?;
    let order_no = fields.required_text("order_no");
    let amount = fields.required_integer("amount");
    let auth_code = fields.required_text("auth_code");
    if fields.text("currency").is_some_and(|currency| currency != "CNY") {
        fields.refuse("currency", "unsupported");
    }
    let sale = Sale {
        description: fields.text("description"),
        metadata: fields.json("metadata", COSMETIC_BYTES_MAX),
        outlet: fields.identity("outlet", 32),
        terminal: fields.identity("terminal", 32),
        operator: fields.identity("operator", 32),
    };
    if sale.description.as_ref().is_some_and(|text| text.len() > COSMETIC_BYTES_MAX) {
        fields.refuse("description", "too_long");
    }
    let wait_seconds = fields.integer("wait_seconds").unwrap_or(WAIT_SECONDS_DEFAULT);
    if !(0..=WAIT_SECONDS_MAX).contains(&wait_seconds) {
        fields.refuse("wait_seconds", "out_of_range");
    }
    let second = fields.flag("second");
    let order_no = order_no
        .and_then(|text| OrderNo::parse(&text).inspect_err(|_| fields.refuse("order_no", "malformed")).ok());
    let amount = amount
        .and_then(|fen| Fen::payable(fen).inspect_err(|_| fields.refuse("amount", "out_of_range")).ok());
    fields.finish()?;
    let (Some(order_no), Some(amount), Some(auth_code)) = (order_no, amount, auth_code) else {
        return Err(Problem::invalid(Vec::new(), "order_no, amount and auth_code are required"));
    };
    let code = AuthCode::parse(&auth_code).map_err(|unknown| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "code_format_unknown", unknown.to_string())
    })?;
    Ok(Pay { merchant, order_no, amount, code, sale, second, wait_ms: wait_seconds * 1000 })
}
