//! What happens behind every channel's counter, whatever its messages look like: a code is charged, an order is
//! looked at, an order is undone or refunded, and time passes.

mod dead;
mod numbers;
mod refund;
mod time;
mod undo;

use crate::book::{Ask, Book, Check, Code, Due, Failure, Key, Order, Record, State};
use crate::dial::Dials;
use crate::fault::{self, Call, Conduct, Coupon, Expiry, Script};
use crate::payer::{self, Decline, Plan};
use crate::seed::{draw, hits, span_ms};

/// The channel undoes an unpaid order by itself after so long, where the dial says so.
const SELF_REVOKE_MS: i64 = 45_000;

/// How a request to charge came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// Charged.
    Paid,
    /// The payer is being asked.
    Asking,
    /// Declined.
    Declined(Decline),
    /// The code is older than it may be.
    CodeStale,
    /// The code serves or served another order.
    CodeSpent,
    /// The number is taken: this is how its order stands.
    Taken(State),
    /// The number's order has another amount or subject.
    FactsDiffer,
    /// The number's order has another payer.
    PayerDiffers,
    /// The order's own expiry is past.
    Expired,
}

/// How a request to undo came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// No order was ever seen under the number.
    Unseen,
    /// Refused while the payer is being asked.
    DialogOpen,
    /// Undone now or before; nothing had been charged.
    Unpaid,
    /// Undone now or before; what had been charged went back.
    Returned,
    /// The merchant's funds are short.
    FundsShort,
    /// A refund was taken up before.
    Refunded,
}

/// What undoing does to an open dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// It keeps the order from being undone.
    Blocks,
    /// It is closed by force.
    Closes,
}

/// What the undoing of an unseen number leaves, unless a dial says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// A tombstone.
    Tombstone,
    /// Nothing.
    Nothing,
}

/// The book with the payers and the dials that move it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clearing {
    pub(crate) book: Book,
    pub(crate) dials: Dials,
    pub(crate) seed: u64,
}

impl Clearing {
    /// A call that names an order number arrives: what shall happen to it, and the how-many-eth of its kind it is.
    pub(crate) fn begin(&mut self, channel: &str, key: &Key, call: Call) -> (Conduct, u32) {
        let (dials, seed) = (&self.dials, self.seed);
        self.book.change(key, channel, |order| {
            let nth = order.count(call);
            let conduct = match &order.script {
                Some(script) => script.conduct(call, nth),
                None => fault::drawn(dials, seed, key, call, nth),
            };
            (conduct, nth)
        })
    }

    /// What shall happen to a call that names no order which the channel knows: the moment takes the place of a count.
    pub(crate) fn stray(&self, now_ms: i64, account: &str, number: &str, call: Call) -> Conduct {
        let key = Key { account: account.to_owned(), number: number.to_owned() };
        fault::drawn(&self.dials, self.seed, &key, call, u32::try_from(now_ms % 1_000_000_000).unwrap_or(0))
    }

    /// Puts a number under a script. Only the first one counts once an order stands.
    pub(crate) fn follow(&mut self, channel: &str, key: &Key, script: Option<Script>) {
        let Some(script) = script else { return };
        self.book.change(key, channel, |order| {
            if order.state == State::Absent {
                order.script = Some(script);
            }
        });
    }

    /// Counts a pay call against the account's limit; false when it is above it.
    pub(crate) fn admits(&mut self, now_ms: i64, account: &str) -> bool {
        self.counted(now_ms, account, self.dials.pay_per_second_max)
    }

    fn counted(&mut self, now_ms: i64, account: &str, limit: Option<u32>) -> bool {
        let Some(limit) = limit else { return true };
        let rate = self.book.rates.entry(account.to_owned()).or_default();
        let second = now_ms.div_euclid(1_000);
        if rate.second != second {
            (rate.second, rate.count) = (second, 0);
        }
        rate.count = rate.count.saturating_add(1);
        self.book.dirty.insert(Record::Rate(account.to_owned()));
        rate.count <= limit
    }

    /// Holds a pay request up: it is served later.
    pub(crate) fn hold_up(&mut self, key: &Key, channel: &str, ask: Ask, until_ms: i64) {
        self.book.change(key, channel, |order| {
            if order.late.is_none() {
                order.late = Some(ask);
                order.due.push((until_ms, Due::Arrive));
            }
        });
    }

