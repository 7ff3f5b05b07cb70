//! WeChat refunds: the samples field by field, and both requests there and back.

use std::collections::BTreeMap;

use wire::sign::{ApiKey, V2SignType};
use wire::text::{Fields, xml};
use wire::verified::BadField;
use wire::wechat_v2::{
    Call, REFUND_PATH, REFUNDQUERY_PATH, RefundQueryRequest, RefundRequest, Refusal, ShownRefund, V2Merchant,
    parse_request, request,
};

use crate::wechat_messages::{signed, verified};
use crate::{WECHAT_KEY, independent};

#[test]
fn an_accepted_refund_says_which_it_is() {
    let refund = verified("refund-ok");
    assert_eq!((refund.result_code(), refund.err_code()), (Some("SUCCESS"), None));
    assert_eq!(refund.out_trade_no(), Some("S20260315170229005"));
    assert_eq!(refund.out_refund_no(), Some("R20260315184000001"));
    assert_eq!(refund.refund_id(), Some("50302207892026031510000000005"));
    assert_eq!((refund.refund_fee(), refund.total_fee()), (Ok(Some(1_200)), Ok(Some(3_000))));
    assert_eq!(refund.field("refund_channel"), Some(""));
    assert_eq!(refund.refunds(), Ok(vec![]), "fields without a number are no list");
}

#[test]
fn a_refund_query_lists_its_refunds() {
    let query = verified("refundquery-ok");
    assert_eq!((query.refund_count(), query.total_refund_count()), (Ok(Some(1)), Ok(Some(1))));
    let shown = ShownRefund {
        index: 0,
        out_refund_no: Some("R20260315184000001".to_owned()),
        refund_id: Some("50302207892026031510000000005".to_owned()),
        refund_fee: Some(1_200),
        refund_status: Some("SUCCESS".to_owned()),
        // 2026-03-15 18:40:05 in Beijing.
        refund_success_time: Some(1_773_571_205_000),
    };
    assert_eq!(query.refunds(), Ok(vec![shown]));
}

#[test]
fn lists_are_read_by_their_numbers_and_not_by_their_order() {
    let listed = |pairs: [(&str, &str); 6]| {
        let refunds = signed(pairs).refunds().unwrap();
        refunds.into_iter().map(|refund| (refund.index, refund.out_refund_no, refund.refund_fee)).collect()
    };
    let found: Vec<_> = listed([
        ("refund_fee_10", "7"),
        ("out_refund_no_2", "R2"),
        ("out_refund_no_10", "R10"),
        ("refund_fee_2", "5"),
        // Of a coupon, not of a refund; and numbers that the channel does not write.
        ("coupon_refund_fee_0_0", "3"),
        ("refund_fee_01", "9"),
    ]);
    assert_eq!(found, [(2, Some("R2".to_owned()), Some(5)), (10, Some("R10".to_owned()), Some(7))]);
}

#[test]
fn a_listed_field_in_the_wrong_form_is_bad_and_not_absent() {
    let bad = |field, value: &str| Err(BadField { field, value: value.to_owned() });
    assert_eq!(signed([("refund_fee_0", "12.00")]).refunds(), bad("refund_fee_$n", "12.00"));
    let late = signed([("refund_status_0", "SUCCESS"), ("refund_success_time_0", "20260315184005")]);
    assert_eq!(late.refunds(), bad("refund_success_time_$n", "20260315184005"));
    let empty = signed([("refund_status_0", "PROCESSING"), ("refund_success_time_0", "")]);
    assert_eq!(empty.refunds().unwrap()[0].refund_success_time, None);
}

