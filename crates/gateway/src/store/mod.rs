//! What is durable: payments, their timelines, reversals, cases, watches, tombstones and keys.
//!
//! One trait of coarse verbs, each a whole transaction; every implementation passes the same conformance suite. A verb
//! resolves only when its transaction is durable, and a verb that fails has changed nothing.

pub mod admission;
mod commits;
mod error;
mod keys;
pub mod memory;
pub mod record;
mod refunds;
pub mod sqlite;
mod tables;
mod verbs;

use payment::auth_code::Wallet;
use payment::ids::{CodeFingerprint, MerchantCode, OrderNo, PaymentId, RefundId};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{Notice, Payment, Status};
use payment::time::Time;
use payment::watch::Watch;

use crate::clock::Later;

pub use error::StoreError;
pub use keys::{KeyRow, SessionRow};
pub use refunds::{RefundCommit, RefundFilter, RefundOpened, RefundRow};

/// What the till says about a sale beside money: identities and cosmetics. They travel with the first request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sale {
    /// What the customer sees; cleaned per channel.
    pub description: Option<String>,
    /// The merchant's own JSON, returned as it came.
    pub metadata: Option<String>,
    /// 门店
    pub outlet: Option<String>,
    /// 终端
    pub terminal: Option<String>,
    /// 操作员
    pub operator: Option<String>,
}

/// A payment as it is stored: the value, and what belongs to the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    /// The value.
    pub payment: Payment,
    /// Counts the durable states of this row from 1.
    pub version: i64,
    /// The wallet whose code was scanned.
    pub wallet: Wallet,
    /// The code, masked.
    pub code_masked: String,
    /// The code's keyed fingerprint.
    pub fingerprint: CodeFingerprint,
    /// What the till said about the sale.
    pub sale: Sale,
    /// The open case's identity (`case_` and 26 characters when printed).
    pub case_id: Option<u128>,
    /// The reversal's identity (`rev_` and 26 characters when printed), once one is wanted.
    pub reversal_id: Option<u128>,
}

/// One line of a payment's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Time,
    /// What kind of line: `state`, `call`, `answer`, `polls`, `door`, `refund`.
    pub kind: String,
    /// The line itself as a JSON object, masked.
    pub body: String,
}

/// A case as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its identity.
    pub id: u128,
    /// Whose.
    pub merchant: MerchantCode,
    /// About which payment.
    pub payment_id: PaymentId,
    /// Which kind ([`payment::payment::CaseKind::word`]).
    pub kind: String,
    /// When it was opened.
    pub opened_at: Time,
    /// When it was closed, by the channel's confirmation or by a person.
    pub closed_at: Option<Time>,
    /// What a person said, as a JSON object: outcome, evidence, operator.
    pub settlement: Option<String>,
}

/// A reversal as a record of its own: the payment's or its watch's, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalRow {
    /// Its identity.
    pub id: u128,
    /// Whose.
    pub merchant: MerchantCode,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// Which sale.
    pub order_no: OrderNo,
    /// The whole amount: a reversal is never partial.
    pub amount: Fen,
    /// The channel.
    pub channel: Channel,
    /// The record.
    pub reversal: payment::reversal::Reversal,
}

/// A watch as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchRow {
    /// The value; its payment's id is its key.
    pub watch: Watch,
    /// Counts its durable states from 1.
    pub version: i64,
    /// The open case's identity.
    pub case_id: Option<u128>,
    /// Its reversal's identity, once one is wanted.
    pub reversal_id: Option<u128>,
}

/// What a case commit does beside the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseChange {
    /// A case opens.
    Open(CaseRow),
    /// A case closes.
    Close {
        /// Which.
        id: u128,
        /// When.
        at: Time,
        /// What a person said, if it was a person.
        settlement: Option<String>,
    },
    /// A person's or a till's remark is added to an open case's payment; the case stays open.
    Keep,
}

/// Everything that one step of a payment makes durable, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentCommit {
    /// The row to write; its `version` is the one to be stored, and the stored one must be one less.
    pub row: PaymentRow,
    /// Lines to append to the timeline.
    pub events: Vec<Event>,
    /// Cases that open or close.
    pub cases: Vec<CaseChange>,
    /// What has to be told (kept as outbox rows, in order).
    pub notices: Vec<Notice>,
    /// The watch that begins, if one does; it replaces an older watch of the same payment.
    pub watch: Option<WatchRow>,
    /// The refund that takes a reversal's place, version 1.
    pub refund: Option<RefundRow>,
}

