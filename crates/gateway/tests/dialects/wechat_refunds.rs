//! Refunds at WeChat: what leaves, what each answer means, and every trap of wechat.md §2.5, §2.6 and §5.4.

use gateway::dialects::wechat_v2::WechatV2;
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{
    Answer, Call, Difference, Payee, RefundAnswer, RefundBond, RefundFacts, RefundQueryAnswer,
};
use payment::money::Fen;
use payment::patience::Channel;
use payment::refund::RefundIntent;
use proptest::prelude::*;
use wire::http::Response;
use wire::sign::V2SignType;
use wire::text::Fields;
use wire::wechat_v2::{self, RefundQueryRequest, RefundRequest, V2Merchant, parse_request};

use crate::common::{self, NOON, REFUND_NO, asking, words};
use crate::wechat_traps::{
    NUMBER, answer, check, dialect, fields, intent, key, merchant, payee, refund, signed,
};

/// An accepted refund of 5.00.
fn accepted() -> Fields {
    fields(&[
        ("result_code", "SUCCESS"),
        ("transaction_id", "4200002871202603151000000001"),
        ("out_trade_no", NUMBER),
        ("out_refund_no", REFUND_NO),
        ("refund_id", "50302207892026031510000000005"),
        ("refund_fee", "500"),
        ("total_fee", "1250"),
    ])
}

/// The answer to a refund query, with one refund of 5.00.
fn queried(status: &str) -> Fields {
    fields(&[
        ("result_code", "SUCCESS"),
        ("transaction_id", "4200002871202603151000000001"),
        ("out_trade_no", NUMBER),
        ("total_fee", "1250"),
        ("refund_count", "1"),
        ("total_refund_count", "1"),
        ("out_refund_no_0", REFUND_NO),
        ("refund_id_0", "50302207892026031510000000005"),
        ("refund_fee_0", "500"),
        ("refund_status_0", status),
    ])
}

/// A refund query's answer with that state.
pub(crate) fn status(name: &str) -> Answer {
    answer(Call::RefundQuery, &signed(queried(name)))
}

fn with(mut fields: Fields, name: &str, value: Option<&str>) -> Response {
    match value {
        Some(value) => _ = fields.insert(name, value),
        None => _ = fields.remove(name),
    }
    signed(fields)
}

/// The facts of an answer that says "given back".
pub(crate) fn done(answer: Answer) -> RefundFacts {
    match answer {
        Answer::Refund(RefundAnswer::Done(facts)) | Answer::RefundQuery(RefundQueryAnswer::Done(facts)) => {
            facts
        }
        other => panic!("not done: {other:?}"),
    }
}

pub(crate) fn difference(facts: &RefundFacts, refund: &RefundIntent) -> Option<Difference> {
    facts.difference(RefundBond {
        channel_order_no: &refund.payment.channel_order_no,
        channel_refund_no: &refund.channel_refund_no,
        amount: refund.amount,
    })
}

#[test]
fn a_refund_carries_its_numbers_and_the_certificate() {
    let (intent, sale, refund) = (intent(), Sale::default(), refund());
    let asked = |call| {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        let outgoing = dialect().request(&asking);
        let (caller, call) =
            parse_request(&outgoing.request.path, &outgoing.request.body, |_| Some(key())).unwrap();
        assert_eq!(caller.nonce_str, "a5".repeat(16));
        (outgoing.request.path, outgoing.client_certificate, call)
    };
    let expected = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(NUMBER.to_owned()),
        out_refund_no: REFUND_NO.to_owned(),
        total_fee: 1250,
        refund_fee: 500,
        refund_fee_type: Some("CNY".to_owned()),
        refund_desc: Some("缺货 ＆ 破损".to_owned()),
        refund_account: None,
    };
    let (path, certificate, call) = asked(Call::Refund);
    assert_eq!((path.as_str(), certificate), ("/secapi/pay/refund", true));
    assert_eq!(call, wechat_v2::Call::Refund(Box::new(expected)));

    let expected =
        RefundQueryRequest { out_refund_no: Some(REFUND_NO.to_owned()), ..RefundQueryRequest::default() };
    let (path, certificate, call) = asked(Call::RefundQuery);
    assert_eq!((path.as_str(), certificate), ("/pay/refundquery", false));
    assert_eq!(call, wechat_v2::Call::RefundQuery(Box::new(expected)));
}

/// Numbers that were configured yesterday are still refunded under yesterday's numbers.
#[test]
fn refunds_use_the_intents_facts() {
    let today = WechatV2::new(
        V2Merchant {
            appid: "wxnew".to_owned(),
            sub_mch_id: Some("1900000999".to_owned()),
            ..merchant(V2SignType::HmacSha256)
        },
        "203.0.113.7".to_owned(),
    );
    let theirs = Payee { sub_merchant: Some("1900000111".to_owned()), ..payee() };
    let intent = common::intent(Channel::WechatV2, NUMBER, 1250, theirs);
    let (sale, refund) = (Sale::default(), common::refund(intent.clone(), 500));
    for call in [Call::Refund, Call::RefundQuery] {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        let request = today.request(&asking).request;
        let (caller, _) = parse_request(&request.path, &request.body, |_| Some(key())).unwrap();
        assert_eq!((caller.appid.as_str(), caller.mch_id.as_str()), ("wx1a2b3c4d5e6f7a8b", "1900000109"));
        assert_eq!(caller.sub_mch_id.as_deref(), Some("1900000111"));
    }
}

