//! A WeChat Pay account in APIv3.

use wire::sign::{SigningKey, VerifyingKey};
use wire::wechat_v3::{Account, ApiV3Key, ChannelKeys, SubMerchant, V3Merchant};

use crate::config::{AccountConfig, ConfigError};
use crate::dialects::wechat_v3::{ChannelSide, Place, WechatV3};

/// The address that is reported as the terminal's where none is configured.
const TERMINAL_IP_DEFAULT: &str = "127.0.0.1";

pub(super) fn dialect(config: &AccountConfig) -> Result<WechatV3, ConfigError> {
    let mchid = config.need("mchid", &config.mchid)?.clone();
    let key = config.need("merchant_key", &config.merchant_key)?.read(&config.key("merchant_key"))?;
    let serial_no = serial(config)?;
    if config.sub_appid.is_some() && config.sub_mchid.is_none() {
        return Err(wrong(config, "sub_mchid", "sub_appid needs it beside it"));
    }
    let sub = config.sub_mchid.clone().map(|mchid| SubMerchant { mchid, appid: config.sub_appid.clone() });
    let account =
        Account { appid: Some(config.need("appid", &config.appid)?.clone()), mchid: mchid.clone(), sub };
    let merchant = V3Merchant {
        mchid: mchid.clone(),
        serial_no,
        signing_key: SigningKey::from_pem_or_base64(&key)
            .map_err(|error| wrong(config, "merchant_key", error))?,
        answer_serial: config.public_key_id.clone(),
    };
    let place = Place {
        terminal_ip: config.terminal_ip.clone().unwrap_or_else(|| TERMINAL_IP_DEFAULT.to_owned()),
        store_id: config.store_id.clone().unwrap_or(mchid),
    };
    Ok(WechatV3::new(account, merchant, channel(config)?, place))
}

/// Who may sign answers: the public key, or certificates that the APIv3 key opens, or both while a merchant changes over.
fn channel(config: &AccountConfig) -> Result<ChannelSide, ConfigError> {
    let mut fixed = ChannelKeys::new();
    match (&config.public_key_id, &config.public_key) {
        (Some(id), Some(key)) => {
            let key = key.read(&config.key("public_key"))?;
            let key =
                VerifyingKey::from_pem_or_base64(&key).map_err(|error| wrong(config, "public_key", error))?;
            fixed.add_public_key(id, key).map_err(|error| wrong(config, "public_key_id", error))?;
        }
        (None, None) => {}
        (Some(_), None) => return Err(wrong(config, "public_key", "public_key_id needs it beside it")),
        (None, Some(_)) => return Err(wrong(config, "public_key_id", "public_key needs it beside it")),
    }
    let api_v3_key = match &config.api_v3_key {
        Some(secret) => {
            let text = secret.read(&config.key("api_v3_key"))?;
            Some(ApiV3Key::new(&text).map_err(|error| wrong(config, "api_v3_key", error))?)
        }
        None => None,
    };
    if config.public_key_id.is_none() && api_v3_key.is_none() {
        let why = "no answer could be checked: set public_key_id and public_key (微信支付公钥), or api_v3_key for \
                   platform certificates (平台证书)";
        return Err(wrong(config, "public_key_id", why));
    }
    Ok(ChannelSide::new(fixed, api_v3_key))
}

/// Serial of the merchant's API certificate: hexadecimal, as the merchant platform shows it.
fn serial(config: &AccountConfig) -> Result<String, ConfigError> {
    let serial = config.need("merchant_serial", &config.merchant_serial)?;
    if !(1..=40).contains(&serial.len()) || !serial.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let why =
            "1 to 40 hexadecimal digits, the API certificate's serial as the merchant platform shows it";
        return Err(wrong(config, "merchant_serial", why));
    }
    Ok(serial.to_ascii_uppercase())
}

fn wrong(config: &AccountConfig, field: &str, why: impl std::fmt::Display) -> ConfigError {
    ConfigError::value(config.key(field), why.to_string())
}

#[cfg(test)]
mod tests {
    use payment::patience::Channel;

    use super::*;
    use crate::config::Secret;
    use crate::dialects::Dialect as _;

    const SERIAL: &str = "5e2a6b4c1d3f5a7b9c0d1e2f3a4b5c6d7e8f9012";

    fn secret(name: &str, text: &str) -> Secret {
        let path = std::env::temp_dir().join(format!("paycode-v3-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("the folder for temporary files can be written");
        toml::from_str(&format!("file = {:?}", path.display().to_string())).expect("a path in quotes")
    }

    /// An account in the mode of the public key.
    fn account() -> AccountConfig {
        let (private, public) = crate::sandbox::material::rsa_pair().expect("RSA keys can be made");
        AccountConfig {
            appid: Some("wx1".to_owned()),
            mchid: Some("1900000110".to_owned()),
            merchant_key: Some(secret("private", &private)),
            merchant_serial: Some(SERIAL.to_owned()),
            public_key_id: Some("PUB_KEY_ID_0119".to_owned()),
            public_key: Some(secret("public", &public)),
            ..AccountConfig::bare("v3", Channel::WechatV3, "TEST")
        }
    }

    #[test]
    fn both_modes_and_a_provider_are_taken() {
        let direct = dialect(&account()).expect("complete");
        assert_eq!(direct.payee().merchant, "wx1/1900000110");
        let sub_mchid = Some("1900009999".to_owned());
        let provider = dialect(&AccountConfig { sub_mchid, ..account() }).expect("complete");
        assert_eq!(provider.payee().sub_merchant.as_deref(), Some("1900009999"));
        let certified = AccountConfig {
            public_key_id: None,
            public_key: None,
            api_v3_key: Some(secret("api", "0123456789abcdefghijABCDEFGHIJ_!")),
            ..account()
        };
        assert!(dialect(&certified).is_ok());
        let printed = format!("{direct:?} {:?}", dialect(&certified));
        assert!(!printed.contains("0123456789abcdefghij"), "{printed}");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_what_to_do() {
        type Change = fn(&mut AccountConfig);
        let cases: [(Change, &str, &str); 10] = [
            (|config| config.mchid = None, "mchid", "wechat_v3 needs it"),
            (|config| config.appid = None, "appid", "wechat_v3 needs it"),
            (|config| config.merchant_key = None, "merchant_key", "wechat_v3 needs it"),
            (|config| config.merchant_serial = None, "merchant_serial", "wechat_v3 needs it"),
            (
                |config| config.merchant_serial = Some("5E:2A".to_owned()),
                "merchant_serial",
                "hexadecimal digits",
            ),
            (|config| config.merchant_key = Some(secret("text", "x")), "merchant_key", "key"),
            (
                |config| (config.public_key_id, config.public_key) = (None, None),
                "public_key_id",
                "set public_key_id and public_key",
            ),
            (|config| config.public_key = None, "public_key", "public_key_id needs it"),
            (
                |config| config.public_key_id = Some("0119".to_owned()),
                "public_key_id",
                "begins with PUB_KEY_ID_",
            ),
            (|config| config.api_v3_key = Some(secret("short", "x")), "api_v3_key", "32 visible"),
        ];
        for (change, key, advice) in cases {
            let mut config = account();
            change(&mut config);
            let error = dialect(&config).expect_err(key).to_string();
            assert!(error.contains(&format!("accounts.v3.{key}")) && error.contains(advice), "{error}");
        }
        let sub_appid = Some("wx2".to_owned());
        let error = dialect(&AccountConfig { sub_appid, ..account() }).expect_err("sub_mchid").to_string();
        assert!(error.contains("accounts.v3.sub_mchid"), "{error}");
    }
}
