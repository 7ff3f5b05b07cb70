//! What the control address refuses and what it says about every answer: a page of another origin may neither move the
//! payer's hand nor put this page into its own.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Scripts, styles and connections from here; nothing inline, nothing from elsewhere, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Refuses what another origin's page sends, and says of every answer how it may be used.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match foreign(request.method(), request.headers()) {
        Some(origin) => refusal(&origin).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The origin of a page that is not ours, of a request that would change something. Scripts send none.
fn foreign(method: &Method, headers: &HeaderMap) -> Option<String> {
    if method.is_safe() {
        return None;
    }
    let text =
        |name: header::HeaderName| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let origin = text(header::ORIGIN)?;
    let host = text(header::HOST).unwrap_or_default();
    (origin != format!("http://{host}")).then(|| origin.into_owned())
}

fn refusal(origin: &str) -> Problem {
    let detail = format!("the origin {origin} is not this address; only its own page may do this");
    Problem { status: StatusCode::FORBIDDEN, code: "foreign_origin", detail }
}
