//! A merchant of UnionPay's 全渠道 gateway, ACP 5.1.0, with its signing certificate.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment::time::Time;
use wire::acp::{AcpMerchant, Trust, TrustError};
use wire::sign::{Certificate, SigningKey};
use zeroize::Zeroizing;

use crate::cli::dated::Dated;
use crate::config::{AccountConfig, ConfigError, Secret};
use crate::dialects::acp::Acp;
use crate::transport::p12::{self, P12Error};

use super::terminal::{Needs, terminals};

/// The terminal of sales that name none where none is configured.
const TERM_ID_DEFAULT: &str = "00000001";
/// `termId` has eight characters (unionpay.md §5.2).
const TERM_ID: usize = 8;
/// `merId` has fifteen (unionpay.md §5.1).
const MER_ID: usize = 15;

/// The dialect, and the certificates that it cannot speak without.
pub(super) fn dialect(config: &AccountConfig) -> Result<(Acp, [Dated; 3]), ConfigError> {
    let mer_id = config.need("mer_id", &config.mer_id)?.clone();
    formed(config, "mer_id", &mer_id, MER_ID)?;
    let term_id = config.term_id.clone().unwrap_or_else(|| TERM_ID_DEFAULT.to_owned());
    formed(config, "term_id", &term_id, TERM_ID)?;
    let (own, key) = own(config)?;
    let root = text(config, "unionpay_root", &config.unionpay_root)?;
    let middle = text(config, "unionpay_middle", &config.unionpay_middle)?;
    let trust = Trust::chain(&root, &middle).map_err(|error| {
        let field = match error {
            TrustError::Root(_) | TrustError::RootNoAuthority => "unionpay_root",
            TrustError::Middle(_) | TrustError::MiddleNoAuthority | TrustError::NoChain => "unionpay_middle",
        };
        wrong(config, field, error)
    })?;
    let dated = [
        dated("sign_cert", &own),
        dated("unionpay_root", &certificate(config, "unionpay_root", &root)?),
        dated("unionpay_middle", &certificate(config, "unionpay_middle", &middle)?),
    ];
    let merchant = AcpMerchant { mer_id, cert_id: own.serial_decimal().to_owned(), key, trust };
    let terminals = terminals(config, Needs::Number)?;
    Ok((Acp::new(merchant, term_id).with_terminals(terminals), dated))
}

fn wrong(config: &AccountConfig, field: &str, why: impl std::fmt::Display) -> ConfigError {
    ConfigError::value(config.key(field), why.to_string())
}

fn formed(config: &AccountConfig, field: &str, value: &str, length: usize) -> Result<(), ConfigError> {
    if value.len() == length && value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(wrong(config, field, format!("{length} letters and digits")))
}

fn dated(key: &'static str, certificate: &Certificate) -> Dated {
    let (what, without, renew) = match key {
        "sign_cert" => (
            "签名证书",
            "no call can be signed",
            ("请在 CFCA 更新证书并上传至银联商户服务平台", "renew it at CFCA and register it with UnionPay"),
        ),
        _ => (
            "银联证书",
            "no answer of UnionPay's is believed any more",
            ("请更换为银联最新的根证书与中级证书", "take UnionPay's new root and middle certificates"),
        ),
    };
    let from = Time(certificate.not_before_ms());
    Dated { key, what, from, until: Time(certificate.not_after_ms()), without, renew }
}

/// The merchant's signing certificate and its key.
fn own(config: &AccountConfig) -> Result<(Certificate, SigningKey), ConfigError> {
    let path = config.need("sign_cert", &config.sign_cert)?;
    let (certificate_pem, key_pem) = match (&config.sign_key, &config.sign_cert_password) {
        (Some(key), None) => {
            (text(config, "sign_cert", &config.sign_cert)?, key.read(&config.key("sign_key"))?)
        }
        (None, Some(password)) => pfx(config, path, password)?,
        (None, None) | (Some(_), Some(_)) => {
            let why = "a .pfx needs sign_cert_password, a PEM certificate needs sign_key: set one of them";
            return Err(wrong(config, "sign_cert", why));
        }
    };
    let certificate = certificate(config, "sign_cert", &certificate_pem)?;
    let field = if config.sign_key.is_some() { "sign_key" } else { "sign_cert" };
    let key = SigningKey::from_pem_or_base64(&key_pem).map_err(|error| wrong(config, field, error))?;
    let trial = b"paycode";
    if !certificate.key().verify_sha256(trial, &key.sign_sha256(trial)) {
        return Err(wrong(config, field, "it is not the key of the certificate in sign_cert"));
    }
    Ok((certificate, key))
}

fn pfx(
    config: &AccountConfig,
    path: &Path,
    password: &Secret,
) -> Result<(String, Zeroizing<String>), ConfigError> {
    let password = password.read(&config.key("sign_cert_password"))?;
    let named = |why: String| wrong(config, "sign_cert", format!("{}: {why}", path.display()));
    let file = std::fs::read(path).map_err(|error| named(error.to_string()))?;
    let identity = p12::open(&file, &password).map_err(|error| match error {
        P12Error::NotP12 => named(format!("{error}; for a PEM certificate set sign_key, not a password")),
        P12Error::Password => wrong(config, "sign_cert_password", format!("{}: {error}", path.display())),
        P12Error::Unsupported | P12Error::NoKey | P12Error::Keys(_) | P12Error::NoCertificate(_) => {
            named(error.to_string())
        }
    })?;
    Ok((identity.chain_pem, Zeroizing::new(identity.key_pem)))
}

