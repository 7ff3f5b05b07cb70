//! The rules of WeChat's APIv3 one by one, each with its place in the sheet (wechat.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::wechat_v3::{
    APPID, MCHID, PUBLIC_KEY_ID, WechatV3, account, api_v3_key, hand, members, wechat_v3,
};
use common::{Heard, MORNING, NUMBER, Till, Tongue, gentle, pay, turned};
use serde_json::{Value, json};
use simulator::{Account, PlatformHand, Settings, Simulator};
use wire::http::{Method, Request, Response};
use wire::sign::SigningKey;
use wire::wechat_v3::{
    CertificateError, ChannelKeys, Draft, Hand, NotVerified, OrderNumber, OrderQueryRequest, PROBE,
    certificates, certificates_draft, reply,
};

const CODE: &str = "134567890123456789";
/// A payer who never answers, one who confirms after 25 s, one who is asked and refuses after 8 s.
const NEVER: &str = "130000104000000001";
const CONFIRMS: &str = "130000102000000001";
/// A payer whose answer is wrongly signed.
const WRONGLY_SIGNED: &str = "130000307000000001";

fn answer(till: &mut Till<'_>, request: &Request) -> Response {
    till.call(request).response.expect("an answer")
}

/// HTTP status, `code` and `trade_state` of an answer, and whether it is signed.
fn told(till: &mut Till<'_>, request: &Request) -> (u16, String, bool) {
    let response = answer(till, request);
    let body = members(&response);
    let word = body["code"].as_str().or(body["trade_state"].as_str()).unwrap_or_default().to_owned();
    (response.status, word, response.header("wechatpay-signature").is_some())
}

fn refused(status: u16, code: &str) -> (u16, String, bool) {
    (status, code.to_owned(), true)
}

/// §4.1, §11: whose request it is, in the order in which it is looked at; what is refused leaves nothing.
#[test]
fn a_request_must_be_signed_by_its_merchant_within_five_minutes() {
    let good = wechat_v3();
    let changed = |change: fn(&mut WechatV3)| {
        let mut other = wechat_v3();
        change(&mut other);
        other.pay(NUMBER, 1, CODE, MORNING)
    };
    let without = |name: &str| {
        let mut request = good.pay(NUMBER, 1, CODE, MORNING);
        request.headers.retain(|(known, _)| known != name);
        request
    };
    let mut touched = good.pay(NUMBER, 1, CODE, MORNING);
    touched.body =
        String::from_utf8(touched.body).unwrap().replace("\"total\":1", "\"total\":2").into_bytes();
    let unsigned = |status, code: &str| (status, code.to_owned(), false);
    for (request, expected) in [
        (without("user-agent"), unsigned(400, "PARAM_ERROR")),
        (without("authorization"), unsigned(401, "SIGN_ERROR")),
        (changed(|other| other.merchant.mchid = "1900000999".to_owned()), unsigned(401, "SIGN_ERROR")),
        (changed(|other| other.merchant.serial_no = "00".to_owned()), refused(401, "SIGN_ERROR")),
        (
            changed(|other| other.merchant.signing_key = SigningKey::keyed_hash([9; 32])),
            refused(401, "SIGN_ERROR"),
        ),
        (touched, refused(401, "SIGN_ERROR")),
        (good.pay(NUMBER, 1, CODE, MORNING - 300_000), refused(401, "SIGN_ERROR")),
        (good.pay(NUMBER, 1, CODE, MORNING + 300_000), refused(401, "SIGN_ERROR")),
    ] {
        let mut till = Till::new(gentle(), &good);
        assert_eq!(told(&mut till, &request), expected, "{request:?}");
        assert!(till.simulator.changes().is_empty(), "a refused request leaves nothing");
    }
    let mut till = Till::new(gentle(), &good);
    let early = good.pay(NUMBER, 1, CODE, MORNING - 299_000);
    assert_eq!(told(&mut till, &early), refused(200, "SUCCESS"), "within the five minutes");
}

