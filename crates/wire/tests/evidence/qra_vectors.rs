//! Every QRA signature that was computed elsewhere, in both directions, by the crate and by the second implementation.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use wire::qra::{Keys, SignType};
use wire::sign::{ApiKey, SigningKey, VerifyingKey, sorted_text};
use wire::text::{Fields, xml};

use crate::{independent, independent_rsa, testdata, testdata_json};

/// The key with which every sample is signed; nobody's.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Nothing in the two files is skipped. The two public SDK vectors of the family are not in them: their key belongs to a
/// real merchant number (unionpay.md §12).
const VECTORS: usize = 24;
const RSA_VECTORS: usize = 4;

#[test]
fn every_vector_is_made_and_checked_from_its_message() {
    let own = &testdata_json("unionpay/qra_vectors.json")["own_vectors"];
    assert_eq!(own["key"], KEY);
    let vectors = own["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), VECTORS);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let fields = message(text("file"));
        check_base(&fields, text("base"));
        let pairs = pairs(&fields);
        assert_eq!(independent::wechat_v2(&pairs, KEY, "MD5"), text("sign"), "{}", text("file"));
        assert_eq!(fields.get("sign"), Some(text("sign")), "{}", text("file"));
        assert_eq!(md5().sign(&fields), text("sign"));
        assert!(md5().verify(&fields));
    }
}

#[test]
fn an_empty_value_is_not_signed() {
    let vector = &testdata_json("unionpay/qra_vectors.json")["own_vectors"]["empty_value_dropped"];
    let fields: BTreeMap<String, String> = serde_json::from_value(vector["fields"].clone()).unwrap();
    let mut fields: Fields = fields.into_iter().rev().collect();
    assert_eq!(fields.get("transaction_id"), Some(""));
    check_base(&fields, vector["base"].as_str().unwrap());
    assert_eq!(md5().sign(&fields), vector["sign"].as_str().unwrap());
    fields.insert("sign", vector["sign"].as_str().unwrap());
    assert!(md5().verify(&fields));
    fields.insert("transaction_id", "1");
    assert!(!md5().verify(&fields));
}

#[test]
fn every_rsa_vector_is_made_and_checked() {
    let file = testdata_json("unionpay/qra_rsa_vectors.json");
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), RSA_VECTORS);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let mut fields = message(text("file"));
        fields.insert("sign_type", "RSA_1_256");
        check_base(&fields, text("base"));
        let (signer, checker) = match text("signed_by") {
            "merchant" => (rsa(&file, "merchant"), rsa(&file, "platform")),
            "platform" => (rsa(&file, "platform"), rsa(&file, "merchant")),
            other => panic!("{other}"),
        };
        assert_eq!(signer.sign(&fields), text("sign"), "{}", text("file"));
        let public = file[format!("{}_public_key", text("signed_by"))].as_str().unwrap();
        assert!(independent_rsa::verify_sha256(public, text("base").as_bytes(), text("sign")));
        fields.insert("sign", text("sign"));
        assert!(checker.verify(&fields), "{}", text("file"));
        assert!(!signer.verify(&fields), "its own signature is not the other end's");
        fields.insert("nonce_str", "x");
        assert!(!checker.verify(&fields));
    }
}

#[test]
fn a_missing_short_or_lower_case_sign_is_invalid() {
    let file = testdata_json("unionpay/qra_rsa_vectors.json");
    let (merchant, platform) = (rsa(&file, "merchant"), rsa(&file, "platform"));
    for (signer, checker) in [(&md5(), &md5()), (&merchant, &platform)] {
        let mut fields = Fields::from_iter([("a", "1")]);
        assert!(!checker.verify(&fields));
        let sign = signer.sign(&fields);
        for wrong in ["", &sign[..31], &sign.to_lowercase(), &format!("{sign} ")] {
            fields.insert("sign", wrong);
            assert!(!checker.verify(&fields), "{wrong:?}");
        }
        fields.insert("sign", sign);
        assert!(checker.verify(&fields));
        let other = if matches!(checker, Keys::Md5(_)) { &platform } else { &md5() };
        assert!(!other.verify(&fields));
    }
}

#[test]
fn sign_types_have_their_names() {
    for (name, sign_type) in [("MD5", SignType::Md5), ("RSA_1_256", SignType::Rsa1With256)] {
        assert_eq!((SignType::from_name(name), sign_type.name()), (Some(sign_type), name));
    }
    for name in ["", "md5", "RSA", "RSA_1_1", "HMAC-SHA256"] {
        assert_eq!(SignType::from_name(name), None, "{name}");
    }
}

proptest! {
    #[test]
    fn both_implementations_agree(
        params in prop::collection::btree_map("[A-Za-z_][A-Za-z0-9_]{0,8}", "\\PC{0,60}", 0..12),
    ) {
        let fields: Fields = params.clone().into_iter().collect();
        prop_assert_eq!(md5().sign(&fields), independent::wechat_v2(&params, KEY, "MD5"));
        let text = sorted_text(&fields);
        prop_assert_eq!(text.as_str(), independent::sorted(&params));
    }
}

fn check_base(fields: &Fields, base: &str) {
    assert_eq!(sorted_text(fields).as_str(), base);
    assert_eq!(independent::sorted(&pairs(fields)), base);
}

pub(crate) fn pairs(fields: &Fields) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn message(file: &str) -> Fields {
    xml::parse(&testdata(&format!("unionpay/{file}")), xml::LIMITS).unwrap()
}

pub(crate) fn md5() -> Keys {
    Keys::Md5(ApiKey::new(KEY).unwrap())
}

/// The keys of one end: `merchant` or `platform`.
pub(crate) fn rsa(file: &Value, end: &str) -> Keys {
    let other = if end == "merchant" { "platform" } else { "merchant" };
    let text = |name: String| file[name].as_str().unwrap();
    Keys::Rsa1With256 {
        own: SigningKey::from_pem_or_base64(text(format!("{end}_private_key"))).unwrap(),
        theirs: VerifyingKey::from_pem_or_base64(text(format!("{other}_public_key"))).unwrap(),
    }
}
