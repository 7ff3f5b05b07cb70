//! One seed, from the first sale to the books.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use gateway::app::{App, Fingerprints, HandingOn, Route, Routing, probe_forever};
use gateway::clock::{Clock, Later};
use gateway::metrics::Metrics;
use gateway::runner::{Account, Engine, Health, Ports};
use gateway::store::memory::MemoryStore;
use gateway::store::{Store, StoreError};
use payment::auth_code::Wallet;
use payment::ids::{MerchantCode, Namespace};
use payment::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use simulator::{Dials, Simulator};

use super::channels::{Keys, dialects, settings};
use super::checks;
use super::dice::Dice;
use super::net::Net;
use super::outcome::Outcome;
use super::tenants;
use super::tills::{self, Sale};
use super::undo;
use super::world::{SeededEntropy, Shared, SkewedClock, VirtualClock, World};

/// 2026-03-15, ten in the morning in Shanghai.
const MORNING: Time = Time(1_773_540_000_000);

/// Which kind of seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Faults, crashes, tills that cancel and vanish.
    Hostile,
    /// No faults; payers pay within 40 s; tills wait.
    Gentle,
    /// No faults; payers refuse or never answer; tills wait.
    Dawdling,
    /// Reversals never work, for eight days.
    Stuck,
    /// The channels' faults alone, in steady time: another merchant's tills sell beside these, or do not.
    Tenants {
        /// Whether they do.
        beside: bool,
    },
}

pub(crate) fn merchant() -> MerchantCode {
    MerchantCode::parse("default").expect("a code")
}

/// Polls a future that has nothing to wait for.
pub(crate) fn block_on_ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a verb of the bare memory store waits for nothing"),
    }
}

fn dials(seed: u64, kind: Kind) -> Dials {
    match kind {
        Kind::Hostile => Dials::hostile(seed),
        // A WeChat dialog ends by itself after 30 s; a payer who takes 38 s needs one that does not.
        Kind::Gentle => Dials {
            payer_confirms: 400,
            payer_confirms_ms_max: 38_000,
            payer_declined: 100,
            dialog_ends: false,
            ..Dials::gentle()
        },
        Kind::Dawdling => {
            Dials { payer_confirms: 300, payer_never: 300, payer_refuses: 200, ..Dials::gentle() }
        }
        Kind::Stuck => undo::dials(seed),
        Kind::Tenants { .. } => tenants::dials(seed),
    }
}

/// Runs one seed to its books.
pub(crate) fn run_seed(seed: u64, kind: Kind) -> Result<Outcome, String> {
    run_to_books(seed, kind).map(|(outcome, _)| outcome)
}

/// Runs one seed to its books; answers the world as well.
pub(crate) fn run_to_books(seed: u64, kind: Kind) -> Result<(Outcome, Shared), String> {
    let mut dice = Dice::new(seed);
    let keys = Keys::of(seed);
    let dials = dials(seed, kind);
    let hostile = kind == Kind::Hostile;
    let faults = hostile && dials != Dials::gentle();
    let steady = matches!(kind, Kind::Tenants { .. });
    let mut sales = tills::plan(&mut dice, kind, &merchant());
    if kind == (Kind::Tenants { beside: true }) {
        sales.extend(tills::plan(&mut Dice::new(!seed), kind, &tenants::neighbour()));
    }
    let world = world(seed, dice, &keys, &dials, faults, steady);
    let shared = Shared::new(world);
    let sales: Vec<Arc<Mutex<Sale>>> = sales.into_iter().map(|sale| Arc::new(Mutex::new(sale))).collect();
    let mut now = if kind == Kind::Stuck { undo::begins(seed, MORNING) } else { MORNING };
    let crashes_planned = if faults { shared.lock().dice.below(4) } else { 0 };
    for _ in 0..crashes_planned {
        let effects = 1 + shared.lock().dice.below(600);
        shared.lock().crash_in = Some(effects);
        let (ended, crashed) = live(&shared, &keys, &sales, now, Until::TillsDone, seed);
        now = ended;
        if crashed {
            tills::broken_off(&sales, &shared);
            now = now.plus_ms(shared.lock().dice.ms(60_000));
            step_wall_clock(&shared);
        }
    }
    let crashes = crashes_planned;
    shared.lock().crash_in = None;
    // Where two runs are compared, no till's last word decides when the process is started anew.
    let until = if steady { Until::At(now.plus_ms(30 * MINUTE_MS)) } else { Until::TillsDone };
    let (ended, _) = live(&shared, &keys, &sales, now, until, seed);
    if kind != Kind::Stuck {
        quiet(&shared, &keys, seed, &dials)?;
    }
    // A quarter of an hour of quiet, then the rest of a day and an hour more for the watch's last look.
    let (ended, _) = live(&shared, &keys, &[], ended, Until::At(ended.plus_ms(20 * MINUTE_MS)), seed);
    checks::decided(&shared, ended);
    let rest_ms = if kind == Kind::Stuck { undo::WATCHED_MS } else { DAY_MS + HOUR_MS };
    let (ended, _) = live(&shared, &keys, &[], ended, Until::At(ended.plus_ms(rest_ms)), seed);
    let outcome = checks::books(&shared, ended, kind, &dials);
    let (broken, trace) = {
        let world = shared.lock();
        (world.broken.clone(), world.trace)
    };
    match broken {
        Some(words) => Err(words),
        None => Ok((Outcome { crashes, trace, ..outcome }, shared)),
    }
}

