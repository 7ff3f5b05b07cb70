//! `paycode route explain`: from the configuration alone, for a person and for a script.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::place::{Ended, bare};
use crate::support::child::Folder;

const ACCOUNTS: &str = r#"[server]
listen = "127.0.0.1:8080"
[store]
path = "paycode.db"
[[accounts]]
name = "wechat"
channel = "wechat_v2"
namespace = "TEST"
[[accounts]]
name = "icbc"
channel = "icbc"
namespace = "TEST"
[[accounts]]
name = "acp"
channel = "acp"
namespace = "TEST"
"#;
const ROUTE: &str = "[[routes]]\nprefix = \"6217\"\nlengths = [19]\naccounts = [\"acp\"]\n";

#[test]
fn a_code_is_explained_and_never_shown() {
    let folder = Folder::new("route");
    let config = folder.path().join("paycode.toml");
    fs::write(&config, format!("{ACCOUNTS}{ROUTE}")).unwrap();
    let by_rule = explained(&config, "6217345678901234567");
    assert_eq!(by_rule["rule"], "routes[0]");
    assert_eq!(by_rule["accounts"], json!([{ "account": "acp", "channel": "acp" }]));
    let by_order = explained(&config, "6200345678901234567");
    assert_eq!((&by_order["rule"], &by_order["wallet"]), (&Value::Null, &json!("unionpay")));
    let names: Vec<&str> =
        by_order["accounts"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
    assert_eq!(names, ["icbc", "acp"]);

    let said = ended(&config, "6217345678901234567", &[]);
    said.check(0, &[]);
    assert!(said.stdout.contains("routes[0]: prefix = \"6217\", lengths = [19]"), "{}", said.stdout);
    assert!(said.stdout.contains("acp") && !said.stdout.contains("icbc"), "{}", said.stdout);
    assert!(said.stdout.contains("62***") && !said.stdout.contains("345678"), "{}", said.stdout);

    // Its beginning and its length say that it is nobody's, and the rest is not repeated.
    let unknown = ended(&config, "994567890123456789", &[]);
    unknown.check(2, &[]);
    assert!(unknown.stderr.contains("99") && !unknown.stderr.contains("4567"), "{}", unknown.stderr);
    fs::write(&config, ACCOUNTS.replace("icbc", "acp2").replace("channel = \"acp2\"", "channel = \"acp\""))
        .unwrap();
    let nobody = ended(&config, "280000000000000001", &[]);
    nobody.check(5, &[]);
    assert!(nobody.stdout.contains("no account takes it"), "{}", nobody.stdout);
}

fn explained(config: &Path, code: &str) -> Value {
    let said = ended(config, code, &["--json"]);
    said.check(0, &[]);
    serde_json::from_str(&said.stdout).unwrap()
}

fn ended(config: &Path, code: &str, more: &[&str]) -> Ended {
    let arguments = ["route", "explain", code, "--config", config.to_str().unwrap()];
    Ended::from(bare(&[&arguments[..], more].concat()).output().unwrap())
}
