//! Clients that we did not write drive `paycode simulate`: what they take for WeChat and Alipay may be believed to be like them.
//!
//! Published SDKs in Python and JavaScript, and clients written from the fact sheets alone where nobody publishes one.
//! `./x test` installs them and names them in the environment; without them these tests fail, they are never left out.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod run;
#[expect(dead_code, reason = "clients need less than the tests of the API do")]
#[path = "../support/mod.rs"]
mod support;
mod verdict;

use run::{Client, Language, ask, drive, without_the_ca};

const CLIENTS: &[Client] = &[
    Client { channel: "alipay", language: Language::Python, script: "alipay_python.py" },
    Client { channel: "alipay", language: Language::Node, script: "alipay_node.mjs" },
    Client { channel: "wechat_v2", language: Language::Python, script: "wechat_python.py" },
    Client { channel: "wechat_v2", language: Language::Node, script: "wechat_node.mjs" },
    Client { channel: "qra", language: Language::Python, script: "reference/qra.py" },
    Client { channel: "icbc", language: Language::Python, script: "reference/icbc.py" },
    Client { channel: "acp", language: Language::Python, script: "reference/acp.py" },
    Client { channel: "wechat_v3", language: Language::Python, script: "wechat_v3_python.py" },
    Client { channel: "alipay", language: Language::Python, script: "alipay_modes_python.py" },
    Client { channel: "alipay", language: Language::Node, script: "alipay_modes_node.mjs" },
    Client { channel: "alipay", language: Language::Node, script: "alipay_v3_node.mjs" },
    Client { channel: "wechat_v3", language: Language::Python, script: "wechat_v3_provider_python.py" },
    Client { channel: "wechat_v2", language: Language::Python, script: "wechat_provider_python.py" },
];

#[test]
fn python_alipay_sdk_is_served() {
    drive(&CLIENTS[0]);
}

#[test]
fn alipays_own_sdk_for_node_is_served() {
    drive(&CLIENTS[1]);
}

#[test]
fn wechatpy_is_served() {
    drive(&CLIENTS[2]);
}

#[test]
fn tenpay_is_served() {
    drive(&CLIENTS[3]);
}

#[test]
fn a_client_from_the_sheet_of_qra_is_served() {
    drive(&CLIENTS[4]);
}

#[test]
fn a_client_from_the_sheet_of_icbc_is_served() {
    drive(&CLIENTS[5]);
}

#[test]
fn a_client_from_the_sheet_of_acp_is_served() {
    drive(&CLIENTS[6]);
}

#[test]
fn wechatpayv3_is_served_in_both_key_modes() {
    drive(&CLIENTS[7]);
}

#[test]
fn python_alipay_sdk_is_served_in_certificate_mode_and_for_a_provider() {
    drive(&CLIENTS[8]);
}

#[test]
fn alipays_own_sdk_for_node_is_served_in_certificate_mode_and_encrypted() {
    drive(&CLIENTS[9]);
}

#[test]
fn alipays_own_sdk_for_node_is_served_over_v3() {
    drive(&CLIENTS[10]);
}

#[test]
fn wechatpayv3_is_served_as_a_provider_in_both_key_modes() {
    drive(&CLIENTS[11]);
}

#[test]
fn wechatpy_is_served_as_a_provider() {
    drive(&CLIENTS[12]);
}

#[test]
fn every_form_that_libraries_give_a_request_is_understood() {
    ask(&Client { channel: "none", language: Language::Python, script: "forms.py" });
}

#[test]
fn no_client_believes_the_simulator_without_its_ca() {
    without_the_ca(CLIENTS);
}
