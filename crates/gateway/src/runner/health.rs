//! Whether an account takes new payments: a sick channel closes its intake before an intent exists.

use std::sync::{Mutex, MutexGuard, PoisonError};

use payment::time::{MINUTE_MS, SECOND_MS, Time};

use crate::dialects::Probed;

/// Whether an account takes new payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intake {
    /// It does.
    Open,
    /// It does not: why, and what to do.
    Closed {
        /// Why and what to do, Chinese and English.
        why: String,
        /// Since when.
        since: Time,
    },
}

/// A clock that is off by more than this closes the intake (I-40).
pub(super) const CLOCK_OFF_MS_MAX: i64 = 120 * SECOND_MS;
/// Unsigned refusals in a row that close the intake.
const UNSIGNED_MAX: u32 = 3;
/// How soon a closed account is probed again, and an open one.
const PROBE_CLOSED_MS: i64 = 10 * SECOND_MS;
const PROBE_OPEN_MS: i64 = 10 * MINUTE_MS;

/// One account's health.
pub struct Health(Mutex<State>);

struct State {
    intake: Intake,
    unsigned_in_a_row: u32,
    clock_off_ms: i64,
    probed_at: Option<Time>,
    /// A payment could not reach it: the next probe is due, and decides.
    suspect: bool,
}

impl Health {
    /// Closed until the first probe.
    #[must_use]
    pub fn unprobed(now: Time) -> Health {
        Health(Mutex::new(State {
            intake: Intake::Closed {
                why: "尚未探测 / not probed yet: the first probe takes a few seconds".to_owned(),
                since: now,
            },
            unsigned_in_a_row: 0,
            clock_off_ms: 0,
            probed_at: None,
            suspect: false,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it takes new payments.
    #[must_use]
    pub fn intake(&self) -> Intake {
        self.state().intake.clone()
    }

    /// When it was last probed, and how far the channel's clock was ahead of ours then, in milliseconds.
    #[must_use]
    pub fn probe_facts(&self) -> (Option<Time>, i64) {
        let state = self.state();
        (state.probed_at, state.clock_off_ms)
    }

    /// When the next probe is due.
    #[must_use]
    pub fn next_probe(&self) -> Time {
        let state = self.state();
        let pause_ms = match state.intake {
            Intake::Open if state.suspect => 0,
            Intake::Open => PROBE_OPEN_MS,
            Intake::Closed { .. } => PROBE_CLOSED_MS,
        };
        state.probed_at.map_or(Time(i64::MIN), |at| at.plus_ms(pause_ms))
    }

    /// Takes in what a probe showed; `clock_off_ms` is the channel's date minus ours, if it said one.
    pub fn probed(&self, now: Time, result: &Probed, clock_off_ms: Option<i64>, undo: Result<(), String>) {
        let mut state = self.state();
        state.probed_at = Some(now);
        state.clock_off_ms = clock_off_ms.unwrap_or(state.clock_off_ms);
        let suspect = std::mem::take(&mut state.suspect);
        let sick = match (result, undo) {
            (Probed::Misconfigured { what, said }, _) => Some(format!("{what} ({said})")),
            (Probed::Healthy | Probed::Unclear { .. }, Err(what)) => Some(what),
            (Probed::Healthy, Ok(())) if state.clock_off_ms.abs() > CLOCK_OFF_MS_MAX => Some(format!(
                "本机时钟偏差 {} 秒，请校时 / this machine's clock is off by {} s; set it by NTP, then it opens by itself",
                state.clock_off_ms / 1000,
                state.clock_off_ms / 1000
            )),
            (Probed::Healthy, Ok(())) => None,
            // An account that is open stays open when one probe meets no sense, unless a payment met none either; a closed
            // one stays closed.
            (Probed::Unclear { said }, Ok(())) => match &state.intake {
                Intake::Open if !suspect => return,
                Intake::Open | Intake::Closed { .. } => Some(format!(
                    "渠道无法连通，自动重试 / the channel does not answer, retried by itself ({said})"
                )),
            },
        };
        match sick {
            None => {
                state.unsigned_in_a_row = 0;
                state.intake = Intake::Open;
            }
            Some(why) => state.close(now, why),
        }
    }

    /// A payment ended without having reached the channel: the next probe is due now, and closes the intake unless it is
    /// answered.
    pub fn suspect(&self) {
        self.state().suspect = true;
    }

    /// Takes in whether a call was answered by an unsigned refusal; the third in a row closes the intake. Answers whether
    /// it was closed by this.
    pub fn answered(&self, now: Time, unsigned: bool) -> bool {
        let mut state = self.state();
        if !unsigned {
            state.unsigned_in_a_row = 0;
            return false;
        }
        state.unsigned_in_a_row += 1;
        let closes = state.unsigned_in_a_row >= UNSIGNED_MAX && state.intake == Intake::Open;
        if closes {
            state.close(
                now,
                "连续三次未签名拒绝，请检查密钥与商户号 / three unsigned refusals in a row: check the keys and numbers with \
                 `paycode doctor`"
                    .to_owned(),
            );
        }
        closes
    }
}

impl State {
    fn close(&mut self, now: Time, why: String) {
        let since = match &self.intake {
            Intake::Closed { since, .. } => *since,
            Intake::Open => now,
        };
        self.intake = Intake::Closed { why, since };
    }
}
