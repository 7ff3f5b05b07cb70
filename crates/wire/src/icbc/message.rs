//! The requests of F1, typed: `biz_content` in both directions. All members are texts (icbc.md §3).

use serde_json::{Map, Value};

use super::content::{fen, plain_text};
use crate::code::PaymentCode;
use crate::text::json::LIMITS;
use crate::text::raw_json;

/// `pay` (icbc.md §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRequest {
    /// The payer's payment code, at most 19 characters.
    pub qr_code: PaymentCode,
    /// The merchant: 12 digits, or 15 of a department.
    pub mer_id: String,
    /// The order number: at most 35 characters, unique per merchant.
    pub out_trade_no: String,
    /// Amount in fen, from 1.
    pub order_amt: i64,
    /// The sale's day, `yyyyMMdd` in Beijing.
    pub trade_date: String,
    /// The sale's time, `HHmmss` in Beijing.
    pub trade_time: String,
    /// At most 21 Chinese characters; comes back in statements.
    pub attach: Option<String>,
}

impl PayRequest {
    /// The JSON text to sign and send. It holds the payment code.
    pub fn biz_content(&self) -> String {
        written(&[
            ("qr_code", Some(self.qr_code.expose())),
            ("mer_id", Some(&self.mer_id)),
            ("out_trade_no", Some(&self.out_trade_no)),
            ("order_amt", Some(&self.order_amt.to_string())),
            ("trade_date", Some(&self.trade_date)),
            ("trade_time", Some(&self.trade_time)),
            ("attach", self.attach.as_deref()),
        ])
    }

    /// Reads a `biz_content`. Unknown members are ignored.
    ///
    /// # Errors
    /// [`BizFault`], the first one found.
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        Ok(Self {
            qr_code: PaymentCode::new(read.required("qr_code")?),
            mer_id: read.required("mer_id")?,
            out_trade_no: read.required("out_trade_no")?,
            order_amt: read.amount("order_amt")?,
            trade_date: read.required("trade_date")?,
            trade_time: read.required("trade_time")?,
            attach: read.optional("attach"),
        })
    }
}

/// `query` (icbc.md §3.2). One number suffices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryRequest {
    /// The merchant.
    pub mer_id: String,
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The channel's number, or its last 15 digits.
    pub order_id: Option<String>,
    /// The payer.
    pub cust_id: Option<String>,
}

impl QueryRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        written(&[
            ("mer_id", Some(&self.mer_id)),
            ("out_trade_no", self.out_trade_no.as_deref()),
            ("order_id", self.order_id.as_deref()),
            ("cust_id", self.cust_id.as_deref()),
        ])
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`]; without either number [`BizFault::Missing`].
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        let mer_id = read.required("mer_id")?;
        let (out_trade_no, order_id) = read.numbers()?;
        Ok(Self { mer_id, out_trade_no, order_id, cust_id: read.optional("cust_id") })
    }
}

/// `reverse`, 冲正 (icbc.md §3.3): always the whole order, so there is no amount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReverseRequest {
    /// The merchant.
    pub mer_id: String,
    /// Our number of the order to undo.
    pub out_trade_no: String,
    /// The channel's number, or its last 15 digits.
    pub order_id: Option<String>,
    /// The payer.
    pub cust_id: Option<String>,
    /// A number of the reversal's own; mostly left out.
    pub reject_no: Option<String>,
    /// The operator.
    pub oper_id: Option<String>,
}

impl ReverseRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        written(&[
            ("mer_id", Some(&self.mer_id)),
            ("out_trade_no", Some(&self.out_trade_no)),
            ("order_id", self.order_id.as_deref()),
            ("cust_id", self.cust_id.as_deref()),
            ("reject_no", self.reject_no.as_deref()),
            ("oper_id", self.oper_id.as_deref()),
        ])
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`]; an amount is one, because a reversal has none (icbc.md §9, trap 7).
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        if read.optional("reject_amt").is_some() {
            return Err(BizFault::Bad("reject_amt"));
        }
        Ok(Self {
            mer_id: read.required("mer_id")?,
            out_trade_no: read.required("out_trade_no")?,
            order_id: read.optional("order_id"),
            cust_id: read.optional("cust_id"),
            reject_no: read.optional("reject_no"),
            oper_id: read.optional("oper_id"),
        })
    }
}

