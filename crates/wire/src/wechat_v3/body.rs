//! JSON bodies of requests: written in the page's order, read with every member accounted for.

use serde_json::{Map, Value};

use crate::text::json::LIMITS;
use crate::text::raw_json;

/// What is wrong with a request's body, path or query, for the simulator to answer (`PARAM_ERROR`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// Not one JSON object, or a name stands twice.
    #[error("the body is not a json object")]
    NotJson,
    /// A mandatory member is absent or empty.
    #[error("the request lacks {0}")]
    Missing(&'static str),
    /// A member is not in its form.
    #[error("the request has a bad {0}")]
    Bad(&'static str),
    /// A member that the page does not have: refused by the channel (wechat.md §4.4).
    #[error("the request has a member {0:?} that is not in the interface")]
    Unexpected(String),
}

/// An object in the order of its members, so that signed texts can be compared with published ones.
#[derive(Default)]
pub(super) struct Object(Vec<(&'static str, String)>);

impl Object {
    /// Left out when absent or empty.
    pub(super) fn text(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.raw(name, Some(Value::from(text).to_string()));
        }
    }

    pub(super) fn number(&mut self, name: &'static str, number: i64) {
        self.raw(name, Some(number.to_string()));
    }

    /// Text that is JSON already.
    pub(super) fn raw(&mut self, name: &'static str, json: Option<String>) {
        if let Some(json) = json {
            self.0.push((name, json));
        }
    }

    /// Left out when it has no member.
    pub(super) fn object(&mut self, name: &'static str, object: Self) {
        if !object.0.is_empty() {
            self.raw(name, Some(object.print()));
        }
    }

    pub(super) fn print(self) -> String {
        let members: Vec<String> =
            self.0.into_iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// An object being read: members leave it one by one.
#[derive(Default)]
pub(super) struct Read(Map<String, Value>);

impl Read {
    pub(super) fn new(body: &[u8]) -> Result<Self, BodyFault> {
        raw_json::object(body, LIMITS).map(Self).map_err(|_| BodyFault::NotJson)
    }

    /// Any value; `null` counts as absent.
    pub(super) fn value(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, BodyFault> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(_) => Err(BodyFault::Bad(name)),
        }
    }

    pub(super) fn required(&mut self, name: &'static str) -> Result<String, BodyFault> {
        self.text(name)?.ok_or(BodyFault::Missing(name))
    }

    /// Fen: a whole number from 0.
    pub(super) fn fen(&mut self, name: &'static str) -> Result<i64, BodyFault> {
        let value = self.value(name).ok_or(BodyFault::Missing(name))?;
        value.as_i64().filter(|fen| *fen >= 0).ok_or(BodyFault::Bad(name))
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, BodyFault> {
        self.value(name).map(|value| value.as_bool().ok_or(BodyFault::Bad(name))).transpose()
    }

    pub(super) fn object(&mut self, name: &'static str) -> Result<Option<Self>, BodyFault> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members))),
            Some(_) => Err(BodyFault::Bad(name)),
        }
    }

    pub(super) fn list(&mut self, name: &'static str) -> Result<Vec<Self>, BodyFault> {
        let list = match self.value(name) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(BodyFault::Bad(name)),
        };
        let object = |value| match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(BodyFault::Bad(name)),
        };
        list.into_iter().map(object).collect()
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), BodyFault> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(BodyFault::Unexpected(name)),
        }
    }
}
