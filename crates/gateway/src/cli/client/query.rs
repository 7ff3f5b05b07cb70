//! `paycode query`: how a payment stands, and what happened to it.

use std::process::ExitCode;

use payment::time::SECOND_MS;
use serde_json::Value;

use crate::lifecycle;

use super::super::{EXIT_UNDECIDED, world};
use super::follow::{self, follow};
use super::http::{Client, Trouble};
use super::progress::Progress;
use super::{Gateway, Named, exit_of, show, tell, text};

/// Options of `paycode query`.
#[derive(clap::Args)]
pub(in crate::cli) struct Query {
    /// The order number, or the payment's id (pay_…). 订单号或支付单号。
    #[arg(value_name = "ORDER")]
    order: String,
    /// How many seconds to wait for a decision. 最多等待的秒数。
    #[arg(long, default_value_t = 0, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(0..=3600))]
    wait: u16,
    /// Show the timeline as well; with --json the timeline alone. 显示时间线。
    #[arg(long)]
    events: bool,
    #[command(flatten)]
    gateway: Gateway,
}

pub(in crate::cli) async fn run(query: Query, json: bool) -> anyhow::Result<ExitCode> {
    let mut stop = lifecycle::stop_on_signal()?;
    let clock = world::clock();
    let client = query.gateway.client(&clock)?;
    let named = Named::parse(&query.order)?;
    let until = clock.now().plus_ms(i64::from(query.wait) * SECOND_MS);
    let mut progress = Progress::new(json);
    let asked = async {
        let payment = client.get(&named.path(""), 0).await?;
        let payment = follow(&client, payment, until, follow::is_at_rest, &mut progress).await;
        let events = if query.events { Some(events(&client, &payment).await?) } else { None };
        Ok((payment, events))
    };
    let asked: Option<Result<_, Trouble>> = tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => None,
        asked = asked => Some(asked),
    };
    progress.end();
    Ok(match asked {
        None => {
            show::undecided(named.as_str());
            ExitCode::from(EXIT_UNDECIDED)
        }
        Some(Err(trouble)) => tell(&trouble, json),
        Some(Ok((payment, events))) => {
            if !(json && events.is_some()) {
                show::payment(&payment, json);
            }
            if let Some(events) = events {
                show::timeline(&events, json);
            }
            exit_of(&payment)
        }
    })
}

async fn events(client: &Client, payment: &Value) -> Result<Value, Trouble> {
    client.get(&format!("/v1/payments/{}/events", text(payment, "/id")), 0).await
}
