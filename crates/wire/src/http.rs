//! Plain request and response values: what leaves and what arrives, without any web framework.

use std::fmt;

/// One HTTP request as a value. The host and TLS identity belong to whoever sends it.
///
/// `Debug` shows sizes instead of query and body, because a submit carries the payer's payment code.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Absolute path without the query, for example `/pay/micropay`.
    pub path: String,
    /// Raw query text after `?`, percent-encoded; empty when there is none.
    pub query: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body's exact bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// A POST of `body` to `path` without a query.
    pub fn post(path: &str, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            path: path.to_owned(),
            query: String::new(),
            headers: vec![content_type_header(content_type)],
            body,
        }
    }

    /// The first header of that name; names compare without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query_bytes", &self.query.len())
            .field("header_names", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The two methods that the channels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
}

/// One HTTP response as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code, 100 to 599.
    pub status: u16,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body's exact bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// Status 200 with that body.
    pub fn ok(content_type: &str, body: Vec<u8>) -> Self {
        Self { status: 200, headers: vec![content_type_header(content_type)], body }
    }

    /// The first header of that name; names compare without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn content_type_header(value: &str) -> (String, String) {
    ("content-type".to_owned(), value.to_owned())
}
