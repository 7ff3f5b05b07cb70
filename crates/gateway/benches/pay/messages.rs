//! What this program and its clients say to each other: one JSON object a line.

use serde::{Deserialize, Serialize};

/// The two channels that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lane {
    WechatV2,
    Alipay,
}

impl Lane {
    pub(crate) const ALL: [Lane; 2] = [Lane::WechatV2, Lane::Alipay];

    /// The channel's word in the API and in the ledger.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Lane::WechatV2 => "wechat_v2",
            Lane::Alipay => "alipay",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Lane::WechatV2 => "13",
            Lane::Alipay => "28",
        }
    }
}

/// How payments arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Arrivals {
    /// So many a second, evenly, whatever becomes of those before.
    Steady(u32),
    /// So many at once, each followed by the next as soon as it is answered.
    Flood(u32),
}

/// One phase of load.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Phase {
    pub(crate) lane: Lane,
    pub(crate) arrivals: Arrivals,
    pub(crate) window_ms: u64,
    /// The first of the numbers that this phase may use; each payment takes the next.
    pub(crate) first: u64,
    /// Decides the amounts.
    pub(crate) seed: u64,
}

/// What came of a phase: every payment that was begun has ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Payments that ended within the window.
    pub(crate) in_window: u64,
    /// From the intended arrival to the answer, in microseconds, sorted.
    pub(crate) latencies_us: Vec<u64>,
    /// Every payment that was answered as paid.
    pub(crate) paid: Vec<Paid>,
    /// What went wrong, in words; nothing may.
    pub(crate) wrong: Vec<String>,
}

/// A payment as the client saw it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Paid {
    pub(crate) channel_order_no: String,
    pub(crate) amount: i64,
}

/// One sale.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub(crate) lane: Lane,
    pub(crate) order_no: String,
    pub(crate) code: String,
    pub(crate) amount: i64,
}

impl Phase {
    /// The sale of a number; a number is used once, so is its code.
    pub(crate) fn sale(&self, place: u64) -> Sale {
        let number = self.first + place;
        let drawn = (number ^ self.seed.rotate_left(17)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        Sale {
            lane: self.lane,
            order_no: format!("bench-{}-{number}", self.seed),
            // The simulator's scenario 000: pays at once.
            code: format!("{}0000000{number:09}", self.lane.prefix()),
            amount: 1 + i64::try_from(drawn % 100_000).expect("a small number"),
        }
    }
}
