//! A signed JSON answer taken apart without changing a byte: node, `sign`, `alipay_cert_sn` (alipay.md §2.4).

use std::ops::Range;

use serde_json::{Map, Value};

use super::Charset;
use super::json::{JsonError, Limits, Member, charset_of, members};

/// The root of errors that are raised before the method is known.
pub const ERROR_NODE: &str = "error_response";

/// Why bytes are not a signed JSON answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RawJsonError {
    /// Not JSON that we accept.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// No node of the expected name, or more than one candidate.
    #[error("the answer has not exactly one response node of the expected name")]
    Node,
    /// `sign` or `alipay_cert_sn` is not a text.
    #[error("the answer's signature is not a text")]
    Sign,
}

/// A signed JSON answer. Nothing in it has been checked against a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Name of the node, for example `alipay_trade_pay_response`.
    pub node_name: String,
    /// The exact bytes of the node's value: what the signature is over. An object, or a text when it is encrypted.
    pub node: &'a [u8],
    /// Where in the body the node's value stands.
    pub node_range: Range<usize>,
    /// `sign`; `None` when absent or empty.
    pub sign: Option<String>,
    /// `alipay_cert_sn`; `None` when absent or empty.
    pub cert_sn: Option<String>,
}

/// Takes an answer apart. With `node_name` the node must be of that name or [`ERROR_NODE`]; without, any name that ends
/// in `_response` will do. Either way there must be exactly one; other members are ignored.
///
/// # Errors
/// [`RawJsonError`] for anything else, equal names at any depth included.
pub fn envelope<'a>(
    body: &'a [u8],
    node_name: Option<&str>,
    limits: Limits,
) -> Result<Envelope<'a>, RawJsonError> {
    let found = members(body, limits)?;
    let fits = |member: &&Member| match node_name {
        Some(expected) => member.name == expected || member.name == ERROR_NODE,
        None => member.name.ends_with("_response"),
    };
    let mut nodes = found.iter().filter(fits);
    let (Some(node), None) = (nodes.next(), nodes.next()) else { return Err(RawJsonError::Node) };
    let text = |name: &str| match found.iter().find(|member| member.name == name) {
        None => Ok(None),
        Some(member) => text_at(&body[member.value.clone()]),
    };
    Ok(Envelope {
        node_name: node.name.clone(),
        node: &body[node.value.clone()],
        node_range: node.value.clone(),
        sign: text("sign")?,
        cert_sn: text("alipay_cert_sn")?,
    })
}

/// An object's bytes, UTF-8 or GBK, as values. Equal names at any depth are refused.
///
/// # Errors
/// [`JsonError`] for anything but an object.
pub fn object(bytes: &[u8], limits: Limits) -> Result<Map<String, Value>, JsonError> {
    members(bytes, limits)?;
    let text = charset_of(bytes).decode(bytes).ok_or(JsonError::Charset)?;
    serde_json::from_str(&text).map_err(|error| JsonError::Malformed(error.column()))
}

/// The same JSON with every slash in it escaped as `\/`. Texts that are already escaped stay.
pub fn with_escaped_slashes(json: &[u8]) -> Vec<u8> {
    with_slashes(json, b"\\/")
}

/// The same JSON with every `\/` in it as a plain slash.
pub fn with_plain_slashes(json: &[u8]) -> Vec<u8> {
    with_slashes(json, b"/")
}

/// Rewrites slashes only, never what an escaped backslash or a GBK character happens to look like, so that the result
/// always means the same.
fn with_slashes(json: &[u8], slash: &[u8]) -> Vec<u8> {
    let charset = charset_of(json);
    let mut written = Vec::with_capacity(json.len());
    let mut rest = json;
    while let [first, tail @ ..] = rest {
        let taken = match (first, tail) {
            (b'\\', [b'/', ..]) => {
                written.extend_from_slice(slash);
                2
            }
            (b'/', _) => {
                written.extend_from_slice(slash);
                1
            }
            (b'\\', [_, ..]) => copied(&mut written, &rest[..2]),
            (0x81..=0xFE, [_, ..]) if charset == Charset::Gbk => copied(&mut written, &rest[..2]),
            _ => copied(&mut written, &rest[..1]),
        };
        rest = &rest[taken..];
    }
    written
}

fn copied(written: &mut Vec<u8>, piece: &[u8]) -> usize {
    written.extend_from_slice(piece);
    piece.len()
}

fn text_at(value: &[u8]) -> Result<Option<String>, RawJsonError> {
    let text: String = serde_json::from_slice(value).map_err(|_| RawJsonError::Sign)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}
