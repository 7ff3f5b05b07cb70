//! A person settles a case, with evidence; the channel is asked first.

use std::sync::Arc;

use payment::exchange::{Answer, Asked, Call, Doubt, QueryAnswer, RefundQueryAnswer};
use payment::ids::MerchantCode;
use payment::patience::QUERY_LIMIT_MS;
use payment::payment::Settlement;

use crate::runner::{Door, DoorError};
use crate::store::{CaseRow, PaymentRow, RefundRow, StoreError};

use super::App;

/// How a person says that it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Of a payment.
    Payment(Settlement),
    /// Of a refund: the money is given back.
    Refunded,
}

/// What a person says.
pub struct Settle {
    /// The outcome; of a refund, *failed* means that nothing was given back.
    pub outcome: Outcome,
    /// What it rests on.
    pub evidence: String,
    /// Who says so.
    pub operator: String,
    /// Why the channel's answer is set aside, if it is.
    pub override_reason: Option<String>,
}

/// Why a case was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// No such case.
    #[error("no such case")]
    NotFound,
    /// It is closed already.
    #[error("the case is closed already; a case is settled once")]
    Closed(Box<CaseRow>),
    /// The channel's verified answer contradicts the outcome.
    #[error(
        "the channel answers {says:?}, which contradicts this outcome; settle with override and a reason if you know better"
    )]
    Contradicted {
        /// The channel's answer, in our word.
        says: String,
    },
    /// This kind of case has other outcomes.
    #[error("a case about a {about} is settled as {known}")]
    OtherOutcome {
        /// What it is about.
        about: &'static str,
        /// The words that can be said of it.
        known: &'static str,
    },
    /// The machine refuses.
    #[error("{0}")]
    Door(#[from] DoorError),
    /// The store does not work.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Asks the channel, then settles. Answers the payment and the case as they are then.
pub async fn settle(
    app: &Arc<App>,
    merchant: &MerchantCode,
    case_id: u128,
    said: Settle,
) -> Result<(PaymentRow, CaseRow), SettleError> {
    let case = app.store().case(merchant.clone(), case_id).await?.ok_or(SettleError::NotFound)?;
    if case.closed_at.is_some() {
        return Err(SettleError::Closed(Box::new(case)));
    }
    let row = app.payment(merchant, case.payment_id).await?.ok_or(SettleError::NotFound)?;
    if let Some(refund) = refund_of(app, &case).await? {
        settle_refund(app, merchant, &row, &refund, &said).await?;
    } else {
        settle_payment(app, merchant, &row, &said).await?;
    }
    let row = app.payment(merchant, case.payment_id).await?.ok_or(SettleError::NotFound)?;
    let case = app.store().case(merchant.clone(), case_id).await?.ok_or(SettleError::NotFound)?;
    Ok((row, case))
}

/// The refund that a case is about, if it is about one.
async fn refund_of(app: &Arc<App>, case: &CaseRow) -> Result<Option<RefundRow>, StoreError> {
    let under_way = app.store().refunds_under_way(case.payment_id).await?;
    Ok(under_way.into_iter().find(|row| row.case_id == Some(case.id)))
}

async fn settle_payment(
    app: &Arc<App>,
    merchant: &MerchantCode,
    row: &PaymentRow,
    said: &Settle,
) -> Result<(), SettleError> {
    let Outcome::Payment(outcome) = said.outcome else {
        return Err(SettleError::OtherOutcome { about: "payment", known: "paid, failed or reversed" });
    };
    let answer = app.engine.look(row).await;
    let says = crate::runner::says(&Answer::Query(answer.clone()));
    if said.override_reason.is_none() && contradicts(outcome, &answer) {
        return Err(SettleError::Contradicted { says: says.to_owned() });
    }
    let door = Door::Settle { settlement: outcome, words: words(said, says) };
    app.engine.door(merchant, row.payment.intent.id, door).await?;
    Ok(())
}

async fn settle_refund(
    app: &Arc<App>,
    merchant: &MerchantCode,
    row: &PaymentRow,
    refund: &RefundRow,
    said: &Settle,
) -> Result<(), SettleError> {
    let given_back = match said.outcome {
        Outcome::Refunded => true,
        Outcome::Payment(Settlement::Failed) => false,
        Outcome::Payment(Settlement::Paid | Settlement::Reversed) => {
            return Err(SettleError::OtherOutcome { about: "refund", known: "refunded or failed" });
        }
    };
    let answer = app.engine.look_at_refund(row, refund).await;
    let says = crate::runner::says(&Answer::RefundQuery(answer.clone()));
    let contradicted = match &answer {
        RefundQueryAnswer::Done(_) => !given_back,
        // It may still go through: only a person who knows better says that it will not.
        RefundQueryAnswer::Pending => true,
        RefundQueryAnswer::Closed | RefundQueryAnswer::NotFound => given_back,
        RefundQueryAnswer::Abnormal | RefundQueryAnswer::Unknown(_) => false,
    };
    if contradicted && said.override_reason.is_none() {
        return Err(SettleError::Contradicted { says: says.to_owned() });
    }
    let intent = &refund.refund.intent;
    let words = words(said, says);
    app.engine.settle_refund(merchant, intent.payment.id, intent.id, given_back, &words).await?;
    Ok(())
}

/// What a person said, as a JSON object.
fn words(said: &Settle, channel_says: &str) -> String {
    serde_json::json!({
        "outcome": outcome_word(said.outcome),
        "evidence": said.evidence,
        "operator": said.operator,
        "override": said.override_reason,
        "channel_says": channel_says,
    })
    .to_string()
}

/// The outcome's word.
#[must_use]
fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Payment(Settlement::Paid) => "paid",
        Outcome::Payment(Settlement::Failed) => "failed",
        Outcome::Payment(Settlement::Reversed) => "reversed",
        Outcome::Refunded => "refunded",
    }
}

