//! Keys as bearer tokens: stored hashed, printed once, with scopes.

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment::ids::MerchantCode;

use super::Shared;
use super::problem::{Problem, ProblemCode};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Pay, read, cancel.
    Pay,
    /// Settle cases.
    Settle,
}

impl Scope {
    /// The scope's word in rows and refusals.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Scope::Pay => "pay",
            Scope::Settle => "settle",
        }
    }
}

/// A fresh key: 32 random bytes, as `pk_` and 43 characters.
#[must_use]
pub fn new_key(entropy: &dyn crate::clock::Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    format!("pk_{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What of a key is stored.
#[must_use]
pub fn hash_key(key: &str) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// Whose key this is, if it has the scope. Unknown and missing keys are refused alike.
pub(super) async fn merchant(
    shared: &Shared,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<MerchantCode, Problem> {
    let unauthenticated = || {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            ProblemCode::Unauthenticated,
            "send Authorization: Bearer <key>, with a key of this installation",
        )
    };
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= 200)
        .ok_or_else(unauthenticated)?;
    let row = shared.app.store().key(hash_key(key)).await?.ok_or_else(unauthenticated)?;
    if row.scopes.iter().any(|known| known == scope.word()) {
        return Ok(row.merchant);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        ProblemCode::Forbidden,
        format!("the key {:?} lacks the scope {:?}", row.name, scope.word()),
    ))
}
