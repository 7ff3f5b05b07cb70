//! `paycode serve`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;
use tokio::net::TcpListener;

use crate::api::{hash_key, new_key};
use crate::clock::SystemEntropy;
use crate::config::Config;
use crate::store::KeyRow;
use crate::transport::tls::{self, Identity};
use crate::{console, lifecycle};

use super::world::{self, World};

pub(super) async fn run(path: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(path)?;
    let stop = lifecycle::stop_on_signal()?;
    let world = world::build(&config, world::clock()).await?;
    for warning in &world.warnings {
        tracing::warn!("{warning}");
    }
    let tls = match (&config.server.tls_cert, &config.server.tls_key) {
        (Some(chain), Some(key)) => {
            let identity = Identity {
                chain_pem: std::fs::read_to_string(chain).context("server.tls_cert")?,
                key_pem: std::fs::read_to_string(key).context("server.tls_key")?,
            };
            Some(tls::acceptor(&identity, None)?)
        }
        (None, _) | (_, None) => None,
    };
    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| format!("server.listen = {}", config.server.listen))?;
    first_keys(&world, json).await?;
    let listens = listener.local_addr()?;
    if json {
        let scheme = if tls.is_some() { "https" } else { "http" };
        println!("{}", json!({ "api": format!("{scheme}://{listens}") }));
    }
    tracing::info!(listen = %listens, "the API listens");
    let pages =
        console::Settings { hand_entry: config.console.hand_entry, walk_in: None, secure: tls.is_some() };
    lifecycle::run(world.app, pages, listener, tls, stop).await;
    Ok(ExitCode::SUCCESS)
}

/// The first start makes a key for each scope and prints them once; only their hashes are stored.
async fn first_keys(world: &World, json: bool) -> anyhow::Result<()> {
    if world.store.has_keys().await? {
        return Ok(());
    }
    let api_key = new_key(&SystemEntropy);
    let settle_key = new_key(&SystemEntropy);
    for (key, name, scopes) in
        [(&api_key, "first", vec!["pay"]), (&settle_key, "first-settle", vec!["pay", "settle"])]
    {
        let row = KeyRow {
            hash: hash_key(key),
            merchant: world.merchant.clone(),
            scopes: scopes.into_iter().map(str::to_owned).collect(),
            name: name.to_owned(),
        };
        world.store.add_key(row).await?;
    }
    if json {
        println!("{}", json!({ "api_key": api_key, "settle_key": settle_key }));
    } else {
        println!(
            "首次启动: 以下密钥只显示一次, 请妥善保存 / first start: these keys are shown once, keep them safe"
        );
        println!("  api key (scope pay):            {api_key}");
        println!("  settle key (scopes pay settle): {settle_key}");
    }
    Ok(())
}
