//! `GET /v1/channels` and `POST /v1/codes/inspect`: where codes go.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use payment::auth_code::AuthCode;
use utoipa::ToSchema;

use crate::app;

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::parameters::Parameters;
use super::problem::Problem;
use super::view::{self, List};
use super::{Shared, pay};

/// The accounts that take this merchant's codes.
///
/// Best first, each with its health; never more than one page.
#[utoipa::path(
    get, path = "/v1/channels", operation_id = "channels", tag = "channels",
    responses((status = 200, description = "All of them.", body = List<view::ChannelAccount>)),
)]
pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<List<view::ChannelAccount>>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let accounts = app::merchant_accounts(&shared.app, &merchant);
    let data =
        accounts.into_iter().map(|(health, wallets)| view::channel_account(health, &wallets)).collect();
    Ok(Json(view::list(data, false, None)))
}

/// A code to look at. White space and control characters in it are dropped.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read by name; this is how they are documented")]
pub(super) struct InspectRequest {
    #[schema(schema_with = super::openapi::auth_code)]
    auth_code: String,
}

/// Where a code would go.
///
/// Its wallet, and the account that would take it now. Nothing is charged, nothing is stored, and the code stays unspent. 识别付款码，不收款.
#[utoipa::path(
    post, path = "/v1/codes/inspect", operation_id = "inspect_code", tag = "channels",
    request_body = InspectRequest,
    responses((status = 200, description = "What the code is.", body = view::InspectedCode)),
)]
pub(super) async fn inspect(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<view::InspectedCode>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let code = parse(&body::bytes(body)?)?;
    let way = app::inspect(&shared.app, &merchant, &code);
    Ok(Json(view::inspected_code(&code, way)))
}

pub(super) fn parse(body: &[u8]) -> Result<AuthCode, Problem> {
    let mut fields = Fields::parse(body)?;
    let auth_code = fields.required_text("auth_code");
    fields.finish()?;
    pay::parse_code(&auth_code.unwrap_or_default())
}
