//! The real transport: HTTP/1.1 over TLS, one request a connection at a time, no retries of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use payment::time::{SECOND_MS, Time};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use wire::http::{Method, Request, Response};

use crate::clock::{Clock, Later};

use super::tls::{self, Identity, Roots};
use super::{Connection, Destination, NotAnswered, NotConnected, RESPONSE_BYTES_MAX, Transport};

/// A submit uses a connection that was opened or used within this time.
const FRESH_MS: i64 = 5 * SECOND_MS;
/// Everything else may use one that has been idle for this long.
const IDLE_MS_MAX: i64 = 30 * SECOND_MS;
/// Idle connections that are kept per host and identity; what is in flight beyond them pays for a handshake each.
const IDLE_MAX: usize = 256;

/// A host of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// DNS name or address.
    pub name: String,
    /// TCP port.
    pub port: u16,
    /// What stands before every call's own path: empty, or `/…` without a slash at its end.
    pub path: String,
}

/// How one channel account is reached.
pub struct Endpoint {
    /// The account's name.
    pub account: String,
    /// Its hosts, the main one first; at least one.
    pub hosts: Vec<Host>,
    /// Whom to trust.
    pub roots: Roots,
    /// The client certificate, where the channel wants one for some calls.
    pub identity: Option<Identity>,
    /// An HTTP proxy that tunnels (`CONNECT`).
    pub proxy: Option<Host>,
}

/// Connects to the channels over TLS.
pub struct Https {
    endpoints: BTreeMap<String, Arc<Ready>>,
    clock: Arc<dyn Clock>,
}

struct Ready {
    hosts: Vec<Host>,
    proxy: Option<Host>,
    plain: TlsConnector,
    identified: Option<TlsConnector>,
    idle: Mutex<BTreeMap<(usize, bool), Vec<Idle>>>,
}

struct Idle {
    open: Open,
    used: Time,
}

/// An open connection; its task ends when this is dropped.
struct Open {
    sender: SendRequest<Full<Bytes>>,
    /// For the `Host` header.
    host: String,
    /// [`Host::path`]
    path: String,
    task: AbortHandle,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Https {
    /// Prepares the TLS settings of every account.
    pub fn new(endpoints: Vec<Endpoint>, clock: Arc<dyn Clock>) -> Result<Https, tls::TlsError> {
        let mut ready = BTreeMap::new();
        for endpoint in endpoints {
            let plain = tls::connector(&endpoint.roots, None)?;
            let identified = match &endpoint.identity {
                Some(identity) => Some(tls::connector(&endpoint.roots, Some(identity))?),
                None => None,
            };
            let account = Ready {
                hosts: endpoint.hosts,
                proxy: endpoint.proxy,
                plain,
                identified,
                idle: Mutex::new(BTreeMap::new()),
            };
            ready.insert(endpoint.account, Arc::new(account));
        }
        Ok(Https { endpoints: ready, clock })
    }
}

impl Transport for Https {
    fn connect(&self, to: Destination) -> Later<'_, Result<Box<dyn Connection>, NotConnected>> {
        Box::pin(async move {
            let ready = self.endpoints.get(&to.account).ok_or_else(|| {
                NotConnected(format!("account {} has no host in the configuration", to.account))
            })?;
            let place = (usize::from(to.host) % ready.hosts.len().max(1), to.client_certificate);
            let idle_ms = if to.pooled { IDLE_MS_MAX } else { FRESH_MS };
            let open = match ready.reuse(place, self.clock.now(), idle_ms) {
                Some(open) => open,
                None => ready.open(place).await.map_err(NotConnected)?,
            };
            let connection: Box<dyn Connection> = Box::new(HttpsConnection {
                open,
                place,
                ready: Arc::clone(ready),
                clock: Arc::clone(&self.clock),
            });
            Ok(connection)
        })
    }
}

