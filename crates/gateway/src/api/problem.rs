//! Refusals: `application/problem+json` (RFC 9457), each with a stable code, the value and what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::{NoRoute, PayError};
use crate::runner::DoorError;
use crate::store::admission::Refusal;
use crate::store::{PaymentRow, StoreError};

use super::view;

/// One refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<(String, &'static str)>,
    payment: Option<Box<PaymentRow>>,
    retryable: bool,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), errors: Vec::new(), payment: None, retryable: false }
    }

    pub(super) fn invalid(errors: Vec<(String, &'static str)>, detail: impl Into<String>) -> Problem {
        Problem { errors, ..Problem::new(StatusCode::BAD_REQUEST, "invalid_request", detail) }
    }

    pub(super) fn not_found(what: &str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", format!("{what} 不存在 / there is no such {what}"))
    }

    pub(super) fn conflict(
        code: &'static str,
        detail: impl Into<String>,
        payment: Option<Box<PaymentRow>>,
    ) -> Problem {
        Problem { payment, ..Problem::new(StatusCode::CONFLICT, code, detail) }
    }

    pub(super) fn unavailable(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { retryable: true, ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }

    fn title(&self) -> &'static str {
        match self.code {
            "invalid_request" => "请求有误 / the request is not valid",
            "unauthenticated" => "缺少或错误的密钥 / no key, or a wrong one",
            "forbidden" => "权限不足 / the key may not do this",
            "not_found" => "不存在 / not found",
            "order_undecided" => "上一笔尚未定论 / the former attempt is not decided",
            "order_paid" => "该订单已支付 / the order is paid",
            "order_amount_differs" => "金额与该订单不符 / the order has another amount",
            "order_canceled" => "该订单已取消 / the order was cancelled",
            "code_used" => "付款码已使用 / the code is spent",
            "payment_paid" => "该支付单已成功 / the payment is paid",
            "terminal_has_open_payment" => {
                "本终端有未定论的同额收款 / this terminal has an undecided payment of this amount"
            }
            "body_too_large" => "请求过大 / the body is too large",
            "code_format_unknown" => "无法识别的付款码 / not a payment code",
            "channel_not_configured" => "未配置该渠道 / no account for this wallet",
            "channel_unavailable" => "渠道暂不可用 / the channel takes no payments now",
            "store_unavailable" => "存储不可用 / the store does not work",
            _ => "无法处理 / refused",
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let errors: Vec<Value> =
            self.errors.iter().map(|(pointer, code)| json!({ "pointer": pointer, "code": code })).collect();
        let request_id = super::body::request_id();
        let body = json!({
            "type": format!("https://paycode.example/problems/{}", self.code),
            "title": self.title(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
            "errors": errors,
            "payment": self.payment.as_ref().map(|row| view::payment(row, &[])),
            "retryable": self.retryable,
            "request_id": request_id,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.retryable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        tracing::error!(%error, "a request met a store that does not work");
        Problem::unavailable(
            "store_unavailable",
            "未保存任何内容, 请稍后用相同参数重试 / nothing was stored; send the same request again",
        )
    }
}

impl From<PayError> for Problem {
    fn from(error: PayError) -> Problem {
        match error {
            PayError::Refused(refusal, holder) => refused(refusal, holder),
            PayError::NoRoute(no_route @ NoRoute::NotConfigured(_)) => Problem {
                retryable: false,
                ..Problem::unavailable("channel_not_configured", no_route.to_string())
            },
            PayError::NoRoute(closed @ NoRoute::Closed { .. }) => {
                Problem::unavailable("channel_unavailable", closed.to_string())
            }
            PayError::Store(error) => error.into(),
            stopping @ PayError::Stopping => Problem::unavailable("store_unavailable", stopping.to_string()),
        }
    }
}

fn refused(refusal: Refusal, holder: Option<Box<PaymentRow>>) -> Problem {
    match refusal {
        Refusal::OrderCanceled => Problem::conflict(
            "order_canceled",
            "该订单号已被取消, 请使用新的订单号 / this order number was cancelled before it was paid; use a new one",
            None,
        ),
        Refusal::OrderAmountDiffers(_) => Problem::conflict(
            "order_amount_differs",
            "同一订单号的金额不能改变 / the amount of an order number never changes; use a new order number",
            holder,
        ),
        Refusal::OrderUndecided(_) => Problem::conflict(
            "order_undecided",
            "上一笔仍在处理, 见 payment.next_action; 定论前不能换码 / the former attempt is undecided: see payment.next_action; \
             a new code is taken once it has failed or is reversed",
            holder,
        ),
        Refusal::OrderPaid(_) => Problem::conflict(
            "order_paid",
            "该订单已收款 / this order is paid; do not charge it again",
            holder,
        ),
        Refusal::CodeUsed(_) => Problem::conflict(
            "code_used",
            "该付款码已用于另一订单, 请顾客刷新 / this code was spent by another order; ask for a fresh one",
            // The other sale is another till's business: its payment is not shown.
            None,
        ),
        Refusal::TerminalHasOpenPayment(_) => Problem::conflict(
            "terminal_has_open_payment",
            "本终端有一笔同额收款未定论; 确为第二笔时加 second: true / this terminal has an undecided payment of the same amount; \
             send second: true if it is a second sale",
            holder,
        ),
    }
}

impl From<DoorError> for Problem {
    fn from(error: DoorError) -> Problem {
        match error {
            DoorError::NotFound => Problem::not_found("payment"),
            DoorError::Store(error) => error.into(),
            stopping @ DoorError::Stopping => Problem::unavailable("store_unavailable", stopping.to_string()),
            DoorError::Refused(refused, row) => {
                use payment::payment::Refused;
                let code = match refused {
                    Refused::Paid => "payment_paid",
                    Refused::WindowOver => "reversal_window_over",
                    Refused::ChannelRefused => "reversal_refused",
                    Refused::NotSuspended => "not_suspended",
                    Refused::ReverseOut => "reverse_out",
                };
                Problem::conflict(code, refused.to_string(), Some(row))
            }
        }
    }
}
