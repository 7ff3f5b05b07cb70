//! A payment, as tills see it.

use payment::ids::print_id;
use payment::patience::RefundLimits;
use payment::payment::{Payment as Machine, Phase, Status};
use payment::time::Time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::store::PaymentRow;

use super::only;
use super::reversal::{PaymentReversal, payment_reversal};
use super::time;
use super::words::{AdviceWord, ChannelWord, FailureCode, StatusWord, WalletWord};

/// The one currency.
pub(in crate::api) const CURRENCY: &str = "CNY";

fn currency_word() -> Object {
    only(CURRENCY)
}

const PAYMENT: &str = "payment";

fn payment_word() -> Object {
    only(PAYMENT)
}

const ORDER_CANCELLATION: &str = "order_cancellation";

fn order_cancellation_word() -> Object {
    only(ORDER_CANCELLATION)
}

/// One payment (支付单): one attempt to collect for a sale with one code. Amounts are integer fen (分), times RFC 3339 in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Payment {
    #[schema(schema_with = payment_word)]
    object: &'static str,
    /// Its identity: `pay_` and 26 characters.
    #[schema(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$", example = "pay_06DSE7NWJG0000000000000000")]
    id: String,
    /// Counts its durable states from 1; grows with every change.
    #[schema(minimum = 1)]
    version: i64,
    /// The sale it collects for, as the merchant numbered it.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    order_no: String,
    /// Which attempt of its sale this is, from 1.
    #[schema(minimum = 1)]
    attempt: u32,
    /// All attempts of the sale, first attempt first; in lists and refusals this one only.
    attempts: Vec<Attempt>,
    /// What is to be collected, in fen.
    #[schema(minimum = 1, maximum = 100_000_000)]
    amount: i64,
    /// What was refunded for certain, in fen.
    #[schema(minimum = 0, maximum = 100_000_000)]
    amount_refunded: i64,
    #[schema(schema_with = currency_word)]
    currency: &'static str,
    status: StatusWord,
    channel: ChannelWord,
    wallet: WalletWord,
    /// The name of the channel account in the configuration.
    account: String,
    /// The first two characters of the payment code, then stars.
    #[schema(example = "13****************")]
    code_masked: String,
    /// Our number of this attempt at the channel (out_trade_no).
    #[schema(pattern = "^[A-Z0-9]{6,32}$")]
    channel_order_no: String,
    /// The channel's own number (transaction_id, trade_no); null until paid.
    channel_transaction_no: Option<String>,
    /// What the customer paid, in fen, after the channel's discounts; null until paid.
    #[schema(minimum = 0)]
    paid_amount: Option<i64>,
    /// What the channel's coupons paid, in fen; null until paid.
    #[schema(minimum = 0)]
    discount_amount: Option<i64>,
    /// When it was paid, by the channel's clock; null until paid.
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    /// The Shanghai date of `paid_at` (记账日期, 北京时间); null until paid.
    #[schema(format = Date)]
    accounting_date: Option<String>,
    /// Why it failed; null unless `status` is `failed`.
    failure: Option<Failure>,
    /// What happens next; null unless `status` is `processing`.
    next_action: Option<NextAction>,
    /// Its reversal, once one is wanted; null before.
    reversal: Option<PaymentReversal>,
    /// The id of its open case, or null.
    #[schema(pattern = "^case_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    case: Option<String>,
    /// What may be asked for now.
    can: Can,
    /// 门店, as it came, or null.
    outlet: Option<String>,
    /// 终端, as it came, or null.
    terminal: Option<String>,
    /// 操作员, as it came, or null.
    operator: Option<String>,
    /// What the customer sees, as it came, or null.
    description: Option<String>,
    /// The merchant's own JSON, as it came, or null.
    metadata: Value,
    /// When it was opened.
    #[schema(format = DateTime)]
    created_at: String,
}

/// One attempt of a sale.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Attempt {
    /// The payment's identity.
    #[schema(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    status: StatusWord,
}

