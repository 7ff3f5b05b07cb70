//! Probing the accounts: before an intake opens, and again and again.

use std::sync::Arc;

use payment::time::{SECOND_MS, Time};
use wire::http::{Request, Response};

use crate::dialects::{Outgoing, Probed};
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
            } else {
                // An account that is open is probed seldom; a key that an answer has just named is wanted now.
                fetch_keys(&engine, account).await;
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
    if let Some((sick @ Probed::Misconfigured { .. }, date)) = fetch_keys(engine, account).await {
        return (sick, date);
    }
    let clock = engine.ports.clock.as_ref();
    let nonce = nonce(engine);
    let number = impossible_number(account, &nonce);
    let outgoing = account.dialect.probe(&number, clock.now(), nonce);
    match ask(engine, account, outgoing).await {
        Ok(response) => (account.dialect.probed(clock.now(), &response), date(&response)),
        Err(said) => (Probed::Unclear { said }, None),
    }
}

/// Fetches the channel's keys, if the account has any that are due, and says what came of it.
async fn fetch_keys(engine: &Engine, account: &Account) -> Option<(Probed, Option<Time>)> {
    let outgoing = account.dialect.keys_request(engine.now(), nonce(engine))?;
    let (taken, date) = match ask(engine, account, outgoing).await {
        Ok(response) => (account.dialect.keys_taken(engine.now(), &response), date(&response)),
        Err(said) => (Probed::Unclear { said }, None),
    };
    match &taken {
        Probed::Healthy => tracing::info!(account = account.name, "the channel's keys were taken in"),
        Probed::Misconfigured { what, said } => {
            tracing::warn!(account = account.name, what, said, "the channel's keys were not taken in");
        }
        Probed::Unclear { said } => {
            tracing::warn!(account = account.name, said, "the channel's keys could not be fetched");
        }
    }
    Some((taken, date))
}

/// One question beside the machine, and what its answer needs to be checked; an error says why there is no answer.
async fn ask(engine: &Engine, account: &Account, outgoing: Outgoing) -> Result<Response, String> {
    let clock = engine.ports.clock.as_ref();
    let limit = clock.now().plus_ms(PROBE_MS);
    let to = Destination {
        account: account.name.clone(),
        host: 0,
        client_certificate: outgoing.client_certificate,
        pooled: false,
    };
    let response = sent(engine, to.clone(), outgoing.request, limit).await?;
    if let Some(proof) = account.dialect.proof(clock.now(), &response)
        && let Ok(fetched) = sent(engine, to, proof.request, limit).await
        && account.dialect.prove(clock.now(), &response, &fetched)
    {
        tracing::info!(account = account.name, "a new certificate of the channel is believed");
    }
    Ok(response)
}

/// One exchange, or why there was none.
async fn sent(engine: &Engine, to: Destination, request: Request, limit: Time) -> Result<Response, String> {
    let clock = engine.ports.clock.as_ref();
    let connection = match until_limit(clock, limit, engine.ports.transport.connect(to)).await {
        Some(Ok(connection)) => connection,
        Some(Err(error)) => return Err(error.to_string()),
        None => return Err("no connection within 10 s".to_owned()),
    };
    match until_limit(clock, limit, connection.send(request)).await {
        Some(Ok(response)) => Ok(response),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("no answer within 10 s".to_owned()),
    }
}

fn nonce(engine: &Engine) -> [u8; 16] {
    let mut nonce = [0; 16];
    engine.ports.entropy.fill(&mut nonce);
    nonce
}

/// A number that no sale can have: 28 characters with a mark that base32 has no digit for.
fn impossible_number(account: &Account, nonce: &[u8; 16]) -> String {
    let digits: String = nonce.iter().take(11).map(|byte| format!("{byte:02X}")).collect();
    format!("{}90{digits}", account.namespace)
}

/// The response's `Date`, by which the clocks are compared.
fn date(response: &Response) -> Option<Time> {
    let text = response.header("date")?;
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Time(date.timestamp().as_millisecond()))
}
