//! I-22, whole: undoing never gives up silently. A channel whose reversals never work, for eight days.

use payment::payment::Status;
use payment::reversal::ReversalStatus;
use payment::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use simulator::Dials;

use super::checks::rows;
use super::outcome::Outcome;
use super::world::World;

/// How long the channel is watched: longer than the longest window.
pub(crate) const WATCHED_MS: i64 = 8 * DAY_MS;

/// Between two reversals of what is still open: an hour, and the time of the calls.
const GAP_MS_MAX: i64 = HOUR_MS + 5 * MINUTE_MS;

/// Payers who pay when the till has given up, or after they were declined, or whose payment arrives late, and reversals that fail in one way for ever.
pub(crate) fn dials(seed: u64) -> Dials {
    let mut dials = Dials {
        payer_confirms: 500,
        payer_confirms_ms_max: 240_000,
        pay_late: 300,
        pay_late_ms_max: 300_000,
        payer_declined: 150,
        decline_charges: 500,
        dialog_ends: false,
        ..Dials::gentle()
    };
    let fault = match seed / 2 % 4 {
        0 => &mut dials.reverse_error,
        1 => &mut dials.reverse_again,
        2 => &mut dials.reverse_refused,
        _ => &mut dials.reverse_request_lost,
    };
    *fault = 1000;
    dials
}

/// Every other seed opens just before midnight, where the windows of a day end.
pub(crate) fn begins(seed: u64, morning: Time) -> Time {
    if seed.is_multiple_of(2) { morning } else { morning.plus_ms(14 * HOUR_MS - 90_000) }
}

/// The books after eight days: nothing is charged that was not told as paid; until then it was tried every hour.
pub(crate) fn checks(world: &mut World, outcome: &mut Outcome) {
    for row in rows(world) {
        let payment = &row.payment;
        let number = payment.intent.channel_order_no.as_str().to_owned();
        let lines = world.simulator.ledger_of(&number);
        let net: i64 = lines.iter().map(|line| line.charged - line.returned).sum();
        if net > 0 && payment.status() != Status::Paid {
            world.breaks(format!("I-22: {number} is {:?} and still charged: {payment:?}", payment.phase));
        }
        let Some(reversal) = &payment.reversal else { continue };
        if reversal.status == ReversalStatus::Failed {
            outcome.refunded_instead += u64::from(payment.status() == Status::Reversed);
            outcome.demands_refunded += u64::from(payment.refunds.given_back > 0);
        }
        let left = world.left.get(&number).cloned().unwrap_or_default();
        if lines.iter().all(|line| line.charged == 0) {
            continue;
        }
        let until = left.refunds.first().copied().unwrap_or(payment.updated_at);
        let mut before = reversal.requested_at;
        for at in left.reverses.iter().copied().filter(|at| *at < until).chain([until]) {
            // A window that ends before the next try is waited for.
            let most_ms = if at == until { 2 * GAP_MS_MAX } else { GAP_MS_MAX };
            if at.since_ms(before) > most_ms {
                let gap = at.since_ms(before) / MINUTE_MS;
                world.breaks(format!("I-22: {number} was not reversed for {gap} min: {payment:?}"));
            }
            before = at;
        }
        // An hour is kept in hand of long windows, so that the method changes before the channel's own end.
        let paid_by = payment.intent.opened_at.plus_ms(10 * MINUTE_MS);
        let end = payment.intent.channel.patience().reversible_until(paid_by);
        if left.refunds.first().is_some_and(|at| at.since_ms(end) > HOUR_MS) {
            world.breaks(format!("I-22: {number} was refunded long after the window: {payment:?}"));
        }
    }
}
