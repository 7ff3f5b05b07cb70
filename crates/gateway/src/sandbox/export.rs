//! What a client of the simulated channels needs, as files: numbers and keys as JSON, certificates and keys as PEM and
//! `.p12`, and a configuration that points a real gateway here.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::material::{Material, MaterialError, Offer, Place, write_private, wrong};

/// The configuration among the files.
pub const CONFIGURATION: &str = "paycode.toml";

/// Writes everything into a folder, each file for its owner alone.
pub fn export(material: &Material, folder: &Path, place: &Place<'_>) -> Result<(), MaterialError> {
    fs::create_dir_all(folder).map_err(wrong)?;
    let offers = material.offers();
    let accounts: Vec<_> = offers.iter().map(|offer| offer.json(place.base_url)).collect();
    let accounts = json!({ "ca": "ca.pem", "accounts": accounts });
    let accounts = serde_json::to_string_pretty(&accounts).map_err(wrong)?;
    let mut files = vec![
        ("ca.pem", material.ca_pem.clone().into_bytes()),
        ("accounts.json", accounts.into_bytes()),
        (CONFIGURATION, configuration(&offers, place).into_bytes()),
    ];
    for offer in offers {
        files.extend(offer.files()?);
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        write_private(&path, bytes).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

fn configuration(offers: &[&dyn Offer], place: &Place<'_>) -> String {
    let mut text = r#"# A gateway in front of the simulated channels: paycode serve --config paycode.toml
# Written anew whenever the simulator starts; copy it before you change it.
# 指向渠道模拟器的配置；模拟器每次启动会重写，修改前请复制。

[server]
listen = "127.0.0.1:8080"

[store]
path = "paycode.db"
"#
    .to_owned();
    for offer in offers {
        text.push('\n');
        text.push_str(&offer.toml(place));
    }
    text
}
