//! Calls as messages.

use payment::auth_code::AuthCode;
use payment::exchange::Call;
use payment::time::Time;
use wire::code::PaymentCode;
use wire::icbc::{
    App, MSG_ID_MAX, PAY_PATH, PayRequest, QUERY_PATH, QueryRequest, REJECT_PATH, REJECT_QUERY_PATH,
    REVERSE_PATH, RejectQueryRequest, RejectRequest, ReverseRequest, request,
};
use wire::text::beijing;

use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::message_head;

/// At most 21 Chinese characters (icbc.md §3.1); signs that take part in forms, JSON or signed texts go out full-width.
const ATTACH: Taste = Taste { full_width: "&=<>\"'\\%+", limit: Limit::Chars(21) };

/// The merchant is the intent's, never today's.
pub(super) fn outgoing(app: &App, asking: &Asking<'_>) -> Outgoing {
    let Asking { call, intent, now, nonce, .. } = *asking;
    let mer_id = intent.payee.merchant.as_str();
    let number = intent.channel_order_no.as_str();
    let (path, content) = match call {
        Call::Submit => (PAY_PATH, pay(asking).biz_content()),
        Call::Query => return query(app, mer_id, number, now, nonce),
        Call::Reverse => {
            let reverse = ReverseRequest {
                mer_id: mer_id.to_owned(),
                out_trade_no: number.to_owned(),
                ..ReverseRequest::default()
            };
            (REVERSE_PATH, reverse.biz_content())
        }
        Call::Refund => (REJECT_PATH, reject(asking).biz_content()),
        Call::RefundQuery => {
            let list = RejectQueryRequest {
                mer_id: mer_id.to_owned(),
                out_trade_no: number.to_owned(),
                reject_no: asking.refund.map(|refund| refund.channel_refund_no.as_str().to_owned()),
                ..RejectQueryRequest::default()
            };
            (REJECT_QUERY_PATH, list.biz_content())
        }
    };
    signed(app, path, &msg_id(call, number, nonce), &content, now)
}

/// A query by our number, which is all that an intent knows.
pub(super) fn query(app: &App, mer_id: &str, number: &str, now: Time, nonce: [u8; 16]) -> Outgoing {
    let query = QueryRequest {
        mer_id: mer_id.to_owned(),
        out_trade_no: Some(number.to_owned()),
        ..QueryRequest::default()
    };
    signed(app, QUERY_PATH, &msg_id(Call::Query, number, nonce), &query.biz_content(), now)
}

/// The day and time of the sale are those of the intent, so that every machine and every repeat says the same.
fn pay(asking: &Asking<'_>) -> PayRequest {
    let Asking { intent, sale, code, .. } = asking;
    let opened = beijing::compact(intent.opened_at.0);
    let (date, time) = opened.split_at(8);
    let description = sale.description.as_deref();
    PayRequest {
        // Without a code the channel refuses, and nothing can be charged.
        qr_code: PaymentCode::new(code.map(AuthCode::expose).unwrap_or_default()),
        mer_id: intent.payee.merchant.clone(),
        out_trade_no: intent.channel_order_no.as_str().to_owned(),
        order_amt: intent.amount.fen(),
        trade_date: date.to_owned(),
        trade_time: time.to_owned(),
        attach: description.map(|text| text::description(Some(text), &ATTACH)),
    }
}

/// A refund that is not named asks back nothing, which the channel refuses.
fn reject(asking: &Asking<'_>) -> RejectRequest {
    let Asking { intent, refund, .. } = asking;
    RejectRequest {
        mer_id: intent.payee.merchant.clone(),
        out_trade_no: Some(intent.channel_order_no.as_str().to_owned()),
        reject_no: refund.map(|refund| refund.channel_refund_no.as_str().to_owned()).unwrap_or_default(),
        reject_amt: refund.map_or(0, |refund| refund.amount.fen()),
        ..RejectRequest::default()
    }
}

/// New for every message, repeats included (icbc.md §9, trap 9): our number, the call, and chance.
fn msg_id(call: Call, number: &str, nonce: [u8; 16]) -> String {
    let mut id = message_head(call, number);
    id.push_str(&text::hex(&nonce));
    id.truncate(MSG_ID_MAX);
    id
}

fn signed(app: &App, path: &str, msg_id: &str, content: &str, now: Time) -> Outgoing {
    let request = request(app, path, msg_id, content, &beijing::spaced(now.0));
    Outgoing { request, client_certificate: false }
}
