//! `paycode.toml`: read strictly, with file and line for what is wrong; secrets come from files or the environment.

mod account;
mod route;
mod terminal;

use std::path::{Path, PathBuf};

use payment::ids::MerchantCode;
use serde::Deserialize;
use zeroize::Zeroizing;

pub use account::AccountConfig;
pub use route::RouteConfig;
pub use terminal::TerminalConfig;

/// The whole configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API listens.
    pub server: Server,
    /// Where rows are kept.
    pub store: StoreConfig,
    /// The default merchant.
    #[serde(default)]
    pub merchant: Merchant,
    /// The pages.
    #[serde(default)]
    pub console: ConsoleConfig,
    /// The channel accounts; for one wallet the first open one is used.
    #[serde(default)]
    pub accounts: Vec<AccountConfig>,
    /// Which codes go to which accounts, the first that fits; what no rule is about goes by wallet, in the accounts' order.
    #[serde(default)]
    pub routes: Vec<RouteConfig>,
}

/// `[server]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port, for example `127.0.0.1:8080`.
    pub listen: std::net::SocketAddr,
    /// Allows a listener that is neither TLS nor loopback.
    #[serde(default)]
    pub insecure: bool,
    /// The server's certificate chain, PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    pub tls_key: Option<PathBuf>,
}

/// `[store]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The SQLite file.
    pub path: PathBuf,
}

/// `[console]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Whether a cashier may type or paste a payment code; otherwise only a scanner's is taken.
    #[serde(default)]
    pub hand_entry: bool,
}

/// `[merchant]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// The merchant's code in rows and channel order numbers; never change it.
    pub code: String,
}

impl Default for Merchant {
    fn default() -> Merchant {
        Merchant { code: "default".to_owned() }
    }
}

/// A value that is not written into the configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// A file that holds it; trailing white space is dropped.
    file: Option<PathBuf>,
    /// An environment variable that holds it.
    env: Option<String>,
}

/// Why the configuration cannot be used. Names the file, and the line or the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// The text is not this configuration.
    #[error("{path}: {why}")]
    Malformed {
        /// Which file, with the line.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A value breaks a rule.
    #[error("{key}: {why}")]
    Value {
        /// Which key.
        key: String,
        /// What is wrong and what to do.
        why: String,
    },
}

impl ConfigError {
    pub(crate) fn value(key: impl Into<String>, why: impl Into<String>) -> ConfigError {
        ConfigError::Value { key: key.into(), why: why.into() }
    }
}

impl Secret {
    /// A secret in a file.
    #[must_use]
    pub fn in_file(path: PathBuf) -> Secret {
        Secret { file: Some(path), env: None }
    }

    /// Reads it; `key` names it in errors, its value is never shown.
    pub fn read(&self, key: &str) -> Result<Zeroizing<String>, ConfigError> {
        let text = match (&self.file, &self.env) {
            (Some(path), None) => std::fs::read_to_string(path)
                .map_err(|error| ConfigError::value(key, format!("{}: {error}", path.display())))?,
            (None, Some(name)) => std::env::var(name).map_err(|_| {
                ConfigError::value(key, format!("the environment variable {name} is not set"))
            })?,
            (None, None) | (Some(_), Some(_)) => {
                let rule = "write { file = \"…\" } or { env = \"…\" }, one of them";
                return Err(ConfigError::value(key, rule));
            }
        };
        Ok(Zeroizing::new(text.trim_end().to_owned()))
    }
}

