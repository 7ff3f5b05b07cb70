//! What probes and downloads of certificates show, and which keys are believed when (wechat.md §4.2, §4.3).

use gateway::dialects::wechat_v3::{ChannelSide, Place, WechatV3};
use gateway::dialects::{Dialect, Probed};
use payment::exchange::Call;
use payment::time::{HOUR_MS, MINUTE_MS, Time};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber};
use wire::http::Response;
use wire::sign::SigningKey;
use wire::wechat_v3::{
    ApiV3Key, ChannelKeys, Hand, certificates_body, error_body, probe_response, response, unsigned_response,
};

use crate::common::{NONCE, NOON, words};
use crate::wechat_v3_traps::{PUBLIC_KEY_ID, account, at, dialect, hand, intent, made, merchant, paid_body};

#[test]
fn a_signed_not_found_is_healthy() {
    for code in ["ORDER_NOT_EXIST", "ORDERNOTEXIST"] {
        assert_eq!(dialect().probed(NOON, &made(404, &error_body(code, "订单不存在"))), Probed::Healthy);
    }
}

#[test]
fn what_is_wrong_is_named_as_in_the_configuration() {
    let body = error_body("ORDER_NOT_EXIST", "订单不存在");
    let stranger = Hand { key: SigningKey::keyed_hash([9; 32]), ..hand() };
    let elsewhere = Hand { serial: "PUB_KEY_ID_0".to_owned(), ..hand() };
    let certificate = Hand { serial: "0A5F2C3D".to_owned(), ..hand() };
    for (answer, key) in [
        (made(401, &error_body("SIGN_ERROR", "签名错误")), "merchant_key, merchant_serial"),
        (unsigned_response(401, &error_body("SIGN_ERROR", "商户号不存在")), "merchant_key, merchant_serial"),
        (made(400, &error_body("MCH_NOT_EXISTS", "x")), "mchid"),
        (made(400, &error_body("INVALID_REQUEST", "x")), "mchid"),
        (
            made(400, &error_body("PARAM_ERROR", "受理机构必须传入sub_mch_id")),
            "a provider must set sub_mchid",
        ),
        (made(403, &error_body("NO_AUTH", "商户无权限")), "channel = \"wechat_v2\""),
        (response(404, &body, &stranger, at(), "n"), "public_key:"),
        (response(404, &body, &elsewhere, at(), "n"), "public_key_id, public_key"),
        (response(404, &body, &certificate, at(), "n"), "public_key_id, public_key"),
        (response(404, &body, &hand(), at() - 400, "n"), "this machine's clock"),
    ] {
        let Probed::Misconfigured { what, .. } = dialect().probed(NOON, &answer) else { panic!("{key}") };
        assert!(what.contains(key) && what.contains(" / "), "{key}: {what}");
    }
}

#[test]
fn everything_else_is_unclear() {
    let body = error_body("ORDER_NOT_EXIST", "订单不存在");
    for answer in [
        made(500, &error_body("SYSTEM_ERROR", "系统错误")),
        made(429, &error_body("FREQUENCY_LIMITED", "x")),
        made(200, "{}"),
        probe_response(404, &body, &hand(), at(), "n"),
        unsigned_response(404, &body),
        unsigned_response(502, "<html></html>"),
    ] {
        assert!(matches!(dialect().probed(NOON, &answer), Probed::Unclear { .. }), "{answer:?}");
    }
}

const API_V3_KEY: &str = "0123456789abcdefghijABCDEFGHIJ_!";

/// One of the channel's certificates, as it hands it out.
struct Platform {
    hand: Hand,
    pem: String,
    expires: Time,
}

impl Platform {
    fn new(number: u8, expires: Time) -> Platform {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from_slice(&[number; 20]));
        let pem = params.self_signed(&key).unwrap().pem();
        let signing = SigningKey::from_pem_or_base64(&key.serialize_pem()).unwrap();
        Platform { hand: Hand { key: signing, serial: format!("{number:02X}").repeat(20) }, pem, expires }
    }

    fn says(&self, now: Time) -> Response {
        response(200, &paid_body().to_string(), &self.hand, now.0 / 1_000, "n")
    }
}

/// The download's answer: these, sealed, signed by one of the channel's certificates.
fn download(api_v3_key: &str, handed_out: &[&Platform], signer: &Platform, now: Time) -> Response {
    let key = ApiV3Key::new(api_v3_key).unwrap();
    let seal = |one: &&Platform| key.seal(one.pem.as_bytes(), "uluk4a9R25RW", "certificate").unwrap();
    let entries: Vec<_> =
        handed_out.iter().map(|one| (one.hand.serial.as_str(), 0, one.expires.0, seal(one))).collect();
    response(200, &certificates_body(&entries), &signer.hand, now.0 / 1_000, "n")
}

fn certified(fixed: ChannelKeys) -> WechatV3 {
    let side = ChannelSide::new(fixed, Some(ApiV3Key::new(API_V3_KEY).unwrap()));
    let place = Place { terminal_ip: "203.0.113.7".to_owned(), store_id: "S-01".to_owned() };
    let merchant = wire::wechat_v3::V3Merchant { answer_serial: None, ..merchant() };
    WechatV3::new(account(), merchant, side, place)
}

fn due(dialect: &WechatV3, now: Time) -> bool {
    let outgoing = dialect.keys_request(now, NONCE);
    assert!(outgoing.as_ref().is_none_or(|outgoing| outgoing.request.path == "/v3/certificates"));
    outgoing.is_some()
}

