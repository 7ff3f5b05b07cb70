//! A person in front of it: who presses Ctrl-C, scans on a terminal, types a key where everybody sees it, or has a private CA.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::place::{Ended, Gateway, Paycode, Simulated, bare};
use crate::support::child::{Demo, Folder};
use crate::support::till::code;

fn at(demo: &Demo) -> Paycode {
    Paycode { api: demo.running.word("api"), key: demo.running.word("api_key") }
}

#[test]
fn who_presses_ctrl_c_is_told_how_to_go_on() {
    let folder = Folder::new("ctrl-c");
    let demo = Demo::start(&folder, "info");
    let scan = code("alipay", "106", 1);
    let mut command = at(&demo).command(&["pay", "--amount", "3.00", "--order", "left", "--code", &scan]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("请顾客") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
    let ended = Ended { stderr: said, ..Ended::from(child.wait_with_output().unwrap()) };
    ended.check(4, &["请勿重复收款", "paycode query left --wait 60", "paycode cancel left"]);
    at(&demo).run(&["cancel", "left"]).check(0, &["已撤销"]);
}

/// `script` lends a terminal; what is scanned there is not shown, and the terminal shows again what is typed afterwards.
#[test]
fn a_code_that_is_scanned_on_a_terminal_is_not_shown() {
    let folder = Folder::new("terminal");
    let demo = Demo::start(&folder, "info");
    let paycode = at(&demo);
    let scan = code("wechat", "000", 7);
    let typed = format!("{} pay --amount 4.00; echo exit $?; stty -a", env!("CARGO_BIN_EXE_paycode"));
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &typed, "/dev/null"]);
    terminal.env("PAYCODE_API", &paycode.api).env("PAYCODE_KEY", &paycode.key);
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("scan the payment code") {
        assert!(stdout.read_until(b':', &mut said).unwrap() > 0);
    }
    stdin.write_all(format!("{scan}\r").as_bytes()).unwrap();
    std::io::Read::read_to_end(&mut stdout, &mut said).unwrap();
    child.wait().unwrap();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("收款成功") && said.contains("exit 0"), "{said}");
    assert!(!said.contains(&scan), "{said}");
    assert!(said.contains(" echo "), "the terminal echoes again: {said}");
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_leaves() {
    let nowhere = Paycode { api: "http://127.0.0.1:1".to_owned(), key: "k".to_owned() };
    let scan = code("wechat", "000", 1);
    let pay = |amount| ["pay", "--code", scan.as_str(), "--amount", amount];
    for amount in ["12", "12.3", "12.345", "1e3", "0.00", "-1.00", "1,000.00", "９.00"] {
        nowhere.run(&pay(amount)).check(2, &[amount]);
    }
    nowhere.run(&["pay"]).check(2, &["--amount"]);
    nowhere.run(&["pay", "--amount", "1.00"]).check(2, &["没有付款码"]);
    nowhere.run(&["pay", "--amount", "1.00", "--order", "a b"]).check(2, &["--order", "64 characters"]);
    nowhere.run(&["query", "a b"]).check(2, &["64 characters"]);
    nowhere.run(&["cases", "show", "case_1"]).check(2, &["case_1"]);
    nowhere.run(&["pya"]).check(2, &["pay"]);
    nowhere.run(&["query", "a", "--api", "127.0.0.1:8080"]).check(2, &["http://host:port"]);
    nowhere.run(&["query", "a", "--ca", "ca.pem"]).check(2, &["--ca needs an https address"]);
    let secret = "sk_of_somebody";
    let told = nowhere.run(&["query", "a", "--key", secret]);
    told.check(2, &["process list", "PAYCODE_KEY", "--key-file"]);
    assert!(!told.stderr.contains(secret), "{}", told.stderr);
    Ended::from(bare(&["query", "a"]).output().unwrap()).check(2, &["PAYCODE_KEY"]);
    nowhere.run(&["query", "a", "--key-file", "no-such-file"]).check(2, &["no-such-file"]);
}

/// Over TLS with a private CA, and the key from a file.
#[test]
fn a_private_ca_is_trusted_where_it_is_named() {
    let folder = Folder::new("private-ca");
    let simulated = Simulated::start(&folder);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    fs::write(simulated.export.join("server.pem"), certificate.pem()).unwrap();
    fs::write(simulated.export.join("server.key"), key.serialize_pem()).unwrap();
    let tls = "listen = \"127.0.0.1:0\"\ntls_cert = \"server.pem\"\ntls_key = \"server.key\"";
    let config = simulated.configuration("tls", &[("listen = \"127.0.0.1:0\"", tls)]);
    let gateway = Gateway::start_tls(&config);
    let paycode = gateway.paycode();
    let ca = simulated.export.join("server.pem");
    let key_file = folder.path().join("key");
    fs::write(&key_file, format!("{}\n", paycode.key)).unwrap();
    let wrong = Paycode { key: "wrong".to_owned(), ..paycode.clone() };
    let query = ["query", "nothing", "--ca", ca.to_str().unwrap()];
    paycode.run(&query).check(1, &["不存在"]);
    wrong.run(&query).check(1, &["密钥", "--key-file"]);
    let with_file = [&query[..], &["--key-file", key_file.to_str().unwrap()]].concat();
    wrong.run(&with_file).check(1, &["不存在"]);
    paycode.run(&["query", "nothing"]).check(5, &["TLS"]);
}
