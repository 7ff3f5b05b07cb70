//! ICBC's rules one by one, each with its place in the sheet (icbc.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::icbc::{MER_ID, content, icbc, pay, query, reject, reverse_with, told};
use common::{Heard, MORNING, Till, Tongue, gentle, turned};
use serde_json::Value;
use simulator::{Account, Dials, Settings, Simulator};
use wire::http::Request;
use wire::icbc::{AesKey, PAY_PATH, PayRequest, QUERY_PATH, REVERSE_PATH, signed_request};
use wire::sign::{RsaHash, SigningKey};
use wire::text::Fields;

const CODE: &str = "6245678901234567890";
const OTHER_CODE: &str = "6245678901234567891";
const NUMBER: &str = "P20260315_0001";
const SECOND: &str = "P20260315_0002";
/// The scenario codes used here: a payer who never answers, one who confirms after 25 s, one who refuses after 8 s.
const NEVER: &str = "6200001040000000001";
const CONFIRMS: &str = "6200001020000000001";
const REFUSES: &str = "6200001030000000001";
const MAY_NOT: &str = "6200002090000000001";

/// §2, §4, §8, §12: application, public parameters, signature, message number; refusals are signed, their codes numbers.
#[test]
fn the_gateway_looks_at_one_thing_after_the_other() {
    let icbc = icbc();
    let good = || {
        Fields::from_iter([
            ("app_id", "10000000000000000001"),
            ("msg_id", "M1"),
            ("format", "json"),
            ("charset", "UTF-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-03-15 10:00:00"),
            ("biz_content", "{\"mer_id\":\"020000000001\",\"out_trade_no\":\"PROBE\"}"),
        ])
    };
    let with = |name: &str, value: &str, key: &SigningKey| {
        let mut fields = good();
        fields.insert(name, value);
        signed_request(QUERY_PATH, &fields, key, RsaHash::Sha256)
    };
    let (wrong, right) = (SigningKey::keyed_hash([9; 32]), common::icbc::app_key());
    let long = "M".repeat(41);
    let spoilt = [
        (with("app_id", "10000000000000000002", &right), "400016"),
        (with("app_id", "", &right), "400016"),
        (with("msg_id", "", &wrong), "400026"),
        (with("msg_id", &long, &wrong), "400026"),
        (with("sign_type", "SM2", &wrong), "400026"),
        (with("timestamp", "2026-03-15T10:00:00", &wrong), "400026"),
        (with("format", "xml", &wrong), "400026"),
        (with("charset", "latin1", &wrong), "400026"),
        (with("msg_id", "M2", &wrong), "400017"),
        (with("biz_content", "[]", &right), "400026"),
        (with("biz_content", "{\"mer_id\":\"020000000001\"}", &right), "400026"),
    ];
    for (request, code) in spoilt {
        let mut till = Till::new(gentle(), &icbc);
        let response = till.call(&request).response.unwrap();
        let body = String::from_utf8(response.body.clone()).unwrap();
        assert!(body.contains(&format!("\"return_code\":{code},")), "a number: {body}");
        assert_eq!(icbc.content(&response).unwrap().return_code().as_deref(), Some(code), "{body}");
        assert_eq!(till.simulator.ledger(), []);
    }
    let mut till = Till::new(gentle(), &icbc);
    assert_eq!(told(&mut till, &icbc, &with("msg_id", "M1", &right)), "5940021");
    let other_path = Request { path: "/api/qrcode/V2/generate".to_owned(), ..with("msg_id", "M3", &right) };
    assert_eq!(till.call(&other_path).response.unwrap().status, 404);
}

/// §9, trap 9, §12: a message number serves once, whatever it asked; another does the same.
#[test]
fn a_message_number_is_used_once() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    let sale = icbc.sale(NUMBER, 100, CODE, MORNING).biz_content();
    let request = icbc.send_as(PAY_PATH, "SAME", &sale, MORNING);
    assert_eq!(told(&mut till, &icbc, &request), "0/1");
    assert_eq!(told(&mut till, &icbc, &request), "400018");
    let content = format!("{{\"mer_id\":\"{MER_ID}\",\"out_trade_no\":\"{NUMBER}\"}}");
    let query = icbc.send_as(QUERY_PATH, "SAME", &content, MORNING);
    assert_eq!(told(&mut till, &icbc, &query), "400018");
    // A request that is not believed uses nothing up.
    let mut forged = icbc.send_as(QUERY_PATH, "NEXT", &content, MORNING);
    forged.path = REVERSE_PATH.to_owned();
    assert_eq!(told(&mut till, &icbc, &forged), "400017");
    let query = icbc.send_as(QUERY_PATH, "NEXT", &content, MORNING);
    assert_eq!(told(&mut till, &icbc, &query), "0/1");
    till.wait(600_001);
    let again = icbc.send_as(QUERY_PATH, "NEXT", &content, till.now_ms);
    assert_eq!(told(&mut till, &icbc, &again), "0/1", "the platform's memory ends");
    assert_eq!(till.money(NUMBER), (100, 0));
}

