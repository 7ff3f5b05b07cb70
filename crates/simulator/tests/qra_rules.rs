//! QRA's rules one by one, each with its place in the sheet (unionpay.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::qra::{answer, codes, pay, qra, rsa_halves, told};
use common::{Heard, MORNING, Till, Tongue, gentle};
use simulator::Caller;
use wire::http::{Method, Request};
use wire::qra::{Keys, MICROPAY, QUERY, REVERSE};
use wire::sign::ApiKey;
use wire::text::Fields;

const CODE: &str = "6234567890123456789";
const OTHER_CODE: &str = "6234567890123456780";
const WEIXIN: &str = "134567890123456789";
const NUMBER: &str = "S20260315091228001";

/// A payer who never answers, one who confirms after 25 s, one who refuses after 8 s, one without funds.
const NEVER: &str = "6200001040000000001";
const CONFIRMS: &str = "6200001020000000001";
const REFUSES: &str = "6200001030000000001";
const NO_FUNDS: &str = "6200002010000000001";

/// §10: what cannot be believed is answered without a signature.
#[test]
fn a_wrong_key_an_empty_body_and_a_get_are_refused_unsigned() {
    let good = qra();
    let mut wrong = qra();
    wrong.0.keys = Keys::Md5(ApiKey::new(&"9".repeat(32)).unwrap());
    let mut other_type = qra();
    other_type.0.keys = rsa_halves().0;
    let mut stranger = qra();
    stranger.0.mch_id = "QRA00000000NONE".to_owned();
    let changed = |change: fn(&mut Request)| {
        let mut request = good.query("PROBE0", 0);
        change(&mut request);
        request
    };
    let cases = [
        (wrong.query("PROBE0", 0), "Signature error"),
        (other_type.query("PROBE0", 0), "Signature error"),
        (stranger.query("PROBE0", 0), "Merchant not found"),
        (changed(|request| request.body.clear()), "Parse xml error"),
        (changed(|request| request.method = Method::Get), "Parse xml error"),
        (changed(|request| request.body = b"a=1&b=2".to_vec()), "Parse xml error"),
        (good.send("unified.trade.native", &Fields::new()), "Unknown service"),
    ];
    for (request, text) in cases {
        let mut till = Till::new(gentle(), &good);
        let response = answer(&mut till, &request);
        let body = String::from_utf8(response.body.clone()).unwrap();
        assert!(body.contains("<status><![CDATA[400]]></status>") && body.contains(text), "{body}");
        assert!(response.status == 200 && !body.contains("<sign>"), "{body}");
        assert!(till.simulator.changes().is_empty(), "a refused request leaves nothing");
    }
}

/// §4.1: the content type says nothing, and fields that no document names are signed all the same.
#[test]
fn a_request_is_read_by_its_body() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    let mut fields = qra.micropay(NUMBER, 100, CODE).fields();
    fields.insert("hb_fq_num", "3");
    let mut request = qra.send(MICROPAY, &fields);
    request.headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    assert_eq!(codes(&mut till, &qra, &request), ["0", "", "N"]);
}

/// The probe: a number that cannot exist, asked with the right key, is answered signed; it is no line of the ledger.
#[test]
fn a_number_that_cannot_exist_is_not_found() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    assert_eq!(till.query("PROBE-0000000000"), Heard::NotFound);
    assert_eq!(till.simulator.ledger(), []);
}

/// §4.3: forms and ranges, before any code is spent. No client certificate is wanted anywhere (§9).
#[test]
fn malformed_requests_are_refused_and_leave_nothing() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    let set = |pairs: &[(&str, &str)]| {
        let mut fields = qra.micropay(NUMBER, 100, CODE).fields();
        for (name, value) in pairs {
            fields.insert(*name, *value);
        }
        qra.send(MICROPAY, &fields)
    };
    let long = "x".repeat(129);
    let cases = [
        (set(&[("mch_create_ip", "")]), "LACK_PARAMS"),
        (set(&[("auth_code", "")]), "LACK_PARAMS"),
        (set(&[("total_fee", "0")]), "PARAM_ERROR"),
        (set(&[("total_fee", "1.00")]), "PARAM_ERROR"),
        (set(&[("total_fee", "100000001")]), "PARAM_ERROR"),
        (set(&[("out_trade_no", "S202")]), "PARAM_ERROR"),
        (set(&[("out_trade_no", "S2026/0315")]), "PARAM_ERROR"),
        (set(&[("out_trade_no", &long[..33])]), "PARAM_ERROR"),
        (set(&[("body", &long)]), "PARAM_ERROR"),
        (set(&[("mch_create_ip", "2001:db8:0:1:2:3:4:5")]), "PARAM_ERROR"),
        (set(&[("op_shop_id", &long[..33])]), "PARAM_ERROR"),
        (set(&[("attach", &long)]), "PARAM_ERROR"),
        (set(&[("terminal_info", "T1")]), "PARAM_ERROR"),
        (set(&[("time_start", "20260315100000"), ("time_expire", "tomorrow")]), "PARAM_ERROR"),
        (set(&[("time_start", "20260315100000"), ("time_expire", "20260315100000")]), "PARAM_ERROR"),
        (set(&[("auth_code", "994567890123456789")]), "AUTH_CODE_INVALID"),
        (set(&[("auth_code", "62345678901234567")]), "AUTH_CODE_INVALID"),
    ];
    for (request, code) in cases {
        assert_eq!(codes(&mut till, &qra, &request), ["1", code, "N"]);
    }
    assert_eq!(till.simulator.ledger(), []);
    let response = till.simulator.handle(MORNING, Caller::default(), &pay(&qra, NUMBER, 1, CODE)).response;
    assert_eq!(qra.hear_pay(&response.unwrap(), NUMBER), Heard::Paid { total: 1, paid: 1 });
    assert_eq!(till.reverse(NUMBER), Heard::Reversed { refunded: None });
}

