//! Whether an account could undo what it charges: the client certificate that a reversal needs.

use payment::time::{DAY_MS, Time};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::sandbox::material::common_name;

/// A certificate that ends sooner than this is spoken of by `doctor`.
const SOON_MS: i64 = 30 * DAY_MS;

/// What is known of a client certificate.
#[derive(Clone, Debug)]
pub(super) struct UndoCertificate {
    names_mch_id: Option<String>,
    wants_mch_id: String,
    from: Time,
    until: Time,
}

impl UndoCertificate {
    /// Reads the first certificate of a PEM text.
    pub(super) fn read(pem: &str, mch_id: &str) -> Result<UndoCertificate, String> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| "client_cert holds no PEM certificate; use apiclient_cert.pem".to_owned())?;
        let (_, certificate) = X509Certificate::from_der(&der)
            .map_err(|error| format!("client_cert cannot be read: {error}"))?;
        let validity = certificate.validity();
        Ok(UndoCertificate {
            names_mch_id: common_name(&der),
            wants_mch_id: mch_id.to_owned(),
            from: Time(validity.not_before.timestamp() * 1000),
            until: Time(validity.not_after.timestamp() * 1000),
        })
    }

    /// Whether it can undo now; otherwise what is wrong and what to do.
    pub(super) fn check(&self, now: Time) -> Result<(), String> {
        match &self.names_mch_id {
            Some(name) if *name == self.wants_mch_id => {}
            Some(name) => {
                return Err(format!(
                    "撤销证书属于商户 {name}, 不是 {want} / client_cert is merchant {name}'s, not {want}'s: a charge could \
                     not be reversed; download {want}'s API certificate",
                    want = self.wants_mch_id
                ));
            }
            None => return Err("client_cert names no merchant (CN)".to_owned()),
        }
        if now < self.from {
            return Err("撤销证书尚未生效 / client_cert is not valid yet; check the clock".to_owned());
        }
        if now >= self.until {
            return Err("撤销证书已过期, 请在商户平台更换 / client_cert has expired: a charge could not be reversed; renew it on \
                        the merchant platform"
                .to_owned());
        }
        Ok(())
    }

    /// What `doctor` should say early.
    pub(super) fn warning(&self, now: Time) -> Option<String> {
        let days = self.until.since_ms(now) / DAY_MS;
        (self.until.since_ms(now) < SOON_MS)
            .then(|| format!("client_cert expires in {days} days; renew it on the merchant platform"))
    }
}

/// The check of an account whose client certificate is missing.
pub(super) fn missing() -> Result<(), String> {
    Err("缺少撤销证书, 无法撤销则不收款 / client_cert and client_key are missing: without them a charge could not be reversed, \
         so this account takes no payments; set both (apiclient_cert.pem, apiclient_key.pem)"
        .to_owned())
}
