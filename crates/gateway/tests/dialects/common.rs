//! Intents, sales, and the words in which answers are compared.

use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::auth_code::AuthCode;
use payment::exchange::{
    Answer, Bond, Call, CannotWhy, ClosedHow, Doubt, PaidFacts, Payee, QueryAnswer, RefundAnswer,
    RefundQueryAnswer, ReverseAnswer, ReversedHow, SubmitAnswer,
};
use payment::ids::{ChannelOrderNo, ChannelRefundNo, MerchantCode, OrderNo, PaymentId, RefundId, RefundNo};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;

/// 2026-03-15 09:12:28 in Beijing.
pub(crate) const OPENED: Time = Time(1_773_537_148_000);
/// 2026-03-15 12:00:00 in Beijing.
pub(crate) const NOON: Time = Time(1_773_547_200_000);
/// Random bytes for nonces.
pub(crate) const NONCE: [u8; 16] = [0xA5; 16];

pub(crate) fn intent(channel: Channel, number: &str, fen: i64, payee: Payee) -> Intent {
    Intent {
        id: PaymentId::new(OPENED.0, [0; 10]),
        merchant: MerchantCode::parse("default").unwrap(),
        order_no: OrderNo::parse("20260315-0001").unwrap(),
        attempt: 1,
        channel_order_no: ChannelOrderNo::parse(number).unwrap(),
        amount: Fen::payable(fen).unwrap(),
        account: "main".to_owned(),
        channel,
        payee,
        opened_at: OPENED,
    }
}

/// The number of the refunds here.
pub(crate) const REFUND_NO: &str = "R20260315184000001";

/// A refund of so much.
pub(crate) fn refund(payment: Intent, fen: i64) -> RefundIntent {
    RefundIntent {
        id: RefundId(7),
        payment,
        channel_transaction_no: String::new(),
        refund_no: RefundNo::parse("R1").unwrap(),
        channel_refund_no: ChannelRefundNo::parse(REFUND_NO).unwrap(),
        amount: Fen::payable(fen).unwrap(),
        reason: Some("缺货 & 破损".to_owned()),
        opened_at: OPENED.plus_ms(60_000),
    }
}

pub(crate) fn asking<'a>(
    call: Call,
    intent: &'a Intent,
    sale: &'a Sale,
    code: Option<&'a AuthCode>,
) -> Asking<'a> {
    Asking { call, intent, sale, refund: None, code, now: OPENED.plus_ms(250), nonce: NONCE }
}

pub(crate) fn code(digits: &str) -> AuthCode {
    AuthCode::parse(digits).unwrap()
}

pub(crate) fn bond<'a>(intent: &'a Intent) -> Bond<'a> {
    Bond {
        channel_order_no: &intent.channel_order_no,
        amount: intent.amount,
        payee: &intent.payee,
        opened_at: intent.opened_at,
    }
}

/// The facts of an answer that says "paid".
pub(crate) fn paid(answer: Answer) -> PaidFacts {
    match answer {
        Answer::Submit(SubmitAnswer::Paid(facts)) | Answer::Query(QueryAnswer::Paid(facts)) => facts,
        other => panic!("not paid: {other:?}"),
    }
}