/// §12: a stale timestamp is refused where the dial says so.
#[test]
fn a_clock_that_is_off_matters_by_dial() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    assert_eq!(told(&mut till, &icbc, &icbc.query("PROBE", MORNING - 3_600_000)), "5940021");
    let mut till = Till::new(turned(|dials| dials.timestamp_window = true), &icbc);
    assert_eq!(told(&mut till, &icbc, &icbc.query("PROBE", MORNING - 600_000)), "5940021");
    assert_eq!(told(&mut till, &icbc, &icbc.query("PROBE", MORNING + 601_000)), "400019");
}

/// §3.1, §12: form first, then limit and merchant (-1, no order), then the code (2, and the order stays).
#[test]
fn malformed_and_refused_requests_leave_nothing_and_bad_codes_a_failed_order() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    type Change = fn(&mut PayRequest);
    let cases: [(Change, &str); 9] = [
        (|r| r.out_trade_no = "a/b".to_owned(), "400026"),
        (|r| r.out_trade_no = "9".repeat(36), "400026"),
        (|r| r.order_amt = 0, "400026"),
        (|r| r.trade_date = "20260230".to_owned(), "400026"),
        (|r| r.trade_time = "25:00".to_owned(), "400026"),
        (|r| r.attach = Some("一".repeat(22)), "400026"),
        (|r| r.qr_code = "".into(), "400026"),
        (|r| r.order_amt = 100_000_001, "0/-1"),
        (|r| r.mer_id = "020000000002".to_owned(), "0/-1"),
    ];
    for (change, expected) in cases {
        let mut sale = icbc.sale(NUMBER, 100, CODE, MORNING);
        change(&mut sale);
        let request = icbc.send(PAY_PATH, &sale.biz_content(), MORNING);
        assert_eq!(told(&mut till, &icbc, &request), expected);
    }
    assert_eq!(pay(&mut till, &icbc, NUMBER, 100, MAY_NOT), "0/-1");
    assert_eq!(query(&mut till, &icbc, NUMBER), "5940021");
    for (at, code) in ["994567890123456789", "624567890123456789", "62456789012345678x0", "13456789012345678"]
        .into_iter()
        .enumerate()
    {
        let number = format!("P_BAD_{at}");
        assert_eq!(pay(&mut till, &icbc, &number, 100, code), "0/2", "{code}");
        assert_eq!(query(&mut till, &icbc, &number), "0/2");
        assert_eq!(till.money(&number), (0, 0));
    }
    // By contract other wallets' codes are taken too (§1).
    for (at, code) in ["134567890123456789", "284567890123456789"].into_iter().enumerate() {
        assert_eq!(pay(&mut till, &icbc, &format!("P_OTHER_{at}"), 100, code), "0/1");
    }
}

/// §3.1, §9 trap 6 and 8: what a success, a waiting and a failed payment carry.
#[test]
fn answers_carry_the_members_of_the_samples() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    let mut members = |number: &str, code: &str| -> Vec<String> {
        let response = till.call(&icbc.pay(number, 7_370, code, MORNING)).response.unwrap();
        icbc.content(&response).unwrap();
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        body["response_biz_content"].as_object().unwrap().keys().cloned().collect()
    };
    let sample = |name: &str| -> Vec<String> {
        let path = format!("{}/../wire/testdata/icbc/messages/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let body: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        body["response_biz_content"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(members(NUMBER, CODE), sample("pay_success"));
    assert_eq!(members(SECOND, NEVER), sample("pay_paying"));
    assert_eq!(members("P3", CODE), sample("pay_failed"));
    assert_eq!(members("P4", MAY_NOT), sample("pay_order_rejected"));

    let paid = content(&mut till, &icbc, &icbc.query(NUMBER, MORNING));
    let order_id = paid.order_id().unwrap();
    assert_eq!(order_id, format!("{MER_ID}202603150000001"));
    assert_eq!((paid.total_amt(), paid.payment_amt()), (Ok(Some(7_370)), Ok(Some(7_370))));
    assert_eq!(paid.field("pay_time").unwrap(), "20260315");
    assert!(paid.cust_id().unwrap().len() == 21 && paid.card_no().unwrap().starts_with("622208*********"));
}

/// §3.1: the payer pays less, the order is no smaller.
#[test]
fn a_coupon_leaves_the_total() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    let paid = content(&mut till, &icbc, &icbc.pay(NUMBER, 2_500, &icbc.code(503, 1), MORNING));
    let sums = [paid.total_amt(), paid.payment_amt(), paid.coupon_amt()].map(Result::unwrap);
    assert_eq!(sums, [Some(2_500), Some(2_000), Some(500)]);
    assert_eq!(till.money(NUMBER), (2_000, 0));
}

