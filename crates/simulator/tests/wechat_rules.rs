//! WeChat's rules one by one, each with its place in the sheet (wechat.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::wechat::{Wechat, wechat};
use common::{Heard, MORNING, Till, Tongue, gentle};
use simulator::Caller;
use wire::http::{Method, Request, Response};
use wire::sign::{ApiKey, V2SignType};
use wire::text::Fields;
use wire::wechat_v2::{MICROPAY_PATH, ORDERQUERY_PATH, REVERSE_PATH};

const CODE: &str = "134567890123456789";
const OTHER_CODE: &str = "134567890123456780";
const NUMBER: &str = "S20260315091228001";

/// The scenario codes used here: a payer who never answers, one who confirms after 25 s, one who refuses after 8 s.
const NEVER: &str = "130000104000000001";
const CONFIRMS: &str = "130000102000000001";
const REFUSES: &str = "130000103000000001";

fn answer(till: &mut Till<'_>, request: &Request) -> Response {
    till.call(request).response.expect("an answer")
}

/// `result_code`, `err_code` and `err_code_des` of a signed answer.
fn told(till: &mut Till<'_>, wechat: &Wechat, request: &Request) -> (String, String, String) {
    let response = answer(till, request);
    let fields = wechat.fields(&response).expect("a signed answer");
    let text = |name| fields.get(name).unwrap_or("").to_owned();
    (text("result_code"), text("err_code"), text("err_code_des"))
}

fn err_code(till: &mut Till<'_>, wechat: &Wechat, request: &Request) -> String {
    told(till, wechat, request).1
}

fn pay(wechat: &Wechat, number: &str, amount: i64, code: &str) -> Request {
    wechat.pay(number, amount, code, 0)
}

/// §2.1: what cannot be believed is answered without a signature.
#[test]
fn a_wrong_key_an_empty_body_and_a_get_are_refused_unsigned() {
    let mut wrong = wechat();
    wrong.0.key = ApiKey::new(&"9".repeat(32)).unwrap();
    let mut stranger = wechat();
    stranger.0.mch_id = "1900000110".to_owned();
    let good = wechat();
    let mut empty = good.query("PROBE0", 0);
    empty.body.clear();
    let mut get = good.query("PROBE0", 0);
    get.method = Method::Get;
    let mut garbage = good.query("PROBE0", 0);
    garbage.body = b"a=1&b=2".to_vec();
    let cases = [
        (wrong.query("PROBE0", 0), "签名错误"),
        (stranger.query("PROBE0", 0), "system error"),
        (empty, "post数据为空"),
        (get, "post数据为空"),
        (garbage, "XML格式错误"),
    ];
    for (request, text) in cases {
        let mut till = Till::new(gentle(), &good);
        let response = answer(&mut till, &request);
        let body = String::from_utf8(response.body.clone()).unwrap();
        assert!(body.contains("FAIL") && body.contains(text) && !body.contains("<sign>"), "{body}");
        assert_eq!(response.status, 200);
        assert!(till.simulator.changes().is_empty(), "a refused request leaves nothing");
    }
}

/// The probe: a number that cannot exist, asked with the right key, is answered signed; it is no line of the ledger.
#[test]
fn a_number_that_cannot_exist_is_not_found() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    assert_eq!(till.query("PROBE-0000000000"), Heard::NotFound);
    assert_eq!(till.simulator.ledger(), []);
}

/// §11.1: signature, then fields, then the numbers' binding.
#[test]
fn numbers_must_belong_together() {
    let mut wechat = wechat();
    wechat.0.appid = "wx0000000000000000".to_owned();
    let mut till = Till::new(gentle(), &wechat);
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, NUMBER, 1, CODE)), "APPID_MCHID_NOT_MATCH");
    assert_eq!(till.simulator.ledger(), []);
}

