//! The walls of the house, as tests: what may know whom, how large things may grow, what no file may hold, and that the
//! papers say what the code does.
//!
//! Each check is a function of a path and a text, so that each is shown to find a planted violation.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod budgets;
mod crates;
mod papers;
mod tree;
mod walls;

use std::fmt::Display;

/// Fails with every finding, one a line.
fn nothing(findings: impl IntoIterator<Item = impl Display>) {
    let findings: Vec<String> = findings.into_iter().map(|finding| finding.to_string()).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// A check that cannot fail is none.
fn found(what: &str, findings: &[String]) {
    assert!(!findings.is_empty(), "a planted violation was not found: {what}");
}
