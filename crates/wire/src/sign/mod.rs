//! Signatures: who may be believed, and how we say that it is us.
//!
//! Keys are parsed once and never printed. Comparisons of secrets take constant time.

mod aes;
mod certificate;
mod digest;
mod key;
mod pem;
mod plain_rsa;
mod rsa;
mod secret;

pub use aes::{AesKey, AesKeyError};
pub use certificate::{Certificate, CertificateError, Issued};
pub use key::{KeyError, SigningKey, VerifyingKey};
pub use plain_rsa::RsaHash;
pub use rsa::{RsaSigningKey, RsaVerifyingKey};
pub use secret::{ApiKey, ApiKeyError, V2SignType, sorted_text, v2_sign, v2_verify};

pub(crate) use digest::md5_hex;
