//! Running and stopping: listeners, the sweep, the probes, and the way out.

use std::sync::Arc;

use payment::time::SECOND_MS;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::api;
use crate::app::{App, probe_forever};
use crate::console;

/// How long calls that are out are waited for at the end.
const STOP_MS: i64 = 20 * SECOND_MS;

/// Serves the API and the pages, and runs the engine until `stop` says so; then finishes what is out and hands over the rest.
pub async fn run(
    app: Arc<App>,
    pages: console::Settings,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mut stop: watch::Receiver<bool>,
) {
    let engine = &app.engine;
    let sweep = tokio::spawn(Arc::clone(engine).sweep());
    let probes = tokio::spawn(probe_forever(Arc::clone(engine)));
    let router = api::router(Arc::clone(&app), console::router(Arc::clone(&app), pages));
    let mut stop_serving = stop.clone();
    let serving = tokio::spawn(api::listen::serve(listener, tls, router, async move {
        let _told = stop_serving.wait_for(|stop| *stop).await;
    }));
    drop(stop.wait_for(|stop| *stop).await);
    tracing::info!(awake = engine.awake(), "stopping: no new payments, calls that are out are waited for");
    let limit = engine.now().plus_ms(STOP_MS);
    engine.stop(limit).await;
    let all = async {
        let _served = serving.await;
        let _swept = sweep.await;
    };
    tokio::select! {
        biased;
        () = all => {}
        () = engine.ports.clock.sleep_until(limit) => {}
    }
    probes.abort();
    tracing::info!("stopped");
}

/// A switch that SIGTERM or SIGINT turns on.
pub fn stop_on_signal() -> std::io::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        sender.send_replace(true);
        // Held open: a receiver that waits must not mistake a closed switch for one that is on.
        std::future::pending::<()>().await;
    });
    Ok(receiver)
}
