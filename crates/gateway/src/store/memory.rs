//! A store in memory, for simulations and tests: the same verbs, the same records, and nothing that a run could not repeat.
//!
//! Rows are kept as the text that a database would hold, so that whatever is read back has passed through the codec, as
//! after a restart. A handle is a reference: clones share the memory, and a simulation that drops its engine opens the next
//! one on a clone. Nothing survives the process.

mod filter;
mod refunds;
mod state;
mod table;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::state::State;
use super::tables::{Backend, Tables, Work};
use super::{Counters, StoreError};
use crate::clock::Later;

/// Awaited before and after every transaction: it may give way, crash the run, or fail.
pub type Hook = Arc<dyn Fn() -> Later<'static, Result<(), StoreError>> + Send + Sync>;

/// The store in memory.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    /// Writing transactions; each holds one verb.
    writes: Arc<AtomicU64>,
    hook: Option<Hook>,
}

impl MemoryStore {
    /// An empty memory.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore { state: Arc::default(), writes: Arc::default(), hook: None }
    }

    /// The same memory behind a hook. A hook that fails before the transaction leaves everything unchanged; one that fails
    /// after it leaves the change in place and loses the acknowledgement, as a dying machine does.
    #[must_use]
    pub fn with_hook(self, hook: Hook) -> MemoryStore {
        MemoryStore { hook: Some(hook), ..self }
    }

    /// What stands in the outbox, in order: the notice's word and, for a case, its kind.
    #[must_use]
    pub fn outbox(&self) -> Vec<(payment::ids::PaymentId, &'static str, Option<&'static str>)> {
        self.lock().outbox()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic inside a transaction leaves it unfinished, and the next one begins by undoing it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>> {
        Box::pin(async move {
            if let Some(hook) = &self.hook {
                hook().await?;
            }
            let outcome = self.transact(work)?;
            if let Some(hook) = &self.hook {
                hook().await?;
            }
            Ok(outcome)
        })
    }

    fn transact<T>(&self, work: impl Work<T>) -> Result<T, StoreError> {
        let mut state = self.lock();
        state.roll_back();
        let outcome = work(&mut *state);
        match outcome {
            Ok(_) => state.keep(),
            Err(_) => state.roll_back(),
        }
        outcome
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new()
    }
}

impl Backend for MemoryStore {
    fn write<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>> {
        let writes = Arc::clone(&self.writes);
        self.run(move |tables: &mut dyn Tables| {
            let outcome = work(tables)?;
            writes.fetch_add(1, Ordering::Relaxed);
            Ok(outcome)
        })
    }

    fn written(&self) -> Counters {
        let writes = self.writes.load(Ordering::Relaxed);
        Counters { transactions: writes, commits: writes }
    }

    fn read<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>> {
        self.run(work)
    }
}
