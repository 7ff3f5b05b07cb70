//! A merchant of UnionPay's 全渠道 gateway, ACP 5.1.0, and an authority whose certificates sign both directions.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize, SerialNumber,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::Account;
use wire::acp::{Registered, Signer};
use wire::sign::{Certificate, SigningKey};

use crate::clock::Entropy;
use crate::transport::p12;
use crate::transport::tls::Identity;

use super::{MaterialError, Offer, Place, api_key, wrong};

/// An ACP merchant's number, certificates and keys, PEM. The authority's own keys are gone once it has signed.
#[derive(Clone, Serialize, Deserialize)]
pub struct AcpMaterial {
    /// 商户号
    pub mer_id: String,
    /// The merchant's signing certificate.
    pub sign_pem: String,
    /// Its key.
    pub sign_key_pem: String,
    /// The password of both in one file.
    pub sign_password: String,
    /// UnionPay's root certificate.
    pub root_pem: String,
    /// UnionPay's middle certificate, signed by the root.
    pub middle_pem: String,
    /// UnionPay's signing certificate, signed by the middle one; the simulator's.
    pub unionpay_pem: String,
    /// Its key.
    pub unionpay_key_pem: String,
}

/// The name in UnionPay's signing certificate, in production and in its test environment (unionpay.md §5.1).
const UNIONPAY_NAME: &str = "041@8310000000083040@中国银联股份有限公司@00016495";

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A fresh merchant and a fresh authority.
pub(super) fn make(entropy: &dyn Entropy) -> Result<AcpMaterial, MaterialError> {
    let mer_id = "777000000000001";
    let root = CertifiedIssuer::self_signed(params(1, "Simulated UnionPay Root", Some(1)), rsa()?);
    let root: Authority = root.map_err(wrong)?;
    let middle = CertifiedIssuer::signed_by(params(2, "Simulated UnionPay CA", Some(0)), rsa()?, &root);
    let middle: Authority = middle.map_err(wrong)?;
    let (unionpay_pem, unionpay_key_pem) = signing(&middle, 69_000_000_001, UNIONPAY_NAME)?;
    let own_name = format!("041@{mer_id}@paycode simulator@00000001");
    let (sign_pem, sign_key_pem) = signing(&middle, 69_000_000_002, &own_name)?;
    Ok(AcpMaterial {
        mer_id: mer_id.to_owned(),
        sign_pem,
        sign_key_pem,
        sign_password: api_key(entropy),
        root_pem: root.pem(),
        middle_pem: middle.pem(),
        unionpay_pem,
        unionpay_key_pem,
    })
}

fn rsa() -> Result<KeyPair, MaterialError> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(wrong)
}

/// A certificate with room for so many authorities below it; with none of its own, one that signs messages.
fn params(serial: u64, name: &str, below: Option<u8>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(serial));
    params.distinguished_name.push(DnType::CommonName, name);
    match below {
        Some(below) => {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        }
        None => params.key_usages = vec![KeyUsagePurpose::DigitalSignature],
    }
    params
}

fn signing(authority: &Authority, serial: u64, name: &str) -> Result<(String, String), MaterialError> {
    let key = rsa()?;
    let certificate = params(serial, name, None).signed_by(&key, authority).map_err(wrong)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

impl Offer for AcpMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        let own = Certificate::from_pem_or_base64(&self.sign_pem).map_err(wrong)?;
        Ok(Account::Acp {
            mer_id: self.mer_id.clone(),
            registered: Registered { cert_id: own.serial_decimal().to_owned(), key: own.key().clone() },
            signer: Signer {
                key: SigningKey::from_pem_or_base64(&self.unionpay_key_pem).map_err(wrong)?,
                // As it stands in answers (unionpay.md §5.1).
                certificate: self.unionpay_pem.replace('\r', "").replace('\n', "\r\n"),
            },
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        let identity = Identity { chain_pem: self.sign_pem.clone(), key_pem: self.sign_key_pem.clone() };
        let pfx = p12::write(&identity, &self.sign_password).map_err(wrong)?;
        Ok(vec![
            ("acp-sign.pfx", pfx),
            ("acp-sign-password.txt", self.sign_password.clone().into_bytes()),
            ("acp-sign.pem", self.sign_pem.clone().into_bytes()),
            ("acp-sign-key.pem", self.sign_key_pem.clone().into_bytes()),
            ("acp-unionpay-root.pem", self.root_pem.clone().into_bytes()),
            ("acp-unionpay-middle.pem", self.middle_pem.clone().into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "acp",
            "channel": "acp",
            "base_url": base_url,
            "mer_id": self.mer_id,
            "sign_cert": "acp-sign.pem",
            "sign_key": "acp-sign-key.pem",
            "sign_pfx": "acp-sign.pfx",
            "sign_pfx_password": self.sign_password,
            "unionpay_root": "acp-unionpay-root.pem",
            "unionpay_middle": "acp-unionpay-middle.pem",
        })
    }

    fn toml(&self, place: &Place<'_>) -> String {
        format!(
            r#"{head}mer_id = "{mer_id}"
sign_cert = "acp-sign.pfx"
sign_cert_password = {{ file = "acp-sign-password.txt" }}
# The same as a PEM pair, instead: 或使用 PEM：
# sign_cert = "acp-sign.pem"
# sign_key = {{ file = "acp-sign-key.pem" }}
unionpay_root = "acp-unionpay-root.pem"
unionpay_middle = "acp-unionpay-middle.pem"
"#,
            head = place.head("acp", "acp"),
            mer_id = self.mer_id,
        )
    }
}