/// §13: a refused code creates no order; a payer who fails leaves one that shows PAYERROR until it is reversed.
#[test]
fn only_a_payers_failure_leaves_an_order() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    assert_eq!(till.pay(NUMBER, 100, NO_FUNDS), Heard::Declined("64".to_owned()));
    assert_eq!(till.query(NUMBER), Heard::MustReverse);
    assert_eq!(codes(&mut till, &qra, &pay(&qra, NUMBER, 100, CODE))[1], "OUT_TRADE_NO_USED");
    assert_eq!(till.reverse(NUMBER), Heard::Reversed { refunded: None });
    assert_eq!([till.query(NUMBER), till.query("S20260315091228002")], [Heard::Closed, Heard::NotFound]);
    let used = "S20260315091228003";
    assert_eq!(till.pay(used, 100, "6200002030000000001"), Heard::Declined("86".to_owned()));
    assert_eq!(till.query(used), Heard::NotFound);
    assert_eq!((till.money(NUMBER), till.money(used)), ((0, 0), (0, 0)));
}

/// §3, §10: a code is fresh for 60 s and serves one order.
#[test]
fn a_code_is_single_use_and_soon_stale() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    assert_eq!(till.pay(NUMBER, 100, CODE), Heard::Paid { total: 100, paid: 100 });
    let second = pay(&qra, "S20260315091228002", 100, CODE);
    assert_eq!(codes(&mut till, &qra, &second), ["1", "86", "N"]);
    assert_eq!(till.pay("S20260315091228003", 100, WEIXIN), Heard::Paid { total: 100, paid: 100 });
    till.wait(61_000);
    let stale = pay(&qra, "S20260315091228003", 100, WEIXIN);
    assert_eq!(codes(&mut till, &qra, &stale), ["1", "AUTHCODEEXPIRE", "N"]);
}

/// §13: a known number is refused by how its order stands.
#[test]
fn a_number_serves_one_order() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    let again = |till: &mut Till<'_>, number| codes(till, &qra, &pay(&qra, number, 100, OTHER_CODE));
    till.pay(NUMBER, 100, CODE);
    assert_eq!(again(&mut till, NUMBER), ["1", "ORDERPAID", "N"]);
    let open = "S20260315091228002";
    till.pay(open, 100, NEVER);
    assert_eq!(again(&mut till, open), ["1", "OUT_TRADE_NO_USED", "N"]);
    till.reverse(open);
    assert_eq!(again(&mut till, open), ["1", "ORDERREVERSED", "N"]);
    let tombstone = "S20260315091228003";
    till.reverse(tombstone);
    assert_eq!(again(&mut till, tombstone), ["1", "ORDERREVERSED", "N"]);
    assert_eq!((till.money(open), till.money(tombstone)), ((0, 0), (0, 0)));
}

/// §4.4, §4.5: USERPAYING with need_query=Y, then SUCCESS, NOTPAY or, 30 s after the question, PAYERROR.
#[test]
fn a_dialog_ends_in_one_of_three_ways() {
    let qra = qra();
    let (a, b, c) = ("S20260315091228002", "S20260315091228003", "S20260315091228004");
    let mut till = Till::new(gentle(), &qra);
    for (number, code) in [(a, CONFIRMS), (b, REFUSES), (c, NEVER)] {
        assert_eq!(codes(&mut till, &qra, &pay(&qra, number, 100, code)), ["1", "USERPAYING", "Y"]);
        assert_eq!(till.query(number), Heard::Asking);
    }
    till.now_ms = MORNING + 7_999;
    assert_eq!(till.query(b), Heard::Asking);
    till.now_ms = MORNING + 8_000;
    assert_eq!(till.query(b), Heard::NotPaid);
    till.now_ms = MORNING + 29_999;
    assert_eq!(till.query(a), Heard::Paid { total: 100, paid: 100 });
    assert_eq!(till.query(c), Heard::Asking);
    till.now_ms = MORNING + 30_000;
    assert_eq!([till.query(c), till.query(b)], [Heard::MustReverse, Heard::NotPaid]);
}

