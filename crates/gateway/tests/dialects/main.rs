//! Our reading of the channels against their fact sheets: each documented trap by its name, every code by its class,
//! every sample message by its meaning.

mod common;
#[cfg(feature = "planted")]
mod planted;
mod tables;
mod wechat_bytes;
mod wechat_paid;
mod wechat_probe;
mod wechat_requests;
mod wechat_traps;
