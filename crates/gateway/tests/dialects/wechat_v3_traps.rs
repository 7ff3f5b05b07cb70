//! The traps of wechat.md §4.2, §4.4, §5.5, §6 and §10 in V3, one by one; what a "paid" needs; whatever the bytes are.

use gateway::dialects::Dialect;
use gateway::dialects::wechat_v3::{ChannelSide, Place, WechatV3};
use payment::exchange::{Answer, Call, Difference, Doubt, PaidFacts, Payee, QueryAnswer, SubmitAnswer};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use proptest::prelude::*;
use serde_json::{Value, json};
use wire::http::Response;
use wire::sign::SigningKey;
use wire::wechat_v3::{
    Account, ChannelKeys, Hand, SubMerchant, V3Merchant, error_body, probe_response, response,
    unsigned_response,
};

use crate::common::{self, CALLS, NOON, bond, every_word, paid, words};

pub(crate) const NUMBER: &str = "S20260315091228001";
pub(crate) const MCHID: &str = "1900000109";
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092026031500000001";

/// 202 is not finished, and no failure; 200 and 202 are read alike (§4.4).
#[test]
fn the_status_is_not_signed_and_decides_nothing() {
    for status in [200, 202] {
        assert_eq!(words(&state_with(Call::Submit, status, "USERPAYING")), "awaiting_payer");
        assert_eq!(words(&state_with(Call::Submit, status, "SUCCESS")), "paid");
        assert_eq!(words(&state_with(Call::Query, status, "USERPAYING")), "awaiting_payer");
        assert_eq!(
            words(&signed(Call::Submit, status, &error_body("NOT_ENOUGH", "余额不足"))),
            "declined insufficient_funds"
        );
    }
    // What says no code and comes with an error's status is not understood.
    for status in [204, 400, 404, 500, 502] {
        let told = signed(Call::Submit, status, &paid_body().to_string());
        assert_eq!(words(&told), format!("unknown status {status}"));
    }
}

#[test]
fn states_that_are_no_payment_leave_a_submit_unknown() {
    for (state, expected) in [
        ("NOTPAY", "unknown channel_unsure"),
        ("PAYERROR", "unknown channel_unsure"),
        ("CLOSED", "unknown channel_unsure"),
        ("REVOKED", "unknown channel_unsure"),
        ("REFUND", "unknown channel_unsure"),
        ("ACCEPT", "unknown unlisted"),
    ] {
        assert_eq!(words(&state_with(Call::Submit, 200, state)), expected, "{state}");
    }
    assert_eq!(state("PAYERROR"), Answer::Query(QueryAnswer::MustReverse));
    assert_eq!(words(&state("REFUND")), "unknown channel_unsure", "neither paid nor closed");
}

/// Without a signature that verifies nothing is known, whatever stands there: the channel's own probes are wrongly signed
/// answers to calls that were carried out (§4.2).
#[test]
fn what_is_not_signed_by_the_channel_is_unknown() {
    let refusal = error_body("NOT_ENOUGH", "余额不足");
    let stranger = Hand { key: SigningKey::keyed_hash([9; 32]), ..hand() };
    let elsewhere = Hand { serial: "PUB_KEY_ID_0".to_owned(), ..hand() };
    let certificate = Hand { serial: "0A5F2C3D".to_owned(), ..hand() };
    let mut scheme = made(403, &refusal);
    scheme.headers.iter_mut().find(|(name, _)| name == "wechatpay-signature-type").unwrap().1 =
        "X".to_owned();
    for (answer, expected) in [
        (probe_response(403, &refusal, &hand(), at(), "n"), "unknown forged"),
        (response(403, &refusal, &stranger, at(), "n"), "unknown forged"),
        (response(403, &refusal, &elsewhere, at(), "n"), "unknown forged"),
        (response(403, &refusal, &certificate, at(), "n"), "unknown forged"),
        (response(403, &refusal, &hand(), at() - 300, "n"), "unknown forged"),
        (response(403, &refusal, &hand(), at() + 300, "n"), "unknown forged"),
        (scheme, "unknown forged"),
        (unsigned_response(403, &refusal), "unknown unsigned"),
        (unsigned_response(401, &error_body("SIGN_ERROR", "签名错误")), "unknown unsigned"),
        (unsigned_response(500, &error_body("SYSTEM_ERROR", "系统错误")), "unknown status 500"),
        (unsigned_response(502, "<html>502</html>"), "unknown status 502"),
        (unsigned_response(404, ""), "unknown status 404"),
        (unsigned_response(200, &paid_body().to_string()), "unknown unreadable"),
    ] {
        for call in CALLS {
            assert_eq!(words(&answered(call, &answer)), expected, "{answer:?}");
        }
    }
}

