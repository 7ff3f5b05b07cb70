//! A merchant on ICBC's open platform, family F1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::sign::{RsaHash, SigningKey, VerifyingKey};

use crate::transport::tls::pem;

use super::{MaterialError, Offer, Place, rsa_pair, wrong};

/// An ICBC merchant's numbers and keys; base64 of PKCS#8 and SPKI.
#[derive(Clone, Serialize, Deserialize)]
pub struct IcbcMaterial {
    /// The application.
    pub app_id: String,
    /// The merchant, 12 digits.
    pub mer_id: String,
    /// The application's private key, the merchant's.
    pub app_private_key: String,
    /// The application's public key, which ICBC knows.
    pub app_public_key: String,
    /// The gateway's private key, the simulator's.
    pub gateway_private_key: String,
    /// The gateway's public key, which the merchant knows.
    pub gateway_public_key: String,
}

/// A fresh ICBC merchant.
pub(super) fn make() -> Result<IcbcMaterial, MaterialError> {
    let (app_private_key, app_public_key) = rsa_pair()?;
    let (gateway_private_key, gateway_public_key) = rsa_pair()?;
    Ok(IcbcMaterial {
        app_id: "10000000000000000001".to_owned(),
        mer_id: "020000000001".to_owned(),
        app_private_key,
        app_public_key,
        gateway_private_key,
        gateway_public_key,
    })
}

impl Offer for IcbcMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        Ok(Account::Icbc {
            app_id: self.app_id.clone(),
            mer_id: self.mer_id.clone(),
            app_public_key: VerifyingKey::from_pem_or_base64(&self.app_public_key).map_err(wrong)?,
            gateway_signing_key: SigningKey::from_pem_or_base64(&self.gateway_private_key).map_err(wrong)?,
            // As the field has it, whatever the requests use (icbc.md §2).
            answer_hash: RsaHash::Sha1,
            aes_key: None,
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let der = |base64: &str| STANDARD.decode(base64).map_err(wrong);
        let private = pem("PRIVATE KEY", &der(&self.app_private_key)?);
        let public = pem("PUBLIC KEY", &der(&self.gateway_public_key)?);
        Ok(vec![
            ("icbc-app-private.pem", private.into_bytes()),
            ("icbc-gateway-public.pem", public.into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "icbc",
            "channel": "icbc",
            "base_url": base_url,
            "app_id": self.app_id,
            "mer_id": self.mer_id,
            "app_private_key": "icbc-app-private.pem",
            "gateway_public_key": "icbc-gateway-public.pem",
            "answer_hash": "SHA1",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}app_id = "{app_id}"
mer_id = "{mer_id}"
app_private_key = {{ file = "icbc-app-private.pem" }}
gateway_public_key = {{ file = "icbc-gateway-public.pem" }}
"#,
            head = place.head("icbc", "icbc"),
            app_id = self.app_id,
            mer_id = self.mer_id,
        )
    }
}
