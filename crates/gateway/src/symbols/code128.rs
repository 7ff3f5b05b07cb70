//! Code 128 (ISO/IEC 15417), code sets B and C: any printable ASCII, digits in pairs.

use super::{Dark, NoSymbol, drawing};

/// The quiet zone before and behind, in modules (ISO/IEC 15417, "Quiet zone").
const QUIET: usize = 10;
/// The bars' height in modules; whoever shows the drawing may stretch it.
const HEIGHT: usize = 40;
/// More does not fit before the eyes of a scanner.
const LENGTH_MAX: usize = 80;

const TO_C: u8 = 99;
const TO_B: u8 = 100;
const START_B: u8 = 104;
const START_C: u8 = 105;
const STOP: u8 = 106;

/// Widths of bar, space, bar, … of every symbol value; the last is the stop.
#[rustfmt::skip]
const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];

/// The text as a bar code.
///
/// # Errors
/// [`NoSymbol`] when the text is empty, too long, or not printable ASCII.
pub fn svg(text: &str) -> Result<String, NoSymbol> {
    let mut darks = Vec::new();
    let mut x = QUIET;
    for value in values(text)? {
        let widths = WIDTHS[usize::from(value)].bytes().map(|digit| usize::from(digit - b'0'));
        for (nth, width) in widths.enumerate() {
            if nth % 2 == 0 {
                darks.push(Dark { x, y: 0, width, height: HEIGHT });
            }
            x += width;
        }
    }
    Ok(drawing(x + QUIET, HEIGHT, "none", darks.into_iter()))
}

/// Symbol values from start to stop, with the check value before the stop.
fn values(text: &str) -> Result<Vec<u8>, NoSymbol> {
    if text.is_empty() {
        return Err(NoSymbol::Empty);
    }
    if let Some(sign) = text.chars().find(|sign| !(' '..='~').contains(sign)) {
        return Err(NoSymbol::NotPrintable(sign));
    }
    if text.len() > LENGTH_MAX {
        return Err(NoSymbol::TooLong(text.len()));
    }
    let mut values = data(text.as_bytes());
    let weights = (0_u32..).map(|place| place.max(1));
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| u32::from(*value) * weight).sum();
    values.push(u8::try_from(sum % 103).expect("a remainder of 103 is below 103"));
    values.push(STOP);
    Ok(values)
}

/// Start and data. Set C where it is shorter: from four digits on at either end, from six in the middle (ISO/IEC 15417,
/// "Use of the start, code set and shift characters to minimise symbol length").
fn data(text: &[u8]) -> Vec<u8> {
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut in_c = digits(0) >= 4 || (digits(0) == 2 && text.len() == 2);
    let mut values = vec![if in_c { START_C } else { START_B }];
    let mut at = 0;
    while at < text.len() {
        let run = digits(at);
        if in_c && run >= 2 {
            values.push((text[at] - b'0') * 10 + (text[at + 1] - b'0'));
            at += 2;
        } else if in_c {
            values.push(TO_B);
            in_c = false;
        } else if run % 2 == 0 && (run >= 6 || (run >= 4 && at + run == text.len())) {
            values.push(TO_C);
            in_c = true;
        } else {
            values.push(text[at] - b' ');
            at += 1;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[u8]) {
        assert_eq!(values(text).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn published_symbols_come_out() {
        // The worked example of the bar code article in Wikipedia ("Code 128", "Check digit calculation"), in set B.
        check("Wikipedia", &[104, 55, 73, 75, 73, 80, 69, 68, 73, 65, 88, 106]);
        // The worked example of the common fonts' manuals: both sets, check value 68.
        check("HI345678", &[104, 40, 41, 99, 34, 56, 78, 68, 106]);
        // Only pairs: the weights begin with the start itself.
        check("1234", &[105, 12, 34, 82, 106]);
    }

    #[test]
    fn digits_go_in_pairs_where_that_is_shorter() {
        check("12", &[105, 12, 14, 106]);
        check("a12", &[104, 65, 17, 18, (104 + 65 + 34 + 54 - 206) as u8, 106]);
        let starts = |text: &str, start: &[u8]| assert!(values(text).unwrap().starts_with(start), "{text}");
        starts("12345", &[105, 12, 34, 100, 21]);
        starts("a1234567", &[104, 65, 17, 99, 23, 45, 67]);
        starts("a1234b", &[104, 65, 17, 18, 19, 20, 66]);
        starts("a123456b", &[104, 65, 99, 12, 34, 56, 100, 66]);
    }

    #[test]
    fn every_pattern_is_a_pattern_of_the_standard() {
        let mut seen = std::collections::BTreeSet::new();
        for (value, widths) in WIDTHS.iter().enumerate() {
            assert!(seen.insert(widths), "{value} twice");
            let digits: Vec<u32> = widths.bytes().map(|byte| u32::from(byte - b'0')).collect();
            let bars: u32 = digits.iter().step_by(2).sum();
            let stop = usize::from(STOP) == value;
            assert_eq!(digits.iter().sum::<u32>(), if stop { 13 } else { 11 }, "{value}");
            // Bars are even in sum: the symbol's own parity. The stop ends in one more bar of two.
            assert_eq!(bars % 2, 0, "{value}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        assert_eq!(svg(""), Err(NoSymbol::Empty));
        assert_eq!(svg("a\tb"), Err(NoSymbol::NotPrintable('\t')));
        assert_eq!(svg("码"), Err(NoSymbol::NotPrintable('码')));
        assert_eq!(svg(&"1".repeat(81)), Err(NoSymbol::TooLong(81)));
    }
}
