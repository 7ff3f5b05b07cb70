//! The loop: due -> step -> commit -> call -> step -> commit.
//!
//! One driver task looks after one payment and its watch while they are awake; a sweep wakes what is due, so that a
//! restart is no special path. The runner knows no channel and no web framework.

mod call;
mod commit;
mod doors;
mod driver;
mod durable;
mod health;
mod latest;
mod line;
mod poison;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use payment::auth_code::AuthCode;
use payment::ids::{Namespace, PaymentId};
use payment::patience::RefundLimits;
use payment::payment::{Intent, Phase};
use payment::planted::{Bug, on};
use payment::time::{SECOND_MS, Time};
use tokio::sync::{mpsc, watch};

use crate::clock::{Clock, Entropy};
use crate::dialects::Dialect;
use crate::metrics::Metrics;
use crate::store::{PaymentRow, RefundRow, Store, StoreError, WatchRow};
use crate::transport::Transport;

pub(crate) use call::until_limit;
pub use commit::opening_commit;
use doors::Command;
pub use doors::{Door, DoorError, RefundAsk, RefundTold};
pub use health::{Health, Intake};
pub use latest::Latest;
pub(crate) use line::says;

/// The ports: everything that the runner needs of the world.
#[derive(Clone)]
pub struct Ports {
    /// What is durable.
    pub store: Arc<dyn Store>,
    /// The way to the channels.
    pub transport: Arc<dyn Transport>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// The latest moment that any open row has seen: a process starts no earlier, whatever the wall clock says.
pub async fn latest_seen(store: &dyn Store) -> Result<Time, StoreError> {
    let open = store.due(Time(i64::MAX), SWEEP_ROWS_MAX).await?;
    let payments = open.payments.iter().map(|row| row.payment.updated_at);
    let watches = open.watches.iter().map(|row| row.watch.updated_at);
    let refunds = open.refunds.iter().map(|row| row.refund.updated_at);
    Ok(payments.chain(watches).chain(refunds).max().unwrap_or(Time(i64::MIN)))
}

/// One channel account, as the runner needs it.
pub struct Account {
    /// Its name in the configuration.
    pub name: String,
    /// How it is spoken to.
    pub dialect: Arc<dyn Dialect>,
    /// What tells this installation's numbers from another's on the same account.
    pub namespace: Namespace,
    /// Checks the undo credential at a moment: `Err` says what is wrong with it and what to do.
    pub undo: Arc<dyn Fn(Time) -> Result<(), String> + Send + Sync>,
    /// What the channel, or this account's contract, wants of refunds.
    pub refunds: RefundLimits,
    /// Whether it takes new payments.
    pub health: Health,
}

/// What a driver begins with.
struct Rows {
    payment: PaymentRow,
    watch: Option<WatchRow>,
    refunds: Vec<RefundRow>,
}

impl Rows {
    fn of(payment: PaymentRow) -> Rows {
        Rows { payment, watch: None, refunds: Vec::new() }
    }
}

struct Live {
    commands: mpsc::UnboundedSender<Command>,
    state: Arc<Latest>,
}

/// The runner.
pub struct Engine {
    /// The world.
    pub ports: Ports,
    accounts: BTreeMap<String, Arc<Account>>,
    live: Mutex<BTreeMap<PaymentId, Live>>,
    started: Time,
    stopping: watch::Sender<bool>,
    drivers: watch::Sender<usize>,
    /// Counts what this process has made durable, for those who wait for news.
    changes: watch::Sender<u64>,
    poison: poison::Poison,
}

/// The sweep looks this far ahead; what is due later is parked in the store.
const AHEAD_MS: i64 = 60 * SECOND_MS;
/// The sweep's rhythm.
const SWEEP_MS: i64 = 30 * SECOND_MS;
/// The most rows of a kind that one sweep wakes.
const SWEEP_ROWS_MAX: usize = 2_000;

impl Engine {
    /// An engine over these accounts; nothing runs yet.
    #[must_use]
    pub fn new(ports: Ports, accounts: Vec<Account>) -> Arc<Engine> {
        let accounts =
            accounts.into_iter().map(|account| (account.name.clone(), Arc::new(account))).collect();
        let started = ports.clock.now();
        Arc::new(Engine {
            ports,
            started,
            accounts,
            live: Mutex::new(BTreeMap::new()),
            stopping: watch::Sender::new(false),
            drivers: watch::Sender::new(0),
            changes: watch::Sender::new(0),
            poison: poison::Poison::default(),
        })
    }

    /// The accounts, by name.
    #[must_use]
    pub fn accounts(&self) -> &BTreeMap<String, Arc<Account>> {
        &self.accounts
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.ports.clock.now()
    }

    /// Ten random bytes for an identity.
    #[must_use]
    pub fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.ports.entropy.fill(&mut bytes);
        bytes
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<PaymentId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the gateway is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Drives a payment that has just been opened; its submit is the call that its first step wanted.
    pub fn begin(
        self: &Arc<Self>,
        row: PaymentRow,
        code: AuthCode,
        call: Option<payment::exchange::Asked>,
    ) -> Arc<Latest> {
        self.told_change();
        let mut live = self.live();
        // Between the commit and here, a sweep or a door may have woken the row: there is one driver, and it gets the code.
        if let Some(entry) = live.get(&row.payment.intent.id) {
            let handed = entry.commands.send(Command::Begin { code, call });
            if handed.is_err() {
                tracing::error!(payment = %row.payment.intent.id, "its driver is gone; it goes on from the row");
            }
            return Arc::clone(&entry.state);
        }
        self.spawn(&mut live, Rows::of(row), Some(code), call)
    }

