//! The whole simulator: routes calls to the channels, lets time pass, and shows the ledger.

use wire::http::{Request, Response};

use crate::acp;
use crate::alipay;
use crate::book::{Book, Order, State, bare_number};
use crate::calendar;
use crate::clearing::Clearing;
use crate::fault::{self, Call};
use crate::icbc;
use crate::payer::Plan;
use crate::qra;
use crate::reaction::{Caller, Reaction};
use crate::record::{self, Change, RestoreError};
use crate::refund::Refund;
use crate::relay;
use crate::settings::Settings;
use crate::visit::Visit;
use crate::wallet::{self, Purse, Wallet};
use crate::wechat_v2;
use crate::wechat_v3;

/// All channels from the other side, with one clock: the `now_ms` of its callers.
#[derive(Clone, Debug)]
pub struct Simulator {
    settings: Settings,
    clearing: Clearing,
}

/// One order in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// The channel it came through: `wechat_v2`, `wechat_v3`, `alipay`, `qra`, `acp`, `icbc`.
    pub channel: String,
    /// The merchant's channel order number.
    pub out_trade_no: String,
    /// Ever charged, fen.
    pub charged: i64,
    /// Ever given back, fen.
    pub returned: i64,
    /// How it stands, for tests: `absent`, `barred`, `asking`, `unpaid`, `lapsed`, `paid`, `reversed`, `closed`.
    pub state: String,
    /// The refunds that were taken up, oldest first.
    pub refunds: Vec<RefundLine>,
}

/// One refund in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundLine {
    /// The merchant's number of the refund at the channel.
    pub out_refund_no: String,
    /// What was asked back, fen; it may hold a part of a coupon.
    pub amount: i64,
    /// How it stands, for tests: `pending`, `done`, `closed`, `abnormal`.
    pub state: String,
}

/// A password dialog that is open on a payer's phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The merchant's channel order number.
    pub out_trade_no: String,
    /// The channel.
    pub channel: String,
    /// The wallet that shows it, by its name in the API.
    pub wallet: &'static str,
    /// The merchant's number at the channel.
    pub merchant: String,
    /// What the payer is asked to pay, fen.
    pub amount: i64,
    /// Since when, unix ms.
    pub since: i64,
    /// It waits for a hand on the phone page; any other payer answers as scripted, or never.
    pub by_hand: bool,
}

