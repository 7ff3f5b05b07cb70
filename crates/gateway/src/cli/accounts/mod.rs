//! From an account's configuration to the dialect that speaks for it: one file a channel.

mod acp;
mod alipay;
mod icbc;
mod qra;
mod wechat_v2;

use std::sync::Arc;

use payment::patience::Channel;

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
        Channel::Icbc => Arc::new(icbc::dialect(config)?),
        Channel::WechatV2 | Channel::WechatV3 => Arc::new(wechat_v2::dialect(config)?),
    };
    Ok(Spoken { dialect, certificates })
}