    fn spawn(
        self: &Arc<Self>,
        live: &mut BTreeMap<PaymentId, Live>,
        rows: Rows,
        code: Option<AuthCode>,
        call: Option<payment::exchange::Asked>,
    ) -> Arc<Latest> {
        let Rows { payment: mut row, watch: mut watch_row, refunds } = rows;
        row.payment = row.payment.taken_up(self.started);
        if let Some(row) = &mut watch_row {
            row.watch = row.watch.clone().taken_up(self.started);
        }
        let (commands, inbox) = mpsc::unbounded_channel();
        let id = row.payment.intent.id;
        let state = Latest::new(row.clone());
        live.insert(id, Live { commands, state: Arc::clone(&state) });
        self.drivers.send_modify(|count| *count += 1);
        let driver = {
            let (engine, state) = (Arc::clone(self), Arc::clone(&state));
            driver::Driver::new(engine, row, watch_row, refunds, code, inbox, state)
        };
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            let counted = Counted(engine);
            let ended = AssertUnwindSafe(driver.run(call)).catch_unwind().await;
            counted.0.ended(id, ended.is_err());
        });
        state
    }

    /// A driver has ended: as it should, or by a panic.
    fn ended(&self, id: PaymentId, panicked: bool) {
        if panicked {
            tracing::error!(payment = %id, "its step panicked: a fault of paycode, somebody has to look at it");
            self.ports.metrics.stuck(self.poison.struck(id, self.now()));
        } else if let Some(left) = self.poison.healed(id) {
            self.ports.metrics.stuck(left);
        }
    }

    /// The state of a payment as it changes, if it is awake.
    #[must_use]
    pub fn watch(&self, id: PaymentId) -> Option<Arc<Latest>> {
        self.live().get(&id).map(|live| Arc::clone(&live.state))
    }

    /// Changes whenever this process has made something of a payment durable. What changed is read from the store.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn told_change(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Resolves once the gateway is stopping.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as the engine, so that only a stop ends this.
        let _told = stopping.wait_for(|stop| *stop).await;
    }

    /// Wakes everything that is due soon, again and again, until the gateway stops.
    pub async fn sweep(self: Arc<Self>) {
        let mut stopping = self.stopping.subscribe();
        loop {
            let more = match self.sweep_once().await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(%error, "the sweep could not read what is due; it tries again");
                    false
                }
            };
            let pause_ms = if more { SECOND_MS } else { SWEEP_MS };
            let next = self.ports.clock.sleep_until(self.now().plus_ms(pause_ms));
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                () = next => {}
            }
        }
    }

    /// Wakes what is due within [`AHEAD_MS`]; answers whether there may be more.
    pub async fn sweep_once(self: &Arc<Self>) -> Result<bool, StoreError> {
        if on(Bug::B15) {
            return Ok(false);
        }
        let due = self.ports.store.due(self.now().plus_ms(AHEAD_MS), SWEEP_ROWS_MAX).await?;
        let most = due.payments.len().max(due.watches.len()).max(due.refunds.len());
        let more = most == SWEEP_ROWS_MAX;
        for row in due.payments {
            // Of what is not final, only what can no longer be reversed has a refund.
            if row.payment.phase == Phase::Refunding {
                self.wake_whole(&row.payment.intent).await?;
            } else {
                self.wake(Rows::of(row));
            }
        }
        for watch_row in due.watches {
            self.wake_whole(&watch_row.watch.intent).await?;
        }
        for refund_row in due.refunds {
            self.wake_whole(&refund_row.refund.intent.payment).await?;
        }
        Ok(more)
    }

    /// Wakes a payment with its watch and its refunds: one that is left out would be due for ever, and nobody's.
    async fn wake_whole(self: &Arc<Self>, intent: &Intent) -> Result<(), StoreError> {
        if self.live().contains_key(&intent.id) {
            return Ok(());
        }
        let store = &self.ports.store;
        let Some(payment) = store.payment(intent.merchant.clone(), intent.id).await? else { return Ok(()) };
        let watch = store.watch(intent.id).await?;
        let refunds = store.refunds_under_way(intent.id).await?;
        self.wake(Rows { payment, watch, refunds });
        Ok(())
    }

    fn wake(self: &Arc<Self>, rows: Rows) {
        let mut live = self.live();
        let id = rows.payment.payment.intent.id;
        if !live.contains_key(&id) && !self.poison.spared(id, self.now()) {
            self.spawn(&mut live, rows, None, None);
        }
    }

    /// Stops: no new work; calls that are out are waited for until `limit`, the rest is in the rows.
    pub async fn stop(&self, limit: Time) {
        self.stopping.send_replace(true);
        let mut drivers = self.drivers.subscribe();
        tokio::select! {
            biased;
            _ = drivers.wait_for(|count| *count == 0) => {}
            () = self.ports.clock.sleep_until(limit) => {
                tracing::warn!("calls were still out at the end; their payments go on from their rows");
            }
        }
    }

    /// A fresh identity for a case or a reversal.
    fn identity(&self) -> u128 {
        payment::ids::PaymentId::new(self.now().0, self.random()).0
    }

    /// How many payments are awake.
    #[must_use]
    pub fn awake(&self) -> usize {
        *self.drivers.borrow()
    }
}

struct Counted(Arc<Engine>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.drivers.send_modify(|count| *count = count.saturating_sub(1));
    }
}