#[test]
fn a_reversal_names_its_order_and_nothing_else() {
    let body = |number: &str| json!({"appid": "wx1a2b3c4d5e6f7a8b", "mchid": MCHID, "out_trade_no": number});
    assert_eq!(words(&signed(Call::Reverse, 200, &body(NUMBER).to_string())), "reversed unsaid");
    let other = signed(Call::Reverse, 200, &body("S20260315091228002").to_string());
    assert_eq!(words(&other), "unknown incomplete out_trade_no");
    assert_eq!(words(&signed(Call::Reverse, 200, "{}")), "unknown incomplete out_trade_no");
    assert_eq!(words(&signed(Call::Reverse, 204, "")), "unknown status 204");
    assert_eq!(words(&refused(Call::Reverse, "USERPAYING")), "still_paying");
}

#[test]
fn what_nobody_documented_is_unlisted() {
    for code in ["ORDERPAID", "userpaying", "NOT_ENOUGH ", "NOT-ENOUGH", "*", "0", "USER_PAYING"] {
        for call in CALLS {
            assert_eq!(words(&refused(call, code)), "unknown unlisted", "{code}");
        }
        assert_eq!(words(&state(code)), "unknown unlisted", "{code}");
    }
    for call in CALLS {
        let told = signed(call, 400, r#"{"message":"x"}"#);
        assert_eq!(words(&told), "unknown status 400");
    }
}

#[test]
fn an_answer_about_another_order_amount_or_merchant_is_not_ours() {
    for (member, value) in [
        ("out_trade_no", json!("S20260315091228002")),
        ("mchid", json!("1900000110")),
        ("appid", json!("wx0")),
        ("sub_mchid", json!("7")),
    ] {
        for state in ["USERPAYING", "NOTPAY", "CLOSED", "REVOKED", "PAYERROR"] {
            let mut body = paid_body();
            (body["trade_state"], body[member]) = (json!(state), value.clone());
            let told = signed(Call::Query, 200, &body.to_string());
            assert_eq!(words(&told), format!("unknown incomplete {member}"), "{state}");
        }
    }
    let mut body = paid_body();
    (body["trade_state"], body["amount"]["total"]) = (json!("CLOSED"), json!(1251));
    assert_eq!(words(&signed(Call::Query, 200, &body.to_string())), "unknown incomplete amount.total");
}

#[test]
fn the_facts_of_a_payment_and_of_a_query() {
    let expected = PaidFacts {
        channel_order_no: NUMBER.to_owned(),
        amount: fen(1250),
        currency: "CNY".to_owned(),
        payee: Some(payee()),
        channel_transaction_no: "4200002871202603151000000001".to_owned(),
        paid_amount: fen(1000),
        discount_amount: fen(250),
        paid_at: Time(1_773_537_151_000),
    };
    for call in [Call::Submit, Call::Query] {
        let facts = paid(signed(call, 200, &paid_body().to_string()));
        assert_eq!(facts, expected);
        assert_eq!(facts.difference(&bond(&intent())), None);
    }
}

/// A signed answer to another question never becomes "paid": the core sees what differs.
#[test]
fn a_signed_answer_to_another_question_is_seen_by_the_core() {
    for (pointer, value, difference) in [
        ("/out_trade_no", json!("S20260315091228002"), Difference::OrderNo),
        ("/amount/total", json!(1251), Difference::Amount),
        ("/amount/currency", json!("HKD"), Difference::Currency),
        ("/mchid", json!("1900000110"), Difference::Payee),
        ("/appid", json!("wx0000000000000000"), Difference::Payee),
        ("/success_time", json!("2026-03-15T09:00:00+08:00"), Difference::Date),
    ] {
        let mut body = paid_body();
        *body.pointer_mut(pointer).unwrap() = value;
        for call in [Call::Submit, Call::Query] {
            let facts = paid(signed(call, 200, &body.to_string()));
            assert_eq!(facts.difference(&bond(&intent())), Some(difference), "{pointer}");
        }
    }
}

#[test]
fn paid_without_its_facts_is_unknown() {
    for pointer in ["transaction_id", "out_trade_no", "amount", "success_time", "appid", "mchid"] {
        let mut body = paid_body();
        body.as_object_mut().unwrap().remove(pointer);
        for call in [Call::Submit, Call::Query] {
            let told = words(&signed(call, 200, &body.to_string()));
            assert!(told.starts_with("unknown incomplete"), "{pointer}: {told}");
        }
    }
    for (pointer, value) in [
        ("/amount/total", json!("1250")),
        ("/amount/total", json!(0)),
        ("/amount/payer_total", json!(1251)),
        ("/success_time", json!("20260315091231")),
        ("/transaction_id", json!("x".repeat(65))),
    ] {
        let mut body = paid_body();
        *body.pointer_mut(pointer).unwrap() = value;
        let told = words(&signed(Call::Submit, 200, &body.to_string()));
        assert!(told.starts_with("unknown incomplete"), "{pointer}: {told}");
    }
}

#[test]
fn a_sub_merchant_is_part_of_the_payee() {
    let sub = SubMerchant { mchid: "1900000111".to_owned(), appid: None };
    let provider = dialect_of(Account { sub: Some(sub), ..account() });
    let theirs = Payee { sub_merchant: Some("1900000111".to_owned()), ..payee() };
    assert_eq!(provider.payee(), theirs);
    let intent = common::intent(Channel::WechatV3, NUMBER, 1250, theirs);
    let mut body = paid_body();
    let members = body.as_object_mut().unwrap();
    for (from, to) in [("appid", "sp_appid"), ("mchid", "sp_mchid")] {
        let value = members.remove(from).unwrap();
        members.insert(to.to_owned(), value);
    }
    let told =
        |body: &Value| provider.answer(NOON, Call::Submit, &intent, None, &made(200, &body.to_string()));
    assert_eq!(words(&told(&body)), "unknown incomplete sub_mchid");
    for (sub_mchid, difference) in [("1900000111", None), ("1900000112", Some(Difference::Payee))] {
        body["sub_mchid"] = json!(sub_mchid);
        assert_eq!(paid(told(&body)).difference(&bond(&intent)), difference);
    }
}

#[test]
fn broken_bodies_are_unreadable_even_where_they_are_signed() {
    let text = paid_body().to_string();
    for body in [
        format!("\u{FEFF}{text}"),
        format!("{text}{text}"),
        text[..text.len() / 2].to_owned(),
        "<html></html>".to_owned(),
        "[]".to_owned(),
        text.replacen('{', r#"{"trade_state":"NOTPAY","#, 1),
    ] {
        for call in CALLS {
            assert_eq!(words(&signed(call, 200, &body)), "unknown unreadable", "{body}");
        }
    }
}

#[test]
fn no_flipped_bit_of_a_paid_answer_is_still_paid() {
    let good = made(200, &paid_body().to_string());
    for position in 0..good.body.len() {
        for bit in 0..8 {
            let mut flipped = good.clone();
            flipped.body[position] ^= 1 << bit;
            assert_eq!(
                words(&answered(Call::Submit, &flipped)),
                "unknown forged",
                "byte {position}, bit {bit}"
            );
        }
    }
    for name in ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature"] {
        let mut without = good.clone();
        without.headers.retain(|(known, _)| known != name);
        assert!(words(&answered(Call::Submit, &without)).starts_with("unknown "), "{name}");
    }
}

#[test]
fn nothing_that_is_told_shows_a_payment_code() {
    let code = "134567890123456789";
    let refusal = error_body("AUTH_CODE_INVALID", &format!("付款码 {code} 已使用"));
    for answer in [made(400, &refusal), unsigned_response(400, &refusal)] {
        let told = every_word(&dialect(), &intent(), &answer);
        assert!(told.contains("13****") && !told.contains(&code[2..]), "{told}");
    }
    let Answer::Submit(SubmitAnswer::Unknown(Doubt::ChannelUnsure(said))) =
        refused(Call::Submit, "SYSTEM_ERROR")
    else {
        panic!("unsure")
    };
    assert_eq!((said.code.as_str(), said.message.as_str()), ("SYSTEM_ERROR", "说明"));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_and_never_with_a_decision(
        body in prop::collection::vec(any::<u8>(), 0..300),
        status in 100_u16..600,
    ) {
        for call in CALLS {
            let bare = Response { status, headers: Vec::new(), body: body.clone() };
            let told = words(&answered(call, &bare));
            prop_assert!(told.starts_with("unknown "), "{}", told);
            let text = String::from_utf8_lossy(&body);
            let told = words(&answered(call, &made(status, &text)));
            prop_assert!(told.starts_with("unknown "), "{}", told);
        }
    }
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

/// A refusal with that code.
pub(crate) fn refused(call: Call, code: &str) -> Answer {
    signed(call, 400, &error_body(code, "说明"))
}

/// A query's answer with that state.
pub(crate) fn state(name: &str) -> Answer {
    state_with(Call::Query, 200, name)
}

fn state_with(call: Call, status: u16, name: &str) -> Answer {
    let mut body = paid_body();
    body["trade_state"] = json!(name);
    signed(call, status, &body.to_string())
}

pub(crate) fn signed(call: Call, status: u16, body: &str) -> Answer {
    answered(call, &made(status, body))
}

pub(crate) fn answered(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

/// An answer in the channel's hand, of now.
pub(crate) fn made(status: u16, body: &str) -> Response {
    response(status, body, &hand(), at(), "593BEC0C930BF1AFEB40B4A08C8FB242")
}

pub(crate) fn at() -> i64 {
    NOON.0 / 1_000
}

pub(crate) fn paid_body() -> Value {
    json!({
        "appid": "wx1a2b3c4d5e6f7a8b",
        "mchid": MCHID,
        "out_trade_no": NUMBER,
        "transaction_id": "4200002871202603151000000001",
        "trade_type": "MICROPAY",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "success_time": "2026-03-15T09:12:31+08:00",
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
        "amount": { "total": 1250, "payer_total": 1000, "currency": "CNY", "payer_currency": "CNY" },
    })
}

pub(crate) fn hand() -> Hand {
    Hand { key: SigningKey::keyed_hash([4; 32]), serial: PUBLIC_KEY_ID.to_owned() }
}

pub(crate) fn account() -> Account {
    Account { appid: Some("wx1a2b3c4d5e6f7a8b".to_owned()), mchid: MCHID.to_owned(), sub: None }
}

pub(crate) fn merchant() -> V3Merchant {
    V3Merchant {
        mchid: MCHID.to_owned(),
        serial_no: "5E2A6B4C1D3F5A7B9C0D1E2F3A4B5C6D7E8F9012".to_owned(),
        signing_key: SigningKey::keyed_hash([3; 32]),
        answer_serial: Some(PUBLIC_KEY_ID.to_owned()),
    }
}

pub(crate) fn dialect_of(account: Account) -> WechatV3 {
    let mut keys = ChannelKeys::new();
    keys.add_public_key(PUBLIC_KEY_ID, hand().key.verifying_key()).unwrap();
    let place = Place { terminal_ip: "203.0.113.7".to_owned(), store_id: "S-01".to_owned() };
    WechatV3::new(account, merchant(), ChannelSide::new(keys, None), place)
}

pub(crate) fn dialect() -> WechatV3 {
    dialect_of(account())
}

pub(crate) fn payee() -> Payee {
    Payee { merchant: format!("wx1a2b3c4d5e6f7a8b/{MCHID}"), sub_merchant: None }
}

pub(crate) fn intent() -> Intent {
    common::intent(Channel::WechatV3, NUMBER, 1250, payee())
}

/// A refund of a part: 5.00 of 12.50.
pub(crate) fn refund() -> RefundIntent {
    common::refund(intent(), 500)
}
