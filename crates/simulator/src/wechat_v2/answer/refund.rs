//! What WeChat says of refunds (wechat.md §2.5, §2.6, §5.4, §13).

use wire::http::Response;

use super::{NOT_EXIST, Speaker};
use crate::book::Order;
use crate::calendar;
use crate::refund::{Refund, RefundState, Refunded};
use crate::visit::ShownRefund;

impl Speaker {
    /// A refund was taken up, now or before: nothing is said of how it ends (wechat.md §2.5).
    pub(in super::super) fn accepted(mut self, shown: &ShownRefund) -> Response {
        let ShownRefund { number, order, refund } = shown;
        let coupon = refund.amount - refund.own;
        let fields = &mut self.fields;
        fields.insert("result_code", "SUCCESS");
        fields.insert("transaction_id", order.transaction_no.as_str());
        fields.insert("out_trade_no", number.as_str());
        fields.insert("out_refund_no", refund.number.as_str());
        fields.insert("refund_id", refund.refund_no.as_str());
        fields.insert("refund_channel", "");
        fields.insert("refund_fee", refund.amount.to_string());
        fields.insert("total_fee", order.amount.to_string());
        fields.insert("cash_fee", order.payable().to_string());
        fields.insert("coupon_refund_fee", coupon.to_string());
        fields.insert("coupon_refund_count", if coupon > 0 { "1" } else { "0" });
        if coupon > 0 {
            fields.insert("coupon_type_0", "CASH");
            fields.insert("coupon_refund_id_0", "10000");
            fields.insert("coupon_refund_fee_0", coupon.to_string());
        }
        fields.insert("cash_refund_fee", refund.own.to_string());
        self.sealed()
    }

    /// A refund was not taken up (wechat.md §5.4, §13).
    pub(in super::super) fn not_accepted(self, refunded: Refunded) -> Response {
        let (code, text) = match refunded {
            Refunded::Unseen => ("ORDERNOTEXIST", NOT_EXIST),
            Refunded::OtherFacts => ("PARAM_ERROR", "订单金额或退款金额与之前请求不一致，请核实后再试"),
            Refunded::NotPaid(_) => ("ERROR", "订单状态错误，不可退款"),
            Refunded::NothingLeft => ("ERROR", "订单已全额退款"),
            Refunded::TooMuch => ("ERROR", "累计退款金额大于支付金额"),
            Refunded::TooMany => ("ERROR", "退款次数超过限制"),
            Refunded::TooSoon => ("FREQUENCY_LIMITED", "该笔订单退款过于频繁，请1分钟后再试"),
            Refunded::WindowOver => ("TRADE_OVERDUE", "订单已经超过可退款的最大期限"),
            Refunded::FundsShort => ("NOTENOUGH", "基本账户余额不足，请充值后重新发起"),
            Refunded::PayerGone => ("USER_ACCOUNT_ABNORMAL", "用户账户已注销，退款失败"),
            // These were taken up.
            Refunded::Done | Refunded::Pending | Refunded::Repeated(_) => {
                ("SYSTEMERROR", super::SYSTEM_ERROR)
            }
        };
        self.fail(code, text)
    }

    /// The answer to a refund query: the first refund as it is shown, and the others of its order.
    pub(in super::super) fn refunds(mut self, first: &ShownRefund, rest: &[Refund]) -> Response {
        let ShownRefund { number, order, refund } = first;
        let fields = &mut self.fields;
        fields.insert("result_code", "SUCCESS");
        fields.insert("transaction_id", order.transaction_no.as_str());
        fields.insert("out_trade_no", number.as_str());
        fields.insert("total_fee", order.amount.to_string());
        fields.insert("cash_fee", order.payable().to_string());
        fields.insert("refund_count", (1 + rest.len()).to_string());
        fields.insert("total_refund_count", order.refunds.len().to_string());
        for (at, refund) in [refund].into_iter().chain(rest).enumerate() {
            self.refund(at, order, refund);
        }
        self.sealed()
    }

    fn refund(&mut self, at: usize, order: &Order, refund: &Refund) {
        let coupon = refund.amount - refund.own;
        let mut field = |name: &str, value: &str| _ = self.fields.insert(format!("{name}_{at}"), value);
        field("out_refund_no", &refund.number);
        field("refund_id", &refund.refund_no);
        field("refund_channel", "ORIGINAL");
        field("refund_fee", &refund.amount.to_string());
        if order.discount > 0 {
            field("coupon_refund_fee", &coupon.to_string());
        }
        let status = match refund.state {
            RefundState::Pending => "PROCESSING",
            RefundState::Done => "SUCCESS",
            RefundState::Closed => "REFUNDCLOSE",
            RefundState::Abnormal => "CHANGE",
        };
        field("refund_status", status);
        field("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS");
        // The misspelling is the channel's own (wechat.md §2.6).
        field("refund_recv_accout", "支付用户零钱");
        if refund.state == RefundState::Done {
            field("refund_success_time", &calendar::spaced(refund.ends_ms));
        }
    }
}
