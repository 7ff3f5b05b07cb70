//! One exchange from the gateway's side: read and check a request, sign and print its answer. For the simulator.

use std::fmt;

use super::exchange::ENCRYPT_TYPE;
use super::{node_name, signed_text};
use crate::http;
use crate::sign::{AesKey, SigningKey, VerifyingKey};
use crate::text::raw_json::{ERROR_NODE, with_escaped_slashes};
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// Why a request cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// Query or body is not a form in the declared charset, or a name stands twice over both.
    #[error(transparent)]
    Form(#[from] form::FormError),
    /// The parameter `charset` names none that is known (`isv.invalid-charset`).
    #[error("unknown charset {0:?}")]
    Charset(String),
}

/// The signature of a request is missing, of an unknown type, or wrong (`isv.invalid-signature`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's signature is missing or wrong")]
pub struct BadSignature;

/// Why the content of a request cannot be deciphered (alipay.md §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentFault {
    /// `encrypt_type` names another cipher (`isv.invalid-encrypt-type`).
    #[error("unknown encrypt_type")]
    Type,
    /// The application has no content key, or this one does not open the content (`isv.decryption-error-unknown`).
    #[error("the content cannot be deciphered")]
    Key,
}

/// A request as received: parameters of query and body together. Claims, until [`Received::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    parameters: Fields,
    charset: Charset,
    signed_text: Vec<u8>,
}

impl Received {
    /// A parameter such as `app_id`, `method`, `timestamp`, `app_auth_token`; `None` when absent or empty. The gateway
    /// looks at method and application before it looks at the signature (alipay.md §2.3).
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.filled(name)
    }

    /// The JSON text of the call; `None` when absent or empty.
    pub fn biz_content(&self) -> Option<&str> {
        self.parameter("biz_content")
    }

    /// Whether the content is encrypted, and the answer shall be.
    pub fn is_encrypted(&self) -> bool {
        self.parameter("encrypt_type").is_some()
    }

    /// The JSON text of the call, deciphered where it is encrypted; empty when absent.
    ///
    /// # Errors
    /// [`ContentFault`].
    pub fn content(&self, key: Option<&AesKey>) -> Result<String, ContentFault> {
        let sent = self.biz_content().unwrap_or_default();
        match self.parameter("encrypt_type") {
            None => Ok(sent.to_owned()),
            Some(ENCRYPT_TYPE) => {
                let plain = key.and_then(|key| key.decrypt(sent)).ok_or(ContentFault::Key)?;
                String::from_utf8(plain).map_err(|_| ContentFault::Key)
            }
            Some(_) => Err(ContentFault::Type),
        }
    }

    /// All parameters in the order of arrival, `sign` included.
    pub fn parameters(&self) -> &Fields {
        &self.parameters
    }

    /// The declared charset; UTF-8 when none was declared.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Checks the signature with the application's public key: `RSA2` with SHA-256, the old `RSA` with SHA-1.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(self, app_key: &VerifyingKey) -> Result<Verified<Self>, BadSignature> {
        let sign = self.parameter("sign").ok_or(BadSignature)?;
        let valid = match self.parameter("sign_type") {
            Some("RSA2") => app_key.verify_sha256(&self.signed_text, sign),
            Some("RSA") => app_key.verify_sha1(&self.signed_text, sign),
            Some(_) | None => false,
        };
        if valid { Ok(Verified::vouch(self)) } else { Err(BadSignature) }
    }
}

/// Without the signed text, which holds the payment code in plain bytes.
impl fmt::Debug for Received {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parameters, charset, signed_text } = self;
        formatter
            .debug_struct("Received")
            .field("parameters", parameters)
            .field("charset", charset)
            .field("signed_text_bytes", &signed_text.len())
            .finish()
    }
}

