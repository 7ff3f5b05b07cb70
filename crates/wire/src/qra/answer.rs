//! What a verified answer says, field by field (unionpay.md §4.1 to §4.4).
//!
//! An empty element counts as absent. A field in the wrong form is [`BadField`], not absent. What the values *mean* for
//! a payment is the dialect's table.

use super::message::amount;
use crate::text::{Fields, beijing};
use crate::verified::{BadField, Verified};

/// The fields of an answer, all of them: also those that no document names are signed (unionpay.md §11, trap 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(pub(super) Fields);

impl Answer {
    /// Every field in the order of arrival, `sign` included.
    pub fn fields(&self) -> &Fields {
        &self.0
    }
}

/// A text field, `None` when absent or empty.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<&str> {
            self.value().0.filled(stringify!($name))
        })+
    };
}

/// An amount in fen, `Ok(None)` when absent or empty.
macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`BadField`] when it is not 1 to 18 digits.
        pub fn $name(&self) -> Result<Option<i64>, BadField> {
            parsed(stringify!($name), self.value().0.filled(stringify!($name)), amount)
        })+
    };
}

impl Verified<Answer> {
    texts! {
        /// `0`: the call was understood. It says nothing of a payment.
        status,
        /// The text beside another status.
        message,
        /// `0`: the business went well. Anything else covers *paying* and *unknown* as well.
        result_code,
        /// Error name, the wallet's own where it comes from there.
        err_code,
        /// The text beside it, for people.
        err_msg,
        /// `Y`: the order must be queried, whatever stands beside it; `N`: it need not be. In answers to a payment only.
        need_query,
        /// `0`: paid; anything else: failed. In answers to a payment only.
        pay_result,
        /// The text beside a failed payment.
        pay_info,
        /// State of the order in a query.
        trade_state,
        /// The text beside it, for people.
        trade_state_desc,
        /// Which wallet paid, such as `pay.weixin.micropay`.
        trade_type,
        /// Currency of `total_fee`; absent means CNY.
        fee_type,
        /// The platform's number.
        transaction_id,
        /// The wallet's number.
        out_transaction_id,
        /// Our order number, echoed.
        out_trade_no,
        /// Echoed merchant number.
        mch_id,
        /// Echoed.
        device_info,
        /// Echoed.
        attach,
        /// The payer, as the wallet names them.
        openid,
        /// Where the money came from.
        bank_type,
        /// The bank's number.
        bank_billno,
        /// `Y`: call reverse again. Not documented here; WeChat's own reversal has it (unionpay.md §4.6).
        recall,
        /// `Y`: call reverse again. Not documented here; Alipay's own cancel has it.
        retry_flag,
        /// The refund's number, echoed.
        out_refund_no,
        /// The platform's number of a refund.
        refund_id,
        /// How a refund goes back, such as `ORIGINAL`.
        refund_channel,
    }

    amounts! {
        /// The order's amount, fen: what must equal ours.
        total_fee,
        /// What coupons paid, fen.
        coupon_fee,
        /// What a refund gives back, fen.
        refund_fee,
        /// What of it goes back to coupons, fen.
        coupon_refund_fee,
    }

    /// When it was paid, Unix ms (on the wire `yyyyMMddHHmmss`, UTC+8); `Ok(None)` when absent or empty.
    ///
    /// # Errors
    /// [`BadField`] when it is not such a time.
    pub fn time_end(&self) -> Result<Option<i64>, BadField> {
        parsed("time_end", self.field("time_end").filter(|text| !text.is_empty()), beijing::parse_compact)
    }

    /// How many refunds an answer to a refund query says that it shows; `Ok(None)` when absent or empty.
    ///
    /// # Errors
    /// [`BadField`] when it is not 1 to 18 digits.
    pub fn refund_count(&self) -> Result<Option<i64>, BadField> {
        parsed("refund_count", self.value().0.filled("refund_count"), amount)
    }

    /// Any other field, empty ones included.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.value().0.get(name)
    }

    /// The refunds of an answer to a refund query, in the order of their indexes on the wire.
    ///
    /// Indexes count from 0 by convention (unionpay.md §4.4): whatever they are, each belongs to its own line.
    ///
    /// # Errors
    /// [`BadField`] when an amount is not 1 to 18 digits.
    pub fn refunds(&self) -> Result<Vec<RefundLine>, BadField> {
        const STEM: &str = "out_refund_no_";
        let fields = &self.value().0;
        let indexes = fields.iter().filter_map(|(name, _)| name.strip_prefix(STEM));
        let mut indexes: Vec<(u32, &str)> =
            indexes.filter_map(|index| index.parse().ok().map(|number| (number, index))).collect();
        indexes.sort_unstable();
        indexes.into_iter().map(|(_, index)| line(fields, index)).collect()
    }
}

/// One refund in the answer to a refund query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundLine {
    /// Our number of the refund.
    pub out_refund_no: Option<String>,
    /// The platform's number.
    pub refund_id: Option<String>,
    /// How it goes back.
    pub refund_channel: Option<String>,
    /// What is given back, fen.
    pub refund_fee: Option<i64>,
    /// What of it goes back to coupons, fen.
    pub coupon_refund_fee: Option<i64>,
    /// When, `yyyyMMddHHmmss`, UTC+8.
    pub refund_time: Option<String>,
    /// `SUCCESS`, `FAIL`, `PROCESSING`, `CHANGE`, `NOTSURE`.
    pub refund_status: Option<String>,
}

fn line(fields: &Fields, index: &str) -> Result<RefundLine, BadField> {
    let text = |stem: &str| fields.filled(&format!("{stem}_{index}"));
    let owned = |stem: &str| text(stem).map(str::to_owned);
    Ok(RefundLine {
        out_refund_no: owned("out_refund_no"),
        refund_id: owned("refund_id"),
        refund_channel: owned("refund_channel"),
        refund_fee: parsed("refund_fee_$n", text("refund_fee"), amount)?,
        coupon_refund_fee: parsed("coupon_refund_fee_$n", text("coupon_refund_fee"), amount)?,
        refund_time: owned("refund_time"),
        refund_status: owned("refund_status"),
    })
}

fn parsed<T>(
    field: &'static str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, BadField> {
    match text {
        None => Ok(None),
        Some(text) => parse(text).map(Some).ok_or_else(|| BadField { field, value: text.to_owned() }),
    }
}
