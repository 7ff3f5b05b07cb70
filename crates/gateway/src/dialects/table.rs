//! Tables as data: what each code of a channel means, what to do about it, and which document says so.
//!
//! A table can say only what a code alone decides. "Paid" needs facts beside the code, so every reader checks those
//! itself; and what no table lists is [`Doubt::Unlisted`], never a decline.

use std::fmt;

use payment::exchange::{
    Call, CannotWhy, ChannelCode, ClosedHow, Decline, DeclineReason, Doubt, PaidFacts, QueryAnswer,
    RefundAnswer, RefundFacts, RefundQueryAnswer, RefundReason, RefundRefusal, ReverseAnswer, ReversedHow,
    SubmitAnswer,
};
use payment::patience::Channel;

use super::{acp, alipay, icbc, qra, wechat_v2};

/// Codes that mean the same and call for the same advice, as the channel's own tables group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<M: 'static> {
    /// The codes as the channel writes them. A `*` at the end stands for any ending.
    pub codes: &'static [&'static str],
    /// What they mean.
    pub means: M,
    /// Advice to the cashier or the operator, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// The channel's document and section.
    pub source: &'static str,
}

/// What a code can mean in answer to a submit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmitMeaning {
    /// The payer must confirm.
    AwaitingPayer,
    /// Refused for certain.
    Declined(DeclineReason),
    /// Refused, but the sheet wants one query before that is believed.
    DeclinedAsk(DeclineReason),
    /// The order is known already, in whatever state.
    AlreadyKnown,
    /// The channel does not know.
    Unsure,
    /// Too many requests.
    RateLimited,
}

/// What a code or a state can mean in answer to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryMeaning {
    /// Taken, if the facts beside it are complete.
    Paid,
    /// The payer is still asked.
    AwaitingPayer,
    /// Open, unpaid, nobody is asked.
    NotPaid,
    /// The channel wants a reversal.
    MustReverse,
    /// Over: declined, nothing taken.
    Declined(DeclineReason),
    /// Over.
    Closed(ClosedHow),
    /// No such number.
    NotFound,
    /// The channel does not know.
    Unsure,
    /// Too many requests.
    RateLimited,
}

/// What a code can mean in answer to a reversal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReverseMeaning {
    /// The payer's dialog is open.
    StillPaying,
    /// Refused for good.
    Cannot(CannotWhy),
    /// The channel knows of nothing to undo under this number: a query has to agree, as with a success that does not say
    /// what it did.
    NothingToUndo,
    /// The channel does not know, or our set-up keeps it from looking: reversing goes on and a person is told.
    Unsure,
    /// Too many requests.
    RateLimited,
}

/// What a code can mean in answer to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundMeaning {
    /// Refused for certain: this request gave nothing back. The channel is asked all the same what a former one did.
    Refused(RefundReason),
    /// The refund's number, or the whole payment, is said to be settled already: the channel is asked how.
    AlreadyKnown,
    /// The channel does not know: asked, and repeated with the same number.
    Unsure,
    /// Too many requests: the same, later.
    RateLimited,
}

/// What a code or a state can mean in answer to a refund query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundQueryMeaning {
    /// Given back, if the facts beside it are complete.
    Done,
    /// Taken up and not yet over.
    Pending,
    /// Over, and nothing was given back.
    Closed,
    /// It cannot be delivered: the merchant must act at the channel.
    Abnormal,
    /// No such refund.
    NotFound,
    /// The channel does not know, or our set-up keeps it from looking.
    Unsure,
    /// Too many requests.
    RateLimited,
}

/// What a code means, by the call that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// To a submit.
    Submit(SubmitMeaning),
    /// To a query.
    Query(QueryMeaning),
    /// To a reversal.
    Reverse(ReverseMeaning),
    /// To a refund.
    Refund(RefundMeaning),
    /// To a refund query.
    RefundQuery(RefundQueryMeaning),
}

/// One code of one channel, as documents print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The field on the wire that holds the code.
    pub field: &'static str,
    /// The code.
    pub code: &'static str,
    /// What it means.
    pub means: Meaning,
    /// Advice in Chinese.
    pub zh: &'static str,
    /// Advice in English.
    pub en: &'static str,
    /// The channel's document and section.
    pub source: &'static str,
}

/// Every code that we read for a channel; empty for a channel that has no dialect yet.
#[must_use]
pub fn rows(channel: Channel) -> Vec<Row> {
    match channel {
        Channel::WechatV2 => wechat_v2::rows(),
        Channel::Alipay => alipay::rows(),
        Channel::Qra => qra::rows(),
        Channel::Acp => acp::rows(),
        Channel::Icbc => icbc::rows(),
        Channel::WechatV3 => Vec::new(),
    }
}

/// The meaning of a code, `None` when the table does not list it.
#[must_use]
pub fn find<M: Copy>(table: &[Entry<M>], code: &str) -> Option<M> {
    let fits = |listed: &&str| match listed.strip_suffix('*') {
        Some(stem) => code.len() > stem.len() && code.starts_with(stem),
        None => *listed == code,
    };
    table.iter().find(|entry| entry.codes.iter().any(fits)).map(|entry| entry.means)
}

