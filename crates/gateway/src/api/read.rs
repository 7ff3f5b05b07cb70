//! `GET /v1/payments…`: one payment, by its id or its order number, its timeline, and lists.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use payment::ids::{MerchantCode, OrderNo, PaymentId};
use payment::patience::Channel;
use payment::payment::Status;
use payment::time::Time;
use serde_json::Value;

use crate::store::{PaymentFilter, PaymentRow, StoreError};

use super::auth::{self, Scope};
use super::problem::Problem;
use super::{Shared, view};

pub(super) type Parameters = Query<BTreeMap<String, String>>;

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
const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;

pub(super) async fn payment(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let wait = Wait::parse(&parameters)?;
    let row = find(&shared, &merchant, &id).await?;
    let row = wait.changed(&shared, row).await;
    Ok(Json(payment_view(&shared, &merchant, &row).await?))
}

pub(super) async fn by_order(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(order_no): Piece,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let wait = Wait::parse(&parameters)?;
    let order_no = parse_order_no(&order_no)?;
    let attempts = shared.app.store().attempts(merchant.clone(), order_no).await?;
    let latest = attempts.last().ok_or_else(|| Problem::not_found("payment"))?;
    let id = latest.payment.intent.id;
    let row = shared.app.payment(&merchant, id).await?.ok_or_else(|| Problem::not_found("payment"))?;
    let row = wait.changed(&shared, row).await;
    Ok(Json(view::payment(&row, &attempts)))
}

pub(super) async fn events(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Piece(id): Piece,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let row = find(&shared, &merchant, &id).await?;
    let events = shared.app.store().events(row.payment.intent.id).await?;
    Ok(Json(view::list(events.iter().map(view::event).collect(), false, None)))
}

pub(super) async fn list(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Problem> {
    let merchant = auth::merchant(&shared, &headers, Scope::Pay).await?;
    let filter = filter(merchant, &parameters)?;
    let (rows, more) = shared.app.store().payments(filter).await?;
    let cursor = rows.last().map(|row| row.payment.intent.id.to_string());
    let data = rows.iter().map(|row| view::payment(row, &[])).collect();
    Ok(Json(view::list(data, more, cursor)))
}

/// A payment with the attempts of its sale.
pub(super) async fn payment_view(
    shared: &Shared,
    merchant: &MerchantCode,
    row: &PaymentRow,
) -> Result<Value, Problem> {
    let attempts = attempts_of(shared, merchant, row).await?;
    Ok(view::payment(row, &attempts))
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
    OrderNo::parse(text)
        .map_err(|error| Problem::invalid(vec![("/order_no".to_owned(), "malformed")], error.to_string()))
}

/// How long a read waits for a change, and what was seen last.
struct Wait {
    ms: i64,
    after: Option<i64>,
}

impl Wait {
    fn parse(parameters: &BTreeMap<String, String>) -> Result<Wait, Problem> {
        refuse_unknown(parameters, &["wait", "after"])?;
        let ms = match parameters.get("wait").map(|text| text.parse::<i64>()) {
            None => 0,
            Some(Ok(seconds)) if (0..=WAIT_SECONDS_MAX).contains(&seconds) => seconds * 1000,
            Some(Ok(_) | Err(_)) => return Err(bad_parameter("wait", "0 to 65 whole seconds")),
        };
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

pub(super) fn bad_parameter(name: &str, rule: &str) -> Problem {
    Problem::invalid(vec![(format!("/{name}"), "malformed")], format!("{name}: {rule}"))
}

pub(super) fn refuse_unknown(parameters: &BTreeMap<String, String>, known: &[&str]) -> Result<(), Problem> {
    match parameters.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Problem::invalid(
            vec![(format!("/{name}"), "unknown_parameter")],
            format!("{name} is not a parameter here; these are: {}", known.join(", ")),
        )),
    }
}

pub(super) fn limit(parameters: &BTreeMap<String, String>) -> Result<usize, Problem> {
    let Some(text) = parameters.get("limit") else { return Ok(LIMIT_DEFAULT) };
    match text.parse::<usize>() {
        Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        Ok(_) | Err(_) => Err(bad_parameter("limit", "1 to 200")),
    }
}

const FILTERS: [&str; 10] = [
    "limit",
    "starting_after",
    "status",
    "channel",
    "order_no",
    "outlet",
    "terminal",
    "created[gte]",
    "created[lt]",
    "created",
];

fn filter(merchant: MerchantCode, parameters: &BTreeMap<String, String>) -> Result<PaymentFilter, Problem> {
    refuse_unknown(parameters, &FILTERS[..9])?;
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

fn moment(parameters: &BTreeMap<String, String>, name: &str) -> Result<Option<Time>, Problem> {
    let Some(text) = parameters.get(name) else { return Ok(None) };
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed
        .map(|timestamp| Some(Time(timestamp.as_millisecond())))
        .map_err(|_| bad_parameter(name, "an RFC 3339 time, for example 2026-11-21T00:00:00Z"))
}
