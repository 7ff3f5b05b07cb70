//! Refunds: the two requests, and the refunds that a refund query shows (wechat.md §2.5, §2.6).

use super::message::{FieldFault, amount, optional, required};
use crate::text::{Fields, beijing};
use crate::verified::{BadField, Verified};

/// `POST /secapi/pay/refund` (wechat.md §2.5, "申请退款"). One number of the order suffices; `transaction_id` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// The channel's number of the order, at most 32 characters.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// Our number of the refund: at most 64 of digits, letters, `_-|*@`. The same number is the same refund.
    pub out_refund_no: String,
    /// The order's amount, fen.
    pub total_fee: i64,
    /// What is to go back, fen, from 1.
    pub refund_fee: i64,
    /// ISO 4217; the channel's default is `CNY`.
    pub refund_fee_type: Option<String>,
    /// What the payer may see, at most 80 characters.
    pub refund_desc: Option<String>,
    /// `REFUND_SOURCE_UNSETTLED_FUNDS` or `REFUND_SOURCE_RECHARGE_FUNDS`; only merchants on the old fund flow.
    pub refund_account: Option<String>,
}

impl RefundRequest {
    /// The fields of this call alone, in the order of the channel's page; absent options are left out.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert_some("transaction_id", self.transaction_id.as_deref());
        fields.insert_some("out_trade_no", self.out_trade_no.as_deref());
        fields.insert("out_refund_no", self.out_refund_no.as_str());
        fields.insert("total_fee", self.total_fee.to_string());
        fields.insert("refund_fee", self.refund_fee.to_string());
        fields.insert_some("refund_fee_type", self.refund_fee_type.as_deref());
        fields.insert_some("refund_desc", self.refund_desc.as_deref());
        fields.insert_some("refund_account", self.refund_account.as_deref());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (transaction_id, out_trade_no) =
            (optional(fields, "transaction_id"), optional(fields, "out_trade_no"));
        if transaction_id.is_none() && out_trade_no.is_none() {
            return Err(FieldFault::Missing("out_trade_no"));
        }
        let sum = |name| amount(&required(fields, name)?).ok_or(FieldFault::Bad(name));
        Ok(Self {
            transaction_id,
            out_trade_no,
            out_refund_no: required(fields, "out_refund_no")?,
            total_fee: sum("total_fee")?,
            refund_fee: sum("refund_fee")?,
            refund_fee_type: optional(fields, "refund_fee_type"),
            refund_desc: optional(fields, "refund_desc"),
            refund_account: optional(fields, "refund_account"),
        })
    }
}

/// `POST /pay/refundquery` (wechat.md §2.6, "查询退款"). One number suffices; of several the first of these wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundQueryRequest {
    /// The channel's number of the refund, at most 32 characters.
    pub refund_id: Option<String>,
    /// Our number of the refund.
    pub out_refund_no: Option<String>,
    /// The channel's number of the order.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// Where the page begins, from 0, when an order has more than 10 refunds.
    pub offset: Option<i64>,
}

impl RefundQueryRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert_some("transaction_id", self.transaction_id.as_deref());
        fields.insert_some("out_trade_no", self.out_trade_no.as_deref());
        fields.insert_some("out_refund_no", self.out_refund_no.as_deref());
        fields.insert_some("refund_id", self.refund_id.as_deref());
        fields.insert_some("offset", self.offset.map(|offset| offset.to_string()).as_deref());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let offset = match optional(fields, "offset") {
            None => None,
            Some(text) => Some(amount(&text).ok_or(FieldFault::Bad("offset"))?),
        };
        let request = Self {
            refund_id: optional(fields, "refund_id"),
            out_refund_no: optional(fields, "out_refund_no"),
            transaction_id: optional(fields, "transaction_id"),
            out_trade_no: optional(fields, "out_trade_no"),
            offset,
        };
        let numbers =
            [&request.refund_id, &request.out_refund_no, &request.transaction_id, &request.out_trade_no];
        let named = numbers.into_iter().any(Option::is_some);
        if named { Ok(request) } else { Err(FieldFault::Missing("out_trade_no")) }
    }
}

/// One refund in the answer to a refund query: the fields `…_$n` of one `$n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRefund {
    /// The `$n`.
    pub index: u32,
    /// Our number of the refund.
    pub out_refund_no: Option<String>,
    /// The channel's number of the refund.
    pub refund_id: Option<String>,
    /// What was asked back, fen.
    pub refund_fee: Option<i64>,
    /// `SUCCESS`, `REFUNDCLOSE`, `PROCESSING`, `CHANGE`.
    pub refund_status: Option<String>,
    /// When the money came back, Unix ms (on the wire `yyyy-MM-dd HH:mm:ss`, UTC+8).
    pub refund_success_time: Option<i64>,
}

impl Verified<Fields> {
    /// The refunds that a refund query shows, in the order of their `$n`.
    ///
    /// # Errors
    /// [`BadField`] when a sum or a time of any of them is not in its form.
    pub fn refunds(&self) -> Result<Vec<ShownRefund>, BadField> {
        let parts = ["out_refund_no_", "refund_id_", "refund_fee_", "refund_status_"];
        let index = |name: &str| parts.iter().find_map(|part| index_of(name.strip_prefix(part)?));
        let mut indexes: Vec<u32> = self.value().iter().filter_map(|(name, _)| index(name)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        indexes.into_iter().map(|index| self.refund(index)).collect()
    }

    fn refund(&self, index: u32) -> Result<ShownRefund, BadField> {
        let text = |name: &str| self.value().filled(&format!("{name}_{index}")).map(str::to_owned);
        Ok(ShownRefund {
            index,
            out_refund_no: text("out_refund_no"),
            refund_id: text("refund_id"),
            refund_fee: parsed("refund_fee_$n", text("refund_fee"), amount)?,
            refund_status: text("refund_status"),
            refund_success_time: parsed(
                "refund_success_time_$n",
                text("refund_success_time"),
                beijing::parse_spaced,
            )?,
        })
    }
}

/// The channel counts from 0 without leading zeros.
fn index_of(text: &str) -> Option<u32> {
    let index: u32 = text.parse().ok()?;
    (index.to_string() == text).then_some(index)
}

fn parsed<T>(
    field: &'static str,
    text: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, BadField> {
    match text {
        None => Ok(None),
        Some(value) => parse(&value).map(Some).ok_or(BadField { field, value }),
    }
}
