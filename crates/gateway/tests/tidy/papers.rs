//! What no file may hold, and whether the papers say what the code does.

use std::path::Path;

use crate::tree::{files, lines, read, root};
use crate::{found, nothing};

/// This folder names what it forbids.
const TIDY: &str = "crates/gateway/tests/tidy/";

/// A private key, in PEM or as a long base64 of DER. Vectors with keys of their own live under testdata.
fn private_keys(path: &str, text: &str) -> Vec<String> {
    if path.contains("/testdata/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let all: Vec<&str> = text.lines().collect();
    let is_base64 = |line: &str| {
        let line = line.trim().trim_matches(['"', ',', '\\']);
        line.len() >= 40 && line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    for (at, line) in all.iter().enumerate() {
        let heads = line.contains("PRIVATE KEY-----") && all.get(at + 1).is_some_and(|next| is_base64(next));
        let der = line.split('"').any(|part| part.starts_with("MII") && part.len() > 200 && is_base64(part));
        if heads || der {
            findings.push(format!("{path}:{}: holds a private key", at + 1));
        }
    }
    findings
}

#[test]
fn no_private_key_lies_about() {
    nothing(files().iter().flat_map(|file| private_keys(&file.path, &file.text)));
    let body = "A".repeat(64);
    found("PEM", &private_keys("a/key.pem", &format!("-----BEGIN PRIVATE KEY-----\n{body}\n")));
    let der = format!("MII{}", "A".repeat(300));
    found("DER", &private_keys("a/code.rs", &format!("const KEY: &str = \"{der}\";")));
    nothing(private_keys("a/testdata/key.pem", &format!("-----BEGIN PRIVATE KEY-----\n{body}\n")));
}

/// Paths of one machine say nothing to another.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let begins = |line: &str, folder: &str| {
        line.match_indices(folder).any(|(at, _)| {
            line[..at]
                .chars()
                .next_back()
                .is_none_or(|before| !before.is_alphanumeric() && !"./-_}".contains(before))
        })
    };
    let homes = ["/root/", "/work/", "/home/"];
    lines(path, text, "names a path of one machine", |line| homes.iter().any(|home| begins(line, home)))
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let files = files();
    nothing(
        files
            .iter()
            .filter(|file| !file.path.starts_with(TIDY))
            .flat_map(|file| machine_paths(&file.path, &file.text)),
    );
    for planted in ["see /root/notes", "path = \"/home/me/x\"", "`/work/x`"] {
        found(planted, &machine_paths("README.md", planted));
    }
    nothing(machine_paths("README.md", "crates/home/src and https://example.org/home/x"));
}

/// Links of a page that lead to no file.
fn broken_links(path: &str, text: &str, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let mut findings = Vec::new();
    for (at, _) in text.match_indices("](") {
        let target = text[at + 2..].split([')', ' ', '\n']).next().unwrap_or_default();
        let file = target.split('#').next().unwrap_or_default();
        if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
            continue;
        }
        if !exists(&folder.join(file)) {
            findings.push(format!("{path}: the link to {target} leads nowhere"));
        }
    }
    findings
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    let exists = |path: &Path| root.join(path).exists();
    let pages: Vec<_> = files().into_iter().filter(|file| file.path.ends_with(".md")).collect();
    assert!(pages.len() >= 7, "{}", pages.len());
    nothing(pages.iter().flat_map(|page| broken_links(&page.path, &page.text, exists)));
    found("link", &broken_links("docs/a.md", "see [b](nowhere.md#c)", |_| false));
    nothing(broken_links("docs/a.md", "[b](#c) [d](https://example.org)", |_| false));
}

fn has_unreleased(changelog: &str) -> bool {
    changelog.lines().any(|line| line == "## [Unreleased]")
}

#[test]
fn the_changelog_is_open_for_what_comes_next() {
    assert!(has_unreleased(&read("CHANGELOG.md")));
    assert!(!has_unreleased("# Changelog\n\n## [0.1.0]\n"));
}

/// The keys of the configuration, from the structs that read it.
fn configuration_keys(source: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rename = None;
    let mut inside = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("pub struct ") {
            inside = line.ends_with('{') && !line.contains("Secret");
        } else if line == "}" {
            inside = false;
        } else if let Some((_, after)) = line.split_once("rename = \"") {
            rename = after.split('"').next().map(str::to_owned);
        } else if let Some((name, _)) = line.strip_prefix("pub ").and_then(|field| field.split_once(':'))
            && inside
        {
            keys.push(rename.take().unwrap_or_else(|| name.to_owned()));
        }
    }
    keys
}

