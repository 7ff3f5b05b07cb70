//! Signatures with a shared secret: WeChat Pay APIv2 (wechat.md §3) and the channels that copied it.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::digest::{hmac_sha256, md5, upper_hex};
use crate::text::Fields;

/// The digest of an APIv2 signature (`sign_type`, wechat.md §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum V2SignType {
    /// `MD5`, what a message without `sign_type` means.
    Md5,
    /// `HMAC-SHA256`, keyed with the API key, which is also appended to the text.
    HmacSha256,
}

impl V2SignType {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::HmacSha256 => "HMAC-SHA256",
        }
    }

    /// The type of that name; `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "MD5" => Some(Self::Md5),
            "HMAC-SHA256" => Some(Self::HmacSha256),
            _ => None,
        }
    }
}

/// A merchant's APIv2 key: 32 characters shared with the channel (wechat.md §3). Never printed, zeroed when dropped.
#[derive(Clone)]
pub struct ApiKey(String);

/// Why a text is not an API key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an api key is 32 visible ascii characters, this text is not")]
pub struct ApiKeyError;

impl ApiKey {
    /// Takes exactly 32 visible ASCII characters.
    ///
    /// # Errors
    /// [`ApiKeyError`] for any other text, a pasted line break included.
    pub fn new(text: &str) -> Result<Self, ApiKeyError> {
        let well_formed = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if well_formed { Ok(Self(text.to_owned())) } else { Err(ApiKeyError) }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(****)")
    }
}

impl Drop for ApiKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The signature of `fields`: every field but `sign`, empty values left out, sorted by raw bytes, values raw, then the
/// key (wechat.md §3). Upper-case hexadecimal, 32 characters for MD5 and 64 for HMAC-SHA256.
pub fn v2_sign(fields: &Fields, key: &ApiKey, sign_type: V2SignType) -> String {
    let text = string_sign_temp(fields, key);
    match sign_type {
        V2SignType::Md5 => upper_hex(&md5(text.as_bytes())),
        V2SignType::HmacSha256 => upper_hex(hmac_sha256(key.0.as_bytes(), text.as_bytes()).as_ref()),
    }
}

/// Whether the field `sign` is the signature of all the others. A missing or empty `sign` is never valid.
pub fn v2_verify(fields: &Fields, key: &ApiKey, sign_type: V2SignType) -> bool {
    let Some(claimed) = fields.get("sign") else { return false };
    bool::from(claimed.as_bytes().ct_eq(v2_sign(fields, key, sign_type).as_bytes()))
}

fn string_sign_temp(fields: &Fields, key: &ApiKey) -> Zeroizing<String> {
    let mut text = joined(fields, "&key=".len() + key.0.len());
    let label = if text.is_empty() { "key=" } else { "&key=" };
    text.push_str(label);
    text.push_str(&key.0);
    text
}

/// The text that a signature of this family is over: every field but `sign`, empty values left out, sorted by raw bytes,
/// joined as `name=value` with `&`, values raw. Schemes with a shared key append it; RSA signs the text as it is
/// (unionpay.md §4.1). It may hold a payment code, so it is zeroed when dropped.
pub fn sorted_text(fields: &Fields) -> Zeroizing<String> {
    joined(fields, 0)
}

/// One allocation that leaves room for `more` bytes, so that no copy of a key or code is left behind by growth.
fn joined(fields: &Fields, more: usize) -> Zeroizing<String> {
    let mut parts: Vec<(&str, &str)> =
        fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty()).collect();
    parts.sort_unstable_by_key(|(name, _)| name.as_bytes());
    let length = parts.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(length + more));
    for (name, value) in parts {
        let separator = if text.is_empty() { "" } else { "&" };
        for piece in [separator, name, "=", value] {
            text.push_str(piece);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_is_32_visible_characters_and_never_printed() {
        let key = ApiKey::new("192006250b4c09247ec02edce69f6a2d").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(****)");
        for bad in ["", "192006250b4c09247ec02edce69f6a2", "192006250b4c09247ec02edce69f6a2\n"] {
            assert_eq!(ApiKey::new(bad).unwrap_err(), ApiKeyError);
        }
    }
}
