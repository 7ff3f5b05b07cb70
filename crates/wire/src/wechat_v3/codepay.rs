//! `POST …/codepay` (wechat.md §4.4): pay with a payment code.

use serde_json::Value;

use super::account::{Account, Mode};
use super::body::{BodyFault, Object, Read};
use super::exchange::Draft;
use crate::code::PaymentCode;

/// The call's own members.
#[derive(Clone, Debug, PartialEq)]
pub struct CodepayRequest {
    /// What the payer sees, at most 127 characters.
    pub description: String,
    /// The order number: 6 to 32 of digits, letters, `_-*`; unique per `mchid`.
    pub out_trade_no: String,
    /// Echoed in answers and bills, at most 128 characters.
    pub attach: Option<String>,
    /// Coupon marker, at most 32 characters.
    pub goods_tag: Option<String>,
    /// Whether the payer gets the entry to an invoice.
    pub support_fapiao: Option<bool>,
    /// `payer.auth_code`.
    pub auth_code: PaymentCode,
    /// `amount.total`, fen, from 1.
    pub total: i64,
    /// `amount.currency`; the channel's default is `CNY`.
    pub currency: Option<String>,
    /// `scene_info.device_id`, at most 32 characters.
    pub device_id: Option<String>,
    /// `scene_info.device_ip`, at most 45 characters.
    pub device_ip: Option<String>,
    /// `scene_info.store_info.id`: WeChat's number of the place. This or `store_out_id` must be there.
    pub store_id: Option<String>,
    /// `scene_info.store_info.out_id`: the merchant's own number of the shop, at most 256 characters.
    pub store_out_id: Option<String>,
    /// The goods, a JSON object as the page has it.
    pub detail: Option<Value>,
    /// `settle_info.profit_sharing`; needs a contract.
    pub profit_sharing: Option<bool>,
}

impl CodepayRequest {
    /// The call as it will be sent, unsigned.
    pub fn draft(&self, account: &Account) -> Draft {
        let mut body = Object::default();
        account.write(&mut body);
        body.text("description", Some(&self.description));
        body.text("out_trade_no", Some(&self.out_trade_no));
        body.text("attach", self.attach.as_deref());
        body.text("goods_tag", self.goods_tag.as_deref());
        body.raw("support_fapiao", self.support_fapiao.map(|flag| flag.to_string()));
        let mut payer = Object::default();
        payer.text("auth_code", Some(self.auth_code.expose()));
        body.object("payer", payer);
        let mut amount = Object::default();
        amount.number("total", self.total);
        amount.text("currency", self.currency.as_deref());
        body.object("amount", amount);
        body.object("scene_info", self.scene());
        body.raw("detail", self.detail.as_ref().map(Value::to_string));
        let mut settle = Object::default();
        settle.raw("profit_sharing", self.profit_sharing.map(|flag| flag.to_string()));
        body.object("settle_info", settle);
        Draft::post(account.path("/codepay"), body.print())
    }

    fn scene(&self) -> Object {
        let mut scene = Object::default();
        scene.text("device_id", self.device_id.as_deref());
        scene.text("device_ip", self.device_ip.as_deref());
        let mut store = Object::default();
        store.text("id", self.store_id.as_deref());
        store.text("out_id", self.store_out_id.as_deref());
        scene.object("store_info", store);
        scene
    }

    pub(super) fn read(body: &[u8], mode: Mode) -> Result<(Account, Self), BodyFault> {
        let mut read = Read::new(body)?;
        let account = Account::read(&mut read, mode)?;
        if account.appid.is_none() {
            return Err(BodyFault::Missing(if mode == Mode::Merchant { "appid" } else { "sp_appid" }));
        }
        let mut payer = read.object("payer")?.ok_or(BodyFault::Missing("payer"))?;
        let mut amount = read.object("amount")?.ok_or(BodyFault::Missing("amount"))?;
        let mut scene = read.object("scene_info")?.ok_or(BodyFault::Missing("scene_info"))?;
        let mut store = scene.object("store_info")?.ok_or(BodyFault::Missing("store_info"))?;
        let mut settle = read.object("settle_info")?.unwrap_or_default();
        let detail = read.value("detail");
        if detail.as_ref().is_some_and(|detail| !detail.is_object()) {
            return Err(BodyFault::Bad("detail"));
        }
        let call = Self {
            description: read.required("description")?,
            out_trade_no: read.required("out_trade_no")?,
            attach: read.text("attach")?,
            goods_tag: read.text("goods_tag")?,
            support_fapiao: read.flag("support_fapiao")?,
            auth_code: PaymentCode::new(payer.required("auth_code")?),
            total: amount.fen("total")?,
            currency: amount.text("currency")?,
            device_id: scene.text("device_id")?,
            device_ip: scene.text("device_ip")?,
            store_id: store.text("id")?,
            store_out_id: store.text("out_id")?,
            detail,
            profit_sharing: settle.flag("profit_sharing")?,
        };
        if call.store_id.is_none() && call.store_out_id.is_none() {
            return Err(BodyFault::Missing("store_info"));
        }
        for part in [payer, amount, store, scene, settle, read] {
            part.finish()?;
        }
        Ok((account, call))
    }
}
