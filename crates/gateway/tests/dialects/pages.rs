//! The code table at the end of each channel's page is printed from the tables that answers are read with.

use std::fmt::Write as _;
use std::path::Path;

use gateway::dialects::table::{Row, rows};
use payment::patience::Channel;

const BEGIN: &str = "<!-- codes -->\n";
const END: &str = "<!-- /codes -->";

#[test]
fn the_pages_list_the_codes_that_are_read() {
    for channel in Channel::ALL {
        let name = format!("docs/channels/{}.md", channel.word());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(&name);
        let page = std::fs::read_to_string(&path).unwrap();
        let (head, rest) = page.split_once(BEGIN).unwrap_or_else(|| panic!("{name}: no {BEGIN}"));
        let (_, tail) = rest.split_once(END).unwrap_or_else(|| panic!("{name}: no {END}"));
        let printed = format!("{head}{BEGIN}{}{END}{tail}", table(channel));
        if std::env::var_os("PAYCODE_BLESS").is_some() {
            std::fs::write(&path, &printed).unwrap();
        } else {
            assert!(
                page == printed,
                "{name} is not what the tables say; refresh it with `PAYCODE_BLESS=1 cargo test -p gateway --test dialects \
                 pages`"
            );
        }
    }
}

fn table(channel: Channel) -> String {
    let mut text =
        "| answer to 应答 | field 字段 | code 代码 | read as 解读 | what it means 含义 | source 出处 |\n\
                    |---|---|---|---|---|---|\n"
            .to_owned();
    let alike = |one: &Row, other: &Row| {
        (one.field, one.means, one.zh, one.source) == (other.field, other.means, other.zh, other.source)
    };
    for rows in rows(channel).chunk_by(alike) {
        let Row { field, means, zh, en, source, .. } = &rows[0];
        let codes: Vec<String> = rows.iter().map(|row| format!("`{}`", row.code)).collect();
        let cell = |words: &str| words.replace('|', "\\|");
        let (call, codes) = (means.call().word(), codes.join(", "));
        writeln!(
            text,
            "| {call} | `{field}` | {codes} | {means} | {} {} | {} |",
            cell(en),
            cell(zh),
            cell(source)
        )
        .unwrap();
    }
    text
}
