//! A refund's row, and what a payment keeps of its refunds.

use payment::exchange::{ChannelCode, RefundFacts, RefundReason, RefundRefusal};
use payment::ids::{ChannelRefundNo, RefundId, RefundNo};
use payment::money::Fen;
use payment::payment::{CaseKind, Refunds};
use payment::refund::{Refund, RefundIntent, RefundPhase};
use payment::time::Time;
use serde::{Deserialize, Serialize};

use super::super::RefundRow;
use super::scalars::{Amount, CaseId, Text};
use super::values::{AskedRecord, IntentRecord};

/// The sums in a payment's record; absent in rows that were written before there were refunds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundsRecord {
    given_back: i64,
    reserved: i64,
    parts: u32,
    next_at: Option<i64>,
}

impl RefundsRecord {
    /// Nothing where there was never a refund: most payments have none.
    pub(super) fn of(refunds: Refunds) -> Option<RefundsRecord> {
        let Refunds { given_back, reserved, parts, next_at } = refunds;
        let record = RefundsRecord { given_back, reserved, parts, next_at: next_at.map(|at| at.0) };
        (refunds != Refunds::default()).then_some(record)
    }

    pub(super) fn into_value(self) -> Refunds {
        let RefundsRecord { given_back, reserved, parts, next_at } = self;
        Refunds { given_back, reserved, parts, next_at: next_at.map(Time) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundRecord {
    version: i64,
    refund: ValueRecord,
    case_id: Option<Text<CaseId>>,
}

impl RefundRecord {
    pub(super) fn of(row: RefundRow) -> RefundRecord {
        let RefundRow { refund, version, case_id } = row;
        RefundRecord { version, refund: ValueRecord::of(refund), case_id: case_id.map(|id| Text(CaseId(id))) }
    }

    pub(super) fn into_row(self) -> RefundRow {
        RefundRow {
            refund: self.refund.into_value(),
            version: self.version,
            case_id: self.case_id.map(|id| id.0.0),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundIntentRecord {
    id: Text<RefundId>,
    payment: IntentRecord,
    channel_transaction_no: String,
    refund_no: Text<RefundNo>,
    channel_refund_no: Text<ChannelRefundNo>,
    amount: Amount,
    reason: Option<String>,
    opened_at: i64,
}

impl RefundIntentRecord {
    fn of(intent: RefundIntent) -> RefundIntentRecord {
        let RefundIntent {
            id,
            payment,
            channel_transaction_no,
            refund_no,
            channel_refund_no,
            amount,
            reason,
            opened_at,
        } = intent;
        RefundIntentRecord {
            id: Text(id),
            payment: IntentRecord::of(payment),
            channel_transaction_no,
            refund_no: Text(refund_no),
            channel_refund_no: Text(channel_refund_no),
            amount: Amount(amount),
            reason,
            opened_at: opened_at.0,
        }
    }

    fn into_value(self) -> RefundIntent {
        RefundIntent {
            id: self.id.0,
            payment: self.payment.into_value(),
            channel_transaction_no: self.channel_transaction_no,
            refund_no: self.refund_no.0,
            channel_refund_no: self.channel_refund_no.0,
            amount: self.amount.0,
            reason: self.reason,
            opened_at: Time(self.opened_at),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusalRecord {
    reason: Text<RefundReason>,
    code: String,
    message: String,
}

impl RefusalRecord {
    fn of(refusal: RefundRefusal) -> RefusalRecord {
        let RefundRefusal { reason, channel: ChannelCode { code, message } } = refusal;
        RefusalRecord { reason: Text(reason), code, message }
    }

    fn into_value(self) -> RefundRefusal {
        let channel = ChannelCode { code: self.code, message: self.message };
        RefundRefusal { reason: self.reason.0, channel }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FactsRecord {
    channel_order_no: String,
    channel_refund_no: String,
    amount: Option<Amount>,
    channel_transaction_no: String,
}

impl FactsRecord {
    fn of(facts: RefundFacts) -> FactsRecord {
        let RefundFacts { channel_order_no, channel_refund_no, amount, channel_transaction_no } = facts;
        FactsRecord {
            channel_order_no,
            channel_refund_no,
            amount: amount.map(Amount),
            channel_transaction_no,
        }
    }

    fn into_value(self) -> RefundFacts {
        RefundFacts {
            channel_order_no: self.channel_order_no,
            channel_refund_no: self.channel_refund_no,
            amount: self.amount.map(|amount: Amount| -> Fen { amount.0 }),
            channel_transaction_no: self.channel_transaction_no,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueRecord {
    intent: RefundIntentRecord,
    phase: Text<RefundPhase>,
    updated_at: i64,
    wake: Option<i64>,
    requests: u32,
    first_at: Option<i64>,
    last_at: Option<i64>,
    unsure_at: Option<i64>,
    acknowledged: bool,
    refused: Option<RefusalRecord>,
    short: u32,
    looks: u32,
    tries: u32,
    done: Option<FactsRecord>,
    ended_at: Option<i64>,
    case: Option<Text<CaseKind>>,
    out: Option<AskedRecord>,
    calls: u32,
}

impl ValueRecord {
    fn of(refund: Refund) -> ValueRecord {
        let Refund {
            intent,
            phase,
            updated_at,
            wake,
            requests,
            first_at,
            last_at,
            unsure_at,
            acknowledged,
            refused,
            short,
            looks,
            tries,
            done,
            ended_at,
            case,
            out,
            calls,
        } = refund.recovered();
        ValueRecord {
            intent: RefundIntentRecord::of(intent),
            phase: Text(phase),
            updated_at: updated_at.0,
            wake: wake.map(|at| at.0),
            requests,
            first_at: first_at.map(|at| at.0),
            last_at: last_at.map(|at| at.0),
            unsure_at: unsure_at.map(|at| at.0),
            acknowledged,
            refused: refused.map(RefusalRecord::of),
            short,
            looks,
            tries,
            done: done.map(FactsRecord::of),
            ended_at: ended_at.map(|at| at.0),
            case: case.map(Text),
            out: out.map(AskedRecord::of),
            calls,
        }
    }

    fn into_value(self) -> Refund {
        Refund {
            intent: self.intent.into_value(),
            phase: self.phase.0,
            updated_at: Time(self.updated_at),
            wake: self.wake.map(Time),
            requests: self.requests,
            first_at: self.first_at.map(Time),
            last_at: self.last_at.map(Time),
            unsure_at: self.unsure_at.map(Time),
            acknowledged: self.acknowledged,
            refused: self.refused.map(RefusalRecord::into_value),
            short: self.short,
            looks: self.looks,
            tries: self.tries,
            done: self.done.map(FactsRecord::into_value),
            ended_at: self.ended_at.map(Time),
            case: self.case.map(|kind| kind.0),
            out: self.out.map(AskedRecord::into_value),
            calls: self.calls,
        }
    }
}
