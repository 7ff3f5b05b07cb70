//! The pages that a first user follows, followed: every command of theirs is run against the real binary, in order, in one
//! shell a page, and what it prints is compared with what the page says it prints.
//!
//! How a block is run stands in a comment above it: `<!-- run: exit 4 -->`, `<!-- run: background until "ready" -->`, or
//! `<!-- run: not here, it … -->` with the reason. Expected output is the `json` or `text` block behind it; `…` stands for anything.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod expected;
mod page;
mod shell;
#[expect(dead_code, reason = "pages need less than the tests of the API do")]
#[path = "../support/mod.rs"]
mod support;

use page::Page;
use shell::follow;

#[test]
fn the_first_payment_is_made() {
    follow(&Page::read("docs/integrate/first-payment.md"));
}

#[test]
fn the_first_payment_is_made_in_chinese() {
    follow(&Page::read("docs/integrate/first-payment.zh-CN.md"));
}

#[test]
fn the_readme_is_true() {
    follow(&Page::read("README.md"));
}

#[test]
fn the_chinese_readme_is_true() {
    follow(&Page::read("README.zh-CN.md"));
}

/// Both languages run the same commands and promise the same of them.
#[test]
fn both_languages_say_the_same() {
    for (english, chinese) in [
        ("docs/integrate/first-payment.md", "docs/integrate/first-payment.zh-CN.md"),
        ("README.md", "README.zh-CN.md"),
    ] {
        assert_eq!(Page::read(english).blocks, Page::read(chinese).blocks, "{english} and {chinese}");
    }
}
