//! Certificates, a merchant's token, encrypted contents: what leaves, and what is believed (alipay.md §2.5, §2.6, §9).

use std::sync::OnceLock;

use gateway::dialects::alipay::{Alipay, Shop};
use gateway::dialects::{Asking, Dialect, Probed};
use gateway::sandbox::material::{AlipayCertMaterial, alipay_cert};
use gateway::store::Sale;
use payment::exchange::{Answer, Call, Doubt, Payee, QueryAnswer, ReverseAnswer, SubmitAnswer};
use payment::patience::Channel;
use serde_json::json;
use wire::alipay::{
    App, CertSn, CertSnPlace, Certificates, DOWNLOAD_METHOD, DownloadRequest, ResponseOptions, Trust,
    cert_sn, certificate_content, read_request, response,
};
use wire::http::Response;
use wire::sign::{AesKey, SigningKey};

use crate::alipay_traps::{NUMBER, app, intent, method, our_key, paid_node, refund, their_key};
use crate::common::{self, CALLS, NOON, asking, code};

const TOKEN: &str = "202611BB0123456789abcdef0123456789abcX01";
const AES: &str = "aa4BtZ4tspm2wnXLb1ThQA==";

/// An application, Alipay's present certificate and the one before it.
fn made() -> &'static AlipayCertMaterial {
    static MADE: OnceLock<AlipayCertMaterial> = OnceLock::new();
    MADE.get_or_init(|| alipay_cert().unwrap())
}

fn certified(alipay: &str) -> Alipay {
    let certificates = Certificates::read(&made().app_pem, alipay, &made().root_pem).unwrap();
    Alipay::new(App { trust: Trust::Certificates(certificates), ..app() }, Shop::default())
}

/// Signed by Alipay's present certificate, which it names.
fn answered(call: Call, node: &serde_json::Value) -> Response {
    let key = SigningKey::from_pem_or_base64(&made().alipay_key_pem).unwrap();
    let value = cert_sn(&made().alipay_pem).unwrap();
    let cert_sn = Some(CertSn { value, place: CertSnPlace::BeforeSign });
    response(
        method(call),
        &node.to_string(),
        &key,
        &ResponseOptions { cert_sn, ..ResponseOptions::default() },
    )
}

/// What a download brings: a certificate's file.
fn fetched(pem: &str) -> Response {
    let node = json!({ "code": "10000", "msg": "Success", "alipay_cert_content": certificate_content(pem) });
    response(DOWNLOAD_METHOD, &node.to_string(), &their_key(), &ResponseOptions::default())
}

fn query(dialect: &Alipay, response: &Response) -> Answer {
    dialect.answer(NOON, Call::Query, &intent(), None, response)
}

fn is_forged(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Submit(SubmitAnswer::Unknown(Doubt::Forged))
            | Answer::Query(QueryAnswer::Unknown(Doubt::Forged))
            | Answer::Reverse(ReverseAnswer::Unknown(Doubt::Forged))
    )
}

#[test]
fn an_answer_under_a_certificate_on_file_is_read() {
    let dialect = certified(&made().alipay_pem);
    let answer = answered(Call::Query, &paid_node(Call::Query));
    assert!(matches!(query(&dialect, &answer), Answer::Query(QueryAnswer::Paid(_))));
    assert!(dialect.proof(NOON, &answer).is_none(), "nothing has to be fetched");
    let absent = answered(Call::Query, &json!({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}));
    assert_eq!(dialect.probed(NOON, &absent), Probed::Healthy);
}

/// Signed by a certificate that is not on file, an answer is unknown, whatever it says; once the certificate has been fetched
/// and has proven itself, it is what it is.
#[test]
fn an_answer_under_a_new_certificate_is_unknown_until_the_certificate_has_proven_itself() {
    let dialect = certified(&made().former_pem);
    let declined = json!({
        "code": "40004", "sub_code": "ACQ.BUYER_BALANCE_NOT_ENOUGH", "out_trade_no": NUMBER,
    });
    for call in [Call::Submit, Call::Query, Call::Reverse] {
        let answer = answered(call, &declined);
        assert!(is_forged(&dialect.answer(NOON, call, &intent(), None, &answer)), "{call:?}");
    }
    let answer = answered(Call::Query, &paid_node(Call::Query));
    let Probed::Misconfigured { what, .. } = dialect.probed(NOON, &answer) else { panic!() };
    assert!(what.contains("alipay_cert") && what.contains(" / "), "{what}");

    // What is asked for is that certificate, in the clear and signed.
    let asked = dialect.proof(NOON, &answer).unwrap().request;
    let asked = read_request(&asked).unwrap().verify(&our_key().verifying_key()).unwrap();
    assert_eq!(asked.value().parameter("method"), Some(DOWNLOAD_METHOD));
    let content = DownloadRequest::from_biz_content(asked.value().biz_content().unwrap()).unwrap();
    assert_eq!(content.alipay_cert_sn, cert_sn(&made().alipay_pem).unwrap());

    // Neither the merchant's own certificate, which leads to the same root, nor a stranger's chain, nor nothing.
    let strange = alipay_cert().unwrap();
    for pem in [&made().app_pem, &strange.alipay_pem, &made().former_pem, &String::new()] {
        assert!(!dialect.prove(NOON, &answer, &fetched(pem)));
        assert!(is_forged(&query(&dialect, &answer)));
    }
    assert!(!dialect.prove(NOON, &answer, &Response::ok("text/html", b"<html>".to_vec())));
    assert!(dialect.prove(NOON, &answer, &fetched(&made().alipay_pem)));
    assert!(matches!(query(&dialect, &answer), Answer::Query(QueryAnswer::Paid(_))));
    assert!(dialect.proof(NOON, &answer).is_none() && !dialect.prove(NOON, &answer, &fetched("")));
}

