//! An application at Alipay, in public-key or certificate mode, for itself or for a merchant that lets it act.

use std::path::PathBuf;

use payment::time::Time;
use serde_json::{Map, Value};
use wire::alipay::{App, Certificates, CertificatesError, Trust};
use wire::sign::{AesKey, Certificate, SigningKey, VerifyingKey};

use crate::cli::dated::Dated;
use crate::config::{AccountConfig, ConfigError, Secret};
use crate::dialects::alipay::{Alipay, Protocol, Shop};

use super::alipay_relay;
use super::terminal::{Needs, terminals};

/// `store_id` and `terminal_id` have at most 32 characters, `operator_id` 28 (alipay.md §3.1).
const STORE_MAX: usize = 32;
const OPERATOR_MAX: usize = 28;
/// `app_auth_token` has at most 40 characters (alipay.md §2.2).
const TOKEN_MAX: usize = 40;

/// The dialect, and in certificate mode the certificate that it cannot speak without.
pub(super) fn dialect(config: &AccountConfig) -> Result<(Alipay, Option<Dated>), ConfigError> {
    let private = secret(config, "app_private_key", &config.app_private_key)?;
    let signing_key = SigningKey::from_pem_or_base64(&private)
        .map_err(|error| wrong(config, "app_private_key", error.to_string()))?;
    let (trust, dated) = trust(config, &signing_key)?;
    let app = App {
        app_id: config.need("app_id", &config.app_id)?.clone(),
        signing_key,
        trust,
        seller_id: config.seller_id.clone(),
        app_auth_token: token(config)?,
        aes_key: aes_key(config)?,
    };
    let protocol = match config.protocol.as_deref() {
        None | Some("gateway") => Protocol::Gateway,
        Some("v3") => Protocol::V3,
        Some(_) => return Err(wrong(config, "protocol", "\"gateway\" or \"v3\"")),
    };
    Ok((Alipay::new(app, shop(config)?).over(protocol), dated))
}

fn wrong(config: &AccountConfig, field: &str, why: impl Into<String>) -> ConfigError {
    ConfigError::value(config.key(field), why)
}

fn secret(
    config: &AccountConfig,
    field: &str,
    secret: &Option<Secret>,
) -> Result<zeroize::Zeroizing<String>, ConfigError> {
    config.need(field, secret)?.read(&config.key(field))
}

/// What answers are checked with: one public key, or three certificates.
fn trust(config: &AccountConfig, own: &SigningKey) -> Result<(Trust, Option<Dated>), ConfigError> {
    let files = [&config.app_cert, &config.alipay_cert, &config.alipay_root_cert];
    if files.iter().all(|file| file.is_none()) {
        let why = "alipay needs it, or in certificate mode app_cert, alipay_cert and alipay_root_cert";
        if config.alipay_public_key.is_none() {
            return Err(wrong(config, "alipay_public_key", why));
        }
        let public = secret(config, "alipay_public_key", &config.alipay_public_key)?;
        let key = VerifyingKey::from_pem_or_base64(&public)
            .map_err(|error| wrong(config, "alipay_public_key", error.to_string()))?;
        return Ok((Trust::Key(key), None));
    }
    if config.alipay_public_key.is_some() {
        let why = "an application has a public key or certificates, not both: take out alipay_public_key, or app_cert, \
                   alipay_cert and alipay_root_cert";
        return Err(wrong(config, "alipay_public_key", why));
    }
    certificates(config, own).map(|(certificates, dated)| (Trust::Certificates(certificates), Some(dated)))
}

fn certificates(config: &AccountConfig, own: &SigningKey) -> Result<(Certificates, Dated), ConfigError> {
    let app = text(config, "app_cert", &config.app_cert)?;
    let alipay = text(config, "alipay_cert", &config.alipay_cert)?;
    let root = text(config, "alipay_root_cert", &config.alipay_root_cert)?;
    let certificates = Certificates::read(&app, &alipay, &root).map_err(|error| {
        let field = match error {
            CertificatesError::App(_) => "app_cert",
            CertificatesError::Alipay(_) | CertificatesError::NoChain => "alipay_cert",
            CertificatesError::Root(_) | CertificatesError::NoRoot => "alipay_root_cert",
        };
        wrong(config, field, error.to_string())
    })?;
    let app = Certificate::from_pem_or_base64(&app)
        .map_err(|error| wrong(config, "app_cert", error.to_string()))?;
    let trial = b"paycode";
    if !app.key().verify_sha256(trial, &own.sign_sha256(trial)) {
        return Err(wrong(config, "app_private_key", "it is not the key of the certificate in app_cert"));
    }
    Ok((certificates, dated(&app)))
}

