//! The command line from outside: the real binary as a till, as an operator and as a first user has it.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod certificate;
mod end;
mod first;
mod lost;
mod person;
mod place;
mod route;
mod scenarios;
#[expect(dead_code, reason = "a command line needs less than the tests of the API do")]
#[path = "../support/mod.rs"]
mod support;
