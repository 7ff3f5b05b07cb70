//! One exchange from the platform's side: read and check a request, sign and print its answer. For the simulator.

use super::keys::{Keys, SignType};
use super::message::{BillRequest, FieldFault, MicropayRequest, QueryRequest, ReverseRequest};
use super::refund::{RefundQueryRequest, RefundRequest};
use super::{BILL, CHARSET, GATEWAY_PATH, MICROPAY, QUERY, REFUND, REFUND_QUERY, REVERSE, VERSION};
use crate::http;
use crate::text::{Fields, xml};

/// A request whose signature fits the merchant's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Pay by code.
    Micropay(Box<MicropayRequest>),
    /// Query an order.
    Query(QueryRequest),
    /// Reverse a code payment.
    Reverse(ReverseRequest),
    /// Refund.
    Refund(RefundRequest),
    /// Query refunds.
    RefundQuery(RefundQueryRequest),
    /// Ask for a bill.
    Bill(BillRequest),
}

/// Who sent it, as claimed by the signed common fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Merchant number whose keys fitted.
    pub mch_id: String,
    /// The request's nonce.
    pub nonce_str: String,
    /// How it was signed, and is to be answered.
    pub sign_type: SignType,
}

/// Why a request gets no further, in the order in which the simulated platform looks (unionpay.md §10, §13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No call lives at this path.
    UnknownPath,
    /// Not a flat XML message, or none at all. Answered unsigned.
    XmlFormat(xml::XmlError),
    /// The lookup knows no keys for this `mch_id`. Answered unsigned.
    UnknownMerchant {
        /// As claimed; empty when absent.
        mch_id: String,
    },
    /// `sign` is missing or wrong, or `sign_type` is not the account's. Answered unsigned.
    SignError,
    /// The platform has no such service. Answered unsigned.
    UnknownService,
    /// A mandatory field is missing or empty (`LACK_PARAMS`). Answered signed.
    LackParams {
        /// Who asked.
        caller: Box<Caller>,
        /// The missing field.
        field: &'static str,
    },
    /// A field is not in its form (`PARAM_ERROR`). Answered signed.
    ParamError {
        /// Who asked.
        caller: Box<Caller>,
        /// The wrong field.
        field: &'static str,
    },
}

impl Refusal {
    /// The text of an unsigned answer, `None` when the answer is to be signed or there is none.
    pub fn message(&self) -> Option<&'static str> {
        match self {
            Self::XmlFormat(_) => Some("Parse xml error"),
            Self::UnknownMerchant { .. } => Some("Merchant not found"),
            Self::SignError => Some("Signature error"),
            Self::UnknownService => Some("Unknown service"),
            Self::UnknownPath | Self::LackParams { .. } | Self::ParamError { .. } => None,
        }
    }

    /// The `err_code` of a signed answer, `None` when the answer is unsigned or there is none.
    pub fn err_code(&self) -> Option<&'static str> {
        match self {
            Self::LackParams { .. } => Some("LACK_PARAMS"),
            Self::ParamError { .. } => Some("PARAM_ERROR"),
            Self::UnknownPath
            | Self::XmlFormat(_)
            | Self::UnknownMerchant { .. }
            | Self::SignError
            | Self::UnknownService => None,
        }
    }
}

/// Reads and checks a request, whatever its content type says. `keys_of` finds the platform's keys for a merchant number.
///
/// # Errors
/// [`Refusal`], the first one that applies.
pub fn parse_request(
    path: &str,
    body: &[u8],
    keys_of: impl FnOnce(&str) -> Option<Keys>,
) -> Result<(Caller, Call), Refusal> {
    if path != GATEWAY_PATH {
        return Err(Refusal::UnknownPath);
    }
    let fields = xml::parse(body, xml::LIMITS).map_err(Refusal::XmlFormat)?;
    let caller = checked_caller(&fields, keys_of)?;
    let call = match fields.get("service").unwrap_or_default() {
        MICROPAY => MicropayRequest::from_fields(&fields).map(|micropay| Call::Micropay(Box::new(micropay))),
        QUERY => QueryRequest::from_fields(&fields).map(Call::Query),
        REVERSE => ReverseRequest::from_fields(&fields).map(Call::Reverse),
        REFUND => RefundRequest::from_fields(&fields).map(Call::Refund),
        REFUND_QUERY => RefundQueryRequest::from_fields(&fields).map(Call::RefundQuery),
        BILL => BillRequest::from_fields(&fields).map(Call::Bill),
        _ => return Err(Refusal::UnknownService),
    };
    let nonce = fields.filled("nonce_str").ok_or(FieldFault::Missing("nonce_str"));
    match nonce.and(call) {
        Ok(call) => Ok((caller, call)),
        Err(FieldFault::Missing(field)) => Err(Refusal::LackParams { caller: Box::new(caller), field }),
        Err(FieldFault::Bad(field)) => Err(Refusal::ParamError { caller: Box::new(caller), field }),
    }
}

fn checked_caller(fields: &Fields, keys_of: impl FnOnce(&str) -> Option<Keys>) -> Result<Caller, Refusal> {
    let mch_id = fields.get("mch_id").unwrap_or_default().to_owned();
    let Some(keys) = keys_of(&mch_id) else { return Err(Refusal::UnknownMerchant { mch_id }) };
    let sign_type = SignType::from_name(fields.filled("sign_type").unwrap_or("MD5"));
    if sign_type != Some(keys.sign_type()) || !keys.verify(fields) {
        return Err(Refusal::SignError);
    }
    let nonce_str = fields.get("nonce_str").unwrap_or_default().to_owned();
    Ok(Caller { mch_id, nonce_str, sign_type: keys.sign_type() })
}

/// A signed answer, HTTP 200: version, charset and sign type, then `fields` as they are, then `sign`.
pub fn sign_response(fields: &Fields, keys: &Keys) -> http::Response {
    let mut signed = Fields::from_iter([
        ("version", VERSION),
        ("charset", CHARSET),
        ("sign_type", keys.sign_type().name()),
    ]);
    for (name, value) in fields.iter().filter(|(name, _)| *name != "sign") {
        signed.insert(name, value);
    }
    let sign = keys.sign(&signed);
    signed.insert("sign", sign);
    http::Response::ok(CONTENT_TYPE, xml::print_all_as_cdata(&signed))
}

/// The answer to what the platform could not read or believe: HTTP 200, `status=400`, unsigned (unionpay.md §10).
pub fn unsigned_refusal(message: &str) -> http::Response {
    let fields = Fields::from_iter([
        ("version", VERSION),
        ("charset", CHARSET),
        ("status", "400"),
        ("message", message),
    ]);
    http::Response::ok(CONTENT_TYPE, xml::print_all_as_cdata(&fields))
}

const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