    /// A code is charged.
    pub(crate) fn charge(&mut self, now_ms: i64, channel: &str, key: &Key, ask: &Ask) -> Charge {
        let code = |clearing: &mut Self| clearing.refuse_code(now_ms, key, ask);
        let number = |clearing: &mut Self| clearing.refuse_number(key, ask);
        let refused = match ask.check {
            Check::CodeFirst => code(self).or_else(|| number(self)),
            Check::NumberFirst | Check::NumberOnce => number(self).or_else(|| code(self)),
        };
        match refused {
            Some(refused) => {
                if matches!(refused, Charge::CodeStale | Charge::CodeSpent) {
                    self.leave_dead(now_ms, channel, key, ask);
                }
                refused
            }
            None if ask.expires_ms.is_some_and(|at_ms| at_ms <= now_ms) => Charge::Expired,
            None => self.open(now_ms, channel, key, ask),
        }
    }

    /// Is the code too old, or spent on another order? The first sight of a code starts its life.
    fn refuse_code(&mut self, now_ms: i64, key: &Key, ask: &Ask) -> Option<Charge> {
        let fresh_ms = self.dials.code_fresh_ms;
        let scripted = self.book.order(key).is_some_and(|order| order.script.is_some());
        let code = self.book.codes.entry(ask.code.clone()).or_insert(Code { seen_ms: now_ms, order: None });
        self.book.dirty.insert(Record::Code(ask.code.clone()));
        let own_again = code.order.as_ref() == Some(key) && self.dials.own_code_is_used;
        if own_again || code.order.as_ref().is_some_and(|other| other != key) {
            return Some(Charge::CodeSpent);
        }
        (!scripted && now_ms - code.seen_ms > fresh_ms).then_some(Charge::CodeStale)
    }

    fn refuse_number(&self, key: &Key, ask: &Ask) -> Option<Charge> {
        let order = self.book.order(key).filter(|order| order.state != State::Absent)?;
        let open = matches!(order.state, State::Asking | State::Unpaid | State::Lapsed);
        if matches!(ask.check, Check::CodeFirst | Check::NumberOnce) || !open {
            return Some(Charge::Taken(order.state));
        }
        if order.amount != ask.amount || order.facts.get("subject") != ask.facts.get("subject") {
            return Some(Charge::FactsDiffer);
        }
        let same_code = order.code == ask.code;
        Some(if same_code { Charge::Asking } else { Charge::PayerDiffers })
    }

    /// The order is opened, and its payer does what this payer does.
    fn open(&mut self, now_ms: i64, channel: &str, key: &Key, ask: &Ask) -> Charge {
        let owner = payer::owner(&self.dials, self.seed, &ask.code);
        let plan = self.plan(now_ms, key, &owner, ask);
        self.spend(key, &ask.code, plan);
        if let Plan::Declined { why, charged_after_ms } = plan {
            return self.decline(now_ms, channel, key, ask, why, charged_after_ms);
        }
        let waits = self.waits(now_ms, key, ask, plan);
        let charge = self.book.change(key, channel, |order| {
            enter(order, now_ms, ask, plan);
            if plan == Plan::AtOnce {
                order.charge(now_ms);
                order.becomes(now_ms, State::Paid);
                return Charge::Paid;
            }
            order.becomes(now_ms, State::Asking);
            order.due.extend(waits);
            Charge::Asking
        });
        if self.dials.wallet_rules {
            payer::remember(self.book.payers.entry(owner.clone()).or_default(), now_ms, ask.amount);
            self.book.dirty.insert(Record::Payer(owner));
        }
        charge
    }

    /// What this payer does: as scripted, or as drawn; and the wallet's password rules make a question of a payment.
    fn plan(&self, now_ms: i64, key: &Key, owner: &str, ask: &Ask) -> Plan {
        let scripted = self.book.order(key).and_then(|order| order.script.as_ref());
        if let Some(script) = scripted {
            return script.plan;
        }
        let plan = payer::drawn(&self.dials, self.seed, key);
        let day = self.book.payers.get(owner);
        if plan == Plan::AtOnce && payer::asks_password(&self.dials, day, now_ms, ask.amount) {
            let drawn = draw(self.seed, &["password", &key.account, &key.number], 0);
            return Plan::Confirms { after_ms: span_ms(drawn, 2_000, 20_000) };
        }
        plan
    }

    /// A code is spent by any use of it, also a failed one; not where the merchant had no right to use it.
    fn spend(&mut self, key: &Key, code: &str, plan: Plan) {
        if matches!(plan, Plan::Declined { why: Decline::MerchantMayNot, .. }) {
            return;
        }
        if let Some(entry) = self.book.codes.get_mut(code) {
            entry.order = Some(key.clone());
            self.book.dirty.insert(Record::Code(code.to_owned()));
        }
    }

