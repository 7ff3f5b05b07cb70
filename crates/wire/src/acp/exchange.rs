//! One exchange from the merchant's side: sign and print a request, read and check its answer.

use super::answer::Answer;
use super::body::{Unreadable, read_fields};
use super::signature::digest;
use super::trust::{Foreign, Trust};
use super::{ACCESS_TYPE, BIZ_TYPE, ENCODING, SIGN_METHOD, VERSION};
use crate::http;
use crate::sign::SigningKey;
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// Who speaks: a merchant with a contract of its own (unionpay.md §5.1, common fields).
#[derive(Clone, Debug)]
pub struct AcpMerchant {
    /// Merchant number, 15 letters and digits.
    pub mer_id: String,
    /// Serial number of the merchant's signing certificate, decimal.
    pub cert_id: String,
    /// The key of that certificate.
    pub key: SigningKey,
    /// What UnionPay's certificates are checked against.
    pub trust: Trust,
}

/// A signed request: the common fields, then the call's own, then `signature`. Empty fields are not sent.
pub fn request(path: &str, merchant: &AcpMerchant, call: &Fields) -> http::Request {
    let mut fields = Fields::from_iter([
        ("version", VERSION),
        ("encoding", ENCODING),
        ("signMethod", SIGN_METHOD),
        ("certId", merchant.cert_id.as_str()),
        ("bizType", BIZ_TYPE),
        ("accessType", ACCESS_TYPE),
        ("merId", merchant.mer_id.as_str()),
    ]);
    for (name, value) in call.iter() {
        fields.insert_some(name, Some(value));
    }
    let signature = merchant.key.sign_sha256(digest(&fields).as_bytes());
    fields.insert("signature", signature);
    let body = form::encode(&fields, Charset::Utf8).into_bytes();
    http::Request::post(path, "application/x-www-form-urlencoded; charset=UTF-8", body)
}

/// An answer that was read but not yet believed: nothing in it can be asked before [`Reply::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Fields);

/// Reads an answer's body, or a notice's.
///
/// # Errors
/// [`Unreadable`] for anything but pairs of this channel.
pub fn parse_response(body: &[u8]) -> Result<Reply, Unreadable> {
    Ok(Reply(read_fields(body)?))
}

/// Why an answer may not be believed. None of it says anything about the payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// No `signature`: an error so early that UnionPay could not sign, or anybody (unionpay.md §5.1).
    #[error("the answer is unsigned: {resp_code:?} {resp_msg:?}")]
    Unsigned {
        /// `respCode` as claimed; empty when absent.
        resp_code: String,
        /// `respMsg` as claimed; empty when absent.
        resp_msg: String,
    },
    /// The certificate in it is not UnionPay's.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The certificate is UnionPay's, the signature is not by its key over these fields.
    #[error("the answer's signature is wrong")]
    BadSignature,
}

impl Reply {
    /// Believes the answer if UnionPay's certificate is in it, valid at this moment (unix ms), and its key signed every
    /// received field.
    ///
    /// # Errors
    /// [`NotVerified`]; the answer is then no evidence of anything.
    pub fn verify(self, merchant: &AcpMerchant, now_ms: i64) -> Result<Verified<Answer>, NotVerified> {
        let Some(signature) = self.0.filled("signature") else {
            let claimed = |name| self.0.get(name).unwrap_or_default().to_owned();
            return Err(NotVerified::Unsigned {
                resp_code: claimed("respCode"),
                resp_msg: claimed("respMsg"),
            });
        };
        let signer = merchant.trust.signer(self.0.filled("signPubKeyCert"), now_ms)?;
        if signer.verify_sha256(digest(&self.0).as_bytes(), signature) {
            Ok(Verified::vouch(Answer(self.0)))
        } else {
            Err(NotVerified::BadSignature)
        }
    }
}
