//! How one step of a payment or of a watch is written: the row over its former version, and everything that belongs to it.

use payment::ids::{MerchantCode, PaymentId, print_id};
use payment::payment::{Intent, Notice, Payment};
use payment::reversal::Reversal;
use payment::time::Time;

use super::tables::{Guard, Guards, NoticeRow, Tables, notice_words, refuse};
use super::{
    CaseChange, CaseRow, Event, PaymentCommit, RefundCommit, RefundOpened, RefundRow, ReversalRow,
    StoreError, WatchCommit,
};

/// Writes one step of a payment over the version before it.
pub(super) fn commit_payment(
    tables: &mut dyn Tables,
    commit: &PaymentCommit,
    guards: Guards,
) -> Result<(), StoreError> {
    let row = &commit.row;
    let id = row.payment.intent.id;
    let stored = tables.payment(id)?;
    follows(row.version, stored.as_ref().map_or(0, |stored| stored.version))?;
    let changed = stored.is_some_and(|stored| stored.payment.intent != row.payment.intent);
    if changed && guards.intent == Guard::Stands {
        return refuse(format!("the intent of payment {id} was about to change; intents never change"));
    }
    tables.update_payment(row)?;
    attach_payment(tables, commit)
}

/// Writes one step of a watch over the version before it, and its payment's correction with it.
pub(super) fn commit_watch(
    tables: &mut dyn Tables,
    commit: &WatchCommit,
    guards: Guards,
) -> Result<(), StoreError> {
    let WatchCommit { row, events, cases, notices, payment, refund } = commit;
    let intent = &row.watch.intent;
    let stored = tables.watch(intent.id)?;
    // A watch that was replaced begins at version 1 again; it began at another moment, though.
    let same = stored.filter(|stored| stored.watch.since == row.watch.since);
    follows(row.version, same.as_ref().map_or(0, |stored| stored.version))?;
    if same.is_some_and(|stored| stored.watch.intent != *intent) {
        return refuse(format!("the watch of payment {} was about to change its intent", intent.id));
    }
    tables.put_watch(row)?;
    let about = About {
        merchant: &intent.merchant,
        payment_id: intent.id,
        at: row.watch.updated_at,
        version: row.version,
    };
    attach(tables, &about, events, cases, notices)?;
    if let (Some(id), Some(reversal)) = (row.reversal_id, &row.watch.reversal) {
        record_reversal(tables, id, intent, reversal)?;
    }
    if let Some(refund) = refund {
        begin_refund(tables, refund, intent)?;
    }
    match payment {
        Some(payment) => commit_payment(tables, payment, guards),
        None => Ok(()),
    }
}

/// Stores the refund that gives back what no reversal can; a number that is taken means that it was stored before.
fn begin_refund(tables: &mut dyn Tables, row: &RefundRow, intent: &Intent) -> Result<(), StoreError> {
    let of_it = row.version == 1 && row.refund.intent.payment == *intent;
    if !of_it {
        return refuse(format!(
            "the refund that begins for payment {} is not a first version of its own",
            intent.id
        ));
    }
    match tables.refund_by_no(&intent.merchant, &row.refund.intent.refund_no)? {
        Some(_) => Ok(()),
        None => tables.put_refund(row),
    }
}

/// Opens a refund, unless its number is taken.
pub(super) fn open_refund(
    tables: &mut dyn Tables,
    commit: &RefundCommit,
    guards: Guards,
) -> Result<RefundOpened, StoreError> {
    let intent = &commit.row.refund.intent;
    if let Some(row) = tables.refund_by_no(&intent.payment.merchant, &intent.refund_no)? {
        return Ok(RefundOpened::Existing(Box::new(row)));
    }
    if commit.row.version != 1 || commit.payment.is_none() {
        return refuse(format!("refund {} is opened with version 1 and its payment's reserve", intent.id));
    }
    tables.put_refund(&commit.row)?;
    attach_refund(tables, commit, guards)?;
    Ok(RefundOpened::New)
}

/// Writes one step of a refund over the version before it, and what it ends with it.
pub(super) fn commit_refund(
    tables: &mut dyn Tables,
    commit: &RefundCommit,
    guards: Guards,
) -> Result<(), StoreError> {
    let row = &commit.row;
    let id = row.refund.intent.id;
    let stored = tables.refund(id)?;
    follows(row.version, stored.as_ref().map_or(0, |stored| stored.version))?;
    if stored.is_some_and(|stored| stored.refund.intent != row.refund.intent) {
        return refuse(format!("the intent of refund {id} was about to change; intents never change"));
    }
    tables.put_refund(row)?;
    attach_refund(tables, commit, guards)
}

