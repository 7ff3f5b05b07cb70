//! What a probe shows an operator.

use gateway::dialects::{Dialect, Probed};
use payment::exchange::Call;
use serde_json::json;
use wire::alipay::{ResponseOptions, response, unsigned_response};
use wire::http::Response;

use crate::alipay_traps::{dialect, method, our_key, paid_node, signed};

#[test]
fn a_signed_not_found_is_healthy() {
    assert_eq!(
        dialect().probed(crate::common::NOON, &refused("40004", "ACQ.TRADE_NOT_EXIST")),
        Probed::Healthy
    );
}

#[test]
fn what_is_wrong_is_named_as_in_the_configuration() {
    for (response, key) in [
        (unsigned("40002", "isv.invalid-signature"), "app_private_key"),
        (unsigned("40002", "isv.invalid-app-id"), "app_id"),
        (refused("40002", "isv.invalid-signature"), "app_private_key"),
        (refused("40006", "isv.insufficient-isv-permissions"), "app_id"),
        (refused("20001", "aop.invalid-app-auth-token"), "app_auth_token"),
        (refused("40002", "isv.invalid-timestamp"), "clock"),
        (unsigned("40001", "isv.missing-app-cert-sn"), "app_cert, alipay_cert"),
        (unsigned("40002", "isv.app-cert-not-exist"), "app_cert"),
        (unsigned("40002", "isv.app-cert-expired"), "app_cert"),
        (unsigned("40002", "isv.invalid-alipay-root-cert-sn"), "alipay_root_cert"),
        (refused("20001", "aop.app-auth-token-time-out"), "app_auth_token"),
        (refused("40003", "isv.decryption-error-unknown"), "aes_key"),
        (forged(), "alipay_public_key"),
    ] {
        let Probed::Misconfigured { what, .. } = dialect().probed(crate::common::NOON, &response) else {
            panic!("{key}")
        };
        assert!(what.contains(key) && what.contains(" / "), "{what}");
    }
}

#[test]
fn everything_else_is_unclear() {
    for response in [
        refused("20000", "isp.unknow-error"),
        refused("40004", "ACQ.SYSTEM_ERROR"),
        unsigned("40004", "ACQ.TRADE_NOT_EXIST"),
        unsigned("10000", ""),
        Response::ok("text/html", b"<html></html>".to_vec()),
        Response { status: 502, ..refused("40004", "ACQ.TRADE_NOT_EXIST") },
    ] {
        let probed = dialect().probed(crate::common::NOON, &response);
        assert!(matches!(probed, Probed::Unclear { .. }), "{probed:?}");
    }
}

fn refused(code: &str, sub_code: &str) -> Response {
    signed(Call::Query, &json!({"code": code, "sub_code": sub_code}))
}

fn unsigned(code: &str, sub_code: &str) -> Response {
    unsigned_response(method(Call::Query), &json!({"code": code, "sub_code": sub_code}).to_string())
}

fn forged() -> Response {
    let node = paid_node(Call::Query).to_string();
    response(method(Call::Query), &node, &our_key(), &ResponseOptions::default())
}
