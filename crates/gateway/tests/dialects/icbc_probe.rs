//! What a probe shows an operator.

use gateway::dialects::{Dialect, Probed};
use payment::exchange::Call;
use serde_json::json;
use wire::http::Response;
use wire::icbc::{AesKey, Hand, response, unsigned_response};
use wire::sign::RsaHash;

use crate::icbc_traps::{dialect, our_key, paid_content, signed, their_key};

#[test]
fn a_signed_not_found_is_healthy() {
    for code in ["5940021", "5940022"] {
        assert_eq!(dialect().probed(crate::common::NOON, &refused(code)), Probed::Healthy);
    }
}

#[test]
fn what_is_wrong_is_named_as_in_the_configuration() {
    let hand = |key, hash, aes_key| Hand { key, hash, aes_key };
    let content = paid_content().to_string();
    let aes_key = AesKey::from_base64("AAECAwQFBgcICQoLDA0ODw==").ok();
    for (response, key) in [
        (refused("400017"), "app_private_key"),
        (refused("400011"), "app_id"),
        (unsigned_response(r#"{"return_code":400017,"return_msg":"sign invalid"}"#), "app_private_key"),
        (response(&content, &hand(our_key(), RsaHash::Sha1, None)), "gateway_public_key"),
        (response(&content, &hand(their_key(), RsaHash::Sha256, None)), "answer_hash"),
        (response(&content, &hand(their_key(), RsaHash::Sha1, aes_key)), "aes_key"),
    ] {
        let Probed::Misconfigured { what, .. } = dialect().probed(crate::common::NOON, &response) else {
            panic!("{key}")
        };
        assert!(what.contains(key) && what.contains(" / "), "{what}");
    }
    let Probed::Misconfigured { said, .. } = dialect().probed(crate::common::NOON, &refused("400017")) else {
        panic!()
    };
    assert_eq!(said, "400017 说明");
}

#[test]
fn everything_else_is_unclear() {
    for response in [
        refused("500001"),
        refused("-1"),
        refused("5920001"),
        signed(Call::Query, &json!({})),
        unsigned_response(r#"{"return_code":"5940021"}"#),
        Response::ok("text/html", b"<html></html>".to_vec()),
        Response { status: 502, ..refused("5940021") },
    ] {
        let probed = dialect().probed(crate::common::NOON, &response);
        assert!(matches!(probed, Probed::Unclear { .. }), "{probed:?}");
    }
}

fn refused(code: &str) -> Response {
    signed(Call::Query, &json!({"return_code": code, "return_msg": "说明"}))
}
