//! Refunds in V3: what leaves, and what their answers mean (wechat.md §4.4, §5.5, §8).

use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Answer, Call, RefundFacts, RefundQueryAnswer};
use payment::money::Fen;
use serde_json::{Value, json};
use wire::wechat_v3::{Call as WireCall, call, read_request};

use crate::common::{REFUND_NO, asking, code, words};
use crate::wechat_v3_traps::{NUMBER, dialect, intent, merchant, refund, signed};

/// A refund query's answer with that status.
pub(crate) fn status(name: &str) -> Answer {
    told(|body| body["status"] = json!(name))
}

fn told(change: impl Fn(&mut Value)) -> Answer {
    let mut body = body();
    change(&mut body);
    signed(Call::RefundQuery, 200, &body.to_string())
}

fn body() -> Value {
    json!({
        "refund_id": "50000000382026031501234567890",
        "out_refund_no": REFUND_NO,
        "transaction_id": "4200002871202603151000000001",
        "out_trade_no": NUMBER,
        "channel": "ORIGINAL",
        "create_time": "2026-03-15T09:20:00+08:00",
        "status": "SUCCESS",
        "amount": { "total": 1250, "refund": 500, "payer_total": 1250, "payer_refund": 500, "currency": "CNY" },
    })
}

#[test]
fn a_request_is_taken_up_whatever_its_state() {
    for state in ["PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL", "NEW"] {
        let mut answer = body();
        answer["status"] = json!(state);
        assert_eq!(words(&signed(Call::Refund, 200, &answer.to_string())), "accepted");
    }
    for (pointer, value, field) in [
        ("/out_refund_no", json!("R2"), "out_refund_no"),
        ("/out_trade_no", json!("S2"), "out_trade_no"),
        ("/amount/refund", json!(501), "amount.refund"),
        ("/amount/total", json!(1251), "amount.total"),
    ] {
        let mut answer = body();
        *answer.pointer_mut(pointer).unwrap() = value;
        let said = words(&signed(Call::Refund, 200, &answer.to_string()));
        assert_eq!(said, format!("unknown incomplete {field}"));
    }
}

#[test]
fn what_is_given_back_says_which_and_how_much() {
    let Answer::RefundQuery(RefundQueryAnswer::Done(facts)) = told(|_| {}) else { panic!("done") };
    let expected = RefundFacts {
        channel_order_no: NUMBER.to_owned(),
        channel_refund_no: REFUND_NO.to_owned(),
        amount: Some(Fen::new(500).unwrap()),
        channel_transaction_no: "50000000382026031501234567890".to_owned(),
    };
    assert_eq!(facts, expected);
    for field in ["refund_id", "out_refund_no", "out_trade_no", "amount", "status"] {
        let said = words(&told(|body| _ = body.as_object_mut().unwrap().remove(field)));
        assert!(said.starts_with("unknown incomplete"), "{field}: {said}");
    }
    // Another refund's state is not ours, whatever it is.
    for state in ["PROCESSING", "CLOSED", "ABNORMAL"] {
        let said = words(&told(|body| (body["status"], body["out_refund_no"]) = (json!(state), json!("R2"))));
        assert_eq!(said, "unknown incomplete out_refund_no", "{state}");
    }
}

/// What leaves, read with the channel's own eyes: every call is signed, and none carries the code but the submit.
#[test]
fn every_call_is_signed_and_names_its_order() {
    const CODE: &str = "134567890123456789";
    for (call_of, path) in [
        (Call::Submit, "/v3/pay/transactions/codepay".to_owned()),
        (Call::Query, format!("/v3/pay/transactions/out-trade-no/{NUMBER}")),
        (Call::Reverse, format!("/v3/pay/transactions/out-trade-no/{NUMBER}/reverse")),
        (Call::Refund, "/v3/refund/domestic/refunds".to_owned()),
        (Call::RefundQuery, format!("/v3/refund/domestic/refunds/{REFUND_NO}")),
    ] {
        let sale = Sale {
            description: Some("咖啡 & 茶".to_owned()),
            terminal: Some("POS-01".to_owned()),
            outlet: Some("一店".to_owned()),
            ..Sale::default()
        };
        let (intent, code, refund) = (intent(), code(CODE), refund());
        let asking = Asking { refund: Some(&refund), ..asking(call_of, &intent, &sale, Some(&code)) };
        let outgoing = dialect().request(&asking);
        assert_eq!((outgoing.request.path.as_str(), outgoing.client_certificate), (&*path, false));
        let body = String::from_utf8(outgoing.request.body.clone()).unwrap();
        assert_eq!(body.contains(CODE), call_of == Call::Submit);
        assert!(!format!("{:?}{:?}", outgoing.request, dialect()).contains(&CODE[2..]));
        let now = asking.now.0 / 1_000;
        let received = read_request(outgoing.request).unwrap();
        let verified = received.verify(&merchant().signing_key.verifying_key(), now).unwrap();
        let (account, read) = call(&verified).unwrap().unwrap();
        assert_eq!(account.mchid, "1900000109");
        if let WireCall::Codepay(pay) = read {
            let facts = (pay.total, &*pay.description, pay.device_id.as_deref(), pay.store_out_id.as_deref());
            // An outlet that does not fit is left out for the configured one.
            assert_eq!(facts, (1250, "咖啡 & 茶", Some("POS-01"), Some("S-01")));
        }
    }
    assert!(!dialect().undo_needs_certificate());
}
