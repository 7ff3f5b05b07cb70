//! How each channel's messages look: bytes to typed messages and back, in both directions.
//!
//! Pure: no clock, no randomness, no IO. Nonces, times and keys are arguments. The gateway encodes requests and
//! decodes answers; the simulator decodes requests and encodes answers; both go through the same modules.
//!
//! What arrives is bytes; what may be believed is [`verified::Verified`], which only a checked signature makes.
//! This crate does *not* say what an answer means for a payment: that is each dialect's reading, elsewhere.

pub mod acp;
pub mod alipay;
pub mod code;
pub mod http;
pub mod icbc;
pub mod planted;
pub mod qra;
pub mod sign;
pub mod text;
pub mod verified;
pub mod wechat_v2;
pub mod wechat_v3;
