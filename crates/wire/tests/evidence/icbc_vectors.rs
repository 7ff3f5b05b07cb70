//! Every ICBC vector, in both directions: by the crate and by the second implementation.

use serde_json::Value;
use wire::http::{Method, Request};
use wire::icbc::{
    AesKey, App, Hand, NotVerified, PayRequest, QueryRequest, RejectQueryRequest, RejectRequest,
    ReverseRequest, hash_of, is_documentation_key, notice, notice_reply, read_request, reply, request,
    response, signed_request,
};
use wire::sign::{RsaHash, SigningKey, VerifyingKey};
use wire::text::Fields;

use crate::{independent_rsa, testdata, testdata_json};

/// What of the vectors is not covered; after a colon, the half of a covered one.
const SKIPPED: [(&str, &str); 1] = [(
    "public:sign",
    "its key has 1024 bits and its private half is in the documentation, not in the vectors",
)];

#[test]
fn the_vectors_are_the_ones_that_are_covered_here() {
    let file = vectors();
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|vector| text(&vector["name"]).to_owned()).collect()
    };
    let requests = ["pay", "pay_rsa_sha1", "query", "reverse", "reject", "reject_query"];
    assert_eq!(names(&file["requests"]["vectors"]), requests);
    assert_eq!(names(&file["responses"]["vectors"]), ANSWERS);
    let parts: Vec<&str> = file.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(parts, ["aes", "note", "notify", "public_vector", "requests", "responses"]);
    assert_eq!(SKIPPED[0].0, "public:sign");
}

pub(crate) const ANSWERS: [&str; 12] = [
    "pay_success",
    "pay_paying",
    "pay_failed",
    "pay_order_rejected",
    "gateway_error_numeric_code",
    "query_success",
    "query_paying",
    "query_reversed",
    "query_not_found",
    "reverse_ok",
    "reject_ok",
    "reject_query_ok",
];

#[test]
fn the_published_example_verifies_with_both_hashes_and_its_key_is_known() {
    let vector = &vectors()["public_vector"];
    let public = text(&vector["public_key_spki_base64"]);
    let key = VerifyingKey::from_pem_or_base64(public).unwrap();
    let (message, sha1, sha256) =
        (text(&vector["string_to_sign"]).as_bytes(), text(&vector["RSA_SHA1"]), text(&vector["RSA2_SHA256"]));
    assert!(key.verify(RsaHash::Sha1, message, sha1) && independent_rsa::verify_sha1(public, message, sha1));
    assert!(key.verify(RsaHash::Sha256, message, sha256));
    assert!(independent_rsa::verify_sha256(public, message, sha256));
    assert!(!key.verify(RsaHash::Sha256, message, sha1) && !key.verify(RsaHash::Sha1, message, sha256));
    assert!(!independent_rsa::verify_sha1(public, &message[1..], sha1));

    let (path, query) = text(&vector["string_to_sign"]).split_once('?').unwrap();
    let mut fields: Fields = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    fields.insert("sign", sha1);
    let body = wire::text::form::encode(&fields, wire::text::Charset::Gbk).into_bytes();
    let arrived = Request::post(path, "application/x-www-form-urlencoded", body);
    assert!(read_request(&arrived).unwrap().verify(&key).is_ok());

    assert!(is_documentation_key(&key));
    for other in [gateway_key(1024), gateway_key(2048), app_key().verifying_key()] {
        assert!(!is_documentation_key(&other));
    }
}

#[test]
fn requests_are_reproduced_byte_for_byte() {
    for vector in vectors()["requests"]["vectors"].as_array().unwrap() {
        let (name, path, params) = (text(&vector["name"]), text(&vector["path"]), &vector["params"]);
        let hash = hash_of(text(&params["sign_type"])).unwrap();
        let app = App { request_hash: hash, ..app() };
        let content = text(&params["biz_content"]);
        let written = written_again(name, content);
        assert_eq!(written, content, "{name}");
        let sent = request(&app, path, text(&params["msg_id"]), &written, text(&params["timestamp"]));
        assert_eq!(String::from_utf8(sent.body.clone()).unwrap(), text(&vector["form_body"]), "{name}");
        assert_eq!((sent.method, sent.path.as_str(), sent.query.as_str()), (Method::Post, path, ""));
        assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded; charset=utf-8"));
        assert_eq!(sent.header("APIGW-VERSION"), Some("v2_20190522"));

        let (message, sign) = (text(&vector["string_to_sign"]).as_bytes(), text(&vector["sign"]));
        let public = pem("app2048.pub");
        let independent = match hash {
            RsaHash::Sha1 => independent_rsa::verify_sha1(&public, message, sign),
            RsaHash::Sha256 => independent_rsa::verify_sha256(&public, message, sign),
        };
        assert!(independent, "{name}");
        assert_eq!(app.signing_key.sign(hash, message), sign, "{name}");
        let received = read_request(&sent).unwrap().verify(&app_key().verifying_key()).unwrap().into_value();
        assert_eq!(received.biz_content(None).as_deref(), Some(content), "{name}");
        let other = Request { path: format!("{path}x"), ..sent };
        assert!(read_request(&other).unwrap().verify(&app_key().verifying_key()).is_err(), "{name}");
    }
}

