//! `paycode.toml`: read strictly, with file and line for what is wrong; secrets come from files or the environment.

use std::path::{Path, PathBuf};

use payment::ids::{MerchantCode, Namespace};
use payment::patience::Channel;
use serde::Deserialize;
use zeroize::Zeroizing;

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

/// `[[accounts]]`: the keys of every channel in one flat table, so that an unknown one is named with its line. Which are
/// needed depends on `channel`; see [`AccountConfig::channel`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// Its name in rows, logs and refusals; never change it while payments of it are open.
    pub name: String,
    /// `wechat_v2` or `alipay`.
    #[serde(rename = "channel")]
    pub channel_word: String,
    /// Four characters of A–Z 0–9 that no other installation on this channel account has; never change it.
    pub namespace: String,
    /// The channel's base URLs, the main one first. The channel's own hosts where absent.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whom to trust instead of the public roots, PEM.
    pub ca: Option<PathBuf>,
    /// An HTTP proxy that tunnels, `http://host:port`.
    pub proxy: Option<String>,
    /// WeChat: 公众账号ID
    pub appid: Option<String>,
    /// WeChat: 商户号
    pub mch_id: Option<String>,
    /// WeChat: 子商户号, in provider mode.
    pub sub_mch_id: Option<String>,
    /// WeChat: the API key (v2), 32 characters.
    pub api_key: Option<Secret>,
    /// WeChat: `MD5` (the channel's default) or `HMAC-SHA256`.
    pub sign_type: Option<String>,
    /// WeChat: apiclient_cert.pem, needed to reverse.
    pub client_cert: Option<PathBuf>,
    /// WeChat: apiclient_key.pem
    pub client_key: Option<Secret>,
    /// WeChat: apiclient_cert.p12, which has both; instead of them.
    pub client_p12: Option<PathBuf>,
    /// WeChat: its password, where it is not the mch_id.
    pub client_p12_password: Option<Secret>,
    /// WeChat: the IP that is reported as the terminal's (spbill_create_ip).
    pub terminal_ip: Option<String>,
    /// Alipay: 应用ID
    pub app_id: Option<String>,
    /// Alipay: 卖家 PID, 2088…
    pub seller_id: Option<String>,
    /// Alipay: the application's private key, PKCS#8 or PKCS#1, PEM or base64.
    pub app_private_key: Option<Secret>,
    /// Alipay: the *Alipay* public key (支付宝公钥), not the application's.
    pub alipay_public_key: Option<Secret>,
    /// Alipay: 门店编号 sent when the till names no outlet.
    pub store_id: Option<String>,
}

impl AccountConfig {
    /// An account with these common keys and nothing of a channel yet.
    #[must_use]
    pub fn bare(name: &str, channel: Channel, namespace: &str) -> AccountConfig {
        AccountConfig {
            name: name.to_owned(),
            channel_word: channel.word().to_owned(),
            namespace: namespace.to_owned(),
            hosts: Vec::new(),
            ca: None,
            proxy: None,
            appid: None,
            mch_id: None,
            sub_mch_id: None,
            api_key: None,
            sign_type: None,
            client_cert: None,
            client_key: None,
            client_p12: None,
            client_p12_password: None,
            terminal_ip: None,
            app_id: None,
            seller_id: None,
            app_private_key: None,
            alipay_public_key: None,
            store_id: None,
        }
    }

    /// The channel, if this version speaks it.
    pub fn channel(&self) -> Result<Channel, ConfigError> {
        match Channel::from_word(&self.channel_word) {
            Some(channel @ (Channel::WechatV2 | Channel::Alipay)) => Ok(channel),
            Some(Channel::WechatV3 | Channel::Qra | Channel::Acp | Channel::Icbc) | None => {
                let why = format!("{:?} is no channel of this version: wechat_v2, alipay", self.channel_word);
                Err(ConfigError::value(self.key("channel"), why))
            }
        }
    }

    /// How errors name one of its keys.
    #[must_use]
    pub fn key(&self, field: &str) -> String {
        format!("accounts.{}.{field}", self.name)
    }

    /// A key that this channel needs.
    pub fn need<'a, T>(&self, field: &str, value: &'a Option<T>) -> Result<&'a T, ConfigError> {
        value
            .as_ref()
            .ok_or_else(|| ConfigError::value(self.key(field), format!("{} needs it", self.channel_word)))
    }

    /// The base URLs to use, the main one first.
    pub fn base_urls(&self) -> Result<Vec<String>, ConfigError> {
        if !self.hosts.is_empty() {
            return Ok(self.hosts.clone());
        }
        let own: &[&str] = match self.channel()? {
            Channel::WechatV2 | Channel::WechatV3 => {
                &["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"]
            }
            Channel::Alipay => &["https://openapi.alipay.com"],
            Channel::Qra | Channel::Acp | Channel::Icbc => &[],
        };
        Ok(own.iter().map(|host| (*host).to_owned()).collect())
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
            account.ca.iter_mut().for_each(root);
            account.client_cert.iter_mut().chain(account.client_p12.iter_mut()).for_each(root);
            let secrets = [
                &mut account.api_key,
                &mut account.client_key,
                &mut account.client_p12_password,
                &mut account.app_private_key,
                &mut account.alipay_public_key,
            ];
            let files = secrets.into_iter().flatten().filter_map(|secret| secret.file.as_mut());
            files.for_each(root);
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
            let key = |field: &str| account.key(field);
            let named = !account.name.is_empty()
                && account.name.len() <= 32
                && account.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            if !named {
                return Err(ConfigError::value("accounts.name", "1 to 32 characters of A-Z a-z 0-9 _ -"));
            }
            if !names.insert(&account.name) {
                return Err(ConfigError::value(key("name"), "two accounts have this name"));
            }
            if account.client_p12.is_some() && (account.client_cert.is_some() || account.client_key.is_some())
            {
                let why =
                    "client_p12 has certificate and key: take out client_cert and client_key, or client_p12";
                return Err(ConfigError::value(key("client_p12"), why));
            }
            let (absent, there) = match (&account.client_cert, &account.client_key) {
                (Some(_), None) => ("client_key", "client_cert"),
                (None, Some(_)) => ("client_cert", "client_key"),
                (Some(_), Some(_)) | (None, None) => ("", ""),
            };
            if !absent.is_empty() {
                return Err(ConfigError::value(key(absent), format!("{there} needs it beside it")));
            }
            account.channel()?;
            Namespace::parse(&account.namespace)
                .map_err(|error| ConfigError::value(key("namespace"), error.to_string()))?;
        }
        Ok(())
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
}
