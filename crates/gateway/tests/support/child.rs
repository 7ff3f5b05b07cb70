//! The real binary as a child process, in a folder of its own.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Map, Value};

use super::till::Till;

/// A folder that goes when the test was green, and stays to be looked at when it was not.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        // What an earlier process of the same number left.
        let _absent = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _gone = fs::remove_dir_all(&self.0);
        }
    }
}

/// A child process that is killed when it goes out of scope.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Held open: a child that prints into a closed pipe would die of it.
    _stdout: BufReader<ChildStdout>,
    /// Everything that it said on stdout until it was ready, one object.
    pub(crate) said: Map<String, Value>,
}

impl Running {
    /// Starts `paycode` and reads its stdout until a line has the key `ready`.
    pub(crate) fn start(arguments: &[&str], log: &str, stderr: &Path, ready: &str) -> Running {
        let mut child = command(arguments, log, stderr).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = Map::new();
        while !said.contains_key(ready) {
            let mut line = String::new();
            let read = stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "paycode {arguments:?} ended before it was ready: {:?}", child.wait());
            let line: Value = serde_json::from_str(&line).unwrap();
            said.extend(line.as_object().unwrap().clone());
        }
        Running { child, _stdout: stdout, said }
    }

    pub(crate) fn word(&self, name: &str) -> String {
        self.said.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name}")).to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _dead_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// `paycode` with these arguments; it logs into `stderr`.
pub(crate) fn command(arguments: &[&str], log: &str, stderr: &Path) -> Command {
    let stderr = OpenOptions::new().create(true).append(true).open(stderr).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_paycode"));
    command.args(arguments).env("PAYCODE_LOG", log).stdin(Stdio::null()).stderr(stderr);
    command
}

/// `paycode demo` in a folder: gateway and simulator, as a till and an operator see them.
pub(crate) struct Demo {
    pub(crate) running: Running,
    pub(crate) till: Till,
    /// The simulator's control address, as a till without a key.
    pub(crate) simulator: Till,
}

impl Demo {
    pub(crate) fn start(folder: &Folder, log: &str) -> Demo {
        Demo::start_at(folder, log, "127.0.0.1:0", "127.0.0.1:0")
    }

    /// The same, where a page or a till already knows the addresses.
    pub(crate) fn start_at(folder: &Folder, log: &str, listen: &str, simulator: &str) -> Demo {
        let data = folder.path().join("data");
        let data = data.to_str().unwrap();
        let stderr = folder.path().join("stderr.log");
        let arguments = ["demo", "--listen", listen, "--simulator", simulator, "--data", data, "--json"];
        let running = Running::start(&arguments, log, &stderr, "api");
        let till = Till::new(&running.word("api"), &running.word("api_key"));
        let simulator = Till::new(&running.word("simulator"), "");
        Demo { running, till, simulator }
    }
}
