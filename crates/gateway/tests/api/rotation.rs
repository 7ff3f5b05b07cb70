//! WeChat's platform certificates change under a gateway that runs on: over real TLS, without a restart.

use std::fs;

use serde_json::{Value, json};

use crate::accounts::{Simulated, probed};
use crate::alone::alone;
use crate::support::books::ledger;
use crate::support::child::{Folder, Running};
use crate::support::till::{Till, code, order, text};

#[test]
fn certificates_that_nobody_knows_are_fetched_while_a_payment_waits() {
    let folder = Folder::new("rotation");
    let before = Simulated::start(&folder);
    let config = alone(&before, "wechat_v3");
    // In the mode of certificates.
    let written = fs::read_to_string(&config).unwrap();
    let certified: Vec<&str> = written.lines().filter(|line| !line.starts_with("public_key")).collect();
    let certified = certified.join("\n").replace("# api_v3_key", "api_v3_key");
    assert!(certified.contains("\napi_v3_key"), "{certified}");
    fs::write(&config, certified).unwrap();
    let stderr = config.with_extension("log");
    let arguments = ["serve", "--config", config.to_str().unwrap(), "--json"];
    let gateway = Running::start(&arguments, "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    assert_eq!(probed(&till)["status"], "ready");
    let sell = |tail: u32| {
        let opened =
            till.pay(&order(&format!("rotation-{tail}"), 100, &code("wechat", "000", tail.into()), 65));
        till.decided(text(&opened.json(), "id"))
    };
    let paid = sell(1);
    assert_eq!((&paid["status"], fetched(&stderr)), (&json!("paid"), 1), "{paid}");

    let after = replaced(before, &folder);
    let paid = sell(2);
    assert_eq!((&paid["status"], fetched(&stderr)), (&json!("paid"), 2), "{paid}");
    // Its answer could not be believed, and was asked for again: nothing was charged twice, nothing was undone.
    let told: i64 = ledger(&after.control).values().map(|line| line.net()).sum();
    assert_eq!((ledger(&after.control).len(), told), (2, 200));
    assert_eq!(probed(&till)["status"], "ready");
}

/// The same channels on the same address, with other platform certificates.
fn replaced(before: Simulated, folder: &Folder) -> Simulated {
    let (address, path) = (before.channels.clone(), folder.path().join("simulator/accounts.json"));
    drop(before);
    let mut made: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let other =
        gateway::sandbox::material::open(&folder.path().join("other"), &gateway::clock::SystemEntropy);
    made["wechat_v3"]["platform"] = serde_json::to_value(&other.unwrap().wechat_v3.platform).unwrap();
    fs::write(&path, made.to_string()).unwrap();
    Simulated::at(folder, address.strip_prefix("https://").unwrap())
}

/// How often the gateway took keys in.
fn fetched(stderr: &std::path::Path) -> usize {
    fs::read_to_string(stderr).unwrap().matches("keys were taken in").count()
}
