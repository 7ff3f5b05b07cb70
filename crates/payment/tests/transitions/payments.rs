//! Representative payments of every phase, and everything that can happen to them.

use payment::exchange::{Answer, Asked, Call, CannotWhy, ClosedHow, DeclineReason, ReversedHow};
use payment::patience::{LOOK_LIMIT_MS, QUERY_LIMIT_MS};
use payment::payment::{CaseKind, CodeHere, Input, Payment, Phase, Refused, Settlement, Step};
use payment::reversal::{Reversal, ReversalReason, ReversalStatus};
use payment::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};

use crate::answers::{answers, at, decline, facts, intent};
use crate::table::{InputName, Tried};
use crate::words::{outcome, refusal};

/// A value, the moment at which its inputs come, and how the table names it.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    pub(crate) now: Time,
    pub(crate) payment: Payment,
}

/// Every phase, in the order of the table, with its representative values.
pub(crate) fn phases() -> Vec<(&'static str, Vec<Given>)> {
    vec![
        ("Opened", opened()),
        ("Submitting", submitting()),
        ("AwaitingPayer", awaiting()),
        ("LastLook", last_look()),
        ("Reversing", reversing()),
        ("Confirming", confirming()),
        ("Refunding", refunding()),
        ("Paid", paid()),
        ("Failed", failed()),
        ("Reversed", reversed()),
        ("Suspended", suspended()),
    ]
}

/// The phase's name; a new phase does not compile until it is here, and does not pass until [`phases`] has it.
pub(crate) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Opened => "Opened",
        Phase::Submitting => "Submitting",
        Phase::AwaitingPayer { .. } => "AwaitingPayer",
        Phase::LastLook => "LastLook",
        Phase::Reversing => "Reversing",
        Phase::Confirming { .. } => "Confirming",
        Phase::Refunding => "Refunding",
        Phase::Paid => "Paid",
        Phase::Failed => "Failed",
        Phase::Reversed => "Reversed",
        Phase::Suspended { .. } => "Suspended",
    }
}

/// A payment in `phase` at `now` that is due now, submitted at age 0.
fn due(name: &'static str, phase: Phase, now: Time) -> Given {
    let mut payment = Payment::open(intent());
    payment.phase = phase;
    payment.updated_at = now;
    payment.wake = Some(now);
    payment.submitted_at = Some(at(0));
    payment.submit_answered = true;
    payment.calls = 3;
    Given { name, now, payment }
}

impl Given {
    fn with(mut self, change: impl FnOnce(&mut Payment)) -> Given {
        change(&mut self.payment);
        self
    }

    /// The call went out a second ago.
    fn out(self, call: Call) -> Given {
        let at = self.now.plus_ms(-1_000);
        self.out_since(call, at)
    }

    /// The call went out so long ago that its silence counts now.
    fn silent(self, call: Call) -> Given {
        let since = self.now.plus_ms(-limit_ms(call, self.payment.phase));
        self.out_since(call, since)
    }

    fn out_since(self, call: Call, since: Time) -> Given {
        self.with(|payment| {
            let limit = since.plus_ms(limit_ms(call, payment.phase));
            payment.out = Some(Asked { call, number: payment.calls, at: since, limit });
            payment.wake = Some(limit);
        })
    }

    fn undoing(self, attempts: u32) -> Given {
        self.with(|payment| {
            let mut reversal = Reversal::new(ReversalReason::Deadline, at(45));
            reversal.attempts = attempts;
            reversal.first_at = (attempts > 0).then(|| at(46));
            payment.reversal = Some(reversal);
        })
    }

    fn told_paid(self) -> Given {
        self.with(|payment| {
            payment.told_paid = true;
            payment.paid = Some(facts());
            payment.acknowledged = true;
        })
    }
}

fn limit_ms(call: Call, phase: Phase) -> i64 {
    match call {
        Call::Submit | Call::Reverse | Call::Refund => intent().channel.patience().call_limit_ms,
        Call::Query if phase == Phase::LastLook => LOOK_LIMIT_MS,
        Call::Query | Call::RefundQuery => QUERY_LIMIT_MS,
    }
}

