//! The task that looks after one payment, its watch and its refunds while they are awake.

mod refunds;
mod watching;
mod whole_refund;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use payment::auth_code::AuthCode;
use payment::exchange::{Answer, Asked, Call, Doubt};
use payment::payment::{CodeHere, Input, Phase, Step};
use payment::planted::{Bug, on};
use payment::refund::{RefundInput, RefundIntent};
use payment::time::Time;
use payment::watch::{WatchInput, WatchStep};
use tokio::sync::mpsc;

use crate::store::{Event, PaymentRow, RefundRow, WatchRow};

use super::call::{Done, Owner, doubt};
use super::commit::payment_commit;
use super::durable::{Superseded, commit_payment_row};
use super::{AHEAD_MS, Command, Door, DoorError, Engine, Latest, line};
use refunds::Kept;
use whole_refund::WholeRefund;

type Calls = FuturesUnordered<Pin<Box<dyn Future<Output = Done> + Send>>>;

pub(super) struct Driver {
    engine: Arc<Engine>,
    row: PaymentRow,
    watch_row: Option<WatchRow>,
    refunds: Vec<Kept>,
    code: Option<AuthCode>,
    inbox: mpsc::UnboundedReceiver<Command>,
    latest: Arc<Latest>,
    calls: Calls,
    polls: Option<PollsSeen>,
    /// The wakes that the rows hold; a poll that learned nothing moves only those in memory.
    saved: (Option<Time>, Option<Time>),
}

/// Fruitless polls, kept until the next line that is written anyway.
struct PollsSeen {
    count: u32,
    first: Time,
    last: Time,
    says: &'static str,
}

enum Happened {
    Command(Command),
    Done(Done),
    Woke,
    Stopped,
}

impl Driver {
    pub(super) fn new(
        engine: Arc<Engine>,
        row: PaymentRow,
        watch_row: Option<WatchRow>,
        refunds: Vec<RefundRow>,
        code: Option<AuthCode>,
        inbox: mpsc::UnboundedReceiver<Command>,
        latest: Arc<Latest>,
    ) -> Driver {
        let refunds = refunds.into_iter().map(Kept::new).collect();
        let saved = (row.payment.wake, watch_row.as_ref().and_then(|row| row.watch.wake));
        let calls = Calls::new();
        Driver { engine, row, watch_row, refunds, code, inbox, latest, calls, polls: None, saved }
    }

    pub(super) async fn run(mut self, first: Option<Asked>) {
        if let Some(asked) = first {
            self.start(asked, Owner::Payment);
        }
        while let Some(happened) = self.next().await {
            let handled = match happened {
                Happened::Command(command) => self.command(command).await,
                Happened::Done(done) => self.done(done).await,
                Happened::Woke => self.woke().await,
                Happened::Stopped => Ok(()),
            };
            if handled.is_err() {
                return;
            }
        }
    }

    /// The next thing that happens, or nothing once this driver may end.
    async fn next(&mut self) -> Option<Happened> {
        let mut stopping = self.engine.stopping.subscribe();
        let stop = *stopping.borrow_and_update();
        if self.calls.is_empty() && (stop || self.may_park()) {
            // A row that says "due" would be woken by the next sweep, whatever this process knew.
            let parked = self.save_wakes().await;
            if parked.is_err() || self.leave() {
                return None;
            }
        }
        let wake = self.wake().unwrap_or(Time(i64::MAX));
        let clock = Arc::clone(&self.engine.ports.clock);
        tokio::select! {
            biased;
            Some(command) = self.inbox.recv() => Some(Happened::Command(command)),
            Some(done) = self.calls.next(), if !self.calls.is_empty() => Some(Happened::Done(done)),
            _ = stopping.changed(), if !stop => Some(Happened::Stopped),
            // A stopping gateway begins no new calls; it waits for those that are out.
            () = clock.sleep_until(wake), if !stop => Some(Happened::Woke),
        }
    }

    fn wake(&self) -> Option<Time> {
        let watch = self.watch_row.as_ref().and_then(|row| row.watch.wake);
        [self.row.payment.wake, watch, self.refunds_wake()].into_iter().flatten().min()
    }

    fn may_park(&self) -> bool {
        self.wake().is_none_or(|wake| wake.since_ms(self.engine.now()) > AHEAD_MS)
    }

