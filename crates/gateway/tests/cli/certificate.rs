//! The merchant's certificate as WeChat hands it out, a `.p12` file: each kind reverses a payment over mutual TLS, and each
//! broken one is named with its key, its file and what to do.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::place::{Ended, Gateway, Simulated, bare};
use crate::support::books::ledger;
use crate::support::child::Folder;
use crate::support::till::code;

const MCH_ID: &str = "1900000109";

/// Runs openssl among the exported files.
fn openssl(export: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").current_dir(export).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("openssl does not start, run ./x test: {error}"));
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a file of the merchant's certificate with more arguments of `openssl pkcs12 -export`.
fn pack(export: &Path, name: &str, password: &str, more: &[&str]) {
    let password = format!("pass:{password}");
    let file = format!("{name}.p12");
    let common = ["pkcs12", "-export", "-out", &file, "-passout", &password, "-in", "apiclient_cert.pem"];
    let key: &[&str] = if more.contains(&"-nokeys") { &[] } else { &["-inkey", "apiclient_key.pem"] };
    openssl(export, &[&common[..], key, more].concat());
}

#[test]
fn a_p12_file_of_any_age_undoes_a_payment() {
    let folder = Folder::new("p12");
    let simulated = Simulated::start(&folder);
    let export = simulated.export.as_path();
    // As WeChat's: the certificate in RC2-40, the key in 3DES.
    pack(export, "old", MCH_ID, &["-legacy"]);
    pack(export, "new", MCH_ID, &[]);
    pack(export, "several", MCH_ID, &["-legacy", "-certfile", "ca.pem"]);
    pack(export, "changed", "另一个 password", &[]);
    fs::write(export.join("changed.txt"), "另一个 password\n").unwrap();
    let changed = "client_p12 = \"changed.p12\"\nclient_p12_password = { file = \"changed.txt\" }";
    thread::scope(|scope| {
        for (tail, (name, line)) in (1..).zip([
            ("exported", "client_p12 = \"apiclient_cert.p12\""),
            ("old", "client_p12 = \"old.p12\""),
            ("new", "client_p12 = \"new.p12\""),
            ("several", "client_p12 = \"several.p12\""),
            ("changed", changed),
        ]) {
            let simulated = &simulated;
            scope.spawn(move || undo(simulated, name, line, tail));
        }
    });
    let ledger = ledger(&simulated.control);
    assert!(
        ledger.len() == 5 && ledger.values().all(|line| line.charged == 700 && line.net() == 0),
        "{ledger:?}"
    );
}

/// Pays and gives it back, which WeChat's rules allow over mutual TLS alone; nothing of the key is in the log.
fn undo(simulated: &Simulated, name: &str, line: &str, tail: u64) {
    let config = simulated.configuration(name, &[("client_p12 = \"apiclient_cert.p12\"", line)]);
    let gateway = Gateway::start(&config);
    let paycode = gateway.paycode();
    let (scan, order) = (code("wechat", "000", tail), format!("p12-{name}"));
    paycode.run(&["pay", "--amount", "7.00", "--code", &scan, "--order", &order]).check(0, &[]);
    paycode.run(&["cancel", &order, "--if-paid-reverse", "--reason", "as a test"]).check(0, &["已撤销"]);
    let log = fs::read_to_string(&gateway.log).unwrap();
    let key = fs::read_to_string(simulated.export.join("apiclient_key.pem")).unwrap();
    for secret in key.lines().filter(|line| !line.starts_with("-----")) {
        assert!(!log.contains(secret), "{name}: the key is in the log");
    }
}

#[test]
fn a_p12_file_that_is_no_use_is_named_with_what_to_do() {
    let folder = Folder::new("p12-broken");
    let simulated = Simulated::start(&folder);
    let export = simulated.export.as_path();
    pack(export, "good", MCH_ID, &["-legacy"]);
    pack(export, "locked", "something else", &["-legacy"]);
    pack(export, "bare", MCH_ID, &["-nokeys"]);
    let whole = fs::read(export.join("good.p12")).unwrap();
    fs::write(export.join("cut.p12"), &whole[..whole.len() / 2]).unwrap();
    fs::copy(export.join("apiclient_cert.pem"), export.join("text.p12")).unwrap();
    for (name, key, file, advice) in [
        ("locked", "client_p12", "locked.p12", "set client_p12_password"),
        ("cut", "client_p12", "cut.p12", "copy it again"),
        ("text", "client_p12", "text.p12", "no whole PKCS#12 file"),
        ("bare", "client_p12", "bare.p12", "holds no private key"),
        ("absent", "client_p12", "absent.p12", "No such file"),
    ] {
        let line = format!("client_p12 = \"{file}\"");
        check(&simulated, name, &line, &[&format!("accounts.wechat.{key}"), file, advice]);
    }
    let both = "client_p12 = \"good.p12\"\nclient_cert = \"apiclient_cert.pem\"";
    check(&simulated, "both", both, &["accounts.wechat.client_p12", "client_cert", "client_key", "take out"]);
    let nowhere = "client_p12 = \"good.p12\"\nclient_p12_password = { env = \"PAYCODE_NO_SUCH\" }";
    check(&simulated, "nowhere", nowhere, &["accounts.wechat.client_p12_password", "PAYCODE_NO_SUCH"]);
}

fn check(simulated: &Simulated, name: &str, line: &str, words: &[&str]) {
    let config = simulated.configuration(name, &[("client_p12 = \"apiclient_cert.p12\"", line)]);
    for command in ["doctor", "serve"] {
        let ended = Ended::from(bare(&[command, "--config", config.to_str().unwrap()]).output().unwrap());
        ended.check(if command == "doctor" { 5 } else { 1 }, words);
    }
}
