//! Dials: how hostile the world is. Chances are in permille; 0 is never, 1000 is always.
//!
//! A dial may go beyond what a channel documents; what the documents leave open is a dial as well. Orders that a
//! scenario rules are spared by every chance; the rules (tombstones, expiries, windows) hold for them too.

use serde::{Deserialize, Serialize};

use crate::seed::Stream;

/// Does the reversal of a number that the channel never saw keep a later pay of it out?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnseenReversal {
    /// As the channel's sheet chooses: WeChat and QRA keep it out (wechat.md §13, unionpay.md §10), Alipay does not
    /// (alipay.md §15), ACP does where requests may be held up (unionpay.md §10).
    AsChosen,
    /// It leaves a tombstone: a later pay is refused.
    Tombstone,
    /// It leaves nothing: a later pay goes through.
    Nothing,
}

/// Until when Alipay cancels a paid trade; the sources differ (alipay.md §6, "Window").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelWindow {
    /// The Beijing day of the payment and 15 minutes.
    SameDay,
    /// 24 hours from the payment.
    Hours24,
}

/// What an unpaid WeChat order shows after its reversal; unverified (wechat.md §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnpaidShows {
    /// `REVOKED`.
    Revoked,
    /// `CLOSED`.
    Closed,
}

/// What WeChat answers to the reversal of a number it never saw; unverified (wechat.md §10, §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnseenAnswer {
    /// `SUCCESS`, `recall=N`.
    Success,
    /// `FAIL`, `INVALID_TRANSACTIONID`.
    Invalid,
}