/// §4.2, §4.5: every answer carries the five headers of its signature and a `Request-ID` that ends in a number.
#[test]
fn answers_are_signed_and_numbered() {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    for request in [tongue.pay(NUMBER, 1, CODE, MORNING), tongue.query("S0000000000000", MORNING)] {
        let response = answer(&mut till, &request);
        assert_eq!(response.header("wechatpay-serial"), Some(PUBLIC_KEY_ID));
        assert!(response.header("wechatpay-timestamp").is_some_and(|at| at == (MORNING / 1_000).to_string()));
        assert!(reply(&response, &tongue.keys, MORNING / 1_000).is_ok());
        let number = response.header("request-id").unwrap().rsplit_once('-').unwrap().1;
        assert!(number.parse::<u64>().is_ok(), "{number}");
        let mut other = response.clone();
        other.body.push(b' ');
        assert_eq!(reply(&other, &tongue.keys, MORNING / 1_000), Err(NotVerified::BadSignature));
    }
}

/// §4.4: 202 while the payer is asked, 200 once it is paid; the identical request is answered as the order stands, another
/// with its number is refused (§13).
#[test]
fn a_repeat_is_answered_as_the_order_stands() {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    let request = tongue.pay(NUMBER, 2_500, CONFIRMS, MORNING);
    assert_eq!(told(&mut till, &request), refused(202, "USERPAYING"));
    assert_eq!(told(&mut till, &request), refused(202, "USERPAYING"));
    let other = tongue.pay(NUMBER, 2_501, CONFIRMS, MORNING);
    assert_eq!(told(&mut till, &other), refused(403, "OUT_TRADE_NO_USED"));
    let mut described = tongue.codepay(NUMBER, 2_500, CONFIRMS);
    described.description = "别的".to_owned();
    let described = tongue.send(described.draft(&tongue.caller), MORNING);
    assert_eq!(told(&mut till, &described), refused(403, "OUT_TRADE_NO_USED"));
    till.wait(26_000);
    assert_eq!(told(&mut till, &request), refused(200, "SUCCESS"));
    assert_eq!(told(&mut till, &described), refused(403, "OUT_TRADE_NO_USED"));
    assert_eq!(till.money(NUMBER), (2_500, 0));
}

/// §4.4: what a paid order says.
#[test]
fn a_paid_order_says_all() {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    let request = tongue.pay(NUMBER, 2_500, "130000503000000001", MORNING);
    let paid = members(&answer(&mut till, &request));
    let id = paid["transaction_id"].as_str().unwrap().to_owned();
    assert!(id.len() == 28 && id.starts_with("42000"), "{id}");
    let amount = json!({"total": 2_500, "payer_total": 2_000, "currency": "CNY", "payer_currency": "CNY"});
    assert_eq!(paid["amount"], amount);
    assert_eq!(paid["success_time"], "2026-03-15T10:00:00+08:00");
    assert_eq!((&paid["appid"], &paid["mchid"]), (&json!(APPID), &json!(MCHID)));
    assert_eq!((&paid["trade_type"], &paid["attach"]), (&json!("MICROPAY"), &json!("lane=3")));
    assert_eq!(paid["promotion_detail"][0]["wechatpay_contribute"], 500);
    // By the channel's own number, too; an unpaid order by the merchant's alone (§2.3).
    let by_id = |id: &str| {
        let query = OrderQueryRequest { order: OrderNumber::TransactionId(id.to_owned()) };
        tongue.send(query.draft(&tongue.caller), MORNING)
    };
    assert_eq!(members(&answer(&mut till, &by_id(&id)))["out_trade_no"], NUMBER);
    assert_eq!(told(&mut till, &by_id("4200000000000000000000000000")), refused(404, "ORDER_NOT_EXIST"));
}

/// §4.4, §5.5: forms and ranges, before any code is spent.
#[test]
fn malformed_requests_are_refused_and_leave_nothing() {
    let tongue = wechat_v3();
    let base: Value =
        serde_json::from_str(&tongue.codepay(NUMBER, 1, CODE).draft(&tongue.caller).body).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut body = base.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        tongue.send(Draft::post("/v3/pay/transactions/codepay".to_owned(), body.to_string()), MORNING)
    };
    let mut extra = base.clone();
    extra["notify_url"] = json!("https://example.com");
    let extra =
        tongue.send(Draft::post("/v3/pay/transactions/codepay".to_owned(), extra.to_string()), MORNING);
    for (request, code) in [
        (with("/out_trade_no", json!("S 1234567")), "PARAM_ERROR"),
        (with("/out_trade_no", json!("S1")), "PARAM_ERROR"),
        (with("/amount/total", json!(0)), "PARAM_ERROR"),
        (with("/amount/total", json!("1")), "PARAM_ERROR"),
        (with("/amount/currency", json!("USD")), "PARAM_ERROR"),
        (with("/description", json!("x".repeat(128))), "PARAM_ERROR"),
        (with("/scene_info/store_info", json!({})), "PARAM_ERROR"),
        (with("/payer/auth_code", json!("284567890123456789")), "AUTH_CODE_INVALID"),
        (with("/appid", json!("wx0000000000000000")), "APPID_MCHID_NOT_MATCH"),
        (with("/mchid", json!("1900000109")), "INVALID_REQUEST"),
        (extra, "PARAM_ERROR"),
    ] {
        let mut till = Till::new(gentle(), &tongue);
        assert_eq!(told(&mut till, &request), refused(400, code));
        assert!(till.simulator.changes().is_empty());
    }
    let mut till = Till::new(gentle(), &tongue);
    let lost = tongue.send(Draft::get("/v3/pay/transactions/x".to_owned(), String::new()), MORNING);
    assert_eq!(answer(&mut till, &lost).status, 404);
    assert_eq!(lost.method, Method::Get);
}

