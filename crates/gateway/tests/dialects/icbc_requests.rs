//! What leaves: read again with the channel's own eyes.

use gateway::dialects::icbc::Icbc;
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Call, Payee};
use payment::patience::Channel;
use proptest::prelude::*;
use wire::http::Request;
use wire::icbc::{
    AesKey, App, PAY_PATH, PayRequest, QUERY_PATH, QueryRequest, REJECT_PATH, REJECT_QUERY_PATH,
    REVERSE_PATH, Received, RejectQueryRequest, RejectRequest, ReverseRequest, read_request,
};
use wire::sign::RsaHash;
use wire::verified::Verified;

use crate::common::{self, CALLS, NONCE, OPENED, REFUND_NO, asking, code};
use crate::icbc_traps::{MER_ID, NUMBER, app, dialect, intent, our_key, refund};

const CODE: &str = "6235124674559394540";

#[test]
fn a_submit_carries_number_amount_and_the_second_of_the_opening() {
    let sale = Sale { description: Some("热干面 & 豆浆".to_owned()), ..Sale::default() };
    let expected = PayRequest {
        qr_code: CODE.into(),
        mer_id: MER_ID.to_owned(),
        out_trade_no: NUMBER.to_owned(),
        order_amt: 7370,
        trade_date: "20260315".to_owned(),
        trade_time: "091228".to_owned(),
        attach: Some("热干面 ＆ 豆浆".to_owned()),
    };
    assert_eq!(pay(&dialect(), &sale), expected);
    let (intent, sale, code) = (intent(), Sale::default(), code(CODE));
    let late = Asking { now: OPENED.plus_ms(9_000), ..asking(Call::Submit, &intent, &sale, Some(&code)) };
    let sent = read(&dialect().request(&late).request);
    let sent = PayRequest::from_biz_content(&sent.value().biz_content(None).unwrap()).unwrap();
    assert_eq!((sent.trade_time.as_str(), sent.attach), ("091228", None), "the intent's time, not now");
}

#[test]
fn the_amount_is_written_in_fen_and_nothing_else() {
    for (fen, text) in [(1, "1"), (7370, "7370"), (100_000_000, "100000000")] {
        let intent = common::intent(Channel::Icbc, NUMBER, fen, dialect().payee());
        let (sale, code) = (Sale::default(), code(CODE));
        let request = dialect().request(&asking(Call::Submit, &intent, &sale, Some(&code))).request;
        let content = read(&request).value().biz_content(None).unwrap();
        assert!(content.contains(&format!("\"order_amt\":\"{text}\"")), "{content}");
    }
}

#[test]
fn every_message_has_a_number_of_its_own_that_names_order_and_call() {
    let (intent, sale, code) = (intent(), Sale::default(), code(CODE));
    let mut seen = Vec::new();
    for call in CALLS {
        for nonce in [NONCE, [1; 16]] {
            let asking = Asking { nonce, ..asking(call, &intent, &sale, Some(&code)) };
            let received = read(&dialect().request(&asking).request);
            let msg_id = received.value().parameter("msg_id").unwrap().to_owned();
            assert!(msg_id.starts_with(NUMBER) && msg_id.len() == 40, "{msg_id}");
            assert!(!seen.contains(&msg_id), "{msg_id}");
            seen.push(msg_id);
        }
    }
    let long = common::intent(Channel::Icbc, &"A".repeat(32), 1, dialect().payee());
    let received = read(&dialect().request(&asking(Call::Query, &long, &sale, None)).request);
    assert_eq!(received.value().parameter("msg_id").unwrap().len(), 40);
}

#[test]
fn every_call_is_signed_stamped_in_beijing_and_shows_no_code() {
    let paths = [PAY_PATH, QUERY_PATH, REVERSE_PATH, REJECT_PATH, REJECT_QUERY_PATH];
    for (call, path) in CALLS.into_iter().zip(paths) {
        let (intent, sale, code) = (intent(), Sale::default(), code(CODE));
        let outgoing = dialect().request(&asking(call, &intent, &sale, Some(&code)));
        assert!(!outgoing.client_certificate && !dialect().undo_needs_certificate());
        assert_eq!((outgoing.request.path.as_str(), outgoing.request.query.as_str()), (path, ""));
        let received = read(&outgoing.request);
        assert_eq!(received.value().parameter("timestamp"), Some("2026-03-15 09:12:28"));
        assert_eq!(received.value().parameter("sign_type"), Some("RSA2"));
        assert!(!format!("{:?}{:?}{received:?}", outgoing.request, dialect()).contains(&CODE[2..]));
    }
}

