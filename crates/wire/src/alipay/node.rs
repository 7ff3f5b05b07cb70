//! What a verified answer says, field by field (alipay.md §3.2 to §3.6).
//!
//! An empty text counts as absent. A field in the wrong form is [`BadField`], not absent. What the values *mean* for a
//! payment is the dialect's table.

use serde_json::{Map, Value};

use crate::text::raw_json::ERROR_NODE;
use crate::text::{beijing, yuan};
use crate::verified::{BadField, Verified};

/// The response node of an answer. It can be asked only through [`Verified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub(super) name: String,
    pub(super) members: Map<String, Value>,
}

/// A sub-code without the prefix that comes and goes: `ACQ.`, its misspelling `AQC.`, and `aop.ACQ.` (alipay.md §4.1).
pub fn bare_sub_code(sub_code: &str) -> &str {
    let inner = sub_code.strip_prefix("aop.ACQ.");
    inner
        .or_else(|| sub_code.strip_prefix("ACQ."))
        .or_else(|| sub_code.strip_prefix("AQC."))
        .unwrap_or(sub_code)
}

/// A text field, `None` when absent, empty or not a text.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<&str> {
            self.text(stringify!($name))
        })+
    };
}

/// An amount in fen, `Ok(None)` when absent or empty.
macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not a yuan amount.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            self.parsed(stringify!($name), |text| yuan::parse(text).ok())
        })+
    };
}

/// A time in Unix ms (on the wire `yyyy-MM-dd HH:mm:ss`, UTC+8), `Ok(None)` when absent or empty.
macro_rules! times {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not such a time.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            self.parsed(stringify!($name), beijing::parse_spaced)
        })+
    };
}

impl Verified<Node> {
    texts! {
        /// Result code such as `10000`, `10003`, `40004` (alipay.md §4.1).
        code,
        /// The text beside it, for people: never test it.
        msg,
        /// Sub-code as it came; compare after [`bare_sub_code`]. Absent does not mean success (alipay.md §3.2).
        sub_code,
        /// The text beside it, for people.
        sub_msg,
        /// Our order number, echoed, in failures too.
        out_trade_no,
        /// The channel's number, 28 digits; present while the payer is still asked, too.
        trade_no,
        /// State of the trade in a query (alipay.md §5).
        trade_status,
        /// The payer's account, masked by the channel.
        buyer_logon_id,
        /// The payer.
        buyer_user_id,
        /// The payer as this application knows them; newer applications get only this.
        buyer_open_id,
        /// What a cancel did: `close`, `refund`, or absent (alipay.md §3.4).
        action,
        /// `Y`: call cancel again; `N`: do not (alipay.md §3.4).
        retry_flag,
        /// `Y`: this refund call moved money; `N`: it did not, perhaps because an earlier one had (alipay.md §3.5, §7).
        fund_change,
        /// `REFUND_SUCCESS`, or absent: not refunded, as far as the channel says (alipay.md §3.6).
        refund_status,
        /// Our number of the refund, echoed by a refund query.
        out_request_no,
        /// JSON text in a query, such as `{"action":"cancel"}`.
        ext_infos,
        /// Why a query's trade is unpaid.
        unpaid_reason,
        /// Echoed.
        passback_params,
    }

    amounts! {
        /// The trade's amount, fen: what must equal ours. Some failures carry zero or nothing.
        total_amount,
        /// What the merchant gets, fen.
        receipt_amount,
        /// What the payer paid, fen.
        buyer_pay_amount,
        /// Paid with points, fen.
        point_amount,
        /// What may be invoiced, fen.
        invoice_amount,
        /// What was refunded of the trade so far, fen: all refunds together (alipay.md §3.5, §7).
        refund_fee,
        /// What this one refund gave back, fen, in the answer to a refund query.
        refund_amount,
    }

    times! {
        /// When it was paid, in the answer to a payment.
        gmt_payment,
        /// When it was paid, in the answer to a query; a closed trade can have one (alipay.md §3.3).
        send_pay_date,
        /// When a refund was paid.
        gmt_refund_pay,
    }

    /// Whether the root is `error_response`: refused before the gateway knew the method.
    pub fn is_gateway_error(&self) -> bool {
        self.value().name == ERROR_NODE
    }

    /// Any other field, as JSON.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.value().members.get(name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn parsed<T>(
        &self,
        field: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadField> {
        match plain_text(self.field(field)) {
            None => Ok(None),
            Some(text) => parse(&text).map(Some).ok_or(BadField { field, value: text }),
        }
    }
}

/// A text, or a number as its text: prices may come as either (alipay.md §3). `None` for absent, null or empty.
pub(super) fn plain_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}
