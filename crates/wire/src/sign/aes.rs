//! Encrypted content: AES-128 in CBC with a vector of zeros (icbc.md §2, "AES"; alipay.md §2.5).
//!
//! The vector of zeros makes equal contents look equal, and nothing here protects against changes: the signature does.
//! This construction is ICBC's and Alipay's; nothing else may use it.

use std::fmt;

use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Why a text is not an AES key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an aes key: give the base64 of 16 bytes")]
pub struct AesKeyError;

/// A content key of 16 bytes. Never printed, zeroed when dropped.
#[derive(Clone)]
pub struct AesKey(Zeroizing<[u8; 16]>);

impl AesKey {
    /// The base64 of 16 bytes.
    ///
    /// # Errors
    /// [`AesKeyError`] for anything else.
    pub fn from_base64(text: &str) -> Result<Self, AesKeyError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| AesKeyError)?);
        bytes.as_slice().try_into().map(|bytes| Self(Zeroizing::new(bytes))).map_err(|_| AesKeyError)
    }

    /// The content in base64.
    pub fn encrypt(&self, content: &str) -> String {
        let mut bytes = content.as_bytes().to_vec();
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(self.unbound()).expect("aes has a cbc mode");
        key.less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(no_vector()))
            .expect("any text can be encrypted");
        STANDARD.encode(bytes)
    }

    /// The content behind base64; `None` when it is none of this key's.
    pub fn decrypt(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(text).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(self.unbound()).expect("aes has a cbc mode");
        let content = key.decrypt(&mut bytes, DecryptionContext::Iv128(no_vector())).ok()?;
        Some(content.to_vec())
    }

    fn unbound(&self) -> UnboundCipherKey {
        UnboundCipherKey::new(&AES_128, &self.0[..]).expect("the key has 16 bytes")
    }
}

fn no_vector() -> FixedLength<16> {
    FixedLength::from([0; 16])
}

impl fmt::Debug for AesKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AesKey(****)")
    }
}
