//! Certificate mode and encrypted contents (alipay.md §2.5, §2.6): published numbers and ciphers, Ant's own chain, and what is
//! not believed.

use serde_json::Value;
use wire::alipay::{
    App, Certificates, CertificatesError, DOWNLOAD_METHOD, DownloadRequest, NotVerified, PAY_METHOD,
    QUERY_METHOD, Trust, cert_sn, downloaded, read_request, reply, request, root_cert_sn,
};
use wire::http::Response;
use wire::sign::{AesKey, CertificateError, SigningKey};
use wire::text::raw_json;

use crate::alipay_vectors::{NOW, Vectors, app_with, raw_body, text, verifying};
use crate::{independent_rsa, testdata};

/// 2021-06-01, within the time of the real certificates; they ended in 2022.
const IN_2021: i64 = 1_622_505_600_000;

#[test]
fn certificates_have_their_published_numbers() {
    let vectors = Vectors::load();
    let vector = |id: &str| &vectors.by_id[id];
    for id in [
        "cert-sn-self-signed",
        "cert-sn-appCertPublicKey_2021001161683774.crt",
        "cert-sn-alipayCertPublicKey_RSA2.crt",
    ] {
        let pem = text(&vector(id)["cert_pem"]);
        assert_eq!(cert_sn(pem).unwrap(), text(&vector(id)["expected_cert_sn"]), "{id}");
    }
    let twice = text(&vector("cert-sn-self-signed")["cert_pem"]).repeat(2);
    let expected = text(&vector("cert-sn-self-signed")["expected_root_sn_for_same_cert_twice"]);
    assert_eq!(root_cert_sn(&twice).unwrap(), expected);
    let ant = vector("root-cert-sn-ant");
    assert_eq!(root_cert_sn(text(&ant["chain_pem"])).unwrap(), text(&ant["expected_root_sn"]));
    let made = vector("cert-sn-self-made");
    assert_eq!(cert_sn(text(&made["app_cert_pem"])).unwrap(), text(&made["app_cert_sn"]));
    assert_eq!(cert_sn(text(&made["alipay_cert_pem"])).unwrap(), text(&made["alipay_cert_sn"]));
    let roots = text(&made["root_chain_pem"]);
    assert_eq!(root_cert_sn(roots).unwrap(), text(&made["alipay_root_cert_sn"]));
    for no_certificate in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(cert_sn(no_certificate).is_err() && root_cert_sn(no_certificate).is_err());
    }
}

/// Alipay's own certificate of an application, the authority that stands below it in the file, and Ant's roots.
#[test]
fn ants_own_chain_leads_to_its_root_within_its_time() {
    let vectors = Vectors::load();
    let pem = |id: &str, field: &str| text(&vectors.by_id[id][field]).to_owned();
    let app = pem("cert-sn-appCertPublicKey_2021001161683774.crt", "cert_pem");
    let alipay = pem("cert-sn-alipayCertPublicKey_RSA2.crt", "cert_pem");
    let root = pem("root-cert-sn-ant", "chain_pem");
    let middle = String::from_utf8(testdata("alipay/ant-class-2-r1.pem")).unwrap();
    let certificates = Certificates::read(&app, &format!("{alipay}\n{middle}"), &root).unwrap();
    assert_eq!(certificates.app_cert_sn(), "866efef280dec9137a87d047ac446315");
    let sn = "7513daaaa48aa3ba2e4018d84402479c";
    assert!(certificates.key(sn, IN_2021).is_some());
    assert!(certificates.knows(sn) && certificates.key(sn, NOW).is_none(), "its time is over");
    assert!(certificates.key("866efef280dec9137a87d047ac446315", IN_2021).is_none(), "not on file");
    // Without the authority between, with an application's certificate in its place, under other roots.
    let bare = Certificates::read(&app, &alipay, &root).unwrap_err();
    assert_eq!(bare, CertificatesError::NoChain);
    let made = pem("cert-sn-self-made", "root_chain_pem");
    let other = Certificates::read(&app, &format!("{alipay}\n{middle}"), &made).unwrap_err();
    assert_eq!(other, CertificatesError::NoChain);
    let no_root = Certificates::read(&app, &alipay, &app).unwrap_err();
    assert_eq!(no_root, CertificatesError::NoRoot);
    let not_x509 = Certificates::read("app", &alipay, &root).unwrap_err();
    assert_eq!(not_x509, CertificatesError::App(CertificateError::NotText));
}