/// §4, §8: a number serves one order, whatever became of it; a code serves one.
#[test]
fn a_number_and_a_code_serve_once() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    assert_eq!(pay(&mut till, &icbc, NUMBER, 100, CODE), "0/1");
    assert_eq!(pay(&mut till, &icbc, NUMBER, 100, CODE), "5920001");
    assert_eq!(pay(&mut till, &icbc, NUMBER, 101, OTHER_CODE), "5920001");
    assert_eq!(pay(&mut till, &icbc, SECOND, 100, CODE), "0/2");
    assert_eq!(pay(&mut till, &icbc, SECOND, 100, OTHER_CODE), "5920001", "the failed order stays");
    assert_eq!((till.money(NUMBER), till.money(SECOND)), ((100, 0), (0, 0)));
}

/// §8, §12: waiting, then paid; a refusal on the phone still waits; after the minute both are failed.
#[test]
fn an_order_waits_until_it_is_paid_or_fails() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    let third = "P20260315_0003";
    for (number, code) in [(NUMBER, CONFIRMS), (SECOND, REFUSES), (third, NEVER)] {
        assert_eq!(pay(&mut till, &icbc, number, 100, code), "0/0");
    }
    till.now_ms = MORNING + 64_999;
    let states = [NUMBER, SECOND, third].map(|number| query(&mut till, &icbc, number));
    assert_eq!(states, ["0/1", "0/0", "0/0"]);
    till.now_ms = MORNING + 65_000;
    let states = [NUMBER, SECOND, third].map(|number| query(&mut till, &icbc, number));
    assert_eq!(states, ["0/1", "0/2", "0/2"]);
    assert!(!till.simulator.confirm(till.now_ms, third));
}

/// §3.3, §12: what a reversal says, again and again; failed stays failed; an unknown number is barred.
#[test]
fn a_reversal_says_what_it_gave_back() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    pay(&mut till, &icbc, NUMBER, 7_370, CODE);
    pay(&mut till, &icbc, SECOND, 7_370, NEVER);
    pay(&mut till, &icbc, "P3", 7_370, CODE);
    for _ in 0..2 {
        for (number, fen) in [(NUMBER, 7_370), (SECOND, 0), ("P3", 0)] {
            let said = reverse_with(&mut till, &icbc, number, None);
            assert_eq!(said.return_code().as_deref(), Some("0"), "{number}");
            assert_eq!((said.real_reject_amt(), said.reject_amt()), (Ok(Some(fen)), Ok(Some(fen))));
            assert_eq!((said.out_trade_no().as_deref(), said.reject_no()), (Some(number), None));
        }
    }
    let states = [NUMBER, SECOND, "P3"].map(|number| query(&mut till, &icbc, number));
    assert_eq!(states, ["0/3", "0/3", "0/2"]);
    assert_eq!(till.money(NUMBER), (7_370, 7_370));
    assert_eq!(reverse_with(&mut till, &icbc, "P_NEVER", None).return_code().as_deref(), Some("5940021"));
    assert_eq!(query(&mut till, &icbc, "P_NEVER"), "5940021");
    assert_eq!(pay(&mut till, &icbc, "P_NEVER", 100, OTHER_CODE), "5920001");
    assert_eq!(till.money("P_NEVER"), (0, 0));
    let with_amount = r#"{"mer_id":"020000000001","out_trade_no":"P3","reject_amt":"7370"}"#;
    let request = icbc.send(REVERSE_PATH, with_amount, till.now_ms);
    assert_eq!(told(&mut till, &icbc, &request), "400026");
}

