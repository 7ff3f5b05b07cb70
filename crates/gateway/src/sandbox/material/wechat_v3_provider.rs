//! A provider (服务商) of WeChat, APIv3: its numbers and keys, and the merchant that it sells for (wechat.md §4.4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::wechat_v3::SubMerchant;

use crate::clock::Entropy;

use super::wechat_v3::{WechatV3Material, merchant};
use super::{MaterialError, Offer, Place};

/// A provider's numbers and keys, and its merchant's numbers.
#[derive(Clone, Serialize, Deserialize)]
pub struct WechatV3ProviderMaterial {
    /// The provider, whose key signs.
    pub provider: WechatV3Material,
    /// 子商户号, the merchant's.
    pub sub_mchid: String,
    /// The merchant's own application.
    pub sub_appid: String,
}

/// A fresh provider with one merchant.
pub(super) fn make(entropy: &dyn Entropy) -> Result<WechatV3ProviderMaterial, MaterialError> {
    Ok(WechatV3ProviderMaterial {
        provider: merchant(entropy, "wx3c4d5e6f7a8b9c0d", "1900000120")?,
        sub_mchid: "1900009910".to_owned(),
        sub_appid: "wx2b3c4d5e6f7a8b9c".to_owned(),
    })
}

impl Offer for WechatV3ProviderMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        let sub = SubMerchant { mchid: self.sub_mchid.clone(), appid: Some(self.sub_appid.clone()) };
        self.provider.held(Some(sub))
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let WechatV3Material { merchant, api_v3_key, public, .. } = &self.provider;
        Ok(vec![
            ("wechat-v3-provider-apiclient-cert.pem", merchant.pem.clone().into_bytes()),
            ("wechat-v3-provider-apiclient-key.pem", merchant.key_pem.clone().into_bytes()),
            ("wechat-v3-provider-api-key.txt", api_v3_key.clone().into_bytes()),
            ("wechat-v3-provider-public-key.pem", public.public_pem.clone().into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "wechat-v3-provider",
            "channel": "wechat_v3",
            "base_url": base_url,
            "appid": self.provider.appid,
            "mchid": self.provider.mchid,
            "sub_mchid": self.sub_mchid,
            "sub_appid": self.sub_appid,
            "merchant_cert": "wechat-v3-provider-apiclient-cert.pem",
            "merchant_key": "wechat-v3-provider-apiclient-key.pem",
            "merchant_serial": self.provider.merchant.serial,
            "api_v3_key": self.provider.api_v3_key,
            "public_key_id": self.provider.public_key_id,
            "public_key": "wechat-v3-provider-public-key.pem",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}# The provider's numbers and keys, and the merchant that it sells for. 服务商的号与密钥，及其子商户。
appid = "{appid}"
mchid = "{mchid}"
sub_mchid = "{sub_mchid}"
sub_appid = "{sub_appid}"
merchant_key = {{ file = "wechat-v3-provider-apiclient-key.pem" }}
merchant_serial = "{serial}"
public_key_id = "{public_key_id}"
public_key = {{ file = "wechat-v3-provider-public-key.pem" }}
# With platform certificates, instead of the public key: 或使用平台证书：
# api_v3_key = {{ file = "wechat-v3-provider-api-key.txt" }}
"#,
            head = place.head("wechat-v3-provider", "wechat_v3"),
            appid = self.provider.appid,
            mchid = self.provider.mchid,
            sub_mchid = self.sub_mchid,
            sub_appid = self.sub_appid,
            serial = self.provider.merchant.serial,
            public_key_id = self.provider.public_key_id,
        )
    }
}
