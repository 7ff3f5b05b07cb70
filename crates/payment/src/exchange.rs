//! The neutral words between a payment and any channel: what is asked, and the closed set of what can be answered.
//!
//! A dialect can say nothing else; what its table does not list is [`Doubt::Unlisted`], never a decline.

mod decline;
mod refund;

use crate::ids::ChannelOrderNo;
use crate::money::Fen;
use crate::time::{MINUTE_MS, Time};

pub use decline::{Advice, Decline, DeclineReason};
pub use refund::{
    RefundAdvice, RefundAnswer, RefundBond, RefundFacts, RefundQueryAnswer, RefundReason, RefundRefusal,
};

/// What a payment may want from its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Charge the code. Leaves this machine once per channel order number.
    Submit,
    /// Ask what became of the order.
    Query,
    /// Close the order, or give the whole amount back (撤销、冲正).
    Reverse,
    /// Give a part, or all, of what was paid back (退款). Repeated with the same refund number only.
    Refund,
    /// Ask what became of a refund.
    RefundQuery,
}

impl Call {
    /// The call's word in timelines and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Call::Submit => "submit",
            Call::Query => "query",
            Call::Reverse => "reverse",
            Call::Refund => "refund",
            Call::RefundQuery => "refund_query",
        }
    }
}

/// One call that is out: its kind, its number within the payment, and when its silence becomes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked {
    /// What is asked.
    pub call: Call,
    /// Counts the calls of one payment; never used twice.
    pub number: u32,
    /// When it was asked.
    pub at: Time,
    /// From this moment on, no answer is [`Doubt::Silence`].
    pub limit: Time,
}

/// An answer, by the call that it answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// To [`Call::Submit`].
    Submit(SubmitAnswer),
    /// To [`Call::Query`].
    Query(QueryAnswer),
    /// To [`Call::Reverse`].
    Reverse(ReverseAnswer),
    /// To [`Call::Refund`].
    Refund(RefundAnswer),
    /// To [`Call::RefundQuery`].
    RefundQuery(RefundQueryAnswer),
}

/// What a channel can answer to a submit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SubmitAnswer {
    /// The money is taken, it says.
    Paid(PaidFacts),
    /// The payer must confirm on the phone.
    AwaitingPayer,
    /// A signed refusal from the definite list: nothing was taken by this, the only, submit.
    Declined(Decline),
    /// A refusal that ends nothing until a query has been answered: a signed one that the channel's sheet wants queried once, or
    /// one of a protocol that never signs its refusals.
    DeclinedAsk(Decline),
    /// Provably not one byte of the request left.
    NotSent,
    /// Anything else.
    Unknown(Doubt),
}

/// What a channel can answer to a query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum QueryAnswer {
    /// The money is taken, it says.
    Paid(PaidFacts),
    /// The payer is still asked to confirm.
    AwaitingPayer,
    /// The order stands open and unpaid, and nobody is asked.
    NotPaid,
    /// The channel wants the order reversed (PAYERROR).
    MustReverse,
    /// The payment was declined, it says: over, and nothing taken. Where a submit is only accepted, this is how a decline is
    /// told (unionpay.md §5.5, icbc.md §4).
    Declined(Decline),
    /// The order is over without money taken, or with all of it given back.
    Closed(ClosedHow),
    /// The channel knows no such number, it says.
    NotFound,
    /// Anything else.
    Unknown(Doubt),
}

/// What a channel can answer to a reversal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReverseAnswer {
    /// Done, it says; a query must confirm it.
    Reversed(ReversedHow),
    /// Ask again (`recall=Y`, `retry_flag=Y`).
    Again,
    /// The payer's dialog is open; not reversed.
    StillPaying,
    /// Refused for good.
    Cannot(CannotWhy),
    /// Anything else.
    Unknown(Doubt),
}

