//! A provider's Alipay application: it acts for a merchant by the merchant's token, and encrypts its contents (alipay.md §2.5, §9).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{Account, AlipayGrant, AlipayTerms};
use wire::sign::{AesKey, SigningKey, VerifyingKey};

use crate::clock::Entropy;
use crate::transport::tls::pem;

use super::{MaterialError, Offer, Place, rsa_pair, wrong};

/// 2099-12-31, unix ms: until when the merchant lets it act.
const GRANTED_UNTIL_MS: i64 = 4_102_329_600_000;

/// A provider's numbers and keys; base64 of PKCS#8 and SPKI.
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayProviderMaterial {
    /// 应用ID
    pub app_id: String,
    /// The provider's own PID.
    pub provider_id: String,
    /// The merchant's PID.
    pub seller_id: String,
    /// What the merchant lets it act by.
    pub app_auth_token: String,
    /// The content key, base64.
    pub aes_key: String,
    /// The application's private key.
    pub app_private_key: String,
    /// The application's public key, which Alipay knows.
    pub app_public_key: String,
    /// Alipay's private key, the simulator's.
    pub alipay_private_key: String,
    /// Alipay's public key, which the application knows.
    pub alipay_public_key: String,
}

/// A fresh provider.
pub(super) fn make(entropy: &dyn Entropy) -> Result<AlipayProviderMaterial, MaterialError> {
    let (app_private_key, app_public_key) = rsa_pair()?;
    let (alipay_private_key, alipay_public_key) = rsa_pair()?;
    let mut random = [0; 32];
    entropy.fill(&mut random);
    let (key, token) = random.split_at(16);
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(AlipayProviderMaterial {
        app_id: "2026110100000003".to_owned(),
        provider_id: "2088990000000033".to_owned(),
        seller_id: "2088990000000034".to_owned(),
        app_auth_token: format!("202611BB{token}"),
        aes_key: STANDARD.encode(key),
        app_private_key,
        app_public_key,
        alipay_private_key,
        alipay_public_key,
    })
}

impl Offer for AlipayProviderMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        let grant = AlipayGrant {
            token: self.app_auth_token.clone(),
            seller_id: self.seller_id.clone(),
            until_ms: GRANTED_UNTIL_MS,
        };
        let terms = AlipayTerms {
            grants: vec![grant],
            aes_key: Some(AesKey::from_base64(&self.aes_key).map_err(wrong)?),
            ..AlipayTerms::default()
        };
        Ok(Account::Alipay {
            app_id: self.app_id.clone(),
            seller_id: self.provider_id.clone(),
            app_public_key: VerifyingKey::from_pem_or_base64(&self.app_public_key).map_err(wrong)?,
            alipay_signing_key: SigningKey::from_pem_or_base64(&self.alipay_private_key).map_err(wrong)?,
            terms,
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let der = |base64: &str| STANDARD.decode(base64).map_err(wrong);
        let private = pem("PRIVATE KEY", &der(&self.app_private_key)?);
        let public = pem("PUBLIC KEY", &der(&self.alipay_public_key)?);
        Ok(vec![
            ("alipay-provider-app-private.pem", private.into_bytes()),
            ("alipay-provider-public.pem", public.into_bytes()),
            ("alipay-provider-token.txt", self.app_auth_token.clone().into_bytes()),
            ("alipay-provider-aes-key.txt", self.aes_key.clone().into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "alipay-provider",
            "channel": "alipay",
            "base_url": base_url,
            "app_id": self.app_id,
            "provider_id": self.provider_id,
            "seller_id": self.seller_id,
            "app_private_key": "alipay-provider-app-private.pem",
            "alipay_public_key": "alipay-provider-public.pem",
            "app_auth_token": "alipay-provider-token.txt",
            "aes_key": "alipay-provider-aes-key.txt",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}app_id = "{app_id}"
# The merchant's PID, and what lets the provider act for it. 商户 PID 与应用授权令牌。
seller_id = "{seller_id}"
app_auth_token = {{ file = "alipay-provider-token.txt" }}
provider_id = "{provider_id}"
app_private_key = {{ file = "alipay-provider-app-private.pem" }}
alipay_public_key = {{ file = "alipay-provider-public.pem" }}
aes_key = {{ file = "alipay-provider-aes-key.txt" }}
"#,
            head = place.head("alipay-provider", "alipay"),
            app_id = self.app_id,
            provider_id = self.provider_id,
            seller_id = self.seller_id,
        )
    }
}
