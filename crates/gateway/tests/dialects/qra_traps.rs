//! The traps of unionpay.md §4, §11 and §13, variant A, one by one.

use gateway::dialects::Dialect;
use gateway::dialects::qra::Qra;
use payment::exchange::{Answer, Call, Doubt, Payee, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use wire::http::Response;
use wire::qra::{Keys, QraMerchant, sign_response, unsigned_refusal};
use wire::sign::{ApiKey, SigningKey};
use wire::text::{Fields, xml};

use crate::common::{self, CALLS, NOON, words};

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const MCH_ID: &str = "QRA00000000TEST";
pub(crate) const NUMBER: &str = "P202603151200000001";
pub(crate) const FEN: i64 = 1234;

#[test]
fn all_three_must_be_zero_to_be_paid() {
    assert_eq!(words(&answer(Call::Submit, &signed(paid_fields()))), "paid");
    for (field, value, expected) in [
        ("status", "400", "unknown unlisted"),
        ("result_code", "1", "unknown incomplete err_code"),
        ("pay_result", "1", "declined refused"),
        ("pay_result", "00", "declined refused"),
        ("status", "", "unknown incomplete status"),
        ("result_code", "", "unknown incomplete result_code"),
        ("pay_result", "", "unknown incomplete pay_result"),
    ] {
        let mut told = paid_fields();
        told.insert(field, value);
        assert_eq!(words(&answer(Call::Submit, &signed(told))), expected, "{field}={value}");
    }
}

#[test]
fn need_query_outranks_a_success() {
    for (need_query, expected) in [
        ("Y", "unknown channel_unsure"),
        ("N", "paid"),
        ("", "paid"),
        ("maybe", "unknown incomplete need_query"),
    ] {
        let mut told = paid_fields();
        told.insert("need_query", need_query);
        assert_eq!(words(&answer(Call::Submit, &signed(told))), expected, "{need_query}");
    }
    let mut told = paid_fields();
    told.insert("trade_state", "SUCCESS");
    for (field, value) in [("need_query", "Y"), ("pay_result", "1")] {
        let mut told = told.clone();
        told.insert(field, value);
        assert_eq!(words(&answer(Call::Query, &signed(told))), "unknown channel_unsure", "{field}");
    }
}

#[test]
fn a_refusal_counts_only_where_nothing_need_be_asked() {
    for code in
        ["AUTHCODEEXPIRE", "NOTENOUGH", "NOAUTH", "ACQ.BUYER_BALANCE_NOT_ENOUGH", "64", "INVALID_REQUEST"]
    {
        let told = |need_query: &str| {
            let told = [("result_code", "1"), ("err_code", code), ("need_query", need_query)];
            words(&answer(Call::Submit, &signed(fields(&told))))
        };
        assert!(told("N").starts_with("declined"), "{code}: {}", told("N"));
        assert_eq!(told("Y"), "unknown channel_unsure", "{code}");
        assert_eq!(told(""), "unknown incomplete need_query", "{code}");
        assert_eq!(told("n"), "unknown incomplete need_query", "{code}");
    }
    let told = [("result_code", "0"), ("pay_result", "1"), ("pay_info", "余额不足")];
    check(Call::Submit, &told, "unknown incomplete need_query");
    let Answer::Submit(SubmitAnswer::Declined(decline)) =
        answer(Call::Submit, &signed(fields(&[&told[..], &[("need_query", "N")]].concat())))
    else {
        panic!("not declined");
    };
    assert_eq!((decline.channel.code.as_str(), decline.channel.message.as_str()), ("1", "余额不足"));
    let told = [&told[..], &[("need_query", "N"), ("err_code", "NOTENOUGH")]].concat();
    check(Call::Submit, &told, "declined insufficient_funds");
}

#[test]
fn userpaying_is_no_failure_whatever_stands_beside_it() {
    for need_query in ["Y", "N", ""] {
        let told = [("result_code", "1"), ("err_code", "USERPAYING"), ("need_query", need_query)];
        check(Call::Submit, &told, "awaiting_payer");
        let told = [("result_code", "0"), ("pay_result", "1"), ("err_code", "USERPAYING")];
        check(Call::Submit, &[&told[..], &[("need_query", need_query)]].concat(), "awaiting_payer");
    }
}

#[test]
fn a_success_that_is_contradicted_is_unknown() {
    for (field, value) in [("err_code", "USERPAYING"), ("err_code", "00"), ("trade_state", "USERPAYING")] {
        let mut told = paid_fields();
        told.insert(field, value);
        assert_eq!(words(&answer(Call::Submit, &signed(told))), "unknown channel_unsure", "{field}={value}");
    }
}

#[test]
fn payerror_means_reverse_it() {
    assert_eq!(state("PAYERROR"), Answer::Query(QueryAnswer::MustReverse));
}

#[test]
fn systemerror_and_the_wallets_own_are_unknown() {
    for code in ["SYSTEMERROR", "System error", "10003", "aop.ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR", "04"] {
        let Answer::Submit(SubmitAnswer::Unknown(Doubt::ChannelUnsure(said))) = refused(Call::Submit, code)
        else {
            panic!("{code}");
        };
        assert_eq!((said.code.as_str(), said.message.as_str()), (code, "说明"));
    }
}

/// §4.1, §11 trap 7: anybody could have written it.
#[test]
fn an_unsigned_refusal_is_unknown_whatever_it_says() {
    for text in ["Signature error", "Merchant not found", "付款码无效", ""] {
        for call in CALLS {
            assert_eq!(words(&answer(call, &unsigned_refusal(text))), "unknown unsigned", "{text}");
        }
    }
    let told = fields(&[("result_code", "1"), ("err_code", "NOTENOUGH"), ("need_query", "N")]);
    let unsigned = Response::ok("text/xml", xml::print(&told));
    assert_eq!(words(&answer(Call::Submit, &unsigned)), "unknown unsigned");
}

#[test]
fn a_signed_other_status_is_unknown() {
    for call in CALLS {
        check(call, &[("status", "400"), ("message", "Signature error")], "unknown unlisted");
    }
}

/// §4.4: neither which it was, nor that the order was known.
#[test]
fn a_reversal_says_nothing_of_what_it_did() {
    check(Call::Reverse, &[("result_code", "0")], "reversed unsaid");
    assert!(!answer(Call::Reverse, &signed(fields(&[("result_code", "0")]))).acknowledges());
}

/// §4.6, §10: a number that the platform does not know is no reversal; a query must agree after the settle time.
#[test]
fn nothing_to_undo_is_left_to_a_query() {
    for code in ["ORDERNOTEXIST", "order not exist", "ACQ.TRADE_NOT_EXIST", "ORDERREVERSED"] {
        let told = refused(Call::Reverse, code);
        assert_eq!(words(&told), "reversed unsaid", "{code}");
        assert!(!told.acknowledges());
    }
}

/// Not documented here, and honoured where a wallet's own flag passes through.
#[test]
fn recall_and_retry_flag_ask_for_another_call() {
    for flag in ["recall", "retry_flag"] {
        check(Call::Reverse, &[("result_code", "0"), (flag, "Y")], "again");
        check(Call::Reverse, &[("result_code", "0"), (flag, "N")], "reversed unsaid");
        let strange = format!("unknown incomplete {flag}");
        check(Call::Reverse, &[("result_code", "0"), (flag, "maybe")], &strange);
        for code in ["REVERSE_EXPIRE", "ACQ.CANCEL_NOT_ALLOWED", "ORDERNOTEXIST", "SOMETHING_NEW"] {
            check(Call::Reverse, &[("result_code", "1"), ("err_code", code), (flag, "Y")], "again");
        }
        let asking = [("result_code", "1"), ("err_code", "USERPAYING"), (flag, "Y")];
        check(Call::Reverse, &asking, "still_paying");
    }
    let both = [("result_code", "0"), ("recall", "N"), ("retry_flag", "Y")];
    check(Call::Reverse, &both, "again");
}

#[test]
fn a_wallets_own_word_on_a_reversal_passes_through() {
    for (code, expected) in [
        ("REVERSE_EXPIRE", "cannot window"),
        ("ACQ.TRADE_CANCEL_TIME_OUT", "cannot window"),
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "cannot funds"),
        ("ACQ.REASON_TRADE_REFUND_FEE_ERR", "cannot refunded"),
        ("ACQ.CANCEL_NOT_ALLOWED", "cannot not_allowed"),
        ("AQC.SYSTEM_ERROR", "unknown channel_unsure"),
        ("TRADE_ERROR", "unknown channel_unsure"),
        // Without Alipay's prefix it is nobody's code.
        ("CANCEL_NOT_ALLOWED", "unknown unlisted"),
        ("TRADE_CANCEL_TIME_OUT", "unknown unlisted"),
    ] {
        assert_eq!(words(&refused(Call::Reverse, code)), expected, "{code}");
    }
}