/// The world of a seed before its first sale.
fn world(seed: u64, mut dice: Dice, keys: &Keys, dials: &Dials, faults: bool, steady: bool) -> World {
    World {
        simulator: Simulator::new(settings(keys, dials.clone()), seed),
        memory: MemoryStore::new(),
        chaos: faults,
        declines_lie: dials.decline_charges > 0 || dials.pay_twice > 0,
        connect_refused: if dice.one_in(3) { dice.below(300) } else { 0 },
        connect_hangs: if dice.one_in(4) { dice.below(200) } else { 0 },
        store_fails: if dice.one_in(5) { dice.below(60) } else { 0 },
        crash_in: None,
        dice,
        told: BTreeMap::new(),
        ids: BTreeMap::new(),
        left: BTreeMap::new(),
        refunds_told: BTreeMap::new(),
        codes_spent: BTreeMap::new(),
        demanded: BTreeSet::new(),
        tombstones: BTreeSet::new(),
        broken: None,
        truth: None,
        steady,
        skew_ms: 0,
        trace: 0xCBF2_9CE4_8422_2325,
    }
}

/// While the process is down, somebody sets the machine's clock.
fn step_wall_clock(shared: &Shared) {
    const STEPS_MS: [i64; 6] = [HOUR_MS, -HOUR_MS, DAY_MS, -DAY_MS, 30 * DAY_MS, -30 * DAY_MS];
    let mut world = shared.lock();
    if world.dice.one_in(4) {
        let step = usize::try_from(world.dice.below(6)).expect("below six");
        world.skew_ms = STEPS_MS[step];
    }
}

/// The faults end: the simulator goes on from its own records with gentle dials.
fn quiet(shared: &Shared, keys: &Keys, seed: u64, dials: &Dials) -> Result<(), String> {
    let mut world = shared.lock();
    world.chaos = false;
    // The channel's habits stay; its faults and its payers' moods end.
    let calm = Dials {
        dialog_ends: dials.dialog_ends,
        unseen_reversal: dials.unseen_reversal,
        unseen_answer: dials.unseen_answer,
        unpaid_shows: dials.unpaid_shows,
        cancel_window: dials.cancel_window,
        ..Dials::gentle()
    };
    let records: Vec<(String, String)> = world
        .simulator
        .changes()
        .into_iter()
        .filter_map(|change| change.value.map(|value| (change.key, value)))
        .collect();
    world.simulator = Simulator::restore(settings(keys, calm), seed, records.into_iter())
        .map_err(|error| error.to_string())?;
    Ok(())
}

enum Until {
    TillsDone,
    At(Time),
}

