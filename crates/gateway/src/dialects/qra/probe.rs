//! What the answer to a probe shows: whether keys and number are accepted, and else which of them is not.

use wire::http::Response;
use wire::qra::{Answer, NotVerified, QraMerchant, SignType, parse_response};
use wire::verified::Verified;

use super::super::Probed;
use super::super::table::{QueryMeaning, find};
use super::super::text;
use super::table::QUERY;

pub(super) fn read(merchant: &QraMerchant, response: &Response) -> Probed {
    if response.status != 200 {
        return Probed::Unclear { said: format!("HTTP {}", response.status) };
    }
    let Ok(reply) = parse_response(&response.body) else {
        return Probed::Unclear {
            said: "应答不是银联前置的 XML / the answer is not the platform's XML".to_owned(),
        };
    };
    let rsa = merchant.keys.sign_type() == SignType::Rsa1With256;
    match reply.verify(merchant) {
        Ok(fields) => signed(merchant, &fields),
        Err(NotVerified::Unsigned { status, message }) => unsigned(&status, &message, rsa),
        Err(NotVerified::BadSignature) => {
            wrong(if rsa { FOREIGN_SIGNATURE } else { FOREIGN_DIGEST }, String::new())
        }
    }
}

const FOREIGN_DIGEST: &str = "api_key 或 sign_type：应答的签名与本商户密钥不符，或有人改动了应答 / api_key or sign_type: the \
     answer's signature does not fit this key, or somebody changed the answer on its way";
const FOREIGN_SIGNATURE: &str = "platform_public_key：应答不是用这把公钥对应的私钥签名的，这里要填平台公钥，不是商户公钥 / \
     platform_public_key is not the key that signed the answer (the *platform's* public key is needed, not the merchant's)";
const API_KEY: &str = "api_key：平台不认本商户的签名，请核对 32 位密钥与 sign_type / api_key: the platform refuses our \
     signature; check the 32-character key and sign_type";
const PRIVATE_KEY: &str = "app_private_key：平台不认本商户的签名，请核对商户私钥与已上传的公钥是否成对 / app_private_key: the \
     platform refuses our signature; check that it pairs with the public key that was uploaded, and sign_type";
const NUMBER: &str = "mch_id：商户号不存在 / mch_id: no such merchant";
const PERMISSION: &str = "mch_id：商户无此接口权限，请联系收单机构开通 / mch_id: the merchant has no permission; ask the \
     acquirer to open it";

fn signed(merchant: &QraMerchant, fields: &Verified<Answer>) -> Probed {
    let code = fields.err_code().or(fields.status()).unwrap_or_default();
    let said = text::said(code, fields.err_msg().or(fields.message()).unwrap_or_default());
    let said = format!("{} {}", said.code, said.message);
    let ours = fields.mch_id().is_none_or(|mch_id| mch_id == merchant.mch_id);
    let known = match (fields.status(), fields.result_code(), fields.err_code()) {
        (Some("0"), Some("0"), _) => true,
        (Some("0"), Some(_), Some(code)) => find(QUERY, code) == Some(QueryMeaning::NotFound),
        _ => false,
    };
    match fields.err_code() {
        _ if known && ours => Probed::Healthy,
        Some("NOAUTH") => wrong(PERMISSION, said),
        Some("MCHID_NOT_EXIST") => wrong(NUMBER, said),
        _ => Probed::Unclear { said },
    }
}

/// Unsigned texts (unionpay.md §4.1, §12): a payment never believes them, an operator may.
fn unsigned(status: &str, message: &str, rsa: bool) -> Probed {
    let said = text::said(status, message);
    let text = format!("{} {}", said.code, said.message);
    let lower = said.message.to_lowercase();
    if lower.contains("签名") || lower.contains("sign") {
        return wrong(if rsa { PRIVATE_KEY } else { API_KEY }, text);
    }
    if ["mch", "merchant", "商户"].iter().any(|name| lower.contains(name)) {
        return wrong(NUMBER, text);
    }
    Probed::Unclear { said: text }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
