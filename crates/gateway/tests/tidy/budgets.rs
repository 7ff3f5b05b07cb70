//! How long functions and files may be: a ratchet. What is too long today is listed with its length; it may only shrink.

use crate::tree::sources;
use crate::{found, nothing};

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 400;
/// No listing helps beyond this.
const FILE_LINES_HARD_MAX: usize = 800;

/// Files that are too long today: path, lines.
const FILES: &[(&str, usize)] = &[("crates/payment/tests/search/world.rs", 543)];

/// Functions that are too long today: path, name, lines.
const FUNCTIONS: &[(&str, &str, usize)] = &[];

/// What is longer than its budget, against what is listed.
fn compare(what: &str, max: usize, listed: &[(String, usize)], long: &[(String, usize)]) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, lines) in long {
        match listed.iter().find(|(known, _)| known == name) {
            None => findings.push(format!("{name}: a {what} of {lines} lines; split it, {max} are the most")),
            Some((_, before)) if lines > before => {
                findings.push(format!(
                    "{name}: the {what} grew from {before} to {lines} lines; it may only shrink"
                ));
            }
            Some((_, before)) if lines < before => {
                findings.push(format!(
                    "{name}: the {what} shrank to {lines} lines; say so in the list, not {before}"
                ));
            }
            Some(_) => {}
        }
    }
    for (name, _) in listed {
        if !long.iter().any(|(known, _)| known == name) {
            findings.push(format!("{name}: the {what} is within its budget now; take it off the list"));
        }
    }
    findings
}

#[test]
fn files_stay_small() {
    let mut long = Vec::new();
    for file in sources() {
        let lines = file.text.lines().count();
        assert!(lines <= FILE_LINES_HARD_MAX, "{} has {lines} lines", file.path);
        if lines > FILE_LINES_MAX {
            long.push((file.path, lines));
        }
    }
    let listed: Vec<_> = FILES.iter().map(|(path, lines)| ((*path).to_owned(), *lines)).collect();
    nothing(compare("file", FILE_LINES_MAX, &listed, &long));
}

#[test]
fn functions_stay_small() {
    let mut long = Vec::new();
    for file in sources() {
        for (name, lines) in functions(&file.text) {
            if lines > FUNCTION_LINES_MAX {
                long.push((format!("{}: {name}", file.path), lines));
            }
        }
    }
    let listed: Vec<_> =
        FUNCTIONS.iter().map(|(path, name, lines)| (format!("{path}: {name}"), *lines)).collect();
    nothing(compare("function", FUNCTION_LINES_MAX, &listed, &long));
}

/// Names and lengths of the functions of a formatted text, from `fn` to the brace in the same column.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let head = lines[at..].iter().position(|line| line.ends_with(['{', ';', '}']));
        let Some(head) = head.filter(|head| lines[at + head].ends_with('{')) else { continue };
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let body = lines[at + head..].iter().position(|line| line.starts_with(&end));
        functions.push((name, head + body.unwrap_or(0) + 1));
    }
    functions
}

fn function_name(line: &str) -> Option<String> {
    const BEFORE: [&str; 7] = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "fn"];
    let mut words = line.split_whitespace().skip_while(|word| *word != "fn" && BEFORE.contains(word));
    let name = words.next().filter(|word| *word == "fn").and_then(|_| words.next())?;
    Some(name.split(['(', '<']).next().unwrap_or(name).to_owned())
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let text = "impl A {\n    pub(crate) async fn one(\n        a: B,\n    ) {\n        c();\n    }\n\n    fn two();\n\n    fn three() {}\n}\n";
    assert_eq!(functions(text), [("one".to_owned(), 5)]);
}

#[test]
fn the_ratchet_turns_one_way() {
    let at = |lines: usize| vec![("a".to_owned(), lines)];
    nothing(compare("file", 400, &at(500), &at(500)));
    found("new", &compare("file", 400, &[], &at(500)));
    found("grown", &compare("file", 400, &at(499), &at(500)));
    found("shrunk", &compare("file", 400, &at(501), &at(500)));
    found("gone", &compare("file", 400, &at(500), &[]));
}
