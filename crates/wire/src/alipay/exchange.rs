//! One exchange from the merchant's side: sign and print a request, check and read its answer.

use std::fmt;

use super::node::Node;
use super::{GATEWAY_PATH, node_name, signed_text};
use crate::http;
use crate::sign::{SigningKey, VerifyingKey};
use crate::text::json::{JsonError, LIMITS};
use crate::text::raw_json::{
    Envelope, RawJsonError, envelope, object, with_escaped_slashes, with_plain_slashes,
};
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// Who speaks: an application at Alipay in key mode (alipay.md §2.2). Requests are UTF-8 and RSA2.
#[derive(Clone)]
pub struct App {
    /// 16 to 18 digits.
    pub app_id: String,
    /// The application's private key.
    pub signing_key: SigningKey,
    /// Alipay's public key for this application, not the application's own.
    pub alipay_key: VerifyingKey,
    /// Receiving account (PID `2088…`) for messages that name one; by default the signing account.
    pub seller_id: Option<String>,
    /// When acting for another merchant (alipay.md §9).
    pub app_auth_token: Option<String>,
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("App")
            .field("app_id", &self.app_id)
            .field("seller_id", &self.seller_id)
            .field("app_auth_token", &self.app_auth_token.as_ref().map(|_| "****"))
            .finish_non_exhaustive()
    }
}

/// A signed call of `method`. `timestamp` is `yyyy-MM-dd HH:mm:ss` at UTC+8 ([`crate::text::beijing::spaced`]).
pub fn request(app: &App, method: &str, biz_content: &str, timestamp: &str) -> http::Request {
    let mut parameters = Fields::new();
    for (name, value) in [
        ("app_id", app.app_id.as_str()),
        ("method", method),
        ("format", "JSON"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", timestamp),
        ("version", "1.0"),
    ] {
        parameters.insert(name, value);
    }
    parameters.insert_some("app_auth_token", app.app_auth_token.as_deref());
    parameters.insert("biz_content", biz_content);
    signed_request(&parameters, &app.signing_key)
}

/// Any signed call: the parameters in their order and then `sign` in the query, `biz_content` in the form body, empty
/// ones nowhere. The parameter `charset` says in which bytes; what is not known there counts as UTF-8.
pub fn signed_request(parameters: &Fields, key: &SigningKey) -> http::Request {
    let charset = parameters.get("charset").and_then(Charset::from_name).unwrap_or_default();
    let filled: Fields = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    let encoded: Vec<_> =
        filled.iter().map(|(name, value)| (charset.encode(name), charset.encode(value))).collect();
    let text = signed_text(encoded.iter().map(|(name, value)| (&name[..], &value[..])), &["sign"]);
    let (mut query, mut body) = (filled, Fields::new());
    query.remove("sign");
    if let Some(biz_content) = query.remove("biz_content") {
        body.insert("biz_content", biz_content);
    }
    query.insert("sign", key.sign_sha256(&text));
    let content_type = format!("application/x-www-form-urlencoded;charset={}", charset.name());
    http::Request {
        query: form::encode(&query, charset),
        ..http::Request::post(GATEWAY_PATH, &content_type, form::encode(&body, charset).into_bytes())
    }
}

/// Why an answer or a notice may not be believed. None of them says anything about a payment (alipay.md §4.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// Not a signed JSON answer to this method: a proxy's page, a cut connection, an answer to another call.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] RawJsonError),
    /// Not a form.
    #[error("the notice cannot be read: {0}")]
    UnreadableForm(#[from] form::FormError),
    /// The signature is right, but the node is encrypted and we agreed on no key.
    #[error("the answer is encrypted")]
    Encrypted,
    /// No `sign` or an empty one, as some errors of the gateway itself come (alipay.md §2.4).
    #[error("the answer is unsigned: {code:?} {sub_code:?}")]
    Unsigned {
        /// `code` as claimed; empty when absent.
        code: String,
        /// `sub_code` as claimed; empty when absent.
        sub_code: String,
    },
    /// A `sign` that is not Alipay's.
    #[error("the signature is wrong")]
    BadSignature,
}

impl From<JsonError> for NotVerified {
    fn from(error: JsonError) -> Self {
        Self::Unreadable(RawJsonError::Json(error))
    }
}

/// Checks and reads the answer to a call of `method`.
///
/// The signature is checked over the exact bytes of the node, then over the two spellings of its slashes, which mean
/// the same (alipay.md §2.4). Only then are the bytes decoded, UTF-8 or else GBK.
///
/// # Errors
/// [`NotVerified`]; the answer is then no evidence of anything.
pub fn reply(body: &[u8], app: &App, method: &str) -> Result<Verified<Node>, NotVerified> {
    let envelope = envelope(body, Some(&node_name(method)), LIMITS)?;
    let Some(sign) = &envelope.sign else { return Err(unsigned(&envelope)) };
    let signed = |message: &[u8]| app.alipay_key.verify_sha256(message, sign);
    let node = envelope.node;
    if !signed(node) && !signed(&with_escaped_slashes(node)) && !signed(&with_plain_slashes(node)) {
        return Err(NotVerified::BadSignature);
    }
    if node.starts_with(b"\"") {
        return Err(NotVerified::Encrypted);
    }
    let members = object(node, LIMITS)?;
    Ok(Verified::vouch(Node { name: envelope.node_name, members }))
}

fn unsigned(envelope: &Envelope<'_>) -> NotVerified {
    let members = object(envelope.node, LIMITS).unwrap_or_default();
    let claimed = |name| members.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    NotVerified::Unsigned { code: claimed("code"), sub_code: claimed("sub_code") }
}
