//! Beijing wall-clock texts and Unix milliseconds.
//!
//! Every time in the channels' messages is UTC+8 without a suffix, in summer too (wechat.md §10, alipay.md §11).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// Unix ms as `yyyyMMddHHmmss`. Milliseconds are cut off; a time before 1970 or after 9999 is held at that bound.
pub fn compact(unix_ms: i64) -> String {
    let at = wall_clock(unix_ms);
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Unix ms as `yyyy-MM-dd HH:mm:ss`, with the bounds of [`compact`].
pub fn spaced(unix_ms: i64) -> String {
    let at = wall_clock(unix_ms);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// `yyyyMMddHHmmss` as Unix ms; `None` for any other form and for a day that does not exist.
pub fn parse_compact(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let all_digits = bytes.len() == 14 && bytes.iter().all(u8::is_ascii_digit);
    if all_digits { unix_ms(text) } else { None }
}

/// `yyyy-MM-dd HH:mm:ss` as Unix ms; `None` for any other form and for a day that does not exist.
pub fn parse_spaced(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let form = b"0000-00-00 00:00:00";
    let fits = |(byte, model): (&u8, &u8)| if *model == b'0' { byte.is_ascii_digit() } else { byte == model };
    if bytes.len() != form.len() || !bytes.iter().zip(form).all(fits) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    unix_ms(&digits)
}

const UTC_PLUS_8: Offset = Offset::constant(8);

fn wall_clock(unix_ms: i64) -> DateTime {
    const YEAR_9999_MS: i64 = 253_370_000_000_000;
    let instant = Timestamp::from_millisecond(unix_ms.clamp(0, YEAR_9999_MS))
        .expect("the bound keeps the time inside what a timestamp can hold");
    UTC_PLUS_8.to_datetime(instant)
}

/// Fourteen ASCII digits as Unix ms.
fn unix_ms(digits: &str) -> Option<i64> {
    let number = |from: usize, to: usize| digits[from..to].parse::<i8>().ok();
    let wall = DateTime::new(
        digits[0..4].parse().ok()?,
        number(4, 6)?,
        number(6, 8)?,
        number(8, 10)?,
        number(10, 12)?,
        number(12, 14)?,
        0,
    )
    .ok()?;
    TimeZone::fixed(UTC_PLUS_8).to_timestamp(wall).ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_times() {
        // 2026-03-15 09:12:31 in Beijing is 01:12:31 UTC.
        assert_eq!(parse_compact("20260315091231"), Some(1_773_537_151_000));
        assert_eq!(parse_spaced("2026-03-15 09:12:31"), Some(1_773_537_151_000));
        assert_eq!(compact(1_773_537_151_999), "20260315091231");
        assert_eq!(spaced(1_773_537_151_000), "2026-03-15 09:12:31");
        assert_eq!((compact(i64::MIN), spaced(0)), ("19700101080000".into(), "1970-01-01 08:00:00".into()));
        assert!(compact(i64::MAX).starts_with("9998"));
    }

    #[test]
    fn refuses_other_forms() {
        for text in
            ["", "2026031509123", "202603150912311", "20260230091231", "20260315241231", "2026031509126x"]
        {
            assert_eq!(parse_compact(text), None, "{text}");
        }
        for text in
            ["2026-03-15T09:12:31", "2026-03-15 09:12:31 ", "2026-3-15 09:12:31", "2026-13-15 09:12:31"]
        {
            assert_eq!(parse_spaced(text), None, "{text}");
        }
    }

    const FROM_2024: i64 = 1_704_038_400;
    const TO_2040: i64 = 2_240_000_000;

    proptest! {
        #[test]
        fn both_forms_round_trip(second in FROM_2024..TO_2040) {
            prop_assert_eq!(parse_compact(&compact(second * 1000)), Some(second * 1000));
            prop_assert_eq!(parse_spaced(&spaced(second * 1000)), Some(second * 1000));
        }

        #[test]
        fn agrees_with_arithmetic_by_hand(second in FROM_2024..TO_2040) {
            prop_assert_eq!(spaced(second * 1000), by_hand(second + 8 * 3600));
        }
    }

    /// A second implementation: count years and months off the days since 1970.
    fn by_hand(shifted: i64) -> String {
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let (mut day, rest) = (shifted / 86_400, shifted % 86_400);
        let mut year = 1970;
        while day >= 365 + i64::from(leap(year)) {
            day -= 365 + i64::from(leap(year));
            year += 1;
        }
        let months = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while day >= months[month] {
            day -= months[month];
            month += 1;
        }
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{:02}-{:02} {hour:02}:{minute:02}:{second:02}", month + 1, day + 1)
    }
}
