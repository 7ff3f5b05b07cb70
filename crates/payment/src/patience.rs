//! How often to ask, when to give up, and every limit, per channel, as one value.

use crate::auth_code::Wallet;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Time};

/// The channels, by the protocol that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// WeChat Pay APIv2 付款码支付.
    WechatV2,
    /// WeChat Pay APIv3 codepay.
    WechatV3,
    /// Alipay 当面付 条码支付, gateway v2.
    Alipay,
    /// UnionPay 全渠道 QRA (SwiftPass XML).
    Qra,
    /// UnionPay ACP 5.1.0.
    Acp,
    /// ICBC API platform.
    Icbc,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 6] =
        [Channel::WechatV2, Channel::WechatV3, Channel::Alipay, Channel::Qra, Channel::Acp, Channel::Icbc];

    /// The wallets whose codes an account of this channel can take (unionpay.md §2).
    #[must_use]
    pub fn wallets(self) -> &'static [Wallet] {
        match self {
            Channel::WechatV2 | Channel::WechatV3 => &[Wallet::Wechat],
            Channel::Alipay => &[Wallet::Alipay],
            Channel::Acp => &[Wallet::UnionPay],
            Channel::Qra | Channel::Icbc => &[Wallet::UnionPay, Wallet::Wechat, Wallet::Alipay],
        }
    }

    /// The channel's word in the API and in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Channel::WechatV2 => "wechat_v2",
            Channel::WechatV3 => "wechat_v3",
            Channel::Alipay => "alipay",
            Channel::Qra => "qra",
            Channel::Acp => "acp",
            Channel::Icbc => "icbc",
        }
    }

    /// Reads [`Channel::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.word() == word)
    }

    /// The channel's patience.
    #[must_use]
    pub fn patience(self) -> Patience {
        match self {
            Channel::WechatV2 | Channel::WechatV3 => WECHAT,
            Channel::Alipay => ALIPAY,
            Channel::Qra => QRA,
            Channel::Acp => ACP,
            Channel::Icbc => ICBC,
        }
    }
}

/// The latest moment after accepting at which a submit may still leave: a code lives about a minute, and a zombie must
/// not pay.
pub const SUBMIT_AGE_MS_MAX: i64 = 10 * SECOND_MS;
/// A submit's first byte leaves within this time of its durable intent, or the call is *not sent*.
pub const SENDING_MS_MAX: i64 = 2 * SECOND_MS;
/// The silence after which a query is over.
pub const QUERY_LIMIT_MS: i64 = 5 * SECOND_MS;
/// The silence after which the last look is over.
pub const LOOK_LIMIT_MS: i64 = 3 * SECOND_MS;
/// Reversals and confirming queries without progress before a person is told.
pub const TRIES_BEFORE_CASE: u32 = 10;
/// Time since the first reversal before a person is told.
pub const REVERSING_BEFORE_CASE_MS: i64 = 10 * MINUTE_MS;

/// How long a channel takes reversals of what is known to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReversalWindow {
    /// So many milliseconds from the payment.
    For(i64),
    /// Until midnight of the payment's business day in Shanghai.
    SameDay,
    /// Until the end of the payment's settlement day, which begins so many milliseconds after midnight in Shanghai.
    SettlementDay {
        /// When the next day begins.
        begins_ms: i64,
    },
}

/// One channel's limits. All times are milliseconds; ages count from the durable submit intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Patience {
    /// The silence after which a submit or a reversal is over.
    pub call_limit_ms: i64,
    /// Age of the first query after an unknown answer.
    pub first_query_unknown_ms: i64,
    /// Age of the first query while the payer is typing.
    pub first_query_typing_ms: i64,
    /// Gaps between queries; the last one repeats.
    pub query_gaps_ms: &'static [i64],
    /// The payer's window: at this age the last look is taken.
    pub window_ms: i64,
    /// Minimum age of a reversal.
    pub reversal_age_ms_min: i64,
    /// Age from which *not found* may support an end.
    pub settle_ms: i64,
    /// How long what is paid may be reversed.
    pub reversal_window: ReversalWindow,
    /// What the channel wants of refunds.
    pub refunds: RefundLimits,
}

/// What a channel wants of refunds. A contract may want less: an account's configuration says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundLimits {
    /// How long after the payment a refund may be asked for, ms.
    pub window_ms: i64,
    /// The most refunds of one payment.
    pub parts_max: u32,
    /// The least time between two refund requests of one payment, also of the same refund, ms.
    pub gap_ms: i64,
    /// When the channel is first asked about a refund whose answer left it open, ms after the answer.
    pub first_query_ms: i64,
}