/// An answer in one line.
pub(crate) fn words(answer: &Answer) -> String {
    match answer {
        Answer::Submit(SubmitAnswer::Paid(_)) | Answer::Query(QueryAnswer::Paid(_)) => "paid".to_owned(),
        Answer::Submit(SubmitAnswer::AwaitingPayer) | Answer::Query(QueryAnswer::AwaitingPayer) => {
            "awaiting_payer".to_owned()
        }
        Answer::Submit(SubmitAnswer::Declined(decline)) | Answer::Query(QueryAnswer::Declined(decline)) => {
            format!("declined {}", decline.reason.word())
        }
        Answer::Submit(SubmitAnswer::DeclinedAsk(decline)) => {
            format!("declined_ask {}", decline.reason.word())
        }
        Answer::Submit(SubmitAnswer::NotSent) => "not_sent".to_owned(),
        Answer::Query(QueryAnswer::NotPaid) => "not_paid".to_owned(),
        Answer::Query(QueryAnswer::MustReverse) => "must_reverse".to_owned(),
        Answer::Query(QueryAnswer::NotFound) => "not_found".to_owned(),
        Answer::Query(QueryAnswer::Closed(how)) => match how {
            ClosedHow::Revoked => "closed revoked".to_owned(),
            ClosedHow::Closed => "closed closed".to_owned(),
            ClosedHow::Refunded => "closed refunded".to_owned(),
        },
        Answer::Reverse(ReverseAnswer::Reversed(how)) => match how {
            ReversedHow::Closed => "reversed closed".to_owned(),
            ReversedHow::Refunded => "reversed refunded".to_owned(),
            ReversedHow::Unsaid => "reversed unsaid".to_owned(),
        },
        Answer::Reverse(ReverseAnswer::Again) => "again".to_owned(),
        Answer::Reverse(ReverseAnswer::StillPaying) => "still_paying".to_owned(),
        Answer::Reverse(ReverseAnswer::Cannot(why)) => match why {
            CannotWhy::Window => "cannot window".to_owned(),
            CannotWhy::Funds => "cannot funds".to_owned(),
            CannotWhy::Refunded => "cannot refunded".to_owned(),
            CannotWhy::NotAllowed => "cannot not_allowed".to_owned(),
        },
        Answer::Refund(RefundAnswer::Done(_)) | Answer::RefundQuery(RefundQueryAnswer::Done(_)) => {
            "done".to_owned()
        }
        Answer::Refund(RefundAnswer::Accepted) => "accepted".to_owned(),
        Answer::Refund(RefundAnswer::Refused(refusal)) => format!("refused {}", refusal.reason.word()),
        Answer::RefundQuery(RefundQueryAnswer::Pending) => "pending".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::Closed) => "closed".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::Abnormal) => "abnormal".to_owned(),
        Answer::RefundQuery(RefundQueryAnswer::NotFound) => "not_found".to_owned(),
        Answer::Submit(SubmitAnswer::Unknown(doubt))
        | Answer::Query(QueryAnswer::Unknown(doubt))
        | Answer::Reverse(ReverseAnswer::Unknown(doubt))
        | Answer::Refund(RefundAnswer::Unknown(doubt))
        | Answer::RefundQuery(RefundQueryAnswer::Unknown(doubt)) => format!("unknown {}", doubt_words(doubt)),
    }
}

fn doubt_words(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Silence => "silence".to_owned(),
        Doubt::Broken => "broken".to_owned(),
        Doubt::Status(status) => format!("status {status}"),
        Doubt::Unreadable => "unreadable".to_owned(),
        Doubt::Forged => "forged".to_owned(),
        Doubt::Unsigned(_) => "unsigned".to_owned(),
        Doubt::Incomplete(field) => format!("incomplete {field}"),
        Doubt::ChannelUnsure(_) => "channel_unsure".to_owned(),
        Doubt::RateLimited(_) => "rate_limited".to_owned(),
        Doubt::AlreadyKnown(_) => "already_known".to_owned(),
        Doubt::Unlisted(_) => "unlisted".to_owned(),
    }
}

/// Every call.
pub(crate) const CALLS: [Call; 5] =
    [Call::Submit, Call::Query, Call::Reverse, Call::Refund, Call::RefundQuery];

/// Whatever is told: every word of it, for searches.
pub(crate) fn every_word(dialect: &dyn Dialect, intent: &Intent, response: &wire::http::Response) -> String {
    let refund = refund(intent.clone(), 1);
    let answer = |call| dialect.answer(NOON, call, intent, Some(&refund), response);
    let answers = CALLS.map(|call| format!("{:?}", answer(call)));
    format!("{} {:?}", answers.join(" "), dialect.probed(NOON, response))
}
