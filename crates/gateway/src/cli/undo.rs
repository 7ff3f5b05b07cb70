//! Whether an account could undo what it charges: the client certificate that a reversal needs.

use std::path::Path;

use payment::time::Time;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::{AccountConfig, ConfigError};
use crate::sandbox::material::common_name;
use crate::transport::p12;
use crate::transport::tls::Identity;

use super::dated::Dated;

/// The key of the configuration that names the client certificate.
pub(super) fn key_name(config: &AccountConfig) -> &'static str {
    if config.client_p12.is_some() { "client_p12" } else { "client_cert" }
}

/// The client certificate with its key, from the PEM pair or from the `.p12` file, if either is configured.
pub(super) fn identity(config: &AccountConfig) -> Result<Option<Identity>, ConfigError> {
    if let Some(path) = &config.client_p12 {
        return from_p12(config, path).map(Some);
    }
    let (Some(chain), Some(key)) = (&config.client_cert, &config.client_key) else {
        return Ok(None);
    };
    let chain_pem = String::from_utf8(read(chain, &config.key("client_cert"))?).map_err(|_| {
        ConfigError::value(config.key("client_cert"), "it is no PEM text; for a .p12 file use client_p12")
    })?;
    let key_pem = key.read(&config.key("client_key"))?.to_string();
    Ok(Some(Identity { chain_pem, key_pem }))
}

fn from_p12(config: &AccountConfig, path: &Path) -> Result<Identity, ConfigError> {
    let key = config.key("client_p12");
    let file = read(path, &key)?;
    let opened = match &config.client_p12_password {
        Some(secret) => p12::open(&file, &secret.read(&config.key("client_p12_password"))?),
        None => p12::open(&file, config.need("mch_id", &config.mch_id)?),
    };
    opened.map_err(|error| {
        let other = match error {
            p12::P12Error::Password => "; WeChat's is the mch_id, or set client_p12_password",
            p12::P12Error::NotP12
            | p12::P12Error::Unsupported
            | p12::P12Error::NoKey
            | p12::P12Error::Keys(_)
            | p12::P12Error::NoCertificate(_) => "",
        };
        ConfigError::value(key, format!("{}: {error}{other}", path.display()))
    })
}

fn read(path: &Path, key: &str) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| ConfigError::value(key, format!("{}: {error}", path.display())))
}

/// What is known of a client certificate.
#[derive(Clone, Debug)]
pub(super) struct UndoCertificate {
    names_mch_id: Option<String>,
    wants_mch_id: String,
    dated: Dated,
}

impl UndoCertificate {
    /// Reads the first certificate of a PEM text.
    pub(super) fn read(pem: &str, mch_id: &str, key: &'static str) -> Result<UndoCertificate, String> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| format!("{key} holds no PEM certificate; use apiclient_cert.pem"))?;
        let (_, certificate) =
            X509Certificate::from_der(&der).map_err(|error| format!("{key} cannot be read: {error}"))?;
        let validity = certificate.validity();
        Ok(UndoCertificate {
            names_mch_id: common_name(&der),
            wants_mch_id: mch_id.to_owned(),
            dated: Dated {
                key,
                what: "撤销证书",
                from: Time(validity.not_before.timestamp() * 1000),
                until: Time(validity.not_after.timestamp() * 1000),
                without: "a charge could not be reversed",
                renew: ("请在商户平台更换", "renew it on the merchant platform"),
            },
        })
    }

    /// Whether it can undo now; otherwise what is wrong and what to do.
    pub(super) fn check(&self, now: Time) -> Result<(), String> {
        let key = self.dated.key;
        match &self.names_mch_id {
            Some(name) if *name == self.wants_mch_id => {}
            Some(name) => {
                return Err(format!(
                    "撤销证书属于商户 {name}, 不是 {want} / {key} is merchant {name}'s, not {want}'s: a charge could \
                     not be reversed; download {want}'s API certificate",
                    want = self.wants_mch_id
                ));
            }
            None => return Err(format!("{key} names no merchant (CN)")),
        }
        self.dated.check(now)
    }

    /// What `doctor` should say early.
    pub(super) fn warning(&self, now: Time) -> Option<String> {
        self.dated.warning(now)
    }
}

/// The check of an account whose client certificate is missing.
pub(super) fn missing() -> Result<(), String> {
    Err("缺少撤销证书, 无法撤销则不收款 / client_cert and client_key are missing: without them a charge could not be reversed, \
         so this account takes no payments; set both (apiclient_cert.pem, apiclient_key.pem), or client_p12"
        .to_owned())
}
