//! Representative watches of every phase, and everything that can happen to them.

use payment::exchange::{Answer, Asked, Call, QueryAnswer};
use payment::patience::QUERY_LIMIT_MS;
use payment::payment::{CaseKind, Payment, Phase};
use payment::reversal::{Reversal, ReversalReason, ReversalStatus};
use payment::time::{DAY_MS, Time};
use payment::watch::{Plan, Stands, Watch, WatchInput, WatchPhase, WatchStep};

use crate::answers::{answers, at, decline, facts, intent};
use crate::table::{InputName, Outcome, Tried, Weight};
use crate::words::{notice, reversal_change, wake_words};

const NINE_DAYS_S: i64 = 9 * 24 * 3600;

/// A watch, the moment at which its inputs come, and how the table names it.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    pub(crate) now: Time,
    pub(crate) watch: Watch,
}

/// Every phase with its representative values.
pub(crate) fn phases() -> Vec<(&'static str, Vec<Given>)> {
    vec![
        ("Waiting", waiting()),
        ("Looking", looking()),
        ("Reversing", reversing()),
        ("Confirming", confirming()),
        ("Refunding", refunding()),
        ("Parked", parked()),
        ("Bill", vec![on("full plan", WatchPhase::Bill, at(200)).with(|watch| watch.wake = None)]),
    ]
}

/// The phase's name; a new phase does not compile until it is here, and does not pass until [`phases`] has it.
pub(crate) fn phase_name(phase: WatchPhase) -> &'static str {
    match phase {
        WatchPhase::Waiting => "Waiting",
        WatchPhase::Looking { .. } => "Looking",
        WatchPhase::Reversing => "Reversing",
        WatchPhase::Confirming => "Confirming",
        WatchPhase::Refunding => "Refunding",
        WatchPhase::Parked => "Parked",
        WatchPhase::Bill => "Bill",
    }
}

/// A full watch of a payment that ended unpaid at age 100 s; it is due now.
fn on(name: &'static str, phase: WatchPhase, now: Time) -> Given {
    let mut payment = Payment::open(intent());
    payment.phase = Phase::Failed;
    payment.failure = Some(decline());
    let mut watch = Watch::begin(&payment, at(100), Plan::Full);
    watch.phase = phase;
    watch.wake = Some(now);
    watch.updated_at = now;
    watch.calls = 3;
    Given { name, now, watch }
}

impl Given {
    fn with(mut self, change: impl FnOnce(&mut Watch)) -> Given {
        change(&mut self.watch);
        self
    }

    fn stands_paid(self) -> Given {
        self.with(|watch| watch.stands = Stands::Paid)
    }

    fn declined(self) -> Given {
        self.with(|watch| watch.plan = Plan::Declined)
    }

    fn out(self, call: Call) -> Given {
        let since = self.now.plus_ms(-1_000);
        self.out_since(call, since)
    }

    fn silent(self, call: Call) -> Given {
        let since = self.now.plus_ms(-limit_ms(call));
        self.out_since(call, since)
    }

    fn out_since(self, call: Call, since: Time) -> Given {
        self.with(|watch| {
            let limit = since.plus_ms(limit_ms(call));
            watch.out = Some(Asked { call, number: watch.calls, at: since, limit });
            watch.wake = Some(limit);
        })
    }

    fn undoing(self, reason: ReversalReason, tries: u32) -> Given {
        self.with(|watch| {
            watch.case = (reason == ReversalReason::LateMoney).then_some(CaseKind::LateMoney);
            let mut reversal = Reversal::new(reason, at(160));
            reversal.attempts = 1;
            reversal.first_at = Some(at(160));
            reversal.tries = tries;
            watch.reversal = Some(reversal);
        })
    }
}

fn limit_ms(call: Call) -> i64 {
    match call {
        Call::Query | Call::RefundQuery => QUERY_LIMIT_MS,
        Call::Submit | Call::Reverse | Call::Refund => intent().channel.patience().call_limit_ms,
    }
}

fn waiting() -> Vec<Given> {
    vec![
        on("before the next look", WatchPhase::Waiting, at(120)).with(|watch| watch.wake = Some(at(160))),
        on("the look is due", WatchPhase::Waiting, at(160)),
    ]
}

