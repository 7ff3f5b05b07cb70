//! The language of a page: asked for, chosen before, or the browser's. Every page of this host shares the choice.

/// Where the choice is kept.
pub const COOKIE: &str = "paycode_lang";

/// Chinese first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// What the address asks for (`?lang=`), else what the cookie line of the request holds, else what the browser prefers
    /// (`Accept-Language`), else Chinese.
    #[must_use]
    pub fn choose(asked: Option<&str>, cookies: &str, accept: &str) -> Lang {
        let chosen = || {
            let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| Lang::of_name(value))
        };
        // Browsers list the best first.
        let preferred = || accept.split(',').find_map(|entry| Lang::of_name(entry.trim()));
        asked.and_then(Lang::of_name).or_else(chosen).or_else(preferred).unwrap_or(Lang::Zh)
    }

    /// As a name or a tag says it: `zh`, `zh-CN`, `en`, `en-GB;q=0.9`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Lang> {
        match name.split(['-', ';']).next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// Its name in addresses and in the cookie.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.pick("zh", "en")
    }

    /// The value of a page's `lang` attribute.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.pick("zh-CN", "en")
    }

    /// The one that a page offers instead.
    #[must_use]
    pub fn other(self) -> Lang {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }

    /// The text of this language.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The `Set-Cookie` line that remembers the choice for a year.
    #[must_use]
    pub fn remembered(self) -> String {
        format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_goes_before_the_browser() {
        let check = |asked: &str, cookies, accept, expected| {
            let asked = (!asked.is_empty()).then_some(asked);
            assert_eq!(Lang::choose(asked, cookies, accept), expected, "{asked:?} {cookies} {accept}");
        };
        check("", "", "", Lang::Zh);
        check("", "", "en-GB,en;q=0.9", Lang::En);
        check("", "", "fr, zh-TW;q=0.8, en;q=0.5", Lang::Zh);
        check("", "", "english, enz", Lang::Zh);
        check("", "other=1; paycode_lang=en", "zh-CN", Lang::En);
        check("zh", "paycode_lang=en", "en", Lang::Zh);
        check("EN", "paycode_lang=zh", "zh", Lang::En);
        check("xx", "paycode_lang=?", "e", Lang::Zh);
        check("", "paycode_lang=zh; paycode_lang=en", "en", Lang::Zh);
    }
}
