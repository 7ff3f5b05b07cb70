//! The command line: the only place that builds the real world.

mod demo;
mod doctor;
mod migrate;
mod openapi;
mod scenarios;
mod serve;
mod simulate;
mod undo;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// paycode: a self-hosted gateway for payment-code payments. 付款码支付网关。
#[derive(Parser)]
#[command(name = "paycode", version, about, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON, one object a line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
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
    },
    /// List the simulator's scenarios and their codes. 列出模拟场景。
    Scenarios,
    /// Print the contract of the API, OpenAPI 3.1. 打印接口规范。
    Openapi,
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
}

/// How a command ended: API §1's exit codes.
pub(crate) const EXIT_ERROR: u8 = 1;
/// Something that has to work does not.
pub(crate) const EXIT_UNAVAILABLE: u8 = 5;

/// Parses the arguments and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.json;
    log_to_stderr(json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::anyhow!("the runtime cannot start: {error}")),
    };
    let result = match arguments.command {
        Command::Serve { config } => runtime.block_on(serve::run(&config, json)),
        Command::Demo { listen, simulator, data } => {
            runtime.block_on(demo::run(demo::Demo { listen, simulator, data, json }))
        }
        Command::Simulate { listen, control, data } => {
            runtime.block_on(simulate::run(simulate::Simulate { listen, control, data, json }))
        }
        Command::Scenarios => scenarios::run(json),
        Command::Openapi => openapi::run(),
        Command::Migrate { config, status } => migrate::run(&config, status, json),
        Command::Doctor { config } => runtime.block_on(doctor::run(&config, json)),
    };
    match result {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("paycode: {error:#}");
    ExitCode::from(EXIT_ERROR)
}

/// Logs go to stderr: text on a terminal, JSON otherwise. `PAYCODE_LOG` chooses what, as in `info,gateway=debug`.
fn log_to_stderr(json: bool) {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("PAYCODE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let terminal = std::io::stderr().is_terminal();
    if json || !terminal {
        builder.json().init();
    } else {
        builder.with_target(false).init();
    }
}