fn told(dialect: &WechatV3, response: &Response, now: Time) -> String {
    words(&dialect.answer(now, Call::Submit, &intent(), None, response))
}

/// The first certificates are taken on trust of the APIv3 key; a new one is believed once it was downloaded, and the old one
/// until it ends: nothing is started anew.
#[test]
fn one_certificate_takes_over_from_another() {
    let (old, new) =
        (Platform::new(0x41, NOON.plus_ms(20 * HOUR_MS)), Platform::new(0x42, NOON.plus_ms(900 * HOUR_MS)));
    let dialect = certified(ChannelKeys::new());
    assert_eq!(told(&dialect, &old.says(NOON), NOON), "unknown forged", "before any is here");
    assert!(due(&dialect, NOON) && due(&dialect, NOON), "again, as long as there is none");
    assert_eq!(dialect.keys_taken(NOON, &download(API_V3_KEY, &[&old], &old, NOON)), Probed::Healthy);
    assert!(!due(&dialect, NOON));
    assert_eq!(told(&dialect, &old.says(NOON), NOON), "paid");
    // A serial that nobody knows asks for a download, once in ten seconds at the most; until then its answer is unknown.
    let later = NOON.plus_ms(HOUR_MS);
    assert!(!due(&dialect, later));
    assert_eq!(told(&dialect, &new.says(later), later), "unknown forged");
    assert!(due(&dialect, later));
    assert!(!due(&dialect, later.plus_ms(10_000 - 1)));
    let again = later.plus_ms(10_000);
    assert!(due(&dialect, again));
    let both = download(API_V3_KEY, &[&old, &new], &old, again);
    assert_eq!(dialect.keys_taken(again, &both), Probed::Healthy);
    assert!(!due(&dialect, again));
    for platform in [&old, &new] {
        assert_eq!(told(&dialect, &platform.says(again), again), "paid");
    }
    // Twelve hours later they are fetched again, and what has ended is believed no longer.
    let half_a_day = again.plus_ms(12 * HOUR_MS);
    assert!(!due(&dialect, half_a_day.plus_ms(-1)) && due(&dialect, half_a_day));
    let ended = NOON.plus_ms(20 * HOUR_MS);
    assert_eq!(told(&dialect, &old.says(ended), ended), "unknown forged");
    assert_eq!(told(&dialect, &new.says(ended), ended), "paid");
}

#[test]
fn a_download_that_proves_nothing_changes_nothing() {
    let (old, stranger) =
        (Platform::new(0x41, NOON.plus_ms(HOUR_MS)), Platform::new(0x42, NOON.plus_ms(HOUR_MS)));
    let dialect = certified(ChannelKeys::new());
    dialect.keys_taken(NOON, &download(API_V3_KEY, &[&old], &old, NOON));
    let other = "k".repeat(32);
    let stale = download(API_V3_KEY, &[&stranger], &stranger, NOON.plus_ms(-10 * MINUTE_MS));
    for (answer, expected) in [
        (download(&other, &[&stranger], &stranger, NOON), Some("api_v3_key")),
        (stale, Some("this machine's clock")),
        (download(API_V3_KEY, &[&old], &stranger, NOON), None),
        (download(API_V3_KEY, &[], &old, NOON), None),
        (unsigned_response(401, &error_body("SIGN_ERROR", "签名错误")), Some("merchant_key")),
        (
            unsigned_response(404, &error_body("RESOURCE_NOT_EXISTS", "无可用的平台证书")),
            Some("public_key_id"),
        ),
        (unsigned_response(502, "<html></html>"), None),
        (unsigned_response(200, r#"{"data":[{}]}"#), None),
    ] {
        match (dialect.keys_taken(NOON, &answer), expected) {
            (Probed::Misconfigured { what, .. }, Some(key)) => assert!(what.contains(key), "{what}"),
            (Probed::Unclear { .. }, None) => {}
            (other, _) => panic!("{expected:?}: {other:?}"),
        }
        assert_eq!(told(&dialect, &stranger.says(NOON), NOON), "unknown forged");
        assert_eq!(told(&dialect, &old.says(NOON), NOON), "paid");
    }
}

/// While a merchant changes from certificates to the public key, either may sign; with the public key alone nothing is fetched.
#[test]
fn both_modes_at_once_and_the_public_key_alone() {
    let platform = Platform::new(0x41, NOON.plus_ms(HOUR_MS));
    let mut keys = ChannelKeys::new();
    keys.add_public_key(PUBLIC_KEY_ID, hand().key.verifying_key()).unwrap();
    let both = certified(keys);
    // Whoever has changed for good has no certificates any more: that is no fault of the account's.
    let none = unsigned_response(404, &error_body("RESOURCE_NOT_EXISTS", "无可用的平台证书"));
    assert!(matches!(both.keys_taken(NOON, &none), Probed::Unclear { .. }));
    assert_eq!(both.keys_taken(NOON, &download(API_V3_KEY, &[&platform], &platform, NOON)), Probed::Healthy);
    assert_eq!(told(&both, &platform.says(NOON), NOON), "paid");
    assert_eq!(told(&both, &made(200, &paid_body().to_string()), NOON), "paid");
    assert!(!due(&dialect(), NOON), "a public key stands in the configuration");
    assert_eq!(told(&dialect(), &platform.says(NOON), NOON), "unknown forged");
    assert!(!due(&dialect(), NOON));
}
