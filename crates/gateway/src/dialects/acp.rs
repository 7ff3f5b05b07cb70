//! UnionPay 全渠道 ACP 5.1.0, 二维码被扫消费: our reading of unionpay.md §5, §9, §11 and §13, payments and refunds.

mod answer;
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
use wire::acp::AcpMerchant;
use wire::http::Response;

use super::terminal::Terminals;
use super::{Asking, Dialect, Outgoing, Probed};

pub(super) use table::rows;

/// A merchant with a contract of its own at UnionPay.
#[derive(Clone, Debug)]
pub struct Acp {
    merchant: AcpMerchant,
    term_id: String,
    terminals: Terminals,
}

impl Acp {
    /// `term_id` is the terminal that a sale without one of eight characters belongs to; it has eight itself.
    #[must_use]
    pub fn new(merchant: AcpMerchant, term_id: String) -> Acp {
        Acp { merchant, term_id, terminals: Terminals::default() }
    }

    /// Terminals that are registered: their numbers go out as `termId`.
    #[must_use]
    pub fn with_terminals(self, terminals: Terminals) -> Acp {
        Acp { terminals, ..self }
    }
}

impl Dialect for Acp {
    fn channel(&self) -> Channel {
        Channel::Acp
    }

    fn payee(&self) -> Payee {
        payee(&self.merchant.mer_id)
    }

    fn request(&self, asking: &Asking<'_>) -> Outgoing {
        request::outgoing(self, asking)
    }

    fn answer(
        &self,
        now: Time,
        call: Call,
        intent: &Intent,
        refund: Option<&RefundIntent>,
        response: &Response,
    ) -> Answer {
        answer::read(&self.merchant, now, call, intent, refund, response)
    }

    fn probe(&self, number: &str, now: Time, _nonce: [u8; 16]) -> Outgoing {
        request::query(&self.merchant, number, now)
    }

    fn probed(&self, now: Time, response: &Response) -> Probed {
        probe::read(&self.merchant, now, response)
    }

    fn undo_needs_certificate(&self) -> bool {
        false
    }
}

/// Who is paid: the merchant.
fn payee(mer_id: &str) -> Payee {
    Payee { merchant: mer_id.to_owned(), sub_merchant: None }
}
