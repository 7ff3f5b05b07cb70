//! `paycode refund`: a part, or all, goes back; followed until the channel has said how it ends.

use std::process::ExitCode;

use payment::ids::RefundNo;
use payment::time::{SECOND_MS, Time};
use serde_json::{Value, json};

use crate::lifecycle;

use super::super::{EXIT_ERROR, EXIT_NOT_PAID, EXIT_UNDECIDED, Usage, world};
use super::follow::{self, AGAIN_MS};
use super::http::{Client, Trouble};
use super::progress::Progress;
use super::{Gateway, Named, pay, show, tell, text};

/// How long a request is repeated whose answer was lost.
const LOST_MS: i64 = 20 * SECOND_MS;
/// The longest that one question waits.
const WAIT_SECONDS_MAX: i64 = 20;

/// Options of `paycode refund`.
#[derive(clap::Args)]
pub(in crate::cli) struct Refund {
    /// The order number, or the payment's id (pay_…). 订单号或支付单号。
    #[arg(value_name = "ORDER")]
    order: String,
    /// The refund's own number, unique for ever; the same number is the same refund. 退款单号，永久唯一。
    #[arg(long, value_name = "NUMBER")]
    refund_no: String,
    /// How much, in yuan with two decimals, as in 5.00; everything that is left when it is not said. 金额（元），省略则退全部余额。
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    amount: Option<String>,
    /// The amount is an integer of fen. 金额以分为单位。
    #[arg(long, requires = "amount")]
    fen: bool,
    /// Why; the customer may see it. 退款原因。
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// How many seconds to follow it. 最多等待的秒数。
    #[arg(long, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(0..=3600))]
    wait: u16,
    #[command(flatten)]
    gateway: Gateway,
}

pub(in crate::cli) async fn run(refund: Refund, json: bool) -> anyhow::Result<ExitCode> {
    let mut stop = lifecycle::stop_on_signal()?;
    let clock = world::clock();
    let client = refund.gateway.client(&clock)?;
    let named = Named::parse(&refund.order)?;
    RefundNo::parse(&refund.refund_no).map_err(|error| Usage::because(format!("--refund-no: {error}")))?;
    let until = clock.now().plus_ms(i64::from(refund.wait) * SECOND_MS);
    let mut progress = Progress::new(json);
    let amount = match &refund.amount {
        Some(text) => Some(pay::amount(text, refund.fen)?.fen()),
        None => None,
    };
    let asked = async {
        // "All that is left" was said before: what was left then is what it is about.
        if amount.is_none()
            && let Some(known) = known(&client, &refund.refund_no).await?
        {
            return Ok(Ok(follow(&client, known, until).await));
        }
        let payment = client.get(&named.path(""), 0).await?;
        let Some(body) = body(&refund, amount, &payment) else { return Ok(Err(())) };
        let path = format!("/v1/payments/{}/refunds", text(&payment, "/id"));
        let opened = ask(&client, &path, &body, &mut progress).await?;
        Ok(Ok(follow(&client, opened, until).await))
    };
    let asked: Option<Result<Result<Value, ()>, Trouble>> = tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => None,
        asked = asked => Some(asked),
    };
    progress.end();
    Ok(match asked {
        Some(Ok(Ok(told))) => {
            show::refund(&told, json);
            ended(&told)
        }
        Some(Ok(Err(()))) => {
            eprintln!("没有可退金额 / nothing is left to refund; look: paycode query {}", refund.order);
            ExitCode::from(EXIT_ERROR)
        }
        Some(Err(Trouble::Unanswered(why))) => {
            eprintln!(
                "paycode: 退款是否到达未知, 请用同一退款单号再执行一次 / whether the refund arrived is not known; say it again with \
                 the same --refund-no: {why}"
            );
            ExitCode::from(EXIT_UNDECIDED)
        }
        Some(Err(trouble)) => tell(&trouble, json),
        None => {
            eprintln!(
                "已停止等待, 退款继续进行 / stopped waiting; the refund goes on: say the same again to see it"
            );
            ExitCode::from(EXIT_UNDECIDED)
        }
    })
}

/// What is asked for; nothing where everything that is left is meant, and nothing is left.
fn body(refund: &Refund, amount: Option<i64>, payment: &Value) -> Option<Value> {
    let amount = match amount {
        Some(amount) => amount,
        None => payment["can"]["refundable_amount"].as_i64().filter(|fen| *fen > 0)?,
    };
    let mut body = json!({ "refund_no": refund.refund_no, "amount": amount });
    if let Some(reason) = &refund.reason {
        body["reason"] = json!(reason);
    }
    Some(body)
}

/// The refund that has this number already.
async fn known(client: &Client, refund_no: &str) -> Result<Option<Value>, Trouble> {
    let listed = client.get(&format!("/v1/refunds?refund_no={refund_no}"), 0).await?;
    Ok(listed["data"].get(0).cloned())
}

/// Says it until it is answered: one number is one refund.
async fn ask(client: &Client, path: &str, body: &Value, progress: &mut Progress) -> Result<Value, Trouble> {
    let clock = &client.clock;
    let limit: Time = clock.now().plus_ms(LOST_MS);
    loop {
        let trouble = match client.post(path, body, 5 * SECOND_MS).await {
            Err(trouble @ Trouble::Unanswered(_)) => trouble,
            told => return told,
        };
        if clock.now() >= limit {
            return Err(trouble);
        }
        progress.lost(&follow::said(&trouble));
        clock.sleep_until(clock.now().plus_ms(AGAIN_MS)).await;
    }
}

/// Asks until it has ended, or until `until`; what cannot be asked is shown as it was.
async fn follow(client: &Client, opened: Value, until: Time) -> Value {
    let mut told = opened;
    while text(&told, "/status") == "pending" {
        let left = until.since_ms(client.clock.now()) / SECOND_MS;
        if left <= 0 {
            return told;
        }
        let wait = left.min(WAIT_SECONDS_MAX);
        let path = format!("/v1/refunds/{}?wait={wait}", text(&told, "/id"));
        match client.get(&path, wait * SECOND_MS).await {
            Ok(now) => told = now,
            Err(_) => client.clock.sleep_until(client.clock.now().plus_ms(AGAIN_MS)).await,
        }
    }
    told
}

fn ended(refund: &Value) -> ExitCode {
    ExitCode::from(match text(refund, "/status") {
        "succeeded" => return ExitCode::SUCCESS,
        "failed" => EXIT_NOT_PAID,
        _ => EXIT_UNDECIDED,
    })
}
