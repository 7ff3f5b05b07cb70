//! What a driver does for the refunds of its payment: opens them, steps them, and posts their sums.

use std::sync::Arc;

use payment::ids::{ChannelRefundNo, Namespace, RefundId, RefundNo};
use payment::payment::{Phase, RefundWish, Refunds};
use payment::planted::{Bug, on};
use payment::refund::{Refund, RefundInput, RefundStatus, RefundStep};
use payment::time::Time;
use payment::watch::{WatchInput, WatchPhase};
use tokio::sync::oneshot;

use crate::runner::commit::{payment_commit, refund_commit, watch_commit};
use crate::runner::durable::{Superseded, commit_refund_row, open_refund_row};
use crate::runner::{DoorError, RefundAsk, RefundTold, line};
use crate::store::{Event, RefundCommit, RefundFilter, RefundOpened, RefundRow};

use super::Driver;

/// A refund that is not over, and the wake that its row holds.
pub(super) struct Kept {
    pub(super) row: RefundRow,
    saved: Option<Time>,
}

impl Kept {
    pub(super) fn new(row: RefundRow) -> Kept {
        Kept { saved: row.refund.wake, row }
    }
}

impl Driver {
    /// When the next refund needs attention.
    pub(super) fn refunds_wake(&self) -> Option<Time> {
        self.refunds.iter().filter_map(|kept| kept.row.refund.wake).min()
    }

    /// The refund that is due, if one is.
    pub(super) fn refund_due(&self, now: Time) -> Option<RefundId> {
        let due = |kept: &&Kept| kept.row.refund.wake.is_some_and(|wake| wake <= now);
        self.refunds.iter().find(due).map(|kept| kept.row.refund.intent.id)
    }

    fn place(&self, id: RefundId) -> Option<usize> {
        self.refunds.iter().position(|kept| kept.row.refund.intent.id == id)
    }

    /// Writes the wakes that only memory knows, before the driver parks.
    pub(super) async fn save_refund_wakes(&mut self, now: Time) -> Result<(), Superseded> {
        let moved = |kept: &&Kept| kept.row.refund.wake != kept.saved;
        while let Some(before) = self.refunds.iter().find(moved).map(|kept| kept.row.clone()) {
            let refund = before.refund.clone();
            let step = RefundStep { refund, call: None, notices: Vec::new(), durable: true };
            self.take_refund(now, before, step, Vec::new(), None).await?;
        }
        Ok(())
    }

    /// A merchant asks for a refund. The number decides first: one number is one refund, whatever became of it.
    pub(super) async fn refund_asked(
        &mut self,
        ask: RefundAsk,
        reply: oneshot::Sender<Result<RefundTold, DoorError>>,
    ) -> Result<(), Superseded> {
        let now = self.engine.now();
        let known = match self.refund_known(&ask.refund_no).await {
            Ok(known) => known,
            Err(error) => {
                let _told = reply.send(Err(error));
                return Ok(());
            }
        };
        if let Some(row) = known {
            let _told = reply.send(self.same_refund(&ask, row));
            return Ok(());
        }
        match self.open_refund(now, &ask).await {
            Ok(told) => {
                let _told = reply.send(told);
                Ok(())
            }
            Err(superseded) => Err(superseded),
        }
    }

    async fn refund_known(&mut self, refund_no: &RefundNo) -> Result<Option<RefundRow>, DoorError> {
        let merchant = self.row.payment.intent.merchant.clone();
        let filter = RefundFilter::of_number(merchant, refund_no.clone());
        Ok(self.engine.ports.store.refunds(filter).await?.0.pop())
    }

    fn same_refund(&self, ask: &RefundAsk, row: RefundRow) -> Result<RefundTold, DoorError> {
        let intent = &row.refund.intent;
        if intent.payment.id == self.row.payment.intent.id && intent.amount == ask.amount {
            return Ok(RefundTold { row, new: false });
        }
        Err(DoorError::RefundNoTaken(Box::new(row)))
    }

    async fn open_refund(
        &mut self,
        now: Time,
        ask: &RefundAsk,
    ) -> Result<Result<RefundTold, DoorError>, Superseded> {
        let intent = &self.row.payment.intent;
        let Some(account) = self.engine.accounts().get(&intent.account).cloned() else {
            return Ok(Err(DoorError::NoAccount(intent.account.clone())));
        };
        let wish = RefundWish {
            id: RefundId(self.engine.identity()),
            channel_refund_no: ChannelRefundNo::derive(account.namespace, &intent.merchant, &ask.refund_no),
            refund_no: ask.refund_no.clone(),
            amount: ask.amount,
            reason: ask.reason.clone(),
        };
        let (reserved, refund) = match self.row.payment.clone().open_refund(now, wish, &account.refunds) {
            Ok(opened) => opened,
            Err(refused) => {
                return Ok(Err(DoorError::RefundRefused(refused, Box::new(self.row.clone()))));
            }
        };
        // The first step is taken in the commit that opens it.
        let step = refund.step(now, RefundInput::Wake);
        let call = step.call;
        let engine = Arc::clone(&self.engine);
        let identify = move || engine.identity();
        let before = RefundRow { refund: step.refund.clone(), version: 0, case_id: None };
        let events = vec![line::refund_state(now, &step.refund)];
        let mut commit = refund_commit(&before, step, events, None, now, &identify);
        commit.payment = Some(payment_commit(&self.row, reserved, Vec::new(), None, now, &identify));
        if let RefundOpened::Existing(row) = open_refund_row(&self.engine, &commit).await? {
            return Ok(self.same_refund(ask, *row));
        }
        let row = commit.row.clone();
        self.refunds.push(Kept::new(row.clone()));
        self.took(commit);
        if let Some(asked) = call {
            self.start_refund(asked, &row.refund);
        }
        Ok(Ok(RefundTold { row, new: true }))
    }

