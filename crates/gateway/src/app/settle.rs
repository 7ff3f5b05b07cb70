//! A person settles a case, with evidence; the channel is asked first.

use std::sync::Arc;

use payment::exchange::{Answer, Asked, Call, Doubt, QueryAnswer};
use payment::ids::MerchantCode;
use payment::patience::QUERY_LIMIT_MS;
use payment::payment::Settlement;

use crate::runner::{Door, DoorError};
use crate::store::{CaseRow, PaymentRow, StoreError};

use super::App;

/// What a person says.
pub struct Settle {
    /// The outcome.
    pub outcome: Settlement,
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
    let answer = app.engine.look(&row).await;
    let says = crate::runner::says(&Answer::Query(answer.clone()));
    if said.override_reason.is_none() && contradicts(said.outcome, &answer) {
        return Err(SettleError::Contradicted { says: says.to_owned() });
    }
    let words = serde_json::json!({
        "outcome": outcome_word(said.outcome),
        "evidence": said.evidence,
        "operator": said.operator,
        "override": said.override_reason,
        "channel_says": says,
    });
    let door = Door::Settle { settlement: said.outcome, words: words.to_string() };
    let row = app.engine.door(merchant, case.payment_id, door).await?;
    let case = app.store().case(merchant.clone(), case_id).await?.ok_or(SettleError::NotFound)?;
    Ok((row, case))
}

/// The outcome's word.
#[must_use]
fn outcome_word(outcome: Settlement) -> &'static str {
    match outcome {
        Settlement::Paid => "paid",
        Settlement::Failed => "failed",
        Settlement::Reversed => "reversed",
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
            | QueryAnswer::Closed(_)
            | QueryAnswer::NotFound,
        ) => false,
        (Settlement::Reversed, QueryAnswer::Closed(_) | QueryAnswer::NotFound) => false,
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
            Answer::Submit(_) | Answer::Reverse(_) => QueryAnswer::Unknown(Doubt::Unreadable),
        }
    }
}
