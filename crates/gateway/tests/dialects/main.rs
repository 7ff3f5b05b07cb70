//! Our reading of the channels against their fact sheets: each documented trap by its name, every code by its class,
//! every sample message by its meaning.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod acp_bytes;
mod acp_paid;
mod acp_probe;
mod acp_refunds;
mod acp_requests;
mod acp_traps;
mod alipay_bytes;
mod alipay_modes;
mod alipay_paid;
mod alipay_probe;
mod alipay_refunds;
mod alipay_requests;
mod alipay_traps;
mod alipay_v3;
mod common;
mod icbc_bytes;
mod icbc_paid;
mod icbc_probe;
mod icbc_refunds;
mod icbc_requests;
mod icbc_traps;
mod pages;
#[cfg(feature = "planted")]
mod planted;
mod qra_bytes;
mod qra_paid;
mod qra_probe;
mod qra_refunded;
mod qra_refunds;
mod qra_requests;
mod qra_traps;
mod tables;
mod terminals;
mod wechat_bytes;
mod wechat_paid;
mod wechat_probe;
mod wechat_refunded;
mod wechat_refunds;
mod wechat_requests;
mod wechat_traps;
mod wechat_v3_keys;
mod wechat_v3_refunds;
mod wechat_v3_traps;
