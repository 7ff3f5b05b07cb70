//! Every phase takes every input, in every combination of what a payment remembers.

use payment::exchange::{Answer, Asked, Call};
use payment::patience::QUERY_LIMIT_MS;
use payment::payment::{CodeHere, Input, Payment, Phase};
use payment::reversal::{Reversal, ReversalReason};
use payment::time::Time;

use crate::answers::{answers, at, decline, facts, intent};
use crate::payments::doors;

const AGES_S: [i64; 8] = [0, 10, 12, 17, 45, 61, 700, 8 * 24 * 3600];

/// What may be out in a phase.
fn outs(phase: Phase) -> &'static [Option<Call>] {
    match phase {
        Phase::Opened | Phase::Paid | Phase::Failed | Phase::Reversed => &[None],
        Phase::Submitting => &[None, Some(Call::Submit)],
        Phase::AwaitingPayer { .. } | Phase::LastLook | Phase::Confirming { .. } | Phase::Refunding => {
            &[None, Some(Call::Query)]
        }
        Phase::Reversing => &[None, Some(Call::Reverse)],
        Phase::Suspended { .. } => &[None, Some(Call::Query), Some(Call::Reverse)],
    }
}

fn phases() -> Vec<Phase> {
    vec![
        Phase::Opened,
        Phase::Submitting,
        Phase::AwaitingPayer { deadline: at(45), refused: false },
        Phase::AwaitingPayer { deadline: at(45), refused: true },
        Phase::LastLook,
        Phase::Reversing,
        Phase::Confirming { cannot: false },
        Phase::Confirming { cannot: true },
        Phase::Refunding,
        Phase::Paid,
        Phase::Failed,
        Phase::Reversed,
        Phase::Suspended { since: at(60) },
    ]
}

/// One payment; each bit of `memory` is one thing that it remembers.
fn payment(phase: Phase, memory: u32, out: Option<Call>, now: Time) -> Payment {
    let bit = |place: u32| memory >> place & 1 == 1;
    let mut payment = Payment::open(intent());
    payment.phase = phase;
    payment.submitted_at = (phase != Phase::Opened).then(|| at(0));
    payment.submit_answered = bit(0);
    payment.acknowledged = bit(1);
    payment.cancel_asked = bit(2);
    payment.told_paid = bit(3) || matches!(phase, Phase::Paid | Phase::Confirming { cannot: true });
    payment.paid = (payment.told_paid).then(facts);
    payment.reversal =
        (bit(4) || phase == Phase::Refunding).then(|| Reversal::new(ReversalReason::Deadline, at(0)));
    payment.polls.not_paid_once = bit(5);
    payment.polls.typing_seen = bit(5);
    payment.failure = (phase == Phase::Failed || bit(1)).then(decline);
    payment.calls = 3;
    payment.out = out.map(|call| Asked {
        call,
        number: 3,
        at: now,
        limit: if bit(6) { now } else { now.plus_ms(QUERY_LIMIT_MS) },
    });
    payment.updated_at = now;
    payment.wake = (!payment.is_final()).then(|| payment.out.map_or(now, |out| out.limit));
    payment
}

fn inputs() -> Vec<Input> {
    let mut inputs = vec![Input::Wake { code: CodeHere::Here }, Input::Wake { code: CodeHere::Gone }];
    for (_, answer) in answers() {
        inputs.push(Input::Answer { number: 3, answer: answer.clone() });
        inputs.push(Input::Answer { number: 2, answer });
    }
    inputs
}

#[test]
fn no_input_makes_a_payment_fail() {
    let inputs = inputs();
    let mut run = 0_u64;
    for phase in phases() {
        for out in outs(phase) {
            for memory in 0..1 << 7 {
                for age_s in AGES_S {
                    let now = at(age_s);
                    let payment = payment(phase, memory, *out, now);
                    for input in &inputs {
                        sound(&payment, now, input);
                        run += 1;
                    }
                    doors(&payment, now);
                }
            }
        }
    }
    assert!(run > 1_000_000, "{run}");
}

/// The step itself asserts what must hold of the value; here is what must hold of the pair.
fn sound(before: &Payment, now: Time, input: &Input) {
    let step = before.clone().step(now, input.clone());
    let after = &step.payment;
    assert_eq!(after.is_final(), after.wake.is_none(), "{before:?}\n{input:?}");
    assert!(!before.is_final() || after.phase == before.phase, "{before:?}\n{input:?}");
    assert_eq!(step.call, step.call.and(after.out), "what is asked is out: {before:?}\n{input:?}");
    assert!(after.intent == before.intent, "the intent never changes: {before:?}\n{input:?}");
    let submits = step.call.is_some_and(|asked| asked.call == Call::Submit);
    assert!(!submits || before.phase == Phase::Opened, "{before:?}\n{input:?}");
    if let Input::Answer { answer, .. } = input {
        assert_eq!(after.acknowledged, before.acknowledged || Answer::acknowledges(answer), "{input:?}");
    }
}
