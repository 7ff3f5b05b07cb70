//! `GET /docs`: the reference of the API, made from its contract.

mod words;

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

use crate::api::openapi;

use self::words::{Words, words};
use super::lang::Lang;

/// Nothing is loaded but the page's own style sheet, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("reference.css")).into_response()
}

pub(super) async fn page(Query(parameters): Query<BTreeMap<String, String>>, headers: HeaderMap) -> Response {
    let document: Value = serde_json::from_str(openapi::printed()).expect("the contract is JSON");
    let body = whole(&document, words(Lang::of(&parameters, &headers)));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "accept-language, cookie"),
    ];
    (headers, Html(body.into_string())).into_response()
}

/// One operation of the contract.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    says: &'a Value,
}

fn operations<'a>(document: &'a Value, tag: &str) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (path, item) in fields(&document["paths"]) {
        for (method, says) in fields(item) {
            if says["tags"][0] == tag {
                found.push(Operation { method, path, says });
            }
        }
    }
    // What changes something comes before what reads it.
    found.sort_by_key(|operation| (operation.path, operation.method == "get"));
    found
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(self.says, "operationId")
    }

    fn title<'a>(&'a self, words: &Words) -> &'a str {
        words.title_of(self.id()).unwrap_or_else(|| text(self.says, "summary").trim_end_matches('.'))
    }
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn whole(document: &Value, words: &Words) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(words.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (words.title) }
                link rel="stylesheet" href="/docs/style.css";
                link rel="icon" href="data:,";
            }
            body {
                (contents(document, words))
                main {
                    header {
                        h1 { (words.title) " " small { (text(&document["info"], "version")) } }
                        p { (words.intro) }
                        p {
                            (words.machine) ": " a href="/openapi.json" { "openapi.json" } " · "
                            a href={ "/docs?lang=" (words.other.0) } hreflang=(words.other.0) { (words.other.1) }
                        }
                    }
                    @for tag in items(&document["tags"]) {
                        section {
                            h2 id=(tag_id(tag)) { (tag_title(tag, words)) }
                            @for operation in operations(document, text(tag, "name")) {
                                (described(document, &operation, words))
                            }
                        }
                    }
                    section {
                        h2 id="objects" { (words.objects) }
                        @for (name, schema) in fields(&document["components"]["schemas"]) {
                            (object(name, schema, words))
                        }
                    }
                }
            }
        }
    }
}

/// An operation may have the name of its tag.
fn tag_id(tag: &Value) -> String {
    format!("tag-{}", text(tag, "name"))
}

fn tag_title<'a>(tag: &'a Value, words: &Words) -> &'a str {
    words.title_of(&tag_id(tag)).unwrap_or_else(|| text(tag, "description"))
}

fn contents(document: &Value, words: &Words) -> Markup {
    html! {
        nav {
            @for tag in items(&document["tags"]) {
                a.tag href={ "#" (tag_id(tag)) } { (tag_title(tag, words)) }
                ul {
                    @for operation in operations(document, text(tag, "name")) {
                        li {
                            a href={ "#" (operation.id()) } { (operation.title(words)) }
                        }
                    }
                }
            }
            a.tag href="#objects" { (words.objects) }
            ul {
                @for (name, _) in fields(&document["components"]["schemas"]) {
                    li { a href={ "#" (name) } { (name) } }
                }
            }
        }
    }
}

fn described(document: &Value, operation: &Operation<'_>, words: &Words) -> Markup {
    let says = operation.says;
    let keyed = says["responses"].get("401").is_some();
    let body = &says["requestBody"];
    html! {
        article id=(operation.id()) {
            h3 { (operation.title(words)) }
            p.call { span.method { (operation.method.to_uppercase()) } " " code { (operation.path) } }
            (prose(text(says, "description")))
            p.key { (if keyed { words.key } else { words.keyless }) }
            @if says["parameters"].is_array() {
                h4 { (words.parameters) }
                (parameters(says, words))
            }
            @if body.is_object() {
                h4 {
                    (words.request) ": " (kind(&body["content"]["application/json"]["schema"], words))
                    @if body["required"] != true { " (" (words.optional_body) ")" }
                }
            }
            h4 { (words.answers) }
            (answers(document, says, words))
        }
    }
}

fn parameters(says: &Value, words: &Words) -> Markup {
    html! {
        table {
            (head(words))
            @for parameter in items(&says["parameters"]) {
                tr {
                    td {
                        code { (text(parameter, "name")) }
                        @if parameter["required"] == true { " " em { (words.required) } }
                    }
                    td { (kind(&parameter["schema"], words)) }
                    td { (prose(text(parameter, "description"))) }
                }
            }
        }
    }
}

