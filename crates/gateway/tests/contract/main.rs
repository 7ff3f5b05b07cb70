//! The contract of the API: the committed document is what the code says, and parameters are read as they are documented.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]
#![expect(dead_code, reason = "the shared support serves other tests too")]

mod copy;
mod fuzz;
mod parameters;
#[path = "../support/mod.rs"]
mod support;
