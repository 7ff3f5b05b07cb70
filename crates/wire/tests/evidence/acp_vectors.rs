//! Every ACP signature that was computed elsewhere, in both directions, by the crate and by the second implementation.
//!
//! Skipped: of the SDK's vectors the making of the signatures, because nobody has their keys, and the chain of their
//! certificates, because UnionPay's test authority is not among them (they are checked up to their own key instead).
//! What is inside `file_ok` is not read here.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wire::acp::{
    AcpMerchant, BACK_TRANS_PATH, FILE_PATH, Foreign, NotVerified, QUERY_TRANS_PATH, Registered, Signer,
    Trust, digest, parse_request, parse_response, read_fields, request, sign_response,
};
use wire::sign::{Certificate, SigningKey};
use wire::text::{Charset, Fields, beijing, form};

use crate::{independent_rsa, testdata, testdata_json};

pub(crate) const MER_ID: &str = "777000000000001";
const MERCHANT_SERIAL: &str = "69000000002";

#[test]
fn every_request_of_the_sheet_is_made_byte_for_byte_and_read() {
    let vectors = own("requests");
    assert_eq!(vectors.len(), 6);
    for vector in &vectors {
        let (name, fields) = (vector.text("name"), vector.fields());
        check_signed(vector, &fields, &pem("merchant-sign.cert"));
        let path = match name {
            "query_00_00" => QUERY_TRANS_PATH,
            "file_76_01" => FILE_PATH,
            _ => BACK_TRANS_PATH,
        };
        let (caller, call) = parse_request(path, vector.text("form_body").as_bytes(), registered)
            .unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert_eq!(caller.mer_id, MER_ID);
        let again = request(path, &merchant(), &crate::acp_server::fields(&call));
        assert_eq!(String::from_utf8(again.body).unwrap(), vector.text("form_body"), "{name}");
    }
}

#[test]
fn every_request_of_the_sdk_verifies_with_its_certificate() {
    let file = testdata_json("unionpay/acp/acp_vectors.json");
    let certificate = file["sdk_vectors"]["merchant_cert_pem"].as_str().unwrap();
    let parsed = Certificate::from_pem_or_base64(certificate).unwrap();
    assert_eq!(parsed.serial_decimal(), "69903319369");
    assert_eq!(parsed.common_name(), Some("041@Z2014-11-11@700000000000001:SIGN@00000003"));
    let vectors = list(&file["sdk_vectors"]["requests"]);
    assert_eq!(vectors.len(), 5);
    for vector in &vectors {
        let fields = vector.fields();
        assert_eq!(fields.get("certId"), Some(parsed.serial_decimal()));
        check_signed(vector, &fields, certificate);
        let form = form::encode(&fields, Charset::Utf8);
        assert_eq!(form::decode(form.as_bytes(), Charset::Utf8).unwrap(), fields);
    }
}

#[test]
fn every_answer_of_the_sheet_is_believed_and_made_byte_for_byte() {
    let vectors = own("responses");
    assert_eq!(vectors.len(), 16);
    let forged = ["impostor_cn", "query_paid_tampered"];
    for vector in vectors.iter().filter(|vector| !forged.contains(&vector.text("name"))) {
        let name = vector.text("name");
        let fields = read_fields(vector.text("raw_body").as_bytes()).unwrap();
        check_signed(vector, &fields, fields.get("signPubKeyCert").unwrap());
        for body in bodies(vector) {
            let believed = parse_response(body.as_bytes()).unwrap().verify(&merchant(), noon()).unwrap();
            assert_eq!(believed.value().fields(), &fields, "{name}");
        }
        let again = sign_response(MER_ID, &own_part(&fields), &unionpay());
        assert_eq!(String::from_utf8(again.body).unwrap(), vector.text("raw_body"), "{name}");
    }
}

/// What is answered in the clear is told from the same pairs as a form (unionpay.md §5.1).
fn bodies(vector: &Vector) -> Vec<String> {
    let clear = vector.text("raw_body").to_owned();
    let fields = read_fields(clear.as_bytes()).unwrap();
    let encoded = form::encode(&fields, Charset::Utf8);
    if let Some(form_body) = vector.0.get("form_body").and_then(Value::as_str) {
        assert_eq!(encoded, form_body, "the notice");
    }
    vec![clear, encoded.replace('+', "%20"), encoded]
}

