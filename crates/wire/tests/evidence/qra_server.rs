//! The two ends of QRA against each other, and what the platform's end refuses.

use wire::code::PaymentCode;
use wire::http::{Method, Response};
use wire::qra::{
    BILL, BillRequest, Call, Caller, GATEWAY_PATH, Keys, MICROPAY, MicropayRequest, QUERY, QraMerchant,
    QueryRequest, REFUND, REFUND_QUERY, REVERSE, RefundQueryRequest, RefundRequest, Refusal, ReverseRequest,
    SignType, parse_request, request, sign_response, unsigned_refusal,
};
use wire::text::{Fields, xml};

use crate::qra_vectors::{KEY, md5, pairs, rsa};
use crate::{testdata, testdata_json};

const MCH_ID: &str = "QRA00000000TEST";

#[test]
fn every_sample_request_is_read_and_written_again_to_the_same_signature() {
    let number = || Some("P202603151200000001".to_owned());
    let micropay = MicropayRequest {
        out_trade_no: "P202603151200000001".to_owned(),
        body: "测试商品".to_owned(),
        total_fee: 1234,
        mch_create_ip: "192.0.2.10".to_owned(),
        auth_code: PaymentCode::new("134500000000000001"),
        op_user_id: Some("cashier01".to_owned()),
        op_shop_id: Some("S001".to_owned()),
        op_device_id: Some("T0000001".to_owned()),
        device_info: Some("T0000001".to_owned()),
        attach: Some("k1".to_owned()),
        // The raw text of the sheet's sample: signed as it stands, never parsed and printed again (§11, trap 4).
        terminal_info: Some(
            r#"{"device_type":"11","terminal_id":"T0000001","serial_num":"SN20240001","location":"+31.2304/+121.4737","device_ip":"192.0.2.10"}"#
                .to_owned(),
        ),
        ..bare_micropay()
    };
    let refund = RefundRequest {
        transaction_id: None,
        out_trade_no: number(),
        out_refund_no: "R202603151300000001".to_owned(),
        total_fee: 1234,
        refund_fee: 234,
        op_user_id: MCH_ID.to_owned(),
        refund_channel: Some("ORIGINAL".to_owned()),
    };
    let query = QueryRequest { transaction_id: None, out_trade_no: number() };
    let refund_query =
        RefundQueryRequest { out_refund_no: Some(refund.out_refund_no.clone()), ..Default::default() };
    let reverse = ReverseRequest { out_trade_no: "P202603151200000001".to_owned() };
    let bill = BillRequest { bill_date: "20260315".to_owned(), bill_type: "ALL".to_owned() };
    for (sample, service, call) in [
        ("01_micropay_request_weixin", MICROPAY, Call::Micropay(Box::new(micropay))),
        ("09_query_request", QUERY, Call::Query(query)),
        ("12_reverse_request", REVERSE, Call::Reverse(reverse)),
        ("15_refund_request", REFUND, Call::Refund(refund)),
        ("17_refundquery_request", REFUND_QUERY, Call::RefundQuery(refund_query)),
        ("19_bill_request", BILL, Call::Bill(bill)),
    ] {
        let body = testdata(&format!("unionpay/qra_messages/{sample}.xml"));
        let (caller, read) = parse_request(GATEWAY_PATH, &body, keys_of).unwrap();
        assert_eq!(read, call, "{sample}");
        let again = request(service, &merchant(md5()), &fields(&call), &caller.nonce_str);
        assert_eq!(xml::parse(&again.body, xml::LIMITS), xml::parse(&body, xml::LIMITS), "{sample}");
        assert_eq!((again.method, again.query.as_str(), &*again.path), (Method::Post, "", "/pay/gateway"));
        assert_eq!(again.header("Content-Type"), Some("text/xml; charset=utf-8"));
    }
}

