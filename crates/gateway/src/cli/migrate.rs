//! `paycode migrate`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::config::Config;
use crate::store::sqlite::{migrate, schema_status};

pub(super) fn run(path: &Path, status: bool, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(path)?;
    let store = &config.store.path;
    if !status {
        migrate(store)?;
    }
    let schema = schema_status(store)?;
    let current = schema.applied == schema.known;
    if json {
        let path = store.display().to_string();
        println!("{}", json!({ "path": path, "applied": schema.applied, "known": schema.known }));
    } else if current {
        println!("{}: up to date, {} of {} steps", store.display(), schema.applied, schema.known);
    } else {
        println!(
            "{}: {} of {} steps; stop the gateway and run `paycode migrate`",
            store.display(),
            schema.applied,
            schema.known
        );
    }
    Ok(ExitCode::SUCCESS)
}