/// The content through its type and back.
fn written_again(name: &str, content: &str) -> String {
    match name {
        "pay" | "pay_rsa_sha1" => PayRequest::from_biz_content(content).unwrap().biz_content(),
        "query" => QueryRequest::from_biz_content(content).unwrap().biz_content(),
        "reverse" => ReverseRequest::from_biz_content(content).unwrap().biz_content(),
        "reject" => RejectRequest::from_biz_content(content).unwrap().biz_content(),
        "reject_query" => RejectQueryRequest::from_biz_content(content).unwrap().biz_content(),
        other => panic!("{other}"),
    }
}

#[test]
fn answers_verify_over_their_raw_text_and_are_reproduced() {
    let file = vectors();
    for vector in file["responses"]["vectors"].as_array().unwrap() {
        let (name, body) = (text(&vector["name"]), text(&vector["raw_body"]));
        let signed = text(&vector["signed_text"]);
        for (bits, hash, field) in [
            (1024, RsaHash::Sha1, "sign_1024_sha1"),
            (2048, RsaHash::Sha1, "sign_2048_sha1"),
            (2048, RsaHash::Sha256, "sign_2048_sha256"),
        ] {
            let Some(sign) = vector[field].as_str() else {
                assert!(!["pay_success", "reverse_ok"].contains(&name) && field != "sign_1024_sha1");
                continue;
            };
            let public = pem(&format!("gw{bits}.pub"));
            let independent = match hash {
                RsaHash::Sha1 => independent_rsa::verify_sha1(&public, signed.as_bytes(), sign),
                RsaHash::Sha256 => independent_rsa::verify_sha256(&public, signed.as_bytes(), sign),
            };
            assert!(independent, "{name} {field}");
            let hand = hand(bits, hash);
            let made = response(signed, &hand).body;
            let expected = format!("{{\"response_biz_content\":{signed},\"sign\":\"{sign}\"}}");
            assert_eq!(String::from_utf8(made.clone()).unwrap(), expected, "{name} {field}");
            assert_eq!(field == "sign_1024_sha1", expected == body, "{name} {field}");

            let ours = App { gateway_key: gateway_key(bits), answer_hash: hash, ..app() };
            assert!(reply(&made, &ours).unwrap().return_code().is_some(), "{name} {field}");
            let other_hash = match hash {
                RsaHash::Sha1 => RsaHash::Sha256,
                RsaHash::Sha256 => RsaHash::Sha1,
            };
            for stranger in [
                App { answer_hash: other_hash, ..ours.clone() },
                App { gateway_key: app_key().verifying_key(), ..ours },
            ] {
                assert_eq!(reply(&made, &stranger).unwrap_err(), NotVerified::BadSignature, "{name}");
            }
        }
    }
}

