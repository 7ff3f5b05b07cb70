//! Pay by code: admitted, made durable, driven, and waited for.

use std::sync::Arc;

use payment::auth_code::AuthCode;
use payment::exchange::DeclineReason;
use payment::ids::{ChannelOrderNo, MerchantCode, OrderNo, PaymentId};
use payment::money::Fen;
use payment::payment::{CodeHere, Input, Intent, Payment};
use payment::time::Time;
use tokio::sync::OwnedMutexGuard;

use crate::runner::{Account, opening_commit};
use crate::store::admission::Refusal;
use crate::store::{Opened, Opening, PaymentCommit, PaymentRow, Sale, StoreError};

use super::handing_on::Cancels;
use super::{App, NoRoute};

/// What a till asks for.
#[derive(Clone)]
pub struct Pay {
    /// Whose sale.
    pub merchant: MerchantCode,
    /// Which sale.
    pub order_no: OrderNo,
    /// How much.
    pub amount: Fen,
    /// The scanned code.
    pub code: AuthCode,
    /// Identities and cosmetics.
    pub sale: Sale,
    /// A deliberate second sale of the same amount on this terminal.
    pub second: bool,
    /// How long to wait for a decision, in milliseconds, 0 to 65,000.
    pub wait_ms: i64,
}

/// A payment, and whether it existed before.
#[derive(Clone, Debug)]
pub struct Paid {
    /// The payment as far as it has come.
    pub row: PaymentRow,
    /// It existed: the same sale with the same code.
    pub replayed: bool,
}

/// Why there is no payment of this request. Nothing was stored and nothing was sent, unless the store itself is in doubt.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// The rules of admission refuse; the payment that stands in the way, if one does.
    #[error("refused by the rules of admission")]
    Refused(Refusal, Option<Box<PaymentRow>>),
    /// No account takes the code.
    #[error("{0}")]
    NoRoute(#[from] NoRoute),
    /// The store does not work.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The gateway is stopping.
    #[error("the gateway is stopping; send the same request again in a few seconds")]
    Stopping,
}

/// Opens or finds the payment, and waits for its decision. Where its account could not be reached at all, so that nothing was
/// ever asked, the next account that takes the code gets the next attempt while the till still waits: a till that was
/// answered is never surprised by another attempt.
pub async fn pay(app: &Arc<App>, pay: Pay) -> Result<Paid, PayError> {
    let began = app.now();
    let limit = began.plus_ms(pay.wait_ms);
    let mut unreached = Vec::new();
    let mut paid = opened(app, pay.clone(), Vec::new(), None).await?;
    loop {
        paid.row = app.decided(paid.row, limit).await;
        let account = &paid.row.payment.intent.account;
        if !never_reached(&paid.row) || app.now() >= limit || unreached.contains(account) {
            return Ok(paid);
        }
        if let Some(account) = app.engine.accounts().get(account) {
            account.health.suspect();
        }
        unreached.push(account.clone());
        let alone = app.handing_on.alone().await;
        if alone.since(began, &pay.merchant, &pay.order_no) {
            return Ok(paid);
        }
        match opened(app, pay.clone(), unreached.clone(), Some(alone)).await {
            Ok(next) => paid = Paid { replayed: paid.replayed, ..next },
            // Nobody else takes the code: that nothing was asked is the whole truth.
            Err(PayError::NoRoute(_) | PayError::Stopping) => return Ok(paid),
            Err(error @ (PayError::Refused(..) | PayError::Store(_))) => return Err(error),
        }
    }
}

/// In a task of its own: a till that hangs up must not stop a payment between its row and its driver, nor let its cancel pass
/// the attempt that is being opened.
async fn opened(
    app: &Arc<App>,
    pay: Pay,
    but: Vec<String>,
    alone: Option<OwnedMutexGuard<Cancels>>,
) -> Result<Paid, PayError> {
    let app = Arc::clone(app);
    let opening = tokio::spawn(async move {
        let _alone = alone;
        open(app, pay, but).await
    });
    opening.await.map_err(|panic| {
        tracing::error!(%panic, "opening a payment failed");
        PayError::Store(StoreError::InDoubt("opening the payment failed; see the log".to_owned()))
    })?
}

/// Whether nothing was asked because the channel could not be reached, so that the code is unspent.
fn never_reached(row: &PaymentRow) -> bool {
    let failure = row.payment.failure.as_ref();
    row.payment.never_asked() && failure.is_some_and(|failure| failure.reason == DeclineReason::NeverAsked)
}

