//! One exchange from UnionPay's side: read and check a request, sign and print its answer. For the simulator.

use super::body::print_clear;
use super::message::{
    CONSUME, ConsumeRequest, FILE, FieldFault, FileRequest, QUERY, QueryRequest, REVERSAL, ReversalRequest,
};
use super::refund::{REFUND, RefundRequest, VOID, VoidRequest};
use super::signature::digest;
use super::{
    ACCESS_TYPE, BACK_TRANS_PATH, BIZ_TYPE, ENCODING, FILE_PATH, QUERY_TRANS_PATH, SIGN_METHOD, VERSION,
};
use crate::http;
use crate::sign::{SigningKey, VerifyingKey};
use crate::text::{Charset, Fields, form};

/// A request whose signature fits the merchant's registered certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Pay by code.
    Consume(Box<ConsumeRequest>),
    /// Query a transaction.
    Query(QueryRequest),
    /// Reverse a consume.
    Reversal(ReversalRequest),
    /// Void a consume.
    Void(VoidRequest),
    /// Refund.
    Refund(RefundRequest),
    /// Ask for a settlement file.
    File(FileRequest),
}

/// Who sent it, and what an answer repeats of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Merchant number whose certificate fitted.
    pub mer_id: String,
    /// What every answer repeats, as far as it came: transaction type and sub-type, order number and time.
    pub echo: Fields,
}

/// What UnionPay keeps of a merchant.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Serial number of the merchant's certificate, decimal.
    pub cert_id: String,
    /// Its key.
    pub key: VerifyingKey,
}

/// Why a request gets no further, in the order in which the simulated channel looks (unionpay.md §10, §13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No call lives at this path.
    UnknownPath,
    /// Not a form. Answered unsigned.
    Form(form::FormError),
    /// The lookup knows no certificate for this `merId`. Answered unsigned (unionpay.md §5.1).
    UnknownMerchant {
        /// As claimed; empty when absent.
        mer_id: String,
    },
    /// `signature`, `certId` or `signMethod` is missing or wrong.
    Signature(Box<Caller>),
    /// No such transaction type here.
    UnknownKind(Box<Caller>),
    /// A mandatory field is missing or empty.
    Missing {
        /// Who asked.
        caller: Box<Caller>,
        /// The missing field.
        field: &'static str,
    },
    /// A field is not in its form.
    Bad {
        /// Who asked.
        caller: Box<Caller>,
        /// The wrong field.
        field: &'static str,
    },
}

impl Refusal {
    /// To whom a signed answer goes, and with which `respCode` (unionpay.md §5.5); `None` when the answer is unsigned or
    /// there is none. Which of the codes for a wrong form stands for what is chosen here.
    pub fn signed(&self) -> Option<(&Caller, &'static str)> {
        match self {
            Self::Signature(caller) => Some((caller, "11")),
            Self::UnknownKind(caller) | Self::Bad { caller, .. } => Some((caller, "10")),
            Self::Missing { caller, .. } => Some((caller, "13")),
            Self::UnknownPath | Self::Form(_) | Self::UnknownMerchant { .. } => None,
        }
    }
}

