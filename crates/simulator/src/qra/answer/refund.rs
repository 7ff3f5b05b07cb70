//! What the platform says of refunds (unionpay.md §4.4, §12, §13).

use wire::http::Response;

use super::super::words::{self, Scheme};
use super::Speaker;
use crate::calendar;
use crate::refund::{Refund, RefundState, Refunded};
use crate::visit::ShownRefund;

impl Speaker {
    /// A refund was taken up, now or before: nothing is said of how it ends.
    pub(in super::super) fn accepted(mut self, shown: &ShownRefund) -> Response {
        let ShownRefund { number, order, refund } = shown;
        let fields = &mut self.fields;
        fields.insert("result_code", "0");
        fields.insert("transaction_id", order.transaction_no.as_str());
        fields.insert("out_trade_no", number.as_str());
        fields.insert("out_refund_no", refund.number.as_str());
        fields.insert("refund_id", refund.refund_no.as_str());
        fields.insert("refund_channel", "ORIGINAL");
        fields.insert("refund_fee", refund.amount.to_string());
        fields.insert("coupon_refund_fee", (refund.amount - refund.own).to_string());
        self.sealed()
    }

    /// A refund was not taken up. Only "more than the rest" has a code in the sheet; the others are WeChat's (wechat.md
    /// §5.4), or the wallet's own where it is the wallet that refuses.
    pub(in super::super) fn not_accepted(self, refunded: Refunded, scheme: Scheme) -> Response {
        let (code, text) = match refunded {
            Refunded::Unseen => ("ORDERNOTEXIST", words::NOT_EXIST),
            Refunded::OtherFacts => ("PARAM_ERROR", "订单金额或退款单号与之前请求不一致"),
            Refunded::NotPaid(_) => ("ERROR", "订单状态错误，不可退款"),
            Refunded::NothingLeft => ("ERROR", "订单已全额退款"),
            Refunded::TooMuch => ("ERROR", "累计退款金额大于支付金额"),
            Refunded::TooMany => ("ERROR", "退款次数超过限制"),
            Refunded::TooSoon => ("FREQUENCY_LIMITED", words::CROWDED),
            Refunded::WindowOver => ("TRADE_OVERDUE", "订单已经超过可退款的最大期限"),
            Refunded::FundsShort => scheme.refund_short(),
            Refunded::PayerGone => scheme.payer_gone(),
            // These were taken up.
            Refunded::Done | Refunded::Pending | Refunded::Repeated(_) => {
                ("SYSTEMERROR", words::SYSTEM_ERROR)
            }
        };
        self.fail(code, text)
    }

    /// The answer to a refund query: the first refund as it is shown, and the others of its order.
    pub(in super::super) fn refunds(mut self, first: &ShownRefund, rest: &[&Refund]) -> Response {
        let ShownRefund { number, order, refund } = first;
        let fields = &mut self.fields;
        fields.insert("result_code", "0");
        fields.insert("transaction_id", order.transaction_no.as_str());
        fields.insert("out_trade_no", number.as_str());
        fields.insert("refund_count", (1 + rest.len()).to_string());
        for (at, refund) in [refund].into_iter().chain(rest.iter().copied()).enumerate() {
            self.refund(at, refund);
        }
        self.sealed()
    }

    fn refund(&mut self, at: usize, refund: &Refund) {
        let mut field = |name: &str, value: &str| _ = self.fields.insert(format!("{name}_{at}"), value);
        field("out_refund_no", &refund.number);
        field("refund_id", &refund.refund_no);
        field("refund_channel", "ORIGINAL");
        field("refund_fee", &refund.amount.to_string());
        field("coupon_refund_fee", &(refund.amount - refund.own).to_string());
        let (status, at_ms) = match refund.state {
            RefundState::Pending => ("PROCESSING", refund.made_ms),
            RefundState::Done => ("SUCCESS", refund.ends_ms),
            RefundState::Closed => ("FAIL", refund.ends_ms),
            RefundState::Abnormal => ("CHANGE", refund.ends_ms),
        };
        field("refund_time", &calendar::compact(at_ms));
        field("refund_status", status);
    }
}
