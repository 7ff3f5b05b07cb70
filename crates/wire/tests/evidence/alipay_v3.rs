//! OpenAPI v3: published shapes reproduced byte for byte, checked by the second implementation, and what is not believed.

use serde_json::Value;
use wire::alipay::{
    App, NotVerified, PAY_METHOD, Trust, V3Hand, V3Refusal, V3Reply, read_v3_request, v3_path, v3_refusal,
    v3_reply, v3_request, v3_response, v3_sign,
};
use wire::http::{Method, Request, Response};
use wire::sign::{AesKey, SigningKey};

use crate::alipay_modes::certified;
use crate::alipay_vectors::{NOW, Vectors, app_with, text, verifying};
use crate::independent_rsa;

const NONCE: &str = "0b2d1f8e-5a1c-4c8e-9d55-2f7a4be0a001";
const TOKEN: &str = "202611BB0123456789abcdef0123456789abcX01";

fn signing(vectors: &Vectors, app: App) -> App {
    App { signing_key: SigningKey::from_pem_or_base64(vectors.key("app_private_pkcs8")).unwrap(), ..app }
}

/// An application in public-key mode.
fn keyed(vectors: &Vectors) -> App {
    signing(vectors, app_with(verifying(vectors.key("alipay_sim_public"))))
}

#[test]
fn requests_are_reproduced_byte_for_byte() {
    let vectors = Vectors::load();
    let provider = App { app_auth_token: Some(TOKEN.to_owned()), ..certified(&vectors) };
    for (id, app) in [
        ("v3-pay-request-key-mode", keyed(&vectors)),
        ("v3-pay-request-cert-mode-isv", signing(&vectors, provider)),
        ("v3-bill-request-get", keyed(&vectors)),
    ] {
        let vector = &vectors.by_id[id];
        let body = text(&vector["body"]);
        let sent = match text(&vector["method"]) {
            "POST" => v3_request(&app, PAY_METHOD, body, NONCE, NOW),
            _ => bill(&app, text(&vector["path_and_query"])),
        };
        let mark = if sent.query.is_empty() { "" } else { "?" };
        assert_eq!(format!("{}{mark}{}", sent.path, sent.query), text(&vector["path_and_query"]), "{id}");
        assert_eq!(sent.body, body.as_bytes(), "{id}");
        for (name, value) in vector["headers"].as_object().unwrap() {
            assert_eq!(sent.header(name), value.as_str(), "{id} {name}");
        }
        assert_eq!(sent.headers.len(), vector["headers"].as_object().unwrap().len(), "{id}");
        let message = text(&vector["message"]).as_bytes();
        let public = vectors.key("app_public");
        assert!(independent_rsa::verify_sha256(public, message, text(&vector["signature"])), "{id}");
        let received = read_v3_request(&sent).unwrap();
        assert_eq!(received.item("app_id"), Some("2026110100000001"));
        assert_eq!(received.content(None).unwrap(), body);
        assert!(received.verify(&verifying(public)).is_ok(), "{id}");
    }
}

fn bill(app: &App, path_and_query: &str) -> Request {
    let (path, query) = path_and_query.split_once('?').unwrap();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut request = Request { method: Method::Get, path, query, headers, body: Vec::new() };
    v3_sign(app, &mut request, NONCE, NOW);
    request
}

#[test]
fn a_tampered_request_is_not_believed() {
    let vectors = Vectors::load();
    let public = verifying(vectors.key("app_public"));
    let sent = v3_request(&keyed(&vectors), PAY_METHOD, "{\"a\":1}", NONCE, NOW);
    let is_believed =
        |request: &Request| read_v3_request(request).is_ok_and(|received| received.verify(&public).is_ok());
    assert!(is_believed(&sent));
    let with_token = {
        let mut request = sent.clone();
        request.headers.push(("alipay-app-auth-token".to_owned(), TOKEN.to_owned()));
        request
    };
    let other_path = Request { path: v3_path("alipay.trade.cancel"), ..sent.clone() };
    let other_body = Request { body: b"{\"a\":2}".to_vec(), ..sent.clone() };
    let no_header = Request { headers: Vec::new(), ..sent };
    for request in [with_token, other_path, other_body, no_header] {
        assert!(!is_believed(&request), "{request:?}");
    }
}

fn published(vectors: &Vectors) -> Response {
    let vector = &vectors.by_id["v3-response"];
    let header = |(name, value): (&String, &Value)| (name.clone(), text(value).to_owned());
    let headers = vector["headers"].as_object().unwrap().iter().map(header).collect();
    Response { status: 200, headers, body: text(&vector["body"]).as_bytes().to_vec() }
}

