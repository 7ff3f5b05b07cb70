//! A job of the store: what is done inside a transaction, and who waits for its outcome.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::super::StoreError;
use super::super::tables::{Tables, Work, refuse};

/// Something to do, and somebody who waits for it.
pub(super) trait Job: Send {
    /// Does it, and keeps the outcome back.
    fn run(&mut self, tables: &mut dyn Tables) -> Ran;
    /// Tells whoever waits: the outcome, or why the whole batch came to nothing.
    fn resolve(self: Box<Self>, lost: Option<&StoreError>);
}

/// Whether a job's changes stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    Done,
    Undo,
}

pub(super) struct Pending<T, W> {
    work: Option<W>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send + 'static, W: Work<T>> Pending<T, W> {
    pub(super) fn new(work: W, reply: oneshot::Sender<Result<T, StoreError>>) -> Pending<T, W> {
        Pending { work: Some(work), outcome: None, reply }
    }
}

impl<T: Send + 'static, W: Work<T>> Job for Pending<T, W> {
    fn run(&mut self, tables: &mut dyn Tables) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Undo };
        // One job that panics must not take the others' store with it; its own changes are undone.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(tables))).unwrap_or_else(|_| {
            refuse("the job panicked inside its transaction; the log says where".to_owned())
        });
        let ran = if outcome.is_ok() { Ran::Done } else { Ran::Undo };
        self.outcome = Some(outcome);
        ran
    }

    fn resolve(self: Box<Self>, lost: Option<&StoreError>) {
        let outcome = match (lost, self.outcome) {
            (None, Some(outcome)) => outcome,
            (Some(lost), _) => Err(lost.clone()),
            (None, None) => refuse("the job was never run".to_owned()),
        };
        // Whoever has gone away does not want the answer any more.
        let _unheard = self.reply.send(outcome);
    }
}
