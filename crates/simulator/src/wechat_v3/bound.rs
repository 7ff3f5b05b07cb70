//! Whose business a signed call is: the account that fits its numbers, and the orders that are that account's
//! (wechat.md §4.4, §4.5, §13).

use wire::http::Response;
use wire::wechat_v3::{Account as Claims, error_body};

use super::answer::Speaker;
use super::{Merchant, status};

/// A refusal, with the finer code of `Request-ID` (wechat.md §4.5).
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    text: &'static str,
    fine: &'static str,
}

impl Refusal {
    pub(super) fn say(&self, speaker: Speaker) -> Response {
        speaker.say(self.status, &error_body(self.code, self.text), self.fine)
    }
}

const OTHER_SIGNER: Refusal = Refusal {
    status: status::BAD_REQUEST,
    code: "INVALID_REQUEST",
    text: "商户号与签名商户不匹配",
    fine: "0",
};
/// A provider by a merchant's path, or without the merchant.
const SUB_MERCHANT_MISSING: Refusal = Refusal {
    status: status::BAD_REQUEST,
    code: "PARAM_ERROR",
    text: "受理机构必须传入sub_mch_id",
    fine: "268443704",
};
/// A merchant by a provider's path, or with a merchant of its own.
const NO_PROVIDER: Refusal = Refusal {
    status: status::BAD_REQUEST,
    code: "PARAM_ERROR",
    text: "普通商户不允许传sub_mch_id",
    fine: "268435461",
};
const NO_SUB_MERCHANT: Refusal =
    Refusal { status: status::BAD_REQUEST, code: "MCH_NOT_EXISTS", text: "sub_mchid不存在", fine: "0" };
const OTHER_APP: Refusal = Refusal {
    status: status::BAD_REQUEST,
    code: "APPID_MCHID_NOT_MATCH",
    text: "appid和mchid不匹配",
    fine: "268445527",
};
const OTHER_SUB_APP: Refusal = Refusal { text: "sub_appid和sub_mchid不匹配", ..OTHER_APP };

/// The account that fits every number of the request.
pub(super) fn account<'a>(
    merchants: &'a [Merchant<'a>],
    signer: &Merchant<'_>,
    claims: &Claims,
) -> Result<&'a Merchant<'a>, Refusal> {
    if claims.mchid != signer.mchid {
        return Err(OTHER_SIGNER);
    }
    let own = || merchants.iter().filter(|merchant| merchant.mchid == signer.mchid);
    let mut mode = own().filter(|merchant| merchant.sub.is_some() == claims.sub.is_some()).peekable();
    if mode.peek().is_none() {
        return Err(if claims.sub.is_some() { NO_PROVIDER } else { SUB_MERCHANT_MISSING });
    }
    let wanted = claims.sub.as_ref().map(|sub| sub.mchid.as_str());
    let mut subs = mode.filter(|merchant| merchant.sub_mchid() == wanted).peekable();
    if subs.peek().is_none() {
        return Err(NO_SUB_MERCHANT);
    }
    let merchant = subs
        .find(|merchant| claims.appid.as_deref().is_none_or(|appid| appid == merchant.appid))
        .ok_or(OTHER_APP)?;
    let bound = merchant.sub.and_then(|sub| sub.appid.as_deref());
    let named = claims.sub.as_ref().and_then(|sub| sub.appid.as_deref());
    let other = bound.is_some_and(|bound| named.is_some_and(|named| named != bound));
    if other { Err(OTHER_SUB_APP) } else { Ok(merchant) }
}
