//! A WeChat Pay account in APIv2.

use wire::sign::{ApiKey, V2SignType};
use wire::wechat_v2::V2Merchant;

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::wechat_v2::WechatV2;

use super::terminal::{Needs, terminals};
use super::terminal_info;

/// The address that is reported as the terminal's where none is configured.
const TERMINAL_IP_DEFAULT: &str = "127.0.0.1";

pub(super) fn dialect(config: &AccountConfig) -> Result<WechatV2, ConfigError> {
    let key = config.need("api_key", &config.api_key)?.read(&config.key("api_key"))?;
    let sign_type = config.sign_type.as_deref().unwrap_or("MD5");
    let sign_type = V2SignType::from_name(sign_type)
        .ok_or_else(|| ConfigError::value(config.key("sign_type"), "MD5 or HMAC-SHA256"))?;
    let merchant = V2Merchant {
        appid: config.need("appid", &config.appid)?.clone(),
        mch_id: config.need("mch_id", &config.mch_id)?.clone(),
        sub_appid: config.sub_appid.clone(),
        sub_mch_id: config.sub_mch_id.clone(),
        channel_id: config.channel_id.clone(),
        key: ApiKey::new(&key)
            .map_err(|error| ConfigError::value(config.key("api_key"), error.to_string()))?,
        sign_type,
    };
    provider(config)?;
    let terminal_ip = config.terminal_ip.clone().unwrap_or_else(|| TERMINAL_IP_DEFAULT.to_owned());
    let terminals = terminals(config, Needs::PlaceOrAddress)?;
    let dialect = WechatV2::new(merchant, terminal_ip).with_terminal_info(terminal_info(config)?);
    Ok(dialect.with_terminals(terminals))
}

/// What provider mode and UnionPay's relay need beside each other (wechat.md §2.1, unionpay.md §8).
fn provider(config: &AccountConfig) -> Result<(), ConfigError> {
    for (field, value) in [("sub_appid", &config.sub_appid), ("channel_id", &config.channel_id)] {
        if value.is_some() && config.sub_mch_id.is_none() {
            return Err(ConfigError::value(config.key("sub_mch_id"), format!("{field} needs it beside it")));
        }
    }
    if config.channel_id.is_some() && config.hosts.is_empty() {
        let why =
            "channel_id is for UnionPay's relay: give the base URL that UnionPay or your acquirer named";
        return Err(ConfigError::value(config.key("hosts"), why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Option<String>, ConfigError> {
        let head =
            "name = \"w\"\nchannel = \"wechat_v2\"\nnamespace = \"TEST\"\nappid = \"wx1\"\nmch_id = \"19\"\n";
        let config = toml::from_str(&format!("{head}{lines}")).unwrap();
        provider(&config).and_then(|()| terminal_info(&config))
    }

    #[test]
    fn the_relays_keys_belong_together_and_what_is_missing_is_named() {
        const SUB: &str = "sub_mch_id = \"20\"\n";
        const CHANNEL: &str = "channel_id = \"243012345\"\n";
        const HOSTS: &str = "hosts = [\"https://relay.example/wechat\"]\n";
        assert!(read(&format!("{SUB}{CHANNEL}{HOSTS}")).is_ok());
        assert!(read(&format!("{SUB}sub_appid = \"wx2\"\n")).is_ok());
        for (lines, key) in [
            (format!("{CHANNEL}{HOSTS}"), "accounts.w.sub_mch_id"),
            ("sub_appid = \"wx2\"\n".to_owned(), "accounts.w.sub_mch_id"),
            (format!("{SUB}{CHANNEL}"), "accounts.w.hosts"),
            ("terminal_info = \"T1\"\n".to_owned(), "accounts.w.terminal_info"),
        ] {
            let error = read(&lines).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(key), "{lines}: {error}");
        }
    }
}
