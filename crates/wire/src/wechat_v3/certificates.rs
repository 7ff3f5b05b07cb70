//! The download of the platform certificates (wechat.md §4.2, §4.3).
//!
//! What proves them is the APIv3 key: the first answer is signed with a key that only the answer itself holds.

use serde_json::Value;

use super::aead::{ApiV3Key, Sealed};
use super::body::Object;
use super::exchange::{Draft, NotVerified, reply};
use super::keys::ChannelKeys;
use super::time::{parse_rfc3339, rfc3339};
use super::{CERTIFICATES_PATH, PUBLIC_KEY_ID, x509};
use crate::http::Response;
use crate::sign::VerifyingKey;
use crate::text::json::LIMITS;
use crate::text::raw_json;

/// A platform certificate that came under our APIv3 key.
#[derive(Clone, Debug)]
pub struct PlatformCertificate {
    /// Upper-case hexadecimal, as `Wechatpay-Serial` says it.
    pub serial_no: String,
    /// From when on it is used, Unix ms.
    pub effective_time: i64,
    /// When it ends, Unix ms.
    pub expire_time: i64,
    /// What checks its signatures.
    pub key: VerifyingKey,
}

/// Why the download brought nothing that may be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not the answer's form, or a refusal.
    #[error("the answer holds no certificates: http {status}")]
    Form {
        /// HTTP status.
        status: u16,
    },
    /// Not sealed with our APIv3 key.
    #[error("a certificate is sealed with a key that is not our apiv3 key")]
    Sealed,
    /// Not an RSA certificate, or not of the serial beside it.
    #[error("the certificate {serial_no:?} cannot be read, or is another one")]
    Certificate {
        /// As claimed.
        serial_no: String,
    },
    /// The answer's own signature is of neither a known key nor a brought one.
    #[error(transparent)]
    NotVerified(#[from] NotVerified),
}

/// The call of the download, unsigned.
pub fn certificates_draft() -> Draft {
    Draft::get(CERTIFICATES_PATH.to_owned(), String::new())
}

/// Opens the answer to a download: all certificates in it, or none. Its own signature must be by one of them or by one
/// of `known`, which may be empty. `now` is in Unix seconds.
///
/// # Errors
/// [`CertificateError`].
pub fn certificates(
    response: &Response,
    api_key: &ApiV3Key,
    known: &ChannelKeys,
    now: i64,
) -> Result<Vec<PlatformCertificate>, CertificateError> {
    let form = || CertificateError::Form { status: response.status };
    let answer = raw_json::object(&response.body, LIMITS).map_err(|_| form())?;
    let entries = answer.get("data").and_then(Value::as_array).ok_or_else(form)?;
    let mut keys = known.clone();
    let mut brought = Vec::with_capacity(entries.len());
    for entry in entries {
        let certificate = opened(entry, api_key).unwrap_or_else(|| Err(form()))?;
        keys.add_certificate(&certificate);
        brought.push(certificate);
    }
    reply(response, &keys, now)?;
    Ok(brought)
}

/// `None` when a member is missing or not in its form.
fn opened(entry: &Value, api_key: &ApiV3Key) -> Option<Result<PlatformCertificate, CertificateError>> {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let time = |name: &str| text(entry, name).as_deref().and_then(parse_rfc3339);
    let serial_no = text(entry, "serial_no")?.to_ascii_uppercase();
    let (effective_time, expire_time) = (time("effective_time")?, time("expire_time")?);
    let inside = entry.get("encrypt_certificate")?;
    if text(inside, "algorithm")? != ALGORITHM {
        return None;
    }
    let sealed = Sealed {
        nonce: text(inside, "nonce")?,
        associated_data: text(inside, "associated_data").unwrap_or_default(),
        ciphertext: text(inside, "ciphertext")?,
    };
    let Some(plain) = api_key.open(&sealed) else { return Some(Err(CertificateError::Sealed)) };
    let read = String::from_utf8(plain).ok().and_then(|pem| x509::serial_and_key(&pem));
    Some(match read {
        Some((serial, key))
            if serial == serial_no.trim_start_matches('0') && !serial_no.starts_with(PUBLIC_KEY_ID) =>
        {
            Ok(PlatformCertificate { serial_no, effective_time, expire_time, key })
        }
        _ => Err(CertificateError::Certificate { serial_no }),
    })
}

const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// The body of the answer to a download, for the simulator: each certificate's serial, its two times in Unix ms, and
/// its sealed PEM.
pub fn certificates_body(entries: &[(&str, i64, i64, Sealed)]) -> String {
    let print = |(serial_no, effective_time, expire_time, sealed): &(&str, i64, i64, Sealed)| {
        let mut inside = Object::default();
        inside.text("algorithm", Some(ALGORITHM));
        inside.text("nonce", Some(&sealed.nonce));
        inside.text("associated_data", Some(&sealed.associated_data));
        inside.text("ciphertext", Some(&sealed.ciphertext));
        let mut entry = Object::default();
        entry.text("serial_no", Some(serial_no));
        entry.text("effective_time", Some(&rfc3339(*effective_time)));
        entry.text("expire_time", Some(&rfc3339(*expire_time)));
        entry.object("encrypt_certificate", inside);
        entry.print()
    };
    let entries: Vec<String> = entries.iter().map(print).collect();
    format!("{{\"data\":[{}]}}", entries.join(","))
}
