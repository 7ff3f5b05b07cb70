//! The payment code: from the command line, from a scanner on stdin, or asked for on a terminal that does not show it.

use std::io::{BufRead, IsTerminal};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::{oneshot, watch};

use super::super::Usage;

/// Longer than any code with what scanners put around it.
const CODE_BYTES_MAX: u64 = 256;

/// The code, or nothing where somebody stopped the command before one was scanned.
pub(in crate::cli) async fn read(
    argument: &str,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<Option<String>> {
    let code = if argument == "-" {
        let hidden = Hidden::start();
        if hidden.is_some() {
            eprint!("请扫付款码 (不显示) / scan the payment code (not shown): ");
        }
        let scanned = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => None,
            line = line() => Some(line),
        };
        if hidden.is_some() {
            eprintln!();
        }
        drop(hidden);
        match scanned {
            None => return Ok(None),
            Some(line) => line?,
        }
    } else {
        argument.to_owned()
    };
    if code.trim().is_empty() {
        return Err(Usage::because("没有付款码 / no payment code came; scan it, or give it with --code"));
    }
    Ok(Some(code))
}

/// One line of stdin, read on a thread of its own: a read cannot be taken back, and must not keep the process.
async fn line() -> anyhow::Result<String> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::Read::take(std::io::stdin().lock(), CODE_BYTES_MAX).read_line(&mut line);
        let _gone = sender.send(read.map(|_| line));
    });
    let line = receiver.await.map_err(|_| Usage::because("stdin 读不出 / stdin cannot be read"))?;
    line.map_err(|error| Usage::because(format!("stdin: {error}")))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden(Termios);

impl Hidden {
    /// Nothing where stdin is no terminal.
    fn start() -> Option<Hidden> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return None;
        }
        let before = tcgetattr(&stdin).ok()?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Now, &hidden).ok()?;
        Some(Hidden(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo.
        let _gone = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}
