//! Texts at the border: what the till says, made fit for a channel; what a channel says, made fit for our books.

use payment::exchange::ChannelCode;

/// What a channel's description field takes.
pub(super) struct Taste {
    /// Signs that go out in their full-width form.
    pub(super) full_width: &'static str,
    /// How long it may be.
    pub(super) limit: Limit,
}

/// The unit in which a channel counts.
pub(super) enum Limit {
    /// UTF-8 bytes.
    Bytes(usize),
    /// Characters.
    Chars(usize),
}

/// What the customer sees when the till says nothing that can be shown.
const DEFAULT_DESCRIPTION: &str = "付款码支付";
/// The longest message of a channel that we keep, in characters.
const MESSAGE_MAX: usize = 256;
/// The longest code of a channel that we keep, in characters.
const CODE_MAX: usize = 96;
/// So many digits in a row could be a payment code: the shortest has 16.
const SECRET_DIGITS_MIN: usize = 16;
/// A face token is `fp` and 33 more letters and digits.
const FACE_TOKEN_LENGTH: usize = 35;

/// The till's description as a channel takes it: never a reason for a refusal, and never able to look like more than
/// one value to whoever joins values to a text and signs that.
pub(super) fn description(text: Option<&str>, taste: &Taste) -> String {
    remark(text, taste).unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned())
}

/// The same of a text that may be left out: `None` when nothing of it can be shown.
pub(super) fn remark(text: Option<&str>, taste: &Taste) -> Option<String> {
    let words: Vec<String> = text
        .unwrap_or_default()
        .split(|sign: char| sign.is_whitespace())
        .map(|word| word.chars().filter(|sign| is_showable(*sign)).map(|sign| shown(sign, taste)).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    let cut = cut(&words.join(" "), &taste.limit).trim_end().to_owned();
    Some(cut).filter(|text| !text.is_empty())
}

/// An identity of the till where it fits the channel's field: 1 to `max` of `A-Z a-z 0-9 . _ -`. Else it is left out.
pub(super) fn identity(text: Option<&str>, max: usize) -> Option<String> {
    let fits = |text: &&str| {
        (1..=max).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    text.filter(fits).map(str::to_owned)
}

/// A channel's own code and text, printable, and without anything that could be a payment code.
pub(super) fn said(code: &str, message: &str) -> ChannelCode {
    ChannelCode { code: printable(code, CODE_MAX), message: printable(message, MESSAGE_MAX) }
}

/// A value of an answer that names something: at most 64 visible characters, `None` for anything else.
pub(super) fn number(text: &str) -> Option<String> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

/// Lower-case hexadecimal, two characters a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Masks before cutting: a cut through a payment code would leave digits that no longer look like one.
fn printable(text: &str, max: usize) -> String {
    let visible: String = text.chars().filter(|sign| is_visible(*sign)).collect();
    masked(visible.trim()).chars().take(max).collect()
}

/// Neither a control character nor one of those that nobody sees: joiners, direction marks, byte-order marks.
fn is_visible(sign: char) -> bool {
    !sign.is_control()
        && !matches!(sign,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}')
}

/// Visible, and inside the plane that GBK systems and three-byte columns can hold: emoji go (alipay.md §11, trap 14).
fn is_showable(sign: char) -> bool {
    is_visible(sign) && sign <= '\u{FFFF}' && !matches!(sign, '\u{E000}'..='\u{F8FF}')
}

fn shown(sign: char, taste: &Taste) -> char {
    /// From `!` to `！`, and so on to `~`.
    const TO_FULL_WIDTH: u32 = 0xFEE0;
    if taste.full_width.contains(sign) {
        return char::from_u32(u32::from(sign) + TO_FULL_WIDTH).unwrap_or(' ');
    }
    sign
}

fn cut<'a>(text: &'a str, limit: &Limit) -> &'a str {
    let size = |sign: char| match limit {
        Limit::Bytes(_) => sign.len_utf8(),
        Limit::Chars(_) => 1,
    };
    let (Limit::Bytes(max) | Limit::Chars(max)) = limit;
    let mut used = 0;
    for (at, sign) in text.char_indices() {
        used += size(sign);
        if used > *max {
            return &text[..at];
        }
    }
    text
}

/// Every run of digits and every word that could be spent, as its first two characters and four stars.
fn masked(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run_end = |fits: fn(char) -> bool| rest.find(|sign| !fits(sign)).unwrap_or(rest.len());
        let digits = &rest[..run_end(is_digit)];
        let word = &rest[..run_end(|sign| sign.is_ascii_alphanumeric())];
        let secret = if digits.chars().count() >= SECRET_DIGITS_MIN {
            Some(digits)
        } else if word.len() >= FACE_TOKEN_LENGTH && word.starts_with("fp") {
            Some(word)
        } else {
            None
        };
        let taken = match (secret, digits.is_empty()) {
            (Some(secret), _) => {
                kept.extend(secret.chars().take(2).chain("****".chars()));
                secret.len()
            }
            (None, false) => {
                kept.push_str(digits);
                digits.len()
            }
            (None, true) => {
                kept.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    kept
}

fn is_digit(sign: char) -> bool {
    sign.is_ascii_digit() || ('０'..='９').contains(&sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: Taste = Taste { full_width: "&=<>\"'\\", limit: Limit::Bytes(10) };

    #[test]
    fn a_description_is_cut_on_a_character_and_never_empty() {
        for (text, expected) in [
            (Some("咖啡 两杯"), "咖啡 两"),
            (Some("a&b=c<d"), "a＆b＝c"),
            (Some(" \u{0}\n\u{200B}🍜 "), DEFAULT_DESCRIPTION),
            (Some("🍜面\t\r\n一碗"), "面 一碗"),
            (None, DEFAULT_DESCRIPTION),
            (Some("]]>x"), "]]＞x"),
        ] {
            assert_eq!(description(text, &BYTES), expected, "{text:?}");
            let shown = Some(expected.to_owned()).filter(|text| text != DEFAULT_DESCRIPTION);
            assert_eq!(remark(text, &BYTES), shown, "{text:?}");
        }
    }

    #[test]
    fn an_identity_fits_or_is_left_out() {
        assert_eq!(identity(Some("POS-01"), 6), Some("POS-01".to_owned()));
        for bad in [None, Some(""), Some("POS-012"), Some("一店"), Some("a&b"), Some("a b")] {
            assert_eq!(identity(bad, 6), None, "{bad:?}");
        }
    }

    #[test]
    fn what_could_be_a_code_is_masked_before_it_is_cut() {
        let long = format!("{}134567890123456789", "x".repeat(MESSAGE_MAX - 10));
        assert_eq!(said("A", &long).message, format!("{}13****", "x".repeat(MESSAGE_MAX - 10)));
        let face = format!("fp{}", "a1".repeat(17));
        for (text, expected) in [
            ("码 134567890123456789 已用", "码 13**** 已用"),
            ("1345\u{0}67890123\u{200B}456789", "13****"),
            ("１３４５６７８９０１２３４５６７８９", "１３****"),
            ("123456789012345", "123456789012345"),
            ("x134567890123456789y", "x13****y"),
            (&face[..35], "fp****"),
            ("101 付款码已过期\n", "101 付款码已过期"),
        ] {
            assert_eq!(said("A", text).message, expected, "{text}");
        }
    }
}
