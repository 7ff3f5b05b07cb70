//! A merchant of UnionPay QRA, signing with a shared key.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::qra::Keys;
use wire::sign::ApiKey;

use crate::clock::Entropy;

use super::{MaterialError, Offer, Place, api_key, wrong};

/// A QRA merchant's number and key.
#[derive(Clone, Serialize, Deserialize)]
pub struct QraMaterial {
    /// 商户号
    pub mch_id: String,
    /// The key that signs both directions.
    pub api_key: String,
}

/// A fresh merchant.
pub(super) fn make(entropy: &dyn Entropy) -> QraMaterial {
    QraMaterial { mch_id: "QRA00000000TEST".to_owned(), api_key: api_key(entropy) }
}

impl Offer for QraMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        let key = ApiKey::new(&self.api_key).map_err(wrong)?;
        Ok(Account::Qra { mch_id: self.mch_id.clone(), keys: Keys::Md5(key) })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        Ok(vec![("qra-api-key.txt", self.api_key.clone().into_bytes())])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "qra",
            "channel": "qra",
            "base_url": base_url,
            "mch_id": self.mch_id,
            "api_key": self.api_key,
            "sign_type": "MD5",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}mch_id = "{mch_id}"
api_key = {{ file = "qra-api-key.txt" }}
"#,
            head = place.head("qra", "qra"),
            mch_id = self.mch_id,
        )
    }
}
