//! Reading: one payment, its timeline, pages of many, and the long poll.

use serde_json::{Value, json};

use crate::support::child::{Demo, Folder};
use crate::support::till::{Till, code, order, text};
use crate::support::time::Stopwatch;

#[test]
fn payments_are_read_one_by_one_in_pages_and_as_they_change() {
    let folder = Folder::new("reads");
    let demo = Demo::start(&folder, "warn");
    let till = &demo.till;
    for (path, body) in
        [("/healthz", json!({ "status": "ok" })), ("/v1/payments", empty()), ("/v1/cases", empty())]
    {
        assert_eq!(till.get(path), body, "{path}");
    }
    assert_eq!(till.get("/readyz")["status"], "ready");
    long_poll(till);
    fill(till);
    pages(till);
    filters(till);
    timeline(till);
    refused(till);
}

fn empty() -> Value {
    json!({ "object": "list", "data": [], "has_more": false, "next_cursor": null })
}

/// A long poll ends with the change, not with its time; without one, it ends with its time.
fn long_poll(till: &Till) {
    let opened = till.pay(&order("polled", 900, &code("wechat", "102", 1), 0)).json();
    let id = text(&opened, "id").to_owned();
    let typing = till.until(&id, |payment| payment["next_action"]["type"] == "customer_confirmation");
    let stopwatch = Stopwatch::start();
    let same = till.get(&format!("/v1/payments/{id}?wait=1"));
    assert_eq!(same["version"], typing["version"]);
    assert!((1..8).contains(&stopwatch.seconds()), "nothing changed for {:?}", stopwatch.passed());
    let changed = till.get("/v1/payments/by-order/polled?wait=60");
    assert!(changed["version"].as_i64() > typing["version"].as_i64(), "{changed}");
    assert!(stopwatch.seconds() < 45, "the change came after {:?}", stopwatch.passed());
    let paid = till.decided(&id);
    assert_eq!(paid["status"], "paid");
    let stopwatch = Stopwatch::start();
    assert_eq!(till.get(&format!("/v1/payments/{id}?wait=60")), paid);
    assert_eq!(till.get("/v1/payments/by-order/polled?wait=60"), paid);
    assert!(stopwatch.seconds() < 5, "what is decided is not waited for");
}

/// Six more, of two outlets, two wallets and two outcomes.
fn fill(till: &Till) {
    for (place, (wallet, scenario)) in [
        ("wechat", "000"),
        ("alipay", "000"),
        ("wechat", "201"),
        ("alipay", "201"),
        ("wechat", "000"),
        ("alipay", "000"),
    ]
    .into_iter()
    .enumerate()
    {
        let tail = 10 + u64::try_from(place).unwrap();
        let mut sale = order(&format!("listed-{place}"), 100, &code(wallet, scenario, tail), 30);
        sale["outlet"] = json!(if place < 3 { "north" } else { "south" });
        sale["terminal"] = json!(format!("T-{place}"));
        assert_eq!(till.pay(&sale).status, 201);
    }
}

/// Every page size shows each payment once, in one order.
fn pages(till: &Till) {
    let all = ids(&till.pages("/v1/payments?limit=200"));
    assert_eq!(all.len(), 7);
    for limit in [1, 2, 3, 6, 7] {
        assert_eq!(ids(&till.pages(&format!("/v1/payments?limit={limit}"))), all, "limit {limit}");
        let first = till.get(&format!("/v1/payments?limit={limit}"));
        assert_eq!(first["data"].as_array().unwrap().len(), limit);
        assert_eq!(first["has_more"], limit < 7, "limit {limit}");
        assert_eq!(first["next_cursor"].is_string(), limit < 7, "limit {limit}");
    }
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(row, "id").to_owned()).collect()
}

fn filters(till: &Till) {
    let newest = &till.get("/v1/payments?limit=1")["data"][0];
    let at = text(newest, "created_at");
    for (filter, expected) in [
        ("status=paid", 5),
        ("status=failed", 2),
        ("status=processing", 0),
        ("channel=wechat_v2", 4),
        ("channel=alipay", 3),
        ("outlet=north", 3),
        ("outlet=nowhere", 0),
        ("terminal=T-4", 1),
        ("order_no=listed-2", 1),
        ("order_no=listed", 0),
        ("outlet=south&status=failed", 1),
        (&format!("created%5Blt%5D={at}"), 6),
        (&format!("created[gte]={at}"), 1),
    ] {
        assert_eq!(till.pages(&format!("/v1/payments?limit=2&{filter}")).len(), expected, "{filter}");
    }
}

/// Who did what, when, and what comes next; never the code.
fn timeline(till: &Till) {
    for (order_no, code) in [("polled", code("wechat", "102", 1)), ("listed-3", code("alipay", "201", 13))] {
        let payment = till.get(&format!("/v1/payments/by-order/{order_no}"));
        let page = till.get(&format!("/v1/payments/{}/events", text(&payment, "id")));
        let events = page["data"].as_array().unwrap();
        assert!(events.len() >= 3, "opened, asked, answered: {page}");
        let times: Vec<&str> = events.iter().map(|event| text(event, "at")).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(
            events.iter().all(|event| !text(event, "kind").is_empty() && event["body"].is_object()),
            "{page}"
        );
        assert!(!page.to_string().contains(&code), "{page}");
        assert!(page.to_string().contains(text(&payment, "status")), "the outcome is in it: {page}");
    }
}

fn refused(till: &Till) {
    let bad = [
        "/v1/payments?limit=0",
        "/v1/payments?limit=201",
        "/v1/payments?limit=two",
        "/v1/payments?limit=%ff",
        "/v1/payments?%",
        "/v1/payments?status=%00",
        "/v1/payments?status=done",
        "/v1/payments?channel=cash",
        "/v1/payments?order_no=a%20b",
        "/v1/payments?starting_after=pay_1",
        "/v1/payments?created[gte]=yesterday",
        "/v1/payments?created=2026-01-01",
        "/v1/payments?sort=amount",
        "/v1/payments?wait=5",
        "/v1/payments/by-order/polled?wait=66",
        "/v1/payments/by-order/polled?wait=-1",
        "/v1/payments/by-order/polled?wait=1.5",
        "/v1/payments/by-order/a%20b",
        "/v1/cases?status=sleeping",
        "/v1/cases?starting_after=rev_1",
        "/v1/reversals?payment=polled",
    ];
    for target in bad {
        crate::input::check_problem(&till.send("GET", target, b""), 400, "invalid_request", target);
    }
    let absent = [
        "/v1/payments/pay_00000000000000000000000000",
        "/v1/payments/polled",
        "/v1/payments/pay_00000000000000000000000000/events",
        "/v1/payments/by-order/nobody",
        "/v1/cases/case_00000000000000000000000000",
        "/v1/reversals/rev_00000000000000000000000000",
        "/v1/reversals/polled",
    ];
    for target in absent {
        crate::input::check_problem(&till.send("GET", target, b""), 404, "not_found", target);
    }
}
