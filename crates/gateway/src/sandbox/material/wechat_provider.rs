//! A provider (服务商) of WeChat, APIv2: its numbers and keys, and the merchant that it sells for (wechat.md §2.1).

use rcgen::CertifiedIssuer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::sign::ApiKey;

use crate::clock::Entropy;

use super::wechat_v2::{WechatMaterial, merchant};
use super::{MaterialError, Offer, Place, wrong};

/// A provider's numbers and keys, and its merchant's numbers.
#[derive(Clone, Serialize, Deserialize)]
pub struct WechatProviderMaterial {
    /// The provider, whose key signs and whose certificate reverses.
    pub provider: WechatMaterial,
    /// 子商户号, the merchant's.
    pub sub_mch_id: String,
    /// The merchant's own application.
    pub sub_appid: String,
}

/// A fresh provider with one merchant.
pub(super) fn make(
    authority: &CertifiedIssuer<'static, rcgen::KeyPair>,
    entropy: &dyn Entropy,
) -> Result<WechatProviderMaterial, MaterialError> {
    Ok(WechatProviderMaterial {
        provider: merchant(authority, entropy, "1900000130")?,
        sub_mch_id: "1900009930".to_owned(),
        sub_appid: "wx4d5e6f7a8b9c0d1e".to_owned(),
    })
}

impl Offer for WechatProviderMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        Ok(Account::WechatV2 {
            appid: self.provider.appid.clone(),
            mch_id: self.provider.mch_id.clone(),
            sub_mch_id: Some(self.sub_mch_id.clone()),
            channel_id: None,
            api_key: ApiKey::new(&self.provider.api_key).map_err(wrong)?,
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        Ok(vec![
            ("wechat-provider-api-key.txt", self.provider.api_key.clone().into_bytes()),
            ("wechat-provider-apiclient_cert.pem", self.provider.client_cert_pem.clone().into_bytes()),
            ("wechat-provider-apiclient_key.pem", self.provider.client_key_pem.clone().into_bytes()),
            ("wechat-provider-apiclient_cert.p12", self.provider.p12()?),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "wechat-provider",
            "channel": "wechat_v2",
            "base_url": base_url,
            "appid": self.provider.appid,
            "mch_id": self.provider.mch_id,
            "sub_mch_id": self.sub_mch_id,
            "sub_appid": self.sub_appid,
            "api_key": self.provider.api_key,
            "client_cert": "wechat-provider-apiclient_cert.pem",
            "client_key": "wechat-provider-apiclient_key.pem",
            "client_p12": "wechat-provider-apiclient_cert.p12",
            "client_p12_password": self.provider.mch_id,
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}# The provider's numbers and keys, and the merchant that it sells for. 服务商的号与密钥，及其子商户。
appid = "{appid}"
mch_id = "{mch_id}"
sub_mch_id = "{sub_mch_id}"
sub_appid = "{sub_appid}"
api_key = {{ file = "wechat-provider-api-key.txt" }}
client_p12 = "wechat-provider-apiclient_cert.p12"
"#,
            head = place.head("wechat-provider", "wechat_v2"),
            appid = self.provider.appid,
            mch_id = self.provider.mch_id,
            sub_mch_id = self.sub_mch_id,
            sub_appid = self.sub_appid,
        )
    }
}
