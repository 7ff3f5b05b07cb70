//! `GET /healthz`, `GET /readyz`, and what is nowhere.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app::{AccountHealth, account_healths};
use crate::runner::Intake;

use super::Shared;
use super::problem::{Problem, ProblemCode};
use super::view::StoreStatus;
use super::view::{
    self, ChannelWord, Health, HealthStatus, IntakeWord, Readiness, ReadyAccount, ReadyStatus,
};

/// Whether the process answers.
#[utoipa::path(
    get, path = "/healthz", operation_id = "healthz", tag = "system", security(()),
    responses((status = 200, description = "It does.", body = Health)),
)]
pub(super) async fn healthz() -> Json<Health> {
    Json(Health { status: HealthStatus::Ok })
}

/// Whether the store can commit and every account takes payments.
///
/// Which does not, and why, is said: keep it off the public side.
#[utoipa::path(
    get, path = "/readyz", operation_id = "readyz", tag = "system", security(()),
    responses(
        (status = 200, description = "Ready.", body = Readiness),
        (status = 503, description = "Not ready: the store fails, or an account's intake is closed.", body = Readiness),
    ),
)]
pub(super) async fn readyz(State(shared): State<Shared>) -> Response {
    let store = shared.app.store().ping().await;
    let accounts: Vec<ReadyAccount> = account_healths(&shared.app).into_iter().map(ready_account).collect();
    let ready = store.is_ok() && accounts.iter().all(|account| account.intake == IntakeWord::Open);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Readiness {
        status: if ready { ReadyStatus::Ready } else { ReadyStatus::NotReady },
        store: if store.is_ok() { StoreStatus::Ok } else { StoreStatus::Failing },
        accounts,
    };
    (status, Json(body)).into_response()
}

fn ready_account(health: AccountHealth) -> ReadyAccount {
    let (intake, why) = match health.intake {
        Intake::Open => (IntakeWord::Open, None),
        Intake::Closed { why, .. } => (IntakeWord::Closed, Some(why)),
    };
    ReadyAccount {
        account: health.account,
        channel: ChannelWord::from(&health.channel),
        intake,
        why,
        probed_at: health.probed_at.map(view::time),
        clock_off_ms: health.clock_off_ms,
    }
}

pub(super) async fn not_found() -> Problem {
    Problem::not_found("endpoint")
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ProblemCode::InvalidRequest,
        "this endpoint exists, but not with this method",
    )
}
