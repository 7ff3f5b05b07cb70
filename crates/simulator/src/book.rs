//! The channel's own ledger: every order number it has seen, what was charged and what was given back.
//!
//! The only truth about money. It speaks no channel's words: the channel files say what a state is called on the wire.

mod ask;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use crate::fault::{Call, Script};
use crate::message::Messages;
use crate::payer::{PayerDay, Plan};
use crate::refund::{Refund, RefundAsk, RefundName};

pub(crate) use ask::{Ask, Check, Failure};

/// Which order: the merchant's account at the channel, and the merchant's number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    /// Names the account over all channels.
    pub(crate) account: String,
    /// The channel order number that the merchant chose; behind a blank the order's time, where that is part of its name.
    pub(crate) number: String,
}

impl Key {
    /// An order that is named by a number and a time.
    pub(crate) fn timed(account: String, number: &str, time: &str) -> Self {
        Self { account, number: format!("{number} {time}") }
    }

    /// The number alone.
    pub(crate) fn order_no(&self) -> &str {
        bare_number(&self.number)
    }
}

/// A merchant's number, of an order or a refund, without a time. No channel's numbers hold a blank.
pub(crate) fn bare_number(number: &str) -> &str {
    number.split_once(' ').map_or(number, |(number, _)| number)
}

/// What the channel knows of an order number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// The number was mentioned; no order stands under it.
    Absent,
    /// It was reversed before an order came: a tombstone, no order may come any more.
    Barred,
    /// The payer is being asked.
    Asking,
    /// The payer said no, or could not; nobody is asked any more.
    Unpaid,
    /// The question ran out unanswered, or the payer failed.
    Lapsed,
    /// Charged.
    Paid,
    /// Undone by the merchant; what was charged went back.
    Reversed,
    /// Died by its own expiry.
    Closed,
}

/// What waits to happen to an order. The order of the variants is the order within one millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {
    /// The payer confirms on the phone.
    Confirm,
    /// The payer refuses on the phone.
    Refuse,
    /// The channel ends the dialog.
    DialogEnds,
    /// The order's own expiry.
    Expire,
    /// The channel undoes an unpaid order by itself.
    SelfRevoke,
    /// A pay request that was held up on its way is served now.
    Arrive,
    /// A declined order is charged all the same.
    ChargeLate,
    /// A refund that was taken up ends.
    RefundDone,
    /// A refund request that was held up on its way is served now.
    RefundArrives,
}

impl Due {
    fn of_refunds(self) -> bool {
        matches!(self, Self::RefundDone | Self::RefundArrives)
    }
}

/// One order number and everything that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The channel's name in the ledger.
    pub(crate) channel: String,
    /// What the channel knows.
    pub(crate) state: State,
    /// Order amount, fen; 0 until a pay request came.
    pub(crate) amount: i64,
    /// The part of the amount that the payer need not pay, fen.
    pub(crate) discount: i64,
    /// Ever charged, fen.
    pub(crate) charged: i64,
    /// Ever given back, fen.
    pub(crate) returned: i64,
    /// The payment code it was opened with.
    pub(crate) code: String,
    /// The channel's own number.
    pub(crate) transaction_no: String,
    /// When the order was opened, unix ms.
    pub(crate) created_ms: i64,
    /// When the payer was charged, unix ms.
    pub(crate) paid_ms: Option<i64>,
    /// When it was reversed or died, unix ms.
    pub(crate) ended_ms: Option<i64>,
    /// What this order's payer does.
    pub(crate) plan: Plan,
    /// The script that rules this number's payer and messages, if one does.
    pub(crate) script: Option<Script>,
    /// Calls that named this number: pay, query, reverse, refund, refund query.
    #[serde(deserialize_with = "counts")]
    pub(crate) calls: [u32; 5],
    /// What waits to happen, unix ms.
    pub(crate) due: Vec<(i64, Due)>,
    /// The request that is still on its way, or is to be charged late.
    pub(crate) late: Option<Ask>,
    /// Every state it was in, and since when: what a lagging query reads.
    pub(crate) past: Vec<(i64, State)>,
    /// What the channel must echo.
    pub(crate) facts: BTreeMap<String, String>,
    /// The refunds that were taken up, oldest first.
    #[serde(default)]
    pub(crate) refunds: Vec<Refund>,
    /// Refund requests that are still on their way, and when they arrive, unix ms.
    #[serde(default)]
    pub(crate) late_refunds: Vec<(i64, RefundAsk)>,
    /// When a refund was first asked for, unix ms.
    #[serde(default)]
    pub(crate) refund_asked_ms: Option<i64>,
    /// The payer's account was found closed: it stays so.
    #[serde(default)]
    pub(crate) payer_gone: bool,
}

