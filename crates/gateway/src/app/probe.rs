//! Probing the accounts: before an intake opens, and again and again.

use std::sync::Arc;

use payment::time::{SECOND_MS, Time};

use crate::dialects::Probed;
use crate::runner::{Account, Engine, Intake, until_limit};
use crate::transport::Destination;

/// How long one probe may take.
const PROBE_MS: i64 = 10 * SECOND_MS;

/// The pause after which the accounts are looked over again, at the latest: a call may have closed one meanwhile.
const LOOK_OVER_MS: i64 = 10 * SECOND_MS;

/// Probes every account whose probe is due, again and again, until the gateway stops.
pub async fn probe_forever(engine: Arc<Engine>) {
    while !engine.is_stopping() {
        for account in engine.accounts().values() {
            if account.health.next_probe() <= engine.now() {
                probe_account(&engine, account).await;
            }
        }
        engine.ports.clock.sleep_until(engine.now().plus_ms(LOOK_OVER_MS)).await;
    }
}

/// Probes one account and takes in what it showed; answers that too.
pub async fn probe_account(engine: &Engine, account: &Account) -> Probed {
    let before = account.health.intake();
    let (probed, date) = exchange(engine, account).await;
    let now = engine.now();
    let off_ms = date.map(|date| date.since_ms(now));
    account.health.probed(now, &probed, off_ms, (account.undo)(now));
    let after = account.health.intake();
    if before != after {
        match &after {
            Intake::Open => tracing::info!(account = account.name, "intake open"),
            Intake::Closed { why, .. } => tracing::warn!(account = account.name, why, "intake closed"),
        }
    }
    probed
}

async fn exchange(engine: &Engine, account: &Account) -> (Probed, Option<Time>) {
    let clock = engine.ports.clock.as_ref();
    let limit = clock.now().plus_ms(PROBE_MS);
    let mut nonce = [0; 16];
    engine.ports.entropy.fill(&mut nonce);
    let number = impossible_number(account, &nonce);
    let outgoing = account.dialect.probe(&number, clock.now(), nonce);
    let to = Destination {
        account: account.name.clone(),
        host: 0,
        client_certificate: outgoing.client_certificate,
        pooled: false,
    };
    let connection = match until_limit(clock, limit, engine.ports.transport.connect(to)).await {
        Some(Ok(connection)) => connection,
        Some(Err(error)) => return (Probed::Unclear { said: error.to_string() }, None),
        None => return (Probed::Unclear { said: "no connection within 10 s".to_owned() }, None),
    };
    match until_limit(clock, limit, connection.send(outgoing.request)).await {
        Some(Ok(response)) => (account.dialect.probed(clock.now(), &response), date(&response)),
        Some(Err(error)) => (Probed::Unclear { said: error.to_string() }, None),
        None => (Probed::Unclear { said: "no answer within 10 s".to_owned() }, None),
    }
}

/// A number that no sale can have: 28 characters with a mark that base32 has no digit for.
fn impossible_number(account: &Account, nonce: &[u8; 16]) -> String {
    let digits: String = nonce.iter().take(11).map(|byte| format!("{byte:02X}")).collect();
    format!("{}90{digits}", account.namespace)
}

/// The response's `Date`, by which the clocks are compared.
fn date(response: &wire::http::Response) -> Option<Time> {
    let text = response.header("date")?;
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Time(date.timestamp().as_millisecond()))
}
