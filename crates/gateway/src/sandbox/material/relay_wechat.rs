//! A sub-merchant of WeChat behind UnionPay's platform (unionpay.md §8): WeChat's APIv2 on another host, with the acquirer's
//! numbers.

use rcgen::CertifiedIssuer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::sign::ApiKey;

use crate::clock::Entropy;

use super::wechat_v2::{WechatMaterial, merchant};
use super::{MaterialError, Offer, Place, RELAY_PATH, wrong};

/// The terminal as 259号文 has it: a scanner gun, and where it stands.
const TERMINAL_INFO: &str = r#"{"device_type":"11","device_id":"T0000001","location":"+31.23/+121.47"}"#;

/// The acquirer's numbers and keys, and the merchant's numbers under it.
#[derive(Clone, Serialize, Deserialize)]
pub struct RelayWechatMaterial {
    /// The acquirer, whose key signs.
    pub acquirer: WechatMaterial,
    /// 子商户号, the merchant's.
    pub sub_mch_id: String,
    /// 渠道号
    pub channel_id: String,
}

/// A fresh sub-merchant under an acquirer of its own.
pub(super) fn make(
    authority: &CertifiedIssuer<'static, rcgen::KeyPair>,
    entropy: &dyn Entropy,
) -> Result<RelayWechatMaterial, MaterialError> {
    Ok(RelayWechatMaterial {
        acquirer: merchant(authority, entropy, "1900000208")?,
        sub_mch_id: "1900009999".to_owned(),
        channel_id: "243012345".to_owned(),
    })
}

impl Offer for RelayWechatMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        Ok(Account::WechatV2 {
            appid: self.acquirer.appid.clone(),
            mch_id: self.acquirer.mch_id.clone(),
            sub_mch_id: Some(self.sub_mch_id.clone()),
            channel_id: Some(self.channel_id.clone()),
            api_key: ApiKey::new(&self.acquirer.api_key).map_err(wrong)?,
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        Ok(vec![
            ("relay-wechat-api-key.txt", self.acquirer.api_key.clone().into_bytes()),
            ("relay-apiclient_cert.pem", self.acquirer.client_cert_pem.clone().into_bytes()),
            ("relay-apiclient_key.pem", self.acquirer.client_key_pem.clone().into_bytes()),
            ("relay-apiclient_cert.p12", self.acquirer.p12()?),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "relay-wechat",
            "channel": "wechat_v2",
            "base_url": format!("{base_url}{RELAY_PATH}"),
            "appid": self.acquirer.appid,
            "mch_id": self.acquirer.mch_id,
            "sub_mch_id": self.sub_mch_id,
            "channel_id": self.channel_id,
            "terminal_info": TERMINAL_INFO,
            "api_key": self.acquirer.api_key,
            "client_cert": "relay-apiclient_cert.pem",
            "client_key": "relay-apiclient_key.pem",
            "client_p12": "relay-apiclient_cert.p12",
            "client_p12_password": self.acquirer.mch_id,
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        let base_url = format!("{}{RELAY_PATH}", place.base_url);
        format!(
            r#"# WeChat through UnionPay's platform: the same messages on another host. 银联微信：报文相同，地址不同。
{head}appid = "{appid}"
mch_id = "{mch_id}"
sub_mch_id = "{sub_mch_id}"
channel_id = "{channel_id}"
terminal_info = '{TERMINAL_INFO}'
api_key = {{ file = "relay-wechat-api-key.txt" }}
client_p12 = "relay-apiclient_cert.p12"
"#,
            head = Place { base_url: &base_url, ..*place }.head("relay-wechat", "wechat_v2"),
            appid = self.acquirer.appid,
            mch_id = self.acquirer.mch_id,
            sub_mch_id = self.sub_mch_id,
            channel_id = self.channel_id,
        )
    }
}
