//! The control address of the simulator: its ledger, its scenarios, the payer's hand and phone. Plain HTTP, loopback only.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use simulator::{scenario, wallet};
use tokio::sync::watch;

use crate::clock::Entropy;

use super::codes::{self, Codes};
use super::problem::Problem;
use super::{Sandbox, guard, phone};

/// The routes. Open streams end when `stop` says so.
pub fn router(sandbox: Arc<Sandbox>, entropy: Arc<dyn Entropy>, stop: watch::Receiver<bool>) -> Router {
    let codes = Arc::new(Codes::new(Arc::clone(&sandbox), entropy));
    Router::new()
        .route("/_simulator/ledger", get(ledger))
        .route("/_simulator/scenarios", get(scenarios))
        .route("/_simulator/prompts", get(prompts))
        .route("/_simulator/prompts/{out_trade_no}/{hand}", post(decide))
        .route("/_simulator/clock", post(clock))
        .with_state(Arc::clone(&sandbox))
        .route("/_simulator/codes", post(codes::make).with_state(Arc::clone(&codes)))
        .merge(phone::router(sandbox, codes, stop))
        .layer(axum::middleware::from_fn(guard::guard))
}

async fn ledger(
    State(sandbox): State<Arc<Sandbox>>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Response {
    match sandbox.ledger(parameters.get("out_trade_no").map(String::as_str)) {
        Err(error) => Problem::broken(&error).into_response(),
        Ok(lines) => {
            let data: Vec<Value> = lines
                .iter()
                .map(|line| {
                    json!({
                        "channel": line.channel,
                        "out_trade_no": line.out_trade_no,
                        "charged": line.charged,
                        "returned": line.returned,
                        "state": line.state,
                    })
                })
                .collect();
            Json(data).into_response()
        }
    }
}

async fn scenarios() -> Json<Vec<Value>> {
    Json(scenario_list())
}

/// The scenarios, as the command line and the control address show them.
#[must_use]
pub fn scenario_list() -> Vec<Value> {
    const SAMPLE_FEN: i64 = 1_000;
    scenario::all()
        .iter()
        .map(|scenario| {
            json!({
                "scenario": format!("{:03}", scenario.number),
                "zh": scenario.zh,
                "en": scenario.en,
                "status": scenario.status,
                "played": scenario.is_played(),
                "amount": SAMPLE_FEN,
                "charged": scenario.charged(SAMPLE_FEN),
                "net": scenario.net(SAMPLE_FEN),
                "codes": sample_codes(scenario),
            })
        })
        .collect()
}

/// One code of every wallet.
fn sample_codes(scenario: &scenario::Scenario) -> Map<String, Value> {
    let codes = wallet::all()
        .iter()
        .map(|wallet| (wallet.name.to_owned(), json!(scenario.code(wallet.prefix, wallet.length, 1))));
    codes.collect()
}

async fn prompts(State(sandbox): State<Arc<Sandbox>>) -> Json<Vec<Value>> {
    let prompts = sandbox.prompts();
    Json(
        prompts
            .iter()
            .map(|prompt| {
                json!({
                    "channel": prompt.channel,
                    "out_trade_no": prompt.out_trade_no,
                    "merchant": prompt.merchant,
                    "amount": prompt.amount,
                    "since_ms": prompt.since,
                    "by_hand": prompt.by_hand,
                })
            })
            .collect(),
    )
}

async fn decide(
    State(sandbox): State<Arc<Sandbox>>,
    Path((out_trade_no, hand)): Path<(String, String)>,
) -> Response {
    let confirms = match hand.as_str() {
        "confirm" => true,
        "refuse" => false,
        _ => {
            let detail = format!("{hand:?} is neither confirm nor refuse");
            return Problem { status: StatusCode::NOT_FOUND, code: "not_found", detail }.into_response();
        }
    };
    match sandbox.decide(&out_trade_no, confirms) {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => {
            let detail = format!("no password dialog is open for {out_trade_no:?}");
            Problem { status: StatusCode::CONFLICT, code: "no_open_prompt", detail }.into_response()
        }
        Err(error) => Problem::broken(&error).into_response(),
    }
}

async fn clock() -> Problem {
    let detail = "this simulator runs on the machine's clock; virtual time is off".to_owned();
    Problem { status: StatusCode::CONFLICT, code: "virtual_time_off", detail }
}
