//! The measurement in `cargo test`: a few dozen payments prove that it runs and says everything; no time is judged.

use anyhow::ensure;

use crate::args::Plan;
use crate::figures::Thousandths;
use crate::measure;

/// What scripts read, by API name.
const FIELDS: [&str; 8] = [
    "payments_per_s",
    "bare_payments_per_s",
    "cpu_us_per_payment",
    "bare_cpu_us_per_payment",
    "commits_per_payment",
    "fsyncs_per_payment",
    "added_ms_p50",
    "added_ms_p99",
];

/// That every payment was paid exactly once is what every measurement checks by itself.
pub(crate) fn run() -> anyhow::Result<()> {
    let plan = Plan { window_ms: 100, warm_ms: 0, in_flight: 2, rate: 100, rounds: 2, seed: 7 };
    let report = measure(&plan)?;
    let json = report.json();
    let channels = json["channels"].as_array().map(Vec::as_slice).unwrap_or_default();
    ensure!(channels.len() == 2, "not both channels: {json}");
    for channel in channels {
        for field in FIELDS {
            ensure!(channel[field].is_number(), "{field} is no number: {channel}");
        }
    }
    for name in ["seed", "commit", "machine", "profile", "in_flight", "disk_sync_ms_p50"] {
        ensure!(!json[name].is_null(), "{name} is missing: {json}");
    }
    for channel in &report.channels {
        let commits = channel.figure("commits_per_payment").most;
        ensure!(commits >= Thousandths(1_000), "{}: {commits} commits a payment", channel.lane.word());
        ensure!(commits <= Thousandths(3_000), "{}: {commits} commits a payment", channel.lane.word());
    }
    ensure!(!report.text().is_empty(), "no words");
    println!("the bench of payments runs: {} payments", json["payments"]);
    Ok(())
}
