//! Where codes go: the list of channels, and looking at a code without spending it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::input::check_problem;
use crate::support::books::ledger;
use crate::support::child::{Demo, Folder};
use crate::support::till::{Till, code, order};

#[test]
fn codes_are_looked_at_and_not_spent() {
    let folder = Folder::new("channels");
    let demo = Demo::start(&folder, "trace");
    let till = &demo.till;
    channels(till);
    let face = format!("fp{}", "a1".repeat(17).split_at(33).0);
    for (scanned, wallet, (account, channel)) in [
        (code("wechat", "000", 1), "wechat", ("wechat", "wechat_v2")),
        (format!(" {}\r\n", code("alipay", "201", 2)), "alipay", ("alipay", "alipay")),
        (face, "alipay", ("alipay", "alipay")),
        ("6212345678901234567".to_owned(), "unionpay", ("acp", "acp")),
    ] {
        let body = looked_at(till, &scanned);
        assert_eq!((&body["wallet"], &body["intake"]), (&json!(wallet), &json!("open")), "{body}");
        assert_eq!((&body["account"], &body["channel"]), (&json!(account), &json!(channel)), "{body}");
        assert_eq!(body["reason"], Value::Null, "{body}");
    }
    for scanned in ["", "991234567890123456", "13000000000000000a"] {
        let refused = till.post("/v1/codes/inspect", &json!({ "auth_code": scanned }));
        check_problem(&refused, 422, "code_format_unknown", scanned);
    }
    let wrong =
        till.post("/v1/codes/inspect", &json!({ "auth_code": 130_000_000_000_000_001_i64, "amount": 1 }));
    check_problem(&wrong, 400, "invalid_request", "not a text");
    assert_eq!((till.payments(), ledger(&demo.simulator)), (Vec::new(), BTreeMap::new()));
    let paid = till.pay(&order("looked-at", 100, &code("wechat", "000", 1), 10)).json();
    assert_eq!(paid["status"], "paid", "looking at a code spends nothing");
    // Nobody heard a code: not the till, not the log.
    let told = String::from_utf8_lossy(&till.told.lock().unwrap()).into_owned();
    let logged = fs::read_to_string(folder.path().join("stderr.log")).unwrap();
    for scanned in [code("wechat", "000", 1), code("alipay", "201", 2), "6212345678901234567".to_owned()] {
        assert!(!told.contains(&scanned) && !logged.contains(&scanned), "{scanned}");
    }
}

fn looked_at(till: &Till, scanned: &str) -> Value {
    let answer = till.post("/v1/codes/inspect", &json!({ "auth_code": scanned }));
    let body = answer.json();
    assert_eq!((answer.status, &body["object"]), (200, &json!("code")), "{body}");
    let clean = scanned.trim();
    assert_eq!(body["code_masked"], format!("{}{}", &clean[..2], "*".repeat(clean.len() - 2)));
    body
}

fn channels(till: &Till) {
    let list = till.get("/v1/channels");
    assert_eq!(
        (&list["object"], &list["has_more"], &list["next_cursor"]),
        (&json!("list"), &json!(false), &Value::Null)
    );
    let rows = list["data"].as_array().unwrap();
    let seen: Vec<[&Value; 6]> = rows
        .iter()
        .map(|row| ["object", "account", "channel", "wallets", "intake", "reason"].map(|name| &row[name]))
        .collect();
    let open = |account: &str, channel: &str, wallets: &[&str]| {
        ["channel".into(), account.into(), channel.into(), json!(wallets), "open".into(), Value::Null]
    };
    // QRA and ICBC come last: they would take the others' codes as well. Behind them Alipay in its other modes.
    let all = [
        open("wechat", "wechat_v2", &["wechat"]),
        open("alipay", "alipay", &["alipay"]),
        open("acp", "acp", &["unionpay"]),
        open("wechat-v3", "wechat_v3", &["wechat"]),
        open("wechat-v3-provider", "wechat_v3", &["wechat"]),
        open("wechat-provider", "wechat_v2", &["wechat"]),
        open("qra", "qra", &["unionpay", "wechat", "alipay"]),
        open("icbc", "icbc", &["unionpay", "wechat", "alipay"]),
        open("relay-wechat", "wechat_v2", &["wechat"]),
        open("relay-alipay", "alipay", &["alipay"]),
        open("alipay-cert", "alipay", &["alipay"]),
        open("alipay-v3", "alipay", &["alipay"]),
        open("alipay-provider", "alipay", &["alipay"]),
    ];
    assert_eq!(seen, all.each_ref().map(|row| row.each_ref()));
    assert!(rows.iter().all(|row| row["probed_at"].is_string() && row["since"].is_null()), "{list}");
}
