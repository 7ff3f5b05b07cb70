//! Payers: what one does with the phone when a code of theirs is charged, and when.

use serde::{Deserialize, Serialize};

use crate::book::Key;
use crate::calendar;
use crate::dial::Dials;
use crate::seed::{draw, hits, span_ms};

/// What a payer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Plan {
    /// Pays without a question.
    AtOnce,
    /// Is asked, and confirms after so long, ms.
    Confirms { after_ms: i64 },
    /// Is asked, and refuses after so long, ms.
    Refuses { after_ms: i64 },
    /// Is asked, and never answers.
    Never,
    /// Is asked, and answers on the phone page, if anybody does.
    Phone,
    /// Is asked, and confirms in the same instant as the merchant's reverse.
    WithReverse,
    /// Is not asked: the payment is declined, and perhaps charged all the same so long after, ms.
    Declined { why: Decline, charged_after_ms: Option<i64> },
}

/// Why a payment is declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Decline {
    /// No funds.
    NoFunds,
    /// The code is too old.
    CodeExpired,
    /// The code was used before.
    CodeUsed,
    /// The code is no code.
    CodeMalformed,
    /// Above the payer's limit.
    OverLimit,
    /// Refused by risk control.
    Risk,
    /// The card's type is not accepted.
    CardType,
    /// The payer's account is frozen.
    Frozen,
    /// The merchant may not do this.
    MerchantMayNot,
}

/// What a wallet remembers of its owner's day, for its password rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PayerDay {
    /// Beijing day.
    pub(crate) day: i64,
    /// Payments on that day.
    pub(crate) count: u32,
    /// The last payment: unix ms and fen.
    pub(crate) last: Option<(i64, i64)>,
}

impl Decline {
    /// Whether the payer failed behind a good code; the others are about the code or the merchant.
    pub(crate) fn is_the_payers(self) -> bool {
        match self {
            Self::NoFunds | Self::OverLimit | Self::Risk | Self::CardType | Self::Frozen => true,
            Self::CodeExpired | Self::CodeUsed | Self::CodeMalformed | Self::MerchantMayNot => false,
        }
    }
}

/// The declines that a payer can cause, for draws.
const OWN: [Decline; 8] = [
    Decline::NoFunds,
    Decline::CodeExpired,
    Decline::CodeUsed,
    Decline::CodeMalformed,
    Decline::OverLimit,
    Decline::Risk,
    Decline::CardType,
    Decline::Frozen,
];

/// What the payer of an unscripted order does: the dials' mix, drawn by the order's name.
pub(crate) fn drawn(dials: &Dials, seed: u64, key: &Key) -> Plan {
    let named = |word: &str| draw(seed, &["payer", word, &key.account, &key.number], 0);
    let mut rest = named("plan") % 1000;
    let mut falls = |permille: u16| {
        let share = u64::from(permille);
        let hit = rest < share;
        rest = rest.saturating_sub(share);
        hit
    };
    if falls(dials.payer_confirms) {
        return Plan::Confirms { after_ms: span_ms(named("confirm"), 1_000, dials.payer_confirms_ms_max) };
    }
    if falls(dials.payer_refuses) {
        return Plan::Refuses { after_ms: span_ms(named("refuse"), 1_000, 40_000) };
    }
    if falls(dials.payer_never) {
        return Plan::Never;
    }
    if falls(dials.payer_with_reverse) {
        return Plan::WithReverse;
    }
    if falls(dials.payer_declined) {
        let why = OWN[usize::try_from(named("why") % OWN.len() as u64).unwrap_or(0)];
        let charged = hits(named("charged"), dials.decline_charges);
        let charged_after_ms = charged.then(|| span_ms(named("charged after"), 1_000, 10_000));
        return Plan::Declined { why, charged_after_ms };
    }
    Plan::AtOnce
}

/// Who stands behind a code: wallets renew codes all the time, so the simulator deals them out over its payers.
pub(crate) fn owner(dials: &Dials, seed: u64, code: &str) -> String {
    format!("{}", draw(seed, &["owner", code], 0) % u64::from(dials.payers.max(1)))
}

/// The wallets' password rules (wechat.md §1): a payment without a question becomes one with a question.
pub(crate) fn asks_password(dials: &Dials, day: Option<&PayerDay>, now_ms: i64, amount: i64) -> bool {
    if !dials.wallet_rules {
        return false;
    }
    let today = calendar::beijing_day(now_ms);
    let count = day.filter(|day| day.day == today).map_or(0, |day| day.count);
    let same_again = day
        .and_then(|day| day.last)
        .is_some_and(|(at_ms, last)| last == amount && now_ms - at_ms < dials.same_amount_within_ms);
    amount > dials.password_above || count >= dials.password_free_per_day || same_again
}

/// The wallet remembers a payment.
pub(crate) fn remember(day: &mut PayerDay, now_ms: i64, amount: i64) {
    let today = calendar::beijing_day(now_ms);
    if day.day != today {
        *day = PayerDay { day: today, count: 0, last: day.last };
    }
    day.count = day.count.saturating_add(1);
    day.last = Some((now_ms, amount));
}