#[test]
fn a_success_is_accepted_and_never_done() {
    assert_eq!(words(&answer(Call::Refund, &signed(accepted()))), "accepted");
    for (name, value, expected) in [
        ("out_refund_no", None, "unknown incomplete out_refund_no"),
        ("out_refund_no", Some("R2"), "unknown incomplete out_refund_no"),
        ("out_trade_no", None, "unknown incomplete out_trade_no"),
        ("out_trade_no", Some("S2026"), "unknown incomplete out_trade_no"),
        ("refund_fee", None, "unknown incomplete refund_fee"),
        ("refund_fee", Some("501"), "unknown incomplete refund_fee"),
        ("refund_fee", Some("5.00"), "unknown incomplete refund_fee"),
        ("mch_id", Some("1900000110"), "unknown incomplete mch_id"),
        ("appid", Some("wx0"), "unknown incomplete appid"),
        ("result_code", None, "unknown incomplete result_code"),
        ("refund_channel", Some(""), "accepted"),
        ("refund_status_0", Some("REFUNDCLOSE"), "accepted"),
        ("brand_new", Some("1"), "accepted"),
    ] {
        let told = answer(Call::Refund, &with(accepted(), name, value));
        assert_eq!(words(&told), expected, "{name} {value:?}");
    }
}

#[test]
fn a_refusal_keeps_the_channels_code_and_is_about_this_refund() {
    let refusal = [("result_code", "FAIL"), ("err_code", "NOTENOUGH"), ("err_code_des", "余额不足")];
    let Answer::Refund(RefundAnswer::Refused(told)) = answer(Call::Refund, &signed(fields(&refusal))) else {
        panic!("not refused");
    };
    assert_eq!((told.channel.code.as_str(), told.channel.message.as_str()), ("NOTENOUGH", "余额不足"));
    for (name, value) in [("out_refund_no", "R2"), ("out_trade_no", "S2026"), ("mch_id", "1900000110")] {
        let told = answer(Call::Refund, &with(fields(&refusal), name, Some(value)));
        assert_eq!(words(&told), format!("unknown incomplete {name}"));
    }
    // A payment's refusals are no refund's.
    check(Call::Refund, &[("result_code", "FAIL"), ("err_code", "USERPAYING")], "unknown unlisted");
    check(Call::Refund, &[("result_code", "FAIL"), ("err_code", "REFUNDNOTEXIST")], "unknown unlisted");
}

#[test]
fn what_is_done_says_how_much_under_which_numbers() {
    let facts = done(status("SUCCESS"));
    let expected = RefundFacts {
        channel_order_no: NUMBER.to_owned(),
        channel_refund_no: REFUND_NO.to_owned(),
        amount: Some(Fen::new(500).unwrap()),
        channel_transaction_no: "50302207892026031510000000005".to_owned(),
    };
    assert_eq!(facts, expected);
    assert_eq!(difference(&facts, &refund()), None);
    for (name, value, expected) in [
        ("refund_fee_0", "501", Difference::Amount),
        ("out_refund_no_0", "R2", Difference::OrderNo),
        ("out_trade_no", "S2026", Difference::OrderNo),
    ] {
        let facts = done(answer(Call::RefundQuery, &with(queried("SUCCESS"), name, Some(value))));
        assert_eq!(difference(&facts, &refund()), Some(expected), "{name}");
    }
}

#[test]
fn what_must_be_there_of_a_refund() {
    for state in ["SUCCESS", "PROCESSING", "REFUNDCLOSE", "CHANGE"] {
        for (name, value, field) in [
            ("out_trade_no", None, "out_trade_no"),
            ("refund_status_0", None, "refund_status_$n"),
            ("refund_fee_0", Some("5.00"), "refund_fee_$n"),
            ("refund_success_time_0", Some("20260315"), "refund_success_time_$n"),
            ("mch_id", Some("1900000110"), "mch_id"),
            ("sub_mch_id", Some("7"), "sub_mch_id"),
        ] {
            let told = answer(Call::RefundQuery, &with(queried(state), name, value));
            assert_eq!(words(&told), format!("unknown incomplete {field}"), "{state} {name}");
        }
    }
    for (name, field) in [
        ("refund_fee_0", "refund_fee_$n"),
        ("refund_id_0", "refund_id_$n"),
        ("out_refund_no_0", "out_refund_no_$n"),
    ] {
        let told = answer(Call::RefundQuery, &with(queried("SUCCESS"), name, None));
        assert_eq!(words(&told), format!("unknown incomplete {field}"));
    }
    check(
        Call::RefundQuery,
        &[("result_code", "SUCCESS"), ("out_trade_no", NUMBER)],
        "unknown incomplete out_refund_no_$n",
    );
}