#[test]
fn an_answer_is_believed_under_the_certificate_that_it_names_and_no_other() {
    let vectors = Vectors::load();
    let app = certified(&vectors);
    for id in ["response-cert-mode-sn-before-sign", "response-cert-mode-sn-after-sign"] {
        let body = String::from_utf8(raw_body(&vectors.by_id[id])).unwrap();
        let node = reply(body.as_bytes(), &app, QUERY_METHOD, NOW).unwrap();
        assert_eq!(node.trade_status(), Some("TRADE_SUCCESS"), "{id}");
        let sn = text(&vectors.by_id["cert-sn-self-made"]["alipay_cert_sn"]);
        let foreign = body.replace(sn, &"0".repeat(32));
        assert_eq!(
            reply(foreign.as_bytes(), &app, QUERY_METHOD, NOW).unwrap_err(),
            NotVerified::ForeignCertificate { sn: "0".repeat(32) }
        );
        let unnamed = body.replace("alipay_cert_sn", "alipay_cert");
        let refused = reply(unnamed.as_bytes(), &app, QUERY_METHOD, NOW).unwrap_err();
        assert_eq!(refused, NotVerified::BadSignature);
        let tampered = body.replace("TRADE_SUCCESS", "TRADE_CLOSED!");
        let refused = reply(tampered.as_bytes(), &app, QUERY_METHOD, NOW).unwrap_err();
        assert_eq!(refused, NotVerified::BadSignature);
        // Before 2026 the certificate was not valid yet.
        let early = reply(body.as_bytes(), &app, QUERY_METHOD, IN_2021).unwrap_err();
        assert_eq!(early, NotVerified::ForeignCertificate { sn: sn.to_owned() });
    }
}

#[test]
fn a_request_in_certificate_mode_names_both_numbers_and_keeps_secrets_out_of_its_query() {
    let vectors = Vectors::load();
    let token = "202611BB0123456789abcdef0123456789abcX01";
    let app = App { app_auth_token: Some(token.to_owned()), ..certified(&vectors) };
    let sent = request(&app, PAY_METHOD, "{\"a\":1}", "2026-11-18 12:00:01");
    assert!(!sent.query.contains(token) && !format!("{app:?}{sent:?}").contains(token));
    let received = read_request(&sent).unwrap();
    let made = &vectors.by_id["cert-sn-self-made"];
    assert_eq!(received.parameter("app_cert_sn"), made["app_cert_sn"].as_str());
    assert_eq!(received.parameter("alipay_root_cert_sn"), made["alipay_root_cert_sn"].as_str());
    assert_eq!(received.parameter("app_auth_token"), Some(token));
    assert!(received.verify(&app.signing_key.verifying_key()).is_ok());
}

/// Fetching: the certificate's file in base64, in a node whose signature proves nothing by itself.
#[test]
fn a_fetched_certificate_must_have_number_name_and_chain() {
    let vectors = Vectors::load();
    let made = &vectors.by_id["cert-sn-self-made"];
    let asked = DownloadRequest { alipay_cert_sn: text(&made["alipay_cert_sn"]).to_owned() };
    assert_eq!(DownloadRequest::from_biz_content(&asked.biz_content()).unwrap(), asked);
    let body = format!(
        "{{\"{}_response\":{{\"code\":\"10000\",\"alipay_cert_content\":\"{}\"}},\"sign\":\"\"}}",
        DOWNLOAD_METHOD.replace('.', "_"),
        base64(text(&made["alipay_cert_pem"]))
    );
    assert_eq!(downloaded(body.as_bytes()).unwrap(), text(&made["alipay_cert_pem"]));
    assert_eq!(downloaded(b"{\"error_response\":{\"code\":\"40002\"}}"), None);

    let app = certified(&vectors);
    let known = app.trust.certificates().unwrap();
    // The application's own certificate leads to the same root, and is not Alipay's.
    let own = text(&made["app_cert_pem"]);
    assert!(known.with(text(&made["app_cert_sn"]), own, NOW).is_none());
    let again = text(&made["alipay_cert_pem"]);
    assert!(known.with(text(&made["alipay_cert_sn"]), again, NOW).is_none(), "on file already");
    assert!(known.with(&"0".repeat(32), again, NOW).is_none(), "another number");
}

