//! `paycode trial`: the whole of it over simulated channels, and where it stops.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::place::{Ended, Simulated, bare};
use crate::support::books::ledger;
use crate::support::child::Folder;
use crate::support::till::code;

#[test]
fn a_trial_pays_reverses_refunds_and_leaves_nothing_behind() {
    let folder = Folder::new("trial");
    let simulated = Simulated::start(&folder);
    let config = simulated.configuration("trial", &[]);
    const ACCOUNTS: &[(&str, &str, u64)] = &[
        ("alipay", "alipay", 1),
        ("acp", "unionpay", 3),
        ("icbc", "unionpay", 5),
        ("wechat-v3", "wechat", 7),
        ("wechat-v3-provider", "wechat", 9),
        ("wechat-provider", "wechat", 11),
        ("relay-alipay", "alipay", 13),
    ];
    for &(account, wallet, tail) in ACCOUNTS {
        let codes = [code(wallet, "000", tail), code(wallet, "000", tail + 1)];
        let data = folder.path().join(account);
        let said = trial(&config, account, &data, &codes, &["--json"]);
        said.check(0, &[]);
        let steps: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(steps.len(), 9, "{}", said.stdout);
        assert!(steps.iter().all(|step| step["ok"] == true), "{}", said.stdout);
        let report = report(&data);
        for word in
            ["## 撤销 / reverse", "## 退款 / refund 0.01", "| answer submit ", "问 / asked", "答 / answered"]
        {
            assert!(report.contains(word), "{account}: no {word:?} in\n{report}");
        }
        secrets(&simulated, account, &report, &codes);
    }
    let lines = ledger(&simulated.control);
    assert_eq!(lines.len(), 2 * ACCOUNTS.len(), "two payments an account: {lines:?}");
    assert!(lines.values().all(|line| line.charged == 1 && line.net() == 0), "{lines:?}");
}

#[test]
fn a_surprise_stops_it_and_says_what_to_do() {
    let folder = Folder::new("trial-stops");
    let simulated = Simulated::start(&folder);
    let config = simulated.configuration("stops", &[]);
    let declined = code("alipay", "201", 1);
    let data = folder.path().join("declined");
    let said = trial(&config, "alipay", &data, &[declined], &[]);
    said.check(3, &["STOP", "failed", "expected: paid", "nothing was taken"]);
    let report = report(&data);
    assert!(report.contains("SURPRISE") && report.contains("insufficient_funds"), "{report}");

    let sick =
        simulated.configuration("sick", &[("mch_id = \"QRA00000000TEST\"", "mch_id = \"QRA00000000NONE\"")]);
    trial(&sick, "qra", &folder.path().join("sick"), &[], &[]).check(5, &["STOP", "mch_id"]);
    let nobody = trial(&config, "nobody", &folder.path().join("nobody"), &[], &[]);
    nobody.check(2, &["\"nobody\" is no account", "alipay"]);
    assert!(ledger(&simulated.control).values().all(|line| line.charged == 0));
}

/// What a trial that found a broken line left paid, the next one with the same folder gives back first.
#[test]
fn what_an_earlier_trial_left_is_given_back() {
    let folder = Folder::new("trial-left");
    let simulated = Simulated::start(&folder);
    let config = simulated.configuration("left", &[]);
    let data = folder.path().join("left");
    // Between its two payments no second code comes: the first is reversed by then, and the trial ends as used wrongly.
    let first = trial(&config, "alipay", &data, &[code("alipay", "000", 1)], &[]);
    first.check(2, &["no payment code came"]);
    let codes = [code("alipay", "000", 2), code("alipay", "000", 3)];
    trial(&config, "alipay", &data, &codes, &[]).check(0, &["as expected"]);
    assert!(ledger(&simulated.control).values().all(|line| line.charged == 1 && line.net() == 0));
}

fn trial(config: &Path, account: &str, data: &Path, codes: &[String], more: &[&str]) -> Ended {
    let arguments =
        ["trial", account, "--config", config.to_str().unwrap(), "--data", data.to_str().unwrap()];
    let mut command = bare(&[&arguments[..], more].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut scanner = child.stdin.take().unwrap();
    for code in codes {
        writeln!(scanner, "{code}").unwrap();
    }
    drop(scanner);
    Ended::from(child.wait_with_output().unwrap())
}

fn report(data: &Path) -> String {
    let files = fs::read_dir(data).unwrap().map(|file| file.unwrap().path());
    let path = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "md")).unwrap();
    fs::read_to_string(path).unwrap()
}

/// Nothing in the report is worth stealing: no code, no number of the merchant's.
fn secrets(simulated: &Simulated, account: &str, report: &str, codes: &[String]) {
    for code in codes {
        assert!(!report.contains(&code[2..]), "{account}: {code} in\n{report}");
    }
    let made: Value =
        serde_json::from_slice(&fs::read(simulated.export.join("accounts.json")).unwrap()).unwrap();
    let own = made["accounts"].as_array().unwrap().iter().find(|known| known["name"] == account).unwrap();
    const NAMES: [&str; 12] = [
        "appid",
        "mch_id",
        "mchid",
        "sub_appid",
        "sub_mch_id",
        "sub_mchid",
        "app_id",
        "seller_id",
        "mer_id",
        "smid",
        "acq_code",
        "merch_code",
    ];
    for name in NAMES {
        if let Some(number) = own[name].as_str() {
            assert!(!report.contains(number), "{account}: {name} in\n{report}");
        }
    }
}