fn dated(app: &Certificate) -> Dated {
    Dated {
        key: "app_cert",
        what: "应用公钥证书",
        from: Time(app.not_before_ms()),
        until: Time(app.not_after_ms()),
        without: "Alipay refuses every call",
        renew: ("请在开放平台更新应用公钥证书", "renew it on the open platform"),
    }
}

fn text(config: &AccountConfig, field: &str, path: &Option<PathBuf>) -> Result<String, ConfigError> {
    let why = "certificate mode needs it beside the other two of app_cert, alipay_cert and alipay_root_cert";
    let path = path.as_ref().ok_or_else(|| wrong(config, field, why))?;
    std::fs::read_to_string(path)
        .map_err(|error| wrong(config, field, format!("{}: {error}", path.display())))
}

/// A provider's token. Its orders are the merchant's, so the intent has to say whose: `seller_id`.
fn token(config: &AccountConfig) -> Result<Option<String>, ConfigError> {
    let Some(token) = &config.app_auth_token else {
        return match &config.provider_id {
            None => Ok(None),
            Some(_) => Err(wrong(config, "app_auth_token", "provider_id needs it beside it")),
        };
    };
    let token = token.read(&config.key("app_auth_token"))?;
    if !(1..=TOKEN_MAX).contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(wrong(
            config,
            "app_auth_token",
            "1 to 40 letters and digits, as alipay.open.auth.token.app gave it",
        ));
    }
    if config.seller_id.is_none() {
        let why = "app_auth_token needs it beside it: the PID of the merchant that gave the token, 2088…";
        return Err(wrong(config, "seller_id", why));
    }
    Ok(Some(token.to_string()))
}

fn aes_key(config: &AccountConfig) -> Result<Option<AesKey>, ConfigError> {
    let Some(key) = &config.aes_key else { return Ok(None) };
    let key = key.read(&config.key("aes_key"))?;
    AesKey::from_base64(&key).map(Some).map_err(|error| wrong(config, "aes_key", error.to_string()))
}

