//! One exchange from the channel's side: read and check a request, sign and print its answer. For the simulator.

use super::message::{FieldFault, MicropayRequest, OrderQueryRequest, ReverseRequest};
use super::refund::{RefundQueryRequest, RefundRequest};
use super::{MICROPAY_PATH, ORDERQUERY_PATH, REFUND_PATH, REFUNDQUERY_PATH, REVERSE_PATH};
use crate::http;
use crate::sign::{ApiKey, V2SignType, v2_sign, v2_verify};
use crate::text::{Fields, xml};

/// A request whose signature fits the merchant's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Pay.
    Micropay(Box<MicropayRequest>),
    /// Query.
    OrderQuery(OrderQueryRequest),
    /// Reverse.
    Reverse(ReverseRequest),
    /// Refund.
    Refund(Box<RefundRequest>),
    /// Query refunds.
    RefundQuery(Box<RefundQueryRequest>),
}

/// Who sent it, as claimed by the signed common fields. Whether `appid` fits `mch_id` is the simulator's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Application.
    pub appid: String,
    /// Merchant number whose key fitted.
    pub mch_id: String,
    /// Provider mode.
    pub sub_appid: Option<String>,
    /// Provider mode.
    pub sub_mch_id: Option<String>,
    /// UnionPay's relay: the 渠道号 (unionpay.md §8).
    pub channel_id: Option<String>,
    /// The request's nonce.
    pub nonce_str: String,
    /// The digest to answer with.
    pub sign_type: V2SignType,
}

/// Why a request gets no further, in the order in which the channel looks (wechat.md §11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No call lives at this path.
    UnknownPath,
    /// An empty body. Answered unsigned.
    PostDataEmpty,
    /// Not a flat XML message (`XML_FORMAT_ERROR`). Answered unsigned.
    XmlFormat(xml::XmlError),
    /// The lookup knows no key for this `mch_id`. Answered unsigned.
    UnknownMerchant {
        /// As claimed; empty when absent.
        mch_id: String,
    },
    /// `sign` is missing or wrong, or `sign_type` unknown (`SIGNERROR`). Answered unsigned.
    SignError,
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
    /// The text of an unsigned answer, `None` when the answer is to be signed or there is none (wechat.md §2.1).
    pub fn return_msg(&self) -> Option<&'static str> {
        match self {
            Self::PostDataEmpty => Some("post数据为空"),
            Self::XmlFormat(_) => Some("XML格式错误"),
            Self::UnknownMerchant { .. } => Some("system error"),
            Self::SignError => Some("签名错误"),
            Self::UnknownPath | Self::LackParams { .. } | Self::ParamError { .. } => None,
        }
    }

    /// The `err_code` of a signed answer, `None` when the answer is unsigned or there is none.
    pub fn err_code(&self) -> Option<&'static str> {
        match self {
            Self::LackParams { .. } => Some("LACK_PARAMS"),
            Self::ParamError { .. } => Some("PARAM_ERROR"),
            Self::UnknownPath
            | Self::PostDataEmpty
            | Self::XmlFormat(_)
            | Self::UnknownMerchant { .. }
            | Self::SignError => None,
        }
    }
}

/// Reads and checks a request. `key_of` finds the API key of a merchant number.
///
/// # Errors
/// [`Refusal`], the first one that applies.
pub fn parse_request(
    path: &str,
    body: &[u8],
    key_of: impl FnOnce(&str) -> Option<ApiKey>,
) -> Result<(Caller, Call), Refusal> {
    let known = [MICROPAY_PATH, ORDERQUERY_PATH, REVERSE_PATH, REFUND_PATH, REFUNDQUERY_PATH];
    if !known.contains(&path) {
        return Err(Refusal::UnknownPath);
    }
    if body.is_empty() {
        return Err(Refusal::PostDataEmpty);
    }
    let fields = xml::parse(body, xml::LIMITS).map_err(Refusal::XmlFormat)?;
    let caller = checked_caller(&fields, key_of)?;
    let call = match path {
        MICROPAY_PATH => {
            MicropayRequest::from_fields(&fields).map(|micropay| Call::Micropay(Box::new(micropay)))
        }
        ORDERQUERY_PATH => OrderQueryRequest::from_fields(&fields).map(Call::OrderQuery),
        REVERSE_PATH => ReverseRequest::from_fields(&fields).map(Call::Reverse),
        REFUND_PATH => RefundRequest::from_fields(&fields).map(|refund| Call::Refund(Box::new(refund))),
        _ => RefundQueryRequest::from_fields(&fields).map(|query| Call::RefundQuery(Box::new(query))),
    };
    let common = ["appid", "nonce_str"].into_iter().find(|name| fields.filled(name).is_none());
    match (common, call) {
        (Some(field), _) | (None, Err(FieldFault::Missing(field))) => {
            Err(Refusal::LackParams { caller: Box::new(caller), field })
        }
        (None, Err(FieldFault::Bad(field))) => Err(Refusal::ParamError { caller: Box::new(caller), field }),
        (None, Ok(call)) => Ok((caller, call)),
    }
}

fn checked_caller(fields: &Fields, key_of: impl FnOnce(&str) -> Option<ApiKey>) -> Result<Caller, Refusal> {
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    let option = |name| fields.filled(name).map(str::to_owned);
    let mch_id = text("mch_id");
    let Some(key) = key_of(&mch_id) else { return Err(Refusal::UnknownMerchant { mch_id }) };
    let sign_type =
        V2SignType::from_name(fields.filled("sign_type").unwrap_or("MD5")).ok_or(Refusal::SignError)?;
    if !v2_verify(fields, &key, sign_type) {
        return Err(Refusal::SignError);
    }
    Ok(Caller {
        appid: text("appid"),
        mch_id,
        sub_appid: option("sub_appid"),
        sub_mch_id: option("sub_mch_id"),
        channel_id: option("channel_id"),
        nonce_str: text("nonce_str"),
        sign_type,
    })
}

/// A signed answer, HTTP 200: `fields` as they are, then `sign`.
pub fn sign_response(mut fields: Fields, key: &ApiKey, sign_type: V2SignType) -> http::Response {
    fields.remove("sign");
    let sign = v2_sign(&fields, key, sign_type);
    fields.insert("sign", sign);
    http::Response::ok(CONTENT_TYPE, xml::print(&fields))
}

/// The answer to what the channel could not read or believe: HTTP 200, `return_code=FAIL`, unsigned (wechat.md §2.1).
pub fn unsigned_fail(return_msg: &str) -> http::Response {
    let fields = Fields::from_iter([("return_code", "FAIL"), ("return_msg", return_msg)]);
    http::Response::ok(CONTENT_TYPE, xml::print(&fields))
}

const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