#[test]
fn what_must_be_rejected_is() {
    let vectors = own("responses");
    let verified = |name: &str| {
        let vector = vectors.iter().find(|vector| vector.text("name") == name).unwrap();
        let fields = read_fields(vector.text("raw_body").as_bytes()).unwrap();
        let reply = parse_response(vector.text("raw_body").as_bytes()).unwrap();
        (reply.verify(&merchant(), noon()).unwrap_err(), fields)
    };
    let (error, fields) = verified("impostor_cn");
    let name = "041@8310000000083040@某某商户有限公司@00000002".to_owned();
    assert_eq!(error, NotVerified::Foreign(Foreign::Name(name)));
    let (digest, own_signature) = (independent_digest(&pairs(&fields)), fields.get("signature").unwrap());
    let own_key = spki_pem(fields.get("signPubKeyCert").unwrap());
    assert!(
        independent_rsa::verify_sha256(&own_key, digest.as_bytes(), own_signature),
        "only the name is wrong"
    );

    let (error, fields) = verified("query_paid_tampered");
    assert_eq!((error, fields.get("txnAmt")), (NotVerified::BadSignature, Some("501")));
    let mut mended = fields.clone();
    mended.insert("txnAmt", "500");
    let certificate = Certificate::from_pem_or_base64(fields.get("signPubKeyCert").unwrap()).unwrap();
    let signature = fields.get("signature").unwrap();
    assert!(certificate.key().verify_sha256(digest_bytes(&mended).as_slice(), signature));
}

/// Answers that UnionPay's test environment really gave: right up to their certificate, whose authority is not ours.
#[test]
fn every_answer_of_the_sdk_is_signed_by_its_certificate_and_not_believed_under_another_authority() {
    let file = testdata_json("unionpay/acp/acp_vectors.json");
    let vectors = list(&file["sdk_vectors"]["responses"]);
    assert_eq!(vectors.len(), 3);
    for vector in &vectors {
        let fields = read_fields(vector.text("raw_body").as_bytes()).unwrap();
        let text = fields.get("signPubKeyCert").unwrap();
        assert_eq!(digest(&fields), vector.text("digest"));
        assert_eq!(independent_digest(&pairs(&fields)), vector.text("digest"));
        let signature = fields.get("signature").unwrap();
        assert!(independent_rsa::verify_sha256(&spki_pem(text), vector.text("digest").as_bytes(), signature));
        let certificate = Certificate::from_pem_or_base64(text).unwrap();
        assert!(certificate.key().verify_sha256(vector.text("digest").as_bytes(), signature));
        assert_eq!(certificate.serial_decimal(), vector.text("cert_serial_decimal"));
        assert_eq!(certificate.common_name(), Some(vector.text("cert_cn")));
        assert!(certificate.is_signed_with_sha1() && certificate.may_sign_messages());
        let ends = beijing::parse_spaced("2025-07-31 09:19:16").unwrap();
        assert!(certificate.is_valid_at(ends) && !certificate.is_valid_at(ends + 1));
        assert_eq!(certificate.not_after_ms(), ends);
        let reply = parse_response(vector.text("raw_body").as_bytes()).unwrap();
        let error = reply.verify(&merchant(), ends).unwrap_err();
        assert_eq!(error, NotVerified::Foreign(Foreign::NoChain));
    }
}

proptest! {
    #[test]
    fn both_implementations_agree(
        params in prop::collection::btree_map("[A-Za-z_][A-Za-z0-9_]{0,8}", "\\PC{0,60}", 0..12),
    ) {
        let fields: Fields = params.clone().into_iter().collect();
        prop_assert_eq!(digest(&fields), independent_digest(&params));
    }
}

/// The vector's own base and digest, by both implementations, and its signature by both under that certificate.
fn check_signed(vector: &Vector, fields: &Fields, certificate: &str) {
    let pairs = pairs(fields);
    let name = fields.get("orderId").unwrap_or_default();
    assert_eq!(independent_base(&pairs), vector.text("base"), "{name}");
    assert_eq!(independent_digest(&pairs), vector.text("digest"), "{name}");
    assert_eq!(digest(fields), vector.text("digest"), "{name}");
    let signature = fields.get("signature").unwrap();
    let message = vector.text("digest").as_bytes();
    assert!(independent_rsa::verify_sha256(&spki_pem(certificate), message, signature), "{name}");
    let key = Certificate::from_pem_or_base64(certificate).unwrap();
    assert!(
        key.key().verify_sha256(message, signature) && !key.key().verify_sha256(b"", signature),
        "{name}"
    );
}

