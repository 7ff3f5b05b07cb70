//! Pages for people, made on the server: no scripts, nothing from elsewhere.

mod reference;

use axum::Router;
use axum::routing::get;

/// All pages.
pub fn router() -> Router {
    Router::new().route("/docs", get(reference::page)).route("/docs/style.css", get(reference::style))
}
