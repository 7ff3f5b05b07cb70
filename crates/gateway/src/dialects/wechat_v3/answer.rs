//! What an answer means: signature first, then the code of a refusal, then `trade_state` (wechat.md §4.2, §4.4, §5.5).
//!
//! The HTTP status is under no signature: 200 and 202 are read alike, and only a body that is no refusal needs one of them.

use payment::exchange::{
    Answer, Call, ChannelCode, Doubt, PaidFacts, QueryAnswer, RefundAnswer, RefundQueryAnswer, ReverseAnswer,
    ReversedHow, SubmitAnswer,
};
use payment::money::Fen;
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::verified::{BadField, Verified};
use wire::wechat_v3::{Answer as Members, NotVerified};

use super::super::table::{QueryMeaning, find, query_answer, reverse_answer, submit_answer};
use super::super::text;
use super::table::{CODEPAY, QUERY, REVERSE, TRADE_STATE};
use super::{numbers, payee, refund};

pub(super) fn read(
    reply: Result<Verified<Members>, NotVerified>,
    call: Call,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
) -> Answer {
    let said = believed(reply).and_then(|members| outcome(&members).map(|told| (members, told)));
    match call {
        Call::Submit => Answer::Submit(match said {
            Ok((members, told)) => submit(&members, told, intent),
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        }),
        Call::Query => Answer::Query(match said {
            Ok((members, told)) => query(&members, told, intent),
            Err(doubt) => QueryAnswer::Unknown(doubt),
        }),
        Call::Reverse => Answer::Reverse(match said {
            Ok((members, told)) => reverse(&members, told, intent),
            Err(doubt) => ReverseAnswer::Unknown(doubt),
        }),
        Call::Refund => Answer::Refund(match (said, about_refund) {
            (Ok((members, told)), Some(intent)) => refund::answer(&members, told, intent),
            (Ok(_), None) => RefundAnswer::Unknown(Doubt::Incomplete("out_refund_no")),
            (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        }),
        Call::RefundQuery => Answer::RefundQuery(match (said, about_refund) {
            (Ok((members, told)), Some(intent)) => refund::query_answer(&members, told, intent),
            (Ok(_), None) => RefundQueryAnswer::Unknown(Doubt::Incomplete("out_refund_no")),
            (Err(doubt), _) => RefundQueryAnswer::Unknown(doubt),
        }),
    }
}

/// The members that the channel has signed. Without a signature that verifies nothing is known, whatever stands there: the
/// channel's own probes are wrongly signed answers to calls that were carried out (wechat.md §4.2).
fn believed(reply: Result<Verified<Members>, NotVerified>) -> Result<Verified<Members>, Doubt> {
    reply.map_err(|error| match error {
        NotVerified::Unsigned { status, code, message }
            if (400..500).contains(&status) && !code.is_empty() =>
        {
            Doubt::Unsigned(text::said(&code, &message))
        }
        NotVerified::Unsigned { status: 200, .. } | NotVerified::Unreadable(_) => Doubt::Unreadable,
        NotVerified::Unsigned { status, .. } => Doubt::Status(status),
        NotVerified::UnknownSerial { .. }
        | NotVerified::Probe
        | NotVerified::BadSignature
        | NotVerified::Stale { .. } => Doubt::Forged,
    })
}

/// What a signed answer is.
pub(super) enum Told {
    Success,
    Fail(ChannelCode),
}

fn outcome(members: &Verified<Members>) -> Result<Told, Doubt> {
    match members.code() {
        Some(code) => Ok(Told::Fail(text::said(&code, &members.message().unwrap_or_default()))),
        None if matches!(members.status(), 200 | 202) => Ok(Told::Success),
        None => Err(Doubt::Status(members.status())),
    }
}

/// The code exactly as it came: what had to be cleaned first is no code that we know.
pub(super) fn code_of(members: &Verified<Members>) -> String {
    members.code().unwrap_or_default()
}

fn submit(members: &Verified<Members>, told: Told, intent: &Intent) -> SubmitAnswer {
    if let Told::Fail(said) = told {
        return match about(members, intent) {
            Ok(()) => submit_answer(find(CODEPAY, &code_of(members)), said),
            Err(doubt) => SubmitAnswer::Unknown(doubt),
        };
    }
    let (means, said) = match state(members, intent) {
        Ok(state) => state,
        Err(doubt) => return SubmitAnswer::Unknown(doubt),
    };
    match means {
        Some(QueryMeaning::Paid) => {
            facts(members, intent).map_or_else(SubmitAnswer::Unknown, SubmitAnswer::Paid)
        }
        Some(QueryMeaning::AwaitingPayer) => SubmitAnswer::AwaitingPayer,
        None => SubmitAnswer::Unknown(Doubt::Unlisted(said)),
        Some(
            QueryMeaning::NotPaid
            | QueryMeaning::Declined(_)
            | QueryMeaning::MustReverse
            | QueryMeaning::Closed(_)
            | QueryMeaning::NotFound
            | QueryMeaning::Unsure
            | QueryMeaning::RateLimited,
        ) => SubmitAnswer::Unknown(Doubt::ChannelUnsure(said)),
    }
}

fn query(members: &Verified<Members>, told: Told, intent: &Intent) -> QueryAnswer {
    let told = match told {
        Told::Fail(said) => about(members, intent).map(|()| {
            let unpaid = || Err(Doubt::Incomplete("trade_state"));
            query_answer(find(QUERY, &code_of(members)), said, unpaid)
        }),
        Told::Success => {
            state(members, intent).map(|(means, said)| query_answer(means, said, || facts(members, intent)))
        }
    };
    told.unwrap_or_else(QueryAnswer::Unknown)
}

/// What `trade_state` means, and what was said. It always names its order and its merchant; of what is paid they stand in the
/// facts, which the core compares.
fn state(members: &Verified<Members>, intent: &Intent) -> Result<(Option<QueryMeaning>, ChannelCode), Doubt> {
    let state = members.trade_state().ok_or(Doubt::Incomplete("trade_state"))?;
    let means = find(TRADE_STATE, &state);
    members.out_trade_no().ok_or(Doubt::Incomplete("out_trade_no"))?;
    if means != Some(QueryMeaning::Paid) {
        about(members, intent)?;
        let total = fen("amount.total", members.total())?;
        if total.is_some_and(|total| total != intent.amount) {
            return Err(Doubt::Incomplete("amount.total"));
        }
    }
    Ok((means, text::said(&state, &members.trade_state_desc().unwrap_or_default())))
}

/// A success names its order and says nothing else: only a query tells what it did (wechat.md §4.4, §10).
fn reverse(members: &Verified<Members>, told: Told, intent: &Intent) -> ReverseAnswer {
    if let Err(doubt) = about(members, intent) {
        return ReverseAnswer::Unknown(doubt);
    }
    match told {
        Told::Fail(said) => reverse_answer(find(REVERSE, &code_of(members)), said),
        Told::Success if members.out_trade_no().is_none() => {
            ReverseAnswer::Unknown(Doubt::Incomplete("out_trade_no"))
        }
        Told::Success => ReverseAnswer::Reversed(ReversedHow::Unsaid),
    }
}

/// Whether an answer that says nothing of money is about this order and this merchant, as far as it names them.
pub(super) fn about(members: &Verified<Members>, intent: &Intent) -> Result<(), Doubt> {
    let (appid, mchid) = numbers(&intent.payee);
    let sub_mchid = intent.payee.sub_merchant.as_deref();
    let direct = |number| if sub_mchid.is_none() { Some(number) } else { None };
    let provider = |number| if sub_mchid.is_some() { Some(number) } else { None };
    let named = [
        ("appid", members.appid(), direct(appid)),
        ("mchid", members.mchid(), direct(mchid)),
        ("sp_appid", members.sp_appid(), provider(appid)),
        ("sp_mchid", members.sp_mchid(), provider(mchid)),
        ("sub_mchid", members.sub_mchid(), sub_mchid),
        ("out_trade_no", members.out_trade_no(), Some(intent.channel_order_no.as_str())),
    ];
    match named.into_iter().find(|(_, told, ours)| told.is_some() && told.as_deref() != *ours) {
        None => Ok(()),
        Some((field, ..)) => Err(Doubt::Incomplete(field)),
    }
}

/// What the channel says of the money, as it says it: whether that fits the intent is compared elsewhere.
fn facts(members: &Verified<Members>, intent: &Intent) -> Result<PaidFacts, Doubt> {
    let text_of =
        |field, text: Option<String>| text.as_deref().and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("amount.total", members.total())?.filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or(Doubt::Incomplete("amount.total"))?;
    let paid_amount = fen("amount.payer_total", members.payer_total())?.unwrap_or(amount);
    let discount_amount = Fen::new(amount.fen() - paid_amount.fen());
    let paid_at = members.success_time().map_err(bad)?.ok_or(Doubt::Incomplete("success_time"))?;
    let payee = if intent.payee.sub_merchant.is_some() {
        // In provider mode the sub-merchant is the payee, and every answer names it (wechat.md §4.4).
        let sub_mchid = text_of("sub_mchid", members.sub_mchid())?;
        let appid = text_of("sp_appid", members.sp_appid())?;
        payee(&appid, &text_of("sp_mchid", members.sp_mchid())?, Some(&sub_mchid))
    } else {
        let appid = text_of("appid", members.appid())?;
        payee(&appid, &text_of("mchid", members.mchid())?, members.sub_mchid().as_deref())
    };
    Ok(PaidFacts {
        channel_order_no: text_of("out_trade_no", members.out_trade_no())?,
        amount,
        currency: text_of("amount.currency", Some(members.currency().unwrap_or_else(|| "CNY".to_owned())))?,
        payee: Some(payee),
        channel_transaction_no: text_of("transaction_id", members.transaction_id())?,
        paid_amount,
        discount_amount: discount_amount.map_err(|_| Doubt::Incomplete("amount.payer_total"))?,
        paid_at: Time(paid_at),
    })
}

pub(super) fn fen(field: &'static str, read: Result<Option<i64>, BadField>) -> Result<Option<Fen>, Doubt> {
    read.map_err(bad)?.map(Fen::new).transpose().map_err(|_| Doubt::Incomplete(field))
}

fn bad(error: BadField) -> Doubt {
    Doubt::Incomplete(error.field)
}
