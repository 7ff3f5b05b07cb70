//! Each end of a payment has its exit code, on a gateway that was started with nothing but what `simulate --export` wrote.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::thread;

use serde_json::{Value, json};

use crate::place::{Ended, Gateway, Paycode, Simulated};
use crate::support::books::{Line, ledger};
use crate::support::child::Folder;
use crate::support::till::{code, text};

/// Wallet, scenario, more arguments, the exit code, and a word that a person must read.
const ENDS: [(&str, &str, &[&str], i32, &str); 5] = [
    ("wechat", "000", &[], 0, "收款成功 / paid"),
    ("alipay", "101", &[], 0, "剩 "),
    ("wechat", "201", &[], 3, "不足"),
    // Its reversal needs the client certificate, which the exported configuration takes from the .p12 file.
    ("wechat", "104", &[], 3, "已撤销"),
    ("alipay", "106", &["--wait", "0"], 4, "请勿重复收款"),
];

#[test]
fn every_end_has_its_exit_code() {
    let folder = Folder::new("end");
    let simulated = Simulated::start(&folder);
    check_export(&simulated.export);
    let gateway = Gateway::start(&simulated.configuration("end", &[]));
    let paycode = gateway.paycode();
    thread::scope(|scope| {
        for (wallet, scenario, more, exit, word) in ENDS {
            let paycode = &paycode;
            scope.spawn(move || {
                let (code, order) = (code(wallet, scenario, 1), format!("end-{wallet}-{scenario}"));
                let pay = ["pay", "--amount", "12.34", "--code", &code, "--order", &order];
                let ended = paycode.run(&[&pay[..], more].concat());
                ended.check(exit, &[word, &order, "12.34 元"]);
                assert!(
                    !format!("{}{}", ended.stdout, ended.stderr).contains(&code),
                    "the code is not shown"
                );
            });
        }
        scope.spawn(|| stuck(&paycode));
        scope.spawn(|| scanned(&paycode));
        scope.spawn(|| canceled(&paycode));
    });
    settled(&gateway);
    let sums: BTreeMap<String, Line> = ledger(&simulated.control);
    let kept = sums.values().filter(|line| line.net() != 0).count();
    assert_eq!(kept, 3, "two of the table and the scanned one: {sums:?}");
    drop(gateway);
    let pay = ["pay", "--amount", "1.00", "--code", &code("wechat", "000", 99)];
    paycode.run(&pay).check(5, &["未发送, 未扣款", "--api"]);
    paycode.run(&["query", "end-wechat-000"]).check(5, &["--api"]);
    paycode.run(&["cancel", "end-wechat-000"]).check(5, &["--api"]);
}

/// What was exported is for its owner alone, and says what it is.
fn check_export(export: &Path) {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(export).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    let expected = [
        "accounts.json",
        "acp-sign-key.pem",
        "acp-sign-password.txt",
        "acp-sign.pem",
        "acp-sign.pfx",
        "acp-unionpay-middle.pem",
        "acp-unionpay-root.pem",
        "alipay-app-private.pem",
        "alipay-cert-alipay-former.crt",
        "alipay-cert-alipay.crt",
        "alipay-cert-app-private.pem",
        "alipay-cert-app.crt",
        "alipay-cert-root.crt",
        "alipay-provider-aes-key.txt",
        "alipay-provider-app-private.pem",
        "alipay-provider-public.pem",
        "alipay-provider-token.txt",
        "alipay-public.pem",
        "apiclient_cert.p12",
        "apiclient_cert.pem",
        "apiclient_key.pem",
        "ca.pem",
        "icbc-app-private.pem",
        "icbc-gateway-public.pem",
        "paycode.toml",
        "qra-api-key.txt",
        "relay-alipay-app-private.pem",
        "relay-alipay-public.pem",
        "relay-apiclient_cert.p12",
        "relay-apiclient_cert.pem",
        "relay-apiclient_key.pem",
        "relay-wechat-api-key.txt",
        "wechat-api-key.txt",
        "wechat-provider-api-key.txt",
        "wechat-provider-apiclient_cert.p12",
        "wechat-provider-apiclient_cert.pem",
        "wechat-provider-apiclient_key.pem",
        "wechat-v3-api-key.txt",
        "wechat-v3-apiclient-cert.pem",
        "wechat-v3-apiclient-key.pem",
        "wechat-v3-provider-api-key.txt",
        "wechat-v3-provider-apiclient-cert.pem",
        "wechat-v3-provider-apiclient-key.pem",
        "wechat-v3-provider-public-key.pem",
        "wechat-v3-public-key.pem",
    ];
    assert_eq!(names, expected);
    let accounts: Value =
        serde_json::from_slice(&std::fs::read(export.join("accounts.json")).unwrap()).unwrap();
    for account in accounts["accounts"].as_array().unwrap() {
        assert!(text(account, "base_url").starts_with("https://127.0.0.1:"), "{account}");
    }
    assert_eq!(accounts["accounts"][0]["client_p12"], "apiclient_cert.p12");
}

