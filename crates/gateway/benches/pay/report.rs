//! What was measured, for people and for scripts.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::args::Plan;
use crate::figures::{Spread, Thousandths, percentile};
use crate::machine;
use crate::messages::Lane;
use crate::round::{Cost, Measured};

/// The figures with what they need to be repeated.
pub(crate) struct Report {
    about: Value,
    pub(crate) channels: Vec<Channel>,
}

/// The figures of one channel, by name.
pub(crate) struct Channel {
    pub(crate) lane: Lane,
    pub(crate) figures: Vec<(&'static str, Spread)>,
}

impl Channel {
    fn new(lane: Lane, rounds: &[Measured]) -> Channel {
        let over = |figure: fn(&Measured) -> Thousandths| Spread::of(rounds.iter().map(figure));
        let figures = vec![
            ("payments_per_s", over(|m| m.flood.per_s)),
            ("bare_payments_per_s", over(|m| m.bare_flood.per_s)),
            ("payments_ratio", over(|m| m.flood.per_s.times(m.bare_flood.per_s))),
            ("cpu_us_per_payment", over(|m| m.flood.each(m.flood.cpu_us))),
            ("bare_cpu_us_per_payment", over(|m| m.bare_flood.each(m.bare_flood.cpu_us))),
            ("simulator_cpu_us_per_payment", over(|m| m.flood.each(m.flood.simulator_us))),
            ("bare_simulator_cpu_us_per_payment", over(|m| m.bare_flood.each(m.bare_flood.simulator_us))),
            ("till_cpu_us_per_payment", over(|m| m.flood.each(m.flood.till_us))),
            ("commits_per_payment", over(|m| m.flood.each(m.flood.commits))),
            ("transactions_per_payment", over(|m| m.flood.each(m.flood.transactions))),
            ("fsyncs_per_payment", over(|m| m.flood.each(m.flood.fsyncs))),
            ("flood_ms_p50", over(|m| Thousandths::ms(m.flood.p50_us, 0))),
            ("flood_ms_p99", over(|m| Thousandths::ms(m.flood.p99_us, 0))),
            ("added_ms_p50", over(|m| Thousandths::ms(m.steady.p50_us, m.bare_steady.p50_us))),
            ("added_ms_p99", over(|m| Thousandths::ms(m.steady.p99_us, m.bare_steady.p99_us))),
            ("steady_ms_p50", over(|m| Thousandths::ms(m.steady.p50_us, 0))),
            ("steady_ms_p99", over(|m| Thousandths::ms(m.steady.p99_us, 0))),
            ("bare_steady_ms_p50", over(|m| Thousandths::ms(m.bare_steady.p50_us, 0))),
            ("bare_steady_ms_p99", over(|m| Thousandths::ms(m.bare_steady.p99_us, 0))),
            ("steady_cpu_us_per_payment", over(|m| m.steady.each(m.steady.cpu_us))),
            ("bare_steady_cpu_us_per_payment", over(|m| m.bare_steady.each(m.bare_steady.cpu_us))),
            ("steady_commits_per_payment", over(|m| m.steady.each(m.steady.commits))),
            ("steady_fsyncs_per_payment", over(|m| m.steady.each(m.steady.fsyncs))),
        ];
        Channel { lane, figures }
    }

    pub(crate) fn figure(&self, name: &str) -> Spread {
        self.figures.iter().find(|(known, _)| *known == name).map(|(_, spread)| *spread).unwrap_or_default()
    }

    /// What the channel has to reach, and whether it does.
    fn targets(&self) -> [(&'static str, bool); 3] {
        let median = |name| self.figure(name).median;
        [
            (
                "payments_per_s at least half of bare_payments_per_s",
                median("payments_ratio") >= Thousandths(500),
            ),
            ("commits_per_payment at most 3", median("commits_per_payment") <= Thousandths(3_000)),
            ("fsyncs_per_payment at most 0.25", median("fsyncs_per_payment") <= Thousandths(250)),
        ]
    }
}

impl Cost {
    fn each(&self, count: u64) -> Thousandths {
        Thousandths::ratio(count, self.payments)
    }
}

impl Report {
    pub(crate) fn new(plan: &Plan, measured: &[(Lane, Measured)], disk_us: &[u64], payments: u64) -> Report {
        let about = json!({
            "commit": machine::commit(),
            "profile": machine::profile(),
            "seed": plan.seed,
            "machine": machine::describe(),
            "window_ms": plan.window_ms,
            "warm_ms": plan.warm_ms,
            "rounds": plan.rounds,
            "in_flight": plan.in_flight,
            "rate_per_s": plan.rate,
            "payments": payments,
            "disk_sync_ms_p50": Thousandths::ms(percentile(disk_us, 50), 0),
            "disk_sync_ms_p99": Thousandths::ms(percentile(disk_us, 99), 0),
        });
        let channels = Lane::ALL.map(|lane| {
            let rounds: Vec<Measured> =
                measured.iter().filter(|(of, _)| *of == lane).map(|(_, measured)| *measured).collect();
            Channel::new(lane, &rounds)
        });
        Report { about, channels: channels.into() }
    }

    pub(crate) fn json(&self) -> Value {
        let channels: Vec<Value> = self.channels.iter().map(channel_json).collect();
        let mut whole = self.about.clone();
        whole["channels"] = Value::Array(channels);
        whole
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |words: String| writeln!(text, "{words}").expect("a String takes everything");
        for (name, value) in self.about.as_object().into_iter().flatten() {
            line(format!("{name}: {value}"));
        }
        for channel in &self.channels {
            line(format!("\n{:32} {:>12}  least … most", channel.lane.word(), "median"));
            for (name, Spread { least, median, most }) in &channel.figures {
                line(format!("{name:32} {median:>12}  {least} … {most}"));
            }
            for (target, met) in channel.targets() {
                line(format!("{}: {target}", if met { "met" } else { "MISSED" }));
            }
        }
        text
    }
}

/// Medians under the figures' names, and beside them the least and the most of any round.
fn channel_json(channel: &Channel) -> Value {
    let mut object = Map::from_iter([("channel".to_owned(), json!(channel.lane.word()))]);
    let mut spread = Map::new();
    for (name, Spread { least, median, most }) in &channel.figures {
        object.insert((*name).to_owned(), json!(median));
        spread.insert((*name).to_owned(), json!([least, most]));
    }
    object.insert("spread".to_owned(), Value::Object(spread));
    let targets = channel.targets().map(|(target, met)| json!({ "target": target, "met": met }));
    object.insert("targets".to_owned(), json!(targets));
    Value::Object(object)
}
