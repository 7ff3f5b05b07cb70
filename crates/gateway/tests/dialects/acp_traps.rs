//! The traps of unionpay.md §5 and §11 that are ACP's, one by one.

use gateway::dialects::Dialect;
use gateway::dialects::acp::Acp;
use payment::exchange::{Answer, Call, Payee, QueryAnswer, SubmitAnswer};
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use wire::acp::{AcpMerchant, Signer, Trust, sign_response, unsigned_refusal};
use wire::http::Response;
use wire::sign::SigningKey;
use wire::text::Fields;

use crate::common::{self, CALLS, NOON, REFUND_NO, words};

pub(crate) const NUMBER: &str = "A1B2P20260315000000000000003";
pub(crate) const FEN: i64 = 7370;
pub(crate) const MER_ID: &str = "777000000000001";
/// [`common::OPENED`], the payment's second, and a minute later, the refund's.
pub(crate) const TIME: &str = "20260315091228";
pub(crate) const REFUND_TIME: &str = "20260315091328";
pub(crate) const QUERY_ID: &str = "902603150912310000018";
pub(crate) const REFUND_QUERY_ID: &str = "902603150913300000028";

#[test]
fn accepted_is_not_paid_and_stands_on_the_books() {
    let accepted = told(Call::Submit, &[("respCode", "00")]);
    assert_eq!(accepted, Answer::Submit(SubmitAnswer::AwaitingPayer));
    assert!(accepted.acknowledges(), "a later *not found* ends nothing");
    // Whatever else stands beside it, also what only a query says.
    let more = [("respCode", "00"), ("origRespCode", "00"), ("queryId", QUERY_ID), ("settleAmt", "7370")];
    assert_eq!(words(&told(Call::Submit, &more)), "awaiting_payer");
}

#[test]
fn a_query_that_went_well_is_no_payment() {
    assert_eq!(words(&told(Call::Query, &[("respCode", "00")])), "unknown incomplete origRespCode");
    assert_eq!(words(&told(Call::Query, &[("origRespCode", "00")])), "unknown incomplete respCode");
    assert_eq!(
        words(&told(Call::Query, &[("respCode", "00"), ("origRespCode", "")])),
        "unknown incomplete origRespCode"
    );
    // The question's own doubt, whatever is said of the order.
    assert_eq!(words(&told(Call::Query, &[("respCode", "05"), ("origRespCode", "00")])), UNSURE);
}

const UNSURE: &str = "unknown channel_unsure";

#[test]
fn not_found_is_not_found_and_nothing_more() {
    let told = refused(Call::Query, "34");
    assert_eq!(told, Answer::Query(QueryAnswer::NotFound));
    assert!(!told.acknowledges());
    for code in ["34", "35", "46"] {
        let undone = refused(Call::Reverse, code);
        assert_eq!(words(&undone), "reversed unsaid");
        assert!(!undone.acknowledges(), "never an end by itself");
    }
    assert_eq!(words(&told_success(Call::Reverse)), "reversed unsaid");
}

/// What the sheet names a failure of a payment, though its words say that money moved.
#[test]
fn charged_after_the_allowed_time_is_undone() {
    assert_eq!(words(&refused(Call::Submit, "42")), "declined_ask refused");
    assert_eq!(words(&state("42")), "must_reverse");
}

#[test]
fn what_nobody_documented_is_unlisted() {
    for code in [
        "07", "15", "40", "44", "63", "72", "76", "77", "78", "79", "80", "84", "85", "89", "97", "0", "000",
        "a6", "Z9",
    ] {
        for call in CALLS {
            assert_eq!(words(&refused(call, code)), "unknown unlisted", "{code}");
        }
        assert_eq!(words(&state(code)), "unknown unlisted", "{code}");
    }
    for code in ["34", "35", "36", "45", "46", "98"] {
        assert_eq!(words(&refused(Call::Submit, code)), "unknown unlisted", "another call's code: {code}");
    }
    for code in ["00", "12", "34", "35", "36", "45", "06", "02", "37", "98"] {
        let listed = code == "00";
        assert_eq!(words(&state(code)) == "unknown unlisted", !listed, "{code}");
    }
    // Invented where a simulator needs it: no sheet says that a reversal can lack funds.
    assert_eq!(words(&refused(Call::Reverse, "64")), "unknown unlisted");
}

/// Numbers of UnionPay's are made when it books (§13).
#[test]
fn a_reversed_order_that_was_booked_gave_money_back() {
    let reversed = [("respCode", "00"), ("origRespCode", "46")];
    assert_eq!(words(&told(Call::Query, &reversed)), "closed revoked");
    let booked = [&reversed[..], &[("queryId", QUERY_ID), ("settleDate", "0315")]].concat();
    assert_eq!(words(&told(Call::Query, &booked)), "closed refunded");
    for alone in [("queryId", QUERY_ID), ("settleDate", "0315")] {
        let told = words(&told(Call::Query, &[&reversed[..], &[alone]].concat()));
        assert_eq!(told, "closed revoked", "{alone:?}");
    }
}

/// The signature covers the words and not the question: a transaction type that is not the call's says so.
#[test]
fn an_answer_to_another_call_decides_nothing() {
    for (call, kinds) in [
        (Call::Submit, ["00", "99", "31", "04"]),
        (Call::Query, ["99", "31", "04", "76"]),
        (Call::Reverse, ["00", "01", "31", "04"]),
        (Call::Refund, ["00", "01", "31", "99"]),
        (Call::RefundQuery, ["99", "01", "31", "76"]),
    ] {
        for kind in kinds {
            for code in ["00", "34", "86"] {
                let told = told(call, &[("txnType", kind), ("respCode", code), ("origRespCode", "00")]);
                assert_eq!(words(&told), "unknown incomplete txnType", "{call:?} {kind}");
            }
        }
    }
}

