//! The HTTP API under `/v1`: one file per endpoint, one shape of refusal.

pub(crate) mod auth;
mod body;
mod cancel;
mod cases;
mod channels;
pub mod listen;
mod metrics;
pub mod openapi;
mod parameters;
mod pay;
pub(crate) mod problem;
mod read;
mod refunds;
mod reversals;
mod stream;
mod system;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use payment::patience::RefundLimits;

use crate::app::App;
use crate::store::PaymentRow;

pub use auth::{Scope, hash_key, new_key};

/// The largest request body: 64 KiB.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// What every handler shares.
#[derive(Clone)]
pub struct Shared {
    /// The use cases.
    pub app: Arc<App>,
}

impl Shared {
    /// What the account of a payment allows of refunds: its contract, or the channel's limits where it is no longer configured.
    fn contract(&self, row: &PaymentRow) -> RefundLimits {
        let intent = &row.payment.intent;
        let account = self.app.engine.accounts().get(&intent.account);
        account.map_or_else(|| intent.channel.patience().refunds, |account| account.refunds)
    }
}

/// All routes, with the pages for people beside them.
pub fn router(app: Arc<App>, pages: Router) -> Router {
    let shared = Shared { app };
    Router::new()
        .route("/v1/payments", post(pay::pay).get(read::list))
        .route("/v1/payments/{id}", get(read::payment))
        .route("/v1/payments/{id}/events", get(read::events))
        .route("/v1/payments/{id}/cancel", post(cancel::by_id))
        .route("/v1/payments/by-order/{order_no}", get(read::by_order))
        .route("/v1/payments/by-order/{order_no}/cancel", post(cancel::by_order))
        .route("/v1/payments/{id}/refunds", post(refunds::open))
        .route("/v1/refunds", get(refunds::list))
        .route("/v1/refunds/{id}", get(refunds::one))
        .route("/v1/reversals", get(reversals::list))
        .route("/v1/reversals/{id}", get(reversals::one))
        .route("/v1/events/stream", get(stream::stream))
        .route("/v1/cases", get(cases::list))
        .route("/v1/cases/{id}", get(cases::one))
        .route("/v1/cases/{id}/settle", post(cases::settle))
        .route("/v1/channels", get(channels::list))
        .route("/v1/codes/inspect", post(channels::inspect))
        .route("/healthz", get(system::healthz))
        .route("/readyz", get(system::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(openapi::openapi))
        .merge(pages.with_state(()))
        .fallback(system::not_found)
        .method_not_allowed_fallback(system::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(shared.clone(), problem::write))
        .layer(middleware::from_fn_with_state(shared.clone(), metrics::count))
        .with_state(shared)
}
