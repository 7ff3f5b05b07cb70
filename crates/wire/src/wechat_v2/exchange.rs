//! One exchange from the merchant's side: sign and print a request, read and check its answer.

use crate::http;
use crate::sign::{ApiKey, V2SignType, v2_sign, v2_verify};
use crate::text::{Fields, xml};
use crate::verified::Verified;

/// Who speaks: an account at WeChat Pay (wechat.md §2.1, common request fields).
#[derive(Clone, Debug)]
pub struct V2Merchant {
    /// Bound to `mch_id`; in provider mode the provider's.
    pub appid: String,
    /// Merchant number; in provider mode the provider's, whose key signs everything.
    pub mch_id: String,
    /// Provider mode only, optional.
    pub sub_appid: Option<String>,
    /// Provider mode only, and required there.
    pub sub_mch_id: Option<String>,
    /// UnionPay's relay only: the service provider's 渠道号 (unionpay.md §8).
    pub channel_id: Option<String>,
    /// The APIv2 key of `mch_id`.
    pub key: ApiKey,
    /// The digest of requests; answers come with the same.
    pub sign_type: V2SignType,
}

/// A signed request: the merchant's common fields, then the call's own, then `sign`.
///
/// `nonce` is at most 32 characters and must differ from call to call. `sign_type` is sent, and signed, only when it is
/// not the default MD5.
pub fn request(path: &str, merchant: &V2Merchant, call: &Fields, nonce: &str) -> http::Request {
    let mut fields = Fields::new();
    fields.insert("appid", merchant.appid.as_str());
    fields.insert("mch_id", merchant.mch_id.as_str());
    fields.insert_some("sub_appid", merchant.sub_appid.as_deref());
    fields.insert_some("sub_mch_id", merchant.sub_mch_id.as_deref());
    fields.insert_some("channel_id", merchant.channel_id.as_deref());
    fields.insert("nonce_str", nonce);
    if merchant.sign_type != V2SignType::Md5 {
        fields.insert("sign_type", merchant.sign_type.name());
    }
    for (name, value) in call.iter() {
        fields.insert(name, value);
    }
    let sign = v2_sign(&fields, &merchant.key, merchant.sign_type);
    fields.insert("sign", sign);
    http::Request::post(path, "text/xml; charset=utf-8", xml::print(&fields))
}

/// The answer's body is not a flat XML message: a proxy's page, a cut connection, an attack. Means *unknown*.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be read: {0}")]
pub struct Unreadable(#[from] pub xml::XmlError);

/// An answer that was read but not yet believed: nothing in it can be asked before [`Reply::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Fields);

/// Reads an answer's body.
///
/// # Errors
/// [`Unreadable`] for anything but a flat XML message within the default limits.
pub fn parse_response(body: &[u8]) -> Result<Reply, Unreadable> {
    Ok(Reply(xml::parse(body, xml::LIMITS)?))
}

/// Why an answer may not be believed. Neither says anything about the payment (wechat.md §3, §5.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// No `sign`: the shape of `return_code=FAIL`, which anybody could have written.
    #[error("the answer is unsigned: {return_code:?} {return_msg:?}")]
    Unsigned {
        /// `return_code` as claimed; empty when absent.
        return_code: String,
        /// `return_msg` as claimed, such as `签名错误`; empty when absent.
        return_msg: String,
    },
    /// A `sign` that is not the merchant's.
    #[error("the answer's signature is wrong")]
    BadSignature,
}

impl Reply {
    /// Believes the answer if its `sign` fits the merchant's key and sign type, over every received field.
    ///
    /// # Errors
    /// [`NotVerified`]; the answer is then no evidence of anything.
    pub fn verify(self, merchant: &V2Merchant) -> Result<Verified<Fields>, NotVerified> {
        if self.0.filled("sign").is_none() {
            let claimed = |name| self.0.get(name).unwrap_or_default().to_owned();
            return Err(NotVerified::Unsigned {
                return_code: claimed("return_code"),
                return_msg: claimed("return_msg"),
            });
        }
        if v2_verify(&self.0, &merchant.key, merchant.sign_type) {
            Ok(Verified::vouch(self.0))
        } else {
            Err(NotVerified::BadSignature)
        }
    }
}
