//! Who may sign an answer: 微信支付公钥 that stands in the configuration, platform certificates that are downloaded, kept
//! fresh, and forgotten when they end (wechat.md §4.2, §4.3).

use std::sync::{Mutex, MutexGuard, PoisonError};

use payment::time::{HOUR_MS, SECOND_MS, Time};
use wire::http::Response;
use wire::verified::Verified;
use wire::wechat_v3::{
    Answer, ApiV3Key, CertificateError, ChannelKeys, NotVerified, PUBLIC_KEY_ID, PlatformCertificate,
    certificates, reply,
};

/// Certificates are downloaded again after so long (wechat.md §4.2: at least every 12 hours).
const FRESH_MS: i64 = 12 * HOUR_MS;
/// Between two downloads lies so much: anyone can write a serial that nobody knows. It is less than a payment waits before it is
/// reversed.
const WANTED_MS_MIN: i64 = 10 * SECOND_MS;

/// The channel's keys of one account. Its own clock are the moments that it is called with.
#[derive(Debug)]
pub struct ChannelSide {
    fixed: ChannelKeys,
    api_v3_key: Option<ApiV3Key>,
    downloaded: Mutex<Downloaded>,
}

#[derive(Debug, Default)]
struct Downloaded {
    certificates: Vec<PlatformCertificate>,
    /// When a download was last asked for, and when one was last taken in.
    asked_at: Option<Time>,
    taken_at: Option<Time>,
    /// An answer named a certificate that is not here.
    wanted: bool,
}

impl ChannelSide {
    /// `fixed` are the keys of the configuration. With the APIv3 key, certificates are downloaded too.
    #[must_use]
    pub fn new(fixed: ChannelKeys, api_v3_key: Option<ApiV3Key>) -> ChannelSide {
        ChannelSide { fixed, api_v3_key, downloaded: Mutex::default() }
    }

    fn downloaded(&self) -> MutexGuard<'_, Downloaded> {
        self.downloaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What may be believed at a moment.
    fn keys(&self, now: Time) -> ChannelKeys {
        let mut keys = self.fixed.clone();
        let downloaded = self.downloaded();
        for certificate in downloaded.certificates.iter().filter(|one| Time(one.expire_time) > now) {
            keys.add_certificate(certificate);
        }
        keys
    }

    /// An answer whose signature is by one of the channel's keys. A certificate that is not known is remembered as wanted.
    pub(super) fn reply(&self, now: Time, response: &Response) -> Result<Verified<Answer>, NotVerified> {
        let read = reply(response, &self.keys(now), seconds(now));
        if let Err(NotVerified::UnknownSerial { serial }) = &read
            && !serial.starts_with(PUBLIC_KEY_ID)
        {
            self.downloaded().wanted = true;
        }
        read
    }

    /// Whether certificates should be downloaded now; whoever asks is taken to do it.
    pub(super) fn due(&self, now: Time) -> bool {
        if self.api_v3_key.is_none() {
            return false;
        }
        let mut downloaded = self.downloaded();
        let age_ms = |at: Option<Time>| at.map(|at| now.since_ms(at));
        let old = match age_ms(downloaded.taken_at) {
            // Without any, nothing can be believed: the caller's own rhythm is the limit.
            None => return true,
            Some(age_ms) => age_ms >= FRESH_MS || downloaded.wanted,
        };
        let due = old && age_ms(downloaded.asked_at).is_none_or(|age_ms| age_ms >= WANTED_MS_MIN);
        if due {
            downloaded.asked_at = Some(now);
        }
        due
    }

    /// Takes in the answer to a download: what it brings takes the place of what was there.
    ///
    /// # Errors
    /// [`CertificateError`]; what was there stays.
    pub(super) fn take(&self, now: Time, response: &Response) -> Result<(), CertificateError> {
        let api_v3_key = self.api_v3_key.as_ref().ok_or(CertificateError::Sealed)?;
        let brought = certificates(response, api_v3_key, &self.keys(now), seconds(now))?;
        if brought.is_empty() {
            return Err(CertificateError::Form { status: response.status });
        }
        let mut downloaded = self.downloaded();
        downloaded.certificates = brought;
        (downloaded.asked_at, downloaded.taken_at) = (Some(now), Some(now));
        downloaded.wanted = false;
        Ok(())
    }

    /// Whether answers may be signed by a public key of the configuration.
    pub(super) fn has_public_key(&self) -> bool {
        self.fixed.serials().next().is_some()
    }

    /// Whether certificates are downloaded for this account.
    pub(super) fn downloads(&self) -> bool {
        self.api_v3_key.is_some()
    }
}

/// Unix seconds.
pub(super) fn seconds(now: Time) -> i64 {
    now.0.div_euclid(1_000)
}