/// §2.2: forms and ranges, before any code is spent.
#[test]
fn malformed_requests_are_refused_and_leave_nothing() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    let with = |change: &dyn Fn(&mut Fields)| {
        let mut fields = wechat.micropay(NUMBER, 100, CODE).fields();
        change(&mut fields);
        wechat.send(MICROPAY_PATH, &fields)
    };
    let set = |name: &'static str, value: &str| {
        let value = value.to_owned();
        with(&move |fields| _ = fields.insert(name, value.as_str()))
    };
    let cases = [
        (with(&|fields| _ = fields.remove("spbill_create_ip")), "LACK_PARAMS"),
        (with(&|fields| _ = fields.remove("auth_code")), "LACK_PARAMS"),
        (set("total_fee", "0"), "PARAM_ERROR"),
        (set("total_fee", "1.00"), "PARAM_ERROR"),
        (set("total_fee", "100000001"), "PARAM_ERROR"),
        (set("out_trade_no", "S2026"), "PARAM_ERROR"),
        (set("out_trade_no", "S2026/0315"), "PARAM_ERROR"),
        (set("out_trade_no", &"S".repeat(33)), "PARAM_ERROR"),
        (set("fee_type", "USD"), "PARAM_ERROR"),
        (set("time_expire", "20260315100030"), "PARAM_ERROR"),
        (set("time_expire", "tomorrow"), "PARAM_ERROR"),
        (set("auth_code", "284567890123456789"), "AUTH_CODE_INVALID"),
        (set("auth_code", "13456789012345678"), "AUTH_CODE_INVALID"),
        (set("auth_code", "164567890123456789"), "AUTH_CODE_INVALID"),
    ];
    for (request, code) in cases {
        assert_eq!(err_code(&mut till, &wechat, &request), code);
    }
    assert_eq!(till.simulator.ledger(), []);
}

/// §2.2: what a success carries.
#[test]
fn a_success_carries_the_trade() {
    let mut wechat = wechat();
    wechat.0.sign_type = V2SignType::HmacSha256;
    let mut till = Till::new(gentle(), &wechat);
    let response = answer(&mut till, &pay(&wechat, NUMBER, 1_250, CODE));
    assert_eq!(response.header("date"), Some("Sun, 15 Mar 2026 02:00:00 GMT"));
    let fields = wechat.fields(&response).unwrap();
    let expected = [
        ("appid", "wx1a2b3c4d5e6f7a8b"),
        ("mch_id", "1900000109"),
        ("device_info", "POS-01"),
        ("trade_type", "MICROPAY"),
        ("bank_type", "OTHERS"),
        ("total_fee", "1250"),
        ("cash_fee", "1250"),
        ("fee_type", "CNY"),
        ("out_trade_no", NUMBER),
        ("attach", "lane=3"),
        ("time_end", "20260315100000"),
        ("is_subscribe", "N"),
    ];
    for (name, value) in expected {
        assert_eq!(fields.get(name), Some(value), "{name}");
    }
    let transaction_id = fields.get("transaction_id").unwrap();
    assert!(transaction_id.len() == 28 && transaction_id.starts_with("42000"), "{transaction_id}");
    assert_eq!(fields.get("openid").unwrap().len(), 28);
    assert_eq!(fields.get("nonce_str").unwrap().len(), 32);
}

/// §2.2, §2.3: a coupon shows in the payment and, itemised, in the query.
#[test]
fn a_coupon_shows_as_cash_and_coupon() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    let response = answer(&mut till, &pay(&wechat, NUMBER, 2_500, "130000503000000001"));
    let fields = wechat.fields(&response).unwrap();
    let sums = ["total_fee", "cash_fee", "coupon_fee"].map(|name| fields.get(name).unwrap().to_owned());
    assert_eq!(sums, ["2500", "2000", "500"]);
    let response = answer(&mut till, &wechat.query(NUMBER, 0));
    let fields = wechat.fields(&response).unwrap();
    let items =
        ["coupon_count", "coupon_type_0", "coupon_fee_0"].map(|name| fields.get(name).unwrap().to_owned());
    assert_eq!(items, ["1", "CASH", "500"]);
}

/// §1, §11.1: a code is fresh for 60 s and serves one order.
#[test]
fn a_code_is_single_use_and_soon_stale() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    assert_eq!(till.pay(NUMBER, 100, CODE), Heard::Paid { total: 100, paid: 100 });
    let (_, code, text) = told(&mut till, &wechat, &pay(&wechat, "S20260315091228002", 100, CODE));
    assert_eq!((code.as_str(), &text[..4]), ("AUTH_CODE_INVALID", "101 "));
    // A code held by an unfinished order cannot serve another (§10).
    assert_eq!(till.pay("S20260315091228003", 100, NEVER), Heard::Asking);
    let held = err_code(&mut till, &wechat, &pay(&wechat, "S20260315091228004", 100, NEVER));
    assert_eq!(held, "AUTH_CODE_INVALID");
    till.wait(61_000);
    let (_, code, text) = told(&mut till, &wechat, &pay(&wechat, NUMBER, 100, CODE));
    assert_eq!((code.as_str(), text.as_str()), ("AUTH_CODE_INVALID", "101 付款码已过期，请刷新再试"));
}

