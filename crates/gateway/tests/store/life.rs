//! Payments that live: rows and commits made by the real machine, whatever is chosen to happen to them.

use gateway::store::{
    CaseChange, CaseRow, Event, Opening, PaymentCommit, PaymentRow, Sale, WatchCommit, WatchRow,
};
use payment::auth_code::Wallet;
use payment::exchange::{
    Answer, Call, CannotWhy, ChannelCode, ClosedHow, Decline, DeclineReason, Doubt, PaidFacts, Payee,
    QueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::ids::{ChannelOrderNo, CodeFingerprint, MerchantCode, Namespace, OrderNo, PaymentId};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{CodeHere, Input, Intent, Notice, Payment, Settlement, Step};
use payment::time::Time;
use payment::watch::{Watch, WatchInput, WatchStep};

/// Noon in Shanghai.
pub(crate) const NOON: Time = Time(1_773_547_200_000);

pub(crate) fn merchant(code: &str) -> MerchantCode {
    MerchantCode::parse(code).unwrap()
}

pub(crate) fn order(order_no: &str) -> OrderNo {
    OrderNo::parse(order_no).unwrap()
}

/// A sale as a test asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Want {
    pub(crate) id: u128,
    pub(crate) merchant: &'static str,
    pub(crate) order_no: String,
    pub(crate) amount: i64,
    pub(crate) code: u8,
    pub(crate) channel: Channel,
    pub(crate) outlet: Option<&'static str>,
    pub(crate) terminal: Option<&'static str>,
    pub(crate) second: bool,
    pub(crate) now: Time,
    pub(crate) code_here: CodeHere,
}

/// One sale of 12.34 by merchant `m`, without a terminal; code and order number follow the id.
pub(crate) fn want(id: u128) -> Want {
    Want {
        id,
        merchant: "m",
        order_no: format!("o-{id}"),
        amount: 1234,
        code: u8::try_from(id % 256).unwrap(),
        channel: Channel::WechatV2,
        outlet: None,
        terminal: None,
        second: false,
        now: NOON,
        code_here: CodeHere::Here,
    }
}

impl Want {
    pub(crate) fn print(&self) -> CodeFingerprint {
        CodeFingerprint([self.code; 32])
    }

    pub(crate) fn row(&self, attempt: u32) -> PaymentRow {
        let (merchant, order_no) = (merchant(self.merchant), order(&self.order_no));
        let namespace = Namespace::parse("TEST").unwrap();
        let intent = Intent {
            id: PaymentId(self.id),
            channel_order_no: ChannelOrderNo::derive(namespace, &merchant, &order_no, attempt),
            merchant,
            order_no,
            attempt,
            amount: Fen::payable(self.amount).unwrap(),
            account: "main".to_owned(),
            channel: self.channel,
            payee: Payee { merchant: "mch".to_owned(), sub_merchant: Some("sub".to_owned()) },
            opened_at: self.now,
        };
        let sale = Sale {
            description: Some("茶 \"龙井\"".to_owned()),
            metadata: Some("{\"table\":7}".to_owned()),
            outlet: self.outlet.map(str::to_owned),
            terminal: self.terminal.map(str::to_owned),
            operator: None,
        };
        PaymentRow {
            payment: Payment::open(intent).step(self.now, Input::Wake { code: self.code_here }).payment,
            version: 1,
            wallet: Wallet::Wechat,
            code_masked: "13****************".to_owned(),
            fingerprint: self.print(),
            sale,
            case_id: None,
            reversal_id: None,
        }
    }

    pub(crate) fn opening(&self) -> Opening {
        let want = self.clone();
        Opening {
            merchant: merchant(self.merchant),
            order_no: order(&self.order_no),
            amount: Fen::payable(self.amount).unwrap(),
            fingerprint: self.print(),
            terminal: self.terminal.map(str::to_owned),
            outlet: self.outlet.map(str::to_owned),
            second: self.second,
            now: self.now,
            build: Box::new(move |attempt| PaymentCommit {
                row: want.row(attempt),
                events: vec![event(want.now, "opened")],
                cases: Vec::new(),
                notices: Vec::new(),
                watch: None,
                refund: None,
            }),
        }
    }
}

pub(crate) fn event(at: Time, what: &str) -> Event {
    Event { at, kind: "state".to_owned(), body: format!("{{\"what\":\"{what}\"}}") }
}

/// What has to be made durable next.
#[expect(clippy::large_enum_variant, reason = "a test holds one at a time")]
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Payment(PaymentCommit),
    Watch(WatchCommit),
}