/// WeChat: first query 5 s after SYSTEMERROR, poll about every 5 s up to 45 s, reverse not within 15 s of the pay call
/// (付款码支付 开发指引; 提交付款码支付; 撤销订单), within 7 days (REVERSE_EXPIRE). Refunds (申请退款): 365 days, 50 parts, a
/// minute apart.
const WECHAT: Patience = Patience {
    call_limit_ms: 12 * SECOND_MS,
    first_query_unknown_ms: 5 * SECOND_MS,
    first_query_typing_ms: 3 * SECOND_MS,
    query_gaps_ms: &[3 * SECOND_MS, 3 * SECOND_MS, 5 * SECOND_MS],
    window_ms: 45 * SECOND_MS,
    reversal_age_ms_min: 15 * SECOND_MS,
    settle_ms: 60 * SECOND_MS,
    reversal_window: ReversalWindow::For(7 * DAY_MS),
    refunds: RefundLimits {
        window_ms: 365 * DAY_MS,
        parts_max: 50,
        gap_ms: MINUTE_MS,
        first_query_ms: 5 * SECOND_MS,
    },
};

/// Alipay: poll every 3 to 5 s, cancel at once after the last query, same day (当面付 接入注意事项; alipay.trade.cancel).
/// Refunds: 12 months, 3 s apart, the query no sooner than 10 s later; old contracts 3 months and 3 parts (产品介绍).
const ALIPAY: Patience = Patience {
    call_limit_ms: 12 * SECOND_MS,
    first_query_unknown_ms: 3 * SECOND_MS,
    first_query_typing_ms: 3 * SECOND_MS,
    query_gaps_ms: &[3 * SECOND_MS, 3 * SECOND_MS, 5 * SECOND_MS],
    window_ms: 45 * SECOND_MS,
    reversal_age_ms_min: 0,
    settle_ms: 60 * SECOND_MS,
    reversal_window: ReversalWindow::SameDay,
    refunds: RefundLimits {
        window_ms: 365 * DAY_MS,
        parts_max: 50,
        gap_ms: 3 * SECOND_MS,
        first_query_ms: 10 * SECOND_MS,
    },
};

/// UnionPay QRA (SwiftPass): unified.trade.micropay and unified.micropay.reverse. For refunds no limits are published; the
/// wallets' own behind it, WeChat's being the strictest, are kept.
const QRA: Patience = Patience {
    call_limit_ms: 30 * SECOND_MS,
    first_query_unknown_ms: 5 * SECOND_MS,
    first_query_typing_ms: 5 * SECOND_MS,
    query_gaps_ms: &[5 * SECOND_MS],
    window_ms: 60 * SECOND_MS,
    reversal_age_ms_min: 15 * SECOND_MS,
    settle_ms: 90 * SECOND_MS,
    reversal_window: ReversalWindow::SameDay,
    refunds: RefundLimits {
        window_ms: 365 * DAY_MS,
        parts_max: 50,
        gap_ms: MINUTE_MS,
        first_query_ms: 5 * SECOND_MS,
    },
};

/// UnionPay ACP 5.1.0: transaction status query after 1, 2, 4, 8 … s; reversal (99) the same settlement day, 23:00 to 23:00;
/// refunds (04) 30 days (unionpay.md §5.4; contracts allow more). No pause is published: the repeat of a doubtful one waits a
/// minute.
const ACP: Patience = Patience {
    call_limit_ms: 15 * SECOND_MS,
    first_query_unknown_ms: SECOND_MS,
    first_query_typing_ms: SECOND_MS,
    query_gaps_ms: &[2 * SECOND_MS, 4 * SECOND_MS, 8 * SECOND_MS],
    window_ms: 60 * SECOND_MS,
    reversal_age_ms_min: 0,
    settle_ms: 60 * SECOND_MS,
    reversal_window: ReversalWindow::SettlementDay { begins_ms: 23 * HOUR_MS },
    refunds: RefundLimits {
        window_ms: 30 * DAY_MS,
        parts_max: 50,
        gap_ms: MINUTE_MS,
        first_query_ms: 2 * SECOND_MS,
    },
};

/// ICBC: qrcode pay, query, reverse, reject. No limits of reject are published (icbc.md §3.4); the repeat of a doubtful one
/// waits a minute, so that a query cannot miss it.
const ICBC: Patience = Patience {
    call_limit_ms: 30 * SECOND_MS,
    first_query_unknown_ms: SECOND_MS,
    first_query_typing_ms: 3 * SECOND_MS,
    query_gaps_ms: &[3 * SECOND_MS, 5 * SECOND_MS],
    window_ms: 60 * SECOND_MS,
    reversal_age_ms_min: 0,
    settle_ms: 90 * SECOND_MS,
    reversal_window: ReversalWindow::SameDay,
    refunds: RefundLimits {
        window_ms: 365 * DAY_MS,
        parts_max: 50,
        gap_ms: MINUTE_MS,
        first_query_ms: 2 * SECOND_MS,
    },
};

impl Patience {
    /// The gap after the `asked`-th query (1 is the first).
    #[must_use]
    pub fn query_gap_ms(&self, asked: u32) -> i64 {
        let last = self.query_gaps_ms.len().saturating_sub(1);
        let place = (asked.saturating_sub(1) as usize).min(last);
        self.query_gaps_ms.get(place).copied().unwrap_or(5 * SECOND_MS)
    }

