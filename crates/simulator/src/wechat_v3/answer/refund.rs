//! What WeChat says of refunds in V3 (wechat.md §4.4, §5.5, §13).

use serde_json::{Value, json};
use wire::http::Response;
use wire::wechat_v3::rfc3339;

use super::super::status;
use super::{CROWDED, NOT_EXIST, SYSTEM_ERROR, Speaker};
use crate::refund::{RefundState, Refunded};
use crate::visit::ShownRefund;

impl Speaker {
    /// How a refund stands, also in answer to its request.
    pub(in super::super) fn refund(self, shown: &ShownRefund) -> Response {
        let ShownRefund { number, order, refund } = shown;
        let (total, paid) = (order.amount, order.payable());
        let status = match refund.state {
            RefundState::Pending => "PROCESSING",
            RefundState::Done => "SUCCESS",
            RefundState::Closed => "CLOSED",
            RefundState::Abnormal => "ABNORMAL",
        };
        let mut body = json!({
            "refund_id": refund.refund_no,
            "out_refund_no": refund.number,
            "transaction_id": order.transaction_no,
            "out_trade_no": number,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": rfc3339(refund.made_ms),
            "status": status,
            "funds_account": "UNSETTLED",
            "amount": {
                "total": total,
                "refund": refund.amount,
                "from": [],
                "payer_total": paid,
                "payer_refund": refund.own,
                "settlement_refund": refund.amount,
                "settlement_total": total,
                "discount_refund": refund.amount - refund.own,
                "currency": "CNY",
            },
            "promotion_detail": [],
        });
        if refund.state == RefundState::Done {
            body["success_time"] = Value::from(rfc3339(refund.ends_ms));
        }
        self.say(status::OK, &body.to_string(), "0")
    }

    /// A refund was not taken up.
    pub(in super::super) fn not_accepted(self, refunded: Refunded) -> Response {
        let (status, code, text) = match refunded {
            Refunded::Unseen => (status::NOT_FOUND, "RESOURCE_NOT_EXISTS", NOT_EXIST),
            Refunded::OtherFacts => {
                (status::BAD_REQUEST, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
            }
            Refunded::NotPaid(_) => (status::BAD_REQUEST, "INVALID_REQUEST", "订单状态错误，不可退款"),
            Refunded::NothingLeft => (status::BAD_REQUEST, "INVALID_REQUEST", "订单已全额退款"),
            Refunded::TooMuch => (status::BAD_REQUEST, "INVALID_REQUEST", "累计退款金额大于支付金额"),
            Refunded::TooMany => (status::BAD_REQUEST, "INVALID_REQUEST", "退款次数超过限制"),
            Refunded::TooSoon => (status::TOO_MANY, "FREQUENCY_LIMITED", CROWDED),
            Refunded::WindowOver => (status::BAD_REQUEST, "INVALID_REQUEST", "订单已经超过可退款的最大期限"),
            Refunded::FundsShort => (status::FORBIDDEN, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起"),
            Refunded::PayerGone => (status::FORBIDDEN, "USER_ACCOUNT_ABNORMAL", "用户账户已注销，退款失败"),
            // These were taken up.
            Refunded::Done | Refunded::Pending | Refunded::Repeated(_) => {
                (status::SERVER_ERROR, "SYSTEM_ERROR", SYSTEM_ERROR)
            }
        };
        self.refuse(status, code, text)
    }
}
