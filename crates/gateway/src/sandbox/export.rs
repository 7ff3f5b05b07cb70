//! What a client of the simulated channels needs, as files: numbers and keys as JSON, certificates and keys as PEM and
//! `.p12`, and a configuration that points a real gateway here.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::transport::p12;
use crate::transport::tls::{Identity, pem};

use super::material::{Material, MaterialError, write_private, wrong};

/// The configuration among the files.
pub const CONFIGURATION: &str = "paycode.toml";

/// Writes everything into a folder, each file for its owner alone; `channels` is where the channels listen.
pub fn export(material: &Material, folder: &Path, channels: &str) -> Result<(), MaterialError> {
    fs::create_dir_all(folder).map_err(wrong)?;
    let wechat = &material.wechat;
    let identity =
        Identity { chain_pem: wechat.client_cert_pem.clone(), key_pem: wechat.client_key_pem.clone() };
    let p12 = p12::write(&identity, &wechat.mch_id).map_err(wrong)?;
    let der = |base64: &str| STANDARD.decode(base64).map_err(wrong);
    let app_private_key = pem("PRIVATE KEY", &der(&material.alipay.app_private_key)?);
    let alipay_public_key = pem("PUBLIC KEY", &der(&material.alipay.alipay_public_key)?);
    let accounts = serde_json::to_string_pretty(&accounts(material, channels)).map_err(wrong)?;
    let configuration = configuration(material, channels);
    let files: [(&str, &[u8]); 9] = [
        ("ca.pem", material.ca_pem.as_bytes()),
        ("wechat-api-key.txt", wechat.api_key.as_bytes()),
        ("apiclient_cert.pem", wechat.client_cert_pem.as_bytes()),
        ("apiclient_key.pem", wechat.client_key_pem.as_bytes()),
        ("apiclient_cert.p12", &p12),
        ("alipay-app-private.pem", app_private_key.as_bytes()),
        ("alipay-public.pem", alipay_public_key.as_bytes()),
        ("accounts.json", accounts.as_bytes()),
        (CONFIGURATION, configuration.as_bytes()),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        write_private(&path, bytes).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

fn accounts(material: &Material, channels: &str) -> serde_json::Value {
    let (wechat, alipay) = (&material.wechat, &material.alipay);
    json!({
        "ca": "ca.pem",
        "accounts": [
            {
                "name": "wechat",
                "channel": "wechat_v2",
                "base_url": channels,
                "appid": wechat.appid,
                "mch_id": wechat.mch_id,
                "api_key": wechat.api_key,
                "client_cert": "apiclient_cert.pem",
                "client_key": "apiclient_key.pem",
                "client_p12": "apiclient_cert.p12",
                "client_p12_password": wechat.mch_id,
            },
            {
                "name": "alipay",
                "channel": "alipay",
                "base_url": channels,
                "app_id": alipay.app_id,
                "seller_id": alipay.seller_id,
                "app_private_key": "alipay-app-private.pem",
                "alipay_public_key": "alipay-public.pem",
            },
        ],
    })
}

fn configuration(material: &Material, channels: &str) -> String {
    let (wechat, alipay) = (&material.wechat, &material.alipay);
    format!(
        r#"# A gateway in front of the simulated channels: paycode serve --config paycode.toml
# Written anew whenever `paycode simulate --export` starts; copy it before you change it.
# 指向渠道模拟器的配置；模拟器每次启动会重写，修改前请复制。

[server]
listen = "127.0.0.1:8080"

[store]
path = "paycode.db"

[[accounts]]
name = "wechat"
channel = "wechat_v2"
namespace = "SIMU"
hosts = ["{channels}"]
ca = "ca.pem"
appid = "{appid}"
mch_id = "{mch_id}"
api_key = {{ file = "wechat-api-key.txt" }}
client_p12 = "apiclient_cert.p12"
# The same as a PEM pair, instead: 或使用 PEM：
# client_cert = "apiclient_cert.pem"
# client_key = {{ file = "apiclient_key.pem" }}

[[accounts]]
name = "alipay"
channel = "alipay"
namespace = "SIMU"
hosts = ["{channels}"]
ca = "ca.pem"
app_id = "{app_id}"
seller_id = "{seller_id}"
app_private_key = {{ file = "alipay-app-private.pem" }}
alipay_public_key = {{ file = "alipay-public.pem" }}
"#,
        appid = wechat.appid,
        mch_id = wechat.mch_id,
        app_id = alipay.app_id,
        seller_id = alipay.seller_id,
    )
}
