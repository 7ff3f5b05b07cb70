//! An application on ICBC's open platform, family F1.

use wire::icbc::{AesKey, App, hash_of, is_documentation_key};
use wire::sign::{RsaHash, SigningKey, VerifyingKey};

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::icbc::Icbc;

pub(super) fn dialect(config: &AccountConfig) -> Result<Icbc, ConfigError> {
    let wrong = |field: &str, why: String| ConfigError::value(config.key(field), why);
    let private = config.need("app_private_key", &config.app_private_key)?;
    let private = private.read(&config.key("app_private_key"))?;
    let aes_key = match &config.aes_key {
        None => None,
        Some(secret) => {
            let text = secret.read(&config.key("aes_key"))?;
            Some(AesKey::from_base64(&text).map_err(|error| wrong("aes_key", error.to_string()))?)
        }
    };
    let sign_type = config.sign_type.as_deref().unwrap_or("RSA2");
    let answer_hash = config.answer_hash.as_deref().unwrap_or("SHA1");
    let app = App {
        app_id: config.need("app_id", &config.app_id)?.clone(),
        signing_key: SigningKey::from_pem_or_base64(&private)
            .map_err(|error| wrong("app_private_key", error.to_string()))?,
        request_hash: hash_of(sign_type).ok_or_else(|| wrong("sign_type", "RSA2 or RSA".to_owned()))?,
        gateway_key: gateway_key(config)?,
        answer_hash: match answer_hash {
            "SHA1" => RsaHash::Sha1,
            "SHA256" => RsaHash::Sha256,
            _ => return Err(wrong("answer_hash", "SHA1 or SHA256".to_owned())),
        },
        aes_key,
    };
    let mer_id = config.need("mer_id", &config.mer_id)?.clone();
    let formed = [12, 15].contains(&mer_id.len()) && mer_id.bytes().all(|byte| byte.is_ascii_digit());
    if !formed {
        return Err(wrong("mer_id", "12 digits, or 15 of a department".to_owned()));
    }
    Ok(Icbc::new(app, mer_id))
}

fn gateway_key(config: &AccountConfig) -> Result<VerifyingKey, ConfigError> {
    let field = config.key("gateway_public_key");
    let text = config.need("gateway_public_key", &config.gateway_public_key)?.read(&field)?;
    let key = VerifyingKey::from_pem_or_base64(&text)
        .map_err(|error| ConfigError::value(field.clone(), error.to_string()))?;
    if is_documentation_key(&key) {
        let why = "this is the example of ICBC's documentation, whose private half is public: anybody can sign with it; \
                   put in the gateway's own public key / 这是工行文档中的示例公钥，其私钥已公开，请改为工行网关公钥";
        return Err(ConfigError::value(field, why));
    }
    Ok(key)
}
