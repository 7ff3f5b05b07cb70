//! The `Authorization` header, and the texts that signatures are over (wechat.md §4.1, §4.2).

use std::fmt;

use super::SCHEME;
use crate::http::{Method, Request};
use crate::text::Fields;

/// What a request is signed as: method, path with query as sent, Unix seconds, nonce and body, each with a line's end.
pub(super) fn request_text(request: &Request, timestamp: &str, nonce: &str) -> Vec<u8> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mark = if request.query.is_empty() { "" } else { "?" };
    let head = format!("{method}\n{}{mark}{}\n{timestamp}\n{nonce}\n", request.path, request.query);
    [head.as_bytes(), &request.body, b"\n"].concat()
}

/// What an answer is signed as: Unix seconds, nonce and body, each with a line's end. The HTTP status is not in it.
pub(super) fn answer_text(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat()
}

/// Whether a text can stand in a line of a signed text without ending it.
pub(super) fn is_nonce(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Unix seconds: 1 to 12 digits.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The header's five items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authorization {
    pub(super) mchid: String,
    pub(super) nonce: String,
    pub(super) signature: String,
    pub(super) timestamp: String,
    pub(super) serial_no: String,
}

impl fmt::Display for Authorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mchid, nonce, signature, timestamp, serial_no } = self;
        write!(formatter, "{SCHEME} mchid=\"{mchid}\",nonce_str=\"{nonce}\",signature=\"{signature}\",")?;
        write!(formatter, "timestamp=\"{timestamp}\",serial_no=\"{serial_no}\"")
    }
}

impl Authorization {
    /// Reads the items in any order; `None` when one is missing, stands twice or is not in its form.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, items) = header.trim().split_once(' ')?;
        if scheme != SCHEME {
            return None;
        }
        let mut fields = Fields::new();
        for item in items.split(',') {
            let (name, value) = item.trim().split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            fields.append(name.to_owned(), value.to_owned()).ok()?;
        }
        let mut take = |name| fields.remove(name).filter(|value| !value.is_empty());
        let read = Self {
            mchid: take("mchid")?,
            nonce: take("nonce_str")?,
            signature: take("signature")?,
            timestamp: take("timestamp")?,
            serial_no: take("serial_no")?,
        };
        let well_formed = is_nonce(&read.nonce) && seconds(&read.timestamp).is_some();
        well_formed.then_some(read)
    }
}
