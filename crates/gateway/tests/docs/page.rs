//! A page: its commands, how each is run, and what it says they print.

use std::path::Path;

/// How a block is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// To its end, with this exit code.
    To(i32),
    /// Until it has printed these words; it goes on beside the others.
    Background(String),
    /// By no test, for the reason that the page gives.
    Elsewhere,
}

/// What a block prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Json(String),
    Text(String),
}

/// One block of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) run: Run,
    pub(crate) commands: String,
    pub(crate) prints: Vec<Output>,
}

pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) blocks: Vec<Block>,
}

impl Page {
    /// A page of the house that has commands.
    pub(crate) fn read(name: &str) -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let blocks = blocks(&text).unwrap_or_else(|error| panic!("{name}:{error}"));
        Page { name: name.to_owned(), blocks }
    }
}

/// The blocks of a text, or the line and what is wrong with it.
fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut marker: Option<(usize, Run)> = None;
    let mut lines = (1..).zip(text.lines());
    while let Some((at, line)) = lines.next() {
        if let Some(words) = line.strip_prefix("<!-- run: ").and_then(|rest| rest.strip_suffix(" -->")) {
            marker =
                Some((at, run(words).ok_or_else(|| format!("{at}: {words:?} says nothing about a run"))?));
            continue;
        }
        let Some(language) = line.strip_prefix("```") else { continue };
        let inside: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let inside = inside.join("\n");
        // A marker belongs to the block right below it.
        let marked = marker.take().filter(|(above, _)| above + 1 == at).map(|(_, run)| run);
        match language {
            "sh" => {
                blocks.push(Block { run: marked.unwrap_or(Run::To(0)), commands: inside, prints: Vec::new() })
            }
            "json" | "text" => {
                let output = if language == "json" { Output::Json(inside) } else { Output::Text(inside) };
                let block = blocks.last_mut().ok_or_else(|| format!("{at}: output of no command"))?;
                block.prints.push(output);
            }
            other => {
                return Err(format!("{at}: a block of {other:?}; commands are sh, output is json or text"));
            }
        }
    }
    if let Some((at, _)) = marker {
        return Err(format!("{at}: a marker without a block"));
    }
    if !blocks.iter().any(|block| block.run != Run::Elsewhere) {
        return Err("1: the page has no command that is run".to_owned());
    }
    Ok(blocks)
}

fn run(words: &str) -> Option<Run> {
    if let Some(code) = words.strip_prefix("exit ") {
        return code.parse().ok().map(Run::To);
    }
    if let Some(ready) = words.strip_prefix("background until ") {
        let ready = ready.strip_prefix('"')?.strip_suffix('"')?;
        return Some(Run::Background(ready.to_owned()));
    }
    // Without a reason it is only left out.
    words.strip_prefix("not here, ").filter(|reason| reason.len() > 10).map(|_| Run::Elsewhere)
}

#[test]
fn pages_are_read_as_they_are_meant() {
    let text = "# A\n\n<!-- run: exit 4 -->\n```sh\na\nb\n```\n\nso\n\n```json\n{}\n```\n\n```sh\nc\n```\n";
    let block = |run, commands: &str, prints| Block { run, commands: commands.to_owned(), prints };
    let expected =
        [block(Run::To(4), "a\nb", vec![Output::Json("{}".to_owned())]), block(Run::To(0), "c", Vec::new())];
    assert_eq!(blocks(text).unwrap(), expected);
}

#[test]
fn a_page_that_is_not_run_is_found() {
    for (planted, found) in [
        ("# only words\n", "no command"),
        ("```text\nx\n```\n", "output of no command"),
        ("```console\n$ a\n```\n", "console"),
        ("<!-- run: maybe -->\n```sh\na\n```\n", "maybe"),
        ("<!-- run: not here, no -->\n```sh\na\n```\n", "not here"),
        ("<!-- run: not here, it is the test itself -->\n```sh\na\n```\n", "no command"),
        ("```sh\na\n```\n<!-- run: exit 1 -->\n", "a marker without a block"),
    ] {
        let error = blocks(planted).unwrap_err();
        assert!(error.contains(found), "{planted:?}: {error}");
    }
}
