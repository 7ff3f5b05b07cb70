//! The two ends of ACP against each other, and what UnionPay's end refuses.

use wire::acp::{
    AcpMerchant, BACK_TRANS_PATH, Call, ConsumeRequest, FILE_PATH, FileRequest, Original, QUERY_TRANS_PATH,
    QueryRequest, RefundRequest, Refusal, ReversalRequest, VoidRequest, digest, parse_request, request,
};
use wire::code::PaymentCode;
use wire::http::Method;
use wire::text::{Charset, Fields, form};

use crate::acp_vectors::{MER_ID, merchant, registered};

#[test]
fn every_call_arrives_as_it_was_sent() {
    let giving_back = |original| RefundRequest { original, ..refund() };
    let by_number = Original::Order { order_id: "S1234567".to_owned(), txn_time: time() };
    for (path, call) in [
        (BACK_TRANS_PATH, Call::Consume(Box::new(every_option()))),
        (BACK_TRANS_PATH, Call::Consume(Box::new(bare_consume()))),
        (QUERY_TRANS_PATH, Call::Query(query())),
        (BACK_TRANS_PATH, Call::Query(query())),
        (BACK_TRANS_PATH, Call::Reversal(reversal())),
        (BACK_TRANS_PATH, Call::Refund(refund())),
        (BACK_TRANS_PATH, Call::Refund(giving_back(by_number.clone()))),
        (BACK_TRANS_PATH, Call::Void(void(by_number))),
        (BACK_TRANS_PATH, Call::Void(void(refund().original))),
        (FILE_PATH, Call::File(file())),
    ] {
        let sent = request(path, &merchant(), &fields(&call));
        assert_eq!((sent.method, sent.path.as_str(), sent.query.as_str()), (Method::Post, path, ""));
        let content_type = Some("application/x-www-form-urlencoded; charset=UTF-8");
        assert_eq!(sent.header("Content-Type"), content_type);
        let (caller, arrived) = parse_request(path, &sent.body, registered).unwrap();
        assert_eq!((caller.mer_id.as_str(), &arrived), (MER_ID, &call));
        let own = fields(&call);
        assert!(caller.echo.iter().all(|(name, value)| own.get(name) == Some(value)), "{:?}", caller.echo);
    }
}

#[test]
fn refuses_in_its_order() {
    let good = sent(&every_option().fields());
    let refusal = |path: &str, body: &[u8]| parse_request(path, body, registered).unwrap_err();
    assert_eq!(refusal("/gateway/api/frontTransReq.do", &good), Refusal::UnknownPath);
    assert!(matches!(refusal(BACK_TRANS_PATH, b"a=%"), Refusal::Form(_)));
    let stranger = refusal(BACK_TRANS_PATH, b"merId=1");
    assert_eq!(stranger, Refusal::UnknownMerchant { mer_id: "1".to_owned() });
    for unsigned in [Refusal::UnknownPath, stranger] {
        assert_eq!(unsigned.signed(), None);
    }

    let changed = |name: &str, value: &str| {
        let mut fields = read(&good);
        fields.insert(name, value);
        form::encode(&fields, Charset::Utf8).into_bytes()
    };
    for (name, value) in [("txnAmt", "1"), ("signature", ""), ("signature", "AAAA"), ("signMethod", "11")] {
        check(&refusal(BACK_TRANS_PATH, &changed(name, value)), "11");
    }
    check(&refusal(BACK_TRANS_PATH, &resigned(&good, "certId", "69000000003")), "11");
    check(&refusal(BACK_TRANS_PATH, &resigned(&good, "signMethod", "12")), "11");
    for (path, name, value) in [
        (BACK_TRANS_PATH, "txnSubType", "01"),
        (BACK_TRANS_PATH, "txnType", "76"),
        (QUERY_TRANS_PATH, "txnType", "01"),
        (FILE_PATH, "txnType", "01"),
    ] {
        check(&refusal(path, &resigned(&good, name, value)), "10");
    }
    for (name, value) in [
        ("version", "5.0.0"),
        ("encoding", "GBK"),
        ("bizType", "000201"),
        ("accessType", "1"),
        ("currencyCode", "840"),
        ("orderId", "S123456"),
        ("orderId", "S1234_67"),
        ("txnTime", "2026031512010"),
        ("txnTime", "20260230120100"),
        ("txnAmt", "0"),
        ("txnAmt", "5.00"),
    ] {
        let refused = refusal(BACK_TRANS_PATH, &resigned(&good, name, value));
        assert!(matches!(&refused, Refusal::Bad { field, .. } if *field == name), "{refused:?}");
        check(&refused, "10");
    }
    for name in ["version", "accessType", "currencyCode", "orderId", "txnTime", "txnAmt", "qrNo", "backUrl"] {
        let refused = refusal(BACK_TRANS_PATH, &resigned(&good, name, ""));
        assert!(matches!(&refused, Refusal::Missing { field, .. } if *field == name), "{refused:?}");
        check(&refused, "13");
    }
    for (call, name) in [
        (Call::Refund(refund()), "origQryId"),
        (Call::Void(void(refund().original)), "txnAmt"),
        (Call::Query(query()), "txnTime"),
        (Call::Reversal(reversal()), "orderId"),
    ] {
        check(&refusal(BACK_TRANS_PATH, &resigned(&sent(&fields(&call)), name, "")), "13");
    }
    check(&refusal(FILE_PATH, &resigned(&sent(&file().fields()), "settleDate", "")), "13");
}

