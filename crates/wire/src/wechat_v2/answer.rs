//! What a verified answer says, field by field (wechat.md §2.2 to §2.6).
//!
//! An empty element counts as absent. A field in the wrong form is [`BadField`], not absent. What the values *mean* for
//! a payment is the dialect's table.

use super::message::amount;
use crate::text::{Fields, beijing};
use crate::verified::{BadField, Verified};

/// A text field, `None` when absent or empty.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<&str> {
            self.value().filled(stringify!($name))
        })+
    };
}

/// An amount in fen or a count, `Ok(None)` when absent or empty.
macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not 1 to 18 digits.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            self.parsed(stringify!($name), amount)
        })+
    };
}

impl Verified<Fields> {
    texts! {
        /// `SUCCESS` or `FAIL`: whether the call was understood at all.
        return_code,
        /// The text beside it.
        return_msg,
        /// `SUCCESS` or `FAIL`: the business result. `FAIL` covers *paying* and *unknown* as well.
        result_code,
        /// Error name, such as `USERPAYING` (wechat.md §5).
        err_code,
        /// The text beside it, for people.
        err_code_des,
        /// State of the order in a query (wechat.md §6); some payments answer it too.
        trade_state,
        /// The text beside it, for people.
        trade_state_desc,
        /// `MICROPAY` for a payment-code payment.
        trade_type,
        /// Currency of `total_fee`; absent means CNY.
        fee_type,
        /// The channel's number, 28 digits.
        transaction_id,
        /// Our order number, echoed.
        out_trade_no,
        /// Echoed application.
        appid,
        /// Echoed merchant number.
        mch_id,
        /// Echoed, provider mode.
        sub_appid,
        /// Echoed, provider mode.
        sub_mch_id,
        /// The payer, as this `appid` knows them.
        openid,
        /// Where the money came from, such as `OTHERS`.
        bank_type,
        /// Echoed.
        attach,
        /// Echoed.
        device_info,
        /// `Y`: call reverse again; `N`: finished (wechat.md §2.4).
        recall,
        /// Our number of a refund, echoed by the refund call.
        out_refund_no,
        /// The channel's number of a refund, from the refund call.
        refund_id,
    }

    amounts! {
        /// The order's amount, fen: what must equal ours.
        total_fee,
        /// What the payer paid, fen.
        cash_fee,
        /// What coupons paid, fen.
        coupon_fee,
        /// What the merchant is settled on, fen; only when non-prepaid coupons were used.
        settlement_total_fee,
        /// What a refund call asked back, fen.
        refund_fee,
        /// How many refunds an order has, in the answer to a refund query.
        total_refund_count,
        /// How many of them this answer shows.
        refund_count,
    }

    /// When it was paid, Unix ms (on the wire `yyyyMMddHHmmss`, UTC+8); `Ok(None)` when absent or empty.
    ///
    /// # Errors
    /// [`BadField`] when it is not such a time.
    pub fn time_end(&self) -> Result<Option<i64>, BadField> {
        self.parsed("time_end", beijing::parse_compact)
    }

    /// Any other field, empty ones included.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.value().get(name)
    }

    fn parsed<T>(
        &self,
        field: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadField> {
        match self.value().filled(field) {
            None => Ok(None),
            Some(text) => parse(text).map(Some).ok_or_else(|| BadField { field, value: text.to_owned() }),
        }
    }
}
