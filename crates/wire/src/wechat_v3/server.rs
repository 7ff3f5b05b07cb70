//! One exchange from the channel's side: read and check a request, sign and print its answer. For the simulator.

use super::account::{Account, Mode};
use super::authorization::{Authorization, answer_text, request_text, seconds};
use super::body::{BodyFault, Object};
use super::codepay::CodepayRequest;
use super::exchange::ANSWER_AGE_S_MAX;
use super::order::{OrderNumber, OrderQueryRequest, ReverseRequest};
use super::refund::{RefundQueryRequest, RefundRequest};
use super::{CERTIFICATES_PATH, PROBE, REFUNDS_PATH, SCHEME, url};
use crate::http::{Method, Request, Response};
use crate::sign::{SigningKey, VerifyingKey};
use crate::text::{Charset, Fields, form};
use crate::verified::Verified;

/// Without an `Authorization` of this scheme that can be read (`SIGN_ERROR`, 401).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request has no authorization that can be read")]
pub struct BadRequest;

/// Why a request is not the merchant's (`SIGN_ERROR`, 401).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// A wrong signature.
    #[error("the request's signature is wrong")]
    BadSignature,
    /// Five minutes or more from the channel's clock.
    #[error("the request is too far from the channel's clock")]
    Stale,
}

/// A request as received. Claims, until [`Received::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    request: Request,
    authorization: Authorization,
}

impl Received {
    /// Who says to have signed.
    pub fn mchid(&self) -> &str {
        &self.authorization.mchid
    }

    /// Serial of the merchant's certificate.
    pub fn serial_no(&self) -> &str {
        &self.authorization.serial_no
    }

    /// The request's nonce.
    pub fn nonce(&self) -> &str {
        &self.authorization.nonce
    }

    /// With which key the answer is wanted to be signed.
    pub fn answer_serial(&self) -> Option<&str> {
        self.request.header("wechatpay-serial").filter(|serial| !serial.is_empty())
    }

    /// Checks the signature with the merchant's key, then the time. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`NotOurs`].
    pub fn verify(self, merchant_key: &VerifyingKey, now: i64) -> Result<Verified<Self>, NotOurs> {
        let Authorization { timestamp, nonce, signature, .. } = &self.authorization;
        if !merchant_key.verify_sha256(&request_text(&self.request, timestamp, nonce), signature) {
            return Err(NotOurs::BadSignature);
        }
        let age = seconds(timestamp).map(|then| now.saturating_sub(then).saturating_abs());
        if age.is_none_or(|age| age >= ANSWER_AGE_S_MAX) {
            return Err(NotOurs::Stale);
        }
        Ok(Verified::vouch(self))
    }
}

/// Reads a request's `Authorization`.
///
/// # Errors
/// [`BadRequest`].
pub fn read_request(request: Request) -> Result<Received, BadRequest> {
    let authorization = request.header("authorization").and_then(Authorization::parse).ok_or(BadRequest)?;
    Ok(Received { request, authorization })
}

/// A call that a merchant signed.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Pay.
    Codepay(Box<CodepayRequest>),
    /// Query.
    OrderQuery(OrderQueryRequest),
    /// Reverse.
    Reverse(ReverseRequest),
    /// Refund.
    Refund(Box<RefundRequest>),
    /// Query a refund.
    RefundQuery(RefundQueryRequest),
    /// Download the platform certificates.
    Certificates,
}

/// Reads a checked request; `Ok(None)` when nothing lives at its path. Whether the account fits the signer
/// ([`Received::mchid`]) is the simulator's to say.
///
/// # Errors
/// [`BodyFault`], the first one found.
pub fn call(received: &Verified<Received>) -> Result<Option<(Account, Call)>, BodyFault> {
    let Received { request, authorization } = received.value();
    let (mchid, body) = (authorization.mchid.as_str(), request.body.as_slice());
    let query = || form::decode(request.query.as_bytes(), Charset::Utf8).map_err(|_| BodyFault::Bad("query"));
    let path = request.path.as_str();
    let found = match (request.method, path) {
        (Method::Get, CERTIFICATES_PATH) => {
            let account = Account { appid: None, mchid: mchid.to_owned(), sub: None };
            Some((account, Call::Certificates))
        }
        (Method::Post, REFUNDS_PATH) => {
            let (account, refund) = RefundRequest::read(body, mchid)?;
            Some((account, Call::Refund(Box::new(refund))))
        }
        (method, _) => match path.strip_prefix(REFUNDS_PATH).and_then(|rest| rest.strip_prefix('/')) {
            Some(number) if method == Method::Get => {
                let number = segment(number, "out_refund_no")?;
                let (account, query) = RefundQueryRequest::read(number, &query()?, mchid);
                Some((account, Call::RefundQuery(query)))
            }
            Some(_) => None,
            None => transaction(method, path, body, query)?,
        },
    };
    Ok(found)
}

