//! `paycode config`: the configuration file alone; `doctor` looks at what it leads to.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use crate::config::Config as Configuration;

/// What to do with the configuration.
#[derive(Subcommand)]
pub(super) enum Config {
    /// Read and check it; what is wrong is named with file and line. 检查配置文件，指出文件和行号。
    Check {
        /// The configuration.
        #[arg(long, default_value = "paycode.toml")]
        config: PathBuf,
    },
}

pub(super) fn run(Config::Check { config }: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let read = Configuration::read(config)?;
    let accounts: Vec<&str> = read.accounts.iter().map(|account| account.name.as_str()).collect();
    if json {
        println!("{}", json!({ "config": config.display().to_string(), "accounts": accounts }));
    } else {
        println!("{}: 没有错误 / nothing is wrong; accounts: {}", config.display(), accounts.join(", "));
        println!("  下一步 / next: paycode doctor --config {}", config.display());
    }
    Ok(ExitCode::SUCCESS)
}
