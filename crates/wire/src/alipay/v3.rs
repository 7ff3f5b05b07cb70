//! OpenAPI v3, the merchant's side: the same calls over REST (alipay.md §2.8).
//!
//! What is served comes signed in its headers; what is refused comes with an HTTP status, a code, and no signature.

use serde_json::Value;

use super::exchange::{App, ENCRYPT_TYPE, NotVerified};
use super::node::Node;
use crate::http::{Method, Request, Response};
use crate::text::json::LIMITS;
use crate::text::raw_json::object;
use crate::verified::Verified;

/// What every path begins with.
pub const V3_PREFIX: &str = "/v3/alipay/";
/// The scheme of the header `Authorization`.
pub(super) const SCHEME: &str = "ALIPAY-SHA256withRSA ";

/// The path of a method: `alipay.trade.pay` is at `/v3/alipay/trade/pay`.
pub fn v3_path(method: &str) -> String {
    format!("/v3/{}", method.replace('.', "/"))
}

/// A signed call of `method` with the JSON text `content`. `nonce` is unique, 32 to 36 letters, digits and dashes.
pub fn v3_request(app: &App, method: &str, content: &str, nonce: &str, now_ms: i64) -> Request {
    let encrypted = app.aes_key.as_ref().map(|key| key.encrypt(content));
    let content_type = if encrypted.is_some() { "text/plain" } else { "application/json" };
    let body = encrypted.clone().unwrap_or_else(|| content.to_owned());
    let mut request = Request::post(&v3_path(method), content_type, body.into_bytes());
    if encrypted.is_some() {
        request.headers.push(("alipay-encrypt-type".to_owned(), ENCRYPT_TYPE.to_owned()));
    }
    v3_sign(app, &mut request, nonce, now_ms);
    request
}

/// Puts `Authorization` and the headers that go with it on a request that is complete otherwise.
pub fn v3_sign(app: &App, request: &mut Request, nonce: &str, now_ms: i64) {
    let certificates = app.trust.certificates();
    let mut auth = format!("app_id={}", app.app_id);
    if let Some(certificates) = certificates {
        auth.push_str(",app_cert_sn=");
        auth.push_str(certificates.app_cert_sn());
    }
    auth.push_str(&format!(",nonce={nonce},timestamp={now_ms}"));
    let token = app.app_auth_token.as_deref();
    let sign = app.signing_key.sign_sha256(&v3_signed_text(&auth, request, token));
    let mut more = vec![
        ("authorization".to_owned(), format!("{SCHEME}{auth},sign={sign}")),
        ("alipay-request-id".to_owned(), nonce.replace('-', "")),
    ];
    more.extend(token.map(|token| ("alipay-app-auth-token".to_owned(), token.to_owned())));
    let root = certificates.map(|certificates| certificates.root_cert_sn().to_owned());
    more.extend(root.map(|root| ("alipay-root-cert-sn".to_owned(), root)));
    request.headers.extend(more);
}

/// What a request's signature is over: every line ends with a line feed, the last one too.
pub(super) fn v3_signed_text(auth: &str, request: &Request, token: Option<&str>) -> Vec<u8> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mark = if request.query.is_empty() { "" } else { "?" };
    let head = format!("{auth}\n{method}\n{}{mark}{}\n", request.path, request.query);
    let tail = token.map(|token| format!("{token}\n")).unwrap_or_default();
    [head.as_bytes(), &request.body, b"\n", tail.as_bytes()].concat()
}

/// What an answer's signature is over.
pub(super) fn v3_answered_text(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat()
}

/// An answer of OpenAPI v3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum V3Reply {
    /// 200, signed. The node is as the gateway would have said it, `code` and `msg` included.
    Served(Verified<Node>),
    /// 202, signed: it was taken up, and nothing is known yet.
    Accepted,
    /// 4xx or 5xx.
    Refused(V3Refusal),
}

/// A refusal of OpenAPI v3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3Refusal {
    /// HTTP status.
    pub status: u16,
    /// `ACQ.…` for the business; the system's codes have no prefix here.
    pub code: String,
    /// The text beside it, for people.
    pub message: String,
    /// Whether it came with a signature that is right. Documented ones come without any.
    pub is_signed: bool,
}

/// Checks and reads an answer that arrived at a moment (unix ms).
///
/// # Errors
/// [`NotVerified`]; the answer is then no evidence of anything. That a refusal is unsigned is no error: it says so itself.
pub fn v3_reply(response: &Response, app: &App, now_ms: i64) -> Result<V3Reply, NotVerified> {
    let is_signed = signed(response, app, now_ms)?;
    if !(200..300).contains(&response.status) {
        return refused(response, is_signed).map(V3Reply::Refused);
    }
    if !is_signed {
        return Err(NotVerified::Unsigned { code: String::new(), sub_code: String::new() });
    }
    if response.status != 200 {
        return Ok(V3Reply::Accepted);
    }
    // In the clear, or the text of a cipher: the signature was over what came.
    let plain = match (response.body.first(), &app.aes_key) {
        (Some(b'{'), _) => response.body.clone(),
        (_, None) => return Err(NotVerified::Encrypted),
        (_, Some(key)) => {
            let text = std::str::from_utf8(&response.body).map_err(|_| NotVerified::Undecipherable)?;
            key.decrypt(text.trim()).ok_or(NotVerified::Undecipherable)?
        }
    };
    let mut members = object(&plain, LIMITS)?;
    for (name, value) in [("code", "10000"), ("msg", "Success")] {
        members.insert(name.to_owned(), Value::from(value));
    }
    Ok(V3Reply::Served(Verified::vouch(Node { name: String::new(), members })))
}

/// Whether an answer is signed rightly; `false` where it is not signed at all.
fn signed(response: &Response, app: &App, now_ms: i64) -> Result<bool, NotVerified> {
    let header = |name| response.header(name).filter(|value| !value.is_empty());
    let Some(sign) = header("alipay-signature") else { return Ok(false) };
    let key = app.trust.key(header("alipay-sn"), now_ms)?;
    let (timestamp, nonce) = (header("alipay-timestamp"), header("alipay-nonce"));
    let text = v3_answered_text(timestamp.unwrap_or_default(), nonce.unwrap_or_default(), &response.body);
    if key.verify_sha256(&text, sign) { Ok(true) } else { Err(NotVerified::BadSignature) }
}

fn refused(response: &Response, is_signed: bool) -> Result<V3Refusal, NotVerified> {
    let members = object(&response.body, LIMITS)?;
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(V3Refusal { status: response.status, code: text("code"), message: text("message"), is_signed })
}