/// Records of the time before refunds count three kinds of calls.
fn counts<'de, D: Deserializer<'de>>(reader: D) -> Result<[u32; 5], D::Error> {
    let read = Vec::<u32>::deserialize(reader)?;
    let mut counts = [0; 5];
    for (slot, count) in counts.iter_mut().zip(read) {
        *slot = count;
    }
    Ok(counts)
}

impl Order {
    fn new(channel: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            state: State::Absent,
            amount: 0,
            discount: 0,
            charged: 0,
            returned: 0,
            code: String::new(),
            transaction_no: String::new(),
            created_ms: 0,
            paid_ms: None,
            ended_ms: None,
            plan: Plan::AtOnce,
            script: None,
            calls: [0; 5],
            due: Vec::new(),
            late: None,
            past: Vec::new(),
            facts: BTreeMap::new(),
            refunds: Vec::new(),
            late_refunds: Vec::new(),
            refund_asked_ms: None,
            payer_gone: false,
        }
    }

    /// Counts a call and says the how-many-eth it is, from 1.
    pub(crate) fn count(&mut self, call: Call) -> u32 {
        let slot = &mut self.calls[call as usize];
        *slot = slot.saturating_add(1);
        *slot
    }

    /// What the payer pays, fen.
    pub(crate) fn payable(&self) -> i64 {
        self.amount - self.discount
    }

    /// Money that was charged and not given back, fen.
    pub(crate) fn held(&self) -> i64 {
        self.charged - self.returned
    }

    /// The state that was true at a moment.
    pub(crate) fn state_at(&self, at_ms: i64) -> State {
        let seen = self.past.iter().rev().find(|(since, _)| *since <= at_ms);
        seen.map_or(State::Absent, |(_, state)| *state)
    }

    /// The state as it stands becomes another one.
    pub(crate) fn becomes(&mut self, now_ms: i64, state: State) {
        self.state = state;
        self.past.push((now_ms, state));
    }

    /// Takes the money, once: a second charge of one order is not in this world.
    pub(crate) fn charge(&mut self, now_ms: i64) {
        assert_eq!(self.charged, 0, "an order is charged once");
        self.charged = self.payable();
        self.paid_ms = Some(now_ms);
    }

    /// The payer's confirmation lands: only an open question can be answered.
    pub(crate) fn confirm(&mut self, now_ms: i64) {
        if self.state == State::Asking {
            self.charge(now_ms);
            self.becomes(now_ms, State::Paid);
            self.due.retain(|(_, due)| due.of_refunds());
        }
    }

    /// The payer refuses: the order stays, nobody is asked any more.
    pub(crate) fn refuse(&mut self, now_ms: i64) {
        if self.state == State::Asking {
            self.becomes(now_ms, State::Unpaid);
            self.due.retain(|(_, due)| due.of_refunds() || matches!(due, Due::Expire | Due::SelfRevoke));
        }
    }

    /// The question runs out. A payer whose answer crossed it may have been charged: nobody says so.
    pub(crate) fn lapse(&mut self, now_ms: i64, crossing: Crossing) {
        if self.state == State::Asking {
            if crossing == Crossing::Charged {
                self.charge(now_ms);
            }
            self.becomes(now_ms, State::Lapsed);
            self.due.retain(|(_, due)| due.of_refunds() || matches!(due, Due::Expire | Due::SelfRevoke));
        }
    }

    /// The order's own expiry: what nobody paid dies.
    pub(crate) fn expire(&mut self, now_ms: i64) {
        if matches!(self.state, State::Asking | State::Unpaid | State::Lapsed) && self.charged == 0 {
            self.ended_ms = Some(now_ms);
            self.becomes(now_ms, State::Closed);
            self.due.retain(|(_, due)| due.of_refunds());
        }
    }

    /// The order is undone; what is held goes back.
    pub(crate) fn undo(&mut self, now_ms: i64) {
        self.returned = self.charged;
        self.ended_ms = Some(now_ms);
        self.becomes(now_ms, State::Reversed);
        self.due.retain(|(_, due)| due.of_refunds());
    }
}

