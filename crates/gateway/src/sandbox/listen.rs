//! The channels' side of the wire: TLS with an optional client certificate, and answers that are late, cut or never come.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use simulator::{Caller, Ending, Reaction};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use wire::http::{Method, Request, Response};

use super::Sandbox;
use super::material::common_name;

/// The largest request that is read.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// Serves the channels until `stop` resolves.
pub async fn serve_channels(
    sandbox: Arc<Sandbox>,
    listener: TcpListener,
    tls: TlsAcceptor,
    stop: impl Future<Output = ()>,
) {
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        tokio::spawn(connection(Arc::clone(&sandbox), stream, tls.clone()));
    }
}

async fn connection(sandbox: Arc<Sandbox>, stream: TcpStream, tls: TlsAcceptor) {
    let _nodelay = stream.set_nodelay(true);
    let Ok(stream) = tls.accept(stream).await else { return };
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let caller = Caller {
        client_certificate: shown.is_some(),
        certificate_mch_id: shown.and_then(|certificate| common_name(certificate)),
    };
    let service = service_fn(move |request| exchange(Arc::clone(&sandbox), caller.clone(), request));
    // An exchange that ends in an error closes the connection without a word; that is what some scenarios want.
    let _ended =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The connection is cut: on purpose, or because nothing can be kept.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
struct CutOff;

async fn exchange(
    sandbox: Arc<Sandbox>,
    caller: Caller,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Cuttable>, CutOff> {
    let request = read(request).await?;
    let reaction = sandbox.handle(caller, &request).map_err(|error| {
        tracing::error!(%error, "the simulator cannot remember, so it does not answer");
        CutOff
    })?;
    let clock = Arc::clone(&sandbox.clock);
    let Reaction { response, delay_ms, ending } = reaction;
    if delay_ms > 0 {
        let delay_ms = i64::try_from(delay_ms).unwrap_or(i64::MAX);
        clock.sleep_until(clock.now().plus_ms(delay_ms)).await;
    }
    match (ending, response) {
        (Ending::Whole, Some(response)) => Ok(write(response, usize::MAX)),
        (Ending::Truncate(bytes), Some(response)) => Ok(write(response, bytes)),
        (Ending::Silence { ms }, _) => {
            let ms = i64::try_from(ms).unwrap_or(i64::MAX);
            clock.sleep_until(clock.now().plus_ms(ms)).await;
            Err(CutOff)
        }
        (Ending::Cut, _) | (Ending::Whole | Ending::Truncate(_), None) => Err(CutOff),
    }
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, CutOff> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, REQUEST_BYTES_MAX).collect().await.map_err(|_| CutOff)?;
    let method = if head.method == hyper::Method::GET { Method::Get } else { Method::Post };
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    Ok(Request {
        method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_bytes().to_vec(),
    })
}

fn write(response: Response, cut_after: usize) -> hyper::Response<Cuttable> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let body = Cuttable { bytes: Some(Bytes::from(response.body)), cut_after };
    builder.body(body).unwrap_or_else(|_| {
        let empty = Cuttable { bytes: None, cut_after: usize::MAX };
        hyper::Response::new(empty)
    })
}

/// A body that can announce more than it sends.
struct Cuttable {
    bytes: Option<Bytes>,
    cut_after: usize,
}

impl Body for Cuttable {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        match self.bytes.take() {
            Some(bytes) if bytes.len() > self.cut_after => {
                // What is left over makes the next poll fail, behind the bytes that were sent.
                Poll::Ready(Some(Ok(Frame::data(bytes.slice(..self.cut_after)))))
            }
            Some(bytes) => {
                self.cut_after = usize::MAX;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            None if self.cut_after == usize::MAX => Poll::Ready(None),
            None => Poll::Ready(Some(Err(CutOff))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
