//! An Alipay application, gateway v2.

use wire::alipay::App;
use wire::sign::{SigningKey, VerifyingKey};

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::alipay::Alipay;

pub(super) fn dialect(config: &AccountConfig) -> Result<Alipay, ConfigError> {
    let private = config.need("app_private_key", &config.app_private_key)?;
    let private = private.read(&config.key("app_private_key"))?;
    let public = config.need("alipay_public_key", &config.alipay_public_key)?;
    let public = public.read(&config.key("alipay_public_key"))?;
    let app = App {
        app_id: config.need("app_id", &config.app_id)?.clone(),
        signing_key: SigningKey::from_pem_or_base64(&private)
            .map_err(|error| ConfigError::value(config.key("app_private_key"), error.to_string()))?,
        alipay_key: VerifyingKey::from_pem_or_base64(&public)
            .map_err(|error| ConfigError::value(config.key("alipay_public_key"), error.to_string()))?,
        seller_id: config.seller_id.clone(),
        app_auth_token: None,
    };
    Ok(Alipay::new(app, config.store_id.clone()))
}
