//! A WeChat merchant, APIv3, with everything that both key modes need: 微信支付公钥, and two platform certificates of which the
//! second is handed out already and signs only where it is asked for.

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{Account, PlatformHand};
use wire::sign::{Certificate, SigningKey};
use wire::wechat_v3::{ApiV3Key, Hand, SubMerchant};

use crate::clock::Entropy;

use super::{MaterialError, Offer, Place, api_key, wrong};

/// A merchant's numbers and keys, PEM.
#[derive(Clone, Serialize, Deserialize)]
pub struct WechatV3Material {
    /// 公众账号ID
    pub appid: String,
    /// 商户号
    pub mchid: String,
    /// apiclient_cert.pem and apiclient_key.pem: the merchant's API certificate, and the key that signs its requests.
    pub merchant: Certified,
    /// The APIv3 key, 32 characters.
    pub api_v3_key: String,
    /// 微信支付公钥 ID
    pub public_key_id: String,
    /// 微信支付公钥, and its private half, which is the simulator's.
    pub public: Certified,
    /// 平台证书: the one in use, and the next one.
    pub platform: [Certified; 2],
}

/// A certificate, its key, and its serial in upper-case hexadecimal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Certified {
    /// The serial.
    pub serial: String,
    /// The certificate.
    pub pem: String,
    /// Its private key.
    pub key_pem: String,
    /// Its public key.
    pub public_pem: String,
}

/// 2024-01-01, 2098-01-01 and 2099-01-01 in UTC: from when on the certificates are handed out, from when on the next one signs
/// unasked, and when they end. Unix ms.
const FROM_MS: i64 = 1_704_067_200_000;
const NEXT_MS: i64 = 4_039_372_800_000;
const UNTIL_MS: i64 = 4_070_908_800_000;

/// A fresh merchant.
pub(super) fn make(entropy: &dyn Entropy) -> Result<WechatV3Material, MaterialError> {
    merchant(entropy, "wx1a2b3c4d5e6f7a8b", "1900000110")
}

/// A merchant with these numbers.
pub(super) fn merchant(
    entropy: &dyn Entropy,
    appid: &str,
    mchid: &str,
) -> Result<WechatV3Material, MaterialError> {
    Ok(WechatV3Material {
        appid: appid.to_owned(),
        mchid: mchid.to_owned(),
        merchant: certified(entropy, mchid)?,
        api_v3_key: api_key(entropy),
        public_key_id: format!("PUB_KEY_ID_01{mchid}2026110100000001"),
        public: certified(entropy, "public key")?,
        platform: [certified(entropy, "Tenpay.com sign")?, certified(entropy, "Tenpay.com sign")?],
    })
}

fn certified(entropy: &dyn Entropy, name: &str) -> Result<Certified, MaterialError> {
    let mut serial = [0; 20];
    entropy.fill(&mut serial);
    // A positive number of all its bytes.
    serial[0] = 0x40 | serial[0] & 0x3F;
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(wrong)?;
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(Certified {
        serial: serial.iter().map(|byte| format!("{byte:02X}")).collect(),
        pem: params.self_signed(&key).map_err(wrong)?.pem(),
        key_pem: key.serialize_pem(),
        public_pem: key.public_key_pem(),
    })
}

impl Certified {
    fn signing(&self) -> Result<SigningKey, MaterialError> {
        SigningKey::from_pem_or_base64(&self.key_pem).map_err(wrong)
    }

    fn platform(&self, signs_from_ms: i64) -> Result<PlatformHand, MaterialError> {
        Ok(PlatformHand {
            hand: Hand { key: self.signing()?, serial: self.serial.clone() },
            pem: self.pem.clone(),
            from_ms: FROM_MS,
            signs_from_ms,
            until_ms: UNTIL_MS,
        })
    }
}

impl WechatV3Material {
    /// The account as the simulator holds it; `sub` is the merchant that a provider sells for.
    pub(super) fn held(&self, sub: Option<SubMerchant>) -> Result<Account, MaterialError> {
        let own = Certificate::from_pem_or_base64(&self.merchant.pem).map_err(wrong)?;
        let [one, next] = &self.platform;
        Ok(Account::WechatV3 {
            appid: self.appid.clone(),
            mchid: self.mchid.clone(),
            sub,
            merchant_serial: self.merchant.serial.clone(),
            merchant_key: own.key().clone(),
            api_v3_key: ApiV3Key::new(&self.api_v3_key).map_err(wrong)?,
            public_key: Some(Hand { key: self.public.signing()?, serial: self.public_key_id.clone() }),
            certificates: vec![one.platform(FROM_MS)?, next.platform(NEXT_MS)?],
        })
    }
}

impl Offer for WechatV3Material {
    fn account(&self) -> Result<Account, MaterialError> {
        self.held(None)
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        Ok(vec![
            ("wechat-v3-apiclient-cert.pem", self.merchant.pem.clone().into_bytes()),
            ("wechat-v3-apiclient-key.pem", self.merchant.key_pem.clone().into_bytes()),
            ("wechat-v3-api-key.txt", self.api_v3_key.clone().into_bytes()),
            ("wechat-v3-public-key.pem", self.public.public_pem.clone().into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "wechat-v3",
            "channel": "wechat_v3",
            "base_url": base_url,
            "appid": self.appid,
            "mchid": self.mchid,
            "merchant_cert": "wechat-v3-apiclient-cert.pem",
            "merchant_key": "wechat-v3-apiclient-key.pem",
            "merchant_serial": self.merchant.serial,
            "api_v3_key": self.api_v3_key,
            "public_key_id": self.public_key_id,
            "public_key": "wechat-v3-public-key.pem",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}appid = "{appid}"
mchid = "{mchid}"
merchant_key = {{ file = "wechat-v3-apiclient-key.pem" }}
merchant_serial = "{serial}"
public_key_id = "{public_key_id}"
public_key = {{ file = "wechat-v3-public-key.pem" }}
# With platform certificates, instead of the public key: 或使用平台证书：
# api_v3_key = {{ file = "wechat-v3-api-key.txt" }}
"#,
            head = place.head("wechat-v3", "wechat_v3"),
            appid = self.appid,
            mchid = self.mchid,
            serial = self.merchant.serial,
            public_key_id = self.public_key_id,
        )
    }
}
