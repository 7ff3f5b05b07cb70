//! WeChat's APIv3 for a provider (服务商): its paths, its numbers, its merchants (wechat.md §4.4, §4.5, §13).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::wechat_v3::{APPID, MCHID, SERIAL, WechatV3, api_v3_key, hand, members, merchant_key, wechat_v3};
use common::{MORNING, NUMBER, Till, Tongue};
use serde_json::{Value, json};
use simulator::{Account, PlatformHand, Settings, Simulator};
use wire::http::{Request, Response};
use wire::sign::SigningKey;
use wire::wechat_v3::{Account as Caller, SubMerchant, certificates_draft};

const CODE: &str = "134567890123456789";
const OTHER_CODE: &str = "134567890123456780";
/// The merchants of the provider, and an application that is the first one's.
const FIRST: &str = "1900009999";
const SECOND: &str = "1900009998";
const SUB_APPID: &str = "wx2b3c4d5e6f7a8b9c";
/// Nobody's merchant.
const STRANGER: &str = "1900008888";

/// The provider, for one of its merchants.
fn provider(sub_mchid: &str, sub_appid: Option<&str>) -> Account {
    let sub = SubMerchant { mchid: sub_mchid.to_owned(), appid: sub_appid.map(str::to_owned) };
    Account::WechatV3 {
        appid: APPID.to_owned(),
        mchid: MCHID.to_owned(),
        sub: Some(sub),
        merchant_serial: SERIAL.to_owned(),
        merchant_key: merchant_key().verifying_key(),
        api_v3_key: api_v3_key(),
        public_key: Some(hand()),
        certificates: vec![PlatformHand {
            hand: hand(),
            pem: "a certificate".to_owned(),
            from_ms: MORNING,
            signs_from_ms: MORNING,
            until_ms: MORNING + 86_400_000,
        }],
    }
}

/// The provider's own hand, speaking for a merchant, or as if it were none.
fn speaking(sub: Option<(&str, Option<&str>)>) -> WechatV3 {
    let sub =
        sub.map(|(mchid, appid)| SubMerchant { mchid: mchid.to_owned(), appid: appid.map(str::to_owned) });
    let mut tongue = wechat_v3();
    tongue.caller = Caller { sub, ..tongue.caller };
    tongue
}

fn both() -> Simulator {
    Simulator::new(Settings::new(vec![provider(FIRST, Some(SUB_APPID)), provider(SECOND, None)]), 7)
}

fn answer(till: &mut Till<'_>, request: &Request) -> Response {
    let response = till.call(request).response.unwrap();
    assert!(response.header("wechatpay-signature").is_some(), "{response:?}");
    response
}

/// HTTP status, `code` or `trade_state` or refund `status`, and the finer code.
fn told(till: &mut Till<'_>, request: &Request) -> (u16, String, String) {
    let response = answer(till, request);
    let body = members(&response);
    let word = ["code", "trade_state", "status"].iter().find_map(|name| body[*name].as_str());
    let fine = response.header("request-id").unwrap().rsplit_once('-').unwrap().1.to_owned();
    (response.status, word.unwrap_or_default().to_owned(), fine)
}

fn says(status: u16, word: &str, fine: &str) -> (u16, String, String) {
    (status, word.to_owned(), fine.to_owned())
}

/// Every call about one order.
fn calls(tongue: &WechatV3) -> [Request; 5] {
    [
        tongue.pay(NUMBER, 100, OTHER_CODE, MORNING),
        tongue.query(NUMBER, MORNING),
        tongue.reverse(NUMBER, MORNING),
        tongue.refund((NUMBER, 100), ("R1", 40), MORNING),
        tongue.refund_query(NUMBER, "R1", MORNING),
    ]
}

/// §4.4, partner: the members of an answer.
#[test]
fn a_provider_sells_for_its_merchant() {
    let tongue = speaking(Some((FIRST, Some(SUB_APPID))));
    let mut till = Till::new(both(), &tongue);
    let paid = members(&answer(&mut till, &tongue.pay(NUMBER, 100, CODE, MORNING)));
    assert_eq!(paid["trade_state"], "SUCCESS", "{paid}");
    let parties =
        |body: &Value| ["sp_appid", "sp_mchid", "sub_mchid", "sub_appid"].map(|name| body[name].clone());
    let ours = [APPID, MCHID, FIRST, SUB_APPID].map(|text| json!(text));
    assert_eq!(parties(&paid), ours);
    assert!(paid["payer"]["sub_openid"].is_string() && paid["payer"]["sp_openid"].is_string(), "{paid}");
    assert!(paid.get("mchid").is_none() && paid.get("appid").is_none(), "{paid}");
    assert_eq!(parties(&members(&answer(&mut till, &tongue.query(NUMBER, MORNING)))), ours);
    assert_eq!(parties(&members(&answer(&mut till, &tongue.reverse(NUMBER, MORNING)))), ours);
    assert_eq!(till.money(NUMBER), (100, 100));
    // `sub_openid` comes with `sub_appid` alone (§10).
    let bare = speaking(Some((SECOND, None)));
    let mut till = Till::new(both(), &bare);
    let paid = members(&answer(&mut till, &bare.pay(NUMBER, 100, CODE, MORNING)));
    assert!(paid["payer"].get("sub_openid").is_none() && paid.get("sub_appid").is_none(), "{paid}");
}

