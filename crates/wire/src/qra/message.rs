//! The requests about a payment, typed. Common fields and the signature are added by [`super::request`].

use crate::code::PaymentCode;
use crate::text::Fields;

/// `unified.trade.micropay` (unionpay.md §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MicropayRequest {
    /// The order number: 5 to 32 of `[A-Za-z0-9_]`, and `-` on QRA itself; case-sensitive, unique per `mch_id`.
    pub out_trade_no: String,
    /// What the payer sees, at most 127 or 128 characters.
    pub body: String,
    /// Amount in fen, from 1.
    pub total_fee: i64,
    /// IP of the terminal, at most 16 characters.
    pub mch_create_ip: String,
    /// The payer's payment code, of any wallet: the platform routes by itself.
    pub auth_code: PaymentCode,
    /// The cashier, at most 32 characters; the platform's default is `mch_id`.
    pub op_user_id: Option<String>,
    /// The shop, at most 32 characters.
    pub op_shop_id: Option<String>,
    /// The till, at most 32 characters.
    pub op_device_id: Option<String>,
    /// Terminal number, at most 32 characters.
    pub device_info: Option<String>,
    /// Comes back in answers and bills, at most 127 characters.
    pub attach: Option<String>,
    /// When the order begins: `yyyyMMddHHmmss`, UTC+8. Counts only beside `time_expire`.
    pub time_start: Option<String>,
    /// When an unpaid order dies: `yyyyMMddHHmmss`, UTC+8. Counts only beside `time_start`.
    pub time_expire: Option<String>,
    /// Terminal data of 259号文 as JSON text (unionpay.md §3.1). Signed exactly as it stands here.
    pub terminal_info: Option<String>,
    /// JSON text of the goods.
    pub goods_detail: Option<String>,
    /// Coupon marker.
    pub goods_tag: Option<String>,
    /// `Y` asks for an electronic invoice.
    pub need_receipt: Option<String>,
    /// Application of the merchant, for WeChat.
    pub sub_appid: Option<String>,
}

impl MicropayRequest {
    /// The fields of this call alone; absent options are left out.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert("out_trade_no", self.out_trade_no.as_str());
        fields.insert("body", self.body.as_str());
        fields.insert("total_fee", self.total_fee.to_string());
        fields.insert("mch_create_ip", self.mch_create_ip.as_str());
        fields.insert("auth_code", self.auth_code.expose());
        for (name, value) in [
            ("op_user_id", &self.op_user_id),
            ("op_shop_id", &self.op_shop_id),
            ("op_device_id", &self.op_device_id),
            ("device_info", &self.device_info),
            ("attach", &self.attach),
            ("time_start", &self.time_start),
            ("time_expire", &self.time_expire),
            ("terminal_info", &self.terminal_info),
            ("goods_detail", &self.goods_detail),
            ("goods_tag", &self.goods_tag),
            ("need_receipt", &self.need_receipt),
            ("sub_appid", &self.sub_appid),
        ] {
            fields.insert_some(name, value.as_deref());
        }
        fields
    }

    /// Reads the call's fields; the name of a mandatory one that is missing, or of an amount that is none.
    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        Ok(Self {
            out_trade_no: required(fields, "out_trade_no")?,
            body: required(fields, "body")?,
            total_fee: required_amount(fields, "total_fee")?,
            mch_create_ip: required(fields, "mch_create_ip")?,
            auth_code: PaymentCode::new(required(fields, "auth_code")?),
            op_user_id: optional(fields, "op_user_id"),
            op_shop_id: optional(fields, "op_shop_id"),
            op_device_id: optional(fields, "op_device_id"),
            device_info: optional(fields, "device_info"),
            attach: optional(fields, "attach"),
            time_start: optional(fields, "time_start"),
            time_expire: optional(fields, "time_expire"),
            terminal_info: optional(fields, "terminal_info"),
            goods_detail: optional(fields, "goods_detail"),
            goods_tag: optional(fields, "goods_tag"),
            need_receipt: optional(fields, "need_receipt"),
            sub_appid: optional(fields, "sub_appid"),
        })
    }
}

/// `unified.trade.query` (unionpay.md §4.4). One number suffices; `transaction_id` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryRequest {
    /// The platform's number.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
}

impl QueryRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert_some("out_trade_no", self.out_trade_no.as_deref());
        fields.insert_some("transaction_id", self.transaction_id.as_deref());
        fields
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (transaction_id, out_trade_no) = order_numbers(fields)?;
        Ok(Self { transaction_id, out_trade_no })
    }
}

/// `unified.micropay.reverse` (unionpay.md §4.4): by our number and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseRequest {
    /// Our order number.
    pub out_trade_no: String,
}

impl ReverseRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        Fields::from_iter([("out_trade_no", self.out_trade_no.as_str())])
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        Ok(Self { out_trade_no: required(fields, "out_trade_no")? })
    }
}

/// `pay.bill.merchant` (unionpay.md §4.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillRequest {
    /// Beijing day, `yyyyMMdd`.
    pub bill_date: String,
    /// `ALL`, `SUCCESS` or `REFUND`.
    pub bill_type: String,
}

impl BillRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        Fields::from_iter([("bill_date", self.bill_date.as_str()), ("bill_type", self.bill_type.as_str())])
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        Ok(Self { bill_date: required(fields, "bill_date")?, bill_type: required(fields, "bill_type")? })
    }
}

/// What is wrong with a call's own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldFault {
    Missing(&'static str),
    Bad(&'static str),
}

/// Fen as the platform writes them: digits only, no sign, at most 18 of them.
pub(super) fn amount(text: &str) -> Option<i64> {
    let digits = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

pub(super) fn required(fields: &Fields, name: &'static str) -> Result<String, FieldFault> {
    optional(fields, name).ok_or(FieldFault::Missing(name))
}

pub(super) fn required_amount(fields: &Fields, name: &'static str) -> Result<i64, FieldFault> {
    amount(&required(fields, name)?).ok_or(FieldFault::Bad(name))
}

pub(super) fn optional(fields: &Fields, name: &str) -> Option<String> {
    fields.filled(name).map(str::to_owned)
}

/// `transaction_id` and `out_trade_no`, of which one must be there.
pub(super) fn order_numbers(fields: &Fields) -> Result<(Option<String>, Option<String>), FieldFault> {
    match (optional(fields, "transaction_id"), optional(fields, "out_trade_no")) {
        (None, None) => Err(FieldFault::Missing("out_trade_no")),
        found => Ok(found),
    }
}