/// A table's rows.
pub(super) fn rows_of<M: Copy>(
    field: &'static str,
    table: &'static [Entry<M>],
    meaning: impl Fn(M) -> Meaning,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for Entry { codes, means, zh, en, source } in table {
        for code in *codes {
            rows.push(Row { field, code, means: meaning(*means), zh, en, source });
        }
    }
    rows
}

/// What a submit's code answers.
pub(super) fn submit_answer(means: Option<SubmitMeaning>, said: ChannelCode) -> SubmitAnswer {
    match means {
        None => SubmitAnswer::Unknown(Doubt::Unlisted(said)),
        Some(SubmitMeaning::AwaitingPayer) => SubmitAnswer::AwaitingPayer,
        Some(SubmitMeaning::Declined(reason)) => SubmitAnswer::Declined(Decline { reason, channel: said }),
        Some(SubmitMeaning::DeclinedAsk(reason)) => {
            SubmitAnswer::DeclinedAsk(Decline { reason, channel: said })
        }
        Some(SubmitMeaning::AlreadyKnown) => SubmitAnswer::Unknown(Doubt::AlreadyKnown(said)),
        Some(SubmitMeaning::Unsure) => SubmitAnswer::Unknown(Doubt::ChannelUnsure(said)),
        Some(SubmitMeaning::RateLimited) => SubmitAnswer::Unknown(Doubt::RateLimited(said)),
    }
}

/// What a query's code or state answers; `facts` are asked for only when it says "paid".
pub(super) fn query_answer(
    means: Option<QueryMeaning>,
    said: ChannelCode,
    facts: impl FnOnce() -> Result<PaidFacts, Doubt>,
) -> QueryAnswer {
    match means {
        None => QueryAnswer::Unknown(Doubt::Unlisted(said)),
        Some(QueryMeaning::Paid) => facts().map_or_else(QueryAnswer::Unknown, QueryAnswer::Paid),
        Some(QueryMeaning::AwaitingPayer) => QueryAnswer::AwaitingPayer,
        Some(QueryMeaning::NotPaid) => QueryAnswer::NotPaid,
        Some(QueryMeaning::MustReverse) => QueryAnswer::MustReverse,
        Some(QueryMeaning::Declined(reason)) => QueryAnswer::Declined(Decline { reason, channel: said }),
        Some(QueryMeaning::Closed(how)) => QueryAnswer::Closed(how),
        Some(QueryMeaning::NotFound) => QueryAnswer::NotFound,
        Some(QueryMeaning::Unsure) => QueryAnswer::Unknown(Doubt::ChannelUnsure(said)),
        Some(QueryMeaning::RateLimited) => QueryAnswer::Unknown(Doubt::RateLimited(said)),
    }
}

/// What a reversal's code answers.
pub(super) fn reverse_answer(means: Option<ReverseMeaning>, said: ChannelCode) -> ReverseAnswer {
    match means {
        None => ReverseAnswer::Unknown(Doubt::Unlisted(said)),
        Some(ReverseMeaning::StillPaying) => ReverseAnswer::StillPaying,
        Some(ReverseMeaning::Cannot(why)) => ReverseAnswer::Cannot(why),
        Some(ReverseMeaning::NothingToUndo) => ReverseAnswer::Reversed(ReversedHow::Unsaid),
        Some(ReverseMeaning::Unsure) => ReverseAnswer::Unknown(Doubt::ChannelUnsure(said)),
        Some(ReverseMeaning::RateLimited) => ReverseAnswer::Unknown(Doubt::RateLimited(said)),
    }
}

/// What a refund's code answers.
pub(super) fn refund_answer(means: Option<RefundMeaning>, said: ChannelCode) -> RefundAnswer {
    match means {
        None => RefundAnswer::Unknown(Doubt::Unlisted(said)),
        Some(RefundMeaning::Refused(reason)) => {
            RefundAnswer::Refused(RefundRefusal { reason, channel: said })
        }
        Some(RefundMeaning::AlreadyKnown) => RefundAnswer::Unknown(Doubt::AlreadyKnown(said)),
        Some(RefundMeaning::Unsure) => RefundAnswer::Unknown(Doubt::ChannelUnsure(said)),
        Some(RefundMeaning::RateLimited) => RefundAnswer::Unknown(Doubt::RateLimited(said)),
    }
}

/// What a refund query's code or state answers; `facts` are asked for only when it says "given back".
pub(super) fn refund_query_answer(
    means: Option<RefundQueryMeaning>,
    said: ChannelCode,
    facts: impl FnOnce() -> Result<RefundFacts, Doubt>,
) -> RefundQueryAnswer {
    match means {
        None => RefundQueryAnswer::Unknown(Doubt::Unlisted(said)),
        Some(RefundQueryMeaning::Done) => {
            facts().map_or_else(RefundQueryAnswer::Unknown, RefundQueryAnswer::Done)
        }
        Some(RefundQueryMeaning::Pending) => RefundQueryAnswer::Pending,
        Some(RefundQueryMeaning::Closed) => RefundQueryAnswer::Closed,
        Some(RefundQueryMeaning::Abnormal) => RefundQueryAnswer::Abnormal,
        Some(RefundQueryMeaning::NotFound) => RefundQueryAnswer::NotFound,
        Some(RefundQueryMeaning::Unsure) => RefundQueryAnswer::Unknown(Doubt::ChannelUnsure(said)),
        Some(RefundQueryMeaning::RateLimited) => RefundQueryAnswer::Unknown(Doubt::RateLimited(said)),
    }
}