/// What happened to a payer's answer that crossed the end of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crossing {
    /// There was none, or it came to nothing.
    Nothing,
    /// It was charged, and the order shows nothing of it.
    Charged,
}

/// A payment code that the channel has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// When it was seen first, unix ms.
    pub(crate) seen_ms: i64,
    /// The order that it serves or served.
    pub(crate) order: Option<Key>,
}

/// Pay calls of one account in one second; also a sequence's numbers in one Beijing day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rate {
    /// Unix second; of a sequence, the Beijing day.
    pub(crate) second: i64,
    /// Calls or numbers in it.
    pub(crate) count: u32,
}

/// Which record of the book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    /// An order number.
    Order(Key),
    /// A payment code.
    Code(String),
    /// A payer's day.
    Payer(String),
    /// An account's pay calls of a second.
    Rate(String),
    /// A message number that was used.
    Message(String),
}

/// Everything that a channel remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Book {
    pub(crate) orders: BTreeMap<Key, Order>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) payers: BTreeMap<String, PayerDay>,
    pub(crate) rates: BTreeMap<String, Rate>,
    pub(crate) messages: Messages,
    /// All that waits to happen, soonest first. Derived from the orders.
    agenda: BTreeSet<(i64, Due, Key)>,
    /// Orders by the channel's own number. Derived from the orders.
    by_transaction: BTreeMap<String, Key>,
    /// Orders by account and number of a refund, the merchant's or the channel's own. Derived from the orders.
    by_refund: BTreeMap<(String, RefundName), Key>,
    /// Records that changed since they were last drained.
    pub(crate) dirty: BTreeSet<Record>,
}

impl Book {
    /// Lets `act` change an order, which is made if the number is new, and keeps the indexes true.
    pub(crate) fn change<R>(&mut self, key: &Key, channel: &str, act: impl FnOnce(&mut Order) -> R) -> R {
        let order = self.orders.entry(key.clone()).or_insert_with(|| Order::new(channel));
        for (at_ms, due) in &order.due {
            self.agenda.remove(&(*at_ms, *due, key.clone()));
        }
        let result = act(order);
        self.dirty.insert(Record::Order(key.clone()));
        self.index(key);
        result
    }

    /// Puts an order read back from a record in its place.
    pub(crate) fn put(&mut self, key: Key, order: Order) {
        self.orders.insert(key.clone(), order);
        self.index(&key);
    }

    /// Enters an order into the indexes.
    fn index(&mut self, key: &Key) {
        let Some(order) = self.orders.get(key) else { return };
        for (at_ms, due) in &order.due {
            self.agenda.insert((*at_ms, *due, key.clone()));
        }
        if !order.transaction_no.is_empty() && !self.by_transaction.contains_key(&order.transaction_no) {
            self.by_transaction.insert(order.transaction_no.clone(), key.clone());
        }
        for refund in &order.refunds {
            let own = RefundName::Merchants(refund.number.clone());
            let channels = RefundName::Channels(refund.refund_no.clone());
            // Not every channel has numbers of its own for refunds.
            let channels = Some(channels).filter(|_| !refund.refund_no.is_empty());
            for name in [Some(own), channels].into_iter().flatten() {
                self.by_refund.entry((key.account.clone(), name)).or_insert_with(|| key.clone());
            }
        }
    }

    /// The order under a number of the merchant.
    pub(crate) fn order(&self, key: &Key) -> Option<&Order> {
        self.orders.get(key)
    }

    /// The order under the channel's own number, if it belongs to this account.
    pub(crate) fn find_transaction(&self, account: &str, transaction_no: &str) -> Option<&Key> {
        self.by_transaction.get(transaction_no).filter(|key| key.account == account)
    }

    /// The order that has a refund of this name; the first, where a number serves several orders.
    pub(crate) fn find_refund(&self, account: &str, name: RefundName) -> Option<&Key> {
        self.by_refund.get(&(account.to_owned(), name))
    }

    /// The soonest thing that waits to happen.
    pub(crate) fn soonest(&self) -> Option<&(i64, Due, Key)> {
        self.agenda.first()
    }
}
