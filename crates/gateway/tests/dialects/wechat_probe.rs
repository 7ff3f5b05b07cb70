//! What a probe shows an operator.

use gateway::dialects::{Dialect, Probed};
use wire::http::Response;
use wire::wechat_v2::unsigned_fail;

use crate::wechat_traps::{dialect, fields, paid_fields, signed};

#[test]
fn a_signed_not_found_is_healthy() {
    let answer = signed(fields(&[("result_code", "FAIL"), ("err_code", "ORDERNOTEXIST")]));
    assert_eq!(dialect().probed(crate::common::NOON, &answer), Probed::Healthy);
}

#[test]
fn what_is_wrong_is_named_as_in_the_configuration() {
    for (response, key) in [
        (unsigned_fail("签名错误"), "api_key"),
        (unsigned_fail("商户号mch_id与appid不匹配"), "mch_id"),
        (refused("SIGNERROR"), "api_key"),
        (refused("APPID_MCHID_NOT_MATCH"), "appid"),
        (refused("NOAUTH"), "mch_id"),
        (forged(), "sign_type"),
    ] {
        let Probed::Misconfigured { what, .. } = dialect().probed(crate::common::NOON, &response) else {
            panic!("{key}")
        };
        assert!(what.contains(key), "{what}");
        assert!(what.contains(" / "), "both languages: {what}");
    }
}

#[test]
fn everything_else_is_unclear() {
    let elsewhere = [("mch_id", "7"), ("result_code", "FAIL"), ("err_code", "ORDERNOTEXIST")];
    for response in [
        unsigned_fail("system error"),
        unsigned_fail("post数据为空"),
        refused("SYSTEMERROR"),
        signed(elsewhere.iter().fold(fields(&[]), |mut told, (name, value)| {
            told.insert(*name, *value);
            told
        })),
        Response::ok("text/html", b"<html></html>".to_vec()),
        Response { status: 502, ..signed(paid_fields()) },
    ] {
        let probed = dialect().probed(crate::common::NOON, &response);
        assert!(matches!(probed, Probed::Unclear { .. }), "{probed:?}");
    }
}

fn refused(code: &str) -> Response {
    signed(fields(&[("result_code", "FAIL"), ("err_code", code)]))
}

fn forged() -> Response {
    let mut told = paid_fields();
    told.insert("sign", "0".repeat(32));
    Response::ok("text/xml", wire::text::xml::print(&told))
}
