//! A sub-merchant of Alipay behind UnionPay's platform (unionpay.md §8): Alipay's gateway on another host, with an acquirer's
//! application.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{Account, AlipayRelay, AlipayTerms};
use wire::sign::{SigningKey, VerifyingKey};

use crate::transport::tls::pem;

use super::{MaterialError, Offer, Place, RELAY_PATH, rsa_pair, wrong};

/// The terminal as 259号文 has it: a barcode terminal, its serial, and where it stands.
const TERMINAL_INFO: &str =
    r#"{"device_type":"10","serial_num":"SIM00000002","location":"+31.230/+121.470"}"#;

/// The acquirer's application and keys (base64 of PKCS#8 and SPKI), and the merchant's numbers under it.
#[derive(Clone, Serialize, Deserialize)]
pub struct RelayAlipayMaterial {
    /// 应用ID, the acquirer's.
    pub app_id: String,
    /// The acquirer's own PID.
    pub acquirer_id: String,
    /// 间连商户号 (SMID), the merchant's.
    pub smid: String,
    /// 收单机构代码
    pub acq_code: String,
    /// The merchant's code at the clearing house.
    pub merch_code: String,
    /// The application's private key.
    pub app_private_key: String,
    /// The application's public key, which Alipay knows.
    pub app_public_key: String,
    /// Alipay's private key, the simulator's.
    pub alipay_private_key: String,
    /// Alipay's public key, which the acquirer knows.
    pub alipay_public_key: String,
}

/// A fresh sub-merchant under an acquirer of its own.
pub(super) fn make() -> Result<RelayAlipayMaterial, MaterialError> {
    let (app_private_key, app_public_key) = rsa_pair()?;
    let (alipay_private_key, alipay_public_key) = rsa_pair()?;
    Ok(RelayAlipayMaterial {
        app_id: "2026110100000004".to_owned(),
        acquirer_id: "2088990000000045".to_owned(),
        smid: "2088990000000046".to_owned(),
        acq_code: "48020000000001".to_owned(),
        merch_code: "802310000000001".to_owned(),
        app_private_key,
        app_public_key,
        alipay_private_key,
        alipay_public_key,
    })
}

impl Offer for RelayAlipayMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        let relay = AlipayRelay {
            smid: self.smid.clone(),
            acq_code: self.acq_code.clone(),
            merch_code: Some(self.merch_code.clone()),
        };
        Ok(Account::Alipay {
            app_id: self.app_id.clone(),
            seller_id: self.acquirer_id.clone(),
            app_public_key: VerifyingKey::from_pem_or_base64(&self.app_public_key).map_err(wrong)?,
            alipay_signing_key: SigningKey::from_pem_or_base64(&self.alipay_private_key).map_err(wrong)?,
            terms: AlipayTerms { relay: Some(relay), ..AlipayTerms::default() },
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let der = |base64: &str| STANDARD.decode(base64).map_err(wrong);
        let private = pem("PRIVATE KEY", &der(&self.app_private_key)?);
        let public = pem("PUBLIC KEY", &der(&self.alipay_public_key)?);
        Ok(vec![
            ("relay-alipay-app-private.pem", private.into_bytes()),
            ("relay-alipay-public.pem", public.into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "relay-alipay",
            "channel": "alipay",
            "base_url": format!("{base_url}{RELAY_PATH}"),
            "app_id": self.app_id,
            "smid": self.smid,
            "acq_code": self.acq_code,
            "merch_code": self.merch_code,
            "terminal_info": TERMINAL_INFO,
            "app_private_key": "relay-alipay-app-private.pem",
            "alipay_public_key": "relay-alipay-public.pem",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        let base_url = format!("{}{RELAY_PATH}", place.base_url);
        format!(
            r#"# Alipay through UnionPay's platform: the same messages on another host. 银联支付宝：报文相同，地址不同。
{head}app_id = "{app_id}"
smid = "{smid}"
acq_code = "{acq_code}"
merch_code = "{merch_code}"
terminal_info = '{TERMINAL_INFO}'
app_private_key = {{ file = "relay-alipay-app-private.pem" }}
alipay_public_key = {{ file = "relay-alipay-public.pem" }}

# A terminal that is registered by itself: a till names it with `"terminal": "T01"`. 逐台登记的终端。
[[accounts.terminals]]
terminal = "T01"
device_type = "10"
device_id = "T0000001"
serial_num = "SIM00000001"
location = "+31.231/+121.471"
"#,
            head = Place { base_url: &base_url, ..*place }.head("relay-alipay", "alipay"),
            app_id = self.app_id,
            smid = self.smid,
            acq_code = self.acq_code,
            merch_code = self.merch_code,
        )
    }
}
