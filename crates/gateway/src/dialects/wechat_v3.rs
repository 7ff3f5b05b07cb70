//! WeChat Pay APIv3 付款码支付 (codepay): our reading of wechat.md §4, §5.5, §6 to §8 and §10, payments and refunds.

mod answer;
mod keys;
mod probe;
mod refund;
mod refund_table;
mod request;
mod table;

use payment::exchange::{Answer, Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::Response;
use wire::wechat_v3::{Account, V3Merchant};

use super::{Asking, Dialect, Outgoing, Probed};

pub use keys::ChannelSide;
pub(super) use table::rows;

/// An account at WeChat Pay, spoken to in APIv3.
#[derive(Debug)]
pub struct WechatV3 {
    account: Account,
    merchant: V3Merchant,
    channel: ChannelSide,
    place: Place,
}

/// Where sales are made, as the channel wants to know it (`scene_info`, wechat.md §4.4).
#[derive(Clone, Debug)]
pub struct Place {
    /// The address of the machine that calls (`device_ip`).
    pub terminal_ip: String,
    /// The merchant's own number of the shop (`store_info.out_id`), of sales that name none.
    pub store_id: String,
}

impl WechatV3 {
    /// `account` must have its application; `channel` is who may sign answers.
    #[must_use]
    pub fn new(account: Account, merchant: V3Merchant, channel: ChannelSide, place: Place) -> WechatV3 {
        WechatV3 { account, merchant, channel, place }
    }
}

impl Dialect for WechatV3 {
    fn channel(&self) -> Channel {
        Channel::WechatV3
    }

    fn payee(&self) -> Payee {
        let sub = self.account.sub.as_ref().map(|sub| sub.mchid.as_str());
        payee(self.account.appid.as_deref().unwrap_or_default(), &self.account.mchid, sub)
    }

    fn request(&self, asking: &Asking<'_>) -> Outgoing {
        request::outgoing(&self.account, &self.merchant, &self.place, asking)
    }

    fn answer(
        &self,
        now: Time,
        call: Call,
        intent: &Intent,
        refund: Option<&RefundIntent>,
        response: &Response,
    ) -> Answer {
        answer::read(self.channel.reply(now, response), call, intent, refund)
    }

    fn probe(&self, number: &str, now: Time, nonce: [u8; 16]) -> Outgoing {
        request::query(&self.account, &self.merchant, number, now, nonce)
    }

    fn probed(&self, now: Time, response: &Response) -> Probed {
        probe::read(&self.account, &self.channel, now, response)
    }

    fn keys_request(&self, now: Time, nonce: [u8; 16]) -> Option<Outgoing> {
        self.channel.due(now).then(|| request::certificates(&self.merchant, now, nonce))
    }

    fn keys_taken(&self, now: Time, response: &Response) -> Probed {
        probe::downloaded(&self.channel, now, response)
    }

    fn undo_needs_certificate(&self) -> bool {
        false
    }
}

/// Who is paid: `appid/mchid`, and the sub-merchant in provider mode.
fn payee(appid: &str, mchid: &str, sub_mchid: Option<&str>) -> Payee {
    Payee { merchant: format!("{appid}/{mchid}"), sub_merchant: sub_mchid.map(str::to_owned) }
}

/// The two numbers in a payee's `merchant`. A text without them is all merchant number, which the channel refuses.
fn numbers(payee: &Payee) -> (&str, &str) {
    payee.merchant.split_once('/').unwrap_or(("", &payee.merchant))
}
