//! What a probe shows an operator.

use gateway::dialects::qra::Qra;
use gateway::dialects::{Dialect, Probed};
use wire::http::Response;
use wire::qra::{sign_response, unsigned_refusal};

use crate::qra_traps::{dialect, fields, merchant, paid_fields, rsa_halves, signed};

#[test]
fn a_signed_not_found_is_healthy() {
    for code in ["ORDERNOTEXIST", "order not exist"] {
        let answer = signed(fields(&[("result_code", "1"), ("err_code", code)]));
        assert_eq!(dialect().probed(crate::common::NOON, &answer), Probed::Healthy);
    }
}

#[test]
fn what_is_wrong_is_named_as_in_the_configuration() {
    for (response, key) in [
        (unsigned_refusal("Signature error"), "api_key"),
        (unsigned_refusal("签名错误"), "api_key"),
        (unsigned_refusal("Merchant not found"), "mch_id"),
        (unsigned_refusal("商户号不存在"), "mch_id"),
        (refused("MCHID_NOT_EXIST"), "mch_id"),
        (refused("NOAUTH"), "mch_id"),
        (forged(), "sign_type"),
    ] {
        check(&dialect(), &response, key);
    }
    let (ours, theirs) = rsa_halves();
    let rsa = Qra::new(merchant(ours.clone()), "203.0.113.7".to_owned(), None);
    check(&rsa, &unsigned_refusal("Signature error"), "app_private_key");
    check(&rsa, &sign_response(&paid_fields(), &ours), "platform_public_key");
    let found = fields(&[("result_code", "1"), ("err_code", "ORDERNOTEXIST")]);
    assert_eq!(rsa.probed(crate::common::NOON, &sign_response(&found, &theirs)), Probed::Healthy);
}

#[test]
fn everything_else_is_unclear() {
    let mut elsewhere = fields(&[("result_code", "1"), ("err_code", "ORDERNOTEXIST")]);
    elsewhere.insert("mch_id", "QRA00000000NONE");
    let mut refusal = fields(&[("message", "busy")]);
    refusal.insert("status", "500");
    for response in [
        unsigned_refusal("Internal error"),
        unsigned_refusal("Parse xml error"),
        refused("SYSTEMERROR"),
        signed(elsewhere),
        signed(refusal),
        Response::ok("text/html", b"<html></html>".to_vec()),
        Response { status: 502, ..signed(paid_fields()) },
    ] {
        let probed = dialect().probed(crate::common::NOON, &response);
        assert!(matches!(probed, Probed::Unclear { .. }), "{probed:?}");
    }
}

fn check(dialect: &Qra, response: &Response, key: &str) {
    let Probed::Misconfigured { what, .. } = dialect.probed(crate::common::NOON, response) else {
        panic!("{key}")
    };
    assert!(what.contains(key), "{what}");
    assert!(what.contains(" / "), "both languages: {what}");
}

fn refused(code: &str) -> Response {
    signed(fields(&[("result_code", "1"), ("err_code", code)]))
}

fn forged() -> Response {
    let mut told = paid_fields();
    told.insert("sign", "0".repeat(32));
    Response::ok("text/xml", wire::text::xml::print(&told))
}
