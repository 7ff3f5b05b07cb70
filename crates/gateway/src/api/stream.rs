//! `GET /v1/events/stream`: payments as they change, as server-sent events.
//!
//! Each payment comes whole, as `GET /v1/payments/{id}` shows it, once under its latest change; the event's id counts the
//! commits of all payments. Who lost the line sends the last id that it saw and misses nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use payment::ids::MerchantCode;
use payment::time::Time;
use serde_json::json;
use tokio::sync::watch;
use utoipa::IntoParams;

use crate::store::StoreError;

use super::auth::{self, Scope};
use super::parameters::{Known, Parameters, bad_parameter};
use super::problem::Problem;
use super::{Shared, read, view};

/// A line of nothing is sent after this much silence, so that a dead connection is noticed.
const HEARTBEAT_MS: i64 = 15_000;
/// How soon a client comes back by itself.
const RETRY: Duration = Duration::from_secs(1);
/// The most payments that are read at once.
const PAGE: usize = 100;

/// What a listener hears of, and from when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct Listening {
    /// Only payments of this outlet.
    outlet: Option<String>,
    /// Only payments of this terminal.
    terminal: Option<String>,
    /// The id of the last event that was seen, as the header `Last-Event-ID` says it; the header goes first.
    #[param(minimum = 0)]
    last_event_id: Option<i64>,
}

/// Payments as they change.
///
/// Server-sent events. The first is `hello` (`resumed`, and `now_ms`, the server's time in milliseconds); then each `payment`
/// has the whole payment as its data, and as its id the number of the commit that changed it. Who lost the line sends the last
/// id that it saw, and hears each payment that has changed since once, as it is now; `resumed: false` says that the id was not
/// known here: read the list again. A comment comes after 15 s of silence.
#[utoipa::path(
    get, path = "/v1/events/stream", operation_id = "events_stream", tag = "events",
    params(Listening),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream")),
)]
pub(super) async fn stream(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let parameters = parameters.known(&["outlet", "terminal", "last_event_id"])?;
    let latest = shared.app.store().latest_change().await?;
    let resumed = last_event_id(&headers, &parameters)?;
    // A number from the future is of another database: there is nothing to resume.
    let resumed = resumed.filter(|seen| *seen <= latest);
    let seen = resumed.unwrap_or(latest);
    let hello = json!({ "object": "stream", "resumed": resumed.is_some(), "now_ms": shared.app.now().0 });
    let hello = Event::default().event("hello").id(seen.to_string()).retry(RETRY).data(hello.to_string());
    let news = shared.app.engine.changes();
    let trusted_until = shared.app.now().plus_ms(HEARTBEAT_MS);
    let ready = VecDeque::from([hello]);
    let feed = Feed { shared, headers, trusted_until, merchant, parameters, news, seen, ready };
    let mut response = Sse::new(feed.into_stream()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that gathers would keep the till waiting.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// The last id that the client saw, from the header of its own reconnect or from the parameter of its first.
fn last_event_id(headers: &HeaderMap, parameters: &Known) -> Result<Option<i64>, Problem> {
    let said = match headers.get("last-event-id") {
        Some(value) => Some(value.to_str().unwrap_or("?").to_owned()),
        None => parameters.get("last_event_id").cloned(),
    };
    let Some(said) = said.filter(|said| !said.is_empty()) else { return Ok(None) };
    match said.parse::<i64>() {
        Ok(id) if id >= 0 => Ok(Some(id)),
        Ok(_) | Err(_) => Err(bad_parameter("last_event_id", "the id of an event of this stream")),
    }
}

/// What one listener has still to hear.
struct Feed {
    shared: Shared,
    /// Who listens, and when that is asked again: a session ends, and a key is taken away.
    headers: HeaderMap,
    trusted_until: Time,
    merchant: MerchantCode,
    parameters: Known,
    news: watch::Receiver<u64>,
    seen: i64,
    ready: VecDeque<Event>,
}

impl Feed {
    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        futures_util::stream::unfold(self, |mut feed| async move {
            let event = feed.next().await?;
            Some((Ok(event), feed))
        })
    }

    /// The next event; nothing once the gateway stops or cannot read what changed, and the client comes back by itself.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.still_trusted().await?;
            // Marked as heard before it is read: what comes meanwhile is news again.
            self.news.borrow_and_update();
            if self.read().await? > 0 {
                continue;
            }
            let app = &self.shared.app;
            let silence = app.engine.ports.clock.sleep_until(app.now().plus_ms(HEARTBEAT_MS));
            tokio::select! {
                biased;
                () = app.engine.stopped() => return None,
                _ = self.news.changed() => {}
                () = silence => return Some(Event::default().comment("")),
            }
        }
    }

    /// Asks again, now and then, whether this listener may hear what there is.
    async fn still_trusted(&mut self) -> Option<()> {
        let now = self.shared.app.now();
        if now >= self.trusted_until {
            auth::merchant(&self.shared, &self.headers, Scope::Pay).await.ok()?;
            self.trusted_until = now.plus_ms(HEARTBEAT_MS);
        }
        Some(())
    }

    /// Reads a page of what has changed; answers how many payments it had, wanted or not.
    async fn read(&mut self) -> Option<usize> {
        let failed = |error: &StoreError| tracing::error!(%error, "a stream could not read what changed");
        let store = self.shared.app.store();
        let latest = store.latest_change().await.inspect_err(failed).ok()?;
        let page = store.changes(self.merchant.clone(), self.seen, PAGE).await.inspect_err(failed).ok()?;
        if page.is_empty() {
            // What other merchants did is not looked through again.
            self.seen = self.seen.max(latest);
        }
        let read = page.len();
        for changed in page {
            self.seen = changed.change;
            let row = changed.row;
            let sale = &row.sale;
            let wanted = |name, value: &Option<String>| {
                self.parameters.get(name).is_none_or(|wanted| value.as_ref() == Some(wanted))
            };
            if !wanted("outlet", &sale.outlet) || !wanted("terminal", &sale.terminal) {
                continue;
            }
            let attempts =
                read::attempts_of(&self.shared, &self.merchant, &row).await.inspect_err(failed).ok()?;
            let seen = view::payment(&row, &attempts, &self.shared.contract(&row));
            let data = serde_json::to_string(&seen).expect("a payment is JSON");
            self.ready.push_back(Event::default().event("payment").id(self.seen.to_string()).data(data));
        }
        Some(read)
    }
}