    /// A person settles a refund's case.
    pub(super) async fn settle_refund(
        &mut self,
        id: RefundId,
        given_back: bool,
        words: String,
        reply: oneshot::Sender<Result<RefundTold, DoorError>>,
    ) -> Result<(), Superseded> {
        let now = self.engine.now();
        let Some(place) = self.place(id) else {
            let _told = reply.send(Err(DoorError::NotFound));
            return Ok(());
        };
        let before = self.refunds[place].row.clone();
        match before.refund.clone().settle(now, given_back) {
            Err(refused) => {
                let _told = reply.send(Err(DoorError::RefundUnsettled(refused)));
                Ok(())
            }
            Ok(step) => {
                let heard = vec![line::door(now, "settle", Some(&words))];
                let row = RefundRow { refund: step.refund.clone(), ..before.clone() };
                self.take_refund(now, before, step, heard, Some(words)).await?;
                let _told = reply.send(Ok(RefundTold { row, new: false }));
                Ok(())
            }
        }
    }

    pub(super) async fn step_refund(
        &mut self,
        now: Time,
        id: RefundId,
        input: RefundInput,
        events: Vec<Event>,
    ) -> Result<(), Superseded> {
        let Some(place) = self.place(id) else { return Ok(()) };
        let before = self.refunds[place].row.clone();
        let step = before.refund.clone().step(now, input);
        self.take_refund(now, before, step, events, None).await
    }

    /// Makes a step of a refund durable with what it ends: the payment's sums, and the watch whose money it gives back.
    async fn take_refund(
        &mut self,
        now: Time,
        before: RefundRow,
        step: RefundStep,
        events: Vec<Event>,
        settlement: Option<String>,
    ) -> Result<(), Superseded> {
        let id = before.refund.intent.id;
        let Some(place) = self.place(id) else { return Ok(()) };
        let call = step.call;
        if !step.durable {
            self.refunds[place].row.refund = step.refund;
        } else {
            let status = step.refund.status();
            let engine = Arc::clone(&self.engine);
            let identify = move || engine.identity();
            let mut commit = refund_commit(&before, step, events, settlement, now, &identify);
            if status != RefundStatus::Pending {
                self.end_refund(now, &mut commit, status == RefundStatus::Succeeded).await;
            }
            commit_refund_row(&self.engine, &commit).await?;
            if commit.row.refund.is_final() {
                self.refunds.remove(place);
            } else {
                self.refunds[place] = Kept::new(commit.row.clone());
            }
            self.took(commit);
        }
        if let Some(asked) = call
            && let Some(place) = self.place(id)
        {
            let refund = self.refunds[place].row.refund.clone();
            self.start_refund(asked, &refund);
        }
        Ok(())
    }

    /// Adds what the end of a refund changes beside its own row.
    async fn end_refund(&mut self, now: Time, commit: &mut RefundCommit, succeeded: bool) {
        let engine = Arc::clone(&self.engine);
        let identify = move || engine.identity();
        if self.row.payment.phase == Phase::Refunding {
            let ended = self.row.payment.clone().refunded_instead(now, succeeded);
            commit.payment = Some(payment_commit(&self.row, ended, Vec::new(), None, now, &identify));
            return;
        }
        // A refund of late money is reserved nowhere: the payment was told as not paid.
        if self.row.payment.refunds != Refunds::default() {
            let amount = commit.row.refund.intent.amount;
            let ended = self.row.payment.clone().refund_ended(now, amount, succeeded);
            commit.payment = Some(payment_commit(&self.row, ended, Vec::new(), None, now, &identify));
            return;
        }
        self.load_watch().await;
        let Some(before) = self.watch_row.clone() else { return };
        if before.watch.phase == WatchPhase::Refunding {
            let step = before.watch.clone().step(now, WatchInput::Refunded { given_back: succeeded });
            commit.watch = Some(watch_commit(&before, &step, Vec::new(), None, now, &identify));
        }
    }

    /// What became durable is shown.
    fn took(&mut self, commit: RefundCommit) {
        if let Some(payment) = commit.payment {
            self.row = payment.row;
            self.saved.0 = self.row.payment.wake;
            self.latest.show(self.row.clone());
            if let Some(watch) = payment.watch {
                self.saved.1 = watch.watch.wake;
                self.watch_row = Some(watch);
            }
        }
        if let Some(watch) = commit.watch {
            self.saved.1 = watch.row.watch.wake;
            self.watch_row = Some(watch.row);
        }
    }

    fn start_refund(&mut self, asked: payment::exchange::Asked, refund: &Refund) {
        let mut intent = refund.intent.clone();
        if on(Bug::B23) && refund.requests > 1 {
            let namespace = Namespace::parse("B23B").expect("four characters");
            intent.channel_refund_no =
                ChannelRefundNo::derive(namespace, &intent.payment.merchant, &intent.refund_no);
        }
        self.start_exchange(asked, crate::runner::call::Owner::Refund(intent.id), Some(&intent));
    }
}
