//! The notification (icbc.md §2, "Notification"): a hint that something happened, never a substitute for a query.

use serde_json::Value;

use super::content::Content;
use super::exchange::{App, NotVerified};
use super::{hash_of, sign_type, signed_text};
use crate::http;
use crate::sign::AesKey;
use crate::text::json::LIMITS;
use crate::text::{Charset, form, raw_json};
use crate::verified::Verified;

/// Checks and reads a notification's form body; `path` is the path (and query) of the address as it was registered.
///
/// Believed is only the hash that was agreed for answers, and only where `sign_type` says the same.
///
/// # Errors
/// [`NotVerified`]; the notification is then no evidence of anything.
pub fn notice(path: &str, body: &[u8], app: &App) -> Result<Verified<Content>, NotVerified> {
    let pairs = form::raw_pairs(body)?;
    let raw =
        |wanted: &[u8]| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_slice());
    let declared = raw(b"charset").and_then(|name| std::str::from_utf8(name).ok());
    let charset = declared.map_or(Some(Charset::Utf8), Charset::from_name).ok_or(form::FormError::Charset)?;
    let fields = form::fields_of(&pairs, charset)?;
    let Some(sign) = fields.filled("sign") else {
        return Err(NotVerified::Unsigned { return_code: String::new(), return_msg: String::new() });
    };
    let agreed = fields.filled("sign_type").and_then(hash_of) == Some(app.answer_hash);
    if !agreed || !app.gateway_key.verify(app.answer_hash, &signed_text(path, &pairs), sign) {
        return Err(NotVerified::BadSignature);
    }
    let content = fields.filled("biz_content").ok_or(NotVerified::NoContent)?;
    let plain = match fields.filled("encrypt_type") {
        None => content.as_bytes().to_vec(),
        Some(_) => decrypted(app.aes_key.as_ref(), content)?,
    };
    Ok(Verified::vouch(Content::new(raw_json::object(&plain, LIMITS)?)))
}

fn decrypted(key: Option<&AesKey>, content: &str) -> Result<Vec<u8>, NotVerified> {
    key.and_then(|key| key.decrypt(content)).ok_or(NotVerified::Encrypted)
}

/// What a merchant answers to a notification: it was taken. The signature covers all between the braces but itself.
pub fn notice_reply(app: &App, msg_id: &str) -> http::Response {
    let content =
        format!("{{\"return_code\":0,\"return_msg\":\"success\",\"msg_id\":{}}}", Value::from(msg_id));
    let signed =
        format!("\"response_biz_content\":{content},\"sign_type\":\"{}\"", sign_type(app.request_hash));
    let sign = app.signing_key.sign(app.request_hash, signed.as_bytes());
    let body = format!("{{{signed},\"sign\":\"{sign}\"}}");
    http::Response::ok("application/json;charset=UTF-8", body.into_bytes())
}
