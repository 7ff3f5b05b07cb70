//! ICBC's open platform, family F1: payment-code payments with reversal (二维码被扫支付、冲正, icbc.md §1 to §3).
//!
//! Gateway side: a typed request's `biz_content()`, then [`request`]; the answer's bytes go through [`reply`].
//! Simulator side: [`read_request`], [`Received::verify`], then [`response`]. Notifications: [`notice`] and its
//! [`notice_reply`]. Not here: certificates (`CA`), SM2, delegated applications.

mod content;
mod exchange;
mod message;
mod notice;
mod server;

pub use crate::sign::{AesKey, AesKeyError};
pub use content::{Content, PayTime, RefundLine};
pub use exchange::{App, NotVerified, reply, request, signed_request};
pub use message::{BizFault, PayRequest, QueryRequest, RejectQueryRequest, RejectRequest, ReverseRequest};
pub use notice::{notice, notice_reply};
pub use server::{BadRequest, BadSignature, Hand, Received, read_request, response, unsigned_response};

use crate::sign::{RsaHash, VerifyingKey};
use crate::text::form::RawPair;

/// Submit a payment (icbc.md §3.1).
pub const PAY_PATH: &str = "/api/qrcode/V2/pay";
/// Query an order (icbc.md §3.2).
pub const QUERY_PATH: &str = "/api/qrcode/V2/query";
/// Reverse an order, 冲正 (icbc.md §3.3).
pub const REVERSE_PATH: &str = "/api/qrcode/V2/reverse";
/// Refund an order or a part of it, 退款 (icbc.md §3.4).
pub const REJECT_PATH: &str = "/api/qrcode/V2/reject";
/// Query an order's refunds and reversals (icbc.md §3.5).
pub const REJECT_QUERY_PATH: &str = "/api/qrcode/reject/query/V3";

/// Longest `msg_id`, in characters (icbc.md §2).
pub const MSG_ID_MAX: usize = 40;

/// The `sign_type` of a hash: `RSA` is SHA-1, `RSA2` is SHA-256 (icbc.md §2).
pub fn sign_type(hash: RsaHash) -> &'static str {
    match hash {
        RsaHash::Sha1 => "RSA",
        RsaHash::Sha256 => "RSA2",
    }
}

/// The hash of a `sign_type`; `None` for one that is not served here.
pub fn hash_of(sign_type: &str) -> Option<RsaHash> {
    match sign_type {
        "RSA" => Some(RsaHash::Sha1),
        "RSA2" => Some(RsaHash::Sha256),
        _ => None,
    }
}

/// Whether this is the public half of the key pair that is printed in ICBC's documentation: its private half is public,
/// so whoever trusts it trusts everybody (icbc.md §9, trap 4).
pub fn is_documentation_key(key: &VerifyingKey) -> bool {
    const MESSAGE: &str = "/api/preciousmetal/V1/purchase?app_id=2014072300007148&biz_content={\"id\":\"stud ent_id\",\
         \"name\":\"student_name\"}&charset=GBK&sign_type=RSA&timestamp=2014-07-24 03:07:50&trade_id=123456";
    const SIGNATURE: &str = "CALafK6MYqqH132SVshTHagUu1myKfajvqchRGLjGpQalwhK3EYkgjzdcSYMz4KvzAEcrZcqC9oiYJ5sPdJ9JA3bh\
         guvlxQgEJTNlYEvzBwCaAPd7DD6hFoe1AJixwfRKg+J1SJNjdEJfxXdu7/bY526M7+W+yCUTvGNWMuKCC8=";
    key.verify_sha1(MESSAGE.as_bytes(), SIGNATURE)
}

/// The text that signatures of requests and notifications are over: the path, `?`, and the filled pairs without `sign`,
/// sorted by the bytes of their names, joined as `name=value&…`, values raw in the message's charset (icbc.md §2).
fn signed_text(path: &str, pairs: &[RawPair]) -> Vec<u8> {
    let mut kept: Vec<&RawPair> =
        pairs.iter().filter(|(name, value)| !value.is_empty() && name != b"sign").collect();
    kept.sort_unstable();
    let lines: Vec<Vec<u8>> =
        kept.into_iter().map(|(name, value)| [name, &b"="[..], value].concat()).collect();
    [path.as_bytes(), b"?", &lines.join(&b'&')].concat()
}
