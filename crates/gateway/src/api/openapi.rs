//! The contract as a document (OpenAPI 3.1), made from the types of requests and answers and from the handlers themselves.
//!
//! What every operation has alike is added here once: who may call it, its refusals, and that objects are closed.

#[cfg(test)]
mod agreement;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use payment::auth_code::DIGIT_CODES;
use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::response::{Response as Described, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, ContentBuilder, Object, OpenApi as Document, Ref, RefOr, Schema};
use utoipa::{IntoParams, OpenApi};

use super::problem::{ProblemBody, ProblemCode};
use super::{cancel, cases, channels, metrics, pay, read, refunds, reversals, stream, system};

/// A payment's id.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the pieces of the path are read by place; this is how they are documented")]
pub(super) struct PaymentInPath {
    /// The payment: `pay_` and 26 characters, as `POST /v1/payments` answered it.
    #[param(pattern = "^pay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
}

/// An order number.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the pieces of the path are read by place; this is how they are documented")]
pub(super) struct OrderInPath {
    /// The sale, as the merchant numbered it.
    #[param(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    order_no: String,
}

/// A reversal's id.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the pieces of the path are read by place; this is how they are documented")]
pub(super) struct ReversalInPath {
    /// The reversal: `rev_` and 26 characters.
    #[param(pattern = "^rev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
}

/// A refund's id.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the pieces of the path are read by place; this is how they are documented")]
pub(super) struct RefundInPath {
    /// The refund: `ref_` and 26 characters.
    #[param(pattern = "^ref_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
}

/// A case's id.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the pieces of the path are read by place; this is how they are documented")]
pub(super) struct CaseInPath {
    /// The case: `case_` and 26 characters.
    #[param(pattern = "^case_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "paycode",
        description = "Payment-code payments (付款码支付) over a self-hosted gateway. JSON over HTTP/1.1, UTF-8, bodies up to \
                       64 KiB. Amounts are integer fen (分), times RFC 3339 in UTC. An unknown field or parameter is \
                       refused. Every refusal is `application/problem+json` with a stable `code`.",
    ),
    servers((url = "/")),
    paths(
        pay::pay, read::list, read::payment, read::by_order, read::events, cancel::by_id, cancel::by_order,
        refunds::open, refunds::list, refunds::one, reversals::list, reversals::one, cases::list, cases::one, cases::settle,
        channels::list,
        channels::inspect,
        stream::stream,
        system::healthz, system::readyz, metrics::metrics, openapi,
    ),
    components(schemas(ProblemBody)),
    tags(
        (name = "payments", description = "Collect, read and cancel. 收款、查询、取消与撤销"),
        (name = "events", description = "What changes, as it changes. 实时推送"),
        (name = "refunds", description = "Give a part, or all, back. 退款"),
        (name = "reversals", description = "Reversals as records of their own. 撤销记录"),
        (name = "cases", description = "What waits for a person. 人工处理单"),
        (name = "channels", description = "Accounts, and where codes go. 渠道与付款码识别"),
        (name = "system", description = "The process itself. 系统"),
    ),
)]
struct Contract;

/// The document, pretty-printed, with a line break at its end.
#[must_use]
pub fn printed() -> &'static str {
    static PRINTED: LazyLock<String> = LazyLock::new(|| {
        let mut document = serde_json::to_value(document()).expect("the document is plain data");
        let schemas = &mut document["components"]["schemas"];
        reasoned(&mut schemas["CancelRequest"], "if_paid", &json!("reverse"));
        reasoned(&mut schemas["SettleRequest"], "override", &json!(true));
        format!("{document:#}\n")
    });
    &PRINTED
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "system", security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json")),
)]
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], printed()).into_response()
}

