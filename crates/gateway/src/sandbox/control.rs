//! The control address of the simulator: its ledger, its scenarios, and the payer's hand. Plain HTTP, loopback only.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use simulator::scenario;

use super::Sandbox;

/// The routes.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    Router::new()
        .route("/_simulator/ledger", get(ledger))
        .route("/_simulator/scenarios", get(scenarios))
        .route("/_simulator/prompts", get(prompts))
        .route("/_simulator/prompts/{out_trade_no}/{hand}", post(decide))
        .route("/_simulator/clock", post(clock))
        .with_state(sandbox)
}

async fn ledger(
    State(sandbox): State<Arc<Sandbox>>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Response {
    match sandbox.ledger(parameters.get("out_trade_no").map(String::as_str)) {
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
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
                "codes": {
                    "wechat": scenario.code("13", 18, 1),
                    "alipay": scenario.code("28", 18, 1),
                },
            })
        })
        .collect()
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
                    "amount": prompt.amount,
                    "since_ms": prompt.since,
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
        _ => return (StatusCode::NOT_FOUND, "confirm or refuse").into_response(),
    };
    match sandbox.decide(&out_trade_no, confirms) {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => (StatusCode::CONFLICT, "no password dialog is open for this number").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn clock() -> Response {
    (StatusCode::CONFLICT, "this simulator runs on the machine's clock; virtual time is off").into_response()
}