    /// The moment before which no reversal and no last look leaves: every one waits until the submit cannot be under way
    /// any more.
    #[must_use]
    pub fn not_before(&self, intent: Time, submit_answered: bool) -> Time {
        let aged = intent.plus_ms(SENDING_MS_MAX + self.reversal_age_ms_min);
        if submit_answered { aged } else { aged.max(intent.plus_ms(SENDING_MS_MAX + self.call_limit_ms)) }
    }

    /// The moment from which a payment of `paid_at` is no longer reversed but refunded; an hour is kept in hand of long
    /// windows.
    #[must_use]
    pub fn reversible_until(&self, paid_at: Time) -> Time {
        match self.reversal_window {
            ReversalWindow::For(ms) => paid_at.plus_ms(ms - HOUR_MS),
            ReversalWindow::SameDay => paid_at.next_midnight_shanghai(),
            ReversalWindow::SettlementDay { begins_ms } => {
                paid_at.plus_ms(-begins_ms).next_midnight_shanghai().plus_ms(begins_ms)
            }
        }
    }
}

/// A refund that the channel has taken up may take so long (cards: 1 to 3 working days) before a person is told.
pub const REFUND_PENDING_BEFORE_CASE_MS: i64 = 5 * DAY_MS;
/// Answers without progress about a refund before a person is told.
pub const REFUND_TRIES_BEFORE_CASE: u32 = 10;

/// The gap after the `asked`-th question about a refund that is under way: 5, 10, 30, 60 s, 2, 5, 10, 30 min, then hourly.
#[must_use]
pub fn refund_query_gap_ms(asked: u32) -> i64 {
    const GAPS_S: [i64; 8] = [5, 10, 30, 60, 120, 300, 600, 1_800];
    GAPS_S.get(asked.saturating_sub(1) as usize).map_or(HOUR_MS, |gap| gap * SECOND_MS)
}

/// The gap before a refund that the channel does not know is asked for again: as the channel allows, and hourly once a person
/// has been told, because a refusal in words that nobody knows comes back each time.
#[must_use]
pub fn refund_repeat_gap_ms(tries: u32) -> i64 {
    if tries < REFUND_TRIES_BEFORE_CASE { 0 } else { HOUR_MS }
}

/// When a refund that the merchant's funds did not cover is asked for again: 1, 5, 15 min after the refusal, then hourly.
#[must_use]
pub fn refund_funds_gap_ms(refused: u32) -> i64 {
    const GAPS: [i64; 3] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
    GAPS.get(refused.saturating_sub(1) as usize).copied().unwrap_or(HOUR_MS)
}

/// The gap after the `tries`-th reversal or confirming query without progress, by the age of the first reversal:
/// 2, 5, 10, 20, 40, 60 s, each minute to 10 min, each 5 min to 2 h, then hourly.
#[must_use]
pub fn undo_gap_ms(tries: u32, age_ms: i64) -> i64 {
    const FIRST_GAPS_S: [i64; 5] = [2, 5, 10, 20, 40];
    match FIRST_GAPS_S.get(tries.saturating_sub(1) as usize) {
        Some(gap) => gap * SECOND_MS,
        None if age_ms < 10 * MINUTE_MS => MINUTE_MS,
        None if age_ms < 2 * HOUR_MS => 5 * MINUTE_MS,
        None => HOUR_MS,
    }
}

/// When a suspended payment is asked about again: 1, 5, 15 min after it was suspended, then hourly.
#[must_use]
pub fn suspended_wake(since: Time, now: Time) -> Time {
    let first = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
    first.into_iter().map(|ms| since.plus_ms(ms)).find(|at| *at > now).unwrap_or_else(|| now.plus_ms(HOUR_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reversal_while_the_submit_may_be_under_way() {
        let intent = Time(0);
        assert_eq!(WECHAT.not_before(intent, true), Time(17_000));
        assert_eq!(WECHAT.not_before(intent, false), Time(17_000));
        assert_eq!(ALIPAY.not_before(intent, true), Time(2_000));
        assert_eq!(ALIPAY.not_before(intent, false), Time(14_000));
        assert_eq!(QRA.not_before(intent, false), Time(32_000));
    }

    #[test]
    fn a_settlement_day_ends_an_hour_before_midnight() {
        // 2026-03-15 in Shanghai: 22:59:59.999, and 23:00 sharp, which is the next day's.
        let (last, next) = (Time(1_773_586_799_999), Time(1_773_586_800_000));
        assert_eq!(ACP.reversible_until(last), next);
        assert_eq!(ACP.reversible_until(next), next.plus_ms(DAY_MS));
        assert_eq!(ALIPAY.reversible_until(last), next.plus_ms(HOUR_MS));
    }

    #[test]
    fn undo_never_stops_and_stays_within_seventy_tries_a_day() {
        let mut age = 0;
        let mut tries = 0;
        while age < DAY_MS {
            tries += 1;
            age += undo_gap_ms(tries, age);
        }
        assert!((30..=70).contains(&tries), "{tries}");
        assert_eq!(undo_gap_ms(1, 0), 2_000);
        assert_eq!(undo_gap_ms(10_000, 30 * DAY_MS), HOUR_MS);
    }
}
