//! Scripts and styles, out of the binary.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("cashier/", $name)))),+]
    };
}

const FILES: &[(&str, &str)] = files!(
    "api.js",
    "book.js",
    "cashier.css",
    "keys.js",
    "live.js",
    "money.js",
    "sale.js",
    "scanner.js",
    "screen.js",
    "sound.js",
    "till.js",
    "view.js",
    "words.js",
);

/// One file by its name.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let Some((name, text)) = FILES.iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind =
        if name.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
    // Asked again at every load: a till must not run an older page's scripts after an upgrade.
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, *text).into_response()
}