/// §8: what the truth is nobody knows, so it can be switched.
#[test]
fn what_the_sheet_leaves_open_is_a_dial() {
    let icbc = icbc();
    let turn = |turn: fn(&mut Dials)| {
        let mut till = Till::new(turned(turn), &icbc);
        pay(&mut till, &icbc, NUMBER, 100, CODE);
        pay(&mut till, &icbc, SECOND, 100, OTHER_CODE);
        reverse_with(&mut till, &icbc, NUMBER, None);
        reject(&mut till, &icbc, SECOND, "R1", 100);
        till
    };
    let mut till = turn(|dials| dials.icbc_old_states = true);
    assert_eq!([NUMBER, SECOND].map(|number| query(&mut till, &icbc, number)), ["0/2", "0/1"]);
    let mut till = turn(|dials| dials.icbc_reversed_once = true);
    assert_eq!(reverse_with(&mut till, &icbc, NUMBER, None).return_code().as_deref(), Some("93008595"));
    assert_eq!(till.money(NUMBER), (100, 100));
    let mut till = turn(|dials| dials.icbc_other_not_found = true);
    assert_eq!(query(&mut till, &icbc, "P_NEVER"), "5940022");
}

/// §3.3: the window, assumed as 24 hours of what was paid.
#[test]
fn a_reversal_has_a_window() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    pay(&mut till, &icbc, NUMBER, 100, CODE);
    pay(&mut till, &icbc, SECOND, 100, OTHER_CODE);
    till.now_ms = MORNING + 86_400_000;
    assert_eq!(reverse_with(&mut till, &icbc, NUMBER, None).return_code().as_deref(), Some("0"));
    till.wait(1);
    assert_eq!(reverse_with(&mut till, &icbc, SECOND, None).return_code().as_deref(), Some("5920004"));
    assert_eq!(till.money(SECOND), (100, 0));
}

/// §3.1: the channel's number finds orders, whole or by its last 15 digits; two that disagree find none.
#[test]
fn the_channels_own_number_finds_orders() {
    let icbc = icbc();
    let mut till = Till::new(gentle(), &icbc);
    pay(&mut till, &icbc, NUMBER, 100, CODE);
    pay(&mut till, &icbc, SECOND, 100, OTHER_CODE);
    let mut by = |members: &str| {
        let request = icbc.send(QUERY_PATH, &format!("{{\"mer_id\":\"{MER_ID}\",{members}}}"), MORNING);
        let said = content(&mut till, &icbc, &request);
        said.out_trade_no().or(said.return_code()).unwrap()
    };
    assert_eq!(by("\"order_id\":\"020000000001202603150000001\""), NUMBER);
    assert_eq!(by("\"order_id\":\"202603150000002\""), SECOND);
    assert_eq!(by("\"order_id\":\"202603150000002\",\"out_trade_no\":\"P20260315_0002\""), SECOND);
    assert_eq!(by("\"order_id\":\"202603150000002\",\"out_trade_no\":\"P20260315_0001\""), "5940021");
    assert_eq!(by("\"order_id\":\"202603150000003\""), "5940021");
    let stranger =
        icbc.send(QUERY_PATH, "{\"mer_id\":\"020000000002\",\"out_trade_no\":\"P20260315_0001\"}", MORNING);
    assert_eq!(told(&mut till, &icbc, &stranger), "5940021");
}

/// §8: the real signatures, a gateway key of 1024 bits and SHA-1 by default, sealed contents for sealed requests.
#[test]
fn real_keys_sign_as_the_field_does() {
    let pem = |name: &str| {
        let path = format!("{}/../wire/testdata/icbc/test-only-{name}.pem", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    let app_key = SigningKey::from_pem_or_base64(&pem("app2048.key")).unwrap();
    let aes_key = AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").unwrap();
    for (bits, hash) in [(1024, RsaHash::Sha1), (2048, RsaHash::Sha1), (2048, RsaHash::Sha256)] {
        let gateway_key = SigningKey::short_from_pem_or_base64(&pem(&format!("gw{bits}.key"))).unwrap();
        let account = Account::Icbc {
            app_id: "10000000000000000001".to_owned(),
            mer_id: MER_ID.to_owned(),
            app_public_key: app_key.verifying_key(),
            gateway_signing_key: gateway_key.clone(),
            answer_hash: hash,
            aes_key: Some(aes_key.clone()),
        };
        let mut speaker = icbc();
        speaker.app.signing_key = app_key.clone();
        speaker.app.request_hash = hash;
        speaker.app.gateway_key = gateway_key.verifying_key();
        speaker.app.answer_hash = hash;
        for sealed in [false, true] {
            speaker.app.aes_key = sealed.then(|| aes_key.clone());
            let mut till = Till::new(Simulator::new(Settings::new(vec![account.clone()]), 7), &speaker);
            let response = till.call(&speaker.pay(NUMBER, 100, CODE, MORNING)).response.unwrap();
            assert_eq!(speaker.hear_pay(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });
            let body = String::from_utf8(response.body).unwrap();
            assert_eq!(body.starts_with("{\"response_biz_content\":\""), sealed, "{body}");
        }
    }
}
