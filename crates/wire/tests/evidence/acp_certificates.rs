//! Whose certificate an ACP answer may carry: every rule broken once, with certificates made here.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use wire::acp::{
    AcpMerchant, Foreign, NotVerified, Signer, Trust, TrustError, parse_response, sign_response,
};
use wire::sign::{Certificate, CertificateError, SigningKey};
use wire::text::{Fields, beijing};

use crate::acp_vectors::{MER_ID, answer, merchant, noon, pem};

const NAME: &str = "041@8310000000083040@中国银联股份有限公司@00016495";

#[test]
fn an_answer_is_believed_within_the_time_of_every_certificate_only() {
    let at = |text: &str| beijing::parse_spaced(text).unwrap();
    // 2020-01-01 and 2049-12-31, UTC.
    let (first, last) = (at("2020-01-01 08:00:00"), at("2049-12-31 08:00:00"));
    for (now, valid) in [(first, true), (last, true), (first - 1, false), (last + 1, false)] {
        let reply = parse_response(answer("query_paid").as_bytes()).unwrap();
        let error = reply.verify(&merchant(), now).err();
        assert_eq!(error, (!valid).then_some(NotVerified::Foreign(Foreign::Time)));
    }
    for name in ["root.cert", "middle.cert", "unionpay-sign.cert"] {
        let read = Certificate::from_pem_or_base64(&pem(name)).unwrap();
        assert_eq!((read.not_before_ms(), read.not_after_ms()), (first, last), "{name}");
    }
}

#[test]
fn a_certificate_of_our_own_making_is_believed_with_all_the_rules_kept() {
    let authority = Authority::new();
    assert_eq!(authority.check(&authority.leaf(|_| {})), Ok(()));
    for name in ["a@b@中国银联股份有限公司@d", "@@中国银联股份有限公司"] {
        assert_eq!(authority.check(&authority.leaf(|leaf| named(leaf, &[name]))), Ok(()), "{name}");
    }
}

#[test]
fn a_certificate_of_somebody_else_is_foreign() {
    let authority = Authority::new();
    let (other, key) = (Authority::new(), signing_key());
    assert_eq!(authority.check(&other.leaf(|_| {})), Err(Foreign::NoChain), "same names, other keys");
    let own = leaf_params().self_signed(&key).unwrap().pem();
    assert_eq!(authority.check(&own), Err(Foreign::NoChain), "its own authority");
    let by_root = leaf_params().signed_by(&key, &authority.root).unwrap().pem();
    assert_eq!(authority.check(&by_root), Err(Foreign::NoChain), "past the middle one");
    for text in
        ["", "x", "-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n", &public_key()]
    {
        assert_eq!(authority.check(text), Err(Foreign::Unreadable), "{text}");
    }
    for names in [
        &["中国银联股份有限公司"][..],
        &["a@b@中国银联股份有限公司 @d"],
        &["a@中国银联股份有限公司@c@d"],
        &[],
        &[NAME, NAME],
    ] {
        let shown = if let [one] = names { (*one).to_owned() } else { String::new() };
        let certificate = authority.leaf(|leaf| named(leaf, names));
        assert_eq!(authority.check(&certificate), Err(Foreign::Name(shown)), "{names:?}");
    }
}

