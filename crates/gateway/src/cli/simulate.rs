//! `paycode simulate`: the channels alone, for any client.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use tokio::net::TcpListener;

use crate::api;
use crate::clock::SystemEntropy;
use crate::lifecycle;
use crate::sandbox::{Sandbox, material, router, serve_channels};
use crate::transport::tls;

use super::world;

pub(super) struct Simulate {
    pub(super) listen: SocketAddr,
    pub(super) control: SocketAddr,
    pub(super) data: PathBuf,
    pub(super) json: bool,
}

pub(super) async fn run(simulate: Simulate) -> anyhow::Result<ExitCode> {
    let mut stop = lifecycle::stop_on_signal()?;
    let made = material::open(&simulate.data, &SystemEntropy)?;
    let files = simulate.data.join("accounts");
    made.export(&files)?;
    let sandbox = Sandbox::open(&simulate.data, made.settings()?, made.seed, world::clock())?;
    let sandbox = Arc::new(sandbox);
    let acceptor = tls::acceptor(&made.server(), Some(&made.ca_pem))?;
    let listen = format!("--listen {}", simulate.listen);
    let channels = TcpListener::bind(simulate.listen).await.context(listen)?;
    let control = format!("--control {}", simulate.control);
    let control = TcpListener::bind(simulate.control).await.context(control)?;
    let (channels_at, control_at) = (channels.local_addr()?, control.local_addr()?);
    let mut stopped = stop.clone();
    tokio::spawn(serve_channels(Arc::clone(&sandbox), channels, acceptor, async move {
        let _told = stopped.wait_for(|stop| *stop).await;
    }));
    let mut stopped = stop.clone();
    let router = router(sandbox, Arc::new(SystemEntropy), stop.clone());
    tokio::spawn(api::listen::serve(control, None, router, async move {
        let _told = stopped.wait_for(|stop| *stop).await;
    }));
    if simulate.json {
        let line = json!({
            "channels": format!("https://{channels_at}"),
            "control": format!("http://{control_at}"),
            "phone": format!("http://{control_at}/phone"),
            "accounts": files.display().to_string(),
        });
        println!("{line}");
    } else {
        println!("渠道模拟器 / the channels: https://{channels_at} (CA: {}/ca.pem)", files.display());
        println!("账本 / ledger: http://{control_at}/_simulator/ledger");
        println!("顾客手机 / the customer's phone: http://{control_at}/phone");
        println!("商户号与密钥 / numbers and keys: {}", files.display());
    }
    let _told = stop.wait_for(|stop| *stop).await;
    Ok(ExitCode::SUCCESS)
}