fn shop(config: &AccountConfig) -> Result<Shop, ConfigError> {
    let partner = |id: &String| {
        id.len() == 16 && id.starts_with("2088") && id.bytes().all(|byte| byte.is_ascii_digit())
    };
    for (field, id) in [("seller_id", &config.seller_id), ("provider_id", &config.provider_id)] {
        if !id.as_ref().is_none_or(partner) {
            return Err(wrong(config, field, "a PID: 2088 and twelve digits"));
        }
    }
    for (field, value, max) in [
        ("store_id", &config.store_id, STORE_MAX),
        ("alipay_store_id", &config.alipay_store_id, STORE_MAX),
        ("terminal_id", &config.terminal_id, STORE_MAX),
        ("operator_id", &config.operator_id, OPERATOR_MAX),
    ] {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let formed = |value: &String| (1..=max).contains(&value.len()) && value.bytes().all(sign);
        if !value.as_ref().is_none_or(formed) {
            return Err(wrong(config, field, format!("1 to {max} of A-Z a-z 0-9 . _ -")));
        }
    }
    let device = config.terminal_info.as_deref();
    if device.is_some_and(|text| serde_json::from_str::<Map<String, Value>>(text).is_err()) {
        return Err(wrong(config, "terminal_info", "a JSON object, such as {\"device_type\":\"11\"}"));
    }
    let agent = alipay_relay::agent(config)?;
    Ok(Shop {
        store_id: config.store_id.clone(),
        alipay_store_id: config.alipay_store_id.clone(),
        terminal_id: config.terminal_id.clone(),
        operator_id: config.operator_id.clone(),
        // The acquirer says the same in a field of its own.
        terminal_params: config.terminal_info.clone().filter(|_| agent.is_none()),
        terminals: terminals(config, if agent.is_some() { Needs::Place } else { Needs::Kind })?,
        provider_id: config.provider_id.clone(),
        smid: config.smid.clone(),
        agent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::Dialect as _;
    use crate::sandbox::material::{AlipayCertMaterial, alipay_cert};

    const HEAD: &str = "name = \"a\"\nchannel = \"alipay\"\nnamespace = \"TEST\"\n";
    const APP_ID: &str = "app_id = \"2026110100000002\"\n";

    /// The application's files in a folder of their own, removed with this value.
    struct Files(PathBuf, AlipayCertMaterial);

    impl Files {
        fn new(name: &str) -> Files {
            let folder = std::env::temp_dir().join(format!("paycode-alipay-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let files = Files(folder, alipay_cert().unwrap());
            let made = &files.1;
            for (name, text) in [
                ("app.key", &made.app_key_pem),
                ("app.crt", &made.app_pem),
                ("alipay.crt", &made.alipay_pem),
                ("root.crt", &made.root_pem),
                ("token.txt", &"202611BBtoken".to_owned()),
                ("bad-token.txt", &"202611BB token".to_owned()),
                ("aes.txt", &"aa4BtZ4tspm2wnXLb1ThQA==".to_owned()),
            ] {
                std::fs::write(files.0.join(name), text).unwrap();
            }
            files
        }

        fn secret(&self, field: &str, name: &str) -> String {
            format!("{field} = {{ file = \"{}\" }}\n", self.0.join(name).display())
        }

        fn path(&self, field: &str, name: &str) -> String {
            format!("{field} = \"{}\"\n", self.0.join(name).display())
        }

        fn certified(&self) -> String {
            let cert = self.path("app_cert", "app.crt") + &self.path("alipay_cert", "alipay.crt");
            let key = self.secret("app_private_key", "app.key");
            format!("{APP_ID}{key}{cert}{}", self.path("alipay_root_cert", "root.crt"))
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            let _left = std::fs::remove_dir_all(&self.0);
        }
    }

    fn read(lines: &str) -> Result<(Alipay, Option<Dated>), ConfigError> {
        dialect(&toml::from_str(&format!("{HEAD}{lines}")).unwrap())
    }

    fn error(lines: &str) -> String {
        read(lines).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn certificates_and_a_token_make_an_account() {
        let files = Files::new("good");
        let provider = "seller_id = \"2088990000000022\"\nprovider_id = \"2088990000000033\"\n";
        let lines = files.certified()
            + provider
            + &files.secret("app_auth_token", "token.txt")
            + &files.secret("aes_key", "aes.txt")
            + "terminal_info = '{\"device_type\":\"11\"}'\nterminal_id = \"T1\"\n";
        let (alipay, dated) = read(&lines).unwrap();
        assert_eq!(alipay.payee().merchant, "2026110100000002/2088990000000022");
        assert_eq!(dated.unwrap().key, "app_cert");
        assert!(!format!("{alipay:?}").contains("202611BBtoken"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_key() {
        let files = Files::new("bad");
        let all = files.certified();
        let with = |more: &str| error(&format!("{all}{more}"));
        let without = |from: &str| {
            let kept = |line: &&str| !line.starts_with(from);
            error(&all.lines().filter(kept).map(|line| format!("{line}\n")).collect::<String>())
        };
        let swap = |from: &str, to: &str| error(&all.replace(from, to));
        let token = files.secret("app_auth_token", "token.txt");
        for (said, key, advice) in [
            (
                error(&format!("{APP_ID}{}", files.secret("app_private_key", "app.key"))),
                "alipay_public_key",
                "app_cert",
            ),
            (with(&files.secret("alipay_public_key", "app.crt")), "alipay_public_key", "not both"),
            (without("app_cert"), "app_cert", "beside the other two"),
            (without("alipay_cert"), "alipay_cert", "beside the other two"),
            (without("alipay_root_cert"), "alipay_root_cert", "beside the other two"),
            (without("app_private_key"), "app_private_key", "alipay needs it"),
            (swap("root.crt", "absent.crt"), "alipay_root_cert", "No such file"),
            (swap("root.crt", "app.crt"), "alipay_root_cert", "no authority"),
            (swap("alipay.crt", "root.crt"), "alipay_cert", "no root certificate leads to it"),
            (swap("app.crt", "app.key"), "app_cert", "not a certificate text"),
            (swap("app.crt", "alipay.crt"), "app_private_key", "not the key of the certificate"),
            (with(&token), "seller_id", "the PID of the merchant"),
            (with("provider_id = \"2088990000000033\"\n"), "app_auth_token", "beside it"),
            (with(&files.secret("app_auth_token", "bad-token.txt")), "app_auth_token", "letters and digits"),
            (with("seller_id = \"22\"\n"), "seller_id", "2088 and twelve digits"),
            (with(&files.secret("aes_key", "token.txt")), "aes_key", "base64 of 16 bytes"),
            (with("protocol = \"v2\"\n"), "protocol", "\"gateway\" or \"v3\""),
            (with("operator_id = \"收银\"\n"), "operator_id", "1 to 28 of"),
            (with("terminal_info = \"T1\"\n"), "terminal_info", "a JSON object"),
        ] {
            assert!(said.contains(&format!("accounts.a.{key}")) && said.contains(advice), "{key}: {said}");
            assert!(!said.contains("202611BB"), "{said}");
        }
    }
}