#[test]
fn an_answer_about_another_order_is_not_ours() {
    let others = [
        ("merId", "777000000000002"),
        ("orderId", "A1B2P20260315000000000000004"),
        ("txnTime", "20260315091229"),
    ];
    for other in others {
        for (call, code, state) in [
            (Call::Submit, "00", ""),
            (Call::Submit, "86", ""),
            (Call::Query, "34", ""),
            (Call::Query, "00", "64"),
            (Call::Query, "00", "05"),
            (Call::Query, "00", "46"),
            (Call::Reverse, "00", ""),
            (Call::Reverse, "45", ""),
            (Call::Refund, "00", ""),
            (Call::Refund, "36", ""),
            (Call::RefundQuery, "34", ""),
            (Call::RefundQuery, "00", "05"),
        ] {
            let told = words(&told(call, &[("respCode", code), ("origRespCode", state), other]));
            assert_eq!(told, format!("unknown incomplete {}", other.0), "{call:?} {code} {state}");
        }
    }
    for (call, code, state) in [
        (Call::Submit, "00", ""),
        (Call::Query, "00", "05"),
        (Call::Reverse, "00", ""),
        (Call::Refund, "00", ""),
    ] {
        let told = words(&told(call, &[("respCode", code), ("origRespCode", state), ("orderId", "")]));
        assert_eq!(told, "unknown incomplete orderId", "{call:?}: a success names its order");
    }
}

/// Another amount in an acceptance is no acceptance of ours.
#[test]
fn an_acceptance_of_another_amount_is_not_ours() {
    for (amount, expected) in [
        ("7370", "awaiting_payer"),
        ("", "awaiting_payer"),
        ("7371", "unknown incomplete txnAmt"),
        ("73.70", "unknown incomplete txnAmt"),
    ] {
        let told = told(Call::Submit, &[("respCode", "00"), ("txnAmt", amount)]);
        assert_eq!(words(&told), expected, "{amount}");
    }
}

#[test]
fn an_unsigned_refusal_is_unknown_whatever_it_says() {
    for code in ["00", "11", "31", "34", "86"] {
        for call in CALLS {
            let told = answer(call, &unsigned_refusal(code, "验证签名失败"));
            assert_eq!(words(&told), "unknown unsigned");
        }
    }
}

pub(crate) fn dialect() -> Acp {
    Acp::new(merchant(Trust::keyed_hash([6; 32])), "00000001".to_owned())
}

pub(crate) fn merchant(trust: Trust) -> AcpMerchant {
    AcpMerchant {
        mer_id: MER_ID.to_owned(),
        cert_id: "69000000002".to_owned(),
        key: SigningKey::keyed_hash([5; 32]),
        trust,
    }
}

pub(crate) fn intent() -> Intent {
    common::intent(Channel::Acp, NUMBER, FEN, payee())
}

pub(crate) fn payee() -> Payee {
    Payee { merchant: MER_ID.to_owned(), sub_merchant: None }
}

pub(crate) fn refund() -> RefundIntent {
    RefundIntent { channel_transaction_no: QUERY_ID.to_owned(), ..common::refund(intent(), 370) }
}

/// An answer to a call with what every one repeats, and what else it says; an empty value takes a field away.
pub(crate) fn signed(call: Call, said: &[(&str, &str)]) -> Response {
    let (kind, sub_kind) = match call {
        Call::Submit => ("01", "06"),
        Call::Query | Call::RefundQuery => ("00", "00"),
        Call::Reverse => ("99", "01"),
        Call::Refund => ("04", "00"),
    };
    let (number, time) = match call {
        Call::Submit | Call::Query | Call::Reverse => (NUMBER, TIME),
        Call::Refund | Call::RefundQuery => (REFUND_NO, REFUND_TIME),
    };
    let mut fields = Fields::from_iter([
        ("txnType", kind),
        ("txnSubType", sub_kind),
        ("orderId", number),
        ("txnTime", time),
    ]);
    let mut mer_id = MER_ID;
    for (name, value) in said {
        match *name {
            "merId" => mer_id = value,
            name => _ = fields.insert(name, *value),
        }
    }
    sign_response(mer_id, &fields, &their_hand())
}

pub(crate) fn their_hand() -> Signer {
    Signer { key: SigningKey::keyed_hash([6; 32]), certificate: String::new() }
}

pub(crate) fn told(call: Call, said: &[(&str, &str)]) -> Answer {
    answer(call, &signed(call, said))
}

fn told_success(call: Call) -> Answer {
    told(call, &[("respCode", "00")])
}

/// A signed refusal with that code.
pub(crate) fn refused(call: Call, code: &str) -> Answer {
    told(call, &[("respCode", code), ("respMsg", "说明[0000000]")])
}

/// A query's answer that went well, about an order that stands so.
pub(crate) fn state(code: &str) -> Answer {
    told(Call::Query, &[&paid_fields()[..], &[("origRespCode", code)]].concat())
}

pub(crate) fn answer(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

/// What "paid" looks like in answer to a query.
pub(crate) fn paid_fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("respCode", "00"),
        ("respMsg", "成功[0000000]"),
        ("origRespCode", "00"),
        ("origRespMsg", "成功[0000000]"),
        ("txnAmt", "7370"),
        ("currencyCode", "156"),
        ("queryId", QUERY_ID),
        ("traceNo", "000001"),
        ("traceTime", "0315091231"),
        ("settleAmt", "7370"),
        ("settleCurrencyCode", "156"),
        ("settleDate", "0315"),
        ("payCardType", "01"),
    ]
}
