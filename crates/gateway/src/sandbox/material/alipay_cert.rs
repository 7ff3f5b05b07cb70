//! An Alipay application in certificate mode, and the authority behind both ends' certificates (alipay.md §2.6).

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{Account, AlipayCertificates, AlipayTerms};
use wire::alipay::{cert_sn, certificate_content, root_cert_sn};
use wire::sign::{Certificate, SigningKey};

use super::{MaterialError, Offer, Place, wrong};

/// An application's number, certificates and keys, PEM. The authority's own keys are gone once it has signed.
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayCertMaterial {
    /// 应用ID
    pub app_id: String,
    /// 卖家 PID
    pub seller_id: String,
    /// The application's certificate, and its key.
    pub app_pem: String,
    /// The application's private key.
    pub app_key_pem: String,
    /// Alipay's certificate, with the authority that signed it, as in Alipay's own file.
    pub alipay_pem: String,
    /// Its key; the simulator's.
    pub alipay_key_pem: String,
    /// Alipay's certificate before this one: nothing is signed with it any more.
    pub former_pem: String,
    /// The roots: one of RSA, which counts, and one of ECDSA, which does not.
    pub root_pem: String,
}

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A fresh application and a fresh authority.
pub fn alipay_cert() -> Result<AlipayCertMaterial, MaterialError> {
    let (app_id, seller_id) = ("2026110100000002", "2088990000000022");
    let root: Authority =
        CertifiedIssuer::self_signed(params("Simulated Ant Authority R1", Some(1)), rsa()?).map_err(wrong)?;
    let ecdsa = KeyPair::generate().map_err(wrong)?;
    let other = params("Simulated Ant Authority E1", Some(1)).self_signed(&ecdsa).map_err(wrong)?;
    let middle = params("Simulated Ant Authority Class 2 R1", Some(0));
    let middle: Authority = CertifiedIssuer::signed_by(middle, rsa()?, &root).map_err(wrong)?;
    let alipay_name = format!("支付宝(模拟)-{seller_id}");
    let (alipay_pem, alipay_key_pem) = signing(&middle, &alipay_name)?;
    let (former_pem, _) = signing(&middle, &alipay_name)?;
    let (app_pem, app_key_pem) = signing(&middle, &format!("{seller_id}-{app_id}"))?;
    Ok(AlipayCertMaterial {
        app_id: app_id.to_owned(),
        seller_id: seller_id.to_owned(),
        app_pem,
        app_key_pem,
        alipay_pem: format!("{alipay_pem}{}", middle.pem()),
        alipay_key_pem,
        former_pem: format!("{former_pem}{}", middle.pem()),
        // An empty line between, as in Alipay's own file: there are clients that cut there.
        root_pem: format!("{}\n{}", lines(&root.pem()), lines(&other.pem())),
    })
}

/// With the line ends that clients cut at.
fn lines(pem: &str) -> String {
    pem.replace('\r', "")
}

fn rsa() -> Result<KeyPair, MaterialError> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(wrong)
}

/// A certificate with room for so many authorities below it; with none of its own, one that signs messages. Its serial number
/// comes from its key, so that no two installations have the same.
fn params(name: &str, below: Option<u8>) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut parts = rcgen::DistinguishedName::new();
    for (part, value) in [
        (DnType::CountryName, "CN"),
        (DnType::OrganizationName, "paycode simulator"),
        (DnType::OrganizationalUnitName, "Certification Authority"),
        (DnType::CommonName, name),
    ] {
        parts.push(part, value);
    }
    params.distinguished_name = parts;
    match below {
        Some(below) => {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        }
        None => params.key_usages = vec![KeyUsagePurpose::DigitalSignature],
    }
    params
}

fn signing(authority: &Authority, name: &str) -> Result<(String, String), MaterialError> {
    let key = rsa()?;
    let certificate = params(name, None).signed_by(&key, authority).map_err(wrong)?;
    Ok((lines(&certificate.pem()), key.serialize_pem()))
}

impl Offer for AlipayCertMaterial {
    fn account(&self) -> Result<Account, MaterialError> {
        let app = Certificate::from_pem_or_base64(&self.app_pem).map_err(wrong)?;
        let certificates = AlipayCertificates {
            app_cert_sn: cert_sn(&self.app_pem).map_err(wrong)?,
            root_cert_sn: root_cert_sn(&self.root_pem).map_err(wrong)?,
            app_until_ms: app.not_after_ms(),
            alipay_cert_sn: cert_sn(&self.alipay_pem).map_err(wrong)?,
            alipay_cert_content: certificate_content(&self.alipay_pem),
        };
        Ok(Account::Alipay {
            app_id: self.app_id.clone(),
            seller_id: self.seller_id.clone(),
            app_public_key: app.key().clone(),
            alipay_signing_key: SigningKey::from_pem_or_base64(&self.alipay_key_pem).map_err(wrong)?,
            terms: AlipayTerms { certificates: Some(certificates), ..AlipayTerms::default() },
        })
    }

    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError> {
        Ok(vec![
            ("alipay-cert-app.crt", self.app_pem.clone().into_bytes()),
            ("alipay-cert-app-private.pem", self.app_key_pem.clone().into_bytes()),
            ("alipay-cert-alipay.crt", self.alipay_pem.clone().into_bytes()),
            ("alipay-cert-alipay-former.crt", self.former_pem.clone().into_bytes()),
            ("alipay-cert-root.crt", self.root_pem.clone().into_bytes()),
        ])
    }

    fn json(&self, base_url: &str) -> Value {
        json!({
            "name": "alipay-cert",
            "channel": "alipay",
            "base_url": base_url,
            "app_id": self.app_id,
            "seller_id": self.seller_id,
            "app_private_key": "alipay-cert-app-private.pem",
            "app_cert": "alipay-cert-app.crt",
            "alipay_cert": "alipay-cert-alipay.crt",
            "alipay_former_cert": "alipay-cert-alipay-former.crt",
            "alipay_root_cert": "alipay-cert-root.crt",
        })
    }

    /// Twice: over the gateway, and the same application over OpenAPI v3.
    fn toml(&self, place: &Place<'_>) -> String {
        let table = |name: &str, more: &str| {
            format!(
                r#"{head}{more}app_id = "{app_id}"
seller_id = "{seller_id}"
app_private_key = {{ file = "alipay-cert-app-private.pem" }}
app_cert = "alipay-cert-app.crt"
alipay_cert = "alipay-cert-alipay.crt"
alipay_root_cert = "alipay-cert-root.crt"
"#,
                head = place.head(name, "alipay"),
                app_id = self.app_id,
                seller_id = self.seller_id,
            )
        };
        format!("{}\n{}", table("alipay-cert", ""), table("alipay-v3", "protocol = \"v3\"\n"))
    }
}
