//! What Alipay says of refunds (alipay.md §3.5, §3.6, §4.5, §7, §15).

use wire::http::Response;

use super::{LIMITED, NOT_EXIST, Node, Speaker, all_back, refusal, yuan};
use crate::book::{Order, State};
use crate::calendar;
use crate::refund::{RefundState, Refunded};
use crate::visit::ShownRefund;

/// A refund that was refused: it carries zero amounts (alipay.md §3.5).
pub(in super::super) fn not_refunded(number: &str, sub_code: &str) -> Node {
    refusal("40004", sub_code)
        .with("out_trade_no", number)
        .with("refund_fee", "0.00")
        .with("send_back_fee", "0.00")
}

/// The answer about a refund that was not received, failed, is under way or never was (alipay.md §3.6).
pub(in super::super) fn nothing_refunded() -> Node {
    Node::of("10000", "Success")
}

impl Speaker {
    /// A refund that was served: whether this call moved money, and the running total of the trade (alipay.md §3.5, §7).
    pub(in super::super) fn refunded(&self, moved: bool, shown: &ShownRefund) -> Response {
        let ShownRefund { number, order, refund } = shown;
        let mut node = self.buyer(Node::of("10000", "Success"), order);
        node = node.with("fund_change", if moved { "Y" } else { "N" });
        if refund.state == RefundState::Done {
            node = node.with("gmt_refund_pay", calendar::spaced(refund.ends_ms));
        }
        // What a bent answer says of this refund, it says of the total as well.
        let true_amount = order.refund(&refund.number).map_or(refund.amount, |known| known.amount);
        let total = order.given_back() + refund.amount - true_amount;
        let node = node
            .with("out_trade_no", number.as_str())
            .with("refund_fee", yuan(total))
            .with("send_back_fee", "0.00")
            .with("trade_no", order.transaction_no.as_str());
        self.say(&node)
    }

    /// A refund was not taken up (alipay.md §4.5, §15).
    pub(in super::super) fn not_refunded(&self, refunded: Refunded, number: &str, order: &Order) -> Response {
        let sub_code = match refunded {
            Refunded::Unseen => NOT_EXIST,
            Refunded::OtherFacts => "ACQ.DISCORDANT_REPEAT_REQUEST",
            Refunded::NotPaid(State::Reversed | State::Closed) => "ACQ.TRADE_HAS_CLOSE",
            Refunded::NotPaid(_) => "ACQ.TRADE_STATUS_ERROR",
            Refunded::NothingLeft if all_back(order) => "ACQ.TRADE_HAS_CLOSE",
            Refunded::NothingLeft | Refunded::TooMuch => "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
            Refunded::TooMany => "ACQ.TRADE_NOT_ALLOW_REFUND",
            Refunded::TooSoon => return self.say(&refusal("40005", LIMITED)),
            Refunded::WindowOver => "ACQ.TRADE_HAS_FINISHED",
            Refunded::FundsShort => "ACQ.SELLER_BALANCE_NOT_ENOUGH",
            Refunded::PayerGone => "ACQ.BUYER_NOT_EXIST",
            // These were taken up.
            Refunded::Done | Refunded::Pending | Refunded::Repeated(_) => "ACQ.SYSTEM_ERROR",
        };
        self.say(&not_refunded(number, sub_code))
    }

    /// A refund that may have been done or not (alipay.md §4.1, §4.5).
    pub(in super::super) fn refund_system_error(&self, number: &str) -> Response {
        if self.chance.is_multiple_of(2) {
            return self.unavailable();
        }
        self.say(&not_refunded(number, "ACQ.SYSTEM_ERROR"))
    }

    /// A refund query of a trade that never was: with and without the prefix (alipay.md §4.3).
    pub(in super::super) fn refund_of_nothing(&self) -> Response {
        let bare = NOT_EXIST.trim_start_matches("ACQ.");
        self.say(&refusal("40004", if self.chance.is_multiple_of(2) { NOT_EXIST } else { bare }))
    }

    /// The answer to a refund query (alipay.md §3.6).
    pub(in super::super) fn refund(&self, shown: &ShownRefund, dated: bool) -> Response {
        let ShownRefund { number, order, refund } = shown;
        if refund.state != RefundState::Done {
            return self.say(&nothing_refunded());
        }
        let mut node = Node::of("10000", "Success");
        if dated {
            node = node.with("gmt_refund_pay", calendar::spaced(refund.ends_ms));
        }
        node = node
            .with("out_request_no", refund.number.as_str())
            .with("out_trade_no", number.as_str())
            .with("refund_amount", yuan(refund.amount));
        if let Some(reason) = refund.facts.get("refund_reason") {
            node = node.with("refund_reason", reason.as_str());
        }
        let node = node
            .with("refund_status", "REFUND_SUCCESS")
            .with("total_amount", yuan(order.amount))
            .with("trade_no", order.transaction_no.as_str());
        self.say(&node)
    }
}
