//! Every sample message: read, verified by both implementations, printed again, and asked field by field.

use std::collections::BTreeMap;

use wire::sign::{ApiKey, V2SignType};
use wire::text::{Fields, xml};
use wire::verified::{BadField, Verified};
use wire::wechat_v2::{NotVerified, V2Merchant, parse_response, sign_response};

use crate::{WECHAT_KEY, independent, testdata};

const SAMPLES: [&str; 15] = [
    "micropay-authcode-invalid",
    "micropay-request",
    "micropay-success",
    "micropay-systemerror",
    "micropay-userpaying",
    "orderquery-notexist",
    "orderquery-payerror",
    "orderquery-revoked",
    "orderquery-success-coupon-hmac",
    "orderquery-userpaying",
    "refund-ok",
    "refundquery-ok",
    "return-fail-sign",
    "reverse-ok",
    "reverse-userpaying",
];

#[test]
fn every_sample_verifies_and_survives_printing() {
    for sample in SAMPLES.into_iter().filter(|sample| *sample != "return-fail-sign") {
        let body = sample_bytes(sample);
        let fields = xml::parse(&body, xml::LIMITS).unwrap();
        assert_eq!(verified(sample).value(), &fields, "{sample}");
        let params: BTreeMap<String, String> =
            fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let sign = independent::wechat_v2(&params, WECHAT_KEY, sign_type_of(sample).name());
        assert_eq!(fields.get("sign"), Some(sign.as_str()), "{sample}");
        let printed = xml::print(&fields);
        assert_eq!(xml::parse(&printed, xml::LIMITS).unwrap(), fields, "{sample}");
        assert_eq!(printed, body.trim_ascii_end(), "the same bytes as the sample: {sample}");
    }
}

#[test]
fn no_sample_is_left_out() {
    let folder = format!("{}/testdata/wechat/xml", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, SAMPLES);
}

#[test]
fn one_flipped_bit_anywhere_is_not_believed() {
    for sample in
        ["micropay-success", "orderquery-success-coupon-hmac", "reverse-ok", "refund-ok", "refundquery-ok"]
    {
        let body = sample_bytes(sample).trim_ascii_end().to_vec();
        for position in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[position] ^= 1 << bit;
                let believed =
                    parse_response(&flipped).is_ok_and(|reply| reply.verify(&merchant(sample)).is_ok());
                assert!(!believed, "{sample}: byte {position}, bit {bit}");
            }
        }
    }
}

#[test]
fn unsigned_and_badly_signed_are_told_apart() {
    let unsigned = NotVerified::Unsigned { return_code: "FAIL".into(), return_msg: "签名错误".into() };
    let refusal = parse_response(&sample_bytes("return-fail-sign")).unwrap();
    assert_eq!(refusal.verify(&merchant("x")).unwrap_err(), unsigned);

    let empty_sign =
        b"<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><sign/></xml>";
    let unsigned = NotVerified::Unsigned { return_code: "SUCCESS".into(), return_msg: String::new() };
    assert_eq!(parse_response(empty_sign).unwrap().verify(&merchant("x")).unwrap_err(), unsigned);

    let wrong_type = parse_response(&sample_bytes("reverse-ok")).unwrap();
    assert_eq!(wrong_type.verify(&merchant("hmac")).unwrap_err(), NotVerified::BadSignature);
    assert!(parse_response(b"<html><body>502</body></html>").is_err());
    assert!(parse_response(b"").is_err());
}

