//! The rules by which a sale may open a payment: one sale, one charge; one code, one payment.
//!
//! Pure: a store gathers what it holds inside its transaction, and these rules decide.

use payment::exchange::DeclineReason;
use payment::ids::{CodeFingerprint, PaymentId};
use payment::money::Fen;
use payment::payment::{Payment, Status};
use payment::time::{DAY_MS, Time};

/// One payment code is spent once within this time, whatever order numbers it comes with.
pub const CODE_SPENT_MS: i64 = DAY_MS;

/// What a store holds that matters for an opening.
pub struct Found<'a> {
    /// The order was cancelled before it existed.
    pub tombstone: bool,
    /// All attempts of this sale, first attempt first, with their codes' fingerprints.
    pub attempts: Vec<(&'a Payment, CodeFingerprint)>,
    /// A payment of another sale that asked a channel with this code within [`CODE_SPENT_MS`].
    pub code_holder: Option<PaymentId>,
    /// An undecided payment of the same amount on the same terminal, of another sale.
    pub terminal_holder: Option<PaymentId>,
}

/// What is asked.
pub struct Wanted {
    /// How much.
    pub amount: Fen,
    /// The code's fingerprint.
    pub fingerprint: CodeFingerprint,
    /// A deliberate second sale.
    pub second: bool,
}

/// What the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Open this attempt.
    Open(u32),
    /// This is the same question: answer with this payment.
    Existing(PaymentId),
    /// No.
    Refused(Refusal),
}

/// Why not; where a payment stands in the way, which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The order was cancelled before it existed.
    OrderCanceled,
    /// The order has another amount.
    OrderAmountDiffers(PaymentId),
    /// Another code, while the former attempt is undecided.
    OrderUndecided(PaymentId),
    /// The order is paid.
    OrderPaid(PaymentId),
    /// The code was spent by another sale.
    CodeUsed(PaymentId),
    /// The terminal has an undecided payment of the same amount.
    TerminalHasOpenPayment(PaymentId),
}

/// Decides.
#[must_use]
pub fn decide(found: &Found<'_>, wanted: &Wanted) -> Admission {
    if found.tombstone {
        return Admission::Refused(Refusal::OrderCanceled);
    }
    if let Some((first, _)) = found.attempts.first()
        && first.intent.amount != wanted.amount
    {
        return Admission::Refused(Refusal::OrderAmountDiffers(first.intent.id));
    }
    let Some((latest, _)) = found.attempts.last() else { return admit(found, wanted, 1) };
    let same_code = found.attempts.iter().rev().find(|(_, print)| *print == wanted.fingerprint);
    if let Some((payment, _)) = same_code {
        // A payment that was never asked has not spent its code: the repeat sends it.
        let sends_again = payment.intent.id == latest.intent.id && unsent(payment);
        if !sends_again {
            return Admission::Existing(payment.intent.id);
        }
    }
    match latest.status() {
        Status::Failed | Status::Reversed => admit(found, wanted, latest.intent.attempt + 1),
        Status::Paid => Admission::Refused(Refusal::OrderPaid(latest.intent.id)),
        Status::Processing | Status::Suspended => {
            Admission::Refused(Refusal::OrderUndecided(latest.intent.id))
        }
    }
}

/// Never asked for want of a connection or of time; a till's cancel is a decision and stands.
fn unsent(payment: &Payment) -> bool {
    payment.never_asked()
        && payment.failure.as_ref().is_some_and(|failure| failure.reason == DeclineReason::NeverAsked)
}

fn admit(found: &Found<'_>, wanted: &Wanted, attempt: u32) -> Admission {
    if let Some(holder) = found.code_holder {
        return Admission::Refused(Refusal::CodeUsed(holder));
    }
    match found.terminal_holder {
        Some(holder) if !wanted.second => Admission::Refused(Refusal::TerminalHasOpenPayment(holder)),
        Some(_) | None => Admission::Open(attempt),
    }
}

/// Whether a payment of another sale keeps its code spent at `now`.
#[must_use]
pub fn holds_code(payment: &Payment, now: Time) -> bool {
    !payment.never_asked() && now.since_ms(payment.intent.opened_at) < CODE_SPENT_MS
}