#[test]
fn the_older_hash_and_encryption_are_the_accounts_choice() {
    let aes_key = AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").unwrap();
    let app = App { request_hash: RsaHash::Sha1, aes_key: Some(aes_key.clone()), ..app() };
    let (intent, sale, code) = (intent(), Sale::default(), code(CODE));
    let asking = asking(Call::Submit, &intent, &sale, Some(&code));
    let received = read(&Icbc::new(app, MER_ID.to_owned()).request(&asking).request);
    assert_eq!(received.value().parameter("sign_type"), Some("RSA"));
    assert!(!received.value().parameter("biz_content").unwrap().contains("qr_code"));
    let content = received.value().biz_content(Some(&aes_key)).unwrap();
    assert_eq!(PayRequest::from_biz_content(&content).unwrap().qr_code.expose(), CODE);
}

/// Numbers that were configured yesterday are still asked about under yesterday's merchant; a reversal has no amount.
#[test]
fn query_and_reversal_use_the_intents_facts() {
    let today = Icbc::new(app(), "020000000002".to_owned());
    let payee = Payee { merchant: MER_ID.to_owned(), sub_merchant: None };
    let intent = common::intent(Channel::Icbc, NUMBER, 7370, payee);
    let sale = Sale { description: Some("x".to_owned()), ..Sale::default() };
    let content = |call| {
        let received = read(&today.request(&asking(call, &intent, &sale, None)).request);
        received.value().biz_content(None).unwrap()
    };
    let query = QueryRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: Some(NUMBER.to_owned()),
        ..QueryRequest::default()
    };
    assert_eq!(QueryRequest::from_biz_content(&content(Call::Query)), Ok(query));
    let reverse = ReverseRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: NUMBER.to_owned(),
        ..ReverseRequest::default()
    };
    assert_eq!(ReverseRequest::from_biz_content(&content(Call::Reverse)), Ok(reverse));
    assert!(!content(Call::Reverse).contains("amt"));
}

/// A refund has a number of its own, the same in every repeat, and nothing that the sheet leaves open.
#[test]
fn a_refund_and_its_query_carry_its_own_number() {
    let (intent, sale, refund) = (intent(), Sale::default(), refund());
    let content = |call| {
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, None) };
        read(&dialect().request(&asking).request).value().biz_content(None).unwrap()
    };
    let reject = RejectRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: Some(NUMBER.to_owned()),
        reject_no: REFUND_NO.to_owned(),
        reject_amt: 370,
        ..RejectRequest::default()
    };
    assert_eq!(RejectRequest::from_biz_content(&content(Call::Refund)), Ok(reject));
    let list = RejectQueryRequest {
        mer_id: MER_ID.to_owned(),
        out_trade_no: NUMBER.to_owned(),
        reject_no: Some(REFUND_NO.to_owned()),
        ..RejectQueryRequest::default()
    };
    assert_eq!(RejectQueryRequest::from_biz_content(&content(Call::RefundQuery)), Ok(list));
}

#[test]
fn a_probe_is_a_signed_query() {
    let request = dialect().probe("PROBE20260315", OPENED, NONCE).request;
    let content = read(&request).value().biz_content(None).unwrap();
    let query = QueryRequest::from_biz_content(&content).unwrap();
    assert_eq!((query.out_trade_no.as_deref(), query.mer_id.as_str()), (Some("PROBE20260315"), MER_ID));
}

fn pay(dialect: &Icbc, sale: &Sale) -> PayRequest {
    let (intent, code) = (intent(), code(CODE));
    let request = dialect.request(&asking(Call::Submit, &intent, sale, Some(&code))).request;
    PayRequest::from_biz_content(&read(&request).value().biz_content(None).unwrap()).unwrap()
}

fn read(request: &Request) -> Verified<Received> {
    read_request(request).unwrap().verify(&our_key().verifying_key()).unwrap()
}

proptest! {
    #[test]
    fn any_text_of_the_till_leaves_a_request_that_verifies(
        description in any::<String>(),
        signs in "[&=<>\\]'\"\\\\/%+{}\r\n\t 付款🍜]{0,100}",
    ) {
        for description in [description, signs, "x&sign=1\",\"order_amt\":\"1".to_owned()] {
            let sale = Sale { description: Some(description), ..Sale::default() };
            let sent = pay(&dialect(), &sale);
            let attach = sent.attach.unwrap();
            prop_assert!((1..=21).contains(&attach.chars().count()));
            prop_assert!(!attach.contains(['&', '=', '<', '>', '"', '\'', '\\', '%', '+']));
            prop_assert_eq!((sent.order_amt, sent.out_trade_no.as_str()), (7370, NUMBER));
        }
    }
}