/// What ends a refund, or keeps it waiting, must be about this one.
#[test]
fn a_state_of_another_refund_is_not_ours() {
    for state in ["PROCESSING", "REFUNDCLOSE", "CHANGE", "NEW_STATE"] {
        for (name, value, field) in [
            ("out_refund_no_0", "R2", "out_refund_no_$n"),
            ("refund_fee_0", "501", "refund_fee_$n"),
            ("out_trade_no", "S2026", "out_trade_no"),
        ] {
            let told = answer(Call::RefundQuery, &with(queried(state), name, Some(value)));
            assert_eq!(words(&told), format!("unknown incomplete {field}"), "{state}");
        }
    }
    assert_eq!(words(&status("NEW_STATE")), "unknown unlisted");
    assert_eq!(words(&status("success")), "unknown unlisted");
}

#[test]
fn of_several_refunds_ours_is_picked_by_its_number() {
    let mut several = queried("REFUNDCLOSE");
    for (name, value) in [
        ("out_refund_no_0", "R9"),
        ("refund_fee_0", "500"),
        ("out_refund_no_3", REFUND_NO),
        ("refund_id_3", "50302207892026031510000000006"),
        ("refund_fee_3", "500"),
        ("refund_status_3", "SUCCESS"),
    ] {
        several.insert(name, value);
    }
    let facts = done(answer(Call::RefundQuery, &signed(several.clone())));
    assert_eq!(facts.channel_transaction_no, "50302207892026031510000000006");
    assert_eq!(difference(&facts, &refund()), None);
    // None of ours among them, or two.
    for number in ["R10", "R9"] {
        let told = answer(Call::RefundQuery, &with(several.clone(), "out_refund_no_3", Some(number)));
        assert_eq!(words(&told), "unknown incomplete out_refund_no_$n");
    }
    let twice = with(several, "out_refund_no_0", Some(REFUND_NO));
    assert_eq!(words(&answer(Call::RefundQuery, &twice)), "unknown incomplete out_refund_no_$n");
}

#[test]
fn not_found_is_about_this_merchant() {
    let nothing = fields(&[("result_code", "FAIL"), ("err_code", "REFUNDNOTEXIST")]);
    let told = answer(Call::RefundQuery, &signed(nothing.clone()));
    assert_eq!(told, Answer::RefundQuery(RefundQueryAnswer::NotFound));
    let told = answer(Call::RefundQuery, &with(nothing, "mch_id", Some("1900000110")));
    assert_eq!(words(&told), "unknown incomplete mch_id");
}

#[test]
fn without_a_certificate_nothing_is_known() {
    let page = b"<html>No required SSL certificate was sent</html>".to_vec();
    let response = Response { status: 400, headers: Vec::new(), body: page };
    assert_eq!(words(&answer(Call::Refund, &response)), "unknown status 400");
}

#[test]
fn the_samples_mean_what_the_sheet_says() {
    let intent = common::intent(Channel::WechatV2, "S20260315170229005", 3_000, payee());
    let refund = common::refund(intent.clone(), 1_200);
    for (sample, call, expected) in
        [("refund-ok", Call::Refund, "accepted"), ("refundquery-ok", Call::RefundQuery, "done")]
    {
        let path = format!("{}/../wire/testdata/wechat/xml/{sample}.xml", env!("CARGO_MANIFEST_DIR"));
        let response = Response::ok("text/xml", std::fs::read(path).unwrap());
        let told = dialect().answer(NOON, call, &intent, Some(&refund), &response);
        assert_eq!(words(&told), expected, "{sample}");
        if expected == "done" {
            assert_eq!(difference(&done(told), &refund), None);
        }
    }
}

#[test]
fn no_flipped_bit_of_a_refunds_answer_decides_anything() {
    for (call, original) in [
        (Call::Refund, accepted()),
        (Call::RefundQuery, queried("SUCCESS")),
        (Call::RefundQuery, queried("REFUNDCLOSE")),
    ] {
        let body = signed(original).body;
        for position in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[position] ^= 1 << bit;
                let told = words(&answer(call, &Response::ok("text/xml", flipped)));
                assert!(told.starts_with("unknown "), "{call:?}: byte {position}, bit {bit}: {told}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_reason_leaves_a_request_that_verifies_and_is_the_same_each_time(reason in any::<String>()) {
        let intent = intent();
        let refund = RefundIntent { reason: Some(reason), ..refund() };
        let sale = Sale::default();
        let asking = Asking { refund: Some(&refund), ..asking(Call::Refund, &intent, &sale, None) };
        let request = dialect().request(&asking).request;
        let (_, call) = parse_request(&request.path, &request.body, |_| Some(key())).unwrap();
        let wechat_v2::Call::Refund(call) = call else { panic!("{call:?}") };
        prop_assert!(call.refund_desc.is_none_or(|text| (1..=80).contains(&text.len())));
        prop_assert_eq!((call.refund_fee, call.total_fee), (500, 1250));
        prop_assert_eq!(dialect().request(&asking).request, request);
    }
}
