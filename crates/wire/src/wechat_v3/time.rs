//! RFC 3339 times, as V3 writes them: `2018-06-08T10:34:56+08:00` (wechat.md §4.4).

use jiff::Timestamp;

use crate::text::beijing;

/// Unix ms as RFC 3339 at UTC+8, with the bounds of [`beijing::compact`]; milliseconds are cut off.
pub fn rfc3339(unix_ms: i64) -> String {
    format!("{}+08:00", beijing::spaced(unix_ms).replace(' ', "T"))
}

/// RFC 3339 at any offset as Unix ms; `None` for any other form and for a day that does not exist.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let form = b"0000-00-00T00:00:00";
    let fits = |(byte, model): (&u8, &u8)| if *model == b'0' { byte.is_ascii_digit() } else { byte == model };
    // What a zone's name may follow is RFC 9557, not this.
    if bytes.len() <= form.len() || !bytes.iter().zip(form).all(fits) || text.contains('[') {
        return None;
    }
    text.parse().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_round_trip_and_other_forms_are_refused() {
        assert_eq!(rfc3339(1_773_537_151_000), "2026-03-15T09:12:31+08:00");
        for same in [
            "2026-03-15T09:12:31+08:00",
            "2026-03-15T01:12:31Z",
            "2026-03-15T09:12:31.000+08:00",
            "2026-03-14T20:12:31-05:00",
        ] {
            assert_eq!(parse_rfc3339(same), Some(1_773_537_151_000), "{same}");
        }
        for bad in [
            "",
            "2026-03-15 09:12:31+08:00",
            "2026-03-15T09:12:31",
            "2026-02-30T09:12:31+08:00",
            "20260315T091231+0800",
            "2026-03-15T09:12:31+08:00[Asia/Shanghai]",
            "2026-03-15T09:12:31+08:00 ",
        ] {
            assert_eq!(parse_rfc3339(bad), None, "{bad}");
        }
    }
}