/// Other clients leave optional fields out, spell the encoding otherwise and send another order (unionpay.md §5.1).
#[test]
fn generous_in_form() {
    let merchant = merchant();
    let mut fields = Fields::from_iter([
        ("txnTime", time()),
        ("orderId", "S1234567".to_owned()),
        ("extra", "x".to_owned()),
        ("encoding", "utf-8".to_owned()),
        ("merId", MER_ID.to_owned()),
        ("certId", merchant.cert_id.clone()),
    ]);
    for (name, value) in [
        ("txnType", "99"),
        ("txnSubType", "01"),
        ("signMethod", "01"),
        ("version", "5.1.0"),
        ("bizType", "000000"),
        ("accessType", "0"),
    ] {
        fields.insert(name, value);
    }
    let signature = merchant.key.sign_sha256(digest(&fields).as_bytes());
    fields.insert("signature", signature);
    let body = form::encode(&fields, Charset::Utf8);
    let (_, call) = parse_request(BACK_TRANS_PATH, body.as_bytes(), registered).unwrap();
    let expected = ReversalRequest { back_url: String::new(), ..reversal() };
    assert_eq!(call, Call::Reversal(expected));
}

#[test]
fn nothing_that_is_printed_for_people_shows_the_code_or_a_key() {
    let (consume, ours) = (every_option(), merchant());
    let sent = request(BACK_TRANS_PATH, &ours, &consume.fields());
    let shown = format!("{consume:?} {ours:?} {sent:?} {:?} {:?}", consume.fields(), read(&sent.body));
    assert!(!shown.contains("4567890") && !shown.contains("MII"), "{shown}");
    assert!(shown.contains("62****"));
}

fn check(refusal: &Refusal, code: &str) {
    let (caller, said) = refusal.signed().unwrap();
    assert_eq!((caller.mer_id.as_str(), said), (MER_ID, code), "{refusal:?}");
}

fn sent(fields: &Fields) -> Vec<u8> {
    request(BACK_TRANS_PATH, &merchant(), fields).body
}

/// The request with another value of one field (none at all if it is empty), rightly signed.
fn resigned(body: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut fields = read(body);
    fields.remove("signature");
    if value.is_empty() {
        fields.remove(name);
    } else {
        fields.insert(name, value);
    }
    let AcpMerchant { key, .. } = merchant();
    let signature = key.sign_sha256(digest(&fields).as_bytes());
    fields.insert("signature", signature);
    form::encode(&fields, Charset::Utf8).into_bytes()
}

fn read(body: &[u8]) -> Fields {
    form::decode(body, Charset::Utf8).unwrap()
}

pub(crate) fn fields(call: &Call) -> Fields {
    match call {
        Call::Consume(consume) => consume.fields(),
        Call::Query(query) => query.fields(),
        Call::Reversal(reversal) => reversal.fields(),
        Call::Void(void) => void.fields(),
        Call::Refund(refund) => refund.fields(),
        Call::File(file) => file.fields(),
    }
}

fn time() -> String {
    "20260315120100".to_owned()
}

fn query() -> QueryRequest {
    QueryRequest { order_id: "S1234567".to_owned(), txn_time: time() }
}

fn reversal() -> ReversalRequest {
    let back_url = "https://gw.test.invalid/notify".to_owned();
    ReversalRequest { order_id: "S1234567".to_owned(), txn_time: time(), back_url }
}

fn file() -> FileRequest {
    FileRequest { txn_time: time(), settle_date: "0315".to_owned(), file_type: "00".to_owned() }
}

fn refund() -> RefundRequest {
    RefundRequest {
        order_id: "R1234567".to_owned(),
        txn_time: "20260315180000".to_owned(),
        txn_amt: 200,
        original: Original::QueryId("902603151201000000018".to_owned()),
        back_url: "http://a/b?c=d&e=f".to_owned(),
    }
}

fn void(original: Original) -> VoidRequest {
    let RefundRequest { order_id, txn_time, txn_amt, back_url, .. } = refund();
    VoidRequest { order_id, txn_time, txn_amt, original, back_url }
}

fn bare_consume() -> ConsumeRequest {
    ConsumeRequest {
        order_id: "S1234567".to_owned(),
        txn_time: time(),
        txn_amt: 1,
        qr_no: PaymentCode::new("6234567890123456789"),
        term_id: None,
        back_url: "http://x".to_owned(),
        order_desc: None,
        req_reserved: None,
    }
}

fn every_option() -> ConsumeRequest {
    ConsumeRequest {
        txn_amt: 999_999_999_999,
        term_id: Some("00000001".to_owned()),
        order_desc: Some("咖啡 & 面包 + 100% =热= \r\n".to_owned()),
        req_reserved: Some("a|b".to_owned()),
        ..bare_consume()
    }
}
