//! `paycode init`: a first configuration, from the example that is part of the binary.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::clock::{Entropy, SystemEntropy};

const EXAMPLE: &str = include_str!("../../../../paycode.example.toml");

pub(super) fn run(folder: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let shown = folder.display();
    std::fs::create_dir_all(folder).with_context(|| format!("--dir {shown}"))?;
    let config = folder.join("paycode.toml");
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config);
    let mut file = match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            anyhow::bail!(
                "{} 已存在, 未改动 / is there already and stays as it is; name another --dir",
                config.display()
            );
        }
        made => made.with_context(|| config.display().to_string())?,
    };
    file.write_all(configuration(&SystemEntropy).as_bytes())?;
    file.sync_all()?;
    let secrets = folder.join("secrets");
    match DirBuilder::new().mode(0o700).create(&secrets) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| secrets.display().to_string());
        }
        Ok(()) | Err(_) => {}
    }
    if json {
        let (config, secrets) = (config.display().to_string(), secrets.display().to_string());
        println!("{}", json!({ "config": config, "secrets": secrets }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("已写入 / written: {}", config.display());
    println!(
        "1. 填入商户号与应用号, 密钥与证书放入 {0} / edit it: your numbers; keys and certificates go into {0}",
        secrets.display()
    );
    println!("2. 体检 / check everything:  paycode doctor --config {}", config.display());
    println!("3. 启动 / start:             paycode serve --config {}", config.display());
    Ok(ExitCode::SUCCESS)
}

/// The example with a namespace of its own for every account.
fn configuration(entropy: &dyn Entropy) -> String {
    let mut text = String::with_capacity(EXAMPLE.len());
    for line in EXAMPLE.lines() {
        // Accounts that are commented out get one too: whoever takes the signs away has a namespace of their own.
        let (sign, key) = line.strip_prefix("# ").map_or(("", line), |key| ("# ", key));
        if key.starts_with("namespace = ") {
            text.push_str(&format!("{sign}namespace = \"{}\"", namespace(entropy)));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

fn namespace(entropy: &dyn Entropy) -> String {
    const SIGNS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut random = [0; 8];
    entropy.fill(&mut random);
    let mut number = u64::from_be_bytes(random);
    let mut namespace = String::new();
    for _ in 0..4 {
        namespace.push(char::from(SIGNS[usize::try_from(number % 36).expect("less than 36")]));
        number /= 36;
    }
    namespace
}
