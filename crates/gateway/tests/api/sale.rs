//! One sale, one charge: the same order number again, other codes, other amounts, other sales, all at once or later.

use std::collections::BTreeMap;
use std::thread;

use serde_json::{Value, json};

use crate::support::books::{Line, differences, ledger};
use crate::support::child::{Demo, Folder};
use crate::support::http::Answer;
use crate::support::till::{code, order, text};

#[test]
fn the_same_request_64_times_at_once_is_one_payment() {
    let folder = Folder::new("same-request");
    let demo = Demo::start(&folder, "warn");
    for (wallet, scenario) in [("wechat", "000"), ("alipay", "000"), ("wechat", "101"), ("alipay", "303")] {
        let sale = order(&format!("same-{wallet}-{scenario}"), 1_234, &code(wallet, scenario, 1), 65);
        let answers = at_once(&demo, vec![sale.clone(); 64]);
        let created: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(created.len(), 1, "{wallet} {scenario}: one creates");
        assert_eq!(created[0].header("idempotency-replayed"), None);
        let payment = created[0].json();
        assert_eq!((&payment["status"], &payment["attempt"]), (&json!("paid"), &json!(1)), "{payment}");
        for replay in answers.iter().filter(|answer| answer.status != 201) {
            let body = replay.json();
            assert_eq!(replay.status, 200, "{body}");
            assert_eq!(replay.header("idempotency-replayed"), Some("true"));
            assert_eq!(body["id"], payment["id"]);
            assert_eq!(body["status"], "paid", "a repeat waits for the decision as well: {body}");
        }
        let later = demo.till.pay(&sale);
        assert_eq!((later.status, &later.json()), (200, &payment), "the same answer at the end");
        assert_eq!(charged(&demo, &payment), Line { charged: 1_234, returned: 0 });
    }
    assert_eq!(demo.till.payments().len(), 4, "no payment beside the four");
    assert_eq!(differences(&demo.till.payments(), &ledger(&demo.simulator)), [""; 0]);
}

#[test]
fn of_32_codes_at_once_for_one_order_one_is_charged() {
    let folder = Folder::new("many-codes");
    let demo = Demo::start(&folder, "warn");
    for (wallet, scenario, refusals) in [
        ("wechat", "101", &["order_undecided"][..]),
        ("alipay", "000", &["order_undecided", "order_paid"][..]),
    ] {
        let name = format!("codes-{wallet}");
        let sales = (0..32).map(|tail| order(&name, 2_000, &code(wallet, scenario, tail), 65)).collect();
        let answers = at_once(&demo, sales);
        let created: Vec<Value> = answers.iter().filter(|a| a.status == 201).map(Answer::json).collect();
        assert_eq!(created.len(), 1, "one code is taken");
        assert_eq!(created[0]["status"], "paid");
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            check_refused(refused, refusals, Some(text(&created[0], "id")));
        }
        assert_eq!(charged(&demo, &created[0]), Line { charged: 2_000, returned: 0 });
    }
    assert_eq!(demo.till.payments().len(), 2);
    assert_eq!(differences(&demo.till.payments(), &ledger(&demo.simulator)), [""; 0]);
}

#[test]
fn an_order_keeps_its_code_and_amount_until_it_has_failed() {
    let folder = Folder::new("one-order");
    let demo = Demo::start(&folder, "warn");
    let sale = order("kept", 3_000, &code("wechat", "101", 1), 0);
    let opened = demo.till.pay(&sale).json();
    let id = text(&opened, "id");
    let typing = demo.till.until(id, |payment| payment["next_action"]["type"] == "customer_confirmation");
    assert_eq!(typing["status"], "processing");

    let other_code = order("kept", 3_000, &code("alipay", "000", 2), 0);
    let body = check_refused(&demo.till.pay(&other_code), &["order_undecided"], Some(id));
    assert_eq!(body["payment"]["next_action"]["type"], "customer_confirmation", "{body}");
    for name in ["message", "poll_after_ms", "deadline"] {
        assert!(!body["payment"]["next_action"][name].is_null(), "{name}: {body}");
    }
    let other_amount = order("kept", 3_001, &code("wechat", "101", 1), 0);
    check_refused(&demo.till.pay(&other_amount), &["order_amount_differs"], Some(id));

    let paid = demo.till.decided(id);
    assert_eq!(paid["status"], "paid");
    let again = demo.till.pay(&sale);
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!(again.json(), paid);
    check_refused(&demo.till.pay(&other_code), &["order_paid"], Some(id));
    check_refused(&demo.till.pay(&other_amount), &["order_amount_differs"], Some(id));
    // The refused code had no side effect: another sale may spend it.
    assert_eq!(demo.till.pay(&order("other", 1, &code("alipay", "000", 2), 10)).status, 201);

    // Cosmetics and identities of a repeat are not compared: the first wins.
    let mut dressed = sale.clone();
    dressed["description"] = json!("另一种说法");
    dressed["terminal"] = json!("T-9");
    assert_eq!(demo.till.pay(&dressed).json(), paid);
    assert_eq!(differences(&demo.till.payments(), &ledger(&demo.simulator)), [""; 0]);
}

