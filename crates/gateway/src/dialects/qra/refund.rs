//! Refunds: what leaves, and what its answers mean (unionpay.md §4.4, §13).

use payment::exchange::{Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::money::Fen;
use payment::refund::RefundIntent;
use wire::http::Request;
use wire::qra::{
    Answer as Fields, QraMerchant, REFUND, REFUND_QUERY, RefundLine, RefundQueryRequest, RefundRequest,
    request,
};
use wire::verified::Verified;

use super::super::table::{RefundQueryMeaning, find, refund_answer, refund_query_answer};
use super::super::{Asking, text};
use super::answer::{Told, about, bad, code_of, fen};
use super::refund_table::{REFUND_STATUS, refund_code, refund_query_code};
use super::request::of;

/// The only way in which the platform gives back (unionpay.md §4.4).
const CHANNEL: &str = "ORIGINAL";

/// A refund by our numbers. The same intent makes the same message each time: the platform answers a known refund number as
/// it did the first time, whatever else the message says (unionpay.md §13). It takes no reason.
pub(super) fn refund(merchant: &QraMerchant, asking: &Asking<'_>, refund: &RefundIntent) -> Request {
    let merchant = of(merchant, &refund.payment);
    let call = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(refund.payment.channel_order_no.as_str().to_owned()),
        out_refund_no: refund.channel_refund_no.as_str().to_owned(),
        total_fee: refund.payment.amount.fen(),
        refund_fee: refund.amount.fen(),
        op_user_id: merchant.mch_id.clone(),
        refund_channel: Some(CHANNEL.to_owned()),
    };
    request(REFUND, &merchant, &call.fields(), &text::hex(&asking.nonce))
}

/// A query of this one refund: by its number, the only one of ours that also finds refunds of Alipay orders.
pub(super) fn refund_query(merchant: &QraMerchant, asking: &Asking<'_>, refund: &RefundIntent) -> Request {
    let call = RefundQueryRequest {
        out_refund_no: Some(refund.channel_refund_no.as_str().to_owned()),
        ..RefundQueryRequest::default()
    };
    query(&of(merchant, &refund.payment), asking, &call)
}

pub(super) fn query(merchant: &QraMerchant, asking: &Asking<'_>, call: &RefundQueryRequest) -> Request {
    request(REFUND_QUERY, merchant, &call.fields(), &text::hex(&asking.nonce))
}

/// A success says that the refund is taken up, never that it is done (unionpay.md §4.4).
pub(super) fn answer(fields: &Verified<Fields>, told: Told, refund: &RefundIntent) -> RefundAnswer {
    let ours = about(fields, &refund.payment).and_then(|()| this_refund(fields, refund));
    match (ours, told) {
        (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        (Ok(()), Told::Fail(said)) => refund_answer(refund_code(code_of(fields)), said),
        (Ok(()), Told::Success) => match taken_up(fields, refund) {
            Ok(()) => RefundAnswer::Accepted,
            Err(doubt) => RefundAnswer::Unknown(doubt),
        },
    }
}

/// Whether an answer is about this refund, as far as it names one.
fn this_refund(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<(), Doubt> {
    let ours = refund.channel_refund_no.as_str();
    let named = fields.out_refund_no().is_none_or(|number| number == ours);
    if named { Ok(()) } else { Err(Doubt::Incomplete("out_refund_no")) }
}

/// What a success must name: order, refund and amount are ours.
fn taken_up(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<(), Doubt> {
    fields.out_trade_no().ok_or(Doubt::Incomplete("out_trade_no"))?;
    fields.out_refund_no().ok_or(Doubt::Incomplete("out_refund_no"))?;
    let amount = fen("refund_fee", fields.refund_fee())?;
    if amount == Some(refund.amount) { Ok(()) } else { Err(Doubt::Incomplete("refund_fee")) }
}

/// How this one refund stands.
pub(super) fn query_answer(
    fields: &Verified<Fields>,
    told: Told,
    refund: &RefundIntent,
) -> RefundQueryAnswer {
    match told {
        Told::Fail(said) => match about(fields, &refund.payment) {
            Ok(()) => {
                let undone = || Err(Doubt::Incomplete("refund_status_$n"));
                refund_query_answer(refund_query_code(code_of(fields)), said, undone)
            }
            Err(doubt) => RefundQueryAnswer::Unknown(doubt),
        },
        Told::Success => state(fields, refund).unwrap_or_else(RefundQueryAnswer::Unknown),
    }
}

fn state(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<RefundQueryAnswer, Doubt> {
    let order = fields.out_trade_no().ok_or(Doubt::Incomplete("out_trade_no"))?;
    let shown = shown(fields, refund)?;
    let status = shown.refund_status.as_deref().ok_or(Doubt::Incomplete("refund_status_$n"))?;
    let means = find(REFUND_STATUS, status);
    if means == Some(RefundQueryMeaning::Done) {
        // Of which order and refund, and how much: the core compares.
        of_merchant(fields, refund)?;
        return facts(order, &shown).map(RefundQueryAnswer::Done);
    }
    about(fields, &refund.payment)?;
    if shown.out_refund_no.as_deref() != Some(refund.channel_refund_no.as_str()) {
        return Err(Doubt::Incomplete("out_refund_no_$n"));
    }
    if shown.refund_fee.is_some_and(|amount| amount != refund.amount.fen()) {
        return Err(Doubt::Incomplete("refund_fee_$n"));
    }
    let unsaid = || Err(Doubt::Incomplete("refund_status_$n"));
    Ok(refund_query_answer(means, text::said(status, ""), unsaid))
}

/// The refund with our number, or the only one that is shown.
fn shown(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<RefundLine, Doubt> {
    let unclear = Doubt::Incomplete("out_refund_no_$n");
    let mut shown = fields.refunds().map_err(bad)?;
    let ours = |shown: &RefundLine| shown.out_refund_no.as_deref() == Some(refund.channel_refund_no.as_str());
    match shown.iter().filter(|one| ours(one)).count() {
        0 => {}
        1 => shown.retain(ours),
        _ => return Err(unclear),
    }
    match <[RefundLine; 1]>::try_from(shown) {
        Ok([one]) => Ok(one),
        Err(_) => Err(unclear),
    }
}

/// Whether the answer is this merchant's, whatever order it is about.
fn of_merchant(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<(), Doubt> {
    match about(fields, &refund.payment) {
        Ok(()) | Err(Doubt::Incomplete("out_trade_no")) => Ok(()),
        Err(doubt) => Err(doubt),
    }
}

fn facts(order: &str, shown: &RefundLine) -> Result<RefundFacts, Doubt> {
    let number_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = shown.refund_fee.and_then(|amount| Fen::new(amount).ok());
    Ok(RefundFacts {
        channel_order_no: number_of("out_trade_no", Some(order))?,
        channel_refund_no: number_of("out_refund_no_$n", shown.out_refund_no.as_deref())?,
        amount: Some(amount.ok_or(Doubt::Incomplete("refund_fee_$n"))?),
        channel_transaction_no: number_of("refund_id_$n", shown.refund_id.as_deref())?,
    })
}
