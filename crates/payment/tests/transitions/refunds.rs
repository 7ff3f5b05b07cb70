//! Representative refunds of every phase, and everything that can happen to them.

use payment::exchange::{
    Answer, Asked, Call, ChannelCode, Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer, RefundReason,
    RefundRefusal,
};
use payment::ids::{ChannelRefundNo, Namespace, RefundId, RefundNo};
use payment::money::Fen;
use payment::patience::QUERY_LIMIT_MS;
use payment::payment::CaseKind;
use payment::refund::{Refund, RefundInput, RefundIntent, RefundPhase, RefundStep};
use payment::time::Time;

use crate::answers::{at, intent};
use crate::table::{InputName, Outcome, Tried, Weight};
use crate::words::{notice, wake_words};

/// A refund, the moment at which its inputs come, and how the table names it.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    pub(crate) now: Time,
    pub(crate) refund: Refund,
}

const AMOUNT: i64 = 500;

fn refund_intent() -> RefundIntent {
    let payment = intent();
    let refund_no = RefundNo::parse("R20261121-0001").unwrap();
    let namespace = Namespace::parse("A1B2").unwrap();
    RefundIntent {
        id: RefundId(7),
        channel_transaction_no: "4200001".to_owned(),
        channel_refund_no: ChannelRefundNo::derive(namespace, &payment.merchant, &refund_no),
        refund_no,
        amount: Fen::payable(AMOUNT).unwrap(),
        reason: None,
        opened_at: at(100),
        payment,
    }
}

fn facts(amount: i64) -> RefundFacts {
    let intent = refund_intent();
    RefundFacts {
        channel_order_no: intent.payment.channel_order_no.as_str().to_owned(),
        channel_refund_no: intent.channel_refund_no.as_str().to_owned(),
        amount: Some(Fen::payable(amount).unwrap()),
        channel_transaction_no: "5000001".to_owned(),
    }
}

fn refusal(reason: RefundReason) -> RefundRefusal {
    RefundRefusal { reason, channel: ChannelCode::default() }
}

fn code() -> ChannelCode {
    ChannelCode { code: "SYSTEMERROR".to_owned(), message: String::new() }
}

/// Every answer about a refund, with its name.
fn answers() -> Vec<(InputName, Answer)> {
    let request = [
        RefundAnswer::Done(facts(AMOUNT)),
        RefundAnswer::Done(facts(AMOUNT + 1)),
        RefundAnswer::Accepted,
        RefundAnswer::Refused(refusal(RefundReason::Funds)),
        RefundAnswer::Refused(refusal(RefundReason::PayerAccount)),
        RefundAnswer::Unknown(Doubt::Broken),
        RefundAnswer::Unknown(Doubt::ChannelUnsure(code())),
    ];
    let query = [
        RefundQueryAnswer::Done(facts(AMOUNT)),
        RefundQueryAnswer::Done(facts(AMOUNT + 1)),
        RefundQueryAnswer::Pending,
        RefundQueryAnswer::Closed,
        RefundQueryAnswer::Abnormal,
        RefundQueryAnswer::NotFound,
        RefundQueryAnswer::Unknown(Doubt::ChannelUnsure(code())),
    ];
    let mut answers = Vec::new();
    answers.extend(request.into_iter().map(Answer::Refund));
    answers.extend(query.into_iter().map(Answer::RefundQuery));
    answers
        .into_iter()
        .map(|answer| (InputName { kind: answer.call().word().to_owned(), name: name(&answer).name }, answer))
        .collect()
}

/// How the tables name an answer about a refund.
pub(crate) fn name(answer: &Answer) -> InputName {
    let done = |facts: &RefundFacts| {
        let agrees = facts.amount.is_none_or(|amount| amount.fen() == AMOUNT);
        if agrees { "Done".to_owned() } else { "Done(differs)".to_owned() }
    };
    let text = match answer {
        Answer::Refund(RefundAnswer::Done(facts)) | Answer::RefundQuery(RefundQueryAnswer::Done(facts)) => {
            done(facts)
        }
        Answer::Refund(RefundAnswer::Accepted) => "Accepted".to_owned(),
        Answer::Refund(RefundAnswer::Refused(refusal)) => format!("Refused({})", refusal.reason.word()),
        Answer::Refund(RefundAnswer::Unknown(doubt)) if doubt.is_signed() => "Unknown (signed)".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::Pending) => "Pending".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::Closed) => "Closed".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::Abnormal) => "Abnormal".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::NotFound) => "NotFound".to_owned(),
        Answer::Refund(RefundAnswer::Unknown(_)) | Answer::RefundQuery(RefundQueryAnswer::Unknown(_)) => {
            "Unknown".to_owned()
        }
        Answer::Submit(_) | Answer::Query(_) | Answer::Reverse(_) => panic!("not about a refund"),
    };
    InputName { kind: answer.call().word().to_owned(), name: text }
}

/// Every phase with its representative values.
pub(crate) fn phases() -> Vec<(&'static str, Vec<Given>)> {
    vec![
        (
            "Opened",
            vec![
                on("before its turn", RefundPhase::Opened, at(100))
                    .with(|refund| refund.wake = Some(at(130))),
                on("due", RefundPhase::Opened, at(130)),
            ],
        ),
        (
            "Asking",
            vec![
                asked("request out", RefundPhase::Asking, at(131)).out(Call::Refund),
                asked("request silent", RefundPhase::Asking, at(142)).silent(Call::Refund),
            ],
        ),
        ("Pending", pending()),
        ("Succeeded", vec![asked("over", RefundPhase::Succeeded, at(200)).with(|refund| refund.wake = None)]),
        (
            "Failed",
            vec![asked("over", RefundPhase::Failed, at(200)).refused(RefundReason::PayerAccount).with(
                |refund| {
                    refund.wake = None;
                },
            )],
        ),
    ]
}

