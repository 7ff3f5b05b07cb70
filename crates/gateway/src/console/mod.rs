//! The pages of the gateway: server-rendered, from this binary alone, under a strict content security policy.

mod assets;
mod cashier;
mod headers;
mod lang;
mod reference;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::api::Shared;
use crate::app::App;

/// How the pages behave.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether the cashier may type a payment code by hand; otherwise only a scanner's is taken.
    pub hand_entry: bool,
    /// The hash of the key whose tills need not sign in: the demo's, and nobody else's.
    pub walk_in: Option<[u8; 32]>,
    /// Whether the browser may send the session's cookie over TLS only.
    pub secure: bool,
}

/// What every page shares.
#[derive(Clone)]
struct Console {
    api: Shared,
    settings: Settings,
}

/// All pages.
pub fn router(app: Arc<App>, settings: Settings) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/cashier") }))
        .route("/cashier", get(cashier::page))
        .route("/cashier/scanner", get(cashier::scanner))
        .route("/cashier/sign-in", post(session::sign_in))
        .route("/cashier/sign-out", post(session::sign_out))
        .route("/cashier/assets/{name}", get(assets::asset))
        .layer(middleware::map_response(headers::harden))
        // The reference runs no scripts and says so itself.
        .route("/docs", get(reference::page))
        .route("/docs/style.css", get(reference::style))
        .with_state(Console { api: Shared { app }, settings })
}
