//! Refusals: `application/problem+json` (RFC 9457), each with a stable code, the value and what to do.

mod code;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{NoRoute, PayError};
use crate::runner::DoorError;
use crate::store::admission::Refusal;
use crate::store::{PaymentRow, StoreError};

use super::{Shared, view};

pub(super) use code::ProblemCode;

/// One refusal.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: ProblemCode,
    detail: String,
    errors: Vec<(String, Wrong)>,
    payment: Option<Box<PaymentRow>>,
    retryable: bool,
}

/// How a refusal looks: RFC 9457. Nothing was done, unless `payment` says what stands in the way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// A URI that ends with the code.
    #[serde(rename = "type")]
    kind: String,
    /// What is wrong, Chinese and English; the same for every problem of this code.
    title: &'static str,
    /// The HTTP status again.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    code: ProblemCode,
    /// What is wrong here, with the value, and what to do.
    detail: String,
    /// Which fields or parameters are wrong; empty where it is not about a field.
    errors: Vec<FieldError>,
    /// The payment that stands in the way, or null.
    payment: Option<view::Payment>,
    /// Whether the same request may succeed in a few seconds; `Retry-After` says when.
    retryable: bool,
    /// Names this request, for support.
    #[schema(pattern = "^req_[0-9A-HJKMNP-TV-Z]{26}$")]
    request_id: String,
}

/// One wrong field or parameter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// A JSON pointer to the field (RFC 6901), or a slash and the parameter's name; empty for the whole body.
    pointer: String,
    code: Wrong,
}

/// What is wrong with a field or a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FieldErrorCode)]
pub(super) enum Wrong {
    NotJson,
    NotAnObject,
    Required,
    Malformed,
    OutOfRange,
    TooLong,
    NotAnInteger,
    NotAString,
    NotABoolean,
    Unsupported,
    UnknownField,
    UnknownParameter,
    Twice,
}

impl Wrong {
    /// The word, for sentences.
    pub(super) fn word(self) -> &'static str {
        match self {
            Wrong::NotJson => "not_json",
            Wrong::NotAnObject => "not_an_object",
            Wrong::Required => "required",
            Wrong::Malformed => "malformed",
            Wrong::OutOfRange => "out_of_range",
            Wrong::TooLong => "too_long",
            Wrong::NotAnInteger => "not_an_integer",
            Wrong::NotAString => "not_a_string",
            Wrong::NotABoolean => "not_a_boolean",
            Wrong::Unsupported => "unsupported",
            Wrong::UnknownField => "unknown_field",
            Wrong::UnknownParameter => "unknown_parameter",
            Wrong::Twice => "twice",
        }
    }
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: ProblemCode, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), errors: Vec::new(), payment: None, retryable: false }
    }

    pub(super) fn invalid(errors: Vec<(String, Wrong)>, detail: impl Into<String>) -> Problem {
        Problem { errors, ..Problem::new(StatusCode::BAD_REQUEST, ProblemCode::InvalidRequest, detail) }
    }

    pub(super) fn not_found(what: &str) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            ProblemCode::NotFound,
            format!("{what} 不存在 / there is no such {what}"),
        )
    }

    pub(super) fn conflict(
        code: ProblemCode,
        detail: impl Into<String>,
        payment: Option<Box<PaymentRow>>,
    ) -> Problem {
        Problem { payment, ..Problem::new(StatusCode::CONFLICT, code, detail) }
    }

    pub(super) fn unavailable(code: ProblemCode, detail: impl Into<String>) -> Problem {
        Problem { retryable: true, ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }
}

