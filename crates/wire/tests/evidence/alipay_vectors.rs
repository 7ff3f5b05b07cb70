//! Every published or second-hand Alipay signature of key mode: checked by the crate and by the second implementation.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wire::alipay::{App, NotVerified, notice, read_request, reply, signed_request};
use wire::http::{Method, Request};
use wire::sign::{SigningKey, VerifyingKey};
use wire::text::{Charset, Fields, form, json, raw_json};

use crate::{independent_rsa, testdata_json};

/// A moment at which the answers here are read: 2026-11-18, unix ms.
pub(crate) const NOW: i64 = 1_794_974_401_000;

/// Vectors of what this crate does not do yet; after a colon, the half of a covered vector.
const SKIPPED: [(&str, &str); 1] =
    [("rsa1-basic:sign", "signing with SHA-1 or 1024 bits is never done, only checked")];

/// Held by the tests of the other modes.
const MODES: [&str; 12] = [
    "aes-1",
    "aes-2-response-node",
    "cert-sn-alipayCertPublicKey_RSA2.crt",
    "cert-sn-appCertPublicKey_2021001161683774.crt",
    "cert-sn-self-made",
    "cert-sn-self-signed",
    "response-aes",
    "root-cert-sn-ant",
    "v3-bill-request-get",
    "v3-pay-request-cert-mode-isv",
    "v3-pay-request-key-mode",
    "v3-response",
];

const REQUESTS: [&str; 6] = [
    "gateway-pay-request-aes",
    "gateway-pay-request-cert-mode",
    "gateway-pay-request-empty-param",
    "gateway-pay-request-gbk",
    "gateway-pay-request-isv",
    "gateway-pay-request-key-mode",
];

const OLD_REQUESTS: [&str; 2] =
    ["rsa2-gateway-request-fast_instant_trade_pay", "rsa2-gateway-request-quick_msecurity_pay"];

const ANSWERS: [&str; 8] = [
    "gateway-response-real-1",
    "gateway-response-real-2-chinese-40003",
    "response-cert-mode-sn-after-sign",
    "response-cert-mode-sn-before-sign",
    "response-gbk-bytes",
    "response-node-contains-sign-key",
    "response-slash-escaped",
    "response-slash-fallback",
];

const OTHERS: [&str; 3] = ["notify-form", "notify-real-trade", "rsa1-basic"];

