//! `paycode route`: where a code goes by the configuration alone; nothing is asked and nothing spent.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use payment::auth_code::{AuthCode, Wallet};
use payment::ids::MerchantCode;
use serde_json::json;

use crate::app::Chosen;
use crate::config::{AccountConfig, Config};

use super::{EXIT_UNAVAILABLE, Usage, world};

/// What to do with the routes.
#[derive(Subcommand)]
pub(super) enum Route {
    /// Which accounts take this code, in which order, and which rule says so. 解释一个付款码的去向。
    Explain {
        /// A payment code, or digits like one: only its beginning and its length count.
        code: String,
        /// The configuration.
        #[arg(long, default_value = "paycode.toml")]
        config: PathBuf,
    },
}

pub(super) fn run(Route::Explain { code, config }: &Route, json: bool) -> anyhow::Result<ExitCode> {
    let code = AuthCode::parse(code).map_err(|unknown| Usage::because(unknown.to_string()))?;
    let config = Config::read(config)?;
    let merchant = MerchantCode::parse(&config.merchant.code)?;
    let routing = world::routing(&config)?;
    let Chosen { rule, accounts } = routing.choose(&merchant, &code);
    let accounts: Vec<&AccountConfig> = accounts
        .into_iter()
        .filter_map(|name| config.accounts.iter().find(|account| account.name == name))
        .collect();
    if json {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|account| json!({ "account": account.name, "channel": account.channel_word }))
            .collect();
        let rule = rule.map(|place| format!("routes[{place}]"));
        println!(
            "{}",
            json!({ "code": code.masked(), "wallet": code.wallet().word(), "rule": rule, "accounts": accounts })
        );
    } else {
        show(&code, rule.and_then(|place| Some((place, config.routes.get(place)?))), &accounts);
    }
    Ok(if accounts.is_empty() { ExitCode::from(EXIT_UNAVAILABLE) } else { ExitCode::SUCCESS })
}

fn show(code: &AuthCode, rule: Option<(usize, &crate::config::RouteConfig)>, accounts: &[&AccountConfig]) {
    let masked = code.masked();
    let wallet = match code.wallet() {
        Wallet::Wechat => "微信支付 / WeChat Pay",
        Wallet::Alipay => "支付宝 / Alipay",
        Wallet::UnionPay => "云闪付 / UnionPay",
    };
    println!("{masked}  {} 位 / characters  {wallet}", masked.len());
    match rule {
        Some((place, rule)) => {
            println!("规则 / by routes[{place}]: prefix = \"{}\"{}", rule.prefix, lengths(&rule.lengths))
        }
        None => println!("没有规则提到它, 按账户顺序 / no route is about it: the accounts' own order"),
    }
    for (place, account) in (1..).zip(accounts) {
        let role = if place == 1 {
            "首选 / first"
        } else {
            "备用: 前面的停止收款, 或完全没有连上时 / when those before it take nothing, or were never reached"
        };
        println!("  {place}. {:<16} {:<10} {role}", account.name, account.channel_word);
    }
    if accounts.is_empty() {
        println!("  没有账户收这种码; 请在配置中添加 / no account takes it: add one to the configuration");
    }
}

fn lengths(lengths: &[usize]) -> String {
    if lengths.is_empty() { String::new() } else { format!(", lengths = {lengths:?}") }
}