/// Reads a request: GET or POST, parameters in the query, the form body, or split over both (alipay.md §2.1).
///
/// # Errors
/// [`BadRequest`].
pub fn read_request(request: &http::Request) -> Result<Received, BadRequest> {
    let mut pairs = form::raw_pairs(request.query.as_bytes())?;
    pairs.extend(form::raw_pairs(&request.body)?);
    let declared = pairs.iter().find(|(name, _)| name == b"charset").map(|(_, value)| value);
    let charset = match declared.map(|value| String::from_utf8_lossy(value)) {
        None => Charset::Utf8,
        Some(name) if name.is_empty() => Charset::Utf8,
        Some(name) => Charset::from_name(&name).ok_or_else(|| BadRequest::Charset(name.into_owned()))?,
    };
    let parameters = form::fields_of(&pairs, charset)?;
    let signed_text = signed_text(pairs.iter().map(|(name, value)| (&name[..], &value[..])), &["sign"]);
    Ok(Received { parameters, charset, signed_text })
}

/// How an answer is written. The default is what the gateway mostly does.
#[derive(Clone, Debug, Default)]
pub struct ResponseOptions {
    /// `alipay_cert_sn`, as in certificate mode.
    pub cert_sn: Option<CertSn>,
    /// How the node's slashes are written and signed.
    pub slashes: Slashes,
    /// In which bytes the node is written and signed, whatever was asked for (alipay.md §2.4).
    pub charset: Charset,
    /// With a content key the node is encrypted, and what is signed is the cipher's text (alipay.md §2.4, §2.5).
    pub aes_key: Option<AesKey>,
}

/// A certificate number and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertSn {
    /// 32 hexadecimal characters.
    pub value: String,
    /// Before or after `sign`; both are seen.
    pub place: CertSnPlace,
}

/// Where `alipay_cert_sn` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertSnPlace {
    /// Between the node and `sign`.
    BeforeSign,
    /// At the end.
    AfterSign,
}

/// How slashes are written and signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slashes {
    /// As the caller wrote them, signed as sent.
    #[default]
    AsWritten,
    /// Sent as `\/`, signed as sent.
    Escaped,
    /// Sent as `\/`, signed as the caller wrote them.
    EscapedSignedAsWritten,
}

/// A signed answer to `method`, HTTP 200: the node's text as it is, and the signature over exactly that text. An empty
/// `method` makes an `error_response`.
pub fn response(method: &str, node: &str, key: &SigningKey, options: &ResponseOptions) -> http::Response {
    let written = match &options.aes_key {
        None => options.charset.encode(node),
        Some(key) => format!("\"{}\"", key.encrypt(node)).into_bytes(),
    };
    let escaped = || with_escaped_slashes(&written);
    let (sent, sign) = match options.slashes {
        Slashes::AsWritten => (written.clone(), key.sign_sha256(&written)),
        Slashes::Escaped => (escaped(), key.sign_sha256(&escaped())),
        Slashes::EscapedSignedAsWritten => (escaped(), key.sign_sha256(&written)),
    };
    let sign = format!(",\"sign\":\"{sign}\"");
    let tail = match &options.cert_sn {
        None => sign,
        Some(CertSn { value, place: CertSnPlace::BeforeSign }) => {
            format!(",\"alipay_cert_sn\":\"{value}\"{sign}")
        }
        Some(CertSn { value, place: CertSnPlace::AfterSign }) => {
            format!("{sign},\"alipay_cert_sn\":\"{value}\"")
        }
    };
    answer(method, &sent, &tail)
}

/// An answer without `sign`, HTTP 200, as some errors of the gateway come (alipay.md §2.4).
pub fn unsigned_response(method: &str, node: &str) -> http::Response {
    answer(method, node.as_bytes(), "")
}

fn answer(method: &str, node: &[u8], tail: &str) -> http::Response {
    let name = if method.is_empty() { ERROR_NODE.to_owned() } else { node_name(method) };
    let body = [format!("{{\"{name}\":").as_bytes(), node, tail.as_bytes(), b"}"].concat();
    http::Response::ok("text/html;charset=utf-8", body)
}
