//! The requests about a payment, typed. Common fields and the signature are added by [`super::request`].

use super::{CHANNEL_TYPE, CURRENCY};
use crate::code::PaymentCode;
use crate::text::{Fields, beijing};

/// Transaction type and sub-type (unionpay.md §5.2).
pub(super) type Kind = (&'static str, &'static str);

pub(super) const CONSUME: Kind = ("01", "06");
pub(super) const QUERY: Kind = ("00", "00");
pub(super) const REVERSAL: Kind = ("99", "01");
pub(super) const FILE: Kind = ("76", "01");

/// 被扫消费, 01/06.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumeRequest {
    /// The order number: 8 to 40 letters and digits, neither `-` nor `_`.
    pub order_id: String,
    /// When it was made: `YYYYMMDDhhmmss`, UTC+8. Query and reversal must repeat it: it is part of the order's name.
    pub txn_time: String,
    /// Amount in fen, from 1, at most 12 digits.
    pub txn_amt: i64,
    /// The payer's payment code, at most 20 digits.
    pub qr_no: PaymentCode,
    /// Terminal number, 8 characters.
    pub term_id: Option<String>,
    /// Where notices go.
    pub back_url: String,
    /// What the payer sees.
    pub order_desc: Option<String>,
    /// Comes back in answers and files, at most 1024 characters.
    pub req_reserved: Option<String>,
}

impl ConsumeRequest {
    /// The fields of this call alone; absent options are left out.
    pub fn fields(&self) -> Fields {
        let mut fields = kind(CONSUME);
        fields.insert("channelType", CHANNEL_TYPE);
        fields.insert("currencyCode", CURRENCY);
        fields.insert("orderId", self.order_id.as_str());
        fields.insert("txnTime", self.txn_time.as_str());
        fields.insert("txnAmt", self.txn_amt.to_string());
        fields.insert("qrNo", self.qr_no.expose());
        fields.insert_some("termId", self.term_id.as_deref());
        fields.insert("backUrl", self.back_url.as_str());
        fields.insert_some("orderDesc", self.order_desc.as_deref());
        fields.insert_some("reqReserved", self.req_reserved.as_deref());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        cny(fields, Presence::Required)?;
        let (order_id, txn_time) = order(fields)?;
        Ok(Self {
            order_id,
            txn_time,
            txn_amt: required_amount(fields, "txnAmt")?,
            qr_no: PaymentCode::new(required(fields, "qrNo")?),
            term_id: optional(fields, "termId"),
            back_url: required(fields, "backUrl")?,
            order_desc: optional(fields, "orderDesc"),
            req_reserved: optional(fields, "reqReserved"),
        })
    }
}

/// 交易状态查询, 00/00: of a consume, a void or a refund. Without its time an order is not found (unionpay.md §11, trap 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryRequest {
    /// The order number of the transaction.
    pub order_id: String,
    /// The time of the transaction, as it was sent.
    pub txn_time: String,
}

impl QueryRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        let mut fields = kind(QUERY);
        fields.insert("orderId", self.order_id.as_str());
        fields.insert("txnTime", self.txn_time.as_str());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (order_id, txn_time) = order(fields)?;
        Ok(Self { order_id, txn_time })
    }
}

/// 冲正, 99/01: names the consume by its own number and time, and has none of its own (unionpay.md §11, trap 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalRequest {
    /// The order number of the consume.
    pub order_id: String,
    /// The time of the consume, as it was sent.
    pub txn_time: String,
    /// Where notices go.
    pub back_url: String,
}

impl ReversalRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        let mut fields = kind(REVERSAL);
        fields.insert("channelType", CHANNEL_TYPE);
        fields.insert("orderId", self.order_id.as_str());
        fields.insert("txnTime", self.txn_time.as_str());
        fields.insert("backUrl", self.back_url.as_str());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (order_id, txn_time) = order(fields)?;
        // The sheet's table does not name it for this call; its sample has it.
        Ok(Self { order_id, txn_time, back_url: optional(fields, "backUrl").unwrap_or_default() })
    }
}

/// 文件传输, 76/01: the settlement file of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequest {
    /// When it is asked: `YYYYMMDDhhmmss`, UTC+8.
    pub txn_time: String,
    /// Settlement day, `MMDD`.
    pub settle_date: String,
    /// `00`: the merchant's transactions.
    pub file_type: String,
}

impl FileRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        let mut fields = kind(FILE);
        fields.insert("txnTime", self.txn_time.as_str());
        fields.insert("settleDate", self.settle_date.as_str());
        fields.insert("fileType", self.file_type.as_str());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        Ok(Self {
            txn_time: time(fields, "txnTime")?,
            settle_date: required(fields, "settleDate")?,
            file_type: required(fields, "fileType")?,
        })
    }
}

/// What is wrong with a call's own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldFault {
    Missing(&'static str),
    Bad(&'static str),
}

/// Whether the amount's currency must be named.
#[derive(Clone, Copy)]
pub(super) enum Presence {
    Required,
    Optional,
}

pub(super) fn kind((txn_type, sub_type): Kind) -> Fields {
    Fields::from_iter([("txnType", txn_type), ("txnSubType", sub_type)])
}

/// Fen as UnionPay writes them: 1 to 12 digits, no sign.
pub(super) fn amount(text: &str) -> Option<i64> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

pub(super) fn required(fields: &Fields, name: &'static str) -> Result<String, FieldFault> {
    optional(fields, name).ok_or(FieldFault::Missing(name))
}

pub(super) fn required_amount(fields: &Fields, name: &'static str) -> Result<i64, FieldFault> {
    amount(&required(fields, name)?).filter(|fen| *fen > 0).ok_or(FieldFault::Bad(name))
}

pub(super) fn optional(fields: &Fields, name: &str) -> Option<String> {
    fields.filled(name).map(str::to_owned)
}

/// A transaction's own number and time (unionpay.md §5.1).
pub(super) fn order(fields: &Fields) -> Result<(String, String), FieldFault> {
    let order_id = required(fields, "orderId")?;
    let formed =
        (8..=40).contains(&order_id.len()) && order_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !formed {
        return Err(FieldFault::Bad("orderId"));
    }
    Ok((order_id, time(fields, "txnTime")?))
}

pub(super) fn time(fields: &Fields, name: &'static str) -> Result<String, FieldFault> {
    let text = required(fields, name)?;
    beijing::parse_compact(&text).map(|_| text).ok_or(FieldFault::Bad(name))
}

pub(super) fn cny(fields: &Fields, presence: Presence) -> Result<(), FieldFault> {
    match (fields.filled("currencyCode"), presence) {
        (Some(CURRENCY), _) | (None, Presence::Optional) => Ok(()),
        (Some(_), _) => Err(FieldFault::Bad("currencyCode")),
        (None, Presence::Required) => Err(FieldFault::Missing("currencyCode")),
    }
}