#[test]
fn every_call_arrives_as_it_was_sent_with_either_signature() {
    let file = testdata_json("unionpay/qra_rsa_vectors.json");
    let (merchant_rsa, platform_rsa) = (rsa(&file, "merchant"), rsa(&file, "platform"));
    let refund = RefundRequest {
        transaction_id: Some("9551".to_owned()),
        out_trade_no: None,
        out_refund_no: "R1".to_owned(),
        total_fee: 2,
        refund_fee: 1,
        op_user_id: "u".to_owned(),
        refund_channel: None,
    };
    let refund_query = RefundQueryRequest {
        refund_id: Some("1".to_owned()),
        out_refund_no: Some("2".to_owned()),
        transaction_id: Some("3".to_owned()),
        out_trade_no: Some("4".to_owned()),
    };
    let query = QueryRequest { transaction_id: Some("9551".to_owned()), out_trade_no: Some("S1".to_owned()) };
    let bill = BillRequest { bill_date: "20260315".to_owned(), bill_type: "REFUND".to_owned() };
    for (service, call) in [
        (MICROPAY, Call::Micropay(Box::new(every_option()))),
        (MICROPAY, Call::Micropay(Box::new(bare_micropay()))),
        (QUERY, Call::Query(query)),
        (REVERSE, Call::Reverse(ReverseRequest { out_trade_no: "S1".to_owned() })),
        (REFUND, Call::Refund(refund)),
        (REFUND_QUERY, Call::RefundQuery(refund_query)),
        (BILL, Call::Bill(bill)),
    ] {
        for (ours, theirs) in [(md5(), md5()), (merchant_rsa.clone(), platform_rsa.clone())] {
            let sign_type = ours.sign_type();
            let sent = request(service, &merchant(ours), &fields(&call), "n1");
            let arrived = parse_request(GATEWAY_PATH, &sent.body, |_| Some(theirs));
            let caller = Caller { mch_id: MCH_ID.to_owned(), nonce_str: "n1".to_owned(), sign_type };
            assert_eq!(arrived, Ok((caller, call.clone())));
        }
    }
}

#[test]
fn refuses_in_its_order() {
    let good = paying(&every_option().fields());
    let refusal = |body: &[u8]| parse_request(GATEWAY_PATH, body, keys_of).unwrap_err();

    assert_eq!(parse_request("/pay/micropay", &good, keys_of), Err(Refusal::UnknownPath));
    check(&refusal(b""), Some("Parse xml error"), None);
    check(&refusal(b"service=unified.trade.query"), Some("Parse xml error"), None);
    let stranger = parse_request(GATEWAY_PATH, &good, |_| None).unwrap_err();
    assert_eq!(stranger, Refusal::UnknownMerchant { mch_id: MCH_ID.to_owned() });
    check(&stranger, Some("Merchant not found"), None);

    let mut tampered = read(&good);
    tampered.insert("total_fee", "1");
    check(&refusal(&xml::print(&tampered)), Some("Signature error"), None);
    tampered.remove("sign");
    assert_eq!(refusal(&xml::print(&tampered)), Refusal::SignError);
    for sign_type in ["SM3", "RSA_1_256"] {
        let mut fields = read(&good);
        fields.insert("sign_type", sign_type);
        let sign = md5().sign(&fields);
        fields.insert("sign", sign);
        assert_eq!(refusal(&xml::print(&fields)), Refusal::SignError, "not the account's: {sign_type}");
    }
    let unknown = request("unified.trade.native", &merchant(md5()), &every_option().fields(), "n1");
    check(&refusal(&unknown.body), Some("Unknown service"), None);

    for field in ["body", "out_trade_no", "total_fee", "mch_create_ip", "auth_code", "nonce_str"] {
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
    for service in [QUERY, REVERSE, REFUND, REFUND_QUERY, BILL] {
        let empty = request(service, &merchant(md5()), &Fields::new(), "n1");
        check(&refusal(&empty.body), None, Some("LACK_PARAMS"));
    }
}

/// SDKs send another content type, other optional common fields or none, and any order (unionpay.md §4.1).
#[test]
fn generous_in_form() {
    let query = QueryRequest { transaction_id: None, out_trade_no: Some("S1".to_owned()) };
    let mut fields = Fields::from_iter([
        ("out_trade_no", "S1"),
        ("sign_agentno", ""),
        ("extra", "x"),
        ("nonce_str", "n1"),
        ("mch_id", MCH_ID),
        ("service", QUERY),
    ]);
    let sign = md5().sign(&fields);
    fields.insert("sign", sign);
    let (caller, call) = parse_request(GATEWAY_PATH, &xml::print(&fields), keys_of).unwrap();
    assert_eq!((caller.sign_type, call), (SignType::Md5, Call::Query(query)));
}

#[test]
fn answers_are_signed_last_and_refusals_are_not() {
    let fields = Fields::from_iter([("sign", "old"), ("status", "0"), ("total_fee", "7")]);
    let answer = sign_response(&fields, &md5());
    let names: Vec<String> = read(&answer.body).iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["version", "charset", "sign_type", "status", "total_fee", "sign"]);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("<total_fee><![CDATA[7]]></total_fee>"), "{text}");

    let sample = testdata("unionpay/qra_messages/08_response_sign_error_unsigned.xml");
    let Response { status, body, .. } = unsigned_refusal("Signature error");
    assert_eq!((status, pairs(&read(&body))), (200, pairs(&read(&sample))));
}

