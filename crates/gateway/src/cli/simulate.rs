//! `paycode simulate`: the channels alone, for any client.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use tokio::net::TcpListener;

use crate::api;
use crate::clock::SystemEntropy;
use crate::lifecycle;
use crate::sandbox::material::Place;
use crate::sandbox::{Sandbox, export, material, router, serve_channels};
use crate::transport::tls;

use super::world;

pub(super) struct Simulate {
    pub(super) listen: SocketAddr,
    pub(super) control: SocketAddr,
    pub(super) data: PathBuf,
    pub(super) export: Option<PathBuf>,
    pub(super) json: bool,
}

pub(super) async fn run(simulate: Simulate) -> anyhow::Result<ExitCode> {
    if let Some(export) = &simulate.export {
        apart(export, &simulate.data)?;
    }
    let mut stop = lifecycle::stop_on_signal()?;
    let made = material::open(&simulate.data, &SystemEntropy)?;
    let files = simulate.data.join("accounts");
    let sandbox = Sandbox::open(&simulate.data, made.settings()?, made.seed, world::clock())?;
    let sandbox = Arc::new(sandbox);
    let acceptor = tls::acceptor(&made.server(), Some(&made.ca_pem))?;
    let listen = format!("--listen {}", simulate.listen);
    let channels = TcpListener::bind(simulate.listen).await.context(listen)?;
    let control = format!("--control {}", simulate.control);
    let control = TcpListener::bind(simulate.control).await.context(control)?;
    let (channels_at, control_at) = (channels.local_addr()?, control.local_addr()?);
    let base_url = format!("https://{channels_at}");
    let place = Place { base_url: &base_url, namespace: "SIMU" };
    export::export(&made, &files, &place)?;
    if let Some(folder) = &simulate.export {
        export::export(&made, folder, &place).context("--export")?;
    }
    let mut stopped = stop.clone();
    tokio::spawn(serve_channels(Arc::clone(&sandbox), channels, acceptor, async move {
        let _told = stopped.wait_for(|stop| *stop).await;
    }));
    let mut stopped = stop.clone();
    let router = router(sandbox, Arc::new(SystemEntropy), stop.clone());
    tokio::spawn(api::listen::serve(control, None, router, async move {
        let _told = stopped.wait_for(|stop| *stop).await;
    }));
    announce(&simulate, channels_at, control_at, &files);
    let _told = stop.wait_for(|stop| *stop).await;
    Ok(ExitCode::SUCCESS)
}

/// The simulator keeps its own `accounts.json`: an export into its folder would overwrite it.
fn apart(export: &Path, data: &Path) -> anyhow::Result<()> {
    let same = || Some(export.canonicalize().ok()? == data.canonicalize().ok()?);
    if export == data || same() == Some(true) {
        anyhow::bail!("--export {} is the folder of --data; name another one", export.display());
    }
    Ok(())
}

fn announce(simulate: &Simulate, channels: SocketAddr, control: SocketAddr, files: &Path) {
    let config = simulate.export.as_ref().map(|folder| folder.join(export::CONFIGURATION));
    let config = config.map(|path| path.display().to_string());
    if simulate.json {
        let line = json!({
            "channels": format!("https://{channels}"),
            "control": format!("http://{control}"),
            "phone": format!("http://{control}/phone"),
            "accounts": files.display().to_string(),
            "config": config,
        });
        println!("{line}");
        return;
    }
    println!("渠道模拟器 / the channels: https://{channels} (CA: {}/ca.pem)", files.display());
    println!("账本 / ledger: http://{control}/_simulator/ledger");
    println!("顾客手机 / the customer's phone: http://{control}/phone");
    println!("商户号与密钥 / numbers and keys: {}", files.display());
    if let Some(config) = config {
        println!("接上网关 / a gateway for it: paycode serve --config {config}");
    }
}
