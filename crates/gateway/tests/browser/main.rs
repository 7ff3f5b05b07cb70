//! The pages through a real browser: each walk is a script that drives chromium against the real binary.
//!
//! `./x test` installs what they need and names it in the environment; without it these tests fail, they are never left
//! out.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod decoder;
#[expect(dead_code, reason = "walks need less than the tests of the API do")]
#[path = "../support/mod.rs"]
mod support;
mod walk;

use walk::walk;

#[test]
fn the_watch_over_pages_sees_what_it_promises_to_see() {
    walk("watch");
}

#[test]
fn the_till_is_walked_through_by_keyboard_and_scanner() {
    walk("cashier");
}

#[test]
fn the_phone_page_plays_the_customer() {
    walk("phone");
}