/// How an order is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosedHow {
    /// Reversed; whether money was given back is not said.
    Revoked,
    /// Closed; whether money was given back is not said.
    Closed,
    /// The whole amount was given back.
    Refunded,
}

/// What a reversal turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReversedHow {
    /// The order was unpaid and is closed.
    Closed,
    /// The order was paid and the whole amount is given back.
    Refunded,
    /// The channel does not say which, nor whether it knew the order at all.
    Unsaid,
}

/// Why a reversal is refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CannotWhy {
    /// The channel's window for reversals is over.
    Window,
    /// The merchant's funds do not cover it.
    Funds,
    /// There was a refund already.
    Refunded,
    /// This order, or this merchant, may not.
    NotAllowed,
}

/// What is known of money that a channel says was taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaidFacts {
    /// The channel order number that the answer is about.
    pub channel_order_no: String,
    /// The order's amount, as the channel has it.
    pub amount: Fen,
    /// The currency, `CNY`.
    pub currency: String,
    /// Who was paid, as far as the channel's answers carry it.
    pub payee: Option<Payee>,
    /// The channel's own number of the payment.
    pub channel_transaction_no: String,
    /// What the customer paid, after discounts.
    pub paid_amount: Fen,
    /// What coupons paid.
    pub discount_amount: Fen,
    /// When, by the channel's clock.
    pub paid_at: Time,
}

/// Who is paid, in the channel's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payee {
    /// The merchant's number (and application) at the channel.
    pub merchant: String,
    /// The sub-merchant's number in provider mode.
    pub sub_merchant: Option<String>,
}

/// What in a signed "paid" contradicts what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// Another channel order number.
    OrderNo,
    /// Another amount.
    Amount,
    /// Another currency.
    Currency,
    /// Another merchant or sub-merchant.
    Payee,
    /// Paid before it was asked.
    Date,
}

impl Difference {
    /// The difference's word in cases and timelines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Difference::OrderNo => "order_no",
            Difference::Amount => "amount",
            Difference::Currency => "currency",
            Difference::Payee => "payee",
            Difference::Date => "paid_at",
        }
    }
}

/// A payment may be dated this much before it was opened: two clocks are compared.
const DATED_BEFORE_MS: i64 = 5 * MINUTE_MS;

/// What a "paid" must agree with: the intent's own facts, never today's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bond<'a> {
    /// Our number.
    pub channel_order_no: &'a ChannelOrderNo,
    /// The amount that was asked.
    pub amount: Fen,
    /// Who should be paid.
    pub payee: &'a Payee,
    /// When the payment was opened.
    pub opened_at: Time,
}

impl PaidFacts {
    /// What differs from the intent, if anything does.
    #[must_use]
    pub fn difference(&self, bond: &Bond<'_>) -> Option<Difference> {
        if self.channel_order_no != bond.channel_order_no.as_str() {
            return Some(Difference::OrderNo);
        }
        if self.amount != bond.amount && !crate::planted::on(crate::planted::Bug::B6) {
            return Some(Difference::Amount);
        }
        if self.currency != "CNY" {
            return Some(Difference::Currency);
        }
        if self.payee.as_ref().is_some_and(|payee| payee != bond.payee) {
            return Some(Difference::Payee);
        }
        if self.paid_at < bond.opened_at.plus_ms(-DATED_BEFORE_MS) {
            return Some(Difference::Date);
        }
        None
    }
}

/// Why an answer proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// No answer within the limit.
    Silence,
    /// The connection broke after bytes may have left.
    Broken,
    /// An HTTP status that no signed answer of this channel carries.
    Status(u16),
    /// Bytes that are no message of this channel: HTML, cut, another character set, a BOM, too large.
    Unreadable,
    /// A signature that does not verify.
    Forged,
    /// An answer without a signature; what it claims goes to the operator only.
    Unsigned(ChannelCode),
    /// Signed, but a field that must be there is missing or malformed.
    Incomplete(&'static str),
    /// Signed: the channel itself does not know (SYSTEMERROR, 20000, …).
    ChannelUnsure(ChannelCode),
    /// Signed: too many requests.
    RateLimited(ChannelCode),
    /// Signed: "already paid", "number used", "has closed" in answer to a submit: the order must be asked.
    AlreadyKnown(ChannelCode),
    /// Signed, and in no table of ours.
    Unlisted(ChannelCode),
}

