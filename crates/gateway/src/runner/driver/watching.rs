//! What a driver does for the watch of its payment.

use std::sync::Arc;

use payment::time::Time;
use payment::watch::{WatchInput, WatchStep};

use crate::runner::call::Owner;
use crate::runner::commit::{payment_commit, watch_commit};
use crate::runner::durable::{Superseded, commit_watch_row};
use crate::runner::line;
use crate::store::{Event, WatchRow};

use super::Driver;
use super::refunds::Kept;
use super::whole_refund::WholeRefund;

impl Driver {
    pub(super) fn watch_case_open(&self) -> bool {
        self.watch_row.as_ref().is_some_and(|row| row.watch.case.is_some())
    }

    pub(super) async fn settle_watch(&mut self, now: Time, words: &str) -> Result<(), Superseded> {
        let Some(before) = self.watch_row.clone() else { return Ok(()) };
        let step = before.watch.clone().settled(now);
        let heard = vec![line::door(now, "settle", Some(words))];
        self.take_watch(now, before, step, heard, Some(words.to_owned())).await
    }

    pub(super) async fn step_watch(
        &mut self,
        now: Time,
        input: WatchInput,
        events: Vec<Event>,
    ) -> Result<(), Superseded> {
        self.load_watch().await;
        let Some(before) = self.watch_row.clone() else { return Ok(()) };
        let step = before.watch.clone().step(now, input);
        self.take_watch(now, before, step, events, None).await
    }

    pub(super) async fn load_watch(&mut self) {
        if self.watch_row.is_none() {
            let id = self.row.payment.intent.id;
            self.watch_row = self.engine.ports.store.watch(id).await.unwrap_or_default();
            if let Some(row) = &mut self.watch_row {
                row.watch = row.watch.clone().taken_up(self.engine.started);
            }
            self.saved.1 = self.watch_row.as_ref().and_then(|row| row.watch.wake);
        }
    }

    pub(super) async fn take_watch(
        &mut self,
        now: Time,
        before: WatchRow,
        step: WatchStep,
        events: Vec<Event>,
        settlement: Option<String>,
    ) -> Result<(), Superseded> {
        let call = step.call;
        if step.durable {
            let engine = Arc::clone(&self.engine);
            let identify = move || engine.identity();
            let mut commit = watch_commit(&before, &step, events, settlement, now, &identify);
            if let Some(how) = step.found_closed {
                let corrected = self.row.payment.clone().corrected_reversed(now, how);
                commit.payment = Some(payment_commit(&self.row, corrected, Vec::new(), None, now, &identify));
            }
            let refund = self.whole_refund(now, step.refund).await?;
            commit.refund = WholeRefund::begins(refund.as_ref());
            commit_watch_row(&self.engine, (&before.watch, &self.row.payment), &commit).await?;
            self.refunds.extend(commit.refund.map(Kept::new));
            if let Some(corrected) = commit.payment {
                self.row = corrected.row;
                self.saved.0 = self.row.payment.wake;
                self.latest.show(self.row.clone());
            }
            self.saved.1 = commit.row.watch.wake;
            self.watch_row = Some(commit.row);
            self.whole_refund_is_over(now, refund).await?;
        } else {
            self.watch_row = Some(WatchRow { watch: step.watch, ..before });
        }
        if let Some(asked) = call {
            self.start(asked, Owner::Watch);
        }
        Ok(())
    }
}
