//! Refunds: what leaves, and what its answers mean (alipay.md §3.5, §3.6, §4.5, §7).

use payment::exchange::{Doubt, RefundAnswer, RefundFacts, RefundQueryAnswer};
use payment::refund::RefundIntent;
use wire::alipay::{Node, RefundQueryRequest, RefundRequest};
use wire::verified::Verified;

use crate::store::Sale;

use super::super::table::{find, refund_answer, refund_query_answer};
use super::super::text::{self, Limit, Taste};
use super::Shop;
use super::answer::{Told, about, business, fen, gateway, joined, said, told};
use super::refund_table::{REFUND, REFUND_QUERY, REFUND_STATUS};
use super::request::{store, terminal};
use super::table::GatewayMeaning;

/// `refund_reason` has at most 256 characters; the signs of [`super::request`]'s subject go here as well.
const REASON: Taste = Taste { full_width: "/=&<>\"'\\%", limit: Limit::Chars(256) };

/// A refund by our numbers, in the sale's shop and at its terminal, which is what the bill shows (alipay.md §7). The same
/// intent makes the same business content each time. What the documents do not list is never sent: it can fail a refund, or
/// do it twice (alipay.md §7).
pub(super) fn refund(shop: &Shop, refund: &RefundIntent, sale: &Sale) -> String {
    let call = RefundRequest {
        out_trade_no: Some(refund.payment.channel_order_no.as_str().to_owned()),
        refund_amount: refund.amount.fen(),
        out_request_no: Some(refund.channel_refund_no.as_str().to_owned()),
        refund_reason: text::remark(refund.reason.as_deref(), &REASON),
        store_id: store(sale, shop),
        terminal_id: terminal(sale, shop),
        ..RefundRequest::default()
    };
    call.biz_content()
}

/// A query of this one refund.
pub(super) fn refund_query(refund: &RefundIntent) -> String {
    let call = RefundQueryRequest {
        out_trade_no: Some(refund.payment.channel_order_no.as_str().to_owned()),
        out_request_no: refund.channel_refund_no.as_str().to_owned(),
        ..RefundQueryRequest::default()
    };
    call.biz_content()
}

/// A success alone is no refund: `fund_change` says whether *this* call moved money, and if it did not, an earlier one may
/// have (alipay.md §7).
pub(super) fn answer(node: &Verified<Node>, refund: &RefundIntent) -> RefundAnswer {
    let told = match about(node, &refund.payment).and_then(|()| told(node)) {
        Ok(told) => told,
        Err(doubt) => return RefundAnswer::Unknown(doubt),
    };
    let means = match told {
        Told::Success => return moved(node, refund).unwrap_or_else(RefundAnswer::Unknown),
        Told::InProcess => None,
        Told::Business => business(REFUND, node),
        Told::Gateway => gateway(node).map(GatewayMeaning::of_refund),
    };
    refund_answer(means, said(node))
}

fn moved(node: &Verified<Node>, refund: &RefundIntent) -> Result<RefundAnswer, Doubt> {
    node.out_trade_no().ok_or(Doubt::Incomplete("out_trade_no"))?;
    match node.fund_change() {
        Some("Y") => {}
        Some("N") => {
            let said = text::said(&joined("10000", "fund_change=N"), node.msg().unwrap_or_default());
            return Ok(RefundAnswer::Unknown(Doubt::AlreadyKnown(said)));
        }
        Some(_) | None => return Err(Doubt::Incomplete("fund_change")),
    }
    // The running total of the trade: it holds this refund, and tells no more of it.
    let total = fen("refund_fee", node.refund_fee())?.ok_or(Doubt::Incomplete("refund_fee"))?;
    if total < refund.amount || total > refund.payment.amount {
        return Err(Doubt::Incomplete("refund_fee"));
    }
    Ok(RefundAnswer::Done(RefundFacts {
        channel_order_no: refund.payment.channel_order_no.as_str().to_owned(),
        // Neither is echoed: the answer is to this one call (alipay.md §3.5).
        channel_refund_no: refund.channel_refund_no.as_str().to_owned(),
        amount: None,
        channel_transaction_no: String::new(),
    }))
}

/// What is refunded says so; what is not shows as a success without a word (alipay.md §3.6; §11, trap 9).
pub(super) fn query_answer(node: &Verified<Node>, refund: &RefundIntent) -> RefundQueryAnswer {
    let means = match told(node) {
        Err(doubt) => return RefundQueryAnswer::Unknown(doubt),
        Ok(Told::Success) => return state(node, refund).unwrap_or_else(RefundQueryAnswer::Unknown),
        Ok(Told::InProcess) => None,
        Ok(Told::Business) => business(REFUND_QUERY, node),
        Ok(Told::Gateway) => gateway(node).map(GatewayMeaning::of_refund_query),
    };
    match about(node, &refund.payment) {
        Ok(()) => refund_query_answer(means, said(node), || Err(Doubt::Incomplete("refund_status"))),
        Err(doubt) => RefundQueryAnswer::Unknown(doubt),
    }
}

fn state(node: &Verified<Node>, refund: &RefundIntent) -> Result<RefundQueryAnswer, Doubt> {
    let Some(status) = node.refund_status() else {
        about(node, &refund.payment)?;
        if node.out_request_no().is_some_and(|number| number != refund.channel_refund_no.as_str()) {
            return Err(Doubt::Incomplete("out_request_no"));
        }
        // The node's name is not signed: the answer to another call could stand here, and says nothing of a refund.
        let more = ["refund_amount", "gmt_refund_pay", "fund_change", "trade_status", "action", "retry_flag"];
        let wordless = more.iter().all(|name| node.field(name).is_none());
        return if wordless {
            Ok(RefundQueryAnswer::NotFound)
        } else {
            Err(Doubt::Incomplete("refund_status"))
        };
    };
    let said = text::said(&joined("10000", status), node.msg().unwrap_or_default());
    Ok(refund_query_answer(find(REFUND_STATUS, status), said, || facts(node)))
}

/// What the channel says of the money, as it says it: whether that fits the intent is compared elsewhere.
fn facts(node: &Verified<Node>) -> Result<RefundFacts, Doubt> {
    let number_of = |field, text: Option<&str>| text.and_then(text::number).ok_or(Doubt::Incomplete(field));
    let amount = fen("refund_amount", node.refund_amount())?.ok_or(Doubt::Incomplete("refund_amount"))?;
    Ok(RefundFacts {
        channel_order_no: number_of("out_trade_no", node.out_trade_no())?,
        channel_refund_no: number_of("out_request_no", node.out_request_no())?,
        amount: Some(amount),
        channel_transaction_no: String::new(),
    })
}