fn opened() -> Vec<Given> {
    let opened = |name, now| due(name, Phase::Opened, now).with(|payment| payment.submitted_at = None);
    vec![opened("age 1 s", at(1)), opened("age 10 s", at(10))]
}

fn submitting() -> Vec<Given> {
    let submitting = |name, now| {
        due(name, Phase::Submitting, now)
            .with(|payment| payment.submit_answered = false)
            .out_since(Call::Submit, at(0))
    };
    vec![
        submitting("submit out", at(1)),
        submitting("submit out, `cancel_asked`", at(1)).with(|payment| payment.cancel_asked = true),
        submitting("submit out, acknowledged", at(1)).with(|payment| payment.acknowledged = true),
        submitting("at the call limit", at(12)),
        submitting("at the call limit, `cancel_asked`", at(12)).with(|payment| payment.cancel_asked = true),
    ]
}

fn awaiting() -> Vec<Given> {
    let phase = |refused| Phase::AwaitingPayer { deadline: at(45), refused };
    let asked = |name, refused| due(name, phase(refused), at(10)).out(Call::Query);
    vec![
        due("before the deadline, nothing out", phase(false), at(10)),
        asked("query out", false),
        asked("query out, acknowledged", false).with(|payment| payment.acknowledged = true),
        asked("query out, payer was asked", false).with(|payment| {
            payment.acknowledged = true;
            payment.polls.typing_seen = true;
        }),
        asked("query out, one NotPaid after the payer was asked", false).with(|payment| {
            payment.acknowledged = true;
            payment.polls.typing_seen = true;
            payment.polls.not_paid_once = true;
        }),
        due("query silent", phase(false), at(10)).silent(Call::Query),
        asked("`refused`, query out", true).with(|payment| payment.failure = Some(decline())),
        asked("`refused`, query out, acknowledged", true).with(|payment| {
            payment.failure = Some(decline());
            payment.acknowledged = true;
        }),
        due("at the deadline", phase(false), at(45)),
        due("query out, no signed answer to the submit", phase(false), at(12))
            .out(Call::Query)
            .with(|payment| payment.submit_answered = false),
        due("query out, after `not_before`", phase(false), at(30)).out(Call::Query),
    ]
}

fn last_look() -> Vec<Given> {
    let look = |name, now| due(name, Phase::LastLook, now);
    let out = |name| look(name, at(46)).out(Call::Query);
    vec![
        look("before `not_before`", at(16)).with(|payment| payment.wake = Some(at(17))),
        look("due", at(17)),
        out("look out"),
        out("look out, acknowledged").with(|payment| payment.acknowledged = true),
        out("look out, `cancel_asked`").with(|payment| payment.cancel_asked = true),
        out("look out, one NotPaid after the payer was asked").with(|payment| {
            payment.polls.typing_seen = true;
            payment.polls.not_paid_once = true;
        }),
        look("look silent for 3 s", at(48)).silent(Call::Query),
    ]
}

fn reversing() -> Vec<Given> {
    let due = |name, now| due(name, Phase::Reversing, now).undoing(0);
    let out = |name, now| self::due(name, Phase::Reversing, now).undoing(1).out(Call::Reverse);
    vec![
        due("before `not_before`", at(16)).with(|payment| payment.wake = Some(at(17))),
        due("due", at(50)),
        out("reverse out", at(50)),
        out("reverse out, told paid", at(50)).told_paid(),
        self::due("reverse silent", Phase::Reversing, at(58)).undoing(1).silent(Call::Reverse),
        out("reverse out, nine tries", at(300)).with(|payment| set_tries(payment, 9)),
        out("reverse out, 10 min after the first", at(46 + 600)).with(|payment| set_tries(payment, 5)),
        out("reverse out, case open", at(700)).with(|payment| {
            set_tries(payment, 12);
            payment.case = Some(CaseKind::ReversalStuck);
        }),
        out(
            "reverse out, the window ends before the next try",
            window_over().plus_ms(-HOUR_MS - 30 * MINUTE_MS),
        )
        .with(|payment| set_tries(payment, 170)),
    ]
}

