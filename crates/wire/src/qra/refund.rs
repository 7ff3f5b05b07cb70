//! The requests about refunds, typed.

use super::message::{FieldFault, optional, order_numbers, required, required_amount};
use crate::text::Fields;

/// `unified.trade.refund` (unionpay.md §4.4). One number of the payment suffices; `transaction_id` wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// The platform's number of the payment.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The refund's own number, at most 32 characters: the same number is the same refund, however often it is asked.
    pub out_refund_no: String,
    /// The payment's amount, fen.
    pub total_fee: i64,
    /// What is given back, fen.
    pub refund_fee: i64,
    /// Who refunds, at most 32 characters; `mch_id` where nobody is named.
    pub op_user_id: String,
    /// `ORIGINAL`: the way the money came.
    pub refund_channel: Option<String>,
}

impl RefundRequest {
    /// The fields of this call alone; absent options are left out.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert_some("out_trade_no", self.out_trade_no.as_deref());
        fields.insert_some("transaction_id", self.transaction_id.as_deref());
        fields.insert("out_refund_no", self.out_refund_no.as_str());
        fields.insert("total_fee", self.total_fee.to_string());
        fields.insert("refund_fee", self.refund_fee.to_string());
        fields.insert("op_user_id", self.op_user_id.as_str());
        fields.insert_some("refund_channel", self.refund_channel.as_deref());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (transaction_id, out_trade_no) = order_numbers(fields)?;
        Ok(Self {
            transaction_id,
            out_trade_no,
            out_refund_no: required(fields, "out_refund_no")?,
            total_fee: required_amount(fields, "total_fee")?,
            refund_fee: required_amount(fields, "refund_fee")?,
            op_user_id: required(fields, "op_user_id")?,
            refund_channel: optional(fields, "refund_channel"),
        })
    }
}

/// `unified.trade.refundquery` (unionpay.md §4.4). One number suffices: `refund_id`, then `out_refund_no`, then
/// `transaction_id`, then `out_trade_no`. Alipay orders need one of the first two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundQueryRequest {
    /// The platform's number of the refund.
    pub refund_id: Option<String>,
    /// Our number of the refund.
    pub out_refund_no: Option<String>,
    /// The platform's number of the payment.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
}

impl RefundQueryRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for (name, value) in [
            ("out_trade_no", &self.out_trade_no),
            ("transaction_id", &self.transaction_id),
            ("out_refund_no", &self.out_refund_no),
            ("refund_id", &self.refund_id),
        ] {
            fields.insert_some(name, value.as_deref());
        }
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let read = Self {
            refund_id: optional(fields, "refund_id"),
            out_refund_no: optional(fields, "out_refund_no"),
            transaction_id: optional(fields, "transaction_id"),
            out_trade_no: optional(fields, "out_trade_no"),
        };
        if read == Self::default() { Err(FieldFault::Missing("out_refund_no")) } else { Ok(read) }
    }
}
