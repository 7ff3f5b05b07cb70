//! The requests of a payment-code payment, typed. Common fields and the signature are added by [`super::request`].

use crate::code::PaymentCode;
use crate::text::Fields;

/// `POST /pay/micropay` (wechat.md §2.2, WeChat Pay V2 付款码支付 "提交付款码支付").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MicropayRequest {
    /// What the payer sees, at most 127 characters.
    pub body: String,
    /// Echoed in answers and bills, at most 127 characters.
    pub attach: Option<String>,
    /// The order number: at most 32 of digits, letters, `_-|*`; unique per `mch_id`.
    pub out_trade_no: String,
    /// Amount in fen, from 1.
    pub total_fee: i64,
    /// ISO 4217; the channel's default is `CNY`.
    pub fee_type: Option<String>,
    /// IP of the machine that calls.
    pub spbill_create_ip: String,
    /// Terminal or shop number of the merchant's own, at most 32 characters; goes to the bill.
    pub device_info: Option<String>,
    /// When the order begins: `yyyyMMddHHmmss`, UTC+8.
    pub time_start: Option<String>,
    /// When an unpaid order dies: `yyyyMMddHHmmss`, UTC+8, more than five minutes after its begin.
    pub time_expire: Option<String>,
    /// The payer's payment code.
    pub auth_code: PaymentCode,
    /// JSON text with the shop's `store_info`, at most 256 characters.
    pub scene_info: Option<String>,
    /// JSON text of the goods, at most 6000 characters.
    pub detail: Option<String>,
    /// Coupon marker, at most 32 characters.
    pub goods_tag: Option<String>,
    /// `no_credit` forbids credit cards.
    pub limit_pay: Option<String>,
    /// JSON text of the terminal (259号文), where an acquirer stands between; signed as it is sent (unionpay.md §3.1).
    pub terminal_info: Option<String>,
}

impl MicropayRequest {
    /// The fields of this call alone, in the order of the channel's page; absent options are left out.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert_some("device_info", self.device_info.as_deref());
        fields.insert("body", self.body.as_str());
        fields.insert_some("detail", self.detail.as_deref());
        fields.insert_some("attach", self.attach.as_deref());
        fields.insert("out_trade_no", self.out_trade_no.as_str());
        fields.insert("total_fee", self.total_fee.to_string());
        fields.insert_some("fee_type", self.fee_type.as_deref());
        fields.insert("spbill_create_ip", self.spbill_create_ip.as_str());
        fields.insert_some("goods_tag", self.goods_tag.as_deref());
        fields.insert_some("limit_pay", self.limit_pay.as_deref());
        fields.insert_some("time_start", self.time_start.as_deref());
        fields.insert_some("time_expire", self.time_expire.as_deref());
        fields.insert("auth_code", self.auth_code.expose());
        fields.insert_some("scene_info", self.scene_info.as_deref());
        fields.insert_some("terminal_info", self.terminal_info.as_deref());
        fields
    }

    /// Reads the call's fields; the name of a mandatory one that is missing, or of an amount that is none.
    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        Ok(Self {
            body: required(fields, "body")?,
            attach: optional(fields, "attach"),
            out_trade_no: required(fields, "out_trade_no")?,
            total_fee: amount(&required(fields, "total_fee")?).ok_or(FieldFault::Bad("total_fee"))?,
            fee_type: optional(fields, "fee_type"),
            spbill_create_ip: required(fields, "spbill_create_ip")?,
            device_info: optional(fields, "device_info"),
            time_start: optional(fields, "time_start"),
            time_expire: optional(fields, "time_expire"),
            auth_code: PaymentCode::new(required(fields, "auth_code")?),
            scene_info: optional(fields, "scene_info"),
            detail: optional(fields, "detail"),
            goods_tag: optional(fields, "goods_tag"),
            limit_pay: optional(fields, "limit_pay"),
            terminal_info: optional(fields, "terminal_info"),
        })
    }
}

/// `POST /pay/orderquery` (wechat.md §2.3, "查询订单"). One number suffices; `transaction_id` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderQueryRequest {
    /// The channel's number, at most 32 characters.
    pub transaction_id: Option<String>,
    /// Our order number. An unpaid order can only be found by it.
    pub out_trade_no: Option<String>,
}

impl OrderQueryRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        numbers(self.transaction_id.as_deref(), self.out_trade_no.as_deref())
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (transaction_id, out_trade_no) = numbers_of(fields)?;
        Ok(Self { transaction_id, out_trade_no })
    }
}

/// `POST /secapi/pay/reverse` (wechat.md §2.4, "撤销订单"). One number suffices; `transaction_id` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReverseRequest {
    /// The channel's number, at most 32 characters.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
}

impl ReverseRequest {
    /// The fields of this call alone.
    pub fn fields(&self) -> Fields {
        numbers(self.transaction_id.as_deref(), self.out_trade_no.as_deref())
    }

    pub(super) fn from_fields(fields: &Fields) -> Result<Self, FieldFault> {
        let (transaction_id, out_trade_no) = numbers_of(fields)?;
        Ok(Self { transaction_id, out_trade_no })
    }
}

/// What is wrong with a call's own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldFault {
    Missing(&'static str),
    Bad(&'static str),
}

/// Fen as the channel writes them: digits only, no sign, at most 18 of them.
pub(super) fn amount(text: &str) -> Option<i64> {
    let digits = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

pub(super) fn required(fields: &Fields, name: &'static str) -> Result<String, FieldFault> {
    optional(fields, name).ok_or(FieldFault::Missing(name))
}

pub(super) fn optional(fields: &Fields, name: &str) -> Option<String> {
    fields.filled(name).map(str::to_owned)
}

fn numbers(transaction_id: Option<&str>, out_trade_no: Option<&str>) -> Fields {
    let mut fields = Fields::new();
    fields.insert_some("transaction_id", transaction_id);
    fields.insert_some("out_trade_no", out_trade_no);
    fields
}

fn numbers_of(fields: &Fields) -> Result<(Option<String>, Option<String>), FieldFault> {
    match (optional(fields, "transaction_id"), optional(fields, "out_trade_no")) {
        (None, None) => Err(FieldFault::Missing("out_trade_no")),
        found => Ok(found),
    }
}
