//! The two ways in which this platform's messages are signed (unionpay.md §4.1).

use crate::sign::{ApiKey, SigningKey, V2SignType, VerifyingKey, sorted_text, v2_sign, v2_verify};
use crate::text::Fields;

/// `sign_type` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignType {
    /// `MD5` over the text and the merchant's key: what QRA itself takes.
    Md5,
    /// `RSA_1_256`: SHA256withRSA over the text without a key, as clones of the platform offer it.
    Rsa1With256,
}

impl SignType {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Rsa1With256 => "RSA_1_256",
        }
    }

    /// The type of that name; `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "MD5" => Some(Self::Md5),
            "RSA_1_256" => Some(Self::Rsa1With256),
            _ => None,
        }
    }
}

/// How one end of an account signs, and how it checks the other end.
#[derive(Clone, Debug)]
pub enum Keys {
    /// One shared key for both directions.
    Md5(ApiKey),
    /// A key pair for each end.
    Rsa1With256 {
        /// This end's private key.
        own: SigningKey,
        /// The other end's public key.
        theirs: VerifyingKey,
    },
}

impl Keys {
    /// The `sign_type` that goes with them.
    pub fn sign_type(&self) -> SignType {
        match self {
            Self::Md5(_) => SignType::Md5,
            Self::Rsa1With256 { .. } => SignType::Rsa1With256,
        }
    }

    /// The signature of every field but `sign`; empty values are left out.
    pub fn sign(&self, fields: &Fields) -> String {
        match self {
            Self::Md5(key) => v2_sign(fields, key, V2SignType::Md5),
            Self::Rsa1With256 { own, .. } => own.sign_sha256(sorted_text(fields).as_bytes()),
        }
    }

    /// Whether the field `sign` is the other end's signature of all the others. A missing or empty one is never valid.
    pub fn verify(&self, fields: &Fields) -> bool {
        match self {
            Self::Md5(key) => v2_verify(fields, key, V2SignType::Md5),
            Self::Rsa1With256 { theirs, .. } => fields
                .filled("sign")
                .is_some_and(|sign| theirs.verify_sha256(sorted_text(fields).as_bytes(), sign)),
        }
    }
}
