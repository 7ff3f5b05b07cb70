//! A till: asks over HTTP, keeps everything it was ever told, and waits by long polling.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http::{self, Answer};

#[derive(Clone)]
pub(crate) struct Till {
    address: String,
    pub(crate) key: String,
    /// Every byte of every answer so far.
    pub(crate) told: Arc<Mutex<Vec<u8>>>,
}

impl Till {
    /// `base` is `http://host:port`; an empty key sends none.
    pub(crate) fn new(base: &str, key: &str) -> Till {
        let address = base.strip_prefix("http://").unwrap().to_owned();
        Till { address, key: key.to_owned(), told: Arc::default() }
    }

    /// One request; an error is a connection that broke before the answer was whole.
    pub(crate) fn try_send(&self, method: &str, target: &str, body: &[u8]) -> io::Result<Answer> {
        let mut headers = vec!["content-type: application/json".to_owned()];
        if !self.key.is_empty() {
            headers.push(format!("authorization: Bearer {}", self.key));
        }
        let answer = http::exchange(&self.address, &http::request(method, target, &headers, body))?;
        let mut told = self.told.lock().unwrap();
        told.extend_from_slice(answer.head.as_bytes());
        told.extend_from_slice(&answer.body);
        Ok(answer)
    }

    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        self.try_send(method, target, body).unwrap_or_else(|error| panic!("{method} {target}: {error}"))
    }

    pub(crate) fn get(&self, target: &str) -> Value {
        let answer = self.send("GET", target, b"");
        let body = answer.json();
        assert_eq!(answer.status, 200, "GET {target}: {body}");
        body
    }

    pub(crate) fn post(&self, target: &str, body: &Value) -> Answer {
        self.send("POST", target, body.to_string().as_bytes())
    }

    pub(crate) fn pay(&self, body: &Value) -> Answer {
        self.post("/v1/payments", body)
    }

    /// All payments, page by page.
    pub(crate) fn payments(&self) -> Vec<Value> {
        self.pages("/v1/payments?limit=200")
    }

    /// All rows of a list, page by page.
    pub(crate) fn pages(&self, target: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{target}{cursor}"));
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&starting_after={next}"),
                None => return rows,
            }
        }
    }
}

/// A payment code of a scenario; `wallet` is `wechat`, `alipay` or `unionpay`, the tail makes it unique.
pub(crate) fn code(wallet: &str, scenario: &str, tail: u64) -> String {
    let (prefix, digits) = match wallet {
        "wechat" => ("13", 9),
        "alipay" => ("28", 9),
        "unionpay" => ("62", 10),
        other => panic!("no wallet {other}"),
    };
    format!("{prefix}0000{scenario}{tail:0digits$}")
}

/// The least that a payment needs.
pub(crate) fn order(order_no: &str, amount: i64, code: &str, wait_seconds: u8) -> Value {
    json!({ "order_no": order_no, "amount": amount, "auth_code": code, "wait_seconds": wait_seconds })
}

/// A text field of an answer.
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no text {name}: {body}"))
}
