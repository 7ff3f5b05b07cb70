//! `paycode scenarios --check`: every channel of the simulator plays every scenario of API §2, and every cell is right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::place::{Ended, bare};

#[test]
fn every_cell_of_every_channel_is_right() {
    let ended = Ended::from(bare(&["scenarios", "--check", "--json"]).output().unwrap());
    let cells: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong: Vec<&Value> = cells.iter().filter(|cell| cell["ok"] != true).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", ended.stderr);
    ended.check(0, &[]);
    let mut played: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for cell in &cells {
        let word = |name: &str| cell[name].as_str().unwrap().to_owned();
        assert!(cell["amount"].is_i64() && cell["ledger"]["charged"].is_i64(), "{cell}");
        assert!(cell["ledger"]["returned"].is_i64() && cell["expected"] == cell["status"], "{cell}");
        played.entry(word("account")).or_default().insert(word("scenario"));
    }
    let listed = Ended::from(bare(&["scenarios", "--json"]).output().unwrap()).stdout;
    let listed: BTreeSet<String> = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|scenario| scenario["played"] == true)
        .map(|scenario| scenario["scenario"].as_str().unwrap().to_owned())
        .collect();
    assert!(listed.contains("000") && listed.contains("603"), "{listed:?}");
    for (account, scenarios) in &played {
        assert_eq!(*scenarios, listed, "{account}");
    }
    for account in [
        "wechat",
        "wechat-v3",
        "wechat-v3-provider",
        "wechat-provider",
        "alipay",
        "acp",
        "qra",
        "icbc",
        "relay-wechat",
        "relay-alipay",
        "alipay-cert",
        "alipay-v3",
        "alipay-provider",
    ] {
        assert!(played.contains_key(account), "{account} was not played");
    }
}