/// §4.3: an unpaid order dies at time_expire, which counts only beside time_start.
#[test]
fn an_unpaid_order_dies_at_its_expiry() {
    let qra = qra();
    let number = |alone: bool| if alone { "S20260315091228002" } else { NUMBER };
    let mut till = Till::new(gentle(), &qra);
    for (alone, code) in [(false, REFUSES), (true, "6200001030000000002")] {
        let mut call = qra.micropay(number(alone), 100, code);
        call.time_start = (!alone).then(|| "20260315100000".to_owned());
        call.time_expire = Some("20260315100600".to_owned());
        answer(&mut till, &qra.send(MICROPAY, &call.fields()));
    }
    till.now_ms = MORNING + 359_999;
    assert_eq!(till.query(NUMBER), Heard::NotPaid);
    till.now_ms = MORNING + 360_000;
    assert_eq!([till.query(NUMBER), till.query(number(true))], [Heard::Closed, Heard::NotPaid]);
    assert!(!till.simulator.confirm(till.now_ms, NUMBER));
    assert_eq!(till.reverse(NUMBER), Heard::Reversed { refunded: None });
    assert_eq!([till.query(NUMBER), till.query(number(true))], [Heard::Closed, Heard::NotPaid]);
    let late = pay(&qra, NUMBER, 100, CODE);
    assert_eq!(codes(&mut till, &qra, &late)[1], "OUT_TRADE_NO_USED");
}

/// §4.6, §13: a reverse closes a dialog, gives money back, repeats itself, and never says which it did.
#[test]
fn a_reverse_says_nothing_of_what_it_did() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    let open = "S20260315091228002";
    till.pay(NUMBER, 100, CODE);
    till.pay(open, 100, NEVER);
    for number in [NUMBER, open] {
        for _ in 0..2 {
            let fields = told(&mut till, &qra, &qra.reverse(number, 0));
            let names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
            let bare =
                ["version", "charset", "sign_type", "status", "mch_id", "nonce_str", "result_code", "sign"];
            assert_eq!(names, bare);
            assert_eq!(fields.get("result_code"), Some("0"));
            let state = told(&mut till, &qra, &qra.query(number, 0));
            assert_eq!(state.get("trade_state"), Some("REVOKED"));
            assert_eq!((state.get("total_fee"), state.get("out_trade_no")), (None, Some(number)));
        }
    }
    assert!(!till.simulator.confirm(till.now_ms, open));
    assert_eq!((till.money(NUMBER), till.money(open)), ((100, 100), (0, 0)));
}

/// §10: an unknown number is "order not exist", and a later pay of it is refused.
#[test]
fn reversing_an_unseen_number_leaves_a_tombstone() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    for _ in 0..2 {
        assert_eq!(codes(&mut till, &qra, &qra.reverse(NUMBER, 0)), ["1", "ORDERNOTEXIST", ""]);
    }
    assert_eq!(till.query(NUMBER), Heard::NotFound);
    assert_eq!(codes(&mut till, &qra, &pay(&qra, NUMBER, 100, CODE))[1], "ORDERREVERSED");
    assert_eq!(till.money(NUMBER), (0, 0));
}

/// §4.4: the platform's number finds an order and wins over the merchant's; a reverse knows only the latter.
#[test]
fn the_platforms_own_number_finds_orders() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    let fields = told(&mut till, &qra, &pay(&qra, NUMBER, 100, CODE));
    let id = fields.get("transaction_id").unwrap().to_owned();
    let by = |service, id: &str, number: &str| {
        qra.send(service, &Fields::from_iter([("transaction_id", id), ("out_trade_no", number)]))
    };
    let response = answer(&mut till, &by(QUERY, &id, "WRONG1"));
    assert_eq!(qra.hear_query(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });
    let unknown = by(QUERY, "95516000000260315000000000000000", NUMBER);
    assert_eq!(codes(&mut till, &qra, &unknown)[1], "ORDERNOTEXIST");
    assert_eq!(codes(&mut till, &qra, &by(REVERSE, &id, "WRONG1"))[1], "ORDERNOTEXIST");
    assert_eq!(till.money(NUMBER), (100, 0));
}
