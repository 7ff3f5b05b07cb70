//! The requests of a payment-code payment, typed: `biz_content` in both directions.

use serde_json::{Map, Value, json};

use super::indirect::BankAgent;
use super::node::plain_text;
use crate::code::PaymentCode;
use crate::text::json::LIMITS;
use crate::text::{raw_json, yuan};

/// `alipay.trade.pay` (alipay.md §3.1, 统一收单交易支付接口).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRequest {
    /// The order number: at most 64 letters, digits and `_`; unique per merchant.
    pub out_trade_no: String,
    /// Amount in fen, from 1.
    pub total_amount: i64,
    /// What the payer sees, at most 256 characters, without `/`, `=` and `&`.
    pub subject: String,
    /// The payer's payment code.
    pub auth_code: PaymentCode,
    /// `bar_code`, or `security_code` for a face token.
    pub scene: String,
    /// The channel's default is `FACE_TO_FACE_PAYMENT`.
    pub product_code: Option<String>,
    /// Receiving account, PID `2088…`.
    pub seller_id: Option<String>,
    /// Comes back in bills, at most 128 characters.
    pub body: Option<String>,
    /// Shop number, at most 32 characters, no Chinese.
    pub store_id: Option<String>,
    /// Cashier, at most 28 characters.
    pub operator_id: Option<String>,
    /// Terminal, at most 32 characters.
    pub terminal_id: Option<String>,
    /// Alipay's own number of the shop.
    pub alipay_store_id: Option<String>,
    /// Facts of the device: a text that is itself a JSON object.
    pub terminal_params: Option<String>,
    /// After how long an unpaid trade dies, such as `5m`.
    pub timeout_express: Option<String>,
    /// `extend_params.sys_service_provider_id`: the provider that earns the commission.
    pub sys_service_provider_id: Option<String>,
    /// `business_params.mc_create_trade_ip`: the payer-side public IP that risk control asks for.
    pub mc_create_trade_ip: Option<String>,
    /// `sub_merchant.merchant_id`: the sub-merchant behind an acquirer (间连 SMID), which is paid (unionpay.md §8).
    pub sub_merchant: Option<String>,
    /// What that acquirer says of itself and the terminal.
    pub bkagent_req_info: Option<BankAgent>,
    /// Which optional parts the answer shall hold.
    pub query_options: Vec<String>,
}

impl PayRequest {
    /// The JSON text to sign and send. It holds the payment code.
    pub fn biz_content(&self) -> String {
        let mut content = Content::default();
        content.text("out_trade_no", Some(&self.out_trade_no));
        content.text("total_amount", Some(&yuan::print(self.total_amount)));
        content.text("subject", Some(&self.subject));
        content.text("auth_code", Some(self.auth_code.expose()));
        content.text("scene", Some(&self.scene));
        content.text("product_code", self.product_code.as_deref());
        content.text("seller_id", self.seller_id.as_deref());
        content.text("body", self.body.as_deref());
        content.text("store_id", self.store_id.as_deref());
        content.text("operator_id", self.operator_id.as_deref());
        content.text("terminal_id", self.terminal_id.as_deref());
        content.text("alipay_store_id", self.alipay_store_id.as_deref());
        content.text("terminal_params", self.terminal_params.as_deref());
        content.text("timeout_express", self.timeout_express.as_deref());
        if let Some(provider) = &self.sys_service_provider_id {
            content.value("extend_params", &json!({ "sys_service_provider_id": provider }));
        }
        if let Some(address) = &self.mc_create_trade_ip {
            content.value("business_params", &json!({ "mc_create_trade_ip": address }));
        }
        if let Some(smid) = &self.sub_merchant {
            content.value("sub_merchant", &json!({ "merchant_id": smid }));
        }
        if let Some(agent) = self.bkagent_req_info.as_ref().and_then(BankAgent::value) {
            content.value("bkagent_req_info", &agent);
        }
        content.options(&self.query_options);
        content.finish()
    }

