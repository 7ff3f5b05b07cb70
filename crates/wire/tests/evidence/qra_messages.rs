//! Every QRA sample message: read, verified by both implementations, signed again, and asked field by field.

use wire::qra::{
    Answer, BillRefusal, NotVerified, QraMerchant, RefundLine, bill_refusal, parse_response, sign_response,
};
use wire::text::{Fields, xml};
use wire::verified::{BadField, Verified};

use crate::qra_vectors::{KEY, md5, pairs, rsa};
use crate::{independent, testdata, testdata_json};

const REQUESTS: [&str; 6] = [
    "01_micropay_request_weixin",
    "09_query_request",
    "12_reverse_request",
    "15_refund_request",
    "17_refundquery_request",
    "19_bill_request",
];

const ANSWERS: [&str; 18] = [
    "02_micropay_response_success_weixin",
    "03_micropay_response_success_unionpay",
    "04_micropay_response_userpaying",
    "05_micropay_response_systemerror_needquery",
    "06_micropay_response_authcode_expired",
    "07_micropay_response_noauth",
    "10_query_response_closed",
    "10_query_response_notpay",
    "10_query_response_payerror",
    "10_query_response_refund",
    "10_query_response_revoked",
    "10_query_response_success",
    "10_query_response_userpaying",
    "11_query_response_order_not_exist",
    "13_reverse_response_ok",
    "14_reverse_response_systemerror",
    "16_refund_response_accepted",
    "18_refundquery_response_success",
];

/// Without a signature, as such answers come: read, but never verified.
const UNSIGNED: &str = "08_response_sign_error_unsigned";

