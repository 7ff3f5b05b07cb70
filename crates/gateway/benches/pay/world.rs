//! The world of a measurement: simulator, gateway and both clients, each a process, in a folder of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use gateway::clock::SystemEntropy;
use gateway::sandbox::material;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http;
use crate::processes::{Client, Fsyncs, Running};

pub(crate) struct World {
    // Closed in this order: who asks before who answers.
    pub(crate) till: Client,
    pub(crate) bare: Client,
    pub(crate) gateway: Running,
    pub(crate) fsyncs: Fsyncs,
    api: String,
    pub(crate) simulator: Running,
    control: String,
    folder: Folder,
}

/// What the gateway's store has written so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Writing verbs.
    pub(crate) commits: u64,
    /// The transactions that they shared.
    pub(crate) transactions: u64,
}

/// One number of the simulator's ledger.
#[derive(Deserialize)]
pub(crate) struct LedgerLine {
    pub(crate) out_trade_no: String,
    pub(crate) charged: i64,
    pub(crate) returned: i64,
}

impl World {
    pub(crate) fn start() -> anyhow::Result<World> {
        let folder = Folder::new()?;
        let data = folder.0.join("simulator");
        let mut simulate = paycode();
        simulate.args([
            "simulate",
            "--listen",
            "127.0.0.1:0",
            "--control",
            "127.0.0.1:0",
            "--json",
            "--data",
        ]);
        let mut simulator = Running::start(simulate.arg(&data), &folder.0.join("simulator.log"))?;
        let said = simulator.said_until("channels")?;
        let channels = text(&said, "channels")?.trim_start_matches("https://").to_owned();
        let control = text(&said, "control")?.trim_start_matches("http://").to_owned();

        let config = folder.0.join("paycode.toml");
        fs::write(&config, configuration(&data, &channels)?)?;
        let mut serve = paycode();
        let fsyncs = Fsyncs::preload(&folder.0, &mut serve)?;
        serve.args(["serve", "--json", "--config"]).arg(&config);
        let mut gateway = Running::start(&mut serve, &folder.0.join("gateway.log"))?;
        let said = gateway.said_until("api")?;
        let api = text(&said, "api")?.trim_start_matches("http://").to_owned();
        let key = text(&said, "api_key")?;
        ensure!(fsyncs.count()? > 0, "the shim counts nothing: is the gateway linked dynamically?");
        until_ready(&api)?;

        let log = folder.0.join("clients.log");
        let till = Client::start(&["gateway", &api, key], &log)?;
        let data = data.to_str().context("a folder whose name is text")?;
        let bare = Client::start(&["channel", &channels, data], &log)?;
        Ok(World { till, bare, gateway, fsyncs, api, simulator, control, folder })
    }

    /// Where the gateway's file lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// The writer's counters, from `GET /metrics`.
    pub(crate) fn written(&self) -> anyhow::Result<Written> {
        let page = get(&self.api, "/metrics")?;
        let counter = |name: &str| -> anyhow::Result<u64> {
            let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            Ok(line.with_context(|| format!("GET /metrics has no {name}"))?.trim().parse()?)
        };
        Ok(Written {
            commits: counter("paycode_store_commits_total")?,
            transactions: counter("paycode_store_transactions_total")?,
        })
    }

    /// Whether the channels charged exactly what the clients were told is paid, each number once.
    pub(crate) fn audit(&self, paid: &BTreeMap<String, i64>) -> anyhow::Result<()> {
        let ledger: Vec<LedgerLine> = serde_json::from_str(&get(&self.control, "/_simulator/ledger")?)?;
        ensure!(ledger.len() == paid.len(), "{} numbers in the ledger, {} paid", ledger.len(), paid.len());
        for LedgerLine { out_trade_no, charged, returned } in &ledger {
            let expected = paid.get(out_trade_no);
            ensure!(
                expected == Some(charged) && *returned == 0,
                "{out_trade_no}: charged {charged}, returned {returned}, told {expected:?}"
            );
        }
        Ok(())
    }
}

fn paycode() -> Command {
    Command::new(env!("CARGO_BIN_EXE_paycode"))
}

fn text<'a>(said: &'a Map<String, Value>, name: &str) -> anyhow::Result<&'a str> {
    said.get(name).and_then(Value::as_str).with_context(|| format!("nothing was said of {name}"))
}

fn get(address: &str, target: &str) -> anyhow::Result<String> {
    let answer = http::exchange(address, &http::request("GET", target, &[], b""))?;
    ensure!(answer.status == 200, "GET {target}: {}", answer.head);
    Ok(String::from_utf8(answer.body)?)
}

/// Both accounts are probed before they take payments.
fn until_ready(api: &str) -> anyhow::Result<()> {
    const TRIES_MAX: u32 = 500;
    let mut said = serde_json::Value::Null;
    for _ in 0..TRIES_MAX {
        let ready = http::exchange(api, &http::request("GET", "/readyz", &[], b""))?;
        if ready.status == 200 {
            return Ok(());
        }
        said = ready.json();
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    bail!("the gateway is not ready: {said}")
}

/// A configuration as an operator writes it.
fn configuration(data: &Path, channels: &str) -> anyhow::Result<String> {
    let made = material::open(data, &SystemEntropy)?;
    let accounts = data.join("accounts");
    let at = |name: &str| accounts.join(name).display().to_string();
    let common = format!("hosts = [\"https://{channels}\"]\nca = \"{}\"\nnamespace = \"BNCH\"", at("ca.pem"));
    Ok(format!(
        r#"
[server]
listen = "127.0.0.1:0"
[store]
path = "paycode.db"
[[accounts]]
name = "wechat"
channel = "wechat_v2"
{common}
appid = "{appid}"
mch_id = "{mch_id}"
api_key = {{ file = "{api_key}" }}
client_cert = "{cert}"
client_key = {{ file = "{key}" }}
[[accounts]]
name = "alipay"
channel = "alipay"
{common}
app_id = "{app_id}"
seller_id = "{seller_id}"
app_private_key = {{ file = "{private}" }}
alipay_public_key = {{ file = "{public}" }}
"#,
        appid = made.wechat.appid,
        mch_id = made.wechat.mch_id,
        api_key = at("wechat-api-key.txt"),
        cert = at("apiclient_cert.pem"),
        key = at("apiclient_key.pem"),
        app_id = made.alipay.app_id,
        seller_id = made.alipay.seller_id,
        private = at("alipay-app-private.pem"),
        public = at("alipay-public.pem"),
    ))
}

/// A folder beside the build; it goes when all was well, and stays to be looked at when it was not.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Folder> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-pay-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }
}

impl World {
    /// Ends all processes and removes what they left.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        let path = self.folder.0.clone();
        drop(self);
        Ok(fs::remove_dir_all(path)?)
    }
}