#[test]
fn encrypted_contents_are_reproduced_and_read() {
    let vector = &vectors()["aes"];
    let key = AesKey::from_base64(text(&vector["key_base64"])).unwrap();
    let (plain, sealed) = (text(&vector["request_plaintext"]), text(&vector["request_biz_content"]));
    assert_eq!(key.encrypt(plain), sealed);
    assert_eq!(key.decrypt(sealed).unwrap(), plain.as_bytes());
    let with_key = App { aes_key: Some(key.clone()), ..app() };
    let sent = request(&with_key, wire::icbc::PAY_PATH, "M1", plain, "2026-03-15 12:00:00");
    let received = read_request(&sent).unwrap().verify(&app_key().verifying_key()).unwrap().into_value();
    assert_eq!(received.parameter("encrypt_type"), Some("AES"));
    assert_eq!(received.parameter("biz_content"), Some(sealed));
    assert_eq!(received.biz_content(Some(&key)).as_deref(), Some(plain));
    assert_eq!(received.biz_content(None), None);

    let body = text(&vector["response_raw_body"]);
    let signed = text(&vector["response_signed_text"]);
    assert!(body.contains(&format!(":{signed},\"sign\"")), "the quotation marks are signed too");
    let sealing = Hand { aes_key: Some(key), ..hand(1024, RsaHash::Sha1) };
    let made = response(text(&vector["response_plaintext"]), &sealing).body;
    assert_eq!(String::from_utf8(made).unwrap(), body);
    let content = reply(body.as_bytes(), &with_key).unwrap();
    assert_eq!((content.pay_status().as_deref(), content.total_amt()), (Some("1"), Ok(Some(7370))));
    assert_eq!(reply(body.as_bytes(), &app()).unwrap_err(), NotVerified::Encrypted);
    let foreign = AesKey::from_base64("AAAAAAAAAAAAAAAAAAAAAA==").unwrap();
    let foreign = App { aes_key: Some(foreign), ..app() };
    assert!(reply(body.as_bytes(), &foreign).is_err());
    for bad in ["", "AAECAwQFBgcICQoLDA0O", "no key", "AAECAwQFBgcICQoLDA0ODxA="] {
        assert!(AesKey::from_base64(bad).is_err(), "{bad}");
    }
    assert_eq!(format!("{foreign:?}").matches("****").count(), 1);
}

#[test]
fn a_notification_verifies_over_the_registered_path_and_is_answered() {
    let vector = &vectors()["notify"];
    let (body, path) = (text(&vector["form_body"]), "/icbc/notify");
    assert!(text(&vector["string_to_sign"]).starts_with(&format!("{path}?")));
    let told = notice(path, body.as_bytes(), &app()).unwrap();
    assert_eq!((told.pay_status().as_deref(), told.total_amt()), (Some("1"), Ok(Some(7370))));
    let (message, sign) = (text(&vector["string_to_sign"]).as_bytes(), text(&vector["params"]["sign"]));
    assert!(independent_rsa::verify_sha1(&pem("gw1024.pub"), message, sign));

    let fields: Fields =
        ["from", "api", "app_id", "charset", "format", "timestamp", "biz_content", "sign_type"]
            .into_iter()
            .map(|name| (name, text(&vector["params"][name])))
            .collect();
    let made = signed_request(path, &fields, &hand(1024, RsaHash::Sha1).key, RsaHash::Sha1);
    assert_eq!(String::from_utf8(made.body).unwrap(), body.replace("&encrypt_type=", ""));

    let answer = notice_reply(&app(), &told.msg_id().unwrap());
    assert_eq!(String::from_utf8(answer.body).unwrap(), text(&vector["reply_body"]));

    for (path, body) in [
        ("/gateway/icbc/notify", body.to_owned()),
        (path, body.replace("7370", "7371")),
        (path, body.replace("sign_type=RSA", "sign_type=RSA2")),
        (path, body.replace("sign_type=RSA", "sign_type=")),
    ] {
        assert_eq!(notice(path, body.as_bytes(), &app()).unwrap_err(), NotVerified::BadSignature);
    }
    let unsigned = body.replace("&sign=", "&sing=");
    assert!(matches!(notice(path, unsigned.as_bytes(), &app()), Err(NotVerified::Unsigned { .. })));
}

pub(crate) fn vectors() -> Value {
    testdata_json("icbc/vectors.json")
}

/// The application of the vectors, as a merchant holds it.
pub(crate) fn app() -> App {
    App {
        app_id: "10000000000000000001".to_owned(),
        signing_key: app_key(),
        request_hash: RsaHash::Sha256,
        gateway_key: gateway_key(1024),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    }
}

fn app_key() -> SigningKey {
    SigningKey::from_pem_or_base64(&pem("app2048.key")).unwrap()
}

pub(crate) fn gateway_key(bits: u32) -> VerifyingKey {
    VerifyingKey::from_pem_or_base64(&pem(&format!("gw{bits}.pub"))).unwrap()
}

pub(crate) fn hand(bits: u32, hash: RsaHash) -> Hand {
    let text = pem(&format!("gw{bits}.key"));
    assert_eq!(SigningKey::from_pem_or_base64(&text).is_ok(), bits >= 2048, "too short to speak for us");
    Hand { key: SigningKey::short_from_pem_or_base64(&text).unwrap(), hash, aes_key: None }
}

pub(crate) fn pem(name: &str) -> String {
    String::from_utf8(testdata(&format!("icbc/test-only-{name}.pem"))).unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
