//! `GET /v1/cases…` and `POST /v1/cases/{id}/settle`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use payment::ids::{parse_id, print_id};
use payment::payment::Settlement;
use utoipa::{IntoParams, ToSchema};

use crate::app::{self, Outcome, Settle, SettleError};

use super::auth::{self, Scope};
use super::body::{self, Fields};
use super::parameters::{Parameters, bad_parameter, limit};
use super::problem::{Problem, ProblemCode, Wrong};
use super::read::Piece;
use super::view::{self, List};
use super::{Shared, openapi};

const WORDS_BYTES_MAX: usize = 2000;

/// Which cases a page shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct CaseFilters {
    /// How many rows a page has at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before: a case's id.
    #[param(pattern = "^case_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    starting_after: Option<String>,
    /// Only open, or only closed ones.
    #[param(value_type = Option<view::CaseStatus>)]
    status: Option<String>,
}

/// Cases, newest first.
#[utoipa::path(
    get, path = "/v1/cases", operation_id = "cases", tag = "cases",
    params(CaseFilters),
    responses((status = 200, description = "One page.", body = List<view::Case>)),
)]
pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<List<view::Case>>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let parameters = parameters.known(&["limit", "starting_after", "status"])?;
    let open = match parameters.get("status").map(String::as_str) {
        None => None,
        Some("open") => Some(true),
        Some("closed") => Some(false),
        Some(_) => return Err(bad_parameter("status", "open or closed")),
    };
    let after = match parameters.get("starting_after") {
        None => None,
        Some(text) => {
            Some(parse_id(text, "case_").ok_or_else(|| bad_parameter("starting_after", "a case id"))?)
        }
    };
    let limit = limit(&parameters)?;
    let (rows, more) = shared.app.store().cases(merchant, open, after, limit).await?;
    let cursor = rows.last().map(|row| print_id(row.id, "case_"));
    Ok(Json(view::list(rows.iter().map(view::case).collect(), more, cursor)))
}

/// One case.
#[utoipa::path(
    get, path = "/v1/cases/{id}", operation_id = "case", tag = "cases",
    params(openapi::CaseInPath),
    responses((status = 200, description = "The case.", body = view::Case)),
)]
pub(super) async fn one(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
) -> Result<Json<view::Case>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let id = parse_id(&id, "case_").ok_or_else(|| Problem::not_found("case"))?;
    let row = shared.app.store().case(merchant, id).await?;
    row.map(|row| Json(view::case(&row))).ok_or_else(|| Problem::not_found("case"))
}

/// How a person settles a case, and on what it rests.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read by name; this is how they are documented")]
pub(super) struct SettleRequest {
    outcome: view::SettlementOutcome,
    /// What it rests on: up to 2,000 bytes, not blank.
    #[schema(pattern = "[^ \\t\\r\\n]")]
    evidence: String,
    /// Who says so: up to 2,000 bytes, not blank.
    #[schema(pattern = "[^ \\t\\r\\n]")]
    operator: String,
    /// Whether the channel's answer is set aside; then `reason` is required.
    #[schema(default = false)]
    r#override: Option<bool>,
    /// Why the channel's answer is set aside: up to 2,000 bytes; with `override` not blank.
    reason: Option<String>,
}

/// Settle a case.
///
/// The channel is asked first; an outcome that its verified answer contradicts is refused, unless overridden with a reason.
/// Wants the scope `settle`. 核定前先查询渠道；与渠道结果矛盾时拒绝，除非说明理由强制核定.
#[utoipa::path(
    post, path = "/v1/cases/{id}/settle", operation_id = "settle_case", tag = "cases",
    params(openapi::CaseInPath), request_body = SettleRequest,
    responses((status = 200, description = "The case as it is now.", body = view::SettledCase)),
)]
pub(super) async fn settle(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<view::SettledCase>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Settle).await?;
    parameters.known(&[])?;
    let id = parse_id(&id, "case_").ok_or_else(|| Problem::not_found("case"))?;
    let said = parse(&body::bytes(body)?)?;
    let (row, case) = app::settle(&shared.app, &merchant, id, said).await.map_err(problem)?;
    Ok(Json(view::settled_case(&case, row.payment.status())))
}

pub(super) fn parse(body: &[u8]) -> Result<Settle, Problem> {
    let mut fields = Fields::parse(body)?;
    let outcome = fields.required_text("outcome");
    let evidence = fields.required_text("evidence").unwrap_or_default();
    let operator = fields.required_text("operator").unwrap_or_default();
    let overrides = fields.flag("override");
    let reason = fields.text("reason");
    let outcome = outcome.and_then(|word| match word.as_str() {
        "paid" => Some(Outcome::Payment(Settlement::Paid)),
        "failed" => Some(Outcome::Payment(Settlement::Failed)),
        "reversed" => Some(Outcome::Payment(Settlement::Reversed)),
        "refunded" => Some(Outcome::Refunded),
        _ => {
            fields.refuse("outcome", Wrong::Unsupported);
            None
        }
    });
    let filled = |text: &str| !text.trim().is_empty() && text.len() <= WORDS_BYTES_MAX;
    if !filled(&evidence) {
        fields.refuse("evidence", Wrong::Required);
    }
    if !filled(&operator) {
        fields.refuse("operator", Wrong::Required);
    }
    if overrides && !reason.as_deref().is_some_and(filled) {
        fields.refuse("reason", Wrong::Required);
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
        SettleError::Closed(_) => Problem::conflict(ProblemCode::CaseClosed, error.to_string(), None),
        SettleError::OtherOutcome { .. } => {
            Problem::conflict(ProblemCode::OutcomeUnfit, error.to_string(), None)
        }
        SettleError::Contradicted { .. } => {
            Problem::conflict(ProblemCode::ChannelContradicts, error.to_string(), None)
        }
    }
}