/// §7, §13: the dialog blocks a reversal; then it is closed, and a repeat says the same. There is no `recall`.
#[test]
fn a_reversal_waits_for_the_dialog_and_repeats_itself() {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    assert_eq!(till.pay(NUMBER, 2_500, NEVER), Heard::Asking);
    let reverse = |till: &mut Till<'_>| {
        let request = tongue.reverse(NUMBER, till.now_ms);
        told(till, &request)
    };
    assert_eq!(reverse(&mut till), refused(400, "USERPAYING"));
    till.wait(31_000);
    assert_eq!(till.query(NUMBER), Heard::MustReverse);
    for _ in 0..2 {
        let request = tongue.reverse(NUMBER, till.now_ms);
        let response = answer(&mut till, &request);
        let expected = json!({"appid": APPID, "mchid": MCHID, "out_trade_no": NUMBER});
        assert_eq!((response.status, members(&response)), (200, expected));
    }
    assert_eq!(till.query(NUMBER), Heard::Closed);
    till.wait(8 * 86_400_000);
    assert_eq!(reverse(&mut till), refused(200, ""), "what is reversed stays so");
}

#[test]
fn a_paid_order_is_given_back_by_a_reversal_for_seven_days() {
    let tongue = wechat_v3();
    for (days, expected, money) in
        [(7, refused(200, ""), (2_500, 2_500)), (8, refused(400, "INVALID_REQUEST"), (2_500, 0))]
    {
        let mut till = Till::new(gentle(), &tongue);
        till.pay(NUMBER, 2_500, CODE);
        till.wait(days * 86_400_000);
        let request = tongue.reverse(NUMBER, till.now_ms);
        assert_eq!(told(&mut till, &request), expected);
        assert_eq!(till.money(NUMBER), money);
    }
}

/// §4.2: the channel's own test of its callers, and a signature of other bytes, in turn.
#[test]
fn wrong_signatures_are_probes_and_forgeries() {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    let request = tongue.pay(NUMBER, 2_500, WRONGLY_SIGNED, MORNING);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = answer(&mut till, &request);
        seen.push(response.header("wechatpay-signature").unwrap().starts_with(PROBE));
        assert!(reply(&response, &tongue.keys, MORNING / 1_000).is_err());
    }
    assert_eq!(seen, [true, false]);
    assert_eq!(till.query(NUMBER), Heard::Paid { total: 2_500, paid: 2_500 });
    let mut till = Till::new(turned(|dials| dials.unsigned_refusal = 1_000), &tongue);
    assert!(matches!(pay(&mut till), Heard::Unknown(why) if why == "status 403"));
    assert_eq!(till.money(NUMBER), (2_500, 0));
}

/// An order is one order, whichever version asks for it (§8, "V2/V3 mix").
#[test]
fn both_versions_share_a_merchants_book() {
    let v2 = Account::WechatV2 {
        appid: APPID.to_owned(),
        mch_id: MCHID.to_owned(),
        sub_mch_id: None,
        channel_id: None,
        api_key: wire::sign::ApiKey::new(common::API_KEY).unwrap(),
    };
    let tongue = wechat_v3();
    let mut till = Till::new(Simulator::new(Settings::new(vec![account(), v2]), 7), &tongue);
    assert_eq!(till.pay(NUMBER, 2_500, CODE), Heard::Paid { total: 2_500, paid: 2_500 });
    let mut older = common::wechat::wechat();
    older.0.mch_id = MCHID.to_owned();
    let response = answer(&mut till, &older.query(NUMBER, 0));
    assert_eq!(older.hear_query(&response, NUMBER), Heard::Paid { total: 2_500, paid: 2_500 });
    assert_eq!(till.simulator.ledger().len(), 1);
}

