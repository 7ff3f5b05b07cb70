//! A configured certificate that ends one day: before it does, `doctor` says so; from then on its account takes nothing.

use payment::time::{DAY_MS, Time};

/// A certificate that ends sooner than this is spoken of by `doctor`.
const SOON_MS: i64 = 30 * DAY_MS;

/// A certificate's time, and what its end means.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    /// The key of the configuration that names it.
    pub(super) key: &'static str,
    /// What it is, in Chinese.
    pub(super) what: &'static str,
    /// The first moment.
    pub(super) from: Time,
    /// From here on it is worth nothing.
    pub(super) until: Time,
    /// What cannot be done any more, in English.
    pub(super) without: &'static str,
    /// What to do, in Chinese and in English.
    pub(super) renew: (&'static str, &'static str),
}

impl Dated {
    /// Whether it is worth something now; otherwise what is wrong and what to do.
    pub(super) fn check(&self, now: Time) -> Result<(), String> {
        let Dated { key, what, without, renew: (zh, en), .. } = self;
        if now < self.from {
            return Err(format!("{what}尚未生效 / {key} is not valid yet; check the clock"));
        }
        if now >= self.until {
            return Err(format!("{what}已过期, {zh} / {key} has expired: {without}; {en}"));
        }
        Ok(())
    }

    /// What `doctor` should say early.
    pub(super) fn warning(&self, now: Time) -> Option<String> {
        let left_ms = self.until.since_ms(now);
        let Dated { key, renew: (_, en), .. } = self;
        (left_ms < SOON_MS).then(|| format!("{key} expires in {} days; {en}", left_ms / DAY_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_month_is_spoken_of_and_the_end_closes() {
        let dated = Dated {
            key: "sign_cert",
            what: "签名证书",
            from: Time(0),
            until: Time(100 * DAY_MS),
            without: "nothing could be signed",
            renew: ("请更新", "renew it"),
        };
        for (now, check, warning) in [
            (Time(-1), Some("sign_cert is not valid yet"), None),
            (Time(0), None, None),
            (Time(70 * DAY_MS), None, None),
            (Time(70 * DAY_MS + 1), None, Some("sign_cert expires in 29 days; renew it")),
            (Time(100 * DAY_MS - 1), None, Some("sign_cert expires in 0 days; renew it")),
            (
                Time(100 * DAY_MS),
                Some("签名证书已过期, 请更新 / sign_cert has expired: nothing could be signed; renew it"),
                Some("sign_cert expires in 0 days; renew it"),
            ),
        ] {
            let said = dated.check(now).err().unwrap_or_default();
            assert!(said.contains(check.unwrap_or_default()) && said.is_empty() == check.is_none(), "{said}");
            assert_eq!(dated.warning(now).as_deref(), warning, "{now:?}");
        }
    }
}
