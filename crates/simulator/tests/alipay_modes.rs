//! What Alipay looks at beside the signature: certificates, a merchant's leave, encrypted contents (alipay.md §2.5, §2.6, §9).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::alipay::{Alipay, alipay};
use common::{Heard, MORNING, Till, Tongue};
use serde_json::Value;
use simulator::{Account, AlipayCertificates, AlipayGrant, AlipayTerms, Settings, Simulator};
use wire::alipay::{
    App, CANCEL_METHOD, CancelRequest, Certificates, DOWNLOAD_METHOD, DownloadRequest, PAY_METHOD,
    PayRequest, QUERY_METHOD, QueryRequest, Trust, V3Reply, certificate_content, downloaded, v3_reply,
    v3_request,
};
use wire::http::{Request, Response};
use wire::sign::{AesKey, SigningKey};

const CODE: &str = "280000000000000001";
const NUMBER: &str = "S20260315100000";
const APP_ID: &str = "2014072300007148";
const PROVIDER: &str = "2088511833207846";
const MERCHANT: &str = "2088990000000012";
const TOKEN: &str = "202611BB0123456789abcdef0123456789abcX01";
const OLD_TOKEN: &str = "202511BB0123456789abcdef0123456789abcX01";

/// The vectors' keys and certificates.
struct Made(Value);