/// Why a payment failed: nothing was charged.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Failure {
    code: FailureCode,
    /// For the cashier, Chinese and English.
    message: String,
    advice: AdviceWord,
    /// The channel's own code, or null.
    channel_code: Option<String>,
    /// The channel's own text, or null.
    channel_message: Option<String>,
}

/// What happens next with an undecided payment. Do not charge again meanwhile (请勿重复收款).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct NextAction {
    #[serde(rename = "type")]
    kind: NextActionType,
    /// For the cashier, Chinese and English.
    message: &'static str,
    /// How soon to ask again, in milliseconds, where `wait` is not used.
    #[schema(minimum = 0)]
    poll_after_ms: u32,
    /// When the gateway next acts by itself, or null while a call is out.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Until when the customer may confirm, or null.
    #[schema(format = DateTime)]
    deadline: Option<String>,
}

/// `customer_confirmation`: the customer is asked on the phone. `checking`: the result is unknown and is being asked for.
/// `reversing`: it is being closed or given back.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum NextActionType {
    CustomerConfirmation,
    Checking,
    Reversing,
}

/// What may be asked for now.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Can {
    /// Whether a plain cancel is taken: it is not decided yet.
    cancel: bool,
    /// Until when a paid payment may be reversed on demand, or null.
    #[schema(format = DateTime)]
    reverse_until: Option<String>,
    /// Until when it may be refunded, by the channel's limit or the account's `refund_days`; null unless it is paid.
    #[schema(format = DateTime)]
    refund_until: Option<String>,
    /// How much may be refunded, in fen: what was paid, less what was refunded and what refunds have reserved.
    #[schema(minimum = 0, maximum = 100_000_000)]
    refundable_amount: i64,
}

/// A payment; `attempts` are all of its sale's, itself among them; `refunds` is what its account allows of refunds.
pub(in crate::api) fn payment(row: &PaymentRow, attempts: &[PaymentRow], refunds: &RefundLimits) -> Payment {
    let payment = &row.payment;
    let intent = &payment.intent;
    let paid = payment.paid.as_ref().filter(|_| payment.told_paid);
    let attempts: Vec<Attempt> = if attempts.is_empty() {
        vec![attempt(row)]
    } else {
        // The row at hand may be newer than the store's.
        attempts
            .iter()
            .map(|a| if a.payment.intent.id == intent.id { attempt(row) } else { attempt(a) })
            .collect()
    };
    Payment {
        object: PAYMENT,
        id: intent.id.to_string(),
        version: row.version,
        order_no: intent.order_no.as_str().to_owned(),
        attempt: intent.attempt,
        attempts,
        amount: intent.amount.fen(),
        amount_refunded: payment.refunds.given_back,
        currency: CURRENCY,
        status: StatusWord::from(&payment.status()),
        channel: ChannelWord::from(&intent.channel),
        wallet: WalletWord::from(&row.wallet),
        account: intent.account.clone(),
        code_masked: row.code_masked.clone(),
        channel_order_no: intent.channel_order_no.as_str().to_owned(),
        channel_transaction_no: paid.map(|facts| facts.channel_transaction_no.clone()),
        paid_amount: paid.map(|facts| facts.paid_amount.fen()),
        discount_amount: paid.map(|facts| facts.discount_amount.fen()),
        paid_at: paid.map(|facts| time(facts.paid_at)),
        accounting_date: paid.map(|facts| shanghai_date(facts.paid_at)),
        failure: failure(payment),
        next_action: next_action(payment),
        reversal: payment.reversal.as_ref().map(|reversal| payment_reversal(reversal, row.reversal_id)),
        case: row.case_id.map(|id| print_id(id, "case_")),
        can: can(payment, refunds),
        outlet: row.sale.outlet.clone(),
        terminal: row.sale.terminal.clone(),
        operator: row.sale.operator.clone(),
        description: row.sale.description.clone(),
        metadata: metadata(row),
        created_at: time(intent.opened_at),
    }
}

