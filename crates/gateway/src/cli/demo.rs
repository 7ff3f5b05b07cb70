//! `paycode demo`: gateway and simulator in one process, everything made up, everything kept in one folder.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use payment::time::SECOND_MS;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

use crate::api::{self, hash_key, new_key};
use crate::app::account_healths;
use crate::clock::SystemEntropy;
use crate::config::{Config, Server, StoreConfig};
use crate::console;
use crate::lifecycle;
use crate::runner::Intake;
use crate::sandbox::export::{CONFIGURATION, export};
use crate::sandbox::material::{self, Material, Place, write_private};
use crate::sandbox::{Sandbox, router, serve_channels};
use crate::store::KeyRow;
use crate::transport::tls;

use super::world::{self, World};

/// How long the simulator's answers are waited for once the gateway has stopped.
const LISTENERS_STOP_MS: i64 = 3 * SECOND_MS;

pub(super) struct Demo {
    pub(super) listen: SocketAddr,
    pub(super) simulator: SocketAddr,
    pub(super) data: PathBuf,
    pub(super) json: bool,
}

/// The demo's own keys: kept in clear beside the demo's own data, so that the same command goes on with them.
#[derive(Serialize, Deserialize)]
struct Keys {
    api_key: String,
    settle_key: String,
}

pub(super) async fn run(demo: Demo) -> anyhow::Result<ExitCode> {
    let stop = lifecycle::stop_on_signal()?;
    std::fs::create_dir_all(&demo.data).with_context(|| format!("--data {}", demo.data.display()))?;
    let clock = world::clock();
    let listener = bind(demo.listen, "--listen").await?;
    let control = bind(demo.simulator, "--simulator").await?;
    let channels = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), "the channels").await?;
    let channel_port = channels.local_addr()?.port();

    let folder = demo.data.join("simulator");
    let made = material::open(&folder, &SystemEntropy)?;
    let sandbox = Arc::new(Sandbox::open(&folder, made.settings()?, made.seed, Arc::clone(&clock))?);
    let acceptor = tls::acceptor(&made.server(), Some(&made.ca_pem))?;
    let config = configuration(&demo, &made, channel_port)?;
    let world = world::build(&config, clock).await?;
    let keys = keys(&demo.data, &world).await?;

    let serving = serve_channels(Arc::clone(&sandbox), channels, acceptor, until(stop.clone()));
    let channels = tokio::spawn(serving);
    let control_at = control.local_addr()?;
    let serving = api::listen::serve(
        control,
        None,
        router(sandbox, Arc::new(SystemEntropy), stop.clone()),
        until(stop.clone()),
    );
    let control = tokio::spawn(serving);
    let api_at = listener.local_addr()?;
    let app = Arc::clone(&world.app);
    let pages = console::Settings { hand_entry: true, walk_in: Some(hash_key(&keys.api_key)), secure: false };
    let gateway = tokio::spawn(lifecycle::run(world.app, pages, listener, None, stop.clone()));
    until_open(&app, &stop).await;
    announce(&demo, &keys, api_at, control_at);
    gateway.await?;
    let limit = app.engine.ports.clock.now().plus_ms(LISTENERS_STOP_MS);
    tokio::select! {
        biased;
        ended = async { tokio::try_join!(control, channels) } => { ended?; }
        // A page that does not read must not keep the process from stopping.
        () = app.engine.ports.clock.sleep_until(limit) => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn bind(at: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(at).await.with_context(|| format!("{what} {at}: choose another address"))
}

async fn until(mut stop: tokio::sync::watch::Receiver<bool>) {
    let _told = stop.wait_for(|stop| *stop).await;
}

/// Ready is when every account takes payments.
pub(super) async fn until_open(app: &crate::app::App, stop: &tokio::sync::watch::Receiver<bool>) {
    let clock = &app.engine.ports.clock;
    let open = || account_healths(app).iter().all(|health| health.intake == Intake::Open);
    while !open() && !*stop.borrow() {
        clock.sleep_until(clock.now().plus_ms(20)).await;
    }
}

/// The configuration that the simulator hands out, with the demo's own addresses and store.
fn configuration(demo: &Demo, made: &Material, channel_port: u16) -> anyhow::Result<Config> {
    let folder = demo.data.join("accounts");
    let base_url = format!("https://127.0.0.1:{channel_port}");
    export(made, &folder, &Place { base_url: &base_url, namespace: "DEMO" })?;
    let handed_out = Config::read(&folder.join(CONFIGURATION))?;
    let config = Config {
        server: Server { listen: demo.listen, insecure: false, tls_cert: None, tls_key: None },
        store: StoreConfig { path: demo.data.join("paycode.db") },
        ..handed_out
    };
    config.check()?;
    Ok(config)
}

async fn keys(data: &Path, world: &World) -> anyhow::Result<Keys> {
    let path = data.join("keys.json");
    let keys = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?,
        Err(_) => {
            let made = Keys { api_key: new_key(&SystemEntropy), settle_key: new_key(&SystemEntropy) };
            write_private(&path, &serde_json::to_string_pretty(&made)?)?;
            made
        }
    };
    for (key, name, scopes) in
        [(&keys.api_key, "demo", vec!["pay"]), (&keys.settle_key, "demo-settle", vec!["pay", "settle"])]
    {
        let row = KeyRow {
            hash: hash_key(key),
            merchant: world.merchant.clone(),
            scopes: scopes.into_iter().map(str::to_owned).collect(),
            name: name.to_owned(),
        };
        if world.store.key(row.hash).await?.is_none() {
            world.store.add_key(row).await?;
        }
    }
    Ok(keys)
}

