//! The requests of a refund, typed: `biz_content` in both directions (alipay.md §3.5, §3.6).

use super::message::{BizFault, Content, Read};
use crate::text::yuan;

/// `alipay.trade.refund` (alipay.md §3.5, 统一收单交易退款接口). One number of the trade suffices; `trade_no` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The channel's number.
    pub trade_no: Option<String>,
    /// What is to go back, fen, from 1.
    pub refund_amount: i64,
    /// Our number of the refund, at most 64 characters; the same number is the same refund. Without it the channel takes
    /// the order number, and only the whole can be refunded.
    pub out_request_no: Option<String>,
    /// For bills and notices, at most 256 characters.
    pub refund_reason: Option<String>,
    /// Who refunded.
    pub operator_id: Option<String>,
    /// In which shop.
    pub store_id: Option<String>,
    /// At which terminal.
    pub terminal_id: Option<String>,
    /// Which optional parts the answer shall hold.
    pub query_options: Vec<String>,
}

impl RefundRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        let mut content = Content::default();
        content.text("out_trade_no", self.out_trade_no.as_deref());
        content.text("trade_no", self.trade_no.as_deref());
        content.text("refund_amount", Some(&yuan::print(self.refund_amount)));
        content.text("out_request_no", self.out_request_no.as_deref());
        content.text("refund_reason", self.refund_reason.as_deref());
        content.text("operator_id", self.operator_id.as_deref());
        content.text("store_id", self.store_id.as_deref());
        content.text("terminal_id", self.terminal_id.as_deref());
        content.options(&self.query_options);
        content.finish()
    }

    /// Reads a `biz_content`. Unknown fields are ignored; the price may be a text or a number.
    ///
    /// # Errors
    /// [`BizFault`], the first one found.
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        let (out_trade_no, trade_no) = read.numbers()?;
        let amount =
            yuan::parse(&read.required("refund_amount")?).map_err(|_| BizFault::Bad("refund_amount"))?;
        Ok(Self {
            out_trade_no,
            trade_no,
            refund_amount: amount,
            out_request_no: read.optional("out_request_no"),
            refund_reason: read.optional("refund_reason"),
            operator_id: read.optional("operator_id"),
            store_id: read.optional("store_id"),
            terminal_id: read.optional("terminal_id"),
            query_options: read.options()?,
        })
    }
}

/// `alipay.trade.fastpay.refund.query` (alipay.md §3.6, 统一收单交易退款查询). One number of the trade suffices;
/// `trade_no` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundQueryRequest {
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The channel's number.
    pub trade_no: Option<String>,
    /// Our number of the refund; the order number, where the refund was asked without one.
    pub out_request_no: String,
    /// Which optional parts the answer shall hold.
    pub query_options: Vec<String>,
}

impl RefundQueryRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        let mut content = Content::default();
        content.text("out_trade_no", self.out_trade_no.as_deref());
        content.text("trade_no", self.trade_no.as_deref());
        content.text("out_request_no", Some(&self.out_request_no));
        content.options(&self.query_options);
        content.finish()
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`], the first one found.
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        let read = Read::new(text)?;
        let (out_trade_no, trade_no) = read.numbers()?;
        let out_request_no = read.required("out_request_no")?;
        Ok(Self { out_trade_no, trade_no, out_request_no, query_options: read.options()? })
    }
}