macro_rules! dials {
    ($( $(#[$doc:meta])* $name:ident: $type:ty = $gentle:expr; )*) => {
        /// Every dial. Unknown names are refused, missing ones are gentle.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Dials { $( $(#[$doc])* pub $name: $type, )* }

        impl Dials {
            /// A world without faults: payers pay at once, messages arrive, the channel keeps to its sheet.
            pub fn gentle() -> Self {
                Self { $( $name: $gentle, )* }
            }
        }
    };
}

dials! {
    /// Payer: is asked and confirms, permille.
    payer_confirms: u16 = 0;
    /// Payer: the longest thinking before a confirmation, ms.
    payer_confirms_ms_max: i64 = 20_000;
    /// Payer: is asked and refuses, permille.
    payer_refuses: u16 = 0;
    /// Payer: is asked and never answers, permille.
    payer_never: u16 = 0;
    /// Payer: confirms in the same instant as the reverse, permille.
    payer_with_reverse: u16 = 0;
    /// Payer: the payment is declined (funds, code, limit, risk, card, account), permille.
    payer_declined: u16 = 0;
    /// A decline that is charged all the same, 1 to 10 s later, permille of the declines.
    decline_charges: u16 = 0;
    /// How many payers there are; codes are dealt out over them. At least 1.
    payers: u32 = 50;
    /// The wallets' password rules hold (wechat.md §1): the three dials below.
    wallet_rules: bool = false;
    /// A password is asked above this amount, fen.
    password_above: i64 = 100_000;
    /// So many payments of a day go without a password.
    password_free_per_day: u32 = 10;
    /// The same amount within so many ms asks for a password.
    same_amount_within_ms: i64 = 60_000;

    /// Pay: charged, but the answer is a system error, permille.
    pay_error_charged: u16 = 0;
    /// Pay: a system error, and nothing was created, permille.
    pay_error_lost: u16 = 0;
    /// Pay: done, but the connection is cut before the answer, permille.
    pay_answer_lost: u16 = 0;
    /// Pay: the connection is cut before anything is done, permille.
    pay_request_lost: u16 = 0;
    /// Pay: the request is held up and served later, perhaps after the reversal, permille.
    pay_late: u16 = 0;
    /// Pay: the longest hold-up, ms.
    pay_late_ms_max: i64 = 600_000;
    /// Pay: the request is delivered twice, and the second answer is the one that returns, permille.
    pay_twice: u16 = 0;
    /// Pay: the most pay calls of an account in a second (WeChat publishes 33, wechat.md §2.1); none: no limit.
    pay_per_second_max: Option<u32> = None;

    /// Query, refund query: a signed system error, permille.
    query_error: u16 = 0;
    /// Query, refund query: refused for its rate, permille.
    query_limited: u16 = 0;
    /// Query, refund query: "does not exist", permille.
    query_not_found: u16 = 0;
    /// Query, refund query: the connection is cut, permille.
    query_lost: u16 = 0;
    /// Query, refund query: shows a state up to so old, ms; each query its own lag.
    query_lag_ms_max: i64 = 0;

    /// Reverse: "call again", nothing done, permille.
    reverse_again: u16 = 0;
    /// Reverse: says yes and does nothing, permille.
    reverse_does_nothing: u16 = 0;
    /// Reverse: refused because the payer is said to be paying, permille.
    reverse_still_paying: u16 = 0;
    /// Reverse: refused for good, permille.
    reverse_refused: u16 = 0;
    /// Reverse: a system error, nothing done, permille.
    reverse_error: u16 = 0;
    /// Reverse: done, but the answer is a system error, permille.
    reverse_error_done: u16 = 0;
    /// Reverse: done, but the connection is cut before the answer, permille.
    reverse_answer_lost: u16 = 0;
    /// Reverse: the connection is cut before anything is done, permille.
    reverse_request_lost: u16 = 0;
    /// Reverse, refund: the merchant's funds are short for giving a payment back, permille.
    funds_short: u16 = 0;

    /// Refund: a system error, nothing done, permille.
    refund_error: u16 = 0;
    /// Refund: done, but the answer is a system error, permille.
    refund_error_done: u16 = 0;
    /// Refund: done, but the connection is cut before the answer, permille.
    refund_answer_lost: u16 = 0;
    /// Refund: the connection is cut before anything is done, permille.
    refund_request_lost: u16 = 0;
    /// Refund: the request is held up and served later, permille.
    refund_late: u16 = 0;
    /// Refund: the longest hold-up, ms.
    refund_late_ms_max: i64 = 600_000;
    /// Refund: the request is delivered twice, and the second answer is the one that returns, permille.
    refund_twice: u16 = 0;
    /// Refund: taken up, and done only later, permille.
    refund_pending: u16 = 0;
    /// Refund: the longest time that it is pending, ms.
    refund_pending_ms_max: i64 = 120_000;
    /// Refund: of those that are done only later, so many are closed by the channel instead, permille.
    refund_closes: u16 = 0;
    /// Refund: of those that are done only later, so many cannot be delivered, permille.
    refund_abnormal: u16 = 0;
    /// Refund: the payer's account is closed, permille of the orders.
    refund_payer_gone: u16 = 0;
    /// Refund: between two refunds of one order a pause is demanded (wechat.md §2.1, alipay.md §7).
    refund_pause: bool = false;
    /// Refund: the most refund calls of an account in a second (WeChat publishes 150, wechat.md §2.1); none: no limit.
    refund_per_second_max: Option<u32> = None;

    /// Any answer: wrongly signed, permille.
    wrong_signature: u16 = 0;
    /// Any answer: an HTML page with status 502 instead, the work done, permille.
    bad_gateway: u16 = 0;
    /// Any answer: cut in the middle, permille.
    truncated: u16 = 0;
    /// Any answer: a byte order mark in front and the text in GBK, permille.
    charset: u16 = 0;
    /// Any answer: a byte order mark in front, permille.
    bom: u16 = 0;
    /// Any answer: rightly signed, but of another order, permille.
    other_order: u16 = 0;
    /// Any answer: rightly signed, but of another amount, permille.
    other_amount: u16 = 0;
    /// Any answer: rightly signed, but of another merchant, permille.
    other_merchant: u16 = 0;
    /// Any answer: an unsigned refusal instead, the work done, permille.
    unsigned_refusal: u16 = 0;
    /// Any answer: slow, permille.
    slow: u16 = 0;
    /// Any answer: the longest delay of a slow one, ms.
    slow_ms_max: i64 = 8_000;

    /// The channel ends an unanswered dialog at 30 s (WeChat and QRA: `PAYERROR`, wechat.md §6).
    dialog_ends: bool = true;
    /// A dialog that ends so was charged all the same and shows nothing of it (wechat.md §10), permille.
    lapse_charges: u16 = 0;
    /// The channel itself undoes an order that is still unpaid 45 s after it was opened, permille.
    self_revoke: u16 = 0;
    /// What the reversal of an unseen number leaves.
    unseen_reversal: UnseenReversal = UnseenReversal::AsChosen;
    /// What WeChat answers to the reversal of an unseen number.
    unseen_answer: UnseenAnswer = UnseenAnswer::Success;
    /// What an unpaid WeChat order shows after its reversal.
    unpaid_shows: UnpaidShows = UnpaidShows::Revoked;
    /// A decline for lack of funds leaves the order open and unpaid (wechat.md §13, alipay.md §15).
    short_leaves_order: bool = false;
    /// A repeat with the order's own code is "code used", where the code is looked at first (wechat.md §11).
    own_code_is_used: bool = false;
    /// A payment code is fresh for so long from its first sight, ms (wechat.md §1, alipay.md §1).
    code_fresh_ms: i64 = 60_000;
    /// Alipay and ICBC refuse a request whose timestamp is more than 10 minutes off (alipay.md §15, icbc.md §12), ACP a consume
    /// (unionpay.md §13).
    timestamp_window: bool = false;
    /// Alipay's `20000` answers are written and signed in GBK, whatever was asked for (alipay.md §2.4).
    unavailable_in_gbk: bool = false;
    /// Until when Alipay cancels a paid trade.
    cancel_window: CancelWindow = CancelWindow::SameDay;
    /// ICBC shows only the states 0 to 2: a reversed order as failed, a refunded one as paid (icbc.md §8).
    icbc_old_states: bool = false;
    /// ICBC refuses the second reversal of an order: 93008595, "already reversed" (icbc.md §8).
    icbc_reversed_once: bool = false;
    /// ICBC says "no such order" with its other code, 5940022 (icbc.md §12).
    icbc_other_not_found: bool = false;
    /// ACP accepts what its payer's bank then declines: only the query tells (unionpay.md §5.2, §12).
    acp_tells_later: bool = false;
    /// ACP's answers come as forms, as its notices do (unionpay.md §5.1, §10).
    acp_form_answers: bool = false;
}

impl Default for Dials {
    fn default() -> Self {
        Self::gentle()
    }
}

/// One hostile thing a seed may switch on, with the strength that was drawn for it, permille.
type Switch = fn(&mut Dials, u16);

const SWITCHES: &[Switch] = &[
    |d, p| d.payer_confirms = p,
    |d, p| (d.payer_confirms, d.payer_confirms_ms_max) = (p, 120_000),
    |d, p| d.payer_refuses = p,
    |d, p| d.payer_never = p,
    |d, p| d.payer_with_reverse = p,
    |d, p| d.payer_declined = p,
    |d, p| (d.payer_declined, d.decline_charges) = (p, 500),
    |d, p| (d.payer_declined, d.short_leaves_order) = (p, true),
    |d, _| d.wallet_rules = true,
    |d, p| d.pay_error_charged = p,
    |d, p| d.pay_error_lost = p,
    |d, p| d.pay_answer_lost = p,
    |d, p| d.pay_request_lost = p,
    |d, p| d.pay_late = p,
    |d, p| d.pay_twice = p,
    |d, p| (d.pay_twice, d.own_code_is_used) = (p, true),
    |d, _| d.pay_per_second_max = Some(1),
    |d, p| d.query_error = p,
    |d, p| d.query_limited = p,
    |d, p| d.query_not_found = p,
    |d, p| d.query_lost = p,
    |d, p| d.query_lag_ms_max = i64::from(p) * 100,
    |d, p| d.reverse_again = p,
    |d, p| d.reverse_does_nothing = p.min(300),
    |d, p| d.reverse_still_paying = p,
    |d, p| d.reverse_error = p,
    |d, p| d.reverse_error_done = p,
    |d, p| d.reverse_answer_lost = p,
    |d, p| d.reverse_request_lost = p,
    |d, p| d.funds_short = p,
    |d, p| d.wrong_signature = p.min(300),
    |d, p| d.bad_gateway = p.min(300),
    |d, p| d.truncated = p.min(300),
    |d, p| d.charset = p.min(300),
    |d, p| d.bom = p.min(300),
    |d, p| d.other_order = p.min(300),
    |d, p| d.other_amount = p.min(300),
    |d, p| d.other_merchant = p.min(300),
    |d, p| d.unsigned_refusal = p.min(300),
    |d, p| (d.slow, d.slow_ms_max) = (p, 20_000),
    |d, _| d.dialog_ends = false,
    |d, p| (d.payer_never, d.lapse_charges) = (p, 500),
    |d, p| d.self_revoke = p,
    |d, _| d.unseen_reversal = UnseenReversal::Tombstone,
    |d, _| d.unseen_reversal = UnseenReversal::Nothing,
    |d, _| d.unseen_answer = UnseenAnswer::Invalid,
    |d, _| d.unpaid_shows = UnpaidShows::Closed,
    |d, _| d.cancel_window = CancelWindow::Hours24,
    |d, _| d.timestamp_window = true,
    |d, p| (d.pay_error_charged, d.query_error, d.unavailable_in_gbk) = (p, p, true),
    |d, p| d.refund_error = p,
    |d, p| d.refund_error_done = p,
    |d, p| d.refund_answer_lost = p,
    |d, p| d.refund_request_lost = p,
    |d, p| d.refund_late = p,
    |d, p| d.refund_twice = p,
    |d, p| d.refund_pending = p,
    |d, p| (d.refund_pending, d.refund_closes) = (p, 500),
    |d, p| (d.refund_pending, d.refund_abnormal) = (p, 500),
    |d, p| d.refund_payer_gone = p,
    |d, _| d.refund_pause = true,
    |d, _| d.refund_per_second_max = Some(1),
    |d, _| d.icbc_old_states = true,
    |d, p| (d.reverse_answer_lost, d.icbc_reversed_once) = (p, true),
    |d, _| d.icbc_other_not_found = true,
    |d, p| (d.payer_declined, d.acp_tells_later) = (p, true),
    |d, _| d.acp_form_answers = true,
];

impl Dials {
    /// A swarm member: one seed in ten has no fault, one in five a single one, the others a random third of them with
    /// random strength. `reverse_refused` stays off: after it only a person can help.
    pub fn hostile(seed: u64) -> Self {
        const STRENGTHS: [u16; 6] = [10, 30, 100, 200, 300, 600];
        let mut stream = Stream::new(seed ^ 0x5157_4152_4d00_0000);
        let mut dials = Self::gentle();
        let kind = stream.below(10);
        let only = stream.below(SWITCHES.len() as u64);
        for (at, switch) in (0_u64..).zip(SWITCHES) {
            let strength = STRENGTHS[usize::try_from(stream.below(6)).unwrap_or(0)];
            let chosen = stream.below(3) == 0;
            let on = match kind {
                0 => false,
                1 | 2 => at == only,
                _ => chosen,
            };
            if on {
                switch(&mut dials, strength);
            }
        }
        dials
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_swarm_a_tenth_is_gentle_and_more_than_half_has_several_faults() {
        let gentle = (0..1_000).filter(|seed| Dials::hostile(*seed) == Dials::gentle()).count();
        assert!((50..160).contains(&gentle), "{gentle}");
        assert_eq!(Dials::hostile(17), Dials::hostile(17));
    }

    #[test]
    fn dials_read_from_a_part_of_them_and_refuse_unknown_names() {
        let read: Dials = serde_json::from_str(r#"{"pay_late": 5}"#).expect("a part is enough");
        assert_eq!(read, Dials { pay_late: 5, ..Dials::gentle() });
        assert!(serde_json::from_str::<Dials>(r#"{"pay_latte": 5}"#).is_err());
    }
}
