//! From an account's configuration to the dialect that speaks for it: one file a channel.

mod alipay;
mod icbc;
mod qra;
mod wechat_v2;

use std::sync::Arc;

use payment::patience::Channel;

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::Dialect;

/// The dialect of an account.
pub(super) fn dialect(config: &AccountConfig) -> Result<Arc<dyn Dialect>, ConfigError> {
    Ok(match config.channel()? {
        Channel::Alipay => Arc::new(alipay::dialect(config)?),
        Channel::Qra => Arc::new(qra::dialect(config)?),
        Channel::Icbc => Arc::new(icbc::dialect(config)?),
        Channel::WechatV2 | Channel::WechatV3 | Channel::Acp => Arc::new(wechat_v2::dialect(config)?),
    })
}
