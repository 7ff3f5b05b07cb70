//! The asynchronous notice (alipay.md §10): a hint that something happened, never a substitute for a query.

use super::exchange::NotVerified;
use super::signed_text;
use crate::sign::VerifyingKey;
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// The fields of a notice. They can be asked only through [`Verified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice(Fields);

impl Verified<Notice> {
    /// A field; `None` when absent or empty.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.value().0.filled(name)
    }
}

/// Checks and reads a notice's form body.
///
/// `sign` and `sign_type` are left out of the signed text; notices that are not about trades keep `sign_type`, so that
/// is tried as well (alipay.md §10). Only `sign_type=RSA2` is believed.
///
/// # Errors
/// [`NotVerified`]; the notice is then no evidence of anything.
pub fn notice(body: &[u8], alipay_key: &VerifyingKey) -> Result<Verified<Notice>, NotVerified> {
    let pairs = form::raw_pairs(body)?;
    let raw =
        |wanted: &[u8]| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_slice());
    let declared = raw(b"charset").and_then(|name| std::str::from_utf8(name).ok());
    let charset = declared.map_or(Some(Charset::Utf8), Charset::from_name).ok_or(form::FormError::Charset)?;
    let fields = form::fields_of(&pairs, charset)?;
    let Some(sign) = fields.filled("sign") else {
        return Err(NotVerified::Unsigned { code: String::new(), sub_code: String::new() });
    };
    let text = |left_out| signed_text(pairs.iter().map(|(name, value)| (&name[..], &value[..])), left_out);
    let signed = |left_out| alipay_key.verify_sha256(&text(left_out), sign);
    let believed =
        fields.get("sign_type") == Some("RSA2") && (signed(&["sign", "sign_type"]) || signed(&["sign"]));
    if believed { Ok(Verified::vouch(Notice(fields))) } else { Err(NotVerified::BadSignature) }
}
