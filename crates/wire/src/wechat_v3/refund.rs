//! Refund an order or a part of it, and ask for a refund (wechat.md §4.4).

use serde_json::Value;

use super::account::{Account, SubMerchant};
use super::body::{BodyFault, Object, Read};
use super::exchange::Draft;
use super::{REFUNDS_PATH, url};
use crate::text::{Charset, Fields, form};

/// `POST /v3/refund/domestic/refunds`. One of the two order numbers is needed.
#[derive(Clone, Debug, PartialEq)]
pub struct RefundRequest {
    /// The channel's number.
    pub transaction_id: Option<String>,
    /// Our order number.
    pub out_trade_no: Option<String>,
    /// The refund's number, at most 64 of digits, letters, `_-|*@`: the same number is the same refund.
    pub out_refund_no: String,
    /// Shown to the payer, at most 80 characters.
    pub reason: Option<String>,
    /// Where the result's notice goes.
    pub notify_url: Option<String>,
    /// `AVAILABLE`; only on the old flow of funds.
    pub funds_account: Option<String>,
    /// `amount.refund`: what to give back, fen.
    pub refund: i64,
    /// `amount.from`: out of which accounts; mostly empty.
    pub from: Vec<RefundSource>,
    /// `amount.total`: the order's amount, fen.
    pub total: i64,
    /// `amount.currency`: `CNY`.
    pub currency: String,
    /// The goods, a JSON list as the page has it.
    pub goods_detail: Option<Value>,
}

/// One account that a refund is taken out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundSource {
    /// `AVAILABLE` or `UNAVAILABLE`.
    pub account: String,
    /// Fen.
    pub amount: i64,
}

impl RefundRequest {
    /// The call as it will be sent, unsigned. The merchant is named by the signature, a provider's also in the body.
    pub fn draft(&self, account: &Account) -> Draft {
        let mut body = Object::default();
        body.text("sub_mchid", account.sub.as_ref().map(|sub| sub.mchid.as_str()));
        body.text("transaction_id", self.transaction_id.as_deref());
        body.text("out_trade_no", self.out_trade_no.as_deref());
        body.text("out_refund_no", Some(&self.out_refund_no));
        body.text("reason", self.reason.as_deref());
        body.text("notify_url", self.notify_url.as_deref());
        body.text("funds_account", self.funds_account.as_deref());
        let mut amount = Object::default();
        amount.number("refund", self.refund);
        let sources: Vec<String> = self.from.iter().map(RefundSource::print).collect();
        amount.raw("from", (!sources.is_empty()).then(|| format!("[{}]", sources.join(","))));
        amount.number("total", self.total);
        amount.text("currency", Some(&self.currency));
        body.object("amount", amount);
        body.raw("goods_detail", self.goods_detail.as_ref().map(Value::to_string));
        Draft::post(REFUNDS_PATH.to_owned(), body.print())
    }

    /// `mchid` is who signed.
    pub(super) fn read(body: &[u8], mchid: &str) -> Result<(Account, Self), BodyFault> {
        let mut read = Read::new(body)?;
        let sub = read.text("sub_mchid")?;
        let mut amount = read.object("amount")?.ok_or(BodyFault::Missing("amount"))?;
        let goods_detail = read.value("goods_detail");
        if goods_detail.as_ref().is_some_and(|goods| !goods.is_array()) {
            return Err(BodyFault::Bad("goods_detail"));
        }
        let call = Self {
            transaction_id: read.text("transaction_id")?,
            out_trade_no: read.text("out_trade_no")?,
            out_refund_no: read.required("out_refund_no")?,
            reason: read.text("reason")?,
            notify_url: read.text("notify_url")?,
            funds_account: read.text("funds_account")?,
            refund: amount.fen("refund")?,
            from: amount.list("from")?.into_iter().map(RefundSource::read).collect::<Result<_, _>>()?,
            total: amount.fen("total")?,
            currency: amount.required("currency")?,
            goods_detail,
        };
        if call.transaction_id.is_none() && call.out_trade_no.is_none() {
            return Err(BodyFault::Missing("out_trade_no"));
        }
        amount.finish()?;
        read.finish()?;
        Ok((signer(mchid, sub), call))
    }
}

impl RefundSource {
    fn print(&self) -> String {
        let mut source = Object::default();
        source.text("account", Some(&self.account));
        source.number("amount", self.amount);
        source.print()
    }

    fn read(mut read: Read) -> Result<Self, BodyFault> {
        let source = Self { account: read.required("account")?, amount: read.fen("amount")? };
        read.finish()?;
        Ok(source)
    }
}

/// `GET /v3/refund/domestic/refunds/{out_refund_no}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundQueryRequest {
    /// The refund's number.
    pub out_refund_no: String,
}

impl RefundQueryRequest {
    /// The call as it will be sent, unsigned.
    pub fn draft(&self, account: &Account) -> Draft {
        let mut query = Fields::new();
        query.insert_some("sub_mchid", account.sub.as_ref().map(|sub| sub.mchid.as_str()));
        let path = format!("{REFUNDS_PATH}/{}", url::escaped(&self.out_refund_no));
        Draft::get(path, form::encode(&query, Charset::Utf8))
    }

    /// `mchid` is who signed.
    pub(super) fn read(out_refund_no: String, query: &Fields, mchid: &str) -> (Account, Self) {
        (signer(mchid, query.filled("sub_mchid").map(str::to_owned)), Self { out_refund_no })
    }
}

fn signer(mchid: &str, sub: Option<String>) -> Account {
    Account { appid: None, mchid: mchid.to_owned(), sub: sub.map(|mchid| SubMerchant { mchid, appid: None }) }
}
