//! From a step to everything that it makes durable, in one transaction.

use payment::ids::PaymentId;
use payment::payment::{Notice, Step};
use payment::refund::RefundStep;
use payment::time::Time;
use payment::watch::{Watch, WatchStep};

use crate::store::{
    CaseChange, CaseRow, Event, PaymentCommit, PaymentRow, RefundCommit, RefundRow, WatchCommit, WatchRow,
};

use super::line;

/// Makes identities of cases and reversals.
pub(super) type Identify<'a> = &'a dyn Fn() -> u128;

/// The first commit of a payment: the row with its first step already taken.
#[must_use]
pub fn opening_commit(mut row: PaymentRow, step: Step, now: Time) -> PaymentCommit {
    row.version = 0;
    let opened = line::line(
        now,
        "state",
        serde_json::json!({
            "phase": "opened",
            "status": "processing",
            "amount": row.payment.intent.amount.fen(),
            "channel_order_no": row.payment.intent.channel_order_no.as_str(),
        }),
    );
    let identify = || 0_u128;
    // Opening neither opens a case nor wants a reversal, so no identity is made.
    payment_commit(&row, step, vec![opened], None, now, &identify)
}

/// What one step of a payment makes durable.
pub(super) fn payment_commit(
    before: &PaymentRow,
    step: Step,
    mut events: Vec<Event>,
    settlement: Option<String>,
    now: Time,
    identify: Identify<'_>,
) -> PaymentCommit {
    let mut row = PaymentRow { payment: step.payment, version: before.version + 1, ..before.clone() };
    if row.payment.phase != before.payment.phase || row.payment.cancel_asked != before.payment.cancel_asked {
        events.push(line::state(now, &row.payment));
    }
    if let Some(asked) = step.call {
        events.push(line::call(asked));
    }
    if row.payment.reversal.is_some() && row.reversal_id.is_none() {
        row.reversal_id = Some(identify());
    }
    let intent = &row.payment.intent;
    let whose = Whose { merchant: intent.merchant.clone(), payment_id: intent.id };
    let cases = case_changes(&whose, &mut row.case_id, &step.notices, settlement, now, identify);
    let watch = step.watch.map(|watch| WatchRow { watch, version: 1, case_id: None, reversal_id: None });
    PaymentCommit { row, events, cases, notices: step.notices, watch, refund: None }
}

/// What one step of a watch makes durable; a correction of its payment is added by the caller.
pub(super) fn watch_commit(
    before: &WatchRow,
    step: &WatchStep,
    mut events: Vec<Event>,
    settlement: Option<String>,
    now: Time,
    identify: Identify<'_>,
) -> WatchCommit {
    let watch: Watch = step.watch.clone();
    let mut row = WatchRow { watch, version: before.version + 1, ..before.clone() };
    if row.watch.phase != before.watch.phase {
        events.push(line::watch_state(now, &row.watch));
    }
    if let Some(asked) = step.call {
        events.push(line::call(asked));
    }
    if row.watch.reversal.is_some() && row.reversal_id.is_none() {
        row.reversal_id = Some(identify());
    }
    let intent = &row.watch.intent;
    let whose = Whose { merchant: intent.merchant.clone(), payment_id: intent.id };
    let cases = case_changes(&whose, &mut row.case_id, &step.notices, settlement, now, identify);
    WatchCommit { row, events, cases, notices: step.notices.clone(), payment: None, refund: None }
}

/// What one step of a refund makes durable; what it changes of its payment and watch is added by the caller.
pub(super) fn refund_commit(
    before: &RefundRow,
    step: RefundStep,
    mut events: Vec<Event>,
    settlement: Option<String>,
    now: Time,
    identify: Identify<'_>,
) -> RefundCommit {
    let mut row = RefundRow { refund: step.refund, version: before.version + 1, ..before.clone() };
    if row.refund.phase != before.refund.phase {
        events.push(line::refund_state(now, &row.refund));
    }
    if let Some(asked) = step.call {
        events.push(line::call(asked));
    }
    let intent = &row.refund.intent.payment;
    let whose = Whose { merchant: intent.merchant.clone(), payment_id: intent.id };
    let cases = case_changes(&whose, &mut row.case_id, &step.notices, settlement, now, identify);
    RefundCommit { row, events, cases, notices: step.notices, payment: None, watch: None }
}

struct Whose {
    merchant: payment::ids::MerchantCode,
    payment_id: PaymentId,
}

fn case_changes(
    whose: &Whose,
    case_id: &mut Option<u128>,
    notices: &[Notice],
    settlement: Option<String>,
    now: Time,
    identify: Identify<'_>,
) -> Vec<CaseChange> {
    let mut settlement = settlement;
    let mut changes = Vec::new();
    for notice in notices {
        match notice {
            Notice::CaseOpened(kind) => {
                let id = identify();
                *case_id = Some(id);
                changes.push(CaseChange::Open(CaseRow {
                    id,
                    merchant: whose.merchant.clone(),
                    payment_id: whose.payment_id,
                    kind: kind.word().to_owned(),
                    opened_at: now,
                    closed_at: None,
                    settlement: None,
                }));
            }
            Notice::CaseClosed(_) => {
                if let Some(id) = case_id.take() {
                    changes.push(CaseChange::Close { id, at: now, settlement: settlement.take() });
                }
            }
            Notice::Paid
            | Notice::Failed
            | Notice::Reversed
            | Notice::Suspended
            | Notice::RefundSucceeded
            | Notice::RefundFailed => {}
        }
    }
    changes
}