fn cannot(payment: &mut Payment, why: CannotWhy) {
    if let Some(reversal) = &mut payment.reversal {
        reversal.cannot = Some(why);
    }
}

fn set_tries(payment: &mut Payment, tries: u32) {
    if let Some(reversal) = &mut payment.reversal {
        reversal.tries = tries;
    }
}

fn confirming() -> Vec<Given> {
    let phase = |cannot| Phase::Confirming { cannot };
    // But for the question at the window's end, a reversal that the channel said it made comes before.
    let out = |name, cannot, now| {
        due(name, phase(cannot), now).undoing(1).out(Call::Query).with(|payment| {
            if let Some(reversal) = payment.reversal.as_mut().filter(|_| !cannot && now < window_over()) {
                reversal.said = Some(ReversedHow::Unsaid);
            }
        })
    };
    vec![
        due("due", phase(false), at(55)).undoing(1),
        out("query out, before the settle time", false, at(50)),
        out("query out, after the settle time", false, at(60)),
        out("query out, after the settle time, acknowledged", false, at(60))
            .with(|payment| payment.acknowledged = true),
        out("query out, told paid", false, at(50)).told_paid(),
        out("query out, told paid, `cannot`", true, at(50)).told_paid().with(|payment| {
            payment.case = Some(CaseKind::ReversalRefused);
        }),
        Given { now: at(50), ..out("query silent", false, at(50)) }.silent(Call::Query),
        out("query out, nine tries", false, at(300)).with(|payment| set_tries(payment, 9)),
        out("query out, case open", false, at(700)).with(|payment| {
            set_tries(payment, 12);
            payment.case = Some(CaseKind::ReversalStuck);
        }),
        out("query out, window over", false, window_over()),
        out("query out, window over, told paid", false, window_over()).told_paid(),
        out("query out, the channel says that its window is over, told paid", true, at(50)).told_paid().with(
            |payment| {
                payment.case = Some(CaseKind::ReversalRefused);
                cannot(payment, CannotWhy::Window);
            },
        ),
    ]
}

/// Seven days later: the window of reversals ended an hour ago.
fn window_over() -> Time {
    at(1).plus_ms(7 * DAY_MS)
}

fn refunding() -> Vec<Given> {
    let refunding = |name| {
        due(name, Phase::Refunding, window_over()).undoing(1).with(|payment| {
            payment.acknowledged = true;
            payment.case = Some(CaseKind::ReversalStuck);
        })
    };
    vec![
        refunding("due"),
        refunding("query out").out(Call::Query),
        refunding("query silent").silent(Call::Query),
    ]
}

fn finished(name: &'static str, phase: Phase) -> Given {
    due(name, phase, at(90)).with(|payment| payment.wake = None)
}

fn paid() -> Vec<Given> {
    let paid = |name| finished(name, Phase::Paid).told_paid();
    let late = |name| Given { now: window_over(), ..paid(name) };
    vec![
        paid("inside the reversal window"),
        late("reversal window over"),
        paid("the channel cannot reverse it").undoing(1).with(|payment| {
            if let Some(reversal) = &mut payment.reversal {
                reversal.status = ReversalStatus::Failed;
            }
            payment.case = Some(CaseKind::ReversalRefused);
        }),
    ]
}

fn failed() -> Vec<Given> {
    let failed = |name| finished(name, Phase::Failed).with(|payment| payment.failure = Some(decline()));
    vec![
        failed("declined"),
        failed("never asked").with(|payment| {
            payment.submitted_at = None;
            payment.failure.iter_mut().for_each(|failure| failure.reason = DeclineReason::NeverAsked);
        }),
    ]
}

fn reversed() -> Vec<Given> {
    let reversed = |name| finished(name, Phase::Reversed).undoing(1);
    vec![reversed("acknowledged").with(|payment| payment.acknowledged = true), reversed("never acknowledged")]
}