#[test]
fn an_answer_without_a_certificates_number_is_unknown() {
    let dialect = certified(&made().alipay_pem);
    let key = SigningKey::from_pem_or_base64(&made().alipay_key_pem).unwrap();
    let node = paid_node(Call::Query).to_string();
    let answer = response(method(Call::Query), &node, &key, &ResponseOptions::default());
    assert!(is_forged(&query(&dialect, &answer)));
    assert!(dialect.proof(NOON, &answer).is_none());
}

fn provider(seller_id: &str) -> Alipay {
    let app = App {
        seller_id: Some(seller_id.to_owned()),
        app_auth_token: Some(TOKEN.to_owned()),
        aes_key: Some(AesKey::from_base64(AES).unwrap()),
        ..app()
    };
    Alipay::new(app, Shop::default())
}

#[test]
fn every_call_carries_the_token_and_nothing_of_its_content_in_the_clear() {
    let dialect = provider("2088990000000034");
    for call in CALLS {
        let (intent, sale, code, refund) = (intent(), Sale::default(), code("28763443825664394"), refund());
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, Some(&code)) };
        let sent = dialect.request(&asking).request;
        assert!(!sent.query.contains(TOKEN), "addresses end up in logs");
        assert!(!String::from_utf8_lossy(&sent.body).contains(NUMBER));
        let received = read_request(&sent).unwrap().verify(&our_key().verifying_key()).unwrap();
        assert_eq!(received.value().parameter("app_auth_token"), Some(TOKEN));
        let key = AesKey::from_base64(AES).unwrap();
        assert!(received.value().content(Some(&key)).unwrap().contains(NUMBER), "{call:?}");
        assert!(!format!("{dialect:?}").contains(TOKEN));
    }
}

/// With another merchant's token the channel knows no such trade, whether there is one or not: that is no answer.
#[test]
fn what_is_said_under_another_merchants_token_is_unknown() {
    let payee = Payee { merchant: "2026110100000001/2088990000000034".to_owned(), sub_merchant: None };
    let intent = common::intent(Channel::Alipay, NUMBER, 1280, payee);
    let absent = json!({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}).to_string();
    let absent = response(method(Call::Query), &absent, &their_key(), &ResponseOptions::default());
    let ask = |dialect: &Alipay| dialect.answer(NOON, Call::Query, &intent, None, &absent);
    assert!(matches!(ask(&provider("2088990000000034")), Answer::Query(QueryAnswer::NotFound)));
    assert!(matches!(
        ask(&provider("2088990000000035")),
        Answer::Query(QueryAnswer::Unknown(Doubt::Incomplete("app_auth_token")))
    ));
}

#[test]
fn an_encrypted_answer_is_read_under_its_key_and_unknown_under_any_other() {
    let node = paid_node(Call::Query).to_string();
    let encrypted = |key: &str| {
        let aes_key = Some(AesKey::from_base64(key).unwrap());
        response(
            method(Call::Query),
            &node,
            &their_key(),
            &ResponseOptions { aes_key, ..ResponseOptions::default() },
        )
    };
    let keyed = Alipay::new(App { aes_key: AesKey::from_base64(AES).ok(), ..app() }, Shop::default());
    assert!(matches!(query(&keyed, &encrypted(AES)), Answer::Query(QueryAnswer::Paid(_))));
    let keyless = Alipay::new(app(), Shop::default());
    for (dialect, answer) in [(&keyed, encrypted("AAAAAAAAAAAAAAAAAAAAAA==")), (&keyless, encrypted(AES))] {
        assert!(matches!(query(dialect, &answer), Answer::Query(QueryAnswer::Unknown(Doubt::Unreadable))));
        let Probed::Misconfigured { what, .. } = dialect.probed(NOON, &answer) else { panic!() };
        assert!(what.contains("aes_key"), "{what}");
    }
}
