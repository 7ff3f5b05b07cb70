//! The channel's keys: which of them signs an answer, and the download of its certificates (wechat.md §4.2, §4.3, §13).

use wire::http::Response;
use wire::sign::VerifyingKey;
use wire::wechat_v3::{ApiV3Key, Hand, certificates_body};

use super::answer::Speaker;
use super::{Merchant, status};
use crate::seed::letters;
use crate::settings::PlatformHand;
use crate::visit::Visit;

/// The keys of one account, the merchant's and the channel's.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) merchant_serial: &'a str,
    pub(super) merchant_key: &'a VerifyingKey,
    pub(super) api_v3_key: &'a ApiV3Key,
    pub(super) public_key: Option<&'a Hand>,
    pub(super) certificates: &'a [PlatformHand],
}

impl<'a> Keys<'a> {
    /// What signs an answer now: the key that was asked for, else the newest certificate that signs already, else the
    /// public key.
    pub(super) fn hand(&self, now_ms: i64, wanted: Option<&str>) -> Option<&'a Hand> {
        let valid = self.valid(now_ms);
        let own = valid.clone().map(|certificate| &certificate.hand).chain(self.public_key);
        let asked = own.clone().find(|hand| Some(hand.serial.as_str()) == wanted);
        let signing = valid.filter(|certificate| certificate.signs_from_ms <= now_ms);
        let newest = signing.max_by_key(|certificate| certificate.signs_from_ms);
        asked.or(newest.map(|certificate| &certificate.hand)).or(self.public_key)
    }

    /// The certificates that are handed out now.
    fn valid(&self, now_ms: i64) -> impl Iterator<Item = &'a PlatformHand> + Clone {
        let valid =
            move |certificate: &&PlatformHand| (certificate.from_ms..certificate.until_ms).contains(&now_ms);
        self.certificates.iter().filter(valid)
    }
}

/// The download: every certificate that is valid now, each sealed with the APIv3 key under a nonce of its own.
pub(super) fn download(visit: &Visit<'_>, merchant: &Merchant<'_>, wanted: Option<&str>) -> Response {
    let speaker = Speaker::unnumbered(visit, merchant, wanted);
    let seal = |certificate: &'_ PlatformHand| {
        let moment = u64::try_from(visit.now_ms).unwrap_or(0);
        let nonce = letters(visit.clearing.seed, &["seal", &certificate.hand.serial], moment, 12);
        merchant.keys.api_v3_key.seal(certificate.pem.as_bytes(), &nonce, "certificate")
    };
    let sealed: Vec<_> = merchant
        .keys
        .valid(visit.now_ms)
        .filter_map(|one| Some((one.hand.serial.as_str(), one.from_ms, one.until_ms, seal(one)?)))
        .collect();
    if sealed.is_empty() {
        // As a merchant is answered who was given a public key alone.
        let text = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥";
        return speaker.refuse(status::NOT_FOUND, "RESOURCE_NOT_EXISTS", text);
    }
    speaker.say(status::OK, &certificates_body(&sealed), "0")
}
