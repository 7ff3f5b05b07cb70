//! AEAD_AES_256_GCM with the APIv3 key (wechat.md §4.3).

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Why a text is not an APIv3 key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an apiv3 key is 32 visible ascii characters, this text is not")]
pub struct ApiV3KeyError;

/// The APIv3 key: 32 characters shared with the channel. Never printed, zeroed when dropped.
#[derive(Clone)]
pub struct ApiV3Key(Zeroizing<[u8; 32]>);

/// An encrypted text as it stands in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// 12 bytes, new for every text under the same key.
    pub nonce: String,
    /// Not secret, but under the same tag.
    pub associated_data: String,
    /// Base64 of the cipher text and its tag of 16 bytes.
    pub ciphertext: String,
}

impl ApiV3Key {
    /// Takes exactly 32 visible ASCII characters.
    ///
    /// # Errors
    /// [`ApiV3KeyError`] for any other text, a pasted line break included.
    pub fn new(text: &str) -> Result<Self, ApiV3KeyError> {
        let bytes: [u8; 32] = text.as_bytes().try_into().map_err(|_| ApiV3KeyError)?;
        let visible = bytes.iter().all(u8::is_ascii_graphic);
        if visible { Ok(Self(Zeroizing::new(bytes))) } else { Err(ApiV3KeyError) }
    }

    /// Encrypts, for the simulator; `None` when `nonce` has not 12 bytes.
    pub fn seal(&self, plain: &[u8], nonce: &str, associated_data: &str) -> Option<Sealed> {
        let mut bytes = plain.to_vec();
        let aad = Aad::from(associated_data.as_bytes());
        self.key().seal_in_place_append_tag(nonce_of(nonce)?, aad, &mut bytes).ok()?;
        Some(Sealed {
            nonce: nonce.to_owned(),
            associated_data: associated_data.to_owned(),
            ciphertext: STANDARD.encode(bytes),
        })
    }

    /// The plain text; `None` when it was not sealed with this key, or anything was changed since.
    pub fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(&sealed.ciphertext).ok()?;
        let aad = Aad::from(sealed.associated_data.as_bytes());
        let plain = self.key().open_in_place(nonce_of(&sealed.nonce)?, aad, &mut bytes).ok()?;
        Some(plain.to_vec())
    }

    fn key(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.0[..]).expect("the key has 32 bytes"))
    }
}

fn nonce_of(text: &str) -> Option<Nonce> {
    Nonce::try_assume_unique_for_key(text.as_bytes()).ok()
}

impl fmt::Debug for ApiV3Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiV3Key(****)")
    }
}
