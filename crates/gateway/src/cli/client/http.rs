//! One request to a gateway and its answer, or what is known when there is none.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use payment::time::SECOND_MS;
use rustls_pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::transport::https::{Host, tcp};
use crate::transport::tls::{self, Roots};

use super::super::{EXIT_ERROR, EXIT_UNAVAILABLE, EXIT_USAGE, Usage};

/// How long a connection may take.
const CONNECT_MS: i64 = 5 * SECOND_MS;
/// How long an answer may take beyond the time that it was asked to wait.
const ANSWER_MS: i64 = 15 * SECOND_MS;
/// The largest answer that is read: a page of 200 payments with their metadata fits.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why there is no object in the answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Not one byte of the request left.
    NotSent(String),
    /// It may have arrived; what it did is not known.
    Unanswered(String),
    /// The gateway says no.
    Refused(Refusal),
}

/// A refusal of the API, as it came.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Refusal {
    /// Whether the same request may do better in a moment.
    pub(super) fn is_retryable(&self) -> bool {
        self.body["retryable"] == true
    }

    pub(super) fn exit(&self) -> u8 {
        match self.status {
            400 => EXIT_USAGE,
            503 => EXIT_UNAVAILABLE,
            _ => EXIT_ERROR,
        }
    }
}

/// A gateway, and the key for it.
pub(super) struct Client {
    host: Host,
    tls: Option<TlsConnector>,
    authorization: Zeroizing<String>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Client {
    pub(super) fn new(
        api: &str,
        ca: Option<&Path>,
        key: &str,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Client> {
        let (secure, host) = address(api)?;
        let roots = match ca {
            None => Roots::Public,
            Some(_) if !secure => {
                return Err(Usage::because(format!("--ca needs an https address, not --api {api}")));
            }
            Some(path) => Roots::Pem(
                std::fs::read_to_string(path)
                    .map_err(|error| Usage::because(format!("--ca {}: {error}", path.display())))?,
            ),
        };
        let tls = if secure { Some(tls::connector(&roots, None)?) } else { None };
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Usage::because("密钥格式不对 / what was given as the key is no key"));
        }
        Ok(Client { host, tls, authorization: Zeroizing::new(format!("Bearer {key}")), clock })
    }

    pub(super) async fn get(&self, path: &str, wait_ms: i64) -> Result<Value, Trouble> {
        self.send(Method::GET, path, None, wait_ms).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value, wait_ms: i64) -> Result<Value, Trouble> {
        self.send(Method::POST, path, Some(body), wait_ms).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        wait_ms: i64,
    ) -> Result<Value, Trouble> {
        let limit = self.clock.now().plus_ms(CONNECT_MS);
        let connected = tokio::select! {
            biased;
            connected = self.connect() => connected,
            () = self.clock.sleep_until(limit) => Err("no connection within 5 s".to_owned()),
        };
        let mut sender = connected.map_err(|why| Trouble::NotSent(format!("{}: {why}", self.shown())))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.shown())
            .header("authorization", self.authorization.as_str())
            .header("content-type", "application/json")
            .header("user-agent", concat!("paycode-cli/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Trouble::NotSent(error.to_string()))?;
        let limit = self.clock.now().plus_ms(wait_ms + ANSWER_MS);
        let answered = async {
            let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            Ok((status, body.map_err(|error| error.to_string())?.to_bytes()))
        };
        let answered: Result<(u16, Bytes), String> = tokio::select! {
            biased;
            answered = answered => answered,
            () = self.clock.sleep_until(limit) => Err("no answer in time".to_owned()),
        };
        let (status, body) =
            answered.map_err(|why| Trouble::Unanswered(format!("{}: {why}", self.shown())))?;
        read(status, &body).ok_or_else(|| {
            Trouble::Unanswered(format!("{}: HTTP {status}, but no answer of paycode's", self.shown()))
        })?
    }

    async fn connect(&self) -> Result<http1::SendRequest<Full<Bytes>>, String> {
        let stream = tcp(&self.host).await.map_err(|error| {
            // The address stands in front of every message already.
            error.rsplit_once(": ").map_or(error.clone(), |(_, why)| why.to_owned())
        })?;
        match &self.tls {
            None => handshake(stream).await,
            Some(connector) => {
                let name = ServerName::try_from(self.host.name.clone()).map_err(|error| error.to_string())?;
                handshake(connector.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?)
                    .await
            }
        }
    }

    fn shown(&self) -> String {
        if self.host.name.contains(':') {
            format!("[{}]:{}", self.host.name, self.host.port)
        } else {
            format!("{}:{}", self.host.name, self.host.port)
        }
    }
}

async fn handshake<S>(stream: S) -> Result<http1::SendRequest<Full<Bytes>>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(async move {
        // An error here reaches the request through its sender.
        let _ended = connection.await;
    });
    Ok(sender)
}

/// An answer of paycode's; whatever else stands at that address has nothing to say about a payment.
fn read(status: u16, body: &[u8]) -> Option<Result<Value, Trouble>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    if (200..300).contains(&status) && body["object"].is_string() {
        return Some(Ok(body));
    }
    let refused = (400..600).contains(&status) && body["code"].is_string() && body["title"].is_string();
    refused.then_some(Err(Trouble::Refused(Refusal { status, body })))
}

/// `http://host[:port]` or `https://host[:port]`, and whether it is the latter.
fn address(api: &str) -> anyhow::Result<(bool, Host)> {
    let wrong = || Usage::because(format!("--api {api:?}: write http://host:port or https://host:port"));
    let (secure, rest) = match (api.strip_prefix("https://"), api.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(wrong()),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let default = if secure { 443 } else { 80 };
    // What ends with a bracket is an IPv6 address without a port.
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if !rest.ends_with(']') => (name, port.parse().map_err(|_| wrong())?),
        Some(_) | None => (rest, default),
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if name.is_empty() || name.contains(['/', '@', '?', '#']) || name.contains(char::is_whitespace) {
        return Err(wrong());
    }
    Ok((secure, Host { name: name.to_owned(), port, path: String::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (api, secure, name, port) in [
            ("http://127.0.0.1:8080", false, "127.0.0.1", 8080),
            ("http://127.0.0.1:8080/", false, "127.0.0.1", 8080),
            ("https://pay.example", true, "pay.example", 443),
            ("http://[::1]:8080", false, "::1", 8080),
            ("https://[::1]", true, "::1", 443),
        ] {
            let host = Host { name: name.to_owned(), port, path: String::new() };
            assert_eq!(address(api).unwrap(), (secure, host), "{api}");
        }
        for wrong in
            ["127.0.0.1:8080", "ftp://a", "http://", "http://a:b", "http://a/v1", "http://u@a", "http://:1"]
        {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_answers_of_paycodes_count() {
        assert!(matches!(read(200, br#"{"object": "payment"}"#), Some(Ok(_))));
        assert!(matches!(
            read(409, br#"{"code": "order_paid", "title": "t"}"#),
            Some(Err(Trouble::Refused(_)))
        ));
        for (status, body) in [(200, "{}"), (502, "<html>"), (502, "{\"code\": 1}"), (301, "{}"), (500, "")] {
            assert!(read(status, body.as_bytes()).is_none(), "{status} {body}");
        }
    }
}