/// Everything that one step of a watch makes durable, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchCommit {
    /// The row to write; versions as in [`PaymentCommit`].
    pub row: WatchRow,
    /// Lines to append to its payment's timeline.
    pub events: Vec<Event>,
    /// Cases that open or close.
    pub cases: Vec<CaseChange>,
    /// What has to be told.
    pub notices: Vec<Notice>,
    /// The payment's own correction, when the watch found it closed though the till knew it as paid.
    pub payment: Option<PaymentCommit>,
    /// The refund of late money that begins, version 1.
    pub refund: Option<RefundRow>,
}

/// What a till asks when it wants a payment, as far as the rules of admission need it.
pub struct Opening {
    /// Whose sale.
    pub merchant: MerchantCode,
    /// Which sale.
    pub order_no: OrderNo,
    /// How much.
    pub amount: Fen,
    /// The code's keyed fingerprints, today's key first; a row may have been written under an older key.
    pub fingerprint: CodeFingerprint,
    /// The terminal, for the guard against a second scan.
    pub terminal: Option<String>,
    /// The outlet, beside the terminal.
    pub outlet: Option<String>,
    /// A deliberate second sale of the same amount on this terminal.
    pub second: bool,
    /// Now.
    pub now: Time,
    /// Makes the row (version 1, its first step already taken) and its first events, once the number of the attempt is
    /// known. Runs inside the transaction, at most once.
    pub build: Box<dyn FnOnce(u32) -> PaymentCommit + Send>,
}

/// How an opening went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The row is durable: the caller drives it.
    New(Box<PaymentRow>),
    /// The same sale with the same code: this is its payment.
    Existing(Box<PaymentRow>),
    /// Refused; nothing has changed.
    Refused(admission::Refusal),
}

/// How a cancel by order number found the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderCancel {
    /// The order has this latest attempt: cancel that.
    Known(Box<PaymentRow>),
    /// No payment existed; from now on none can be opened under this number.
    Tombstone,
}

/// Which payments to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Whose.
    pub merchant: MerchantCode,
    /// At most so many, 1 to 200.
    pub limit: usize,
    /// Only those that come after this one in the list.
    pub starting_after: Option<PaymentId>,
    /// Only this public status.
    pub status: Option<Status>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only this sale.
    pub order_no: Option<OrderNo>,
    /// Only this outlet.
    pub outlet: Option<String>,
    /// Only this terminal.
    pub terminal: Option<String>,
    /// Opened at or after.
    pub created_from: Option<Time>,
    /// Opened before.
    pub created_before: Option<Time>,
}

/// What needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Payments whose wake has come, oldest first.
    pub payments: Vec<PaymentRow>,
    /// Watches whose wake has come, oldest first.
    pub watches: Vec<WatchRow>,
    /// Refunds whose wake has come, oldest first.
    pub refunds: Vec<RefundRow>,
}

/// How much was made durable since a store was opened. Verbs that wait together share a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Transactions that were made durable.
    pub transactions: u64,
    /// Writing verbs whose changes are in them.
    pub commits: u64,
}

/// A payment as it is after a commit, under that commit's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Counts the commits of all payments, from 1; a later commit has a greater number.
    pub change: i64,
    /// The payment.
    pub row: PaymentRow,
}