impl Config {
    /// Reads and checks a file. Paths in it are relative to it.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            why: format!("{error}; copy paycode.example.toml and edit it"),
        })?;
        let mut config = Config::parse(&text, &path.display().to_string())?;
        config.root_at(path.parent().unwrap_or(Path::new(".")));
        config.check()?;
        Ok(config)
    }

    /// Reads a text; `name` stands for the file in errors.
    pub fn parse(text: &str, name: &str) -> Result<Config, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let path = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
            ConfigError::Malformed { path, why: error.message().to_owned() }
        })
    }

    fn root_at(&mut self, folder: &Path) {
        let root = |path: &mut PathBuf| *path = folder.join(&path);
        root(&mut self.store.path);
        self.server.tls_cert.iter_mut().chain(self.server.tls_key.iter_mut()).for_each(root);
        for account in &mut self.accounts {
            account.files().for_each(root);
            account.secrets().filter_map(|secret| secret.file.as_mut()).for_each(root);
        }
    }

    /// The rules that the shape alone does not carry.
    pub fn check(&self) -> Result<(), ConfigError> {
        let server = &self.server;
        if server.tls_cert.is_some() != server.tls_key.is_some() {
            return Err(ConfigError::value("server.tls_cert", "tls_cert and tls_key go together"));
        }
        if server.tls_cert.is_none() && !server.listen.ip().is_loopback() && !server.insecure {
            let why = format!(
                "{} is neither TLS nor loopback: keys and codes would travel in the clear. Set tls_cert and tls_key, or \
                 listen on 127.0.0.1 behind a proxy, or say insecure = true",
                server.listen
            );
            return Err(ConfigError::value("server.listen", why));
        }
        MerchantCode::parse(&self.merchant.code)
            .map_err(|error| ConfigError::value("merchant.code", error.to_string()))?;
        let mut names = std::collections::BTreeSet::new();
        for account in &self.accounts {
            if !names.insert(&account.name) {
                return Err(ConfigError::value(account.key("name"), "two accounts have this name"));
            }
            account.check()?;
        }
        self.codes().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[server]\nlisten = \"127.0.0.1:8080\"\n[store]\npath = \"paycode.db\"\n";

    fn check(text: &str, expected: &str) {
        let error = Config::parse(text, "paycode.toml").and_then(|config| config.check()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn unknown_keys_are_refused_with_file_and_line() {
        check(&format!("{GOOD}speed = 9\n"), "paycode.toml:5");
        check(&GOOD.replace("listen", "listne"), "paycode.toml:2");
        check("server = 1", "paycode.toml:1");
    }

    #[test]
    fn an_open_listener_is_refused_unless_it_is_said() {
        check(&GOOD.replace("127.0.0.1", "0.0.0.0"), "insecure = true");
        let said = GOOD.replace("127.0.0.1", "0.0.0.0").replace("[store]", "insecure = true\n[store]");
        assert!(Config::parse(&said, "x").unwrap().check().is_ok());
    }

    #[test]
    fn half_a_certificate_is_refused() {
        let account = "[[accounts]]\nname = \"w\"\nchannel = \"wechat_v2\"\nnamespace = \"TEST\"\n";
        check(&format!("{GOOD}{account}client_cert = \"c.pem\"\n"), "accounts.w.client_key");
        check(&format!("{GOOD}{account}client_key = {{ env = \"K\" }}\n"), "accounts.w.client_cert");
        check(
            &format!("{GOOD}{account}client_cert = \"c.pem\"\nclient_p12 = \"c.p12\"\n"),
            "accounts.w.client_p12",
        );
    }

    #[test]
    fn the_example_is_true() {
        let example = include_str!("../../../paycode.example.toml");
        let config = Config::parse(example, "paycode.example.toml").unwrap();
        config.check().unwrap();
        assert_eq!(config.accounts.len(), 2);
    }

    #[test]
    fn a_route_names_codes_and_accounts_that_exist() {
        let account = |name: &str, channel: &str| {
            format!("[[accounts]]\nname = \"{name}\"\nchannel = \"{channel}\"\nnamespace = \"TEST\"\n")
        };
        let accounts = format!("{}{}", account("u", "acp"), account("q", "qra"));
        let route = |lines: &str| format!("{GOOD}{accounts}[[routes]]\n{lines}\n");
        let good = route("prefix = \"62\"\naccounts = [\"q\", \"u\"]");
        assert!(Config::parse(&good, "x").unwrap().check().is_ok());
        check(&route("prefix = \"6\"\naccounts = [\"q\"]"), "routes[0].prefix");
        check(&route("prefix = \"62\"\nlengths = [18]\naccounts = [\"q\"]"), "routes[0].prefix");
        check(&route("prefix = \"62\"\naccounts = []"), "routes[0].accounts");
        check(&route("prefix = \"62\"\naccounts = [\"x\"]"), "there are u, q");
        check(&route("prefix = \"13\"\naccounts = [\"u\"]"), "takes no wechat codes");
        check(&route("prefix = \"62\"\nacounts = []"), "paycode.toml:15");
    }
}
