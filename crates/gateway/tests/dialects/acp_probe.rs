//! What a probe shows an operator.

use gateway::dialects::{Dialect, Probed};
use payment::exchange::Call;
use payment::time::Time;
use wire::acp::{Signer, Trust, sign_response, unsigned_refusal};
use wire::http::Response;
use wire::sign::SigningKey;
use wire::text::Fields;

use crate::acp_traps::{MER_ID, dialect, merchant, signed, their_hand};
use crate::common::NOON;

#[test]
fn a_signed_not_found_is_healthy() {
    assert_eq!(dialect().probed(NOON, &refused("34")), Probed::Healthy);
    let found = signed(Call::Query, &[("respCode", "00"), ("origRespCode", "64")]);
    assert_eq!(dialect().probed(NOON, &found), Probed::Healthy);
}

#[test]
fn what_is_wrong_is_named_as_in_the_configuration() {
    let fields = Fields::from_iter([("respCode", "34")]);
    let own = Signer { key: SigningKey::keyed_hash([5; 32]), ..their_hand() };
    for (response, key) in [
        (refused("11"), "sign_cert"),
        (unsigned_refusal("11", "验证签名失败[0000011]"), "sign_cert"),
        (refused("31"), "mer_id"),
        (refused("43"), "mer_id"),
        (unsigned_refusal("31", "商户状态不正确[0000031]"), "mer_id"),
        (sign_response(MER_ID, &fields, &own), "changed"),
    ] {
        let what = wrong(&dialect(), NOON, &response);
        assert!(what.contains(key) && what.contains(" / "), "{what}");
    }
    let Probed::Misconfigured { said, .. } = dialect().probed(NOON, &refused("11")) else { panic!() };
    assert_eq!(said, "11 说明");
}

/// A chain that does not fit, a time that is over, somebody else's certificate.
#[test]
fn a_foreign_certificate_is_told_by_what_is_wrong_with_it() {
    let pem = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/testdata/unionpay/acp");
        std::fs::read_to_string(format!("{folder}/test-only-{name}.pem")).unwrap()
    };
    let trust = Trust::chain(&pem("root.cert"), &pem("middle.cert")).unwrap();
    let real = gateway::dialects::acp::Acp::new(merchant(trust), "00000001".to_owned());
    let answered = |certificate: &str| {
        let key = SigningKey::from_pem_or_base64(&pem("unionpay-sign.key")).unwrap();
        let signer = Signer { key, certificate: certificate.to_owned() };
        sign_response(MER_ID, &Fields::from_iter([("respCode", "34")]), &signer)
    };
    let own = pem("unionpay-sign.cert");
    assert_eq!(real.probed(NOON, &answered(&own)), Probed::Healthy);
    let late = Time(2_524_608_000_000);
    for (now, certificate, key) in [
        (NOON, String::new(), "unionpay_middle"),
        (NOON, pem("root.cert"), "unionpay_middle"),
        (late, own, "clock"),
        (NOON, pem("impostor-sign.cert"), "hosts"),
    ] {
        let what = wrong(&real, now, &answered(&certificate));
        assert!(what.contains(key) && what.contains(" / "), "{what}");
    }
}

#[test]
fn everything_else_is_unclear() {
    let other = signed(Call::Query, &[("respCode", "34"), ("merId", "777000000000002")]);
    for response in [
        refused("10"),
        refused("06"),
        refused("97"),
        signed(Call::Query, &[]),
        other,
        unsigned_refusal("34", ""),
        unsigned_refusal("", ""),
        Response::ok("text/html", b"<html></html>".to_vec()),
        Response { status: 502, ..refused("34") },
    ] {
        let probed = dialect().probed(NOON, &response);
        assert!(matches!(probed, Probed::Unclear { .. }), "{probed:?}");
    }
}

fn refused(code: &str) -> Response {
    signed(Call::Query, &[("respCode", code), ("respMsg", "说明")])
}

fn wrong(dialect: &dyn Dialect, now: Time, response: &Response) -> String {
    match dialect.probed(now, response) {
        Probed::Misconfigured { what, .. } => what,
        other => panic!("{other:?}"),
    }
}