const DAY: i64 = 86_400_000;

/// A certificate of the vectors' throw-away key, as it was made by another implementation.
fn certificate(from: i64, signs_from: i64, until: i64) -> PlatformHand {
    let text = |file: &str| {
        let path = format!("{}/../wire/testdata/wechat/{file}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let made = text("v3-certificates.json");
    let key = text("v3-vectors.json")["throwaway_key"]["pkcs8_der_b64"].as_str().unwrap().to_owned();
    PlatformHand {
        hand: Hand {
            key: SigningKey::from_pem_or_base64(&key).unwrap(),
            serial: made["headers"]["Wechatpay-Serial"].as_str().unwrap().to_owned(),
        },
        pem: made["certificate_pem"].as_str().unwrap().to_owned(),
        from_ms: MORNING + from,
        signs_from_ms: MORNING + signs_from,
        until_ms: MORNING + until,
    }
}

/// §4.2, §4.3: certificates come sealed; the newest that signs already signs, and one that was asked for does so before; a
/// second is handed out before it signs.
#[test]
fn certificates_are_handed_out_and_take_over_from_each_other() {
    let older = PlatformHand {
        hand: Hand { serial: "0B".repeat(20), ..hand() },
        ..certificate(-100 * DAY, -100 * DAY, 10 * DAY)
    };
    let newer = certificate(DAY, 2 * DAY, 1_000 * DAY);
    let Account::WechatV3 { appid, mchid, sub, merchant_serial, merchant_key, api_v3_key: key, .. } =
        account()
    else {
        panic!("an account of V3")
    };
    let certified = Account::WechatV3 {
        appid,
        mchid,
        sub,
        merchant_serial,
        merchant_key,
        api_v3_key: key,
        public_key: None,
        certificates: vec![older.clone(), newer.clone()],
    };
    let mut tongue = wechat_v3();
    tongue.merchant.answer_serial = None;
    let serial = |till: &mut Till<'_>, tongue: &WechatV3| {
        let request = tongue.query("S0000000000000", till.now_ms);
        answer(till, &request).header("wechatpay-serial").unwrap().to_owned()
    };
    let handed_out = |till: &mut Till<'_>| {
        let request = tongue.send(certificates_draft(), till.now_ms);
        let body = members(&answer(till, &request));
        let list = body["data"].as_array().unwrap();
        list.iter().map(|one| one["serial_no"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut till = Till::new(Simulator::new(Settings::new(vec![certified]), 7), &tongue);
    let (old, new) = (older.hand.serial, newer.hand.serial);
    assert_eq!((serial(&mut till, &tongue), handed_out(&mut till)), (old.clone(), vec![old.clone()]));
    till.wait(DAY);
    assert_eq!(serial(&mut till, &tongue), old, "handed out before it signs");
    assert_eq!(handed_out(&mut till), [old.clone(), new.clone()]);
    let mut asking = wechat_v3();
    asking.merchant.answer_serial = Some(new.clone());
    assert_eq!(serial(&mut till, &asking), new, "but where it was asked for");
    till.wait(DAY);
    assert_eq!(serial(&mut till, &tongue), new);
    till.wait(8 * DAY);
    let request = tongue.send(certificates_draft(), till.now_ms);
    let response = answer(&mut till, &request);
    let now_s = till.now_ms / 1_000;
    let read = certificates(&response, &api_v3_key(), &ChannelKeys::new(), now_s).unwrap();
    assert_eq!(read.iter().map(|one| one.serial_no.as_str()).collect::<Vec<_>>(), [new]);
    let other = wire::wechat_v3::ApiV3Key::new(&"k".repeat(32)).unwrap();
    let refused = certificates(&response, &other, &ChannelKeys::new(), now_s).unwrap_err();
    assert_eq!(refused, CertificateError::Sealed);
}

/// A merchant who was given a public key alone has no certificate to download.
#[test]
fn without_certificates_there_is_nothing_to_download() {
    let tongue = wechat_v3();
    let mut till = Till::new(gentle(), &tongue);
    let request = tongue.send(certificates_draft(), MORNING);
    assert_eq!(told(&mut till, &request), refused(404, "RESOURCE_NOT_EXISTS"));
}
