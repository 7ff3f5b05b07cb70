//! Fresh payment codes of the simulator's wallets, for the phone page and for scripts.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::scenario::{self, Scenario};
use simulator::wallet::{self, Wallet};

use crate::clock::Entropy;
use crate::symbols::{code128, qr};

use super::Sandbox;
use super::problem::Problem;

/// How long a code is shown before the phone makes another one; wallets give it as long (wechat.md §11).
pub(super) const VALID_SECONDS: u32 = 60;
/// So many codes that nobody has spent are remembered, so that none is made twice.
const MADE_MAX: usize = 10_000;
/// Enough for two names.
const BODY_BYTES_MAX: usize = 1024;

/// Makes codes, none of them twice.
pub(super) struct Codes {
    sandbox: Arc<Sandbox>,
    entropy: Arc<dyn Entropy>,
    made: Mutex<Made>,
}

/// The codes of this process, in the order in which they were made.
#[derive(Default)]
struct Made {
    all: BTreeSet<String>,
    order: VecDeque<String>,
}

/// A code with its symbols.
pub(super) struct FreshCode {
    pub(super) code: String,
    pub(super) qr_svg: String,
    pub(super) code128_svg: String,
}

impl Codes {
    pub(super) fn new(sandbox: Arc<Sandbox>, entropy: Arc<dyn Entropy>) -> Codes {
        Codes { sandbox, entropy, made: Mutex::default() }
    }

    /// A code that neither this process has made nor the channels have seen.
    pub(super) fn fresh(&self, wallet: &Wallet, scenario: &Scenario) -> FreshCode {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let code = loop {
            let mut tail = [0; 8];
            self.entropy.fill(&mut tail);
            let code = scenario.code(wallet.prefix, wallet.length, u64::from_be_bytes(tail));
            if !self.sandbox.knows_code(&code) && made.all.insert(code.clone()) {
                break code;
            }
        };
        made.order.push_back(code.clone());
        if made.order.len() > MADE_MAX
            && let Some(oldest) = made.order.pop_front()
        {
            made.all.remove(&oldest);
        }
        let drawn = "digits have a symbol of either kind";
        let (qr_svg, code128_svg) = (qr::svg(&code).expect(drawn), code128::svg(&code).expect(drawn));
        FreshCode { code, qr_svg, code128_svg }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    wallet: String,
    #[serde(default = "pays_at_once")]
    scenario: String,
}

fn pays_at_once() -> String {
    "000".to_owned()
}

/// `POST /_simulator/codes`
pub(super) async fn make(State(codes): State<Arc<Codes>>, body: Bytes) -> Result<Json<Value>, Problem> {
    if body.len() > BODY_BYTES_MAX {
        return Err(Problem::invalid(format!(
            "a body of {} bytes; {BODY_BYTES_MAX} are the most",
            body.len()
        )));
    }
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| {
        Problem::invalid(format!("{error}; send {{\"wallet\": \"wechat\", \"scenario\": \"106\"}}"))
    })?;
    let wallet = find_wallet(&wanted.wallet)?;
    let scenario = find_scenario(&wanted.scenario)?;
    let FreshCode { code, qr_svg, code128_svg } = codes.fresh(wallet, scenario);
    Ok(Json(json!({
        "code": code,
        "wallet": wallet.name,
        "scenario": format!("{:03}", scenario.number),
        "valid_seconds": VALID_SECONDS,
        "qr_svg": qr_svg,
        "code128_svg": code128_svg,
    })))
}

fn find_wallet(name: &str) -> Result<&'static Wallet, Problem> {
    wallet::find(name).ok_or_else(|| {
        let known: Vec<_> = wallet::all().iter().map(|wallet| wallet.name).collect();
        Problem::invalid(format!("wallet {name:?} is not one of {}", known.join(", ")))
    })
}

/// A scenario that is played, by its three digits.
fn find_scenario(digits: &str) -> Result<&'static Scenario, Problem> {
    let shown = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = shown.then(|| digits.parse().ok()).flatten();
    let found = number.and_then(scenario::find).filter(|scenario| scenario.is_played());
    found.ok_or_else(|| {
        Problem::invalid(format!(
            "scenario {digits:?} is not played; GET /_simulator/scenarios lists those that are"
        ))
    })
}
