//! What the answers to a probe and to a download of certificates show: whether keys and numbers are accepted, and else which
//! of them is not.

use payment::time::Time;
use wire::http::Response;
use wire::verified::Verified;
use wire::wechat_v3::{Account, Answer, CertificateError, NotVerified, PUBLIC_KEY_ID};

use super::super::{Probed, text};
use super::keys::ChannelSide;

const OWN_KEY: &str = "merchant_key、merchant_serial：微信支付不认本商户的签名，请核对商户 API 私钥与证书序列号是否成对、mchid 是否为其所属，\
     并校准本机时钟 / merchant_key, merchant_serial: WeChat Pay refuses our signature; check that key and serial are of one \
     certificate of this mchid, and that this machine's clock is right";
const FOREIGN_SIGNATURE: &str = "public_key：应答的签名与该公钥不符，或有人改动了应答 / public_key: the answer's signature does not fit \
     this key, or somebody changed the answer on its way";
const OTHER_KEY: &str = "public_key_id、public_key：应答由另一把密钥签名，请核对微信支付公钥 ID；切换期间请同时配置 api_v3_key / \
     public_key_id, public_key: the answer is signed with another key; check the public key's id, and while the merchant \
     changes from certificates set api_v3_key too";
const NO_CERTIFICATES: &str = "public_key_id：该商户没有平台证书，请在商户平台 > API 安全取得微信支付公钥，并配置 public_key_id 与 public_key / \
     public_key_id: this merchant has no platform certificates; get the WeChat Pay public key on the merchant platform (API \
     security) and set public_key_id and public_key";
const API_V3_KEY: &str = "api_v3_key：平台证书无法解密，请核对 APIv3 密钥（不是 APIv2 密钥） / api_v3_key: the platform certificates cannot \
     be opened with it; check the APIv3 key (it is not the APIv2 key)";
const NUMBERS: &str = "mchid、sub_mchid：不存在或互不匹配；服务商必须配置 sub_mchid，普通商户不可配置 / mchid, sub_mchid: unknown, or not \
     of each other; a provider must set sub_mchid, a merchant of its own must not";
const PERMISSION: &str = "channel：商户未开通 APIv3 付款码支付，请申请开通，或改用 channel = \"wechat_v2\" / channel: APIv3 codepay is not \
     open to this merchant; apply for it, or use channel = \"wechat_v2\"";
const CLOCK: &str = "本机时钟：应答的时间与本机相差 5 分钟以上，请校时 / this machine's clock: the answer is five minutes or more away from \
     it; set it by NTP";

/// The answer to a signed query of a number that cannot exist.
pub(super) fn read(account: &Account, channel: &ChannelSide, now: Time, response: &Response) -> Probed {
    match channel.reply(now, response) {
        Ok(answer) => signed(account, &answer),
        Err(error) => unverified(channel, &error),
    }
}

fn signed(account: &Account, answer: &Verified<Answer>) -> Probed {
    let code = answer.code().unwrap_or_default();
    let said = text::said(&code, &answer.message().unwrap_or_default());
    let said = format!("{} {}", said.code, said.message);
    let number = answer.mchid().or_else(|| answer.sp_mchid());
    let ours = number.is_none_or(|number| number == account.mchid);
    match code.as_str() {
        "ORDER_NOT_EXIST" | "ORDERNOTEXIST" if ours => Probed::Healthy,
        "" if ours && answer.trade_state().is_some() => Probed::Healthy,
        "SIGN_ERROR" | "SIGNERROR" => wrong(OWN_KEY, said),
        // A probe's parameters are a number in its right form, and the merchant's (wechat.md §13).
        "MCH_NOT_EXISTS" | "APPID_MCHID_NOT_MATCH" | "INVALID_REQUEST" | "PARAM_ERROR" => {
            wrong(NUMBERS, said)
        }
        "NO_AUTH" | "NOAUTH" => wrong(PERMISSION, said),
        _ => Probed::Unclear { said },
    }
}

/// Unsigned refusals: a payment never believes them, an operator may.
fn unverified(channel: &ChannelSide, error: &NotVerified) -> Probed {
    match error {
        NotVerified::Unsigned { status: 401, code, message } => {
            let said = text::said(code, message);
            wrong(OWN_KEY, format!("{} {}", said.code, said.message))
        }
        NotVerified::BadSignature => wrong(FOREIGN_SIGNATURE, String::new()),
        NotVerified::UnknownSerial { serial }
            if serial.starts_with(PUBLIC_KEY_ID) || !channel.downloads() =>
        {
            wrong(OTHER_KEY, text::said(serial, "").code)
        }
        NotVerified::Stale { timestamp } => wrong(CLOCK, format!("Wechatpay-Timestamp {timestamp}")),
        NotVerified::Unsigned { .. }
        | NotVerified::UnknownSerial { .. }
        | NotVerified::Probe
        | NotVerified::Unreadable(_) => Probed::Unclear { said: text::said("", &error.to_string()).message },
    }
}

/// The answer to a download: taken in, or what stands in its way.
pub(super) fn downloaded(channel: &ChannelSide, now: Time, response: &Response) -> Probed {
    let error = match channel.take(now, response) {
        Ok(()) => return Probed::Healthy,
        Err(error) => error,
    };
    let said = text::said("", &error.to_string()).message;
    match &error {
        CertificateError::Sealed => wrong(API_V3_KEY, said),
        CertificateError::Form { status: 401 } => wrong(OWN_KEY, said),
        // A merchant who has changed to the public key has none any more, and needs none.
        CertificateError::Form { status: 404 } if channel.has_public_key() => Probed::Unclear { said },
        CertificateError::Form { status: 404 } => wrong(NO_CERTIFICATES, said),
        CertificateError::NotVerified(error @ NotVerified::Stale { .. }) => unverified(channel, error),
        CertificateError::Form { .. }
        | CertificateError::Certificate { .. }
        | CertificateError::NotVerified(_) => Probed::Unclear { said },
    }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
