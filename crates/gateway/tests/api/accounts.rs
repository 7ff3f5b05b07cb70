//! A sick account closes its intake before anything is stored, and `doctor` names the key and what to do about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use serde_json::{Value, json};

use crate::input::check_problem;
use crate::sick::{SICK, Sick, foreign};
use crate::support::books::ledger;
use crate::support::child::{Folder, Running, command};
use crate::support::till::{Till, code, order, text};
use crate::support::time::Stopwatch;

#[test]
fn a_sick_account_takes_nothing_and_doctor_names_the_key() {
    let folder = Folder::new("accounts");
    let simulated = Simulated::start(&folder);
    foreign(&simulated.accounts);
    thread::scope(|scope| {
        for sick in SICK {
            let simulated = &simulated;
            scope.spawn(move || check(simulated, sick));
        }
    });
    // Every check paid once on the account that is well; nothing else ever reached the channels.
    let ledger = ledger(&simulated.control);
    assert_eq!(ledger.len(), SICK.len(), "{ledger:?}");
    well(&simulated);
}

fn check(simulated: &Simulated, sick: &Sick) {
    let config = simulated.configure(sick.name, sick.accounts(), sick.change);
    let stderr = config.with_extension("log");
    let gateway =
        Running::start(&["serve", "--config", config.to_str().unwrap(), "--json"], "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    let ready = probed(&till);
    assert_eq!(ready["status"], "not_ready", "{}: {ready}", sick.name);
    for account in ready["accounts"].as_array().unwrap() {
        let is_sick = account["account"] == sick.account;
        assert_eq!(account["intake"], if is_sick { "closed" } else { "open" }, "{}: {ready}", sick.name);
        if is_sick {
            assert!(text(account, "why").contains(sick.key), "{}: {account}", sick.name);
        }
    }
    let refused = till.pay(&order(sick.name, 100, &code(sick.wallet(), "000", 1), 10));
    check_problem(&refused, 503, "channel_unavailable", sick.name);
    assert!(text(&refused.json(), "detail").contains(sick.key), "{}", refused.json());
    assert_eq!(refused.json()["retryable"], true);
    assert_eq!(till.payments(), [Value::Null; 0], "{}: nothing is stored", sick.name);
    let inspected =
        till.post("/v1/codes/inspect", &json!({ "auth_code": code(sick.wallet(), "000", 1) })).json();
    for told in [&inspected, row(&till.get("/v1/channels"), sick.account)] {
        assert_eq!((&told["intake"], &told["account"]), (&json!("closed"), &json!(sick.account)), "{told}");
        assert!(text(told, "reason").contains(sick.key), "{}: {told}", sick.name);
    }

    let [first, second] = sick.accounts();
    let well = if sick.account == first { second } else { first };
    let paid = till.pay(&order(sick.name, 100, &code(well, "000", tail(sick)), 30));
    assert_eq!(paid.json()["status"], "paid", "{}: the other account is not its business", sick.name);
    doctor(&config, &stderr, Some(sick));
}

/// An account's row of the list of channels.
fn row<'a>(list: &'a Value, account: &str) -> &'a Value {
    list["data"].as_array().unwrap().iter().find(|row| row["account"] == account).unwrap()
}

/// Codes are the simulator's for all checks together.
fn tail(sick: &Sick) -> u64 {
    u64::try_from(SICK.iter().position(|known| known.name == sick.name).unwrap()).unwrap()
}

/// `/readyz` once every account has been probed.
pub(crate) fn probed(till: &Till) -> Value {
    const PROBES_SECONDS_MAX: u64 = 30;
    let stopwatch = Stopwatch::start();
    loop {
        let answer = till.send("GET", "/readyz", b"");
        let body = answer.json();
        assert_eq!(answer.status, if body["status"] == "ready" { 200 } else { 503 }, "{body}");
        if body["accounts"].as_array().unwrap().iter().all(|account| account["probed_at"].is_string()) {
            return body;
        }
        assert!(stopwatch.seconds() < PROBES_SECONDS_MAX, "not probed: {body}");
    }
}

/// Exit code 5, and a line about this account that names the key and says what to do; nothing else is wrong.
fn doctor(config: &Path, stderr: &Path, sick: Option<&Sick>) {
    let (exit, said) = run(&["doctor", "--config", config.to_str().unwrap(), "--json"], stderr);
    let findings: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bad: Vec<&Value> = findings.iter().filter(|finding| finding["ok"] == false).collect();
    match sick {
        None => assert_eq!((exit, bad.len()), (Some(0), 0), "{said}"),
        Some(sick) => {
            assert_eq!(exit, Some(5), "{}: {said}", sick.name);
            let named = |finding: &&&Value| finding["check"] == format!("account {}", sick.account);
            let line = bad.iter().find(named).unwrap_or_else(|| panic!("{}: {said}", sick.name));
            let says = text(line, "says");
            assert!(says.contains(sick.key) && says.contains(sick.advice), "{}: {says}", sick.name);
        }
    }
    let (exit, said) = run(&["doctor", "--config", config.to_str().unwrap()], stderr);
    assert_eq!(exit, Some(if sick.is_some() { 5 } else { 0 }), "{said}");
    assert!(sick.is_none_or(|sick| said.contains(sick.key)), "{said}");
}