#[test]
fn an_answer_is_believed_for_its_headers() {
    let vectors = Vectors::load();
    let response = published(&vectors);
    let vector = &vectors.by_id["v3-response"];
    let (public, message) = (vectors.key("alipay_sim_public"), text(&vector["message"]).as_bytes());
    assert!(independent_rsa::verify_sha256(public, message, text(&vector["signature"])));
    for app in [keyed(&vectors), certified(&vectors)] {
        let Ok(V3Reply::Served(node)) = v3_reply(&response, &app, NOW) else { panic!("{app:?}") };
        assert_eq!((node.code(), node.sub_code()), (Some("10000"), None));
        assert_eq!(node.total_amount().unwrap(), Some(1280));
        let without = |name: &str| {
            let mut bent = response.clone();
            bent.headers.retain(|(known, _)| known != name);
            v3_reply(&bent, &app, NOW)
        };
        assert!(matches!(without("alipay-signature"), Err(NotVerified::Unsigned { .. })));
        assert_eq!(without("alipay-nonce"), Err(NotVerified::BadSignature));
        assert_eq!(without("alipay-timestamp"), Err(NotVerified::BadSignature));
        for at in 0..response.body.len() {
            let mut bent = response.clone();
            bent.body[at] ^= 1;
            assert!(v3_reply(&bent, &app, NOW).is_err(), "byte {at}");
        }
    }
    let mut foreign = response;
    foreign.headers.retain(|(name, _)| name != "alipay-sn");
    let unnamed = v3_reply(&foreign, &certified(&vectors), NOW).unwrap_err();
    assert_eq!(unnamed, NotVerified::BadSignature);
    foreign.headers.push(("alipay-sn".to_owned(), "0".repeat(32)));
    let other = v3_reply(&foreign, &certified(&vectors), NOW).unwrap_err();
    assert_eq!(other, NotVerified::ForeignCertificate { sn: "0".repeat(32) });
}

#[test]
fn what_is_written_is_read_and_a_refusal_says_whether_it_is_signed() {
    let vectors = Vectors::load();
    let alipay = SigningKey::from_pem_or_base64(vectors.key("alipay_sim_private_pkcs8")).unwrap();
    let aes_key = AesKey::from_base64(vectors.key("aes_key_base64")).unwrap();
    let app = keyed(&vectors);
    let encrypts = App { aes_key: Some(aes_key.clone()), ..app.clone() };
    let sent = v3_request(&encrypts, PAY_METHOD, "{\"a\":1}", NONCE, NOW);
    assert_eq!(sent.header("content-type"), Some("text/plain"));
    let received = read_v3_request(&sent).unwrap();
    assert!(received.is_encrypted() && received.content(None).is_err());
    assert_eq!(received.content(Some(&aes_key)).unwrap(), "{\"a\":1}");
    let hand = |aes_key: Option<AesKey>| V3Hand {
        key: alipay.clone(),
        cert_sn: None,
        aes_key,
        now_ms: NOW,
        nonce: "n".to_owned(),
    };
    let encrypted = v3_response(200, "{\"trade_no\":\"1\"}", &hand(Some(aes_key)));
    let Ok(V3Reply::Served(node)) = v3_reply(&encrypted, &encrypts, NOW) else { panic!() };
    assert_eq!(node.trade_no(), Some("1"));
    assert_eq!(v3_reply(&encrypted, &app, NOW), Err(NotVerified::Encrypted));
    assert_eq!(v3_reply(&v3_response(202, "{}", &hand(None)), &app, NOW), Ok(V3Reply::Accepted));
    let body = "{\"code\":\"ACQ.TRADE_NOT_EXIST\",\"message\":\"m\"}";
    let refusal = |is_signed| {
        let (code, message) = ("ACQ.TRADE_NOT_EXIST".to_owned(), "m".to_owned());
        Ok(V3Reply::Refused(V3Refusal { status: 400, code, message, is_signed }))
    };
    assert_eq!(v3_reply(&v3_refusal(400, "ACQ.TRADE_NOT_EXIST", "m"), &app, NOW), refusal(false));
    let signed = v3_response(400, body, &hand(None));
    assert_eq!(v3_reply(&signed, &app, NOW), refusal(true));
    let stranger = App { trust: Trust::Key(verifying(vectors.key("app_public"))), ..app.clone() };
    assert_eq!(v3_reply(&signed, &stranger, NOW), Err(NotVerified::BadSignature));
    let html = Response { status: 502, ..Response::ok("text/html", b"<html></html>".to_vec()) };
    assert!(matches!(v3_reply(&html, &app, NOW), Err(NotVerified::Unreadable(_))));
}
