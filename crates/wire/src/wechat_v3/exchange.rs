//! One exchange from the merchant's side: sign and print a request, check and read its answer.

use std::fmt;

use super::answer::Answer;
use super::authorization::{Authorization, answer_text, is_nonce, request_text, seconds};
use super::keys::ChannelKeys;
use super::{PROBE, SCHEME};
use crate::http::{Method, Request, Response};
use crate::sign::SigningKey;
use crate::text::json::{JsonError, LIMITS};
use crate::text::raw_json;
use crate::verified::Verified;

/// Who signs: a merchant, or a provider for its merchants (wechat.md §4.1).
#[derive(Clone)]
pub struct V3Merchant {
    /// Whose key it is; in provider mode the provider's number.
    pub mchid: String,
    /// Serial of the merchant's certificate, hexadecimal.
    pub serial_no: String,
    /// 商户API私钥, the certificate's private key.
    pub signing_key: SigningKey,
    /// With which of its keys the channel shall sign the answer: `PUB_KEY_ID_…` or a platform certificate's serial.
    pub answer_serial: Option<String>,
}

impl fmt::Debug for V3Merchant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("V3Merchant")
            .field("mchid", &self.mchid)
            .field("serial_no", &self.serial_no)
            .field("answer_serial", &self.answer_serial)
            .finish_non_exhaustive()
    }
}

/// A call before it is signed. `Debug` shows the body's size only: it may hold a payment code.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// `GET` or `POST`.
    pub method: Method,
    /// Percent-encoded path.
    pub path: String,
    /// Percent-encoded query; empty when there is none.
    pub query: String,
    /// JSON, empty for `GET`.
    pub body: String,
}

impl Draft {
    /// A `GET`.
    pub fn get(path: String, query: String) -> Self {
        Self { method: Method::Get, path, query, body: String::new() }
    }

    /// A `POST` of a JSON text.
    pub fn post(path: String, body: String) -> Self {
        Self { method: Method::Post, path, query: String::new(), body }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, query, body } = self;
        formatter
            .debug_struct("Draft")
            .field("method", method)
            .field("path", path)
            .field("query_bytes", &query.len())
            .field("body_bytes", &body.len())
            .finish()
    }
}

/// A signed request. `timestamp` is in Unix seconds, within five minutes of the channel's clock; `nonce` is at most 32
/// letters and digits and differs from call to call.
pub fn request(draft: Draft, merchant: &V3Merchant, timestamp: i64, nonce: &str) -> Request {
    let Draft { method, path, query, body } = draft;
    let mut request = Request { method, path, query, headers: Vec::new(), body: body.into_bytes() };
    let timestamp = timestamp.to_string();
    let signature = merchant.signing_key.sign_sha256(&request_text(&request, &timestamp, nonce));
    let authorization = Authorization {
        mchid: merchant.mchid.clone(),
        nonce: nonce.to_owned(),
        signature,
        timestamp,
        serial_no: merchant.serial_no.clone(),
    };
    let mut header = |name: &str, value: &str| request.headers.push((name.to_owned(), value.to_owned()));
    header("authorization", &authorization.to_string());
    header("accept", "application/json");
    header("content-type", "application/json");
    // Refused without one (wechat.md §4.1).
    header("user-agent", "paycode");
    if let Some(serial) = &merchant.answer_serial {
        header("wechatpay-serial", serial);
    }
    request
}

/// An answer may be this many seconds away from our clock, less one, in either direction (wechat.md §4.2).
pub const ANSWER_AGE_S_MAX: i64 = 300;

/// Why an answer may not be believed. None of them says anything about a payment: a call that writes may well have been
/// carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// A header of the signature is missing or not in its form: a proxy's page, a gateway's 5xx.
    #[error("the answer is unsigned: http {status} {code:?} {message:?}")]
    Unsigned {
        /// HTTP status.
        status: u16,
        /// `code` as claimed; empty when absent.
        code: String,
        /// `message` as claimed; empty when absent.
        message: String,
    },
    /// Signed with a key that we do not hold: for a certificate's serial, time to download them again.
    #[error("the answer is signed with the unknown key {serial:?}")]
    UnknownSerial {
        /// `Wechatpay-Serial` as claimed.
        serial: String,
    },
    /// The channel's own test of whether we check signatures, deliberately wrong.
    #[error("the answer carries the channel's probe in place of a signature")]
    Probe,
    /// A signature that is not that key's, or of another scheme.
    #[error("the answer's signature is wrong")]
    BadSignature,
    /// Signed, but five minutes or more from our clock: replayed, or a clock is wrong.
    #[error("the answer is signed for {timestamp}, too far from our clock")]
    Stale {
        /// `Wechatpay-Timestamp`, Unix seconds.
        timestamp: i64,
    },
    /// Signed, but not one JSON object.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] JsonError),
}

/// Checks and reads an answer. `now` is in Unix seconds.
///
/// An empty body, as of 204, is an answer without members. The HTTP status is not signed: what counts is in the body.
///
/// # Errors
/// [`NotVerified`]; the answer is then no evidence of anything.
pub fn reply(response: &Response, keys: &ChannelKeys, now: i64) -> Result<Verified<Answer>, NotVerified> {
    let signed = Signed::of(response).ok_or_else(|| unsigned(response))?;
    if signed.signature.starts_with(PROBE) {
        return Err(NotVerified::Probe);
    }
    let key = keys
        .of(signed.serial)
        .ok_or_else(|| NotVerified::UnknownSerial { serial: signed.serial.to_owned() })?;
    let text = answer_text(signed.timestamp_text, signed.nonce, &response.body);
    if !signed.scheme_fits || !key.verify_sha256(&text, signed.signature) {
        return Err(NotVerified::BadSignature);
    }
    let age = now.saturating_sub(signed.timestamp).saturating_abs();
    if age >= ANSWER_AGE_S_MAX {
        return Err(NotVerified::Stale { timestamp: signed.timestamp });
    }
    let members =
        if response.body.is_empty() { Default::default() } else { raw_json::object(&response.body, LIMITS)? };
    Ok(Verified::vouch(Answer::new(response.status, members)))
}

/// The headers of a signature.
struct Signed<'a> {
    timestamp_text: &'a str,
    timestamp: i64,
    nonce: &'a str,
    serial: &'a str,
    signature: &'a str,
    scheme_fits: bool,
}

impl<'a> Signed<'a> {
    fn of(response: &'a Response) -> Option<Self> {
        let filled = |name| response.header(name).filter(|value| !value.is_empty());
        let timestamp_text = filled("wechatpay-timestamp")?;
        Some(Self {
            timestamp_text,
            timestamp: seconds(timestamp_text)?,
            nonce: filled("wechatpay-nonce").filter(|nonce| is_nonce(nonce))?,
            serial: filled("wechatpay-serial")?,
            signature: filled("wechatpay-signature")?,
            scheme_fits: filled("wechatpay-signature-type").is_none_or(|scheme| scheme == SCHEME),
        })
    }
}

fn unsigned(response: &Response) -> NotVerified {
    let members = raw_json::object(&response.body, LIMITS).unwrap_or_default();
    let claimed = |name| members.get(name).and_then(|text| text.as_str()).unwrap_or_default().to_owned();
    NotVerified::Unsigned { status: response.status, code: claimed("code"), message: claimed("message") }
}