fn announce(demo: &Demo, keys: &Keys, api: SocketAddr, control: SocketAddr) {
    if demo.json {
        let line = json!({
            "api": format!("http://{api}"),
            "api_key": keys.api_key,
            "settle_key": keys.settle_key,
            "cashier": format!("http://{api}/cashier"),
            "phone": format!("http://{control}/phone"),
            "simulator": format!("http://{control}"),
        });
        println!("{line}");
        return;
    }
    println!("paycode 演示已就绪 / the demo is ready");
    println!();
    println!("  收银台 / cashier          http://{api}/cashier");
    println!("  顾客手机 / phone          http://{control}/phone");
    println!();
    println!(
        "两个页面并排打开: 在收银台输入金额、回车, 再扫描或输入手机上付款码的数字、回车; 手机要密码时, 在手机页确认。"
    );
    println!(
        "Open both side by side: type an amount at the cashier, Enter, scan or type the digits of the phone's code, Enter; \
         when the phone asks for the password, confirm it there."
    );
    println!();
    println!("  接口说明 / reference      http://{api}/docs");
    println!("  渠道账本 / ledger         http://{control}/_simulator/ledger");
    println!("  数据 / data               {}", demo.data.display());
    println!();
    println!("不用浏览器 / without a browser:");
    for (what, order, code) in [
        ("微信, 立即支付 / WeChat, pays at once", "pays", "130000000000000001"),
        ("支付宝, 5 秒后输密码 / Alipay, types the password after 5 s", "password", "280000101000000001"),
        (
            "微信, 无人确认, 自动撤销 (约 30 秒) / WeChat, nobody confirms, reversed by itself (about 30 s)",
            "reversed",
            "130000104000000001",
        ),
    ] {
        println!("# {what}");
        println!(
            "curl -s http://{api}/v1/payments -H 'Authorization: Bearer {}' -d '{}'",
            keys.api_key,
            json!({
                "order_no": format!("demo-{order}-1"),
                "amount": 1234,
                "auth_code": code,
                "wait_seconds": 65,
            })
        );
    }
    println!();
    println!(
        "换订单号再试; 全部场景: paycode scenarios / use a new order_no each time; all scenarios: paycode scenarios"
    );
}
