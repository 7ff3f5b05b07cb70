//! The load: evenly in time whatever becomes of it, or so many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bare::Bare;
use crate::messages::{Arrivals, Outcome, Paid, Phase, Sale};
use crate::stopwatch::Stopwatch;
use crate::till::Till;

/// Whom the load meets.
pub(crate) enum Target {
    /// A till's call of the gateway's API.
    Gateway(Till),
    /// The channel itself.
    Channel(Bare),
}

impl Target {
    /// Collects once; answers the channel order number, once it is paid.
    async fn pay(&self, sale: &Sale) -> anyhow::Result<String> {
        match self {
            Target::Gateway(till) => till.pay(sale).await,
            Target::Channel(bare) => bare.pay(sale).await,
        }
    }
}

/// One payment: when it ended, counted from the start of the phase, how long it took, and what came of it.
struct Ended {
    at_us: u64,
    took_us: u64,
    paid: Result<Paid, String>,
}

/// Carries a phase out; resolves when its last payment has ended.
pub(crate) async fn run(target: Arc<Target>, phase: Phase) -> Outcome {
    let ended = match phase.arrivals {
        Arrivals::Steady(rate) => steady(target, phase, rate).await,
        Arrivals::Flood(in_flight) => flood(target, phase, in_flight).await,
    };
    let mut outcome = Outcome::default();
    for Ended { at_us, took_us, paid } in ended {
        outcome.in_window += u64::from(at_us <= phase.window_ms * 1000);
        outcome.latencies_us.push(took_us);
        match paid {
            Ok(paid) => outcome.paid.push(paid),
            Err(why) => outcome.wrong.push(why),
        }
    }
    outcome.latencies_us.sort_unstable();
    outcome
}

/// Open loop: a payment that is begun late has waited since it was due, and that counts.
async fn steady(target: Arc<Target>, phase: Phase, rate: u32) -> Vec<Ended> {
    let count = phase.window_ms * u64::from(rate) / 1000;
    let (send, mut due) = mpsc::unbounded_channel();
    let watch = Stopwatch::start();
    // The runtime's timer counts whole milliseconds; a thread that parks is exact enough.
    let pacer = std::thread::spawn(move || {
        for place in 0..count {
            let due_us = place * 1_000_000 / u64::from(rate);
            park_until(watch, due_us);
            if send.send((place, due_us)).is_err() {
                return;
            }
        }
    });
    let mut running = JoinSet::new();
    while let Some((place, due_us)) = due.recv().await {
        running.spawn(one(Arc::clone(&target), phase.sale(place), watch, due_us));
    }
    let ended = running.join_all().await;
    pacer.join().expect("the pacer does not panic");
    ended
}

fn park_until(watch: Stopwatch, due_us: u64) {
    loop {
        let left_us = due_us.saturating_sub(watch.passed_us());
        if left_us == 0 {
            return;
        }
        std::thread::park_timeout(Duration::from_micros(left_us));
    }
}

/// Closed loop: so many workers, each busy until the window is over.
async fn flood(target: Arc<Target>, phase: Phase, in_flight: u32) -> Vec<Ended> {
    let next = Arc::new(AtomicU64::new(0));
    let watch = Stopwatch::start();
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let (target, next) = (Arc::clone(&target), Arc::clone(&next));
        workers.spawn(async move {
            let mut ended = Vec::new();
            loop {
                let begun_us = watch.passed_us();
                if begun_us >= phase.window_ms * 1000 {
                    return ended;
                }
                let sale = phase.sale(next.fetch_add(1, Ordering::Relaxed));
                ended.push(one(Arc::clone(&target), sale, watch, begun_us).await);
            }
        });
    }
    workers.join_all().await.into_iter().flatten().collect()
}

async fn one(target: Arc<Target>, sale: Sale, watch: Stopwatch, due_us: u64) -> Ended {
    let answered = target.pay(&sale).await;
    let at_us = watch.passed_us();
    let paid = answered
        .map(|channel_order_no| Paid { channel_order_no, amount: sale.amount })
        .map_err(|error| format!("{}: {error:#}", sale.order_no));
    Ended { at_us, took_us: at_us.saturating_sub(due_us), paid }
}
