//! Alipay 当面付 付款码支付, gateway v2: our reading of alipay.md §1 to §7 and §11.

mod answer;
mod certificate;
mod pay_table;
mod probe;
mod refund;
mod refund_table;
mod request;
mod table;
mod v3;

use std::sync::{Arc, PoisonError, RwLock};

use payment::exchange::{Answer, Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::alipay::{App, BankAgent};
use wire::http::Response;

use super::terminal::Terminals;
use super::{Asking, Dialect, Outgoing, Probed};

pub(super) use pay_table::PAY;
pub(super) use refund_table::{REFUND, REFUND_QUERY};
pub(super) use table::{CANCEL, QUERY, rows};

/// Where an account's sales happen, as far as the till does not say, and who is paid for them (alipay.md §3.1, §9).
#[derive(Clone, Debug, Default)]
pub struct Shop {
    /// 门店编号 of sales without an outlet.
    pub store_id: Option<String>,
    /// Alipay's own number of the shop.
    pub alipay_store_id: Option<String>,
    /// 终端号 of sales without a terminal.
    pub terminal_id: Option<String>,
    /// 操作员 of sales without an operator.
    pub operator_id: Option<String>,
    /// The terminal's data (259 号文, unionpay.md §3.1), a JSON object as a text, of sales whose terminal is not listed.
    pub terminal_params: Option<String>,
    /// Terminals with data of their own.
    pub terminals: Terminals,
    /// The provider that earns the commission, `sys_service_provider_id`.
    pub provider_id: Option<String>,
    /// The sub-merchant behind an acquirer (间连 SMID, unionpay.md §8): whose money it is.
    pub smid: Option<String>,
    /// What that acquirer says of itself and the terminal with every payment (unionpay.md §3.1), in place of
    /// `terminal_params`; a terminal that is listed takes the place of this one's.
    pub agent: Option<BankAgent>,
}

/// How an application is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The gateway, version 2.
    #[default]
    Gateway,
    /// OpenAPI v3 for payments and questions; the gateway for cancels, refunds, what v3 refuses to tell, and probes.
    V3,
}

/// An application at Alipay.
///
/// It keeps one thing: certificates of Alipay's that were fetched and have proven themselves against the configured root.
/// They turn an answer that could not be checked into one that can, and nothing else.
#[derive(Clone, Debug)]
pub struct Alipay {
    app: Arc<RwLock<App>>,
    shop: Shop,
    protocol: Protocol,
}

impl Alipay {
    /// An application and its shop, spoken to over the gateway.
    #[must_use]
    pub fn new(app: App, shop: Shop) -> Alipay {
        Alipay { app: Arc::new(RwLock::new(app)), shop, protocol: Protocol::Gateway }
    }

    /// The same, spoken to over this protocol.
    #[must_use]
    pub fn over(self, protocol: Protocol) -> Alipay {
        Alipay { protocol, ..self }
    }

    fn app(&self) -> App {
        self.app.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Dialect for Alipay {
    fn channel(&self) -> Channel {
        Channel::Alipay
    }

    fn payee(&self) -> Payee {
        let App { app_id, seller_id, .. } = self.app();
        let merchant = match seller_id {
            Some(seller_id) => format!("{app_id}/{seller_id}"),
            None => app_id,
        };
        // The application is the acquirer's, the money the sub-merchant's. No answer names it, so nothing is compared; a query
        // or a cancel goes by the application and the order's number alone (unionpay.md §8).
        Payee { merchant, sub_merchant: self.shop.smid.clone() }
    }

    fn request(&self, asking: &Asking<'_>) -> Outgoing {
        match self.protocol {
            Protocol::V3 if v3::takes(asking.call) => v3::outgoing(&self.app(), &self.shop, asking),
            Protocol::Gateway | Protocol::V3 => request::outgoing(&self.app(), &self.shop, asking),
        }
    }

    fn answer(
        &self,
        now: Time,
        call: Call,
        intent: &Intent,
        refund: Option<&RefundIntent>,
        response: &Response,
    ) -> Answer {
        match self.protocol {
            Protocol::V3 if v3::takes(call) && v3::is_own(response) => {
                v3::read(&self.app(), now, call, intent, refund, response)
            }
            Protocol::Gateway | Protocol::V3 => {
                answer::read(&self.app(), now, call, intent, refund, response)
            }
        }
    }

    fn again(&self, asking: &Asking<'_>, response: &Response) -> Option<Outgoing> {
        let asks = matches!(asking.call, Call::Query | Call::RefundQuery);
        let repeats = asks && v3::is_refused(response);
        (self.protocol == Protocol::V3 && repeats).then(|| request::outgoing(&self.app(), &self.shop, asking))
    }

    fn proof(&self, now: Time, response: &Response) -> Option<Outgoing> {
        certificate::fetch(&self.app(), now, response)
    }

    fn prove(&self, now: Time, response: &Response, fetched: &Response) -> bool {
        let mut app = self.app.write().unwrap_or_else(PoisonError::into_inner);
        match certificate::proven(&app, now, response, fetched) {
            Some(trust) => {
                app.trust = trust;
                true
            }
            None => false,
        }
    }

    fn probe(&self, number: &str, now: Time, _nonce: [u8; 16]) -> Outgoing {
        request::query(&self.app(), number, now)
    }

    fn probed(&self, now: Time, response: &Response) -> Probed {
        probe::read(&self.app(), now, response)
    }

    fn undo_needs_certificate(&self) -> bool {
        false
    }
}
