//! Whose certificate an answer may come with (unionpay.md §5.1, §11 trap 8).
//!
//! The sender supplies the key: without this check a signature is worth nothing.

use crate::sign::{Certificate, CertificateError, SigningKey, VerifyingKey};

/// The third part of the common name in UnionPay's signing certificate; parts are divided by `@`.
pub const UNIONPAY: &str = "中国银联股份有限公司";

/// What answers are checked against.
#[derive(Clone, Debug)]
pub struct Trust(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Chain { root: Certificate, middle: Certificate },
    StandIn(VerifyingKey),
}

/// Why two certificates are no chain to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The root does not read.
    #[error("the root certificate is {0}")]
    Root(CertificateError),
    /// The middle one does not read.
    #[error("the middle certificate is {0}")]
    Middle(CertificateError),
    /// The root may not sign authorities.
    #[error("the root certificate is not an authority's; are root and middle swapped?")]
    RootNoAuthority,
    /// The middle one may not sign certificates.
    #[error("the middle certificate is not an authority's")]
    MiddleNoAuthority,
    /// The root did not sign the middle one.
    #[error(
        "the root certificate did not sign the middle one; take both from the same package, production or test"
    )]
    NoChain,
}

/// Why a certificate that came with an answer is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// There is none, or it does not read.
    #[error("no certificate that reads came with the answer")]
    Unreadable,
    /// The configured middle certificate did not sign it.
    #[error("the answer's certificate was not signed by the configured middle certificate")]
    NoChain,
    /// It, or one above it, is too old or too young at this moment.
    #[error("the answer's certificate, or one above it, is not valid at this time")]
    Time,
    /// The chain is good, the name in it is somebody else's.
    #[error("the answer's certificate belongs to {0:?}, not to UnionPay")]
    Name(String),
}

impl Trust {
    /// The root and the middle certificate of UnionPay's authority, PEM or base64.
    ///
    /// # Errors
    /// [`TrustError`] unless the root signed the middle one and both may sign what is below them.
    pub fn chain(root: &str, middle: &str) -> Result<Self, TrustError> {
        let root = Certificate::from_pem_or_base64(root).map_err(TrustError::Root)?;
        let middle = Certificate::from_pem_or_base64(middle).map_err(TrustError::Middle)?;
        if !root.is_authority(1) {
            return Err(TrustError::RootNoAuthority);
        }
        if !middle.is_authority(0) {
            return Err(TrustError::MiddleNoAuthority);
        }
        if !middle.is_signed_by(&root) {
            return Err(TrustError::NoChain);
        }
        Ok(Self(Kind::Chain { root, middle }))
    }

    /// The stand-in for simulations whose two ends share a secret: no certificate is asked for. Configuration cannot make
    /// one.
    pub fn keyed_hash(secret: [u8; 32]) -> Self {
        Self(Kind::StandIn(SigningKey::keyed_hash(secret).verifying_key()))
    }

    /// The key that an answer's own certificate vouches for, at a moment (unix ms).
    pub(super) fn signer(&self, certificate: Option<&str>, now_ms: i64) -> Result<VerifyingKey, Foreign> {
        let (root, middle) = match &self.0 {
            Kind::Chain { root, middle } => (root, middle),
            Kind::StandIn(key) => return Ok(key.clone()),
        };
        let read = certificate.map(Certificate::from_pem_or_base64);
        let Some(Ok(leaf)) = read else { return Err(Foreign::Unreadable) };
        // No weaker than what the operator trusts: UnionPay's test authority still signs with SHA-1.
        let weak = leaf.is_signed_with_sha1() && !middle.is_signed_with_sha1();
        if weak || !leaf.is_signed_by(middle) || !leaf.may_sign_messages() {
            return Err(Foreign::NoChain);
        }
        if ![&leaf, middle, root].iter().all(|certificate| certificate.is_valid_at(now_ms)) {
            return Err(Foreign::Time);
        }
        let name = leaf.common_name().unwrap_or_default();
        if name.split('@').nth(2) != Some(UNIONPAY) {
            return Err(Foreign::Name(name.to_owned()));
        }
        Ok(leaf.key().clone())
    }
}
