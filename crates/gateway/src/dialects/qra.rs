//! UnionPay QRA 银联条码支付综合前置 (SwiftPass 威富通 family): our reading of unionpay.md §4, §9, §11 and
//! §13, payments and refunds.

mod answer;
mod probe;
mod refund;
mod refund_table;
mod refunded;
mod request;
mod table;
mod unionpay_table;

use payment::exchange::{Answer, Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::Response;
use wire::qra::QraMerchant;

use super::terminal::Terminals;
use super::{Asking, Dialect, Outgoing, Probed};

pub(super) use table::rows;

/// A merchant of the platform.
#[derive(Clone, Debug)]
pub struct Qra {
    merchant: QraMerchant,
    terminal_ip: String,
    terminal_info: Option<String>,
    terminals: Terminals,
}

impl Qra {
    /// `terminal_ip` is the address of the machine that calls (`mch_create_ip`, at most 16 characters); `terminal_info`
    /// the terminal's data of 259号文 as JSON text, which is signed and sent as it is (unionpay.md §3.1).
    #[must_use]
    pub fn new(merchant: QraMerchant, terminal_ip: String, terminal_info: Option<String>) -> Qra {
        Qra { merchant, terminal_ip, terminal_info, terminals: Terminals::default() }
    }

    /// Terminals with data of their own, which take the place of `terminal_info`.
    #[must_use]
    pub fn with_terminals(self, terminals: Terminals) -> Qra {
        Qra { terminals, ..self }
    }
}

impl Dialect for Qra {
    fn channel(&self) -> Channel {
        Channel::Qra
    }

    fn payee(&self) -> Payee {
        payee(&self.merchant.mch_id)
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
        false
    }
}

/// Who is paid. The platform knows no sub-merchants in its messages.
fn payee(mch_id: &str) -> Payee {
    Payee { merchant: mch_id.to_owned(), sub_merchant: None }
}
