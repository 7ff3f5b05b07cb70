//! An account whose merchant may not use payment codes: its probe is a query and finds nothing wrong, so payments tell.

use serde_json::json;

use crate::accounts::{Simulated, probed};
use crate::alone::alone;
use crate::support::books::ledger;
use crate::support::child::{Folder, Running};
use crate::support::till::{Till, code, order};

#[test]
fn the_third_payment_in_a_row_that_the_merchant_may_not_make_closes_the_account() {
    let folder = Folder::new("forbidden");
    let simulated = Simulated::start(&folder);
    let config = alone(&simulated, "wechat_v3");
    let stderr = config.with_extension("log");
    let arguments = ["serve", "--config", config.to_str().unwrap(), "--json"];
    let gateway = Running::start(&arguments, "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    assert_eq!(probed(&till)["status"], "ready");
    let sell = |scenario: &str, tail: u32| {
        let number = format!("forbidden-{tail}");
        till.pay(&order(&number, 100, &code("wechat", scenario, tail.into()), 30)).json()
    };
    for tail in 1..=5 {
        // One that is paid in between shows that the merchant may.
        let scenario = if tail == 2 { "000" } else { "209" };
        let ended = sell(scenario, tail);
        if scenario == "000" {
            assert_eq!(ended["status"], "paid", "{ended}");
            continue;
        }
        // Each is a decline that is certain: nothing was made, and the till is told whom to call.
        let told = (&ended["status"], &ended["failure"]["code"], &ended["failure"]["advice"]);
        assert_eq!(
            told,
            (&json!("failed"), &json!("merchant_not_allowed"), &json!("call_support")),
            "{ended}"
        );
    }
    let ready = till.send("GET", "/readyz", b"").json();
    assert_eq!((&ready["status"], &ready["accounts"][0]["intake"]), (&json!("not_ready"), &json!("closed")));
    let refused = till.pay(&order("forbidden-6", 100, &code("wechat", "000", 6), 10));
    assert_eq!(refused.status, 503, "{}", refused.json());
    assert!(
        refused.json()["detail"].as_str().unwrap().contains("apply for payment codes"),
        "{}",
        refused.json()
    );
    let charged: i64 = ledger(&simulated.control).values().map(|line| line.charged).sum();
    assert_eq!(charged, 100);
}
