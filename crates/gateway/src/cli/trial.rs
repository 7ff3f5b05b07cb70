//! `paycode trial ACCOUNT`: the first real money over a new account, one fen at a time, with every message kept.
//!
//! It is the gateway itself with this account alone and a database of its own: what stays undecided is reversed by itself, and
//! a trial that was cut goes on where it was.

mod mask;
mod record;
mod steps;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;

use crate::config::{AccountConfig, Config};
use crate::lifecycle;
use crate::store::sqlite::SqliteStore;

use super::client::show::shanghai;
use super::{EXIT_ERROR, Usage, world};
use record::{Recorded, Report};
use steps::{Ended, Trial};

/// Options of `paycode trial`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The account, by its name in the configuration.
    account: String,
    /// The configuration.
    #[arg(long, default_value = "paycode.toml")]
    config: PathBuf,
    /// Where its database and its report are kept; a trial that was cut is ended by another one with the same folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments, json: bool) -> anyhow::Result<ExitCode> {
    let stop = lifecycle::stop_on_signal()?;
    let folder =
        arguments.data.clone().unwrap_or_else(|| PathBuf::from(format!("trial-{}", arguments.account)));
    let config = alone(&arguments, &folder)?;
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let clock = world::clock();
    let path = folder.join(format!("report-{}.md", shanghai(clock.now()).strftime("%Y%m%d-%H%M%S")));
    let report = Arc::new(Report::create(&path).with_context(|| path.display().to_string())?);
    let store = config.store.path.clone();
    let store = tokio::task::spawn_blocking(move || SqliteStore::open(&store)).await??;
    let kept = Arc::clone(&report);
    let world = world::build_over(&config, clock, Arc::new(store), |inner| {
        Arc::new(Recorded { inner, report: kept })
    })
    .await?;
    let account = config.accounts.first().context("one account")?;
    head(&report, account);
    let trial = Trial { app: Arc::clone(&world.app), merchant: world.merchant, report, json, stop };
    let sweep = tokio::spawn(Arc::clone(&world.app.engine).sweep());
    let ended = trial.run(account).await;
    let engine = &world.app.engine;
    engine.stop(engine.now().plus_ms(STOP_MS)).await;
    sweep.abort();
    let code = match &ended {
        Ok(Ended::AsExpected) => ExitCode::SUCCESS,
        Ok(Ended::Surprised(code)) => ExitCode::from(*code),
        Err(_) => ExitCode::from(EXIT_ERROR),
    };
    eprintln!("报告 (已打码, 可发回) / the report, masked, to send back: {}", path.display());
    ended.map(|_| code)
}

/// How long calls that are out are waited for at the end.
const STOP_MS: i64 = 30_000;

/// The configuration with this account alone, a database of its own and order numbers that no sale has.
fn alone(arguments: &Arguments, folder: &Path) -> anyhow::Result<Config> {
    let mut config = Config::read(&arguments.config)?;
    let names: Vec<String> = config.accounts.iter().map(|account| account.name.clone()).collect();
    config.accounts.retain(|account| account.name == arguments.account);
    if config.accounts.is_empty() {
        let why = format!("{:?} is no account; there are {}", arguments.account, names.join(", "));
        return Err(Usage::because(why));
    }
    config.routes.clear();
    config.store.path = folder.join("trial.db");
    config.merchant.code = "trial".to_owned();
    Ok(config)
}

fn head(report: &Report, account: &AccountConfig) {
    let numbers = [
        &account.appid,
        &account.mch_id,
        &account.mchid,
        &account.sub_mch_id,
        &account.sub_mchid,
        &account.sub_appid,
        &account.channel_id,
        &account.app_id,
        &account.seller_id,
        &account.provider_id,
        &account.smid,
        &account.acq_code,
        &account.merch_code,
        &account.mer_id,
    ];
    // Some stand inside of other numbers, such as ICBC's order_id, or where a channel names its merchant by a path.
    for number in numbers.into_iter().flatten() {
        report.hide(number);
    }
    report.add(&format!(
        "# 首次联调 / trial: {} ({})\n\npaycode {}\n\n编号与签名已打码; 金额以分计. Numbers and signatures are masked; amounts \
         are fen.\n",
        account.name,
        account.channel_word,
        super::help::VERSION,
    ));
}
