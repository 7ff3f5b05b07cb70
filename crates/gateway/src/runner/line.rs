//! The lines of a timeline: what changed, what was asked, what was answered, who asked for it.

use payment::exchange::{
    Answer, Asked, ChannelCode, ClosedHow, Decline, Doubt, PaidFacts, QueryAnswer, RefundAnswer,
    RefundQueryAnswer, RefundRefusal, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::payment::{Payment, Phase};
use payment::refund::{Refund, RefundPhase};
use payment::time::Time;
use payment::watch::{Watch, WatchPhase};
use serde_json::{Value, json};

use crate::store::Event;

/// A line of this kind.
pub(super) fn line(at: Time, kind: &str, body: Value) -> Event {
    Event { at, kind: kind.to_owned(), body: body.to_string() }
}

/// Where a payment stands now, and when it next acts.
pub(super) fn state(at: Time, payment: &Payment) -> Event {
    line(
        at,
        "state",
        json!({
            "phase": phase_word(payment.phase),
            "status": payment.status().word(),
            "wake_at": payment.wake.map(|wake| wake.0),
        }),
    )
}

/// Where a watch stands now.
pub(super) fn watch_state(at: Time, watch: &Watch) -> Event {
    line(
        at,
        "state",
        json!({
            "phase": watch_phase_word(watch.phase),
            "looks_done": watch.looks_done,
            "wake_at": watch.wake.map(|wake| wake.0),
        }),
    )
}

/// Where a refund stands now.
pub(super) fn refund_state(at: Time, refund: &Refund) -> Event {
    line(
        at,
        "refund",
        json!({
            "refund": refund.intent.id.to_string(),
            "refund_no": refund.intent.refund_no.as_str(),
            "amount": refund.intent.amount.fen(),
            "status": refund.status().word(),
            "phase": refund_phase_word(refund.phase),
            "wake_at": refund.wake.map(|wake| wake.0),
        }),
    )
}

/// A call that is about to leave.
pub(super) fn call(asked: Asked) -> Event {
    line(asked.at, "call", json!({ "call": asked.call.word(), "number": asked.number }))
}

/// An answer, in our word and the channel's.
pub(super) fn answer(at: Time, number: u32, answer: &Answer) -> Event {
    let (says, code) = words(answer);
    let mut body = json!({ "call": answer.call().word(), "number": number, "says": says });
    if let Some(code) = code {
        body["channel_code"] = json!(code.code);
        body["channel_message"] = json!(code.message);
    }
    if let Some(facts) = facts(answer) {
        body["amount"] = json!(facts.amount.fen());
        body["channel_transaction_no"] = json!(facts.channel_transaction_no);
    }
    line(at, "answer", body)
}

/// Questions that taught nothing, as one line.
pub(super) fn polls(count: u32, first: Time, last: Time, says: &str) -> Event {
    line(last, "polls", json!({ "count": count, "first": first.0, "last": last.0, "says": says }))
}

/// What somebody asked for.
pub(super) fn door(at: Time, what: &str, words: Option<&str>) -> Event {
    line(at, "door", json!({ "asked": what, "words": words }))
}

/// The word of an answer, for lines and logs.
pub(crate) fn says(answer: &Answer) -> &'static str {
    words(answer).0
}

fn facts(answer: &Answer) -> Option<&PaidFacts> {
    match answer {
        Answer::Submit(SubmitAnswer::Paid(facts)) | Answer::Query(QueryAnswer::Paid(facts)) => Some(facts),
        Answer::Submit(_)
        | Answer::Query(_)
        | Answer::Reverse(_)
        | Answer::Refund(_)
        | Answer::RefundQuery(_) => None,
    }
}

