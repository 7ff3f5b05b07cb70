//! Knowing a payment code again without keeping it.

use aws_lc_rs::hmac;
use payment::auth_code::AuthCode;
use payment::ids::CodeFingerprint;

/// Makes keyed fingerprints; the key is a secret of the installation and never leaves it.
pub struct Fingerprints(hmac::Key);

impl Fingerprints {
    /// With this key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Fingerprints {
        Fingerprints(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// The code's fingerprint.
    #[must_use]
    pub fn of(&self, code: &AuthCode) -> CodeFingerprint {
        let tag = hmac::sign(&self.0, code.expose().as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        CodeFingerprint(bytes)
    }
}
