//! Waiting for a decision: one long poll after another, over every lost line, until a limit.

use payment::time::{SECOND_MS, Time};
use serde_json::Value;

use super::http::{Client, Trouble};
use super::progress::Progress;
use super::text;

/// One long poll waits no longer than this.
const POLL_SECONDS_MAX: i64 = 20;
/// How long until a lost line is tried again.
pub(super) const AGAIN_MS: i64 = SECOND_MS;

/// Whether nothing more is going to happen by itself.
pub(super) fn is_decided(payment: &Value) -> bool {
    text(payment, "/status") != "processing"
}

/// Whether it stays as it is: decided, and no reversal on its way but one that waits for a person.
pub(super) fn is_at_rest(payment: &Value) -> bool {
    let pending = text(payment, "/reversal/status") == "pending";
    is_decided(payment) && (!pending || text(payment, "/status") == "suspended")
}

/// The payment once it is `ended`, or as it was known when the time was over.
pub(super) async fn follow(
    client: &Client,
    mut payment: Value,
    until: Time,
    ended: fn(&Value) -> bool,
    progress: &mut Progress,
) -> Value {
    let clock = &client.clock;
    while !ended(&payment) {
        let left_ms = until.since_ms(clock.now());
        if left_ms <= 0 {
            break;
        }
        let wait_s = ((left_ms + SECOND_MS - 1) / SECOND_MS).min(POLL_SECONDS_MAX);
        let id = text(&payment, "/id");
        let path = format!("/v1/payments/{id}?wait={wait_s}&after={}", payment["version"]);
        progress.payment(&payment, clock.now());
        match ticking(client, &payment, client.get(&path, wait_s * SECOND_MS), progress).await {
            Ok(newer) => payment = newer,
            Err(trouble) => {
                progress.lost(&said(&trouble));
                clock.sleep_until(clock.now().plus_ms(AGAIN_MS)).await;
            }
        }
    }
    progress.end();
    payment
}

/// Draws the seconds while an answer is waited for.
async fn ticking<T>(
    client: &Client,
    payment: &Value,
    answer: impl Future<Output = T>,
    progress: &mut Progress,
) -> T {
    let clock = &client.clock;
    tokio::pin!(answer);
    loop {
        let tick = clock.sleep_until(clock.now().plus_ms(SECOND_MS));
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            () = tick, if progress.ticks() => progress.payment(payment, clock.now()),
        }
    }
}

/// What stood in the way, in a few words.
pub(super) fn said(trouble: &Trouble) -> String {
    match trouble {
        Trouble::NotSent(why) | Trouble::Unanswered(why) => why.clone(),
        Trouble::Refused(refusal) => text(&refusal.body, "/title").to_owned(),
    }
}
