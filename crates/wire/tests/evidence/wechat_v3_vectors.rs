//! Every APIv3 vector, in both directions: by the crate and by the second implementation.

use serde_json::Value;
use wire::http::{Method, Request, Response};
use wire::sign::{SigningKey, VerifyingKey};
use wire::wechat_v3::{
    ApiV3Key, ApiV3KeyError, CertificateError, ChannelKeys, Draft, Hand, NotOurs, NotVerified, Sealed,
    V3Merchant, call, certificates, certificates_body, certificates_draft, probe_response, read_request,
    reply, request, response,
};

use crate::wechat_v3_messages::draft_again;
use crate::{independent_rsa, testdata_json};

#[test]
fn the_vectors_are_the_ones_that_are_covered_here() {
    let file = vectors();
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|vector| text(&vector["name"]).to_owned()).collect()
    };
    assert_eq!(names(&file["request_signing"]), ["codepay", "query", "reverse", "tradebill", "billdownload"]);
    assert_eq!(
        names(&file["response_verification"]),
        [
            "codepay-success",
            "codepay-userpaying-202",
            "close-204-empty-body",
            "error-404",
            "signtest-probe",
            "tampered-body"
        ]
    );
    assert_eq!(names(&file["aes_gcm"]), ["official-java", "official-go (AES-128!)"]);
    assert_eq!(file["message_format_vectors"].as_array().unwrap().len(), 2);
    assert_eq!(file["rsa_verify_official"].as_array().unwrap().len(), 2);
}

#[test]
fn official_signatures_verify_with_both_implementations() {
    for vector in vectors()["rsa_verify_official"].as_array().unwrap() {
        let public = text(&vector["spki_der_b64"]);
        let (message, signature) = (text(&vector["message"]).as_bytes(), text(&vector["signature_b64"]));
        let key = VerifyingKey::from_pem_or_base64(public).unwrap();
        assert!(key.verify_sha256(message, signature));
        assert!(independent_rsa::verify_sha256(public, message, signature));
        assert!(!key.verify_sha256(b"messagf", signature));
    }
}

#[test]
fn the_official_texts_to_sign_are_what_is_signed() {
    for vector in vectors()["message_format_vectors"].as_array().unwrap() {
        let draft = draft_of(text(&vector["method"]), text(&vector["url"]), text(&vector["body"]));
        let sent = request(draft, &merchant(), seconds(&vector["timestamp"]), text(&vector["nonce"]));
        let signature = item(&sent, "signature");
        let message = text(&vector["message"]).as_bytes();
        assert!(independent_rsa::verify_sha256(&public(), message, &signature));
    }
    assert_eq!(certificates_draft(), draft_of("GET", "/v3/certificates", ""));
}

#[test]
fn requests_are_reproduced_byte_for_byte_and_read_back() {
    for vector in vectors()["request_signing"].as_array().unwrap() {
        let name = text(&vector["name"]);
        let (url, body, at) =
            (text(&vector["canonical_url"]), text(&vector["body"]), seconds(&vector["timestamp"]));
        let draft = draft_of(text(&vector["method"]), url, body);
        let sent = request(draft.clone(), &merchant(), at, text(&vector["nonce"]));
        assert_eq!(sent.header("Authorization"), Some(text(&vector["authorization"])), "{name}");
        assert_eq!(sent.header("wechatpay-serial"), Some(PUB_KEY_ID));
        for header in ["accept", "content-type"] {
            assert_eq!(sent.header(header), Some("application/json"));
        }
        assert!(sent.header("user-agent").is_some_and(|agent| !agent.is_empty()));
        let message = text(&vector["message"]).as_bytes();
        assert!(independent_rsa::verify_sha256(&public(), message, text(&vector["signature_b64"])), "{name}");

        let verify =
            |request: &Request, now| read_request(request.clone()).unwrap().verify(&verifying(), now);
        let checked = verify(&sent, at).unwrap();
        assert_eq!((checked.value().mchid(), checked.value().serial_no()), (MCHID, SERIAL));
        assert_eq!(checked.value().nonce(), text(&vector["nonce"]));
        assert_eq!(checked.value().answer_serial(), Some(PUB_KEY_ID));
        // The draft that the typed call writes is the vector again.
        let found = call(&checked).unwrap();
        let again = found.map(|(account, call)| draft_again(&account, &call));
        let bills = ["tradebill", "billdownload"].contains(&name);
        assert_eq!(again, (!bills).then_some(draft), "{name}");

        for (now, found) in [
            (at + 299, Ok(())),
            (at - 299, Ok(())),
            (at + 300, Err(NotOurs::Stale)),
            (at - 300, Err(NotOurs::Stale)),
        ] {
            assert_eq!(verify(&sent, now).map(drop), found, "{name}");
        }
        let mut others = vec![
            Request { path: format!("{}x", sent.path), ..sent.clone() },
            Request { query: format!("{}&a=b", sent.query), ..sent.clone() },
            Request { body: [sent.body.as_slice(), b" "].concat(), ..sent.clone() },
        ];
        let method = if sent.method == Method::Get { Method::Post } else { Method::Get };
        others.push(Request { method, ..sent.clone() });
        for other in &others {
            assert_eq!(verify(other, at).map(drop), Err(NotOurs::BadSignature), "{name}");
        }
    }
}