fn digest_bytes(fields: &Fields) -> Vec<u8> {
    independent_digest(&pairs(fields)).into_bytes()
}

/// unionpay.md §5.1 over a map: the map sorts, a join prints.
fn independent_base(pairs: &BTreeMap<String, String>) -> String {
    let signed = pairs.iter().filter(|(name, _)| *name != "signature");
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn independent_digest(pairs: &BTreeMap<String, String>) -> String {
    Sha256::digest(independent_base(pairs)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SubjectPublicKeyInfo of a certificate, taken out by hand: version, serial, algorithm, issuer, validity, subject and
/// then it.
pub(crate) fn spki_pem(certificate: &str) -> String {
    let der = independent_rsa::der(&certificate.replace('\r', ""));
    let (_, outer, _) = element(&der);
    let (_, mut rest, _) = element(outer);
    for _ in 0..6 {
        rest = element(rest).2;
    }
    let (whole, ..) = element(rest);
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(whole))
}

/// The DER element at the front: all of it, its content, and what follows.
fn element(der: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (head, length) = match der[1] {
        short @ 0..=0x7F => (2, usize::from(short)),
        long => {
            let octets = usize::from(long & 0x7F);
            (2 + octets, der[2..2 + octets].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
        }
    };
    (&der[..head + length], &der[head..head + length], &der[head + length..])
}

/// One vector of the file.
pub(crate) struct Vector(Value);

impl Vector {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    fn fields(&self) -> Fields {
        let pairs: BTreeMap<String, String> = serde_json::from_value(self.0["fields"].clone()).unwrap();
        pairs.into_iter().collect()
    }
}

fn list(values: &Value) -> Vec<Vector> {
    values.as_array().unwrap().iter().cloned().map(Vector).collect()
}

pub(crate) fn own(kind: &str) -> Vec<Vector> {
    list(&testdata_json("unionpay/acp/acp_vectors.json")["own_vectors"][kind])
}

/// The body of an answer of the sheet.
pub(crate) fn answer(name: &str) -> String {
    let vectors = own("responses");
    let found = vectors.iter().find(|vector| vector.text("name") == name).unwrap();
    found.text("raw_body").to_owned()
}

fn pairs(fields: &Fields) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What of an answer is its own: without what every answer begins and ends with.
fn own_part(fields: &Fields) -> Fields {
    let common = [
        "version",
        "encoding",
        "signMethod",
        "bizType",
        "accessType",
        "merId",
        "signPubKeyCert",
        "signature",
    ];
    fields.iter().filter(|(name, _)| !common.contains(name)).collect()
}

pub(crate) fn pem(name: &str) -> String {
    String::from_utf8(testdata(&format!("unionpay/acp/test-only-{name}.pem"))).unwrap()
}

pub(crate) fn noon() -> i64 {
    beijing::parse_spaced("2026-03-15 12:00:00").unwrap()
}

pub(crate) fn trust() -> Trust {
    Trust::chain(&pem("root.cert"), &pem("middle.cert")).unwrap()
}

pub(crate) fn merchant() -> AcpMerchant {
    AcpMerchant {
        mer_id: MER_ID.to_owned(),
        cert_id: MERCHANT_SERIAL.to_owned(),
        key: SigningKey::from_pem_or_base64(&pem("merchant-sign.key")).unwrap(),
        trust: trust(),
    }
}

pub(crate) fn registered(mer_id: &str) -> Option<Registered> {
    let certificate = Certificate::from_pem_or_base64(&pem("merchant-sign.cert")).unwrap();
    let (cert_id, key) = (certificate.serial_decimal().to_owned(), certificate.key().clone());
    (mer_id == MER_ID).then_some(Registered { cert_id, key })
}

pub(crate) fn unionpay() -> Signer {
    Signer {
        key: SigningKey::from_pem_or_base64(&pem("unionpay-sign.key")).unwrap(),
        certificate: pem("unionpay-sign.cert").replace('\n', "\r\n"),
    }
}
