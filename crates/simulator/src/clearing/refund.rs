//! A part of a payment, or all of it, is given back: what stands in the way, and what becomes of it.

use super::Clearing;
use crate::book::{Due, Key, Order, State};
use crate::fault::Call;
use crate::refund::{Course, Failed, Refund, RefundAsk, RefundState, Refunded};
use crate::seed::{draw, hits, span_ms};

impl Clearing {
    /// Counts a refund call against the account's limit; false when it is above it.
    pub(crate) fn admits_refund(&mut self, now_ms: i64, account: &str) -> bool {
        self.counted(now_ms, &format!("refunds/{account}"), self.dials.refund_per_second_max)
    }

    /// Holds a refund request up: it is served later.
    pub(crate) fn hold_up_refund(&mut self, key: &Key, channel: &str, ask: RefundAsk, until_ms: i64) {
        self.book.change(key, channel, |order| {
            order.late_refunds.push((until_ms, ask));
            order.due.push((until_ms, Due::RefundArrives));
        });
    }

    /// Nobody hears the answers of requests that arrive this late.
    pub(super) fn serve_late_refunds(&mut self, at_ms: i64, channel: &str, key: &Key) {
        let arrived = self.book.change(key, channel, |order| {
            let late = std::mem::take(&mut order.late_refunds);
            let (arrived, waiting) = late.into_iter().partition(|(until_ms, _)| *until_ms <= at_ms);
            order.late_refunds = waiting;
            let arrived: Vec<(i64, RefundAsk)> = arrived;
            arrived
        });
        for (_, ask) in arrived {
            self.refund(at_ms, channel, key, &ask);
        }
    }

    /// Money is asked back. What was taken up before under the same number is looked at first (wechat.md §2.5,
    /// alipay.md §15).
    pub(crate) fn refund(&mut self, now_ms: i64, channel: &str, key: &Key, ask: &RefundAsk) -> Refunded {
        let Some(order) = self.book.order(key) else { return Refunded::Unseen };
        if let Some(before) = before(order, ask) {
            return before;
        }
        if let Some(refused) = refused(order, ask, now_ms).or_else(|| self.hurried(order, ask, now_ms)) {
            return refused;
        }
        let refused = self.unserved(now_ms, key, order);
        let made = self.made(now_ms, key, order, ask);
        self.book.change(key, channel, |order| {
            order.refund_asked_ms.get_or_insert(now_ms);
            order.payer_gone |= refused == Some(Refunded::PayerGone);
            if let Some(refused) = refused {
                return refused;
            }
            let refunded = if made.state == RefundState::Pending {
                order.due.push((made.ends_ms, Due::RefundDone));
                Refunded::Pending
            } else {
                Refunded::Done
            };
            order.take_up(made);
            refunded
        })
    }

    /// Too soon after the refund before, where the dial says that the rule holds?
    fn hurried(&self, order: &Order, ask: &RefundAsk, now_ms: i64) -> Option<Refunded> {
        let last = order.refunds.last().filter(|_| self.dials.refund_pause && order.script.is_none())?;
        (now_ms - last.made_ms < ask.rules.pause_ms).then_some(Refunded::TooSoon)
    }

    /// What the channel cannot do now, or ever: the merchant's funds, the payer's account.
    fn unserved(&self, now_ms: i64, key: &Key, order: &Order) -> Option<Refunded> {
        let words = |word: &'static str| ["refund", word, &key.account, &key.number];
        let Some(script) = &order.script else {
            let nth = u64::from(order.calls[Call::Refund as usize]);
            let drawn = || hits(draw(self.seed, &words("gone"), 0), self.dials.refund_payer_gone);
            let gone = order.payer_gone || drawn();
            let short = hits(draw(self.seed, &words("funds"), nth), self.dials.funds_short);
            return gone.then_some(Refunded::PayerGone).or_else(|| short.then_some(Refunded::FundsShort));
        };
        match script.refunds {
            Course::AtOnce | Course::Slow { .. } => None,
            Course::PayerGone => Some(Refunded::PayerGone),
            Course::FundsLate { after_ms } => {
                let first_ms = order.refund_asked_ms.unwrap_or(now_ms);
                (now_ms - first_ms < after_ms).then_some(Refunded::FundsShort)
            }
        }
    }

    /// The refund as it is taken up, with what becomes of it: as scripted, or as drawn.
    fn made(&self, now_ms: i64, key: &Key, order: &Order, ask: &RefundAsk) -> Refund {
        let (fate, after_ms) = match &order.script {
            Some(script) => match script.refunds {
                Course::Slow { after_ms } => (RefundState::Done, after_ms),
                Course::AtOnce | Course::FundsLate { .. } | Course::PayerGone => (RefundState::Done, 0),
            },
            None => self.drawn_end(key, order, ask),
        };
        Refund {
            number: ask.number.clone(),
            refund_no: ask.refund_no.clone(),
            amount: ask.amount,
            // The payer's own money goes back before the coupon's (alipay.md §7).
            own: ask.amount.min(order.rest(&ask.number).1),
            state: if after_ms > 0 { RefundState::Pending } else { RefundState::Done },
            fate,
            made_ms: now_ms,
            ends_ms: now_ms + after_ms,
            facts: ask.facts.clone(),
        }
    }

    fn drawn_end(&self, key: &Key, order: &Order, ask: &RefundAsk) -> (RefundState, i64) {
        // A new try of a refund that came to nothing is drawn anew.
        let nth =
            u64::from(order.refund(&ask.number).is_some()) * u64::from(order.calls[Call::Refund as usize]);
        let named =
            |word: &str| draw(self.seed, &["refund", word, &key.account, &key.number, &ask.number], nth);
        if !hits(named("pending"), self.dials.refund_pending) {
            return (RefundState::Done, 0);
        }
        let fate = if hits(named("closes"), self.dials.refund_closes) {
            RefundState::Closed
        } else if hits(named("abnormal"), self.dials.refund_abnormal) {
            RefundState::Abnormal
        } else {
            RefundState::Done
        };
        (fate, span_ms(named("pending for"), 1_000, self.dials.refund_pending_ms_max))
    }
}

/// What the number was good for before.
fn before(order: &Order, ask: &RefundAsk) -> Option<Refunded> {
    let refund = order.refund(&ask.number)?;
    let failed = matches!(refund.state, RefundState::Closed | RefundState::Abnormal);
    if failed && ask.rules.failed == Failed::TriesAgain {
        return None;
    }
    Some(if refund.amount == ask.amount { Refunded::Repeated(refund.state) } else { Refunded::OtherFacts })
}

/// What of the order itself stands in the way.
fn refused(order: &Order, ask: &RefundAsk, now_ms: i64) -> Option<Refunded> {
    if matches!(order.state, State::Absent | State::Barred) {
        return Some(Refunded::Unseen);
    }
    let Some(paid_ms) = order.paid_ms.filter(|_| order.state == State::Paid) else {
        return Some(Refunded::NotPaid(order.state));
    };
    // A new try takes the place of the one that came to nothing.
    let others = order.refunds.iter().filter(|refund| refund.number != ask.number);
    let (rest, _) = order.rest(&ask.number);
    if rest == 0 {
        return Some(Refunded::NothingLeft);
    }
    if now_ms - paid_ms > ask.rules.window_ms {
        return Some(Refunded::WindowOver);
    }
    if ask.amount > rest {
        return Some(Refunded::TooMuch);
    }
    (others.count() >= ask.rules.parts_max).then_some(Refunded::TooMany)
}

#[cfg(test)]
mod tests;