#[test]
fn every_vector_is_covered_or_skipped_with_a_reason() {
    let skipped = SKIPPED.iter().map(|(id, _)| *id).filter(|id| !id.contains(':'));
    let mut known: Vec<&str> =
        skipped.chain(REQUESTS).chain(OLD_REQUESTS).chain(ANSWERS).chain(OTHERS).chain(MODES).collect();
    known.sort_unstable();
    let vectors = Vectors::load();
    assert_eq!(known, vectors.by_id.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn requests_are_reproduced_byte_for_byte() {
    let vectors = Vectors::load();
    let key = SigningKey::from_pem_or_base64(vectors.key("app_private_pkcs8")).unwrap();
    for id in REQUESTS {
        let vector = &vectors.by_id[id];
        let order = match id {
            "gateway-pay-request-cert-mode" => vec!["app_cert_sn", "alipay_root_cert_sn"],
            "gateway-pay-request-isv" => vec!["app_auth_token"],
            "gateway-pay-request-aes" => vec!["encrypt_type"],
            _ => vec![],
        };
        let sent = signed_request(&parameters(&vector["params"], &order), &key);
        let http = &vector["http"];
        assert_eq!(format!("{}?{}", sent.path, sent.query), text(&http["path_and_query"]), "{id}");
        assert_eq!(String::from_utf8(sent.body.clone()).unwrap(), text(&http["body"]), "{id}");
        assert_eq!(sent.header("content-type"), http["content_type"].as_str(), "{id}");
        assert_eq!(sent.method, Method::Post);

        let charset = Charset::from_name(text(&vector["message_charset"])).unwrap();
        let message = charset.encode(text(&vector["message"]));
        assert_eq!(key.sign_sha256(&message), text(&vector["signature"]), "{id}");
        let public = vectors.key("app_public");
        assert!(independent_rsa::verify_sha256(public, &message, text(&vector["signature"])), "{id}");
        assert!(!independent_rsa::verify_sha256(public, &message[1..], text(&vector["signature"])), "{id}");
        let received = read_request(&sent).unwrap();
        assert_eq!(
            (received.charset(), received.biz_content()),
            (charset, vector["params"]["biz_content"].as_str())
        );
        assert!(received.verify(&verifying(public)).is_ok(), "{id}");
    }
}

#[test]
fn requests_of_other_makers_verify_in_every_transport() {
    let vectors = Vectors::load();
    let key = verifying(text(&vectors.by_id["rsa1-basic"]["public_key"]));
    for id in OLD_REQUESTS {
        let vector = &vectors.by_id[id];
        let mut fields: Fields =
            vector["params"].as_object().unwrap().iter().map(|(name, value)| (name, text(value))).collect();
        fields.insert("sign", text(&vector["signature"]));
        let whole = form::encode(&fields, Charset::Utf8);
        let (left, right) = whole.split_once("&method=").unwrap();
        let right = format!("method={right}");
        for (method, query, body) in [
            (Method::Get, whole.as_str(), ""),
            (Method::Post, "", whole.as_str()),
            (Method::Post, left, right.as_str()),
        ] {
            let received = read_request(&arrived(method, query, body)).unwrap();
            assert!(received.verify(&key).is_ok(), "{id} {query}");
        }
        let message = text(&vector["message"]).as_bytes();
        let public = text(&vectors.by_id["rsa1-basic"]["public_key"]);
        assert!(independent_rsa::verify_sha256(public, message, text(&vector["signature"])));
    }
}

#[test]
fn old_sha1_signatures_are_checked_and_never_taken_for_sha256() {
    let vectors = Vectors::load();
    let vector = &vectors.by_id["rsa1-basic"];
    let (message, signature) = (text(&vector["message"]).as_bytes(), text(&vector["signature"]));
    let key = verifying(text(&vector["public_key"]));
    assert!(key.verify_sha1(message, signature));
    assert!(!key.verify_sha1(b"partner=123&service=tesT", signature));
    assert!(!key.verify_sha256(message, signature));
    assert!(
        SigningKey::from_pem_or_base64(text(&vector["private_key_pkcs8"])).is_err(),
        "1024 bits never sign"
    );
}

#[test]
fn answers_verify_over_their_exact_bytes() {
    let vectors = Vectors::load();
    for id in ANSWERS {
        let vector = &vectors.by_id[id];
        let public = vector["public_key"].as_str().unwrap_or_else(|| vectors.key("alipay_sim_public"));
        let body = raw_body(vector);
        let envelope = raw_json::envelope(&body, None, json::LIMITS).unwrap();
        assert_eq!(envelope.sign.as_deref(), vector["signature"].as_str(), "{id}");
        assert_eq!(envelope.cert_sn.is_some(), id.contains("cert-mode"), "{id}");
        assert_eq!(envelope.node, &body[envelope.node_range.clone()]);
        let message = message_bytes(vector);
        assert_eq!(envelope.node == message, id != "response-slash-fallback", "{id}");
        assert!(independent_rsa::verify_sha256(public, &message, text(&vector["signature"])), "{id}");

        let method = envelope.node_name.trim_end_matches("_response").replace('_', ".");
        let app = app_with(verifying(public));
        let node = reply(&body, &app, &method, NOW).unwrap();
        assert!(node.code().is_some(), "{id}");
        assert_eq!(
            reply(&body, &app, "alipay.trade.other", NOW).unwrap_err(),
            unreadable(raw_json::RawJsonError::Node)
        );
        let stranger = app_with(verifying(vectors.key("app_public")));
        assert_eq!(reply(&body, &stranger, &method, NOW).unwrap_err(), NotVerified::BadSignature, "{id}");
    }
    let gbk = raw_body(&vectors.by_id["response-gbk-bytes"]);
    let gbk =
        reply(&gbk, &app_with(verifying(vectors.key("alipay_sim_public"))), "alipay.trade.pay", NOW).unwrap();
    assert_eq!((gbk.code(), gbk.sub_msg()), (Some("20000"), Some("系统繁忙")));
}

#[test]
fn notices_verify() {
    let vectors = Vectors::load();
    let real = &vectors.by_id["notify-real-trade"];
    let mut fields: Fields = real["params_without_sign_and_sign_type"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name, text(value)))
        .collect();
    fields.insert("sign_type", text(&real["sign_type_sent"]));
    fields.insert("sign", text(&real["signature"]));
    let real_body = form::encode(&fields, Charset::Utf8);
    let made = &vectors.by_id["notify-form"];
    for (vector, body, public) in [
        (real, real_body.as_str(), text(&real["public_key"])),
        (made, text(&made["form_body"]), vectors.key("alipay_sim_public")),
    ] {
        let key = verifying(public);
        let verified = notice(body.as_bytes(), &key).unwrap();
        assert_eq!(verified.field("trade_status"), Some("TRADE_SUCCESS"));
        let message = text(&vector["message"]).as_bytes();
        assert!(independent_rsa::verify_sha256(public, message, text(&vector["signature"])));
        let tampered = body.replace("TRADE_SUCCESS", "TRADE_FINISHED");
        assert_eq!(notice(tampered.as_bytes(), &key).unwrap_err(), NotVerified::BadSignature);
        let unsigned = body.replace("sign=", "sing=");
        assert!(matches!(notice(unsigned.as_bytes(), &key), Err(NotVerified::Unsigned { .. })));
        let other_type = body.replace("sign_type=RSA2", "sign_type=RSA");
        assert_eq!(notice(other_type.as_bytes(), &key).unwrap_err(), NotVerified::BadSignature);
    }
}

pub(crate) struct Vectors {
    pub(crate) by_id: BTreeMap<String, Value>,
    keys: Value,
}

impl Vectors {
    pub(crate) fn load() -> Self {
        let file = testdata_json("alipay/vectors.json");
        let all = file["published"].as_array().unwrap().iter().chain(file["self_made"].as_array().unwrap());
        let by_id = all.map(|vector| (text(&vector["id"]).to_owned(), vector.clone())).collect();
        Self { by_id, keys: file["keys"].clone() }
    }

    pub(crate) fn key(&self, name: &str) -> &str {
        text(&self.keys[name])
    }
}

/// A gateway's view of an application whose own key does not matter.
pub(crate) fn app_with(alipay_key: VerifyingKey) -> App {
    App::with_key("2026110100000001", SigningKey::keyed_hash([7; 32]), alipay_key)
}

pub(crate) fn verifying(pem: &str) -> VerifyingKey {
    VerifyingKey::from_pem_or_base64(pem).unwrap()
}

pub(crate) fn unreadable(error: raw_json::RawJsonError) -> NotVerified {
    NotVerified::Unreadable(error)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The order in which the vectors' maker sent them; the JSON file's own order is lost when it is read.
pub(crate) fn parameters(params: &Value, extra: &[&str]) -> Fields {
    let common = [
        "app_id",
        "method",
        "format",
        "charset",
        "sign_type",
        "timestamp",
        "version",
        "notify_url",
        "biz_content",
    ];
    let names: Vec<&str> = common.iter().chain(extra).copied().collect();
    assert_eq!(names.len(), params.as_object().unwrap().len());
    names.into_iter().map(|name| (name, text(&params[name]))).collect()
}

fn arrived(method: Method, query: &str, body: &str) -> Request {
    Request {
        method,
        path: "/gateway.do".to_owned(),
        query: query.to_owned(),
        headers: vec![],
        body: body.as_bytes().to_vec(),
    }
}

pub(crate) fn raw_body(vector: &Value) -> Vec<u8> {
    match vector["raw_body"].as_str() {
        Some(body) => body.as_bytes().to_vec(),
        None => STANDARD.decode(text(&vector["raw_body_base64"])).unwrap(),
    }
}

fn message_bytes(vector: &Value) -> Vec<u8> {
    match vector["message"].as_str() {
        Some(message) => message.as_bytes().to_vec(),
        None => STANDARD.decode(text(&vector["message_base64"])).unwrap(),
    }
}