#[test]
fn nothing_that_is_printed_for_people_shows_the_code_or_a_key() {
    let file = testdata_json("unionpay/qra_rsa_vectors.json");
    let (micropay, ours) = (every_option(), merchant(md5()));
    let sent = request(MICROPAY, &ours, &micropay.fields(), "n1");
    let rsa = merchant(rsa(&file, "merchant"));
    let shown =
        format!("{micropay:?} {ours:?} {rsa:?} {sent:?} {:?} {:?}", micropay.fields(), read(&sent.body));
    assert!(!shown.contains("4567890"), "{shown}");
    assert!(!shown.contains(KEY) && !shown.contains("MII"), "{shown}");
    assert!(shown.contains("62****"));
}

fn check(refusal: &Refusal, message: Option<&str>, err_code: Option<&str>) {
    assert_eq!((refusal.message(), refusal.err_code()), (message, err_code), "{refusal:?}");
}

fn paying(fields: &Fields) -> Vec<u8> {
    request(MICROPAY, &merchant(md5()), fields, "n1").body
}

fn fields(call: &Call) -> Fields {
    match call {
        Call::Micropay(micropay) => micropay.fields(),
        Call::Query(query) => query.fields(),
        Call::Reverse(reverse) => reverse.fields(),
        Call::Refund(refund) => refund.fields(),
        Call::RefundQuery(query) => query.fields(),
        Call::Bill(bill) => bill.fields(),
    }
}

fn read(body: &[u8]) -> Fields {
    xml::parse(body, xml::LIMITS).unwrap()
}

fn keys_of(mch_id: &str) -> Option<Keys> {
    (mch_id == MCH_ID).then(md5)
}

fn merchant(keys: Keys) -> QraMerchant {
    QraMerchant { mch_id: MCH_ID.to_owned(), keys }
}

fn bare_micropay() -> MicropayRequest {
    MicropayRequest {
        out_trade_no: "S1234".to_owned(),
        body: "x".to_owned(),
        total_fee: 1,
        mch_create_ip: "127.0.0.1".to_owned(),
        auth_code: PaymentCode::new("134567890123456789"),
        op_user_id: None,
        op_shop_id: None,
        op_device_id: None,
        device_info: None,
        attach: None,
        time_start: None,
        time_expire: None,
        terminal_info: None,
        goods_detail: None,
        goods_tag: None,
        need_receipt: None,
        sub_appid: None,
    }
}

fn every_option() -> MicropayRequest {
    MicropayRequest {
        out_trade_no: "S_1-2".to_owned(),
        body: "咖啡 & 面包 <热> ]]> \r\n".to_owned(),
        total_fee: 1250,
        mch_create_ip: "203.0.113.7".to_owned(),
        auth_code: PaymentCode::new("6234567890123456789"),
        op_user_id: Some("op1".to_owned()),
        op_shop_id: Some("S001".to_owned()),
        op_device_id: Some("T1".to_owned()),
        device_info: Some("POS-01".to_owned()),
        attach: Some("a=b&c=d".to_owned()),
        time_start: Some("20260315091228".to_owned()),
        time_expire: Some("20260315091828".to_owned()),
        terminal_info: Some(r#"{ "device_type" : "11", "x":"]]>" }"#.to_owned()),
        goods_detail: Some(r#"{"goods":[]}"#.to_owned()),
        goods_tag: Some("1234".to_owned()),
        need_receipt: Some("Y".to_owned()),
        sub_appid: Some("wx1a2b3c4d5e6f7a8b".to_owned()),
    }
}
