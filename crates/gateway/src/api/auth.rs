//! Who asks: a key as a bearer token, or the session of a till that has signed in with one.
//!
//! Keys and session cookies are stored hashed. A session may pay, read and cancel, never settle, and is believed only from
//! a page of this gateway: its cookie is `SameSite=Strict`, and a request of another origin is refused.

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment::ids::MerchantCode;

use crate::store::{SessionRow, StoreError};

use super::Shared;
use super::problem::{Problem, ProblemCode};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Pay, read, cancel.
    Pay,
    /// Give money back: what a key with `pay` may do, and a till's session may not.
    Refund,
    /// Settle cases.
    Settle,
}

impl Scope {
    /// The scope's word in rows and refusals.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Scope::Pay | Scope::Refund => "pay",
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

/// The name of the cookie that holds a till's session.
pub(crate) const SESSION_COOKIE: &str = "paycode_session";

/// Whose request this is, if it may do what it wants. Unknown and missing credentials are refused alike.
pub(super) async fn merchant(
    shared: &Shared,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<MerchantCode, Problem> {
    let hash = match bearer(headers) {
        Some(key) => hash_key(key),
        None => {
            let session = session(shared, headers).await?.ok_or_else(unauthenticated)?;
            own_page(headers)?;
            if scope != Scope::Pay {
                let what = if scope == Scope::Refund { "may not refund" } else { "may not settle" };
                let why = format!("a till's session {what}; use a key with the scope {:?}", scope.word());
                return Err(Problem::new(StatusCode::FORBIDDEN, ProblemCode::Forbidden, why));
            }
            session.key
        }
    };
    let row = shared.app.store().key(hash).await?.ok_or_else(unauthenticated)?;
    if row.scopes.iter().any(|known| known == scope.word()) {
        return Ok(row.merchant);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        ProblemCode::Forbidden,
        format!("the key {:?} lacks the scope {:?}", row.name, scope.word()),
    ))
}

fn unauthenticated() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        ProblemCode::Unauthenticated,
        "send Authorization: Bearer <key>, with a key of this installation",
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let key = value.strip_prefix("Bearer ")?.trim();
    (!key.is_empty() && key.len() <= 200).then_some(key)
}

/// The till that asks, if it has signed in and its session has not ended.
pub(crate) async fn session(shared: &Shared, headers: &HeaderMap) -> Result<Option<SessionRow>, StoreError> {
    // A wrong key is refused, whatever cookie comes with it.
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let Some(cookie) = cookie(headers, SESSION_COOKIE) else { return Ok(None) };
    let found = shared.app.store().session(hash_key(&cookie)).await?;
    Ok(found.filter(|session| session.expires_at > shared.app.now()))
}

/// One cookie's value.
#[must_use]
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

/// Refuses what a browser sends on behalf of another site's page.
pub(crate) fn own_page(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    // The browser's own word first; a form may come with the origin "null".
    let own = match headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN).is_none_or(|origin| {
            origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        }),
    };
    if own {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        ProblemCode::Forbidden,
        "a session works only from a page of this gateway; use a key with Authorization: Bearer <key>",
    ))
}
