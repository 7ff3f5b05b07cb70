//! `paycode cases`: what waits for a person, and what a person says about it.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use payment::ids::parse_id;
use payment::time::SECOND_MS;
use serde_json::{Value, json};

use super::super::{Usage, world};
use super::http::{Client, Trouble};
use super::{Gateway, show, tell, text};

/// Settling asks the channel first.
const SETTLE_MS: i64 = 20 * SECOND_MS;

/// Options of `paycode cases`.
#[derive(clap::Args)]
pub(in crate::cli) struct Cases {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    gateway: Gateway,
}

#[derive(Subcommand)]
enum What {
    /// Those that are open; --all for the closed ones too. 列出待处理的单。
    List {
        /// The closed ones too. 包括已关闭的。
        #[arg(long)]
        all: bool,
    },
    /// One case with its payment and its timeline. 查看一单及其时间线。
    Show {
        /// Its id (case_…). 处理单号。
        case: String,
    },
    /// Settle a case, with a key that has the scope settle. 核定（需要 settle 权限的密钥）。
    Settle(Settle),
}

#[derive(clap::Args)]
struct Settle {
    /// Its id (case_…). 处理单号。
    case: String,
    /// How it is settled. 核定结果。
    #[arg(long, value_enum)]
    outcome: Outcome,
    /// What it rests on. 依据。
    #[arg(long, value_name = "TEXT")]
    evidence: String,
    /// Who says so. 核定人。
    #[arg(long, value_name = "NAME")]
    operator: String,
    /// Set the channel's answer aside. 与渠道结果矛盾时仍坚持。
    #[arg(long = "override", requires = "reason")]
    overrides: bool,
    /// Why it is set aside. 坚持的理由。
    #[arg(long, value_name = "TEXT", requires = "overrides")]
    reason: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Outcome {
    Paid,
    Failed,
    Reversed,
    Refunded,
}

pub(in crate::cli) async fn run(cases: Cases, json: bool) -> anyhow::Result<ExitCode> {
    let client = cases.gateway.client(&world::clock())?;
    let done = match cases.what {
        None => list(&client, false, json).await,
        Some(What::List { all }) => list(&client, all, json).await,
        Some(What::Show { case }) => one(&client, checked(&case)?, json).await,
        Some(What::Settle(settle)) => {
            checked(&settle.case)?;
            self::settle(&client, &settle, json).await
        }
    };
    Ok(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => tell(&trouble, json),
    })
}

fn checked(case: &str) -> anyhow::Result<&str> {
    match parse_id(case, "case_") {
        Some(_) => Ok(case),
        None => Err(Usage::because(format!("{case:?} 不是处理单号 / is no case: case_ and 26 characters"))),
    }
}

async fn list(client: &Client, all: bool, json: bool) -> Result<(), Trouble> {
    let filter = if all { "" } else { "&status=open" };
    let mut cases = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/v1/cases?limit=200{filter}{cursor}"), 0).await?;
        cases.extend(page["data"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(next) if page["has_more"] == true => cursor = format!("&starting_after={next}"),
            Some(_) | None => break,
        }
    }
    show::cases(&cases, json);
    Ok(())
}

async fn one(client: &Client, case: &str, json: bool) -> Result<(), Trouble> {
    let case = client.get(&format!("/v1/cases/{case}"), 0).await?;
    if json {
        println!("{case}");
        return Ok(());
    }
    let path = format!("/v1/payments/{}", text(&case, "/payment"));
    let payment: Value = client.get(&path, 0).await?;
    let events = client.get(&format!("{path}/events"), 0).await?;
    show::case(&case, false);
    show::payment(&payment, false);
    show::timeline(&events, false);
    Ok(())
}

async fn settle(client: &Client, settle: &Settle, json: bool) -> Result<(), Trouble> {
    let outcome = match settle.outcome {
        Outcome::Paid => "paid",
        Outcome::Failed => "failed",
        Outcome::Reversed => "reversed",
        Outcome::Refunded => "refunded",
    };
    let mut body = json!({
        "outcome": outcome,
        "evidence": settle.evidence,
        "operator": settle.operator,
        "override": settle.overrides,
    });
    if let Some(reason) = &settle.reason {
        body["reason"] = json!(reason);
    }
    let settled = client.post(&format!("/v1/cases/{}/settle", settle.case), &body, SETTLE_MS).await?;
    show::case(&settled, json);
    Ok(())
}
