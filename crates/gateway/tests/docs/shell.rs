//! The terminals of a reader: one shell in which the commands of a page follow each other, and what runs beside it.
//!
//! A reader's folder has `./x` and `target/debug/paycode`. The demo listens where it is free; its addresses stand for the
//! page's in commands and in what they print.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::expected::differences;
use crate::page::{Block, Output, Page, Run};
use crate::support::child::Folder;

/// As the pages have them.
const API: &str = "127.0.0.1:8080";
const SIMULATOR: &str = "127.0.0.1:8081";

/// Runs a page from top to bottom.
pub(crate) fn follow(page: &Page) {
    let folder = Folder::new(&format!("page-{}", page.name.replace('/', "-")));
    let mut reader = Reader::new(folder.path());
    let mut run = 0;
    for (number, block) in (1..).zip(&page.blocks) {
        let printed = match &block.run {
            Run::Elsewhere => continue,
            Run::Background(ready) => reader.beside(block, ready),
            Run::To(code) => reader.run(number, block, *code, &page.name),
        };
        run += 1;
        for expected in &block.prints {
            let expected = reader.placed(expected);
            let wrong = differences(&expected, &printed);
            let commands = &block.commands;
            assert!(
                wrong.is_empty(),
                "{}:\n{commands}\n{}\nprinted:\n{printed}",
                page.name,
                wrong.join("\n")
            );
        }
    }
    let excused = page.blocks.iter().filter(|block| block.run == Run::Elsewhere).count();
    assert_eq!(run + excused, page.blocks.len());
    println!("{}: {run} blocks were run, {excused} run elsewhere", page.name);
}

struct Reader {
    folder: PathBuf,
    shell: Ended,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    beside: Vec<(Ended, BufReader<ChildStdout>)>,
    /// The addresses of the page, and where they are here.
    moved: Vec<(&'static str, String)>,
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _dead_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Reader {
    fn new(folder: &Path) -> Reader {
        fs::create_dir_all(folder.join("target/debug")).unwrap();
        symlink(env!("CARGO_BIN_EXE_paycode"), folder.join("target/debug/paycode")).unwrap();
        let x = "#!/bin/sh\nexec target/debug/paycode \"$@\" --listen 127.0.0.1:0 --simulator 127.0.0.1:0\n";
        fs::write(folder.join("x"), x).unwrap();
        fs::set_permissions(folder.join("x"), fs::Permissions::from_mode(0o700)).unwrap();
        let mut shell = bash(folder, &["--noprofile", "--norc"]);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Reader {
            folder: folder.to_owned(),
            shell: Ended(child),
            stdin,
            stdout: BufReader::new(stdout),
            beside: Vec::new(),
            moved: Vec::new(),
        }
    }

    /// Starts what goes on by itself, in a terminal of its own; answers what it printed until it was ready.
    fn beside(&mut self, block: &Block, ready: &str) -> String {
        assert_eq!(block.commands.lines().count(), 1, "one command a terminal: {}", block.commands);
        let log = File::create(self.folder.join("beside.log")).unwrap();
        let command = format!("exec {}", block.commands);
        let mut child =
            bash(&self.folder, &["-c", &command]).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let child = Ended(child);
        let mut printed = String::new();
        while !printed.contains(ready) {
            assert!(stdout.read_line(&mut printed).unwrap() > 0, "{command} ended:\n{printed}");
        }
        self.beside.push((child, stdout));
        for (page, before) in [(API, "/ cashier"), (SIMULATOR, "/ phone")] {
            let (_, after) = printed.split_once(before).unwrap_or_else(|| panic!("no {before} in {printed}"));
            let (_, after) = after.split_once("http://").unwrap();
            let address = after.split(['/', '\n']).next().unwrap();
            self.moved.push((page, address.to_owned()));
        }
        let api = &self.moved[0].1;
        // Where the command line asks when nobody says so.
        writeln!(self.stdin, "export PAYCODE_API=http://{api}").unwrap();
        printed
    }

    /// Runs a block in the shell; answers what it printed, its complaints last.
    fn run(&mut self, number: usize, block: &Block, code: i32, page: &str) -> String {
        let file = |end: &str| self.folder.join(format!("block-{number}.{end}"));
        let [script, out, err] = ["sh", "out", "err"].map(file);
        fs::write(&script, self.place(&block.commands)).unwrap();
        let [script, out_to, err_to] = [&script, &out, &err].map(|path| path.to_str().unwrap());
        writeln!(self.stdin, ". '{script}' >'{out_to}' 2>'{err_to}' </dev/null; echo \"ended $?\"").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let printed = format!("{}{}", fs::read_to_string(&out).unwrap(), fs::read_to_string(&err).unwrap());
        let commands = &block.commands;
        assert_eq!(line.trim(), format!("ended {code}"), "{page}:\n{commands}\nprinted:\n{printed}");
        assert!(self.shell.0.try_wait().unwrap().is_none(), "the shell goes on");
        printed
    }

    fn place(&self, text: &str) -> String {
        self.moved.iter().fold(text.to_owned(), |text, (page, here)| text.replace(page, here))
    }

    fn placed(&self, expected: &Output) -> Output {
        match expected {
            Output::Json(text) => Output::Json(self.place(text)),
            Output::Text(text) => Output::Text(self.place(text)),
        }
    }
}

fn bash(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for name in ["PAYCODE_API", "PAYCODE_KEY", "PAYCODE_LOG"] {
        command.env_remove(name);
    }
    command
}