#[test]
fn contents_are_ciphered_as_published() {
    let vectors = Vectors::load();
    for id in ["aes-1", "aes-2-response-node"] {
        let vector = &vectors.by_id[id];
        let key = AesKey::from_base64(text(&vector["key_base64"])).unwrap();
        let (plain, cipher) = (text(&vector["plain"]), text(&vector["cipher_base64"]));
        assert_eq!(key.encrypt(plain), cipher, "{id}");
        assert_eq!(key.decrypt(cipher).unwrap(), plain.as_bytes(), "{id}");
    }
}

#[test]
fn a_request_is_encrypted_and_then_signed() {
    let vectors = Vectors::load();
    let vector = &vectors.by_id["gateway-pay-request-aes"];
    let plain = text(&vectors.by_id["gateway-pay-request-key-mode"]["params"]["biz_content"]);
    let key = AesKey::from_base64(vectors.key("aes_key_base64")).unwrap();
    assert_eq!(key.encrypt(plain), text(&vector["params"]["biz_content"]));
    let signing_key = SigningKey::from_pem_or_base64(vectors.key("app_private_pkcs8")).unwrap();
    let public = vectors.key("app_public");
    let app = App { signing_key, aes_key: Some(key.clone()), ..app_with(verifying(public)) };
    let sent = request(&app, PAY_METHOD, plain, "2026-11-18 12:00:01");
    let received = read_request(&sent).unwrap();
    assert_eq!(received.biz_content(), vector["params"]["biz_content"].as_str());
    assert_eq!(received.content(Some(&key)).unwrap(), plain);
    assert!(received.content(None).is_err() && received.is_encrypted());
    // What differs from the vector is only the address for notices, which we do not send.
    let message = text(&vector["message"]).replace("&notify_url=https://pos.example.com/alipay/notify", "");
    let sign = received.parameter("sign").unwrap();
    assert!(independent_rsa::verify_sha256(public, message.as_bytes(), sign));
}

#[test]
fn an_encrypted_answer_is_verified_and_then_deciphered() {
    let vectors = Vectors::load();
    let vector = &vectors.by_id["response-aes"];
    let body = raw_body(vector);
    let app = app_with(verifying(vectors.key("alipay_sim_public")));
    assert_eq!(reply(&body, &app, PAY_METHOD, NOW).unwrap_err(), NotVerified::Encrypted);
    let key = |base64: &str| Some(AesKey::from_base64(base64).unwrap());
    let keyed = App { aes_key: key(vectors.key("aes_key_base64")), ..app.clone() };
    let node = reply(&body, &keyed, PAY_METHOD, NOW).unwrap();
    assert_eq!(node.code(), Some("10000"));
    let other = App { aes_key: key("AAAAAAAAAAAAAAAAAAAAAA=="), ..app };
    let refused = reply(&body, &other, PAY_METHOD, NOW).unwrap_err();
    assert_eq!(refused, NotVerified::Undecipherable);
    // The cipher's text is what is signed: a flipped character of it is no answer, whatever it deciphers to.
    let at = raw_json::envelope(&body, None, wire::text::json::LIMITS).unwrap().node_range.start + 3;
    let mut tampered = body.clone();
    tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
    let refused = reply(&tampered, &keyed, PAY_METHOD, NOW).unwrap_err();
    assert_eq!(refused, NotVerified::BadSignature);
    // Errors come in the clear, signed all the same.
    let plain = clear(&vectors);
    assert_eq!(reply(&plain.body, &keyed, QUERY_METHOD, NOW).unwrap().code(), Some("10000"));
}

/// An answer in the clear.
fn clear(vectors: &Vectors) -> Response {
    let mut body = String::from_utf8(raw_body(&vectors.by_id["response-cert-mode-sn-after-sign"])).unwrap();
    body = body.replace("alipay_cert_sn", "x");
    Response::ok("text/html", body.into_bytes())
}

pub(crate) fn certified(vectors: &Vectors) -> App {
    let made: &Value = &vectors.by_id["cert-sn-self-made"];
    let pem = |field: &str| text(&made[field]);
    let certificates =
        Certificates::read(pem("app_cert_pem"), pem("alipay_cert_pem"), pem("root_chain_pem")).unwrap();
    let trust = Trust::Certificates(certificates);
    App { trust, ..app_with(verifying(vectors.key("app_public"))) }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