fn suspended() -> Vec<Given> {
    let phase = Phase::Suspended { since: at(60) };
    let suspended = |name, now| {
        due(name, phase, now).with(|payment| {
            payment.case = Some(CaseKind::PaidDiffers);
            payment.acknowledged = true;
        })
    };
    let undoing = |name, now| {
        suspended(name, now).undoing(1).with(|payment| payment.case = Some(CaseKind::ReversalRefused))
    };
    vec![
        suspended("due", at(120)),
        suspended("query out", at(121)).out(Call::Query),
        suspended("query out, `cancel_asked`", at(121))
            .out(Call::Query)
            .with(|payment| payment.cancel_asked = true),
        suspended("query silent", at(125)).silent(Call::Query),
        suspended("told paid, query out", at(121)).out(Call::Query).told_paid(),
        undoing("reversal under way, query out", at(121)).out(Call::Query),
        undoing("reversal under way, window over, query out", window_over()).out(Call::Query),
        undoing("reversal under way, a refund in its place failed, query out", window_over())
            .out(Call::Query)
            .with(|payment| {
                payment.case = Some(CaseKind::RefundAbnormal);
                cannot(payment, CannotWhy::Window);
            }),
        undoing("the channel says that its window is over, query out", at(121))
            .out(Call::Query)
            .with(|payment| cannot(payment, CannotWhy::Window)),
        undoing("reversal under way, reverse out", at(121)).out(Call::Reverse),
        undoing("reversal under way, reverse silent", at(133)).silent(Call::Reverse),
    ]
}

/// Everything that can happen to a value is done to it.
pub(crate) fn try_all(given: &Given) -> Tried {
    let mut inputs = Vec::new();
    let plain = |name: &str| InputName { kind: String::new(), name: name.to_owned() };
    for (name, code) in [("wake, code here", CodeHere::Here), ("wake, code gone", CodeHere::Gone)] {
        let step = given.payment.clone().step(given.now, Input::Wake { code });
        inputs.push((plain(name), outcome(&given.payment, &step)));
    }
    for (name, answer) in answers() {
        let mut run = |name: InputName, number: u32, answer: Answer| {
            let step = given.payment.clone().step(given.now, Input::Answer { number, answer });
            inputs.push((name, outcome(&given.payment, &step)));
        };
        let late = InputName { kind: format!("late {}", name.kind), name: name.name.clone() };
        run(late, u32::MAX, answer.clone());
        if let Some(out) = given.payment.out.filter(|out| out.call == answer.call()) {
            run(name, out.number, answer);
        }
    }
    for (name, result) in doors(&given.payment, given.now) {
        let outcome = match result {
            Ok(step) => outcome(&given.payment, &step),
            Err(refused) => refusal(refused),
        };
        inputs.push((InputName { kind: "door".to_owned(), name: name.to_owned() }, outcome));
    }
    if given.payment.phase == Phase::Paid {
        let step = given.payment.clone().corrected_reversed(given.now, ClosedHow::Closed);
        inputs.push((plain("its watch finds it closed"), outcome(&given.payment, &step)));
    }
    if given.payment.phase == Phase::Refunding {
        for (name, given_back) in [("its refund succeeds", true), ("its refund fails", false)] {
            let step = given.payment.clone().refunded_instead(given.now, given_back);
            inputs.push((plain(name), outcome(&given.payment, &step)));
        }
    }
    Tried { given: given.name.to_owned(), inputs }
}

/// What a merchant or an operator may ask for.
pub(crate) fn doors(payment: &Payment, now: Time) -> Vec<(&'static str, Result<Step, Refused>)> {
    let settle = |settlement| payment.clone().settle(now, settlement);
    vec![
        ("cancel", payment.clone().cancel(now)),
        ("request_reversal", payment.clone().request_reversal(now, "till never saw the answer".to_owned())),
        ("settle paid", settle(Settlement::Paid)),
        ("settle failed", settle(Settlement::Failed)),
        ("settle reversed", settle(Settlement::Reversed)),
    ]
}