/// Keys that a text does not speak of, each as a word of its own.
fn missing_keys(path: &str, text: &str, keys: &[String]) -> Vec<String> {
    let known: Vec<&str> = crate::tree::identifiers(text).collect();
    let missing = keys.iter().filter(|key| !known.contains(&key.as_str()));
    missing.map(|key| format!("{path}: does not speak of {key}")).collect()
}

#[test]
fn every_key_of_the_configuration_is_explained() {
    let mut keys = configuration_keys(&read("crates/gateway/src/config.rs"));
    for file in ["account", "route", "terminal"] {
        keys.extend(configuration_keys(&read(&format!("crates/gateway/src/config/{file}.rs"))));
    }
    assert!(keys.len() > 20 && keys.contains(&"channel".to_owned()), "{keys:?}");
    for path in ["paycode.example.toml", "docs/operate/configuration.md"] {
        nothing(missing_keys(path, &read(path), &keys));
    }
    let planted = configuration_keys("pub struct Server {\n    pub listen: X,\n    pub colour: Y,\n}\n");
    assert_eq!(planted, ["listen", "colour"]);
    found("colour", &missing_keys("a.md", "`listen`", &planted));
}

/// Text between `before` and the next quotation mark, wherever it occurs.
fn quoted_after<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.match_indices(before).filter_map(|(at, _)| text[at + before.len()..].split('"').next()).collect()
}

/// Routes that are not in the contract, and paths in it that are no routes.
fn differing(routes: &[&str], paths: &[&str]) -> Vec<String> {
    let without = routes.iter().filter(|route| !paths.contains(route));
    let invented = paths.iter().filter(|path| !routes.contains(path));
    without
        .map(|route| format!("{route} is a route and not in the contract"))
        .chain(invented.map(|path| format!("{path} is in the contract and no route")))
        .collect()
}

/// Metrics that the page does not name, and names in it that no metric has.
fn differing_metrics(page: &str, names: &[&str]) -> Vec<String> {
    let headed: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let exported =
        |name: &&str| names.contains(name) || names.iter().any(|known| is_exported_as(known, name));
    let missing =
        names.iter().filter(|name| !headed.iter().any(|line| line == *name || is_exported_as(name, line)));
    missing
        .map(|name| format!("{name} is not explained"))
        .chain(headed.iter().filter(|name| !exported(name)).map(|name| format!("{name} is no metric")))
        .collect()
}

/// A counter has `_total` behind its name, an info `_info`.
fn is_exported_as(name: &str, exported: &str) -> bool {
    exported.strip_prefix(name).is_some_and(|suffix| matches!(suffix, "_total" | "_info"))
}

#[test]
fn every_metric_is_explained_and_no_other() {
    let metrics = gateway::metrics::Metrics::new(payment::time::Time(0));
    assert!(metrics.names().len() > 10);
    nothing(differing_metrics(&read("docs/operate/metrics.md"), metrics.names()));
    found("metric", &differing_metrics("| `a_total` |", &["a", "b"]));
    found("name", &differing_metrics("| `a_total` |\n| `c` |", &["a"]));
}

#[test]
fn every_route_and_refusal_is_explained() {
    let page = read("docs/integrate/api.md");
    let routes = read("crates/gateway/src/api/mod.rs");
    let routes = quoted_after(&routes, ".route(\"");
    assert!(routes.len() > 10, "{routes:?}");
    nothing(
        routes
            .iter()
            .filter(|route| !page.contains(**route))
            .map(|route| format!("{route} is not explained")),
    );
    let contract: serde_json::Value = serde_json::from_str(&read("docs/integrate/openapi.json")).unwrap();
    let paths: Vec<&str> = contract["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    nothing(differing(&routes, &paths));
    found("route", &differing(&["/v1/a"], &[]));
    found("path", &differing(&[], &["/v1/a"]));
    let problems = read("crates/gateway/src/api/problem/code.rs");
    let titles = problems.split_once("fn words(").unwrap().1.split_once("\n}\n").unwrap().0;
    let codes: Vec<&str> = titles
        .lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        .collect();
    assert!(codes.contains(&"order_paid") && codes.contains(&"reverse_out"), "{codes:?}");
    nothing(
        codes.iter().filter(|code| !page.contains(**code)).map(|code| format!("{code} is not explained")),
    );
}
