//! What a database must be able to do inside one transaction: small, stupid steps. The verbs are made of them once, for
//! every database.

use payment::ids::{CodeFingerprint, MerchantCode, OrderNo, PaymentId, RefundId, RefundNo};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{CaseKind, Notice, Status};
use payment::planted::{Bug, on};
use payment::refund::RefundStatus;
use payment::time::Time;

use super::record::{RecordError, encode_payment, encode_refund, encode_watch};
use super::{
    CaseRow, Changed, Counters, Due, Event, KeyRow, PaymentFilter, PaymentRow, RefundFilter, RefundRow,
    ReversalRow, SessionRow, StoreError, WatchRow,
};
use crate::clock::Later;

/// A place where transactions run.
pub(super) trait Backend: Send + Sync {
    /// Runs `work` as one transaction and resolves when it is durable; an error undoes it.
    fn write<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>>;
    /// Runs `work`, which only reads, on one state of the database.
    fn read<T: Send + 'static>(&self, work: impl Work<T>) -> Later<'_, Result<T, StoreError>>;
    /// How much was written.
    fn written(&self) -> Counters;
}

/// What is done inside a transaction.
pub(super) trait Work<T>: FnOnce(&mut dyn Tables) -> Result<T, StoreError> + Send + 'static {}

impl<T, W: FnOnce(&mut dyn Tables) -> Result<T, StoreError> + Send + 'static> Work<T> for W {}

/// The guards of the store. All of them stand, unless a planted bug takes one away; that is read on the calling thread,
/// because the switches are per thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guards {
    /// An opening is decided in the transaction that stores it, behind unique indexes.
    pub(super) admission: Guard,
    /// An intent never changes.
    pub(super) intent: Guard,
}

/// Whether a guard stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    Stands,
    /// The planted bug would be hidden by it.
    Planted,
}

impl Guards {
    pub(super) fn here() -> Guards {
        let guard = |bug| if on(bug) { Guard::Planted } else { Guard::Stands };
        Guards { admission: guard(Bug::B13), intent: guard(Bug::B4) }
    }
}

/// A place at a till where one undecided payment of one amount stands.
pub(super) struct Till<'a> {
    pub(super) merchant: &'a MerchantCode,
    pub(super) outlet: Option<&'a str>,
    pub(super) terminal: &'a str,
    pub(super) amount: Fen,
    /// Payments of this sale do not count.
    pub(super) order_no: &'a OrderNo,
}

/// Something to be told, in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoticeRow {
    pub(super) payment_id: PaymentId,
    pub(super) merchant: MerchantCode,
    pub(super) at: Time,
    /// The notice's word: `payment.paid`, …, `case.closed`.
    pub(super) kind: &'static str,
    /// For a case: its kind.
    pub(super) about: Option<&'static str>,
    /// The version of the row in whose commit it was made.
    pub(super) version: i64,
}

/// A notice's word in the API, and what it is about.
pub(super) fn notice_words(notice: Notice) -> (&'static str, Option<&'static str>) {
    match notice {
        Notice::Paid => ("payment.paid", None),
        Notice::Failed => ("payment.failed", None),
        Notice::Reversed => ("payment.reversed", None),
        Notice::Suspended => ("payment.suspended", None),
        Notice::RefundSucceeded => ("refund.succeeded", None),
        Notice::RefundFailed => ("refund.failed", None),
        Notice::CaseOpened(kind) => ("case.opened", Some(CaseKind::word(kind))),
        Notice::CaseClosed(kind) => ("case.closed", Some(CaseKind::word(kind))),
    }
}

/// A page of cases.
pub(super) struct CasePage {
    pub(super) merchant: MerchantCode,
    pub(super) open: Option<bool>,
    pub(super) starting_after: Option<u128>,
    pub(super) limit: usize,
}

/// A page of reversals.
pub(super) struct ReversalPage {
    pub(super) merchant: MerchantCode,
    pub(super) payment: Option<PaymentId>,
    pub(super) starting_after: Option<u128>,
    pub(super) limit: usize,
}

