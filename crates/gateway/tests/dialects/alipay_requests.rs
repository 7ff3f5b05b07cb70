//! What leaves: read again with the channel's own eyes.

use gateway::dialects::alipay::{Alipay, Protocol, Shop};
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Call, Payee};
use payment::patience::Channel;
use proptest::prelude::*;
use wire::alipay::{
    App, BankAgent, CancelRequest, PayRequest, QueryRequest, Received, read_request, read_v3_request,
};
use wire::http::Request;
use wire::verified::Verified;

use crate::alipay_traps::{NUMBER, app, dialect, intent, method, our_key, refund};
use crate::common::{self, CALLS, NONCE, asking, code};

const CODE: &str = "28763443825664394";
const DEVICE: &str = r#"{"device_type":"11","terminal_id":"T0000001"}"#;

/// What an account says of its sales.
fn shop() -> Shop {
    Shop {
        store_id: Some("HQ".to_owned()),
        alipay_store_id: Some("2015051100077000000000000001".to_owned()),
        terminal_id: Some("T99".to_owned()),
        operator_id: Some("op99".to_owned()),
        terminal_params: Some(DEVICE.to_owned()),
        provider_id: Some("2088511833207846".to_owned()),
        ..Shop::default()
    }
}

#[test]
fn a_submit_carries_number_amount_expiry_and_the_tills_identities() {
    let sale = Sale {
        description: Some("热干面/豆浆 & 1份".to_owned()),
        metadata: None,
        outlet: Some("ST001".to_owned()),
        terminal: Some("T01".to_owned()),
        operator: Some("op01".to_owned()),
    };
    let with_seller = App { seller_id: Some("2088102146225135".to_owned()), ..app() };
    let dialect = Alipay::new(with_seller, shop());
    assert_eq!(dialect.payee().merchant, "2026110100000001/2088102146225135");
    let expected = PayRequest {
        out_trade_no: NUMBER.to_owned(),
        total_amount: 1280,
        subject: "热干面／豆浆 ＆ 1份".to_owned(),
        auth_code: CODE.into(),
        scene: "bar_code".to_owned(),
        product_code: Some("FACE_TO_FACE_PAYMENT".to_owned()),
        seller_id: Some("2088102146225135".to_owned()),
        body: None,
        store_id: Some("ST001".to_owned()),
        operator_id: Some("op01".to_owned()),
        terminal_id: Some("T01".to_owned()),
        alipay_store_id: Some("2015051100077000000000000001".to_owned()),
        terminal_params: Some(DEVICE.to_owned()),
        timeout_express: Some("5m".to_owned()),
        sys_service_provider_id: Some("2088511833207846".to_owned()),
        mc_create_trade_ip: None,
        sub_merchant: None,
        bkagent_req_info: None,
        query_options: Vec::new(),
    };
    assert_eq!(pay(&dialect, &sale, CODE), expected);
}

/// unionpay.md §8, §3.1: the sub-merchant is paid, so it belongs to the intent; a payment names it and the acquirer's terminal,
/// over either protocol. Questions, cancels and refunds are as ever.
#[test]
fn a_sub_merchants_payment_says_whose_money_it_is() {
    let agent = BankAgent {
        acq_code: Some("48023456789012".to_owned()),
        merch_code: None,
        device_type: Some("11".to_owned()),
        serial_num: None,
        location: Some("+31.23/+121.47".to_owned()),
    };
    let shop = Shop {
        terminal_params: None,
        smid: Some("2088331876543210".to_owned()),
        agent: Some(agent.clone()),
        ..shop()
    };
    let relay = Alipay::new(app(), shop.clone());
    let payee = relay.payee();
    let (merchant, smid) = (payee.merchant.as_str(), payee.sub_merchant.as_deref());
    assert_eq!((merchant, smid), ("2026110100000001", Some("2088331876543210")));
    // Opened under yesterday's sub-merchant.
    let theirs = Payee { sub_merchant: Some("2088331876500000".to_owned()), ..payee };
    let intent = common::intent(Channel::Alipay, NUMBER, 1280, theirs);
    let (sale, code, refund) = (Sale::default(), code(CODE), refund());
    for dialect in [relay, Alipay::new(app(), shop).over(Protocol::V3)] {
        let sent = |call| {
            let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, Some(&code)) };
            let request = dialect.request(&asking).request;
            match request.path.starts_with("/v3/") {
                true => read_v3_request(&request).unwrap().content(None).unwrap(),
                false => received(&request).value().biz_content().unwrap().to_owned(),
            }
        };
        let pay = PayRequest::from_biz_content(&sent(Call::Submit)).unwrap();
        assert_eq!(pay.sub_merchant.as_deref(), Some("2088331876500000"));
        assert_eq!((pay.bkagent_req_info, pay.terminal_params), (Some(agent.clone()), None));
        for call in CALLS.into_iter().filter(|call| *call != Call::Submit) {
            let content = sent(call);
            assert!(!content.contains("sub_merchant") && !content.contains("bkagent"), "{call:?}: {content}");
        }
    }
}

#[test]
fn the_amount_is_written_in_yuan_and_nothing_else() {
    for (fen, text) in [(1, "0.01"), (1280, "12.80"), (100_000_000, "1000000.00")] {
        let intent = common::intent(Channel::Alipay, NUMBER, fen, dialect().payee());
        let (sale, code) = (Sale::default(), code(CODE));
        let request = dialect().request(&asking(Call::Submit, &intent, &sale, Some(&code))).request;
        let content = received(&request).value().biz_content().unwrap().to_owned();
        assert!(content.contains(&format!("\"total_amount\":\"{text}\"")), "{fen}");
    }
}

