//! Child processes: started, heard until they are ready, asked what they cost, and ended.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::client;
use crate::messages::{Outcome, Phase};

/// A child process that is killed when it goes out of scope.
pub(crate) struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it, with its log in a file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Running> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let stdin = child.stdin.take().context("stdin is a pipe")?;
        let stdout = BufReader::new(child.stdout.take().context("stdout is a pipe")?);
        Ok(Running { child, stdin, stdout })
    }

    /// Everything that it says until it says `ready`, as one object.
    pub(crate) fn said_until(&mut self, ready: &str) -> anyhow::Result<Map<String, Value>> {
        let mut said = Map::new();
        while !said.contains_key(ready) {
            let line: Map<String, Value> = serde_json::from_str(&self.line()?)?;
            said.extend(line);
        }
        Ok(said)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let read = self.stdout.read_line(&mut line)?;
        ensure!(read > 0, "a process ended before it was done: {:?}", self.child.wait());
        Ok(line)
    }

    /// User and system time of all its threads so far, in microseconds.
    pub(crate) fn cpu_us(&self) -> anyhow::Result<u64> {
        /// A clock tick as the kernel tells it to programs (`USER_HZ`), on every architecture of Linux.
        const TICK_US: u64 = 10_000;
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything; user and system time are the 12th and 13th word behind it.
        let (_, words) = text.rsplit_once(')').context("/proc/pid/stat")?;
        let ticks: Result<Vec<u64>, _> = words.split_whitespace().skip(11).take(2).map(str::parse).collect();
        Ok(ticks?.iter().sum::<u64>() * TICK_US)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _dead_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// This program again, as a client.
pub(crate) struct Client(pub(crate) Running);

impl Client {
    pub(crate) fn start(words: &[&str], log: &Path) -> anyhow::Result<Client> {
        let mut command = Command::new(std::env::current_exe()?);
        Ok(Client(Running::start(command.arg(client::ROLE).args(words), log)?))
    }

    /// Carries a phase out; answers when its last payment has ended.
    pub(crate) fn run(&mut self, phase: &Phase) -> anyhow::Result<Outcome> {
        let mut line = serde_json::to_vec(phase)?;
        line.push(b'\n');
        self.0.stdin.write_all(&line)?;
        let outcome: Outcome = serde_json::from_str(&self.0.line()?)?;
        ensure!(outcome.wrong.is_empty(), "{} went wrong: {:?}", outcome.wrong.len(), &outcome.wrong[..1]);
        Ok(outcome)
    }
}

/// The mapped file that the shim counts the gateway's calls of fsync and fdatasync in.
pub(crate) struct Fsyncs(std::path::PathBuf);

impl Fsyncs {
    const SOURCE: &str = include_str!("fsyncs.c");

    /// Compiles the shim, and has `gateway` load it.
    pub(crate) fn preload(folder: &Path, gateway: &mut Command) -> anyhow::Result<Fsyncs> {
        let (source, shim, count) =
            (folder.join("fsyncs.c"), folder.join("fsyncs.so"), folder.join("fsyncs.count"));
        std::fs::write(&source, Fsyncs::SOURCE)?;
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&shim).arg(&source).arg("-ldl");
        ensure!(compiler.status().context("cc")?.success(), "the shim does not compile");
        File::create(&count)?.set_len(8)?;
        gateway.env("LD_PRELOAD", &shim).env("PAYCODE_BENCH_FSYNCS", &count);
        Ok(Fsyncs(count))
    }

    pub(crate) fn count(&self) -> anyhow::Result<u64> {
        let bytes: [u8; 8] = std::fs::read(&self.0)?.try_into().ok().context("eight bytes")?;
        Ok(u64::from_ne_bytes(bytes))
    }
}
