//! What the binary says about itself: grouped help, version, completions, manual pages. All of it is made from the commands.

use std::io::Write;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Usage};

/// The version, with the commit where the build knows it: a release build in a git tree, or one that is told PAYCODE_COMMIT.
pub(super) const VERSION: &str = env!("PAYCODE_VERSION");

/// The commands as a person looks for them.
const GROUPS: [(&str, &[&str]); 4] = [
    ("收款 / Payments", &["pay", "query", "cancel", "refund", "cases"]),
    ("试用 / Try it", &["demo", "simulate", "scenarios"]),
    ("网关 / The gateway", &["init", "config", "route", "doctor", "serve", "migrate"]),
    ("其他 / More", &["openapi", "completions", "man"]),
];

const EXAMPLES: &str = "\
例 / Examples:
  paycode demo                                  gateway and simulated channels, nothing else needed
  paycode pay --amount 12.34                    scan the code, wait for the result
  paycode pay --amount 12.34 --code 130000000000000001 --order 20261121-0001
  paycode query 20261121-0001 --wait 60         how it stands, once it is decided
  paycode cancel 20261121-0001                  no money, or all of it back
  paycode refund 20261121-0001 --refund-no R20261121-0001 --amount 5.00

退出码 / Exit codes:
  0 paid or done   1 error   2 usage   3 failed or reversed   4 not decided   5 unavailable   6 suspended
  成功或已完成     出错      用法错误  失败或已撤销           未定论          不可用          待人工处理";

/// The command line with its groups.
pub(super) fn command() -> Command {
    let command = Arguments::command();
    let mut groups = String::new();
    for (heading, names) in GROUPS {
        groups.push_str(&format!("{heading}:\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            groups.push_str(&format!("  {name:<12} {about}\n"));
        }
        groups.push('\n');
    }
    let template = format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n\n{groups}选项 / Options:\n{{options}}{{after-help}}\n"
    );
    command.help_template(template).after_help(EXAMPLES)
}

pub(super) fn completions(shell: &str) -> anyhow::Result<ExitCode> {
    let shell: Shell = shell.parse().map_err(|why: String| Usage::because(why))?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "paycode", &mut script);
    print(&script)
}

pub(super) fn man(name: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut command = Arguments::command().after_help(EXAMPLES);
    command.build();
    let page = match name {
        None => command,
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            found.ok_or_else(|| Usage::because(format!("{name:?} is no command; see paycode --help")))?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)
}

/// To stdout in one piece; a reader that has seen enough is no error.
fn print(bytes: &[u8]) -> anyhow::Result<ExitCode> {
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let command = Arguments::command();
        let mut known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        grouped.sort_unstable();
        known.sort_unstable();
        assert_eq!(grouped, known);
        Arguments::command().debug_assert();
    }
}
