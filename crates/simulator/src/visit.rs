//! One call on its way through a channel: who calls, when, with what, and the counter it goes to.

use wire::http::Request;

use crate::book::{Ask, Key, Order, State};
use crate::clearing::{Charge, Clearing};
use crate::fault::{Conduct, Script, Word, Work};
use crate::reaction::Caller;
use crate::refund::{Refund, RefundAsk, Refunded};
use crate::scenario;
use crate::settings::Settings;

/// The header that puts a pay call under a script, on any channel.
const SCRIPT_HEADER: &str = "x-sim-scenario";

/// One call.
pub(crate) struct Visit<'a> {
    pub(crate) clearing: &'a mut Clearing,
    pub(crate) settings: &'a Settings,
    pub(crate) now_ms: i64,
    pub(crate) caller: &'a Caller,
    pub(crate) request: &'a Request,
    /// It came through UnionPay's relay: only accounts behind it are found.
    pub(crate) relayed: bool,
}

impl Visit<'_> {
    /// Whether callers may put their orders under scripts.
    pub(crate) fn obeys_scripts(&self) -> bool {
        self.settings.scenarios
    }

    /// The script that the caller's header or the code's digits choose, if scripts are obeyed.
    pub(crate) fn script(&self, code: &str) -> Option<Script> {
        if !self.obeys_scripts() {
            return None;
        }
        let named = self.request.header(SCRIPT_HEADER).and_then(scenario::of_name);
        named.or_else(|| scenario::of_code(code))
    }

    /// Charges as this call's conduct has it; `None` when the request comes to nothing for now.
    pub(crate) fn charge(&mut self, channel: &str, key: &Key, ask: &Ask, work: Work) -> Option<Charge> {
        let now_ms = self.now_ms;
        match work {
            Work::NotDone => None,
            Work::Done => Some(self.clearing.charge(now_ms, channel, key, ask)),
            Work::Twice => {
                self.clearing.charge(now_ms, channel, key, ask);
                Some(self.clearing.charge(now_ms, channel, key, ask))
            }
            Work::Late { after_ms } => {
                self.clearing.hold_up(key, channel, ask.clone(), now_ms + after_ms);
                None
            }
        }
    }

    /// Gives money back as this call's conduct has it; `None` when the request comes to nothing for now.
    pub(crate) fn refund(
        &mut self,
        channel: &str,
        key: &Key,
        ask: &RefundAsk,
        work: Work,
    ) -> Option<Refunded> {
        let now_ms = self.now_ms;
        match work {
            Work::NotDone => None,
            Work::Done => Some(self.clearing.refund(now_ms, channel, key, ask)),
            Work::Twice => {
                self.clearing.refund(now_ms, channel, key, ask);
                Some(self.clearing.refund(now_ms, channel, key, ask))
            }
            Work::Late { after_ms } => {
                self.clearing.hold_up_refund(key, channel, ask.clone(), now_ms + after_ms);
                None
            }
        }
    }
}

/// What an answer shows of an order: the truth, unless the call's conduct bends it.
pub(crate) struct Shown {
    pub(crate) number: String,
    pub(crate) order: Order,
    pub(crate) state: State,
}

/// The order as this call's answer shows it.
pub(crate) fn shown(clearing: &Clearing, key: &Key, order: &Order, state: State, conduct: &Conduct) -> Shown {
    let mut shown = Shown { number: key.number.clone(), order: order.clone(), state };
    match conduct.word {
        Word::OtherAmount => shown.order.amount += 1,
        Word::OtherOrder => {
            let others = clearing.book.orders.iter().filter(|(other, _)| other.account == key.account);
            let other =
                others.filter(|(other, _)| *other != key).find(|(_, order)| order.state == State::Paid);
            if let Some((other, order)) = other {
                shown = Shown { number: other.number.clone(), order: order.clone(), state: order.state };
            }
        }
        Word::True
        | Word::SystemError
        | Word::Limited
        | Word::NotFound
        | Word::Again
        | Word::Refused
        | Word::StillPaying
        | Word::Yes
        | Word::Unsigned
        | Word::OtherMerchant => {}
    }
    shown
}

/// What an answer shows of a refund: the truth, unless the call's conduct bends it.
pub(crate) struct ShownRefund {
    pub(crate) number: String,
    pub(crate) order: Order,
    pub(crate) refund: Refund,
}

/// The refund as this call's answer shows it.
pub(crate) fn shown_refund(
    clearing: &Clearing,
    key: &Key,
    order: &Order,
    refund: &Refund,
    conduct: &Conduct,
) -> ShownRefund {
    let mut shown = ShownRefund { number: key.number.clone(), order: order.clone(), refund: refund.clone() };
    match conduct.word {
        Word::OtherAmount => shown.refund.amount += 1,
        Word::OtherOrder => {
            let others = clearing.book.orders.iter().filter(|(other, _)| other.account == key.account);
            let mut refunded = others
                .filter(|(other, _)| *other != key)
                .filter_map(|(other, order)| Some((other, order, order.refunds.first()?)));
            if let Some((other, order, refund)) = refunded.next() {
                shown = ShownRefund {
                    number: other.number.clone(),
                    order: order.clone(),
                    refund: refund.clone(),
                };
            }
        }
        Word::True
        | Word::SystemError
        | Word::Limited
        | Word::NotFound
        | Word::Again
        | Word::Refused
        | Word::StillPaying
        | Word::Yes
        | Word::Unsigned
        | Word::OtherMerchant => {}
    }
    shown
}

/// Another merchant's number in place of this one.
pub(crate) fn other_merchant(number: &str) -> String {
    number
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_digit() {
                    char::from(b'0' + (byte - b'0' + 1) % 10)
                } else {
                    char::from(byte)
                }
            },
        )
        .collect()
}