#[test]
fn an_authorization_may_come_in_any_order_but_not_broken() {
    let sent = request(certificates_draft(), &merchant(), NOW, "n1");
    let header = sent.header("authorization").unwrap();
    let (scheme, items) = header.split_once(' ').unwrap();
    let mut items: Vec<&str> = items.split(',').collect();
    let with = |header: String| {
        read_request(Request { headers: vec![("Authorization".to_owned(), header)], ..sent.clone() })
    };
    items.reverse();
    let turned = with(format!("{scheme} {}", items.join(", "))).unwrap();
    assert!(turned.verify(&verifying(), NOW).is_ok());
    for bad in [
        String::new(),
        scheme.to_owned(),
        header.replace("RSA2048", "RSA2049"),
        header.replace("mchid=", "mchit="),
        header.replace("\"n1\"", "n1"),
        header.replace("\"n1\"", "\"\""),
        header.replace("\"n1\"", "\"n\n1\""),
        format!("{header},mchid=\"1\""),
        header.replace(&format!("\"{NOW}\""), "\"-1\""),
    ] {
        assert!(with(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn answers_verify_in_both_modes_and_are_reproduced() {
    let file = vectors();
    for vector in file["response_verification"].as_array().unwrap() {
        let name = text(&vector["name"]);
        let answer = answer_of(vector);
        let (timestamp, nonce) =
            (text(&vector["headers"]["Wechatpay-Timestamp"]), text(&vector["headers"]["Wechatpay-Nonce"]));
        let (body, signature) = (text(&vector["body"]), text(&vector["headers"]["Wechatpay-Signature"]));
        let message = format!("{timestamp}\n{nonce}\n{body}\n");
        let valid = vector["valid"].as_bool().unwrap();
        assert_eq!(independent_rsa::verify_sha256(&public(), message.as_bytes(), signature), valid, "{name}");
        let read = reply(&answer, &keys(), NOW);
        match name {
            "signtest-probe" => assert_eq!(read.map(drop), Err(NotVerified::Probe)),
            "tampered-body" => assert_eq!(read.map(drop), Err(NotVerified::BadSignature)),
            _ => assert_eq!(u64::from(read.unwrap().status()), vector["http_status"].as_u64().unwrap()),
        }
        if !valid {
            continue;
        }
        assert_eq!(message, text(&vector["message"]));
        for serial in [PUB_KEY_ID, CERTIFICATE] {
            let hand = Hand { key: signing(), serial: serial.to_owned() };
            let again = response(answer.status, body, &hand, NOW, nonce);
            assert_eq!(again.header("wechatpay-signature"), Some(signature), "{name}");
            assert!(reply(&again, &keys(), NOW).is_ok(), "{name} {serial}");
        }
    }
}

#[test]
fn every_flipped_bit_of_a_signed_answer_is_refused() {
    let answer = answer_of(&vectors()["response_verification"][0]);
    let keys = keys();
    assert!(reply(&answer, &keys, NOW).is_ok());
    for (at, bit) in (0..answer.body.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut flipped = answer.clone();
        flipped.body[at] ^= 1 << bit;
        assert_eq!(reply(&flipped, &keys, NOW).map(drop), Err(NotVerified::BadSignature), "body {at} {bit}");
    }
    let signed = ["timestamp", "nonce", "serial", "signature-type", "signature"];
    for (which, (name, value)) in answer.headers.iter().enumerate() {
        if !signed.iter().any(|end| name.eq_ignore_ascii_case(&format!("wechatpay-{end}"))) {
            continue;
        }
        for (at, bit) in (0..value.len()).flat_map(|at| (0..7).map(move |bit| (at, bit))) {
            let mut bytes = value.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let mut flipped = answer.clone();
            flipped.headers[which].1 = String::from_utf8(bytes).unwrap();
            assert!(reply(&flipped, &keys, NOW).is_err(), "{name} {at} {bit}");
        }
    }
}

#[test]
fn an_answer_is_believed_only_whole_fresh_and_from_a_known_key() {
    let answer = answer_of(&vectors()["response_verification"][0]);
    let check = |answer: &Response, now| reply(answer, &keys(), now).map(drop);
    for (now, found) in [
        (NOW + 299, Ok(())),
        (NOW - 299, Ok(())),
        (NOW + 300, Err(NotVerified::Stale { timestamp: NOW })),
        (NOW - 300, Err(NotVerified::Stale { timestamp: NOW })),
        (i64::MIN, Err(NotVerified::Stale { timestamp: NOW })),
    ] {
        assert_eq!(check(&answer, now), found);
    }
    for name in ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"] {
        let mut bare = answer.clone();
        bare.headers.retain(|(known, _)| known != name);
        assert!(matches!(check(&bare, NOW), Err(NotVerified::Unsigned { status: 200, .. })), "{name}");
    }
    let unknown = NotVerified::UnknownSerial { serial: PUB_KEY_ID.to_owned() };
    assert_eq!(reply(&answer, &ChannelKeys::new(), NOW).map(drop), Err(unknown));
    let page = Response { status: 502, headers: Vec::new(), body: b"<html>".to_vec() };
    let unsigned =
        |code: &str| NotVerified::Unsigned { status: 502, code: code.to_owned(), message: String::new() };
    assert_eq!(check(&page, NOW), Err(unsigned("")));
    let claimed = Response { body: br#"{"code":"SYSTEM_ERROR"}"#.to_vec(), ..page };
    assert_eq!(check(&claimed, NOW), Err(unsigned("SYSTEM_ERROR")));
    for body in ["[]", "{", "null", r#"{"trade_state":"NOTPAY","trade_state":"SUCCESS"}"#] {
        let signed = response(200, body, &hand(), NOW, "n");
        assert!(matches!(check(&signed, NOW), Err(NotVerified::Unreadable(_))), "{body}");
    }
}

#[test]
fn probes_are_refused_whatever_the_key() {
    let secret = SigningKey::keyed_hash([7; 32]);
    for key in [signing(), secret] {
        let hand = Hand { key, serial: PUB_KEY_ID.to_owned() };
        let mut keys = ChannelKeys::new();
        keys.add_public_key(PUB_KEY_ID, hand.key.verifying_key()).unwrap();
        assert!(reply(&response(200, "{}", &hand, NOW, "n"), &keys, NOW).is_ok());
        let probe = probe_response(200, "{}", &hand, NOW, "n");
        assert!(probe.header("wechatpay-signature").unwrap().starts_with("WECHATPAY/SIGNTEST/"));
        assert_eq!(reply(&probe, &keys, NOW).map(drop), Err(NotVerified::Probe));
        assert_eq!(reply(&probe, &ChannelKeys::new(), NOW).map(drop), Err(NotVerified::Probe));
    }
}

#[test]
fn a_public_key_has_a_number_with_its_prefix() {
    for bad in ["", "PUB_KEY_ID_", "0119000001092026031500000001", CERTIFICATE, "PUB_KEY_ID_01 "] {
        assert!(ChannelKeys::new().add_public_key(bad, verifying()).is_err(), "{bad}");
    }
}

#[test]
fn sealed_texts_open_and_are_reproduced() {
    let file = vectors();
    let vector = &file["aes_gcm"][0];
    let key = ApiV3Key::new(text(&vector["key"])).unwrap();
    let sealed = Sealed {
        nonce: text(&vector["nonce"]).to_owned(),
        associated_data: text(&vector["associated_data"]).to_owned(),
        ciphertext: text(&vector["ciphertext_b64"]).to_owned(),
    };
    let plain = text(&vector["plaintext"]).as_bytes();
    assert_eq!(key.open(&sealed).as_deref(), Some(plain));
    assert_eq!(key.seal(plain, &sealed.nonce, &sealed.associated_data).as_ref(), Some(&sealed));
    for changed in [
        Sealed { nonce: "uluk4a9R25RX".to_owned(), ..sealed.clone() },
        Sealed { nonce: "short".to_owned(), ..sealed.clone() },
        Sealed { associated_data: String::new(), ..sealed.clone() },
        Sealed { ciphertext: sealed.ciphertext.replacen('u', "v", 1), ..sealed.clone() },
        Sealed { ciphertext: "AAAA".to_owned(), ..sealed.clone() },
    ] {
        assert_eq!(key.open(&changed), None);
    }
    // The Go library's vector has a key of 16 bytes, which is none here.
    assert_eq!(ApiV3Key::new(text(&file["aes_gcm"][1]["key"])).map(drop), Err(ApiV3KeyError));
    assert_eq!(format!("{key:?}"), "ApiV3Key(****)");
}

#[test]
fn certificates_come_only_under_our_key_and_check_their_own_answer() {
    let vector = testdata_json("wechat/v3-certificates.json");
    let answer = answer_of(&vector);
    let key = ApiV3Key::new(text(&vector["api_v3_key"])).unwrap();
    let open = |answer: &Response, key: &ApiV3Key| certificates(answer, key, &ChannelKeys::new(), NOW);
    let brought = open(&answer, &key).unwrap();
    let [one] = brought.as_slice() else { panic!("{brought:?}") };
    assert_eq!(one.serial_no, "0A5F2C3D4E5F60718293A4B5C6D7E8F901234567");
    assert_eq!((one.effective_time, one.expire_time), (1_767_225_600_000, 1_924_992_000_000));
    let mut keys = ChannelKeys::new();
    keys.add_certificate(one);
    assert!(reply(&answer, &keys, NOW).is_ok());
    keys.remove(&one.serial_no);
    assert_eq!(keys.serials().count(), 0);

    let other = ApiV3Key::new("another_key_of_the_same_length__").unwrap();
    assert_eq!(open(&answer, &other).map(drop), Err(CertificateError::Sealed));
    let refusal = response(401, r#"{"code":"SIGN_ERROR"}"#, &hand(), NOW, "n");
    assert_eq!(open(&refusal, &key).map(drop), Err(CertificateError::Form { status: 401 }));
    let mut late = answer.clone();
    late.body.push(b' ');
    assert_eq!(open(&late, &key).map(drop), Err(CertificateError::NotVerified(NotVerified::BadSignature)));

    // The simulator's own answer, then the same under a serial that is not the certificate's.
    let serve = |serial: &str, pem: &str| {
        let sealed = key.seal(pem.as_bytes(), "000000000001", "certificate").unwrap();
        let body = certificates_body(&[(serial, one.effective_time, one.expire_time, sealed)]);
        response(200, &body, &Hand { key: signing(), serial: serial.to_owned() }, NOW, "n")
    };
    let pem = text(&vector["certificate_pem"]);
    assert_eq!(open(&serve(&one.serial_no, pem), &key).unwrap()[0].serial_no, one.serial_no);
    for (serial, pem) in
        [("1A", pem), (&one.serial_no, "no pem"), (&one.serial_no, &pem.replace("MII", "MIA"))]
    {
        let wrong = CertificateError::Certificate { serial_no: serial.to_owned() };
        assert_eq!(open(&serve(serial, pem), &key).map(drop), Err(wrong));
    }
}

pub(crate) const MCHID: &str = "1900000109";
pub(crate) const NOW: i64 = 1_773_536_400;
const SERIAL: &str = "5E2A6B4C1D3F5A7B9C0D1E2F3A4B5C6D7E8F9012";
const PUB_KEY_ID: &str = "PUB_KEY_ID_0119000001092026031500000001";
const CERTIFICATE: &str = "0A5F2C3D4E5F60718293A4B5C6D7E8F901234567";

fn vectors() -> Value {
    testdata_json("wechat/v3-vectors.json")
}

fn signing() -> SigningKey {
    SigningKey::from_pem_or_base64(text(&vectors()["throwaway_key"]["pkcs8_der_b64"])).unwrap()
}

fn public() -> String {
    text(&vectors()["throwaway_key"]["spki_der_b64"]).to_owned()
}

pub(crate) fn verifying() -> VerifyingKey {
    VerifyingKey::from_pem_or_base64(&public()).unwrap()
}

pub(crate) fn hand() -> Hand {
    Hand { key: signing(), serial: PUB_KEY_ID.to_owned() }
}

/// The throw-away key in both modes.
pub(crate) fn keys() -> ChannelKeys {
    let vector = testdata_json("wechat/v3-certificates.json");
    let key = ApiV3Key::new(text(&vector["api_v3_key"])).unwrap();
    let mut keys = ChannelKeys::new();
    keys.add_public_key(PUB_KEY_ID, verifying()).unwrap();
    keys.add_certificate(&certificates(&answer_of(&vector), &key, &ChannelKeys::new(), NOW).unwrap()[0]);
    keys
}

pub(crate) fn merchant() -> V3Merchant {
    V3Merchant {
        mchid: MCHID.to_owned(),
        serial_no: SERIAL.to_owned(),
        signing_key: signing(),
        answer_serial: Some(PUB_KEY_ID.to_owned()),
    }
}

fn draft_of(method: &str, url: &str, body: &str) -> Draft {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let method = if method == "GET" { Method::Get } else { Method::Post };
    Draft { method, path: path.to_owned(), query: query.to_owned(), body: body.to_owned() }
}

fn answer_of(vector: &Value) -> Response {
    let headers = vector["headers"].as_object().unwrap();
    Response {
        status: vector["http_status"].as_u64().map_or(200, |status| status.try_into().unwrap()),
        headers: headers.iter().map(|(name, value)| (name.clone(), text(value).to_owned())).collect(),
        body: text(&vector["body"]).as_bytes().to_vec(),
    }
}

fn item(request: &Request, name: &str) -> String {
    let header = request.header("authorization").unwrap();
    let (_, rest) = header.split_once(&format!("{name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn seconds(value: &Value) -> i64 {
    text(value).parse().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
