//! `GET /v1/reversals…`

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use payment::ids::{PaymentId, parse_id, print_id};
use serde_json::Value;

use super::auth::{self, Scope};
use super::problem::Problem;
use super::read::{self, Parameters, Piece};
use super::{Shared, view};

pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    read::refuse_unknown(&parameters, &["limit", "starting_after", "payment"])?;
    let payment = match parameters.get("payment") {
        None => None,
        Some(text) => {
            Some(PaymentId::parse(text).map_err(|_| read::bad_parameter("payment", "a payment id"))?)
        }
    };
    let after = match parameters.get("starting_after") {
        None => None,
        Some(text) => Some(
            parse_id(text, "rev_").ok_or_else(|| read::bad_parameter("starting_after", "a reversal id"))?,
        ),
    };
    let limit = read::limit(&parameters)?;
    let (rows, more) = shared.app.store().reversals(merchant, payment, after, limit).await?;
    let cursor = rows.last().map(|row| print_id(row.id, "rev_"));
    Ok(Json(view::list(rows.iter().map(view::reversal).collect(), more, cursor)))
}

pub(super) async fn one(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let id = parse_id(&id, "rev_").ok_or_else(|| Problem::not_found("reversal"))?;
    let row = shared.app.store().reversal(merchant, id).await?;
    row.map(|row| Json(view::reversal(&row))).ok_or_else(|| Problem::not_found("reversal"))
}