/// One life of the process; answers when it ended and whether it crashed. Dropping the runtime is the crash: every task
/// ends at the await where it is.
fn live(
    shared: &Shared,
    keys: &Keys,
    sales: &[Arc<Mutex<Sale>>],
    from: Time,
    until: Until,
    seed: u64,
) -> (Time, bool) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::from(from));
        shared.lock().truth = Some(Arc::clone(&clock));
        let app = build(shared, keys, Arc::clone(&clock), seed ^ from.0.unsigned_abs());
        // Probes open intakes; where nothing new comes in, they would only cost time.
        if !sales.is_empty() && !shared.lock().steady {
            tokio::spawn(probe_forever(Arc::clone(&app.engine)));
        }
        tokio::spawn(Arc::clone(&app.engine).sweep());
        let tills = tills::open_all(sales, &app, shared);
        let crashed = tokio::select! {
            biased;
            () = shared.crash.notified() => true,
            () = done(tills, until, Arc::clone(&clock)) => false,
        };
        (clock.now(), crashed)
    })
}

async fn done(tills: Vec<tokio::task::JoinHandle<()>>, until: Until, clock: Arc<dyn Clock>) {
    for till in tills {
        if let Err(error) = till.await {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    if let Until::At(at) = until {
        clock.sleep_until(at).await;
    }
}

fn build(shared: &Shared, keys: &Keys, clock: Arc<dyn Clock>, seed: u64) -> Arc<App> {
    let truth = clock;
    let (skew_ms, bare, steady) = {
        let world = shared.lock();
        (world.skew_ms, world.memory.clone(), world.steady)
    };
    let clock: Arc<dyn Clock> = Arc::new(SkewedClock::new(Arc::clone(&truth), skew_ms));
    let seen = block_on_ready(gateway::runner::latest_seen(&bare)).expect("the bare memory does not fail");
    clock.raise(seen);
    let now = clock.now();
    let hooked = shared.clone();
    let memory = shared.lock().memory.clone().with_hook(Arc::new(move || hook(hooked.clone())));
    let namespace = Namespace::parse("TEST").expect("four characters");
    let account = |name: &str, dialect: Arc<dyn gateway::dialects::Dialect>| Account {
        name: name.to_owned(),
        refunds: dialect.channel().patience().refunds,
        dialect,
        namespace,
        undo: Arc::new(|_| Ok(())),
        health: if steady { tenants::open_intake(now) } else { Health::unprobed(now) },
    };
    let accounts = dialects(seed, keys).into_iter().map(|(name, dialect)| account(name, dialect)).collect();
    let ports = Ports {
        store: Arc::new(memory) as Arc<dyn Store>,
        transport: Arc::new(Net { shared: shared.clone(), clock: truth }),
        metrics: Arc::new(Metrics::new(clock.now())),
        clock,
        entropy: Arc::new(SeededEntropy(Mutex::new(Dice::new(seed)))),
    };
    let route = |merchant: &MerchantCode, wallet, account: &str| Route {
        merchant: merchant.clone(),
        wallet,
        account: account.to_owned(),
    };
    let routes_of = |merchant: MerchantCode| {
        let mut routes = vec![
            route(&merchant, Wallet::Wechat, keys.wechat),
            route(&merchant, Wallet::Alipay, "alipay"),
            route(&merchant, Wallet::UnionPay, keys.unionpay),
        ];
        if let Some([wechat, unionpay]) = keys.behind {
            routes.push(route(&merchant, Wallet::Wechat, wechat));
            routes.push(route(&merchant, Wallet::UnionPay, unionpay));
        }
        routes
    };
    Arc::new(App {
        engine: Engine::new(ports, accounts),
        fingerprints: Fingerprints::new([5; 32]),
        handing_on: HandingOn::default(),
        routing: Routing {
            rules: Vec::new(),
            routes: [merchant(), tenants::neighbour()].into_iter().flat_map(routes_of).collect(),
        },
    })
}

/// Around every transaction: a place to die, to give way, or to fail.
fn hook(shared: Shared) -> Later<'static, Result<(), StoreError>> {
    Box::pin(async move {
        shared.effect().await;
        let fails = {
            let mut world = shared.lock();
            let fails = world.store_fails;
            world.chaos && fails > 0 && world.dice.below(1000) < fails
        };
        if fails { Err(StoreError::Failed("the disk is full".to_owned())) } else { Ok(()) }
    })
}