#[test]
fn after_a_decline_the_next_code_is_the_next_attempt() {
    let folder = Folder::new("attempts");
    let demo = Demo::start(&folder, "warn");
    let first = order("tried", 4_000, &code("wechat", "201", 1), 30);
    let declined = demo.till.pay(&first).json();
    assert_eq!(declined["status"], "failed");
    let second = demo.till.pay(&order("tried", 4_000, &code("alipay", "000", 1), 30));
    let paid = second.json();
    assert_eq!((second.status, &paid["attempt"], &paid["status"]), (201, &json!(2), &json!("paid")));
    let attempts = json!([
        { "id": declined["id"], "status": "failed" },
        { "id": paid["id"], "status": "paid" },
    ]);
    assert_eq!(paid["attempts"], attempts);
    assert_ne!(declined["channel_order_no"], paid["channel_order_no"]);
    let repeat = demo.till.pay(&first);
    assert_eq!((repeat.status, &repeat.json()["id"]), (200, &declined["id"]), "the first code's own answer");
    assert_eq!(demo.till.get("/v1/payments/by-order/tried")["id"], paid["id"], "the latest attempt");
    assert_eq!(differences(&demo.till.payments(), &ledger(&demo.simulator)), [""; 0]);
}

#[test]
fn a_code_is_spent_once_and_a_terminal_asks_before_a_second_sale() {
    let folder = Folder::new("guards");
    let demo = Demo::start(&folder, "warn");
    let till = &demo.till;
    let spent = code("wechat", "000", 1);
    assert_eq!(till.pay(&order("first", 500, &spent, 10)).status, 201);
    check_refused(&till.pay(&order("second", 500, &spent, 10)), &["code_used"], None);

    let at = |order_no: &str, amount: i64, tail: u64, terminal: &str| {
        let mut sale = order(order_no, amount, &code("alipay", "101", tail), 0);
        sale["terminal"] = json!(terminal);
        sale
    };
    let open = till.pay(&at("open", 700, 1, "T-1")).json();
    let twice = at("twice", 700, 2, "T-1");
    check_refused(&till.pay(&twice), &["terminal_has_open_payment"], Some(text(&open, "id")));
    for passes in [at("other-amount", 701, 3, "T-1"), at("other-terminal", 700, 4, "T-2")] {
        assert_eq!(till.pay(&passes).status, 201);
    }
    let mut deliberate = twice.clone();
    deliberate["second"] = json!(true);
    let second = till.pay(&deliberate);
    assert_eq!(second.status, 201, "{}", second.json());
    for payment in till.payments() {
        till.decided(text(&payment, "id"));
    }
    assert_eq!(till.pay(&at("later", 700, 5, "T-1")).status, 201, "nothing is open there any more");
    let orders: Vec<String> = till.payments().iter().map(|p| text(p, "order_no").to_owned()).collect();
    assert_eq!(orders.len(), 6, "a refused sale leaves nothing: {orders:?}");
    assert!(!orders.contains(&"second".to_owned()));
}

#[test]
fn a_cancelled_order_that_does_not_exist_is_never_paid() {
    let folder = Folder::new("tombstone");
    let demo = Demo::start(&folder, "warn");
    for _ in 0..2 {
        let answer = demo.till.post("/v1/payments/by-order/never/cancel", &json!({}));
        assert_eq!((answer.status, &answer.json()["canceled"]), (200, &json!(true)));
    }
    for (wallet, tail) in [("wechat", 1), ("alipay", 1), ("wechat", 2)] {
        let refused = demo.till.pay(&order("never", 600, &code(wallet, "000", tail), 10));
        check_refused(&refused, &["order_canceled"], None);
    }
    assert_eq!(demo.till.payments(), [Value::Null; 0]);
    assert_eq!(ledger(&demo.simulator), BTreeMap::new(), "not one byte to the channel");
    // The tombstone is the order's alone: its code is free.
    assert_eq!(demo.till.pay(&order("another", 600, &code("wechat", "000", 1), 10)).status, 201);
}

fn at_once(demo: &Demo, sales: Vec<Value>) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(sales.len());
    thread::scope(|scope| {
        let ask = |sale: Value| {
            barrier.wait();
            demo.till.pay(&sale)
        };
        let asking: Vec<_> = sales.into_iter().map(|sale| scope.spawn(move || ask(sale))).collect();
        asking.into_iter().map(|till| till.join().unwrap()).collect()
    })
}

/// A 409 with one of these codes, which shows the payment that stands in the way, or none.
pub(crate) fn check_refused(answer: &Answer, codes: &[&str], holder: Option<&str>) -> Value {
    let body = answer.json();
    assert_eq!(answer.status, 409, "{body}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(codes.contains(&text(&body, "code")), "{body}");
    assert_eq!(body["payment"]["id"].as_str(), holder, "{body}");
    assert_eq!(body["retryable"], false);
    body
}

/// What the channel's ledger holds for this payment.
pub(crate) fn charged(demo: &Demo, payment: &Value) -> Line {
    ledger(&demo.simulator).get(text(payment, "channel_order_no")).copied().unwrap_or_default()
}
