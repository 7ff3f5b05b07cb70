//! The two ends against each other, and what the channel's end refuses.

use wire::code::PaymentCode;
use wire::http::{Method, Response};
use wire::sign::{ApiKey, V2SignType};
use wire::text::{Fields, xml};
use wire::wechat_v2::{
    Call, Caller, MICROPAY_PATH, MicropayRequest, ORDERQUERY_PATH, OrderQueryRequest, REVERSE_PATH, Refusal,
    ReverseRequest, V2Merchant, parse_request, request, sign_response, unsigned_fail,
};

use crate::{WECHAT_KEY, testdata};

#[test]
fn the_captured_request_is_read_and_written_again_to_the_same_bytes() {
    let sample = testdata("wechat/xml/micropay-request.xml");
    let (caller, call) = parse_request(MICROPAY_PATH, &sample, key_of).unwrap();
    let Call::Micropay(micropay) = call else { panic!("not a micropay: {call:?}") };
    let expected = MicropayRequest {
        body: "门店收款-咖啡".to_owned(),
        attach: Some("lane=3".to_owned()),
        device_info: Some("POS-01".to_owned()),
        out_trade_no: "S20260315091228001".to_owned(),
        spbill_create_ip: "203.0.113.7".to_owned(),
        time_start: None,
        time_expire: None,
        fee_type: None,
        scene_info: None,
        ..every_option()
    };
    let expected =
        MicropayRequest { detail: None, goods_tag: None, limit_pay: None, terminal_info: None, ..expected };
    assert_eq!(*micropay, expected);
    assert_eq!(caller.nonce_str, "5K8264ILTKCH16CQ2502SI8ZNMTM67VS");

    let again = request(MICROPAY_PATH, &merchant(V2SignType::Md5), &micropay.fields(), &caller.nonce_str);
    let (ours, theirs) = (read(&again.body), read(&sample));
    assert_eq!(ours.get("sign"), Some("E13070D081B8FEC1427DE5B430407119"));
    let sorted = |fields: &Fields| {
        let mut pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(&ours), sorted(&theirs));
    assert_eq!((again.method, again.query.as_str()), (Method::Post, ""));
    assert_eq!(again.header("Content-Type"), Some("text/xml; charset=utf-8"));
}

#[test]
fn every_call_arrives_as_it_was_sent_with_either_digest() {
    let query = OrderQueryRequest { transaction_id: None, out_trade_no: Some("S1".to_owned()) };
    let reverse =
        ReverseRequest { transaction_id: Some("42".to_owned()), out_trade_no: Some("S1".to_owned()) };
    let calls = [
        (MICROPAY_PATH, every_option().fields(), Call::Micropay(Box::new(every_option()))),
        (ORDERQUERY_PATH, query.fields(), Call::OrderQuery(query)),
        (REVERSE_PATH, reverse.fields(), Call::Reverse(reverse)),
    ];
    for (path, fields, call) in calls {
        for sign_type in [V2SignType::Md5, V2SignType::HmacSha256] {
            let provider = V2Merchant {
                sub_appid: Some("wxsub".to_owned()),
                sub_mch_id: Some("1900000999".to_owned()),
                channel_id: Some("243012345".to_owned()),
                ..merchant(sign_type)
            };
            let sent = request(path, &provider, &fields, "n1");
            let caller = Caller {
                appid: provider.appid,
                mch_id: provider.mch_id,
                sub_appid: provider.sub_appid,
                sub_mch_id: provider.sub_mch_id,
                channel_id: provider.channel_id,
                nonce_str: "n1".to_owned(),
                sign_type,
            };
            assert_eq!(parse_request(path, &sent.body, key_of), Ok((caller, call.clone())));
            assert_eq!(read(&sent.body).get("sign_type").is_some(), sign_type == V2SignType::HmacSha256);
        }
    }
}