/// `reject`, 退款 (icbc.md §3.4). One order number suffices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectRequest {
    /// The merchant.
    pub mer_id: String,
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The channel's number, or its last 15 digits.
    pub order_id: Option<String>,
    /// The payer.
    pub cust_id: Option<String>,
    /// The refund's number: at most 35 characters, new for every refund.
    pub reject_no: String,
    /// What to give back, fen.
    pub reject_amt: i64,
    /// The operator, 3 characters in the samples.
    pub oper_id: Option<String>,
}

impl RejectRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        written(&[
            ("mer_id", Some(&self.mer_id)),
            ("out_trade_no", self.out_trade_no.as_deref()),
            ("order_id", self.order_id.as_deref()),
            ("cust_id", self.cust_id.as_deref()),
            ("reject_no", Some(&self.reject_no)),
            ("reject_amt", Some(&self.reject_amt.to_string())),
            ("oper_id", self.oper_id.as_deref()),
        ])
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`], the first one found.
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        let mer_id = read.required("mer_id")?;
        let (out_trade_no, order_id) = read.numbers()?;
        Ok(Self {
            mer_id,
            out_trade_no,
            order_id,
            cust_id: read.optional("cust_id"),
            reject_no: read.required("reject_no")?,
            reject_amt: read.amount("reject_amt")?,
            oper_id: read.optional("oper_id"),
        })
    }
}

/// `reject/query` (icbc.md §3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectQueryRequest {
    /// The merchant.
    pub mer_id: String,
    /// Our order number.
    pub out_trade_no: String,
    /// The channel's number, or its last 15 digits.
    pub order_id: Option<String>,
    /// The refund's number; without it, all of the order's.
    pub reject_no: Option<String>,
    /// The payer.
    pub cust_id: Option<String>,
}

impl RejectQueryRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        written(&[
            ("mer_id", Some(&self.mer_id)),
            ("out_trade_no", Some(&self.out_trade_no)),
            ("order_id", self.order_id.as_deref()),
            ("reject_no", self.reject_no.as_deref()),
            ("cust_id", self.cust_id.as_deref()),
        ])
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`], the first one found.
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        Ok(Self {
            mer_id: read.required("mer_id")?,
            out_trade_no: read.required("out_trade_no")?,
            order_id: read.optional("order_id"),
            reject_no: read.optional("reject_no"),
            cust_id: read.optional("cust_id"),
        })
    }
}

/// What is wrong with a `biz_content`, for the simulator to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BizFault {
    /// Not one JSON object, or a name stands twice.
    #[error("biz_content is not a json object")]
    NotJson,
    /// A mandatory member is absent or empty.
    #[error("biz_content lacks {0}")]
    Missing(&'static str),
    /// A member is not in its form, or has no business here.
    #[error("biz_content has a bad {0}")]
    Bad(&'static str),
}

/// A JSON object in this order, so that signed texts can be compared with published ones; empty members nowhere.
fn written(members: &[(&str, Option<&str>)]) -> String {
    let filled =
        members.iter().filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)));
    let parts: Vec<String> = filled.map(|(name, text)| format!("\"{name}\":{}", Value::from(text))).collect();
    format!("{{{}}}", parts.join(","))
}

/// A `biz_content` being read.
struct Read(Map<String, Value>);

impl Read {
    fn new(text: &str) -> Result<Self, BizFault> {
        raw_json::object(text.as_bytes(), LIMITS).map(Self).map_err(|_| BizFault::NotJson)
    }

    fn required(&self, name: &'static str) -> Result<String, BizFault> {
        self.optional(name).ok_or(BizFault::Missing(name))
    }

    fn optional(&self, name: &str) -> Option<String> {
        plain_text(self.0.get(name))
    }

    fn amount(&self, name: &'static str) -> Result<i64, BizFault> {
        fen(&self.required(name)?).ok_or(BizFault::Bad(name))
    }

    fn numbers(&self) -> Result<(Option<String>, Option<String>), BizFault> {
        match (self.optional("out_trade_no"), self.optional("order_id")) {
            (None, None) => Err(BizFault::Missing("out_trade_no")),
            found => Ok(found),
        }
    }
}
