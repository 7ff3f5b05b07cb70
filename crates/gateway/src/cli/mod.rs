//! The command line: the only place that builds the real world.

mod accounts;
mod client;
mod config;
mod dated;
mod demo;
mod doctor;
mod help;
mod init;
mod migrate;
mod openapi;
mod route;
mod scenarios;
mod serve;
mod simulate;
mod undo;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{FromArgMatches, Parser, Subcommand};

/// paycode: a self-hosted gateway for payment-code payments. 付款码支付网关。
#[derive(Parser)]
#[command(name = "paycode", version = help::VERSION, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON, one object a line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Take a payment and follow it to its end. 收款，直到有结果。
    Pay(client::pay::Pay),
    /// Ask how a payment stands. 查询。
    Query(client::query::Query),
    /// Cancel a payment, and follow that to its end. 取消、撤销。
    Cancel(client::cancel::Cancel),
    /// Refund a part or all of a payment, and follow that to its end. 退款。
    Refund(client::refund::Refund),
    /// List, show and settle what waits for a person. 人工处理单。
    Cases(client::cases::Cases),
    /// Write a first configuration into a folder. 生成初始配置。
    Init {
        /// Where.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
    },
    /// Check the configuration file alone. 检查配置文件。
    #[command(subcommand)]
    Config(config::Config),
    /// Run the gateway. 运行网关。
    Serve {
        /// The configuration; see paycode.example.toml.
        #[arg(long, default_value = "paycode.toml")]
        config: PathBuf,
    },
    /// Run gateway and simulator together, with everything made up. 一键演示。
    Demo {
        /// Where the API listens.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Where the simulator's control address listens.
        #[arg(long, default_value = "127.0.0.1:8081")]
        simulator: SocketAddr,
        /// Where everything is kept; the same folder goes on where it was.
        #[arg(long, default_value = "demo-data")]
        data: PathBuf,
    },
    /// Run the simulator of the channels alone. 只运行渠道模拟器。
    Simulate {
        /// Where the channels listen, with TLS.
        #[arg(long, default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
        /// Where the control address listens.
        #[arg(long, default_value = "127.0.0.1:8081")]
        control: SocketAddr,
        /// Where its ledger and keys are kept.
        #[arg(long, default_value = "simulator-data")]
        data: PathBuf,
        /// Write numbers, keys and certificates as JSON, PEM and .p12 into this folder, with a configuration for a gateway.
        #[arg(long, value_name = "DIR")]
        export: Option<PathBuf>,
    },
    /// List the simulator's scenarios and their codes. 列出模拟场景。
    Scenarios {
        /// Play every scenario over every channel, against the real gateway; about a minute. 逐一演练并核对。
        #[arg(long)]
        check: bool,
    },
    /// Print the contract of the API, OpenAPI 3.1. 打印接口规范。
    Openapi,
    /// Say where codes go, and why. 付款码走哪个账户，为什么。
    #[command(subcommand)]
    Route(route::Route),
    /// Bring the database to this version, or say where it stands. 升级数据库。
    Migrate {
        /// The configuration.
        #[arg(long, default_value = "paycode.toml")]
        config: PathBuf,
        /// Only say where it stands.
        #[arg(long)]
        status: bool,
    },
    /// Check configuration, store, keys, certificates, clock and channels, and say what to do. 体检。
    Doctor {
        /// The configuration.
        #[arg(long, default_value = "paycode.toml")]
        config: PathBuf,
    },
    /// Print the completions of a shell. 命令补全。
    Completions {
        /// Which shell.
        #[arg(value_parser = ["bash", "zsh", "fish"])]
        shell: String,
    },
    /// Print a manual page. 手册页。
    Man {
        /// Of which command; of paycode itself where none is named.
        command: Option<String>,
    },
}

/// How a command ended: API §1's exit codes.
pub(crate) const EXIT_ERROR: u8 = 1;
/// An option or a value that cannot be meant.
pub(crate) const EXIT_USAGE: u8 = 2;
/// The payment ended without money.
pub(crate) const EXIT_NOT_PAID: u8 = 3;
/// The payment is not decided, or nobody knows.
pub(crate) const EXIT_UNDECIDED: u8 = 4;
/// Something that has to work does not.
pub(crate) const EXIT_UNAVAILABLE: u8 = 5;
/// A person decides.
pub(crate) const EXIT_SUSPENDED: u8 = 6;

/// A command that was used wrongly: an option or a value that cannot be meant.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

impl Usage {
    fn because(why: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Usage(why.into()))
    }
}

/// Parses the arguments and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = Arguments::from_arg_matches(&help::command().get_matches());
    let arguments = parsed.unwrap_or_else(|error| error.exit());
    let json = arguments.json;
    // What a command prints is its answer; only what runs on tells how it goes.
    let running =
        matches!(arguments.command, Command::Serve { .. } | Command::Demo { .. } | Command::Simulate { .. });
    log_to_stderr(json, if running { "info" } else { "warn" });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::anyhow!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(run(arguments.command, json)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Pay(pay) => client::pay::run(pay, json).await,
        Command::Query(query) => client::query::run(query, json).await,
        Command::Cancel(cancel) => client::cancel::run(cancel, json).await,
        Command::Refund(refund) => client::refund::run(refund, json).await,
        Command::Cases(cases) => client::cases::run(cases, json).await,
        Command::Init { dir } => init::run(&dir, json),
        Command::Config(config) => config::run(&config, json),
        Command::Serve { config } => serve::run(&config, json).await,
        Command::Demo { listen, simulator, data } => {
            demo::run(demo::Demo { listen, simulator, data, json }).await
        }
        Command::Simulate { listen, control, data, export } => {
            simulate::run(simulate::Simulate { listen, control, data, export, json }).await
        }
        Command::Scenarios { check } => scenarios::run(check, json).await,
        Command::Route(route) => route::run(&route, json),
        Command::Openapi => openapi::run(),
        Command::Migrate { config, status } => migrate::run(&config, status, json),
        Command::Doctor { config } => doctor::run(&config, json).await,
        Command::Completions { shell } => help::completions(&shell),
        Command::Man { command } => help::man(command.as_deref()),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("paycode: {error:#}");
    ExitCode::from(if error.is::<Usage>() { EXIT_USAGE } else { EXIT_ERROR })
}

/// Logs go to stderr: text on a terminal, JSON otherwise. `PAYCODE_LOG` chooses what, as in `info,gateway=debug`.
fn log_to_stderr(json: bool, level: &str) {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("PAYCODE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let terminal = std::io::stderr().is_terminal();
    if json || !terminal {
        builder.json().init();
    } else {
        builder.with_target(false).init();
    }
}