/// §11.1: a known number is refused by how its order stands.
#[test]
fn a_number_serves_one_order() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    till.pay(NUMBER, 100, CODE);
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, NUMBER, 100, CODE)), "ORDERPAID");
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, NUMBER, 100, OTHER_CODE)), "ORDERPAID");
    let open = "S20260315091228002";
    till.pay(open, 100, NEVER);
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, open, 100, NEVER)), "OUT_TRADE_NO_USED");
    till.wait(40_000);
    till.reverse(open);
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, open, 100, NEVER)), "ORDERREVERSED");
    assert_eq!(till.money(open), (0, 0));
}

/// §6: USERPAYING, then SUCCESS, NOTPAY or, 30 s after the question, PAYERROR.
#[test]
fn a_dialog_ends_in_one_of_three_ways() {
    let wechat = wechat();
    let (a, b, c) = ("S20260315091228002", "S20260315091228003", "S20260315091228004");
    let mut till = Till::new(gentle(), &wechat);
    for (number, code) in [(a, CONFIRMS), (b, REFUSES), (c, NEVER)] {
        assert_eq!(till.pay(number, 100, code), Heard::Asking);
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
    assert_eq!(till.query(c), Heard::MustReverse);
    assert_eq!(till.query(b), Heard::NotPaid);
}

/// §2.2: an unpaid order dies at time_expire; the payer's answer after it has no effect.
#[test]
fn an_unpaid_order_dies_at_its_expiry() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    let mut call = wechat.micropay(NUMBER, 100, REFUSES);
    call.time_expire = Some("20260315100600".to_owned());
    till.call(&wechat.send(MICROPAY_PATH, &call.fields()));
    till.now_ms = MORNING + 359_999;
    assert_eq!(till.query(NUMBER), Heard::NotPaid);
    till.now_ms = MORNING + 360_000;
    assert_eq!(till.query(NUMBER), Heard::Closed);
    assert!(!till.simulator.confirm(till.now_ms, NUMBER));
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, NUMBER, 100, REFUSES)), "ORDERCLOSED");
    assert_eq!(till.reverse(NUMBER), Heard::Reversed { refunded: None });
    assert_eq!(till.money(NUMBER), (0, 0));
}

/// §7, §5.3: reverse by state; repeating it keeps the answer.
#[test]
fn a_reverse_answers_by_the_orders_state() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    let done = Heard::Reversed { refunded: None };
    till.pay(NUMBER, 100, CODE);
    assert_eq!(
        [till.reverse(NUMBER), till.query(NUMBER), till.reverse(NUMBER)],
        [done.clone(), Heard::Closed, done.clone()]
    );
    assert_eq!(till.money(NUMBER), (100, 100));
    let open = "S20260315091228002";
    till.pay(open, 100, NEVER);
    assert_eq!(till.reverse(open), Heard::StillPaying);
    assert_eq!(till.query(open), Heard::Asking);
    till.wait(30_000);
    assert_eq!([till.reverse(open), till.query(open)], [done, Heard::Closed]);
    assert_eq!(till.money(open), (0, 0));
}

/// §7: older than 7 days is too old; what was reversed in time stays so.
#[test]
fn a_reverse_after_seven_days_is_refused() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    let (in_time, late) = ("S20260315091228002", "S20260315091228003");
    till.pay(in_time, 100, CODE);
    till.pay(late, 100, OTHER_CODE);
    till.now_ms = MORNING + 7 * 86_400_000;
    assert_eq!(till.reverse(in_time), Heard::Reversed { refunded: None });
    till.wait(1);
    assert_eq!(till.reverse(late), Heard::Cannot("REVERSE_EXPIRE".to_owned()));
    assert_eq!(till.reverse(in_time), Heard::Reversed { refunded: None });
    assert_eq!(till.money(late), (100, 0));
}