/// The Shanghai date of a moment.
fn shanghai_date(at: Time) -> String {
    const SHANGHAI_SECONDS: i32 = 8 * 3600;
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let offset = jiff::tz::Offset::from_seconds(SHANGHAI_SECONDS).unwrap_or(jiff::tz::Offset::UTC);
    offset.to_datetime(timestamp).date().to_string()
}

fn metadata(row: &PaymentRow) -> Value {
    row.sale.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

fn attempt(row: &PaymentRow) -> Attempt {
    Attempt { id: row.payment.intent.id.to_string(), status: StatusWord::from(&row.payment.status()) }
}

fn failure(payment: &Machine) -> Option<Failure> {
    let decline = payment.failure.as_ref().filter(|_| payment.phase == Phase::Failed)?;
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Some(Failure {
        code: FailureCode::from(&decline.reason),
        message: crate::words::decline(decline.reason).to_owned(),
        advice: AdviceWord::from(&decline.reason.advice()),
        channel_code: said(&decline.channel.code),
        channel_message: said(&decline.channel.message),
    })
}

fn next_action(payment: &Machine) -> Option<NextAction> {
    if payment.status() != Status::Processing {
        return None;
    }
    let (kind, message) = match payment.phase {
        Phase::AwaitingPayer { .. } if payment.polls.typing_seen && !payment.cancel_asked => (
            NextActionType::CustomerConfirmation,
            "请顾客在手机上确认支付 / ask the customer to confirm on the phone",
        ),
        Phase::Reversing | Phase::Confirming { .. } => (
            NextActionType::Reversing,
            "正在撤销, 请勿重复收款 / it is being reversed; do not charge again until it is",
        ),
        Phase::Refunding => (
            NextActionType::Reversing,
            "撤销期限已过, 正在全额退款 / it can no longer be reversed; the whole amount is being refunded",
        ),
        Phase::Opened
        | Phase::Submitting
        | Phase::AwaitingPayer { .. }
        | Phase::LastLook
        | Phase::Paid
        | Phase::Failed
        | Phase::Reversed
        | Phase::Suspended { .. } => (
            NextActionType::Checking,
            "结果未知, 正在核实, 请勿重复收款 / the result is being checked; do not charge again",
        ),
    };
    let deadline = match payment.phase {
        Phase::AwaitingPayer { deadline, .. } => Some(time(deadline)),
        Phase::Opened
        | Phase::Submitting
        | Phase::LastLook
        | Phase::Reversing
        | Phase::Confirming { .. }
        | Phase::Refunding
        | Phase::Paid
        | Phase::Failed
        | Phase::Reversed
        | Phase::Suspended { .. } => None,
    };
    Some(NextAction { kind, message, poll_after_ms: 1000, at: payment.wake.map(time), deadline })
}

fn can(payment: &Machine, refunds: &RefundLimits) -> Can {
    let reverse_until = payment
        .paid
        .as_ref()
        .filter(|_| payment.phase == Phase::Paid && !payment.refunds.any())
        .map(|facts| time(payment.intent.channel.patience().reversible_until(facts.paid_at)));
    Can {
        cancel: matches!(payment.status(), Status::Processing | Status::Suspended),
        reverse_until,
        refund_until: (payment.phase == Phase::Paid).then(|| time(payment.refundable_until(refunds))),
        refundable_amount: payment.refundable(),
    }
}

/// A cancelled order number under which no payment existed: none can be opened under it any more (取消墓碑).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct OrderCancellation {
    #[schema(schema_with = order_cancellation_word)]
    object: &'static str,
    /// The order number.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    order_no: String,
    /// Always true.
    canceled: bool,
    #[schema(schema_with = no_payment)]
    payment: (),
}

fn no_payment() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Null)
        .description(Some("Always null: there is no payment."))
        .build()
}

/// What is said of an order number that was cancelled before it was paid.
pub(in crate::api) fn order_cancellation(order_no: &str) -> OrderCancellation {
    OrderCancellation {
        object: ORDER_CANCELLATION,
        order_no: order_no.to_owned(),
        canceled: true,
        payment: (),
    }
}
