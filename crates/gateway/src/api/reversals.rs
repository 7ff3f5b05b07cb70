//! `GET /v1/reversals…`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use payment::ids::{PaymentId, parse_id, print_id};
use utoipa::IntoParams;

use super::auth::{self, Scope};
use super::parameters::{Parameters, bad_parameter, limit};
use super::problem::Problem;
use super::read::Piece;
use super::view::{self, List};
use super::{Shared, openapi};

/// Which reversals a page shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct ReversalFilters {
    /// How many rows a page has at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before: a reversal's id.
    #[param(pattern = "^rev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    starting_after: Option<String>,
    /// Only the reversals of this payment.
    #[param(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    payment: Option<String>,
}

/// Reversals, newest first.
#[utoipa::path(
    get, path = "/v1/reversals", operation_id = "reversals", tag = "reversals",
    params(ReversalFilters),
    responses((status = 200, description = "One page.", body = List<view::Reversal>)),
)]
pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<List<view::Reversal>>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let parameters = parameters.known(&["limit", "starting_after", "payment"])?;
    let payment = match parameters.get("payment") {
        None => None,
        Some(text) => Some(PaymentId::parse(text).map_err(|_| bad_parameter("payment", "a payment id"))?),
    };
    let after = match parameters.get("starting_after") {
        None => None,
        Some(text) => {
            Some(parse_id(text, "rev_").ok_or_else(|| bad_parameter("starting_after", "a reversal id"))?)
        }
    };
    let limit = limit(&parameters)?;
    let (rows, more) = shared.app.store().reversals(merchant, payment, after, limit).await?;
    let cursor = rows.last().map(|row| print_id(row.id, "rev_"));
    Ok(Json(view::list(rows.iter().map(view::reversal).collect(), more, cursor)))
}

/// One reversal.
#[utoipa::path(
    get, path = "/v1/reversals/{id}", operation_id = "reversal", tag = "reversals",
    params(openapi::ReversalInPath),
    responses((status = 200, description = "The reversal.", body = view::Reversal)),
)]
pub(super) async fn one(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
) -> Result<Json<view::Reversal>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let id = parse_id(&id, "rev_").ok_or_else(|| Problem::not_found("reversal"))?;
    let row = shared.app.store().reversal(merchant, id).await?;
    row.map(|row| Json(view::reversal(&row))).ok_or_else(|| Problem::not_found("reversal"))
}
