//! WeChat Pay APIv2, payment-code payments (付款码支付): XML over HTTPS, signed with a shared key (wechat.md §2, §3).
//!
//! Gateway side: a typed request's `fields()`, then [`request`]; the answer's bytes go through [`parse_response`] and
//! [`Reply::verify`]. Simulator side: [`parse_request`], then [`sign_response`] or [`unsigned_fail`].

mod answer;
mod exchange;
mod message;
mod refund;
mod server;

pub use exchange::{NotVerified, Reply, Unreadable, V2Merchant, parse_response, request};
pub use message::{MicropayRequest, OrderQueryRequest, ReverseRequest};
pub use refund::{RefundQueryRequest, RefundRequest, ShownRefund};
pub use server::{Call, Caller, Refusal, parse_request, sign_response, unsigned_fail};

/// Submit a payment (wechat.md §2.2, WeChat Pay V2 付款码支付 "提交付款码支付").
pub const MICROPAY_PATH: &str = "/pay/micropay";
/// Query an order (wechat.md §2.3, "查询订单").
pub const ORDERQUERY_PATH: &str = "/pay/orderquery";
/// Reverse an order (wechat.md §2.4, "撤销订单"); needs the merchant's client certificate.
pub const REVERSE_PATH: &str = "/secapi/pay/reverse";
/// Give a part of an order back, or all of it (wechat.md §2.5, "申请退款"); needs the merchant's client certificate.
pub const REFUND_PATH: &str = "/secapi/pay/refund";
/// Query refunds (wechat.md §2.6, "查询退款").
pub const REFUNDQUERY_PATH: &str = "/pay/refundquery";
