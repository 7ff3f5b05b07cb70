//! A case, and what a person said about it.

use payment::ids::print_id;
use payment::payment::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::store::CaseRow;

use super::only;
use super::time;
use super::words::{CaseKindWord, StatusWord};

const CASE: &str = "case";

fn case_word() -> Object {
    only(CASE)
}

/// A case (人工处理单): what waits for a person. Most close by themselves when the channel confirms.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Case {
    #[schema(schema_with = case_word)]
    object: &'static str,
    /// Its identity: `case_` and 26 characters.
    #[schema(pattern = "^case_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    /// The payment it is about.
    #[schema(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    payment: String,
    #[schema(value_type = CaseKindWord)]
    kind: String,
    status: CaseStatus,
    /// For people, Chinese and English.
    message: &'static str,
    /// When it was opened.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it was closed, by the channel's confirmation or by a person; null while it is open.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// What a person said; null unless one did.
    settlement: Option<CaseSettlement>,
}

/// The case as it was settled, and the payment's status by that.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct SettledCase {
    #[schema(schema_with = case_word)]
    object: &'static str,
    /// Its identity: `case_` and 26 characters.
    #[schema(pattern = "^case_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    /// The payment it is about.
    #[schema(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    payment: String,
    /// How the payment stands now.
    payment_status: StatusWord,
    #[schema(value_type = CaseKindWord)]
    kind: String,
    status: CaseStatus,
    /// For people, Chinese and English.
    message: &'static str,
    /// When it was opened.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it was closed; null while it is open.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// What the person said.
    settlement: Option<CaseSettlement>,
}

/// Whether a case waits for somebody.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum CaseStatus {
    Open,
    Closed,
}

/// What a person said about a case, and what the channel answered at that moment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::api) struct CaseSettlement {
    /// How the payment was settled.
    #[schema(value_type = SettlementOutcome)]
    outcome: String,
    /// What it rests on.
    evidence: String,
    /// Who said so.
    operator: String,
    /// Why the channel's answer was set aside; null where it was not.
    #[serde(rename = "override")]
    overrides: Option<String>,
    /// What the channel answered to a query just before, in our word.
    channel_says: String,
}

/// How a person settles a case: `paid`, `failed` or `reversed` where it is about the payment, `refunded` or `failed` where it is
/// about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum SettlementOutcome {
    Paid,
    Failed,
    Reversed,
    Refunded,
}

/// A case.
pub(in crate::api) fn case(row: &CaseRow) -> Case {
    Case {
        object: CASE,
        id: print_id(row.id, "case_"),
        payment: row.payment_id.to_string(),
        kind: row.kind.clone(),
        status: if row.closed_at.is_some() { CaseStatus::Closed } else { CaseStatus::Open },
        message: crate::words::case(&row.kind),
        opened_at: time(row.opened_at),
        closed_at: row.closed_at.map(time),
        settlement: row.settlement.as_deref().and_then(|text| serde_json::from_str(text).ok()),
    }
}

/// A case that was just settled.
pub(in crate::api) fn settled_case(row: &CaseRow, payment_status: Status) -> SettledCase {
    let Case { object, id, payment, kind, status, message, opened_at, closed_at, settlement } = case(row);
    let payment_status = StatusWord::from(&payment_status);
    SettledCase {
        object,
        id,
        payment,
        payment_status,
        kind,
        status,
        message,
        opened_at,
        closed_at,
        settlement,
    }
}
