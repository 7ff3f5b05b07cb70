//! The first minutes: a configuration that is written, checked and never overwritten, and what the binary says of itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::place::{Ended, bare};
use crate::support::child::Folder;

fn run(arguments: &[&str]) -> Ended {
    Ended::from(bare(arguments).output().unwrap())
}

fn namespaces(config: &Path) -> Vec<String> {
    let text = fs::read_to_string(config).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("namespace = \""));
    lines.map(|rest| rest.trim_end_matches('"').to_owned()).collect()
}

#[test]
fn a_first_configuration_is_written_once() {
    let folder = Folder::new("init");
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    let config = one.join("paycode.toml");
    run(&["init", "--dir", one.to_str().unwrap()])
        .check(0, &["1. ", "2. ", "3. ", "paycode doctor --config", "paycode serve --config"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&one.join("secrets")), mode(&config)), (0o700, 0o600));
    run(&["config", "check", "--config", config.to_str().unwrap()])
        .check(0, &["wechat, alipay", "paycode doctor"]);

    run(&["init", "--dir", other.to_str().unwrap(), "--json"]).check(0, &["\"config\""]);
    let mut made = [namespaces(&config), namespaces(&other.join("paycode.toml"))].concat();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 4, "every account has its own: {made:?}");
    assert!(made.iter().all(|namespace| namespace.len() == 4 && namespace != "A1B2"), "{made:?}");

    let edited = fs::read_to_string(&config).unwrap().replace("hand_entry", "hand_entri");
    fs::write(&config, &edited).unwrap();
    run(&["init", "--dir", one.to_str().unwrap()]).check(1, &["已存在, 未改动"]);
    assert_eq!(fs::read_to_string(&config).unwrap(), edited);
    let line = 1 + edited.lines().position(|line| line.starts_with("hand_entri")).unwrap();
    run(&["config", "check", "--config", config.to_str().unwrap()])
        .check(1, &[&format!("paycode.toml:{line}: "), "hand_entri"]);
}

/// The commands that `--help` lists which a page does not explain.
fn unexplained(help: &str, page: &str) -> Vec<String> {
    let listed = help.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| line.len() > 14);
    let names = listed.filter_map(|line| line.split_once("  ")).map(|(name, _)| name);
    let names = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase()));
    names.filter(|name| !page.contains(&format!("`{name}"))).map(str::to_owned).collect()
}

#[test]
fn every_command_is_explained() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operate/cli.md")).unwrap();
    let help = run(&["--help"]).stdout;
    assert_eq!(unexplained(&help, &page), [""; 0]);
    let all = unexplained(&help, "");
    assert!(all.len() >= 15 && all.contains(&"simulate".to_owned()), "{all:?}");
}

#[test]
fn the_binary_speaks_of_itself() {
    run(&["--version"]).check(0, &[concat!("paycode ", env!("CARGO_PKG_VERSION"))]);
    run(&["--help"])
        .check(0, &["收款 / Payments:", "  pay ", "  serve ", "Exit codes", "paycode pay --amount 12.34"]);
    run(&["pay", "--help"]).check(0, &["--amount", "PAYCODE_KEY", "scanner"]);
    for shell in ["bash", "zsh", "fish"] {
        run(&["completions", shell]).check(0, &["paycode", "cancel", "if-paid-reverse"]);
    }
    run(&["completions", "tcsh"]).check(2, &["bash"]);
    run(&["man"]).check(0, &[".TH paycode", "cancel", "Exit codes"]);
    run(&["man", "pay"]).check(0, &[".TH paycode-pay", "\\-\\-amount"]);
    run(&["man", "nothing"]).check(2, &["paycode --help"]);
    run(&["simulate", "--data", "somewhere", "--export", "somewhere"]).check(1, &["name another one"]);
}
