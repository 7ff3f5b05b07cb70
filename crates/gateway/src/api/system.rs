//! `GET /healthz`, `GET /readyz`, and what is nowhere.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::account_healths;
use crate::runner::Intake;

use super::problem::Problem;
use super::{Shared, view};

/// Alive.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Ready: the store can commit, and every account takes payments. Which does not, and why, is said.
pub(super) async fn readyz(State(shared): State<Shared>) -> Response {
    let store = shared.app.store().ping().await;
    let accounts: Vec<Value> = account_healths(&shared.app)
        .iter()
        .map(|health| {
            let (intake, why) = match &health.intake {
                Intake::Open => ("open", Value::Null),
                Intake::Closed { why, .. } => ("closed", json!(why)),
            };
            json!({
                "account": health.account,
                "channel": health.channel.word(),
                "intake": intake,
                "why": why,
                "probed_at": health.probed_at.map(view::time),
                "clock_off_ms": health.clock_off_ms,
            })
        })
        .collect();
    let ready = store.is_ok() && accounts.iter().all(|account| account["intake"] == "open");
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": if ready { "ready" } else { "not_ready" },
        "store": if store.is_ok() { "ok" } else { "failing" },
        "accounts": accounts,
    });
    (status, Json(body)).into_response()
}

pub(super) async fn not_found() -> Problem {
    Problem::not_found("endpoint")
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request",
        "this endpoint exists, but not with this method",
    )
}
