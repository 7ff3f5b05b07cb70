//! `paycode cancel`: no money, or all of it back; followed until that is so.

use std::process::ExitCode;

use payment::time::{SECOND_MS, Time};
use serde_json::{Value, json};

use crate::lifecycle;

use super::super::{EXIT_ERROR, EXIT_SUSPENDED, EXIT_UNDECIDED, Usage, world};
use super::follow::{self, AGAIN_MS, follow};
use super::http::{Client, Trouble};
use super::progress::Progress;
use super::{Gateway, Named, show, tell, text};

/// How long a cancel is repeated whose answer was lost.
const LOST_MS: i64 = 20 * SECOND_MS;

/// Options of `paycode cancel`.
#[derive(clap::Args)]
pub(in crate::cli) struct Cancel {
    /// The order number, or the payment's id (pay_…). 订单号或支付单号。
    #[arg(value_name = "ORDER")]
    order: String,
    /// Give back what is paid already. 已支付则退回全款。
    #[arg(long, requires = "reason")]
    if_paid_reverse: bool,
    /// Why it is given back. 退回原因。
    #[arg(long, value_name = "TEXT", requires = "if_paid_reverse")]
    reason: Option<String>,
    /// How many seconds to follow it. 最多等待的秒数。
    #[arg(long, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(0..=3600))]
    wait: u16,
    #[command(flatten)]
    gateway: Gateway,
}

pub(in crate::cli) async fn run(cancel: Cancel, json: bool) -> anyhow::Result<ExitCode> {
    let mut stop = lifecycle::stop_on_signal()?;
    let clock = world::clock();
    let client = cancel.gateway.client(&clock)?;
    let named = Named::parse(&cancel.order)?;
    let until = clock.now().plus_ms(i64::from(cancel.wait) * SECOND_MS);
    let body = match &cancel.reason {
        Some(reason) if reason.trim().is_empty() => return Err(Usage::because("--reason: say why")),
        Some(reason) => json!({ "if_paid": "reverse", "reason": reason }),
        None => json!({}),
    };
    let mut progress = Progress::new(json);
    let asked = async {
        let said = ask(&client, &named, &body, &mut progress).await?;
        if text(&said, "/object") == "payment" {
            return Ok(follow(&client, said, until, follow::is_at_rest, &mut progress).await);
        }
        Ok(said)
    };
    let asked: Option<Result<Value, Trouble>> = tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => None,
        asked = asked => Some(asked),
    };
    progress.end();
    Ok(match asked {
        Some(Ok(said)) if text(&said, "/object") == "payment" => {
            show::payment(&said, json);
            ended(&said)
        }
        Some(Ok(tombstone)) => {
            show::tombstone(&tombstone, json);
            ExitCode::SUCCESS
        }
        Some(Err(Trouble::Unanswered(why))) => {
            eprintln!(
                "paycode: 取消是否到达未知, 请再执行一次 / whether the cancel arrived is not known; say it again: {why}"
            );
            ExitCode::from(EXIT_UNDECIDED)
        }
        Some(Err(trouble)) => tell(&trouble, json),
        None => {
            show::undecided(named.as_str());
            ExitCode::from(EXIT_UNDECIDED)
        }
    })
}

/// Says it until it is answered: a cancel that arrives twice is one cancel.
async fn ask(
    client: &Client,
    named: &Named,
    body: &Value,
    progress: &mut Progress,
) -> Result<Value, Trouble> {
    let clock = &client.clock;
    let limit: Time = clock.now().plus_ms(LOST_MS);
    let mut lost = None;
    loop {
        let trouble = match client.post(&named.path("/cancel"), body, 0).await {
            Ok(said) => return Ok(said),
            Err(trouble @ Trouble::Unanswered(_)) => trouble,
            Err(trouble) if lost.is_none() => return Err(trouble),
            Err(Trouble::Refused(refusal)) if !refusal.is_retryable() => {
                return Err(Trouble::Refused(refusal));
            }
            Err(trouble) => Trouble::Unanswered(follow::said(&trouble)),
        };
        if clock.now() >= limit {
            return Err(trouble);
        }
        progress.lost(&follow::said(&trouble));
        lost = Some(trouble);
        clock.sleep_until(clock.now().plus_ms(AGAIN_MS)).await;
    }
}

/// Done is when no money is taken; a payment that stays paid was not cancelled.
fn ended(payment: &Value) -> ExitCode {
    ExitCode::from(match text(payment, "/status") {
        "reversed" | "failed" => return ExitCode::SUCCESS,
        "suspended" => EXIT_SUSPENDED,
        "paid" if text(payment, "/reversal/status") != "pending" => EXIT_ERROR,
        _ => EXIT_UNDECIDED,
    })
}
