//! A client as a process of its own, so that its time can be told from everybody else's.

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::bail;

use crate::bare::Bare;
use crate::load::{self, Target};
use crate::messages::Phase;
use crate::till::Till;

/// The word that makes this program a client.
pub(crate) const ROLE: &str = "client";

/// Reads phases from stdin, carries them out, and writes what came of them to stdout, until stdin ends.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // The bare side signs, so it gets what the gateway has; a till only waits.
    let (runtime, target) = match words[..] {
        ["gateway", address, key] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            (runtime, Target::Gateway(Till::new(address, key)))
        }
        ["channel", address, folder] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let bare = runtime.block_on(async { Bare::new(Path::new(folder), address) })?;
            (runtime, Target::Channel(bare))
        }
        _ => bail!("a client is `gateway ADDRESS KEY` or `channel ADDRESS FOLDER`"),
    };
    let target = Arc::new(target);
    let mut stdout = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let phase: Phase = serde_json::from_str(&line?)?;
        let outcome = runtime.block_on(load::run(Arc::clone(&target), phase));
        serde_json::to_writer(&mut stdout, &outcome)?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
    Ok(())
}