/// An open order does not contradict *failed*; a paid one, or one that has to be reversed, does. Silence contradicts
/// nothing.
fn contradicts(outcome: Settlement, answer: &QueryAnswer) -> bool {
    match (outcome, answer) {
        (_, QueryAnswer::Unknown(_)) => false,
        (Settlement::Failed, QueryAnswer::Paid(_) | QueryAnswer::MustReverse) => true,
        (
            Settlement::Failed,
            QueryAnswer::AwaitingPayer
            | QueryAnswer::NotPaid
            | QueryAnswer::Declined(_)
            | QueryAnswer::Closed(_)
            | QueryAnswer::NotFound,
        ) => false,
        (Settlement::Reversed, QueryAnswer::Declined(_) | QueryAnswer::Closed(_) | QueryAnswer::NotFound) => {
            false
        }
        (
            Settlement::Reversed,
            QueryAnswer::Paid(_)
            | QueryAnswer::MustReverse
            | QueryAnswer::AwaitingPayer
            | QueryAnswer::NotPaid,
        ) => true,
        (Settlement::Paid, QueryAnswer::Paid(_)) => false,
        (
            Settlement::Paid,
            QueryAnswer::AwaitingPayer
            | QueryAnswer::NotPaid
            | QueryAnswer::MustReverse
            | QueryAnswer::Declined(_)
            | QueryAnswer::Closed(_)
            | QueryAnswer::NotFound,
        ) => true,
    }
}

impl crate::runner::Engine {
    /// Asks the channel about a payment, beside its machine: for a person's eyes, never a step.
    pub(crate) async fn look(&self, row: &PaymentRow) -> QueryAnswer {
        let now = self.now();
        let asked = Asked { call: Call::Query, number: 0, at: now, limit: now.plus_ms(QUERY_LIMIT_MS) };
        match self.exchange_once(row, asked).await {
            Answer::Query(answer) => answer,
            Answer::Submit(_) | Answer::Reverse(_) | Answer::Refund(_) | Answer::RefundQuery(_) => {
                QueryAnswer::Unknown(Doubt::Unreadable)
            }
        }
    }

    /// Asks the channel about a refund, for a person's eyes.
    pub(crate) async fn look_at_refund(&self, row: &PaymentRow, refund: &RefundRow) -> RefundQueryAnswer {
        let now = self.now();
        let limit = now.plus_ms(QUERY_LIMIT_MS);
        let asked = Asked { call: Call::RefundQuery, number: 0, at: now, limit };
        match self.refund_query_once(row, &refund.refund.intent, asked).await {
            Answer::RefundQuery(answer) => answer,
            Answer::Submit(_) | Answer::Query(_) | Answer::Reverse(_) | Answer::Refund(_) => {
                RefundQueryAnswer::Unknown(Doubt::Unreadable)
            }
        }
    }
}
