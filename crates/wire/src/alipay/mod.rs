//! Alipay gateway v2, payment-code payments (当面付 付款码支付), RSA2, with keys or certificates (alipay.md §2, §3).
//!
//! Gateway side: a typed request's `biz_content()`, then [`request`]; the answer's bytes go through [`reply`].
//! Simulator side: [`read_request`], [`Received::verify`], then [`response`]. Notices: [`notice`].
//! OpenAPI v3, the same calls over REST: [`v3_request`] and [`v3_reply`], [`read_v3_request`] and [`v3_response`].
//! Not here: SM2.

mod certificate;
mod download;
mod exchange;
mod indirect;
mod message;
mod node;
mod notice;
mod refund;
mod server;
mod v3;
mod v3_server;

pub use certificate::{Certificates, CertificatesError, cert_sn, root_cert_sn};
pub use download::{DOWNLOAD_METHOD, DownloadRequest, certificate_content, downloaded};
pub use exchange::{App, NotVerified, Trust, reply, request, signed_request};
pub use indirect::BankAgent;
pub use message::{BizFault, CancelRequest, PayRequest, QueryRequest};
pub use node::{Node, bare_sub_code};
pub use notice::{Notice, notice};
pub use refund::{RefundQueryRequest, RefundRequest};
pub use server::{
    BadRequest, BadSignature, CertSn, CertSnPlace, ContentFault, Received, ResponseOptions, Slashes,
    read_request, response, unsigned_response,
};

pub use v3::{V3_PREFIX, V3Refusal, V3Reply, v3_path, v3_reply, v3_request, v3_sign};
pub use v3_server::{V3Fault, V3Hand, V3Received, read_v3_request, v3_refusal, v3_response};

/// The one path of the gateway (alipay.md §2.1).
pub const GATEWAY_PATH: &str = "/gateway.do";
/// Submit a payment (alipay.md §3.1).
pub const PAY_METHOD: &str = "alipay.trade.pay";
/// Query a trade (alipay.md §3.3).
pub const QUERY_METHOD: &str = "alipay.trade.query";
/// Cancel a trade (alipay.md §3.4).
pub const CANCEL_METHOD: &str = "alipay.trade.cancel";
/// Give a part of a trade back, or all of it (alipay.md §3.5).
pub const REFUND_METHOD: &str = "alipay.trade.refund";
/// Query a refund (alipay.md §3.6).
pub const REFUND_QUERY_METHOD: &str = "alipay.trade.fastpay.refund.query";

/// `alipay.trade.pay` → `alipay_trade_pay_response`.
fn node_name(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

/// The text that signatures are over: pairs without the named ones and without empty values, sorted by the bytes of
/// their names, joined as `name=value&…`, values raw in the message's charset (alipay.md §2.3).
fn signed_text<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>, left_out: &[&str]) -> Vec<u8> {
    let mut kept: Vec<_> = pairs
        .filter(|(name, value)| !value.is_empty() && !left_out.iter().any(|known| known.as_bytes() == *name))
        .collect();
    kept.sort_unstable();
    let lines: Vec<Vec<u8>> = kept.into_iter().map(|(name, value)| [name, b"=", value].concat()).collect();
    lines.join(&b'&')
}