/// The channel refuses to reverse it: a person decides, and both who waits for it and who cancels it are told so.
fn stuck(paycode: &Paycode) {
    let scan = code("wechat", "404", 1);
    let pay = ["pay", "--amount", "12.34", "--code", &scan, "--order", "stuck"];
    let mut child = paycode.command(&pay).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("请勿重复收款") || said.contains("请顾客"), "{said}");
    paycode.run(&["cancel", "stuck"]).check(6, &["待人工处理"]);
    Ended::from(child.wait_with_output().unwrap()).check(6, &["待人工处理", "paycode cases show case_"]);
}

/// A scanner types the code into stdin; the order number is made, and stdout is the API's body alone.
fn scanned(paycode: &Paycode) {
    let scan = format!("{}\n", code("alipay", "000", 2));
    let ended = paycode.run_with(&["pay", "--amount", "1234", "--fen", "--json"], &scan);
    let payment = ended.check(0, &[]).json();
    assert_eq!((&payment["status"], &payment["amount"]), (&json!("paid"), &json!(1234)), "{payment}");
    let made = text(&payment, "order_no");
    assert!(made.starts_with("20") && made.len() == 22, "{made}");
    assert_eq!(ended.stderr, format!("order_no {made}\n"), "said before the request left");
    // The sale is paid: another code is refused, with what to do; the same amount is not charged again.
    let other = code("alipay", "000", 3);
    let again = ["pay", "--amount", "12.34", "--code", &other, "--order", made];
    paycode.run(&again).check(1, &["拒绝 / refused", "该订单已支付", &format!("paycode query {made}")]);
}

fn canceled(paycode: &Paycode) {
    let scan = code("alipay", "106", 4);
    let pay = ["pay", "--amount", "5.00", "--code", &scan, "--order", "given-up", "--wait", "0"];
    paycode.run(&pay).check(4, &["paycode cancel given-up", "paycode query given-up"]);
    paycode.run(&["cancel", "given-up"]).check(0, &["已撤销"]);
    paycode.run(&["query", "given-up"]).check(3, &["已撤销"]);
    let scan = code("wechat", "000", 5);
    paycode.run(&["pay", "--amount", "5.00", "--code", &scan, "--order", "sold"]).check(0, &[]);
    paycode.run(&["cancel", "sold"]).check(1, &["该支付单已成功", "paycode cancel sold --if-paid-reverse"]);
    paycode.run(&["cancel", "sold", "--if-paid-reverse"]).check(2, &["--reason"]);
    let reversed = paycode.run(&["cancel", "sold", "--if-paid-reverse", "--reason", "torn bag", "--json"]);
    assert_eq!(reversed.check(0, &[]).json()["status"], "reversed");
    paycode.run(&["cancel", "never-sold"]).check(0, &["从未收款"]);
    let scan = code("wechat", "000", 6);
    paycode
        .run(&["pay", "--amount", "5.00", "--code", &scan, "--order", "never-sold"])
        .check(1, &["该订单已取消", "换一个订单号"]);
}

/// The suspended payment of the table, found, looked at and settled by a person.
fn settled(gateway: &Gateway) {
    let (paycode, person) = (gateway.paycode(), gateway.person());
    paycode.run(&["cases"]).check(0, &["case_", "撤销"]);
    let case = paycode.run(&["cases", "list", "--json"]).check(0, &[]).json();
    let case = text(&case, "id");
    paycode.run(&["cases", "show", case]).check(0, &["stuck", "→ reverse #", "12.34 元"]);
    let evidence = "the merchant platform shows no payment";
    let settle =
        |outcome| ["cases", "settle", case, "--outcome", outcome, "--evidence", evidence, "--operator", "li"];
    paycode.run(&settle("failed")).check(1, &["权限不足", "settle"]);
    person.run(&settle("paid")).check(1, &["与渠道结果矛盾", "--override"]);
    person.run(&settle("lost")).check(2, &["failed"]);
    person.run(&settle("failed")).check(0, &["已关闭", "failed (li: the merchant platform"]);
    person.run(&settle("failed")).check(1, &["处理单已关闭"]);
    paycode.run(&["cases"]).check(0, &["没有待处理的单"]);
    paycode.run(&["cases", "list", "--all"]).check(0, &[case]);
    paycode.run(&["query", "stuck"]).check(3, &["人工核定"]);
    let events = paycode.run(&["query", "stuck", "--events", "--json"]);
    let kinds: Vec<Value> = events
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].clone())
        .collect();
    assert!(kinds.contains(&json!("door")) && kinds.contains(&json!("call")), "{kinds:?}");
}