/// The steps. Lists answer one row more than their limit, where there is one.
pub(super) trait Tables {
    /// Any attempts of a sale, first attempt first.
    fn attempts(&self, merchant: &MerchantCode, order_no: &OrderNo) -> Result<Vec<PaymentRow>, StoreError>;
    /// All payments with this code, by id.
    fn with_code(&self, print: CodeFingerprint) -> Result<Vec<PaymentRow>, StoreError>;
    /// The first undecided payment at this place.
    fn undecided_at(&self, till: &Till<'_>) -> Result<Option<PaymentId>, StoreError>;
    /// One payment, whosever it is.
    fn payment(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreError>;
    /// A page of payments.
    fn payments(&self, filter: &PaymentFilter) -> Result<Vec<PaymentRow>, StoreError>;
    /// The payments that were written after this change, in the order of their changes, at most `limit`.
    fn changes(&self, merchant: &MerchantCode, change: i64, limit: usize)
    -> Result<Vec<Changed>, StoreError>;
    /// The latest change.
    fn latest_change(&self) -> Result<i64, StoreError>;
    /// Stores a new payment.
    fn insert_payment(&mut self, row: &PaymentRow, guards: Guards) -> Result<(), StoreError>;
    /// Writes a payment over its former version.
    fn update_payment(&mut self, row: &PaymentRow) -> Result<(), StoreError>;

    /// A payment's timeline.
    fn events(&self, id: PaymentId) -> Result<Vec<Event>, StoreError>;
    /// Appends a line.
    fn append_event(&mut self, id: PaymentId, event: &Event) -> Result<(), StoreError>;
    /// Appends to the outbox.
    fn append_notice(&mut self, notice: &NoticeRow) -> Result<(), StoreError>;

    /// A payment's watch.
    fn watch(&self, id: PaymentId) -> Result<Option<WatchRow>, StoreError>;
    /// Stores a watch, in place of the payment's older one.
    fn put_watch(&mut self, row: &WatchRow) -> Result<(), StoreError>;

    /// One case, whosever it is.
    fn case(&self, id: u128) -> Result<Option<CaseRow>, StoreError>;
    /// A page of cases.
    fn cases(&self, page: &CasePage) -> Result<Vec<CaseRow>, StoreError>;
    /// Stores a case, new or changed.
    fn put_case(&mut self, row: &CaseRow) -> Result<(), StoreError>;

    /// One reversal, whosever it is.
    fn reversal(&self, id: u128) -> Result<Option<ReversalRow>, StoreError>;
    /// A page of reversals.
    fn reversals(&self, page: &ReversalPage) -> Result<Vec<ReversalRow>, StoreError>;
    /// Stores a reversal, new or changed.
    fn put_reversal(&mut self, row: &ReversalRow) -> Result<(), StoreError>;

    /// One refund, whosever it is.
    fn refund(&self, id: RefundId) -> Result<Option<RefundRow>, StoreError>;
    /// The merchant's refund under this number.
    fn refund_by_no(
        &self,
        merchant: &MerchantCode,
        refund_no: &RefundNo,
    ) -> Result<Option<RefundRow>, StoreError>;
    /// A page of refunds.
    fn refunds(&self, filter: &RefundFilter) -> Result<Vec<RefundRow>, StoreError>;
    /// The refunds of a payment that are not over, by id.
    fn refunds_under_way(&self, payment: PaymentId) -> Result<Vec<RefundRow>, StoreError>;
    /// Stores a refund, new or changed.
    fn put_refund(&mut self, row: &RefundRow) -> Result<(), StoreError>;

    /// What needs attention.
    fn due(&self, until: Time, limit: usize) -> Result<Due, StoreError>;

    /// Whether the order was cancelled before it existed.
    fn has_tombstone(&self, merchant: &MerchantCode, order_no: &OrderNo) -> Result<bool, StoreError>;
    /// Leaves a tombstone, if there is none.
    fn put_tombstone(
        &mut self,
        merchant: &MerchantCode,
        order_no: &OrderNo,
        at: Time,
    ) -> Result<(), StoreError>;

    /// A key.
    fn key(&self, hash: [u8; 32]) -> Result<Option<KeyRow>, StoreError>;
    /// Whether there is any key.
    fn has_keys(&self) -> Result<bool, StoreError>;
    /// Stores a key.
    fn put_key(&mut self, key: &KeyRow) -> Result<(), StoreError>;
    /// A session.
    fn session(&self, hash: [u8; 32]) -> Result<Option<SessionRow>, StoreError>;
    /// Stores a session.
    fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError>;
    /// Forgets a session, if there is one.
    fn remove_session(&mut self, hash: [u8; 32]) -> Result<(), StoreError>;
    /// Forgets the sessions that ended before `now`.
    fn remove_ended_sessions(&mut self, now: Time) -> Result<(), StoreError>;
    /// A secret.
    fn secret(&self, name: &str) -> Result<Option<[u8; 32]>, StoreError>;
    /// Stores a secret.
    fn put_secret(&mut self, name: &str, secret: [u8; 32]) -> Result<(), StoreError>;
    /// Changes something that means nothing, so that a commit has something to make durable.
    fn beat(&mut self) -> Result<(), StoreError>;
}

/// What a database keeps of a payment beside its record, so that it can be found.
#[derive(Clone, Debug)]
pub(super) struct PaymentColumns {
    pub(super) id: PaymentId,
    pub(super) merchant: MerchantCode,
    pub(super) order_no: OrderNo,
    pub(super) attempt: u32,
    pub(super) status: Status,
    pub(super) channel: Channel,
    pub(super) account: String,
    pub(super) channel_order_no: String,
    pub(super) outlet: Option<String>,
    pub(super) terminal: Option<String>,
    pub(super) amount: Fen,
    pub(super) fingerprint: CodeFingerprint,
    pub(super) never_asked: bool,
    pub(super) opened_at: Time,
    pub(super) wake: Option<Time>,
    pub(super) version: i64,
    pub(super) record: String,
}

impl PaymentColumns {
    /// The columns of a row, as they stand after a crash: what is forgotten then is due at once.
    pub(super) fn of(row: &PaymentRow) -> PaymentColumns {
        let payment = row.payment.clone().recovered();
        PaymentColumns {
            status: payment.status(),
            never_asked: payment.never_asked(),
            wake: payment.wake,
            id: payment.intent.id,
            merchant: payment.intent.merchant,
            order_no: payment.intent.order_no,
            attempt: payment.intent.attempt,
            channel: payment.intent.channel,
            account: payment.intent.account,
            channel_order_no: payment.intent.channel_order_no.as_str().to_owned(),
            outlet: row.sale.outlet.clone(),
            terminal: row.sale.terminal.clone(),
            amount: payment.intent.amount,
            fingerprint: row.fingerprint,
            opened_at: payment.intent.opened_at,
            version: row.version,
            record: encode_payment(row),
        }
    }
}

/// What a database keeps of a watch beside its record.
#[derive(Clone, Debug)]
pub(super) struct WatchColumns {
    pub(super) payment_id: PaymentId,
    pub(super) wake: Option<Time>,
    pub(super) version: i64,
    pub(super) record: String,
}

impl WatchColumns {
    /// The columns of a row, as they stand after a crash.
    pub(super) fn of(row: &WatchRow) -> WatchColumns {
        let watch = row.watch.clone().recovered();
        WatchColumns {
            payment_id: watch.intent.id,
            wake: watch.wake,
            version: row.version,
            record: encode_watch(row),
        }
    }
}

/// What a database keeps of a refund beside its record.
#[derive(Clone, Debug)]
pub(super) struct RefundColumns {
    pub(super) id: RefundId,
    pub(super) merchant: MerchantCode,
    pub(super) payment_id: PaymentId,
    pub(super) refund_no: RefundNo,
    pub(super) status: RefundStatus,
    pub(super) wake: Option<Time>,
    pub(super) version: i64,
    pub(super) record: String,
}

impl RefundColumns {
    /// The columns of a row, as they stand after a crash.
    pub(super) fn of(row: &RefundRow) -> RefundColumns {
        let refund = row.refund.clone().recovered();
        RefundColumns {
            status: refund.status(),
            wake: refund.wake,
            id: refund.intent.id,
            merchant: refund.intent.payment.merchant,
            payment_id: refund.intent.payment.id,
            refund_no: refund.intent.refund_no,
            version: row.version,
            record: encode_refund(row),
        }
    }
}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> StoreError {
        StoreError::Failed(error.to_string())
    }
}

/// A refusal of what no caller may ask.
pub(super) fn refuse<T>(why: String) -> Result<T, StoreError> {
    Err(StoreError::Failed(why))
}
