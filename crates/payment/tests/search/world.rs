//! One payment, its till and a small channel that may lose, delay and lie within a budget.
//!
//! The same world is searched exhaustively (L0) and walked at random (L1): [`World::moves`] lists what can happen next,
//! [`World::apply`] makes it happen and checks what must hold.

use payment::exchange::{
    Answer, Asked, Call, CannotWhy, ChannelCode, ClosedHow, Doubt, PaidFacts, Payee, QueryAnswer,
    ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::ids::{ChannelOrderNo, MerchantCode, Namespace, OrderNo, PaymentId};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{CodeHere, Input, Intent, Notice, Payment, Phase, Status};
use payment::time::{HOUR_MS, Time};
use payment::watch::{Watch, WatchInput, WatchPhase};

use crate::moves::{Budget, Move, Order, Reply, decline};

/// The whole of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) payment: Payment,
    pub(crate) watch: Option<Watch>,
    pub(crate) order: Order,
    /// When the channel charged it, by its own clock.
    pub(crate) paid_at: Option<Time>,
    pub(crate) charged: u8,
    pub(crate) returned: u8,
    pub(crate) hanging: bool,
    pub(crate) late: Option<(u32, SubmitAnswer)>,
    pub(crate) declined: bool,
    /// The channel itself has said no: a refusal, or closed.
    pub(crate) refusal: bool,
    pub(crate) submits: u8,
    pub(crate) reverses: u16,
    pub(crate) told: Option<Status>,
    pub(crate) demanded: bool,
    pub(crate) cannot: bool,
    pub(crate) code_here: bool,
    pub(crate) tombstones: bool,
    pub(crate) budget: Budget,
    pub(crate) cases: u8,
}

pub(crate) const AMOUNT: i64 = 1234;

/// Noon in Shanghai: windows of a day are open for hours.
pub(crate) const NOON: Time = Time(1_773_547_200_000);
/// Forty seconds before midnight: they end while the payment is undecided.
pub(crate) const LATE: Time = Time(NOON.0 + 12 * HOUR_MS - 40_000);

impl World {
    pub(crate) fn new(channel: Channel, tombstones: bool, budget: Budget, opened_at: Time) -> World {
        let merchant = MerchantCode::parse("m").unwrap();
        let order_no = OrderNo::parse("o").unwrap();
        let namespace = Namespace::parse("TEST").unwrap();
        let intent = Intent {
            id: PaymentId(1),
            channel_order_no: ChannelOrderNo::derive(namespace, &merchant, &order_no, 1),
            merchant,
            order_no,
            attempt: 1,
            amount: Fen::payable(AMOUNT).unwrap(),
            account: "a".to_owned(),
            channel,
            payee: Payee { merchant: "mch".to_owned(), sub_merchant: None },
            opened_at,
        };
        World {
            now: intent.opened_at,
            payment: Payment::open(intent),
            watch: None,
            order: Order::Absent,
            paid_at: None,
            charged: 0,
            returned: 0,
            hanging: false,
            late: None,
            declined: false,
            refusal: false,
            submits: 0,
            reverses: 0,
            told: None,
            demanded: false,
            cannot: false,
            code_here: true,
            tombstones,
            budget,
            cases: 0,
        }
    }

    fn wechat_like(&self) -> bool {
        matches!(self.payment.intent.channel, Channel::WechatV2 | Channel::WechatV3)
    }

    /// The call that is out, the payment's or its watch's.
    pub(crate) fn out(&self) -> Option<Asked> {
        self.payment.out.or_else(|| self.watch.as_ref().and_then(|watch| watch.out))
    }