impl Ready {
    fn reuse(&self, place: (usize, bool), now: Time, idle_ms: i64) -> Option<Open> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.get_mut(&place)?;
        while let Some(last) = kept.pop() {
            let alive = last.open.sender.is_ready() && !last.open.sender.is_closed();
            if alive && now.since_ms(last.used) < idle_ms {
                return Some(last.open);
            }
        }
        None
    }

    fn keep(&self, place: (usize, bool), open: Open, now: Time) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.entry(place).or_default();
        if kept.len() < IDLE_MAX {
            kept.push(Idle { open, used: now });
        }
    }

    async fn open(&self, (host, identified): (usize, bool)) -> Result<Open, String> {
        let host = self.hosts.get(host).ok_or("no host is configured")?;
        let connector = if identified {
            self.identified
                .as_ref()
                .ok_or("this call needs the client certificate, and none is configured")?
        } else {
            &self.plain
        };
        let stream = match &self.proxy {
            None => tcp(host).await?,
            Some(proxy) => tunnel(tcp(proxy).await?, host).await.map_err(|e| format!("proxy: {e}"))?,
        };
        let name = ServerName::try_from(host.name.clone()).map_err(|e| e.to_string())?;
        let stream = connector.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
        handshake(stream, host).await
    }
}

/// A TCP connection.
#[expect(clippy::disallowed_methods, reason = "this is the one place that opens connections")]
pub(crate) async fn tcp(host: &Host) -> Result<TcpStream, String> {
    let stream = TcpStream::connect((host.name.as_str(), host.port))
        .await
        .map_err(|error| format!("{}:{}: {error}", host.name, host.port))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// Asks an HTTP proxy for a tunnel.
async fn tunnel(mut stream: TcpStream, to: &Host) -> Result<TcpStream, String> {
    const HEAD_BYTES_MAX: usize = 8 * 1024;
    let ask = format!("CONNECT {0}:{1} HTTP/1.1\r\nhost: {0}:{1}\r\n\r\n", to.name, to.port);
    stream.write_all(ask.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut head = Vec::new();
    // Byte by byte, so that nothing of what follows the head is swallowed.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD_BYTES_MAX {
            return Err("its answer has no end".to_owned());
        }
        head.push(stream.read_u8().await.map_err(|error| error.to_string())?);
    }
    let status = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    if status.split(' ').nth(1) == Some("200") { Ok(stream) } else { Err(status) }
}

async fn handshake<S>(stream: S, host: &Host) -> Result<Open, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let task = tokio::spawn(async move {
        // An error here reaches the exchange through its sender.
        let _ended = connection.await;
    });
    let (name, path) = (format!("{}:{}", host.name, host.port), host.path.clone());
    Ok(Open { sender, host: name, path, task: task.abort_handle() })
}

struct HttpsConnection {
    open: Open,
    place: (usize, bool),
    ready: Arc<Ready>,
    clock: Arc<dyn Clock>,
}

impl Connection for HttpsConnection {
    fn send(self: Box<Self>, request: Request) -> Later<'static, Result<Response, NotAnswered>> {
        Box::pin(async move {
            let HttpsConnection { mut open, place, ready, clock } = *self;
            let request = outgoing(request, &open)?;
            let answered = open.sender.try_send_request(request).await.map_err(|mut error| {
                match error.take_message() {
                    Some(_) => NotAnswered::NotSent("the connection was closed".to_owned()),
                    None => NotAnswered::Broken(error.into_error().to_string()),
                }
            })?;
            let response = incoming(answered).await?;
            ready.keep(place, open, clock.now());
            Ok(response)
        })
    }
}

fn outgoing(request: Request, to: &Open) -> Result<hyper::Request<Full<Bytes>>, NotAnswered> {
    let mut target = format!("{}{}", to.path, request.path);
    if !request.query.is_empty() {
        target = format!("{target}?{}", request.query);
    }
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
    };
    let mut builder = hyper::Request::builder().method(method).uri(target).header("host", &to.host);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    builder
        .header("user-agent", concat!("paycode/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(Bytes::from(request.body)))
        .map_err(|error| NotAnswered::NotSent(error.to_string()))
}

async fn incoming(answered: hyper::Response<hyper::body::Incoming>) -> Result<Response, NotAnswered> {
    let (head, body) = answered.into_parts();
    let body = Limited::new(body, RESPONSE_BYTES_MAX).collect().await.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            NotAnswered::TooLarge(RESPONSE_BYTES_MAX)
        } else {
            NotAnswered::Broken(error.to_string())
        }
    })?;
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    Ok(Response { status: head.status.as_u16(), headers, body: body.to_bytes().to_vec() })
}