fn words(answer: &Answer) -> (&'static str, Option<&ChannelCode>) {
    match answer {
        Answer::Submit(answer) => match answer {
            SubmitAnswer::Paid(_) => ("paid", None),
            SubmitAnswer::AwaitingPayer => ("awaiting_payer", None),
            SubmitAnswer::Declined(Decline { channel, .. }) => ("declined", Some(channel)),
            SubmitAnswer::DeclinedAsk(Decline { channel, .. }) => ("declined_ask", Some(channel)),
            SubmitAnswer::NotSent => ("not_sent", None),
            SubmitAnswer::Unknown(doubt) => doubt_words(doubt),
        },
        Answer::Query(answer) => match answer {
            QueryAnswer::Paid(_) => ("paid", None),
            QueryAnswer::AwaitingPayer => ("awaiting_payer", None),
            QueryAnswer::NotPaid => ("not_paid", None),
            QueryAnswer::MustReverse => ("must_reverse", None),
            QueryAnswer::Declined(Decline { channel, .. }) => ("declined", Some(channel)),
            QueryAnswer::Closed(ClosedHow::Revoked) => ("revoked", None),
            QueryAnswer::Closed(ClosedHow::Closed) => ("closed", None),
            QueryAnswer::Closed(ClosedHow::Refunded) => ("refunded", None),
            QueryAnswer::NotFound => ("not_found", None),
            QueryAnswer::Unknown(doubt) => doubt_words(doubt),
        },
        Answer::Reverse(answer) => match answer {
            ReverseAnswer::Reversed(ReversedHow::Closed) => ("reversed_closed", None),
            ReverseAnswer::Reversed(ReversedHow::Refunded) => ("reversed_refunded", None),
            ReverseAnswer::Reversed(ReversedHow::Unsaid) => ("reversed", None),
            ReverseAnswer::Again => ("again", None),
            ReverseAnswer::StillPaying => ("still_paying", None),
            ReverseAnswer::Cannot(_) => ("cannot", None),
            ReverseAnswer::Unknown(doubt) => doubt_words(doubt),
        },
        Answer::Refund(answer) => match answer {
            RefundAnswer::Done(_) => ("refunded", None),
            RefundAnswer::Accepted => ("accepted", None),
            RefundAnswer::Refused(RefundRefusal { channel, .. }) => ("refused", Some(channel)),
            RefundAnswer::Unknown(doubt) => doubt_words(doubt),
        },
        Answer::RefundQuery(answer) => match answer {
            RefundQueryAnswer::Done(_) => ("refunded", None),
            RefundQueryAnswer::Pending => ("pending", None),
            RefundQueryAnswer::Closed => ("closed", None),
            RefundQueryAnswer::Abnormal => ("abnormal", None),
            RefundQueryAnswer::NotFound => ("not_found", None),
            RefundQueryAnswer::Unknown(doubt) => doubt_words(doubt),
        },
    }
}

fn doubt_words(doubt: &Doubt) -> (&'static str, Option<&ChannelCode>) {
    match doubt {
        Doubt::Silence => ("unknown: no answer", None),
        Doubt::Broken => ("unknown: the connection broke", None),
        Doubt::Status(_) => ("unknown: an HTTP error", None),
        Doubt::Unreadable => ("unknown: unreadable", None),
        Doubt::Forged => ("unknown: the signature does not verify", None),
        Doubt::Unsigned(code) => ("unknown: unsigned", Some(code)),
        Doubt::Incomplete(_) => ("unknown: a field is missing or malformed", None),
        Doubt::ChannelUnsure(code) => ("unknown: the channel does not know", Some(code)),
        Doubt::RateLimited(code) => ("unknown: rate limited", Some(code)),
        Doubt::AlreadyKnown(code) => ("unknown: the order is known there", Some(code)),
        Doubt::Unlisted(code) => ("unknown: an unlisted code", Some(code)),
    }
}

/// The phase's word in timelines.
pub(super) fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Opened => "opened",
        Phase::Submitting => "submitting",
        Phase::AwaitingPayer { .. } => "awaiting_payer",
        Phase::LastLook => "last_look",
        Phase::Reversing => "reversing",
        Phase::Confirming { .. } => "confirming",
        Phase::Refunding => "refunding",
        Phase::Paid => "paid",
        Phase::Failed => "failed",
        Phase::Reversed => "reversed",
        Phase::Suspended { .. } => "suspended",
    }
}

fn refund_phase_word(phase: RefundPhase) -> &'static str {
    match phase {
        RefundPhase::Opened => "refund_opened",
        RefundPhase::Asking => "refund_asking",
        RefundPhase::Pending => "refund_pending",
        RefundPhase::Succeeded => "refund_succeeded",
        RefundPhase::Failed => "refund_failed",
    }
}

fn watch_phase_word(phase: WatchPhase) -> &'static str {
    match phase {
        WatchPhase::Waiting => "watched",
        WatchPhase::Looking { .. } => "watch_looking",
        WatchPhase::Reversing => "watch_reversing",
        WatchPhase::Confirming => "watch_confirming",
        WatchPhase::Refunding => "watch_refunding",
        WatchPhase::Parked => "watch_parked",
        WatchPhase::Bill => "watch_left_to_bill",
    }
}
