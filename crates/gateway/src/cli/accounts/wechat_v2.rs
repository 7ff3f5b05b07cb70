//! A WeChat Pay account in APIv2.

use wire::sign::{ApiKey, V2SignType};
use wire::wechat_v2::V2Merchant;

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::wechat_v2::WechatV2;

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
        sub_appid: None,
        sub_mch_id: config.sub_mch_id.clone(),
        key: ApiKey::new(&key)
            .map_err(|error| ConfigError::value(config.key("api_key"), error.to_string()))?,
        sign_type,
    };
    let terminal_ip = config.terminal_ip.clone().unwrap_or_else(|| TERMINAL_IP_DEFAULT.to_owned());
    Ok(WechatV2::new(merchant, terminal_ip))
}