#[test]
fn not_found_is_not_found_and_nothing_more() {
    for code in ["ORDERNOTEXIST", "order not exist", "ACQ.TRADE_NOT_EXIST"] {
        let told = refused(Call::Query, code);
        assert_eq!(told, Answer::Query(QueryAnswer::NotFound), "{code}");
        assert!(!told.acknowledges());
        assert_eq!(words(&refused(Call::Submit, code)), "unknown unlisted");
    }
}

#[test]
fn a_number_that_is_known_already_is_unknown() {
    for code in
        ["ORDERPAID", "OUT_TRADE_NO_USED", "ORDERCLOSED", "ORDERREVERSED", "ACQ.TRADE_HAS_SUCCESS", "12"]
    {
        assert_eq!(words(&refused(Call::Submit, code)), "unknown already_known", "{code}");
    }
}

#[test]
fn a_refund_is_neither_paid_nor_closed() {
    assert_eq!(words(&state("REFUND")), "unknown channel_unsure");
}

#[test]
fn what_nobody_documented_is_unlisted() {
    for code in ["RULE_LIMIT", "userpaying", "NOTENOUGH ", "BUYER_BALANCE_NOT_ENOUGH", "ACQ.", "*", "0", "99"]
    {
        for call in CALLS {
            assert_eq!(words(&refused(call, code)), "unknown unlisted", "{code}");
        }
        assert_eq!(words(&state(code)), "unknown unlisted", "{code}");
    }
}

