//! Refunds (reject, 退款): what their answers mean (icbc.md §3.4, §3.5, §9).

use payment::exchange::{Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::refund::RefundIntent;
use wire::icbc::{Content, RefundLine};
use wire::verified::Verified;

use super::super::table::{find, refund_answer, refund_query_answer};
use super::super::text;
use super::answer::{SUCCESS, about, fen, named, said};
use super::table::{REJECT, REJECT_QUERY, REJECT_STATUS, gateway};

/// 0 means accepted or done, it does not say which: the list of refunds has the last word (icbc.md §3.4).
pub(super) fn answer(content: &Verified<Content>, code: &str, refund: &RefundIntent) -> RefundAnswer {
    if code != SUCCESS {
        let means = find(REJECT, code).or_else(|| gateway(code).map(|means| means.of_refund()));
        return match about(content, &refund.payment) {
            Ok(()) => refund_answer(means, said(content, code)),
            Err(doubt) => RefundAnswer::Unknown(doubt),
        };
    }
    // A reversal's answer looks the same but for the number (icbc.md §3.3).
    let ours = named(content, &refund.payment).and_then(|()| match content.reject_no() {
        Some(number) if number == refund.channel_refund_no.as_str() => Ok(()),
        Some(_) | None => Err(Doubt::Incomplete("reject_no")),
    });
    match ours {
        Ok(()) => RefundAnswer::Accepted,
        Err(doubt) => RefundAnswer::Unknown(doubt),
    }
}

pub(super) fn query_answer(
    content: &Verified<Content>,
    code: &str,
    refund: &RefundIntent,
) -> RefundQueryAnswer {
    if code != SUCCESS {
        let means = find(REJECT_QUERY, code).or_else(|| gateway(code).map(|means| means.of_refund_query()));
        return match about(content, &refund.payment) {
            Ok(()) => refund_query_answer(means, said(content, code), || Err(Doubt::Incomplete(LIST))),
            Err(doubt) => RefundQueryAnswer::Unknown(doubt),
        };
    }
    listed(content, refund).unwrap_or_else(RefundQueryAnswer::Unknown)
}

const LIST: &str = "refund_json_list";

/// The one line with our number. A list without it knows no such refund; a list that is not there says nothing.
fn listed(content: &Verified<Content>, refund: &RefundIntent) -> Result<RefundQueryAnswer, Doubt> {
    named(content, &refund.payment)?;
    content.field(LIST).ok_or(Doubt::Incomplete(LIST))?;
    let lines = content.refunds().map_err(|_| Doubt::Incomplete(LIST))?.unwrap_or_default();
    let ours = |line: &&RefundLine| line.reject_no().as_deref() == Some(refund.channel_refund_no.as_str());
    let mut found = lines.iter().filter(ours);
    let line = match (found.next(), found.next()) {
        (None, _) => return Ok(RefundQueryAnswer::NotFound),
        (Some(line), None) => line,
        (Some(_), Some(_)) => return Err(Doubt::Incomplete("reject_no")),
    };
    let status = line.reject_status().ok_or(Doubt::Incomplete("reject_status"))?;
    let said = said(content, &format!("{SUCCESS}/{status}"));
    Ok(refund_query_answer(find(REJECT_STATUS, &status), said, || facts(content, line)))
}

/// What the channel says of the money, as it says it: whether that fits the intent is compared elsewhere.
fn facts(content: &Verified<Content>, line: &RefundLine) -> Result<RefundFacts, Doubt> {
    let number_of = |field, text: Option<String>| {
        text.and_then(|text| text::number(&text)).ok_or(Doubt::Incomplete(field))
    };
    // Cash and points together: what was asked for (icbc.md §3.3).
    let amount = fen("reject_amt", line.reject_amt())?.ok_or(Doubt::Incomplete("reject_amt"))?;
    Ok(RefundFacts {
        channel_order_no: number_of("out_trade_no", content.out_trade_no())?,
        channel_refund_no: number_of("reject_no", line.reject_no())?,
        amount: Some(amount),
        channel_transaction_no: line
            .icbc_reject_sq()
            .and_then(|text| text::number(&text))
            .unwrap_or_default(),
    })
}
