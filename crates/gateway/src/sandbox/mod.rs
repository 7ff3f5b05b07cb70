//! The simulator's listener: the channels over real TLS, and a control address beside them.
//!
//! What the simulator has decided is on disk before an answer leaves, so that the process may be killed at any point.

mod codes;
mod control;
pub mod export;
mod guard;
mod journal;
mod listen;
pub mod material;
mod phone;
mod problem;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use simulator::wallet::{self, Purse, Wallet};
use simulator::{Caller, LedgerLine, Prompt, Reaction, Settings, Simulator};
use tokio::sync::watch;
use wire::http::Request;

use crate::clock::Clock;

pub use control::{router, scenario_list};
pub use journal::JournalError;
pub use listen::serve_channels;

use journal::Journal;

/// A simulator that remembers.
pub struct Sandbox {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    /// Counts the changes that are on disk; whoever watches looks again.
    changes: watch::Sender<u64>,
}

struct State {
    simulator: Simulator,
    journal: Journal,
}

/// What a phone shows, of one moment.
struct Scene {
    prompts: Vec<Prompt>,
    purses: Vec<(&'static Wallet, Purse)>,
    /// When it changes by itself, unix ms.
    next_due: Option<i64>,
}

/// So many lines does a wallet's bill show.
const SPENDINGS_MAX: usize = 10;

impl Sandbox {
    /// Opens or goes on with the simulator whose journal is in this folder.
    pub fn open(
        folder: &Path,
        settings: Settings,
        seed: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<Sandbox, JournalError> {
        let (journal, records) = Journal::open(&folder.join("journal.jsonl"))?;
        let simulator = Simulator::restore(settings, seed, records.into_iter())
            .map_err(|error| JournalError(error.to_string()))?;
        let changes = watch::Sender::new(0);
        Ok(Sandbox { state: Mutex::new(State { simulator, journal }), clock, changes })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request of a client. An error means that the decision could not be kept; then nothing may be answered.
    pub(super) fn handle(&self, caller: Caller, request: &Request) -> Result<Reaction, JournalError> {
        let now_ms = self.clock.now().0;
        let mut state = self.state();
        let reaction = state.simulator.handle(now_ms, caller, request);
        self.keep(&mut state)?;
        Ok(reaction)
    }

    /// The ledger now, or one number of it.
    pub(super) fn ledger(&self, out_trade_no: Option<&str>) -> Result<Vec<LedgerLine>, JournalError> {
        let now_ms = self.clock.now().0;
        let mut state = self.state();
        state.simulator.settle_time(now_ms);
        self.keep(&mut state)?;
        Ok(match out_trade_no {
            Some(number) => state.simulator.ledger_of(number),
            None => state.simulator.ledger(),
        })
    }

    /// The password dialogs that are open.
    pub(super) fn prompts(&self) -> Vec<Prompt> {
        self.state().simulator.prompts(self.clock.now().0)
    }

    /// The payer confirms or refuses; whether a dialog was open.
    pub(super) fn decide(&self, out_trade_no: &str, confirms: bool) -> Result<bool, JournalError> {
        let now_ms = self.clock.now().0;
        let mut state = self.state();
        let open = if confirms {
            state.simulator.confirm(now_ms, out_trade_no)
        } else {
            state.simulator.refuse(now_ms, out_trade_no)
        };
        self.keep(&mut state)?;
        Ok(open)
    }

    /// All that a phone shows, as it is now.
    fn scene(&self) -> Result<Scene, JournalError> {
        let now_ms = self.clock.now().0;
        let mut state = self.state();
        state.simulator.settle_time(now_ms);
        self.keep(&mut state)?;
        let simulator = &state.simulator;
        let purse = |wallet| (wallet, simulator.purse(wallet, SPENDINGS_MAX));
        Ok(Scene {
            prompts: simulator.prompts(now_ms),
            purses: wallet::all().iter().map(purse).collect(),
            next_due: simulator.next_due(),
        })
    }

    /// Whether the channels have seen this payment code.
    fn knows_code(&self, code: &str) -> bool {
        self.state().simulator.knows_code(code)
    }

    /// Changes as they become durable.
    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn keep(&self, state: &mut State) -> Result<(), JournalError> {
        let changes = state.simulator.changes();
        if changes.is_empty() {
            return Ok(());
        }
        state.journal.append(changes)?;
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }
}