#[test]
fn both_requests_arrive_as_they_were_sent_and_are_signed_as_others_sign() {
    let calls = [
        (REFUND_PATH, every_option().fields(), Call::Refund(Box::new(every_option()))),
        (REFUNDQUERY_PATH, every_number().fields(), Call::RefundQuery(Box::new(every_number()))),
    ];
    for (path, fields, call) in calls {
        for sign_type in [V2SignType::Md5, V2SignType::HmacSha256] {
            let sent = request(path, &merchant(sign_type), &fields, "n1");
            let (caller, read) = parse_request(path, &sent.body, key_of).unwrap();
            assert_eq!((caller.sign_type, read), (sign_type, call.clone()));
            let written = xml::parse(&sent.body, xml::LIMITS).unwrap();
            let params: BTreeMap<String, String> =
                written.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let sign = independent::wechat_v2(&params, WECHAT_KEY, sign_type.name());
            assert_eq!(written.get("sign"), Some(sign.as_str()));
        }
    }
}

#[test]
fn what_a_request_must_hold_is_named() {
    let refused = |path, fields: &Fields| {
        let sent = request(path, &merchant(V2SignType::Md5), fields, "n1");
        match parse_request(path, &sent.body, key_of).unwrap_err() {
            Refusal::LackParams { field, .. } => ("lacks", field),
            Refusal::ParamError { field, .. } => ("bad", field),
            other => panic!("{other:?}"),
        }
    };
    for field in ["out_refund_no", "total_fee", "refund_fee"] {
        let mut fields = every_option().fields();
        fields.insert(field, "");
        assert_eq!(refused(REFUND_PATH, &fields), ("lacks", field));
    }
    let mut fields = every_option().fields();
    fields.insert("refund_fee", "12.00");
    assert_eq!(refused(REFUND_PATH, &fields), ("bad", "refund_fee"));
    let unnamed = RefundRequest { transaction_id: None, out_trade_no: None, ..every_option() };
    assert_eq!(refused(REFUND_PATH, &unnamed.fields()), ("lacks", "out_trade_no"));

    let only_a_page = RefundQueryRequest { offset: Some(10), ..RefundQueryRequest::default() };
    assert_eq!(refused(REFUNDQUERY_PATH, &only_a_page.fields()), ("lacks", "out_trade_no"));
    let mut fields = every_number().fields();
    fields.insert("offset", "-1");
    assert_eq!(refused(REFUNDQUERY_PATH, &fields), ("bad", "offset"));
}

#[test]
fn a_page_from_zero_is_sent_as_such() {
    let query = RefundQueryRequest { offset: Some(0), ..every_number() };
    assert_eq!(query.fields().get("offset"), Some("0"));
    assert_eq!(RefundQueryRequest { offset: None, ..query }.fields().get("offset"), None);
}

fn key_of(mch_id: &str) -> Option<ApiKey> {
    (mch_id == "1900000109").then(|| ApiKey::new(WECHAT_KEY).unwrap())
}

fn merchant(sign_type: V2SignType) -> V2Merchant {
    V2Merchant {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_appid: None,
        sub_mch_id: None,
        channel_id: None,
        key: ApiKey::new(WECHAT_KEY).unwrap(),
        sign_type,
    }
}

fn every_option() -> RefundRequest {
    RefundRequest {
        transaction_id: Some("4200002871202603151000000005".to_owned()),
        out_trade_no: Some("S20260315170229005".to_owned()),
        out_refund_no: "R_1-2|3*4@5".to_owned(),
        total_fee: 3_000,
        refund_fee: 1_200,
        refund_fee_type: Some("CNY".to_owned()),
        refund_desc: Some("缺货 & 破损 <1>".to_owned()),
        refund_account: Some("REFUND_SOURCE_RECHARGE_FUNDS".to_owned()),
    }
}

fn every_number() -> RefundQueryRequest {
    RefundQueryRequest {
        refund_id: Some("50302207892026031510000000005".to_owned()),
        out_refund_no: Some("R1".to_owned()),
        transaction_id: Some("4200002871202603151000000005".to_owned()),
        out_trade_no: Some("S1".to_owned()),
        offset: Some(10),
    }
}
