//! Crashes and stops of the real binary with payments in flight: nothing that a till was told changes, everything ends,
//! and both books agree.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod kill;
mod memory;
mod stop;
#[path = "../support/mod.rs"]
mod support;
mod tills;