fn looking() -> Vec<Given> {
    let looking = |name, now, unclear| on(name, WatchPhase::Looking { unclear }, now);
    vec![
        looking("asks again", at(166), 1),
        looking("query out", at(161), 0).out(Call::Query),
        looking("query out, stands paid", at(161), 0).out(Call::Query).stands_paid(),
        looking("query out, declined plan", at(161), 0).out(Call::Query).declined(),
        looking("query out, seven unclear, next look near", at(690), 7).out(Call::Query),
        looking("query out, nine unclear, no look left", at(3_000), 9).out(Call::Query).declined(),
        looking("query out, nine days old", at(NINE_DAYS_S), 0).out(Call::Query),
        looking("query silent", at(165), 0).silent(Call::Query),
    ]
}

fn reversing() -> Vec<Given> {
    let out = |name, reason, tries| {
        on(name, WatchPhase::Reversing, at(170)).undoing(reason, tries).out(Call::Reverse)
    };
    vec![
        on("due", WatchPhase::Reversing, at(170)).undoing(ReversalReason::LeftOpen, 1),
        out("left open, reverse out", ReversalReason::LeftOpen, 0),
        out("left open, reverse out, nine tries", ReversalReason::LeftOpen, 9),
        out("late money, reverse out", ReversalReason::LateMoney, 0),
        late(on("late money known, reverse out, nine days old", WatchPhase::Reversing, at(NINE_DAYS_S)))
            .undoing(ReversalReason::LateMoney, 0)
            .out(Call::Reverse),
        on("reverse silent", WatchPhase::Reversing, at(180))
            .undoing(ReversalReason::LeftOpen, 0)
            .silent(Call::Reverse),
    ]
}

fn confirming() -> Vec<Given> {
    let out = |name, reason| on(name, WatchPhase::Confirming, at(175)).undoing(reason, 0).out(Call::Query);
    vec![
        on("due", WatchPhase::Confirming, at(175)).undoing(ReversalReason::LeftOpen, 1),
        out("left open, query out", ReversalReason::LeftOpen),
        out("late money, query out", ReversalReason::LateMoney),
        on("query silent", WatchPhase::Confirming, at(180))
            .undoing(ReversalReason::LeftOpen, 0)
            .silent(Call::Query),
    ]
}

/// Late money of a payment of 10:00, found nine days later: no reversal reaches it any more.
fn late(given: Given) -> Given {
    given.with(|watch| {
        watch.late = Some(facts());
        watch.case = Some(CaseKind::LateMoney);
    })
}

fn refunding() -> Vec<Given> {
    let refunding = |name, now| late(on(name, WatchPhase::Refunding, now));
    vec![
        refunding("asks hourly", at(NINE_DAYS_S)),
        refunding("query out", at(NINE_DAYS_S + 1)).out(Call::Query),
        refunding("query silent", at(NINE_DAYS_S + 5)).silent(Call::Query),
    ]
}

fn refused(watch: &mut Watch) {
    watch.case = Some(CaseKind::ReversalRefused);
    let mut reversal = Reversal::new(ReversalReason::LateMoney, at(160));
    reversal.attempts = 1;
    reversal.status = ReversalStatus::Failed;
    watch.reversal = Some(reversal);
}

fn parked() -> Vec<Given> {
    let parked =
        |name, now| on(name, WatchPhase::Parked, now).with(|watch| watch.case = Some(CaseKind::PaidDiffers));
    vec![
        parked("due", at(3_760)),
        parked("query out", at(3_761)).out(Call::Query),
        parked("query silent", at(3_765)).silent(Call::Query),
        parked("the channel refused to reverse, query out", at(3_761)).out(Call::Query).with(refused),
        parked("the channel refused to reverse, window over, query out", at(7 * 86_400))
            .out(Call::Query)
            .with(refused),
    ]
}

