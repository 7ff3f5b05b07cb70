//! Keys in every form in which they are handed over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wire::sign::{KeyError, RsaHash, SigningKey, VerifyingKey};

use crate::alipay_vectors::Vectors;
use crate::independent_rsa::{self, der};

#[test]
fn private_keys_in_four_forms_make_the_same_signature() {
    let vectors = Vectors::load();
    let pem = vectors.key("app_private_pkcs8");
    // In PKCS#8 of 2048 bits the PKCS#1 structure begins after 26 bytes.
    let pkcs8 = STANDARD.encode(der(pem));
    let pkcs1 = STANDARD.encode(&der(pem)[26..]);
    let pkcs1_pem = armoured("RSA PRIVATE KEY", &pkcs1);
    let signature = SigningKey::from_pem_or_base64(pem).unwrap().sign_sha256(b"m");
    assert!(independent_rsa::verify_sha256(vectors.key("app_public"), b"m", &signature));
    for form in [pkcs8.as_str(), &pkcs1, &pkcs1_pem, &format!("  {pkcs8}\r\n")] {
        let key = SigningKey::from_pem_or_base64(form).unwrap();
        assert_eq!(key.sign_sha256(b"m"), signature);
        assert!(key.verifying_key().verify_sha256(b"m", &signature));
        assert!(!key.verifying_key().verify_sha256(b"n", &signature));
        assert_eq!(format!("{key:?}"), "SigningKey::Rsa(****)");
    }
}

#[test]
fn a_key_of_2048_bits_signs_with_sha1_as_the_second_implementation_has_it() {
    let vectors = Vectors::load();
    let key = SigningKey::from_pem_or_base64(vectors.key("app_private_pkcs8")).unwrap();
    let pkcs1 = STANDARD.encode(&der(vectors.key("app_private_pkcs8"))[26..]);
    let again = SigningKey::from_pem_or_base64(&pkcs1).unwrap();
    for message in [&b""[..], b"m", &[0xFF; 1000]] {
        let signature = key.sign(RsaHash::Sha1, message);
        assert!(independent_rsa::verify_sha1(vectors.key("app_public"), message, &signature));
        assert!(!independent_rsa::verify_sha256(vectors.key("app_public"), message, &signature));
        assert!(key.verifying_key().verify(RsaHash::Sha1, message, &signature));
        assert_eq!(again.sign(RsaHash::Sha1, message), signature);
        assert_eq!(key.sign(RsaHash::Sha256, message), key.sign_sha256(message));
    }
}

#[test]
fn public_keys_in_four_forms_check_the_same_signature() {
    let vectors = Vectors::load();
    let signature =
        SigningKey::from_pem_or_base64(vectors.key("app_private_pkcs8")).unwrap().sign_sha256(b"m");
    let pem = vectors.key("app_public");
    // In a SubjectPublicKeyInfo of 2048 bits the PKCS#1 structure begins after 24 bytes.
    let (spki, pkcs1) = (STANDARD.encode(der(pem)), STANDARD.encode(&der(pem)[24..]));
    for form in [pem, &spki, &pkcs1, &armoured("RSA PUBLIC KEY", &pkcs1)] {
        let key = VerifyingKey::from_pem_or_base64(form).unwrap();
        assert!(key.verify_sha256(b"m", &signature) && !key.verify_sha256(b"n", &signature));
        for bad in ["", "!", &signature[..340], &format!("{signature} ")] {
            assert!(!key.verify_sha256(b"m", bad));
        }
        assert_eq!(format!("{key:?}"), "VerifyingKey::Rsa(..)");
    }
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let vectors = Vectors::load();
    let (private, public) = (vectors.key("app_private_pkcs8"), vectors.key("app_public"));
    for (text, error) in [
        ("", KeyError::NotText),
        ("no key", KeyError::NotText),
        (public, KeyError::NotText),
        ("AAAA", KeyError::NotRsa),
    ] {
        assert_eq!(SigningKey::from_pem_or_base64(text).unwrap_err(), error);
    }
    assert_eq!(VerifyingKey::from_pem_or_base64(private).unwrap_err(), KeyError::NotText);
    let bare_private = STANDARD.encode(der(private));
    assert_eq!(VerifyingKey::from_pem_or_base64(&bare_private).unwrap_err(), KeyError::NotRsa);
    assert_eq!(SigningKey::from_pem_or_base64(&STANDARD.encode(der(public))).unwrap_err(), KeyError::NotRsa);
}

#[test]
fn the_stand_in_signs_and_checks_with_its_secret_only() {
    let (one, other) = (SigningKey::keyed_hash([1; 32]), SigningKey::keyed_hash([2; 32]));
    let signature = one.sign_sha256(b"m");
    assert!(one.verifying_key().verify_sha256(b"m", &signature));
    assert!(!one.verifying_key().verify_sha256(b"n", &signature));
    assert!(!other.verifying_key().verify_sha256(b"m", &signature));
    assert!(!one.verifying_key().verify_sha1(b"m", &signature));
    let old = one.sign(RsaHash::Sha1, b"m");
    assert!(
        one.verifying_key().verify(RsaHash::Sha1, b"m", &old)
            && !other.verifying_key().verify_sha1(b"m", &old)
    );
    assert!(!one.verifying_key().verify_sha256(b"m", &old));
    assert_eq!(
        format!("{one:?} {:?}", one.verifying_key()),
        "SigningKey::KeyedHash(****) VerifyingKey::KeyedHash(****)"
    );
}

fn armoured(label: &str, base64: &str) -> String {
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