/// A call of the payment paths.
fn transaction(
    method: Method,
    path: &str,
    body: &[u8],
    query: impl FnOnce() -> Result<Fields, BodyFault>,
) -> Result<Option<(Account, Call)>, BodyFault> {
    let Some((rest, mode)) = Account::rest_of(path) else { return Ok(None) };
    match (method, rest) {
        (Method::Post, "/codepay") => {
            let (account, codepay) = CodepayRequest::read(body, mode)?;
            Ok(Some((account, Call::Codepay(Box::new(codepay)))))
        }
        (Method::Post, _) => {
            let number = rest.strip_prefix("/out-trade-no/").and_then(|rest| rest.strip_suffix("/reverse"));
            let Some(number) = number else { return Ok(None) };
            let (account, reverse) = ReverseRequest::read(segment(number, "out_trade_no")?, body, mode)?;
            Ok(Some((account, Call::Reverse(reverse))))
        }
        (Method::Get, _) => {
            let Some(order) = order_number(rest)? else { return Ok(None) };
            order_query(order, &query()?, mode).map(Some)
        }
    }
}

fn order_number(rest: &str) -> Result<Option<OrderNumber>, BodyFault> {
    if let Some(number) = rest.strip_prefix("/out-trade-no/") {
        return segment(number, "out_trade_no").map(OrderNumber::OutTradeNo).map(Some);
    }
    match rest.strip_prefix("/id/") {
        Some(number) => segment(number, "transaction_id").map(OrderNumber::TransactionId).map(Some),
        None => Ok(None),
    }
}

fn order_query(order: OrderNumber, query: &Fields, mode: Mode) -> Result<(Account, Call), BodyFault> {
    let (account, query) = OrderQueryRequest::read(order, query, mode)?;
    Ok((account, Call::OrderQuery(query)))
}

fn segment(text: &str, name: &'static str) -> Result<String, BodyFault> {
    url::unescaped(text).filter(|number| !number.is_empty()).ok_or(BodyFault::Bad(name))
}

/// With which key answers are signed.
#[derive(Clone, Debug)]
pub struct Hand {
    /// The channel's private key.
    pub key: SigningKey,
    /// What the merchant knows it by: `PUB_KEY_ID_…` or a certificate's serial.
    pub serial: String,
}

/// A signed answer. `timestamp` is in Unix seconds; `nonce` is 1 to 128 visible characters.
pub fn response(status: u16, body: &str, hand: &Hand, timestamp: i64, nonce: &str) -> Response {
    let timestamp = timestamp.to_string();
    let signature = hand.key.sign_sha256(&answer_text(&timestamp, nonce, body.as_bytes()));
    let mut response = unsigned_response(status, body);
    for (name, value) in [
        ("wechatpay-timestamp", timestamp.as_str()),
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", &hand.serial),
        ("wechatpay-signature-type", SCHEME),
        ("wechatpay-signature", &signature),
    ] {
        response.headers.push((name.to_owned(), value.to_owned()));
    }
    response
}

/// The same with the channel's probe over the beginning of the signature: deliberately wrong (wechat.md §4.2).
pub fn probe_response(status: u16, body: &str, hand: &Hand, timestamp: i64, nonce: &str) -> Response {
    let mut response = response(status, body, hand, timestamp, nonce);
    for (name, value) in &mut response.headers {
        if name == "wechatpay-signature" {
            *value = format!("{PROBE}{}", value.get(PROBE.len()..).unwrap_or_default());
        }
    }
    response
}

/// An answer without a signature, as a gateway's 5xx is.
pub fn unsigned_response(status: u16, body: &str) -> Response {
    Response { status, ..Response::ok("application/json; charset=utf-8", body.as_bytes().to_vec()) }
}

/// The body of a refusal: `{code, message}` (wechat.md §4.5).
pub fn error_body(code: &str, message: &str) -> String {
    let mut body = Object::default();
    body.text("code", Some(code));
    body.text("message", Some(message));
    body.print()
}
