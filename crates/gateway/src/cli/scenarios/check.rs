//! `paycode scenarios --check`: every channel plays every scenario against the real gateway, over real sockets, on a clock
//! that runs faster than the wall's.
//!
//! One gateway for each account of the simulator, so that every code goes to the channel that is checked.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use payment::auth_code::Wallet;
use payment::time::{SECOND_MS, Time};
use serde_json::{Value, json};
use simulator::scenario::{self, Scenario};
use simulator::wallet;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::{hash_key, new_key};
use crate::clock::{Clock, FastClock, SystemEntropy, WallClock};
use crate::config::{AccountConfig, Config, Merchant, Server, StoreConfig};
use crate::sandbox::export::{CONFIGURATION, export};
use crate::sandbox::material::{self, Material, Place};
use crate::sandbox::{Sandbox, serve_channels};
use crate::store::KeyRow;
use crate::transport::tls;
use crate::{console, lifecycle};

use super::super::client::{Gate, text};
use super::super::demo::until_open;
use super::super::{EXIT_ERROR, world};

/// How much faster than the wall's the clock runs: 130 s of payments in a minute.
const SPEED: i64 = 2;
/// What every sale costs, fen.
const AMOUNT: i64 = 1_000;
/// Within this a payment is decided, and what was charged after a decline is given back (API §2), ms of the fast clock.
const DECIDED_MS: i64 = 130 * SECOND_MS;
const AFTERWARDS_MS: i64 = 100 * SECOND_MS;

/// Plays everything and shows every cell.
pub(super) async fn run(json: bool) -> anyhow::Result<ExitCode> {
    let folder = Folder::new()?;
    let clock: Arc<dyn Clock> = Arc::new(FastClock::over(WallClock::start(), SPEED));
    let (stop, stopped) = watch::channel(false);
    let made = material::open(&folder.0, &SystemEntropy)?;
    let sandbox = Sandbox::open(&folder.0, made.settings()?, made.seed, Arc::clone(&clock))?;
    let sandbox = Arc::new(sandbox);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let base_url = format!("https://{}", listener.local_addr()?);
    let acceptor = tls::acceptor(&made.server(), Some(&made.ca_pem))?;
    let mut ends = stopped.clone();
    let channels = serve_channels(Arc::clone(&sandbox), listener, acceptor, async move {
        let _told = ends.wait_for(|stop| *stop).await;
    });
    tokio::spawn(channels);
    let mut checks = tokio::task::JoinSet::new();
    for (place, account) in (0..).zip(accounts(&made, &folder.0, &base_url)?) {
        let (clock, sandbox) = (Arc::clone(&clock), Arc::clone(&sandbox));
        checks.spawn(channel((place, account), folder.0.clone(), clock, sandbox, stopped.clone()));
    }
    let mut cells = Vec::new();
    while let Some(checked) = checks.join_next().await {
        cells.extend(checked??);
    }
    stop.send_replace(true);
    cells.sort_by_key(|cell| (text(cell, "/account").to_owned(), text(cell, "/scenario").to_owned()));
    Ok(show(&cells, json))
}

/// The accounts that the simulator hands out, each in the configuration that it writes for them.
fn accounts(made: &Material, folder: &Path, base_url: &str) -> anyhow::Result<Vec<AccountConfig>> {
    let folder = folder.join("accounts");
    export(made, &folder, &Place { base_url, namespace: "CHEK" })?;
    Ok(Config::read(&folder.join(CONFIGURATION))?.accounts)
}

/// A folder of its own, removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Folder> {
        let path = std::env::temp_dir().join(format!("paycode-check-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for temporary files, and does no harm.
        let _left = std::fs::remove_dir_all(&self.0);
    }
}

