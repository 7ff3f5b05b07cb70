//! The files of the house and how their text is taken apart.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The house's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One text file, by its path from the root.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file of the house: what git tracks or would, or the whole folder where there is no git.
pub(crate) fn files() -> Vec<File> {
    let root = root();
    let paths = tracked(&root).unwrap_or_else(|| walked(&root));
    let mut files = Vec::new();
    for path in paths {
        if let Ok(text) = std::fs::read_to_string(root.join(&path)) {
            files.push(File { path, text });
        }
    }
    assert!(files.len() > 100, "the house has more files than {}", files.len());
    files
}

/// The Rust sources, tests among them.
pub(crate) fn sources() -> Vec<File> {
    files().into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn walked(root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let made = name.starts_with("target") || name.ends_with("-data") || name == "node_modules";
            if path.is_dir() && !made && name != ".git" {
                folders.push(path);
            } else if path.is_file() {
                paths.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    paths.sort();
    paths
}

/// The code without its line comments; the number of lines stays.
pub(crate) fn code(text: &str) -> String {
    let strip = |line: &str| {
        let comment = line.match_indices("//").find(|(at, _)| {
            line[..*at].chars().next_back().is_none_or(|before| before.is_whitespace() || before == ';')
        });
        comment.map_or(line, |(at, _)| &line[..at]).trim_end().to_owned()
    };
    text.lines().map(strip).collect::<Vec<_>>().join("\n")
}

/// The identifiers of a line.
pub(crate) fn identifiers(line: &str) -> impl Iterator<Item = &str> {
    line.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).filter(|word| !word.is_empty())
}

/// The words that an identifier is made of, in lower case: `WechatV2` is `wechat` and `v2`, like `wechat_v2`.
pub(crate) fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for sign in identifier.chars() {
        if sign == '_' || (sign.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        lower_before = sign.is_lowercase() || sign.is_ascii_digit();
        if sign != '_'
            && let Some(word) = words.last_mut()
        {
            word.extend(sign.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Lines of `text` where `wrong` is true, as findings.
pub(crate) fn lines(path: &str, text: &str, why: &str, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| wrong(line))
        .map(|(at, line)| format!("{path}:{at}: {why}: {}", line.trim()))
        .collect()
}

#[test]
fn texts_are_taken_apart() {
    assert_eq!(code("a(); // b\n/// c\nx(\"https://d\")"), "a();\n\nx(\"https://d\")");
    assert_eq!(words("WechatV2"), ["wechat", "v2"]);
    assert_eq!(words("ACP"), ["acp"]);
    assert_eq!(words("wechat_v2"), ["wechat", "v2"]);
    assert_eq!(identifiers("Channel::Acp => a_b").collect::<Vec<_>>(), ["Channel", "Acp", "a_b"]);
}
