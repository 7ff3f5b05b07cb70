//! `paycode openapi`: the contract, as the gateway serves it under `/openapi.json`.

use std::process::ExitCode;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    print!("{}", crate::api::openapi::printed());
    Ok(ExitCode::SUCCESS)
}