fn pending() -> Vec<Given> {
    let query = |name, now| asked(name, RefundPhase::Pending, now).out(Call::RefundQuery);
    vec![
        asked("due", RefundPhase::Pending, at(140)),
        query("query out", at(141)),
        query("query out, acknowledged", at(141)).with(|refund| refund.acknowledged = true),
        query("query out, acknowledged six days ago", at(6 * 24 * 3600))
            .with(|refund| refund.acknowledged = true),
        query("query out, refused (payer_account)", at(141)).refused(RefundReason::PayerAccount),
        query("query out, refused, a former request unanswered", at(141))
            .refused(RefundReason::PayerAccount)
            .with(|refund| refund.unsure_at = Some(at(120))),
        query("query out, refused (merchant_funds)", at(141)).refused(RefundReason::Funds),
        query("query out, nine tries", at(600)).with(|refund| (refund.tries, refund.looks) = (9, 9)),
        asked("query silent", RefundPhase::Pending, at(146)).silent(Call::RefundQuery),
        asked("due, with a case", RefundPhase::Pending, at(700))
            .with(|refund| refund.case = Some(CaseKind::RefundStuck)),
    ]
}

/// The phase's name; a new phase does not compile until it is here, and does not pass until [`phases`] has it.
pub(crate) fn phase_name(phase: RefundPhase) -> &'static str {
    match phase {
        RefundPhase::Opened => "Opened",
        RefundPhase::Asking => "Asking",
        RefundPhase::Pending => "Pending",
        RefundPhase::Succeeded => "Succeeded",
        RefundPhase::Failed => "Failed",
    }
}

fn on(name: &'static str, phase: RefundPhase, now: Time) -> Given {
    let mut refund = Refund::open(refund_intent(), now);
    refund.phase = phase;
    refund.updated_at = now;
    Given { name, now, refund }
}

/// One request has been asked, at 130 s.
fn asked(name: &'static str, phase: RefundPhase, now: Time) -> Given {
    on(name, phase, now).with(|refund| {
        refund.requests = 1;
        refund.looks = 1;
        refund.calls = 1;
        refund.first_at = Some(at(130));
        refund.last_at = Some(at(130));
    })
}

impl Given {
    fn with(mut self, change: impl FnOnce(&mut Refund)) -> Given {
        change(&mut self.refund);
        self
    }

    fn refused(self, reason: RefundReason) -> Given {
        self.with(|refund| refund.refused = Some(refusal(reason)))
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
        self.with(|refund| {
            let limit = since.plus_ms(limit_ms(call));
            refund.out = Some(Asked { call, number: refund.calls, at: since, limit });
            refund.wake = Some(limit);
        })
    }
}

fn limit_ms(call: Call) -> i64 {
    if call == Call::Refund { intent().channel.patience().call_limit_ms } else { QUERY_LIMIT_MS }
}

/// Everything that can happen to a refund is done to it.
pub(crate) fn try_all(given: &Given) -> Tried {
    let mut inputs = Vec::new();
    let run = |input: RefundInput| outcome(&given.refund, &given.refund.clone().step(given.now, input));
    inputs.push((InputName { kind: String::new(), name: "wake".to_owned() }, run(RefundInput::Wake)));
    for (name, answer) in answers() {
        let numbered = |number: u32, answer: Answer| RefundInput::Answer { number, answer };
        let late = InputName { kind: format!("late {}", name.kind), name: name.name.clone() };
        inputs.push((late, run(numbered(u32::MAX, answer.clone()))));
        if let Some(out) = given.refund.out.filter(|out| out.call == answer.call()) {
            inputs.push((name, run(numbered(out.number, answer))));
        }
    }
    for (name, given_back) in [("settle refunded", true), ("settle failed", false)] {
        let outcome = match given.refund.clone().settle(given.now, given_back) {
            Ok(step) => outcome(&given.refund, &step),
            Err(refused) => Outcome {
                becomes: format!("refused: `{refused:?}`"),
                asks: String::new(),
                tells: String::new(),
                watch: String::new(),
                written: false,
                weight: Weight::Change,
            },
        };
        inputs.push((InputName { kind: "door".to_owned(), name: name.to_owned() }, outcome));
    }
    Tried { given: given.name.to_owned(), inputs }
}

fn outcome(before: &Refund, step: &RefundStep) -> Outcome {
    let after = &step.refund;
    let mut still = before.clone();
    still.updated_at = after.updated_at;
    let mut parts = vec![if before.phase == after.phase {
        "unchanged".to_owned()
    } else {
        format!("**{}**", phase_name(after.phase))
    }];
    if before.acknowledged != after.acknowledged {
        parts.push("acknowledged".to_owned());
    }
    if let Some(refusal) = after.refused.as_ref().filter(|_| before.refused != after.refused) {
        parts.push(format!("`{}`", refusal.reason.word()));
    }
    if let Some(wake) = after.wake.filter(|_| after.out.is_none() && before.wake != after.wake) {
        parts.push(wake_words(wake, after.updated_at));
    }
    Outcome {
        becomes: parts.join(", "),
        asks: step.call.map_or_else(String::new, |asked| asked.call.word().to_owned()),
        tells: step.notices.iter().map(notice).collect::<Vec<_>>().join(", "),
        watch: String::new(),
        written: step.durable,
        weight: if still == *after && step.call.is_none() && step.notices.is_empty() {
            Weight::Nothing
        } else {
            Weight::Change
        },
    }
}
