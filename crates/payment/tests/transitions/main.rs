//! `docs/transitions.md`, printed from the real machines and compared with the committed page.
//!
//! Every phase is run with every input and every door, on values with the variants that matter. To refresh the page:
//! `PAYCODE_BLESS=1 cargo test -p payment --test transitions`.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod answers;
mod payments;
mod refunds;
mod table;
mod totality;
mod watches;
mod words;

use std::fmt::Write;
use std::path::Path;

use table::Tried;

const INTRODUCTION: &str = "# Transitions

Printed by running `Payment::step`, its doors, `Watch::step` and `Refund::step`; do not edit. Refresh it with
`PAYCODE_BLESS=1 cargo test -p payment --test transitions`.
本页由代码运行打印, 请勿手改.

The payment is WeChat's: call limit 12 s, first query at 3 s (payer was asked) or 5 s, window 45 s, `not_before` 17 s,
settle time 60 s. Ages count from the durable submit. Each value that was tried is a *given*; *any* stands for all of the
phase. An answer counts while its call is the one that is out; otherwise it is *late*, and most often only evidence: it may
prove that the channel has the order (`acknowledged`) or that the submit is over, and nothing else. *asks* is the one call that leaves,
*tells* are the notices, *watch* is the plan of a watch that begins in the same commit, *written* says whether a crash must
not forget the step. `Unknown` is any doubt; `(signed)` says that the channel's own signed word arrived.
";

#[test]
fn the_page_is_what_the_machines_do() {
    let printed = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/transitions.md");
    if std::env::var_os("PAYCODE_BLESS").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(difference) = first_difference(&committed, &printed) {
        panic!(
            "docs/transitions.md is not what the machines do; look at the change, then refresh it with \
             `PAYCODE_BLESS=1 cargo test -p payment --test transitions`\n{difference}"
        );
    }
}

#[test]
fn a_stale_page_is_found() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    let found = first_difference("a\nb\n", "a\nc\n").unwrap();
    assert_eq!(found, "line 2 is:        b\nline 2 should be: c");
    assert!(first_difference("a\n", "a\nb\n").is_some());
}

#[test]
fn every_phase_meets_every_input() {
    for (phase, givens) in payments::phases() {
        assert!(givens.iter().all(|given| payments::phase_name(given.payment.phase) == phase), "{phase}");
        let tried: Vec<Tried> = givens.iter().map(payments::try_all).collect();
        // 2 wakes, 29 answers, 5 doors; paid ones can be found closed by their watch, a refund has two ends.
        let expected = 36
            + match phase {
                "Paid" => 1,
                "Refunding" => 2,
                _ => 0,
            };
        assert_eq!(table::names(&tried).len(), expected, "{phase}: {:?}", table::names(&tried));
    }
    for (phase, givens) in watches::phases() {
        assert!(givens.iter().all(|given| watches::phase_name(given.watch.phase) == phase), "{phase}");
        let tried: Vec<Tried> = givens.iter().map(watches::try_all).collect();
        // A wake, a hint, two ends of its refund, 29 answers, a door.
        assert_eq!(table::names(&tried).len(), 34, "{phase}");
    }
    for (phase, givens) in refunds::phases() {
        assert!(givens.iter().all(|given| refunds::phase_name(given.refund.phase) == phase), "{phase}");
        let tried: Vec<Tried> = givens.iter().map(refunds::try_all).collect();
        // A wake, 14 answers, 2 doors.
        assert_eq!(table::names(&tried).len(), 17, "{phase}: {:?}", table::names(&tried));
    }
}

fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("\n## The payment\n");
    for (phase, givens) in payments::phases() {
        let tried: Vec<Tried> = givens.iter().map(payments::try_all).collect();
        write!(text, "\n### {phase}\n\n{}", table::print(&tried)).unwrap();
    }
    text.push_str(
        "\n## The watch\n\nAges as above; the payment ended at 100 s, as failed where nothing is said. Looks of the full plan: +1 min, \
         +10 min, +1 h, +24 h; of the declined plan: +60 s. After them the bill.\n",
    );
    for (phase, givens) in watches::phases() {
        let tried: Vec<Tried> = givens.iter().map(watches::try_all).collect();
        write!(text, "\n### {phase}\n\n{}", table::print(&tried)).unwrap();
    }
    text.push_str(
        "\n## The refund\n\nOf 5.00, opened at 100 s, of a WeChat payment: a minute between requests, the first question 5 s after \
         an answer that leaves it open, settle time 60 s.\n",
    );
    for (phase, givens) in refunds::phases() {
        let tried: Vec<Tried> = givens.iter().map(refunds::try_all).collect();
        write!(text, "\n### {phase}\n\n{}", table::print(&tried)).unwrap();
    }
    text
}

fn first_difference(committed: &str, printed: &str) -> Option<String> {
    if committed == printed {
        return None;
    }
    let (mut is, mut should) = (committed.lines(), printed.lines());
    (1..).find_map(|line| match (is.next(), should.next()) {
        (None, None) => Some("the ends of lines differ".to_owned()),
        (is, should) if is != should => Some(format!(
            "line {line} is:        {}\nline {line} should be: {}",
            is.unwrap_or("(nothing)"),
            should.unwrap_or("(nothing)")
        )),
        _ => None,
    })
}