/// One payment and its watch, as an engine holds them.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) row: PaymentRow,
    pub(crate) watch: Option<WatchRow>,
    pub(crate) now: Time,
    /// For the identities of cases and reversals.
    next_id: u128,
}

impl Life {
    pub(crate) fn of(row: PaymentRow) -> Life {
        let next_id = row.payment.intent.id.0 << 16;
        Life { now: row.payment.updated_at, row, watch: None, next_id }
    }

    /// The answer to the payment's call that is out, `after_ms` later.
    pub(crate) fn answer(&mut self, after_ms: i64, answer: Answer) -> PaymentCommit {
        self.now = self.now.plus_ms(after_ms);
        let number = self.row.payment.out.map_or(0, |out| out.number);
        let step = self.row.payment.clone().step(self.now, Input::Answer { number, answer });
        self.commit(step)
    }

    /// Its wake has come.
    pub(crate) fn wake(&mut self) -> PaymentCommit {
        self.now = self.now.max(self.row.payment.wake.unwrap_or(self.now));
        let step = self.row.payment.clone().step(self.now, Input::Wake { code: CodeHere::Gone });
        self.commit(step)
    }

    pub(crate) fn paid(&self) -> PaidFacts {
        let intent = &self.row.payment.intent;
        PaidFacts {
            channel_order_no: intent.channel_order_no.as_str().to_owned(),
            amount: intent.amount,
            currency: "CNY".to_owned(),
            payee: Some(intent.payee.clone()),
            channel_transaction_no: "4200001".to_owned(),
            paid_amount: intent.amount,
            discount_amount: Fen::ZERO,
            paid_at: self.now,
        }
    }

    /// Takes a step of the payment, as the engine does.
    pub(crate) fn commit(&mut self, step: Step) -> PaymentCommit {
        let Step { payment, notices, watch, .. } = step;
        let (case_id, cases) = self.cases(self.row.case_id, &payment.intent, &notices);
        let wants_id = payment.reversal.is_some() && self.row.reversal_id.is_none();
        let reversal_id = if wants_id { Some(self.id()) } else { self.row.reversal_id };
        let version = self.row.version + 1;
        let events = vec![event(self.now, payment.status().word()), event(self.now, "second line")];
        self.row = PaymentRow { payment, version, case_id, reversal_id, ..self.row.clone() };
        let watch = watch.map(|watch| WatchRow { watch, version: 1, case_id: None, reversal_id: None });
        if watch.is_some() {
            self.watch.clone_from(&watch);
        }
        PaymentCommit { row: self.row.clone(), events, cases, notices, watch, refund: None }
    }

    /// Takes a step of the watch.
    fn commit_watch(&mut self, row: &WatchRow, step: WatchStep) -> WatchCommit {
        let WatchStep { watch, notices, found_closed, .. } = step;
        let (case_id, cases) = self.cases(row.case_id, &watch.intent, &notices);
        let wants_id = watch.reversal.is_some() && row.reversal_id.is_none();
        let reversal_id = if wants_id { Some(self.id()) } else { row.reversal_id };
        let row = WatchRow { watch, version: row.version + 1, case_id, reversal_id };
        self.watch = Some(row.clone());
        let payment = found_closed.map(|how| {
            let step = self.row.payment.clone().corrected_reversed(self.now, how);
            self.commit(step)
        });
        WatchCommit { row, events: vec![event(self.now, "looked")], cases, notices, payment, refund: None }
    }

    fn cases(
        &mut self,
        open: Option<u128>,
        intent: &Intent,
        notices: &[Notice],
    ) -> (Option<u128>, Vec<CaseChange>) {
        let mut open = open;
        let mut changes = Vec::new();
        for notice in notices {
            match notice {
                Notice::CaseOpened(kind) => {
                    let id = self.id();
                    open = Some(id);
                    changes.push(CaseChange::Open(CaseRow {
                        id,
                        merchant: intent.merchant.clone(),
                        payment_id: intent.id,
                        kind: kind.word().to_owned(),
                        opened_at: self.now,
                        closed_at: None,
                        settlement: None,
                    }));
                }
                Notice::CaseClosed(_) => {
                    if let Some(id) = open.take() {
                        changes.push(CaseChange::Close { id, at: self.now, settlement: None });
                    }
                }
                Notice::Paid
                | Notice::Failed
                | Notice::Reversed
                | Notice::Suspended
                | Notice::RefundSucceeded
                | Notice::RefundFailed => {}
            }
        }
        (open, changes)
    }

    fn id(&mut self) -> u128 {
        self.next_id += 1;
        self.next_id
    }

