//! A payment's row.

use payment::auth_code::Wallet;
use payment::ids::CodeFingerprint;
use payment::payment::{CaseKind, Payment, Polls};
use payment::time::Time;
use serde::{Deserialize, Serialize};

use super::super::{PaymentRow, Sale};
use super::refunds::RefundsRecord;
use super::reversals::ReversalRecord;
use super::scalars::{CaseId, ReversalId, Text};
use super::values::{AskedRecord, DeclineRecord, IntentRecord, PaidFactsRecord, PhaseRecord};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentRecord {
    version: i64,
    payment: ValueRecord,
    wallet: Text<Wallet>,
    code_masked: String,
    fingerprint: Text<CodeFingerprint>,
    sale: SaleRecord,
    case_id: Option<Text<CaseId>>,
    reversal_id: Option<Text<ReversalId>>,
}

impl PaymentRecord {
    pub(super) fn of(row: PaymentRow) -> PaymentRecord {
        let PaymentRow { payment, version, wallet, code_masked, fingerprint, sale, case_id, reversal_id } =
            row;
        PaymentRecord {
            version,
            payment: ValueRecord::of(payment),
            wallet: Text(wallet),
            code_masked,
            fingerprint: Text(fingerprint),
            sale: SaleRecord::of(sale),
            case_id: case_id.map(|id| Text(CaseId(id))),
            reversal_id: reversal_id.map(|id| Text(ReversalId(id))),
        }
    }

    pub(super) fn into_row(self) -> PaymentRow {
        PaymentRow {
            payment: self.payment.into_value(),
            version: self.version,
            wallet: self.wallet.0,
            code_masked: self.code_masked,
            fingerprint: self.fingerprint.0,
            sale: self.sale.into_value(),
            case_id: self.case_id.map(|id| id.0.0),
            reversal_id: self.reversal_id.map(|id| id.0.0),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaleRecord {
    description: Option<String>,
    metadata: Option<String>,
    outlet: Option<String>,
    terminal: Option<String>,
    operator: Option<String>,
}

impl SaleRecord {
    fn of(sale: Sale) -> SaleRecord {
        let Sale { description, metadata, outlet, terminal, operator } = sale;
        SaleRecord { description, metadata, outlet, terminal, operator }
    }

    fn into_value(self) -> Sale {
        Sale {
            description: self.description,
            metadata: self.metadata,
            outlet: self.outlet,
            terminal: self.terminal,
            operator: self.operator,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueRecord {
    intent: IntentRecord,
    phase: PhaseRecord,
    updated_at: i64,
    wake: Option<i64>,
    submitted_at: Option<i64>,
    host: u8,
    submit_answered: bool,
    acknowledged: bool,
    cancel_asked: bool,
    told_paid: bool,
    paid: Option<PaidFactsRecord>,
    failure: Option<DeclineRecord>,
    reversal: Option<ReversalRecord>,
    case: Option<Text<CaseKind>>,
    out: Option<AskedRecord>,
    calls: u32,
    /// Absent where it is false, as in rows that were written before it was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    typing_seen: bool,
    /// Absent where there was never a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refunds: Option<RefundsRecord>,
}

impl ValueRecord {
    fn of(payment: Payment) -> ValueRecord {
        let Payment {
            intent,
            phase,
            updated_at,
            wake,
            submitted_at,
            host,
            submit_answered,
            acknowledged,
            cancel_asked,
            told_paid,
            paid,
            failure,
            reversal,
            refunds,
            case,
            out,
            calls,
            polls: Polls { typing_seen, asked: _, not_paid_once: _ },
            hold: _of_the_process,
        } = payment.recovered();
        ValueRecord {
            intent: IntentRecord::of(intent),
            phase: PhaseRecord::of(phase),
            updated_at: updated_at.0,
            wake: wake.map(|at| at.0),
            submitted_at: submitted_at.map(|at| at.0),
            host,
            submit_answered,
            acknowledged,
            cancel_asked,
            told_paid,
            paid: paid.map(PaidFactsRecord::of),
            failure: failure.map(DeclineRecord::of),
            reversal: reversal.map(ReversalRecord::of),
            case: case.map(Text),
            out: out.map(AskedRecord::of),
            calls,
            typing_seen,
            refunds: RefundsRecord::of(refunds),
        }
    }

    fn into_value(self) -> Payment {
        Payment {
            intent: self.intent.into_value(),
            phase: self.phase.into_value(),
            updated_at: Time(self.updated_at),
            wake: self.wake.map(Time),
            submitted_at: self.submitted_at.map(Time),
            host: self.host,
            submit_answered: self.submit_answered,
            acknowledged: self.acknowledged,
            cancel_asked: self.cancel_asked,
            told_paid: self.told_paid,
            paid: self.paid.map(PaidFactsRecord::into_value),
            failure: self.failure.map(DeclineRecord::into_value),
            reversal: self.reversal.map(ReversalRecord::into_value),
            refunds: self.refunds.map(RefundsRecord::into_value).unwrap_or_default(),
            case: self.case.map(|kind| kind.0),
            out: self.out.map(AskedRecord::into_value),
            calls: self.calls,
            polls: Polls { typing_seen: self.typing_seen, ..Polls::default() },
            hold: None,
        }
    }
}
