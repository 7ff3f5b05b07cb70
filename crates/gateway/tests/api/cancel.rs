//! Cancel, in every state of a payment; and the reversal that a till demands of a paid one.

use std::thread;

use serde_json::{Value, json};

use crate::sale::{charged, check_refused};
use crate::support::books::{Line, differences, ledger};
use crate::support::child::{Demo, Folder};
use crate::support::till::{code, order, text};

#[test]
fn a_cancelled_payment_never_becomes_paid() {
    let folder = Folder::new("cancel");
    let demo = Demo::start(&folder, "warn");
    thread::scope(|scope| {
        for wallet in ["wechat", "alipay"] {
            let demo = &demo;
            scope.spawn(move || awaiting(demo, wallet));
            scope.spawn(move || demanded(demo, wallet));
            scope.spawn(move || confirmed_anyway(demo, wallet));
        }
    });
    declined(&demo);
    unknown(&demo);
    assert_eq!(differences(&demo.till.payments(), &ledger(&demo.simulator)), [""; 0]);
    let reversals = demo.till.pages("/v1/reversals?limit=2");
    assert_eq!(reversals.len(), 6, "each reversal is a record of its own: {reversals:?}");
}

/// The customer has not confirmed: it ends reversed, and nothing was charged.
fn awaiting(demo: &Demo, wallet: &str) {
    let sale = order(&format!("awaiting-{wallet}"), 1_100, &code(wallet, "104", 1), 0);
    let id = text(&demo.till.pay(&sale).json(), "id").to_owned();
    demo.till.until(&id, |payment| payment["next_action"]["type"] == "customer_confirmation");
    let canceled = demo.till.post(&format!("/v1/payments/{id}/cancel"), &json!({}));
    assert_eq!((canceled.status, &canceled.json()["status"]), (200, &json!("processing")));
    assert_ne!(
        canceled.json()["next_action"]["type"],
        "customer_confirmation",
        "the customer is not asked any more"
    );
    let ended = demo.till.decided(&id);
    assert_eq!(ended["status"], "reversed", "{ended}");
    assert_eq!(charged(demo, &ended), Line::default());
    let again = demo.till.post(&format!("/v1/payments/by-order/awaiting-{wallet}/cancel"), &json!({}));
    assert_eq!((again.status, again.json()), (200, ended), "unchanged");
}

/// The customer confirms after the cancel was answered: it is taken back, and the till never hears *paid*.
fn confirmed_anyway(demo: &Demo, wallet: &str) {
    let sale = order(&format!("anyway-{wallet}"), 1_200, &code(wallet, "101", 1), 0);
    let id = text(&demo.till.pay(&sale).json(), "id").to_owned();
    demo.till.until(&id, |payment| payment["next_action"]["type"] == "customer_confirmation");
    let canceled = demo.till.post(&format!("/v1/payments/by-order/anyway-{wallet}/cancel"), &json!({}));
    assert_eq!(canceled.status, 200);
    let ended = demo.till.until(&id, |payment| {
        assert_ne!(payment["status"], "paid", "after a cancel: {payment}");
        payment["status"] != "processing"
    });
    assert_eq!(ended["status"], "reversed", "{ended}");
    assert_eq!(charged(demo, &ended).net(), 0);
}

/// Paid, but the till never saw it: only a demand with a reason reverses it, and it stays *paid* until that is confirmed.
fn demanded(demo: &Demo, wallet: &str) {
    let sale = order(&format!("demanded-{wallet}"), 1_300, &code(wallet, "000", 1), 20);
    let paid = demo.till.pay(&sale).json();
    assert_eq!(paid["status"], "paid");
    let id = text(&paid, "id").to_owned();
    let target = format!("/v1/payments/{id}/cancel");
    check_refused(&demo.till.post(&target, &json!({})), &["payment_paid"], Some(&id));
    for wrong in [json!({ "if_paid": "reverse" }), json!({ "if_paid": "refund", "reason": "x" }), json!([])] {
        let answer = demo.till.post(&target, &wrong);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid_request")), "{wrong}");
    }
    assert_eq!(charged(demo, &paid), Line { charged: 1_300, returned: 0 }, "nothing has been undone so far");

    let demand = json!({ "if_paid": "reverse", "reason": "till lost the answer" });
    let answer = demo.till.post(&target, &demand);
    let taken = answer.json();
    assert_eq!((answer.status, &taken["status"]), (200, &json!("paid")), "{taken}");
    assert_eq!(taken["reversal"]["status"], "pending", "{taken}");
    let ended = demo.till.until(&id, |payment| {
        let status = text(payment, "status");
        assert!(matches!(status, "paid" | "reversed"), "{payment}");
        status == "reversed"
    });
    let reversal = &ended["reversal"];
    assert_eq!(reversal["id"], taken["reversal"]["id"], "one reversal from first to last");
    assert_eq!(reversal["status"], "done", "{ended}");
    let outcome = if wallet == "alipay" { json!("refunded") } else { Value::Null };
    assert_eq!(reversal["outcome"], outcome, "{ended}");
    assert_eq!(charged(demo, &ended), Line { charged: 1_300, returned: 1_300 });
    let record = demo.till.get(&format!("/v1/reversals/{}", text(reversal, "id")));
    assert_eq!((&record["payment"], &record["amount"]), (&ended["id"], &json!(1_300)), "{record}");
    assert_eq!(demo.till.pages(&format!("/v1/reversals?payment={id}")), [record]);
}

fn declined(demo: &Demo) {
    let failed = demo.till.pay(&order("declined", 1_400, &code("wechat", "202", 1), 30)).json();
    assert_eq!(failed["status"], "failed");
    let target = format!("/v1/payments/{}/cancel", text(&failed, "id"));
    let canceled = demo.till.post(&target, &json!({ "if_paid": "reverse", "reason": "to be sure" }));
    let bare = demo.till.send("POST", &target, b"");
    for answer in [canceled, bare] {
        assert_eq!((answer.status, answer.json()), (200, failed.clone()), "unchanged");
    }
}

fn unknown(demo: &Demo) {
    for id in ["pay_00000000000000000000000000", "nonsense"] {
        let answer = demo.till.post(&format!("/v1/payments/{id}/cancel"), &json!({}));
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not_found")), "{id}");
    }
}
