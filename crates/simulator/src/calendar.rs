//! Unix milliseconds as the channels write them: Beijing wall clock (UTC+8, no suffix), and HTTP dates.

/// Beijing is eight hours ahead of UTC, all year.
const BEIJING_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// The parts of a moment on some wall clock.
struct Wall {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// `yyyyMMddHHmmss` in Beijing: wechat.md §2.1, "Time".
pub(crate) fn compact(unix_ms: i64) -> String {
    let w = wall(unix_ms + BEIJING_MS);
    format!("{:04}{:02}{:02}{:02}{:02}{:02}", w.year, w.month, w.day, w.hour, w.minute, w.second)
}

/// `yyyy-MM-dd HH:mm:ss` in Beijing: alipay.md §2.2.
pub(crate) fn spaced(unix_ms: i64) -> String {
    let w = wall(unix_ms + BEIJING_MS);
    format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", w.year, w.month, w.day, w.hour, w.minute, w.second)
}

/// An RFC 7231 date, always GMT: what clients measure their clock against.
pub(crate) fn http_date(unix_ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let w = wall(unix_ms);
    let weekday = usize::try_from(unix_ms.div_euclid(DAY_MS).rem_euclid(7)).unwrap_or(0);
    let month = usize::try_from(w.month - 1).unwrap_or(0);
    let (name, month) = (DAYS[weekday], MONTHS[month]);
    format!("{name}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT", w.day, w.year, w.hour, w.minute, w.second)
}

/// The number of the Beijing day that holds this moment.
pub(crate) fn beijing_day(unix_ms: i64) -> i64 {
    (unix_ms + BEIJING_MS).div_euclid(DAY_MS)
}

/// The first moment of a Beijing day, unix ms.
pub(crate) fn beijing_day_start(day: i64) -> i64 {
    day * DAY_MS - BEIJING_MS
}

/// Reads `yyyyMMddHHmmss`, Beijing; `None` when it names no moment.
pub(crate) fn read_compact(text: &str) -> Option<i64> {
    (text.len() == 14).then(|| read_digits(text)).flatten()
}

/// Reads `yyyy-MM-dd HH:mm:ss`, Beijing; `None` when it names no moment.
pub(crate) fn read_spaced(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    let shaped = bytes.len() == 19 && marks.iter().all(|(at, mark)| bytes[*at] == *mark);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (shaped && digits.len() == 14).then(|| read_digits(&digits)).flatten()
}

fn read_digits(text: &str) -> Option<i64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let days = days_from_civil(year, month, day);
    let unix_ms = days * DAY_MS + (hour * 3_600 + minute * 60 + second) * 1_000 - BEIJING_MS;
    // A moment that prints otherwise than it was written (31 February, 25 o'clock) does not exist.
    (compact(unix_ms) == text).then_some(unix_ms)
}

fn wall(shifted_ms: i64) -> Wall {
    let days = shifted_ms.div_euclid(DAY_MS);
    let seconds = shifted_ms.rem_euclid(DAY_MS) / 1_000;
    let (year, month, day) = civil_from_days(days);
    Wall { year, month, day, hour: seconds / 3_600, minute: seconds / 60 % 60, second: seconds % 60 }
}

/// Howard Hinnant's `days_from_civil`: days since 1970-01-01 in the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Howard Hinnant's `civil_from_days`, the way back.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_read_and_print_the_same() {
        // 2014-10-30 13:35:25 in Beijing.
        let unix_ms = 1_414_647_325_000;
        assert_eq!(compact(unix_ms), "20141030133525");
        assert_eq!(spaced(unix_ms), "2014-10-30 13:35:25");
        assert_eq!(http_date(unix_ms), "Thu, 30 Oct 2014 05:35:25 GMT");
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(read_compact("20141030133525"), Some(unix_ms));
        assert_eq!(read_spaced("2014-10-30 13:35:25"), Some(unix_ms));
    }

    #[test]
    fn moments_that_do_not_exist_are_refused() {
        for text in ["20230229000000", "20230101250000", "2023010100000", "2023010100000x", "20231301000000"]
        {
            assert_eq!(read_compact(text), None, "{text}");
        }
        assert_eq!(read_spaced("2023-01-01T00:00:00"), None);
        assert_eq!(read_spaced("20230101 00:00:00"), None);
    }

    #[test]
    fn a_beijing_day_begins_at_sixteen_utc() {
        let start = beijing_day_start(beijing_day(1_414_647_325_000));
        assert_eq!(compact(start), "20141030000000");
    }
}