fn attach_refund(tables: &mut dyn Tables, commit: &RefundCommit, guards: Guards) -> Result<(), StoreError> {
    let RefundCommit { row, events, cases, notices, payment, watch } = commit;
    let intent = &row.refund.intent.payment;
    let about = About {
        merchant: &intent.merchant,
        payment_id: intent.id,
        at: row.refund.updated_at,
        version: row.version,
    };
    attach(tables, &about, events, cases, notices)?;
    if let Some(payment) = payment {
        commit_payment(tables, payment, guards)?;
    }
    match watch {
        Some(watch) => commit_watch(tables, watch, guards),
        None => Ok(()),
    }
}

/// No row is overwritten without a version step; 0 is the version of a row that is not there.
fn follows(version: i64, found: i64) -> Result<(), StoreError> {
    let expected = version - 1;
    if expected < 1 {
        return refuse(format!(
            "version {version} cannot follow a stored row: the step after version 1 is 2"
        ));
    }
    if expected == found { Ok(()) } else { Err(StoreError::Conflict { expected, found }) }
}

/// Whose rows a commit belongs to.
struct About<'a> {
    merchant: &'a MerchantCode,
    payment_id: PaymentId,
    at: Time,
    version: i64,
}

/// Writes what a payment's commit brings beside its row.
pub(super) fn attach_payment(tables: &mut dyn Tables, commit: &PaymentCommit) -> Result<(), StoreError> {
    let PaymentCommit { row, events, cases, notices, watch, refund } = commit;
    let Payment { intent, updated_at, reversal, .. } = &row.payment;
    let about =
        About { merchant: &intent.merchant, payment_id: intent.id, at: *updated_at, version: row.version };
    attach(tables, &about, events, cases, notices)?;
    if let (Some(id), Some(reversal)) = (row.reversal_id, reversal) {
        record_reversal(tables, id, intent, reversal)?;
    }
    if let Some(refund) = refund {
        begin_refund(tables, refund, intent)?;
    }
    match watch {
        Some(watch) if watch.version != 1 || watch.watch.intent != *intent => refuse(format!(
            "the watch that begins for payment {} is not a first version of its own",
            intent.id
        )),
        Some(watch) => tables.put_watch(watch),
        None => Ok(()),
    }
}

fn attach(
    tables: &mut dyn Tables,
    about: &About<'_>,
    events: &[Event],
    cases: &[CaseChange],
    notices: &[Notice],
) -> Result<(), StoreError> {
    for event in events {
        tables.append_event(about.payment_id, event)?;
    }
    for case in cases {
        change_case(tables, about, case)?;
    }
    for notice in notices {
        let (kind, subject) = notice_words(*notice);
        tables.append_notice(&NoticeRow {
            payment_id: about.payment_id,
            merchant: about.merchant.clone(),
            at: about.at,
            kind,
            about: subject,
            version: about.version,
        })?;
    }
    Ok(())
}

fn change_case(tables: &mut dyn Tables, about: &About<'_>, change: &CaseChange) -> Result<(), StoreError> {
    match change {
        CaseChange::Open(row) => {
            let printed = print_id(row.id, "case_");
            if row.merchant != *about.merchant || row.payment_id != about.payment_id {
                return refuse(format!("case {printed} is not about payment {}", about.payment_id));
            }
            if tables.case(row.id)?.is_some() {
                return refuse(format!("case {printed} is open already; a case is opened once"));
            }
            tables.put_case(row)
        }
        CaseChange::Close { id, at, settlement } => {
            let mine = tables.case(*id)?.filter(|case| case.payment_id == about.payment_id);
            match mine {
                None => refuse(format!(
                    "there is no case {} about payment {}",
                    print_id(*id, "case_"),
                    about.payment_id
                )),
                // Closed once is closed: the first settlement stands.
                Some(case) if case.closed_at.is_some() => Ok(()),
                Some(case) => {
                    tables.put_case(&CaseRow { closed_at: Some(*at), settlement: settlement.clone(), ..case })
                }
            }
        }
        CaseChange::Keep => Ok(()),
    }
}

/// Keeps a reversal as a record of its own, in step with the row that drives it.
fn record_reversal(
    tables: &mut dyn Tables,
    id: u128,
    intent: &Intent,
    reversal: &Reversal,
) -> Result<(), StoreError> {
    if tables.reversal(id)?.is_some_and(|known| known.payment_id != intent.id) {
        return refuse(format!("reversal {} is of another payment than {}", print_id(id, "rev_"), intent.id));
    }
    tables.put_reversal(&ReversalRow {
        id,
        merchant: intent.merchant.clone(),
        payment_id: intent.id,
        order_no: intent.order_no.clone(),
        amount: intent.amount,
        channel: intent.channel,
        reversal: reversal.clone(),
    })
}
