//! Refunds over the API: parts, repeats, races, refusals, and what the channel's ledger says of all of it.

use std::thread;

use serde_json::{Value, json};

use crate::sale::charged;
use crate::support::books::{Line, differences, ledger};
use crate::support::child::{Demo, Folder};
use crate::support::http::Answer;
use crate::support::till::{Till, code, order, text};

#[test]
fn money_goes_back_once_and_in_parts() {
    let folder = Folder::new("refunds");
    let demo = Demo::start(&folder, "warn");
    thread::scope(|scope| {
        let demo = &demo;
        scope.spawn(move || parts(demo));
        for wallet in ["wechat", "alipay", "unionpay"] {
            scope.spawn(move || whole(demo, wallet));
            scope.spawn(move || sixty_four_at_once(demo, wallet));
            scope.spawn(move || pending_then_done(demo, wallet));
            scope.spawn(move || payer_gone(demo, wallet));
            scope.spawn(move || no_funds(demo, wallet));
            scope.spawn(move || excludes_reversal(demo, wallet));
        }
    });
    refusals(&demo);
    assert_eq!(differences(&demo.till.payments(), &ledger(&demo.simulator)), [""; 0]);
}

/// A payment of this scenario that is paid.
fn paid(demo: &Demo, order_no: &str, amount: i64, wallet: &str, scenario: &str) -> Value {
    let tail = order_no.bytes().fold(7, |sum: u64, byte| (sum * 31 + u64::from(byte)) % 1_000_000_000);
    let paid = demo.till.pay(&order(order_no, amount, &code(wallet, scenario, tail), 20)).json();
    assert_eq!(paid["status"], "paid", "{paid}");
    paid
}

fn refund(till: &Till, payment: &Value, refund_no: &str, amount: i64) -> Answer {
    let target = format!("/v1/payments/{}/refunds", text(payment, "id"));
    till.post(&target, &json!({ "refund_no": refund_no, "amount": amount, "reason": "少一件" }))
}

/// Waits for the refund's end.
fn ended(till: &Till, refund: &Value) -> Value {
    let target = format!("/v1/refunds/{}?wait=30", text(refund, "id"));
    for _ in 0..4 {
        let now = till.get(&target);
        if now["status"] != "pending" {
            return now;
        }
    }
    panic!("still pending: {}", till.get(&target));
}

fn now(till: &Till, payment: &Value) -> Value {
    till.get(&format!("/v1/payments/{}", text(payment, "id")))
}

fn check(answer: &Answer, status: u16, word: &str) -> Value {
    let body = answer.json();
    assert_eq!(
        (answer.status, text(&body, if status < 400 { "status" } else { "code" })),
        (status, word),
        "{body}"
    );
    body
}

/// Two parts and the rest, with repeats in between; a refusal changes nothing.
fn parts(demo: &Demo) {
    let till = &demo.till;
    let payment = paid(demo, "refund-parts", 1_000, "alipay", "000");
    assert_eq!(payment["can"]["refundable_amount"], 1_000);
    let first = refund(till, &payment, "parts-1", 300);
    assert_eq!(first.status, 201, "{}", first.json());
    let first = ended(till, &first.json());
    assert_eq!((&first["status"], &first["failure"]), (&json!("succeeded"), &Value::Null), "{first}");
    let again = refund(till, &payment, "parts-1", 300);
    assert!(again.head.to_lowercase().contains("idempotency-replayed: true"), "{}", again.head);
    assert_eq!(check(&again, 200, "succeeded"), first);
    check(&refund(till, &payment, "parts-1", 301), 409, "refund_no_taken");
    check(&refund(till, &payment, "parts-2", 701), 409, "refund_amount_exceeded");
    let second = ended(till, &refund(till, &payment, "parts-3", 500).json());
    assert_eq!(second["status"], "succeeded", "{second}");
    let left = now(till, &payment);
    assert_eq!((&left["amount_refunded"], &left["can"]["refundable_amount"]), (&json!(800), &json!(200)));
    assert_eq!(left["status"], "paid", "a refund does not change what was paid");
    let third = ended(till, &refund(till, &payment, "parts-4", 200).json());
    assert_eq!(third["status"], "succeeded", "{third}");
    check(&refund(till, &payment, "parts-5", 1), 409, "refund_amount_exceeded");
    assert_eq!(charged(demo, &payment), Line { charged: 1_000, returned: 1_000 });
    let listed = till.pages(&format!("/v1/refunds?payment={}", text(&payment, "id")));
    assert_eq!(listed, [third, second, first.clone()], "newest first");
    assert_eq!(till.pages("/v1/refunds?refund_no=parts-1"), [first]);
    let timeline = till.get(&format!("/v1/payments/{}/events", text(&payment, "id")));
    let words = timeline.to_string();
    assert!(words.contains("refund_succeeded") && words.contains("parts-4"), "{words}");
}