impl Simulator {
    /// An empty ledger. The seed decides all that chance decides.
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self::with_book(settings, seed, Book::default())
    }

    /// The simulator that drained these records: the latest value of every key that [`Simulator::changes`] returned.
    ///
    /// # Errors
    /// [`RestoreError`] when a record is not one of the simulator's.
    pub fn restore(
        settings: Settings,
        seed: u64,
        records: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, RestoreError> {
        Ok(Self::with_book(settings, seed, record::restore(records)?))
    }

    fn with_book(settings: Settings, seed: u64, book: Book) -> Self {
        let clearing = Clearing { book, dials: settings.dials.clone(), seed };
        Self { settings, clearing }
    }

    /// Serves one request at a moment (unix ms) that is not before any earlier one.
    ///
    /// Drain [`Simulator::changes`] and make them durable before the answer leaves.
    pub fn handle(&mut self, now_ms: i64, caller: Caller, request: &Request) -> Reaction {
        self.clearing.settle_time(now_ms);
        let Self { settings, clearing } = self;
        let (relayed, path) = relay::own_path(&request.path);
        let mut visit = Visit { clearing, settings, now_ms, caller: &caller, request, relayed };
        // QRA's one path would pass for one of WeChat's.
        let mut reaction = if request.path == qra::PATH {
            qra::handle(&mut visit)
        } else if acp::is_own_path(&request.path) {
            acp::handle(&mut visit)
        } else if alipay::rest::is_own_path(&request.path) {
            alipay::rest::handle(&mut visit)
        } else if let Some(path) = wechat_v2::own_path(path) {
            wechat_v2::handle(&mut visit, path)
        } else if wechat_v3::is_own_path(&request.path) {
            wechat_v3::handle(&mut visit)
        } else if path == alipay::PATH {
            alipay::handle(&mut visit)
        } else if icbc::is_own_path(&request.path) {
            icbc::handle(&mut visit)
        } else {
            Reaction::whole(fault::not_found())
        };
        self.clearing.settle_time(now_ms);
        if let Some(response) = &mut reaction.response {
            date(response, now_ms.saturating_add_unsigned(reaction.delay_ms));
        }
        reaction
    }

    /// Every number that a pay or reverse call named, by account and number.
    pub fn ledger(&self) -> Vec<LedgerLine> {
        self.lines(|_| true)
    }

    /// The ledger's lines of one channel order number: one for each account that used it.
    pub fn ledger_of(&self, out_trade_no: &str) -> Vec<LedgerLine> {
        self.lines(|number| number == out_trade_no)
    }

    fn lines(&self, wanted: impl Fn(&str) -> bool) -> Vec<LedgerLine> {
        // A number that was only ever asked for is no order.
        let named = |order: &Order| order.calls[Call::Pay as usize] + order.calls[Call::Reverse as usize] > 0;
        let orders = self.clearing.book.orders.iter();
        orders
            .filter(|(key, order)| wanted(key.order_no()) && named(order))
            .map(|(key, order)| LedgerLine {
                channel: order.channel.clone(),
                out_trade_no: key.order_no().to_owned(),
                charged: order.charged,
                returned: order.returned,
                state: format!("{:?}", order.state).to_lowercase(),
                refunds: order.refunds.iter().map(refund_line).collect(),
            })
            .collect()
    }

    /// Lets everything happen that is due up to this moment (unix ms): payers' answers, expiries, late arrivals.
    pub fn settle_time(&mut self, now_ms: i64) {
        self.clearing.settle_time(now_ms);
    }

    /// When the next thing is due (unix ms), for drivers of discrete events.
    pub fn next_due(&self) -> Option<i64> {
        self.clearing.book.soonest().map(|(at_ms, ..)| *at_ms)
    }

    /// The password dialogs that are open at a moment (unix ms), by account and number.
    pub fn prompts(&self, now_ms: i64) -> Vec<Prompt> {
        // What is due by now ends the dialog, one way or the other.
        let open =
            |order: &Order| order.state == State::Asking && order.due.iter().all(|(at, _)| *at > now_ms);
        let orders = self.clearing.book.orders.iter();
        orders
            .filter(|(_, order)| open(order))
            .map(|(key, order)| Prompt {
                out_trade_no: key.order_no().to_owned(),
                channel: order.channel.clone(),
                wallet: wallet::of_code(&order.code).map_or("", |wallet| wallet.name),
                merchant: wallet::merchant(key).to_owned(),
                amount: order.payable(),
                since: order.created_ms,
                by_hand: order.plan == Plan::Phone,
            })
            .collect()
    }

    /// What the owner of a wallet sees of the ledger, with so many spendings at the most.
    pub fn purse(&self, wallet: &Wallet, spendings_max: usize) -> Purse {
        wallet::purse(&self.clearing.book, wallet, spendings_max)
    }

    /// Whether the channels have seen this payment code.
    pub fn knows_code(&self, code: &str) -> bool {
        self.clearing.book.codes.contains_key(code)
    }

    /// The payer confirms on the phone page; false when no dialog is open under this number.
    pub fn confirm(&mut self, now_ms: i64, out_trade_no: &str) -> bool {
        self.clearing.settle_time(now_ms);
        self.clearing.answer(now_ms, out_trade_no, Order::confirm)
    }

    /// The payer refuses on the phone page; false when no dialog is open under this number.
    pub fn refuse(&mut self, now_ms: i64, out_trade_no: &str) -> bool {
        self.clearing.settle_time(now_ms);
        self.clearing.answer(now_ms, out_trade_no, Order::refuse)
    }

    /// The records that changed since the last call, each with its present value.
    pub fn changes(&mut self) -> Vec<Change> {
        record::drain(&mut self.clearing.book)
    }
}

fn refund_line(refund: &Refund) -> RefundLine {
    RefundLine {
        out_refund_no: bare_number(&refund.number).to_owned(),
        amount: refund.amount,
        state: format!("{:?}", refund.state).to_lowercase(),
    }
}

/// Clients measure their clock by the date of an answer (RFC 7231 §7.1.1.2).
fn date(response: &mut Response, at_ms: i64) {
    response.headers.push(("date".to_owned(), calendar::http_date(at_ms)));
}
