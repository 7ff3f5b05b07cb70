//! A paid payment, two refunds of 60 % each, and a channel that keeps its own books.

use std::collections::BTreeMap;

use payment::exchange::{
    Answer, Asked, Call, ChannelCode, PaidFacts, Payee, RefundAnswer, RefundFacts, RefundQueryAnswer,
    RefundReason, RefundRefusal,
};
use payment::ids::{
    ChannelOrderNo, ChannelRefundNo, MerchantCode, Namespace, OrderNo, PaymentId, RefundId, RefundNo,
};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{Intent, Payment, Phase, RefundWish};
use payment::refund::{Refund, RefundInput, RefundStatus, RefundStep};
use payment::time::Time;

use crate::moves::{Budget, Move};

const PAID: i64 = 1000;
const PART: i64 = 600;
/// How long after its limit a request may still land, ms. With the lag it is less than the settle time.
const LANDS_MS: i64 = 15_000;
/// How long a query may lag behind the books, ms.
const LAG_MS: i64 = 30_000;
const START: Time = Time(1_795_226_400_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Pending,
    Done,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    now: Time,
    payment: Payment,
    refunds: Vec<Refund>,
    /// The channel's books, by refund number: how it stands, and since when it is there.
    books: BTreeMap<String, (State, Time)>,
    /// A request that lands later: number, and until when it can.
    flying: Option<(String, Time)>,
    budget: Budget,
}

impl World {
    pub(crate) fn new(channel: Channel, budget: Budget) -> World {
        let merchant = MerchantCode::parse("default").unwrap();
        let order_no = OrderNo::parse("20261121-0001").unwrap();
        let channel_order_no =
            ChannelOrderNo::derive(Namespace::parse("A1B2").unwrap(), &merchant, &order_no, 1);
        let payee = Payee { merchant: "1900000109".to_owned(), sub_merchant: None };
        let intent = Intent {
            id: PaymentId(1),
            channel_order_no: channel_order_no.clone(),
            merchant,
            order_no,
            attempt: 1,
            amount: Fen::payable(PAID).unwrap(),
            account: "main".to_owned(),
            channel,
            payee,
            opened_at: START,
        };
        let mut payment = Payment::open(intent);
        payment.phase = Phase::Paid;
        payment.wake = None;
        payment.told_paid = true;
        payment.submitted_at = Some(START);
        payment.paid = Some(PaidFacts {
            channel_order_no: channel_order_no.as_str().to_owned(),
            amount: Fen::payable(PAID).unwrap(),
            currency: "CNY".to_owned(),
            payee: None,
            channel_transaction_no: "4200001".to_owned(),
            paid_amount: Fen::payable(PAID).unwrap(),
            discount_amount: Fen::ZERO,
            paid_at: START,
        });
        World { now: START, payment, refunds: Vec::new(), books: BTreeMap::new(), flying: None, budget }
    }

    /// Counters that decide nothing must not keep equal worlds apart.
    pub(crate) fn forget_counts(&mut self) {
        for refund in &mut self.refunds {
            refund.calls = 0;
            refund.looks = refund.looks.min(3);
            refund.updated_at = self.now;
            if let Some(out) = &mut refund.out {
                out.number = 0;
            }
        }
        self.payment.updated_at = self.now;
    }

    pub(crate) fn age_ms(&self) -> i64 {
        self.now.since_ms(START)
    }