/// §4.4, §4.5: a provider is refused by a merchant's paths and a merchant by a provider's; so is who is nobody's merchant.
#[test]
fn paths_and_numbers_are_those_of_one_mode() {
    let direct = speaking(None);
    let partner = speaking(Some((FIRST, None)));
    for (simulator, tongue, refusal) in [
        (both as fn() -> Simulator, &direct, says(400, "PARAM_ERROR", "268443704")),
        (common::gentle, &partner, says(400, "PARAM_ERROR", "268435461")),
        (both, &speaking(Some((STRANGER, None))), says(400, "MCH_NOT_EXISTS", "0")),
    ] {
        // `gentle` serves every channel's account but none of a provider.
        let mut till = Till::new(simulator(), tongue);
        for request in calls(tongue) {
            assert_eq!(told(&mut till, &request), refusal, "{}", request.path);
        }
        assert_eq!(till.simulator.ledger(), []);
    }
    let mut other_app = speaking(Some((FIRST, None)));
    other_app.caller.appid = Some("wx0000000000000000".to_owned());
    for tongue in [other_app, speaking(Some((FIRST, Some("wx0000000000000000"))))] {
        let mut till = Till::new(both(), &tongue);
        let refused = told(&mut till, &tongue.pay(NUMBER, 100, CODE, MORNING));
        assert_eq!(refused, says(400, "APPID_MCHID_NOT_MATCH", "268445527"));
        assert_eq!(till.simulator.ledger(), []);
    }
}

/// §13: a provider's order numbers are one book, and each order is one merchant's.
#[test]
fn an_order_is_one_merchants() {
    let (first, second) = (speaking(Some((FIRST, None))), speaking(Some((SECOND, None))));
    let mut till = Till::new(both(), &first);
    assert_eq!(told(&mut till, &first.pay(NUMBER, 100, CODE, MORNING)), says(200, "SUCCESS", "0"));
    let part = first.refund((NUMBER, 100), ("R1", 40), MORNING);
    assert_eq!(told(&mut till, &part), says(200, "SUCCESS", "0"));
    let refusals = [
        says(403, "OUT_TRADE_NO_USED", "268498688"),
        says(404, "ORDER_NOT_EXIST", "268512771"),
        says(400, "INVALID_REQUEST", "0"),
        says(404, "RESOURCE_NOT_EXISTS", "0"),
        says(404, "RESOURCE_NOT_EXISTS", "0"),
    ];
    for (request, refusal) in calls(&second).iter().zip(refusals) {
        assert_eq!(told(&mut till, request), refusal, "{}", request.path);
    }
    assert_eq!(till.money(NUMBER), (100, 40));
    assert_eq!(told(&mut till, &first.query(NUMBER, MORNING)), says(200, "REFUND", "0"));
}

/// §4.1: the provider's key signs, whichever merchant it speaks for.
#[test]
fn the_key_is_the_providers() {
    let mut forger = speaking(Some((FIRST, None)));
    forger.merchant.signing_key = SigningKey::keyed_hash([9; 32]);
    let mut till = Till::new(both(), &forger);
    for request in calls(&forger) {
        assert_eq!(told(&mut till, &request), says(401, "SIGN_ERROR", "268443699"), "{}", request.path);
    }
    assert_eq!(till.simulator.ledger(), []);
}

/// §4.3: the download of certificates has no parameters, so none that a provider could leave out.
#[test]
fn a_provider_downloads_certificates() {
    let tongue = speaking(Some((FIRST, None)));
    let mut till = Till::new(both(), &tongue);
    let response = answer(&mut till, &tongue.send(certificates_draft(), MORNING));
    assert_eq!(response.status, 200);
    assert_eq!(members(&response)["data"].as_array().unwrap().len(), 1);
}
