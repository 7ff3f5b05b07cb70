//! What the crates may depend on, and under which licences.

use std::process::Command;

use serde_json::Value;

use crate::tree::{read, root, sources};
use crate::{found, nothing};

/// What each pure crate may use; a new line here needs a reason that a function could not serve.
const ALLOWED: [(&str, &[&str]); 3] = [
    ("payment", &["sha2", "thiserror", "zeroize"]),
    (
        "wire",
        &[
            "aws-lc-rs",
            "base64",
            "encoding_rs",
            "jiff",
            "md-5",
            "quick-xml",
            "serde_json",
            "subtle",
            "thiserror",
            "x509-parser",
            "zeroize",
        ],
    ),
    ("simulator", &["wire", "serde", "serde_json", "thiserror", "encoding_rs"]),
];

/// The names under `[dependencies]` that are not allowed.
fn dependencies(name: &str, manifest: &str, allowed: &[&str]) -> Vec<String> {
    let table: toml::Table = manifest.parse().unwrap();
    let names = |key: &str| -> Vec<String> {
        table.get(key).and_then(toml::Value::as_table).map_or_else(Vec::new, |t| t.keys().cloned().collect())
    };
    let mut findings: Vec<String> = [names("dependencies"), names("build-dependencies")]
        .concat()
        .into_iter()
        .filter(|dependency| !allowed.contains(&dependency.as_str()))
        .map(|dependency| format!("crates/{name}/Cargo.toml: {dependency} is not allowed in a pure crate"))
        .collect();
    if table.contains_key("target") {
        findings.push(format!("crates/{name}/Cargo.toml: a pure crate is the same on every target"));
    }
    findings
}

#[test]
fn pure_crates_depend_on_little() {
    for (name, allowed) in ALLOWED {
        nothing(dependencies(name, &read(&format!("crates/{name}/Cargo.toml")), allowed));
    }
    let planted = "[dependencies]\nsha2 = \"1\"\ntokio.workspace = true\n";
    found("tokio", &dependencies("payment", planted, &["sha2"]));
    found("target", &dependencies("payment", "[target.x.dependencies]\nlibc = \"1\"\n", &[]));
}

/// The simulator's rules come from the channels' documents, never from our reading of them.
fn simulator_knows_us(path: &str, text: &str) -> Vec<String> {
    if !path.starts_with("crates/simulator/") {
        return Vec::new();
    }
    let ours = ["payment::", "gateway::"];
    crate::tree::lines(path, text, "the simulator may not see our reading", |line| {
        ours.iter().any(|name| {
            line.match_indices(name).any(|(at, _)| {
                line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_')
            })
        })
    })
}

#[test]
fn the_simulator_does_not_know_us() {
    nothing(sources().iter().flat_map(|file| simulator_knows_us(&file.path, &file.text)));
    found("use", &simulator_knows_us("crates/simulator/src/lib.rs", "use payment::exchange::Answer;"));
    let manifest: toml::Table = read("crates/simulator/Cargo.toml").parse().unwrap();
    for key in ["dependencies", "dev-dependencies"] {
        let names = manifest[key].as_table().unwrap();
        assert!(!names.contains_key("payment") && !names.contains_key("gateway"), "{key}");
    }
}

/// Alternatives of which one has to be allowed, joined by AND; parentheses do not nest in what is used.
fn licence_is_allowed(expression: &str, allowed: &[String]) -> bool {
    let is_allowed = |name: &str| allowed.iter().any(|known| known == name.trim());
    let any_of = |part: &str| part.trim().trim_matches(['(', ')']).split(" OR ").any(is_allowed);
    expression.replace('/', " OR ").split(" AND ").all(any_of)
}

fn allowed_licences() -> Vec<String> {
    let rules: toml::Table = read("deny.toml").parse().unwrap();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    allowed.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn banned() -> Vec<String> {
    let rules: toml::Table = read("deny.toml").parse().unwrap();
    let banned = rules["bans"]["deny"].as_array().unwrap();
    banned.iter().map(|rule| rule["crate"].as_str().unwrap().to_owned()).collect()
}

/// The packages that are built here, from the lock file.
fn packages() -> Vec<Value> {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn every_package_is_licensed_and_comes_from_the_registry() {
    let (allowed, banned) = (allowed_licences(), banned());
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    let mut findings = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        if !licence_is_allowed(licence, &allowed) {
            findings.push(format!("{name}: the licence {licence:?} is not in deny.toml"));
        }
        let source = package["source"].as_str();
        if source.is_some_and(|source| !source.starts_with("registry+")) {
            findings.push(format!("{name}: comes from {source:?}, not from the registry"));
        }
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|_| source.is_none()) {
            let used = dependency["name"].as_str().unwrap();
            if banned.iter().any(|ban| ban == used) {
                findings.push(format!("{name}: depends on {used}, which deny.toml bans"));
            }
        }
    }
    nothing(findings);
}

#[test]
fn licences_are_read_as_they_are_meant() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned()];
    for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "ISC AND (Apache-2.0 OR ISC)"] {
        assert!(licence_is_allowed(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "ISC AND (GPL-3.0 OR Apache-2.0)"] {
        assert!(!licence_is_allowed(bad, &allowed), "{bad}");
    }
}
