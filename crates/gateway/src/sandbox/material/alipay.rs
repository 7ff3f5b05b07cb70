//! An Alipay merchant, gateway v2, public-key mode.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{Account, AlipayTerms};
use wire::sign::{SigningKey, VerifyingKey};

use crate::transport::tls::pem;

use super::{MaterialError, Offer, Place, rsa_pair, wrong};

/// An Alipay merchant's numbers and keys; base64 of PKCS#8 and SPKI.
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayMaterial {
    /// 应用ID
    pub app_id: String,
    /// 卖家 PID
    pub seller_id: String,
    /// The application's private key, the merchant's.
    pub app_private_key: String,
    /// The application's public key, which Alipay knows.
    pub app_public_key: String,
    /// Alipay's private key, the simulator's.
    pub alipay_private_key: String,
    /// Alipay's public key, which the merchant knows.
    pub alipay_public_key: String,
}

/// A fresh Alipay merchant.
pub fn alipay() -> Result<AlipayMaterial, MaterialError> {
    let (app_private_key, app_public_key) = rsa_pair()?;
    let (alipay_private_key, alipay_public_key) = rsa_pair()?;
    Ok(AlipayMaterial {
        app_id: "2026110100000001".to_owned(),
        seller_id: "2088990000000012".to_owned(),
        app_private_key,
        app_public_key,
        alipay_private_key,
        alipay_public_key,
    })
}

impl Offer for AlipayMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        Ok(Account::Alipay {
            app_id: self.app_id.clone(),
            seller_id: self.seller_id.clone(),
            app_public_key: VerifyingKey::from_pem_or_base64(&self.app_public_key).map_err(wrong)?,
            alipay_signing_key: SigningKey::from_pem_or_base64(&self.alipay_private_key).map_err(wrong)?,
            terms: AlipayTerms::default(),
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let der = |base64: &str| STANDARD.decode(base64).map_err(wrong);
        let private = pem("PRIVATE KEY", &der(&self.app_private_key)?);
        let public = pem("PUBLIC KEY", &der(&self.alipay_public_key)?);
        Ok(vec![("alipay-app-private.pem", private.into_bytes()), ("alipay-public.pem", public.into_bytes())])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "alipay",
            "channel": "alipay",
            "base_url": base_url,
            "app_id": self.app_id,
            "seller_id": self.seller_id,
            "app_private_key": "alipay-app-private.pem",
            "alipay_public_key": "alipay-public.pem",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}app_id = "{app_id}"
seller_id = "{seller_id}"
app_private_key = {{ file = "alipay-app-private.pem" }}
alipay_public_key = {{ file = "alipay-public.pem" }}
"#,
            head = place.head("alipay", "alipay"),
            app_id = self.app_id,
            seller_id = self.seller_id,
        )
    }
}
