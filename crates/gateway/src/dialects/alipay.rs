//! Alipay 当面付 付款码支付, gateway v2: our reading of alipay.md §1 to §7 and §11.

mod answer;
mod pay_table;
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
use wire::alipay::App;
use wire::http::Response;

use super::{Asking, Dialect, Outgoing, Probed};

pub(super) use pay_table::PAY;
pub(super) use refund_table::{REFUND, REFUND_QUERY};
pub(super) use table::{CANCEL, QUERY, rows};

/// An application at Alipay, spoken to in gateway v2.
#[derive(Clone, Debug)]
pub struct Alipay {
    app: App,
    store_id: Option<String>,
}

impl Alipay {
    /// `store_id` is the shop that a sale without an outlet belongs to.
    #[must_use]
    pub fn new(app: App, store_id: Option<String>) -> Alipay {
        Alipay { app, store_id }
    }
}

impl Dialect for Alipay {
    fn channel(&self) -> Channel {
        Channel::Alipay
    }

    fn payee(&self) -> Payee {
        let app_id = &self.app.app_id;
        let merchant = match &self.app.seller_id {
            Some(seller_id) => format!("{app_id}/{seller_id}"),
            None => app_id.clone(),
        };
        Payee { merchant, sub_merchant: None }
    }

    fn request(&self, asking: &Asking<'_>) -> Outgoing {
        request::outgoing(&self.app, self.store_id.as_deref(), asking)
    }

    fn answer(
        &self,
        _now: Time,
        call: Call,
        intent: &Intent,
        refund: Option<&RefundIntent>,
        response: &Response,
    ) -> Answer {
        answer::read(&self.app, call, intent, refund, response)
    }

    fn probe(&self, number: &str, now: Time, _nonce: [u8; 16]) -> Outgoing {
        request::query(&self.app, number, now)
    }

    fn probed(&self, _now: Time, response: &Response) -> Probed {
        probe::read(&self.app, response)
    }

    fn undo_needs_certificate(&self) -> bool {
        false
    }
}