/// Everything that can happen to a watch is done to it.
pub(crate) fn try_all(given: &Given) -> Tried {
    let mut inputs = Vec::new();
    let plain = |name: &str| InputName { kind: String::new(), name: name.to_owned() };
    let run = |input: WatchInput| {
        let step = given.watch.clone().step(given.now, input);
        outcome(&given.watch, &step)
    };
    inputs.push((plain("wake"), run(WatchInput::Wake)));
    inputs.push((plain("look now"), run(WatchInput::LookNow)));
    for (name, given_back) in [("its refund succeeded", true), ("its refund failed", false)] {
        inputs.push((plain(name), run(WatchInput::Refunded { given_back })));
    }
    for (name, answer) in answers() {
        let numbered = |number: u32, answer: Answer| WatchInput::Answer { number, answer };
        let late = InputName { kind: format!("late {}", name.kind), name: name.name.clone() };
        inputs.push((late, run(numbered(u32::MAX, answer.clone()))));
        if let Some(out) = given.watch.out.filter(|out| out.call == answer.call()) {
            inputs.push((name, run(numbered(out.number, answer))));
        }
    }
    let settled = given.watch.clone().settled(given.now);
    inputs.push((
        InputName { kind: "door".to_owned(), name: "settled".to_owned() },
        outcome(&given.watch, &settled),
    ));
    Tried { given: given.name.to_owned(), inputs }
}

fn outcome(before: &Watch, step: &WatchStep) -> Outcome {
    let after = &step.watch;
    let mut still = before.clone();
    still.updated_at = after.updated_at;
    let mut parts = vec![phase_change(before.phase, after.phase)];
    if before.stands != after.stands {
        parts.push("stands unpaid".to_owned());
    }
    parts.extend(reversal_change(before.reversal.as_ref(), after.reversal.as_ref()));
    if let Some(wake) = after.wake.filter(|_| after.out.is_none() && before.wake != after.wake) {
        parts.push(wake_words(wake, after.updated_at));
    }
    Outcome {
        becomes: parts.join(", "),
        asks: step.call.map_or_else(String::new, |asked| asked.call.word().to_owned()),
        tells: step.notices.iter().map(notice).collect::<Vec<_>>().join(", "),
        watch: match (&step.found_closed, &step.refund) {
            (Some(_), _) => "corrects the payment".to_owned(),
            (None, Some(_)) => "begins a refund".to_owned(),
            (None, None) => String::new(),
        },
        written: step.durable,
        weight: if still == *after && step.call.is_none() && step.notices.is_empty() {
            Weight::Nothing
        } else {
            Weight::Change
        },
    }
}

fn phase_change(before: WatchPhase, after: WatchPhase) -> String {
    if phase_name(before) == phase_name(after) {
        return "unchanged".to_owned();
    }
    format!("**{}**", phase_name(after))
}

/// A wall clock that was set forward while the process was down makes a watch due at once: it waits all the same.
#[test]
fn a_watch_that_is_taken_up_waits_a_minimum_age_before_it_looks() {
    let Given { watch, .. } = on("taken up", WatchPhase::Waiting, at(160));
    let patience = watch.intent.channel.patience();
    let started = at(7_000);
    let held = watch.clone().taken_up(started);
    assert_eq!(held.wake, Some(patience.not_before(started, true)));
    assert!(held.wake.is_some_and(|wake| wake.since_ms(started) >= patience.reversal_age_ms_min));
    // This process has seen it end: its ages are true.
    assert_eq!(watch.clone().taken_up(at(90)), watch);
    let later = Watch { wake: Some(at(9_000)), ..watch.clone() };
    assert_eq!(later.clone().taken_up(started), later, "what is due later stays so");
    let bill = Watch { wake: None, phase: WatchPhase::Bill, ..watch };
    assert_eq!(bill.clone().taken_up(started), bill);
}

/// The same jump makes every look of a watch due: each is made all the same, at its distance from the one before.
#[test]
fn looks_that_are_overdue_together_are_made_one_by_one() {
    let Given { mut watch, .. } = on("overdue", WatchPhase::Waiting, at(160));
    let looks = watch.plan.looks_ms();
    let mut now = watch.since.plus_ms(30 * DAY_MS);
    for (place, ms) in looks.iter().enumerate() {
        let asked = watch.clone().step(now, WatchInput::Wake);
        let number = asked.call.expect("a look").number;
        let answer = Answer::Query(QueryAnswer::NotFound);
        watch = asked.watch.step(now, WatchInput::Answer { number, answer }).watch;
        assert_eq!(usize::from(watch.looks_done), place + 1);
        let gap_ms = looks.get(place + 1).map(|next| next - ms);
        assert_eq!(watch.wake, gap_ms.map(|gap_ms| now.plus_ms(gap_ms)));
        now = watch.wake.unwrap_or(now);
    }
    assert_eq!((looks.len(), watch.phase), (4, WatchPhase::Bill));
}
