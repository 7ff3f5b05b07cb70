//! `GET /v1/payments…`: one payment, by its id or its order number, its timeline, and lists.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use payment::ids::{MerchantCode, OrderNo, PaymentId};
use payment::patience::Channel;
use payment::payment::Status;
use utoipa::IntoParams;

use crate::store::{PaymentFilter, PaymentRow, StoreError};

use super::auth::{self, Scope};
use super::parameters::{Known, Parameters, bad_parameter, limit, moment};
use super::problem::{Problem, Wrong};
use super::view::{self, List};
use super::{Shared, openapi};

/// The piece of the path that names something; what is no UTF-8 names nothing.
pub(super) struct Piece(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Piece {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Piece, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(text)) => Ok(Piece(text)),
            Err(_) => Err(Problem::not_found("name")),
        }
    }
}

const WAIT_SECONDS_MAX: i64 = 65;

/// How long a read waits.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct Waiting {
    /// How many whole seconds to wait for a change before the payment is answered as it is; final ones are answered at once.
    #[param(minimum = 0, maximum = 65, default = 0)]
    wait: Option<i64>,
    /// The `version` that was seen last: what has changed since is answered at once, so that nothing between two calls is missed.
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// One payment.
///
/// Reading is always safe. With `wait` the answer comes as soon as the payment has changed.
#[utoipa::path(
    get, path = "/v1/payments/{id}", operation_id = "payment", tag = "payments",
    params(openapi::PaymentInPath, Waiting),
    responses((status = 200, description = "The payment as it is now.", body = view::Payment)),
)]
pub(super) async fn payment(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
) -> Result<Json<view::Payment>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let wait = Wait::parse(&parameters.known(&["wait", "after"])?)?;
    let row = find(&shared, &merchant, &id).await?;
    let row = wait.changed(&shared, row).await;
    Ok(Json(payment_view(&shared, &merchant, &row).await?))
}

/// The latest attempt of a sale.
#[utoipa::path(
    get, path = "/v1/payments/by-order/{order_no}", operation_id = "payment_by_order", tag = "payments",
    params(openapi::OrderInPath, Waiting),
    responses((status = 200, description = "The sale's latest payment as it is now.", body = view::Payment)),
)]
pub(super) async fn by_order(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(order_no): Piece,
    parameters: Parameters,
) -> Result<Json<view::Payment>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let wait = Wait::parse(&parameters.known(&["wait", "after"])?)?;
    let order_no = parse_order_no(&order_no)?;
    let attempts = shared.app.store().attempts(merchant.clone(), order_no).await?;
    let latest = attempts.last().ok_or_else(|| Problem::not_found("payment"))?;
    let id = latest.payment.intent.id;
    let row = shared.app.payment(&merchant, id).await?.ok_or_else(|| Problem::not_found("payment"))?;
    let row = wait.changed(&shared, row).await;
    Ok(Json(view::payment(&row, &attempts, &shared.contract(&row))))
}

/// The timeline of a payment.
///
/// States, calls, answers and what was asked for, oldest first; fruitless polls are one line. Never more than one page.
#[utoipa::path(
    get, path = "/v1/payments/{id}/events", operation_id = "payment_events", tag = "payments",
    params(openapi::PaymentInPath),
    responses((status = 200, description = "The timeline.", body = List<view::Event>)),
)]
pub(super) async fn events(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    parameters: Parameters,
) -> Result<Json<List<view::Event>>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    parameters.known(&[])?;
    let row = find(&shared, &merchant, &id).await?;
    let events = shared.app.store().events(row.payment.intent.id).await?;
    Ok(Json(view::list(events.iter().map(view::event).collect(), false, None)))
}

/// Which payments a page shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by name; this is how they are documented")]
pub(super) struct PaymentFilters {
    /// How many rows a page has at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before: a payment's id.
    #[param(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    starting_after: Option<String>,
    /// Only payments of this status.
    #[param(value_type = Option<view::StatusWord>)]
    status: Option<String>,
    /// Only payments of this channel.
    #[param(value_type = Option<view::ChannelWord>)]
    channel: Option<String>,
    /// Only the attempts of this sale.
    #[param(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    order_no: Option<String>,
    /// Only payments of this outlet (门店).
    outlet: Option<String>,
    /// Only payments of this terminal (终端).
    terminal: Option<String>,
    /// Only payments that were opened at this moment or later, RFC 3339.
    #[param(rename = "created[gte]", format = DateTime)]
    created_from: Option<String>,
    /// Only payments that were opened before this moment, RFC 3339.
    #[param(rename = "created[lt]", format = DateTime)]
    created_before: Option<String>,
}