/// One word, and the reason where there is one: `declined code_expired`.
impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word =
            match self {
                Meaning::Submit(SubmitMeaning::Declined(reason))
                | Meaning::Query(QueryMeaning::Declined(reason)) => {
                    return write!(f, "declined {}", reason.word());
                }
                Meaning::Submit(SubmitMeaning::DeclinedAsk(reason)) => {
                    return write!(f, "declined_ask {}", reason.word());
                }
                Meaning::Submit(SubmitMeaning::AwaitingPayer)
                | Meaning::Query(QueryMeaning::AwaitingPayer) => "awaiting_payer",
                Meaning::Refund(RefundMeaning::Refused(reason)) => {
                    return write!(f, "refused {}", reason.word());
                }
                Meaning::Submit(SubmitMeaning::AlreadyKnown)
                | Meaning::Refund(RefundMeaning::AlreadyKnown) => "unknown already_known",
                Meaning::Submit(SubmitMeaning::Unsure)
                | Meaning::Query(QueryMeaning::Unsure)
                | Meaning::Reverse(ReverseMeaning::Unsure)
                | Meaning::Refund(RefundMeaning::Unsure)
                | Meaning::RefundQuery(RefundQueryMeaning::Unsure) => "unknown channel_unsure",
                Meaning::Submit(SubmitMeaning::RateLimited)
                | Meaning::Query(QueryMeaning::RateLimited)
                | Meaning::Reverse(ReverseMeaning::RateLimited)
                | Meaning::Refund(RefundMeaning::RateLimited)
                | Meaning::RefundQuery(RefundQueryMeaning::RateLimited) => "unknown rate_limited",
                Meaning::Query(QueryMeaning::Paid) => "paid",
                Meaning::Query(QueryMeaning::NotPaid) => "not_paid",
                Meaning::Query(QueryMeaning::MustReverse) => "must_reverse",
                Meaning::Query(QueryMeaning::NotFound)
                | Meaning::RefundQuery(RefundQueryMeaning::NotFound) => "not_found",
                Meaning::Query(QueryMeaning::Closed(ClosedHow::Revoked)) => "closed revoked",
                Meaning::Query(QueryMeaning::Closed(ClosedHow::Closed)) => "closed closed",
                Meaning::Query(QueryMeaning::Closed(ClosedHow::Refunded)) => "closed refunded",
                Meaning::Reverse(ReverseMeaning::StillPaying) => "still_paying",
                Meaning::Reverse(ReverseMeaning::NothingToUndo) => "reversed unsaid",
                Meaning::Reverse(ReverseMeaning::Cannot(CannotWhy::Window)) => "cannot window",
                Meaning::Reverse(ReverseMeaning::Cannot(CannotWhy::Funds)) => "cannot funds",
                Meaning::Reverse(ReverseMeaning::Cannot(CannotWhy::Refunded)) => "cannot refunded",
                Meaning::Reverse(ReverseMeaning::Cannot(CannotWhy::NotAllowed)) => "cannot not_allowed",
                Meaning::RefundQuery(RefundQueryMeaning::Done) => "done",
                Meaning::RefundQuery(RefundQueryMeaning::Pending) => "pending",
                Meaning::RefundQuery(RefundQueryMeaning::Closed) => "closed",
                Meaning::RefundQuery(RefundQueryMeaning::Abnormal) => "abnormal",
            };
        f.write_str(word)
    }
}

impl Meaning {
    /// The call whose answer it is.
    #[must_use]
    pub fn call(self) -> Call {
        match self {
            Meaning::Submit(_) => Call::Submit,
            Meaning::Query(_) => Call::Query,
            Meaning::Reverse(_) => Call::Reverse,
            Meaning::Refund(_) => Call::Refund,
            Meaning::RefundQuery(_) => Call::RefundQuery,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Entry<u8>] = &[
        Entry { codes: &["A", "B"], means: 1, zh: "", en: "", source: "" },
        Entry { codes: &["C-*"], means: 2, zh: "", en: "", source: "" },
    ];

    #[test]
    fn codes_match_whole_and_families_by_their_stem() {
        for (code, means) in [("A", Some(1)), ("B", Some(1)), ("C-x", Some(2))] {
            assert_eq!(find(TABLE, code), means, "{code}");
        }
        for code in ["", "a", "AB", "C-", "C", "*", "C-*".trim_end_matches("-*")] {
            assert_eq!(find(TABLE, code), None, "{code}");
        }
    }
}
