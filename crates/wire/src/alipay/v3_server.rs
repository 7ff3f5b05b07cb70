//! OpenAPI v3 from Alipay's side: read and check a request, sign and print its answer (alipay.md §2.8). For the simulator.

use std::fmt;

use serde_json::json;

use super::exchange::ENCRYPT_TYPE;
use super::server::{BadSignature, ContentFault};
use super::v3::{SCHEME, v3_answered_text, v3_signed_text};
use crate::http::{Request, Response};
use crate::sign::{AesKey, SigningKey, VerifyingKey};
use crate::verified::Verified;

/// Why a request cannot be looked at: the code to refuse it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header Authorization: {0}")]
pub struct V3Fault(pub &'static str);

/// A request as received. Claims, until [`V3Received::verify`].
#[derive(Clone)]
pub struct V3Received {
    items: Vec<(String, String)>,
    sign: String,
    signed_text: Vec<u8>,
    headers: Vec<(String, String)>,
    body: String,
}

impl V3Received {
    /// An item of `Authorization` such as `app_id`, `app_cert_sn`, `timestamp`; `None` when absent or empty.
    pub fn item(&self, name: &str) -> Option<&str> {
        let found = self.items.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A header such as `alipay-app-auth-token`, `alipay-root-cert-sn`; `None` when absent or empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether the content is encrypted, and the answer shall be.
    pub fn is_encrypted(&self) -> bool {
        self.header("alipay-encrypt-type").is_some()
    }

    /// The JSON text of the call, deciphered where it is encrypted.
    ///
    /// # Errors
    /// [`ContentFault`].
    pub fn content(&self, key: Option<&AesKey>) -> Result<String, ContentFault> {
        match self.header("alipay-encrypt-type") {
            None => Ok(self.body.clone()),
            Some(ENCRYPT_TYPE) => {
                let plain = key.and_then(|key| key.decrypt(&self.body)).ok_or(ContentFault::Key)?;
                String::from_utf8(plain).map_err(|_| ContentFault::Key)
            }
            Some(_) => Err(ContentFault::Type),
        }
    }

    /// Checks the signature with the application's public key.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(self, app_key: &VerifyingKey) -> Result<Verified<Self>, BadSignature> {
        let valid = app_key.verify_sha256(&self.signed_text, &self.sign);
        if valid { Ok(Verified::vouch(self)) } else { Err(BadSignature) }
    }
}

/// Without body, signed text and headers: they hold the payment code and tokens.
impl fmt::Debug for V3Received {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("V3Received").field("items", &self.items).finish_non_exhaustive()
    }
}

/// Reads a request. The order of the items is the caller's: the signature is over the text as it came.
///
/// # Errors
/// [`V3Fault`].
pub fn read_v3_request(request: &Request) -> Result<V3Received, V3Fault> {
    // What a request without the header is answered (alipay.md §2.8).
    let header = request.header("authorization").ok_or(V3Fault("missing-timestamp"))?;
    let signed = header.strip_prefix(SCHEME).ok_or(V3Fault("invalid-signature-type"))?;
    // The signature is base64: what follows its `=` may hold more of them, but no comma.
    let (auth, sign) = signed.rsplit_once(",sign=").ok_or(V3Fault("missing-signature"))?;
    let items = auth.split(',').map(|item| {
        let (name, value) = item.split_once('=').ok_or(V3Fault("invalid-parameter"))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    let items = items.collect::<Result<Vec<_>, V3Fault>>()?;
    let token = request.header("alipay-app-auth-token").filter(|token| !token.is_empty());
    Ok(V3Received {
        items,
        sign: sign.to_owned(),
        signed_text: v3_signed_text(auth, request, token),
        headers: request.headers.clone(),
        body: String::from_utf8(request.body.clone()).map_err(|_| V3Fault("invalid-charset"))?,
    })
}

/// How an answer is signed and written.
#[derive(Clone, Debug)]
pub struct V3Hand {
    /// Alipay's key.
    pub key: SigningKey,
    /// In certificate mode its certificate, `alipay-sn`.
    pub cert_sn: Option<String>,
    /// With a content key the body is encrypted.
    pub aes_key: Option<AesKey>,
    /// When it is answered, unix ms.
    pub now_ms: i64,
    /// Unique.
    pub nonce: String,
}

/// A signed answer with this JSON text.
pub fn v3_response(status: u16, text: &str, hand: &V3Hand) -> Response {
    let (content_type, body) = match &hand.aes_key {
        None => ("application/json;charset=utf-8", text.to_owned()),
        Some(key) => ("text/plain;charset=utf-8", key.encrypt(text)),
    };
    let timestamp = hand.now_ms.to_string();
    let sign = hand.key.sign_sha256(&v3_answered_text(&timestamp, &hand.nonce, body.as_bytes()));
    let mut response = Response { status, ..Response::ok(content_type, body.into_bytes()) };
    let sn = hand.cert_sn.iter().map(|sn| ("alipay-sn", sn.clone()));
    let own =
        [("alipay-timestamp", timestamp), ("alipay-nonce", hand.nonce.clone()), ("alipay-signature", sign)];
    response.headers.extend(own.into_iter().chain(sn).map(|(name, value)| (name.to_owned(), value)));
    response
}

/// A refusal, without a signature.
pub fn v3_refusal(status: u16, code: &str, message: &str) -> Response {
    let body = json!({ "code": code, "message": message, "links": [] });
    Response { status, ..Response::ok("application/json;charset=utf-8", body.to_string().into_bytes()) }
}
