//! What is measured for how long.

use clap::Parser;

/// The cost of a payment. 一笔支付的开销。
#[derive(Parser)]
#[command(name = "./x bench pay", max_term_width = 110)]
pub(crate) struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// How long each measured phase takes.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Payments in flight in the saturating phases.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1000))]
    in_flight: u32,
    /// Arrivals a second in the open-loop phases.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Rounds of all phases; figures are medians over them.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Decides amounts and numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cargo says this.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The same in the words of the measurement.
pub(crate) struct Plan {
    /// A measured phase.
    pub(crate) window_ms: u64,
    /// Load before each measured phase that is not measured: connections are opened, caches filled.
    pub(crate) warm_ms: u64,
    pub(crate) in_flight: u32,
    pub(crate) rate: u32,
    pub(crate) rounds: u32,
    pub(crate) seed: u64,
}

impl Arguments {
    pub(crate) fn plan(self) -> (Plan, bool) {
        let Arguments { json, seconds, in_flight, rate, rounds, seed, bench: _ } = self;
        let window_ms = seconds * 1000;
        (Plan { window_ms, warm_ms: window_ms / 5, in_flight, rate, rounds, seed }, json)
    }
}
