//! What a page says is printed, against what was. `…` stands for anything.

use serde_json::Value;

use crate::page::Output;

/// What is missing of an expected output.
pub(crate) fn differences(expected: &Output, printed: &str) -> Vec<String> {
    match expected {
        Output::Text(lines) => text(lines, printed),
        Output::Json(text) => {
            let wanted: Value = match serde_json::from_str(text) {
                Ok(wanted) => wanted,
                Err(error) => return vec![format!("the page's JSON is none: {error}")],
            };
            match serde_json::from_str(printed.trim()) {
                Ok(found) => json("", &wanted, &found),
                Err(error) => vec![format!("what was printed is no JSON: {error}")],
            }
        }
    }
}

/// Each line, in this order; what else was printed does not matter.
fn text(lines: &str, printed: &str) -> Vec<String> {
    let mut rest = printed.lines();
    let mut missing = Vec::new();
    for line in lines.lines() {
        let ahead = rest.clone();
        if !rest.any(|found| matches(line, found)) {
            missing.push(format!("this line was not printed: {line}"));
            rest = ahead;
        }
    }
    missing
}

/// Each field that the page names; what else is there does not matter.
fn json(at: &str, wanted: &Value, found: &Value) -> Vec<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .flat_map(|(name, value)| match found.get(name) {
                Some(there) => json(&format!("{at}/{name}"), value, there),
                None => vec![format!("{at}/{name} is not there")],
            })
            .collect(),
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            let pairs = (0..).zip(wanted.iter().zip(found));
            pairs.flat_map(|(place, (value, there))| json(&format!("{at}/{place}"), value, there)).collect()
        }
        (Value::String(pattern), Value::String(text)) if matches(pattern, text) => Vec::new(),
        _ if wanted == found => Vec::new(),
        _ => vec![format!("{at} is {found}, and the page says {wanted}")],
    }
}

/// Whether a text is the pattern, whose `…` stand for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let (first, rest) = match pattern.split_once('…') {
        None => return pattern == text,
        Some(parts) => parts,
    };
    let Some(text) = text.strip_prefix(first) else { return false };
    let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    places.into_iter().any(|at| matches(rest, &text[at..]))
}

#[test]
fn what_is_not_as_the_page_says_is_found() {
    let json = |text: &str| Output::Json(text.to_owned());
    let text = |lines: &str| Output::Text(lines.to_owned());
    for (expected, printed) in [
        (json(r#"{"a": "pay_…", "b": [1]}"#), r#"{"a": "pay_1", "b": [1], "c": 2}"#),
        (text("a …c\nd"), "x\na b c\ny\nd\n"),
        (text("…door…"), "  01-02  door    asked"),
    ] {
        assert_eq!(differences(&expected, printed), [""; 0], "{expected:?}");
    }
    for (expected, printed) in [
        (json(r#"{"status": "paid"}"#), r#"{"status": "failed"}"#),
        (json(r#"{"status": "paid"}"#), r#"{"object": "payment"}"#),
        (json(r#"{"amount": 1234}"#), r#"{"amount": "1234"}"#),
        (json("[1]"), "[1, 2]"),
        (json("{}"), "curl: (7) refused"),
        (json("{"), "{}"),
        (text("a\nb"), "b\na"),
        (text("paid"), "paid 1"),
        (text("a…b…c"), "a c b"),
    ] {
        assert!(!differences(&expected, printed).is_empty(), "{expected:?} against {printed}");
    }
}