#[test]
fn no_sample_is_left_out() {
    let folder = format!("{}/testdata/unionpay/qra_messages", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    let mut known = [&REQUESTS[..], &ANSWERS, &[UNSIGNED]].concat();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn every_sample_verifies_and_survives_printing_and_signing_again() {
    for sample in REQUESTS.into_iter().chain(ANSWERS) {
        let fields = xml::parse(&sample_bytes(sample), xml::LIMITS).unwrap();
        let sign = independent::wechat_v2(&pairs(&fields), KEY, "MD5");
        assert_eq!(fields.get("sign"), Some(sign.as_str()), "{sample}");
        let printed = xml::print_all_as_cdata(&fields);
        assert_eq!(xml::parse(&printed, xml::LIMITS).unwrap(), fields, "{sample}");
        let unindented = String::from_utf8(sample_bytes(sample)).unwrap().replace("\n  <", "\n<");
        assert_eq!(printed, unindented.trim_end().as_bytes(), "the same text as the sample: {sample}");
    }
    for sample in ANSWERS {
        let fields = xml::parse(&sample_bytes(sample), xml::LIMITS).unwrap();
        assert_eq!(verified(sample).value().fields(), &fields);
        let again = sign_response(&fields, &md5());
        assert_eq!(xml::parse(&again.body, xml::LIMITS).unwrap(), fields, "{sample}");
    }
}

#[test]
fn one_flipped_bit_anywhere_is_not_believed() {
    for sample in ["02_micropay_response_success_weixin", "13_reverse_response_ok"] {
        no_flip_is_believed(sample_bytes(sample).trim_ascii_end(), &merchant());
    }
    let file = testdata_json("unionpay/qra_rsa_vectors.json");
    let fields = verified("13_reverse_response_ok").into_value().fields().clone();
    let body = sign_response(&fields, &rsa(&file, "platform")).body;
    no_flip_is_believed(&body, &QraMerchant { keys: rsa(&file, "merchant"), ..merchant() });
}

fn no_flip_is_believed(body: &[u8], merchant: &QraMerchant) {
    let believed = |body: &[u8]| parse_response(body).is_ok_and(|reply| reply.verify(merchant).is_ok());
    assert!(believed(body));
    for position in 0..body.len() {
        for bit in 0..8 {
            let mut flipped = body.to_vec();
            flipped[position] ^= 1 << bit;
            assert!(!believed(&flipped), "byte {position}, bit {bit}");
        }
    }
}

#[test]
fn unsigned_and_badly_signed_are_told_apart() {
    let unsigned = NotVerified::Unsigned { status: "400".into(), message: "Signature error".into() };
    assert_eq!(parse_response(&sample_bytes(UNSIGNED)).unwrap().verify(&merchant()).unwrap_err(), unsigned);
    let empty_sign = b"<xml><status>0</status><result_code>0</result_code><sign/></xml>";
    let unsigned = NotVerified::Unsigned { status: "0".into(), message: String::new() };
    assert_eq!(parse_response(empty_sign).unwrap().verify(&merchant()).unwrap_err(), unsigned);

    let file = testdata_json("unionpay/qra_rsa_vectors.json");
    let rsa = QraMerchant { keys: rsa(&file, "merchant"), ..merchant() };
    let other_type = parse_response(&sample_bytes("13_reverse_response_ok")).unwrap();
    assert_eq!(other_type.verify(&rsa).unwrap_err(), NotVerified::BadSignature);
}

#[test]
fn hostile_documents_are_unreadable() {
    let paid = String::from_utf8(sample_bytes("02_micropay_response_success_weixin")).unwrap();
    let entity = "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let laughs = "<!DOCTYPE xml [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>";
    for document in [
        format!("{entity}{paid}"),
        format!("{laughs}{}", paid.replace("OTHERS", "&b;")),
        paid.replace("</xml>", "<total_fee>1</total_fee></xml>"),
        paid.replace("<xml>", "<xml><detail><a>1</a></detail>"),
        paid.replace("<status>", "<status x='1'>"),
        format!("\u{FEFF}{paid}"),
        format!("{paid}{paid}"),
        paid[..paid.len() / 2].to_owned(),
        "<html><body>502</body></html>".to_owned(),
        r#"{"status":"0"}"#.to_owned(),
        String::new(),
        paid.replace("OTHERS", &"x".repeat(1 << 20)),
        format!("<xml>{}", "<a>".repeat(20_000)),
    ] {
        assert!(parse_response(document.as_bytes()).is_err(), "{}", &document[..document.len().min(120)]);
    }
}

#[test]
fn a_payment_says_what_was_paid() {
    let paid = verified("02_micropay_response_success_weixin");
    assert_eq!((paid.status(), paid.result_code(), paid.pay_result()), (Some("0"), Some("0"), Some("0")));
    assert_eq!((paid.need_query(), paid.err_code(), paid.err_msg()), (Some("N"), None, None));
    assert_eq!((paid.mch_id(), paid.out_trade_no()), (Some("QRA00000000TEST"), Some("P202603151200000001")));
    assert_eq!(paid.trade_type(), Some("pay.weixin.micropay"));
    assert_eq!(paid.transaction_id(), Some("95516000000260315000000000000001"));
    assert_eq!(paid.out_transaction_id(), Some("4200000000202603150000000001"));
    assert_eq!((paid.total_fee(), paid.coupon_fee()), (Ok(Some(1234)), Ok(Some(0))));
    assert_eq!((paid.fee_type(), paid.bank_type()), (Some("CNY"), Some("OTHERS")));
    assert_eq!((paid.openid(), paid.attach()), (Some("oTESTopenid0000000000000001"), Some("k1")));
    assert_eq!(paid.time_end(), Ok(Some(1_773_547_203_000)));
    assert_eq!((paid.trade_state(), paid.message(), paid.device_info()), (None, None, None));

    let unionpay = verified("03_micropay_response_success_unionpay");
    assert_eq!(unionpay.trade_type(), Some("pay.unionpay.micropay"));
    assert_eq!((unionpay.bank_billno(), unionpay.coupon_fee()), (Some("902603150000000002"), Ok(None)));
}

#[test]
fn refusals_and_states_have_their_names() {
    for (sample, code, need_query) in [
        ("04_micropay_response_userpaying", "USERPAYING", Some("Y")),
        ("05_micropay_response_systemerror_needquery", "SYSTEMERROR", Some("Y")),
        ("06_micropay_response_authcode_expired", "AUTHCODEEXPIRE", Some("N")),
        ("07_micropay_response_noauth", "NOAUTH", Some("N")),
        ("11_query_response_order_not_exist", "ORDERNOTEXIST", None),
        ("14_reverse_response_systemerror", "SYSTEMERROR", None),
    ] {
        let answer = verified(sample);
        assert_eq!((answer.result_code(), answer.err_code()), (Some("1"), Some(code)), "{sample}");
        assert_eq!(answer.need_query(), need_query, "{sample}");
        assert!(answer.err_msg().is_some_and(|text| !text.is_ascii()), "{sample}");
    }
    // Undocumented, and signed all the same (unionpay.md §11, trap 6).
    assert_eq!(verified("07_micropay_response_noauth").field("code"), Some("9999999"));
    for (sample, state) in [
        ("10_query_response_closed", "CLOSED"),
        ("10_query_response_notpay", "NOTPAY"),
        ("10_query_response_payerror", "PAYERROR"),
        ("10_query_response_refund", "REFUND"),
        ("10_query_response_revoked", "REVOKED"),
        ("10_query_response_success", "SUCCESS"),
        ("10_query_response_userpaying", "USERPAYING"),
    ] {
        let answer = verified(sample);
        assert_eq!(answer.trade_state(), Some(state));
        assert!(answer.trade_state_desc().is_some() && answer.pay_result().is_none());
    }
    let done = verified("13_reverse_response_ok");
    assert_eq!((done.result_code(), done.recall(), done.out_trade_no()), (Some("0"), None, None));
}

#[test]
fn refunds_are_told_one_by_one() {
    let accepted = verified("16_refund_response_accepted");
    assert_eq!(accepted.out_refund_no(), Some("R202603151300000001"));
    assert_eq!(accepted.refund_id(), Some("95516000000260315900000000000001"));
    assert_eq!((accepted.refund_channel(), accepted.refund_fee()), (Some("ORIGINAL"), Ok(Some(234))));
    assert_eq!(accepted.coupon_refund_fee(), Ok(Some(0)));

    let line = RefundLine {
        out_refund_no: Some("R202603151300000001".to_owned()),
        refund_id: Some("95516000000260315900000000000001".to_owned()),
        refund_channel: Some("ORIGINAL".to_owned()),
        refund_fee: Some(234),
        coupon_refund_fee: Some(0),
        refund_time: Some("20260315130105".to_owned()),
        refund_status: Some("SUCCESS".to_owned()),
    };
    let queried = verified("18_refundquery_response_success");
    assert_eq!((queried.refunds(), queried.refund_count()), (Ok(vec![line]), Ok(Some(1))));
    assert_eq!(verified("13_reverse_response_ok").refunds(), Ok(Vec::new()));

    let two = signed([
        ("out_refund_no_10", "R10"),
        ("refund_fee_10", "10"),
        ("out_refund_no_2", "R2"),
        ("out_refund_no_x", "Rx"),
        ("refund_count", "7"),
    ]);
    let numbers: Vec<_> = two
        .refunds()
        .unwrap()
        .into_iter()
        .map(|line| (line.out_refund_no.unwrap(), line.refund_fee))
        .collect();
    assert_eq!(numbers, [("R2".to_owned(), None), ("R10".to_owned(), Some(10))]);
    let bad = signed([("out_refund_no_0", "R"), ("refund_fee_0", "2.34")]);
    assert_eq!(bad.refunds(), Err(BadField { field: "refund_fee_$n", value: "2.34".to_owned() }));
}

#[test]
fn a_field_in_the_wrong_form_is_bad_and_not_absent() {
    for wrong in ["12.50", "-1", "+1", " 1", "1e3", "1250分", "9999999999999999999"] {
        let bad = BadField { field: "total_fee", value: wrong.to_owned() };
        assert_eq!(signed([("total_fee", wrong)]).total_fee(), Err(bad), "{wrong}");
    }
    let bad = BadField { field: "time_end", value: "20260230091231".to_owned() };
    assert_eq!(signed([("time_end", "20260230091231")]).time_end(), Err(bad));
    assert_eq!(signed([("time_end", "")]).time_end(), Ok(None));
}

#[test]
fn a_bill_is_no_refusal_and_a_refusal_is_no_bill() {
    let refusal = |status: &str, message: &str| {
        Ok(Some(BillRefusal { status: status.to_owned(), message: message.to_owned() }))
    };
    assert_eq!(bill_refusal(&sample_bytes(UNSIGNED)), refusal("400", "Signature error"));
    let noauth = sample_bytes("07_micropay_response_noauth");
    assert_eq!(bill_refusal(&noauth), refusal("0", "NOAUTH 商户无此接口权限"));
    for bill in ["\u{FEFF}交易时间,公众账号ID\n`2026-03-15 12:00:03,`x\n", "交易时间\n", ""] {
        assert_eq!(bill_refusal(bill.as_bytes()), Ok(None), "{bill}");
    }
    assert!(bill_refusal(b"<html><body>502</body></html>").is_err());
}

fn signed<const N: usize>(pairs: [(&str, &str); N]) -> Verified<Answer> {
    let response = sign_response(&Fields::from_iter(pairs), &md5());
    parse_response(&response.body).unwrap().verify(&merchant()).unwrap()
}

fn verified(sample: &str) -> Verified<Answer> {
    parse_response(&sample_bytes(sample)).unwrap().verify(&merchant()).unwrap()
}

fn sample_bytes(sample: &str) -> Vec<u8> {
    testdata(&format!("unionpay/qra_messages/{sample}.xml"))
}

fn merchant() -> QraMerchant {
    QraMerchant { mch_id: "QRA00000000TEST".to_owned(), keys: md5() }
}