/// The durable memory of the gateway.
pub trait Store: Send + Sync {
    /// Applies the rules of [`admission`] and, if they admit it, stores the payment: one transaction.
    fn open_payment(&self, opening: Opening) -> Later<'_, Result<Opened, StoreError>>;
    /// Writes one step of a payment.
    fn commit_payment(&self, commit: PaymentCommit) -> Later<'_, Result<(), StoreError>>;
    /// Writes one step of a watch.
    fn commit_watch(&self, commit: WatchCommit) -> Later<'_, Result<(), StoreError>>;
    /// Opens a refund, unless the merchant has one under its number: the number and the sums are checked in one transaction.
    fn open_refund(&self, commit: RefundCommit) -> Later<'_, Result<RefundOpened, StoreError>>;
    /// Writes one step of a refund.
    fn commit_refund(&self, commit: RefundCommit) -> Later<'_, Result<(), StoreError>>;
    /// One refund.
    fn refund(
        &self,
        merchant: MerchantCode,
        id: RefundId,
    ) -> Later<'_, Result<Option<RefundRow>, StoreError>>;
    /// A page of refunds, newest first, and whether there are more.
    fn refunds(&self, filter: RefundFilter) -> Later<'_, Result<(Vec<RefundRow>, bool), StoreError>>;
    /// The refunds of a payment that are not over, oldest first.
    fn refunds_under_way(&self, payment: PaymentId) -> Later<'_, Result<Vec<RefundRow>, StoreError>>;
    /// Finds the order's latest payment, or leaves a tombstone so that none can be opened.
    fn cancel_order(
        &self,
        merchant: MerchantCode,
        order_no: OrderNo,
        now: Time,
    ) -> Later<'_, Result<OrderCancel, StoreError>>;
    /// One payment.
    fn payment(
        &self,
        merchant: MerchantCode,
        id: PaymentId,
    ) -> Later<'_, Result<Option<PaymentRow>, StoreError>>;
    /// All attempts of one sale, first attempt first.
    fn attempts(
        &self,
        merchant: MerchantCode,
        order_no: OrderNo,
    ) -> Later<'_, Result<Vec<PaymentRow>, StoreError>>;
    /// A page of payments, newest first, and whether there are more.
    fn payments(&self, filter: PaymentFilter) -> Later<'_, Result<(Vec<PaymentRow>, bool), StoreError>>;
    /// The payments that were committed after `change`, each once under its latest number, in the order of the numbers.
    fn changes(
        &self,
        merchant: MerchantCode,
        change: i64,
        limit: usize,
    ) -> Later<'_, Result<Vec<Changed>, StoreError>>;
    /// The number of the latest commit of any payment, 0 before the first.
    fn latest_change(&self) -> Later<'_, Result<i64, StoreError>>;
    /// A payment's timeline, oldest line first.
    fn events(&self, id: PaymentId) -> Later<'_, Result<Vec<Event>, StoreError>>;
    /// A payment's watch.
    fn watch(&self, id: PaymentId) -> Later<'_, Result<Option<WatchRow>, StoreError>>;
    /// One case.
    fn case(&self, merchant: MerchantCode, id: u128) -> Later<'_, Result<Option<CaseRow>, StoreError>>;
    /// A page of cases, newest first; `open` picks open or closed ones.
    fn cases(
        &self,
        merchant: MerchantCode,
        open: Option<bool>,
        starting_after: Option<u128>,
        limit: usize,
    ) -> Later<'_, Result<(Vec<CaseRow>, bool), StoreError>>;
    /// One reversal.
    fn reversal(
        &self,
        merchant: MerchantCode,
        id: u128,
    ) -> Later<'_, Result<Option<ReversalRow>, StoreError>>;
    /// A page of reversals, newest first.
    fn reversals(
        &self,
        merchant: MerchantCode,
        payment: Option<PaymentId>,
        starting_after: Option<u128>,
        limit: usize,
    ) -> Later<'_, Result<(Vec<ReversalRow>, bool), StoreError>>;
    /// Payments, watches and refunds whose wake is at or before `until`, at most `limit` of each. A row that cannot be read is
    /// logged and left out: it must not keep the others asleep.
    fn due(&self, until: Time, limit: usize) -> Later<'_, Result<Due, StoreError>>;
    /// Stores an API key.
    fn add_key(&self, key: KeyRow) -> Later<'_, Result<(), StoreError>>;
    /// Finds an API key by its hash.
    fn key(&self, hash: [u8; 32]) -> Later<'_, Result<Option<KeyRow>, StoreError>>;
    /// Whether any API key is stored; the first start makes some.
    fn has_keys(&self) -> Later<'_, Result<bool, StoreError>>;
    /// Stores a session, and forgets those that ended before `now`.
    fn add_session(&self, session: SessionRow, now: Time) -> Later<'_, Result<(), StoreError>>;
    /// Finds a session by its cookie's hash, ended or not.
    fn session(&self, hash: [u8; 32]) -> Later<'_, Result<Option<SessionRow>, StoreError>>;
    /// Forgets a session.
    fn end_session(&self, hash: [u8; 32]) -> Later<'_, Result<(), StoreError>>;
    /// Reads or, when absent, stores a secret of the installation (for example the fingerprint key); answers what is
    /// stored.
    fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Later<'_, Result<[u8; 32], StoreError>>;
    /// Whether a transaction can be made durable right now.
    fn ping(&self) -> Later<'_, Result<(), StoreError>>;
    /// How much has been made durable since the store was opened.
    fn counters(&self) -> Counters;
}
