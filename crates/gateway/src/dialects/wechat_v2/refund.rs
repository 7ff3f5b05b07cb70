//! Refunds: what leaves, and what its answers mean (wechat.md §2.5, §2.6, §5.4).

use payment::exchange::{Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::money::Fen;
use payment::refund::RefundIntent;
use wire::text::Fields;
use wire::verified::Verified;
use wire::wechat_v2::{
    REFUND_PATH, REFUNDQUERY_PATH, RefundQueryRequest, RefundRequest, ShownRefund, V2Merchant, request,
};

use super::super::table::{RefundQueryMeaning, find, refund_answer, refund_query_answer};
use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::answer::{Told, about, bad, code_of, fen};
use super::refund_table::{REFUND, REFUND_QUERY, REFUND_STATUS};
use super::request::of;

/// `refund_desc` is String(80) (wechat.md §2.5); whether bytes or characters is not said, so the smaller.
const REASON: Taste = Taste { full_width: "&=<>\"'\\", limit: Limit::Bytes(80) };

/// A refund by our numbers. The same intent makes the same message each time: another one under the same refund number
/// would be refused.
pub(super) fn refund(merchant: &V2Merchant, asking: &Asking<'_>, refund: &RefundIntent) -> Outgoing {
    let call = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(refund.payment.channel_order_no.as_str().to_owned()),
        out_refund_no: refund.channel_refund_no.as_str().to_owned(),
        total_fee: refund.payment.amount.fen(),
        refund_fee: refund.amount.fen(),
        refund_fee_type: Some("CNY".to_owned()),
        refund_desc: text::remark(refund.reason.as_deref(), &REASON),
        refund_account: None,
    };
    let (merchant, nonce) = (of(merchant, &refund.payment), text::hex(&asking.nonce));
    Outgoing { request: request(REFUND_PATH, &merchant, &call.fields(), &nonce), client_certificate: true }
}

/// A query of this one refund.
pub(super) fn refund_query(merchant: &V2Merchant, asking: &Asking<'_>, refund: &RefundIntent) -> Outgoing {
    let call = RefundQueryRequest {
        out_refund_no: Some(refund.channel_refund_no.as_str().to_owned()),
        ..RefundQueryRequest::default()
    };
    query(&of(merchant, &refund.payment), asking, &call)
}

pub(super) fn query(merchant: &V2Merchant, asking: &Asking<'_>, call: &RefundQueryRequest) -> Outgoing {
    let request = request(REFUNDQUERY_PATH, merchant, &call.fields(), &text::hex(&asking.nonce));
    Outgoing { request, client_certificate: false }
}

/// A success says that the refund is taken up, never that it is done (wechat.md §2.5).
pub(super) fn answer(fields: &Verified<Fields>, told: Told, refund: &RefundIntent) -> RefundAnswer {
    let ours = about(fields, &refund.payment).and_then(|()| this_refund(fields, refund));
    match (ours, told) {
        (Err(doubt), _) => RefundAnswer::Unknown(doubt),
        (Ok(()), Told::Fail(said)) => refund_answer(find(REFUND, code_of(fields)), said),
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
                refund_query_answer(find(REFUND_QUERY, code_of(fields)), said, undone)
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
        // Whose it is and how much: the core compares.
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
fn shown(fields: &Verified<Fields>, refund: &RefundIntent) -> Result<ShownRefund, Doubt> {
    let unclear = Doubt::Incomplete("out_refund_no_$n");
    let mut shown = fields.refunds().map_err(bad)?;
    let ours =
        |shown: &ShownRefund| shown.out_refund_no.as_deref() == Some(refund.channel_refund_no.as_str());
    match shown.iter().filter(|one| ours(one)).count() {
        0 => {}
        1 => shown.retain(ours),
        _ => return Err(unclear),
    }
    match <[ShownRefund; 1]>::try_from(shown) {
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

fn facts(order: &str, shown: &ShownRefund) -> Result<RefundFacts, Doubt> {
    let number_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = shown.refund_fee.and_then(|amount| Fen::new(amount).ok());
    Ok(RefundFacts {
        channel_order_no: number_of("out_trade_no", Some(order))?,
        channel_refund_no: number_of("out_refund_no_$n", shown.out_refund_no.as_deref())?,
        amount: Some(amount.ok_or(Doubt::Incomplete("refund_fee_$n"))?),
        channel_transaction_no: number_of("refund_id_$n", shown.refund_id.as_deref())?,
    })
}