/// Payments, newest first.
#[utoipa::path(
    get, path = "/v1/payments", operation_id = "payments", tag = "payments",
    params(PaymentFilters),
    responses((status = 200, description = "One page.", body = List<view::Payment>)),
)]
pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<List<view::Payment>>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let filter = filter(merchant, parameters)?;
    let (rows, more) = shared.app.store().payments(filter).await?;
    let cursor = rows.last().map(|row| row.payment.intent.id.to_string());
    let data = rows.iter().map(|row| view::payment(row, &[], &shared.contract(row))).collect();
    Ok(Json(view::list(data, more, cursor)))
}

/// A payment with the attempts of its sale.
pub(super) async fn payment_view(
    shared: &Shared,
    merchant: &MerchantCode,
    row: &PaymentRow,
) -> Result<view::Payment, Problem> {
    let attempts = attempts_of(shared, merchant, row).await?;
    Ok(view::payment(row, &attempts, &shared.contract(row)))
}

/// The attempts of a payment's sale; none are read where it can only be the one.
pub(super) async fn attempts_of(
    shared: &Shared,
    merchant: &MerchantCode,
    row: &PaymentRow,
) -> Result<Vec<PaymentRow>, StoreError> {
    let has_successors = matches!(row.payment.status(), Status::Failed | Status::Reversed);
    if row.payment.intent.attempt == 1 && !has_successors {
        return Ok(Vec::new());
    }
    shared.app.store().attempts(merchant.clone(), row.payment.intent.order_no.clone()).await
}

pub(super) async fn find(shared: &Shared, merchant: &MerchantCode, id: &str) -> Result<PaymentRow, Problem> {
    let id = PaymentId::parse(id).map_err(|_| Problem::not_found("payment"))?;
    shared.app.payment(merchant, id).await?.ok_or_else(|| Problem::not_found("payment"))
}

pub(super) fn parse_order_no(text: &str) -> Result<OrderNo, Problem> {
    OrderNo::parse(text).map_err(|error| {
        Problem::invalid(vec![("/order_no".to_owned(), Wrong::Malformed)], error.to_string())
    })
}

/// How long a read waits, ms.
pub(super) fn wait_ms(parameters: &Known) -> Result<i64, Problem> {
    match parameters.get("wait").map(|text| text.parse::<i64>()) {
        None => Ok(0),
        Some(Ok(seconds)) if (0..=WAIT_SECONDS_MAX).contains(&seconds) => Ok(seconds * 1000),
        Some(Ok(_) | Err(_)) => Err(bad_parameter("wait", "0 to 65 whole seconds")),
    }
}

/// How long a read waits for a change, and what was seen last.
struct Wait {
    ms: i64,
    after: Option<i64>,
}

impl Wait {
    fn parse(parameters: &Known) -> Result<Wait, Problem> {
        let ms = wait_ms(parameters)?;
        let after = match parameters.get("after").map(|text| text.parse::<i64>()) {
            None => None,
            Some(Ok(version)) if version >= 0 => Some(version),
            Some(Ok(_) | Err(_)) => {
                return Err(bad_parameter("after", "the version of the payment that was seen last"));
            }
        };
        Ok(Wait { ms, after })
    }

    async fn changed(&self, shared: &Shared, row: PaymentRow) -> PaymentRow {
        shared.app.changed(row, self.after, shared.app.now().plus_ms(self.ms)).await
    }
}

const FILTERS: [&str; 9] = [
    "limit",
    "starting_after",
    "status",
    "channel",
    "order_no",
    "outlet",
    "terminal",
    "created[gte]",
    "created[lt]",
];

fn filter(merchant: MerchantCode, parameters: Parameters) -> Result<PaymentFilter, Problem> {
    let parameters = &parameters.known(&FILTERS)?;
    let parsed = |name: &str, rule: &str, ok: bool| if ok { Ok(()) } else { Err(bad_parameter(name, rule)) };
    let starting_after = parameters.get("starting_after").map(|text| PaymentId::parse(text));
    parsed("starting_after", "a payment id", !matches!(starting_after, Some(Err(_))))?;
    let status = parameters.get("status").map(|word| status_of(word));
    parsed("status", "processing, paid, failed, reversed or suspended", !matches!(status, Some(None)))?;
    let channel = parameters.get("channel").map(|word| Channel::from_word(word));
    parsed("channel", "a channel's word, for example wechat_v2", !matches!(channel, Some(None)))?;
    let order_no = parameters.get("order_no").map(|text| parse_order_no(text)).transpose()?;
    Ok(PaymentFilter {
        merchant,
        limit: limit(parameters)?,
        starting_after: starting_after.and_then(Result::ok),
        status: status.flatten(),
        channel: channel.flatten(),
        order_no,
        outlet: parameters.get("outlet").cloned(),
        terminal: parameters.get("terminal").cloned(),
        created_from: moment(parameters, "created[gte]")?,
        created_before: moment(parameters, "created[lt]")?,
    })
}

fn status_of(word: &str) -> Option<Status> {
    [Status::Processing, Status::Paid, Status::Failed, Status::Reversed, Status::Suspended]
        .into_iter()
        .find(|status| status.word() == word)
}
