//! Serving HTTP/1.1 on a listener, with limits on slow and oversized requests, until told to stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// Connections that are open at once.
const CONNECTIONS_MAX: usize = 2_000;
/// How long the head of a request may take.
const HEAD_SECONDS_MAX: u64 = 10;

/// Serves `router` until `stop` resolves, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let stopping = watch::Sender::new(false);
    tokio::pin!(stop);
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.ok();
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let (router, tls, mut stopping) = (router.clone(), tls.clone(), stopping.subscribe());
        tokio::spawn(async move {
            let _slot = slot;
            let _nodelay = stream.set_nodelay(true);
            let service = TowerToHyperService::new(router);
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
                .max_buf_size(64 * 1024);
            match tls {
                None => drive(http.serve_connection(TokioIo::new(stream), service), &mut stopping).await,
                Some(tls) => {
                    let Ok(stream) = tls.accept(stream).await else { return };
                    drive(http.serve_connection(TokioIo::new(stream), service), &mut stopping).await;
                }
            }
        });
    }
    stopping.send_replace(true);
    // All slots free again: every open request has been answered.
    let all = u32::try_from(CONNECTIONS_MAX).expect("the ceiling is small");
    let _finished = slots.acquire_many(all).await;
}

async fn drive<I, S>(
    connection: hyper::server::conn::http1::Connection<I, S>,
    stopping: &mut watch::Receiver<bool>,
) where
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: hyper::service::HttpService<hyper::body::Incoming>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::ResBody: 'static,
    <S::ResBody as hyper::body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::pin!(connection);
    let done = tokio::select! {
        biased;
        done = connection.as_mut() => Some(done),
        _ = stopping.wait_for(|stop| *stop) => None,
    };
    if done.is_none() {
        connection.as_mut().graceful_shutdown();
        let _ended = connection.await;
    }
}
