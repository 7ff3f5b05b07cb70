//! The two ends of a signature, whatever makes it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use super::digest::hmac_sha256;
use super::pem;
use super::plain_rsa::RsaHash;
use super::rsa::{RsaSigningKey, RsaVerifyingKey};

/// Why a text is not a key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither a PEM block of a fitting kind nor base64.
    #[error("not a key text: give a pem block or its base64")]
    NotText,
    /// Decoded, but not an RSA key of a size that we accept.
    #[error("not an rsa key of 2048 to 8192 bits (public keys: from 1024)")]
    NotRsa,
}

/// A private key: says that it is us.
#[derive(Clone)]
pub enum SigningKey {
    /// The real thing.
    Rsa(RsaSigningKey),
    /// HMAC-SHA256 in place of RSA: fast, for simulations whose two ends share the secret. Configuration cannot make one.
    KeyedHash([u8; 32]),
}

impl SigningKey {
    /// PKCS#8 or PKCS#1, PEM or bare base64, 2048 to 8192 bits.
    ///
    /// # Errors
    /// [`KeyError`] for anything else, public keys included.
    pub fn from_pem_or_base64(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(text, &["PRIVATE KEY", "RSA PRIVATE KEY"]).ok_or(KeyError::NotText)?;
        RsaSigningKey::from_der(&der).map(Self::Rsa).ok_or(KeyError::NotRsa)
    }

    /// The same from 1024 bits on: a channel's own key where a test or a simulator plays the channel (icbc.md §2). Such a
    /// key is too short to say that it is us.
    ///
    /// # Errors
    /// [`KeyError`] for anything else, public keys included.
    pub fn short_from_pem_or_base64(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(text, &["PRIVATE KEY", "RSA PRIVATE KEY"]).ok_or(KeyError::NotText)?;
        RsaSigningKey::short_from_der(&der).map(Self::Rsa).ok_or(KeyError::NotRsa)
    }

    /// The stand-in for simulations.
    pub fn keyed_hash(secret: [u8; 32]) -> Self {
        Self::KeyedHash(secret)
    }

    /// SHA256withRSA (PKCS#1 v1.5), or the stand-in's HMAC; standard base64. Deterministic.
    pub fn sign_sha256(&self, message: &[u8]) -> String {
        match self {
            Self::Rsa(key) => STANDARD.encode(key.sign_sha256(message)),
            Self::KeyedHash(secret) => STANDARD.encode(hmac_sha256(secret, message)),
        }
    }

    /// RSA with that hash (PKCS#1 v1.5), or the stand-in's HMAC; standard base64. Deterministic. SHA-1 is for channels that
    /// know nothing else.
    pub fn sign(&self, hash: RsaHash, message: &[u8]) -> String {
        match (self, hash) {
            (_, RsaHash::Sha256) => self.sign_sha256(message),
            (Self::Rsa(key), RsaHash::Sha1) => STANDARD.encode(key.sign_sha1(message)),
            (Self::KeyedHash(secret), RsaHash::Sha1) => {
                STANDARD.encode(hmac_sha256(secret, &marked(message)))
            }
        }
    }

    /// The other end.
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::Rsa(key) => VerifyingKey::Rsa(
                key.verifying_key().expect("the public half was parsed when the private key was"),
            ),
            Self::KeyedHash(secret) => VerifyingKey::KeyedHash(*secret),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rsa(_) => "SigningKey::Rsa(****)",
            Self::KeyedHash(_) => "SigningKey::KeyedHash(****)",
        })
    }
}

/// A public key: says whether it was them.
#[derive(Clone)]
pub enum VerifyingKey {
    /// The real thing.
    Rsa(RsaVerifyingKey),
    /// The stand-in's secret, the same at both ends.
    KeyedHash([u8; 32]),
}

impl VerifyingKey {
    /// SubjectPublicKeyInfo or PKCS#1, PEM or bare base64, 1024 to 8192 bits.
    ///
    /// # Errors
    /// [`KeyError`] for anything else, private keys included.
    pub fn from_pem_or_base64(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(text, &["PUBLIC KEY", "RSA PUBLIC KEY"]).ok_or(KeyError::NotText)?;
        RsaVerifyingKey::from_der(&der).map(Self::Rsa).ok_or(KeyError::NotRsa)
    }

    /// The same of SubjectPublicKeyInfo bytes, as certificates hold them.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        RsaVerifyingKey::from_der(der).map(Self::Rsa)
    }

    /// Whether `signature_base64` is this key's SHA-256 signature of exactly `message`. Bad base64 is simply false.
    pub fn verify_sha256(&self, message: &[u8], signature_base64: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature_base64) else { return false };
        match self {
            Self::Rsa(key) => key.verify_sha256(message, &signature),
            Self::KeyedHash(secret) => hmac_sha256(secret, message).as_ref().ct_eq(&signature).into(),
        }
    }

    /// SHA1withRSA (`sign_type=RSA`): only to check what a channel still signs that way.
    pub fn verify_sha1(&self, message: &[u8], signature_base64: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature_base64) else { return false };
        match self {
            Self::Rsa(key) => key.verify_sha1(message, &signature),
            Self::KeyedHash(secret) => {
                hmac_sha256(secret, &marked(message)).as_ref().ct_eq(&signature).into()
            }
        }
    }

    /// Whether it is this key's signature of exactly `message` with exactly that hash: one is never tried for the other.
    pub fn verify(&self, hash: RsaHash, message: &[u8], signature_base64: &str) -> bool {
        match hash {
            RsaHash::Sha1 => self.verify_sha1(message, signature_base64),
            RsaHash::Sha256 => self.verify_sha256(message, signature_base64),
        }
    }
}

/// The stand-in's SHA-1 is told from its SHA-256 by a mark, as RSA's two are by the digest's name.
fn marked(message: &[u8]) -> Vec<u8> {
    [b"sha1\0", message].concat()
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rsa(_) => "VerifyingKey::Rsa(..)",
            Self::KeyedHash(_) => "VerifyingKey::KeyedHash(****)",
        })
    }
}
