//! The customer's phone as a page: fresh payment codes, the password dialog, the balance, and what was paid.
//!
//! It shows what the simulator's ledger says and keeps nothing itself; its hand is the one of the control address.

mod live;
mod page;
mod pieces;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;
use serde::Deserialize;
use tokio::sync::{Semaphore, watch};

use super::Sandbox;
use super::codes::Codes;

/// What the phone's routes share.
struct Phone {
    sandbox: Arc<Sandbox>,
    codes: Arc<Codes>,
    streams: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

/// What the page's address may ask for; what it does not know is as if it were not there.
#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
    wallet: Option<String>,
    scenario: Option<String>,
}

/// The phone's routes. Open streams end when `stop` says so.
pub(super) fn router(sandbox: Arc<Sandbox>, codes: Arc<Codes>, stop: watch::Receiver<bool>) -> Router {
    let streams = Arc::new(Semaphore::new(live::STREAMS_MAX));
    let phone = Arc::new(Phone { sandbox, codes, streams, stop });
    Router::new()
        .route("/", get(async || Redirect::to("/phone")))
        .route("/phone", get(page::page))
        .route("/phone/state", get(live::state))
        .route("/phone/live", get(live::live))
        .route("/phone/assets/phone.css", get(async || asset("text/css", include_str!("phone.css"))))
        .route("/phone/assets/phone.js", get(async || asset("text/javascript", include_str!("phone.js"))))
        .with_state(phone)
}

fn asset(kind: &'static str, text: &'static str) -> impl axum::response::IntoResponse {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text)
}
