//! `./x bench pay`: what a payment costs through the gateway, beside a bare client that makes the same channel calls.
//!
//! Three processes of their own stand around this one: the simulated channels, the gateway with a real configuration and a
//! real file, and one client each for the till's side and the bare side, which are this program again. Rounds go gateway,
//! bare, bare, gateway, so that a machine that slows down slows down both. `cargo test` runs it too, with tiny numbers.

mod args;
mod bare;
mod client;
mod figures;
#[path = "../../tests/support/http.rs"]
mod http;
mod load;
mod machine;
mod messages;
mod processes;
mod report;
mod round;
mod smoke;
mod stopwatch;
mod till;
mod world;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use mimalloc::MiMalloc;

use crate::args::{Arguments, Plan};
use crate::report::Report;
use crate::round::Bench;

/// The same as the gateway's: the bare client is to be no slower than it could be.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> anyhow::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some(client::ROLE) => return client::run(&words[1..]).map(|()| ExitCode::SUCCESS),
        // What lists tests lists none here.
        Some("--list") => return Ok(ExitCode::SUCCESS),
        Some(_) | None => {}
    }
    // Cargo says `--bench` when a measurement is wanted, and nothing when a test is.
    if !words.iter().any(|word| word == "--bench") {
        return smoke::run().map(|()| ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse();
    let (plan, json) = arguments.plan();
    let report = measure(&plan)?;
    if json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(ExitCode::SUCCESS)
}

/// The whole measurement.
fn measure(plan: &Plan) -> anyhow::Result<Report> {
    let mut bench = Bench::start(plan)?;
    for round in 0..plan.rounds {
        bench.round(plan, round).with_context(|| format!("round {} of {}", round + 1, plan.rounds))?;
    }
    bench.report(plan)
}
