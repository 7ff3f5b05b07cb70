//! Refunds at ICBC: what each answer means, and every trap of icbc.md §3.4, §3.5 and §9.

use payment::exchange::{Answer, Call, Difference, RefundFacts};
use payment::money::Fen;
use serde_json::{Value, json};

use crate::common::{REFUND_NO, words};
use crate::icbc_traps::{FEN, NUMBER, answer, check, intent, msg_id, refund, signed};
use crate::wechat_refunds::{difference, done};

/// A refund of 3.70 that was taken up.
fn taken_up() -> Value {
    json!({
        "return_code": "0",
        "return_msg": "成功",
        "out_trade_no": NUMBER,
        "order_id": "020000000001202603150000001",
        "reject_no": REFUND_NO,
        "real_reject_amt": "370",
        "reject_amt": "370",
    })
}

/// One line of the list.
fn line(reject_no: &str, status: &str) -> Value {
    json!({
        "reject_no": reject_no,
        "icbc_reject_sq": "OFH20260315000000A0000001",
        "reject_status": status,
        "real_reject_amt": "370",
        "reject_amt": "370",
    })
}

/// The answer to a refund query with these lines, a text inside the text.
fn list(lines: &[Value]) -> Value {
    json!({
        "return_code": "0",
        "out_trade_no": NUMBER,
        "order_id": "020000000001202603150000001",
        "refund_json_list": Value::from(lines.to_vec()).to_string(),
    })
}

/// A refund query's answer with that status.
pub(crate) fn status(name: &str) -> Answer {
    told(&list(&[line(REFUND_NO, name)]))
}

fn told(content: &Value) -> Answer {
    answer(Call::RefundQuery, &signed(Call::RefundQuery, content))
}

/// 0 says "accepted or done": only the list says which.
#[test]
fn a_refund_that_was_taken_up_is_not_done() {
    check(Call::Refund, taken_up(), "accepted");
    for (name, value, expected) in [
        ("reject_no", json!("R2"), "unknown incomplete reject_no"),
        ("reject_no", json!(""), "unknown incomplete reject_no"),
        ("out_trade_no", json!("A1B2P20260315000000000000004"), "unknown incomplete out_trade_no"),
        ("out_trade_no", json!(null), "unknown incomplete out_trade_no"),
        ("return_code", json!("-1"), "unknown channel_unsure"),
        ("return_code", json!("5920005"), "unknown unlisted"),
        ("return_code", json!(400_026), "refused configuration"),
        ("real_reject_amt", json!("0"), "accepted"),
        ("brand_new", json!({"a": 1}), "accepted"),
    ] {
        let mut content = taken_up();
        content[name] = value;
        check(Call::Refund, content, expected);
    }
}

/// Both look alike; the message number and the refund's own number tell them apart.
#[test]
fn a_reversals_answer_is_no_refunds_and_the_other_way_round() {
    let mut reversal = taken_up();
    reversal["reject_no"] = "".into();
    check(Call::Refund, reversal, "unknown incomplete reject_no");
    let mut refund = taken_up();
    refund["msg_id"] = msg_id(Call::Refund).into();
    check(Call::Reverse, refund, "unknown incomplete msg_id");
}

#[test]
fn the_line_with_our_number_decides() {
    let other = line("R2", "2");
    let reversal = line("", "1");
    for (lines, expected) in [
        (vec![], "not_found"),
        (vec![other.clone(), reversal.clone()], "not_found"),
        (vec![other.clone(), line(REFUND_NO, "1"), reversal.clone()], "done"),
        (vec![line(REFUND_NO, "0"), other], "pending"),
        (vec![line(REFUND_NO, "1"), line(REFUND_NO, "2")], "unknown incomplete reject_no"),
        (vec![line(REFUND_NO, "3")], "unknown unlisted"),
        (vec![line(REFUND_NO, "")], "unknown incomplete reject_status"),
        (vec![json!({"reject_no": REFUND_NO, "reject_status": 0})], "pending"),
        (vec![json!([])], "unknown incomplete refund_json_list"),
    ] {
        assert_eq!(words(&told(&list(&lines))), expected, "{lines:?}");
    }
}

#[test]
fn a_list_that_is_not_there_says_nothing() {
    for (value, expected) in [
        (json!(null), "not_found"),
        (json!(""), "not_found"),
        (json!("[]"), "not_found"),
        (json!([line(REFUND_NO, "1")]), "done"),
        (json!("{}"), "unknown incomplete refund_json_list"),
        (json!("[{]"), "unknown incomplete refund_json_list"),
        (json!(7), "unknown incomplete refund_json_list"),
    ] {
        let mut content = list(&[]);
        content["refund_json_list"] = value.clone();
        assert_eq!(words(&told(&content)), expected, "{value}");
    }
    let mut content = list(&[]);
    content.as_object_mut().unwrap().remove("refund_json_list");
    assert_eq!(words(&told(&content)), "unknown incomplete refund_json_list");
    let mut content = list(&[line(REFUND_NO, "1")]);
    content["out_trade_no"] = "A1B2P20260315000000000000004".into();
    assert_eq!(words(&told(&content)), "unknown incomplete out_trade_no");
}

#[test]
fn what_was_given_back_is_compared() {
    let facts = done(status("1"));
    let expected = RefundFacts {
        channel_order_no: NUMBER.to_owned(),
        channel_refund_no: REFUND_NO.to_owned(),
        amount: Some(Fen::new(370).unwrap()),
        channel_transaction_no: "OFH20260315000000A0000001".to_owned(),
    };
    assert_eq!(facts, expected);
    assert_eq!(difference(&facts, &refund()), None);
    assert_eq!(intent().amount.fen(), FEN);
    let mut more = line(REFUND_NO, "1");
    more["reject_amt"] = "371".into();
    let facts = done(told(&list(&[more])));
    assert_eq!(difference(&facts, &refund()), Some(Difference::Amount));
    for (value, name) in [(json!(null), "reject_amt"), (json!("3.70"), "reject_amt")] {
        let mut bad = line(REFUND_NO, "1");
        bad[name] = value;
        assert_eq!(words(&told(&list(&[bad]))), format!("unknown incomplete {name}"));
    }
}

/// The samples, told again about our numbers.
#[test]
fn the_samples_mean_what_the_sheet_says() {
    for (name, call, expected) in
        [("reject_ok", Call::Refund, "accepted"), ("reject_query_ok", Call::RefundQuery, "done")]
    {
        let path = format!("{}/../wire/testdata/icbc/messages/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let body: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let content = body["response_biz_content"].to_string();
        let content =
            content.replace("P202603151200000003", NUMBER).replace("R202603151300000003", REFUND_NO);
        let content = content.replace("M2026031512000000000", &msg_id(call));
        let told = answer(call, &signed(call, &serde_json::from_str(&content).unwrap()));
        assert_eq!(words(&told), expected, "{name}");
        if expected == "done" {
            assert_eq!(difference(&done(told), &refund()), None);
        }
    }
}
