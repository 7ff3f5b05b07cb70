//! Who may know whom, and what no source may say.

use crate::tree::{code, identifiers, lines, sources, words};
use crate::{found, nothing};

/// This folder names what it forbids.
const TIDY: &str = "crates/gateway/tests/tidy/";
const SRC: &str = "crates/gateway/src/";

fn check_sources(check: impl Fn(&str, &str) -> Vec<String>) {
    let findings = sources()
        .into_iter()
        .filter(|file| !file.path.starts_with(TIDY))
        .flat_map(|file| check(&file.path, &code(&file.text)));
    nothing(findings);
}

const CHANNEL_NAMES: [&str; 6] = ["wechat", "alipay", "qra", "acp", "icbc", "unionpay"];

/// No channel's name where every channel is alike.
fn channel_names(path: &str, text: &str) -> Vec<String> {
    let neutral = path.starts_with("crates/payment/src/")
        && !path.contains("/auth_code")
        && !path.ends_with("/patience.rs")
        || path.starts_with(&format!("{SRC}app/"))
        || path.starts_with(&format!("{SRC}runner"));
    if !neutral {
        return Vec::new();
    }
    lines(path, text, "names a channel", |line| {
        identifiers(line).flat_map(words).any(|word| CHANNEL_NAMES.contains(&word.as_str()))
    })
}

#[test]
fn no_channel_has_a_name_in_the_machine_the_use_cases_or_the_runner() {
    check_sources(channel_names);
    for planted in ["match Channel::WechatV2 {", "let word = \"alipay\";", "fn ask_QRA()"] {
        found(planted, &channel_names("crates/payment/src/payment.rs", planted));
        found(planted, &channel_names("crates/gateway/src/runner/mod.rs", planted));
        found(planted, &channel_names("crates/gateway/src/app/pay.rs", planted));
    }
    nothing(channel_names("crates/payment/src/payment.rs", "let unacpeable = 1;"));
}

/// The dialects are pure: bytes to words and back.
fn async_dialects(path: &str, text: &str) -> Vec<String> {
    if !path.starts_with(&format!("{SRC}dialects")) {
        return Vec::new();
    }
    lines(path, text, "a dialect waits for nothing", |line| {
        identifiers(line).any(|word| matches!(word, "async" | "await" | "tokio"))
    })
}

#[test]
fn no_dialect_is_async() {
    check_sources(async_dialects);
    found("async", &async_dialects("crates/gateway/src/dialects/alipay.rs", "async fn read() {}"));
}

/// Only the store knows SQL.
fn sql(path: &str, text: &str) -> Vec<String> {
    let store = ["crates/gateway/src/store/", "crates/gateway/src/store.rs", "crates/gateway/tests/store/"];
    if store.iter().any(|place| path.starts_with(place)) {
        return Vec::new();
    }
    lines(path, text, "only store/ knows SQL", |line| {
        identifiers(line).any(|word| word == "rusqlite")
            || ["SELECT ", "INSERT INTO ", "DELETE FROM "].iter().any(|verb| line.contains(verb))
    })
}

#[test]
fn only_the_store_knows_sql() {
    check_sources(sql);
    for planted in ["use rusqlite::Connection;", "db.run(\"SELECT 1\")", "\"INSERT INTO payments\""] {
        found(planted, &sql("crates/gateway/src/app/pay.rs", planted));
    }
}

/// Nothing from the use cases down knows the web framework, and no pure crate does.
fn web_framework(path: &str, text: &str) -> Vec<String> {
    let above =
        ["api/", "console/", "sandbox/"].iter().any(|place| path.starts_with(&format!("{SRC}{place}")));
    if above || path.contains("/tests/") {
        return Vec::new();
    }
    lines(path, text, "knows the web framework", |line| identifiers(line).any(|word| word == "axum"))
}

#[test]
fn only_the_api_the_pages_and_the_sandbox_know_the_web_framework() {
    check_sources(web_framework);
    for place in ["runner/mod.rs", "store/mod.rs", "dialects/mod.rs", "transport/mod.rs", "clock.rs"] {
        found(place, &web_framework(&format!("{SRC}{place}"), "use axum::Json;"));
    }
}

/// Only the command line builds the real world.
fn real_world(path: &str, text: &str) -> Vec<String> {
    // A bench stands outside, as a test does.
    let outside = ["/tests/", "/benches/"].iter().any(|folder| path.contains(folder));
    if path.starts_with(&format!("{SRC}cli/")) || outside {
        return Vec::new();
    }
    let built = ["WallClock::start", "SqliteStore::open", "Https::new"];
    lines(path, text, "only cli/ builds the real world", |line| built.iter().any(|made| line.contains(made)))
}

