//! Alipay behind UnionPay's relay (unionpay.md §3.1, §8): a sub-merchant of an acquirer.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::alipay::{Alipay, alipay, alipay_key, app_key};
use common::{MORNING, Till, Tongue};
use simulator::{Account, AlipayRelay, AlipayTerms, Settings, Simulator};
use wire::alipay::{BankAgent, PAY_METHOD, PayRequest, V3Reply, v3_reply, v3_request};
use wire::http::{Request, Response};

const CODE: &str = "280000000000000001";
const NUMBER: &str = "S20260315100000";
const SMID: &str = "2088331876543210";
const ACQUIRER: &str = "48023456789012";

fn account(relay: Option<AlipayRelay>) -> Account {
    Account::Alipay {
        app_id: "2014072300007148".to_owned(),
        seller_id: "2088990000000045".to_owned(),
        app_public_key: app_key().verifying_key(),
        alipay_signing_key: alipay_key(),
        terms: AlipayTerms { relay, ..AlipayTerms::default() },
    }
}

fn relayed() -> Account {
    let merch_code = Some("123456789012".to_owned());
    account(Some(AlipayRelay { smid: SMID.to_owned(), acq_code: ACQUIRER.to_owned(), merch_code }))
}

fn till(account: Account, speaker: &Alipay) -> Till<'_> {
    Till::new(Simulator::new(Settings::new(vec![account]), 7), speaker)
}

/// A payment with everything that the relay asks for.
fn sale(speaker: &Alipay) -> PayRequest {
    PayRequest {
        sub_merchant: Some(SMID.to_owned()),
        bkagent_req_info: Some(BankAgent {
            acq_code: Some(ACQUIRER.to_owned()),
            merch_code: Some("123456789012".to_owned()),
            device_type: Some("10".to_owned()),
            serial_num: Some("SN0001".to_owned()),
            location: Some("+31.23/+121.47".to_owned()),
        }),
        ..speaker.trade(NUMBER, 100, CODE)
    }
}

fn over_relay(mut request: Request) -> Request {
    request.path = format!("/relay{}", request.path);
    request
}

/// `10000`, or `sub_code sub_msg` of an answer that is signed.
fn said(speaker: &Alipay, response: &Response) -> String {
    let node = speaker.node(response, PAY_METHOD).unwrap();
    match (node.sub_code(), node.sub_msg()) {
        (None, _) => node.code().unwrap().to_owned(),
        (Some(sub_code), text) => format!("{sub_code} {}", text.unwrap_or_default()),
    }
}

#[test]
fn what_a_payment_lacks_is_refused_by_its_name_and_charges_nothing() {
    let speaker = alipay();
    let told = |change: &dyn Fn(&mut PayRequest)| {
        let mut till = till(relayed(), &speaker);
        let mut sale = sale(&speaker);
        change(&mut sale);
        let request = over_relay(speaker.send(PAY_METHOD, &sale.biz_content(), MORNING));
        let said = said(&speaker, &till.call(&request).response.unwrap());
        let charged: i64 = till.simulator.ledger().iter().map(|line| line.charged).sum();
        assert_eq!(charged, if said == "10000" { 100 } else { 0 }, "{said}");
        said
    };
    let agent = |change: fn(&mut BankAgent)| told(&|sale| change(sale.bkagent_req_info.as_mut().unwrap()));
    assert_eq!(told(&|_| {}), "10000");
    assert_eq!(agent(|agent| agent.location = Some("-33.86/-151.209999".to_owned())), "10000");
    const SMID_NAME: &str = "sub_merchant.merchant_id";
    let blank = told(&|sale| sale.sub_merchant = None);
    assert_eq!(blank, format!("ACQ.SECONDARY_MERCHANT_ID_BLANK 二级商户编号为空：{SMID_NAME}"));
    let other = told(&|sale| sale.sub_merchant = Some("2088331876543211".to_owned()));
    assert_eq!(other, format!("ACQ.SECONDARY_MERCHANT_ID_INVALID 二级商户编号无效：{SMID_NAME}"));
    let refused = |field: &str| format!("ACQ.INVALID_PARAMETER 参数无效：{field}");
    assert_eq!(told(&|sale| sale.bkagent_req_info = None), refused("bkagent_req_info"));
    for (said, field) in [
        (agent(|agent| agent.acq_code = None), "acq_code"),
        (agent(|agent| agent.acq_code = Some("48023456789013".to_owned())), "acq_code"),
        (agent(|agent| agent.merch_code = None), "merch_code"),
        (agent(|agent| agent.device_type = None), "device_type"),
        (agent(|agent| agent.device_type = Some("14".to_owned())), "device_type"),
        (agent(|agent| agent.device_type = Some("1".to_owned())), "device_type"),
        (agent(|agent| agent.serial_num = None), "serial_num"),
        (agent(|agent| agent.serial_num = Some("9".repeat(51))), "serial_num"),
        (agent(|agent| agent.location = None), "location"),
        (agent(|agent| agent.location = Some("31.23/121.47".to_owned())), "location"),
        (agent(|agent| agent.location = Some("+91.0/+121.47".to_owned())), "location"),
    ] {
        assert_eq!(said, refused(&format!("bkagent_req_info.{field}")));
    }
    // A scanner gun has no serial that is registered.
    let gun = |agent: &mut BankAgent| {
        agent.device_type = Some("11".to_owned());
        agent.serial_num = None;
    };
    assert_eq!(agent(gun), "10000");
}

/// Only a payment names the sub-merchant: questions and cancels are Alipay's own (unionpay.md §8).
#[test]
fn a_payment_is_asked_about_and_cancelled_as_ever() {
    let speaker = alipay();
    let mut till = till(relayed(), &speaker);
    let pay = over_relay(speaker.send(PAY_METHOD, &sale(&speaker).biz_content(), MORNING));
    assert_eq!(said(&speaker, &till.call(&pay).response.unwrap()), "10000");
    let asked = till.call(&over_relay(speaker.query(NUMBER, MORNING))).response.unwrap();
    assert_eq!(speaker.hear_query(&asked, NUMBER), common::Heard::Paid { total: 100, paid: 100 });
    let back = till.call(&over_relay(speaker.reverse(NUMBER, MORNING))).response.unwrap();
    assert_eq!(speaker.hear_reverse(&back, NUMBER), common::Heard::Reversed { refunded: Some(true) });
}

#[test]
fn each_host_serves_its_own_accounts_only() {
    let speaker = alipay();
    let content = sale(&speaker).biz_content();
    let pay = || speaker.send(PAY_METHOD, &content, MORNING);
    let body = |account: Account, request: &Request| {
        let response = till(account, &speaker).call(request).response.unwrap();
        (response.status, String::from_utf8_lossy(&response.body).into_owned())
    };
    for (account, request) in [(relayed(), pay()), (account(None), over_relay(pay()))] {
        let (_, body) = body(account, &request);
        assert!(body.contains("isv.invalid-app-id"), "{body}");
    }
    let v3 = || v3_request(&speaker.0, PAY_METHOD, &content, "0b2d1f8e-5a1c-4c8e-9d55-2f7a4be0a001", MORNING);
    let (status, text) = body(relayed(), &v3());
    assert!(status == 400 && text.contains("invalid-app-id"), "{status} {text}");
    assert_eq!(body(relayed(), &over_relay(v3())).0, 404, "the relay speaks the gateway's protocol");
    let response = till(account(None), &speaker).call(&v3()).response.unwrap();
    assert!(matches!(v3_reply(&response, &speaker.0, MORNING), Ok(V3Reply::Served(_))), "{response:?}");
}