fn answers(document: &Value, says: &Value, words: &Words) -> Markup {
    html! {
        table {
            @for (status, answer) in fields(&says["responses"]) {
                @let answer = resolved(document, answer);
                tr {
                    td { code { (status) } }
                    td {
                        @for (_, content) in fields(&answer["content"]) { (kind(&content["schema"], words)) }
                    }
                    td {
                        @for line in text(answer, "description").split("; ") { (prose(line)) }
                        @for (name, header) in fields(&answer["headers"]) {
                            p { code { (name) } ": " (inline(text(header, "description"))) }
                        }
                    }
                }
            }
        }
    }
}

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#'))).unwrap_or(value)
}

fn object(name: &str, schema: &Value, words: &Words) -> Markup {
    let required: Vec<&str> = items(&schema["required"]).filter_map(Value::as_str).collect();
    html! {
        article id=(name) {
            h3 { (name) }
            (prose(text(schema, "description")))
            @if schema["properties"].is_object() {
                table {
                    (head(words))
                    @for (field, said) in fields(&schema["properties"]) {
                        tr {
                            td {
                                code { (field) }
                                @if name.ends_with("Request") && required.contains(&field.as_str()) {
                                    " " em { (words.required) }
                                }
                            }
                            td { (kind(said, words)) }
                            td { (prose(text(said, "description"))) (prose(text(&said["oneOf"][0], "description"))) }
                        }
                    }
                }
            } @else {
                p { (kind(schema, words)) }
            }
        }
    }
}

fn head(words: &Words) -> Markup {
    html! { tr { @for column in words.columns { th { (column) } } } }
}

/// What a value is: a name that leads to its object, or its type with its limits.
fn kind(schema: &Value, words: &Words) -> Markup {
    if let Some(place) = schema["$ref"].as_str() {
        let name = place.rsplit('/').next().unwrap_or(place);
        return html! { a href={ "#" (name) } { (name) } };
    }
    if let Some(first) = schema["allOf"].get(0) {
        return kind(first, words);
    }
    if schema["oneOf"].is_array() {
        let some = items(&schema["oneOf"]).filter(|one| one["type"] != "null");
        let null = items(&schema["oneOf"]).any(|one| one["type"] == "null");
        return html! {
            @for (at, one) in some.enumerate() { @if at > 0 { ", " } (kind(one, words)) }
            @if null { " " (words.or_null) }
        };
    }
    if schema["type"] == "array" {
        return html! { (words.list_of) " " (kind(&schema["items"], words)) };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let limits = [("minimum", "≥ "), ("maximum", "≤ "), ("default", "= ")];
    html! {
        @for name in types.iter().filter(|name| **name != "null") { (name) }
        @if types.is_empty() { "JSON" }
        @if types.contains(&"null") { " " (words.or_null) }
        @if let Some(format) = schema["format"].as_str().filter(|format| !format.starts_with("int")) { ", " (format) }
        @for (limit, sign) in limits {
            @if let Some(value) = schema.get(limit) { ", " (sign) (value) }
        }
        @if let Some(pattern) = schema["pattern"].as_str() { br; code.pattern { (pattern) } }
        @if schema["enum"].is_array() {
            br; (words.one_of) ": "
            @for (at, word) in items(&schema["enum"]).filter_map(Value::as_str).enumerate() {
                @if at > 0 { ", " } code { (word) }
            }
        }
    }
}

/// A paragraph, if there is something to say.
fn prose(said: &str) -> Markup {
    html! { @if !said.is_empty() { p { (inline(said)) } } }
}

/// Sentences in which marks set off code.
fn inline(said: &str) -> Markup {
    html! {
        @for (at, part) in said.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_chinese_title() {
        let document: Value = serde_json::from_str(openapi::printed()).unwrap();
        let words = words(Lang::Zh);
        let mut titled = 0;
        for tag in items(&document["tags"]) {
            assert!(words.title_of(&tag_id(tag)).is_some(), "{tag}");
            for operation in operations(&document, text(tag, "name")) {
                assert!(words.title_of(operation.id()).is_some(), "{}", operation.id());
                titled += 1;
            }
        }
        let paths = fields(&document["paths"]).map(|(_, item)| fields(item).count());
        assert_eq!(titled, paths.sum::<usize>(), "every operation is on the page");
    }

    #[test]
    fn marks_become_code_and_signs_stay_text() {
        assert_eq!(prose("a `b<c>` d").into_string(), "<p>a <code>b&lt;c&gt;</code> d</p>");
    }
}
