//! One exchange from the merchant's side: sign and print a request, check and read its answer.

use std::fmt;

use serde_json::{Map, Value};

use super::content::{Content, plain_text};
use super::{sign_type, signed_text};
use crate::http;
use crate::sign::{AesKey, RsaHash, SigningKey, VerifyingKey};
use crate::text::json::{JsonError, LIMITS, members};
use crate::text::{Charset, Fields, form, raw_json};
use crate::verified::Verified;

/// Who speaks: an application on ICBC's open platform (icbc.md §2). Requests are UTF-8.
#[derive(Clone)]
pub struct App {
    /// The application's number, as the platform wrote it.
    pub app_id: String,
    /// The application's private key.
    pub signing_key: SigningKey,
    /// The hash of our requests.
    pub request_hash: RsaHash,
    /// The gateway's public key, not the application's own.
    pub gateway_key: VerifyingKey,
    /// The hash of the gateway's answers: SHA-1 for most, whatever the request used.
    pub answer_hash: RsaHash,
    /// The content key; when there is one, our contents are encrypted.
    pub aes_key: Option<AesKey>,
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("App")
            .field("app_id", &self.app_id)
            .field("request_hash", &self.request_hash)
            .field("answer_hash", &self.answer_hash)
            .field("aes_key", &self.aes_key)
            .finish_non_exhaustive()
    }
}

/// What the Java SDK calls itself (icbc.md §2).
const GATEWAY_VERSION: &str = "v2_20190522";

/// A signed call of `path`. `msg_id` is new for every message and has at most [`super::MSG_ID_MAX`] characters;
/// `timestamp` is `yyyy-MM-dd HH:mm:ss` at UTC+8 ([`crate::text::beijing::spaced`]).
pub fn request(app: &App, path: &str, msg_id: &str, biz_content: &str, timestamp: &str) -> http::Request {
    let encrypted = app.aes_key.as_ref().map(|key| key.encrypt(biz_content));
    let mut parameters = Fields::new();
    for (name, value) in [
        ("app_id", app.app_id.as_str()),
        ("msg_id", msg_id),
        ("format", "json"),
        ("charset", "UTF-8"),
        ("sign_type", sign_type(app.request_hash)),
        ("timestamp", timestamp),
    ] {
        parameters.insert(name, value);
    }
    parameters.insert_some("encrypt_type", encrypted.is_some().then_some("AES"));
    parameters.insert("biz_content", encrypted.as_deref().unwrap_or(biz_content));
    signed_request(path, &parameters, &app.signing_key, app.request_hash)
}

/// Any signed call: the parameters in their order and then `sign` in the form body, empty ones nowhere. The parameter
/// `charset` says in which bytes; what is not known there counts as UTF-8.
pub fn signed_request(path: &str, parameters: &Fields, key: &SigningKey, hash: RsaHash) -> http::Request {
    let charset = parameters.get("charset").and_then(Charset::from_name).unwrap_or_default();
    let mut filled: Fields =
        parameters.iter().filter(|(name, value)| !value.is_empty() && *name != "sign").collect();
    let encoded: Vec<_> =
        filled.iter().map(|(name, value)| (charset.encode(name), charset.encode(value))).collect();
    filled.insert("sign", key.sign(hash, &signed_text(path, &encoded)));
    let content_type = format!("application/x-www-form-urlencoded; charset={}", charset.name());
    let body = form::encode(&filled, charset).into_bytes();
    let mut request = http::Request::post(path, &content_type, body);
    request.headers.push(("apigw-version".to_owned(), GATEWAY_VERSION.to_owned()));
    request
}

/// Why an answer or a notification may not be believed. None of them says anything about a payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// Not one JSON object with a `response_biz_content`: a proxy's page, a cut connection.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] JsonError),
    /// No `response_biz_content`.
    #[error("the answer has no response_biz_content")]
    NoContent,
    /// Not a form.
    #[error("the notification cannot be read: {0}")]
    UnreadableForm(#[from] form::FormError),
    /// The signature is right, but the content is encrypted and we have no key, or not this one.
    #[error("the content is encrypted with a key that is not ours")]
    Encrypted,
    /// No `sign` or an empty one.
    #[error("the answer is unsigned: {return_code:?} {return_msg:?}")]
    Unsigned {
        /// `return_code` as claimed; empty when absent.
        return_code: String,
        /// `return_msg` as claimed; empty when absent.
        return_msg: String,
    },
    /// A `sign` that is not the gateway's, or of another hash than was agreed.
    #[error("the signature is wrong")]
    BadSignature,
}

const CONTENT: &str = "response_biz_content";

/// Checks and reads an answer.
///
/// The signature is over the raw text right after `"response_biz_content":` up to the last `,"sign":"` (icbc.md §2);
/// where an answer puts blanks or another order there, over the exact bytes of the content. Only then is it read.
///
/// # Errors
/// [`NotVerified`]; the answer is then no evidence of anything.
pub fn reply(body: &[u8], app: &App) -> Result<Verified<Content>, NotVerified> {
    let answer = members(body, LIMITS)?;
    let found =
        |name: &str| answer.iter().find(|member| member.name == name).map(|member| member.value.clone());
    let content = found(CONTENT).ok_or(NotVerified::NoContent)?;
    let sign: Option<String> = found("sign").and_then(|sign| serde_json::from_slice(&body[sign]).ok());
    let Some(sign) = sign.filter(|sign| !sign.is_empty()) else {
        return Err(unsigned(&body[content]));
    };
    let verify = |text: &[u8]| app.gateway_key.verify(app.answer_hash, text, &sign);
    let text = [raw_text(body, content.start), &body[content]]
        .into_iter()
        .find(|text| verify(text))
        .ok_or(NotVerified::BadSignature)?;
    read(text, app.aes_key.as_ref()).map(Verified::vouch)
}

/// The sheet's text: from the content's first byte to the last `,"sign":"`.
fn raw_text(body: &[u8], start: usize) -> &[u8] {
    const MARK: &[u8] = b",\"sign\":\"";
    let tail = &body[start..];
    let end = tail.windows(MARK.len()).rposition(|window| window == MARK).unwrap_or(0);
    &tail[..end]
}

/// What was signed, as members: an object, or the base64 of an encrypted one in a JSON string.
fn read(signed: &[u8], aes_key: Option<&AesKey>) -> Result<Content, NotVerified> {
    // Whatever else may have been signed behind the content is ignored.
    let whole = [b"{\"", CONTENT.as_bytes(), b"\":", signed, b"}"].concat();
    let mut outer = raw_json::object(&whole, LIMITS)?;
    match outer.remove(CONTENT) {
        Some(Value::Object(members)) => Ok(Content::new(members)),
        Some(Value::String(encrypted)) => {
            let plain = aes_key.and_then(|key| key.decrypt(&encrypted)).ok_or(NotVerified::Encrypted)?;
            Ok(Content::new(raw_json::object(&plain, LIMITS)?))
        }
        _ => Err(NotVerified::NoContent),
    }
}

fn unsigned(content: &[u8]) -> NotVerified {
    let members: Map<String, Value> = raw_json::object(content, LIMITS).unwrap_or_default();
    let claimed = |name| plain_text(members.get(name)).unwrap_or_default();
    NotVerified::Unsigned { return_code: claimed("return_code"), return_msg: claimed("return_msg") }
}
