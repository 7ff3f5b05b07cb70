//! One exchange from the gateway's side: read and check a request, sign and print its answer. For the simulator.

use std::fmt;

use super::{hash_of, signed_text};
use crate::http;
use crate::sign::{AesKey, RsaHash, SigningKey, VerifyingKey};
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// Why a request cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// The body is not a form in the declared charset, or a name stands twice.
    #[error(transparent)]
    Form(#[from] form::FormError),
    /// The parameter `charset` names none that is known.
    #[error("unknown charset {0:?}")]
    Charset(String),
}

/// The signature of a request is missing, of an unknown type, or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's signature is missing or wrong")]
pub struct BadSignature;

/// A request as received. Claims, until [`Received::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    parameters: Fields,
    signed_text: Vec<u8>,
}

impl Received {
    /// A parameter such as `app_id`, `msg_id`, `timestamp`; `None` when absent or empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.filled(name)
    }

    /// All parameters in the order of arrival, `sign` included.
    pub fn parameters(&self) -> &Fields {
        &self.parameters
    }

    /// The JSON text of the call, decrypted where `encrypt_type` says that it is encrypted; `None` when it is absent,
    /// or encrypted in a way or with a key that is not known here.
    pub fn biz_content(&self, aes_key: Option<&AesKey>) -> Option<String> {
        let content = self.parameter("biz_content")?;
        match self.parameter("encrypt_type") {
            None => Some(content.to_owned()),
            Some("AES") => String::from_utf8(aes_key?.decrypt(content)?).ok(),
            Some(_) => None,
        }
    }

    /// Checks the signature with the application's public key: `RSA` is SHA-1, `RSA2` is SHA-256.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(self, app_key: &VerifyingKey) -> Result<Verified<Self>, BadSignature> {
        let sign = self.parameter("sign").ok_or(BadSignature)?;
        let hash = self.parameter("sign_type").and_then(hash_of).ok_or(BadSignature)?;
        let valid = app_key.verify(hash, &self.signed_text, sign);
        if valid { Ok(Verified::vouch(self)) } else { Err(BadSignature) }
    }
}

/// Without the signed text, which holds the payment code in plain bytes.
impl fmt::Debug for Received {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parameters, signed_text } = self;
        formatter
            .debug_struct("Received")
            .field("parameters", parameters)
            .field("signed_text_bytes", &signed_text.len())
            .finish()
    }
}

/// Reads a request: a POST with all parameters in the form body (icbc.md §2).
///
/// # Errors
/// [`BadRequest`].
pub fn read_request(request: &http::Request) -> Result<Received, BadRequest> {
    let pairs = form::raw_pairs(&request.body)?;
    let declared = pairs.iter().find(|(name, _)| name == b"charset").map(|(_, value)| value);
    let charset = match declared.map(|value| String::from_utf8_lossy(value)) {
        None => Charset::Utf8,
        Some(name) if name.is_empty() => Charset::Utf8,
        Some(name) => Charset::from_name(&name).ok_or_else(|| BadRequest::Charset(name.into_owned()))?,
    };
    let parameters = form::fields_of(&pairs, charset)?;
    Ok(Received { parameters, signed_text: signed_text(&request.path, &pairs) })
}

/// How answers are signed and sealed.
#[derive(Clone, Debug)]
pub struct Hand {
    /// The gateway's private key.
    pub key: SigningKey,
    /// Its hash.
    pub hash: RsaHash,
    /// With a key, contents are encrypted.
    pub aes_key: Option<AesKey>,
}

/// A signed answer, HTTP 200: the content's text as it is, or encrypted in a JSON string, and the signature over exactly
/// what is sent.
pub fn response(content: &str, hand: &Hand) -> http::Response {
    let sent = match &hand.aes_key {
        None => content.to_owned(),
        Some(key) => format!("\"{}\"", key.encrypt(content)),
    };
    let sign = hand.key.sign(hand.hash, sent.as_bytes());
    let body = format!("{{\"response_biz_content\":{sent},\"sign\":\"{sign}\"}}");
    http::Response::ok("application/json;charset=UTF-8", body.into_bytes())
}

/// An answer without `sign`, HTTP 200, as a broken gateway might send it.
pub fn unsigned_response(content: &str) -> http::Response {
    let body = format!("{{\"response_biz_content\":{content}}}");
    http::Response::ok("application/json;charset=UTF-8", body.into_bytes())
}