#[test]
fn what_does_not_fit_is_left_out() {
    let sale = Sale {
        outlet: Some("一店".to_owned()),
        operator: Some("x".repeat(29)),
        terminal: Some("a&b".to_owned()),
        ..Sale::default()
    };
    let sent = pay(&Alipay::new(app(), shop()), &sale, CODE);
    let of_account = (sent.store_id.as_deref(), sent.operator_id.as_deref(), sent.terminal_id.as_deref());
    assert_eq!(of_account, (Some("HQ"), Some("op99"), Some("T99")));
    assert_eq!(sent.subject, "付款码支付");
    let sent = pay(&dialect(), &sale, CODE);
    assert_eq!((sent.store_id, sent.operator_id, sent.terminal_id), (None, None, None));
}

#[test]
fn a_face_token_has_its_own_scene() {
    let token = format!("fp{}", "a1B".repeat(11));
    let sent = pay(&dialect(), &Sale::default(), &token);
    assert_eq!((sent.scene.as_str(), sent.auth_code.expose()), ("security_code", token.as_str()));
}

#[test]
fn every_call_is_signed_stamped_in_beijing_and_shows_no_code() {
    for call in CALLS {
        let (intent, sale, code, refund) = (intent(), Sale::default(), code(CODE), refund());
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, Some(&code)) };
        let outgoing = dialect().request(&asking);
        assert!(!outgoing.client_certificate && !dialect().undo_needs_certificate());
        let received = received(&outgoing.request);
        assert_eq!(received.value().parameter("method"), Some(method(call)));
        assert_eq!(received.value().parameter("timestamp"), Some("2026-03-15 09:12:28"));
        assert!(!outgoing.request.query.contains(&CODE[2..]), "addresses end up in logs");
        assert!(!format!("{:?}{:?}{received:?}", outgoing.request, dialect()).contains(&CODE[2..]));
    }
}

/// Numbers that were configured yesterday are still asked about under yesterday's numbers.
#[test]
fn query_and_cancel_use_the_intents_facts() {
    let today = Alipay::new(App { app_id: "2026110100000002".to_owned(), ..app() }, Shop::default());
    for merchant in ["2026110100000001", "2026110100000001/2088102146225135"] {
        let payee = Payee { merchant: merchant.to_owned(), sub_merchant: None };
        let intent = common::intent(Channel::Alipay, NUMBER, 1280, payee);
        let sale = Sale { description: Some("x".to_owned()), ..Sale::default() };
        let sent = |call| received(&today.request(&asking(call, &intent, &sale, None)).request);
        let (query, cancel) = (sent(Call::Query), sent(Call::Reverse));
        for read in [&query, &cancel] {
            assert_eq!(read.value().parameter("app_id"), Some("2026110100000001"));
        }
        let query = QueryRequest::from_biz_content(query.value().biz_content().unwrap()).unwrap();
        assert_eq!((query.out_trade_no.as_deref(), query.trade_no), (Some(NUMBER), None));
        assert_eq!(query.query_options, ["fund_bill_list", "voucher_detail_list"]);
        let cancel = CancelRequest::from_biz_content(cancel.value().biz_content().unwrap()).unwrap();
        assert_eq!(cancel, CancelRequest { out_trade_no: Some(NUMBER.to_owned()), trade_no: None });
    }
}

#[test]
fn a_probe_is_a_signed_query() {
    let request = dialect().probe("PROBE20260315", common::OPENED, NONCE).request;
    let received = received(&request);
    let query = QueryRequest::from_biz_content(received.value().biz_content().unwrap()).unwrap();
    assert_eq!(query.out_trade_no.as_deref(), Some("PROBE20260315"));
}

fn pay(dialect: &Alipay, sale: &Sale, scanned: &str) -> PayRequest {
    let (intent, code) = (intent(), code(scanned));
    let request = dialect.request(&asking(Call::Submit, &intent, sale, Some(&code))).request;
    PayRequest::from_biz_content(received(&request).value().biz_content().unwrap()).unwrap()
}

fn received(request: &Request) -> Verified<Received> {
    read_request(request).unwrap().verify(&our_key().verifying_key()).unwrap()
}

proptest! {
    #[test]
    fn any_text_of_the_till_leaves_a_request_that_verifies(
        description in any::<String>(),
        signs in "[&=<>\\]'\"\\\\/%+{}\r\n\t 付款🍜]{0,400}",
        outlet in any::<String>(),
    ) {
        for description in [description, signs, format!("x&sign=1\",\"total_amount\":\"0.01{outlet}")] {
            let sale = Sale {
                description: Some(description),
                outlet: Some(outlet.clone()),
                ..Sale::default()
            };
            let sent = pay(&dialect(), &sale, CODE);
            prop_assert!((1..=256).contains(&sent.subject.chars().count()));
            prop_assert!(!sent.subject.contains(['&', '=', '/', '<', '>', '"', '\'', '\\', '%']));
            let odd = |sign: char| sign.is_control() || sign.len_utf8() > 3;
            prop_assert!(!sent.subject.contains(odd));
            prop_assert_eq!(sent.total_amount, 1280);
            prop_assert_eq!(sent.out_trade_no.as_str(), NUMBER);
        }
    }
}