#[test]
fn fields_that_must_be_there() {
    for call in CALLS {
        check(call, &[], "unknown incomplete result_code");
        check(call, &[("result_code", "1")], "unknown incomplete err_code");
    }
    check(Call::Submit, &[("result_code", "0")], "unknown incomplete pay_result");
    check(Call::Query, &[("result_code", "0")], "unknown incomplete trade_state");
    check(Call::Query, &[("result_code", "0"), ("trade_state", "CLOSED")], "unknown incomplete out_trade_no");
}

#[test]
fn an_answer_about_another_order_or_merchant_is_not_ours() {
    let refusal = [("result_code", "1"), ("err_code", "NOTENOUGH"), ("need_query", "N")];
    let closed = [("result_code", "0"), ("out_trade_no", NUMBER), ("trade_state", "CLOSED")];
    let undone = [("result_code", "0")];
    for (call, said) in [(Call::Submit, &refusal[..]), (Call::Query, &closed), (Call::Reverse, &undone)] {
        for (field, other) in [("out_trade_no", "S2026"), ("mch_id", "QRA00000000NONE")] {
            let mut told = fields(said);
            told.insert(field, other);
            assert_eq!(words(&answer(call, &signed(told))), format!("unknown incomplete {field}"));
        }
    }
}

pub(crate) fn check(call: Call, told: &[(&str, &str)], expected: &str) {
    assert_eq!(words(&answer(call, &signed(fields(told)))), expected, "{call:?} {told:?}");
}

/// A refusal with that code, of which nothing need be asked.
pub(crate) fn refused(call: Call, code: &str) -> Answer {
    let told = fields(&[("result_code", "1"), ("err_code", code), ("err_msg", "说明"), ("need_query", "N")]);
    answer(call, &signed(told))
}

/// A failed payment that names no code.
pub(crate) fn pay_result(result: &str) -> Answer {
    let told = [("result_code", "0"), ("pay_result", result), ("pay_info", "说明"), ("need_query", "N")];
    answer(Call::Submit, &signed(fields(&told)))
}

/// A query's answer with that state.
pub(crate) fn state(name: &str) -> Answer {
    answer(Call::Query, &signed(state_fields(name)))
}

/// What a query says of a paid order.
pub(crate) fn state_fields(name: &str) -> Fields {
    let mut told = paid_fields();
    for field in ["pay_result", "need_query"] {
        told.remove(field);
    }
    told.insert("trade_state", name);
    told
}

pub(crate) fn answer(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

/// What every signed answer carries, and then `told`.
pub(crate) fn fields(told: &[(&str, &str)]) -> Fields {
    let common = [("status", "0"), ("mch_id", MCH_ID), ("nonce_str", "00112233445566778899aabbccddeeff")];
    common.iter().chain(told).map(|(name, value)| (*name, *value)).collect()
}

pub(crate) fn paid_fields() -> Fields {
    fields(&[
        ("result_code", "0"),
        ("pay_result", "0"),
        ("need_query", "N"),
        ("trade_type", "pay.weixin.micropay"),
        ("transaction_id", "95516000000260315000000000000001"),
        ("out_transaction_id", "4200000000202603150000000001"),
        ("out_trade_no", NUMBER),
        ("total_fee", "1234"),
        ("coupon_fee", "0"),
        ("fee_type", "CNY"),
        ("time_end", "20260315120003"),
    ])
}

pub(crate) fn signed(fields: Fields) -> Response {
    sign_response(&fields, &keys())
}

pub(crate) fn keys() -> Keys {
    Keys::Md5(ApiKey::new(KEY).unwrap())
}

/// The merchant's and the platform's half of an account that signs with RSA: stand-ins that are fast.
pub(crate) fn rsa_halves() -> (Keys, Keys) {
    let (ours, theirs) = (SigningKey::keyed_hash([3; 32]), SigningKey::keyed_hash([4; 32]));
    let half = |own: &SigningKey, other: &SigningKey| Keys::Rsa1With256 {
        own: own.clone(),
        theirs: other.verifying_key(),
    };
    (half(&ours, &theirs), half(&theirs, &ours))
}

pub(crate) fn merchant(keys: Keys) -> QraMerchant {
    QraMerchant { mch_id: MCH_ID.to_owned(), keys }
}

pub(crate) fn dialect() -> Qra {
    Qra::new(merchant(keys()), "203.0.113.7".to_owned(), None)
}

pub(crate) fn payee() -> Payee {
    Payee { merchant: MCH_ID.to_owned(), sub_merchant: None }
}

pub(crate) fn intent() -> Intent {
    // The sample messages are of noon.
    Intent { opened_at: common::NOON, ..common::intent(Channel::Qra, NUMBER, FEN, payee()) }
}

pub(crate) fn refund() -> RefundIntent {
    common::refund(intent(), 500)
}
