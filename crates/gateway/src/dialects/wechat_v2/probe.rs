//! What the answer to a probe shows: whether keys and numbers are accepted, and else which of them is not.

use wire::http::Response;
use wire::text::Fields;
use wire::verified::Verified;
use wire::wechat_v2::{NotVerified, V2Merchant, parse_response};

use super::super::Probed;
use super::super::text;

pub(super) fn read(merchant: &V2Merchant, response: &Response) -> Probed {
    if response.status != 200 {
        return Probed::Unclear { said: format!("HTTP {}", response.status) };
    }
    let Ok(reply) = parse_response(&response.body) else {
        return Probed::Unclear {
            said: "应答不是微信支付的 XML / the answer is not WeChat Pay's XML".to_owned(),
        };
    };
    match reply.verify(merchant) {
        Ok(fields) => signed(merchant, &fields),
        Err(NotVerified::Unsigned { return_code, return_msg }) => unsigned(&return_code, &return_msg),
        Err(NotVerified::BadSignature) => wrong(FOREIGN_SIGNATURE, String::new()),
    }
}

const FOREIGN_SIGNATURE: &str = "api_key 或 sign_type：应答的签名与本商户密钥不符，或有人改动了应答 / api_key or sign_type: \
     the answer's signature does not fit this key, or somebody changed the answer on its way";
const API_KEY: &str = "api_key：微信支付不认本商户的签名，请核对 APIv2 密钥（不是 APIv3 密钥） / api_key: WeChat Pay refuses \
     our signature; check the APIv2 key (it is not the APIv3 key)";
const NUMBERS: &str = "appid、mch_id：不存在或互不绑定，服务商模式还要核对 sub_mch_id / appid, mch_id: unknown or not bound to \
     each other; in provider mode check sub_mch_id too";
const PERMISSION: &str = "mch_id：商户无此接口权限，请在商户平台开通付款码支付 / mch_id: the merchant has no permission; apply for \
     payment-code payments on the merchant platform";

fn signed(merchant: &V2Merchant, fields: &Verified<Fields>) -> Probed {
    let code = fields.err_code().unwrap_or_default();
    let said = text::said(code, fields.err_code_des().or(fields.return_msg()).unwrap_or_default());
    let said = format!("{} {}", said.code, said.message);
    let ours = fields.mch_id().is_none_or(|mch_id| mch_id == merchant.mch_id);
    match (fields.return_code(), fields.result_code(), code) {
        (Some("SUCCESS"), Some("SUCCESS"), _) | (Some("SUCCESS"), Some("FAIL"), "ORDERNOTEXIST") if ours => {
            Probed::Healthy
        }
        (_, _, "SIGNERROR") => wrong(API_KEY, said),
        (_, _, "APPID_NOT_EXIST" | "MCHID_NOT_EXIST" | "APPID_MCHID_NOT_MATCH") => wrong(NUMBERS, said),
        (_, _, "NOAUTH") => wrong(PERMISSION, said),
        _ => Probed::Unclear { said },
    }
}

/// Unsigned texts as integrators have seen them (wechat.md §2.1): a payment never believes them, an operator may.
fn unsigned(return_code: &str, return_msg: &str) -> Probed {
    let said = text::said(return_code, return_msg);
    let text = format!("{} {}", said.code, said.message);
    let lower = said.message.to_lowercase();
    if lower.contains("签名") || lower.contains("sign") {
        return wrong(API_KEY, text);
    }
    if ["appid", "mch_id", "mchid", "商户号"].iter().any(|name| lower.contains(name)) {
        return wrong(NUMBERS, text);
    }
    if lower == "system error" {
        // Seen for a wrong merchant number, and for an outage (wechat.md §2.1).
        let hint = "若一直如此，请核对 mch_id / if this stays, check mch_id";
        return Probed::Unclear { said: format!("{text} ({hint})") };
    }
    Probed::Unclear { said: text }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
