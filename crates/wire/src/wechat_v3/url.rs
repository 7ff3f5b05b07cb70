//! One segment of a path, percent-encoded: order numbers may hold `|`, `*` and `@` (wechat.md §2.2).

/// Everything but letters, digits and `-_.~` as escapes.
pub(super) fn escaped(segment: &str) -> String {
    let mut written = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'~' => written.push(byte.into()),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

/// The text behind the escapes; `None` for a broken escape, a slash, or what is not UTF-8.
pub(super) fn unescaped(segment: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(segment.len()), segment.as_bytes());
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                bytes.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
                after
            }
            (b'%' | b'/', _) => return None,
            _ => {
                bytes.push(*first);
                tail
            }
        };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_the_path() {
        for (plain, written) in
            [("S2026-_1", "S2026-_1"), ("a|b*c@d/e", "a%7Cb%2Ac%40d%2Fe"), ("号", "%E5%8F%B7")]
        {
            assert_eq!(escaped(plain), written);
            assert_eq!(unescaped(written).as_deref(), Some(plain));
        }
        for broken in ["%", "%4", "%zz", "%FF", "a/b"] {
            assert_eq!(unescaped(broken), None, "{broken}");
        }
    }
}
