//! How the accounts are: for readiness, for the list of channels, for `doctor`.

use payment::patience::Channel;
use payment::time::Time;

use crate::runner::Intake;

use super::App;

/// One account's health, as it is shown.
#[derive(Clone, Debug)]
pub struct AccountHealth {
    /// Its name.
    pub account: String,
    /// Its channel.
    pub channel: Channel,
    /// Whether it takes new payments.
    pub intake: Intake,
    /// When it was last probed.
    pub probed_at: Option<Time>,
    /// How far the channel's clock was ahead of ours, in milliseconds.
    pub clock_off_ms: i64,
}

/// All accounts, by name.
#[must_use]
pub fn account_healths(app: &App) -> Vec<AccountHealth> {
    app.engine
        .accounts()
        .values()
        .map(|account| {
            let (probed_at, clock_off_ms) = account.health.probe_facts();
            AccountHealth {
                account: account.name.clone(),
                channel: account.dialect.channel(),
                intake: account.health.intake(),
                probed_at,
                clock_off_ms,
            }
        })
        .collect()
}
