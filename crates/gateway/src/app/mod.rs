//! The use cases, one file each, used alike by the API, the command line and, later, the console.

mod cancel;
mod fingerprint;
mod handing_on;
mod inspect;
mod pay;
mod probe;
mod refund;
mod routing;
mod settle;

use std::sync::Arc;

use payment::auth_code::{AuthCode, Wallet};
use payment::ids::{MerchantCode, PaymentId};
use payment::payment::Status;
use payment::time::Time;

use crate::runner::{Account, DoorError, Engine, Intake};
use crate::store::{PaymentRow, Store, StoreError};

pub use cancel::{Canceled, cancel_order, cancel_payment};
pub use fingerprint::Fingerprints;
pub use handing_on::HandingOn;
pub use inspect::{AccountHealth, Way, account_healths, inspect, merchant_accounts};
pub use pay::{Paid, Pay, PayError, pay};
pub use probe::{probe_account, probe_forever};
pub use refund::refund;
pub use routing::{Chosen, Route, Routing, Rule};
pub use settle::{Outcome, Settle, SettleError, settle};

/// Everything that a use case needs.
pub struct App {
    /// The runner.
    pub engine: Arc<Engine>,
    /// Knows a code again without keeping it.
    pub fingerprints: Fingerprints,
    /// Which accounts take which merchant's codes, best first.
    pub routing: Routing,
    /// Keeps cancels and codes that are handed on apart.
    pub handing_on: HandingOn,
}

/// How often a waiting till looks whether a payment that sleeps has woken: soon at first, then less and less.
const AWAKE_MS_MIN: i64 = 20;
const AWAKE_MS_MAX: i64 = 1_000;
/// How often a failing store is read again beyond the limit before an older state is told.
const READ_FAILURES_MAX: u32 = 20;

impl App {
    /// What is durable.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.engine.ports.store
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.engine.now()
    }

    /// The first account that takes this code, is open and is none of those, or why none is.
    pub(crate) fn route(
        &self,
        merchant: &MerchantCode,
        code: &AuthCode,
        but: &[String],
    ) -> Result<&Arc<Account>, NoRoute> {
        let mut closed = None;
        for name in self.routing.choose(merchant, code).accounts {
            let Some(account) = self.engine.accounts().get(name) else { continue };
            if but.contains(&account.name) {
                continue;
            }
            match account.health.intake() {
                Intake::Open => return Ok(account),
                Intake::Closed { why, .. } => {
                    closed.get_or_insert(NoRoute::Closed { account: account.name.clone(), why });
                }
            }
        }
        Err(closed.unwrap_or(NoRoute::NotConfigured(code.wallet())))
    }

    /// The payment as it is now: from its driver if it is awake, from the store otherwise.
    pub async fn payment(
        &self,
        merchant: &MerchantCode,
        id: PaymentId,
    ) -> Result<Option<PaymentRow>, StoreError> {
        if let Some(state) = self.engine.watch(id) {
            let row = state.row().as_ref().clone();
            return Ok((row.payment.intent.merchant == *merchant).then_some(row));
        }
        self.store().payment(merchant.clone(), id).await
    }

    /// Waits until the payment is decided, or until `limit`.
    pub async fn decided(&self, row: PaymentRow, limit: Time) -> PaymentRow {
        self.wait(row, limit, |row| row.payment.status() != Status::Processing).await
    }

    /// Waits until the payment has another version than the one that was seen last, or until `limit`.
    pub async fn changed(&self, row: PaymentRow, seen: Option<i64>, limit: Time) -> PaymentRow {
        let version = seen.unwrap_or(row.version);
        self.wait(row, limit, move |row| row.version != version || row.payment.is_final()).await
    }

    async fn wait(&self, row: PaymentRow, limit: Time, enough: impl Fn(&PaymentRow) -> bool) -> PaymentRow {
        if enough(&row) {
            return row;
        }
        let clock = Arc::clone(&self.engine.ports.clock);
        let id = row.payment.intent.id;
        let (mut row, mut pause_ms, mut failures) = (row, AWAKE_MS_MIN, 0);
        loop {
            if let Some(state) = self.engine.watch(id) {
                tokio::select! {
                    biased;
                    () = state.until(&enough) => {}
                    () = clock.sleep_until(limit) => {}
                }
            }
            // Read again: it is being opened at this moment, or it sleeps until its next look, or its driver has ended since;
            // what is told must not go back.
            let late = self.now() >= limit || self.engine.is_stopping();
            match self.payment(&row.payment.intent.merchant, id).await {
                Ok(Some(now)) => {
                    row = now;
                    if late || enough(&row) {
                        return row;
                    }
                }
                Ok(None) => return row,
                Err(error) => {
                    tracing::error!(%error, "a payment could not be read again");
                    failures += 1;
                    if failures >= READ_FAILURES_MAX {
                        return row;
                    }
                }
            }
            clock.sleep_until(self.now().plus_ms(pause_ms)).await;
            pause_ms = (pause_ms * 2).min(AWAKE_MS_MAX);
        }
    }
}

/// Why no account takes a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// No account for this wallet.
    #[error("no account of this merchant takes {} codes; configure one", .0.word())]
    NotConfigured(Wallet),
    /// The account is closed.
    #[error("account {account} takes no payments now: {why}")]
    Closed {
        /// Which.
        account: String,
        /// Why, and what to do.
        why: String,
    },
}

/// Why a cancel was refused or failed.
pub type CancelError = DoorError;