/// The refusals of each operation beside those that all operations with a key share.
const REFUSALS: &[(&str, &[ProblemCode])] = &[
    (
        "pay",
        &[
            ProblemCode::OrderUndecided,
            ProblemCode::OrderPaid,
            ProblemCode::OrderAmountDiffers,
            ProblemCode::OrderCanceled,
            ProblemCode::CodeUsed,
            ProblemCode::TerminalHasOpenPayment,
            ProblemCode::BodyTooLarge,
            ProblemCode::CodeFormatUnknown,
            ProblemCode::ChannelNotConfigured,
            ProblemCode::ChannelUnavailable,
        ],
    ),
    ("payments", &[]),
    ("payment", &[ProblemCode::NotFound]),
    ("payment_by_order", &[ProblemCode::NotFound]),
    ("payment_events", &[ProblemCode::NotFound]),
    ("cancel_payment", CANCEL),
    ("cancel_order", CANCEL),
    (
        "refund_payment",
        &[
            ProblemCode::NotFound,
            ProblemCode::PaymentNotPaid,
            ProblemCode::PaymentUnderReversal,
            ProblemCode::RefundAmountExceeded,
            ProblemCode::TooManyRefunds,
            ProblemCode::RefundWindowOver,
            ProblemCode::RefundNoTaken,
            ProblemCode::BodyTooLarge,
            ProblemCode::ChannelNotConfigured,
        ],
    ),
    ("refunds", &[]),
    ("refund", &[ProblemCode::NotFound]),
    ("reversals", &[]),
    ("reversal", &[ProblemCode::NotFound]),
    ("cases", &[]),
    ("case", &[ProblemCode::NotFound]),
    ("channels", &[]),
    ("events_stream", &[]),
    ("inspect_code", &[ProblemCode::BodyTooLarge, ProblemCode::CodeFormatUnknown]),
    (
        "settle_case",
        &[
            ProblemCode::NotFound,
            ProblemCode::CaseClosed,
            ProblemCode::OutcomeUnfit,
            ProblemCode::ChannelContradicts,
            ProblemCode::NotSuspended,
            ProblemCode::ReverseOut,
            ProblemCode::BodyTooLarge,
        ],
    ),
];

const CANCEL: &[ProblemCode] = &[
    ProblemCode::NotFound,
    ProblemCode::PaymentPaid,
    ProblemCode::ReversalWindowOver,
    ProblemCode::ReversalRefused,
    ProblemCode::PaymentRefunded,
    ProblemCode::ReverseOut,
    ProblemCode::BodyTooLarge,
];

/// What every operation with a key may be refused for.
const SHARED: [ProblemCode; 4] = [
    ProblemCode::InvalidRequest,
    ProblemCode::Unauthenticated,
    ProblemCode::Forbidden,
    ProblemCode::StoreUnavailable,
];

/// A text that is not blank.
const NOT_BLANK: &str = "[^ \\t\\r\\n]";

/// What the types cannot say: with this value, the reason is there and not blank.
fn reasoned(schema: &mut Value, field: &str, value: &Value) {
    schema["if"] = json!({ "properties": { field: { "const": value } }, "required": [field] });
    schema["then"] = json!({
        "properties": { "reason": { "type": "string", "pattern": NOT_BLANK } },
        "required": ["reason"],
    });
}

fn document() -> Document {
    let mut document = Contract::openapi();
    let mut alone = Vec::new();
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(|operation| alone.extend(complete(operation)));
    }
    let components = document.components.get_or_insert_default();
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema {
            close(name, object);
        }
    }
    for code in alone {
        let described = refusal(code.status().as_u16(), &[code]);
        components.responses.insert(code.words().0.to_owned(), RefOr::T(described));
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A key of this installation, `pk_` and 43 characters, with the scope `pay` or `settle`.",
        ))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let session =
        ApiKeyValue::with_description("paycode_session", "The session of a cashier who has signed in.");
    components.add_security_scheme("paycode_session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    document
}

