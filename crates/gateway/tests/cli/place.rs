//! A place to try it in: a simulator with its export, a gateway on that export, and `paycode` as a person types it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::child::{Folder, Running};
use crate::support::till::Till;
use crate::support::time::Stopwatch;

/// `paycode simulate --export`.
pub(crate) struct Simulated {
    _running: Running,
    pub(crate) control: Till,
    pub(crate) export: PathBuf,
}

impl Simulated {
    pub(crate) fn start(folder: &Folder) -> Simulated {
        let (data, export) = (folder.path().join("simulator"), folder.path().join("export"));
        let arguments = [
            "simulate",
            "--listen",
            "127.0.0.1:0",
            "--control",
            "127.0.0.1:0",
            "--data",
            data.to_str().unwrap(),
            "--export",
            export.to_str().unwrap(),
            "--json",
        ];
        let running = Running::start(&arguments, "info", &folder.path().join("simulator.log"), "control");
        assert_eq!(running.word("config"), export.join("paycode.toml").to_str().unwrap());
        Simulated { control: Till::new(&running.word("control"), ""), _running: running, export }
    }

    /// The exported configuration on a free port and with a store of its own; `changed` are lines that become others.
    pub(crate) fn configuration(&self, name: &str, changed: &[(&str, &str)]) -> PathBuf {
        let mut text = fs::read_to_string(self.export.join("paycode.toml")).unwrap();
        let store = format!("path = \"{name}.db\"");
        let always = [("127.0.0.1:8080", "127.0.0.1:0"), ("path = \"paycode.db\"", store.as_str())];
        for (before, after) in always.iter().chain(changed) {
            assert!(text.contains(before), "{before} is not in the export:\n{text}");
            text = text.replace(before, after);
        }
        let path = self.export.join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        path
    }
}

/// `paycode serve` whose accounts take payments.
pub(crate) struct Gateway {
    running: Running,
    pub(crate) log: PathBuf,
}

impl Gateway {
    pub(crate) fn start(config: &Path) -> Gateway {
        const OPEN_SECONDS_MAX: u64 = 30;
        let log = config.with_extension("log");
        let arguments = ["serve", "--config", config.to_str().unwrap(), "--json"];
        let running = Running::start(&arguments, "debug", &log, "api");
        let till = Till::new(&running.word("api"), &running.word("api_key"));
        let stopwatch = Stopwatch::start();
        while till.send("GET", "/readyz", b"").status != 200 {
            assert!(stopwatch.seconds() < OPEN_SECONDS_MAX, "{}", till.send("GET", "/readyz", b"").json());
        }
        Gateway { running, log }
    }

    /// The same over TLS, whether or not its accounts take payments yet.
    pub(crate) fn start_tls(config: &Path) -> Gateway {
        let log = config.with_extension("log");
        let arguments = ["serve", "--config", config.to_str().unwrap(), "--json"];
        Gateway { running: Running::start(&arguments, "debug", &log, "api"), log }
    }

    pub(crate) fn paycode(&self) -> Paycode {
        Paycode { api: self.running.word("api"), key: self.running.word("api_key") }
    }

    /// The same with the key that may settle.
    pub(crate) fn person(&self) -> Paycode {
        Paycode { key: self.running.word("settle_key"), ..self.paycode() }
    }
}

/// `paycode` on a command line that knows a gateway and a key.
#[derive(Clone)]
pub(crate) struct Paycode {
    pub(crate) api: String,
    pub(crate) key: String,
}

impl Paycode {
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command.env("PAYCODE_API", &self.api).env("PAYCODE_KEY", &self.key);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// The same with something on stdin.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ended {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read may be gone already.
        let _unread = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ended::from(child.wait_with_output().unwrap())
    }
}

/// `paycode` that knows nothing.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paycode"));
    command.args(arguments).env_remove("PAYCODE_API").env_remove("PAYCODE_KEY").env_remove("PAYCODE_LOG");
    command.stdin(Stdio::null());
    command
}

/// How a command ended, and everything that it said.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Ended {
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Exit code and words, each of which must be somewhere in what was said.
    pub(crate) fn check(&self, code: i32, words: &[&str]) -> &Ended {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.code, Some(code), "{said}");
        for word in words {
            assert!(said.contains(word), "no {word:?} in:\n{said}");
        }
        self
    }

    /// Its one line of JSON.
    pub(crate) fn json(&self) -> Value {
        let lines: Vec<&str> = self.stdout.lines().collect();
        assert_eq!(lines.len(), 1, "{}", self.stdout);
        serde_json::from_str(lines[0]).unwrap()
    }
}
