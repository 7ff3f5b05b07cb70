//! What a verified answer says, field by field (icbc.md §3).
//!
//! An empty text counts as absent. A field in the wrong form is [`BadField`], not absent. What the values *mean* for a
//! payment is the dialect's table.

use serde_json::{Map, Value};

use crate::text::beijing;
use crate::text::json::LIMITS;
use crate::text::raw_json;
use crate::verified::{BadField, Verified};

/// The `response_biz_content` of an answer, or the `biz_content` of a notification. It can be asked only through
/// [`Verified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(Map<String, Value>);

/// A text field, `None` when absent or empty; a number counts as its text.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<String> {
            self.text(stringify!($name))
        })+
    };
}

/// An amount in fen, `Ok(None)` when absent or empty.
macro_rules! amounts {
    ($of:ident: $($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not 1 to 17 digits.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            amount($of(self), stringify!($name))
        })+
    };
}

/// When an order was paid, as far as the channel says it (icbc.md §3.1, `pay_time`; trap 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayTime {
    /// The day only, `yyyyMMdd` in Beijing: its first and its last millisecond, Unix ms.
    Day {
        /// Midnight at its beginning.
        first: i64,
        /// One millisecond before the next midnight.
        last: i64,
    },
    /// `yyyyMMddHHmmss` in Beijing, as Unix ms.
    Second(i64),
}

impl Content {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

fn content(verified: &Verified<Content>) -> &Map<String, Value> {
    &verified.value().0
}

impl Verified<Content> {
    texts! {
        /// Whether the *call* worked: `0`, or a code. It comes as text or as number and never says whether money moved
        /// (icbc.md §4).
        return_code,
        /// The text beside it, for people: never test it.
        return_msg,
        /// The request's `msg_id`, echoed.
        msg_id,
        /// Whether money moved: `-1`, `0`, `1`, `2`, of newer versions `3` to `7` (icbc.md §3.1, §3.2).
        pay_status,
        /// Our order number, echoed.
        out_trade_no,
        /// The channel's number: mer_id, day, and seven digits.
        order_id,
        /// The payer.
        cust_id,
        /// The payer's card, masked by the channel.
        card_no,
        /// The number of a refund, echoed; of a reversal mostly empty.
        reject_no,
    }

    amounts! { content:
        /// The order's amount: what must equal ours.
        total_amt,
        /// What the payer paid.
        payment_amt,
        /// Paid with points.
        point_amt,
        /// Paid with an e-coupon.
        ecoupon_amt,
        /// What the merchant's discount took off.
        mer_disc_amt,
        /// Paid with a coupon.
        coupon_amt,
        /// What the bank's subsidy took off.
        bank_disc_amt,
        /// The merchant's and the bank's discount together.
        total_disc_amt,
        /// Cash given back by a reversal or refund.
        real_reject_amt,
        /// Cash and points given back.
        reject_amt,
    }

    /// When it was paid, or the order's day while it is not.
    ///
    /// # Errors
    /// [`BadField`] when it is neither 8 nor 14 digits of a moment that exists.
    pub fn pay_time(&self) -> Result<Option<PayTime>, BadField> {
        let Some(text) = self.text("pay_time") else { return Ok(None) };
        let read = match text.len() {
            8 => beijing::parse_compact(&format!("{text}000000"))
                .map(|first| PayTime::Day { first, last: first + 86_399_999 }),
            _ => beijing::parse_compact(&text).map(PayTime::Second),
        };
        read.map(Some).ok_or(BadField { field: "pay_time", value: text })
    }

    /// The lines of `refund_json_list`, a JSON text inside a text (icbc.md §3.5); `Ok(None)` when absent or empty. The
    /// list itself is taken as well.
    ///
    /// # Errors
    /// [`BadField`] when it is no list of objects.
    pub fn refunds(&self) -> Result<Option<Vec<RefundLine>>, BadField> {
        const FIELD: &str = "refund_json_list";
        let lines = match self.field(FIELD) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => inner_list(text),
            Some(Value::Array(list)) => Some(list.clone()),
            Some(_) => None,
        };
        let lines = lines.and_then(|list| list.into_iter().map(RefundLine::of).collect());
        let bad = || BadField { field: FIELD, value: plain_text(self.field(FIELD)).unwrap_or_default() };
        lines.map(Some).ok_or_else(bad)
    }

    /// Any other field, as JSON.
    pub fn field(&self, name: &str) -> Option<&Value> {
        content(self).get(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        plain_text(self.field(name))
    }
}

/// One refund or reversal of an order (icbc.md §3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundLine(Map<String, Value>);

fn line(line: &RefundLine) -> &Map<String, Value> {
    &line.0
}

impl RefundLine {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// The merchant's number of the refund; `None` for a reversal.
    pub fn reject_no(&self) -> Option<String> {
        plain_text(self.0.get("reject_no"))
    }

    /// The channel's number of it, such as `OFH20150812001668A0006501`.
    pub fn icbc_reject_sq(&self) -> Option<String> {
        plain_text(self.0.get("icbc_reject_sq"))
    }

    /// `0` doubtful, `1` done, `2` failed.
    pub fn reject_status(&self) -> Option<String> {
        plain_text(self.0.get("reject_status"))
    }

    amounts! { line:
        /// Cash given back.
        real_reject_amt,
        /// Cash and points given back.
        reject_amt,
    }
}

/// The list in a text. Equal names are refused as everywhere.
fn inner_list(text: &str) -> Option<Vec<Value>> {
    let mut outer = raw_json::object(format!("{{\"list\":{text}}}").as_bytes(), LIMITS).ok()?;
    match outer.remove("list") {
        Some(Value::Array(list)) => Some(list),
        _ => None,
    }
}

/// A text, or a number as its text: `return_code` comes as either (icbc.md §4). `None` for absent, null or empty.
pub(super) fn plain_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

fn amount(members: &Map<String, Value>, field: &'static str) -> Result<Option<i64>, BadField> {
    let Some(text) = plain_text(members.get(field)) else { return Ok(None) };
    fen(&text).map(Some).ok_or(BadField { field, value: text })
}

/// 1 to 17 digits (icbc.md §3).
pub(super) fn fen(text: &str) -> Option<i64> {
    let digits = (1..=17).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
