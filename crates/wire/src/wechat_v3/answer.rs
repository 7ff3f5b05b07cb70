//! What a verified answer says, member by member (wechat.md §4.4, §4.5).
//!
//! An empty text and `null` count as absent; a member in the wrong form is [`BadField`], not absent; unknown members
//! change nothing. What the values *mean* for a payment is the dialect's table.

use serde_json::{Map, Value};

use super::time::parse_rfc3339;
use crate::verified::{BadField, Verified};

/// An answer's body with its HTTP status. It can be asked only through [`Verified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    members: Map<String, Value>,
}

impl Answer {
    pub(super) fn new(status: u16, members: Map<String, Value>) -> Self {
        Self { status, members }
    }
}

/// A text, `None` when absent or empty; what is no text counts as its JSON.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $path:literal),+ $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<String> {
            plain_text(self.field($path))
        })+
    };
}

/// Fen, `Ok(None)` when absent.
macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident = $path:literal),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not a whole number from 0.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            self.read($path, |value| value.as_i64().filter(|fen| *fen >= 0))
        })+
    };
}

/// A moment as Unix ms, `Ok(None)` when absent or empty.
macro_rules! times {
    ($($(#[$doc:meta])* $name:ident = $path:literal),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not RFC 3339.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            self.read($path, |value| value.as_str().and_then(parse_rfc3339))
        })+
    };
}

impl Verified<Answer> {
    /// The HTTP status, which the signature does not cover: 200 and 202 are to be read alike (wechat.md §4.4).
    pub fn status(&self) -> u16 {
        self.value().status
    }

    texts! {
        /// Error name, such as `ORDER_NOT_EXIST` (wechat.md §5.5).
        code = "code",
        /// The text beside it, for people.
        message = "message",
        /// The member that a `PARAM_ERROR` is about.
        error_field = "detail.field",
        /// What is wrong with it.
        error_issue = "detail.issue",
        /// Echoed application.
        appid = "appid",
        /// Echoed merchant number.
        mchid = "mchid",
        /// Echoed, provider mode.
        sp_appid = "sp_appid",
        /// Echoed, provider mode.
        sp_mchid = "sp_mchid",
        /// Echoed, provider mode.
        sub_appid = "sub_appid",
        /// Echoed, provider mode.
        sub_mchid = "sub_mchid",
        /// Our order number, echoed.
        out_trade_no = "out_trade_no",
        /// The channel's number, 28 digits.
        transaction_id = "transaction_id",
        /// `MICROPAY` for a payment-code payment.
        trade_type = "trade_type",
        /// State of the order (wechat.md §6).
        trade_state = "trade_state",
        /// The text beside it, for people.
        trade_state_desc = "trade_state_desc",
        /// Where the money came from, such as `OTHERS`.
        bank_type = "bank_type",
        /// Echoed.
        attach = "attach",
        /// The payer, as this `appid` knows them.
        openid = "payer.openid",
        /// The payer, as the provider's application knows them.
        sp_openid = "payer.sp_openid",
        /// The payer, as the merchant's application knows them.
        sub_openid = "payer.sub_openid",
        /// Currency of the amounts; absent means CNY.
        currency = "amount.currency",
        /// Currency of what the payer paid.
        payer_currency = "amount.payer_currency",
        /// Our number of a refund, echoed.
        out_refund_no = "out_refund_no",
        /// The channel's number of a refund.
        refund_id = "refund_id",
        /// State of a refund: `SUCCESS`, `CLOSED`, `PROCESSING`, `ABNORMAL`.
        refund_status = "status",
        /// Where a refund goes: `ORIGINAL`, `BALANCE`, `OTHER_BALANCE`, `OTHER_BANKCARD`.
        channel = "channel",
        /// The same for people.
        user_received_account = "user_received_account",
        /// Which of the merchant's funds a refund is taken from.
        funds_account = "funds_account",
    }

    amounts! {
        /// The order's amount, fen: what must equal ours.
        total = "amount.total",
        /// What the payer paid, fen.
        payer_total = "amount.payer_total",
        /// What a refund gives back, fen.
        refund = "amount.refund",
        /// What of it the payer gets, fen.
        payer_refund = "amount.payer_refund",
        /// What of it leaves the merchant, fen.
        settlement_refund = "amount.settlement_refund",
        /// What the merchant was settled on, fen.
        settlement_total = "amount.settlement_total",
        /// What of it goes back to coupons, fen.
        discount_refund = "amount.discount_refund",
    }

    times! {
        /// When it was paid, or a refund done, Unix ms.
        success_time = "success_time",
        /// When a refund was accepted, Unix ms.
        create_time = "create_time",
    }

    /// Any member, as JSON; dots lead into objects.
    pub fn field(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = self.value().members.get(names.next()?)?;
        names.try_fold(first, |value, name| value.as_object()?.get(name))
    }

    fn read<T>(&self, path: &'static str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, BadField> {
        let bad = |value: &Value| BadField { field: path, value: value.to_string() };
        // A parent that is there but no object is not an absent member.
        if let Some((parent, _)) = path.split_once('.')
            && let Some(value) = self.field(parent)
            && !value.is_null()
            && !value.is_object()
        {
            return Err(bad(value));
        }
        match self.field(path) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| bad(value)),
        }
    }
}

fn plain_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}
