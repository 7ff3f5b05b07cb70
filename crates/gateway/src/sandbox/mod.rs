//! The simulator's listener: the channels over real TLS, and a control address beside them.
//!
//! What the simulator has decided is on disk before an answer leaves, so that the process may be killed at any point.

mod control;
mod journal;
mod listen;
pub mod material;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use simulator::{Caller, LedgerLine, Prompt, Reaction, Settings, Simulator};
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
}

struct State {
    simulator: Simulator,
    journal: Journal,
}

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
        Ok(Sandbox { state: Mutex::new(State { simulator, journal }), clock })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request of a client. An error means that the decision could not be kept; then nothing may be answered.
    pub(super) fn handle(&self, caller: Caller, request: &Request) -> Result<Reaction, JournalError> {
        let now_ms = self.clock.now().0;
        let mut state = self.state();
        let reaction = state.simulator.handle(now_ms, caller, request);
        state.keep()?;
        Ok(reaction)
    }

    /// The ledger now, or one number of it.
    pub(super) fn ledger(&self, out_trade_no: Option<&str>) -> Result<Vec<LedgerLine>, JournalError> {
        let now_ms = self.clock.now().0;
        let mut state = self.state();
        state.simulator.settle_time(now_ms);
        state.keep()?;
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
        state.keep()?;
        Ok(open)
    }
}

impl State {
    fn keep(&mut self) -> Result<(), JournalError> {
        let changes = self.simulator.changes();
        self.journal.append(changes)
    }
}
