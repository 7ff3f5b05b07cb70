//! How the accounts are, and where a code would go: for readiness, for the list of channels, for a till, for `doctor`.

use payment::auth_code::{AuthCode, Wallet};
use payment::ids::MerchantCode;
use payment::patience::Channel;
use payment::time::Time;

use crate::runner::{Account, Intake};

use super::{App, NoRoute};

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
    app.engine.accounts().values().map(|account| health(account)).collect()
}

fn health(account: &Account) -> AccountHealth {
    let (probed_at, clock_off_ms) = account.health.probe_facts();
    AccountHealth {
        account: account.name.clone(),
        channel: account.dialect.channel(),
        intake: account.health.intake(),
        probed_at,
        clock_off_ms,
    }
}

/// The accounts that take a merchant's codes, best first, each with the wallets whose codes go to it.
#[must_use]
pub fn merchant_accounts(app: &App, merchant: &MerchantCode) -> Vec<(AccountHealth, Vec<Wallet>)> {
    let mut accounts: Vec<(AccountHealth, Vec<Wallet>)> = Vec::new();
    for route in app.routing.routes.iter().filter(|route| route.merchant == *merchant) {
        let Some(account) = app.engine.accounts().get(&route.account) else { continue };
        match accounts.iter_mut().find(|(known, _)| known.account == account.name) {
            Some((_, wallets)) => wallets.push(route.wallet),
            None => accounts.push((health(account), vec![route.wallet])),
        }
    }
    accounts
}

/// Where a merchant's code would go now.
#[derive(Clone, Debug)]
pub enum Way {
    /// To this account.
    Open(AccountHealth),
    /// To this account, whose intake is closed.
    Closed {
        /// Which.
        account: AccountHealth,
        /// Why, and what to do.
        why: String,
    },
    /// To none.
    NotConfigured {
        /// What to do.
        why: String,
    },
}

/// Looks where a code would go; nothing is charged and nothing stored.
#[must_use]
pub fn inspect(app: &App, merchant: &MerchantCode, code: &AuthCode) -> Way {
    match app.route(merchant, code, &[]) {
        Ok(account) => Way::Open(health(account)),
        Err(nowhere @ NoRoute::NotConfigured(_)) => Way::NotConfigured { why: nowhere.to_string() },
        Err(NoRoute::Closed { account, why }) => match app.engine.accounts().get(&account) {
            Some(account) => Way::Closed { account: health(account), why },
            None => Way::NotConfigured { why },
        },
    }
}
