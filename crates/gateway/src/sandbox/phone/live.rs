//! What changes, as a stream of events and as one answer for pages whose stream broke.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use payment::time::{SECOND_MS, Time};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::super::problem::Problem;
use super::super::{JournalError, Sandbox};
use super::words;
use super::{Asked, Phone, pieces};
use crate::lang::Lang;

/// A stream says that it lives at least this often.
const BEAT_MS: i64 = 10 * SECOND_MS;
/// Changes that come together are shown together.
const TOGETHER_MS: i64 = 50;
/// Streams at once: each looks at the whole ledger whenever it changes.
pub(super) const STREAMS_MAX: usize = 32;

/// `GET /phone/state`
pub(super) async fn state(
    State(phone): State<Arc<Phone>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let lang = words::choose(asked.lang.as_deref(), &headers);
    let scene = phone.sandbox.scene().map_err(|error| Problem::broken(&error))?;
    Ok(Json(pieces::state(&scene, lang)))
}

/// `GET /phone/live`
pub(super) async fn live(
    State(phone): State<Arc<Phone>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let Ok(slot) = Arc::clone(&phone.streams).try_acquire_owned() else {
        let detail = format!("{STREAMS_MAX} streams are open; ask /phone/state, or close a page");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Problem { status, code: "too_many_streams", detail }.into_response();
    };
    let lang = words::choose(asked.lang.as_deref(), &headers);
    Sse::new(events(Live::new(&phone, lang, slot))).into_response()
}

/// One stream.
struct Live {
    sandbox: Arc<Sandbox>,
    changes: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    lang: Lang,
    /// What was sent last.
    shown: String,
    _slot: OwnedSemaphorePermit,
}

impl Live {
    fn new(phone: &Phone, lang: Lang, slot: OwnedSemaphorePermit) -> Live {
        Live {
            sandbox: Arc::clone(&phone.sandbox),
            changes: phone.sandbox.changes(),
            stop: phone.stop.clone(),
            lang,
            shown: String::new(),
            _slot: slot,
        }
    }

    /// The next event; none when the process stops or the simulator cannot remember.
    async fn next(&mut self) -> Option<Event> {
        let clock = Arc::clone(&self.sandbox.clock);
        let beat = clock.now().plus_ms(BEAT_MS);
        loop {
            // Seen before the look, so that what changes meanwhile is looked at again.
            self.changes.borrow_and_update();
            let (text, due) = match self.look() {
                Ok(seen) => seen,
                Err(error) => {
                    tracing::error!(%error, "the simulator cannot remember, so its page is told nothing");
                    return None;
                }
            };
            if text != self.shown {
                self.shown.clone_from(&text);
                return Some(Event::default().event("state").data(text));
            }
            let stopped = async { drop(self.stop.wait_for(|stop| *stop).await) };
            tokio::select! {
                biased;
                () = stopped => return None,
                _ = self.changes.changed() => {}
                () = clock.sleep_until(due.min(beat)) => {}
            }
            if clock.now() >= beat {
                return Some(Event::default().event("beat").data("-"));
            }
            clock.sleep_until(clock.now().plus_ms(TOGETHER_MS)).await;
        }
    }

    /// What there is to show, and when it changes by itself.
    fn look(&self) -> Result<(String, Time), JournalError> {
        let scene = self.sandbox.scene()?;
        let due = scene.next_due.map_or(Time(i64::MAX), Time);
        Ok((pieces::state(&scene, self.lang).to_string(), due))
    }
}

fn events(live: Live) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(live, |mut live| async move {
        let event = live.next().await?;
        Some((Ok(event), live))
    })
}
