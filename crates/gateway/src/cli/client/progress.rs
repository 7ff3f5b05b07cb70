//! What a person sees while a payment is undecided: on stderr, on a terminal with the seconds that are left.

use std::io::IsTerminal;

use payment::time::{SECOND_MS, Time};
use serde_json::Value;

use super::text;

/// The line of an undecided payment.
pub(super) struct Progress {
    /// Programs that read JSON are told nothing in between.
    silent: bool,
    terminal: bool,
    /// Without the seconds; the same line is not said twice where lines stay.
    said: String,
    drawn: bool,
}

impl Progress {
    pub(super) fn new(json: bool) -> Progress {
        Progress {
            silent: json,
            terminal: std::io::stderr().is_terminal(),
            said: String::new(),
            drawn: false,
        }
    }

    /// Whether the seconds want to be drawn anew.
    pub(super) fn ticks(&self) -> bool {
        self.terminal && !self.silent
    }

    pub(super) fn payment(&mut self, payment: &Value, now: Time) {
        let message = text(payment, "/next_action/message");
        if message.is_empty() {
            return;
        }
        let left = moment(text(payment, "/next_action/deadline"))
            .map(|deadline| deadline.since_ms(now) / SECOND_MS)
            .filter(|seconds| *seconds >= 0);
        let left = left.map(|seconds| format!(", 剩 {seconds} 秒 / {seconds} s left")).unwrap_or_default();
        self.say(message, &left);
    }

    /// The line to the gateway is not what it should be; the result is as unknown as it was.
    pub(super) fn lost(&mut self, why: &str) {
        self.say(
            &format!(
                "结果未知, 正在核实, 请勿重复收款 / not known yet, asking again; do not charge again ({why})"
            ),
            "",
        );
    }

    fn say(&mut self, line: &str, left: &str) {
        if self.silent {
            return;
        }
        if self.terminal {
            eprint!("\r\x1b[2K… {line}{left}");
            self.drawn = true;
        } else if self.said != line {
            eprintln!("… {line}{left}");
        }
        line.clone_into(&mut self.said);
    }

    /// Leaves an empty line to whoever prints next.
    pub(super) fn end(&mut self) {
        if self.drawn {
            eprint!("\r\x1b[2K");
            self.drawn = false;
        }
    }
}

/// A moment as the API writes it.
pub(super) fn moment(rfc3339: &str) -> Option<Time> {
    rfc3339.parse::<jiff::Timestamp>().ok().map(|at| Time(at.as_millisecond()))
}
