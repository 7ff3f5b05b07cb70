//! Calls as messages.

use payment::auth_code::AuthCode;
use payment::exchange::Call;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::acp::{
    AcpMerchant, BACK_TRANS_PATH, ConsumeRequest, Original, QUERY_TRANS_PATH, QueryRequest, RefundRequest,
    ReversalRequest, request,
};
use wire::code::PaymentCode;
use wire::http::Request;
use wire::text::{Fields, beijing};

use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::Acp;

/// Signs that divide answers may spoil how they are read (unionpay.md §5.1); the sheet names no length.
const DESCRIPTION: Taste = Taste { full_width: "&={}[]\"'<>\\%+", limit: Limit::Chars(32) };
/// `termId` has eight characters (unionpay.md §5.2).
pub(in super::super) const TERMINAL: usize = 8;
/// The field must be there; at this address UnionPay sends no notices, say its demo packages. What became of a payment is
/// asked, never told.
const NO_NOTICES: &str = "http://www.specialUrl.com";

pub(super) fn outgoing(acp: &Acp, asking: &Asking<'_>) -> Outgoing {
    let Asking { call, intent, refund, .. } = *asking;
    let merchant = of(&acp.merchant, intent);
    let number = intent.channel_order_no.as_str();
    match (call, refund) {
        (Call::Submit, _) => post(&merchant, &consume(acp, asking).fields()),
        (Call::Refund, Some(refund)) => post(&merchant, &give_back(refund).fields()),
        // A refund is asked about under its own number and time, never the payment's (unionpay.md §5.2).
        (Call::RefundQuery, Some(refund)) => {
            query(&merchant, refund.channel_refund_no.as_str(), refund.opened_at)
        }
        // A refund that is none asks nothing but how the order stands.
        (Call::Query, _) | (Call::Refund | Call::RefundQuery, None) => {
            query(&merchant, number, intent.opened_at)
        }
        (Call::Reverse, _) => {
            let reversal = ReversalRequest {
                order_id: number.to_owned(),
                txn_time: txn_time(intent.opened_at),
                back_url: NO_NOTICES.to_owned(),
            };
            post(&merchant, &reversal.fields())
        }
    }
}

/// The time that is part of a transaction's name: its intent's second, in Shanghai. Consume, query and reversal must say the
/// same one, on every machine and after every restart, or UnionPay finds nothing (unionpay.md §9, §11 trap 2).
pub(super) fn txn_time(opened_at: Time) -> String {
    beijing::compact(opened_at.0)
}

/// A query of a payment, or of a refund: each under its own number and time.
pub(super) fn query(merchant: &AcpMerchant, number: &str, opened_at: Time) -> Outgoing {
    let query = QueryRequest { order_id: number.to_owned(), txn_time: txn_time(opened_at) };
    plain(request(QUERY_TRANS_PATH, merchant, &query.fields()))
}

fn consume(acp: &Acp, asking: &Asking<'_>) -> ConsumeRequest {
    let Asking { intent, sale, code, .. } = asking;
    let terminal = text::identity(sale.terminal.as_deref(), TERMINAL);
    let terminal = terminal
        .filter(|name| name.len() == TERMINAL && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    // The number that is registered says more than the till's own name, also where that has its form.
    let registered = acp.terminals.of(sale).and_then(|terminal| terminal.device_id.clone());
    ConsumeRequest {
        order_id: intent.channel_order_no.as_str().to_owned(),
        txn_time: txn_time(intent.opened_at),
        txn_amt: intent.amount.fen(),
        // Without a code UnionPay refuses, and nothing can be charged.
        qr_no: PaymentCode::new(code.map(AuthCode::expose).unwrap_or_default()),
        term_id: Some(registered.or(terminal).unwrap_or_else(|| acp.term_id.clone())),
        back_url: NO_NOTICES.to_owned(),
        order_desc: Some(text::description(sale.description.as_deref(), &DESCRIPTION)),
        req_reserved: None,
    }
}

/// A refund under its own number and time, the same in every repeat, so that UnionPay takes it up once. The payment is named
/// by UnionPay's number where it told one, and else as it was made.
fn give_back(refund: &RefundIntent) -> RefundRequest {
    let original = if refund.channel_transaction_no.is_empty() {
        Original::Order {
            order_id: refund.payment.channel_order_no.as_str().to_owned(),
            txn_time: txn_time(refund.payment.opened_at),
        }
    } else {
        Original::QueryId(refund.channel_transaction_no.clone())
    };
    RefundRequest {
        order_id: refund.channel_refund_no.as_str().to_owned(),
        txn_time: txn_time(refund.opened_at),
        txn_amt: refund.amount.fen(),
        original,
        back_url: NO_NOTICES.to_owned(),
    }
}

/// The merchant of an intent: under another number than the payment's own, another merchant's orders would be asked about.
/// If the certificate no longer belongs to it, UnionPay refuses, which is unknown.
fn of(merchant: &AcpMerchant, intent: &Intent) -> AcpMerchant {
    AcpMerchant { mer_id: intent.payee.merchant.clone(), ..merchant.clone() }
}

fn post(merchant: &AcpMerchant, fields: &Fields) -> Outgoing {
    plain(request(BACK_TRANS_PATH, merchant, fields))
}

fn plain(request: Request) -> Outgoing {
    Outgoing { request, client_certificate: false }
}
