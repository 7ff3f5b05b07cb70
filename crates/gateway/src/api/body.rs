//! Reading requests strictly: every wrong field is named, and nothing is guessed.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::problem::{Problem, ProblemCode, Wrong};

#[cfg(test)]
thread_local! {
    /// The names that this thread's parsers have asked for: what a request's schema has to agree with.
    pub(super) static ASKED: std::cell::RefCell<std::collections::BTreeSet<String>> = std::cell::RefCell::default();
}

/// The fields of one JSON object, taken one by one; what is left over is refused.
pub(super) struct Fields {
    object: Map<String, Value>,
    errors: Vec<(String, Wrong)>,
}

/// The body's bytes, or why there are none.
pub(super) fn bytes(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let detail = format!("the body is larger than {} bytes", super::BODY_BYTES_MAX);
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::BodyTooLarge, detail)
        } else {
            Problem::invalid(Vec::new(), "the body could not be read to its end")
        }
    })
}

impl Fields {
    /// Reads one JSON object.
    pub(super) fn parse(body: &[u8]) -> Result<Fields, Problem> {
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            let detail = format!("the body is not JSON: {error}");
            Problem::invalid(vec![(String::new(), Wrong::NotJson)], detail)
        })?;
        match value {
            Value::Object(object) => {
                let mut fields = Fields { object, errors: Vec::new() };
                for name in twice(body) {
                    fields.refuse(&name, Wrong::Twice);
                }
                Ok(fields)
            }
            _ => Err(Problem::invalid(
                vec![(String::new(), Wrong::NotAnObject)],
                "the body must be one JSON object",
            )),
        }
    }

    /// Reads one JSON object, or nothing where the body is empty.
    pub(super) fn parse_optional(body: &[u8]) -> Result<Fields, Problem> {
        if body.is_empty() {
            return Ok(Fields { object: Map::new(), errors: Vec::new() });
        }
        Fields::parse(body)
    }

    pub(super) fn refuse(&mut self, name: &str, code: Wrong) {
        // RFC 6901.
        let name = name.replace('~', "~0").replace('/', "~1");
        self.errors.push((format!("/{name}"), code));
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        #[cfg(test)]
        ASKED.with_borrow_mut(|asked| asked.insert(name.to_owned()));
        self.object.remove(name)
    }

    /// A text; absent and null are the same.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.refuse(name, Wrong::NotAString);
                None
            }
        }
    }

    pub(super) fn required_text(&mut self, name: &str) -> Option<String> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.take(name);
            self.refuse(name, Wrong::Required);
            return None;
        }
        self.text(name)
    }

    /// An identity of at most `most` characters of `A-Z a-z 0-9 . _ -`.
    pub(super) fn identity(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.text(name)?;
        let fits = (1..=most).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if fits {
            return Some(text);
        }
        self.refuse(name, Wrong::Malformed);
        None
    }

    pub(super) fn required_integer(&mut self, name: &str) -> Option<i64> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.take(name);
            self.refuse(name, Wrong::Required);
            return None;
        }
        self.integer(name)
    }

    /// An integer; `1.0`, `"1"` and `1e3` are none.
    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
        match self.take(name) {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => match number.as_i64() {
                Some(integer) => Some(integer),
                None => {
                    self.refuse(name, if number.is_u64() { Wrong::OutOfRange } else { Wrong::NotAnInteger });
                    None
                }
            },
            Some(_) => {
                self.refuse(name, Wrong::NotAnInteger);
                None
            }
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.refuse(name, Wrong::NotABoolean);
                false
            }
        }
    }

    /// Any JSON, as text, up to `most` bytes.
    pub(super) fn json(&mut self, name: &str, most: usize) -> Option<String> {
        let value = self.take(name).filter(|value| !value.is_null())?;
        let text = value.to_string();
        if text.len() > most {
            self.refuse(name, Wrong::TooLong);
            return None;
        }
        Some(text)
    }

    /// Refuses what is left over, and everything that was wrong on the way.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let unknown: Vec<String> = self.object.keys().cloned().collect();
        for name in unknown {
            self.refuse(&name, Wrong::UnknownField);
        }
        if self.errors.is_empty() {
            return Ok(());
        }
        let named: Vec<String> =
            self.errors.iter().map(|(pointer, code)| format!("{pointer}: {}", code.word())).collect();
        Err(Problem::invalid(self.errors, named.join("; ")))
    }
}

/// The names that an object has more than once: another reader of the same bytes may have taken the other value.
fn twice(body: &[u8]) -> Vec<String> {
    let Ok(Names(mut names)) = serde_json::from_slice(body) else { return Vec::new() };
    names.sort_unstable();
    let mut twice: Vec<String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    twice.dedup();
    twice
}

/// The names of an object as they come, without their values.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// An identity for one request, for support; drawn outside every decision.
pub(super) fn request_id() -> String {
    let mut bytes = [0; 16];
    crate::clock::Entropy::fill(&crate::clock::SystemEntropy, &mut bytes);
    payment::ids::print_id(u128::from_be_bytes(bytes) >> 3, "req_")
}
