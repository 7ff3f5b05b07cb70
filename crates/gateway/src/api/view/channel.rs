//! An account that takes codes, and where one code would go.

use payment::auth_code::{AuthCode, Wallet};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::app::{AccountHealth, Way};
use crate::runner::Intake;

use super::words::{ChannelWord, IntakeWord, WalletWord};
use super::{only, time};

const CHANNEL: &str = "channel";
const CODE: &str = "code";

fn channel_word() -> Object {
    only(CHANNEL)
}

fn code_word() -> Object {
    only(CODE)
}

/// One channel account that takes this merchant's codes (渠道商户号).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ChannelAccount {
    #[schema(schema_with = channel_word)]
    object: &'static str,
    /// Its name in the configuration.
    account: String,
    channel: ChannelWord,
    /// Whose codes go to it.
    wallets: Vec<WalletWord>,
    intake: IntakeWord,
    /// Why its intake is closed and what to do, Chinese and English; null while it is open.
    reason: Option<String>,
    /// Since when its intake is closed; null while it is open.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// When it was last probed; null before the first probe.
    #[schema(format = DateTime)]
    probed_at: Option<String>,
    /// How far the channel's clock was ahead of ours at the last probe, in milliseconds.
    clock_off_ms: i64,
}

pub(in crate::api) fn channel_account(health: AccountHealth, wallets: &[Wallet]) -> ChannelAccount {
    let (intake, reason, since) = match health.intake {
        Intake::Open => (IntakeWord::Open, None, None),
        Intake::Closed { why, since } => (IntakeWord::Closed, Some(why), Some(time(since))),
    };
    ChannelAccount {
        object: CHANNEL,
        account: health.account,
        channel: ChannelWord::from(&health.channel),
        wallets: wallets.iter().map(WalletWord::from).collect(),
        intake,
        reason,
        since,
        probed_at: health.probed_at.map(time),
        clock_off_ms: health.clock_off_ms,
    }
}

/// What a payment code is and where it would go now. The code itself is nowhere in it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct InspectedCode {
    #[schema(schema_with = code_word)]
    object: &'static str,
    wallet: WalletWord,
    /// The first two characters, then stars.
    #[schema(pattern = "^[0-9a-z]{2}\\*+$", example = "13****************")]
    code_masked: String,
    /// The account that would take it, or null.
    account: Option<String>,
    /// The account's channel, or null.
    channel: Option<ChannelWord>,
    intake: CodeIntake,
    /// Why it would not be taken and what to do; null while it would.
    reason: Option<String>,
}

/// `open`: it would be taken. `closed`: its account takes no payments now. `not_configured`: no account takes this wallet's
/// codes.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum CodeIntake {
    Open,
    Closed,
    NotConfigured,
}

pub(in crate::api) fn inspected_code(code: &AuthCode, way: Way) -> InspectedCode {
    let (account, intake, reason) = match way {
        Way::Open(account) => (Some(account), CodeIntake::Open, None),
        Way::Closed { account, why } => (Some(account), CodeIntake::Closed, Some(why)),
        Way::NotConfigured { why } => (None, CodeIntake::NotConfigured, Some(why)),
    };
    InspectedCode {
        object: CODE,
        wallet: WalletWord::from(&code.wallet()),
        code_masked: code.masked(),
        channel: account.as_ref().map(|account| ChannelWord::from(&account.channel)),
        account: account.map(|account| account.account),
        intake,
        reason,
    }
}
