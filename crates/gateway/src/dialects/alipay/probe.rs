//! What the answer to a probe shows: whether keys and numbers are accepted, and else which of them is not.

use wire::alipay::{App, NotVerified, QUERY_METHOD, bare_sub_code, reply};
use wire::http::Response;

use super::super::Probed;
use super::super::text;
use super::answer::{joined, said};

pub(super) fn read(app: &App, response: &Response) -> Probed {
    if response.status != 200 {
        return Probed::Unclear { said: format!("HTTP {}", response.status) };
    }
    match reply(&response.body, app, QUERY_METHOD) {
        Ok(node) => {
            let channel = said(&node);
            let text = format!("{} {}", channel.code, channel.message);
            let sub_code = node.sub_code().unwrap_or_default();
            match (node.code(), bare_sub_code(sub_code)) {
                (Some("40004"), "TRADE_NOT_EXIST") | (Some("10000"), "") => Probed::Healthy,
                (_, _) => refused(sub_code, text),
            }
        }
        Err(NotVerified::Unsigned { code, sub_code }) => {
            refused(&sub_code, text::said(&joined(&code, &sub_code), "").code)
        }
        Err(NotVerified::BadSignature) => wrong(FOREIGN_SIGNATURE, String::new()),
        Err(NotVerified::Encrypted) => wrong(ENCRYPTED, String::new()),
        Err(NotVerified::Unreadable(_) | NotVerified::UnreadableForm(_)) => Probed::Unclear {
            said: "应答不是支付宝的 JSON / the answer is not Alipay's JSON".to_owned(),
        },
    }
}

const FOREIGN_SIGNATURE: &str = "alipay_public_key：应答不是用这把公钥对应的私钥签名的，这里要填支付宝公钥，不是应用公钥 / \
     alipay_public_key is not the key that signed the answer (the *Alipay* public key is needed, not the app's)";
const ENCRYPTED: &str = "应用开启了内容加密（AES），请在开放平台关闭 / the application encrypts its content (AES); switch \
     that off on the open platform";
const PRIVATE_KEY: &str = "app_private_key：支付宝不认本应用的签名，请核对应用私钥与已上传的应用公钥是否成对 / \
     app_private_key: Alipay refuses our signature; check that it pairs with the application public key that was uploaded";
const APP_ID: &str = "app_id：应用不存在或未上线 / app_id: no such application, or it is not online";
const PERMISSION: &str = "app_id：应用没有当面付权限，请签约并等待生效 / app_id: the application may not use 当面付; sign the \
     contract and wait until it is in force";
const TOKEN: &str = "app_auth_token：授权令牌无效、过期或不含此接口 / app_auth_token: the token is wrong, too old or does not \
     cover this call";
const CERTIFICATE: &str = "该应用使用公钥证书模式，请改为公钥模式 / the application is in certificate mode; switch it to \
     public-key mode";
const CLOCK: &str =
    "本机时钟：时间戳被拒，请校时 / this machine's clock: the time stamp was refused; set the clock";

/// Which value a refusal is about (alipay.md §2.6, §4.1). A payment never believes an unsigned one, an operator may.
fn refused(sub_code: &str, said: String) -> Probed {
    match sub_code {
        "isv.invalid-signature"
        | "isv.missing-signature"
        | "isv.invalid-signature-type"
        | "isv.missing-signature-config"
        | "isv.missing-signature-key" => wrong(PRIVATE_KEY, said),
        "isv.invalid-app-id" | "isv.missing-app-id" | "isv.not-online-app" => wrong(APP_ID, said),
        "isv.insufficient-isv-permissions"
        | "isv.insufficient-user-permissions"
        | "isv.self-invoke-forbidden"
        | "isv.forbidden-api"
        | "aop.no-product-reg-by-partner"
        | "ACQ.ACCESS_FORBIDDEN" => wrong(PERMISSION, said),
        "aop.invalid-auth-token"
        | "aop.auth-token-time-out"
        | "aop.invalid-app-auth-token"
        | "aop.invalid-app-auth-token-no-api"
        | "aop.app-auth-token-time-out"
        | "isv.invalid-auth-relations"
        | "isv.not-support-app-auth" => wrong(TOKEN, said),
        "isv.missing-app-cert-sn"
        | "isv.missing-alipay-root-cert-sn"
        | "isv.invalid-alipay-root-cert-sn"
        | "isv.app-cert-expired"
        | "isv.app-cert-not-exist"
        | "isv.alipay-cert-not-exist" => wrong(CERTIFICATE, said),
        "isv.invalid-timestamp" => wrong(CLOCK, said),
        _ => Probed::Unclear { said },
    }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