#[test]
fn refuses_in_the_order_of_the_channel() {
    let paying = |fields: &Fields| request(MICROPAY_PATH, &merchant(V2SignType::Md5), fields, "n1").body;
    let good = paying(&every_option().fields());
    let refusal = |body: &[u8]| parse_request(MICROPAY_PATH, body, key_of).unwrap_err();

    assert_eq!(parse_request("/pay/refund", &good, key_of), Err(Refusal::UnknownPath));
    check(&refusal(b""), Some("post数据为空"), None);
    check(&refusal(b"out_trade_no=1"), Some("XML格式错误"), None);
    let stranger = parse_request(MICROPAY_PATH, &good, |_| None).unwrap_err();
    assert_eq!(stranger, Refusal::UnknownMerchant { mch_id: "1900000109".to_owned() });
    check(&stranger, Some("system error"), None);

    let mut tampered = read(&good);
    tampered.insert("total_fee", "1");
    check(&refusal(&xml::print(&tampered)), Some("签名错误"), None);
    tampered.remove("sign");
    assert_eq!(refusal(&xml::print(&tampered)), Refusal::SignError);
    tampered.insert("sign_type", "SM3");
    assert_eq!(refusal(&xml::print(&tampered)), Refusal::SignError);

    for field in ["body", "out_trade_no", "total_fee", "spbill_create_ip", "auth_code"] {
        let mut fields = every_option().fields();
        fields.insert(field, "");
        let refused = refusal(&paying(&fields));
        assert!(
            matches!(&refused, Refusal::LackParams { field: missing, .. } if *missing == field),
            "{field}"
        );
        check(&refused, None, Some("LACK_PARAMS"));
    }
    let mut fields = every_option().fields();
    fields.insert("total_fee", "12.5");
    check(&refusal(&paying(&fields)), None, Some("PARAM_ERROR"));
    let empty_query = request(ORDERQUERY_PATH, &merchant(V2SignType::Md5), &Fields::new(), "n1");
    let refused = parse_request(ORDERQUERY_PATH, &empty_query.body, key_of).unwrap_err();
    check(&refused, None, Some("LACK_PARAMS"));
}

#[test]
fn answers_are_signed_last_and_failures_are_not() {
    let key = ApiKey::new(WECHAT_KEY).unwrap();
    let fields = Fields::from_iter([("sign", "old"), ("return_code", "SUCCESS"), ("total_fee", "7")]);
    let answer = sign_response(fields, &key, V2SignType::Md5);
    let names: Vec<String> = read(&answer.body).iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["return_code", "total_fee", "sign"]);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("<total_fee>7</total_fee>"), "{text}");

    let sample = testdata("wechat/xml/return-fail-sign.xml");
    let Response { status, body, .. } = unsigned_fail("签名错误");
    assert_eq!((status, read(&body)), (200, read(&sample)));
}

#[test]
fn nothing_that_is_printed_for_people_shows_the_code_or_the_key() {
    let micropay = every_option();
    let merchant = merchant(V2SignType::Md5);
    let sent = request(MICROPAY_PATH, &merchant, &micropay.fields(), "n1");
    let shown = format!("{micropay:?} {merchant:?} {sent:?} {:?} {:?}", micropay.fields(), read(&sent.body));
    assert!(!shown.contains("4567890"), "{shown}");
    assert!(!shown.contains(WECHAT_KEY), "{shown}");
    assert!(shown.contains("13****"));
}

fn check(refusal: &Refusal, return_msg: Option<&str>, err_code: Option<&str>) {
    assert_eq!((refusal.return_msg(), refusal.err_code()), (return_msg, err_code), "{refusal:?}");
}

fn read(body: &[u8]) -> Fields {
    xml::parse(body, xml::LIMITS).unwrap()
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

fn every_option() -> MicropayRequest {
    MicropayRequest {
        body: "咖啡 & 面包 <热> ]]> \r\n".to_owned(),
        attach: Some("a=b&c=d".to_owned()),
        out_trade_no: "S_1-2|3*4".to_owned(),
        total_fee: 1250,
        fee_type: Some("CNY".to_owned()),
        spbill_create_ip: "8.8.8.8".to_owned(),
        device_info: Some("013467007045764".to_owned()),
        time_start: Some("20260315091228".to_owned()),
        time_expire: Some("20260315091828".to_owned()),
        auth_code: PaymentCode::new("134567890123456789"),
        scene_info: Some(r#"{"store_info":{"id":"SZTX001"}}"#.to_owned()),
        detail: Some(r#"{"goods_detail":[]}"#.to_owned()),
        goods_tag: Some("1234".to_owned()),
        limit_pay: Some("no_credit".to_owned()),
        terminal_info: Some(r#"{ "device_type" : "11" }"#.to_owned()),
    }
}
