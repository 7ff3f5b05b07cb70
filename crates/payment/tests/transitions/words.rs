//! What a step did, in words.

use payment::payment::{Notice, Payment, Phase, Refused, Step};
use payment::reversal::{Reversal, ReversalStatus};
use payment::time::{MINUTE_MS, Time};

use crate::answers::{age, at};
use crate::payments::phase_name;
use crate::table::{Outcome, Weight};

pub(crate) fn refusal(refused: Refused) -> Outcome {
    Outcome {
        becomes: format!("refused: `{refused:?}`"),
        asks: String::new(),
        tells: String::new(),
        watch: String::new(),
        written: false,
        weight: Weight::Change,
    }
}

pub(crate) fn outcome(before: &Payment, step: &Step) -> Outcome {
    let after = &step.payment;
    let watch = match (&step.watch, step.wake_watch) {
        (Some(watch), _) => watch.plan.word().to_owned(),
        (None, true) => "looks now".to_owned(),
        (None, false) => String::new(),
    };
    Outcome {
        becomes: becomes(before, after),
        asks: asks(step),
        tells: step.notices.iter().map(notice).collect::<Vec<_>>().join(", "),
        weight: weight(before, step),
        watch,
        written: step.durable,
    }
}

/// The call that leaves, or the refund that begins with a call of its own.
fn asks(step: &Step) -> String {
    if step.refund.is_some() {
        return "a whole refund".to_owned();
    }
    step.call.map_or_else(String::new, |asked| asked.call.word().to_owned())
}

fn weight(before: &Payment, step: &Step) -> Weight {
    let mut still = before.clone();
    still.updated_at = step.payment.updated_at;
    if step.call.is_some() || !step.notices.is_empty() || step.wake_watch {
        return Weight::Change;
    }
    if still == step.payment {
        return Weight::Nothing;
    }
    still.acknowledged = step.payment.acknowledged;
    still.submit_answered = step.payment.submit_answered;
    if still == step.payment { Weight::Evidence } else { Weight::Change }
}

pub(crate) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Paid => "paid".to_owned(),
        Notice::Failed => "failed".to_owned(),
        Notice::Reversed => "reversed".to_owned(),
        Notice::Suspended => "suspended".to_owned(),
        Notice::RefundSucceeded => "refund succeeded".to_owned(),
        Notice::RefundFailed => "refund failed".to_owned(),
        Notice::CaseOpened(kind) => format!("case opened (`{}`)", kind.word()),
        Notice::CaseClosed(kind) => format!("case closed (`{}`)", kind.word()),
    }
}

fn becomes(before: &Payment, after: &Payment) -> String {
    let mut parts = vec![phase_change(before.phase, after.phase)];
    let mut flag = |was: bool, is: bool, name: &str| {
        if was != is {
            parts.push(if is { name.to_owned() } else { format!("not {name}") });
        }
    };
    flag(before.acknowledged, after.acknowledged, "acknowledged");
    flag(before.submit_answered, after.submit_answered, "submit answered");
    flag(before.cancel_asked, after.cancel_asked, "`cancel_asked`");
    flag(before.told_paid, after.told_paid, "told paid");
    flag(before.polls.not_paid_once, after.polls.not_paid_once, "NotPaid once");
    flag(before.polls.typing_seen, after.polls.typing_seen, "payer was asked");
    if before.host != after.host {
        parts.push("next host".to_owned());
    }
    if let Some(failure) = after.failure.as_ref().filter(|_| before.failure != after.failure) {
        parts.push(format!("`{}`", failure.reason.word()));
    }
    parts.extend(reversal_change(before.reversal.as_ref(), after.reversal.as_ref()));
    let rearmed = before.phase != after.phase || before.wake != after.wake;
    if let Some(wake) = after.wake.filter(|_| after.out.is_none() && rearmed) {
        parts.push(wake_words(wake, after.updated_at));
    }
    parts.join(", ")
}

pub(crate) fn wake_words(wake: Time, now: Time) -> String {
    let gap_ms = wake.since_ms(now);
    if gap_ms == 0 {
        return "due now".to_owned();
    }
    if gap_ms >= 10 * MINUTE_MS {
        return format!("wakes in {} min", gap_ms / MINUTE_MS);
    }
    format!("wakes in {} (at {})", age(at(0).plus_ms(gap_ms)), age(wake))
}

fn phase_change(before: Phase, after: Phase) -> String {
    if before == after {
        return "unchanged".to_owned();
    }
    match after {
        Phase::AwaitingPayer { deadline, refused } => {
            let refused = if refused { ", `refused`" } else { "" };
            format!("**AwaitingPayer** until {}{refused}", age(deadline))
        }
        Phase::Confirming { cannot: true } => "**Confirming**, `cannot`".to_owned(),
        Phase::Opened
        | Phase::Submitting
        | Phase::LastLook
        | Phase::Reversing
        | Phase::Confirming { cannot: false }
        | Phase::Refunding
        | Phase::Paid
        | Phase::Failed
        | Phase::Reversed
        | Phase::Suspended { .. } => format!("**{}**", phase_name(after)),
    }
}

pub(crate) fn reversal_change(before: Option<&Reversal>, after: Option<&Reversal>) -> Vec<String> {
    let Some(after) = after else { return Vec::new() };
    let mut parts = Vec::new();
    if before.map(|reversal| &reversal.reason) != Some(&after.reason) {
        parts.push(format!("reason `{}`", after.reason.word()));
    }
    if let Some(said) = after.said.filter(|_| before.and_then(|r| r.said) != after.said) {
        parts.push(format!("said {}", format!("{said:?}").to_lowercase()));
    }
    if let Some(before) = before
        && before.tries != after.tries
    {
        parts.push(format!("try {}", after.tries));
    }
    if before.map_or(ReversalStatus::Pending, |reversal| reversal.status) != after.status {
        parts.push(format!("reversal {}", after.status.word()));
    }
    parts
}
