//! What may be asked of a payment that runs, and how its driver is knocked at, awake or not.

use std::sync::Arc;

use payment::auth_code::AuthCode;
use payment::ids::{MerchantCode, PaymentId, RefundId, RefundNo};
use payment::money::Fen;
use payment::payment::{RefundRefused, Refused, Settlement};
use payment::refund::RefundUnsettled;
use tokio::sync::oneshot;

use crate::store::{PaymentRow, RefundRow, StoreError};

use super::{Engine, Rows};

/// What a door is asked for.
#[derive(Clone, Debug)]
pub enum Door {
    /// The till cancels.
    Cancel,
    /// The till demands the reversal of a paid payment.
    Reverse {
        /// Why.
        reason: String,
    },
    /// A person settles.
    Settle {
        /// The outcome.
        settlement: Settlement,
        /// What the person said, as a JSON object.
        words: String,
    },
}

/// What a merchant asks of a refund.
#[derive(Clone, Debug)]
pub struct RefundAsk {
    /// The merchant's number; one number is one refund.
    pub refund_no: RefundNo,
    /// How much.
    pub amount: Fen,
    /// Why.
    pub reason: Option<String>,
}

/// A refund that was opened now, or stood before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundTold {
    /// The refund.
    pub row: RefundRow,
    /// It was opened by this call.
    pub new: bool,
}

/// Why a door did not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// The machine refuses; the row is as it was.
    #[error("{0}")]
    Refused(#[source] Refused, Box<PaymentRow>),
    /// The payment opens no refund.
    #[error("{0}")]
    RefundRefused(#[source] RefundRefused, Box<PaymentRow>),
    /// The merchant used this refund number for another refund.
    #[error("this refund number is taken by another refund")]
    RefundNoTaken(Box<RefundRow>),
    /// A person's word on a refund is not taken now.
    #[error("{0}")]
    RefundUnsettled(#[source] RefundUnsettled),
    /// The payment's account is no longer configured.
    #[error("the account {0} of this payment is no longer configured; put it back")]
    NoAccount(String),
    /// No such payment.
    #[error("no such payment")]
    NotFound,
    /// The store does not work.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The gateway is stopping.
    #[error("the gateway is stopping; ask again in a few seconds")]
    Stopping,
}

pub(super) enum Command {
    /// Somebody asks for something.
    Door { door: Door, reply: oneshot::Sender<Result<PaymentRow, DoorError>> },
    /// A merchant asks for a refund.
    Refund { ask: RefundAsk, reply: oneshot::Sender<Result<RefundTold, DoorError>> },
    /// A person settles a refund's case.
    SettleRefund {
        id: RefundId,
        given_back: bool,
        words: String,
        reply: oneshot::Sender<Result<RefundTold, DoorError>>,
    },
    /// The opening hands over the code and the submit, because a sweep or a door woke the row first.
    Begin { code: AuthCode, call: Option<payment::exchange::Asked> },
}

impl Engine {
    /// Opens a door of a payment, awake or not.
    pub async fn door(
        self: &Arc<Self>,
        merchant: &MerchantCode,
        id: PaymentId,
        door: Door,
    ) -> Result<PaymentRow, DoorError> {
        self.knock(merchant, id, |reply| Command::Door { door: door.clone(), reply }).await
    }

    /// Opens a refund of a payment, awake or not.
    pub async fn refund(
        self: &Arc<Self>,
        merchant: &MerchantCode,
        id: PaymentId,
        ask: RefundAsk,
    ) -> Result<RefundTold, DoorError> {
        self.knock(merchant, id, |reply| Command::Refund { ask: ask.clone(), reply }).await
    }

    /// Settles the case of a refund.
    pub(crate) async fn settle_refund(
        self: &Arc<Self>,
        merchant: &MerchantCode,
        payment: PaymentId,
        id: RefundId,
        given_back: bool,
        words: &str,
    ) -> Result<RefundTold, DoorError> {
        let words = words.to_owned();
        self.knock(merchant, payment, |reply| {
            let words = words.clone();
            Command::SettleRefund { id, given_back, words, reply }
        })
        .await
    }

    async fn knock<T>(
        self: &Arc<Self>,
        merchant: &MerchantCode,
        id: PaymentId,
        command: impl Fn(oneshot::Sender<Result<T, DoorError>>) -> Command,
    ) -> Result<T, DoorError> {
        // A driver may end between the look and the send; then the row is read again.
        loop {
            if self.is_stopping() {
                return Err(DoorError::Stopping);
            }
            if self.poison.spared(id, self.now()) {
                return Err(DoorError::Store(StoreError::InDoubt(format!("the step of {id} panicked"))));
            }
            let (reply, answer) = oneshot::channel();
            if !self.send(id, command(reply)) {
                self.summon(merchant, id).await?;
                continue;
            }
            if let Ok(result) = answer.await {
                return result;
            }
        }
    }

    fn send(&self, id: PaymentId, command: Command) -> bool {
        self.live().get(&id).is_some_and(|live| live.commands.send(command).is_ok())
    }

    async fn summon(self: &Arc<Self>, merchant: &MerchantCode, id: PaymentId) -> Result<(), DoorError> {
        let store = &self.ports.store;
        let row = store.payment(merchant.clone(), id).await?.ok_or(DoorError::NotFound)?;
        let watch = store.watch(id).await?;
        let refunds = store.refunds_under_way(id).await?;
        let mut live = self.live();
        if !live.contains_key(&id) {
            self.spawn(&mut live, Rows { payment: row, watch, refunds }, None, None);
        }
        Ok(())
    }
}
