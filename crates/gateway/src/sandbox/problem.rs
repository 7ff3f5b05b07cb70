//! Refusals of the control address: `application/problem+json` (RFC 9457), each naming the value.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// One refusal.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    /// Names the value and says what would be right.
    pub(super) detail: String,
}

impl Problem {
    /// A request that is not as it has to be.
    pub(super) fn invalid(detail: impl Into<String>) -> Problem {
        Problem { status: StatusCode::BAD_REQUEST, code: "invalid_request", detail: detail.into() }
    }

    /// The simulator cannot remember, so it says nothing.
    pub(super) fn broken(error: &super::JournalError) -> Problem {
        tracing::error!(%error, "the simulator cannot remember, so it does not answer");
        let detail = error.to_string();
        Problem { status: StatusCode::INTERNAL_SERVER_ERROR, code: "simulator_broken", detail }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem { status, code, detail } = self;
        let body = json!({
            "type": format!("https://paycode.example/problems/{code}"),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": code,
            "detail": detail,
        });
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
