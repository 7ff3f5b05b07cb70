//! The language of a page: asked for, remembered, or the browser's.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::api::auth::cookie;

const COOKIE: &str = "paycode_lang";
const YEAR_SECONDS: u32 = 365 * 24 * 3600;

/// Chinese first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    Zh,
    En,
}

impl Lang {
    /// `?lang=`, else the cookie of an earlier choice, else what the browser prefers, else Chinese.
    pub(super) fn of(parameters: &BTreeMap<String, String>, headers: &HeaderMap) -> Lang {
        let asked = parameters.get("lang").and_then(|word| Lang::from_word(word));
        let chosen = || cookie(headers, COOKIE).and_then(|word| Lang::from_word(&word));
        let preferred = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(preferred);
        asked.or_else(chosen).or_else(preferred).unwrap_or(Lang::Zh)
    }

    fn from_word(word: &str) -> Option<Lang> {
        match word.get(..2)?.to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The HTML attribute.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// The cookie that remembers the choice.
    pub(super) fn remembered(self) -> HeaderValue {
        let text = format!("{COOKIE}={}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax; HttpOnly", self.tag());
        HeaderValue::from_str(&text).expect("a tag is ASCII")
    }

    /// Picks the text of this language.
    pub(super) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// The first language of ours in `Accept-Language`; browsers list the best first.
fn preferred(list: &str) -> Option<Lang> {
    list.split(',').find_map(|entry| Lang::from_word(entry.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, cookie: &str, accept: &str, expected: Lang) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::COOKIE, cookie), (header::ACCEPT_LANGUAGE, accept)] {
            if !value.is_empty() {
                headers.insert(name, HeaderValue::from_str(value).expect("ASCII"));
            }
        }
        let asked = (!query.is_empty()).then(|| ("lang".to_owned(), query.to_owned()));
        assert_eq!(Lang::of(&asked.into_iter().collect(), &headers), expected, "{query} {cookie} {accept}");
    }

    #[test]
    fn the_choice_goes_before_the_browser() {
        check("", "", "", Lang::Zh);
        check("", "", "en-GB,en;q=0.9", Lang::En);
        check("", "", "fr, zh-TW;q=0.8, en;q=0.5", Lang::Zh);
        check("", "other=1; paycode_lang=en", "zh-CN", Lang::En);
        check("zh", "paycode_lang=en", "en", Lang::Zh);
        check("xx", "paycode_lang=?", "e", Lang::Zh);
    }
}
