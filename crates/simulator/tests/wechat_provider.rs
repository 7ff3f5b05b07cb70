//! WeChat's APIv2 for a provider (服务商): its numbers and its merchants (wechat.md §2.1, §13).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::wechat::{Wechat, wechat};
use common::{MORNING, Till, Tongue, gentle};
use simulator::{Account, Settings, Simulator};
use wire::http::Request;
use wire::sign::ApiKey;

const CODE: &str = "134567890123456789";
const OTHER_CODE: &str = "134567890123456780";
const NUMBER: &str = "S20260315091228001";
const FIRST: &str = "1900009999";
const SECOND: &str = "1900009998";
const STRANGER: &str = "1900008888";

fn provider(sub_mch_id: &str) -> Account {
    Account::WechatV2 {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_mch_id: Some(sub_mch_id.to_owned()),
        channel_id: None,
        api_key: ApiKey::new(common::API_KEY).unwrap(),
    }
}

fn both() -> Simulator {
    Simulator::new(Settings::new(vec![provider(FIRST), provider(SECOND)]), 7)
}

/// The provider's own hand, speaking for a merchant, or as if it were none.
fn speaking(sub: Option<&str>) -> Wechat {
    let mut tongue = wechat();
    tongue.0.sub_mch_id = sub.map(str::to_owned);
    tongue
}

/// `err_code` or `result_code` of a signed answer, or why it is none.
fn told(till: &mut Till<'_>, tongue: &Wechat, request: &Request) -> String {
    let response = till.call(request).response.unwrap();
    match tongue.fields(&response) {
        Ok(fields) => fields.filled("err_code").or(fields.get("result_code")).unwrap().to_owned(),
        Err(unsigned) => unsigned,
    }
}

/// Every call about one order.
fn calls(tongue: &Wechat) -> [Request; 5] {
    [
        tongue.pay(NUMBER, 100, OTHER_CODE, MORNING),
        tongue.query(NUMBER, MORNING),
        tongue.reverse(NUMBER, MORNING),
        tongue.refund((NUMBER, 100), ("R1", 40), MORNING),
        tongue.refund_query(NUMBER, "R1", MORNING),
    ]
}

/// §2.1, provider mode: the merchant is named by every call and echoed; §13: who must name one, and who must not.
#[test]
fn a_provider_names_its_merchant_and_nobody_else_does() {
    for (simulator, sub, refusal) in [
        (both as fn() -> Simulator, None, "受理机构必须传入sub_mch_id"),
        (gentle, Some(FIRST), "普通商户不允许传sub_mch_id"),
        (both, Some(STRANGER), "MCHID_NOT_EXIST"),
    ] {
        let tongue = speaking(sub);
        let mut till = Till::new(simulator(), &tongue);
        for request in calls(&tongue) {
            let said = told(&mut till, &tongue, &request);
            assert!(said.contains(refusal), "{}: {said}", request.path);
        }
        assert_eq!(till.simulator.ledger(), []);
    }
    let mut tongue = speaking(Some(FIRST));
    tongue.0.sub_appid = Some("wx2b3c4d5e6f7a8b9c".to_owned());
    let mut till = Till::new(both(), &tongue);
    let response = till.call(&tongue.pay(NUMBER, 100, CODE, MORNING)).response.unwrap();
    let paid = tongue.fields(&response).unwrap();
    assert_eq!((paid.get("result_code"), paid.get("sub_mch_id")), (Some("SUCCESS"), Some(FIRST)));
    assert!(paid.filled("sub_openid").is_some() && paid.filled("sub_appid").is_some());
}

/// §2.1, §13: a provider's order numbers are one book, and each order is one merchant's.
#[test]
fn an_order_is_one_merchants() {
    let (first, second) = (speaking(Some(FIRST)), speaking(Some(SECOND)));
    let mut till = Till::new(both(), &first);
    assert_eq!(told(&mut till, &first, &first.pay(NUMBER, 100, CODE, MORNING)), "SUCCESS");
    let part = first.refund((NUMBER, 100), ("R1", 40), MORNING);
    assert_eq!(told(&mut till, &first, &part), "SUCCESS");
    let refusals = ["ORDERPAID", "ORDERNOTEXIST", "INVALID_TRANSACTIONID", "ORDERNOTEXIST", "REFUNDNOTEXIST"];
    for (request, refusal) in calls(&second).iter().zip(refusals) {
        assert_eq!(told(&mut till, &second, request), refusal, "{}", request.path);
    }
    assert_eq!(till.money(NUMBER), (100, 40));
    assert_eq!(told(&mut till, &first, &first.query(NUMBER, MORNING)), "SUCCESS");
}

/// §2.1: the provider's key signs, whichever merchant it speaks for.
#[test]
fn the_key_is_the_providers() {
    let mut forger = speaking(Some(FIRST));
    forger.0.key = ApiKey::new(&"0".repeat(32)).unwrap();
    let mut till = Till::new(both(), &forger);
    for request in calls(&forger) {
        let said = told(&mut till, &forger, &request);
        assert!(said.contains("签名错误"), "{}: {said}", request.path);
    }
    assert_eq!(till.simulator.ledger(), []);
}
