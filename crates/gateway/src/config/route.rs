//! `[[routes]]`: which codes go to which accounts.

use payment::auth_code::Codes;
use serde::Deserialize;

use super::{Config, ConfigError};

/// `[[routes]]`: codes that begin so go to these accounts, best first, and to no other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// The digits that codes begin with, 2 to 8 of them, such as `62`, or a range such as `25-30`.
    pub prefix: String,
    /// How long the codes are, characters; any length where absent.
    #[serde(default)]
    pub lengths: Vec<usize>,
    /// The accounts' names, best first: the next one is used while those before it take nothing.
    pub accounts: Vec<String>,
}

impl Config {
    /// The codes that each of the routes is about, checked against its accounts.
    pub fn codes(&self) -> Result<Vec<Codes>, ConfigError> {
        self.routes.iter().enumerate().map(|(place, route)| self.codes_of(place, route)).collect()
    }

    fn codes_of(&self, place: usize, route: &RouteConfig) -> Result<Codes, ConfigError> {
        let key = |field: &str| format!("routes[{place}].{field}");
        let codes = Codes::parse(&route.prefix, &route.lengths)
            .map_err(|error| ConfigError::value(key("prefix"), error.to_string()))?;
        if route.accounts.is_empty() {
            return Err(ConfigError::value(key("accounts"), "name at least one account"));
        }
        for name in &route.accounts {
            let account = self.accounts.iter().find(|account| account.name == *name).ok_or_else(|| {
                let known: Vec<&str> = self.accounts.iter().map(|account| account.name.as_str()).collect();
                ConfigError::value(
                    key("accounts"),
                    format!("{name:?} is no account; there are {}", known.join(", ")),
                )
            })?;
            let takes = account.channel()?.wallets();
            if let Some(wallet) = codes.wallets().iter().find(|wallet| !takes.contains(wallet)) {
                let why = format!(
                    "{name} is of {}, which takes no {} codes: leave it out, or narrow the prefix",
                    account.channel_word,
                    wallet.word()
                );
                return Err(ConfigError::value(key("accounts"), why));
            }
        }
        Ok(codes)
    }
}