impl Made {
    fn load() -> Made {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/testdata/alipay/vectors.json");
        Made(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    fn key(&self, name: &str) -> SigningKey {
        SigningKey::from_pem_or_base64(self.0["keys"][name].as_str().unwrap()).unwrap()
    }

    fn aes_key(&self) -> AesKey {
        AesKey::from_base64(self.0["keys"]["aes_key_base64"].as_str().unwrap()).unwrap()
    }

    fn pem(&self, field: &str) -> &str {
        let all = self.0["self_made"].as_array().unwrap();
        let made = all.iter().find(|vector| vector["id"] == "cert-sn-self-made").unwrap();
        made[field].as_str().unwrap()
    }

    /// The simulator with one application, on these terms.
    fn simulator(&self, terms: AlipayTerms) -> Simulator {
        let account = Account::Alipay {
            app_id: APP_ID.to_owned(),
            seller_id: PROVIDER.to_owned(),
            app_public_key: self.key("app_private_pkcs8").verifying_key(),
            alipay_signing_key: self.key("alipay_sim_private_pkcs8"),
            terms,
        };
        Simulator::new(Settings::new(vec![account]), 7)
    }

    fn app(&self) -> App {
        let key = self.key("alipay_sim_private_pkcs8").verifying_key();
        App { signing_key: self.key("app_private_pkcs8"), trust: Trust::Key(key), ..alipay().0 }
    }

    fn certificates(&self) -> AlipayCertificates {
        AlipayCertificates {
            app_cert_sn: self.pem("app_cert_sn").to_owned(),
            root_cert_sn: self.pem("alipay_root_cert_sn").to_owned(),
            app_until_ms: MORNING + 1_000,
            alipay_cert_sn: self.pem("alipay_cert_sn").to_owned(),
            alipay_cert_content: certificate_content(self.pem("alipay_cert_pem")),
        }
    }

    fn certified(&self) -> Alipay {
        let read = Certificates::read(
            self.pem("app_cert_pem"),
            self.pem("alipay_cert_pem"),
            self.pem("root_chain_pem"),
        );
        Alipay(App { trust: Trust::Certificates(read.unwrap()), ..self.app() })
    }
}

fn body(till: &mut Till<'_>, request: &Request) -> String {
    String::from_utf8(till.call(request).response.unwrap().body).unwrap()
}

#[test]
fn in_certificate_mode_both_numbers_are_looked_at_and_the_answer_names_its_own() {
    let made = Made::load();
    let speaker = made.certified();
    let terms = AlipayTerms { certificates: Some(made.certificates()), ..AlipayTerms::default() };
    let mut till = Till::new(made.simulator(terms), &speaker);
    let response = till.call(&speaker.pay(NUMBER, 100, CODE, MORNING)).response.unwrap();
    assert!(String::from_utf8_lossy(&response.body).contains(made.pem("alipay_cert_sn")));
    assert_eq!(speaker.hear_pay(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });

    // Without them, with others, and past the certificate's time.
    let bare = Alipay(made.app());
    let said = body(&mut till, &bare.query(NUMBER, MORNING));
    assert!(said.contains("isv.missing-app-cert-sn") && !said.contains("\"sign\""), "{said}");
    let sent = |certificates: AlipayCertificates, now_ms: i64| {
        let terms = AlipayTerms { certificates: Some(certificates), ..AlipayTerms::default() };
        let mut till = Till::new(made.simulator(terms), &speaker);
        till.now_ms = now_ms;
        body(&mut till, &speaker.query(NUMBER, now_ms))
    };
    let other = |app: bool| {
        let mut certificates = made.certificates();
        *(if app { &mut certificates.app_cert_sn } else { &mut certificates.root_cert_sn }) = "0".repeat(32);
        certificates
    };
    assert!(sent(other(true), MORNING).contains("isv.app-cert-not-exist"));
    assert!(sent(other(false), MORNING).contains("isv.invalid-alipay-root-cert-sn"));
    assert!(sent(made.certificates(), MORNING).contains("ACQ.TRADE_NOT_EXIST"));
    assert!(sent(made.certificates(), MORNING + 1_001).contains("isv.app-cert-expired"));
    // An application with a key has no certificate.
    let mut keyed = Till::new(made.simulator(AlipayTerms::default()), &speaker);
    assert!(body(&mut keyed, &speaker.query(NUMBER, MORNING)).contains("isv.app-cert-not-exist"));
}

#[test]
fn the_certificate_that_signs_is_handed_out_by_its_number() {
    let made = Made::load();
    let speaker = made.certified();
    let terms = AlipayTerms { certificates: Some(made.certificates()), ..AlipayTerms::default() };
    let mut till = Till::new(made.simulator(terms), &speaker);
    let ask = |sn: &str| {
        let content = DownloadRequest { alipay_cert_sn: sn.to_owned() }.biz_content();
        speaker.send(DOWNLOAD_METHOD, &content, MORNING)
    };
    let answer = till.call(&ask(made.pem("alipay_cert_sn"))).response.unwrap();
    assert_eq!(downloaded(&answer.body).unwrap(), made.pem("alipay_cert_pem"));
    let answer = body(&mut till, &ask(&"0".repeat(32)));
    assert!(answer.contains("isv.alipay-cert-not-exist"), "{answer}");
}

#[test]
fn an_order_belongs_to_the_merchant_of_the_token() {
    let made = Made::load();
    let grant = |token: &str, until_ms| AlipayGrant {
        token: token.to_owned(),
        seller_id: MERCHANT.to_owned(),
        until_ms,
    };
    let grants = vec![grant(OLD_TOKEN, MORNING - 1), grant(TOKEN, MORNING + 86_400_000)];
    let terms = AlipayTerms { grants, ..AlipayTerms::default() };
    let with = |token: Option<&str>| Alipay(App { app_auth_token: token.map(str::to_owned), ..made.app() });
    let speaker = with(Some(TOKEN));
    let mut till = Till::new(made.simulator(terms), &speaker);
    let trade = |seller: &str, provider: &str| PayRequest {
        seller_id: Some(seller.to_owned()),
        sys_service_provider_id: Some(provider.to_owned()),
        ..speaker.trade(NUMBER, 100, CODE)
    };
    let pay = |trade: &PayRequest| speaker.send(PAY_METHOD, &trade.biz_content(), MORNING);
    // Neither the provider's own account nor a number that is none.
    assert!(body(&mut till, &pay(&trade(PROVIDER, PROVIDER))).contains("ACQ.PARTNER_ERROR"));
    assert!(body(&mut till, &pay(&trade(MERCHANT, "2088"))).contains("ACQ.INVALID_PARAMETER"));
    let response = till.call(&pay(&trade(MERCHANT, PROVIDER))).response.unwrap();
    assert_eq!(speaker.hear_pay(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });
    let mut asked = |token| {
        let response = till.call(&with(token).query(NUMBER, MORNING)).response.unwrap();
        // What is refused for its token is signed all the same.
        let node = speaker.node(&response, QUERY_METHOD).unwrap();
        format!("{} {}", node.code().unwrap(), node.sub_code().unwrap_or_default())
    };
    assert_eq!(asked(Some(TOKEN)), "10000 ");
    assert_eq!(asked(None), "40004 ACQ.TRADE_NOT_EXIST");
    assert_eq!(asked(Some(OLD_TOKEN)), "20001 aop.app-auth-token-time-out");
    assert_eq!(asked(Some("x")), "20001 aop.invalid-app-auth-token");
}

#[test]
fn what_comes_encrypted_is_answered_so_and_errors_may_come_in_the_clear() {
    let made = Made::load();
    let terms = AlipayTerms { aes_key: Some(made.aes_key()), ..AlipayTerms::default() };
    let speaker = Alipay(App { aes_key: Some(made.aes_key()), ..made.app() });
    let mut till = Till::new(made.simulator(terms), &speaker);
    let request = speaker.pay(NUMBER, 100, CODE, MORNING);
    assert!(!String::from_utf8_lossy(&request.body).contains(NUMBER));
    let response = till.call(&request).response.unwrap();
    assert!(!String::from_utf8_lossy(&response.body).contains(NUMBER));
    assert_eq!(speaker.hear_pay(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });
    let mut clear = 0;
    for nth in 0..20 {
        let number = format!("ABSENT{nth}");
        let response = till.call(&speaker.query(&number, MORNING)).response.unwrap();
        assert_eq!(speaker.hear_query(&response, &number), Heard::NotFound);
        clear += i32::from(String::from_utf8_lossy(&response.body).contains("TRADE_NOT_EXIST"));
    }
    assert!((1..20).contains(&clear), "both ways: {clear}");
    // In the clear it may come as well; under another key it is not understood.
    let plain = Alipay(made.app());
    let response = till.call(&plain.query(NUMBER, MORNING)).response.unwrap();
    assert_eq!(plain.hear_query(&response, NUMBER), Heard::Paid { total: 100, paid: 100 });
    let other = AesKey::from_base64("AAAAAAAAAAAAAAAAAAAAAA==").unwrap();
    let other = Alipay(App { aes_key: Some(other), ..made.app() });
    let response = till.call(&other.query(NUMBER, MORNING)).response.unwrap();
    let said = format!("{:?}", speaker.node(&response, QUERY_METHOD));
    assert!(said.contains("isv.decryption-error-unknown"), "{said}");
}

/// A call over OpenAPI v3.
fn v3(app: &App, method: &str, content: &str) -> Request {
    v3_request(app, method, content, "0b2d1f8e-5a1c-4c8e-9d55-2f7a4be0a001", MORNING)
}

/// `400 ACQ.TRADE_NOT_EXIST`, without any signature.
fn v3_refused(response: &Response) -> String {
    assert!(response.header("alipay-signature").is_none());
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert!(!body["message"].as_str().unwrap().is_empty());
    format!("{} {}", response.status, body["code"].as_str().unwrap())
}

#[test]
fn over_rest_the_same_orders_are_told_of_by_status_and_code() {
    let made = Made::load();
    let speaker = made.certified();
    let grants = vec![AlipayGrant {
        token: TOKEN.to_owned(),
        seller_id: MERCHANT.to_owned(),
        until_ms: MORNING + 86_400_000,
    }];
    let terms = AlipayTerms {
        certificates: Some(made.certificates()),
        grants,
        aes_key: Some(made.aes_key()),
        relay: None,
    };
    let mut till = Till::new(made.simulator(terms), &speaker);
    let plain = speaker.0.clone();
    let acting = App { app_auth_token: Some(TOKEN.to_owned()), ..plain.clone() };
    let ciphered = App { aes_key: Some(made.aes_key()), ..acting.clone() };
    let pay = |number: &str, code: &str| speaker.trade(number, 100, code).biz_content();
    let query = |number: &str| {
        QueryRequest { out_trade_no: Some(number.to_owned()), ..QueryRequest::default() }.biz_content()
    };
    let mut send =
        |app: &App, method: &str, content: &str| till.call(&v3(app, method, content)).response.unwrap();
    for (app, number, tail) in [(&plain, "A1", 1), (&acting, "A2", 2), (&ciphered, "A3", 3)] {
        let code = format!("28000000000000000{tail}");
        let response = send(app, PAY_METHOD, &pay(number, &code));
        let Ok(V3Reply::Served(node)) = v3_reply(&response, app, MORNING) else { panic!("{response:?}") };
        assert_eq!(node.gmt_payment().unwrap(), Some(MORNING));
        assert_eq!(response.body.starts_with(b"{"), number != "A3");
        assert!(!String::from_utf8_lossy(&response.body).contains("\"code\""));
    }
    // Each merchant has its own.
    assert_eq!(v3_refused(&send(&plain, QUERY_METHOD, &query("A2"))), "400 ACQ.TRADE_NOT_EXIST");
    let response = send(&acting, QUERY_METHOD, &query("A2"));
    let Ok(V3Reply::Served(node)) = v3_reply(&response, &acting, MORNING) else { panic!("{response:?}") };
    assert_eq!(node.trade_status(), Some("TRADE_SUCCESS"));
    // Who types a password leaves an answer without a time of payment.
    let response = send(&plain, PAY_METHOD, &pay("A4", "280000104000000004"));
    let Ok(V3Reply::Served(node)) = v3_reply(&response, &plain, MORNING) else { panic!("{response:?}") };
    assert_eq!((node.gmt_payment().unwrap(), node.out_trade_no()), (None, Some("A4")));
    let cancel = CancelRequest { out_trade_no: Some("A4".to_owned()), trade_no: None }.biz_content();
    let response = send(&plain, CANCEL_METHOD, &cancel);
    let Ok(V3Reply::Served(node)) = v3_reply(&response, &plain, MORNING) else { panic!("{response:?}") };
    assert_eq!((node.action(), node.retry_flag()), (Some("close"), Some("N")));
    let short = send(&plain, PAY_METHOD, &pay("A5", "280000201000000005"));
    assert_eq!(v3_refused(&short), "400 ACQ.BUYER_BALANCE_NOT_ENOUGH");
    let stranger = App { app_auth_token: Some("x".to_owned()), ..plain.clone() };
    assert_eq!(v3_refused(&send(&stranger, QUERY_METHOD, "{}")), "401 invalid-app-auth-token");
    let forger = App { signing_key: made.key("alipay_sim_private_pkcs8"), ..plain.clone() };
    assert_eq!(v3_refused(&send(&forger, QUERY_METHOD, &query("A1"))), "400 invalid-signature");
    assert_eq!(v3_refused(&send(&made.app(), QUERY_METHOD, &query("A1"))), "400 missing-app-cert-sn");
    let mut late = v3(&plain, QUERY_METHOD, &query("A1"));
    late.headers.clear();
    assert_eq!(v3_refused(&till.call(&late).response.unwrap()), "400 missing-timestamp");
    till.now_ms = MORNING + 600_001;
    let late = v3(&plain, QUERY_METHOD, &query("A1"));
    assert_eq!(v3_refused(&till.call(&late).response.unwrap()), "400 invalid-timestamp");
}
