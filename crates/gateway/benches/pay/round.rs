//! One round: for each channel, both sides under both kinds of load, and both books compared afterwards.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};

use crate::args::Plan;
use crate::figures::{Thousandths, percentile};
use crate::machine;
use crate::messages::{Arrivals, Lane, Outcome, Paid, Phase};
use crate::report::Report;
use crate::world::{World, Written};

/// The measurement as far as it has come.
pub(crate) struct Bench {
    world: World,
    /// The next number that no payment has used.
    next: u64,
    /// What clients were told is paid.
    paid: BTreeMap<String, i64>,
    measured: Vec<(Lane, Measured)>,
    disk_us: Vec<u64>,
}

/// Whom a phase loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Gateway,
    Bare,
}

/// One side under one load.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) payments: u64,
    pub(crate) per_s: Thousandths,
    pub(crate) cpu_us: u64,
    /// Of the simulator.
    pub(crate) simulator_us: u64,
    /// Of the till.
    pub(crate) till_us: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    /// Of the gateway alone.
    pub(crate) commits: u64,
    pub(crate) transactions: u64,
    pub(crate) fsyncs: u64,
}

/// One channel in one round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) flood: Cost,
    pub(crate) bare_flood: Cost,
    pub(crate) steady: Cost,
    pub(crate) bare_steady: Cost,
}

impl Bench {
    pub(crate) fn start(plan: &Plan) -> anyhow::Result<Bench> {
        let next = 1 + plan.seed % 1_000;
        Ok(Bench {
            world: World::start()?,
            next,
            paid: BTreeMap::new(),
            measured: Vec::new(),
            disk_us: Vec::new(),
        })
    }

    /// Gateway, bare, bare, gateway; the next round the other way round.
    pub(crate) fn round(&mut self, plan: &Plan, round: u32) -> anyhow::Result<()> {
        let (one, other) =
            if round.is_multiple_of(2) { (Side::Gateway, Side::Bare) } else { (Side::Bare, Side::Gateway) };
        self.disk_us.extend(machine::disk_syncs_us(self.world.folder())?);
        for lane in Lane::ALL {
            let flood = Arrivals::Flood(plan.in_flight);
            let steady = Arrivals::Steady(plan.rate);
            let mut measured = Measured::default();
            for (side, arrivals) in [(one, flood), (other, flood), (other, steady), (one, steady)] {
                let cost = self
                    .phase(plan, lane, side, arrivals)
                    .with_context(|| format!("{}, {side:?}, {arrivals:?}", lane.word()))?;
                *measured.place(side, arrivals) = cost;
            }
            self.measured.push((lane, measured));
        }
        self.world.audit(&self.paid).context("the books differ")
    }

    fn phase(&mut self, plan: &Plan, lane: Lane, side: Side, arrivals: Arrivals) -> anyhow::Result<Cost> {
        if plan.warm_ms > 0 {
            self.load(side, self.planned(plan, lane, arrivals, plan.warm_ms))?;
        }
        let before = self.spent(side)?;
        let outcome = self.load(side, self.planned(plan, lane, arrivals, plan.window_ms))?;
        let after = self.spent(side)?;
        Ok(Cost {
            payments: u64::try_from(outcome.paid.len())?,
            per_s: Thousandths::ratio(outcome.in_window * 1000, plan.window_ms),
            cpu_us: after.cpu_us - before.cpu_us,
            simulator_us: after.simulator_us - before.simulator_us,
            till_us: after.till_us - before.till_us,
            p50_us: percentile(&outcome.latencies_us, 50),
            p99_us: percentile(&outcome.latencies_us, 99),
            commits: after.written.commits - before.written.commits,
            transactions: after.written.transactions - before.written.transactions,
            fsyncs: after.fsyncs - before.fsyncs,
        })
    }

    fn planned(&self, plan: &Plan, lane: Lane, arrivals: Arrivals, window_ms: u64) -> Phase {
        Phase { lane, arrivals, window_ms, first: self.next, seed: plan.seed }
    }

    fn load(&mut self, side: Side, phase: Phase) -> anyhow::Result<Outcome> {
        let client = match side {
            Side::Gateway => &mut self.world.till,
            Side::Bare => &mut self.world.bare,
        };
        let outcome = client.run(&phase)?;
        ensure!(!outcome.paid.is_empty(), "nothing was paid");
        self.next += u64::try_from(outcome.paid.len())?;
        for Paid { channel_order_no, amount } in &outcome.paid {
            let before = self.paid.insert(channel_order_no.clone(), *amount);
            ensure!(before.is_none(), "{channel_order_no} was told twice");
        }
        Ok(outcome)
    }

    fn spent(&self, side: Side) -> anyhow::Result<Spent> {
        let process = match side {
            Side::Gateway => &self.world.gateway,
            Side::Bare => &self.world.bare.0,
        };
        Ok(Spent {
            cpu_us: process.cpu_us()?,
            simulator_us: self.world.simulator.cpu_us()?,
            till_us: self.world.till.0.cpu_us()?,
            written: self.world.written()?,
            fsyncs: self.world.fsyncs.count()?,
        })
    }

    pub(crate) fn report(self, plan: &Plan) -> anyhow::Result<Report> {
        let Bench { world, measured, mut disk_us, paid, .. } = self;
        world.end()?;
        disk_us.sort_unstable();
        let payments = u64::try_from(paid.len())?;
        Ok(Report::new(plan, &measured, &disk_us, payments))
    }
}

/// What a side has cost so far.
struct Spent {
    cpu_us: u64,
    simulator_us: u64,
    till_us: u64,
    written: Written,
    fsyncs: u64,
}

impl Measured {
    fn place(&mut self, side: Side, arrivals: Arrivals) -> &mut Cost {
        match (side, arrivals) {
            (Side::Gateway, Arrivals::Flood(_)) => &mut self.flood,
            (Side::Bare, Arrivals::Flood(_)) => &mut self.bare_flood,
            (Side::Gateway, Arrivals::Steady(_)) => &mut self.steady,
            (Side::Bare, Arrivals::Steady(_)) => &mut self.bare_steady,
        }
    }
}
