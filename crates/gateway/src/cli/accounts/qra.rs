//! A merchant of UnionPay QRA, or of another platform of its family.

use wire::qra::{Keys, QraMerchant, SignType};
use wire::sign::{ApiKey, SigningKey, VerifyingKey};

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::qra::Qra;

use super::terminal::{Needs, terminals};
use super::terminal_info;

/// The address that is reported as the terminal's where none is configured.
const TERMINAL_IP_DEFAULT: &str = "127.0.0.1";
/// `mch_create_ip` is String(16) (unionpay.md §4.3).
const TERMINAL_IP_MAX: usize = 16;

pub(super) fn dialect(config: &AccountConfig) -> Result<Qra, ConfigError> {
    let merchant =
        QraMerchant { mch_id: config.need("mch_id", &config.mch_id)?.clone(), keys: keys(config)? };
    let terminal_ip = config.terminal_ip.clone().unwrap_or_else(|| TERMINAL_IP_DEFAULT.to_owned());
    if terminal_ip.is_empty() || terminal_ip.len() > TERMINAL_IP_MAX {
        let why = format!("the channel takes 1 to {TERMINAL_IP_MAX} characters: an IPv4 address");
        return Err(ConfigError::value(config.key("terminal_ip"), why));
    }
    // Where it stands, because UnionPay's own codes are among those that it takes (unionpay.md §3.1, `device_ip`).
    let terminals = terminals(config, Needs::Place)?;
    Ok(Qra::new(merchant, terminal_ip, terminal_info(config)?).with_terminals(terminals))
}

fn keys(config: &AccountConfig) -> Result<Keys, ConfigError> {
    let sign_type = config.sign_type.as_deref().unwrap_or("MD5");
    match SignType::from_name(sign_type) {
        Some(SignType::Md5) => {
            let key = config.need("api_key", &config.api_key)?.read(&config.key("api_key"))?;
            ApiKey::new(&key)
                .map(Keys::Md5)
                .map_err(|error| ConfigError::value(config.key("api_key"), error.to_string()))
        }
        Some(SignType::Rsa1With256) => {
            let private = config.need("app_private_key", &config.app_private_key)?;
            let private = private.read(&config.key("app_private_key"))?;
            let public = config.need("platform_public_key", &config.platform_public_key)?;
            let public = public.read(&config.key("platform_public_key"))?;
            let own = SigningKey::from_pem_or_base64(&private)
                .map_err(|error| ConfigError::value(config.key("app_private_key"), error.to_string()))?;
            let theirs = VerifyingKey::from_pem_or_base64(&public)
                .map_err(|error| ConfigError::value(config.key("platform_public_key"), error.to_string()))?;
            Ok(Keys::Rsa1With256 { own, theirs })
        }
        None => Err(ConfigError::value(config.key("sign_type"), "MD5 or RSA_1_256")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "app_private_key = { file = \"test-only-app2048.key.pem\" }\n";
    const THEIRS: &str = "platform_public_key = { file = \"test-only-gw2048.pub.pem\" }\n";
    const RSA: &str = "sign_type = \"RSA_1_256\"\n";

    fn read(lines: &str) -> Result<Qra, ConfigError> {
        let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/testdata/icbc/");
        let lines = lines.replace("file = \"", &format!("file = \"{keys}"));
        let head = "name = \"q\"\nchannel = \"qra\"\nnamespace = \"TEST\"\nmch_id = \"QRA1\"\n";
        dialect(&toml::from_str(&format!("{head}{lines}")).unwrap())
    }

    #[test]
    fn each_signature_has_its_keys_and_what_is_wrong_is_named() {
        assert!(read(&format!("{RSA}{OWN}{THEIRS}")).is_ok());
        let terminal = "terminal_info = '{\"device_type\":\"11\",\"terminal_id\":\"T0000001\"}'\n";
        assert!(read(&format!("{RSA}{OWN}{THEIRS}{terminal}")).is_ok());
        for (lines, key) in [
            (format!("{RSA}{THEIRS}"), "accounts.q.app_private_key"),
            (format!("{RSA}{OWN}"), "accounts.q.platform_public_key"),
            (format!("{RSA}{OWN}{}", OWN.replace("app_private", "platform_public")), "platform_public_key"),
            (format!("{RSA}{THEIRS}{}", THEIRS.replace("platform_public", "app_private")), "app_private_key"),
            (format!("{OWN}{THEIRS}"), "accounts.q.api_key"),
            ("sign_type = \"RSA_1_1\"\n".to_owned(), "accounts.q.sign_type"),
            (format!("{RSA}{OWN}{THEIRS}terminal_info = \"T1\"\n"), "accounts.q.terminal_info"),
            (format!("{RSA}{OWN}{THEIRS}terminal_ip = \"2001:db8:1:2:3:4:5:6\"\n"), "accounts.q.terminal_ip"),
        ] {
            let error = read(&lines).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(key), "{lines}: {error}");
        }
    }
}
