//! `GET /v1/cases…` and `POST /v1/cases/{id}/settle`

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use payment::ids::{parse_id, print_id};
use payment::payment::Settlement;
use serde_json::{Value, json};

use crate::app::{self, Settle, SettleError};

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::problem::Problem;
use super::read::{self, Parameters, Piece};
use super::{Shared, view};

const WORDS_BYTES_MAX: usize = 2000;

pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    read::refuse_unknown(&parameters, &["limit", "starting_after", "status"])?;
    let open = match parameters.get("status").map(String::as_str) {
        None => None,
        Some("open") => Some(true),
        Some("closed") => Some(false),
        Some(_) => return Err(read::bad_parameter("status", "open or closed")),
    };
    let after = match parameters.get("starting_after") {
        None => None,
        Some(text) => {
            Some(parse_id(text, "case_").ok_or_else(|| read::bad_parameter("starting_after", "a case id"))?)
        }
    };
    let limit = read::limit(&parameters)?;
    let (rows, more) = shared.app.store().cases(merchant, open, after, limit).await?;
    let cursor = rows.last().map(|row| print_id(row.id, "case_"));
    Ok(Json(view::list(rows.iter().map(view::case).collect(), more, cursor)))
}

pub(super) async fn one(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let id = parse_id(&id, "case_").ok_or_else(|| Problem::not_found("case"))?;
    let row = shared.app.store().case(merchant, id).await?;
    row.map(|row| Json(view::case(&row))).ok_or_else(|| Problem::not_found("case"))
}

pub(super) async fn settle(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Settle).await?;
    let id = parse_id(&id, "case_").ok_or_else(|| Problem::not_found("case"))?;
    let said = parse(&body::bytes(body)?)?;
    let (row, case) = app::settle(&shared.app, &merchant, id, said).await.map_err(problem)?;
    let mut body = view::case(&case);
    body["payment_status"] = json!(row.payment.status().word());
    Ok(Json(body))
}

fn parse(body: &[u8]) -> Result<Settle, Problem> {
    let mut fields = Fields::parse(body)?;
    let outcome = fields.required_text("outcome");
    let evidence = fields.required_text("evidence").unwrap_or_default();
    let operator = fields.required_text("operator").unwrap_or_default();
    let overrides = fields.flag("override");
    let reason = fields.text("reason");
    let outcome = outcome.and_then(|word| match word.as_str() {
        "paid" => Some(Settlement::Paid),
        "failed" => Some(Settlement::Failed),
        "reversed" => Some(Settlement::Reversed),
        _ => {
            fields.refuse("outcome", "unsupported");
            None
        }
    });
    let filled = |text: &str| !text.trim().is_empty() && text.len() <= WORDS_BYTES_MAX;
    if !filled(&evidence) {
        fields.refuse("evidence", "required");
    }
    if !filled(&operator) {
        fields.refuse("operator", "required");
    }
    if overrides && !reason.as_deref().is_some_and(filled) {
        fields.refuse("reason", "required");
    }
    fields.finish()?;
    let outcome = outcome.ok_or_else(|| Problem::invalid(Vec::new(), "outcome is required"))?;
    let override_reason = reason.filter(|_| overrides);
    Ok(Settle { outcome, evidence, operator, override_reason })
}

fn problem(error: SettleError) -> Problem {
    match error {
        SettleError::NotFound => Problem::not_found("case"),
        SettleError::Door(error) => error.into(),
        SettleError::Store(error) => error.into(),
        SettleError::Closed(_) => Problem::conflict("case_closed", error.to_string(), None),
        SettleError::Contradicted { .. } => Problem::conflict("channel_contradicts", error.to_string(), None),
    }
}
