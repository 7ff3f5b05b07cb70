//! How messages reach a channel: connect, then send. Two steps, so that *not sent* is known.
//!
//! No retries, no redirects, no cookies: one request leaves once, and its answer is taken or lost.

pub mod https;
pub mod p12;
pub mod tls;

use wire::http::{Request, Response};

use crate::clock::Later;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The channel account, by its name in the configuration.
    pub account: String,
    /// Which of the account's hosts, from 0; taken modulo their number.
    pub host: u8,
    /// Whether the TLS connection carries the account's client certificate.
    pub client_certificate: bool,
    /// Whether a connection that has been idle for long may be used; a submit wants one opened or used within 5 s.
    pub pooled: bool,
}

/// Why there is no connection. Not one byte of the request has left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotConnected(pub String);

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// Provably not one byte of the request left.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Bytes may have left.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The response is larger than any message of a channel.
    #[error("the response is larger than {0} bytes")]
    TooLarge(usize),
}

/// The largest response that is read.
pub const RESPONSE_BYTES_MAX: usize = 256 * 1024;

/// Opens connections.
pub trait Transport: Send + Sync {
    /// A connection that is ready to send: name resolved, TCP and TLS set up. Dropping the future gives up.
    fn connect(&self, to: Destination) -> Later<'_, Result<Box<dyn Connection>, NotConnected>>;
}

/// One connection, for one exchange. Dropping the future closes it.
pub trait Connection: Send {
    /// Sends the request and reads the response.
    fn send(self: Box<Self>, request: Request) -> Later<'static, Result<Response, NotAnswered>>;
}