/// A certificate's file as text; of the binary form, its base64.
fn text(config: &AccountConfig, field: &str, path: &Option<PathBuf>) -> Result<String, ConfigError> {
    let path = config.need(field, path)?;
    let named = |error| wrong(config, field, format!("{}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(named)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| STANDARD.encode(error.into_bytes())))
}

fn certificate(config: &AccountConfig, field: &str, text: &str) -> Result<Certificate, ConfigError> {
    Certificate::from_pem_or_base64(text).map_err(|error| {
        let other = match (field, &config.sign_key) {
            ("sign_cert", Some(_)) => "; for a .pfx set sign_cert_password instead of sign_key",
            _ => "",
        };
        wrong(config, field, format!("{error}{other}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::Dialect as _;
    use crate::transport::tls::Identity;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/testdata/unionpay/acp/");
    const MER_ID_LINE: &str = "mer_id = \"777000000000001\"\n";
    const PAIR: &str = "sign_cert = \"test-only-merchant-sign.cert.pem\"\n\
                        sign_key = { file = \"test-only-merchant-sign.key.pem\" }\n";
    const CHAIN: &str = "unionpay_root = \"test-only-root.cert.pem\"\n\
                         unionpay_middle = \"test-only-middle.cert.pem\"\n";

    fn read(lines: &str) -> Result<(Acp, [Dated; 3]), ConfigError> {
        let lines = lines.replace("\"test-only", &format!("\"{FOLDER}test-only"));
        let head = "name = \"u\"\nchannel = \"acp\"\nnamespace = \"TEST\"\n";
        dialect(&toml::from_str(&format!("{head}{lines}")).unwrap())
    }

    fn error(lines: &str) -> String {
        read(lines).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_there_speaks_for_the_merchant_until_a_certificate_ends() {
        let (acp, dated) = read(&format!("{MER_ID_LINE}{PAIR}{CHAIN}term_id = \"T0000009\"\n")).unwrap();
        assert_eq!(acp.payee().merchant, "777000000000001");
        // 2026-03-15 and 2051.
        let (within, after) = (Time(1_773_532_800_000), Time(2_556_144_000_000));
        for own in dated {
            assert!(own.check(within).is_ok() && own.warning(within).is_none(), "{}", own.key);
            assert!(own.check(after).unwrap_err().contains(own.key));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_key() {
        let all = format!("{MER_ID_LINE}{PAIR}{CHAIN}");
        let swap = |from: &str, to: &str| error(&all.replace(from, to));
        for (said, key, advice) in [
            (error(&format!("{PAIR}{CHAIN}")), "mer_id", "acp needs it"),
            (swap("777000000000001", "77700000000000"), "mer_id", "15 letters and digits"),
            (error(&format!("{all}term_id = \"T1\"\n")), "term_id", "8 letters and digits"),
            (error(&format!("{MER_ID_LINE}{CHAIN}")), "sign_cert", "acp needs it"),
            (swap("sign_key = ", "sign_cert_password = "), "sign_cert", "for a PEM certificate set sign_key"),
            (
                error(&format!("{all}sign_cert_password = {{ env = \"HOME\" }}\n")),
                "sign_cert",
                "set one of them",
            ),
            (swap("merchant-sign.cert", "absent"), "sign_cert", "No such file"),
            (swap("merchant-sign.cert", "merchant-sign.key"), "sign_cert", "not a certificate text"),
            (swap("merchant-sign.key", "merchant-sign.cert"), "sign_key", "not a"),
            (swap("merchant-sign.key", "unionpay-sign.key"), "sign_key", "not the key of the certificate"),
            (error(&format!("{MER_ID_LINE}{PAIR}")), "unionpay_root", "acp needs it"),
            (swap("root.cert", "middle.cert"), "unionpay_root", "not an authority's"),
            (swap("middle.cert", "unionpay-sign.cert"), "unionpay_middle", "not an authority's"),
            (swap("middle.cert", "absent"), "unionpay_middle", "No such file"),
        ] {
            assert!(said.contains(&format!("accounts.u.{key}")) && said.contains(advice), "{key}: {said}");
        }
    }

    #[test]
    fn a_pfx_has_both_and_a_binary_certificate_is_one() {
        let folder = std::env::temp_dir().join(format!("paycode-acp-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        let pem = |name: &str| std::fs::read_to_string(format!("{FOLDER}test-only-{name}.pem")).unwrap();
        let (chain_pem, key_pem) = (pem("merchant-sign.cert"), pem("merchant-sign.key"));
        std::fs::write(at("sign.pfx"), p12::write(&Identity { chain_pem, key_pem }, "000000").unwrap())
            .unwrap();
        std::fs::write(at("good.txt"), "000000\n").unwrap();
        std::fs::write(at("bad.txt"), "000001\n").unwrap();
        let base64: String = pem("root.cert").lines().filter(|line| !line.starts_with('-')).collect();
        std::fs::write(at("root.cer"), STANDARD.decode(base64).unwrap()).unwrap();
        let lines = |password: &str| {
            let pfx = format!("sign_cert = \"{}\"\n", at("sign.pfx"));
            let chain = CHAIN.replace("test-only-root.cert.pem", &at("root.cer"));
            format!("{MER_ID_LINE}{pfx}sign_cert_password = {{ file = \"{}\" }}\n{chain}", at(password))
        };
        assert!(read(&lines("good.txt")).is_ok(), "{}", error(&lines("good.txt")));
        let said = error(&lines("bad.txt"));
        assert!(
            said.contains("accounts.u.sign_cert_password") && said.contains("does not open it"),
            "{said}"
        );
        let key = "sign_key = { file = \"test-only-merchant-sign.key.pem\" }\n";
        let said = error(
            &lines("good.txt")
                .replace("sign_cert_password", "#")
                .replace("unionpay_root", &format!("{key}unionpay_root")),
        );
        assert!(said.contains("accounts.u.sign_cert") && said.contains("for a .pfx set"), "{said}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