    pub(crate) fn statuses(&self) -> impl Iterator<Item = RefundStatus> + '_ {
        self.refunds.iter().map(Refund::status)
    }

    pub(crate) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut asking = false;
        for (place, refund) in self.refunds.iter().enumerate() {
            let Some(out) = refund.out else { continue };
            asking = true;
            moves.push(Move::Truth(place));
            let booked = self.books.get(refund.intent.channel_refund_no.as_str());
            let fresh = booked.is_none_or(|(_, since)| self.now.since_ms(*since) < LAG_MS);
            let lose = self.budget.losses > 0;
            if out.call == Call::Refund {
                moves.extend((self.budget.refusals > 0 && booked.is_none()).then_some(Move::Short(place)));
                moves.extend((self.budget.pendings > 0 && booked.is_none()).then_some(Move::TakeUp(place)));
                if lose {
                    moves.extend([Move::AnswerLost(place), Move::RequestLost(place)]);
                    moves.extend(self.flying.is_none().then_some(Move::Late(place)));
                }
            } else {
                moves.extend(lose.then_some(Move::RequestLost(place)));
                moves.extend((self.budget.lags > 0 && fresh).then_some(Move::Lag(place)));
            }
        }
        if !asking && self.refunds.iter().any(|refund| refund.wake.is_some()) {
            moves.push(Move::Wake);
        }
        if self.refunds.len() < 2 {
            moves.push(Move::Open);
        }
        if self.flying.is_some() {
            moves.push(Move::Land);
        }
        if self.books.values().any(|(state, _)| *state == State::Pending) {
            moves.extend([Move::Finish, Move::Close]);
        }
        if self.budget.crashes > 0 && !self.refunds.is_empty() {
            moves.push(Move::Crash);
        }
        if self.budget.reversals > 0 {
            moves.push(Move::Demand);
        }
        moves
    }

    pub(crate) fn apply(&mut self, next: Move) -> Result<(), String> {
        match next {
            Move::Open => self.open(),
            Move::Wake => self.wake(),
            Move::Truth(place) => self.truth(place),
            Move::AnswerLost(place) => {
                self.budget.losses -= 1;
                self.arrive(&self.number(place));
                self.silence(place);
            }
            Move::RequestLost(place) => {
                self.budget.losses -= 1;
                self.silence(place);
            }
            Move::Late(place) => {
                self.budget.losses -= 1;
                let limit = self.out(place).limit;
                self.flying = Some((self.number(place), limit.plus_ms(LANDS_MS)));
                self.silence(place);
            }
            Move::Short(place) => {
                self.budget.refusals -= 1;
                let refusal = refusal(RefundReason::PayerAccount);
                self.answer(place, Answer::Refund(RefundAnswer::Refused(refusal)));
            }
            Move::TakeUp(place) => self.take_up(place),
            Move::Lag(place) => {
                self.budget.lags -= 1;
                self.answer(place, Answer::RefundQuery(RefundQueryAnswer::NotFound));
            }
            Move::Land => {
                if let Some((number, _)) = self.flying.take() {
                    self.arrive(&number);
                }
            }
            Move::Finish => self.end_pending(State::Done),
            Move::Close => self.end_pending(State::Closed),
            Move::Crash => {
                self.budget.crashes -= 1;
                self.refunds = std::mem::take(&mut self.refunds).into_iter().map(Refund::recovered).collect();
            }
            Move::Demand => self.demand()?,
        }
        self.check()
    }

    fn number(&self, place: usize) -> String {
        self.refunds[place].intent.channel_refund_no.as_str().to_owned()
    }

    fn open(&mut self) {
        let count = self.refunds.len() as u128;
        let refund_no = RefundNo::parse(&format!("R{count}")).unwrap();
        let merchant = &self.payment.intent.merchant;
        let wish = RefundWish {
            id: RefundId(count),
            channel_refund_no: ChannelRefundNo::derive(
                Namespace::parse("A1B2").unwrap(),
                merchant,
                &refund_no,
            ),
            refund_no,
            amount: Fen::payable(PART).unwrap(),
            reason: None,
        };
        let limits = self.payment.intent.channel.patience().refunds;
        if let Ok((step, refund)) = self.payment.clone().open_refund(self.now, wish, &limits) {
            self.payment = step.payment;
            self.refunds.push(refund);
        } else {
            // The clerk gives up; a refused opening changes nothing, so it is tried once.
            let nobody = self.refunds.first().cloned();
            self.refunds.extend(nobody.filter(Refund::is_final));
        }
    }

    fn wake(&mut self) {
        let Some(wake) = self.refunds.iter().filter_map(|refund| refund.wake).min() else { return };
        self.pass_to(wake.max(self.now));
        let Some(place) = self.refunds.iter().position(|refund| refund.wake == Some(wake)) else { return };
        self.step(place, RefundInput::Wake);
    }

    /// Time passes; a request that can no longer land is gone.
    fn pass_to(&mut self, now: Time) {
        self.now = now;
        if self.flying.as_ref().is_some_and(|(_, until)| now >= *until) {
            self.flying = None;
        }
    }

    fn out(&self, place: usize) -> Asked {
        self.refunds[place].out.expect("a call is out")
    }

    fn silence(&mut self, place: usize) {
        self.pass_to(self.out(place).limit.max(self.now));
        self.step(place, RefundInput::Wake);
    }

    fn answer(&mut self, place: usize, answer: Answer) {
        let number = self.out(place).number;
        self.pass_to(self.now.plus_ms(100));
        self.step(place, RefundInput::Answer { number, answer });
    }

    fn truth(&mut self, place: usize) {
        let number = self.number(place);
        let answer = if self.out(place).call == Call::Refund {
            self.arrive(&number);
            Answer::Refund(match self.state(&number) {
                Some(State::Done) => RefundAnswer::Done(self.facts(place)),
                Some(State::Pending) => RefundAnswer::Accepted,
                Some(State::Closed) | None => RefundAnswer::Refused(refusal(RefundReason::AmountExceeded)),
            })
        } else {
            Answer::RefundQuery(match self.state(&number) {
                Some(State::Done) => RefundQueryAnswer::Done(self.facts(place)),
                Some(State::Pending) => RefundQueryAnswer::Pending,
                Some(State::Closed) => RefundQueryAnswer::Closed,
                None => RefundQueryAnswer::NotFound,
            })
        };
        self.answer(place, answer);
    }

    fn take_up(&mut self, place: usize) {
        self.budget.pendings -= 1;
        let number = self.number(place);
        if self.room() {
            self.books.insert(number, (State::Pending, self.now));
            self.answer(place, Answer::Refund(RefundAnswer::Accepted));
        } else {
            self.truth(place);
        }
    }

    fn facts(&self, place: usize) -> RefundFacts {
        RefundFacts {
            channel_order_no: self.payment.intent.channel_order_no.as_str().to_owned(),
            channel_refund_no: self.number(place),
            amount: Some(Fen::payable(PART).unwrap()),
            channel_transaction_no: String::new(),
        }
    }

    fn state(&self, number: &str) -> Option<State> {
        self.books.get(number).map(|(state, _)| *state)
    }

    /// Whether the channel would give another part back.
    fn room(&self) -> bool {
        self.given_or_pending() + PART <= PAID
    }

    fn given_or_pending(&self) -> i64 {
        let open = self.books.values().filter(|(state, _)| *state != State::Closed).count();
        i64::try_from(open).unwrap() * PART
    }

    /// A request reaches the channel: one number is one refund.
    fn arrive(&mut self, number: &str) {
        if !self.books.contains_key(number) && self.room() {
            self.books.insert(number.to_owned(), (State::Done, self.now));
        }
    }

    fn end_pending(&mut self, end: State) {
        let pending = self.books.values_mut().find(|(state, _)| *state == State::Pending);
        if let Some((state, _)) = pending {
            *state = end;
        }
    }

    fn demand(&mut self) -> Result<(), String> {
        self.budget.reversals -= 1;
        let demanded = self.payment.clone().request_reversal(self.now, "wrong item".to_owned());
        if demanded.is_ok() && self.payment.refunds.any() {
            return Err("I-17: a payment with refunds is reversed".to_owned());
        }
        Ok(())
    }

    fn step(&mut self, place: usize, input: RefundInput) {
        let RefundStep { refund, .. } = self.refunds[place].clone().step(self.now, input);
        if refund.is_final() && !self.refunds[place].is_final() {
            let succeeded = refund.status() == RefundStatus::Succeeded;
            let ended = self.payment.clone().refund_ended(self.now, refund.intent.amount, succeeded);
            self.payment = ended.payment;
        }
        self.refunds[place] = refund;
    }

    fn check(&self) -> Result<(), String> {
        let sums = &self.payment.refunds;
        if sums.given_back + sums.reserved > PAID {
            return Err(format!("I-17: {sums:?} of {PAID}"));
        }
        for refund in &self.refunds {
            let number = refund.intent.channel_refund_no.as_str();
            let booked = self.state(number);
            let flies = self.flying.as_ref().is_some_and(|(flying, _)| flying == number);
            let may_land = flies && booked.is_none() && self.room();
            match refund.status() {
                RefundStatus::Failed if matches!(booked, Some(State::Done | State::Pending)) || may_land => {
                    return Err(format!("I-19: {number} is told failed, and the channel has it: {booked:?}"));
                }
                RefundStatus::Succeeded if booked != Some(State::Done) => {
                    return Err(format!("I-18: {number} is told given back, and is not"));
                }
                RefundStatus::Pending | RefundStatus::Succeeded | RefundStatus::Failed => {}
            }
        }
        Ok(())
    }
}

fn refusal(reason: RefundReason) -> RefundRefusal {
    RefundRefusal { reason, channel: ChannelCode::default() }
}
