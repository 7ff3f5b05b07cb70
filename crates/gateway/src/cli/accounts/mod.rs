//! From an account's configuration to the dialect that speaks for it: one file a channel.

mod acp;
mod alipay;
mod alipay_relay;
mod icbc;
mod qra;
mod terminal;
mod wechat_v2;
mod wechat_v3;

use std::sync::Arc;

use payment::patience::Channel;
use serde_json::{Map, Value};

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::Dialect;

use super::dated::Dated;

/// An account's dialect, and the certificates that it cannot speak without.
pub(super) struct Spoken {
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) certificates: Vec<Dated>,
}

/// The dialect of an account.
pub(super) fn spoken(config: &AccountConfig) -> Result<Spoken, ConfigError> {
    let mut certificates = Vec::new();
    let dialect: Arc<dyn Dialect> = match config.channel()? {
        Channel::Acp => {
            let (dialect, dated) = acp::dialect(config)?;
            certificates.extend(dated);
            Arc::new(dialect)
        }
        Channel::Alipay => {
            let (dialect, dated) = alipay::dialect(config)?;
            certificates.extend(dated);
            Arc::new(dialect)
        }
        Channel::Qra => Arc::new(qra::dialect(config)?),
        Channel::Icbc => {
            // Family F1's payment has no field for them in the sources (icbc.md §3).
            terminal::none(config)?;
            Arc::new(icbc::dialect(config)?)
        }
        Channel::WechatV2 => Arc::new(wechat_v2::dialect(config)?),
        Channel::WechatV3 => {
            terminal::none(config)?;
            Arc::new(wechat_v3::dialect(config)?)
        }
    };
    Ok(Spoken { dialect, certificates })
}

/// The terminal of 259号文: a JSON object, sent as it is written, because it is signed so (unionpay.md §3.1).
fn terminal_info(config: &AccountConfig) -> Result<Option<String>, ConfigError> {
    if let Some(text) = &config.terminal_info
        && serde_json::from_str::<Map<String, Value>>(text).is_err()
    {
        let why = "not a JSON object, such as {\"device_type\":\"11\",\"terminal_id\":\"T0000001\"}";
        return Err(ConfigError::value(config.key("terminal_info"), why));
    }
    Ok(config.terminal_info.clone())
}
