//! Refunds as they are stored, and what one step of theirs makes durable.

use payment::ids::{MerchantCode, PaymentId, RefundId, RefundNo};
use payment::payment::Notice;
use payment::refund::{Refund, RefundStatus};

use super::{CaseChange, Event, PaymentCommit, WatchCommit};

/// A refund as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// The value.
    pub refund: Refund,
    /// Counts its durable states from 1.
    pub version: i64,
    /// The open case's identity.
    pub case_id: Option<u128>,
}

/// Everything that one step of a refund makes durable, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundCommit {
    /// The row to write; versions as in [`PaymentCommit`], and version 1 opens it.
    pub row: RefundRow,
    /// Lines to append to its payment's timeline.
    pub events: Vec<Event>,
    /// Cases that open or close.
    pub cases: Vec<CaseChange>,
    /// What has to be told.
    pub notices: Vec<Notice>,
    /// The payment's sums, where they change: at the opening and at the end.
    pub payment: Option<PaymentCommit>,
    /// The watch whose late money it gives back, at its end.
    pub watch: Option<WatchCommit>,
}

/// How the opening of a refund went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOpened {
    /// The row is durable: the caller drives it.
    New,
    /// The merchant has a refund under this number already; nothing has changed.
    Existing(Box<RefundRow>),
}

/// Which refunds to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundFilter {
    /// Whose.
    pub merchant: MerchantCode,
    /// At most so many, 1 to 200.
    pub limit: usize,
    /// Only those that come after this one in the list.
    pub starting_after: Option<RefundId>,
    /// Only of this payment.
    pub payment: Option<PaymentId>,
    /// Only this public status.
    pub status: Option<RefundStatus>,
    /// Only this number.
    pub refund_no: Option<RefundNo>,
}

impl RefundFilter {
    /// The one refund under a merchant's number.
    #[must_use]
    pub fn of_number(merchant: MerchantCode, refund_no: RefundNo) -> RefundFilter {
        RefundFilter {
            merchant,
            limit: 1,
            starting_after: None,
            payment: None,
            status: None,
            refund_no: Some(refund_no),
        }
    }
}
