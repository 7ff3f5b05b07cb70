//! RSA with PKCS#1 v1.5 padding: SHA-256 for everything current, SHA-1 only for what old channels still sign.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_SHA256, RsaKeyPair,
};

use super::plain_rsa::{PlainRsa, RsaHash};

/// A private RSA key of 2048 to 8192 bits, parsed once; from 1024 bits on where a channel is played. Clones share it.
#[derive(Clone)]
pub struct RsaSigningKey(Arc<Private>);

struct Private {
    /// None: the key is shorter than what the library takes.
    library: Option<RsaKeyPair>,
    plain: PlainRsa,
}

impl RsaSigningKey {
    /// PKCS#8 or PKCS#1 DER. `None` unless it parses and has signed a probe, so that signing cannot fail later.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        Self::probed(der).filter(|key| key.0.library.is_some())
    }

    /// The same from 1024 bits on.
    pub(super) fn short_from_der(der: &[u8]) -> Option<Self> {
        Self::probed(der)
    }

    fn probed(der: &[u8]) -> Option<Self> {
        let library = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok();
        let key = Self(Arc::new(Private { library, plain: PlainRsa::from_der(der)? }));
        let public = key.verifying_key()?;
        let signs = public.verify_sha256(b"probe", &key.try_sign(b"probe")?)
            && public.verify_sha1(b"probe", &key.sign_sha1(b"probe"));
        signs.then_some(key)
    }

    /// PKCS#1 v1.5 with SHA-256; the same message always gives the same signature.
    pub(super) fn sign_sha256(&self, message: &[u8]) -> Vec<u8> {
        self.try_sign(message).expect("the key has signed a probe when it was parsed")
    }

    /// PKCS#1 v1.5 with SHA-1, which the library does not offer.
    pub(super) fn sign_sha1(&self, message: &[u8]) -> Vec<u8> {
        self.0.plain.sign(RsaHash::Sha1, message)
    }

    pub(super) fn verifying_key(&self) -> Option<RsaVerifyingKey> {
        RsaVerifyingKey::from_der(self.0.plain.public_key())
    }

    fn try_sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let Some(pair) = &self.0.library else { return Some(self.0.plain.sign(RsaHash::Sha256, message)) };
        let mut signature = vec![0; pair.public_modulus_len()];
        // This padding uses no randomness; the library's signature asks for a source and ignores it.
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

impl fmt::Debug for RsaSigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RsaSigningKey(****)")
    }
}

/// A public RSA key of 1024 to 8192 bits, parsed once. Some channels still sign with 1024 bits.
#[derive(Clone)]
pub struct RsaVerifyingKey(Arc<Parsed>);

struct Parsed {
    sha256: ParsedPublicKey,
    sha1: ParsedPublicKey,
}

impl RsaVerifyingKey {
    /// SubjectPublicKeyInfo or PKCS#1 DER.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let sha256 = ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, der).ok()?;
        let sha1 = ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, der).ok()?;
        Some(Self(Arc::new(Parsed { sha256, sha1 })))
    }

    pub(super) fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.sha256.verify_sig(message, signature).is_ok()
    }

    pub(super) fn verify_sha1(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.sha1.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for RsaVerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RsaVerifyingKey(..)")
    }
}
