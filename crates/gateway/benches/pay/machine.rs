//! Where it was measured: the commit, the machine, and how fast its disk syncs at this moment.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::stopwatch::Stopwatch;

/// The commit that was built, with a word when the tree differs from it.
pub(crate) fn commit() -> String {
    let git = |words: &[&str]| -> Option<String> {
        let output =
            Command::new("git").args(["-C", env!("CARGO_MANIFEST_DIR")]).args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(hash) = git(&["rev-parse", "HEAD"]) else { return "unknown".to_owned() };
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    if changed { format!("{hash} and uncommitted changes") } else { hash }
}

pub(crate) fn describe() -> Value {
    let line = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let found = text.lines().find_map(|line| {
            line.strip_prefix(name)?.trim_start().strip_prefix(':').map(|value| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    let first = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    json!({
        "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "cpu": line("/proc/cpuinfo", "model name"),
        "memory": line("/proc/meminfo", "MemTotal"),
        "kernel": first("/proc/sys/kernel/osrelease"),
        "load": first("/proc/loadavg"),
    })
}

/// The build that this program and the gateway are of.
pub(crate) fn profile() -> &'static str {
    if cfg!(debug_assertions) { "dev" } else { "release" }
}

/// How long a page takes to the disk, sorted, in microseconds: appended and synced as a log is.
pub(crate) fn disk_syncs_us(folder: &Path) -> anyhow::Result<Vec<u64>> {
    const SYNCS: usize = 100;
    let path = folder.join("disk");
    let mut file = File::create(&path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let watch = Stopwatch::start();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        took.push(watch.passed_us());
    }
    fs::remove_file(path)?;
    took.sort_unstable();
    Ok(took)
}