    async fn save_wakes(&mut self) -> Result<(), Superseded> {
        let now = self.engine.now();
        if self.row.payment.wake != self.saved.0 {
            let step = Step {
                payment: self.row.payment.clone(),
                call: None,
                notices: Vec::new(),
                watch: None,
                refund: None,
                wake_watch: false,
                durable: true,
            };
            self.take(now, step, Vec::new(), None).await?;
        }
        self.save_refund_wakes(now).await?;
        let Some(before) = self.watch_row.clone().filter(|row| row.watch.wake != self.saved.1) else {
            return Ok(());
        };
        let watch = before.watch.clone();
        let step = WatchStep {
            watch,
            call: None,
            notices: Vec::new(),
            found_closed: None,
            refund: None,
            durable: true,
        };
        self.take_watch(now, before, step, Vec::new(), None).await
    }

    /// Takes itself off the list of the living, unless a command has come in.
    fn leave(&mut self) -> bool {
        let mut live = self.engine.live();
        if !self.inbox.is_empty() {
            return false;
        }
        live.remove(&self.row.payment.intent.id);
        true
    }

    async fn woke(&mut self) -> Result<(), Superseded> {
        let now = self.engine.now();
        if self.row.payment.wake.is_some_and(|wake| wake <= now) {
            let out = self.row.payment.out.filter(|out| now >= out.limit);
            let code = if self.code.is_some() { CodeHere::Here } else { CodeHere::Gone };
            let step = self.row.payment.clone().step(now, Input::Wake { code });
            let events = out.map(|out| line::answer(now, out.number, &Answer::silence(out.call)));
            return self.take(now, step, events.into_iter().collect(), None).await;
        }
        if self.watch_row.as_ref().and_then(|row| row.watch.wake).is_some_and(|wake| wake <= now) {
            return self.step_watch(now, WatchInput::Wake, Vec::new()).await;
        }
        match self.refund_due(now) {
            Some(id) => self.step_refund(now, id, RefundInput::Wake, Vec::new()).await,
            None => Ok(()),
        }
    }

    async fn done(&mut self, done: Done) -> Result<(), Superseded> {
        let now = self.engine.now();
        let heard = line::answer(now, done.number, &done.answer);
        match done.owner {
            Owner::Payment => {
                let says = line::says(&done.answer);
                let input = Input::Answer { number: done.number, answer: done.answer };
                let step = self.row.payment.clone().step(now, input);
                if step.durable {
                    return self.take(now, step, vec![heard], None).await;
                }
                self.polled(now, says);
                self.take(now, step, Vec::new(), None).await
            }
            Owner::Watch => {
                let input = WatchInput::Answer { number: done.number, answer: done.answer };
                self.step_watch(now, input, vec![heard]).await
            }
            Owner::Refund(id) => {
                let input = RefundInput::Answer { number: done.number, answer: done.answer };
                self.step_refund(now, id, input, vec![heard]).await
            }
        }
    }

    fn polled(&mut self, now: Time, says: &'static str) {
        let seen = self.polls.get_or_insert(PollsSeen { count: 0, first: now, last: now, says });
        seen.count += 1;
        seen.last = now;
        seen.says = says;
    }

    async fn command(&mut self, command: Command) -> Result<(), Superseded> {
        let now = self.engine.now();
        let (door, reply) = match command {
            Command::Door { door, reply } => (door, reply),
            Command::Begin { code, call } => {
                self.begin(code, call);
                return Ok(());
            }
            Command::Refund { ask, reply } => return self.refund_asked(ask, reply).await,
            Command::SettleRefund { id, given_back, words, reply } => {
                return self.settle_refund(id, given_back, words, reply).await;
            }
        };
        let payment = self.row.payment.clone();
        let (opened, heard, settlement) = match &door {
            Door::Cancel => (payment.cancel(now), line::door(now, "cancel", None), None),
            Door::Reverse { reason } => (
                payment.request_reversal(now, reason.clone()),
                line::door(now, "reverse", Some(reason)),
                None,
            ),
            Door::Settle { settlement, words } => {
                if self.watch_case_open() {
                    let settled = self.settle_watch(now, words).await;
                    let answer = settled.as_ref().map(|()| self.row.clone());
                    let _told = reply.send(answer.map_err(|_| DoorError::Stopping));
                    return settled;
                }
                let heard = line::door(now, "settle", Some(words));
                (payment.settle(now, *settlement), heard, Some(words.clone()))
            }
        };
        match opened {
            Err(refused) => {
                let _told = reply.send(Err(DoorError::Refused(refused, Box::new(self.row.clone()))));
                Ok(())
            }
            Ok(step) => {
                let taken = self.take(now, step, vec![heard], settlement).await;
                // The till may have gone; what it asked for stands.
                if taken.is_ok() {
                    let _told = reply.send(Ok(self.row.clone()));
                }
                taken
            }
        }
    }