/// One gateway with one account plays every scenario at once.
async fn channel(
    (place, account): (u64, AccountConfig),
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    sandbox: Arc<Sandbox>,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<Vec<Value>> {
    let channel = account.channel()?;
    let wallet = channel.wallets().first().copied().context("a channel without a wallet")?;
    let name = account.name.clone();
    let config = Config {
        server: Server { listen: ([127, 0, 0, 1], 0).into(), insecure: false, tls_cert: None, tls_key: None },
        store: StoreConfig { path: folder.join(format!("{name}.db")) },
        // The order number at the channel is derived from it: accounts of one channel must not share numbers.
        merchant: Merchant { code: name.clone() },
        console: crate::config::ConsoleConfig::default(),
        accounts: vec![account],
        routes: Vec::new(),
    };
    let world = world::build(&config, Arc::clone(&clock)).await?;
    let key = new_key(&SystemEntropy);
    let row = KeyRow {
        hash: hash_key(&key),
        merchant: world.merchant.clone(),
        scopes: vec!["pay".to_owned()],
        name: "check".to_owned(),
    };
    world.store.add_key(row).await?;
    let listener = TcpListener::bind(config.server.listen).await?;
    let api = format!("http://{}", listener.local_addr()?);
    let pages = console::Settings { hand_entry: false, walk_in: None, secure: false };
    let app = Arc::clone(&world.app);
    tokio::spawn(lifecycle::run(world.app, pages, listener, None, stop.clone()));
    until_open(&app, &stop).await;
    let gate = Arc::new(Gate::new(&api, &key, Arc::clone(&clock))?);
    let mut sales = tokio::task::JoinSet::new();
    for scenario in scenario::all().iter().filter(|scenario| scenario.is_played()) {
        let (gate, clock, sandbox) = (Arc::clone(&gate), Arc::clone(&clock), Arc::clone(&sandbox));
        let word = channel.word().to_owned();
        let sale =
            Sale { channel: word, account: name.clone(), code: code(scenario, wallet, place), scenario };
        sales.spawn(play(sale, gate, clock, sandbox));
    }
    let mut cells = Vec::new();
    while let Some(played) = sales.join_next().await {
        cells.push(played?);
    }
    Ok(cells)
}

fn code(scenario: &Scenario, wallet: Wallet, place: u64) -> String {
    let known = wallet::all().iter().find(|known| known.name == wallet.word());
    let (prefix, length) = known.map_or(("62", 19), |wallet| (wallet.prefix, wallet.length));
    // The tail keeps the codes of one wallet apart that several accounts take; a code is spent once.
    let tail = (u64::from(std::process::id()) * 10 + place) * 1_000 + u64::from(scenario.number);
    scenario.code(prefix, length, tail)
}

struct Sale {
    channel: String,
    account: String,
    code: String,
    scenario: &'static Scenario,
}

/// One sale to its end, and the ledger a while after it.
async fn play(sale: Sale, gate: Arc<Gate>, clock: Arc<dyn Clock>, sandbox: Arc<Sandbox>) -> Value {
    let Sale { channel, account, code, scenario } = sale;
    let number = format!("{:03}", scenario.number);
    let opened = clock.now();
    let ended = pay(&gate, clock.as_ref(), &format!("check-{account}-{number}"), &code).await;
    clock.sleep_until(opened.plus_ms(AFTERWARDS_MS)).await;
    let (status, order) = match &ended {
        Ok(payment) => (text(payment, "/status").to_owned(), text(payment, "/channel_order_no").to_owned()),
        Err(why) => (why.clone(), String::new()),
    };
    let lines = sandbox.ledger(Some(&order)).unwrap_or_default();
    let charged: i64 = lines.iter().map(|line| line.charged).sum();
    let returned: i64 = lines.iter().map(|line| line.returned).sum();
    let right = |expected: Option<i64>, is: i64| expected.is_none_or(|expected| expected == is);
    let ok = status == scenario.status
        && right(scenario.charged(AMOUNT), charged)
        && right(scenario.net(AMOUNT), charged - returned);
    json!({
        "channel": channel,
        "account": account,
        "scenario": number,
        "amount": AMOUNT,
        "expected": scenario.status,
        "status": status,
        "ledger": { "charged": charged, "returned": returned },
        "ok": ok,
    })
}

/// Follows the payment until it is decided; an error is what stood in the way.
async fn pay(gate: &Gate, clock: &dyn Clock, order_no: &str, code: &str) -> Result<Value, String> {
    let until: Time = clock.now().plus_ms(DECIDED_MS);
    let sale = json!({ "order_no": order_no, "amount": AMOUNT, "auth_code": code, "wait_seconds": 20 });
    let mut payment = gate.post("/v1/payments", &sale, 20 * SECOND_MS).await?;
    while text(&payment, "/status") == "processing" && clock.now() < until {
        let path = format!("/v1/payments/{}?wait=20", text(&payment, "/id"));
        payment = gate.get(&path, 20 * SECOND_MS).await?;
    }
    Ok(payment)
}

fn show(cells: &[Value], json: bool) -> ExitCode {
    let wrong = cells.iter().filter(|cell| cell["ok"] != true).count();
    for cell in cells {
        if json {
            println!("{cell}");
            continue;
        }
        let sums = |name: &str| cell["ledger"][name].as_i64().unwrap_or_default();
        let (mark, expected) =
            if cell["ok"] == true { ("对 / ok   ", "") } else { ("错 / WRONG", text(cell, "/expected")) };
        println!(
            "{mark}  {:<13} {}  {:<10} 扣款 / charged {:>5}  退回 / returned {:>5}  {expected}",
            text(cell, "/account"),
            text(cell, "/scenario"),
            text(cell, "/status"),
            sums("charged"),
            sums("returned"),
        );
    }
    if !json {
        println!();
        println!("共 {} 格, 错 {wrong} 格 / {} cells, {wrong} wrong", cells.len(), cells.len());
    }
    if wrong == 0 && !cells.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) }
}