/// Adds what all operations of a kind have alike; answers the codes that are alone with their status here.
fn complete(operation: &mut Operation) -> Vec<ProblemCode> {
    let mut alone = Vec::new();
    let id = operation.operation_id.clone().unwrap_or_default();
    if let Some((_, codes)) = REFUSALS.iter().find(|(name, _)| *name == id) {
        alone = refusals(operation, codes);
        let one_of = ["bearer", "paycode_session"].map(|name| SecurityRequirement::new(name, [""; 0]));
        operation.security = Some(one_of.to_vec());
    }
    // Parameters, and some bodies, may be left out; they are never null.
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            if let RefOr::T(Content { schema: Some(schema), .. }) = content {
                not_null(schema);
            }
        }
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
            not_null(schema);
        }
    }
    alone
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().filter_map(Option::as_mut)
}

/// Objects are closed, and an answer has all of its fields always; a request has those that it needs.
fn close(name: &str, object: &mut Object) {
    if object.properties.is_empty() {
        return;
    }
    // A generic list carries its rows' schema in itself; they have a name of their own.
    if let Some(row) = name.strip_prefix("List_")
        && let Some(RefOr::T(Schema::Array(rows))) = object.properties.get_mut("data")
    {
        rows.items = Ref::from_schema_name(row).into();
    }
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    if !name.ends_with("Request") {
        object.required = object.properties.keys().cloned().collect();
    }
}

fn not_null(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(only) = types.iter().find(|kind| **kind != Type::Null)
            {
                object.schema_type = SchemaType::Type(only.clone());
            }
        }
        RefOr::T(Schema::OneOf(one_of)) => {
            let named = one_of.items.iter().find(|item| matches!(item, RefOr::Ref(_))).cloned();
            if let Some(named) = named {
                *schema = named;
            }
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

/// Adds a refusal's answer for each status, with the codes that it has here. A code that is alone with its status is the
/// same answer everywhere, by its name.
fn refusals(operation: &mut Operation, codes: &[ProblemCode]) -> Vec<ProblemCode> {
    let mut alone = Vec::new();
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in SHARED.iter().chain(codes) {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    for (status, codes) in by_status {
        let answer = match codes.as_slice() {
            [only] => {
                alone.push(*only);
                RefOr::Ref(Ref::from_response_name(only.words().0))
            }
            _ => RefOr::T(refusal(status, &codes)),
        };
        operation.responses.responses.insert(status.to_string(), answer);
    }
    alone
}

fn refusal(status: u16, codes: &[ProblemCode]) -> Described {
    let words: Vec<String> =
        codes.iter().map(|code| code.words()).map(|(word, title)| format!("`{word}`: {title}")).collect();
    let allowed: Vec<&str> = codes.iter().map(|code| code.words().0).collect();
    let narrowed = ObjectBuilder::new()
        .property("code", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(allowed)))
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([status])))
        .required("code");
    let schema = AllOfBuilder::new().item(Ref::from_schema_name("Problem")).item(narrowed);
    let content = ContentBuilder::new().schema(Some(Schema::from(schema))).build();
    let mut response =
        ResponseBuilder::new().description(words.join("; ")).content("application/problem+json", content);
    let text = |description: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .description(Some(description))
            .build()
    };
    if status == 401 {
        response = response.header("WWW-Authenticate", text("Always `Bearer`."));
    }
    if status == 503 {
        response = response.header("Retry-After", text("Seconds, where `retryable` is true."));
    }
    response.build()
}

/// The schema of a payment code, from the table that routes it.
pub(super) fn auth_code() -> Object {
    let digits = DIGIT_CODES.iter().map(|(_, first, last, shortest, longest)| {
        let prefixes: Vec<String> = (*first..=*last).map(|prefix| prefix.to_string()).collect();
        format!("({})[0-9]{{{},{}}}", prefixes.join("|"), shortest - 2, longest - 2)
    });
    let face = "fp[0-9A-Za-z]{33}".to_owned();
    let all: Vec<String> = digits.chain([face]).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "The payment code as scanned (付款码): WeChat 18 digits from 10 to 15, Alipay 16 to 24 digits from 25 to 30, \
             UnionPay 19 digits from 62; Alipay face tokens are `fp` and 33 letters or digits.",
        ))
        .pattern(Some(format!("^({})$", all.join("|"))))
        .examples(["130000000000000001"])
        .build()
}
