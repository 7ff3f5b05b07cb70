//! `GET /metrics`, and counting what the API answers.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::account_healths;
use crate::metrics::{MEDIA_TYPE, Now};
use crate::runner::Intake;

use super::Shared;

/// What is counted, for Prometheus.
///
/// Sums over all merchants, in the OpenMetrics text format; docs/operate/metrics.md explains each. Keep it off the public side.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "system", security(()),
    responses((status = 200, description = "All counters.", body = String, content_type = "application/openmetrics-text")),
)]
pub(super) async fn metrics(State(shared): State<Shared>) -> Response {
    let engine = &shared.app.engine;
    let healths = account_healths(&shared.app);
    let written = engine.ports.store.counters();
    let now = Now {
        awake: engine.awake(),
        intakes: healths.into_iter().map(|health| (health.account, health.intake == Intake::Open)).collect(),
        store_transactions: written.transactions,
        store_commits: written.commits,
    };
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], engine.ports.metrics.text(&now)).into_response()
}

/// Counts an answer under the pattern that its request met; what met none has one name together.
pub(super) async fn count(
    State(shared): State<Shared>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let method = word(request.method());
    let response = next.run(request).await;
    let route = matched.as_ref().map_or("other", MatchedPath::as_str);
    shared.app.engine.ports.metrics.served(method, route, response.status().as_u16());
    response
}

/// The method's name; a client may invent any number of others.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
