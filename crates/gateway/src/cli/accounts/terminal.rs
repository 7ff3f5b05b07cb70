//! The forms of 259号文's terminal data (unionpay.md §3.1).

/// What kinds of terminal there are: `01` to `13`.
const DEVICE_TYPES: std::ops::RangeInclusive<u8> = 1..=13;
/// Kinds whose hardware serial is registered with them.
const WITH_SERIAL: [&str; 8] = ["02", "03", "04", "05", "06", "08", "09", "10"];
/// `serial_num` has at most 50 characters.
const SERIAL_MAX: usize = 50;
/// `location` has at most 32 characters.
const LOCATION_MAX: usize = 32;
/// The sources have five or six decimals; more is no better place.
const DECIMALS_MAX: usize = 6;

/// `device_type`
pub(super) const DEVICE_TYPE: &str =
    "01 to 13: 02 POS, 04 smart POS, 10 barcode terminal, 11 scanner or plate";
/// `serial_num`
pub(super) const SERIAL: &str = "1 to 50 letters, digits and signs without blanks, quotation marks, & < > \\";
/// `location`
pub(super) const LOCATION: &str =
    "latitude/longitude with signs and at most six decimals, such as +31.230/+121.470";

pub(super) fn is_device_type(text: &str) -> bool {
    text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|kind| DEVICE_TYPES.contains(&kind))
}

/// Whether terminals of this kind have a serial.
pub(super) fn has_serial(device_type: &str) -> bool {
    WITH_SERIAL.contains(&device_type)
}

pub(super) fn is_serial(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_graphic() && !b"\"'&<>\\".contains(&byte);
    (1..=SERIAL_MAX).contains(&text.len()) && text.bytes().all(sign)
}

pub(super) fn is_location(text: &str) -> bool {
    let halves = text.split_once('/');
    text.len() <= LOCATION_MAX
        && halves.is_some_and(|(north, east)| is_angle(north, 90.0) && is_angle(east, 180.0))
}

/// A sign, digits, and decimals behind a point.
fn is_angle(text: &str, most: f64) -> bool {
    let Some(digits) = text.strip_prefix(['+', '-']) else { return false };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole)
        && is_number(decimals)
        && decimals.len() <= DECIMALS_MAX
        && digits.parse::<f64>().is_ok_and(|degrees| degrees <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_two_signed_angles() {
        for place in ["+37.12/-121.213", "-33.856784/+151.215297", "+0/-180", "+90.000000/+180.000000"] {
            assert!(is_location(place), "{place}");
        }
        for text in [
            "",
            "/",
            "31.23/121.47",
            "+31.23",
            "+31.23,+121.47",
            "+90.1/+121.47",
            "+31.23/+180.000001",
            "+31.2345678/+121.47",
            "+31./+121.47",
            "+.5/+121.47",
            "+1e1/+121.47",
            "++31/+121",
            "+31.23/+121.47 ",
            "+000000000000031.23/+000000000121.47",
        ] {
            assert!(!is_location(text), "{text}");
        }
    }

    #[test]
    fn kinds_and_serials_have_their_forms() {
        assert!(["01", "07", "10", "13"].into_iter().all(is_device_type));
        assert!(!["", "00", "14", "1", "011", "+1", "1a"].into_iter().any(is_device_type));
        assert!(has_serial("10") && !has_serial("11"));
        assert!(is_serial("N5-0001/A") && is_serial(&"9".repeat(50)));
        assert!(!["", "a b", "a\"b", "序列"].into_iter().any(is_serial) && !is_serial(&"9".repeat(51)));
    }
}
