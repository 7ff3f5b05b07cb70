//! WeChat Pay APIv2 付款码支付: our reading of wechat.md §2, §3, §5 to §7 and §10, payments and refunds.

mod answer;
mod probe;
mod refund;
mod refund_table;
mod refunded;
mod request;
mod table;

use payment::exchange::{Answer, Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::Response;
use wire::wechat_v2::V2Merchant;

use super::terminal::Terminals;
use super::{Asking, Dialect, Outgoing, Probed};

pub(super) use table::rows;

/// An account at WeChat Pay, spoken to in APIv2.
#[derive(Clone, Debug)]
pub struct WechatV2 {
    merchant: V2Merchant,
    terminal_ip: String,
    terminal_info: Option<String>,
    terminals: Terminals,
}

impl WechatV2 {
    /// `terminal_ip` is the address of the machine that calls (`spbill_create_ip`).
    #[must_use]
    pub fn new(merchant: V2Merchant, terminal_ip: String) -> WechatV2 {
        WechatV2 { merchant, terminal_ip, terminal_info: None, terminals: Terminals::default() }
    }

    /// The terminal of 259号文 as a JSON text, sent with every payment as it is: an acquirer that stands between wants it
    /// (unionpay.md §3.1); WeChat's own hosts do not.
    #[must_use]
    pub fn with_terminal_info(self, terminal_info: Option<String>) -> WechatV2 {
        WechatV2 { terminal_info, ..self }
    }

    /// Terminals with data of their own, which take the place of that text.
    #[must_use]
    pub fn with_terminals(self, terminals: Terminals) -> WechatV2 {
        WechatV2 { terminals, ..self }
    }
}

impl Dialect for WechatV2 {
    fn channel(&self) -> Channel {
        Channel::WechatV2
    }

    fn payee(&self) -> Payee {
        payee(&self.merchant.appid, &self.merchant.mch_id, self.merchant.sub_mch_id.as_deref())
    }

    fn request(&self, asking: &Asking<'_>) -> Outgoing {
        request::outgoing(self, asking)
    }

    fn answer(
        &self,
        _now: Time,
        call: Call,
        intent: &Intent,
        refund: Option<&RefundIntent>,
        response: &Response,
    ) -> Answer {
        answer::read(&self.merchant, call, intent, refund, response)
    }

    fn further(&self, asking: &Asking<'_>, response: &Response) -> Option<Outgoing> {
        refunded::further(&self.merchant, asking, response)
    }

    fn answer_further(&self, _now: Time, intent: &Intent, first: &Response, further: &Response) -> Answer {
        refunded::answer(&self.merchant, intent, first, further)
    }

    fn probe(&self, number: &str, _now: Time, nonce: [u8; 16]) -> Outgoing {
        request::query(&self.merchant, number, nonce)
    }

    fn probed(&self, _now: Time, response: &Response) -> Probed {
        probe::read(&self.merchant, response)
    }

    fn undo_needs_certificate(&self) -> bool {
        true
    }
}

/// Who is paid: `appid/mch_id`, and the sub-merchant in provider mode.
fn payee(appid: &str, mch_id: &str, sub_mch_id: Option<&str>) -> Payee {
    Payee { merchant: format!("{appid}/{mch_id}"), sub_merchant: sub_mch_id.map(str::to_owned) }
}

/// The two numbers in a payee's `merchant`. A text without them is all merchant number, which the channel refuses.
fn numbers(payee: &Payee) -> (&str, &str) {
    payee.merchant.split_once('/').unwrap_or(("", &payee.merchant))
}