    /// Reads a `biz_content`. Unknown fields are ignored; the price may be a text or a number.
    ///
    /// # Errors
    /// [`BizFault`], the first one found.
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        let amount =
            yuan::parse(&read.required("total_amount")?).map_err(|_| BizFault::Bad("total_amount"))?;
        Ok(Self {
            out_trade_no: read.required("out_trade_no")?,
            total_amount: amount,
            subject: read.required("subject")?,
            auth_code: PaymentCode::new(read.required("auth_code")?),
            scene: read.required("scene")?,
            product_code: read.optional("product_code"),
            seller_id: read.optional("seller_id"),
            body: read.optional("body"),
            store_id: read.optional("store_id"),
            operator_id: read.optional("operator_id"),
            terminal_id: read.optional("terminal_id"),
            alipay_store_id: read.optional("alipay_store_id"),
            terminal_params: read.optional("terminal_params"),
            timeout_express: read.optional("timeout_express"),
            sys_service_provider_id: read.inner("extend_params", "sys_service_provider_id"),
            mc_create_trade_ip: read.inner("business_params", "mc_create_trade_ip"),
            sub_merchant: read.inner("sub_merchant", "merchant_id"),
            bkagent_req_info: BankAgent::read(read.0.get("bkagent_req_info"))?,
            query_options: read.options()?,
        })
    }
}

/// `alipay.trade.query` (alipay.md §3.3, 统一收单交易查询). One number suffices; `trade_no` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryRequest {
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The channel's number.
    pub trade_no: Option<String>,
    /// Which optional parts the answer shall hold.
    pub query_options: Vec<String>,
}

impl QueryRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        let mut content = Content::default();
        content.text("out_trade_no", self.out_trade_no.as_deref());
        content.text("trade_no", self.trade_no.as_deref());
        content.options(&self.query_options);
        content.finish()
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`]; without either number [`BizFault::Missing`].
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        let (out_trade_no, trade_no) = read.numbers()?;
        Ok(Self { out_trade_no, trade_no, query_options: read.options()? })
    }
}

/// `alipay.trade.cancel` (alipay.md §3.4, 统一收单交易撤销接口). One number suffices; `trade_no` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CancelRequest {
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The channel's number.
    pub trade_no: Option<String>,
}

impl CancelRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        let mut content = Content::default();
        content.text("out_trade_no", self.out_trade_no.as_deref());
        content.text("trade_no", self.trade_no.as_deref());
        content.finish()
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`]; without either number [`BizFault::Missing`].
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let (out_trade_no, trade_no) = Read::new(text)?.numbers()?;
        Ok(Self { out_trade_no, trade_no })
    }
}

/// What is wrong with a `biz_content`, for the simulator to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BizFault {
    /// Not one JSON object, or a name stands twice (`isv.illegal-json`).
    #[error("biz_content is not a json object")]
    NotJson,
    /// A mandatory field is absent or empty.
    #[error("biz_content lacks {0}")]
    Missing(&'static str),
    /// A field is not in its form.
    #[error("biz_content has a bad {0}")]
    Bad(&'static str),
}

/// A JSON object written in a chosen order, so that signed texts can be compared with published ones.
#[derive(Default)]
pub(super) struct Content(Vec<String>);

impl Content {
    pub(super) fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.value(name, &Value::from(text));
        }
    }

    pub(super) fn options(&mut self, options: &[String]) {
        if !options.is_empty() {
            self.value("query_options", &Value::from(options));
        }
    }

    fn value(&mut self, name: &str, value: &Value) {
        self.0.push(format!("\"{name}\":{value}"));
    }

    pub(super) fn finish(self) -> String {
        format!("{{{}}}", self.0.join(","))
    }
}

/// A `biz_content` being read.
pub(super) struct Read(Map<String, Value>);

impl Read {
    pub(super) fn new(text: &str) -> Result<Self, BizFault> {
        raw_json::object(text.as_bytes(), LIMITS).map(Self).map_err(|_| BizFault::NotJson)
    }

    pub(super) fn required(&self, name: &'static str) -> Result<String, BizFault> {
        self.optional(name).ok_or(BizFault::Missing(name))
    }

    pub(super) fn optional(&self, name: &str) -> Option<String> {
        plain_text(self.0.get(name))
    }

    fn inner(&self, outer: &str, name: &str) -> Option<String> {
        plain_text(self.0.get(outer)?.get(name))
    }

    pub(super) fn numbers(&self) -> Result<(Option<String>, Option<String>), BizFault> {
        match (self.optional("out_trade_no"), self.optional("trade_no")) {
            (None, None) => Err(BizFault::Missing("out_trade_no")),
            found => Ok(found),
        }
    }

    pub(super) fn options(&self) -> Result<Vec<String>, BizFault> {
        let bad = BizFault::Bad("query_options");
        match self.0.get("query_options") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(options)) => {
                options.iter().map(|option| option.as_str().map(str::to_owned).ok_or(bad)).collect()
            }
            Some(_) => Err(bad),
        }
    }
}
