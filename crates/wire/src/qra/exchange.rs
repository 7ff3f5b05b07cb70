//! One exchange from the merchant's side: sign and print a request, read and check its answer.

use super::answer::Answer;
use super::keys::Keys;
use super::{CHARSET, GATEWAY_PATH, VERSION};
use crate::http;
use crate::text::{Fields, xml};
use crate::verified::Verified;

/// Who speaks: a merchant of the platform (unionpay.md §4.1, common request fields).
#[derive(Clone, Debug)]
pub struct QraMerchant {
    /// Merchant number, such as `QRA29045311KKR1`.
    pub mch_id: String,
    /// How its requests are signed and the platform's answers checked.
    pub keys: Keys,
}

/// A signed request: the common fields, then the call's own, then `sign`; every value as CDATA.
///
/// `nonce` is at most 32 characters and must differ from call to call.
pub fn request(service: &str, merchant: &QraMerchant, call: &Fields, nonce: &str) -> http::Request {
    let mut fields = Fields::from_iter([
        ("service", service),
        ("version", VERSION),
        ("charset", CHARSET),
        ("sign_type", merchant.keys.sign_type().name()),
        ("mch_id", merchant.mch_id.as_str()),
        ("nonce_str", nonce),
    ]);
    for (name, value) in call.iter() {
        fields.insert(name, value);
    }
    let sign = merchant.keys.sign(&fields);
    fields.insert("sign", sign);
    http::Request::post(GATEWAY_PATH, "text/xml; charset=utf-8", xml::print_all_as_cdata(&fields))
}

/// The answer's body is not a flat XML message: a proxy's page, a cut connection, an attack. Means *unknown*.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be read: {0}")]
pub struct Unreadable(#[from] pub xml::XmlError);

/// An answer that was read but not yet believed: nothing in it can be asked before [`Reply::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Fields);

/// Reads an answer's body.
///
/// # Errors
/// [`Unreadable`] for anything but a flat XML message within the default limits.
pub fn parse_response(body: &[u8]) -> Result<Reply, Unreadable> {
    Ok(Reply(xml::parse(body, xml::LIMITS)?))
}

/// Why an answer may not be believed. Neither says anything about the payment (unionpay.md §4.5, §11 trap 7).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// No `sign`: the shape of another `status` than 0, which anybody could have written.
    #[error("the answer is unsigned: {status:?} {message:?}")]
    Unsigned {
        /// `status` as claimed; empty when absent.
        status: String,
        /// `message` as claimed, such as `Signature error`; empty when absent.
        message: String,
    },
    /// A `sign` that is not the platform's.
    #[error("the answer's signature is wrong")]
    BadSignature,
}

impl Reply {
    /// Believes the answer if its `sign` fits the merchant's keys, over every received field. What it says its own
    /// `sign_type` is, is not asked: the account decides.
    ///
    /// # Errors
    /// [`NotVerified`]; the answer is then no evidence of anything.
    pub fn verify(self, merchant: &QraMerchant) -> Result<Verified<Answer>, NotVerified> {
        if self.0.filled("sign").is_none() {
            let claimed = |name| self.0.get(name).unwrap_or_default().to_owned();
            return Err(NotVerified::Unsigned { status: claimed("status"), message: claimed("message") });
        }
        if merchant.keys.verify(&self.0) {
            Ok(Verified::vouch(Answer(self.0)))
        } else {
            Err(NotVerified::BadSignature)
        }
    }
}

/// What the platform says instead of a bill. Signed or not, it moves no money (unionpay.md §4.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillRefusal {
    /// `status`; empty when absent.
    pub status: String,
    /// `message`, or `err_code` and `err_msg` where there is none; empty when absent.
    pub message: String,
}

/// Reads the answer to a bill request: the refusal if it is one. A bill itself is text and no XML: `Ok(None)`.
///
/// # Errors
/// [`Unreadable`] for XML that is no flat message.
pub fn bill_refusal(body: &[u8]) -> Result<Option<BillRefusal>, Unreadable> {
    if !body.trim_ascii_start().starts_with(b"<") {
        return Ok(None);
    }
    let fields = xml::parse(body.trim_ascii_start(), xml::LIMITS)?;
    let text = |name| fields.get(name).unwrap_or_default();
    let message = match text("message") {
        "" => format!("{} {}", text("err_code"), text("err_msg")).trim().to_owned(),
        message => message.to_owned(),
    };
    Ok(Some(BillRefusal { status: text("status").to_owned(), message }))
}
