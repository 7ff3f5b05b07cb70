//! The traps of icbc.md §3, §4 and §9, one by one.

use gateway::dialects::Dialect;
use gateway::dialects::icbc::Icbc;
use payment::exchange::{Answer, Call, Payee, QueryAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use serde_json::{Value, json};
use wire::http::Response;
use wire::icbc::{App, Hand, response, unsigned_response};
use wire::sign::{RsaHash, SigningKey};

use crate::common::{self, CALLS, NOON, words};

pub(crate) const NUMBER: &str = "A1B2P20260315000000000000003";
pub(crate) const FEN: i64 = 7370;
pub(crate) const MER_ID: &str = "020000000001";
#[test]
fn a_call_that_worked_is_not_a_payment() {
    for call in [Call::Submit, Call::Query] {
        check(call, json!({"return_code": "0", "return_msg": "成功"}), "unknown incomplete pay_status");
        let amounts =
            json!({"return_code": "0", "out_trade_no": NUMBER, "total_amt": "7370", "payment_amt": "7370"});
        check(call, amounts, "unknown incomplete pay_status");
        check(call, json!({"return_code": "0", "pay_status": ""}), "unknown incomplete pay_status");
        check(call, json!({"pay_status": "1"}), "unknown incomplete return_code");
    }
}

#[test]
fn codes_and_states_come_as_texts_and_as_numbers() {
    for (code, expected) in [(json!("400026"), CONFIG), (json!(400_026), CONFIG), (json!(-1), UNSURE)] {
        check(Call::Submit, json!({ "return_code": code }), expected);
    }
    for (code, status) in [(json!(0), json!(0)), (json!("0"), json!("0"))] {
        let content = json!({"return_code": code, "pay_status": status, "out_trade_no": NUMBER});
        check(Call::Submit, content, "awaiting_payer");
    }
    let declined = json!({"return_code": 0, "pay_status": -1, "out_trade_no": NUMBER});
    check(Call::Submit, declined, "declined_ask merchant_not_allowed");
}

const CONFIG: &str = "declined_ask configuration";
const UNSURE: &str = "unknown channel_unsure";

/// F3's states are the reverse of F1's, and mean nothing here.
#[test]
fn a_status_of_another_family_or_version_is_unknown() {
    for status in ["3", "4", "5", "6", "7", "9", "00", "01", "SUCCESS", " 1"] {
        let content = json!({"return_code": "0", "pay_status": status, "out_trade_no": NUMBER});
        check(Call::Submit, content, "unknown unlisted");
    }
    for status in ["-1", "8", "02", "PAID"] {
        let content = json!({"return_code": "0", "pay_status": status, "out_trade_no": NUMBER});
        check(Call::Query, content, "unknown unlisted");
    }
}

/// A refusal of the gateway is believed after one query, and "try again" is a doubt.
#[test]
fn the_gateways_codes_decline_a_payment_after_a_query_and_nothing_else() {
    for code in ["400011", "400017", "400999"] {
        assert_eq!(words(&refused(Call::Submit, code)), CONFIG, "{code}");
        for call in [Call::Query, Call::Reverse] {
            assert_eq!(words(&refused(call, code)), UNSURE, "{code}");
        }
    }
    for code in ["500000", "500031", "-1", "-500", "-2001"] {
        for call in CALLS {
            assert_eq!(words(&refused(call, code)), UNSURE, "{code}");
        }
    }
}

#[test]
fn what_nobody_documented_is_unlisted() {
    let shapes =
        ["40002", "4000261", "400 26", "400", "5000", "-", "-x", "--1", "400026.0", "00", "O", "00070038"];
    let invented = ["5920001", "5920002", "5920003", "93008596", "5940023", "400*"];
    for code in shapes.into_iter().chain(invented) {
        for call in CALLS {
            assert_eq!(words(&refused(call, code)), "unknown unlisted", "{code}");
        }
    }
    for code in ["5940021", "93008595", "5920006"] {
        assert_eq!(words(&refused(Call::Submit, code)), "unknown unlisted", "a query's code: {code}");
    }
}

#[test]
fn not_found_is_not_found_and_nothing_more() {
    for code in ["5940021", "5940022"] {
        let told = refused(Call::Query, code);
        assert_eq!(told, Answer::Query(QueryAnswer::NotFound));
        assert!(!told.acknowledges());
        let undone = refused(Call::Reverse, code);
        assert_eq!(words(&undone), "reversed unsaid");
        assert!(!undone.acknowledges(), "never an end by itself");
    }
}

#[test]
fn what_is_being_undone_is_neither_over_nor_open() {
    for status in ["4", "7"] {
        assert_eq!(words(&state(status)), UNSURE, "{status}");
    }
}

#[test]
fn a_reversal_says_what_it_did_by_its_amounts() {
    for (real, all, expected) in [
        (json!("7370"), json!("7370"), "reversed refunded"),
        (json!("0"), json!("7370"), "reversed refunded"),
        (json!("0"), json!("0"), "reversed closed"),
        (json!(0), json!(null), "reversed closed"),
        (json!(null), json!("1"), "reversed refunded"),
        (json!(null), json!(null), "reversed unsaid"),
        (json!("x"), json!("0"), "unknown incomplete real_reject_amt"),
        (json!("0"), json!("-7370"), "unknown incomplete reject_amt"),
    ] {
        let content =
            json!({"return_code": "0", "out_trade_no": NUMBER, "real_reject_amt": real, "reject_amt": all});
        check(Call::Reverse, content, expected);
    }
    check(Call::Reverse, json!({"return_code": "0"}), "unknown incomplete out_trade_no");
}

#[test]
fn an_answer_about_another_order_is_not_ours() {
    for (call, mut content) in [
        (Call::Submit, json!({"return_code": "0", "pay_status": "2"})),
        (Call::Submit, json!({"return_code": "0", "pay_status": "0"})),
        (Call::Submit, json!({"return_code": 400_026})),
        (Call::Query, json!({"return_code": "0", "pay_status": "3"})),
        (Call::Query, json!({"return_code": "5940021"})),
        (Call::Reverse, json!({"return_code": "0", "real_reject_amt": "0"})),
        (Call::Reverse, json!({"return_code": "93008595"})),
    ] {
        content["out_trade_no"] = "A1B2P20260315000000000000004".into();
        check(call, content.clone(), "unknown incomplete out_trade_no");
        content["out_trade_no"] = NUMBER.into();
        content["msg_id"] = "A1B2P20260315000000000000004Q0".into();
        check(call, content, "unknown incomplete msg_id");
    }
    for (call, content) in [
        (Call::Submit, json!({"return_code": "0", "pay_status": "2"})),
        (Call::Query, json!({"return_code": "0", "pay_status": "0"})),
    ] {
        check(call, content, "unknown incomplete out_trade_no");
    }
}

/// The signature covers the content and not the path; the message number says which call it answers.
#[test]
fn an_answer_to_another_call_decides_nothing() {
    for (asked, told) in [
        (Call::Submit, Call::Query),
        (Call::Query, Call::Submit),
        (Call::Reverse, Call::Refund),
        (Call::Reverse, Call::Query),
    ] {
        let mut content = paid_content();
        content["real_reject_amt"] = "370".into();
        content["msg_id"] = msg_id(told).into();
        check(asked, content, "unknown incomplete msg_id");
    }
}

#[test]
fn an_unsigned_refusal_is_unknown_whatever_it_says() {
    for content in [json!({"return_code": 400_017, "return_msg": "sign"}), paid_content(), json!({})] {
        for call in CALLS {
            let told = answer(call, &unsigned_response(&content.to_string()));
            assert_eq!(words(&told), "unknown unsigned");
        }
    }
}

/// A wrong hash is not tried: what was agreed is checked, and nothing else.
#[test]
fn the_other_hash_is_not_believed() {
    let hand = Hand { key: their_key(), hash: RsaHash::Sha256, aes_key: None };
    for call in CALLS {
        let told = answer(call, &response(&paid_content().to_string(), &hand));
        assert_eq!(words(&told), "unknown forged");
    }
}

pub(crate) fn check(call: Call, content: Value, expected: &str) {
    assert_eq!(words(&answer(call, &signed(call, &content))), expected, "{call:?} {content}");
}

/// A signed refusal with that code.
pub(crate) fn refused(call: Call, code: &str) -> Answer {
    answer(call, &signed(call, &json!({"return_code": code, "return_msg": "说明"})))
}

/// A query's answer with that state.
pub(crate) fn state(status: &str) -> Answer {
    with_status(Call::Query, status)
}

/// A payment's or a query's answer with that `pay_status`.
pub(crate) fn with_status(call: Call, status: &str) -> Answer {
    let mut content = paid_content();
    content["pay_status"] = status.into();
    answer(call, &signed(call, &content))
}

pub(crate) fn answer(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

/// What "paid" looks like in answer to a submit or a query.
pub(crate) fn paid_content() -> Value {
    json!({
        "return_code": "0",
        "return_msg": "成功",
        "pay_status": "1",
        "cust_id": "120902000000000000001",
        "card_no": "622208*********6666",
        "total_amt": "7370",
        "payment_amt": "7370",
        "out_trade_no": NUMBER,
        "order_id": "020000000001202603150000001",
        "pay_time": "20260315",
    })
}

/// The message number that our call had.
pub(crate) fn msg_id(call: Call) -> String {
    let letter = match call {
        Call::Submit => 'S',
        Call::Query => 'Q',
        Call::Reverse => 'R',
        Call::Refund => 'F',
        Call::RefundQuery => 'L',
    };
    format!("{NUMBER}{letter}a5a5a5a5a5a")
}

/// Signed, and about our message unless the content says otherwise.
pub(crate) fn signed(call: Call, content: &Value) -> Response {
    let mut content = content.clone();
    if content.get("msg_id").is_none() {
        content["msg_id"] = msg_id(call).into();
    }
    response(&content.to_string(), &Hand { key: their_key(), hash: RsaHash::Sha1, aes_key: None })
}

pub(crate) fn our_key() -> SigningKey {
    SigningKey::keyed_hash([7; 32])
}

pub(crate) fn their_key() -> SigningKey {
    SigningKey::keyed_hash([8; 32])
}

pub(crate) fn app() -> App {
    App {
        app_id: "10000000000000000001".to_owned(),
        signing_key: our_key(),
        request_hash: RsaHash::Sha256,
        gateway_key: their_key().verifying_key(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    }
}

pub(crate) fn dialect() -> Icbc {
    Icbc::new(app(), MER_ID.to_owned())
}

pub(crate) fn payee() -> Payee {
    Payee { merchant: MER_ID.to_owned(), sub_merchant: None }
}

pub(crate) fn intent() -> Intent {
    common::intent(Channel::Icbc, NUMBER, FEN, payee())
}

/// A refund of a part: 3.70 of 73.70.
pub(crate) fn refund() -> RefundIntent {
    common::refund(intent(), 370)
}
