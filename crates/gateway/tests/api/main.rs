//! The API from outside: the real binary, the simulated channels behind TLS, and a till that knows nothing but HTTP.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod accounts;
mod alipay_modes;
mod all_scenarios;
mod alone;
mod cancel;
mod channels;
mod clock;
mod contract;
mod forbidden;
mod input;
mod metrics;
mod pages;
mod phone;
mod reads;
mod refunds;
mod rotation;
mod routing;
mod sale;
mod session;
mod sick;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod suspended;
mod wait;
