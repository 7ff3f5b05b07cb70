//! UnionPay 全渠道 ACP 5.1.0, 二维码被扫消费: forms in both directions, signed with certificates (unionpay.md §5).
//!
//! Gateway side: a typed request's `fields()`, then [`request`]; the answer's bytes go through [`parse_response`] and
//! [`Reply::verify`], which checks UnionPay's certificate as well. Notices come in the same words. Simulator side:
//! [`parse_request`], then [`sign_response`] or [`unsigned_refusal`].
//!
//! Of settlement files there are the request and the answer; what is in a file is not read here. Not spoken: the shared
//! key and SM3 (`signMethod` 11 and 12), platform merchants (`accessType` 1 and 2), encrypted fields.

mod answer;
mod body;
mod exchange;
mod message;
mod refund;
mod server;
mod signature;
mod trust;

pub use answer::Answer;
pub use body::{Unreadable, read_fields};
pub use exchange::{AcpMerchant, NotVerified, Reply, parse_response, request};
pub use message::{ConsumeRequest, FileRequest, QueryRequest, ReversalRequest};
pub use refund::{Original, RefundRequest, VoidRequest};
pub use server::{Call, Caller, Refusal, Registered, Signer, parse_request, sign_response, unsigned_refusal};
pub use signature::digest;
pub use trust::{Foreign, Trust, TrustError, UNIONPAY};

/// Consumes, reversals, voids, refunds (unionpay.md §1, §5.2). Some clients send queries here as well.
pub const BACK_TRANS_PATH: &str = "/gateway/api/backTransReq.do";
/// Queries (unionpay.md §1, §5.2).
pub const QUERY_TRANS_PATH: &str = "/gateway/api/queryTrans.do";
/// Settlement files, on a host of their own (unionpay.md §1, §5.2).
pub const FILE_PATH: &str = "/";

const VERSION: &str = "5.1.0";
const ENCODING: &str = "UTF-8";
/// RSA with a certificate.
const SIGN_METHOD: &str = "01";
const BIZ_TYPE: &str = "000000";
/// A merchant of its own.
const ACCESS_TYPE: &str = "0";
/// Mobile; QR codes have no channel of their own (unionpay.md §5.1).
const CHANNEL_TYPE: &str = "08";
/// CNY.
const CURRENCY: &str = "156";