    fn wake(&self) -> Option<Time> {
        let watch = self.watch.as_ref().and_then(|watch| watch.wake);
        match (self.payment.wake, watch) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        }
    }

    /// What can happen next.
    pub(crate) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::with_capacity(16);
        if self.out().is_some() {
            self.replies(&mut moves);
        } else if self.wake().is_some() {
            moves.push(Move::Wake);
        }
        self.outside(&mut moves);
        moves
    }

    fn replies(&self, moves: &mut Vec<Move>) {
        let Some(out) = self.out() else { return };
        let lie = self.budget.lies > 0;
        let lose = self.budget.losses > 0;
        let mut say = |reply| moves.push(Move::Answered(reply));
        match out.call {
            Call::Submit => {
                for reply in [
                    Reply::PaysAtOnce,
                    Reply::AsksPayer,
                    Reply::Declines,
                    Reply::DeclinesAsk,
                    Reply::UnsureCharged,
                    Reply::UnsureNothing,
                    Reply::NotSent,
                ] {
                    say(reply);
                }
            }
            Call::Query => {
                say(Reply::Truth);
                if lie {
                    say(Reply::SaysNotFound);
                    say(Reply::SaysUnsure);
                }
                if self.budget.differs > 0 {
                    say(Reply::SaysOtherAmount);
                }
            }
            Call::Reverse => {
                say(Reply::Truth);
                if lie {
                    say(Reply::Again);
                    say(Reply::YesDoesNothing);
                    say(Reply::Cannot);
                }
            }
            Call::Refund | Call::RefundQuery => panic!("a payment or its watch asked a refund by itself"),
        }
        if lose {
            moves.push(Move::Lost { arrived: true });
            moves.push(Move::Lost { arrived: false });
            if out.call == Call::Submit {
                moves.push(Move::Hangs);
            }
        }
    }

    fn outside(&self, moves: &mut Vec<Move>) {
        if self.order == Order::Waiting {
            moves.push(Move::Confirms);
            moves.push(Move::Refuses);
            if self.wechat_like() {
                moves.push(Move::DialogEnds);
            }
        }
        // The order's own expiry (at most six minutes) kills a submit that hangs longer.
        let age_ms = self.now.since_ms(self.payment.intent.opened_at);
        if self.hanging && age_ms < 6 * 60_000 {
            moves.push(Move::Arrives { answered: true });
            moves.push(Move::Arrives { answered: false });
        }
        if self.late.is_some() {
            moves.push(Move::LateAnswer);
        }
        if self.declined && self.budget.lies > 0 && self.charged == 0 && age_ms < 60_000 {
            moves.push(Move::ChargesDeclined);
        }
        if self.budget.crashes > 0 && !self.is_over() {
            moves.push(Move::Crash);
        }
        if self.budget.cancels > 0 && !self.payment.is_final() {
            moves.push(Move::Cancels);
        }
        if self.budget.cancels > 0 && self.payment.phase == Phase::Paid {
            moves.push(Move::Cancels);
            if self.budget.demands > 0 {
                moves.push(Move::Demands);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.payment.is_final() && self.watch.as_ref().is_none_or(|watch| watch.phase == WatchPhase::Bill)
    }

    /// Makes it happen.
    pub(crate) fn apply(&mut self, next: Move) {
        match next {
            Move::Wake => {
                let wake = self.wake().expect("a wake was listed");
                self.now = self.now.max(wake);
                self.hanging &= self.now.since_ms(self.payment.intent.opened_at) < 6 * 60_000;
                self.wake_due();
            }
            Move::Answered(reply) => self.reply(reply),
            Move::Lost { arrived } => {
                self.budget.losses -= 1;
                let out = self.out().expect("a call is out");
                if arrived {
                    self.arrive(out.call);
                }
                self.now = self.now.max(out.limit);
                self.wake_due();
            }
            Move::Hangs => {
                self.budget.losses -= 1;
                self.hanging = true;
                self.now = self.now.max(self.out().expect("a submit is out").limit);
                self.wake_due();
            }
            Move::Arrives { answered } => self.arrive_late(answered),
            Move::LateAnswer => {
                let (number, answer) = self.late.take().expect("a late answer was listed");
                self.answer_payment(number, Answer::Submit(answer));
            }
            Move::Confirms => self.charge(),
            Move::Refuses => self.order = Order::NotPaid,
            Move::DialogEnds => self.order = Order::PayError,
            Move::ChargesDeclined => {
                self.budget.lies -= 1;
                self.declined = false;
                self.charge();
            }
            Move::Crash => {
                self.budget.crashes -= 1;
                self.code_here = false;
                self.late = None;
                self.payment = self.payment.clone().recovered();
                self.watch = self.watch.take().map(Watch::recovered);
            }
            Move::Cancels => {
                self.budget.cancels -= 1;
                if let Ok(step) = self.payment.clone().cancel(self.now) {
                    self.take(step);
                }
            }
            Move::Demands => {
                self.budget.demands -= 1;
                if let Ok(step) = self.payment.clone().request_reversal(self.now, "lost".to_owned()) {
                    self.demanded = true;
                    self.take(step);
                }
            }
        }
        self.check();
    }

    fn arrive_late(&mut self, answered: bool) {
        self.hanging = false;
        if self.order == Order::Absent {
            self.charge();
            if answered {
                let paid = SubmitAnswer::Paid(self.facts(AMOUNT));
                self.late = Some((1, paid));
            }
        }
    }

    fn wake_due(&mut self) {
        if self.payment.wake.is_some_and(|wake| wake <= self.now) {
            let code = if self.code_here { CodeHere::Here } else { CodeHere::Gone };
            let step = self.payment.clone().step(self.now, Input::Wake { code });
            self.take(step);
        } else if self.watch.as_ref().and_then(|watch| watch.wake).is_some_and(|wake| wake <= self.now) {
            self.step_watch(WatchInput::Wake);
        }
    }

    fn step_watch(&mut self, input: WatchInput) {
        let Some(watch) = self.watch.take() else { return };
        let step = watch.step(self.now, input);
        self.note_call(step.call, true);
        self.cases = self.cases.saturating_add(opened(&step.notices));
        if let Some(how) = step.found_closed {
            let corrected = self.payment.clone().corrected_reversed(self.now, how);
            self.watch = Some(step.watch);
            self.take(corrected);
        } else {
            self.watch = Some(step.watch);
        }
        // The refund's own machine is searched by itself; here it gives the money back at once.
        if step.refund.is_some() {
            self.arrive_reverse();
            self.step_watch(WatchInput::Refunded { given_back: true });
        }
    }

    fn take(&mut self, step: payment::payment::Step) {
        self.note_call(step.call, false);
        self.cases = self.cases.saturating_add(opened(&step.notices));
        self.payment = step.payment;
        if let Some(watch) = step.watch {
            self.watch = Some(watch);
        }
        if step.refund.is_some() {
            self.arrive_reverse();
            let payment = self.payment.clone();
            let ended = match payment.phase {
                Phase::Refunding => payment.refunded_instead(self.now, true),
                _ => payment.refund_ended(self.now, Fen::new(AMOUNT).unwrap(), true),
            };
            self.take(ended);
        }
        if step.wake_watch {
            self.step_watch(WatchInput::LookNow);
        }
    }

    fn note_call(&mut self, call: Option<Asked>, by_watch: bool) {
        let Some(asked) = call else { return };
        match asked.call {
            Call::Submit => {
                self.submits += 1;
                assert!(self.submits == 1, "I-5: the submit left twice");
            }
            Call::Query => {}
            Call::Refund | Call::RefundQuery => panic!("a payment or its watch asked a refund by itself"),
            Call::Reverse => {
                self.reverses += 1;
                let told_paid = self.told == Some(Status::Paid);
                assert!(!told_paid || self.demanded, "I-12: reversed after the till was told paid");
                if !by_watch {
                    let intent = self.payment.submitted_at.expect("a reversal follows a submit");
                    let min = self.payment.intent.channel.patience().reversal_age_ms_min;
                    assert!(self.now.since_ms(intent) >= min, "I-16: reversed too early");
                }
            }
        }
    }

    fn answer_payment(&mut self, number: u32, answer: Answer) {
        let step = self.payment.clone().step(self.now, Input::Answer { number, answer });
        self.take(step);
    }

    fn answer(&mut self, answer: Answer) {
        if let Some(out) = self.payment.out {
            self.answer_payment(out.number, answer);
        } else if let Some(out) = self.watch.as_ref().and_then(|watch| watch.out) {
            self.step_watch(WatchInput::Answer { number: out.number, answer });
        }
    }

    /// The effect of a call that reaches the channel, whether or not its answer comes back.
    fn arrive(&mut self, call: Call) -> ReversedHow {
        match call {
            Call::Submit => {
                if self.order == Order::Absent {
                    self.charge();
                }
                ReversedHow::Unsaid
            }
            Call::Query | Call::Refund | Call::RefundQuery => ReversedHow::Unsaid,
            Call::Reverse => self.arrive_reverse(),
        }
    }

    fn arrive_reverse(&mut self) -> ReversedHow {
        let how = match self.order {
            Order::Paid => {
                self.returned += 1;
                self.order = Order::Refunded;
                ReversedHow::Refunded
            }
            Order::Absent => {
                if self.tombstones {
                    self.order = Order::Tombstone;
                }
                return ReversedHow::Unsaid;
            }
            Order::Tombstone => return ReversedHow::Unsaid,
            Order::Refunded => ReversedHow::Refunded,
            Order::Waiting | Order::NotPaid | Order::PayError | Order::Closed => {
                self.order = Order::Closed;
                ReversedHow::Closed
            }
        };
        if self.wechat_like() { ReversedHow::Unsaid } else { how }
    }

    fn charge(&mut self) {
        self.order = Order::Paid;
        self.paid_at = Some(self.now);
        self.charged += 1;
    }

    /// What is paid is reversed until midnight where it is so (Alipay); WeChat's seven days are beyond this world.
    fn window_over(&self) -> bool {
        let midnight = self.paid_at.map(Time::next_midnight_shanghai);
        !self.wechat_like()
            && self.order == Order::Paid
            && midnight.is_some_and(|midnight| self.now >= midnight)
    }

    fn facts(&self, amount: i64) -> PaidFacts {
        let amount = Fen::new(amount).unwrap();
        PaidFacts {
            channel_order_no: self.payment.intent.channel_order_no.as_str().to_owned(),
            amount,
            currency: "CNY".to_owned(),
            payee: Some(self.payment.intent.payee.clone()),
            channel_transaction_no: "t".to_owned(),
            paid_amount: amount,
            discount_amount: Fen::ZERO,
            paid_at: self.paid_at.unwrap_or(self.payment.intent.opened_at),
        }
    }

    fn reply(&mut self, reply: Reply) {
        let answer = match self.out().expect("a call is out").call {
            Call::Submit => Answer::Submit(self.submit_reply(reply)),
            Call::Query => Answer::Query(self.query_reply(reply)),
            Call::Reverse => Answer::Reverse(self.reverse_reply(reply)),
            call @ (Call::Refund | Call::RefundQuery) => Answer::silence(call),
        };
        self.answer(answer);
    }

    fn submit_reply(&mut self, reply: Reply) -> SubmitAnswer {
        match reply {
            Reply::PaysAtOnce => {
                self.charge();
                SubmitAnswer::Paid(self.facts(AMOUNT))
            }
            Reply::AsksPayer => {
                self.order = Order::Waiting;
                SubmitAnswer::AwaitingPayer
            }
            Reply::Declines => {
                self.declined = true;
                self.refusal = true;
                SubmitAnswer::Declined(decline())
            }
            Reply::DeclinesAsk => {
                self.refusal = true;
                SubmitAnswer::DeclinedAsk(decline())
            }
            Reply::UnsureCharged => {
                self.charge();
                SubmitAnswer::Unknown(Doubt::ChannelUnsure(ChannelCode::default()))
            }
            Reply::UnsureNothing => SubmitAnswer::Unknown(Doubt::ChannelUnsure(ChannelCode::default())),
            Reply::NotSent => {
                self.submits -= 1;
                SubmitAnswer::NotSent
            }
            other => unreachable!("{other:?} does not answer a submit"),
        }
    }

    fn query_reply(&mut self, reply: Reply) -> QueryAnswer {
        match reply {
            Reply::Truth => match self.order {
                Order::Absent => QueryAnswer::NotFound,
                Order::Tombstone if !self.wechat_like() => QueryAnswer::NotFound,
                Order::Waiting => QueryAnswer::AwaitingPayer,
                Order::NotPaid if self.wechat_like() => QueryAnswer::NotPaid,
                Order::NotPaid => QueryAnswer::AwaitingPayer,
                Order::PayError if !self.wechat_like() => {
                    self.refusal = true;
                    QueryAnswer::Declined(decline())
                }
                Order::PayError => QueryAnswer::MustReverse,
                Order::Paid => QueryAnswer::Paid(self.facts(AMOUNT)),
                Order::Closed | Order::Refunded | Order::Tombstone => {
                    self.refusal = true;
                    QueryAnswer::Closed(if self.wechat_like() {
                        ClosedHow::Revoked
                    } else {
                        ClosedHow::Closed
                    })
                }
            },
            Reply::SaysNotFound => {
                self.budget.lies -= 1;
                QueryAnswer::NotFound
            }
            Reply::SaysUnsure => {
                self.budget.lies -= 1;
                QueryAnswer::Unknown(Doubt::ChannelUnsure(ChannelCode::default()))
            }
            Reply::SaysOtherAmount => {
                self.budget.differs -= 1;
                QueryAnswer::Paid(self.facts(AMOUNT + 1))
            }
            other => unreachable!("{other:?} does not answer a query"),
        }
    }

    fn reverse_reply(&mut self, reply: Reply) -> ReverseAnswer {
        match reply {
            Reply::Truth if self.order == Order::Waiting && self.wechat_like() => {
                // The dialog ends by itself; until then the channel refuses.
                self.order = Order::PayError;
                ReverseAnswer::StillPaying
            }
            Reply::Truth if self.window_over() => ReverseAnswer::Cannot(CannotWhy::Window),
            Reply::Truth if self.cannot => ReverseAnswer::Cannot(CannotWhy::NotAllowed),
            Reply::Truth => ReverseAnswer::Reversed(self.arrive_reverse()),
            Reply::Again => {
                self.budget.lies -= 1;
                ReverseAnswer::Again
            }
            Reply::YesDoesNothing => {
                self.budget.lies -= 1;
                ReverseAnswer::Reversed(ReversedHow::Unsaid)
            }
            Reply::Cannot => {
                self.budget.lies -= 1;
                self.cannot = true;
                ReverseAnswer::Cannot(CannotWhy::NotAllowed)
            }
            other => unreachable!("{other:?} does not answer a reversal"),
        }
    }
}

fn opened(notices: &[Notice]) -> u8 {
    notices.iter().filter(|notice| matches!(notice, Notice::CaseOpened(_))).count() as u8
}
