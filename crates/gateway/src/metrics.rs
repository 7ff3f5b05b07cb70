//! What is counted, for Prometheus. Sums over all merchants: no sale, no order number and no single payment can be seen in it.
//!
//! Whoever makes something durable counts it afterwards, so nothing that did not happen is counted; a crash in between
//! forgets, which a counter may. Counting reads no clock and changes no outcome: what took how long is told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use payment::exchange::{
    Answer, Doubt, QueryAnswer, RefundAnswer, RefundQueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::patience::Channel;
use payment::payment::{Notice, Status};
use payment::reversal::{Reversal, ReversalStatus};
use payment::time::Time;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

/// The format's media type.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the buckets of channel calls, in seconds: a submit may take 12 s, a reversal 30 s.
const CALL_SECONDS: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0];

/// Labels: one struct for each set, with words from closed sets only.
macro_rules! labels {
    ($($name:ident { $($field:ident: $kind:ty),+ })+) => {
        $(
            #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
            struct $name {
                $($field: $kind,)+
            }
        )+
    };
}

labels! {
    Opened { channel: &'static str }
    Ended { channel: &'static str, status: &'static str }
    Called { channel: &'static str, call: &'static str }
    Answered { channel: &'static str, call: &'static str, answer: &'static str }
    Doubted { channel: &'static str, call: &'static str, doubt: &'static str }
    Reversed { channel: &'static str, outcome: &'static str }
    Kind { kind: &'static str }
    Named { account: String }
    Served { method: &'static str, route: String, status: u32 }
}

type Calls = Family<Called, Histogram, fn() -> Histogram>;

/// The counters of one process.
pub struct Metrics {
    registry: Registry,
    names: Vec<&'static str>,
    opened: Family<Opened, Counter>,
    ended: Family<Ended, Counter>,
    awake: Gauge,
    stuck: Gauge,
    calls: Family<Answered, Counter>,
    call_seconds: Calls,
    doubts: Family<Doubted, Counter>,
    reversals: Family<Reversed, Counter>,
    refunds: Family<Ended, Counter>,
    cases_opened: Family<Kind, Counter>,
    cases_closed: Family<Kind, Counter>,
    intake_open: Family<Named, Gauge>,
    store_transactions: Counter,
    store_commits: Counter,
    http: Family<Served, Counter>,
}

impl Metrics {
    /// All at zero; `started` is when the process started.
    #[must_use]
    pub fn new(started: Time) -> Metrics {
        let histogram: fn() -> Histogram = || Histogram::new(CALL_SECONDS);
        let mut metrics = Metrics {
            registry: Registry::default(),
            names: Vec::new(),
            opened: Family::default(),
            ended: Family::default(),
            awake: Gauge::default(),
            stuck: Gauge::default(),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(histogram),
            doubts: Family::default(),
            reversals: Family::default(),
            refunds: Family::default(),
            cases_opened: Family::default(),
            cases_closed: Family::default(),
            intake_open: Family::default(),
            store_transactions: Counter::default(),
            store_commits: Counter::default(),
            http: Family::default(),
        };
        metrics.register_all(started);
        metrics
    }

    #[rustfmt::skip] // One line a metric.
    fn register_all(&mut self, started: Time) {
        self.register("paycode_payments_opened", "Payments opened", self.opened.clone());
        self.register("paycode_payments_ended", "Payments that came to a status other than processing", self.ended.clone());
        self.register("paycode_payments_awake", "Payments that a driver looks after now", self.awake.clone());
        self.register("paycode_payments_stuck", "Payments whose step panicked", self.stuck.clone());
        self.register("paycode_channel_calls", "Calls to channels, by what was answered", self.calls.clone());
        self.register("paycode_channel_call_duration_seconds", "How long a call took until its answer or its limit", self.call_seconds.clone());
        self.register("paycode_doubts", "Answers that proved nothing", self.doubts.clone());
        self.register("paycode_reversals", "Reversals that ended", self.reversals.clone());
        self.register("paycode_refunds", "Refunds that ended", self.refunds.clone());
        self.register("paycode_cases_opened", "Cases opened", self.cases_opened.clone());
        self.register("paycode_cases_closed", "Cases closed", self.cases_closed.clone());
        self.register("paycode_intake_open", "Whether an account takes new payments: 1 or 0", self.intake_open.clone());
        self.register("paycode_store_transactions", "Transactions made durable by the store's writer", self.store_transactions.clone());
        self.register("paycode_store_commits", "Changes that became durable in them", self.store_commits.clone());
        self.register("paycode_http_answers", "Answers of the API", self.http.clone());
        let start: Gauge<f64, AtomicU64> = Gauge::default();
        let since_1970 = Duration::from_millis(u64::try_from(started.0).unwrap_or(0));
        start.set(since_1970.as_secs_f64());
        self.register("process_start_time_seconds", "When the process started, in seconds since 1970", start);
        self.register("paycode_build", "The version that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    }

    fn register(&mut self, name: &'static str, help: &str, metric: impl Metric) {
        self.names.push(name);
        self.registry.register(name, help, metric);
    }

    /// The names of all metrics, as they are registered: a counter is exported with `_total` behind it.
    #[must_use]
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// A payment was opened.
    pub fn payment_opened(&self, channel: Channel) {
        self.opened.get_or_create(&Opened { channel: channel.word() }).inc();
    }

    /// These notices became durable.
    pub fn told(&self, channel: Channel, notices: &[Notice]) {
        for notice in notices {
            match notice {
                Notice::Paid => self.ended(channel, Status::Paid),
                Notice::Failed => self.ended(channel, Status::Failed),
                Notice::Reversed => self.ended(channel, Status::Reversed),
                Notice::Suspended => self.ended(channel, Status::Suspended),
                Notice::RefundSucceeded => self.refund_ended(channel, "succeeded"),
                Notice::RefundFailed => self.refund_ended(channel, "failed"),
                Notice::CaseOpened(kind) => {
                    self.cases_opened.get_or_create(&Kind { kind: kind.word() }).inc();
                }
                Notice::CaseClosed(kind) => {
                    self.cases_closed.get_or_create(&Kind { kind: kind.word() }).inc();
                }
            }
        }
    }

    fn ended(&self, channel: Channel, status: Status) {
        let labels = Ended { channel: channel.word(), status: status.word() };
        self.ended.get_or_create(&labels).inc();
    }

    fn refund_ended(&self, channel: Channel, status: &'static str) {
        self.refunds.get_or_create(&Ended { channel: channel.word(), status }).inc();
    }

    /// A row became durable whose reversal was `before`, and is `after` now.
    pub fn reversal_moved(&self, channel: Channel, before: Option<&Reversal>, after: Option<&Reversal>) {
        let Some(after) = after else { return };
        if before.is_some_and(|before| before.status == after.status) {
            return;
        }
        let outcome = match (after.status, after.said) {
            (ReversalStatus::Pending, _) => return,
            (ReversalStatus::Failed, _) => "failed",
            (ReversalStatus::Done, Some(ReversedHow::Closed)) => "closed",
            (ReversalStatus::Done, Some(ReversedHow::Refunded)) => "refunded",
            (ReversalStatus::Done, Some(ReversedHow::Unsaid) | None) => "unsaid",
        };
        self.reversals.get_or_create(&Reversed { channel: channel.word(), outcome }).inc();
    }

    /// A call was answered, or its limit came, after so many milliseconds.
    pub fn answered(&self, channel: Channel, answer: &Answer, took_ms: i64) {
        let (channel, call) = (channel.word(), answer.call().word());
        let (word, doubt) = answer_words(answer);
        self.calls.get_or_create(&Answered { channel, call, answer: word }).inc();
        let took = Duration::from_millis(u64::try_from(took_ms).unwrap_or(0));
        self.call_seconds.get_or_create(&Called { channel, call }).observe(took.as_secs_f64());
        if let Some(doubt) = doubt {
            self.doubts.get_or_create(&Doubted { channel, call, doubt: doubt_word(doubt) }).inc();
        }
    }

    /// A request was answered; `route` is the pattern that it met.
    pub fn served(&self, method: &'static str, route: &str, status: u16) {
        let labels = Served { method, route: route.to_owned(), status: u32::from(status) };
        self.http.get_or_create(&labels).inc();
    }

    /// How many payments are stuck.
    pub(crate) fn stuck(&self, count: usize) {
        self.stuck.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Everything as text, with what is so at this moment.
    #[must_use]
    pub fn text(&self, now: &Now) -> String {
        self.awake.set(i64::try_from(now.awake).unwrap_or(i64::MAX));
        for (account, open) in &now.intakes {
            self.intake_open.get_or_create(&Named { account: account.clone() }).set(i64::from(*open));
        }
        // Two readers at once must not set a counter back.
        self.store_transactions.inner().fetch_max(now.store_transactions, Ordering::Relaxed);
        self.store_commits.inner().fetch_max(now.store_commits, Ordering::Relaxed);
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a string takes everything");
        text
    }
}

/// What is so at the moment of reading, rather than counted as it happens.
pub struct Now {
    /// How many payments are awake.
    pub awake: usize,
    /// Each account, and whether its intake is open.
    pub intakes: Vec<(String, bool)>,
    /// Transactions of the store so far.
    pub store_transactions: u64,
    /// Changes in them so far.
    pub store_commits: u64,
}

/// The answer's word; every doubt is `unknown`.
fn answer_words(answer: &Answer) -> (&'static str, Option<&Doubt>) {
    match answer {
        Answer::Submit(answer) => match answer {
            SubmitAnswer::Paid(_) => ("paid", None),
            SubmitAnswer::AwaitingPayer => ("awaiting_payer", None),
            SubmitAnswer::Declined(_) => ("declined", None),
            SubmitAnswer::DeclinedAsk(_) => ("declined_ask", None),
            SubmitAnswer::NotSent => ("not_sent", None),
            SubmitAnswer::Unknown(doubt) => ("unknown", Some(doubt)),
        },
        Answer::Query(answer) => match answer {
            QueryAnswer::Paid(_) => ("paid", None),
            QueryAnswer::AwaitingPayer => ("awaiting_payer", None),
            QueryAnswer::NotPaid => ("not_paid", None),
            QueryAnswer::MustReverse => ("must_reverse", None),
            QueryAnswer::Declined(_) => ("declined", None),
            QueryAnswer::Closed(_) => ("closed", None),
            QueryAnswer::NotFound => ("not_found", None),
            QueryAnswer::Unknown(doubt) => ("unknown", Some(doubt)),
        },
        Answer::Reverse(answer) => match answer {
            ReverseAnswer::Reversed(_) => ("reversed", None),
            ReverseAnswer::Again => ("again", None),
            ReverseAnswer::StillPaying => ("still_paying", None),
            ReverseAnswer::Cannot(_) => ("cannot", None),
            ReverseAnswer::Unknown(doubt) => ("unknown", Some(doubt)),
        },
        Answer::Refund(answer) => match answer {
            RefundAnswer::Done(_) => ("refunded", None),
            RefundAnswer::Accepted => ("accepted", None),
            RefundAnswer::Refused(_) => ("refused", None),
            RefundAnswer::Unknown(doubt) => ("unknown", Some(doubt)),
        },
        Answer::RefundQuery(answer) => match answer {
            RefundQueryAnswer::Done(_) => ("refunded", None),
            RefundQueryAnswer::Pending => ("pending", None),
            RefundQueryAnswer::Closed => ("closed", None),
            RefundQueryAnswer::Abnormal => ("abnormal", None),
            RefundQueryAnswer::NotFound => ("not_found", None),
            RefundQueryAnswer::Unknown(doubt) => ("unknown", Some(doubt)),
        },
    }
}

fn doubt_word(doubt: &Doubt) -> &'static str {
    match doubt {
        Doubt::Silence => "silence",
        Doubt::Broken => "broken",
        Doubt::Status(_) => "status",
        Doubt::Unreadable => "unreadable",
        Doubt::Forged => "forged",
        Doubt::Unsigned(_) => "unsigned",
        Doubt::Incomplete(_) => "incomplete",
        Doubt::ChannelUnsure(_) => "channel_unsure",
        Doubt::RateLimited(_) => "rate_limited",
        Doubt::AlreadyKnown(_) => "already_known",
        Doubt::Unlisted(_) => "unlisted",
    }
}

#[cfg(test)]
mod tests {
    use payment::exchange::Call;

    use super::*;

    fn now() -> Now {
        let intakes = vec![("a".to_owned(), true), ("b".to_owned(), false)];
        Now { awake: 3, intakes, store_transactions: 5, store_commits: 9 }
    }

    #[test]
    fn what_happened_is_in_the_text() {
        let metrics = Metrics::new(Time(1_500));
        metrics.payment_opened(Channel::Icbc);
        metrics.told(Channel::Icbc, &[Notice::Paid]);
        let silence = Answer::silence(Call::Query);
        metrics.answered(Channel::Icbc, &silence, 5_000);
        metrics.served("GET", "/v1/payments/{id}", 404);
        let text = metrics.text(&now());
        for line in [
            "paycode_payments_opened_total{channel=\"icbc\"} 1",
            "paycode_payments_ended_total{channel=\"icbc\",status=\"paid\"} 1",
            "paycode_channel_calls_total{channel=\"icbc\",call=\"query\",answer=\"unknown\"} 1",
            "paycode_doubts_total{channel=\"icbc\",call=\"query\",doubt=\"silence\"} 1",
            "paycode_channel_call_duration_seconds_sum{channel=\"icbc\",call=\"query\"} 5.0",
            "paycode_channel_call_duration_seconds_bucket{le=\"2.5\",channel=\"icbc\",call=\"query\"} 0",
            "paycode_channel_call_duration_seconds_bucket{le=\"5.0\",channel=\"icbc\",call=\"query\"} 1",
            "paycode_payments_awake 3",
            "paycode_intake_open{account=\"b\"} 0",
            "paycode_store_transactions_total 5",
            "paycode_store_commits_total 9",
            "paycode_http_answers_total{method=\"GET\",route=\"/v1/payments/{id}\",status=\"404\"} 1",
            "process_start_time_seconds 1.5",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
        let earlier = Now { store_commits: 8, ..now() };
        assert!(metrics.text(&earlier).contains("paycode_store_commits_total 9"));
    }

    #[test]
    fn a_reversal_is_counted_when_it_ends() {
        let metrics = Metrics::new(Time(0));
        let pending = Reversal::new(payment::reversal::ReversalReason::Deadline, Time(0));
        let done = Reversal { status: ReversalStatus::Done, ..pending.clone() };
        metrics.reversal_moved(Channel::Icbc, None, Some(&pending));
        metrics.reversal_moved(Channel::Icbc, Some(&pending), Some(&done));
        metrics.reversal_moved(Channel::Icbc, Some(&done), Some(&done));
        metrics.reversal_moved(Channel::Icbc, Some(&done), None);
        let text = metrics.text(&now());
        assert_eq!(text.matches("\npaycode_reversals_total").count(), 1, "{text}");
        assert!(text.contains("paycode_reversals_total{channel=\"icbc\",outcome=\"unsaid\"} 1\n"), "{text}");
    }
}
