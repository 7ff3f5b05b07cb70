//! A WeChat merchant, APIv2.

use rcgen::CertifiedIssuer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::sign::ApiKey;

use crate::clock::Entropy;
use crate::transport::p12;
use crate::transport::tls::Identity;

use super::{MaterialError, Offer, Place, api_key, leaf, wrong};

/// A WeChat merchant's numbers and keys.
#[derive(Clone, Serialize, Deserialize)]
pub struct WechatMaterial {
    /// 公众账号ID
    pub appid: String,
    /// 商户号
    pub mch_id: String,
    /// The API key (v2).
    pub api_key: String,
    /// apiclient_cert.pem
    pub client_cert_pem: String,
    /// apiclient_key.pem
    pub client_key_pem: String,
}

/// A fresh merchant, whose client certificate this authority signs.
pub(super) fn make(
    authority: &CertifiedIssuer<'static, rcgen::KeyPair>,
    entropy: &dyn Entropy,
) -> Result<WechatMaterial, MaterialError> {
    merchant(authority, entropy, "1900000109")
}

/// A merchant with this number.
pub(super) fn merchant(
    authority: &CertifiedIssuer<'static, rcgen::KeyPair>,
    entropy: &dyn Entropy,
    mch_id: &str,
) -> Result<WechatMaterial, MaterialError> {
    let (client_cert_pem, client_key_pem) = leaf(authority, mch_id, false)?;
    Ok(WechatMaterial {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: mch_id.to_owned(),
        api_key: api_key(entropy),
        client_cert_pem,
        client_key_pem,
    })
}

impl WechatMaterial {
    /// apiclient_cert.p12, under the mch_id as WeChat does.
    pub(super) fn p12(&self) -> Result<Vec<u8>, MaterialError> {
        let identity =
            Identity { chain_pem: self.client_cert_pem.clone(), key_pem: self.client_key_pem.clone() };
        p12::write(&identity, &self.mch_id).map_err(wrong)
    }
}

impl Offer for WechatMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        Ok(Account::WechatV2 {
            appid: self.appid.clone(),
            mch_id: self.mch_id.clone(),
            sub_mch_id: None,
            channel_id: None,
            api_key: ApiKey::new(&self.api_key).map_err(wrong)?,
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let p12 = self.p12()?;
        Ok(vec![
            ("wechat-api-key.txt", self.api_key.clone().into_bytes()),
            ("apiclient_cert.pem", self.client_cert_pem.clone().into_bytes()),
            ("apiclient_key.pem", self.client_key_pem.clone().into_bytes()),
            ("apiclient_cert.p12", p12),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "wechat",
            "channel": "wechat_v2",
            "base_url": base_url,
            "appid": self.appid,
            "mch_id": self.mch_id,
            "api_key": self.api_key,
            "client_cert": "apiclient_cert.pem",
            "client_key": "apiclient_key.pem",
            "client_p12": "apiclient_cert.p12",
            "client_p12_password": self.mch_id,
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}appid = "{appid}"
mch_id = "{mch_id}"
api_key = {{ file = "wechat-api-key.txt" }}
client_p12 = "apiclient_cert.p12"
# The same as a PEM pair, instead: 或使用 PEM：
# client_cert = "apiclient_cert.pem"
# client_key = {{ file = "apiclient_key.pem" }}
"#,
            head = place.head("wechat", "wechat_v2"),
            appid = self.appid,
            mch_id = self.mch_id,
        )
    }
}
