//! What Prometheus reads: what happened is counted, once, and nothing of a single sale is in it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::child::{Demo, Folder};
use crate::support::till::{Till, code, order, text};

#[test]
fn what_happened_is_counted() {
    let folder = Folder::new("metrics");
    let demo = Demo::start(&folder, "warn");
    let till = &demo.till;
    let before = read(till);
    assert_eq!(before["paycode_intake_open{account=\"wechat\"}"], 1.0);
    let sale = order("counted-1", 4321, &code("wechat", "000", 1), 30);
    assert_eq!(till.pay(&sale).json()["status"], "paid");
    assert_eq!(till.pay(&sale).status, 200, "a replay opens nothing");
    assert_eq!(till.pay(&order("counted-2", 100, &code("alipay", "201", 2), 30)).json()["status"], "failed");
    let taken_back = json!({ "if_paid": "reverse", "reason": "counted" });
    assert_eq!(till.post("/v1/payments/by-order/counted-1/cancel", &taken_back).status, 200);
    let id = text(&till.get("/v1/payments/by-order/counted-1"), "id").to_owned();
    till.until(&id, |payment| payment["status"] == "reversed");
    assert_eq!(till.send("GET", "/v1/payments/nobody", b"").status, 404);
    assert_eq!(till.send("GET", "/nowhere", b"").status, 404);
    let after = read(till);
    for (name, expected) in [
        ("paycode_payments_opened_total{channel=\"wechat_v2\"}", 1.0),
        ("paycode_payments_opened_total{channel=\"alipay\"}", 1.0),
        ("paycode_payments_ended_total{channel=\"wechat_v2\",status=\"paid\"}", 1.0),
        ("paycode_payments_ended_total{channel=\"wechat_v2\",status=\"reversed\"}", 1.0),
        ("paycode_payments_ended_total{channel=\"alipay\",status=\"failed\"}", 1.0),
        ("paycode_channel_calls_total{channel=\"wechat_v2\",call=\"submit\",answer=\"paid\"}", 1.0),
        ("paycode_channel_call_duration_seconds_count{channel=\"alipay\",call=\"submit\"}", 1.0),
        ("paycode_reversals_total{channel=\"wechat_v2\",outcome=\"unsaid\"}", 1.0),
        ("paycode_http_answers_total{method=\"POST\",route=\"/v1/payments\",status=\"201\"}", 2.0),
        ("paycode_http_answers_total{method=\"POST\",route=\"/v1/payments\",status=\"200\"}", 1.0),
        ("paycode_http_answers_total{method=\"GET\",route=\"/v1/payments/{id}\",status=\"404\"}", 1.0),
        ("paycode_http_answers_total{method=\"GET\",route=\"other\",status=\"404\"}", 1.0),
    ] {
        assert_eq!(after.get(name), Some(&expected), "{name}: {after:?}");
    }
    for name in ["paycode_store_transactions_total", "paycode_store_commits_total"] {
        let grown = after[name] - before[name];
        // Two simple payments are two commits each, a replay one, a reversal a few.
        assert!((6.0..40.0).contains(&grown), "{name} grew by {grown}");
    }
    assert!(after["paycode_store_transactions_total"] <= after["paycode_store_commits_total"]);
    assert!(after["process_start_time_seconds"] > 1_700_000_000.0);
    let said: String = after.keys().cloned().collect();
    for secret in ["counted-1", &id, "default", "4321"] {
        assert!(!said.contains(secret), "{secret}");
    }
}

/// All samples by their name with labels.
fn read(till: &Till) -> BTreeMap<String, f64> {
    let answer = till.send("GET", "/metrics", b"");
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let body = String::from_utf8(answer.body.clone()).unwrap();
    let samples = body.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}
