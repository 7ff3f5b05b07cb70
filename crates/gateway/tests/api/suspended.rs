//! What only a person can settle: one case, settled once, by whom may, and not against the channel's own word.

use std::thread;

use serde_json::{Value, json};

use crate::support::books::ledger;
use crate::support::child::{Demo, Folder};
use crate::support::till::{code, order, text};

#[test]
fn a_suspended_payment_is_settled_once_with_the_right_key() {
    let folder = Folder::new("suspended");
    let demo = Demo::start(&folder, "warn");
    thread::scope(|scope| {
        for wallet in ["wechat", "alipay", "unionpay"] {
            let demo = &demo;
            scope.spawn(move || settle(demo, wallet));
        }
    });
    assert_eq!(demo.till.pages("/v1/cases?status=open&limit=1"), [Value::Null; 0]);
    assert_eq!(demo.till.pages("/v1/cases?status=closed&limit=1").len(), 3, "one case each");
    assert!(ledger(&demo.simulator).values().all(|line| line.charged == 0));
}

fn settle(demo: &Demo, wallet: &str) {
    let sale = order(&format!("stuck-{wallet}"), 5_000, &code(wallet, "404", 1), 65);
    let opened = demo.till.pay(&sale).json();
    let id = text(&opened, "id").to_owned();
    let payment = demo.till.decided(&id);
    assert_eq!(payment["status"], "suspended", "{payment}");
    let target = format!("/v1/cases/{}", text(&payment, "case"));
    let case = demo.till.get(&target);
    assert_eq!((&case["payment"], &case["status"]), (&payment["id"], &json!("open")), "{case}");
    assert!(!text(&case, "message").is_empty());

    // Recorded in the case, and nothing else: the payment stays where it is.
    let canceled = demo.till.post(&format!("/v1/payments/{id}/cancel"), &json!({}));
    assert_eq!((canceled.status, &canceled.json()["status"]), (200, &json!("suspended")));

    let target = format!("{target}/settle");
    let person = demo.till.with_key(&demo.running.word("settle_key"));
    let said = |outcome: &str| json!({ "outcome": outcome, "evidence": "顾客账单", "operator": "zhang" });
    let refused = demo.till.post(&target, &said("failed"));
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden")), "the pay key may not");
    let refused = person.post(&target, &said("paid"));
    let body = refused.json();
    assert_eq!((refused.status, &body["code"]), (409, &json!("channel_contradicts")), "{body}");
    let unfounded = person.post(&target, &json!({ "outcome": "failed" }));
    assert_eq!(unfounded.status, 400, "without evidence and operator");
    assert_eq!(demo.till.get(&format!("/v1/payments/{id}"))["status"], "suspended", "nothing of it counted");

    // An open order does not contradict *failed*. It contradicts *reversed*, which then needs a reason.
    let outcome = if wallet == "alipay" { "reversed" } else { "failed" };
    let mut words = said(outcome);
    if outcome == "reversed" {
        let refused = person.post(&target, &words);
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("channel_contradicts")));
        words["override"] = json!(true);
        assert_eq!(person.post(&target, &words).status, 400, "an override needs a reason");
        words["reason"] = json!("渠道客服确认已关单");
    }
    let settled = person.post(&target, &words);
    let body = settled.json();
    assert_eq!((settled.status, &body["status"]), (200, &json!("closed")), "{body}");
    assert_eq!(body["payment_status"], outcome);
    assert_eq!(body["settlement"]["operator"], "zhang");
    let again = person.post(&target, &said("failed"));
    assert_eq!((again.status, &again.json()["code"]), (409, &json!("case_closed")));
    let payment = demo.till.get(&format!("/v1/payments/{id}"));
    assert_eq!((&payment["status"], &payment["next_action"]), (&json!(outcome), &Value::Null), "{payment}");
}
