//! The traps of wechat.md §5, §6 and §10, one by one.

use gateway::dialects::Dialect;
use gateway::dialects::wechat_v2::WechatV2;
use payment::exchange::{Answer, Call, Doubt, Payee, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use wire::http::Response;
use wire::sign::{ApiKey, V2SignType};
use wire::text::Fields;
use wire::wechat_v2::{V2Merchant, sign_response, unsigned_fail};

use crate::common::{self, CALLS, NOON, words};

pub(crate) const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
pub(crate) const NUMBER: &str = "S20260315091228001";
pub(crate) const FEN: i64 = 1250;

#[test]
fn userpaying_inside_fail_is_no_failure() {
    check(Call::Submit, &[("result_code", "FAIL"), ("err_code", "USERPAYING")], "awaiting_payer");
}

#[test]
fn userpaying_as_a_state_beside_success_is_no_success() {
    let asked = [("result_code", "SUCCESS"), ("out_trade_no", NUMBER), ("trade_state", "USERPAYING")];
    check(Call::Submit, &asked, "awaiting_payer");
    for (state, expected) in [
        ("NOTPAY", "unknown channel_unsure"),
        ("PAYERROR", "unknown channel_unsure"),
        ("CLOSED", "unknown channel_unsure"),
        ("REFUND", "unknown channel_unsure"),
        ("ACCEPT", "unknown unlisted"),
    ] {
        let mut paid = paid_fields();
        paid.insert("trade_state", state);
        assert_eq!(words(&answer(Call::Submit, &signed(paid))), expected, "{state}");
    }
}

#[test]
fn payerror_means_reverse_it() {
    assert_eq!(state("PAYERROR"), Answer::Query(QueryAnswer::MustReverse));
}

#[test]
fn systemerror_and_bankerror_are_unknown() {
    for code in ["SYSTEMERROR", "BANKERROR"] {
        let Answer::Submit(SubmitAnswer::Unknown(Doubt::ChannelUnsure(said))) = refused(Call::Submit, code)
        else {
            panic!("{code}");
        };
        assert_eq!((said.code.as_str(), said.message.as_str()), (code, "说明"));
    }
}

#[test]
fn an_unsigned_refusal_is_unknown_whatever_it_says() {
    for text in ["签名错误", "system error", "XML格式错误", "post数据为空", "付款码无效", ""]
    {
        for call in CALLS {
            assert_eq!(words(&answer(call, &unsigned_fail(text))), "unknown unsigned", "{text}");
        }
    }
    let fields = fields(&[("result_code", "FAIL"), ("err_code", "NOTENOUGH")]);
    let unsigned = Response::ok("text/xml", wire::text::xml::print(&fields));
    assert_eq!(words(&answer(Call::Submit, &unsigned)), "unknown unsigned");
}

#[test]
fn a_signed_return_code_fail_is_unknown() {
    for call in CALLS {
        check(call, &[("return_code", "FAIL"), ("return_msg", "签名错误")], "unknown unlisted");
    }
}

#[test]
fn reverse_answering_userpaying_is_not_reversed() {
    for recall in ["Y", "N", ""] {
        let fields = [("result_code", "FAIL"), ("err_code", "USERPAYING"), ("recall", recall)];
        check(Call::Reverse, &fields, "still_paying");
    }
}

#[test]
fn recall_asks_for_another_call() {
    check(Call::Reverse, &[("result_code", "SUCCESS"), ("recall", "Y")], "again");
    check(Call::Reverse, &[("result_code", "SUCCESS"), ("recall", "N")], "reversed unsaid");
    check(Call::Reverse, &[("result_code", "SUCCESS")], "reversed unsaid");
    check(Call::Reverse, &[("result_code", "SUCCESS"), ("recall", "maybe")], "unknown incomplete recall");
    for code in ["REVERSE_EXPIRE", "SOMETHING_NEW"] {
        let fields = [("result_code", "FAIL"), ("err_code", code), ("recall", "Y")];
        check(Call::Reverse, &fields, "again");
    }
    check(Call::Reverse, &[("result_code", "FAIL"), ("err_code", "REVERSE_EXPIRE")], "cannot window");
}

#[test]
fn reverse_refused_for_our_set_up_goes_on() {
    for code in ["INVALID_TRANSACTIONID", "SIGNERROR", "PARAM_ERROR", "TRADE_ERROR"] {
        assert_eq!(words(&refused(Call::Reverse, code)), "unknown channel_unsure", "{code}");
    }
    let no_certificate = Response {
        status: 400,
        headers: Vec::new(),
        body: b"<html>No required SSL certificate was sent</html>".to_vec(),
    };
    assert_eq!(words(&answer(Call::Reverse, &no_certificate)), "unknown status 400");
}

#[test]
fn not_found_is_not_found_and_nothing_more() {
    let answer = refused(Call::Query, "ORDERNOTEXIST");
    assert_eq!(answer, Answer::Query(QueryAnswer::NotFound));
    assert!(!answer.acknowledges());
    for call in [Call::Submit, Call::Reverse, Call::RefundQuery] {
        assert_eq!(words(&refused(call, "ORDERNOTEXIST")), "unknown unlisted");
    }
}

#[test]
fn a_number_that_is_known_already_is_unknown() {
    for code in ["ORDERPAID", "OUT_TRADE_NO_USED", "ORDERCLOSED", "ORDERREVERSED", "BUYER_MISMATCH"] {
        assert_eq!(words(&refused(Call::Submit, code)), "unknown already_known", "{code}");
    }
}

#[test]
fn a_refund_is_neither_paid_nor_closed() {
    assert_eq!(words(&state("REFUND")), "unknown channel_unsure");
}

#[test]
fn what_nobody_documented_is_unlisted() {
    for code in ["RULE_LIMIT", "userpaying", "NOTENOUGH ", "NOT_ENOUGH", "*", "0"] {
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
        check(call, &[("result_code", "success")], "unknown incomplete result_code");
        check(call, &[("result_code", "FAIL")], "unknown incomplete err_code");
    }
    check(Call::Query, &[("result_code", "SUCCESS")], "unknown incomplete trade_state");
    let nameless = [("result_code", "SUCCESS"), ("trade_state", "CLOSED")];
    check(Call::Query, &nameless, "unknown incomplete out_trade_no");
}

#[test]
fn an_answer_about_another_order_or_merchant_is_not_ours() {
    let refusal = [("result_code", "FAIL"), ("err_code", "NOTENOUGH")];
    let closed = [("result_code", "SUCCESS"), ("out_trade_no", NUMBER), ("trade_state", "CLOSED")];
    let undone = [("result_code", "SUCCESS"), ("recall", "N")];
    for (call, said) in [(Call::Submit, &refusal[..]), (Call::Query, &closed), (Call::Reverse, &undone)] {
        for (field, other) in
            [("out_trade_no", "S2026"), ("mch_id", "1900000110"), ("appid", "wx0"), ("sub_mch_id", "7")]
        {
            let mut told = fields(said);
            told.insert(field, other);
            assert_eq!(words(&answer(call, &signed(told))), format!("unknown incomplete {field}"));
        }
    }
}

pub(crate) fn check(call: Call, told: &[(&str, &str)], expected: &str) {
    assert_eq!(words(&answer(call, &signed(fields(told)))), expected, "{call:?} {told:?}");
}

/// A refusal with that code.
pub(crate) fn refused(call: Call, code: &str) -> Answer {
    let told = fields(&[("result_code", "FAIL"), ("err_code", code), ("err_code_des", "说明")]);
    answer(call, &signed(told))
}

/// A query's answer with that state.
pub(crate) fn state(name: &str) -> Answer {
    let mut told = paid_fields();
    told.insert("trade_state", name);
    answer(Call::Query, &signed(told))
}

pub(crate) fn answer(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

/// What every signed answer carries, and then `told`.
pub(crate) fn fields(told: &[(&str, &str)]) -> Fields {
    let common = [
        ("return_code", "SUCCESS"),
        ("return_msg", "OK"),
        ("appid", "wx1a2b3c4d5e6f7a8b"),
        ("mch_id", "1900000109"),
        ("nonce_str", "GOp3TRyMXzbMlkun"),
    ];
    common.iter().chain(told).map(|(name, value)| (*name, *value)).collect()
}

pub(crate) fn paid_fields() -> Fields {
    fields(&[
        ("result_code", "SUCCESS"),
        ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        ("trade_type", "MICROPAY"),
        ("bank_type", "OTHERS"),
        ("total_fee", "1250"),
        ("transaction_id", "4200002871202603151000000001"),
        ("out_trade_no", NUMBER),
        ("time_end", "20260315091231"),
        ("cash_fee", "1250"),
    ])
}

pub(crate) fn signed(fields: Fields) -> Response {
    sign_response(fields, &key(), V2SignType::Md5)
}

pub(crate) fn key() -> ApiKey {
    ApiKey::new(KEY).unwrap()
}

pub(crate) fn merchant(sign_type: V2SignType) -> V2Merchant {
    V2Merchant {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_appid: None,
        sub_mch_id: None,
        channel_id: None,
        key: key(),
        sign_type,
    }
}

pub(crate) fn dialect() -> WechatV2 {
    WechatV2::new(merchant(V2SignType::Md5), "203.0.113.7".to_owned())
}

pub(crate) fn payee() -> Payee {
    Payee { merchant: "wx1a2b3c4d5e6f7a8b/1900000109".to_owned(), sub_merchant: None }
}

pub(crate) fn intent() -> Intent {
    common::intent(Channel::WechatV2, NUMBER, FEN, payee())
}

/// A refund of a part: 5.00 of 12.50.
pub(crate) fn refund() -> RefundIntent {
    common::refund(intent(), 500)
}