    /// What waits to happen to an order whose payer is asked.
    fn waits(&self, now_ms: i64, key: &Key, ask: &Ask, plan: Plan) -> Vec<(i64, Due)> {
        let script = self.book.order(key).and_then(|order| order.script.as_ref());
        let payer = match plan {
            Plan::Confirms { after_ms } => Some((now_ms + after_ms, Due::Confirm)),
            Plan::Refuses { after_ms } => Some((now_ms + after_ms, Due::Refuse)),
            Plan::AtOnce | Plan::Never | Plan::Phone | Plan::WithReverse | Plan::Declined { .. } => None,
        };
        let mut waits: Vec<_> = payer.into_iter().collect();
        if script.is_some_and(|script| script.expiry == Expiry::Off) {
            return waits;
        }
        if let Some(dialog_ms) = ask.dialog_ms.filter(|_| self.dials.dialog_ends) {
            waits.push((now_ms + dialog_ms, Due::DialogEnds));
        }
        waits.extend(ask.expires_ms.map(|at_ms| (at_ms, Due::Expire)));
        waits.extend(ask.life_ms.map(|life_ms| (now_ms + life_ms, Due::Expire)));
        let revokes = draw(self.seed, &["self revoke", &key.account, &key.number], 0);
        if script.is_none() && hits(revokes, self.dials.self_revoke) {
            waits.push((now_ms + SELF_REVOKE_MS, Due::SelfRevoke));
        }
        waits
    }

    fn decline(
        &mut self,
        now_ms: i64,
        channel: &str,
        key: &Key,
        ask: &Ask,
        why: Decline,
        charged_after_ms: Option<i64>,
    ) -> Charge {
        let open = why == Decline::NoFunds && self.dials.short_leaves_order && charged_after_ms.is_none();
        let left = match ask.failure {
            Failure::DeadOrder if why != Decline::MerchantMayNot => Some(State::Closed),
            Failure::NoOrder | Failure::Order | Failure::DeadOrder if open => Some(State::Unpaid),
            Failure::Order if why.is_the_payers() => Some(State::Lapsed),
            Failure::NoOrder | Failure::Order | Failure::DeadOrder => None,
        };
        self.book.change(key, channel, |order| {
            if let Some(state) = left {
                enter(order, now_ms, ask, Plan::Never);
                order.becomes(now_ms, state);
                order.due.extend(ask.expires_ms.map(|at_ms| (at_ms, Due::Expire)));
            }
            if let Some(after_ms) = charged_after_ms {
                order.late = Some(ask.clone());
                order.due.push((now_ms + after_ms, Due::ChargeLate));
            }
        });
        Charge::Declined(why)
    }

    /// How an order stands in the eyes of the how-many-eth query: perhaps as it stood a while ago.
    pub(crate) fn look(&self, now_ms: i64, key: &Key, nth: u32) -> (State, Option<Order>) {
        let Some(order) = self.book.order(key) else { return (State::Absent, None) };
        let seen_ms = now_ms - self.lag_ms(order, &["lag", &key.account, &key.number], nth);
        let seen = Order { refunds: order.refunds_at(seen_ms), ..order.clone() };
        (order.state_at(seen_ms), Some(seen))
    }

    /// How old what a query shows is, ms.
    fn lag_ms(&self, order: &Order, words: &[&str], nth: u32) -> i64 {
        if order.script.is_some() || self.dials.query_lag_ms_max == 0 {
            return 0;
        }
        span_ms(draw(self.seed, words, u64::from(nth)), 0, self.dials.query_lag_ms_max)
    }

    /// The payer answers on the phone page; false when nothing is asked under this number.
    pub(crate) fn answer(&mut self, now_ms: i64, number: &str, act: fn(&mut Order, i64)) -> bool {
        let asked = |(key, order): (&Key, &Order)| {
            (key.order_no() == number && order.state == State::Asking).then(|| key.clone())
        };
        let keys: Vec<Key> = self.book.orders.iter().filter_map(asked).collect();
        for key in &keys {
            self.book.change(key, "", |order| act(order, now_ms));
        }
        !keys.is_empty()
    }
}

/// Writes what was asked into the order.
fn enter(order: &mut Order, now_ms: i64, ask: &Ask, plan: Plan) {
    let coupon = order.script.as_ref().map_or(Coupon::None, |script| script.coupon);
    order.amount = ask.amount;
    order.discount = coupon.discount(ask.amount);
    order.code.clone_from(&ask.code);
    order.transaction_no.clone_from(&ask.transaction_no);
    order.created_ms = now_ms;
    order.plan = plan;
    order.facts.clone_from(&ask.facts);
}
