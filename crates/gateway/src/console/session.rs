//! Signing a till in and out: with a key, as a terminal, for one business day.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use payment::time::SECOND_MS;

use crate::api::auth::{self, SESSION_COOKIE};
use crate::api::problem::Problem;
use crate::api::{Scope, hash_key, new_key};
use crate::store::{SessionRow, StoreError};

use super::Console;
use super::cashier;
use super::lang::Lang;

/// A session lasts longer than any business day, and not into the next.
const SESSION_SECONDS: i64 = 18 * 3600;
const IDENTITY_CHARS_MAX: usize = 32;

/// `POST /cashier/sign-in`, from the form.
pub(super) async fn sign_in(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    auth::own_page(&headers)?;
    let lang = Lang::of(&BTreeMap::new(), &headers);
    let field =
        |name: &str| form.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let again = |wrong| {
        (StatusCode::UNPROCESSABLE_ENTITY, cashier::sign_in_page(lang, Some(wrong), &form)).into_response()
    };
    let (outlet, operator) = (field("outlet"), field("operator"));
    let Some(terminal) = field("terminal") else { return Ok(again("terminal_malformed")) };
    if ![Some(&terminal), outlet.as_ref(), operator.as_ref()]
        .into_iter()
        .flatten()
        .all(|text| is_identity(text))
    {
        return Ok(again("terminal_malformed"));
    }
    let key = hash_key(&field("key").unwrap_or_default());
    let known = console.api.app.store().key(key).await?;
    if !known.is_some_and(|row| row.scopes.iter().any(|scope| scope == Scope::Pay.word())) {
        return Ok(again("key_unknown"));
    }
    let till = Till { key, outlet, terminal, operator };
    let cookie = begin(&console, till).await?;
    Ok(with_cookie(Redirect::to("/cashier").into_response(), &cookie))
}

/// `POST /cashier/sign-out`
pub(super) async fn sign_out(
    State(console): State<Console>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    auth::own_page(&headers)?;
    if let Some(cookie) = auth::cookie(&headers, SESSION_COOKIE) {
        console.api.app.store().end_session(hash_key(&cookie)).await?;
    }
    Ok(with_cookie(Redirect::to("/cashier").into_response(), &cookie_line(&console, "", 0)))
}

pub(super) fn is_identity(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= IDENTITY_CHARS_MAX
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Who signs in, where.
pub(super) struct Till {
    pub(super) key: [u8; 32],
    pub(super) outlet: Option<String>,
    pub(super) terminal: String,
    pub(super) operator: Option<String>,
}

/// Opens a session; answers its cookie as a header.
pub(super) async fn begin(console: &Console, till: Till) -> Result<HeaderValue, StoreError> {
    let app = &console.api.app;
    let secret = new_key(app.engine.ports.entropy.as_ref());
    let Till { key, outlet, terminal, operator } = till;
    let now = app.now();
    let expires_at = now.plus_ms(SESSION_SECONDS * SECOND_MS);
    let row = SessionRow { hash: hash_key(&secret), key, outlet, terminal, operator, expires_at };
    app.store().add_session(row, now).await?;
    Ok(cookie_line(console, &secret, SESSION_SECONDS))
}

fn cookie_line(console: &Console, value: &str, seconds: i64) -> HeaderValue {
    let secure = if console.settings.secure { "; Secure" } else { "" };
    let line =
        format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&line).expect("a key is ASCII")
}

pub(super) fn with_cookie(mut response: Response, cookie: &HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    response
}
