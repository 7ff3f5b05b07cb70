//! What the answer to a probe shows: whether keys and numbers are accepted, and else which of them is not.

use payment::time::Time;
use wire::alipay::{App, NotVerified, QUERY_METHOD, bare_sub_code, reply};
use wire::http::Response;

use super::super::Probed;
use super::super::text;
use super::answer::{joined, said};

pub(super) fn read(app: &App, now: Time, response: &Response) -> Probed {
    if response.status != 200 {
        return Probed::Unclear { said: format!("HTTP {}", response.status) };
    }
    let certified = app.trust.certificates().is_some();
    match reply(&response.body, app, QUERY_METHOD, now.0) {
        Ok(node) => {
            let channel = said(&node);
            let text = format!("{} {}", channel.code, channel.message);
            let sub_code = node.sub_code().unwrap_or_default();
            match (node.code(), bare_sub_code(sub_code)) {
                (Some("40004"), "TRADE_NOT_EXIST") | (Some("10000"), "") => Probed::Healthy,
                (_, _) => refused(sub_code, text, certified),
            }
        }
        Err(NotVerified::Unsigned { code, sub_code }) => {
            refused(&sub_code, text::said(&joined(&code, &sub_code), "").code, certified)
        }
        Err(NotVerified::BadSignature) if certified => wrong(NOT_BY_CERTIFICATE, String::new()),
        Err(NotVerified::BadSignature) => wrong(FOREIGN_SIGNATURE, String::new()),
        Err(NotVerified::ForeignCertificate { sn }) => {
            wrong(FOREIGN_CERTIFICATE, text::said(&format!("alipay_cert_sn {sn}"), "").code)
        }
        Err(NotVerified::Encrypted) => wrong(ENCRYPTED, String::new()),
        Err(NotVerified::Undecipherable) => wrong(AES_KEY, String::new()),
        Err(NotVerified::Unreadable(_) | NotVerified::UnreadableForm(_)) => Probed::Unclear {
            said: "应答不是支付宝的 JSON / the answer is not Alipay's JSON".to_owned(),
        },
    }
}

const FOREIGN_SIGNATURE: &str = "alipay_public_key：应答不是用这把公钥对应的私钥签名的，这里要填支付宝公钥，不是应用公钥 / \
     alipay_public_key is not the key that signed the answer (the *Alipay* public key is needed, not the app's)";
const NOT_BY_CERTIFICATE: &str = "alipay_cert：应答不是用它所标明的支付宝公钥证书签名的，或没有标明证书，请核对应用的加签模式 / \
     alipay_cert: the answer is not signed by the certificate that it names, or names none; is the application in certificate \
     mode?";
const FOREIGN_CERTIFICATE: &str = "alipay_cert：应答使用了另一张支付宝公钥证书，自动下载后仍无法用 alipay_root_cert 验证，请在开放平台重新下载三个证书 / \
     alipay_cert: the answer is signed by another certificate of Alipay's; it was fetched, and alipay_root_cert does not lead to \
     it; download the three certificates again";
const ENCRYPTED: &str = "aes_key：应用开启了内容加密，请填写 AES 密钥，或在开放平台关闭 / aes_key: the application encrypts its \
     content; set its AES key, or switch that off on the open platform";
const AES_KEY: &str = "aes_key：支付宝与本机的 AES 密钥不一致，请在开放平台核对 / aes_key: it is not the application's AES key; \
     check it on the open platform";
const PRIVATE_KEY: &str = "app_private_key：支付宝不认本应用的签名，请核对应用私钥与已上传的应用公钥是否成对 / \
     app_private_key: Alipay refuses our signature; check that it pairs with the application public key that was uploaded";
const APP_ID: &str = "app_id：应用不存在或未上线 / app_id: no such application, or it is not online";
const PERMISSION: &str = "app_id：应用没有当面付权限，请签约并等待生效 / app_id: the application may not use 当面付; sign the \
     contract and wait until it is in force";
const TOKEN: &str = "app_auth_token：授权令牌无效、过期或不含此接口 / app_auth_token: the token is wrong, too old or does not \
     cover this call";
const CERTIFICATE_MODE: &str = "该应用使用公钥证书模式，请用 app_cert、alipay_cert、alipay_root_cert 代替 alipay_public_key / the \
     application is in certificate mode: set app_cert, alipay_cert and alipay_root_cert instead of alipay_public_key";
const APP_CERTIFICATE: &str = "app_cert：支付宝不认此应用公钥证书（不是本应用的、已更换，或应用为公钥模式），请重新下载 / app_cert: \
     Alipay does not know this certificate for the application (another's, replaced, or the application is in public-key mode); \
     download it again";
const APP_CERTIFICATE_OLD: &str = "app_cert：应用公钥证书已过期，请在开放平台更新 / app_cert: it has expired; renew it on the open \
     platform";
const ROOT_CERTIFICATE: &str = "alipay_root_cert：支付宝根证书不对，请重新下载 / alipay_root_cert: not Alipay's present roots; \
     download the file again";
const CLOCK: &str =
    "本机时钟：时间戳被拒，请校时 / this machine's clock: the time stamp was refused; set the clock";

/// Which value a refusal is about (alipay.md §2.6, §4.1). A payment never believes an unsigned one, an operator may.
fn refused(sub_code: &str, said: String, certified: bool) -> Probed {
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
        "isv.missing-app-cert-sn" | "isv.missing-alipay-root-cert-sn" if !certified => {
            wrong(CERTIFICATE_MODE, said)
        }
        "isv.missing-app-cert-sn" | "isv.app-cert-not-exist" => wrong(APP_CERTIFICATE, said),
        "isv.app-cert-expired" => wrong(APP_CERTIFICATE_OLD, said),
        "isv.missing-alipay-root-cert-sn"
        | "isv.invalid-alipay-root-cert-sn"
        | "isv.alipay-cert-not-exist" => wrong(ROOT_CERTIFICATE, said),
        encrypted if encrypted.starts_with("isv.decryption-error") => wrong(AES_KEY, said),
        "isv.invalid-encrypt" | "isv.invalid-encrypt-type" => wrong(AES_KEY, said),
        "isv.invalid-timestamp" => wrong(CLOCK, said),
        _ => Probed::Unclear { said },
    }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
