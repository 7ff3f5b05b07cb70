//! The language of a request.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};

use crate::lang::Lang;

/// What the address, the cookie or the browser asks for.
pub(super) fn of(parameters: &BTreeMap<String, String>, headers: &HeaderMap) -> Lang {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = parameters.get("lang").map(String::as_str);
    Lang::choose(asked, text(header::COOKIE), text(header::ACCEPT_LANGUAGE))
}
