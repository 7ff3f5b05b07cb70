//! Refunds over QRA: what leaves, what each answer means, and what it must name (unionpay.md §4.4, §12, §13).

use gateway::dialects::qra::Qra;
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Answer, Call, Difference, Payee, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::ids::ChannelRefundNo;
use payment::money::Fen;
use payment::patience::Channel;
use payment::refund::RefundIntent;
use wire::http::Response;
use wire::qra::{self, GATEWAY_PATH, RefundQueryRequest, RefundRequest, parse_request};
use wire::text::Fields;

use crate::common::{self, NOON, REFUND_NO, asking, words};
use crate::qra_traps::{
    MCH_ID, NUMBER, answer, check, dialect, fields, intent, keys, merchant, refund, signed,
};
use crate::wechat_refunds::{difference, done};

/// An accepted refund of 5.00.
fn accepted() -> Fields {
    fields(&[
        ("result_code", "0"),
        ("transaction_id", "95516000000260315000000000000001"),
        ("out_trade_no", NUMBER),
        ("out_refund_no", REFUND_NO),
        ("refund_id", "95516000000260315900000000000001"),
        ("refund_channel", "ORIGINAL"),
        ("refund_fee", "500"),
        ("coupon_refund_fee", "0"),
    ])
}

/// The answer to a refund query, with one refund of 5.00.
fn queried(status: &str) -> Fields {
    fields(&[
        ("result_code", "0"),
        ("transaction_id", "95516000000260315000000000000001"),
        ("out_trade_no", NUMBER),
        ("refund_count", "1"),
        ("out_refund_no_0", REFUND_NO),
        ("refund_id_0", "95516000000260315900000000000001"),
        ("refund_fee_0", "500"),
        ("refund_time_0", "20260315130105"),
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

#[test]
fn a_refund_carries_its_numbers_and_is_asked_about_by_its_own() {
    let (intent, sale, refund) = (intent(), Sale::default(), refund());
    let asked = |call| {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        let outgoing = dialect().request(&asking);
        assert_eq!((outgoing.request.path.as_str(), outgoing.client_certificate), (GATEWAY_PATH, false));
        assert_eq!(dialect().request(&asking).request, outgoing.request, "the same each time");
        parse_request(&outgoing.request.path, &outgoing.request.body, |_| Some(keys())).unwrap()
    };
    let expected = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(NUMBER.to_owned()),
        out_refund_no: REFUND_NO.to_owned(),
        total_fee: 1234,
        refund_fee: 500,
        op_user_id: MCH_ID.to_owned(),
        refund_channel: Some("ORIGINAL".to_owned()),
    };
    let (caller, call) = asked(Call::Refund);
    assert_eq!((caller.nonce_str, call), ("a5".repeat(16), qra::Call::Refund(expected)));
    // The order's number would not find the refunds of an Alipay order.
    let expected =
        RefundQueryRequest { out_refund_no: Some(REFUND_NO.to_owned()), ..RefundQueryRequest::default() };
    assert_eq!(asked(Call::RefundQuery).1, qra::Call::RefundQuery(expected));
}

/// A number that was configured yesterday is still refunded under yesterday's number.
#[test]
fn refunds_use_the_intents_facts() {
    let mut today = merchant(keys());
    today.mch_id = "QRA99999999NEW0".to_owned();
    let today = Qra::new(today, "203.0.113.7".to_owned(), None);
    let payee = Payee { merchant: "QRA11111111OLD0".to_owned(), sub_merchant: None };
    let intent = common::intent(Channel::Qra, NUMBER, 1234, payee);
    let (sale, refund) = (Sale::default(), common::refund(intent.clone(), 500));
    for call in [Call::Refund, Call::RefundQuery] {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        let request = today.request(&asking).request;
        let (caller, call) = parse_request(&request.path, &request.body, |_| Some(keys())).unwrap();
        assert_eq!(caller.mch_id, "QRA11111111OLD0");
        if let qra::Call::Refund(refund) = call {
            assert_eq!(refund.op_user_id, "QRA11111111OLD0");
        }
    }
}

#[test]
fn a_success_is_accepted_and_never_done() {
    assert_eq!(words(&answer(Call::Refund, &signed(accepted()))), "accepted");
    for (name, value, expected) in [
        ("out_refund_no", None, "unknown incomplete out_refund_no"),
        ("out_refund_no", Some("R2"), "unknown incomplete out_refund_no"),
        ("out_trade_no", None, "unknown incomplete out_trade_no"),
        ("out_trade_no", Some("P2026"), "unknown incomplete out_trade_no"),
        ("refund_fee", None, "unknown incomplete refund_fee"),
        // The platform answers a known number as it did the first time (§13).
        ("refund_fee", Some("501"), "unknown incomplete refund_fee"),
        ("refund_fee", Some("5.00"), "unknown incomplete refund_fee"),
        ("mch_id", Some("QRA00000000NONE"), "unknown incomplete mch_id"),
        ("result_code", None, "unknown incomplete result_code"),
        ("status", Some("500"), "unknown unlisted"),
        ("refund_channel", None, "accepted"),
        ("refund_status_0", Some("FAIL"), "accepted"),
        ("code", Some("9999999"), "accepted"),
    ] {
        let told = answer(Call::Refund, &with(accepted(), name, value));
        assert_eq!(words(&told), expected, "{name} {value:?}");
    }
}

#[test]
fn a_refusal_keeps_the_platforms_code_and_is_about_this_refund() {
    let refusal = [("result_code", "1"), ("err_code", "NOTENOUGH"), ("err_msg", "余额不足")];
    let Answer::Refund(RefundAnswer::Refused(told)) = answer(Call::Refund, &signed(fields(&refusal))) else {
        panic!("not refused");
    };
    assert_eq!((told.channel.code.as_str(), told.channel.message.as_str()), ("NOTENOUGH", "余额不足"));
    for (name, value) in [("out_refund_no", "R2"), ("out_trade_no", "P2026"), ("mch_id", "QRA00000000NONE")] {
        let told = answer(Call::Refund, &with(fields(&refusal), name, Some(value)));
        assert_eq!(words(&told), format!("unknown incomplete {name}"));
    }
    // A payment's refusals are no refund's, and Alipay's count behind their prefix alone.
    for (code, expected) in [
        ("USERPAYING", "unknown unlisted"),
        ("REFUNDNOTEXIST", "unknown unlisted"),
        ("SELLER_BALANCE_NOT_ENOUGH", "unknown unlisted"),
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "refused merchant_funds"),
        ("ACQ.BUYER_NOT_EXIST", "refused payer_account"),
        ("ACQ.SYSTEM_ERROR", "unknown channel_unsure"),
    ] {
        check(Call::Refund, &[("result_code", "1"), ("err_code", code)], expected);
    }
}

#[test]
fn what_is_done_says_how_much_under_which_numbers() {
    let facts = done(status("SUCCESS"));
    let expected = RefundFacts {
        channel_order_no: NUMBER.to_owned(),
        channel_refund_no: REFUND_NO.to_owned(),
        amount: Some(Fen::new(500).unwrap()),
        channel_transaction_no: "95516000000260315900000000000001".to_owned(),
    };
    assert_eq!(facts, expected);
    assert_eq!(difference(&facts, &refund()), None);
    for (name, value, expected) in [
        ("refund_fee_0", "501", Difference::Amount),
        ("out_refund_no_0", "R2", Difference::OrderNo),
        ("out_trade_no", "P2026", Difference::OrderNo),
    ] {
        let facts = done(answer(Call::RefundQuery, &with(queried("SUCCESS"), name, Some(value))));
        assert_eq!(difference(&facts, &refund()), Some(expected), "{name}");
    }
}

#[test]
fn what_must_be_there_of_a_refund() {
    for state in ["SUCCESS", "PROCESSING", "FAIL", "CHANGE", "NOTSURE"] {
        for (name, value, field) in [
            ("out_trade_no", None, "out_trade_no"),
            ("refund_status_0", None, "refund_status_$n"),
            ("refund_fee_0", Some("5.00"), "refund_fee_$n"),
            ("mch_id", Some("QRA00000000NONE"), "mch_id"),
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
    let bare = [("result_code", "0"), ("out_trade_no", NUMBER)];
    check(Call::RefundQuery, &bare, "unknown incomplete out_refund_no_$n");
}

/// What ends a refund, or keeps it waiting, must be about this one.
#[test]
fn a_state_of_another_refund_is_not_ours() {
    for state in ["PROCESSING", "FAIL", "CHANGE", "NEW_STATE"] {
        for (name, value, field) in [
            ("out_refund_no_0", "R2", "out_refund_no_$n"),
            ("refund_fee_0", "501", "refund_fee_$n"),
            ("out_trade_no", "P2026", "out_trade_no"),
        ] {
            let told = answer(Call::RefundQuery, &with(queried(state), name, Some(value)));
            assert_eq!(words(&told), format!("unknown incomplete {field}"), "{state}");
        }
    }
    for state in ["NEW_STATE", "success", "REFUNDCLOSE"] {
        assert_eq!(words(&status(state)), "unknown unlisted", "{state}");
    }
}

#[test]
fn of_several_refunds_ours_is_picked_by_its_number() {
    let mut several = queried("FAIL");
    for (name, value) in [
        ("out_refund_no_0", "R9"),
        ("out_refund_no_3", REFUND_NO),
        ("refund_id_3", "95516000000260315900000000000003"),
        ("refund_fee_3", "500"),
        ("refund_status_3", "SUCCESS"),
    ] {
        several.insert(name, value);
    }
    let facts = done(answer(Call::RefundQuery, &signed(several.clone())));
    assert_eq!(facts.channel_transaction_no, "95516000000260315900000000000003");
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
fn not_found_is_about_this_merchant_and_about_refunds() {
    let nothing = fields(&[("result_code", "1"), ("err_code", "REFUNDNOTEXIST")]);
    let told = answer(Call::RefundQuery, &signed(nothing.clone()));
    assert_eq!(told, Answer::RefundQuery(RefundQueryAnswer::NotFound));
    let told = answer(Call::RefundQuery, &with(nothing.clone(), "mch_id", Some("QRA00000000NONE")));
    assert_eq!(words(&told), "unknown incomplete mch_id");
    // The order is known to exist: that it does not says nothing of the refund.
    let told = answer(Call::RefundQuery, &with(nothing, "err_code", Some("ORDERNOTEXIST")));
    assert_eq!(words(&told), "unknown channel_unsure");
}

#[test]
fn the_samples_mean_what_the_sheet_says() {
    let refund = RefundIntent {
        channel_refund_no: ChannelRefundNo::parse("R202603151300000001").unwrap(),
        ..common::refund(intent(), 234)
    };
    for (sample, call, expected) in [
        ("16_refund_response_accepted", Call::Refund, "accepted"),
        ("18_refundquery_response_success", Call::RefundQuery, "done"),
    ] {
        let path =
            format!("{}/../wire/testdata/unionpay/qra_messages/{sample}.xml", env!("CARGO_MANIFEST_DIR"));
        let response = Response::ok("text/xml", std::fs::read(path).unwrap());
        let told = dialect().answer(NOON, call, &intent(), Some(&refund), &response);
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
        (Call::RefundQuery, queried("FAIL")),
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
