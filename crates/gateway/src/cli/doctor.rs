//! `paycode doctor`: checks what a gateway needs, and says what to do, for someone who is tired.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use crate::app::{account_healths, probe_account};
use crate::config::Config;
use crate::runner::Intake;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::schema_status;

use super::{EXIT_UNAVAILABLE, world};

struct Finding {
    what: String,
    good: bool,
    words: String,
}

pub(super) async fn run(path: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    match examine(path, &mut findings).await {
        Ok(()) => {}
        Err(error) => findings.push(Finding {
            what: "configuration".to_owned(),
            good: false,
            words: format!("{error:#}"),
        }),
    }
    for finding in &findings {
        if json {
            println!("{}", json!({ "check": finding.what, "ok": finding.good, "says": finding.words }));
        } else {
            let mark = if finding.good { "  ok  " } else { " FAIL " };
            println!("[{mark}] {}: {}", finding.what, finding.words);
        }
    }
    let all_good = findings.iter().all(|finding| finding.good);
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::from(EXIT_UNAVAILABLE) })
}

async fn examine(path: &Path, findings: &mut Vec<Finding>) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let mut note = |what: &str, good: bool, words: String| {
        findings.push(Finding { what: what.to_owned(), good, words });
    };
    note("configuration", true, format!("{} account(s)", config.accounts.len()));
    match store(&config.store.path) {
        Ok(words) => note("store", true, words),
        Err(words) => note("store", false, words),
    }
    // Over an empty memory: the gateway whose account is sick is running, and holds its database.
    let world = world::build_on(&config, world::clock(), Arc::new(MemoryStore::new())).await?;
    for warning in &world.warnings {
        note("certificate", false, warning.clone());
    }
    let engine = &world.app.engine;
    for account in engine.accounts().values() {
        probe_account(engine, account).await;
    }
    for health in account_healths(&world.app) {
        let what = format!("account {}", health.account);
        match health.intake {
            Intake::Open => {
                note(&what, true, format!("takes payments; its clock is {} ms ahead", health.clock_off_ms));
            }
            Intake::Closed { why, .. } => note(&what, false, why),
        }
    }
    Ok(())
}

/// Looks at the database without taking it: where it stands, or what is wrong with it.
fn store(path: &Path) -> Result<String, String> {
    let shown = path.display();
    if !path.exists() {
        let folder = path.parent().unwrap_or(Path::new(""));
        return if folder.as_os_str().is_empty() || folder.is_dir() {
            Ok(format!("{shown} is not there yet; the first start makes it"))
        } else {
            Err(format!("store.path = {shown}: its folder does not exist; make it"))
        };
    }
    let schema = schema_status(path).map_err(|error| format!("store.path = {shown}: {error}"))?;
    Ok(format!("{shown}, {} of {} steps; the next start takes what is missing", schema.applied, schema.known))
}
