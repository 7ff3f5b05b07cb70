//! ICBC's open platform, family F1 (二维码被扫支付、冲正): our reading of icbc.md §2 to §5 and §9.

mod answer;
mod probe;
mod refund;
mod request;
mod table;

use payment::exchange::{Answer, Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::Response;
use wire::icbc::App;

use super::{Asking, Dialect, Outgoing, Probed};

pub(super) use table::rows;

/// An application at ICBC and the merchant that it acts for.
#[derive(Clone, Debug)]
pub struct Icbc {
    app: App,
    mer_id: String,
}

impl Icbc {
    /// `mer_id` has 12 digits, or 15 of a department.
    #[must_use]
    pub fn new(app: App, mer_id: String) -> Icbc {
        Icbc { app, mer_id }
    }
}

impl Dialect for Icbc {
    fn channel(&self) -> Channel {
        Channel::Icbc
    }

    fn payee(&self) -> Payee {
        payee(&self.mer_id)
    }

    fn request(&self, asking: &Asking<'_>) -> Outgoing {
        request::outgoing(&self.app, asking)
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

    fn probe(&self, number: &str, now: Time, nonce: [u8; 16]) -> Outgoing {
        request::query(&self.app, &self.mer_id, number, now, nonce)
    }

    fn probed(&self, _now: Time, response: &Response) -> Probed {
        probe::read(&self.app, response)
    }

    fn undo_needs_certificate(&self) -> bool {
        false
    }
}

/// Who is paid: the merchant.
fn payee(mer_id: &str) -> Payee {
    Payee { merchant: mer_id.to_owned(), sub_merchant: None }
}

/// What a message number begins with: the order's number and the call. ICBC echoes it, so that an answer to another order
/// or another call, however well signed, is seen to be none of ours.
fn message_head(call: Call, number: &str) -> String {
    let letter = match call {
        Call::Submit => 'S',
        Call::Query => 'Q',
        Call::Reverse => 'R',
        Call::Refund => 'F',
        Call::RefundQuery => 'L',
    };
    format!("{number}{letter}")
}
