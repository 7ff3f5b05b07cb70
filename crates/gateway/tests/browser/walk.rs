//! One walk: a demo of its own, the script beside it, and the verdicts that the script prints.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::decoder::decode;
use crate::support::child::{Demo, Folder};

/// Runs `walks/<name>.mjs` and fails with its lines when it fails.
pub(crate) fn walk(name: &str) {
    let needed = ["PAYCODE_CHROMIUM", "PAYCODE_NODE_MODULES"].map(env::var_os);
    assert!(
        needed.iter().all(Option::is_some),
        "the walks need chromium, node and playwright-core: run ./x test"
    );
    let folder = Folder::new(&format!("walk-{name}"));
    let mut demo = Demo::start(&folder, "info");
    let stderr = folder.path().join("walk.log");
    let mut script = Script(node(name, &demo, &stderr));
    let lines = script.follow(&folder, &mut demo);
    let ended = script.0.wait().unwrap();
    let passed = lines.iter().filter(|line| line.starts_with("ok ")).count();
    let failed = lines.iter().any(|line| line.starts_with("not ok "));
    let told = lines.join("\n");
    println!("{told}");
    let log = std::fs::read_to_string(&stderr).unwrap();
    assert!(ended.success() && passed > 0 && !failed, "{name} ({ended}):\n{told}\n{log}");
}

/// A script that is killed when it goes out of scope.
struct Script(Child);

impl Drop for Script {
    fn drop(&mut self) {
        let _dead_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn node(name: &str, demo: &Demo, stderr: &Path) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/browser/walks/{name}.mjs"));
    Command::new("node")
        .arg(script)
        .env("PAYCODE_DEMO", serde_json::to_string(&demo.running.said).unwrap())
        .env("PAYCODE_SCREENS", screens())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(stderr).unwrap())
        .spawn()
        .unwrap_or_else(|error| panic!("node does not start, run ./x test: {error}"))
}

/// Where pictures are kept: `browser/screens` in the target folder.
fn screens() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("browser/screens")
}

impl Script {
    /// Does what the script wishes until it ends, and collects its other lines.
    fn follow(&mut self, folder: &Folder, demo: &mut Demo) -> Vec<String> {
        let mut stdin = self.0.stdin.take().unwrap();
        let stdout = BufReader::new(self.0.stdout.take().unwrap());
        let mut lines = Vec::new();
        for line in stdout.lines() {
            let line = line.unwrap();
            let words: Vec<&str> = line.splitn(3, ' ').collect();
            let done = match words[..] {
                ["decode", format, picture] => decode(format, Path::new(picture)),
                ["kill"] => {
                    demo.running.child.kill().unwrap();
                    Ok(demo.running.child.wait().unwrap().to_string())
                }
                ["start"] => {
                    let [listen, simulator] = ["api", "simulator"].map(|name| address(demo, name));
                    *demo = Demo::start_at(folder, "info", &listen, &simulator);
                    Ok(listen)
                }
                _ => {
                    lines.push(line);
                    continue;
                }
            };
            let answer = done.map_or_else(|error| format!("undone {error}"), |text| format!("done {text}"));
            // A script that has ended does not listen; its exit code tells.
            let _gone = writeln!(stdin, "{answer}");
        }
        lines
    }
}

/// Host and port, as the demo said them.
fn address(demo: &Demo, name: &str) -> String {
    demo.running.word(name).strip_prefix("http://").unwrap().to_owned()
}
