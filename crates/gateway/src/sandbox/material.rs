//! What a simulated channel hands out: its authority, certificates, numbers and keys, made once and kept in a folder.

mod acp;
mod alipay;
mod alipay_cert;
mod alipay_provider;
mod icbc;
mod qra;
mod relay_alipay;
mod relay_wechat;
mod wechat_provider;
mod wechat_v2;
mod wechat_v3;
mod wechat_v3_provider;

use std::fs;
use std::io::Write;
use std::path::Path;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simulator::{Account, Settings};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::clock::Entropy;
use crate::transport::tls::Identity;

pub use acp::AcpMaterial;
pub use alipay::{AlipayMaterial, alipay};
pub use alipay_cert::{AlipayCertMaterial, alipay_cert};
pub use alipay_provider::AlipayProviderMaterial;
pub use icbc::IcbcMaterial;
pub use qra::QraMaterial;
pub use relay_alipay::RelayAlipayMaterial;
pub use relay_wechat::RelayWechatMaterial;
pub use wechat_provider::WechatProviderMaterial;
pub use wechat_v2::WechatMaterial;
pub use wechat_v3::WechatV3Material;
pub use wechat_v3_provider::WechatV3ProviderMaterial;

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
    /// The provider of APIv2, and its merchant.
    pub wechat_provider: WechatProviderMaterial,
    /// The WeChat merchant of APIv3.
    pub wechat_v3: WechatV3Material,
    /// The provider of APIv3, and its merchant.
    pub wechat_v3_provider: WechatV3ProviderMaterial,
    /// The Alipay merchant.
    pub alipay: AlipayMaterial,
    /// The Alipay merchant in certificate mode.
    pub alipay_cert: AlipayCertMaterial,
    /// The provider that acts for an Alipay merchant.
    pub alipay_provider: AlipayProviderMaterial,
    /// The merchant of UnionPay ACP.
    pub acp: AcpMaterial,
    /// The merchant of UnionPay QRA.
    pub qra: QraMaterial,
    /// The ICBC merchant.
    pub icbc: IcbcMaterial,
    /// The sub-merchant of WeChat behind UnionPay's platform.
    pub relay_wechat: RelayWechatMaterial,
    /// The sub-merchant of Alipay behind UnionPay's platform.
    pub relay_alipay: RelayAlipayMaterial,
    /// The simulator's seed.
    pub seed: u64,
}

/// What stands before the wallets' own paths where UnionPay's relay serves them.
const RELAY_PATH: &str = "/relay";

/// What one simulated account is offered as: to the simulator, and to whoever calls it.
pub trait Offer {
    /// The account as the simulator holds it.
    fn account(&self) -> Result<Account, MaterialError>;
    /// The caller's files: names and content.
    fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, MaterialError>;
    /// The caller's numbers, keys and file names.
    fn json(&self, base_url: &str) -> Value;
    /// The account's table in a gateway's configuration.
    fn toml(&self, place: &Place<'_>) -> String;
}

/// Where the channels listen, and under which namespace a gateway numbers its orders there.
pub struct Place<'a> {
    /// `https://host:port`
    pub base_url: &'a str,
    /// Four characters.
    pub namespace: &'a str,
}

impl Place<'_> {
    /// What every account's table begins with.
    fn head(&self, name: &str, channel: &str) -> String {
        let Place { base_url, namespace } = self;
        format!(
            "[[accounts]]\nname = \"{name}\"\nchannel = \"{channel}\"\nnamespace = \"{namespace}\"\n\
             hosts = [\"{base_url}\"]\nca = \"ca.pem\"\n"
        )
    }
}

/// Why the material could not be made or read.
#[derive(Debug, thiserror::Error)]
#[error("the simulator's keys: {0}")]
pub struct MaterialError(String);

pub(super) fn wrong(error: impl std::fmt::Display) -> MaterialError {
    MaterialError(error.to_string())
}

const ANOTHER: &str = "该目录由旧版本生成或已损坏，请换一个新目录 / the folder is an older version's or damaged: \
     start with a new one";

/// Reads the folder's material, or makes it.
pub fn open(folder: &Path, entropy: &dyn Entropy) -> Result<Material, MaterialError> {
    let path = folder.join("accounts.json");
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| MaterialError(format!("{}: {error}; {ANOTHER}", path.display()))),
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
    let authority = authority()?;
    let (server_pem, server_key_pem) = leaf(&authority, "paycode simulator", true)?;
    let mut seed = [0; 8];
    entropy.fill(&mut seed);
    Ok(Material {
        ca_pem: authority.pem(),
        server_pem,
        server_key_pem,
        wechat: wechat_v2::make(&authority, entropy)?,
        wechat_provider: wechat_provider::make(&authority, entropy)?,
        wechat_v3: wechat_v3::make(entropy)?,
        wechat_v3_provider: wechat_v3_provider::make(entropy)?,
        alipay: alipay::alipay()?,
        alipay_cert: alipay_cert::alipay_cert()?,
        alipay_provider: alipay_provider::make(entropy)?,
        acp: acp::make(entropy)?,
        qra: qra::make(entropy),
        icbc: icbc::make()?,
        relay_wechat: relay_wechat::make(&authority, entropy)?,
        relay_alipay: relay_alipay::make()?,
        seed: u64::from_be_bytes(seed),
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

pub(crate) fn rsa_pair() -> Result<(String, String), MaterialError> {
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
    /// Every account, in the order in which a gateway should try them.
    #[must_use]
    pub fn offers(&self) -> Vec<&dyn Offer> {
        // APIv3 takes the codes that APIv2 takes, and stands behind it (wechat.md, top ten), and so do providers. QRA and ICBC take every wallet's
        // codes: they stand behind the wallets' own channels, of which ACP is UnionPay's.
        // Alipay's other modes come last: the demo's payments stay with the first.
        vec![
            &self.wechat,
            &self.alipay,
            &self.acp,
            &self.wechat_v3,
            &self.wechat_v3_provider,
            &self.wechat_provider,
            &self.qra,
            &self.icbc,
            &self.relay_wechat,
            &self.relay_alipay,
            &self.alipay_cert,
            &self.alipay_provider,
        ]
    }

    /// The simulator's settings for these accounts.
    pub fn settings(&self) -> Result<Settings, MaterialError> {
        let accounts = self.offers().into_iter().map(Offer::account).collect::<Result<_, _>>()?;
        Ok(Settings::new(accounts))
    }

    /// The listener's identity.
    #[must_use]
    pub fn server(&self) -> Identity {
        Identity { chain_pem: self.server_pem.clone(), key_pem: self.server_key_pem.clone() }
    }
}