    /// Lets something happen: every choice is something that the world can do now.
    pub(crate) fn choose(&mut self, choice: u16) -> Option<Change> {
        let (what, how) = (choice % 8, choice / 8);
        let watch = self.watch.clone();
        match (what, watch) {
            (0..=2, Some(row)) if self.row.payment.is_final() => self.choose_watch(&row, how),
            (0..=3, _) => self.choose_answer(how),
            (4 | 5, _) if self.row.payment.wake.is_some() => Some(Change::Payment(self.wake())),
            (6, _) => {
                let step = self.row.payment.clone().cancel(self.now).ok()?;
                Some(Change::Payment(self.commit(step)))
            }
            _ => self.choose_door(how),
        }
    }

    fn choose_door(&mut self, how: u16) -> Option<Change> {
        let payment = self.row.payment.clone();
        let step = match how % 4 {
            0 => payment.request_reversal(self.now, format!("钱没到 {how} \"\\\u{0}")),
            1 => payment.settle(self.now, Settlement::Paid),
            2 => payment.settle(self.now, Settlement::Failed),
            _ => payment.settle(self.now, Settlement::Reversed),
        };
        Some(Change::Payment(self.commit(step.ok()?)))
    }

    fn choose_answer(&mut self, how: u16) -> Option<Change> {
        let out = self.row.payment.out?;
        let answer = self.any_answer(out.call, how);
        Some(Change::Payment(self.answer(i64::from(how % 900), answer)))
    }

    fn choose_watch(&mut self, row: &WatchRow, how: u16) -> Option<Change> {
        let watch: Watch = row.watch.clone();
        let input = match watch.out {
            Some(out) if !how.is_multiple_of(5) => {
                let answer = self.any_answer(out.call, how / 5);
                WatchInput::Answer { number: out.number, answer }
            }
            _ if how.is_multiple_of(7) => WatchInput::LookNow,
            _ => {
                self.now = self.now.max(watch.wake?);
                WatchInput::Wake
            }
        };
        let step = watch.step(self.now, input);
        Some(Change::Watch(self.commit_watch(row, step)))
    }

    fn any_answer(&self, call: Call, how: u16) -> Answer {
        let doubt = Doubt::ChannelUnsure(ChannelCode {
            code: "SYSTEMERROR".to_owned(),
            message: "系统繁忙".to_owned(),
        });
        let reason = DeclineReason::ALL[usize::from(how / 16) % DeclineReason::ALL.len()];
        let decline = Decline {
            reason,
            channel: ChannelCode { code: "X".to_owned(), message: "余额不足".to_owned() },
        };
        let mut facts = self.paid();
        if how.is_multiple_of(3) {
            facts.amount = Fen::new(1).unwrap();
        }
        match call {
            Call::Submit => Answer::Submit(match how % 6 {
                0 => SubmitAnswer::Paid(facts),
                1 => SubmitAnswer::AwaitingPayer,
                2 => SubmitAnswer::Declined(decline),
                3 => SubmitAnswer::DeclinedAsk(decline),
                4 => SubmitAnswer::NotSent,
                _ => SubmitAnswer::Unknown(doubt),
            }),
            Call::Query => Answer::Query(match how % 9 {
                0 => QueryAnswer::Paid(facts),
                1 => QueryAnswer::AwaitingPayer,
                2 => QueryAnswer::NotPaid,
                3 => QueryAnswer::MustReverse,
                4 => QueryAnswer::Closed(ClosedHow::Revoked),
                5 => QueryAnswer::Closed(ClosedHow::Refunded),
                6 => QueryAnswer::NotFound,
                7 => QueryAnswer::Paid(self.paid()),
                _ => QueryAnswer::Unknown(doubt),
            }),
            Call::Reverse => Answer::Reverse(match how % 9 {
                0 => ReverseAnswer::Reversed(ReversedHow::Closed),
                1 => ReverseAnswer::Reversed(ReversedHow::Refunded),
                2 => ReverseAnswer::Reversed(ReversedHow::Unsaid),
                3 => ReverseAnswer::Again,
                4 => ReverseAnswer::StillPaying,
                5 => ReverseAnswer::Cannot(CannotWhy::Window),
                6 => ReverseAnswer::Cannot(CannotWhy::Funds),
                7 => ReverseAnswer::Cannot(if how.is_multiple_of(2) {
                    CannotWhy::Refunded
                } else {
                    CannotWhy::NotAllowed
                }),
                _ => ReverseAnswer::Unknown(doubt),
            }),
            Call::Refund | Call::RefundQuery => panic!("a payment asks no refund"),
        }
    }
}
