//! `paycode pay`, `query`, `cancel`, `refund`, `cases`: a till on the command line. Clients of a running gateway's API and of nothing
//! else, so that whatever they show another client could have shown.

pub(super) mod cancel;
pub(super) mod cases;
pub(super) mod code;
mod follow;
mod http;
pub(super) mod pay;
mod progress;
pub(super) mod query;
pub(super) mod refund;
pub(super) mod show;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;

use crate::clock::Clock;

use super::{EXIT_ERROR, EXIT_NOT_PAID, EXIT_SUSPENDED, EXIT_UNAVAILABLE, EXIT_UNDECIDED, Usage};
use http::{Client, Trouble};

/// Which gateway, and with which key.
#[derive(clap::Args)]
pub(super) struct Gateway {
    /// The gateway's API. 网关地址。
    #[arg(
        long,
        global = true,
        env = "PAYCODE_API",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL",
        hide_env_values = true
    )]
    api: String,
    /// A file that holds the API key; otherwise PAYCODE_KEY in the environment. 密钥文件，或用环境变量 PAYCODE_KEY。
    #[arg(long, global = true, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Whom to trust instead of the public roots, PEM. 自定义信任根。
    #[arg(long, global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Refused with the reason.
    #[arg(long, global = true, hide = true, value_name = "KEY")]
    key: Option<String>,
}

impl Gateway {
    fn client(&self, clock: &Arc<dyn Clock>) -> anyhow::Result<Client> {
        if self.key.is_some() {
            return Err(Usage::because(
                "参数里的密钥会出现在进程列表和命令历史中 / a key among the arguments shows in the process list and in the shell's \
                 history: put it into PAYCODE_KEY or into a file for --key-file",
            ));
        }
        let key = match (&self.key_file, std::env::var("PAYCODE_KEY")) {
            (Some(path), _) => std::fs::read_to_string(path)
                .map_err(|error| Usage::because(format!("--key-file {}: {error}", path.display())))?,
            (None, Ok(key)) if !key.trim().is_empty() => key,
            (None, Ok(_) | Err(_)) => {
                return Err(Usage::because(
                    "没有密钥 / no key: set PAYCODE_KEY, or name a file with --key-file; `paycode serve` prints the keys at its first \
                     start",
                ));
            }
        };
        Client::new(&self.api, self.ca.as_deref(), &key, Arc::clone(clock))
    }
}

/// What names a payment on the command line: its id, or the order number of its sale.
enum Named {
    Id(String),
    Order(String),
}

impl Named {
    fn parse(text: &str) -> Result<Named, anyhow::Error> {
        if payment::ids::PaymentId::parse(text).is_ok() {
            return Ok(Named::Id(text.to_owned()));
        }
        match payment::ids::OrderNo::parse(text) {
            Ok(_) => Ok(Named::Order(text.to_owned())),
            Err(error) => Err(Usage::because(error.to_string())),
        }
    }

    /// The path of the payment; `tail` is what comes behind it.
    fn path(&self, tail: &str) -> String {
        match self {
            Named::Id(id) => format!("/v1/payments/{id}{tail}"),
            Named::Order(order_no) => format!("/v1/payments/by-order/{order_no}{tail}"),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Named::Id(text) | Named::Order(text) => text,
        }
    }
}

/// A client of a gateway that this process runs itself; troubles are told as text.
pub(super) struct Gate(Client);

impl Gate {
    pub(super) fn new(api: &str, key: &str, clock: Arc<dyn Clock>) -> anyhow::Result<Gate> {
        Ok(Gate(Client::new(api, None, key, clock)?))
    }

    pub(super) async fn get(&self, path: &str, wait_ms: i64) -> Result<Value, String> {
        self.0.get(path, wait_ms).await.map_err(|trouble| follow::said(&trouble))
    }

    pub(super) async fn post(&self, path: &str, body: &Value, wait_ms: i64) -> Result<Value, String> {
        self.0.post(path, body, wait_ms).await.map_err(|trouble| follow::said(&trouble))
    }
}

/// A text inside an answer, empty where there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// How a command ends that has shown this payment.
fn exit_of(payment: &Value) -> ExitCode {
    ExitCode::from(match text(payment, "/status") {
        "paid" => return ExitCode::SUCCESS,
        "failed" | "reversed" => EXIT_NOT_PAID,
        "processing" => EXIT_UNDECIDED,
        "suspended" => EXIT_SUSPENDED,
        _ => EXIT_ERROR,
    })
}

/// Tells what stood in the way of a question that changes nothing, and how the command ends.
fn tell(trouble: &Trouble, json: bool) -> ExitCode {
    match trouble {
        Trouble::Refused(refusal) => {
            show::refusal(refusal, json);
            ExitCode::from(refusal.exit())
        }
        Trouble::NotSent(why) | Trouble::Unanswered(why) => {
            eprintln!("paycode: 网关没有应答 / the gateway does not answer: {why}");
            eprintln!(
                "  下一步 / next: 检查 --api (PAYCODE_API) 与网关是否在运行 / check --api and whether the gateway runs"
            );
            ExitCode::from(EXIT_UNAVAILABLE)
        }
    }
}