#[test]
fn only_the_command_line_builds_the_real_world() {
    check_sources(real_world);
    found("clock", &real_world("crates/gateway/src/runner/mod.rs", "let clock = WallClock::start();"));
}

/// Whom each module of the gateway may use. `config`, `metrics` and `words` use nobody; `cli` may use all.
const ARROWS: [(&str, &[&str]); 16] = [
    ("api", &["app", "runner", "store", "clock", "metrics", "words"]),
    ("app", &["runner", "store", "transport", "clock", "dialects"]),
    ("runner", &["store", "transport", "clock", "dialects", "metrics"]),
    // A dialect reads the sale that a row holds: its outlet, terminal and description.
    ("dialects", &["store"]),
    ("store", &["clock"]),
    ("transport", &["clock"]),
    ("clock", &[]),
    ("config", &[]),
    ("metrics", &[]),
    ("words", &[]),
    ("lang", &[]),
    ("console", &["api", "app", "lang", "store"]),
    ("symbols", &[]),
    ("lifecycle", &["api", "app", "console"]),
    ("sandbox", &["clock", "lang", "symbols", "transport"]),
    (
        "cli",
        &[
            "api",
            "app",
            "clock",
            "config",
            "console",
            "dialects",
            "lifecycle",
            "metrics",
            "runner",
            "sandbox",
            "store",
            "transport",
            "words",
        ],
    ),
];

fn arrows(path: &str, text: &str) -> Vec<String> {
    let Some(inside) = path.strip_prefix(SRC) else { return Vec::new() };
    let module = inside.split(['/', '.']).next().unwrap_or_default();
    if matches!(module, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{path}: the module {module} has no arrows yet; give it some here")];
    };
    let mut findings = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        for (place, _) in line.match_indices("crate::") {
            let used = identifiers(&line[place + "crate::".len()..]).next().unwrap_or_default();
            if used != module && !allowed.contains(&used) {
                findings.push(format!("{path}:{at}: {module} may not use {used}: {}", line.trim()));
            }
        }
    }
    findings
}

#[test]
fn arrows_point_down() {
    check_sources(arrows);
    for (path, planted) in [
        ("runner/mod.rs", "use crate::app::App;"),
        ("store/mod.rs", "use crate::runner::Engine;"),
        ("app/pay.rs", "use crate::api::Problem;"),
        ("dialects/alipay.rs", "let x = crate::transport::y();"),
        ("sandbox/mod.rs", "use crate::dialects::alipay::Alipay;"),
        ("unheard_of.rs", "fn new() {}"),
    ] {
        found(path, &arrows(&format!("{SRC}{path}"), planted));
    }
}

/// A till on the command line knows what any other client of the API knows.
fn inside_knowledge(path: &str, text: &str) -> Vec<String> {
    const OUTSIDE: [&str; 5] = ["cli", "clock", "lifecycle", "transport", "words"];
    if !path.starts_with(&format!("{SRC}cli/client/")) {
        return Vec::new();
    }
    lines(path, text, "a client of the API knows only the API", |line| {
        line.match_indices("crate::").any(|(at, found)| {
            let used = identifiers(&line[at + found.len()..]).next().unwrap_or_default();
            !OUTSIDE.contains(&used)
        })
    })
}

#[test]
fn the_command_lines_till_is_a_client_like_any_other() {
    check_sources(inside_knowledge);
    for planted in ["use crate::store::Store;", "let view = crate::api::view::payment(row);"] {
        found(planted, &inside_knowledge(&format!("{SRC}cli/client/pay.rs"), planted));
    }
}

/// Not in sources, not in tests: each has something better.
const FORBIDDEN: [(&str, &str); 6] = [
    ("#[ignore", "assert the wrong behaviour with a note, or mend it"),
    ("should_panic", "assert the error"),
    ("todo!", "write it, or leave it out"),
    ("unimplemented!", "write it, or leave it out"),
    ("thread::sleep", "take a Clock"),
    ("tokio::time::sleep", "take a Clock"),
];

/// The clocks themselves: the real one, and the one of virtual time.
const CLOCKS: [&str; 2] = ["crates/gateway/src/clock.rs", "crates/gateway/tests/simulation/world.rs"];

fn forbidden(path: &str, text: &str) -> Vec<String> {
    let is_clock = CLOCKS.contains(&path);
    FORBIDDEN
        .iter()
        .filter(|(word, _)| !(is_clock && *word == "tokio::time::sleep"))
        .flat_map(|(word, instead)| lines(path, text, instead, |line| line.contains(word)))
        .collect()
}

#[test]
fn nothing_is_skipped_left_open_or_slept_over() {
    check_sources(forbidden);
    for (word, _) in FORBIDDEN {
        found(word, &forbidden("crates/payment/src/lib.rs", &format!("  {word}(1)")));
    }
}
