//! Refunds: what leaves, and what its answers mean (wechat.md §4.4, §5.5, §8).

use payment::exchange::{Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::refund::RefundIntent;
use wire::verified::Verified;
use wire::wechat_v3::{Account, Answer as Members, Draft, RefundQueryRequest, RefundRequest};

use super::super::table::{RefundQueryMeaning, find, refund_answer, refund_query_answer};
use super::super::text::{self, Limit, Taste};
use super::answer::{Told, about, code_of, fen};
use super::refund_table::{REFUND, REFUND_QUERY, REFUND_STATUS};

/// `reason` is string(80) (wechat.md §4.4); whether bytes or characters is not said, so the smaller.
const REASON: Taste = Taste { full_width: "", limit: Limit::Bytes(80) };

/// A refund by our numbers. The same intent makes the same message each time: another one under the same refund number
/// would be refused.
pub(super) fn refund(account: &Account, refund: &RefundIntent) -> Draft {
    let call = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(refund.payment.channel_order_no.as_str().to_owned()),
        out_refund_no: refund.channel_refund_no.as_str().to_owned(),
        reason: text::remark(refund.reason.as_deref(), &REASON),
        notify_url: None,
        funds_account: None,
        refund: refund.amount.fen(),
        from: Vec::new(),
        total: refund.payment.amount.fen(),
        currency: "CNY".to_owned(),
        goods_detail: None,
    };
    call.draft(account)
}

/// A query of this one refund.
pub(super) fn refund_query(account: &Account, refund: &RefundIntent) -> Draft {
    RefundQueryRequest { out_refund_no: refund.channel_refund_no.as_str().to_owned() }.draft(account)
}

/// A success says that the refund is taken up, whatever its state: the query says how it stands.
pub(super) fn answer(members: &Verified<Members>, told: Told, refund: &RefundIntent) -> RefundAnswer {
    match (this_refund(members, refund), told) {
        (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        (Ok(()), Told::Fail(said)) => refund_answer(find(REFUND, &code_of(members)), said),
        (Ok(()), Told::Success) => match taken_up(members, refund) {
            Ok(()) => RefundAnswer::Accepted,
            Err(doubt) => RefundAnswer::Unknown(doubt),
        },
    }
}

/// Whether an answer is about this refund of this order, as far as it names them.
fn this_refund(members: &Verified<Members>, refund: &RefundIntent) -> Result<(), Doubt> {
    about(members, &refund.payment)?;
    let ours = refund.channel_refund_no.as_str();
    let named = members.out_refund_no().is_none_or(|number| number == ours);
    if named { Ok(()) } else { Err(Doubt::Incomplete("out_refund_no")) }
}

/// What a success must name: order, refund and both amounts are ours.
fn taken_up(members: &Verified<Members>, refund: &RefundIntent) -> Result<(), Doubt> {
    members.out_trade_no().ok_or(Doubt::Incomplete("out_trade_no"))?;
    members.out_refund_no().ok_or(Doubt::Incomplete("out_refund_no"))?;
    if fen("amount.refund", members.refund())? != Some(refund.amount) {
        return Err(Doubt::Incomplete("amount.refund"));
    }
    let total = fen("amount.total", members.total())?;
    if total == Some(refund.payment.amount) { Ok(()) } else { Err(Doubt::Incomplete("amount.total")) }
}

/// How this one refund stands.
pub(super) fn query_answer(
    members: &Verified<Members>,
    told: Told,
    refund: &RefundIntent,
) -> RefundQueryAnswer {
    let undone = || Err(Doubt::Incomplete("status"));
    let answer = match told {
        Told::Fail(said) => this_refund(members, refund)
            .map(|()| refund_query_answer(find(REFUND_QUERY, &code_of(members)), said, undone)),
        Told::Success => state(members, refund),
    };
    answer.unwrap_or_else(RefundQueryAnswer::Unknown)
}

fn state(members: &Verified<Members>, refund: &RefundIntent) -> Result<RefundQueryAnswer, Doubt> {
    let status = members.refund_status().ok_or(Doubt::Incomplete("status"))?;
    let means = find(REFUND_STATUS, &status);
    if means == Some(RefundQueryMeaning::Done) {
        // Whose it is and how much: the core compares.
        return facts(members).map(RefundQueryAnswer::Done);
    }
    this_refund(members, refund)?;
    taken_up(members, refund)?;
    Ok(refund_query_answer(means, text::said(&status, ""), || Err(Doubt::Incomplete("status"))))
}

fn facts(members: &Verified<Members>) -> Result<RefundFacts, Doubt> {
    let number_of =
        |field, text: Option<String>| text.as_deref().and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("amount.refund", members.refund())?;
    Ok(RefundFacts {
        channel_order_no: number_of("out_trade_no", members.out_trade_no())?,
        channel_refund_no: number_of("out_refund_no", members.out_refund_no())?,
        amount: Some(amount.ok_or(Doubt::Incomplete("amount.refund"))?),
        channel_transaction_no: number_of("refund_id", members.refund_id())?,
    })
}