#[test]
fn a_certificate_may_do_only_what_it_says() {
    let authority = Authority::new();
    let cannot_sign = authority.leaf(|leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
    assert_eq!(authority.check(&cannot_sign), Err(Foreign::NoChain));
    let any_use = authority.leaf(|leaf| leaf.key_usages = Vec::new());
    assert_eq!(authority.check(&any_use), Ok(()));
    let past = authority.leaf(|leaf| leaf.not_after = date_time_ymd(2026, 3, 14));
    assert_eq!(authority.check(&past), Err(Foreign::Time));
    let to_come = authority.leaf(|leaf| leaf.not_before = date_time_ymd(2026, 3, 16));
    assert_eq!(authority.check(&to_come), Err(Foreign::Time));
    let critical = authority.leaf(|leaf| leaf.custom_extensions = vec![unknown_extension(true)]);
    assert_eq!(authority.check(&critical), Err(Foreign::Unreadable));
    assert_eq!(Certificate::from_pem_or_base64(&critical).unwrap_err(), CertificateError::Critical);
    let harmless = authority.leaf(|leaf| leaf.custom_extensions = vec![unknown_extension(false)]);
    assert_eq!(authority.check(&harmless), Ok(()));
}

#[test]
fn two_certificates_are_a_chain_or_say_why_not() {
    let chain = |root: &str, middle: &str| Trust::chain(root, middle).err();
    let (root, middle, leaf) = (pem("root.cert"), pem("middle.cert"), pem("unionpay-sign.cert"));
    assert_eq!(chain(&root, &middle), None);
    assert_eq!(chain("", &middle), Some(TrustError::Root(CertificateError::NotText)));
    assert_eq!(chain(&root, "AAAA"), Some(TrustError::Middle(CertificateError::NotX509)));
    assert_eq!(
        chain(&middle, &root),
        Some(TrustError::RootNoAuthority),
        "swapped: the middle one has no room below"
    );
    assert_eq!(chain(&root, &leaf), Some(TrustError::MiddleNoAuthority));
    assert_eq!(chain(&Authority::new().root_pem, &middle), Some(TrustError::NoChain));
    let key = KeyPair::generate().unwrap();
    let elliptic = authority_params("E", 1).self_signed(&key).unwrap().pem();
    assert_eq!(chain(&elliptic, &middle), Some(TrustError::Root(CertificateError::NotRsa)));
}

#[test]
fn a_certificate_is_one_whole_certificate() {
    let whole = pem("unionpay-sign.cert");
    let bare: String = whole.lines().filter(|line| !line.starts_with('-')).collect();
    let read = Certificate::from_pem_or_base64(&bare).unwrap();
    assert_eq!((read.serial_decimal(), read.common_name()), ("69000000001", Some(NAME)));
    assert!(!read.is_authority(0) && !read.is_signed_with_sha1());
    assert_eq!(format!("{read:?}"), format!("Certificate(69000000001, Some({NAME:?}))"));
    let der = crate::independent_rsa::der(&whole);
    use base64::Engine as _;
    let text = |der: &[u8]| base64::engine::general_purpose::STANDARD.encode(der);
    for end in 0..der.len() {
        let cut = Certificate::from_pem_or_base64(&text(&der[..end])).unwrap_err();
        assert!([CertificateError::NotX509, CertificateError::NotText].contains(&cut), "{end} bytes");
    }
    let more = [&der[..], &[0]].concat();
    assert_eq!(Certificate::from_pem_or_base64(&text(&more)).unwrap_err(), CertificateError::NotX509);
}

/// The stand-in asks for no certificate, and its secret is everything.
#[test]
fn two_ends_that_share_a_secret_need_no_certificate() {
    let shared = |secret| AcpMerchant { trust: Trust::keyed_hash([secret; 32]), ..merchant() };
    let signer = Signer { key: SigningKey::keyed_hash([1; 32]), certificate: String::new() };
    let response = sign_response(MER_ID, &Fields::from_iter([("respCode", "00")]), &signer);
    assert!(!String::from_utf8(response.body.clone()).unwrap().contains("signPubKeyCert"));
    let error = |secret| parse_response(&response.body).unwrap().verify(&shared(secret), noon()).err();
    assert_eq!((error(1), error(2)), (None, Some(NotVerified::BadSignature)));
    let real = parse_response(&response.body).unwrap().verify(&merchant(), noon());
    assert_eq!(real.unwrap_err(), NotVerified::Foreign(Foreign::Unreadable));
}

/// An authority made here: root and middle, with the throw-away keys of the sheet in other roles.
struct Authority {
    root: Issuer<'static, KeyPair>,
    middle: Issuer<'static, KeyPair>,
    root_pem: String,
    middle_pem: String,
}

impl Authority {
    /// Its keys are new each time, its names are not.
    fn new() -> Self {
        let rsa = || KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        let (root_key, middle_key) = (rsa(), rsa());
        let root = authority_params("ROOT", 1);
        let root_pem = root.self_signed(&root_key).unwrap().pem();
        let root = Issuer::new(root, root_key);
        let middle = authority_params("MIDDLE", 0);
        let middle_pem = middle.signed_by(&middle_key, &root).unwrap().pem();
        Self { root, middle: Issuer::new(middle, middle_key), root_pem, middle_pem }
    }

    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> String {
        let mut leaf = leaf_params();
        change(&mut leaf);
        leaf.signed_by(&signing_key(), &self.middle).unwrap().pem()
    }

    /// What becomes of an answer that is rightly signed by the key of a certificate.
    fn check(&self, certificate: &str) -> Result<(), Foreign> {
        let trust = Trust::chain(&self.root_pem, &self.middle_pem).unwrap();
        let key = SigningKey::from_pem_or_base64(&pem("unionpay-sign.key")).unwrap();
        let signer = Signer { key, certificate: certificate.to_owned() };
        let response = sign_response(MER_ID, &Fields::from_iter([("respCode", "00")]), &signer);
        let reply = parse_response(&response.body).unwrap();
        match reply.verify(&AcpMerchant { trust, ..merchant() }, noon()) {
            Ok(_) => Ok(()),
            Err(NotVerified::Foreign(why)) => Err(why),
            Err(other) => panic!("{other}"),
        }
    }
}

fn signing_key() -> KeyPair {
    KeyPair::from_pem(&pem("unionpay-sign.key")).unwrap()
}

fn public_key() -> String {
    signing_key().public_key_pem()
}

fn authority_params(name: &str, below: u8) -> CertificateParams {
    let mut params = leaf_params();
    named(&mut params, &[name]);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    named(&mut params, &[NAME]);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

fn named(params: &mut CertificateParams, names: &[&str]) {
    let mut subject = DistinguishedName::new();
    for (at, name) in names.iter().enumerate() {
        // The second of two goes under the same object identifier, spelled out.
        let kind = if at == 0 { DnType::CommonName } else { DnType::CustomDnType(vec![2, 5, 4, 3]) };
        subject.push(kind, *name);
    }
    params.distinguished_name = subject;
}

fn unknown_extension(critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
    extension.set_criticality(critical);
    extension
}