    /// Takes over a submit whose opening was overtaken; one that is over, or asked already, stays as it is.
    fn begin(&mut self, code: AuthCode, call: Option<Asked>) {
        let Some(asked) = call.filter(|asked| self.row.payment.out == Some(*asked)) else { return };
        if self.row.payment.phase == Phase::Submitting && self.calls.is_empty() {
            self.code = Some(code);
            self.start(asked, Owner::Payment);
        }
    }

    /// Makes a step durable, shows it, and makes its call.
    async fn take(
        &mut self,
        now: Time,
        step: Step,
        mut events: Vec<Event>,
        settlement: Option<String>,
    ) -> Result<(), Superseded> {
        let call = step.call;
        let wake_watch = step.wake_watch;
        if on(Bug::B1)
            && let Some(asked) = call
        {
            self.start(asked, Owner::Payment);
        }
        if step.durable {
            if let Some(polls) = self.polls.take() {
                events.insert(0, line::polls(polls.count, polls.first, polls.last, polls.says));
            }
            let engine = Arc::clone(&self.engine);
            let identify = move || engine.identity();
            let refund = self.whole_refund(now, step.refund.clone()).await?;
            let mut commit = payment_commit(&self.row, step, events, settlement, now, &identify);
            commit.refund = WholeRefund::begins(refund.as_ref());
            commit_payment_row(&self.engine, &self.row.payment, &commit).await?;
            self.refunds.extend(commit.refund.map(Kept::new));
            self.row = commit.row;
            self.saved.0 = self.row.payment.wake;
            if let Some(watch) = commit.watch {
                self.saved.1 = watch.watch.wake;
                self.watch_row = Some(watch);
            }
            self.whole_refund_is_over(now, refund).await?;
        } else {
            self.row.payment = step.payment;
        }
        self.forget_spent_code();
        self.latest.show(self.row.clone());
        if let Some(asked) = call
            && !on(Bug::B1)
        {
            self.start(asked, Owner::Payment);
        }
        if wake_watch {
            Box::pin(self.step_watch(now, WatchInput::LookNow, Vec::new())).await?;
        }
        Ok(())
    }

    /// The code lives only while a submit may still need it.
    fn forget_spent_code(&mut self) {
        if !matches!(self.row.payment.phase, Phase::Opened | Phase::Submitting) {
            self.code = None;
        }
    }

    fn start(&mut self, asked: Asked, owner: Owner) {
        self.start_exchange(asked, owner, None);
    }

    /// Starts a call; its request is made now.
    fn start_exchange(&mut self, asked: Asked, owner: Owner, refund: Option<&RefundIntent>) {
        let code = self.code.as_ref().filter(|_| asked.call == Call::Submit);
        match self.engine.exchange(&self.row, asked, code, refund) {
            // Planted, the call runs on its own, whatever becomes of the commit.
            Some(exchange) if on(Bug::B1) => {
                let running = tokio::spawn(exchange.run(owner));
                let answer = doubt(asked.call, Doubt::Broken);
                let lost = Done { owner, number: asked.number, answer };
                self.calls.push(Box::pin(async move { running.await.unwrap_or(lost) }));
            }
            Some(exchange) => self.calls.push(Box::pin(exchange.run(owner))),
            None => {
                let answer = doubt(asked.call, Doubt::Broken);
                let limit = self.engine.ports.clock.sleep_until(asked.limit);
                self.calls.push(Box::pin(async move {
                    limit.await;
                    Done { owner, number: asked.number, answer }
                }));
            }
        }
    }
}

/// However a driver ends, by a panic too, it must not stay on the list: a door would knock for ever.
impl Drop for Driver {
    fn drop(&mut self) {
        self.latest.close();
        let id = self.row.payment.intent.id;
        let mut live = self.engine.live();
        if live.get(&id).is_some_and(|entry| Arc::ptr_eq(&entry.state, &self.latest)) {
            live.remove(&id);
        }
    }
}
