//! Every answer that the closed set has, with the variants that matter.

use payment::exchange::{
    Answer, CannotWhy, ChannelCode, ClosedHow, Decline, DeclineReason, Doubt, PaidFacts, Payee, QueryAnswer,
    ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::ids::{ChannelOrderNo, MerchantCode, Namespace, OrderNo, PaymentId};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::Intent;
use payment::time::{SECOND_MS, Time};

use crate::table::InputName;

/// When the submit became durable: every age in the tables counts from here. 10:00 in Shanghai.
pub(crate) const START: Time = Time(1_795_226_400_000);
const AMOUNT: i64 = 1234;

/// So many seconds after the submit.
pub(crate) fn at(age_s: i64) -> Time {
    START.plus_ms(age_s * SECOND_MS)
}

/// An age as the tables print it.
pub(crate) fn age(time: Time) -> String {
    let ms = time.since_ms(START);
    if ms % SECOND_MS == 0 { format!("{} s", ms / SECOND_MS) } else { format!("{ms} ms") }
}

pub(crate) fn intent() -> Intent {
    let merchant = MerchantCode::parse("default").unwrap();
    let order_no = OrderNo::parse("20261121-0001").unwrap();
    let namespace = Namespace::parse("A1B2").unwrap();
    Intent {
        id: PaymentId::new(START.0, [7; 10]),
        channel_order_no: ChannelOrderNo::derive(namespace, &merchant, &order_no, 1),
        merchant,
        order_no,
        attempt: 1,
        amount: Fen::payable(AMOUNT).unwrap(),
        account: "wechat".to_owned(),
        channel: Channel::WechatV2,
        payee: payee(),
        opened_at: START,
    }
}

fn payee() -> Payee {
    Payee { merchant: "1900000109".to_owned(), sub_merchant: None }
}

/// The facts of a payment that agrees with [`intent`].
pub(crate) fn facts() -> PaidFacts {
    PaidFacts {
        channel_order_no: intent().channel_order_no.as_str().to_owned(),
        amount: Fen::payable(AMOUNT).unwrap(),
        currency: "CNY".to_owned(),
        payee: Some(payee()),
        channel_transaction_no: "4200001".to_owned(),
        paid_amount: Fen::payable(AMOUNT).unwrap(),
        discount_amount: Fen::ZERO,
        paid_at: at(1),
    }
}

fn differing() -> PaidFacts {
    PaidFacts { amount: Fen::payable(AMOUNT + 1).unwrap(), ..facts() }
}

pub(crate) fn decline() -> Decline {
    Decline { reason: DeclineReason::InsufficientFunds, channel: ChannelCode::default() }
}

fn code() -> ChannelCode {
    ChannelCode { code: "SYSTEMERROR".to_owned(), message: String::new() }
}

/// Every answer with its name.
pub(crate) fn answers() -> Vec<(InputName, Answer)> {
    let submit = [
        SubmitAnswer::Paid(facts()),
        SubmitAnswer::Paid(differing()),
        SubmitAnswer::AwaitingPayer,
        SubmitAnswer::Declined(decline()),
        SubmitAnswer::DeclinedAsk(decline()),
        SubmitAnswer::NotSent,
        SubmitAnswer::Unknown(Doubt::Broken),
        SubmitAnswer::Unknown(Doubt::AlreadyKnown(code())),
    ];
    let query = [
        QueryAnswer::Paid(facts()),
        QueryAnswer::Paid(differing()),
        QueryAnswer::AwaitingPayer,
        QueryAnswer::NotPaid,
        QueryAnswer::MustReverse,
        QueryAnswer::Declined(decline()),
        QueryAnswer::Closed(ClosedHow::Revoked),
        QueryAnswer::Closed(ClosedHow::Closed),
        QueryAnswer::Closed(ClosedHow::Refunded),
        QueryAnswer::NotFound,
        QueryAnswer::Unknown(Doubt::ChannelUnsure(code())),
    ];
    let reverse = [
        ReverseAnswer::Reversed(ReversedHow::Closed),
        ReverseAnswer::Reversed(ReversedHow::Refunded),
        ReverseAnswer::Reversed(ReversedHow::Unsaid),
        ReverseAnswer::Again,
        ReverseAnswer::StillPaying,
        ReverseAnswer::Cannot(CannotWhy::Window),
        ReverseAnswer::Cannot(CannotWhy::Funds),
        ReverseAnswer::Cannot(CannotWhy::Refunded),
        ReverseAnswer::Cannot(CannotWhy::NotAllowed),
        ReverseAnswer::Unknown(Doubt::ChannelUnsure(code())),
    ];
    let mut answers = Vec::new();
    answers.extend(submit.into_iter().map(Answer::Submit));
    answers.extend(query.into_iter().map(Answer::Query));
    answers.extend(reverse.into_iter().map(Answer::Reverse));
    answers.into_iter().map(|answer| (name(&answer), answer)).collect()
}

fn name(answer: &Answer) -> InputName {
    let name = match answer {
        Answer::Submit(answer) => submit_name(answer),
        Answer::Query(answer) => query_name(answer),
        Answer::Reverse(answer) => reverse_name(answer),
        Answer::Refund(_) | Answer::RefundQuery(_) => crate::refunds::name(answer).name,
    };
    InputName { kind: answer.call().word().to_owned(), name }
}

fn paid_name(facts: &PaidFacts) -> String {
    if *facts == self::facts() { "Paid".to_owned() } else { "Paid(differs)".to_owned() }
}

fn doubt_name(doubt: &Doubt) -> String {
    if doubt.is_signed() { "Unknown (signed)".to_owned() } else { "Unknown".to_owned() }
}

fn submit_name(answer: &SubmitAnswer) -> String {
    match answer {
        SubmitAnswer::Paid(facts) => paid_name(facts),
        SubmitAnswer::AwaitingPayer => "AwaitingPayer".to_owned(),
        SubmitAnswer::Declined(_) => "Declined".to_owned(),
        SubmitAnswer::DeclinedAsk(_) => "DeclinedAsk".to_owned(),
        SubmitAnswer::NotSent => "NotSent".to_owned(),
        SubmitAnswer::Unknown(doubt) => doubt_name(doubt),
    }
}

fn query_name(answer: &QueryAnswer) -> String {
    match answer {
        QueryAnswer::Paid(facts) => paid_name(facts),
        QueryAnswer::AwaitingPayer => "AwaitingPayer".to_owned(),
        QueryAnswer::NotPaid => "NotPaid".to_owned(),
        QueryAnswer::MustReverse => "MustReverse".to_owned(),
        QueryAnswer::Declined(_) => "Declined".to_owned(),
        QueryAnswer::Closed(ClosedHow::Revoked) => "Closed(revoked)".to_owned(),
        QueryAnswer::Closed(ClosedHow::Closed) => "Closed(closed)".to_owned(),
        QueryAnswer::Closed(ClosedHow::Refunded) => "Closed(refunded)".to_owned(),
        QueryAnswer::NotFound => "NotFound".to_owned(),
        QueryAnswer::Unknown(_) => "Unknown".to_owned(),
    }
}

fn reverse_name(answer: &ReverseAnswer) -> String {
    match answer {
        ReverseAnswer::Reversed(ReversedHow::Closed) => "Reversed(closed)".to_owned(),
        ReverseAnswer::Reversed(ReversedHow::Refunded) => "Reversed(refunded)".to_owned(),
        ReverseAnswer::Reversed(ReversedHow::Unsaid) => "Reversed(unsaid)".to_owned(),
        ReverseAnswer::Again => "Again".to_owned(),
        ReverseAnswer::StillPaying => "StillPaying".to_owned(),
        ReverseAnswer::Cannot(CannotWhy::Window) => "Cannot(window)".to_owned(),
        ReverseAnswer::Cannot(CannotWhy::Funds) => "Cannot(funds)".to_owned(),
        ReverseAnswer::Cannot(CannotWhy::Refunded) => "Cannot(refunded)".to_owned(),
        ReverseAnswer::Cannot(CannotWhy::NotAllowed) => "Cannot(not_allowed)".to_owned(),
        ReverseAnswer::Unknown(_) => "Unknown".to_owned(),
    }
}
