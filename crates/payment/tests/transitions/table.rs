//! Rows that say the same are one row; rows that say nothing are a number.

use std::collections::BTreeSet;
use std::fmt::Write;

/// What one input did to one value, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) becomes: String,
    pub(crate) asks: String,
    pub(crate) tells: String,
    pub(crate) watch: String,
    pub(crate) written: bool,
    pub(crate) weight: Weight,
}

/// How much happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Nothing at all.
    Nothing,
    /// Nothing but evidence: a late answer proved that the order exists, or that the submit is over.
    Evidence,
    /// Something to list.
    Change,
}

/// One input, named so that those of one kind can share a cell: kind `query`, name `NotPaid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InputName {
    pub(crate) kind: String,
    pub(crate) name: String,
}

/// One representative value and everything that was tried on it.
pub(crate) struct Tried {
    pub(crate) given: String,
    pub(crate) inputs: Vec<(InputName, Outcome)>,
}

/// The table of one phase, and the one line about the rest.
pub(crate) fn print(tried: &[Tried]) -> String {
    let everywhere = everywhere(tried);
    let mut rows: Vec<Row> = Vec::new();
    add_rows(&mut rows, "any", &everywhere);
    for one in tried {
        let own: Vec<_> = one
            .inputs
            .iter()
            .filter(|(input, _)| !everywhere.iter().any(|(known, _)| known == input))
            .cloned()
            .collect();
        add_rows(&mut rows, &one.given, &own);
    }
    let mut text = String::new();
    if !rows.is_empty() {
        text.push_str("| given | input | becomes | asks | tells | watch | written |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        rows.iter().for_each(|row| text.push_str(&row.print()));
        text.push('\n');
    }
    let count = |weight: Weight| {
        tried.iter().flat_map(|one| &one.inputs).filter(|(_, outcome)| outcome.weight == weight).count()
    };
    let all = tried.iter().map(|one| one.inputs.len()).sum::<usize>();
    let (still, evidence) = (count(Weight::Nothing), count(Weight::Evidence));
    writeln!(
        text,
        "Of {all} pairs that were run, {still} leave the value as it is and {evidence} only record evidence; they are not \
         listed."
    )
    .unwrap();
    text
}

/// The inputs that every value of the phase answers alike.
fn everywhere(tried: &[Tried]) -> Vec<(InputName, Outcome)> {
    let Some((first, others)) = tried.split_first() else { return Vec::new() };
    if others.is_empty() {
        return Vec::new();
    }
    first
        .inputs
        .iter()
        .filter(|pair| others.iter().all(|other| other.inputs.contains(pair)))
        .cloned()
        .collect()
}

/// A line of the table: values that answer the same inputs alike share it.
struct Row {
    givens: Vec<String>,
    inputs: String,
    outcome: Outcome,
}

impl Row {
    fn print(&self) -> String {
        let Outcome { becomes, asks, tells, watch, written, .. } = &self.outcome;
        format!(
            "| {} | {} | {becomes} | {} | {} | {} | {} |\n",
            self.givens.join("; "),
            self.inputs,
            dash(asks),
            dash(tells),
            dash(watch),
            if *written { "yes" } else { "no" },
        )
    }
}

fn add_rows(rows: &mut Vec<Row>, given: &str, inputs: &[(InputName, Outcome)]) {
    let mut groups: Vec<(&Outcome, Vec<&InputName>)> = Vec::new();
    for (input, outcome) in inputs.iter().filter(|(_, outcome)| outcome.weight == Weight::Change) {
        match groups.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, names)) => names.push(input),
            None => groups.push((outcome, vec![input])),
        }
    }
    for (outcome, names) in groups {
        let inputs = input_cell(&names);
        let same = |row: &&mut Row| row.inputs == inputs && row.outcome == *outcome && row.givens != ["any"];
        match rows.iter_mut().find(same) {
            Some(row) => row.givens.push(given.to_owned()),
            None => rows.push(Row { givens: vec![given.to_owned()], inputs, outcome: outcome.clone() }),
        }
    }
}

fn input_cell(names: &[&InputName]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for name in names.iter().filter(|name| !name.kind.is_empty()) {
        if !kinds.contains(&name.kind.as_str()) {
            kinds.push(&name.kind);
        }
    }
    let of = |kind: &str| -> Vec<&str> {
        names.iter().filter(|name| name.kind == kind).map(|name| name.name.as_str()).collect()
    };
    let mut parts: Vec<String> = of("").into_iter().map(str::to_owned).collect();
    parts.extend(kinds.into_iter().map(|kind| format!("{kind}: {}", collapse(of(kind)).join(", "))));
    parts.join("; ")
}

/// All variants of one answer are the answer.
fn collapse(mut names: Vec<&str>) -> Vec<&str> {
    for (whole, variants) in [("Closed", 3), ("Reversed", 3), ("Cannot", 4)] {
        let is_variant = |name: &str| name.strip_prefix(whole).is_some_and(|rest| rest.starts_with('('));
        if names.iter().filter(|name| is_variant(name)).count() == variants
            && let Some(first) = names.iter().position(|name| is_variant(name))
        {
            names[first] = whole;
            names.retain(|name| !is_variant(name));
        }
    }
    names
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

/// Every input's name, once: what a phase was tried with.
pub(crate) fn names(tried: &[Tried]) -> BTreeSet<String> {
    let inputs = tried.iter().flat_map(|one| &one.inputs);
    inputs.map(|(input, _)| format!("{} {}", input.kind.trim_start_matches("late "), input.name)).collect()
}

#[test]
fn rows_that_say_the_same_are_one() {
    let input = |name: &str| InputName { kind: "query".to_owned(), name: name.to_owned() };
    let outcome = |becomes: &str, weight| Outcome {
        becomes: becomes.to_owned(),
        asks: String::new(),
        tells: String::new(),
        watch: String::new(),
        written: false,
        weight,
    };
    let tried = [
        Tried {
            given: "a".to_owned(),
            inputs: vec![
                (input("X"), outcome("same", Weight::Change)),
                (input("Y"), outcome("own", Weight::Change)),
                (input("Z"), outcome("", Weight::Nothing)),
            ],
        },
        Tried {
            given: "b".to_owned(),
            inputs: vec![
                (input("X"), outcome("same", Weight::Change)),
                (input("Y"), outcome("other", Weight::Change)),
                (input("Z"), outcome("other", Weight::Change)),
            ],
        },
    ];
    let text = print(&tried);
    let rows: Vec<&str> = text.lines().skip(2).take(3).collect();
    assert_eq!(
        rows,
        [
            "| any | query: X | same | – | – | – | no |",
            "| a | query: Y | own | – | – | – | no |",
            "| b | query: Y, Z | other | – | – | – | no |",
        ]
    );
    assert!(
        text.ends_with("Of 6 pairs that were run, 1 leave the value as it is and 0 only record evidence; they are not listed.\n"),
        "{text}"
    );
}