/// §10, §13: an unknown number is reversed with success, and a later pay of it is refused.
#[test]
fn reversing_an_unseen_number_leaves_a_tombstone() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    assert_eq!(till.reverse(NUMBER), Heard::Reversed { refunded: None });
    assert_eq!(till.query(NUMBER), Heard::NotFound);
    assert_eq!(err_code(&mut till, &wechat, &pay(&wechat, NUMBER, 100, CODE)), "ORDERREVERSED");
    assert_eq!(till.money(NUMBER), (0, 0));
}

/// §2.1: reverse wants the merchant's certificate.
#[test]
fn a_reverse_wants_the_merchants_certificate() {
    let wechat = wechat();
    let mut simulator = gentle();
    let none = Caller::default();
    let response = simulator.handle(MORNING, none, &wechat.reverse(NUMBER, 0)).response.unwrap();
    let body = String::from_utf8(response.body).unwrap();
    assert_eq!(response.status, 400);
    assert!(body.contains("No required SSL certificate was sent"), "{body}");
    let foreign = Caller { client_certificate: true, certificate_mch_id: Some("1900000110".to_owned()) };
    let response = simulator.handle(MORNING, foreign, &wechat.reverse(NUMBER, 0)).response.unwrap();
    assert!(wechat.fields(&response).is_err());
    assert!(simulator.changes().is_empty());
    // Nothing else wants one.
    let response = simulator.handle(MORNING, Caller::default(), &pay(&wechat, NUMBER, 1, CODE)).response;
    assert_eq!(wechat.hear_pay(&response.unwrap(), NUMBER), Heard::Paid { total: 1, paid: 1 });
}

/// §2.3, §2.4: the channel's number finds a paid order, and wins over the merchant's.
#[test]
fn the_channels_own_number_finds_paid_orders() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    let response = answer(&mut till, &pay(&wechat, NUMBER, 100, CODE));
    let id = wechat.fields(&response).unwrap().get("transaction_id").unwrap().to_owned();
    let by = |path, id: &str| {
        wechat.send(path, &Fields::from_iter([("transaction_id", id), ("out_trade_no", "WRONG1")]))
    };
    let response = answer(&mut till, &by(ORDERQUERY_PATH, &id));
    assert_eq!(wechat.hear_query(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });
    let unknown = "4200000000000000000000000000";
    assert_eq!(err_code(&mut till, &wechat, &by(ORDERQUERY_PATH, unknown)), "ORDERNOTEXIST");
    assert_eq!(err_code(&mut till, &wechat, &by(REVERSE_PATH, unknown)), "INVALID_TRANSACTIONID");
    answer(&mut till, &by(REVERSE_PATH, &id));
    assert_eq!(till.money(NUMBER), (100, 100));
}

/// §10, "Test systems": paths with a prefix, and the header for negative tests.
#[test]
fn the_test_systems_paths_and_header_work() {
    let wechat = wechat();
    for prefix in ["/sandboxnew", "/xdc/apiv2sandbox"] {
        let mut till = Till::new(gentle(), &wechat);
        let mut request = pay(&wechat, NUMBER, 100, CODE);
        request.path = format!("{prefix}{}", request.path);
        request.headers.push(("Wechatpay-Negative-Test".to_owned(), "MICROPAY_USERPAYING".to_owned()));
        assert_eq!(err_code(&mut till, &wechat, &request), "USERPAYING");
    }
    for (name, silent) in [("MICROPAY_TIMEOUT", false), ("MICROPAY_PAY_QUERY_TIMEOUT", true)] {
        let mut till = Till::new(gentle(), &wechat);
        let mut request = pay(&wechat, NUMBER, 100, CODE);
        request.headers.push(("wechatpay-negative-test".to_owned(), name.to_owned()));
        assert_eq!(till.call(&request).response, None);
        assert_eq!(till.call(&wechat.query(NUMBER, 0)).response.is_none(), silent);
        assert_eq!(till.query(NUMBER), Heard::Paid { total: 100, paid: 100 });
    }
}

#[test]
fn an_unknown_path_is_a_web_servers_404() {
    let wechat = wechat();
    let mut till = Till::new(gentle(), &wechat);
    for path in ["/", "/pay/unifiedorder", "/v3/anything"] {
        let mut request = pay(&wechat, NUMBER, 100, CODE);
        request.path = path.to_owned();
        assert_eq!(answer(&mut till, &request).status, 404, "{path}");
    }
}
