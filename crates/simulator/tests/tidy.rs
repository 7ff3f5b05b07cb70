//! What no channel's file may know: which scenario is played.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// Digits that stand alone and are a scenario's three.
fn scenario_digits(line: &str) -> Option<&str> {
    let words = line.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_'));
    words.into_iter().find(|word| {
        word.len() == 3
            && word.parse().is_ok_and(|number| number > 1 && simulator::scenario::find(number).is_some())
    })
}

#[test]
fn no_channel_file_names_a_scenario() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let of_a_channel = |path: &PathBuf| {
        let inside = path.strip_prefix(&source).unwrap().to_str().unwrap();
        ["wechat", "alipay", "qra", "acp", "icbc"].iter().any(|name| inside.starts_with(name))
    };
    let channels: Vec<PathBuf> = sources(&source).into_iter().filter(of_a_channel).collect();
    assert!(channels.len() >= 20, "{channels:?}");
    for path in channels {
        for (at, line) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            let place = format!("{}:{at}: {line}", path.display());
            assert!(!line.to_lowercase().contains("scenario"), "{place}");
            // The captured answers of WeChat begin with a code of their own that looks like one.
            let line = line.replace("\"101 ", "\"");
            // A status of HTTP looks like one, too: it stands in a constant of its own.
            let line = if line.contains("const ") && line.contains(": u16 = ") { "" } else { line.as_str() };
            assert_eq!(scenario_digits(line), None, "{place}");
        }
    }
}

#[test]
fn files_and_functions_stay_small() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&source) {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() <= 400, "{} has {} lines", path.display(), lines.len());
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("fn ")) {
            let indent: String = line.chars().take_while(|sign| *sign == ' ').collect();
            let end = format!("{indent}}}");
            let length = lines[at..].iter().position(|line| *line == end).unwrap_or(0);
            assert!(length < 70, "{}:{} is {length} lines long", path.display(), at + 1);
        }
    }
}

#[test]
fn every_dial_has_a_test_that_turns_it() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |name: &str| fs::read_to_string(tests.join(name)).unwrap();
    let turned = [
        read("dialogs.rs"),
        read("dials.rs"),
        read("acp_rules.rs"),
        read("alipay_rules.rs"),
        read("icbc_rules.rs"),
        read("../src/clearing/refund/tests.rs"),
    ]
    .concat();
    let dials = serde_json::to_value(simulator::Dials::gentle()).unwrap();
    for (name, _) in dials.as_object().unwrap() {
        assert!(turned.contains(&format!("dials.{name}")), "no test turns the dial {name}");
    }
}
