//! `GET /cashier`: the till. Amount, scan, result; scripts fill in what changes.

mod page;
mod texts;

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::api::auth;
use crate::api::problem::Problem;

use super::Console;
use super::lang::Lang;
use super::session::{self, Till};

/// The terminal of a till that walks in without signing in and says no other (`?terminal=`).
const WALK_IN_TERMINAL: &str = "till-1";

pub(super) async fn page(
    State(console): State<Console>,
    headers: HeaderMap,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let lang = Lang::of(&parameters, &headers);
    let remember = |response| match parameters.contains_key("lang") {
        true => session::with_cookie(response, &lang.remembered()),
        false => response,
    };
    if let Some(session) = auth::session(&console.api, &headers).await? {
        let page = page::till(lang, &session, console.settings.hand_entry);
        return Ok(remember(Html(page.into_string()).into_response()));
    }
    let Some(key) = console.settings.walk_in else {
        return Ok(remember(sign_in_page(lang, None, &BTreeMap::new()).into_response()));
    };
    let terminal = parameters.get("terminal").filter(|text| session::is_identity(text));
    let terminal = terminal.map_or(WALK_IN_TERMINAL, String::as_str).to_owned();
    let till = Till { key, outlet: None, terminal, operator: None };
    let cookie = session::begin(&console, till).await?;
    Ok(remember(session::with_cookie(Redirect::to("/cashier").into_response(), &cookie)))
}

/// `GET /cashier/scanner`: what a scanner sends; needs no session, because nothing leaves the page.
pub(super) async fn scanner(
    headers: HeaderMap,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Html<String> {
    Html(page::scanner(Lang::of(&parameters, &headers)).into_string())
}

/// The form, with what was wrong the last time.
pub(super) fn sign_in_page(lang: Lang, wrong: Option<&str>, said: &BTreeMap<String, String>) -> Html<String> {
    Html(page::sign_in(lang, wrong, said).into_string())
}
