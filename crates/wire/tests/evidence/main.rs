//! Evidence from outside: published vectors, captured shapes, and a second implementation of every signature.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod acp_certificates;
mod acp_messages;
mod acp_server;
mod acp_vectors;
mod alipay_messages;
mod alipay_modes;
mod alipay_refunds;
mod alipay_server;
mod alipay_v3;
mod alipay_vectors;
mod icbc_messages;
mod icbc_server;
mod icbc_vectors;
mod independent;
mod independent_rsa;
mod keys;
mod qra_messages;
mod qra_server;
mod qra_vectors;
mod raw_json;
mod wechat_messages;
mod wechat_refunds;
mod wechat_server;
mod wechat_v3_messages;
mod wechat_v3_vectors;
mod wechat_vectors;
mod xml;

/// The key of WeChat Pay's signature page, with which every sample here is signed (wechat.md §3).
const WECHAT_KEY: &str = "192006250b4c09247ec02edce69f6a2d";

fn testdata(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/testdata/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn testdata_json(path: &str) -> serde_json::Value {
    serde_json::from_slice(&testdata(path)).unwrap()
}
