//! WeChat Pay APIv3, payment-code payments (付款码支付): JSON over HTTPS, signed with RSA by both ends (wechat.md §4).
//!
//! Gateway side: a typed request's `draft()`, then [`request`]; the answer goes through [`reply`] with the
//! [`ChannelKeys`] that may sign it, whose platform certificates come from [`certificates`]. Simulator side:
//! [`read_request`], [`Received::verify`], [`call`], then [`response`]. Not here: bills, notices, the overseas variant.

mod account;
mod aead;
mod answer;
mod authorization;
mod body;
mod certificates;
mod codepay;
mod exchange;
mod keys;
mod order;
mod refund;
mod server;
mod time;
mod url;
mod x509;

pub use account::{Account, SubMerchant};
pub use aead::{ApiV3Key, ApiV3KeyError, Sealed};
pub use answer::Answer;
pub use body::BodyFault;
pub use certificates::{
    CertificateError, PlatformCertificate, certificates, certificates_body, certificates_draft,
};
pub use codepay::CodepayRequest;
pub use exchange::{ANSWER_AGE_S_MAX, Draft, NotVerified, V3Merchant, reply, request};
pub use keys::{ChannelKeys, SerialError};
pub use order::{OrderNumber, OrderQueryRequest, ReverseRequest};
pub use refund::{RefundQueryRequest, RefundRequest, RefundSource};
pub use server::{
    BadRequest, Call, Hand, NotOurs, Received, call, error_body, probe_response, read_request, response,
    unsigned_response,
};
pub use time::{parse_rfc3339, rfc3339};

/// Submit a payment (wechat.md §4.4).
pub const CODEPAY_PATH: &str = "/v3/pay/transactions/codepay";
/// The same for a provider (wechat.md §4.4).
pub const PARTNER_CODEPAY_PATH: &str = "/v3/pay/partner/transactions/codepay";
/// Refund; a refund is asked for below it (wechat.md §4.4).
pub const REFUNDS_PATH: &str = "/v3/refund/domestic/refunds";
/// Download the platform certificates (wechat.md §4.2).
pub const CERTIFICATES_PATH: &str = "/v3/certificates";

/// The one signature scheme of the mainland's RSA keys (wechat.md §4.1, §4.2).
pub const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// How a deliberately wrong signature begins (wechat.md §4.2, "probe traffic").
pub const PROBE: &str = "WECHATPAY/SIGNTEST/";
/// How the serial of a 微信支付公钥 begins, which is part of it (wechat.md §4.2).
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";