/// Opens the payment on the first account that takes its code and is none of `but`.
async fn open(app: Arc<App>, pay: Pay, but: Vec<String>) -> Result<Paid, PayError> {
    let Pay { merchant, order_no, amount, code, sale, second, .. } = pay;
    if app.engine.is_stopping() {
        return Err(PayError::Stopping);
    }
    let account = match app.route(&merchant, &code, &but) {
        Ok(account) => Arc::clone(account),
        Err(closed) => return find_replay(&app, &merchant, order_no, amount, &code, closed).await,
    };
    let now = app.now();
    let id = PaymentId::new(now.0, app.engine.random());
    let fingerprint = app.fingerprints.of(&code);
    let seed = Seed {
        id,
        merchant: merchant.clone(),
        order_no: order_no.clone(),
        amount,
        wallet: code.wallet(),
        code_masked: code.masked(),
        fingerprint,
        sale: sale.clone(),
        now,
        account,
    };
    let opening = Opening {
        merchant: merchant.clone(),
        order_no,
        amount,
        fingerprint,
        terminal: sale.terminal,
        outlet: sale.outlet,
        second,
        now,
        build: Box::new(move |attempt| seed.grow(attempt)),
    };
    match app.store().open_payment(opening).await? {
        Opened::New(row) => {
            let call = row.payment.out;
            app.engine.ports.metrics.payment_opened(row.payment.intent.channel);
            app.engine.begin(row.as_ref().clone(), code, call);
            Ok(Paid { row: *row, replayed: false })
        }
        Opened::Existing(row) => {
            let awake = app.payment(&merchant, row.payment.intent.id).await?;
            Ok(Paid { row: awake.unwrap_or(*row), replayed: true })
        }
        Opened::Refused(refusal) => {
            let holder = match refusal_holder(refusal) {
                Some(id) => app.payment(&merchant, id).await?.map(Box::new),
                None => None,
            };
            Err(PayError::Refused(refusal, holder))
        }
    }
}

/// A repeat of a known sale is answered even while its channel takes nothing new.
async fn find_replay(
    app: &App,
    merchant: &MerchantCode,
    order_no: OrderNo,
    amount: Fen,
    code: &AuthCode,
    closed: NoRoute,
) -> Result<Paid, PayError> {
    let fingerprint = app.fingerprints.of(code);
    let attempts = app.store().attempts(merchant.clone(), order_no).await?;
    let same = attempts.into_iter().rev().find(|row| {
        row.fingerprint == fingerprint && row.payment.intent.amount == amount && !row.payment.never_asked()
    });
    match same {
        Some(row) => {
            let awake = app.payment(merchant, row.payment.intent.id).await?;
            Ok(Paid { row: awake.unwrap_or(row), replayed: true })
        }
        None => Err(PayError::NoRoute(closed)),
    }
}

fn refusal_holder(refusal: Refusal) -> Option<PaymentId> {
    match refusal {
        Refusal::OrderCanceled => None,
        Refusal::OrderAmountDiffers(id)
        | Refusal::OrderUndecided(id)
        | Refusal::OrderPaid(id)
        | Refusal::CodeUsed(id)
        | Refusal::TerminalHasOpenPayment(id) => Some(id),
    }
}

/// What a payment grows from, once the number of its attempt is known.
struct Seed {
    id: PaymentId,
    merchant: MerchantCode,
    order_no: OrderNo,
    amount: Fen,
    wallet: payment::auth_code::Wallet,
    code_masked: String,
    fingerprint: payment::ids::CodeFingerprint,
    sale: Sale,
    now: Time,
    account: Arc<Account>,
}

impl Seed {
    /// Opening and the first step are one commit.
    fn grow(self, attempt: u32) -> PaymentCommit {
        let account = &self.account;
        let intent = Intent {
            id: self.id,
            channel_order_no: ChannelOrderNo::derive(
                account.namespace,
                &self.merchant,
                &self.order_no,
                attempt,
            ),
            merchant: self.merchant,
            order_no: self.order_no,
            attempt,
            amount: self.amount,
            account: account.name.clone(),
            channel: account.dialect.channel(),
            payee: account.dialect.payee(),
            opened_at: self.now,
        };
        let opened = Payment::open(intent);
        let row = PaymentRow {
            payment: opened.clone(),
            version: 0,
            wallet: self.wallet,
            code_masked: self.code_masked,
            fingerprint: self.fingerprint,
            sale: self.sale,
            case_id: None,
            reversal_id: None,
        };
        let step = opened.step(self.now, Input::Wake { code: CodeHere::Here });
        opening_commit(row, step, self.now)
    }
}
