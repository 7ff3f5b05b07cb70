//! What a simulated channel hands out: its authority, certificates, numbers and keys, made once and kept in a folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa};
use serde::{Deserialize, Serialize};
use simulator::{Account, Settings};
use wire::sign::{ApiKey, SigningKey, VerifyingKey};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::clock::Entropy;
use crate::transport::tls::Identity;

/// Everything that was made, as PEM, numbers and keys.
#[derive(Clone, Serialize, Deserialize)]
pub struct Material {
    /// The authority that clients have to trust.
    pub ca_pem: String,
    /// The listener's certificate.
    pub server_pem: String,
    /// Its key.
    pub server_key_pem: String,
    /// The WeChat merchant.
    pub wechat: WechatMaterial,
    /// The Alipay merchant.
    pub alipay: AlipayMaterial,
    /// The simulator's seed.
    pub seed: u64,
}

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

/// An Alipay merchant's numbers and keys; base64 of PKCS#8 and SPKI.
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayMaterial {
    /// 应用ID
    pub app_id: String,
    /// 卖家 PID
    pub seller_id: String,
    /// The application's private key, the merchant's.
    pub app_private_key: String,
    /// The application's public key, which Alipay knows.
    pub app_public_key: String,
    /// Alipay's private key, the simulator's.
    pub alipay_private_key: String,
    /// Alipay's public key, which the merchant knows.
    pub alipay_public_key: String,
}

/// Why the material could not be made or read.
#[derive(Debug, thiserror::Error)]
#[error("the simulator's keys: {0}")]
pub struct MaterialError(String);

pub(super) fn wrong(error: impl std::fmt::Display) -> MaterialError {
    MaterialError(error.to_string())
}

/// Reads the folder's material, or makes it.
pub fn open(folder: &Path, entropy: &dyn Entropy) -> Result<Material, MaterialError> {
    let path = folder.join("accounts.json");
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| MaterialError(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(wrong)?;
            let made = make(entropy)?;
            let text = serde_json::to_string_pretty(&made).map_err(wrong)?;
            write_private(&path, &text).map_err(wrong)?;
            Ok(made)
        }
        Err(error) => Err(MaterialError(format!("{}: {error}", path.display()))),
    }
}

fn make(entropy: &dyn Entropy) -> Result<Material, MaterialError> {
    let mch_id = "1900000109";
    let authority = authority()?;
    let (server_pem, server_key_pem) = leaf(&authority, "paycode simulator", true)?;
    let (client_cert_pem, client_key_pem) = leaf(&authority, mch_id, false)?;
    let mut seed = [0; 8];
    entropy.fill(&mut seed);
    Ok(Material {
        ca_pem: authority.pem(),
        server_pem,
        server_key_pem,
        wechat: WechatMaterial {
            appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
            mch_id: mch_id.to_owned(),
            api_key: api_key(entropy),
            client_cert_pem,
            client_key_pem,
        },
        alipay: alipay()?,
        seed: u64::from_be_bytes(seed),
    })
}

/// A fresh Alipay merchant.
pub fn alipay() -> Result<AlipayMaterial, MaterialError> {
    let (app_private_key, app_public_key) = rsa_pair()?;
    let (alipay_private_key, alipay_public_key) = rsa_pair()?;
    Ok(AlipayMaterial {
        app_id: "2026110100000001".to_owned(),
        seller_id: "2088990000000012".to_owned(),
        app_private_key,
        app_public_key,
        alipay_private_key,
        alipay_public_key,
    })
}

fn api_key(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn authority() -> Result<CertifiedIssuer<'static, rcgen::KeyPair>, MaterialError> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "paycode simulator authority");
    let key = rcgen::KeyPair::generate().map_err(wrong)?;
    CertifiedIssuer::self_signed(params, key).map_err(wrong)
}

fn leaf(
    authority: &CertifiedIssuer<'static, rcgen::KeyPair>,
    name: &str,
    server: bool,
) -> Result<(String, String), MaterialError> {
    let names = if server { vec!["localhost".to_owned(), "127.0.0.1".to_owned()] } else { Vec::new() };
    let mut params = CertificateParams::new(names).map_err(wrong)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages =
        vec![if server { ExtendedKeyUsagePurpose::ServerAuth } else { ExtendedKeyUsagePurpose::ClientAuth }];
    let key = rcgen::KeyPair::generate().map_err(wrong)?;
    let certificate = params.signed_by(&key, authority).map_err(wrong)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

fn rsa_pair() -> Result<(String, String), MaterialError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(wrong)?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(wrong)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(wrong)?;
    Ok((STANDARD.encode(private.as_ref()), STANDARD.encode(public.as_ref())))
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, content: impl AsRef<[u8]>) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content.as_ref())?;
    file.sync_all()
}

/// The common name of a certificate's subject; WeChat writes the mch_id there.
#[must_use]
pub fn common_name(der: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let name = certificate.subject().iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}

impl Material {
    /// The simulator's settings for these accounts.
    pub fn settings(&self) -> Result<Settings, MaterialError> {
        let wechat = Account::WechatV2 {
            appid: self.wechat.appid.clone(),
            mch_id: self.wechat.mch_id.clone(),
            sub_mch_id: None,
            api_key: ApiKey::new(&self.wechat.api_key).map_err(wrong)?,
        };
        let alipay = Account::Alipay {
            app_id: self.alipay.app_id.clone(),
            seller_id: self.alipay.seller_id.clone(),
            app_public_key: VerifyingKey::from_pem_or_base64(&self.alipay.app_public_key).map_err(wrong)?,
            alipay_signing_key: SigningKey::from_pem_or_base64(&self.alipay.alipay_private_key)
                .map_err(wrong)?,
        };
        Ok(Settings::new(vec![wechat, alipay]))
    }

    /// The listener's identity.
    #[must_use]
    pub fn server(&self) -> Identity {
        Identity { chain_pem: self.server_pem.clone(), key_pem: self.server_key_pem.clone() }
    }

    /// Writes what a client needs into a folder: `ca.pem`, the client certificate, the keys, and answers their paths.
    pub fn export(&self, folder: &Path) -> std::io::Result<Exported> {
        fs::create_dir_all(folder)?;
        let write = |name: &str, text: &str| -> std::io::Result<PathBuf> {
            let path = folder.join(name);
            write_private(&path, text)?;
            Ok(path)
        };
        Ok(Exported {
            ca: write("ca.pem", &self.ca_pem)?,
            wechat_api_key: write("wechat-api-key.txt", &self.wechat.api_key)?,
            wechat_client_cert: write("apiclient_cert.pem", &self.wechat.client_cert_pem)?,
            wechat_client_key: write("apiclient_key.pem", &self.wechat.client_key_pem)?,
            alipay_app_private_key: write("alipay-app-private.txt", &self.alipay.app_private_key)?,
            alipay_public_key: write("alipay-public.txt", &self.alipay.alipay_public_key)?,
        })
    }
}

/// Where [`Material::export`] put things.
pub struct Exported {
    /// The authority's certificate.
    pub ca: PathBuf,
    /// The API key (v2).
    pub wechat_api_key: PathBuf,
    /// apiclient_cert.pem
    pub wechat_client_cert: PathBuf,
    /// apiclient_key.pem
    pub wechat_client_key: PathBuf,
    /// The application's private key.
    pub alipay_app_private_key: PathBuf,
    /// Alipay's public key.
    pub alipay_public_key: PathBuf,
}
