//! `docs/integrate/openapi.json`, printed from the code and compared with the committed copy.
//!
//! To refresh it: `PAYCODE_BLESS=1 cargo test -p gateway --test contract`.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The committed copy.
fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/integrate/openapi.json")
}

#[test]
fn the_copy_is_what_the_code_says() {
    let printed = gateway::api::openapi::printed();
    if std::env::var_os("PAYCODE_BLESS").is_some() {
        std::fs::write(path(), printed).unwrap();
    }
    let committed = std::fs::read_to_string(path()).unwrap_or_default();
    let differs = committed.lines().zip(printed.lines()).position(|(one, other)| one != other);
    assert!(
        committed == printed,
        "docs/integrate/openapi.json is not what the code says, from line {}; look at the change, then refresh it with \
         `PAYCODE_BLESS=1 cargo test -p gateway --test contract`",
        differs.unwrap_or_else(|| committed.lines().count().min(printed.lines().count())) + 1
    );
}

/// Every schema of the document, by its path in it.
fn schemas<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                schemas(inner, &format!("{path}/{name}"), found);
            }
            found.push((path.to_owned(), value));
        }
        Value::Array(values) => {
            for (at, inner) in values.iter().enumerate() {
                schemas(inner, &format!("{path}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fields that say nothing of themselves, and bodies that could hold more than they say.
fn loose(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    schemas(&document["components"]["schemas"], "", &mut found);
    let mut loose = Vec::new();
    for (path, schema) in &found {
        let Some(fields) = schema["properties"].as_object() else { continue };
        // A condition narrows what is said beside it.
        if path.ends_with("/if") || path.ends_with("/then") {
            continue;
        }
        if schema["additionalProperties"] != false {
            loose.push(format!("{path} is not closed"));
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in fields {
            let text = field.to_string();
            if !text.contains("\"description\"") && !text.contains("\"$ref\"") {
                loose.push(format!("{path}/{name} is not described"));
            }
            if !path.ends_with("Request") && !required.contains(&name.as_str()) {
                loose.push(format!("{path}/{name} may be missing"));
            }
        }
    }
    loose
}

#[test]
fn bodies_are_closed_and_every_field_is_described() {
    let document: Value = serde_json::from_str(gateway::api::openapi::printed()).unwrap();
    assert!(document["components"]["schemas"].as_object().unwrap().len() > 30);
    assert_eq!(loose(&document), [""; 0]);
    let planted = r#"{"components":{"schemas":{"A":{"properties":{"b":{"type":"string"}},"required":[]}}}}"#;
    let planted: Value = serde_json::from_str(planted).unwrap();
    assert_eq!(loose(&planted), ["/A is not closed", "/A/b is not described", "/A/b may be missing"]);
}