impl IntoResponse for Problem {
    /// The status alone: [`write`] puts the body in.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the refusals that the routes answer: a payment that stands in the way is shown with its account's contract.
pub(super) async fn write(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = next.run(request).await.into_parts();
    let Some(problem) = parts.extensions.remove::<Problem>() else {
        return Response::from_parts(parts, body);
    };
    let (written, body) = problem.written(&shared).into_parts();
    // What the route and its layers say beside it stays: a page's policy, the methods that are allowed.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(written.headers);
    Response::from_parts(parts, body)
}

impl Problem {
    fn written(self, shared: &Shared) -> Response {
        let (word, title) = self.code.words();
        let body = ProblemBody {
            kind: format!("https://paycode.example/problems/{word}"),
            title,
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
            errors: self.errors.into_iter().map(|(pointer, code)| FieldError { pointer, code }).collect(),
            payment: self.payment.as_ref().map(|row| view::payment(row, &[], &shared.contract(row))),
            retryable: self.retryable,
            request_id: super::body::request_id(),
        };
        let mut response = (self.status, axum::Json(body)).into_response();
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
        let detail = match error {
            StoreError::InDoubt(_) => {
                "是否已保存尚不确定, 请用相同参数重试, 勿换订单号 / whether it was stored is not known; send the same request \
                 again, under the same order number"
            }
            StoreError::Failed(_) | StoreError::Conflict { .. } => {
                "未保存任何内容, 请稍后用相同参数重试 / nothing was stored; send the same request again"
            }
        };
        Problem::unavailable(ProblemCode::StoreUnavailable, detail)
    }
}

impl From<PayError> for Problem {
    fn from(error: PayError) -> Problem {
        match error {
            PayError::Refused(refusal, holder) => refused(refusal, holder),
            PayError::NoRoute(no_route @ NoRoute::NotConfigured(_)) => Problem {
                retryable: false,
                ..Problem::unavailable(ProblemCode::ChannelNotConfigured, no_route.to_string())
            },
            PayError::NoRoute(closed @ NoRoute::Closed { .. }) => {
                Problem::unavailable(ProblemCode::ChannelUnavailable, closed.to_string())
            }
            PayError::Store(error) => error.into(),
            stopping @ PayError::Stopping => {
                Problem::unavailable(ProblemCode::StoreUnavailable, stopping.to_string())
            }
        }
    }
}

fn refused(refusal: Refusal, holder: Option<Box<PaymentRow>>) -> Problem {
    match refusal {
        Refusal::OrderCanceled => Problem::conflict(
            ProblemCode::OrderCanceled,
            "该订单号已被取消, 请使用新的订单号 / this order number was cancelled before it was paid; use a new one",
            None,
        ),
        Refusal::OrderAmountDiffers(_) => Problem::conflict(
            ProblemCode::OrderAmountDiffers,
            "同一订单号的金额不能改变 / the amount of an order number never changes; use a new order number",
            holder,
        ),
        Refusal::OrderUndecided(_) => Problem::conflict(
            ProblemCode::OrderUndecided,
            "上一笔仍在处理, 见 payment.next_action; 定论前不能换码 / the former attempt is undecided: see payment.next_action; \
             a new code is taken once it has failed or is reversed",
            holder,
        ),
        Refusal::OrderPaid(_) => Problem::conflict(
            ProblemCode::OrderPaid,
            "该订单已收款 / this order is paid; do not charge it again",
            holder,
        ),
        Refusal::CodeUsed(_) => Problem::conflict(
            ProblemCode::CodeUsed,
            "该付款码已用于另一订单, 请顾客刷新 / this code was spent by another order; ask for a fresh one",
            // The other sale is another till's business: its payment is not shown.
            None,
        ),
        Refusal::TerminalHasOpenPayment(_) => Problem::conflict(
            ProblemCode::TerminalHasOpenPayment,
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
            stopping @ DoorError::Stopping => {
                Problem::unavailable(ProblemCode::StoreUnavailable, stopping.to_string())
            }
            DoorError::Refused(refused, row) => {
                use payment::payment::Refused;
                let code = match refused {
                    Refused::Paid => ProblemCode::PaymentPaid,
                    Refused::WindowOver => ProblemCode::ReversalWindowOver,
                    Refused::ChannelRefused => ProblemCode::ReversalRefused,
                    Refused::Refunded => ProblemCode::PaymentRefunded,
                    Refused::NotSuspended => ProblemCode::NotSuspended,
                    Refused::ReverseOut => ProblemCode::ReverseOut,
                    Refused::Decided => ProblemCode::OutcomeUnfit,
                };
                Problem::conflict(code, refused.to_string(), Some(row))
            }
            DoorError::RefundRefused(refused, row) => {
                use payment::payment::RefundRefused;
                let code = match refused {
                    RefundRefused::NotPaid => ProblemCode::PaymentNotPaid,
                    RefundRefused::UnderReversal => ProblemCode::PaymentUnderReversal,
                    RefundRefused::TooMuch { .. } => ProblemCode::RefundAmountExceeded,
                    RefundRefused::TooManyParts { .. } => ProblemCode::TooManyRefunds,
                    RefundRefused::WindowOver { .. } => ProblemCode::RefundWindowOver,
                };
                Problem::conflict(code, refused.to_string(), Some(row))
            }
            DoorError::RefundNoTaken(row) => {
                let intent = &row.refund.intent;
                let detail = format!(
                    "{} 已用于 {} 的 {} 分退款, 请换号 / it refunds {} fen of {}; use a new number",
                    intent.refund_no.as_str(),
                    intent.payment.id,
                    intent.amount.fen(),
                    intent.amount.fen(),
                    intent.payment.id,
                );
                Problem::conflict(ProblemCode::RefundNoTaken, detail, None)
            }
            DoorError::RefundUnsettled(unsettled) => {
                use payment::refund::RefundUnsettled;
                let code = match unsettled {
                    RefundUnsettled::NoCase => ProblemCode::NotSuspended,
                    RefundUnsettled::RequestOut => ProblemCode::ReverseOut,
                };
                Problem::conflict(code, unsettled.to_string(), None)
            }
            gone @ DoorError::NoAccount(_) => {
                Problem::unavailable(ProblemCode::ChannelNotConfigured, gone.to_string())
            }
        }
    }
}
