//! Refunds (退货, 04): what their answers mean (unionpay.md §5.2, §5.4, §5.5, §13).

use payment::exchange::{Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::refund::RefundIntent;
use wire::acp::Answer as Fields;
use wire::verified::Verified;

use super::super::table::{RefundQueryMeaning, find, refund_answer, refund_query_answer};
use super::super::text;
use super::answer::{Name, SUCCESS, about, fen, of_kind, said, said_state};
use super::refund_table::{REFUND, REFUND_ORIGINAL, REFUND_QUERY};

/// `00` says that the refund is taken up; the query of its own number says how it ends (unionpay.md §5.2).
pub(super) fn answer(fields: &Verified<Fields>, code: &str, refund: &RefundIntent) -> RefundAnswer {
    let ours = of_kind(fields, &["04"]).and_then(|()| about(fields, &refund.payment, &name(refund)));
    match ours {
        Err(doubt) => RefundAnswer::Unknown(doubt),
        Ok(()) if code != SUCCESS => refund_answer(find(REFUND, code), said(fields, code)),
        Ok(()) => match taken_up(fields, refund) {
            Ok(()) => RefundAnswer::Accepted,
            Err(doubt) => RefundAnswer::Unknown(doubt),
        },
    }
}

fn name(refund: &RefundIntent) -> Name<'_> {
    Name { order_id: refund.channel_refund_no.as_str(), opened_at: refund.opened_at }
}

/// What a success must name: refund and amount are ours.
fn taken_up(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<(), Doubt> {
    fields.order_id().ok_or(Doubt::Incomplete("orderId"))?;
    let amount = fen("txnAmt", fields.txn_amt())?;
    if amount == Some(refund.amount) { Ok(()) } else { Err(Doubt::Incomplete("txnAmt")) }
}

/// How the refund of this number and time stands.
pub(super) fn query_answer(
    fields: &Verified<Fields>,
    code: &str,
    refund: &RefundIntent,
) -> RefundQueryAnswer {
    state(fields, code, refund).unwrap_or_else(RefundQueryAnswer::Unknown)
}

fn state(fields: &Verified<Fields>, code: &str, refund: &RefundIntent) -> Result<RefundQueryAnswer, Doubt> {
    // The answer names the query's type or the queried transaction's (unionpay.md §12).
    of_kind(fields, &["00", "04"])?;
    let unsaid = || Err(Doubt::Incomplete("origRespCode"));
    if code != SUCCESS {
        about(fields, &refund.payment, &name(refund))?;
        return Ok(refund_query_answer(find(REFUND_QUERY, code), said(fields, code), unsaid));
    }
    let state = fields.orig_resp_code().ok_or(Doubt::Incomplete("origRespCode"))?;
    let means = find(REFUND_ORIGINAL, state);
    if means == Some(RefundQueryMeaning::Done) {
        // Of which refund, and how much: the core compares.
        of_merchant(fields, refund)?;
        return facts(fields, refund).map(RefundQueryAnswer::Done);
    }
    fields.order_id().ok_or(Doubt::Incomplete("orderId"))?;
    about(fields, &refund.payment, &name(refund))?;
    if fen("txnAmt", fields.txn_amt())?.is_some_and(|amount| amount != refund.amount) {
        return Err(Doubt::Incomplete("txnAmt"));
    }
    Ok(refund_query_answer(means, said_state(fields, state), unsaid))
}

/// Whether the answer is this merchant's, whatever transaction it is about.
fn of_merchant(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<(), Doubt> {
    match about(fields, &refund.payment, &name(refund)) {
        Ok(()) | Err(Doubt::Incomplete("orderId")) => Ok(()),
        Err(doubt) => Err(doubt),
    }
}

/// An answer about a refund names its payment by UnionPay's number of it, if at all: where that is not the one that the
/// payment told, it is another payment's refund, and is shown as such.
fn facts(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<RefundFacts, Doubt> {
    let number_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let ours = refund.payment.channel_order_no.as_str();
    let order = match (fields.orig_qry_id(), fields.orig_order_id()) {
        (Some(told), _)
            if refund.channel_transaction_no.is_empty() || told == refund.channel_transaction_no =>
        {
            ours
        }
        (Some(told), _) => told,
        (None, Some(told)) => told,
        (None, None) => ours,
    };
    let amount = fen("txnAmt", fields.txn_amt())?.ok_or(Doubt::Incomplete("txnAmt"))?;
    Ok(RefundFacts {
        channel_order_no: number_of("origQryId", Some(order))?,
        channel_refund_no: number_of("orderId", fields.order_id())?,
        amount: Some(amount),
        channel_transaction_no: number_of("queryId", fields.query_id())?,
    })
}
