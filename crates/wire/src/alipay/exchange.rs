//! One exchange from the merchant's side: sign and print a request, check and read its answer.

use std::fmt;

use super::certificate::Certificates;
use super::node::Node;
use super::{GATEWAY_PATH, node_name, signed_text};
use crate::http;
use crate::sign::{AesKey, SigningKey, VerifyingKey};
use crate::text::json::{JsonError, LIMITS};
use crate::text::raw_json::{
    Envelope, RawJsonError, envelope, object, with_escaped_slashes, with_plain_slashes,
};
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// What Alipay's answers are checked with. An application is in one of the two modes, never in both (alipay.md §2.6).
#[derive(Clone)]
pub enum Trust {
    /// Public-key mode (公钥模式): Alipay's public key for this application, not the application's own.
    Key(VerifyingKey),
    /// Certificate mode (公钥证书模式): the certificate that an answer names.
    Certificates(Certificates),
}

impl Trust {
    /// In certificate mode, the certificates.
    pub fn certificates(&self) -> Option<&Certificates> {
        match self {
            Self::Key(_) => None,
            Self::Certificates(certificates) => Some(certificates),
        }
    }

    /// The key that an answer is checked with which names this certificate, or none, at a moment (unix ms).
    pub(super) fn key(&self, cert_sn: Option<&str>, now_ms: i64) -> Result<&VerifyingKey, NotVerified> {
        let certificates = match self {
            Self::Key(key) => return Ok(key),
            Self::Certificates(certificates) => certificates,
        };
        let sn = cert_sn.ok_or(NotVerified::BadSignature)?;
        let foreign = || NotVerified::ForeignCertificate { sn: sn.to_owned() };
        certificates.key(sn, now_ms).ok_or_else(foreign)
    }
}

/// `encrypt_type` (alipay.md §2.5).
pub(super) const ENCRYPT_TYPE: &str = "AES";

/// Who speaks: an application at Alipay (alipay.md §2.2). Requests are UTF-8 and RSA2.
#[derive(Clone)]
pub struct App {
    /// 16 to 18 digits.
    pub app_id: String,
    /// The application's private key.
    pub signing_key: SigningKey,
    /// What Alipay's answers are checked with.
    pub trust: Trust,
    /// Receiving account (PID `2088…`) for messages that name one; by default the signing account.
    pub seller_id: Option<String>,
    /// When acting for another merchant (alipay.md §9). A secret: with the application's key it moves the merchant's money.
    pub app_auth_token: Option<String>,
    /// The content key; when there is one, our contents are encrypted (alipay.md §2.5).
    pub aes_key: Option<AesKey>,
}

impl App {
    /// An application in public-key mode that acts for itself and encrypts nothing.
    pub fn with_key(app_id: &str, signing_key: SigningKey, alipay_key: VerifyingKey) -> Self {
        Self {
            app_id: app_id.to_owned(),
            signing_key,
            trust: Trust::Key(alipay_key),
            seller_id: None,
            app_auth_token: None,
            aes_key: None,
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("App")
            .field("app_id", &self.app_id)
            .field("seller_id", &self.seller_id)
            .field("app_cert_sn", &self.trust.certificates().map(Certificates::app_cert_sn))
            .field("app_auth_token", &self.app_auth_token.as_ref().map(|_| "****"))
            .field("aes_key", &self.aes_key)
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
    if let Some(certificates) = app.trust.certificates() {
        parameters.insert("app_cert_sn", certificates.app_cert_sn());
        parameters.insert("alipay_root_cert_sn", certificates.root_cert_sn());
    }
    parameters.insert_some("app_auth_token", app.app_auth_token.as_deref());
    let encrypted = app.aes_key.as_ref().map(|key| key.encrypt(biz_content));
    parameters.insert_some("encrypt_type", encrypted.as_ref().map(|_| ENCRYPT_TYPE));
    parameters.insert("biz_content", encrypted.as_deref().unwrap_or(biz_content));
    // A token is a secret, and what stands in a query is written down on its way; the gateway takes it in the body as well
    // (alipay.md §2.1).
    signed_with(&parameters, &app.signing_key, &["biz_content", "app_auth_token"])
}

/// Any signed call: the parameters in their order and then `sign` in the query, `biz_content` in the form body, empty
/// ones nowhere. The parameter `charset` says in which bytes; what is not known there counts as UTF-8.
pub fn signed_request(parameters: &Fields, key: &SigningKey) -> http::Request {
    signed_with(parameters, key, &["biz_content"])
}

fn signed_with(parameters: &Fields, key: &SigningKey, in_body: &[&str]) -> http::Request {
    let charset = parameters.get("charset").and_then(Charset::from_name).unwrap_or_default();
    let filled: Fields = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    let encoded: Vec<_> =
        filled.iter().map(|(name, value)| (charset.encode(name), charset.encode(value))).collect();
    let text = signed_text(encoded.iter().map(|(name, value)| (&name[..], &value[..])), &["sign"]);
    let (mut query, mut body) = (filled, Fields::new());
    query.remove("sign");
    for name in in_body {
        body.insert_some(name, query.remove(name).as_deref());
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
    /// The signature is right, but the content key does not open the node.
    #[error("the answer is encrypted with another key")]
    Undecipherable,
    /// The answer names a certificate of Alipay's that is not on file, or whose time is over (alipay.md §2.6).
    #[error("the answer is signed with the unknown certificate {sn:?}")]
    ForeignCertificate {
        /// Its number, as claimed.
        sn: String,
    },
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

/// Checks and reads the answer to a call of `method` that arrived at a moment (unix ms).
///
/// The signature is checked over the exact bytes of the node, then over the two spellings of its slashes, which mean
/// the same (alipay.md §2.4). Only then are the bytes deciphered and decoded, UTF-8 or else GBK. In certificate mode the
/// answer must name a certificate that is believed at that moment.
///
/// # Errors
/// [`NotVerified`]; the answer is then no evidence of anything.
pub fn reply(body: &[u8], app: &App, method: &str, now_ms: i64) -> Result<Verified<Node>, NotVerified> {
    let envelope = envelope(body, Some(&node_name(method)), LIMITS)?;
    let Some(sign) = &envelope.sign else { return Err(unsigned(&envelope)) };
    let key = app.trust.key(envelope.cert_sn.as_deref(), now_ms)?;
    let signed = |message: &[u8]| key.verify_sha256(message, sign);
    let node = envelope.node;
    if !signed(node) && !signed(&with_escaped_slashes(node)) && !signed(&with_plain_slashes(node)) {
        return Err(NotVerified::BadSignature);
    }
    let members = if node.starts_with(b"\"") {
        object(&deciphered(node, app.aes_key.as_ref())?, LIMITS)?
    } else {
        // Errors come in the clear, whatever was agreed on (alipay.md §2.4).
        object(node, LIMITS)?
    };
    Ok(Verified::vouch(Node { name: envelope.node_name, members }))
}

/// The content of an encrypted node: a JSON text that holds base64.
fn deciphered(node: &[u8], key: Option<&AesKey>) -> Result<Vec<u8>, NotVerified> {
    let key = key.ok_or(NotVerified::Encrypted)?;
    let base64: String = serde_json::from_slice(node).map_err(|_| NotVerified::Undecipherable)?;
    key.decrypt(&base64).ok_or(NotVerified::Undecipherable)
}

fn unsigned(envelope: &Envelope<'_>) -> NotVerified {
    let members = object(envelope.node, LIMITS).unwrap_or_default();
    let claimed = |name| members.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    NotVerified::Unsigned { code: claimed("code"), sub_code: claimed("sub_code") }
}
