//! Reading the query of a request as strictly as its body: what is unknown or said twice is refused.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use payment::time::Time;

use super::problem::{Problem, Wrong};

/// The parameters as they came.
pub(super) struct Parameters(Vec<(String, String)>);

/// The parameters by name.
pub(super) type Known = BTreeMap<String, String>;

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Parameters, Infallible> {
        let pairs = Query::try_from_uri(&parts.uri);
        Ok(Parameters(pairs.map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

impl Parameters {
    /// The parameters, if each is one of `known` and there once.
    pub(super) fn known(self, known: &[&str]) -> Result<Known, Problem> {
        let mut named = Known::new();
        for (name, value) in self.0 {
            if !known.contains(&name.as_str()) {
                let detail = match known {
                    [] => format!("{name} is not a parameter here; there are none"),
                    [..] => format!("{name} is not a parameter here; these are: {}", known.join(", ")),
                };
                return Err(Problem::invalid(vec![(format!("/{name}"), Wrong::UnknownParameter)], detail));
            }
            if named.contains_key(&name) {
                let detail = format!("{name} is there twice; send it once");
                return Err(Problem::invalid(vec![(format!("/{name}"), Wrong::Twice)], detail));
            }
            named.insert(name, value);
        }
        Ok(named)
    }
}

/// A parameter that breaks its rule.
pub(super) fn bad_parameter(name: &str, rule: &str) -> Problem {
    Problem::invalid(vec![(format!("/{name}"), Wrong::Malformed)], format!("{name}: {rule}"))
}

/// How many rows a page has.
pub(super) fn limit(parameters: &Known) -> Result<usize, Problem> {
    let Some(text) = parameters.get("limit") else { return Ok(LIMIT_DEFAULT) };
    match text.parse::<usize>() {
        Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        Ok(_) | Err(_) => Err(bad_parameter("limit", "1 to 200")),
    }
}

/// A moment, if there is one of this name.
pub(super) fn moment(parameters: &Known, name: &str) -> Result<Option<Time>, Problem> {
    let Some(text) = parameters.get(name) else { return Ok(None) };
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed
        .map(|timestamp| Some(Time(timestamp.as_millisecond())))
        .map_err(|_| bad_parameter(name, "an RFC 3339 time, for example 2026-11-21T00:00:00Z"))
}
