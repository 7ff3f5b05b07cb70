//! UnionPay QRA 银联条码支付综合前置, of the SwiftPass 威富通 family: XML to one URL, `service` selects (unionpay.md §4).
//!
//! Gateway side: a typed request's `fields()`, then [`request`]; the answer's bytes go through [`parse_response`] and
//! [`Reply::verify`]. Simulator side: [`parse_request`], then [`sign_response`] or [`unsigned_refusal`].
//! Of bills there are the request and the refusal ([`bill_refusal`]); a bill's lines are not read here.

mod answer;
mod exchange;
mod keys;
mod message;
mod refund;
mod server;

pub use answer::{Answer, RefundLine};
pub use exchange::{
    BillRefusal, NotVerified, QraMerchant, Reply, Unreadable, bill_refusal, parse_response, request,
};
pub use keys::{Keys, SignType};
pub use message::{BillRequest, MicropayRequest, QueryRequest, ReverseRequest};
pub use refund::{RefundQueryRequest, RefundRequest};
pub use server::{Call, Caller, Refusal, parse_request, sign_response, unsigned_refusal};

/// The one path of the platform (unionpay.md §1, variant A).
pub const GATEWAY_PATH: &str = "/pay/gateway";
/// Pay by code (unionpay.md §4.3).
pub const MICROPAY: &str = "unified.trade.micropay";
/// Query an order (unionpay.md §4.4).
pub const QUERY: &str = "unified.trade.query";
/// Reverse a code payment (unionpay.md §4.4).
pub const REVERSE: &str = "unified.micropay.reverse";
/// Refund (unionpay.md §4.4).
pub const REFUND: &str = "unified.trade.refund";
/// Query refunds (unionpay.md §4.4).
pub const REFUND_QUERY: &str = "unified.trade.refundquery";
/// The bill of one merchant (unionpay.md §4.8).
pub const BILL: &str = "pay.bill.merchant";

const VERSION: &str = "2.0";
const CHARSET: &str = "UTF-8";