/// Reads and checks a request, whatever its content type says. `find` looks a merchant number up.
///
/// # Errors
/// [`Refusal`], the first one that applies.
pub fn parse_request(
    path: &str,
    body: &[u8],
    find: impl FnOnce(&str) -> Option<Registered>,
) -> Result<(Caller, Call), Refusal> {
    if ![BACK_TRANS_PATH, QUERY_TRANS_PATH, FILE_PATH].contains(&path) {
        return Err(Refusal::UnknownPath);
    }
    let fields = form::decode(body, Charset::Utf8).map_err(Refusal::Form)?;
    let mer_id = fields.get("merId").unwrap_or_default().to_owned();
    let Some(registered) = find(&mer_id) else { return Err(Refusal::UnknownMerchant { mer_id }) };
    let caller = Caller { mer_id, echo: echo(&fields) };
    if !is_signed(&fields, &registered) {
        return Err(Refusal::Signature(Box::new(caller)));
    }
    let text = |name| fields.get(name).unwrap_or_default();
    let call = match (path, (text("txnType"), text("txnSubType"))) {
        (BACK_TRANS_PATH, CONSUME) => {
            ConsumeRequest::from_fields(&fields).map(|consume| Call::Consume(Box::new(consume)))
        }
        (BACK_TRANS_PATH | QUERY_TRANS_PATH, QUERY) => QueryRequest::from_fields(&fields).map(Call::Query),
        (BACK_TRANS_PATH, REVERSAL) => ReversalRequest::from_fields(&fields).map(Call::Reversal),
        (BACK_TRANS_PATH, VOID) => VoidRequest::from_fields(&fields).map(Call::Void),
        (BACK_TRANS_PATH, REFUND) => RefundRequest::from_fields(&fields).map(Call::Refund),
        (FILE_PATH, FILE) => FileRequest::from_fields(&fields).map(Call::File),
        _ => return Err(Refusal::UnknownKind(Box::new(caller))),
    };
    match common(&fields).and(call) {
        Ok(call) => Ok((caller, call)),
        Err(FieldFault::Missing(field)) => Err(Refusal::Missing { caller: Box::new(caller), field }),
        Err(FieldFault::Bad(field)) => Err(Refusal::Bad { caller: Box::new(caller), field }),
    }
}

fn echo(fields: &Fields) -> Fields {
    let mut echo = Fields::new();
    for name in ["txnType", "txnSubType", "orderId", "txnTime"] {
        echo.insert_some(name, fields.filled(name));
    }
    echo
}

fn is_signed(fields: &Fields, registered: &Registered) -> bool {
    let signature = fields.filled("signature").unwrap_or_default();
    fields.get("signMethod") == Some(SIGN_METHOD)
        && fields.get("certId") == Some(registered.cert_id.as_str())
        && registered.key.verify_sha256(digest(fields).as_bytes(), signature)
}

/// The common fields that only have to be there, in one of their spellings (unionpay.md §5.1).
fn common(fields: &Fields) -> Result<(), FieldFault> {
    let known: [(&'static str, &[&str]); 4] = [
        ("version", &[VERSION]),
        ("encoding", &[ENCODING, "utf-8"]),
        ("bizType", &[BIZ_TYPE]),
        ("accessType", &[ACCESS_TYPE]),
    ];
    for (name, values) in known {
        let value = fields.filled(name).ok_or(FieldFault::Missing(name))?;
        if !values.contains(&value) {
            return Err(FieldFault::Bad(name));
        }
    }
    Ok(())
}

/// UnionPay's key, and the certificate that answers carry.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Signs answers.
    pub key: SigningKey,
    /// PEM text as it stands in answers, with CR LF; empty where the two ends share a secret.
    pub certificate: String,
}

/// A signed answer, HTTP 200, in the clear: the common fields and the certificate, then `fields` as they are, then
/// `signature`. Empty fields are not sent.
pub fn sign_response(mer_id: &str, fields: &Fields, signer: &Signer) -> http::Response {
    let mut signed = Fields::from_iter([
        ("version", VERSION),
        ("encoding", ENCODING),
        ("signMethod", SIGN_METHOD),
        ("bizType", BIZ_TYPE),
        ("accessType", ACCESS_TYPE),
        ("merId", mer_id),
    ]);
    signed.insert_some("signPubKeyCert", Some(&signer.certificate));
    for (name, value) in fields.iter() {
        signed.insert_some(name, Some(value));
    }
    let signature = signer.key.sign_sha256(digest(&signed).as_bytes());
    signed.insert("signature", signature);
    http::Response::ok(CONTENT_TYPE, print_clear(&signed))
}

/// The answer to what UnionPay could not read or attribute: HTTP 200, two fields, unsigned (unionpay.md §5.1).
pub fn unsigned_refusal(resp_code: &str, resp_msg: &str) -> http::Response {
    let fields = Fields::from_iter([("respCode", resp_code), ("respMsg", resp_msg)]);
    http::Response::ok(CONTENT_TYPE, print_clear(&fields))
}

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded;charset=UTF-8";