/// All of it, on every channel; WeChat and QRA only say "accepted" at first.
fn whole(demo: &Demo, wallet: &str) {
    let payment = paid(demo, &format!("refund-whole-{wallet}"), 2_000, wallet, "000");
    let asked = refund(&demo.till, &payment, &format!("whole-{wallet}"), 2_000);
    assert_eq!(asked.status, 201);
    let done = ended(&demo.till, &asked.json());
    assert_eq!((&done["status"], &done["requests"]), (&json!("succeeded"), &json!(1)), "{done}");
    assert_eq!(charged(demo, &payment), Line { charged: 2_000, returned: 2_000 });
    let after = now(&demo.till, &payment);
    assert_eq!((&after["status"], &after["amount_refunded"]), (&json!("paid"), &json!(2_000)), "{after}");
    assert_eq!(after["can"]["reverse_until"], Value::Null, "what was refunded is not reversed");
}

/// 64 clerks refund 60 % each: one succeeds, in our rows and in the ledger.
fn sixty_four_at_once(demo: &Demo, wallet: &str) {
    let payment = paid(demo, &format!("refund-race-{wallet}"), 1_000, wallet, "000");
    let answers: Vec<Answer> = thread::scope(|scope| {
        let tries: Vec<_> = (0..64)
            .map(|n| {
                let payment = &payment;
                scope.spawn(move || refund(&demo.till, payment, &format!("race-{wallet}-{n}"), 600))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (opened, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((opened.len(), refused.len()), (1, 63));
    for answer in refused {
        check(answer, 409, "refund_amount_exceeded");
    }
    let done = ended(&demo.till, &opened[0].json());
    assert_eq!(done["status"], "succeeded", "{done}");
    assert_eq!(charged(demo, &payment), Line { charged: 1_000, returned: 600 });
    let listed = demo.till.pages(&format!("/v1/refunds?payment={}", text(&payment, "id")));
    assert_eq!(listed.len(), 1);
    assert_eq!(now(&demo.till, &payment)["amount_refunded"], 600);
}

/// 601: taken up, and done a little later.
fn pending_then_done(demo: &Demo, wallet: &str) {
    let payment = paid(demo, &format!("refund-601-{wallet}"), 900, wallet, "601");
    let asked = refund(&demo.till, &payment, &format!("pending-{wallet}"), 400);
    assert_eq!(asked.status, 201);
    let reserved = now(&demo.till, &payment);
    assert_eq!(reserved["can"]["refundable_amount"], 500, "{reserved}");
    let done = ended(&demo.till, &asked.json());
    assert_eq!(done["status"], "succeeded", "{done}");
    assert_eq!(charged(demo, &payment), Line { charged: 900, returned: 400 });
}

/// 603: the customer's account is closed: failed, with advice, and the reserve is free again.
fn payer_gone(demo: &Demo, wallet: &str) {
    let payment = paid(demo, &format!("refund-603-{wallet}"), 900, wallet, "603");
    let asked = refund(&demo.till, &payment, &format!("gone-{wallet}"), 400);
    assert_eq!(asked.status, 201, "a channel's refusal is no refusal of ours");
    let failed = ended(&demo.till, &asked.json());
    assert_eq!(failed["status"], "failed", "{failed}");
    assert_eq!(
        (&failed["failure"]["code"], &failed["failure"]["advice"]),
        (&json!("payer_account"), &json!("other_means"))
    );
    let after = now(&demo.till, &payment);
    assert_eq!(
        (&after["amount_refunded"], &after["can"]["refundable_amount"]),
        (&json!(0), &json!(900)),
        "{after}"
    );
    assert_eq!(charged(demo, &payment), Line { charged: 900, returned: 0 });
}

/// 602: the merchant has no funds: it stays pending with a case, and a person may give it up.
fn no_funds(demo: &Demo, wallet: &str) {
    let payment = paid(demo, &format!("refund-602-{wallet}"), 900, wallet, "602");
    let asked = refund(&demo.till, &payment, &format!("short-{wallet}"), 400).json();
    let target = format!("/v1/refunds/{}", text(&asked, "id"));
    let mut waiting = asked;
    while waiting["case"].is_null() {
        assert_eq!(waiting["status"], "pending", "{waiting}");
        waiting = demo.till.get(&format!("{target}?wait=1"));
    }
    assert_eq!(
        (&waiting["failure"]["code"], &waiting["failure"]["advice"]),
        (&json!("merchant_funds"), &json!("top_up"))
    );
    let case = demo.till.get(&format!("/v1/cases/{}", text(&waiting, "case")));
    assert_eq!(case["kind"], "refund_funds", "{case}");
    let person = demo.till.with_key(&demo.running.word("settle_key"));
    let settle = |outcome: &str| {
        let said = json!({ "outcome": outcome, "evidence": "现金退还", "operator": "anna" });
        person.post(&format!("/v1/cases/{}/settle", text(&waiting, "case")), &said)
    };
    check(&settle("paid"), 409, "outcome_unfit");
    check(&settle("refunded"), 409, "channel_contradicts");
    assert_eq!(settle("failed").status, 200);
    let given_up = demo.till.get(&target);
    assert_eq!(
        (&given_up["status"], &given_up["failure"]["code"]),
        (&json!("failed"), &json!("settled")),
        "{given_up}"
    );
    assert_eq!(now(&demo.till, &payment)["can"]["refundable_amount"], 900);
    assert_eq!(charged(demo, &payment), Line { charged: 900, returned: 0 });
}

/// A payment with a refund is no longer reversed, and the other way round.
fn excludes_reversal(demo: &Demo, wallet: &str) {
    let refunded = paid(demo, &format!("refund-then-{wallet}"), 700, wallet, "000");
    let part = refund(&demo.till, &refunded, &format!("then-{wallet}"), 100).json();
    let demand = json!({ "if_paid": "reverse", "reason": "wrong article" });
    let cancel =
        |payment: &Value| demo.till.post(&format!("/v1/payments/{}/cancel", text(payment, "id")), &demand);
    check(&cancel(&refunded), 409, "payment_refunded");
    assert_eq!(ended(&demo.till, &part)["status"], "succeeded");
    check(&cancel(&refunded), 409, "payment_refunded");
    let reversed = paid(demo, &format!("reverse-then-{wallet}"), 700, wallet, "000");
    assert_eq!(cancel(&reversed).status, 200);
    check(&refund(&demo.till, &reversed, &format!("late-{wallet}"), 100), 409, "payment_under_reversal");
    demo.till.until(text(&reversed, "id"), |payment| payment["status"] == "reversed");
    check(&refund(&demo.till, &reversed, &format!("late-{wallet}"), 100), 409, "payment_under_reversal");
    assert_eq!(charged(demo, &reversed), Line { charged: 700, returned: 700 });
}

/// What is refused names the value, and does nothing.
fn refusals(demo: &Demo) {
    let till = &demo.till;
    let failed = till.pay(&order("refund-failed", 500, &code("wechat", "202", 1), 20)).json();
    check(&refund(till, &failed, "failed-1", 100), 409, "payment_not_paid");
    let paid = paid(demo, "refund-input", 500, "wechat", "000");
    let target = format!("/v1/payments/{}/refunds", text(&paid, "id"));
    for (body, pointer) in [
        (json!({ "amount": 1 }), "/refund_no"),
        (json!({ "refund_no": "x" }), "/amount"),
        (json!({ "refund_no": "a b", "amount": 1 }), "/refund_no"),
        (json!({ "refund_no": "late:X", "amount": 1 }), "/refund_no"),
        (json!({ "refund_no": "x", "amount": 0 }), "/amount"),
        (json!({ "refund_no": "x", "amount": 1.5 }), "/amount"),
        (json!({ "refund_no": "x", "amount": 1, "reason": "理".repeat(90) }), "/reason"),
        (json!({ "refund_no": "x", "amount": 1, "speed": 9 }), "/speed"),
    ] {
        let refused = check(&till.post(&target, &body), 400, "invalid_request");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    for id in ["pay_00000000000000000000000000", "nonsense"] {
        let answer =
            till.post(&format!("/v1/payments/{id}/refunds"), &json!({ "refund_no": "x", "amount": 1 }));
        check(&answer, 404, "not_found");
    }
    assert_eq!(till.pages(&format!("/v1/refunds?payment={}", text(&paid, "id"))), [json!(null); 0]);
    let nobody = till.with_key("");
    check(&refund(&nobody, &paid, "nobody", 1), 401, "unauthenticated");
}