#[test]
fn a_payment_says_what_was_paid() {
    let paid = verified("micropay-success");
    assert_eq!((paid.return_code(), paid.return_msg()), (Some("SUCCESS"), Some("OK")));
    assert_eq!((paid.result_code(), paid.err_code(), paid.trade_state()), (Some("SUCCESS"), None, None));
    assert_eq!((paid.appid(), paid.mch_id()), (Some("wx1a2b3c4d5e6f7a8b"), Some("1900000109")));
    assert_eq!((paid.sub_appid(), paid.sub_mch_id()), (None, None));
    assert_eq!(paid.out_trade_no(), Some("S20260315091228001"));
    assert_eq!(paid.transaction_id(), Some("4200002871202603151000000001"));
    assert_eq!((paid.total_fee(), paid.cash_fee()), (Ok(Some(1250)), Ok(Some(1250))));
    assert_eq!((paid.coupon_fee(), paid.settlement_total_fee()), (Ok(None), Ok(None)));
    assert_eq!((paid.fee_type(), paid.trade_type()), (Some("CNY"), Some("MICROPAY")));
    assert_eq!(paid.time_end(), Ok(Some(1_773_537_151_000)));
    assert_eq!((paid.attach(), paid.device_info()), (Some("lane=3"), Some("POS-01")));
    assert_eq!(paid.openid(), Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
    assert_eq!((paid.bank_type(), paid.field("is_subscribe")), (Some("OTHERS"), Some("N")));
}

#[test]
fn queries_say_their_state() {
    let coupon = verified("orderquery-success-coupon-hmac");
    assert_eq!((coupon.trade_state(), coupon.trade_state_desc()), (Some("SUCCESS"), Some("支付成功")));
    assert_eq!((coupon.total_fee(), coupon.cash_fee()), (Ok(Some(2500)), Ok(Some(2000))));
    assert_eq!(coupon.coupon_fee(), Ok(Some(500)));
    assert_eq!((coupon.attach(), coupon.field("attach")), (None, Some("")));
    for (sample, state) in [
        ("orderquery-payerror", "PAYERROR"),
        ("orderquery-revoked", "REVOKED"),
        ("orderquery-userpaying", "USERPAYING"),
    ] {
        assert_eq!(verified(sample).trade_state(), Some(state));
    }
}

#[test]
fn failures_name_their_error() {
    for (sample, code, recall) in [
        ("micropay-authcode-invalid", "AUTH_CODE_INVALID", None),
        ("micropay-systemerror", "SYSTEMERROR", None),
        ("micropay-userpaying", "USERPAYING", None),
        ("orderquery-notexist", "ORDERNOTEXIST", None),
        ("reverse-userpaying", "USERPAYING", Some("Y")),
    ] {
        let answer = verified(sample);
        assert_eq!(answer.result_code(), Some("FAIL"), "{sample}");
        assert_eq!((answer.err_code(), answer.recall()), (Some(code), recall), "{sample}");
        assert!(answer.err_code_des().is_some());
    }
    assert_eq!(verified("reverse-ok").recall(), Some("N"));
}

#[test]
fn a_field_in_the_wrong_form_is_bad_and_not_absent() {
    for wrong in ["12.50", "-1", "+1", " 1", "1e3", "1250分", "9999999999999999999"] {
        let answer = signed([("total_fee", wrong)]);
        let bad = BadField { field: "total_fee", value: wrong.to_owned() };
        assert_eq!(answer.total_fee(), Err(bad), "{wrong}");
    }
    let bad = BadField { field: "time_end", value: "20260230091231".to_owned() };
    assert_eq!(signed([("time_end", "20260230091231")]).time_end(), Err(bad));
    assert_eq!(signed([("time_end", "")]).time_end(), Ok(None));
}

pub(crate) fn signed<const N: usize>(pairs: [(&str, &str); N]) -> Verified<Fields> {
    let merchant = merchant("md5");
    let response = sign_response(Fields::from_iter(pairs), &merchant.key, merchant.sign_type);
    parse_response(&response.body).unwrap().verify(&merchant).unwrap()
}

pub(crate) fn verified(sample: &str) -> Verified<Fields> {
    parse_response(&sample_bytes(sample)).unwrap().verify(&merchant(sample)).unwrap()
}

fn sample_bytes(sample: &str) -> Vec<u8> {
    testdata(&format!("wechat/xml/{sample}.xml"))
}

fn sign_type_of(sample: &str) -> V2SignType {
    if sample.ends_with("hmac") { V2SignType::HmacSha256 } else { V2SignType::Md5 }
}

fn merchant(sample: &str) -> V2Merchant {
    V2Merchant {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_appid: None,
        sub_mch_id: None,
        channel_id: None,
        key: ApiKey::new(WECHAT_KEY).unwrap(),
        sign_type: sign_type_of(sample),
    }
}
