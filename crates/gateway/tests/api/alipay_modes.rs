//! Alipay's other modes through the real binary: what `scenarios --check` does not play of them. A part goes back, the same is
//! asked twice, a paid payment is reversed, and more than is left is refused. UnionPay's relay is one of them.

use std::thread;

use serde_json::json;

use crate::accounts::{Simulated, probed};
use crate::support::books::ledger;
use crate::support::child::{Folder, Running};
use crate::support::till::{Till, code, order, text};

const MODES: [&str; 4] = ["alipay-cert", "alipay-v3", "alipay-provider", "relay-alipay"];

#[test]
fn every_mode_of_alipay_refunds_and_reverses() {
    let folder = Folder::new("alipay-modes");
    let simulated = Simulated::start(&folder);
    thread::scope(|scope| {
        for (tail, account) in (1..).zip(MODES) {
            let simulated = &simulated;
            scope.spawn(move || play(simulated, account, tail));
        }
    });
}

fn play(simulated: &Simulated, account: &str, tail: u64) {
    let config = simulated.configure(&format!("mode-{account}"), ["wechat", account], &[]);
    let stderr = config.with_extension("log");
    let gateway =
        Running::start(&["serve", "--config", config.to_str().unwrap(), "--json"], "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    assert_eq!(probed(&till)["status"], "ready");
    let pay = |name: &str, tail| {
        let mut sale = order(&format!("{account}-{name}"), 1_000, &code("alipay", "000", tail), 30);
        sale["outlet"] = "ST001".into();
        sale["terminal"] = "T01".into();
        let paid = till.pay(&sale).json();
        assert_eq!((&paid["status"], &paid["account"]), (&json!("paid"), &json!(account)), "{paid}");
        paid
    };
    let charged = |payment: &serde_json::Value| {
        let line = ledger(&simulated.control)[text(payment, "channel_order_no")];
        (line.charged, line.net())
    };

    let refunded = pay("refund", tail);
    let target = format!("/v1/payments/{}/refunds", text(&refunded, "id"));
    let part = json!({ "refund_no": format!("{account}-1"), "amount": 300 });
    let opened = till.post(&target, &part);
    assert_eq!(opened.status, 201, "{}", opened.json());
    let ended = till.get(&format!("/v1/refunds/{}?wait=60", text(&opened.json(), "id")));
    assert_eq!(ended["status"], "succeeded", "{account}: {ended}");
    assert_eq!(till.post(&target, &part).status, 200, "the same refund");
    assert_eq!(charged(&refunded), (1_000, 700), "{account}");

    let reversed = pay("reverse", tail + 10);
    let cancel = json!({ "if_paid": "reverse", "reason": "the till never saw it" });
    let asked = till.post(&format!("/v1/payments/{}/cancel", text(&reversed, "id")), &cancel);
    assert_eq!(asked.status, 200, "{}", asked.json());
    let mut payment = asked.json();
    while payment["status"] == "paid" {
        let (id, version) = (text(&payment, "id"), &payment["version"]);
        payment = till.get(&format!("/v1/payments/{id}?wait=20&after={version}"));
    }
    assert_eq!(payment["status"], "reversed", "{account}: {payment}");
    assert_eq!(payment["reversal"]["outcome"], "refunded", "{account}: {payment}");
    assert_eq!(charged(&reversed), (1_000, 0), "{account}");
}