impl Doubt {
    /// Whether the channel's own signed word arrived: then the call is over and no longer under way.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        match self {
            Doubt::Silence
            | Doubt::Broken
            | Doubt::Status(_)
            | Doubt::Unreadable
            | Doubt::Forged
            | Doubt::Unsigned(_) => false,
            Doubt::Incomplete(_)
            | Doubt::ChannelUnsure(_)
            | Doubt::RateLimited(_)
            | Doubt::AlreadyKnown(_)
            | Doubt::Unlisted(_) => true,
        }
    }
}

/// A channel's own code and text, for the operator and for support.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChannelCode {
    /// For example `SYSTEMERROR`, or `40004/ACQ.SYSTEM_ERROR`.
    pub code: String,
    /// The channel's text.
    pub message: String,
}

impl Answer {
    /// Whether this answer proves that the channel has the order on its books.
    ///
    /// Declines, *not found*, "again" and a success that does not say what it did prove nothing, whatever they echo.
    #[must_use]
    pub fn acknowledges(&self) -> bool {
        match self {
            Answer::Submit(SubmitAnswer::AwaitingPayer | SubmitAnswer::Paid(_)) => true,
            Answer::Submit(
                SubmitAnswer::Declined(_)
                | SubmitAnswer::DeclinedAsk(_)
                | SubmitAnswer::NotSent
                | SubmitAnswer::Unknown(_),
            ) => false,
            Answer::Query(
                QueryAnswer::Paid(_)
                | QueryAnswer::AwaitingPayer
                | QueryAnswer::NotPaid
                | QueryAnswer::MustReverse
                | QueryAnswer::Declined(_)
                | QueryAnswer::Closed(_),
            ) => true,
            Answer::Query(QueryAnswer::NotFound | QueryAnswer::Unknown(_)) => false,
            Answer::Reverse(
                ReverseAnswer::StillPaying
                | ReverseAnswer::Cannot(_)
                | ReverseAnswer::Reversed(ReversedHow::Closed | ReversedHow::Refunded),
            ) => true,
            Answer::Reverse(
                ReverseAnswer::Reversed(ReversedHow::Unsaid)
                | ReverseAnswer::Again
                | ReverseAnswer::Unknown(_),
            ) => false,
            // A refund is asked only of what is known to be paid; its answers are its own machine's.
            Answer::Refund(_) | Answer::RefundQuery(_) => false,
        }
    }

    /// The answer that silence is, once the limit of a call has passed.
    #[must_use]
    pub fn silence(call: Call) -> Answer {
        match call {
            Call::Submit => Answer::Submit(SubmitAnswer::Unknown(Doubt::Silence)),
            Call::Query => Answer::Query(QueryAnswer::Unknown(Doubt::Silence)),
            Call::Reverse => Answer::Reverse(ReverseAnswer::Unknown(Doubt::Silence)),
            Call::Refund => Answer::Refund(RefundAnswer::Unknown(Doubt::Silence)),
            Call::RefundQuery => Answer::RefundQuery(RefundQueryAnswer::Unknown(Doubt::Silence)),
        }
    }

    /// The call that this answers.
    #[must_use]
    pub fn call(&self) -> Call {
        match self {
            Answer::Submit(_) => Call::Submit,
            Answer::Query(_) => Call::Query,
            Answer::Reverse(_) => Call::Reverse,
            Answer::Refund(_) => Call::Refund,
            Answer::RefundQuery(_) => Call::RefundQuery,
        }
    }
}