/// Runs `paycode` to its end: its exit code and its stdout.
fn run(arguments: &[&str], stderr: &Path) -> (Option<i32>, String) {
    let output = command(arguments, "info", stderr).stdout(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same configurations with nothing wrong open both.
fn well(simulated: &Simulated) {
    let own = ["wechat", "alipay"];
    let config = simulated.configure("well", own, &[]);
    let stderr = config.with_extension("log");
    doctor(&config, &stderr, None);
    over_qra(&simulated.configure("well-qra", ["alipay", "qra"], &[]));
    let certificates =
        [("public_key_id", "api_v3_key = { file = \"wechat-v3-api-key.txt\" }"), ("public_key", "")];
    for (name, change) in [("well-v3", &[][..]), ("well-v3-certificates", &certificates[..])] {
        doctor(&simulated.configure(name, ["alipay", "wechat-v3"], change), &stderr, None);
    }
    let certificates =
        [("public_key_id", "api_v3_key = { file = \"wechat-v3-provider-api-key.txt\" }"), ("public_key", "")];
    doctor(&simulated.configure("well-v2p", ["alipay", "wechat-provider"], &[]), &stderr, None);
    for (name, change) in [("well-v3p", &[][..]), ("well-v3p-certificates", &certificates[..])] {
        doctor(&simulated.configure(name, ["alipay", "wechat-v3-provider"], change), &stderr, None);
    }
    doctor(&simulated.configure("well-modes", ["alipay-cert", "alipay-provider"], &[]), &stderr, None);
    renewed(simulated);
    let broken =
        simulated.configure("unreadable", own, &[("api_key", "api_key = { file = \"no-such-file\" }")]);
    let (exit, said) = run(&["doctor", "--config", broken.to_str().unwrap(), "--json"], &stderr);
    assert_eq!(exit, Some(5), "{said}");
    assert!(said.contains("accounts.wechat.api_key"), "{said}");
}

/// Where no other account takes them, QRA takes WeChat's codes too.
fn over_qra(config: &Path) {
    let stderr = config.with_extension("log");
    doctor(config, &stderr, None);
    let gateway =
        Running::start(&["serve", "--config", config.to_str().unwrap(), "--json"], "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    probed(&till);
    for (wallet, channel) in [("wechat", "qra"), ("unionpay", "qra"), ("alipay", "alipay")] {
        let paid = till.pay(&order(wallet, 100, &code(wallet, "000", 99), 30)).json();
        let told = (&paid["status"], &paid["wallet"], &paid["channel"]);
        assert_eq!(told, (&json!("paid"), &json!(wallet), &json!(channel)), "{paid}");
    }
}

/// Alipay signs with a certificate that came after the one on file: it is fetched, it proves itself, and payments go on.
fn renewed(simulated: &Simulated) {
    let former = [("alipay_cert", "alipay_cert = \"alipay-cert-alipay-former.crt\"")];
    let config = simulated.configure("renewed", ["wechat", "alipay-cert"], &former);
    let stderr = config.with_extension("log");
    doctor(&config, &stderr, None);
    let gateway =
        Running::start(&["serve", "--config", config.to_str().unwrap(), "--json"], "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    assert_eq!(probed(&till)["status"], "ready");
    let paid = till.pay(&order("renewed", 100, &code("alipay", "101", 98), 30)).json();
    assert_eq!((&paid["status"], &paid["account"]), (&json!("paid"), &json!("alipay-cert")), "{paid}");
}

/// `paycode simulate`, and configurations for it.
pub(crate) struct Simulated {
    _running: Running,
    pub(crate) control: Till,
    pub(crate) channels: String,
    pub(crate) accounts: PathBuf,
    numbers: BTreeMap<&'static str, String>,
}

impl Simulated {
    pub(crate) fn start(folder: &Folder) -> Simulated {
        Simulated::at(folder, "127.0.0.1:0")
    }

    /// The one of this folder, on an address of its own.
    pub(crate) fn at(folder: &Folder, listen: &str) -> Simulated {
        let data = folder.path().join("simulator");
        let arguments = ["simulate", "--listen", listen, "--control", "127.0.0.1:0", "--data"];
        let arguments = [&arguments[..], &[data.to_str().unwrap(), "--json"]].concat();
        let running = Running::start(&arguments, "warn", &folder.path().join("simulator.log"), "channels");
        let made: Value = serde_json::from_slice(&fs::read(data.join("accounts.json")).unwrap()).unwrap();
        let mut numbers = BTreeMap::new();
        for (channel, name) in
            [("wechat", "appid"), ("wechat", "mch_id"), ("alipay", "app_id"), ("alipay", "seller_id")]
        {
            numbers.insert(name, text(&made[channel], name).to_owned());
        }
        numbers.insert("qra_mch_id", text(&made["qra"], "mch_id").to_owned());
        let v3 = &made["wechat_v3"];
        numbers.insert("mchid", text(v3, "mchid").to_owned());
        numbers.insert("public_key_id", text(v3, "public_key_id").to_owned());
        numbers.insert("merchant_serial", text(&v3["merchant"], "serial").to_owned());
        numbers.insert("acp_mer_id", text(&made["acp"], "mer_id").to_owned());
        Simulated {
            control: Till::new(&running.word("control"), ""),
            channels: running.word("channels"),
            accounts: PathBuf::from(running.word("accounts")),
            numbers,
            _running: running,
        }
    }

    pub(crate) fn number(&self, name: &str) -> String {
        self.numbers[name].clone()
    }

    /// The lines of an account in the configuration that the simulator hands out.
    fn exported(&self, account: &str) -> Vec<String> {
        let all = fs::read_to_string(self.accounts.join("paycode.toml")).unwrap();
        let name = format!("name = \"{account}\"");
        let own = all.split("[[accounts]]").find(|table| table.contains(&name)).unwrap();
        let own = own.replace("\"SIMU\"", "\"TEST\"");
        ["[[accounts]]"].into_iter().chain(own.lines()).map(str::to_owned).collect()
    }

    /// Writes a configuration beside the accounts' keys, with some of its lines changed.
    pub(crate) fn configure(&self, name: &str, accounts: [&str; 2], change: &[(&str, &str)]) -> PathBuf {
        let hosts = format!("hosts = [\"{}\"]", self.channels);
        let number = |name: &str| format!("{name} = \"{}\"", self.numbers[name]);
        let common = |account: &str, channel: &str| {
            format!(
                "[[accounts]]\nname = \"{account}\"\nchannel = \"{channel}\"\nnamespace = \"TEST\"\nca = \"ca.pem\"\n{hosts}"
            )
        };
        let mut lines = vec![
            "[server]\nlisten = \"127.0.0.1:0\"\n[store]".to_owned(),
            format!("path = \"{name}.db\""),
            // The order number is derived from it: the checks share one channel.
            format!("[merchant]\ncode = \"{}\"", name.replace('-', "")),
        ];
        for account in accounts {
            lines.extend(match account {
                "wechat" => vec![
                    common("wechat", "wechat_v2"),
                    number("appid"),
                    number("mch_id"),
                    "api_key = { file = \"wechat-api-key.txt\" }".to_owned(),
                    "client_cert = \"apiclient_cert.pem\"".to_owned(),
                    "client_key = { file = \"apiclient_key.pem\" }".to_owned(),
                ],
                "alipay" => vec![
                    common("alipay", "alipay"),
                    number("app_id"),
                    number("seller_id"),
                    "app_private_key = { file = \"alipay-app-private.pem\" }".to_owned(),
                    "alipay_public_key = { file = \"alipay-public.pem\" }".to_owned(),
                ],
                other if other.ends_with("-provider") => self.exported(other),
                "acp" => vec![
                    common("acp", "acp"),
                    format!("mer_id = \"{}\"", self.numbers["acp_mer_id"]),
                    "sign_cert = \"acp-sign.pem\"".to_owned(),
                    "sign_key = { file = \"acp-sign-key.pem\" }".to_owned(),
                    "unionpay_root = \"acp-unionpay-root.pem\"".to_owned(),
                    "unionpay_middle = \"acp-unionpay-middle.pem\"".to_owned(),
                ],
                "wechat-v3" => vec![
                    common("wechat-v3", "wechat_v3"),
                    number("appid"),
                    number("mchid"),
                    number("merchant_serial"),
                    "merchant_key = { file = \"wechat-v3-apiclient-key.pem\" }".to_owned(),
                    number("public_key_id"),
                    "public_key = { file = \"wechat-v3-public-key.pem\" }".to_owned(),
                ],
                other if other.starts_with("alipay-") || other.starts_with("relay-") => self.exported(other),
                _ => vec![
                    common("qra", "qra"),
                    format!("mch_id = \"{}\"", self.numbers["qra_mch_id"]),
                    "api_key = { file = \"qra-api-key.txt\" }".to_owned(),
                ],
            });
        }
        let mut text = String::new();
        for line in lines {
            let changed = change.iter().find(|(key, _)| line.starts_with(&format!("{key} = ")));
            text.push_str(changed.map_or(line.as_str(), |(_, becomes)| becomes));
            text.push('\n');
        }
        let path = self.accounts.join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        path
    }
}

/// What a refusal of a closed account looks like, for whoever closes one in another way.
pub(crate) fn check_closed(till: &Till, wallet: &str, why: &str) {
    let refused = till.pay(&order("closed", 100, &code(wallet, "000", 77), 10));
    check_problem(&refused, 503, "channel_unavailable", wallet);
    assert!(text(&refused.json(), "detail").contains(why), "{}", refused.json());
    assert_eq!(till.payments(), [json!(null); 0]);
}
